"""Blobs through fsspec: what foreign file systems do wrong is caught here."""

import pathlib
from collections.abc import Iterator
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from blob_stores import Broken, OddError, child, known_to_fsspec
from mycvault.errors import BlobsUnavailable
from mycvault.storage.blobs import reaching
from mycvault.storage.blobs.remote import FsspecBlobs
from mycvault.testing.contracts import DOCUMENT, LARGE, new_key
from mycvault.testing.sources import SourceError, dribble


@pytest.fixture(autouse=True)
def protocols(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(reaching, "pause", lambda seconds: None)
    with known_to_fsspec():
        yield


def test_foreign_errors_are_ours():
    """An error of any kind becomes `BlobsUnavailable` and keeps its cause, whatever the verb."""
    blobs, key = FsspecBlobs("broken://safe"), new_key()
    for act in (
        lambda: blobs.put(key, b"x"),
        lambda: blobs.put(key, dribble(b"x")),
        lambda: blobs.get(key),
        lambda: blobs.get(key, start=3, end=5),
        lambda: blobs.size(key),
        lambda: blobs.delete(key),
        lambda: list(blobs.scan()),
        lambda: FsspecBlobs.create("broken://safe"),
    ):
        with pytest.raises(BlobsUnavailable) as caught:
            act()
        assert isinstance(caught.value.__cause__, OddError)


def test_a_store_that_loses_bytes_is_found_out():
    """A file that arrived shorter, or a range that comes shorter, is not taken for good."""
    blobs, key = FsspecBlobs("shortfiles://safe"), new_key()
    with pytest.raises(BlobsUnavailable, match="another size"):
        blobs.put(key, dribble(DOCUMENT))
    blobs.put(key, DOCUMENT)
    with pytest.raises(BlobsUnavailable, match="another range"):
        blobs.get(key, start=10, end=20)


def test_the_size_is_asked_once_for_all_ranges(monkeypatch: pytest.MonkeyPatch):
    """Once a store was seen to keep ranges, reading one costs a single call."""
    blobs, key, asked = FsspecBlobs("memory://safe"), new_key(), []
    blobs.put(key, DOCUMENT)
    true_info = MemoryFileSystem.info

    def info(self: Any, path: str, **kwargs: Any) -> Any:
        asked.append(path)
        return true_info(self, path, **kwargs)

    monkeypatch.setattr(MemoryFileSystem, "info", info)
    for start in range(1, 100, 10):
        assert blobs.get(key, start=start, end=start + 10) == DOCUMENT[start : start + 10]
    assert len(asked) == 1


def test_foreign_objects_are_not_listed():
    """What else lies in a bucket is nobody's blob."""
    blobs, key = FsspecBlobs("memory://safe"), new_key()
    blobs.put(key, b"x")
    fsspec.filesystem("memory").pipe_file("/safe/ab/readme", b"")
    fsspec.filesystem("memory").pipe_file(f"/safe/zz/{new_key()}", b"")
    fsspec.filesystem("memory").pipe_file(f"/safe/old/{new_key()}", b"")
    assert list(blobs.scan()) == [key]


def test_no_spool_is_left(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    """The temporary file of a large blob is gone after success and after failure."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    blobs = FsspecBlobs("memory://safe")
    blobs.put(new_key(), bytes(LARGE))
    with pytest.raises(SourceError):
        blobs.put(new_key(), dribble(DOCUMENT, error=SourceError()))
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_spool(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    """A temporary directory that cannot be written makes the store unavailable."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(BlobsUnavailable):
        FsspecBlobs("memory://safe").put(new_key(), dribble(DOCUMENT))


FORK = """
import os, sys
from mycvault.storage.blobs import reaching
from mycvault.storage.blobs.remote import FsspecBlobs

blobs = FsspecBlobs.create(sys.argv[1])
blobs.put("a" * 32, b"x")
before = blobs._reach._system
if os.fork() == 0:
    same = blobs.get("a" * 32) == b"x" and blobs._reach._system is before
    os._exit(1 if same else 0)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_a_fork_gets_a_connection_of_its_own(tmp_path: pathlib.Path):
    """A worker forked after the vault was opened does not share its parent's connection."""
    done = child(FORK, f"file://{tmp_path}/blobs")
    assert done.returncode == 0, done.stderr


def test_a_failure_gets_a_new_connection(monkeypatch: pytest.MonkeyPatch):
    """After an outage the next call connects again."""
    blobs, key = FsspecBlobs("memory://safe"), new_key()
    blobs.put(key, b"x")
    before = blobs._reach._system
    with monkeypatch.context() as broken:
        broken.setattr(MemoryFileSystem, "cat_file", Broken._fail)
        with pytest.raises(BlobsUnavailable):
            blobs.get(key)
    assert blobs.get(key) == b"x"
    assert blobs._reach._system is not before
