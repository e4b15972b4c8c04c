"""
Reading a content back: whole, or as a file that decrypts only what is read.

Rule: no byte is returned before the place, the header's commitment and the final chunk (which may
be empty) agree: a reader of covering chunks alone would accept a forged length. A changed, cut,
lengthened or swapped content is `DocumentDamaged`, never bytes; a store that does not answer passes
through, and reading may go on where it stood. Format: docs/spec/content.md.
"""

import io
import operator
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, cast

from mycvault.contents.model import Place
from mycvault.crypto.content import CHUNK, HEADER, TAG, Opener, sealed_size, unseal
from mycvault.errors import BlobMissing, DocumentDamaged
from mycvault.ports import Blobs

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SMALL = 256 * 1024  # bytes, sealed; up to here one request costs less than two
_AHEAD = 8  # chunks; doubled before each fetch that follows on the last, so 256 KiB at first
_MOST = 64  # chunks, 1 MiB, in one request


def read_sealed(blobs: Blobs, place: Place, *, key: bytes, context: bytes) -> bytes:
    """
    Read a content whole, by one request.

    Raises:
        DocumentDamaged: Nothing is there, or not what was sealed for this place, key and context.
        BlobsUnavailable: The store does not answer.
    """
    _check(place)
    return unseal(_fetch(blobs, place, 0, place.length), key=key, context=context)


def open_sealed(blobs: Blobs, place: Place, *, key: bytes, context: bytes) -> BinaryIO:
    """
    Open a content as a seekable file, which the caller closes.

    Up to 256 KiB it is fetched by one request and verified whole; a larger one by two, and then as
    it is read. Threads may share the file and share its position. Nothing is spooled.

    Raises:
        DocumentDamaged: As for `read_sealed`; from reading too, at a damaged chunk.
        BlobsUnavailable: The store does not answer; from reading too.
    """
    if place.length <= SMALL:
        plain = read_sealed(blobs, place, key=key, context=context)
        return cast("BinaryIO", SealedReader(len(plain), b"", plain, _nothing_more))
    _check(place)
    begin = _fetch(blobs, place, 0, _start(1))
    opener = Opener(key, context, begin[:HEADER])
    last = place.size // CHUNK
    final = _fetch(blobs, place, _start(last), place.length)
    final = opener.open_chunks(last, final, last=last)

    def chunks(first: int, count: int) -> bytes:
        sealed = _fetch(blobs, place, _start(first), _start(first + count))
        return opener.open_chunks(first, sealed, last=last)

    begin = opener.open_chunks(0, begin[HEADER:], last=last)
    return cast("BinaryIO", SealedReader(place.size, begin, final, chunks))


class SealedReader(io.BufferedIOBase):
    """A content as a file; a read that raises does not move, so that it can be repeated."""

    def __init__(
        self, size: int, held: bytes, final: bytes, chunks: Callable[[int, int], bytes]
    ) -> None:
        self._size = size
        self._chunks = chunks  # opens whole chunks, never the final one
        self._held, self._held_from = held, 0
        self._final, self._final_from = final, size - len(final)
        self._ahead = _AHEAD
        self._position = 0
        self._lock = threading.RLock()

    def readable(self) -> bool:
        """Tell that it is."""
        return True

    def seekable(self) -> bool:
        """Tell that it is."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read *size* bytes, all that is left by default; fewer only at the end."""
        with self._lock:
            return self._collect(self._left(size))

    def read1(self, size: int = -1, /) -> bytes:
        """Read up to *size* bytes with one request to the store at most."""
        with self._lock:
            left = self._left(size)
            piece = self._piece(self._position, left) if left else b""
            self._position += len(piece)
            return piece

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill *buffer*; less than wholly only at the end."""
        with memoryview(buffer).cast("B") as view:
            plain = self.read(len(view))
            view[: len(plain)] = plain
        return len(plain)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read to the next line feed, *size* bytes at most."""
        with self._lock:
            return self._collect(self._left(size), line=True)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to *offset* from the start, from here or from the end; ValueError if negative."""
        with self._lock:
            self._check_open()
            bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
            if whence not in bases:
                raise ValueError("whence is 0, 1 or 2")
            position = bases[whence] + operator.index(offset)
            if position < 0:
                raise ValueError("a position is not negative")
            self._position = position
            return position

    def tell(self) -> int:
        """Tell the position."""
        with self._lock:
            self._check_open()
            return self._position

    def close(self) -> None:
        """Close, and let go of what was decrypted."""
        with self._lock:
            self._held = self._final = b""
            self._chunks = _nothing_more
            super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("the file is closed")

    def _left(self, size: int | None) -> int:
        self._check_open()
        left = max(self._size - self._position, 0)
        return left if size is None or size < 0 else min(size, left)

    def _collect(self, size: int, *, line: bool = False) -> bytes:
        """Read *size* bytes that are there, or up to a line feed; moves only when all were read."""
        pieces, position = [], self._position
        while size:
            piece = self._piece(position, size if not line else min(size, CHUNK))
            if line:
                piece = piece[: piece.find(b"\n") + 1 or len(piece)]
            pieces.append(piece)
            position += len(piece)
            size -= len(piece)
            if line and piece.endswith(b"\n"):
                break
        self._position = position
        return b"".join(pieces)

    def _piece(self, position: int, wanted: int) -> bytes:
        """Give up to *wanted* bytes from *position*, one at least, held already or fetched."""
        if position >= self._final_from:
            return self._final[position - self._final_from :][:wanted]
        if not self._held_from <= position < self._held_from + len(self._held):
            self._advance(position, wanted)
        start = position - self._held_from
        return self._held[start : start + wanted]

    def _advance(self, position: int, wanted: int) -> None:
        """Hold the chunks from *position* on: those wanted, and more when reading goes on."""
        first, beyond = position // CHUNK, self._final_from // CHUNK
        count = (position + wanted - 1) // CHUNK - first + 1
        if position == self._held_from + len(self._held):
            self._ahead = min(self._ahead * 2, _MOST)
            count = max(count, self._ahead)
        else:
            self._ahead = _AHEAD
        count = min(count, _MOST, beyond - first)
        try:
            self._held = self._chunks(first, count)
        except DocumentDamaged:
            # What stands before a damaged chunk can still be read.
            self._held = self._chunks(first, 1)
        self._held_from = first * CHUNK


def _nothing_more(first: int, count: int) -> bytes:
    """Stand where chunks are fetched when all is held already, or closed."""
    raise AssertionError(first, count)


def _start(number: int) -> int:
    """Compute where chunk *number* begins in a sealed content."""
    return HEADER + number * (CHUNK + TAG)


def _check(place: Place) -> None:
    """Refuse a place that no content has."""
    if (
        place.size < 0
        or place.offset < 0
        or place.length != sealed_size(place.size)
        or place.offset + place.length > place.blob_size
    ):
        raise DocumentDamaged


def _fetch(blobs: Blobs, place: Place, start: int, end: int) -> bytes:
    """Fetch a range of a sealed content; see that nothing follows one that ends its blob."""
    at_end = end == place.length and place.offset + end == place.blob_size
    try:
        sealed = blobs.get(place.blob, start=place.offset + start, end=place.offset + end + at_end)
    except BlobMissing as exc:
        raise DocumentDamaged from exc
    if len(sealed) != end - start:
        raise DocumentDamaged
    return sealed
