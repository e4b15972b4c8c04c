"""Stores for the tests of blobs: file systems with the faults of real ones, and a host's own store."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import fsspec
from fsspec.implementations.memory import MemoryFileSystem

from mycvault.errors import BlobMissing


class WholeFiles(MemoryFileSystem):
    """A file system that ignores ranges, as sshfs does."""

    protocol = "wholefiles"

    def cat_file(self, path, start=None, end=None, **kwargs):
        return super().cat_file(path)


class StrictRanges(MemoryFileSystem):
    """A file system that refuses ranges beginning beyond the end, with an odd error, as S3 does."""

    protocol = "strictranges"

    def cat_file(self, path, start=None, end=None, **kwargs):
        if start is not None and start >= self.info(path)["size"]:
            raise OddError("InvalidRange")
        return super().cat_file(path, start, end)


class ShortFiles(MemoryFileSystem):
    """A file system that loses the ends of files and of ranges."""

    protocol = "shortfiles"

    def put_file(self, lpath, rpath, *args, **kwargs):
        self.pipe_file(rpath, pathlib.Path(lpath).read_bytes()[:-1])

    def cat_file(self, path, start=None, end=None, **kwargs):
        return super().cat_file(path, start, end)[:-1]


class OddError(Exception):
    """An error of no known kind, as those of botocore are."""


class Broken(MemoryFileSystem):
    """A file system whose every verb fails."""

    protocol = "broken"

    def _fail(self, *args, **kwargs):
        raise OddError("broken")

    cat_file = info = ls = rm_file = pipe_file = put_file = isdir = mkdir = _fail


class FewVerbs:
    """The least that meets the port: what a host may write in a few lines."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, key, data):
        self.kept[key] = b""
        if isinstance(data, bytes | memoryview):
            self.kept[key] = bytes(data)
            return
        while piece := data.read(1 << 20):
            self.kept[key] += piece

    def get(self, key, *, start=0, end=None):
        if key not in self.kept:
            raise BlobMissing
        return self.kept[key][start:end]

    def size(self, key):
        return len(self.get(key))

    def delete(self, key):
        self.kept.pop(key, None)

    def scan(self):
        return iter(list(self.kept))


@contextmanager
def known_to_fsspec() -> Iterator[None]:
    """Make our file systems known to fsspec, and empty its one global memory at the end."""
    for found in (WholeFiles, StrictRanges, ShortFiles, Broken):
        fsspec.register_implementation(found.protocol, found, clobber=True)
    try:
        yield
    finally:
        MemoryFileSystem.store.clear()
        MemoryFileSystem.pseudo_dirs[:] = [""]


def files(folder: pathlib.Path) -> list[str]:
    """Name every file below *folder*."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def child(code: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run *code* in a Python of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
