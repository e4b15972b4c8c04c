"""
Blobs in what fsspec reaches: S3, SFTP and others; the only file that imports fsspec.

fsspec promises little, and its file systems differ, so only what all of them do right is used:

* Whole objects by `pipe_file`, or by `put_file` from a local spool of ciphertext; never
  `open('wb')`, which on S3 uploads the part that was written when an exception leaves the block.
* No listings cache and an instance of our own: stale listings have hidden objects
  (fsspec/s3fs#851, fsspec/s3fs#879). A new one is made after a fork, where the old one would hang
  (fsspec/filesystem_spec#517, fsspec/s3fs#914), and after a failure, for not all reconnect.
* No range is believed before it was seen to be kept: sshfs answers with the whole file.
* Foreign errors are of any kind (those of botocore are not even OSError), so all are caught, around
  foreign calls alone. Neither the address nor the options, which may hold a password, are told.
"""

import contextlib
import os
import pathlib
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Self

import fsspec
from fsspec.core import url_to_fs

from mycvault.errors import BlobMissing, BlobsUnavailable, SetupError
from mycvault.storage.blobs.keys import check_key, check_range, fan_out, is_key, pieces

_AT_ONCE = 8 * 1024 * 1024  # bytes; more goes through a file, in parts where the store has them
_EXTRAS = {"s3": "s3", "s3a": "s3", "ssh": "sftp", "sftp": "sftp"}
# sshfs hands what it does not know to asyncssh, which refuses it; and it trusts every host unless
# told otherwise: the empty tuple means the user's own known_hosts file.
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "ssh": {"known_hosts": ()},
    "sftp": {"known_hosts": ()},
}
_USUAL: Mapping[str, Any] = {"use_listings_cache": False}
# It accepts any host key, and cannot be told not to.
_REFUSED = "fsspec.implementations.sftp"


