"""
Contents are read back to their last byte and held against their digests; work of a call, never inside a transaction.

Those of one blob are read together: its size is asked once, and where most of a pack is wanted it is fetched whole.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import attrs

from mycvault.contents import reading
from mycvault.contents.model import Place
from mycvault.crypto.content import content_context
from mycvault.desk import Call
from mycvault.errors import BlobMissing, DocumentDamaged
from mycvault.ports import Blobs
from mycvault.storage.blobs.memory import MemoryBlobs

_PIECE = 1 << 20  # bytes read at a time
_WHOLE = 16 * _PIECE  # bytes; a larger blob is never fetched whole


@attrs.frozen(kw_only=True)
class Wanted:
    """A content to verify: where it lies, what opens it, what it must be."""

    id: str
    place: Place
    key: bytes = attrs.field(repr=False)
    sha256: str = attrs.field(repr=False)


def verify(call: Call, wanted: Iterable[Wanted]) -> dict[str, str]:
    """Read contents back; give the error's code of each that is not what it must be. BlobsUnavailable."""
    problems: dict[str, str] = {}
    for blob, some in _by_blob(wanted).items():
        try:
            size = call.blobs.size(blob)
            near = _near(call.blobs, blob, size, some)
        except BlobMissing as error:
            problems |= {one.id: error.code for one in some}
            continue
        for one in some:
            try:
                _verify_one(near, size, one, content_context(call.keys.vault_id, one.id))
            except DocumentDamaged as error:
                problems[one.id] = error.code
    return problems


def _by_blob(wanted: Iterable[Wanted]) -> dict[str, list[Wanted]]:
    found: dict[str, list[Wanted]] = defaultdict(list)
    for one in wanted:
        found[one.place.blob].append(one)
    return found


def _near(blobs: Blobs, blob: str, size: int, wanted: Sequence[Wanted]) -> Blobs:
    """Fetch a pack whole when most of it is wanted; else leave it where it is."""
    if len(wanted) == 1 or size > _WHOLE or sum(one.place.length for one in wanted) * 2 < size:
        return blobs
    near = MemoryBlobs()
    near.put(blob, blobs.get(blob))
    return near


def _verify_one(blobs: Blobs, size: int, one: Wanted, context: bytes) -> None:
    if one.place.blob_size != size:
        raise DocumentDamaged
    digest = hashlib.sha256()
    with reading.open_sealed(blobs, one.place, key=one.key, context=context) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    if digest.hexdigest() != one.sha256:
        raise DocumentDamaged
