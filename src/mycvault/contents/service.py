"""
Contents, within a look or an act: their keys are wrapped and unwrapped here, their bytes elsewhere.

A document key's vector binds all that says what the document is and where it lies: a row edited, swapped or copied does not
open. Sealing and reading bytes is a call's work: `sealing.py` and `reading.py`.
"""

from collections.abc import Sequence

from mycvault.contents import records
from mycvault.contents.model import Place
from mycvault.contents.records import Kept
from mycvault.crypto.content import SUITE
from mycvault.crypto.encoding import Value
from mycvault.errors import DocumentDamaged, RecordDamaged
from mycvault.keys import service as keys
from mycvault.storage.rows import Rows


def keep(
    rows: Rows, content_id: str, place: Place, key: bytes, *, key_of: str, bound: Sequence[Value]
) -> None:
    """Write where a content lies, with its key wrapped under *key_of*'s for everything in *bound*."""
    vector = _vector(rows, content_id, place, SUITE, key_of, bound)
    wrapped = keys.wrap(rows.ring, key_of, key, vector)
    kept = Kept(id=content_id, place=place, suite=SUITE, key_of=key_of, wrapped=wrapped)
    records.add(rows, kept)


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


def _vector(
    rows: Rows, content_id: str, place: Place, suite: int, key_of: str, bound: Sequence[Value]
) -> list[Value]:
    where = (place.blob, place.offset, place.length, place.blob_size, place.size)
    return ["document", rows.vault_id, content_id, suite, key_of, *where, *bound]
