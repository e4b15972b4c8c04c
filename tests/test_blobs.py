"""The stores of blobs: each passes the contract; S3 and SFTP by real servers on loopback."""

import pathlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

import remotes
from blob_stores import FewVerbs, known_to_fsspec
from mycvault import Blobs
from mycvault.storage.blobs.local import LocalBlobs
from mycvault.storage.blobs.memory import MemoryBlobs
from mycvault.storage.blobs.remote import FsspecBlobs
from mycvault.testing.contracts import BlobsContract


@pytest.fixture(autouse=True)
def protocols() -> Iterator[None]:
    with known_to_fsspec():
        yield


def opened_by(url: str, **options: object) -> Callable[[], Blobs]:
    return lambda: FsspecBlobs.create(url, options)


class TestMemory(BlobsContract):
    @pytest.fixture
    def make_blobs(self) -> Callable[[], Blobs]:
        blobs = MemoryBlobs()
        return lambda: blobs


class TestLocal(BlobsContract):
    @pytest.fixture
    def make_blobs(self, tmp_path: pathlib.Path) -> Callable[[], Blobs]:
        return lambda: LocalBlobs.create(tmp_path / "vault" / "blobs")


class TestS3(BlobsContract):
    @pytest.fixture
    def make_blobs(self, s3: remotes.Place) -> Callable[[], Blobs]:
        return opened_by(s3.url, **s3.options)


class TestSftp(BlobsContract):
    @pytest.fixture
    def make_blobs(self, sftp: remotes.Place) -> Callable[[], Blobs]:
        return opened_by(sftp.url, **sftp.options)


class TestFsspecMemory(BlobsContract):
    @pytest.fixture
    def make_blobs(self) -> Callable[[], Blobs]:
        return opened_by("memory://safe/blobs")


class TestFsspecFile(BlobsContract):
    @pytest.fixture
    def make_blobs(self, tmp_path: pathlib.Path) -> Callable[[], Blobs]:
        return opened_by(f"file://{tmp_path}/blobs")


class TestFsspecWithoutRanges(BlobsContract):
    @pytest.fixture
    def make_blobs(self) -> Callable[[], Blobs]:
        return opened_by("wholefiles://safe")


class TestFsspecStrictRanges(BlobsContract):
    @pytest.fixture
    def make_blobs(self) -> Callable[[], Blobs]:
        return opened_by("strictranges://safe")


class TestAnyObject(BlobsContract):
    leaves_nothing: ClassVar[bool] = False
    checks_keys: ClassVar[bool] = False

    @pytest.fixture
    def make_blobs(self) -> Callable[[], Blobs]:
        blobs = FewVerbs()
        return lambda: blobs


PAGE = pathlib.Path(__file__).parent.parent / "docs" / "howto" / "own_back_end.md"


class TestTheOneInTheDocumentation(BlobsContract):
    @pytest.fixture
    def make_blobs(self, tmp_path: pathlib.Path) -> Callable[[], Blobs]:
        names: dict[str, Any] = {}
        exec(PAGE.read_text().partition("```python\n")[2].partition("```")[0], names)
        return lambda: names["TableBlobs"](str(tmp_path / "blobs.sqlite3"))
