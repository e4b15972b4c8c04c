"""
Many contents are sealed into one blob, one after the other, each under its own key.

A pack is one object to write and one fsync, where each content would be one. It stays at most 8 MiB, sealed, so that a store
takes it whole; its buffer is used again for the next.
"""

from mycvault.crypto.content import Sealer, room

MOST = 8 * 1024 * 1024  # bytes of a pack, sealed


class Pack:
    """A blob in the making."""

    def __init__(self) -> None:
        self._buffer = bytearray(MOST + room(0))
        self._end = 0

    @property
    def size(self) -> int:
        """How many bytes it has so far."""
        return self._end

    def add(self, content: bytes, *, key: bytes, context: bytes) -> int:
        """Seal a content that fits in, under its own 32-byte *key*; give where it begins."""
        start = self._end
        with memoryview(self._buffer) as view:
            sealer = Sealer(key, context)
            end = start + sealer.update_into(content, view[start:])
            rest = sealer.finalize()
            view[end : end + len(rest)] = rest
            self._end = end + len(rest)
        return start

    def sealed(self) -> memoryview:
        """Give what was sealed so far, to be read; it stands until `clear`."""
        return memoryview(self._buffer)[: self._end].toreadonly()

    def clear(self) -> None:
        """Begin again."""
        self._end = 0
