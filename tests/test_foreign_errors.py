"""
Every foreign exception becomes one of ours: provoked for real, from servers that are gone, strange, closed, or refuse.

Neither the address nor a secret is in what our error says; the cause keeps the foreign one for developers.
"""

import contextlib
import os
import pathlib
import socket
import sqlite3
import threading
from functools import partial

import pytest

import kit
import remotes
import services
from mycvault import BlobsUnavailable, LocalKeys, RecordsUnavailable, SetupError, Vault
from mycvault.storage.blobs import reaching
from mycvault.storage.blobs.local import LocalBlobs
from mycvault.storage.blobs.remote import FsspecBlobs
from mycvault.storage.engine import Database
from mycvault.testing.contracts import DOCUMENT, new_key
from mycvault.testing.sources import dribble


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "pause", lambda seconds: None)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def every_verb(blobs):
    """Every verb of a store of blobs, by name."""
    return {
        "put": lambda: blobs.put(new_key(), DOCUMENT),
        "put a file": lambda: blobs.put(new_key(), dribble(DOCUMENT)),
        "get": lambda: blobs.get(new_key()),
        "get a range": lambda: blobs.get(new_key(), start=3, end=9),
        "size": lambda: blobs.size(new_key()),
        "delete": lambda: blobs.delete(new_key()),
        "scan": lambda: list(blobs.scan()),
    }


def refused(calls, error: type[Exception], *secrets: str) -> None:
    """See that each call raises *error* itself, and says nothing of *secrets*."""
    for name, call in calls.items():
        with pytest.raises(error) as caught:
            call()
        for told in (str(caught.value), repr(caught.value), caught.value.message()):
            for secret in secrets:
                assert secret not in told, name


# ------------------------------------------------------------------ S3: botocore, aiohttp


def test_s3_that_refuses_the_connection():
    """Botocore's EndpointConnectionError."""
    options = remotes.s3_options(free_port())
    blobs = FsspecBlobs("s3://bucket/vault", options)
    refused(every_verb(blobs), BlobsUnavailable, remotes.SECRET, remotes.ACCESS, "127.0.0.1")


def test_s3_without_a_bucket(s3_server):
    """NoSuchBucket is FileNotFoundError for s3fs: no blob is missing for that."""
    blobs = FsspecBlobs("s3://no-such-bucket/vault", remotes.s3_options(s3_server.port))
    calls = every_verb(blobs)
    del calls["delete"]  # an S3 server may call deleting nothing from nowhere a success
    refused(calls, BlobsUnavailable, remotes.SECRET, "no-such-bucket")


def test_s3_that_speaks_something_else(tmp_path):
    """Aiohttp's errors of a peer that is no HTTP server: the SFTP server's greeting."""
    with remotes.sftp_server(tmp_path) as server:
        blobs = FsspecBlobs("s3://bucket/vault", remotes.s3_options(server.port))
        refused(every_verb(blobs), BlobsUnavailable, remotes.SECRET, "127.0.0.1")


def test_s3_that_denies():
    """403, as for a wrong secret: botocore's ClientError, PermissionError for s3fs; it is not asked again."""
    with answering(DENIED) as (port, asked):
        blobs = FsspecBlobs("s3://bucket/vault", remotes.s3_options(port))
        refused(every_verb(blobs), BlobsUnavailable, remotes.SECRET, remotes.ACCESS, "127.0.0.1")
        puts = [request for request in asked if request.startswith(b"PUT")]
        assert len(puts) == 2


def test_s3_without_credentials(monkeypatch, s3_server):
    """Botocore's NoCredentialsError."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    options = {"endpoint_url": f"http://127.0.0.1:{s3_server.port}", "anon": False}
    blobs = FsspecBlobs("s3://bucket/vault", options)
    refused(every_verb(blobs), BlobsUnavailable, "127.0.0.1")


DENIED = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: 100\r\n\r\n"
    b"<Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message></Error>" % (b"x" * 32)
)


@contextlib.contextmanager
def answering(answer: bytes):
    """Answer every request with *answer*; give the port, and the requests as they come."""
    listener, asked = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                asked.append(connection.recv(1 << 20))
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


# ------------------------------------------------------------------ SFTP: asyncssh


def test_sftp_that_does_not_let_us_in(sftp, sftp_server, tmp_path):
    """Asyncssh's errors on connecting: wrong password, unknown host key, nobody there."""
    unknown = tmp_path / "unknown_hosts"
    unknown.write_text("")
    for changed in ({"password": "wrong"}, {"known_hosts": str(unknown)}, {"port": free_port()}):
        place = sftp.changed(**changed)
        calls = {"open": lambda place=place: FsspecBlobs.create(place.url, place.options)}
        refused(calls, BlobsUnavailable, remotes.SECRET, "127.0.0.1", remotes.USER)


