"""A bucket behind a bad network: right bytes or a typed error, and nothing acknowledged that is not there."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

import kit
import remotes
import storm
from mycvault import BlobMissing, BlobsUnavailable, UnavailableError
from mycvault.storage.blobs import reaching
from mycvault.storage.blobs.remote import FsspecBlobs
from mycvault.testing.contracts import DOCUMENT, LARGE, new_key
from mycvault.testing.sources import dribble

HARMFUL = tuple(way for way in storm.WAYS if way not in {"late", "short-answer"})


def through(weather: storm.Storm, place: remotes.Place) -> remotes.Place:
    return place.changed(endpoint_url=f"http://127.0.0.1:{weather.port}")


def opened(place: remotes.Place) -> FsspecBlobs:
    return FsspecBlobs(place.url, place.options)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the waiting between tries."""
    monkeypatch.setattr(reaching, "pause", lambda seconds: None)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_bucket_that_fails_a_tenth_fails_nothing(s3, s3_server, seed: int):
    """Eight threads put and read sixty payslips: each is there, every range is right, and nothing is refused."""
    with storm.before(s3_server.port, share=0.1, seed=seed) as weather:
        blobs, calm = opened(through(weather, s3)), opened(s3)

        def work(number: int) -> None:
            key, data = new_key(), os.urandom(60_000 + number)
            blobs.put(key, data if number % 3 else dribble(data))
            assert calm.get(key) == data
            size = len(data)
            for start, end in [(0, size + 1), (100, 300), (size - 5, size + 1), (0, None), (7, 7)]:
                assert blobs.get(key, start=start, end=end) == data[start:end]
            assert blobs.size(key) == size
            with pytest.raises(BlobMissing):
                blobs.get(new_key(), start=0, end=9)
            if number % 2:
                blobs.delete(key)
                with pytest.raises(BlobMissing):
                    calm.size(key)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(60)))
    assert len(weather.spoiled) == len(storm.WAYS), weather.spoiled


@pytest.mark.parametrize("way", storm.WAYS)
def test_a_bucket_that_always_fails_is_unavailable(s3, s3_server, quick, way: str):
    """Spoiled each time in the same way: a typed error or the right bytes, whatever the verb, and never a missing blob."""
    with storm.before(s3_server.port, share=1.0, ways=(way,)) as weather:
        blobs, calm = opened(through(weather, s3)), opened(s3)
        key, there = new_key(), new_key()
        calm.put(there, DOCUMENT)

        def right(expected: object, call) -> None:
            try:
                assert call() == expected
            except BlobsUnavailable as error:
                assert_secretless(error, s3)

        right(DOCUMENT, lambda: blobs.get(there))
        right(DOCUMENT[10:20], lambda: blobs.get(there, start=10, end=20))
        right(
            DOCUMENT[-9:], lambda: blobs.get(there, start=len(DOCUMENT) - 9, end=len(DOCUMENT) + 1)
        )
        right(len(DOCUMENT), lambda: blobs.size(there))
        for data in (DOCUMENT, dribble(DOCUMENT)):
            try:
                blobs.put(key, data)
            except BlobsUnavailable as error:
                assert_secretless(error, s3)
            else:
                assert calm.get(key) == DOCUMENT
        right([there], lambda: [name for name in blobs.scan() if name != key])
    assert weather.spoiled[way] == weather.requests


def assert_secretless(error: BaseException, place: remotes.Place) -> None:
    """Neither the secret nor the address is in what we say of an error."""
    for told in (str(error), repr(error), error.message()):
        for secret in (remotes.SECRET, remotes.ACCESS, "127.0.0.1", place.url.split("/")[2]):
            assert secret not in told


def test_a_large_blob_goes_through(s3, s3_server):
    """More than 8 MiB is sent from the spool as often as it takes."""
    with storm.before(s3_server.port, share=0.3, seed=2) as weather:
        blobs, data = opened(through(weather, s3)), os.urandom(LARGE)
        keys = [new_key() for _ in range(6)]
        for key in keys:
            blobs.put(key, dribble(data, most=1 << 20))
        assert weather.spoiled
    assert all(opened(s3).get(key) == data for key in keys)


def test_a_server_that_never_answers(s3, s3_server, monkeypatch: pytest.MonkeyPatch):
    """A call ends after its time, and the next one finds the server again."""
    with storm.before(s3_server.port, latency=30.0) as weather:
        blobs = opened(through(weather, s3))
        with monkeypatch.context() as hasty:
            hasty.setattr(reaching, "_LONGEST", 1.0)
            hasty.setattr(reaching, "_PATIENCE", 0.5)
            for call in (lambda: blobs.put(new_key(), DOCUMENT), lambda: blobs.size(new_key())):
                with pytest.raises(BlobsUnavailable):
                    call()
        weather.latency = 0.0
        key = new_key()
        blobs.put(key, DOCUMENT)
        assert blobs.get(key) == DOCUMENT


def test_a_payroll_in_a_storm(tmp_path, records_url, s3, s3_server, quick):
    """Whatever a deposit is answered in a storm, what was acknowledged is there, and a retry in calm completes the rest."""
    with (
        storm.before(s3_server.port, seed=3) as weather,
        kit.house_on(through(weather, s3), records_url, tmp_path) as house,
    ):
        session = house.joined()
        weather.share, weather.ways = 0.95, HARMFUL
        receipts, failed = {}, 0
        for number in range(24):
            try:
                receipts[number] = deposit(house, number)
            except UnavailableError as error:
                assert_secretless(error, s3)
                failed += 1
        weather.share = 0.0
        assert failed
        assert receipts

        safe = session.safe
        assert safe.count() == len(receipts)
        again = {number: deposit(house, number) for number in range(24)}
        assert all(
            again[number].document_id == receipt.document_id for number, receipt in receipts.items()
        )
        assert safe.count() == 24
        found = {document.id: safe.read(document.id) for document in safe.documents()}
        assert found == {receipt.document_id: content(number) for number, receipt in again.items()}

        weather.share = 0.5
        for receipt in again.values():
            try:
                assert safe.read(receipt.document_id) == found[receipt.document_id]
            except UnavailableError as error:
                assert_secretless(error, s3)


def content(number: int) -> bytes:
    return kit.pdf(20_000 + number, mark=f"slip {number}")


def deposit(house: kit.House, number: int):
    return house.acme.deposit("A-0042", content(number), kind="payslip", reference=f"slip-{number}")
