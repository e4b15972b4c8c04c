"""
Blobs in what fsspec reaches: S3, SFTP and others.

fsspec promises little, and its file systems differ, so only what all of them do right is used:

* Whole objects by `pipe_file`, or by `put_file` from a local spool of ciphertext; never
  `open('wb')`, which on S3 uploads the part that was written when an exception leaves the block.
* No range is believed before it was seen to be kept, and a short one never: sshfs answers with the
  whole file, and a proxy may cut. On SFTP ranges are read by seeking.
* How it is connected to, and when it is asked again: `reaching.py`.
"""

import contextlib
import pathlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO, Self

from mycvault.errors import BlobMissing, BlobsUnavailable, SetupError
from mycvault.storage.blobs.keys import check_key, check_range, fan_out, is_key, pieces
from mycvault.storage.blobs.reaching import Reach

_AT_ONCE = 8 * 1024 * 1024  # bytes; more goes through a file, in parts where the store has them
_SEEKING = {"ssh", "sftp"}


class FsspecBlobs:
    """The blobs under one address, in a file system of fsspec; thread-safe."""

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        """
        Open the blobs under *url*; *options* are the file system's own and are never shown.

        Raises:
            SetupError: The protocol is unknown, its package missing, or the options are not its.
            BlobsUnavailable: The store was asked for a connection and does not answer.
        """
        self._reach = Reach(url, options)
        self._keeps_ranges = False

    @classmethod
    def create(cls, url: str, options: Mapping[str, Any] | None = None) -> Self:
        """
        Make the last folder of *url* where the store has folders, and open it.

        Raises:
            SetupError: As for opening, or the bucket or folder above is not there.
            BlobsUnavailable: The store does not answer.
        """
        blobs = cls(url, options)
        try:
            blobs._reach.ask("make a folder", blobs._make_root, at_home=False)
        except BlobMissing as exc:
            raise SetupError("the bucket or folder above the storage must be made first") from exc
        return blobs

    @property
    def protocol(self) -> str:
        """The protocol of the address ("s3", "sftp"), and nothing else of it."""
        return self._reach.protocol

    def put(self, key: str, data: bytes | memoryview | BinaryIO) -> None:
        """
        Store *data*, a file read to its end in pieces; what the file raises passes untouched.

        After an error the key may hold rubbish that nobody refers to.

        Raises:
            BlobsUnavailable: The store does not answer, is full, or kept another size.
        """
        check_key(key)
        if isinstance(data, bytes | memoryview) and memoryview(data).nbytes <= _AT_ONCE:
            whole = bytes(data)
            self._send(key, len(whole), lambda system, path: system.pipe_file(path, whole))
            return
        with _spool() as spool:
            size = _fill(spool, data)
            self._send(key, size, lambda system, path: system.put_file(spool, path))
        if self.size(key) != size:
            raise BlobsUnavailable("the storage kept another size than it was given")

    def get(self, key: str, *, start: int = 0, end: int | None = None) -> bytes:
        """
        Give the bytes from *start* up to *end*, fewer when the blob ends before.

        Raises:
            BlobMissing: There is nothing under *key*.
            BlobsUnavailable: The store does not answer, or not with this range.
        """
        check_range(start, end)
        path = self._path(key)
        if end is None or end <= start:
            size = self.size(key)
            end = size if end is None else start
        if end <= start:
            return b""
        read = partial(self._read, path=path, start=start, end=end)
        return self._reach.ask("read", read, size=end - start)

    def size(self, key: str) -> int:
        """
        Give the size in bytes, asked of the store each time.

        Raises:
            BlobMissing: There is nothing under *key*.
            BlobsUnavailable: The store does not answer.
        """
        path = self._path(key)
        return self._reach.ask("tell a size", partial(_size, path=path))

    def delete(self, key: str) -> None:
        """
        Delete what is under *key*; nothing there is success.

        Raises:
            BlobsUnavailable: The store does not answer.
        """
        path = self._path(key)
        with contextlib.suppress(BlobMissing):
            self._reach.ask("delete", lambda system: system.rm_file(path))

    def scan(self) -> Iterator[str]:
        """List every key, folder by folder so that no list is long; the lists may be stale."""
        for folder in self._list(self._reach.root):
            fan = _name(folder)
            if len(fan) != 2:  # noqa: PLR2004 - the length of a fan-out's name
                continue
            names = (_name(path) for path in self._list(folder))
            yield from (name for name in names if is_key(name) and fan_out(name) == fan)

    def _list(self, folder: str) -> list[str]:
        # An empty folder does not exist in an object store: there it is no error.
        with contextlib.suppress(BlobMissing):
            found = self._reach.ask("list", lambda system: system.ls(folder, detail=False))
            return [str(path) for path in found]
        return []

    def _make_root(self, system: Any) -> None:
        if not system.isdir(self._reach.root):
            with contextlib.suppress(FileExistsError):
                system.mkdir(self._reach.root, create_parents=False)

    def _path(self, key: str) -> str:
        return f"{self._reach.root}/{fan_out(key)}/{key}"

    def _send(self, key: str, size: int, send: Callable[[Any, str], object]) -> None:
        path = self._path(key)

        def put(system: Any) -> None:
            try:
                send(system, path)
            except FileNotFoundError:
                # Only stores with real folders say this, once for each of the 256. Whether making
                # the folder failed, or somebody else made it, the second attempt tells.
                with contextlib.suppress(OSError):
                    system.mkdir(path.rpartition("/")[0], create_parents=False)
                send(system, path)

        try:
            self._reach.ask("write", put, size=size)
        except BlobMissing as exc:
            raise BlobsUnavailable("the storage did not write") from exc

    def _read(self, system: Any, path: str, start: int, end: int) -> bytes:
        """
        Read a range that is not empty; what is not as long as was asked for is held against the size.

        An answer of the blob's own size is the whole blob: no true range from beyond 0 is that long. Once an answer of another
        size was seen, the store keeps ranges, and its size is not asked again for an answer as long as the range.
        """
        if self.protocol in _SEEKING:
            found = _seek(system, path, start, end)
        else:
            try:
                found = bytes(system.cat_file(path, start=start, end=end))
            except FileNotFoundError:
                raise
            except Exception:
                # S3 refuses a range that begins beyond the end; others give nothing.
                if start >= _size(system, path):
                    return b""
                raise
        if len(found) == end - start and (start == 0 or self._keeps_ranges):
            return found
        size = _size(system, path)
        if len(found) == size:
            return found[start:end]
        if len(found) != max(0, min(end, size) - start):
            raise BlobsUnavailable("the storage answered with another range than was asked for")
        self._keeps_ranges = True
        return found


def _size(system: Any, path: str) -> int:
    return int(system.info(path)["size"])


def _seek(system: Any, path: str, start: int, end: int) -> bytes:
    with system.open(path, "rb") as file:
        file.seek(start)
        return bytes(file.read(end - start))


@contextlib.contextmanager
def _spool() -> Iterator[str]:
    """Lend the path of a local file that is gone afterwards; what it holds is ciphertext."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="mycvault-", ignore_cleanup_errors=True)
    except OSError as exc:
        raise BlobsUnavailable("there is no room for a temporary file") from exc
    with folder as name:
        yield str(pathlib.Path(name) / "spool")


def _fill(path: str, data: bytes | memoryview | BinaryIO) -> int:
    """Write *data* to the spool and give its size; what the source raises passes untouched."""
    size = 0
    with contextlib.ExitStack() as stack:
        with _spooling():
            file = stack.enter_context(pathlib.Path(path).open("xb", buffering=0))
        for piece in pieces(data):
            rest = piece
            while rest:
                with _spooling():
                    rest = rest[file.write(rest) :]
            size += len(piece)
    return size


@contextlib.contextmanager
def _spooling() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise BlobsUnavailable("there is no room for a temporary file") from exc


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