def test_sftp_that_goes_away_and_comes_back(tmp_path):
    """Asyncssh's ConnectionLost: an outage while it is gone, and nobody notices once it is back."""
    folder = tmp_path / "served"
    folder.mkdir()
    with remotes.sftp_server(folder) as server:
        place = remotes.sftp_place(server, tmp_path / "known_hosts")
        blobs, key = FsspecBlobs.create(place.url, place.options), new_key()
        blobs.put(key, DOCUMENT)
    refused(every_verb(blobs), BlobsUnavailable, remotes.SECRET, "127.0.0.1")
    with remotes.sftp_server(folder, server.port) as again:
        remotes.trust(again, tmp_path / "known_hosts")
        assert blobs.get(key) == DOCUMENT


def test_sftp_that_cannot_write(sftp, sftp_server):
    """Asyncssh's SFTPPermissionDenied, and what stands in the way of a folder."""
    blobs, key = FsspecBlobs.create(sftp.url, sftp.options), new_key()
    folder = pathlib.Path(sftp_server.process.args[3]) / sftp.url.rpartition("/")[2]
    (folder / key[:2]).write_bytes(b"a file where a folder belongs")
    refused({"put": lambda: blobs.put(key, DOCUMENT)}, BlobsUnavailable, remotes.SECRET)


# ------------------------------------------------------------------ local disk


@pytest.mark.parametrize("what", ["gone", "a file", "a folder under a key"])
def test_a_folder_that_is_none(tmp_path, what):
    """OSError of every kind: no folder, a file in its place, a folder where a blob belongs."""
    blobs, key = LocalBlobs.create(tmp_path / "blobs"), new_key()
    folder = tmp_path / "blobs"
    calls = {"put": lambda: blobs.put(key, DOCUMENT), "get": lambda: blobs.get(key)}
    if what == "a folder under a key":
        (folder / key[:2] / key).mkdir(parents=True)
    else:
        folder.rmdir()
        if what == "a file":
            folder.write_bytes(b"")
        calls |= every_verb(blobs)
    refused(calls, BlobsUnavailable, str(tmp_path))


# ------------------------------------------------------------------ databases


def test_postgresql_stops_and_starts_again(tmp_path):
    """Psycopg's OperationalError in the middle of a transaction and on connecting; the same vault goes on afterwards."""
    with services.postgres_cluster() as url, kit.house_at(tmp_path, url) as house:
        session = house.joined()
        receipt = kit.slip(house)
        with pytest.raises(RecordsUnavailable) as caught:
            restarted_meanwhile(house.vault._desk._records, url)
        assert_nothing_told(caught.value, url)
        # Connections of the pool are broken too: the first calls may say so, then it is well.
        for _ in range(40):
            try:
                assert session.safe.read(receipt.document_id) == kit.pdf()
                break
            except RecordsUnavailable as error:
                assert_nothing_told(error, url)
        else:
            pytest.fail("it never came back")
        assert kit.slip(house).replayed
        services.stop(url)
        for call in (session.safe.documents, house.acme.employees, lambda: kit.slip(house, "no")):
            with pytest.raises(RecordsUnavailable) as caught:
                call()
            assert_nothing_told(caught.value, url)
        assert not house.vault.ping().records


def restarted_meanwhile(records: Database, url: str) -> None:
    with records.writing() as held:
        services.restart(url)
        held.exec_driver_sql("SELECT 1")


def assert_nothing_told(error: BaseException, url: str) -> None:
    for told in (str(error), repr(error)):
        assert "mycvault-pg" not in told
        assert url not in told


@pytest.mark.parametrize(
    "records",
    [
        "postgresql://payroll:hunter2-very-secret@127.0.0.1:{port}/vault",
        "postgresql:///vault?host=/nowhere-at-all&password=hunter2-very-secret",
        "sqlite:////nowhere-at-all/hunter2-very-secret/records.sqlite3",
    ],
)
def test_records_that_cannot_be_reached(tmp_path, records):
    """Nobody there: an outage or a fault of the deployment, and no word of the password."""
    records = records.format(port=free_port())
    for verb in (Vault.create, Vault.open):
        call = partial(verb, tmp_path / "vault", keys=LocalKeys.ephemeral(), records=records)
        with pytest.raises((RecordsUnavailable, SetupError)) as caught:
            call()
        for told in (str(caught.value), repr(caught.value)):
            assert remotes.SECRET not in told
            assert "127.0.0.1" not in told


def test_sqlite_that_is_none(tmp_path):
    """sqlite3's DatabaseError: a file of other bytes."""
    path = tmp_path / "records.sqlite3"
    path.write_bytes(os.urandom(8192))
    database = Database.at(f"sqlite:///{path}")
    for transaction in (database.reading, database.writing):
        with pytest.raises(RecordsUnavailable) as caught, transaction():
            pass
        assert str(path) not in str(caught.value)


def test_sqlite_that_another_holds(tmp_path, monkeypatch):
    """sqlite3's "database is locked", once its patience is over."""
    monkeypatch.setattr("mycvault.storage.engine._BUSY_MS", 50)
    path = tmp_path / "records.sqlite3"
    database = Database.at(f"sqlite:///{path}")
    with database.writing():
        pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordsUnavailable), database.writing():
        pass
    other.execute("ROLLBACK")
    other.close()
    with database.writing():
        pass
    database.close()