class FsspecBlobs:
    """The blobs under one address, in a file system of fsspec; thread-safe."""

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        """
        Open the blobs under *url*; *options* are the file system's own and are never shown.

        Raises:
            SetupError: The protocol is unknown, its package missing, or the options are not its.
            BlobsUnavailable: The store was asked for a connection and does not answer.
        """
        self._url = url
        self._options = dict(options or {})
        self._keeps_ranges = False
        self._pid = os.getpid()
        self._connection, self._root = _connect(url, self._options)

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
            with blobs._calling("make a folder") as system:
                if not system.isdir(blobs._root):
                    with contextlib.suppress(FileExistsError):
                        system.mkdir(blobs._root, create_parents=False)
        except BlobMissing as exc:
            raise SetupError("the bucket or folder above the storage must be made first") from exc
        return blobs

    @property
    def protocol(self) -> str:
        """The protocol of the address ("s3", "sftp"), and nothing else of it."""
        return self._url.partition("://")[0]

    def put(self, key: str, data: bytes | memoryview | BinaryIO) -> None:
        """
        Store *data*, a file read to its end in pieces; what the file raises passes untouched.

        After an error the key may hold rubbish that nobody refers to.

        Raises:
            BlobsUnavailable: The store does not answer, is full, or kept another size.
        """
        check_key(key)
        if isinstance(data, bytes | memoryview) and memoryview(data).nbytes <= _AT_ONCE:
            self._send("pipe_file", key, bytes(data))
            return
        with _spool() as path:
            size = _fill(path, data)
            self._send("put_file", key, path, to=1)
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
        if start == 0 and end is None:
            with self._calling("read") as system:
                return bytes(system.cat_file(path))
        if end is not None and end <= start:
            self.size(key)
            return b""
        try:
            with self._calling("read a range") as system:
                found = bytes(system.cat_file(path, start=start, end=end))
        except BlobsUnavailable:
            # S3 refuses a range that begins beyond the end; others give nothing.
            if start < self.size(key):
                raise
            return b""
        return found[:end] if start == 0 else self._trim(key, found, start, end)

    def size(self, key: str) -> int:
        """
        Give the size in bytes, asked of the store each time.

        Raises:
            BlobMissing: There is nothing under *key*.
            BlobsUnavailable: The store does not answer.
        """
        path = self._path(key)
        with self._calling("tell a size") as system:
            return int(system.info(path)["size"])

    def delete(self, key: str) -> None:
        """
        Delete what is under *key*; nothing there is success.

        Raises:
            BlobsUnavailable: The store does not answer.
        """
        path = self._path(key)
        with contextlib.suppress(BlobMissing), self._calling("delete") as system:
            system.rm_file(path)

    def scan(self) -> Iterator[str]:
        """List every key, folder by folder so that no list is long; the lists may be stale."""
        for folder in self._list(self._root):
            fan = _name(folder)
            if len(fan) != 2:  # noqa: PLR2004 - the length of a fan-out's name
                continue
            names = (_name(path) for path in self._list(folder))
            yield from (name for name in names if is_key(name) and fan_out(name) == fan)

    def _list(self, folder: str) -> list[str]:
        # An empty folder does not exist in an object store: there it is no error.
        with contextlib.suppress(BlobMissing), self._calling("list") as system:
            return [str(path) for path in system.ls(folder, detail=False)]
        return []

    def _path(self, key: str) -> str:
        return f"{self._root}/{fan_out(key)}/{key}"

    def _send(self, verb: str, key: str, what: bytes | str, *, to: int = 0) -> None:
        """Call *verb* with what is sent and the path, which is argument number *to*."""
        path = self._path(key)
        arguments = (what, path) if to else (path, what)
        with self._calling("write", missing=BlobsUnavailable) as system:
            try:
                getattr(system, verb)(*arguments)
            except FileNotFoundError:
                # Only stores with real folders say this, once for each of the 256. Whether making
                # the folder failed, or somebody else made it, the second attempt tells.
                with contextlib.suppress(OSError):
                    system.mkdir(path.rpartition("/")[0], create_parents=False)
                getattr(system, verb)(*arguments)

    def _trim(self, key: str, found: bytes, start: int, end: int | None) -> bytes:
        """
        Cut the answer to a range that begins after 0 down to what was asked, and check its length.

        An answer of the blob's own size is the whole blob: no true range from *start* is that long.
        Once an answer of another size was seen, the store keeps ranges and its size is not asked
        again.
        """
        wanted = None if end is None else end - start
        if self._keeps_ranges and (wanted is None or len(found) <= wanted):
            return found
        size = self.size(key)
        if len(found) == size:
            return found[start:end]
        if len(found) != max(0, (size if end is None else min(end, size)) - start):
            raise BlobsUnavailable("the storage answered with another range than was asked for")
        self._keeps_ranges = True
        return found

    @contextlib.contextmanager
    def _calling(
        self, verb: str, *, missing: type[BlobMissing | BlobsUnavailable] = BlobMissing
    ) -> Iterator[Any]:
        """Lend the file system for foreign calls alone, and put their errors into ours."""
        try:
            connection = self._connection  # another thread may drop it at any moment
            if connection is None or self._pid != os.getpid():
                connection, _ = _connect(self._url, self._options)
                self._connection, self._pid = connection, os.getpid()
            yield connection
        except FileNotFoundError as exc:
            raise missing(f"the storage found nothing to {verb}") from exc
        except (BlobsUnavailable, SetupError):
            raise
        except Exception as exc:
            self._connection = None
            raise BlobsUnavailable(f"the storage did not {verb}") from exc


def _connect(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Make a file system of our own, and give it with the root path inside it."""
    protocol, separator, _ = url.partition("://")
    if not separator or "::" in url:
        raise SetupError("the storage must be one address: a chain of them may cache")
    _check_protocol(protocol)
    settings = {**_SETTINGS.get(protocol, _USUAL), **options, "skip_instance_cache": True}
    try:
        system, root = url_to_fs(url, **settings)
    except (TypeError, ValueError) as exc:
        raise SetupError(f"the options are not those of {protocol!r} storage") from exc
    except Exception as exc:
        raise BlobsUnavailable("the storage cannot be connected to") from exc
    return system, str(root).rstrip("/")


def _check_protocol(protocol: str) -> None:
    extra = _EXTRAS.get(protocol)
    advice = f"install mycvault[{extra}]" if extra else "install its fsspec package"
    try:
        found = fsspec.get_filesystem_class(protocol)
    except ValueError as exc:
        raise SetupError(f"no storage is known by the protocol {protocol!r}") from exc
    except ImportError as exc:
        raise SetupError(f"{protocol!r} storage needs a package: {advice}") from exc
    if found.__module__ == _REFUSED:
        raise SetupError(f"{protocol!r} storage needs a package that checks host keys: {advice}")


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
