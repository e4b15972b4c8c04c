"""
Blobs in memory: for tests and trials, gone with the process.

A blob appears only once its source was read to the end, so that a source that fails leaves nothing
behind.
"""

import threading
from collections.abc import Iterator
from typing import BinaryIO

from mycvault.errors import BlobMissing
from mycvault.storage.blobs.keys import check_key, check_range, pieces


class MemoryBlobs:
    """A dictionary of blobs; thread-safe."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put(self, key: str, data: bytes | memoryview | BinaryIO) -> None:
        """Keep *data*, a file read to its end, under *key*."""
        check_key(key)
        whole = b"".join(pieces(data))
        with self._lock:
            self._blobs[key] = whole

    def get(self, key: str, *, start: int = 0, end: int | None = None) -> bytes:
        """
        Give the bytes from *start* up to *end*, fewer when the blob ends before.

        Raises:
            BlobMissing: There is nothing under *key*.
        """
        check_range(start, end)
        return self._find(key)[start:end]

    def size(self, key: str) -> int:
        """
        Give the size in bytes.

        Raises:
            BlobMissing: There is nothing under *key*.
        """
        return len(self._find(key))

    def delete(self, key: str) -> None:
        """Forget what is under *key*; nothing there is success."""
        check_key(key)
        with self._lock:
            self._blobs.pop(key, None)

    def scan(self) -> Iterator[str]:
        """List every key, as of now."""
        with self._lock:
            keys = list(self._blobs)
        return iter(keys)

    def _find(self, key: str) -> bytes:
        check_key(key)
        with self._lock:
            found = self._blobs.get(key)
        if found is None:
            raise BlobMissing
        return found
