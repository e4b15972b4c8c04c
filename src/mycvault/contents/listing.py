"""What lies in a store of blobs, in batches; listed for a sweep and a check, part of a call's work."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from mycvault.ports import Blobs
from mycvault.storage.blobs.keys import is_key

AT_ONCE = 500  # blobs asked of the records in one go


def stored(blobs: Blobs) -> Iterator[list[str]]:
    """List what lies in a store, each key once in its batch: unfinished files of crashed writes too, no names but keys."""
    leftovers: Any = getattr(blobs, "leftovers", None)
    found = blobs.scan() if leftovers is None else chain(blobs.scan(), leftovers())
    return _batches(key for key in found if is_key(key))


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    walk = iter(keys)
    while batch := list(islice(walk, AT_ONCE)):
        yield list(dict.fromkeys(batch))
