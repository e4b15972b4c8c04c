"""
Contents, within a look or an act: their keys are wrapped and unwrapped here, their bytes elsewhere.

A document key's vector binds all that says what the document is and where it lies: a row edited, swapped or copied does not
open. Sealing and reading bytes is a call's work: `sealing.py` and `reading.py`.
"""

from collections.abc import Iterable, Sequence

from mycvault.contents import orphans, records
from mycvault.contents.model import Entered, Place, Swept
from mycvault.contents.records import Kept
from mycvault.crypto.content import SUITE
from mycvault.crypto.encoding import Value
from mycvault.errors import DocumentDamaged, RecordDamaged
from mycvault.keys import service as keys
from mycvault.storage.rows import Rows


def keep(
    rows: Rows, content_id: str, place: Place, key: bytes, *, key_of: str, bound: Sequence[Value]
) -> None:
    """Write where a content lies, with its key wrapped under *key_of*'s for everything in *bound*; Swept."""
    entered = Entered(id=content_id, place=place, key=key, key_of=key_of, bound=bound)
    keep_all(rows, place.blob, [entered])


def keep_all(rows: Rows, blob: str, entered: Iterable[Entered]) -> None:
    """Write where contents lie in a blob, each with its key wrapped under the one it names, for all it is bound to; Swept."""
    refuse_condemned(rows, [blob])
    records.add(rows, (_kept(rows, one) for one in entered))


def refuse_condemned(rows: Rows, blobs: Iterable[str]) -> None:
    """
    Make sure that no sweep takes the bytes of the blobs that this act refers to; asked in the act, before or after its rows.

    Raises:
        Swept: One is condemned: its bytes are gone, or will be.
    """
    orphans.share_turn(rows)
    for blob in blobs:
        condemned = orphans.is_condemned(rows, blob)
        if condemned:
            raise Swept
        if condemned is not None:
            # Seen before this act: were it unreferenced again one day, its grace begins on that day.
            orphans.forget(rows, blob)


def unlock(
    rows: Rows, content_id: str, *, key_of: str, bound: Sequence[Value]
) -> tuple[Place, bytes]:
    """
    Find where a content lies, and unwrap its key.

    Raises:
        DocumentDamaged: The row is gone, or says something else than when it was written.
    """
    kept = records.find(rows, content_id)
    if kept is None or kept.suite != SUITE or kept.key_of != key_of:
        raise DocumentDamaged
    vector = _vector(rows, content_id, kept.place, kept.suite, key_of, bound)
    try:
        return kept.place, keys.unwrap(rows.ring, key_of, kept.wrapped, vector)
    except RecordDamaged as exc:
        raise DocumentDamaged from exc


def rewrap(
    rows: Rows, content_id: str, *, key_of: str, new_key_of: str, bound: Sequence[Value]
) -> None:
    """Wrap a content's key under another key than before; DocumentDamaged when it does not open."""
    place, key = unlock(rows, content_id, key_of=key_of, bound=bound)
    vector = _vector(rows, content_id, place, SUITE, new_key_of, bound)
    wrapped = keys.wrap(rows.ring, new_key_of, key, vector)
    records.rewrap(rows, content_id, key_of=new_key_of, wrapped=wrapped)


def move(rows: Rows, old: Kept, place: Place, key: bytes, *, bound: Sequence[Value]) -> bool:
    """
    Let a content lie elsewhere, its key wrapped anew for that place; False when its row is not *old* any more.

    The blob it comes into is held against sweeps first, by `refuse_condemned`.
    """
    vector = _vector(rows, old.id, place, SUITE, old.key_of, bound)
    return records.move(rows, old, place, keys.wrap(rows.ring, old.key_of, key, vector))


def forget(rows: Rows, content_id: str) -> None:
    """Delete a content's key: its bytes, which are swept later, open to nobody any more."""
    records.forget(rows, content_id)


def _kept(rows: Rows, one: Entered) -> Kept:
    vector = _vector(rows, one.id, one.place, SUITE, one.key_of, one.bound)
    wrapped = keys.wrap(rows.ring, one.key_of, one.key, vector)
    return Kept(id=one.id, place=one.place, suite=SUITE, key_of=one.key_of, wrapped=wrapped)


def _vector(
    rows: Rows, content_id: str, place: Place, suite: int, key_of: str, bound: Sequence[Value]
) -> list[Value]:
    where = (place.blob, place.offset, place.length, place.blob_size, place.size)
    return ["document", rows.vault_id, content_id, suite, key_of, *where, *bound]
