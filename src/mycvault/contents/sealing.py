"""
Taking a content in: from what a host hands over to sealed bytes and measured facts.

Rule: nothing beyond 8 MiB is held in memory and nothing is written in clear. What is refused is
refused before its last sealed chunk exists, so that what a store kept of it never opens. Limits and
types: `contents/rules.py`.
"""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from mycvault.contents import rules
from mycvault.contents.model import Facts
from mycvault.crypto.content import Sealer, room, sealed_size
from mycvault.errors import InvalidInput
from mycvault.values.content import Content

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

IN_MEMORY = 8 * 1024 * 1024  # bytes; larger contents are streamed
_PIECE = 256 * 1024  # bytes read at a time
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)


@contextmanager
def take(content: Content) -> Iterator[bytes | BinaryIO]:
    """
    Take hold of a content: its bytes up to 8 MiB, else a stream from its start.

    A path is opened here and closed at the end. A file is read from where it stands and stays the
    caller's to close.

    Raises:
        InvalidInput: Neither bytes, nor the path of a readable file, nor a binary file.
    """
    given: object = content  # what arrives is not always what the types say
    if isinstance(content, bytes):
        yield content if len(content) <= IN_MEMORY else io.BytesIO(content)
    elif isinstance(content, os.PathLike):
        with _open(content) as file:
            yield _whole_or_stream(file)
    elif not hasattr(given, "read") or isinstance(given, io.TextIOBase):
        raise InvalidInput("bytes, a path or a binary file", field="content")
    elif getattr(given, "closed", False):
        raise InvalidInput("an open file", field="content")
    else:
        yield _whole_or_stream(content)


def take_small(content: Content) -> bytes | Content:
    """Take a content's bytes if they are at most 8 MiB; else give what `take` takes it from, whole. InvalidInput."""
    if isinstance(content, bytes) and len(content) <= IN_MEMORY:
        return content
    if isinstance(content, os.PathLike):
        whole = _read_small(content)
        return content if whole is None else whole
    with take(content) as taken:
        return taken


def examine(content: bytes, *, max_bytes: int, accepted: frozenset[str]) -> Facts:
    """
    Measure a content that is held in memory.

    Raises:
        UnacceptableContent: "empty", "too-large" or "type".
    """
    media_type = rules.check(
        content[: rules.EDGE],
        content[-rules.EDGE :],
        len(content),
        max_bytes=max_bytes,
        accepted=accepted,
    )
    digest = hashlib.sha256(content).hexdigest()
    return Facts(size=len(content), sha256=digest, media_type=media_type)


