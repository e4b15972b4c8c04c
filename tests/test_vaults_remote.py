"""A whole vault where it may lie: PostgreSQL with S3 and with SFTP, SQLite with memory and with a folder; opened again by another process."""

import io
import json
import subprocess
import sys
import zipfile

import attrs
import pytest

import kit
import remotes
import services
from mycvault import BlobsUnavailable, LocalKeys, SetupError, Vault

LARGE = 9 * 1024 * 1024

OPENED = """
import datetime, hashlib, json, sys
from mycvault import LocalKeys, Policy, Vault
told = json.load(sys.stdin)
class Then:
    def now(self):
        return datetime.datetime.fromisoformat(told["now"])
with Vault.open(told["url"], keys=LocalKeys.load(told["keyring"]), records=told["records"],
                policy=Policy.for_tests(), clock=Then(), storage_options=told["options"]) as vault:
    assert vault.ping().ok
    safe = vault.resume(told["session"]).safe
    for document in safe.documents():
        with safe.open(document.id) as stream:
            stream.seek(-100, 2)
            end = stream.read()
            stream.seek(0)
            print(json.dumps([document.id, hashlib.sha256(stream.read()).hexdigest(), end.hex()]))
"""


@attrs.frozen
class Ground:
    """Where a vault lies: its bytes, and its records."""

    place: remotes.Place
    records: str


@pytest.fixture(params=["postgresql+s3", "postgresql+sftp", "sqlite+memory", "sqlite+folder"])
def ground(request, tmp_path):
    records, _, blobs = request.param.partition("+")
    if blobs in {"s3", "sftp"}:
        place = request.getfixturevalue(blobs)
    else:
        memory = blobs == "memory"
        place = remotes.Place("memory://journey" if memory else str(tmp_path / "vault"), {})
    if records == "sqlite":
        yield Ground(place, f"sqlite:///{tmp_path}/rows.sqlite3")
        return
    url = services.fresh_database(request.getfixturevalue("postgres_url"))
    yield Ground(place, url)
    services.drop_database(url)


def test_the_whole_journey(ground, tmp_path):
    """From an empty place to documents of every size, read whole, by range and in an export."""
    keys = LocalKeys.generate(tmp_path / "keyring")
    small, large = kit.pdf(mark="small"), kit.pdf(LARGE, mark="large")
    with kit.house_on(ground.place, ground.records, tmp_path, keys=keys) as house:
        session = house.joined()
        receipts = [
            house.acme.deposit("A-0042", content, kind="payslip", reference=name)
            for name, content in (("small", small), ("large", io.BytesIO(large)))
        ]
        contents = {
            receipt.document_id: content
            for receipt, content in zip(receipts, (small, large), strict=True)
        }
        safe = session.safe
        for document_id, content in contents.items():
            assert safe.read(document_id) == content
            with safe.open(document_id) as stream:
                for start, size in [(0, 10), (len(content) // 2, 70_000), (len(content) - 3, 9)]:
                    stream.seek(start)
                    assert stream.read(size) == content[start : start + size]
            assert safe.check(document_id)

        code = session.reconfirm(password=kit.PASSWORD)
        if code is not None:
            session = session.finish_reconfirm(code.challenge, house.code()) or session
        archive = io.BytesIO()
        manifest = session.safe.export(archive)
        with zipfile.ZipFile(archive) as found:
            inside = [found.read(name) for name in found.namelist()]
        assert small in inside
        assert large in inside
        assert manifest

        token = session.token.reveal()
        assert house.vault.ping().ok

    if not ground.place.url.startswith("memory:"):  # which is gone with its process
        told = {"url": ground.place.url, "options": ground.place.options, "session": token}
        told |= {"records": ground.records, "keyring": str(tmp_path / "keyring")}
        told["now"] = house.clock.now().isoformat()
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", OPENED],
            input=json.dumps(told),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        found = {x[0]: bytes.fromhex(x[2]) for x in map(json.loads, done.stdout.splitlines())}
        assert found == {name: content[-100:] for name, content in contents.items()}


def test_a_bucket_that_is_gone_is_no_lost_document(s3_server, records_url, tmp_path):
    """A document is not declared damaged, nor the vault well, because the whole bucket cannot be found."""
    import s3fs

    place = remotes.s3_place(s3_server)
    with kit.house_on(place, records_url, tmp_path) as house:
        session = house.joined()
        receipt = kit.slip(house)
        system = s3fs.S3FileSystem(**place.options, skip_instance_cache=True)
        system.rm(place.url.split("/")[2], recursive=True)

        with pytest.raises(BlobsUnavailable):
            session.safe.read(receipt.document_id)
        with pytest.raises(BlobsUnavailable):
            kit.slip(house, "November")
        assert not house.vault.ping().blobs


def test_a_folder_that_is_gone_is_no_lost_document(sftp, sftp_server, tmp_path):
    """Neither is one on a disk that the SFTP server has not mounted."""
    with kit.house_on(sftp, f"sqlite:///{tmp_path}/rows.sqlite3", tmp_path) as house:
        session = house.joined()
        receipt = kit.slip(house)
        folder = next(sftp_folder(sftp_server).glob(sftp.url.rpartition("/")[2]))
        folder.rename(folder.with_name("elsewhere"))
        with pytest.raises(BlobsUnavailable):
            session.safe.read(receipt.document_id)
        assert not house.vault.ping().blobs
        folder.with_name("elsewhere").rename(folder)
        assert session.safe.read(receipt.document_id) == kit.pdf()


def sftp_folder(server):
    import pathlib

    return pathlib.Path(server.process.args[3])


def test_a_vault_is_not_made_where_there_is_no_bucket(s3_server, tmp_path):
    """A spelling mistake makes no bucket, and no vault without one."""
    keys, records = LocalKeys.ephemeral(), f"sqlite:///{tmp_path}/rows.sqlite3"
    options = remotes.s3_options(s3_server.port)
    with pytest.raises(SetupError, match="made first"):
        Vault.create(
            "s3://no-such-bucket/vault", keys=keys, records=records, storage_options=options
        )
