"""The stores of blobs: each passes the contract, and each checks keys and ranges."""

import pathlib
from collections.abc import Iterator
from typing import ClassVar

import pytest

from blob_stores import FewVerbs, known_to_fsspec
from contracts.blobs import DOCUMENT, BlobsContract, dribble, new_key
from mycvault.ports import Blobs
from mycvault.storage.blobs.local import LocalBlobs
from mycvault.storage.blobs.memory import MemoryBlobs
from mycvault.storage.blobs.remote import FsspecBlobs


@pytest.fixture(autouse=True)
def protocols() -> Iterator[None]:
    with known_to_fsspec():
        yield


class TestMemory(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return MemoryBlobs()


class TestLocal(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: pathlib.Path) -> Blobs:
        return LocalBlobs.create(tmp_path / "vault" / "blobs")


class TestFsspecMemory(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return FsspecBlobs.create("memory://safe/blobs")


class TestFsspecFile(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: pathlib.Path) -> Blobs:
        return FsspecBlobs.create(f"file://{tmp_path}/blobs")


class TestFsspecWithoutRanges(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return FsspecBlobs("wholefiles://safe")


class TestFsspecStrictRanges(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return FsspecBlobs("strictranges://safe")


class TestAnyObject(BlobsContract):
    leaves_nothing: ClassVar[bool] = False

    @pytest.fixture
    def blobs(self) -> Blobs:
        return FewVerbs()


@pytest.fixture(params=["memory", "local", "fsspec"])
def ours(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Blobs:
    if request.param == "memory":
        return MemoryBlobs()
    if request.param == "local":
        return LocalBlobs.create(tmp_path / "blobs")
    return FsspecBlobs.create(f"file://{tmp_path}/blobs")


@pytest.mark.parametrize(
    "key",
    ["", "../../etc", "../" + "a" * 29, "A" * 32, "g" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n"],
)
def test_what_is_no_key_is_refused(ours: Blobs, key: str):
    """Only 32 lower-case hexadecimal digits reach the store, whatever the verb."""
    for verb in (lambda: ours.put(key, b""), lambda: ours.put(key, dribble(b"x"))):
        with pytest.raises(ValueError, match="32"):
            verb()
    for verb in (ours.get, ours.size, ours.delete):
        with pytest.raises(ValueError, match="32"):
            verb(key)


def test_a_range_from_the_end_is_refused(ours: Blobs):
    """A negative number means nothing here: stores would understand it differently."""
    key = new_key()
    ours.put(key, DOCUMENT)
    with pytest.raises(ValueError, match="0 or more"):
        ours.get(key, start=-1)
    with pytest.raises(ValueError, match="0 or more"):
        ours.get(key, end=-1)
