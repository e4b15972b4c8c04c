"""
A disk that fills up: a typed error, nothing half visible, and once there is room again the same call succeeds.

The disk is a small file system in memory of its own, filled to its last byte by a file beside the vault's.
"""

import errno
import pathlib
import subprocess
from collections.abc import Iterator

import pytest

import kit
from mycvault import BlobMissing, BlobsUnavailable, RecordsUnavailable
from mycvault.storage.blobs.local import LocalBlobs
from mycvault.testing.contracts import DOCUMENT, new_key
from mycvault.testing.sources import dribble


class Disk:
    """A disk of 8 MiB, and what fills it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, *, leaving: int = 0) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017 - how a disk is filled
            file.truncate(max(0, file.tell() - leaving))

    def free(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system can only be mounted by root")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("leaving", [0, 4096, 40_000])
@pytest.mark.parametrize("as_file", [False, True])
def test_a_blob_that_does_not_fit(disk: Disk, leaving: int, as_file: bool):
    """It is unavailable, nothing is left of it, and what was there is still read."""
    blobs, there, key = LocalBlobs.create(disk.folder / "blobs"), new_key(), new_key()
    blobs.put(there, DOCUMENT)
    disk.fill(leaving=leaving)
    with pytest.raises(BlobsUnavailable):
        blobs.put(key, dribble(DOCUMENT) if as_file else DOCUMENT)
    with pytest.raises(BlobMissing):
        blobs.get(key)
    assert list(blobs.scan()) == [there]
    assert list(blobs.leftovers()) == []
    assert blobs.get(there) == DOCUMENT

    disk.free()
    blobs.put(key, DOCUMENT)
    assert blobs.get(key) == DOCUMENT


def test_a_vault_whose_disk_is_full(disk: Disk):
    """Deposits fail by a typed error and leave nothing; reading goes on; with room again each is done by the same call."""
    with kit.house_at(disk.folder) as house:
        session = house.joined()
        first = kit.slip(house, "first", reference="first")
        refused = 0
        for leaving in (0, 4096, 40_000, 100_000, 200_000):
            disk.fill(leaving=leaving)
            for number in range(12):
                try:
                    house.acme.deposit(
                        "A-0042",
                        kit.pdf(30_000, mark=f"{leaving} {number}"),
                        kind="other",
                        reference=f"{leaving}-{number}",
                    )
                except (BlobsUnavailable, RecordsUnavailable):
                    refused += 1
            disk.free()
        assert refused
        acknowledged = session.safe.count()
        assert acknowledged == len(house.acme.deposits())
        assert acknowledged + refused == 61

        for leaving in (0, 4096, 40_000, 100_000, 200_000):
            for number in range(12):
                house.acme.deposit(
                    "A-0042",
                    kit.pdf(30_000, mark=f"{leaving} {number}"),
                    kind="other",
                    reference=f"{leaving}-{number}",
                )
        assert session.safe.count() == 61
        assert session.safe.read(first.document_id) == kit.pdf(mark="first")
        documents = list(session.safe.documents(limit=100))
        assert all(session.safe.check(document.id) for document in documents)


def test_records_whose_disk_is_full(disk: Disk, tmp_path: pathlib.Path):
    """SQLite's own refusal is `RecordsUnavailable`; what was committed is there, and what was not is done again."""
    records = f"sqlite:///{disk.folder}/records.sqlite3"
    with kit.house_at(tmp_path, records) as house:
        house.enrolled("A-1", email=None, phone=None)
        disk.fill()
        enrolled, refused, told = 1, [], []
        for number in range(2, 40):
            try:
                house.enrolled(f"A-{number}", email=None, phone=None)
                enrolled += 1
            except RecordsUnavailable as error:
                told.append(str(error))
                refused.append(number)
        assert refused
        assert not any(str(disk.folder) in text for text in told)
        with pytest.raises(RecordsUnavailable):
            kit.slip(house, matricule="A-1")
        disk.free()

        assert len(house.acme.employees()) == enrolled
        for number in refused:
            house.enrolled(f"A-{number}", email=None, phone=None)
        assert len(house.acme.employees()) == 39
        receipt = kit.slip(house, matricule="A-1")
        assert not receipt.replayed
        assert len(house.acme.deposits()) == 1
