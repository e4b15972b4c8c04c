"""
Blobs on a local disk: whole and durable when `put` returns, or not there at all.

Rules: write under a temporary name in the same folder, fsync the file, rename, fsync the folder,
for a rename is whole only within one file system and lasts only once its folder was synced
(restic/restic#3436, restic/restic#744, restic/rest-server#142). The final name is never touched
early (rustic-rs/rustic#1731). Folders are 0700, files 0600.

A folder that is gone is a disk that is not mounted, never a missing blob: a document is not
declared lost for that.
"""

import contextlib
import os
import pathlib
from collections.abc import Iterator
from typing import BinaryIO, Self

from mycvault.errors import BlobMissing, BlobsUnavailable
from mycvault.storage.blobs.keys import check_range, fan_out, is_key, pieces

_TEMPORARY = ".tmp-"
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_WINDOWS = os.name == "nt"


class LocalBlobs:
    """A folder of blobs; thread-safe, and several processes may share it."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = pathlib.Path(folder)
        self._durable: set[str] = set()  # fan-out folders whose own names were synced

    @classmethod
    def create(cls, folder: str | os.PathLike[str]) -> Self:
        """
        Make *folder* durably, with what is missing above it, and open it; one that exists is kept.

        Raises:
            BlobsUnavailable: The folder cannot be made.
        """
        with _ours("the folder of blobs cannot be made"):
            _make_folders(pathlib.Path(folder).absolute())
        return cls(folder)

    def put(self, key: str, data: bytes | memoryview | BinaryIO) -> None:
        """
        Store *data*, a file read to its end in pieces, whole and durable when this returns.

        What the file itself raises passes untouched; then nothing stands under *key*.

        Raises:
            BlobsUnavailable: The disk is full, read-only, broken or not there.
        """
        target = self._path(key)
        temporary = target.with_name(_TEMPORARY + key)
        with _ours("a blob cannot be written"):
            descriptor = self._begin(temporary)
        try:
            _write(descriptor, data)
            with _ours("a blob cannot be written"):
                temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        with _ours("a blob cannot be made durable"):
            _sync_folder(target.parent)

    def get(self, key: str, *, start: int = 0, end: int | None = None) -> bytes:
        """
        Give the bytes from *start* up to *end*, fewer when the blob ends before.

        Raises:
            BlobMissing: There is nothing under *key*.
            BlobsUnavailable: The disk cannot be read, or the folder is gone.
        """
        check_range(start, end)
        path = self._path(key)
        with self._reading():
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                length = os.fstat(descriptor).st_size
                return _read(descriptor, start, length if end is None else min(end, length))
            finally:
                os.close(descriptor)

    def size(self, key: str) -> int:
        """
        Give the size in bytes.

        Raises:
            BlobMissing: There is nothing under *key*.
            BlobsUnavailable: The disk cannot be read, or the folder is gone.
        """
        path = self._path(key)
        with self._reading():
            return path.stat().st_size

    def delete(self, key: str) -> None:
        """
        Delete what is under *key*, and what a crash left of it; nothing there is success.

        The folder is not synced: a blob that comes back after a power cut is an orphan, to be
        deleted again.

        Raises:
            BlobsUnavailable: The disk cannot be written, or the folder is gone.
        """
        path = self._path(key)
        for name in (path, path.with_name(_TEMPORARY + key)):
            with contextlib.suppress(BlobMissing), self._reading():
                name.unlink()

    def scan(self) -> Iterator[str]:
        """List every key; temporary files are not listed."""
        return (name for name in self._names() if is_key(name))

    def leftovers(self) -> Iterator[str]:
        """List the keys of files being written, or left by a crash; `delete` removes both."""
        return (
            name.removeprefix(_TEMPORARY)
            for name in self._names()
            if name.startswith(_TEMPORARY) and is_key(name.removeprefix(_TEMPORARY))
        )

    def _path(self, key: str) -> pathlib.Path:
        return self._folder / fan_out(key) / key

    def _names(self) -> Iterator[str]:
        with _ours("the folder of blobs cannot be listed"):
            folders = sorted(entry.path for entry in os.scandir(self._folder) if entry.is_dir())
        for folder in folders:
            with _ours("the folder of blobs cannot be listed"):
                names = [entry.name for entry in os.scandir(folder)]
            fan = pathlib.Path(folder).name
            yield from (name for name in names if name.removeprefix(_TEMPORARY)[:2] == fan)

    def _begin(self, temporary: pathlib.Path) -> int:
        """Make a new file, and its folder where it is not there, or not any more: another disk may be mounted since."""
        self._prepare(temporary.parent)
        try:
            return os.open(temporary, _FRESH, 0o600)
        except FileNotFoundError:
            self._durable.discard(temporary.parent.name)
            self._prepare(temporary.parent)
            return os.open(temporary, _FRESH, 0o600)

    def _prepare(self, folder: pathlib.Path) -> None:
        # The parent is synced once by every process, also when the folder stands already: another
        # thread may have made it a moment ago and not have come to its own sync yet.
        if folder.name in self._durable:
            return
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        _sync_folder(self._folder)
        self._durable.add(folder.name)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        with _ours("a blob cannot be read or deleted"):
            try:
                yield
            except FileNotFoundError as exc:
                if self._folder.is_dir():
                    raise BlobMissing from exc
                raise


@contextlib.contextmanager
def _ours(fact: str) -> Iterator[None]:
    """Turn the disk's own errors into `BlobsUnavailable`; a source is never read inside."""
    try:
        yield
    except OSError as exc:
        raise BlobsUnavailable(fact) from exc


def _write(descriptor: int, data: bytes | memoryview | BinaryIO) -> None:
    """Write *data* to the end and sync it; the descriptor is closed either way."""
    try:
        for piece in pieces(data):
            with _ours("a blob cannot be written"):
                _write_whole(descriptor, piece)
        with _ours("a blob cannot be made durable"):
            os.fsync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise
    with _ours("a blob cannot be written"):
        os.close(descriptor)  # network file systems tell of a full disk only here


def _write_whole(descriptor: int, piece: memoryview) -> None:
    while piece:
        piece = piece[os.write(descriptor, piece) :]


def _read(descriptor: int, start: int, stop: int) -> bytes:
    """Read from *start* up to *stop*; one call gives at most 2 GiB, so ask until nothing comes."""
    found = []
    os.lseek(descriptor, start, os.SEEK_SET)
    while start < stop and (piece := os.read(descriptor, stop - start)):
        found.append(piece)
        start += len(piece)
    return b"".join(found)


def _make_folders(folder: pathlib.Path) -> None:
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync_folder(folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: pathlib.Path) -> None:
    if _WINDOWS:
        return  # folders cannot be opened there; NTFS journals names by itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