class SealingStream(io.RawIOBase):
    """
    A readable file of the sealed bytes of *source*.

    The source is read, measured and judged while this is read. Reading raises `UnacceptableContent`
    as soon as the content is known to be too large or of no accepted type; what the source raises
    passes through. The source stays its caller's to close.
    """

    def __init__(
        self,
        source: BinaryIO,
        *,
        key: bytes,
        context: bytes,
        max_bytes: int,
        accepted: frozenset[str],
    ) -> None:
        self._source = source
        self._max_bytes = max_bytes
        self._accepted = accepted
        self._sealer = Sealer(key, context)
        self._digest = hashlib.sha256()
        self._size = 0
        self._head = b""
        self._began_well = False
        self._tail = b""
        self._buffer = bytearray(room(_PIECE))
        self._ready = memoryview(b"")
        self._facts: Facts | None = None

    @property
    def facts(self) -> Facts:
        """
        What was measured of the content.

        Raises:
            ValueError: The stream was not read to its end: what a store kept of it never opens.
        """
        if self._facts is None or self._ready:
            raise ValueError("a content is known once its stream was read to the end")
        return self._facts

    @property
    def sealed_size(self) -> int:
        """How many bytes this stream gave in all; ValueError before its end."""
        return sealed_size(self.facts.size)

    def readable(self) -> bool:
        """Tell that it is."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill *buffer*, wholly unless the content ends."""
        with memoryview(buffer).cast("B") as view:
            filled = 0
            while filled < len(view) and (self._ready or self._advance()):
                part = self._ready[: len(view) - filled]
                view[filled : filled + len(part)] = part
                self._ready = self._ready[len(part) :]
                filled += len(part)
        return filled

    def _advance(self) -> bool:
        """
        Seal the next piece; False when all was sealed.

        It judges before it seals, so that a refusal is one again when asked again.
        """
        if self._facts is not None:
            return False
        piece = _read(self._source, _PIECE)
        if not piece:
            self._finish()
            return True
        self._measure(piece)
        written = self._sealer.update_into(piece, self._buffer)
        self._ready = memoryview(self._buffer)[:written]
        return True

    def _measure(self, piece: bytes) -> None:
        self._size += len(piece)
        rules.check_size(self._size, max_bytes=self._max_bytes)
        if not self._began_well:
            self._head += piece[: rules.EDGE - len(self._head)]
            if len(self._head) == rules.EDGE:
                rules.check_head(self._head, accepted=self._accepted)
                self._began_well = True
        self._tail = (self._tail + piece[-rules.EDGE :])[-rules.EDGE :]
        self._digest.update(piece)

    def _finish(self) -> None:
        media_type = rules.check(
            self._head,
            self._tail,
            self._size,
            max_bytes=self._max_bytes,
            accepted=self._accepted,
        )
        self._ready = memoryview(self._sealer.finalize())
        self._facts = Facts(size=self._size, sha256=self._digest.hexdigest(), media_type=media_type)


class _Chained(io.RawIOBase):
    """A file's beginning, which was read already, and the rest of it."""

    def __init__(self, beginning: bytes, rest: BinaryIO) -> None:
        self._beginning = memoryview(beginning)
        self._rest = rest

    def readable(self) -> bool:
        """Tell that it is."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Give what was read already, then the rest."""
        with memoryview(buffer).cast("B") as view:
            part = self._beginning[: len(view)]
            self._beginning = self._beginning[len(part) :]
            if not part and view:
                part = memoryview(_read(self._rest, len(view)))
            view[: len(part)] = part
        return len(part)


def _read_small(path: os.PathLike[str]) -> bytes | None:
    """Read the file at *path*; None when it has more than 8 MiB."""
    try:
        descriptor = os.open(path, _READING)
    except (OSError, ValueError) as exc:
        raise _unreadable() from exc
    try:
        # Few calls of the system: at each, another thread may take the interpreter.
        state, begun = os.fstat(descriptor), b""
        if stat.S_ISREG(state.st_mode):
            if state.st_size > IN_MEMORY:
                return None
            begun = os.read(descriptor, state.st_size + 1)
            if len(begun) == state.st_size:
                return begun
        # It is no file on disk, or grows or shrinks, or has another size than it says: it is read to its end.
        with _open(descriptor) as file:
            taken = _whole_or_stream(file, begun)
        return taken if isinstance(taken, bytes) else None
    finally:
        os.close(descriptor)


def _open(path: os.PathLike[str] | int) -> BinaryIO:
    """Open the file at *path*, or on a descriptor, which stays its caller's to close."""
    try:
        return open(path, "rb", buffering=0, closefd=not isinstance(path, int))
    except (OSError, ValueError) as exc:
        raise _unreadable() from exc


def _unreadable() -> InvalidInput:
    return InvalidInput("the path of a readable file", field="content")


def _whole_or_stream(file: BinaryIO, begun: bytes = b"") -> bytes | BinaryIO:
    pieces, size = [begun], len(begun)
    while size <= IN_MEMORY:
        piece = _read(file, min(_PIECE, IN_MEMORY + 1 - size))
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
    return cast("BinaryIO", _Chained(b"".join(pieces), file))


def _read(file: BinaryIO, size: int) -> bytes:
    piece: object = file.read(size)
    if not isinstance(piece, bytes):
        raise InvalidInput("a binary file that gives bytes", field="content")
    return piece
