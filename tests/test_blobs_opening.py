"""Which store of blobs an address means, and what is refused without telling a secret."""

import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry

from blob_stores import FewVerbs, files, known_to_fsspec
from mycvault.errors import BlobsUnavailable, SetupError
from mycvault.storage.blobs.memory import MemoryBlobs
from mycvault.storage.blobs.opening import local_folder, open_blobs
from mycvault.storage.blobs.remote import FsspecBlobs
from mycvault.testing.contracts import new_key

SECRET = "hunter2-very-secret"


@pytest.fixture(autouse=True)
def protocols() -> Iterator[None]:
    with known_to_fsspec():
        yield


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("/srv/vault", "/srv/vault"),
        ("vault", "vault"),
        (pathlib.Path("/srv/vault"), "/srv/vault"),
        ("file:///srv/vault", "/srv/vault"),
        ("FILE://localhost/srv/my%20vault", "/srv/my vault"),
        ("local:///srv/vault", "/srv/vault"),
        (r"C:\vault", r"C:\vault"),
        ("s3://bucket/vault", None),
        ("memory://x", None),
        ("sftp://host/vault", None),
        (MemoryBlobs(), None),
    ],
)
def test_what_is_local(storage: Any, expected: str | None):
    """Paths and file addresses are local, all else is not."""
    assert local_folder(storage) == (None if expected is None else pathlib.Path(expected))


@pytest.mark.parametrize("storage", ["", "file://", "file://other/srv", 7, None])
def test_addresses_that_mean_nothing(storage: Any):
    """An address that cannot be used is a fault of the deployment."""
    with pytest.raises(SetupError):
        open_blobs(storage, options=None, create=False)


def test_opening_a_local_vault(tmp_path: pathlib.Path):
    """The blobs lie in `blobs/`, which only creation makes."""
    storage, key = tmp_path / "vault", new_key()
    with pytest.raises(BlobsUnavailable):
        open_blobs(storage, options=None, create=False).put(key, b"x")
    assert not storage.exists()
    open_blobs(str(storage), options=None, create=True).put(key, b"x")
    assert files(storage / "blobs") == [key]
    assert open_blobs(storage.as_uri(), options={}, create=False).get(key) == b"x"


@pytest.mark.parametrize("create", [False, True])
def test_opening_a_remote_vault(create: bool):
    """An address with a protocol goes to fsspec, with its options."""
    blobs = open_blobs("memory://x", options={"global_store": True}, create=create)
    assert isinstance(blobs, FsspecBlobs)
    blobs.put(new_key(), b"x")


def test_an_object_is_used_as_it_is():
    """A host's own store needs no address."""
    blobs = FewVerbs()
    assert open_blobs(blobs, options=None, create=True) is blobs


@pytest.mark.parametrize("storage", [MemoryBlobs(), "vault", pathlib.Path("vault")])
def test_options_belong_to_an_address(storage: Any):
    """Options that nobody would read are refused, and not repeated."""
    with pytest.raises(SetupError) as caught:
        open_blobs(storage, options={"secret": SECRET}, create=False)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("storage", "advice"),
    [
        ("s3://bucket/vault", r"mycvault\[s3\]"),
        (f"sftp://user:{SECRET}@host/vault", r"mycvault\[sftp\]"),
        ("ssh://host/vault", r"mycvault\[sftp\]"),
        ("gs://bucket/vault", "its fsspec package"),
    ],
)
def test_a_missing_package_is_named(storage: str, advice: str, monkeypatch: pytest.MonkeyPatch):
    """The error says which extra to install, and neither the address nor the options."""
    for package in ("s3fs", "gcsfs", "sshfs", "sshfs.spec", "paramiko"):
        monkeypatch.setitem(sys.modules, package, None)
    for protocol in ("s3", "gs", "ssh", "sftp"):
        monkeypatch.delitem(_registry, protocol, raising=False)
    with pytest.raises(SetupError, match=advice) as caught:
        open_blobs(storage, options={"secret": SECRET}, create=False)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("storage", ["nosuch://x", "simplecache::memory://x", "s3:://x"])
def test_unknown_and_chained_protocols(storage: str):
    """What fsspec does not know, and what it would cache, is refused."""
    with pytest.raises(SetupError):
        open_blobs(storage, options={"secret": SECRET}, create=False)


def test_sftp_that_accepts_any_host_key_is_refused(monkeypatch: pytest.MonkeyPatch):
    """The SFTP of fsspec itself trusts every host, so it does not count as installed."""

    class Trusting(MemoryFileSystem):
        protocol = "sftp"

    Trusting.__module__ = "fsspec.implementations.sftp"
    monkeypatch.setitem(_registry, "sftp", Trusting)
    with pytest.raises(SetupError, match="host keys"):
        open_blobs("sftp://host/vault", options=None, create=False)


def test_options_of_another_storage(monkeypatch: pytest.MonkeyPatch):
    """An option the file system does not take is a fault of the deployment; it is not repeated."""

    class Picky(MemoryFileSystem):
        protocol = "picky"

        def __init__(self, *, use_listings_cache: bool) -> None:
            super().__init__()

    monkeypatch.setitem(_registry, "picky", Picky)
    assert isinstance(open_blobs("picky://x", options=None, create=False), FsspecBlobs)
    with pytest.raises(SetupError) as caught:
        open_blobs("picky://x", options={"password": SECRET}, create=False)
    assert SECRET not in str(caught.value)


def test_the_folder_above_a_remote_storage_must_be_there(tmp_path: pathlib.Path):
    """Creation makes one folder, never a whole way that may be a spelling mistake."""
    with pytest.raises(SetupError, match="made first"):
        FsspecBlobs.create(f"file://{tmp_path}/no/such/blobs")
    FsspecBlobs.create(f"file://{tmp_path}/blobs")
    assert (tmp_path / "blobs").is_dir()
