"""Blobs on a local disk: whole and durable, or not there at all."""

import os
import pathlib
import stat
import subprocess
import threading
from collections.abc import Iterator

import pytest

from blob_stores import child, files
from mycvault.errors import BlobMissing, BlobsUnavailable
from mycvault.storage.blobs.local import LocalBlobs
from mycvault.testing.contracts import DOCUMENT, new_key
from mycvault.testing.sources import SourceError, dribble


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "vault" / "blobs"


def test_modes(folder: pathlib.Path):
    """Nobody but the owner may enter a folder or read a file, whatever the umask."""
    before = os.umask(0)
    try:
        LocalBlobs.create(folder).put("ab" + "0" * 30, DOCUMENT)
    finally:
        os.umask(before)
    modes = {
        path: stat.S_IMODE(path.stat().st_mode) for path in [folder.parent, *folder.rglob("*")]
    }
    assert modes == {
        folder.parent: 0o700,
        folder / "ab": 0o700,
        folder / "ab" / ("ab" + "0" * 30): 0o600,
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_creating_again_keeps_what_is_there(folder: pathlib.Path):
    """A folder that exists is opened."""
    key = new_key()
    LocalBlobs.create(folder).put(key, DOCUMENT)
    assert LocalBlobs.create(folder).get(key) == DOCUMENT


def test_what_is_synced(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    """A file is synced before it has its name, its folder after, and a new folder's parent before."""
    blobs, synced = LocalBlobs.create(folder), []
    true_sync = os.fsync

    def sync(descriptor: int) -> None:
        true_sync(descriptor)
        synced.append(
            (
                os.fspath(pathlib.Path(f"/proc/self/fd/{descriptor}").readlink()),
                key in files(folder),
            )
        )

    monkeypatch.setattr(os, "fsync", sync)
    key = "ab" + "0" * 30
    blobs.put(key, DOCUMENT)
    fan = folder / "ab"
    written = [(str(fan / f".tmp-{key}"), False), (str(fan), True)]
    assert synced == [(str(folder), False), *written]

    # The second one of the same folder needs no more than its own two.
    synced.clear()
    key = "ab" + "1" * 30
    blobs.put(key, DOCUMENT)
    assert synced == [(str(fan / f".tmp-{key}"), False), (str(fan), True)]


@pytest.mark.parametrize(
    "error", [SourceError(), OSError(28, "the source's own"), KeyboardInterrupt()]
)
def test_no_temporary_file_is_left(folder: pathlib.Path, error: BaseException):
    """Whatever stops a source, the disk is as before."""
    blobs = LocalBlobs.create(folder)
    with pytest.raises(type(error)):
        blobs.put(new_key(), dribble(DOCUMENT, error=error))
    assert files(folder) == []
    assert list(blobs.leftovers()) == []


def test_temporary_and_foreign_files_are_not_listed(folder: pathlib.Path):
    """The list holds keys in their own place only; what a crash left is told apart and deleted."""
    blobs = LocalBlobs.create(folder)
    key, left = "ab" + "0" * 30, "ab" + "1" * 30
    blobs.put(key, DOCUMENT)
    (folder / "ab" / f".tmp-{left}").write_bytes(b"half")
    (folder / "ab" / ".DS_Store").write_bytes(b"")
    (folder / "ab" / ("cd" + "0" * 30)).write_bytes(b"misplaced")
    (folder / "README").write_bytes(b"")
    assert list(blobs.scan()) == [key]
    assert list(blobs.leftovers()) == [left]
    blobs.delete(left)
    assert list(blobs.leftovers()) == []
    assert blobs.get(key) == DOCUMENT


def test_opening_makes_nothing(folder: pathlib.Path):
    """A folder that is not there is a disk that is not mounted: nothing is made, nothing missing."""
    blobs, key = LocalBlobs(folder), new_key()
    for act in (
        lambda: blobs.put(key, b"x"),
        lambda: blobs.get(key),
        lambda: blobs.size(key),
        lambda: blobs.delete(key),
        lambda: list(blobs.scan()),
        lambda: list(blobs.leftovers()),
    ):
        with pytest.raises(BlobsUnavailable) as caught:
            act()
        assert isinstance(caught.value.__cause__, OSError)
    assert not folder.exists()


def test_a_folder_that_cannot_be_made(tmp_path: pathlib.Path):
    """A file in the way makes creation fail as the storage's error."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BlobsUnavailable):
        LocalBlobs.create(tmp_path / "file" / "blobs")


CRASH = """
import os, signal, sys
from mycvault.storage.blobs.local import LocalBlobs

class Crash:
    turn = 0
    def read(self, size=-1):
        self.turn += 1
        if self.turn == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return bytes(size)

LocalBlobs(sys.argv[1]).put(sys.argv[2], Crash())
"""


def test_a_crash_leaves_nothing_under_the_key(folder: pathlib.Path):
    """A process killed while it writes leaves a temporary file at most."""
    blobs, key = LocalBlobs.create(folder), new_key()
    done = child(CRASH, folder, key)
    assert done.returncode == -9, done.stderr
    assert files(folder) == [f".tmp-{key}"]
    with pytest.raises(BlobMissing):
        blobs.get(key)
    with pytest.raises(BlobMissing):
        blobs.size(key)
    assert list(blobs.scan()) == []
    assert list(blobs.leftovers()) == [key]


LIMIT = """
import io, resource, sys
from mycvault.errors import BlobsUnavailable
from mycvault.storage.blobs.local import LocalBlobs

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
blobs = LocalBlobs(sys.argv[1])
for data in (bytes(200_000), io.BytesIO(bytes(200_000))):
    try:
        blobs.put(sys.argv[2], data)
    except BlobsUnavailable as exc:
        print(type(exc.__cause__).__name__)
"""


def test_a_file_that_may_not_grow(folder: pathlib.Path):
    """When a write fails in the middle, the store is unavailable and nothing is visible."""
    blobs, key = LocalBlobs.create(folder), new_key()
    assert child(LIMIT, folder, key).stdout == "OSError\nOSError\n"
    assert files(folder) == []
    with pytest.raises(BlobMissing):
        blobs.get(key)


@pytest.fixture
def tiny_disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A disk of 1 MiB; mounting one needs rights that few have."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs is not permitted")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("as_file", [False, True])
def test_a_full_disk(tiny_disk: pathlib.Path, as_file: bool):
    """A full disk makes the store unavailable, leaves nothing, and what fits is still taken."""
    blobs, key = LocalBlobs.create(tiny_disk / "blobs"), new_key()
    data = bytes(2 << 20)
    with pytest.raises(BlobsUnavailable) as caught:
        blobs.put(key, dribble(data) if as_file else data)
    assert isinstance(caught.value.__cause__, OSError)
    assert files(tiny_disk) == []
    blobs.put(key, DOCUMENT)
    assert blobs.get(key) == DOCUMENT


def test_two_writers_of_one_key_do_not_mix(folder: pathlib.Path):
    """A key drawn twice at once is a fault of the draw: the second writer is refused."""
    blobs, key = LocalBlobs.create(folder), new_key()
    reading, go_on = threading.Event(), threading.Event()

    class Waiting:
        turn = 0

        def read(self, size: int = -1) -> bytes:
            self.turn += 1
            reading.set()
            assert go_on.wait(30)
            return b"first" if self.turn == 1 else b""

    thread = threading.Thread(target=blobs.put, args=(key, Waiting()))
    thread.start()
    assert reading.wait(30)
    with pytest.raises(BlobsUnavailable):
        blobs.put(key, b"second")
    go_on.set()
    thread.join()
    assert blobs.get(key) == b"first"


def test_a_folder_that_went_away_is_made_again(folder: pathlib.Path):
    """As when a disk is mounted over the blobs, or comes off them: what was made once is not there for ever."""
    blobs = LocalBlobs.create(folder)
    key = new_key()
    blobs.put(key, DOCUMENT)
    blobs.delete(key)
    (folder / key[:2]).rmdir()

    blobs.put(key, DOCUMENT)

    assert blobs.get(key) == DOCUMENT


def test_the_blobs_own_folder_is_never_made_by_a_put(folder: pathlib.Path):
    """A disk that is not mounted is told; nothing is written beside it."""
    blobs = LocalBlobs.create(folder)
    key = new_key()
    blobs.put(key, DOCUMENT)
    blobs.delete(key)
    (folder / key[:2]).rmdir()
    folder.rmdir()

    with pytest.raises(BlobsUnavailable):
        blobs.put(key, DOCUMENT)

    assert not folder.exists()
