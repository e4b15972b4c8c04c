"""
A pack is rewritten and its old blob swept, without a grace, just before somebody fetches from it: what moved is no damage.
"""

import datetime as dt
import io
import json
import zipfile

import pytest

import kit
from mycvault import Deposit, DocumentDamaged, DocumentMissing

NOW = dt.timedelta()
COUNT = 8


class Hasty(kit.UnhurriedBlobs):
    """A store in which, just before the next blob is fetched, something else happens."""

    happens = None

    def get(self, key, *, start=0, end=None):
        happens, self.happens = self.happens, None
        if happens:
            happens()
        return super().get(key, start=start, end=end)


@pytest.fixture
def sparse(house):
    """A pack of which a quarter lives; whoever fetches from it next comes too late."""
    house.session = house.joined()
    marks = [f"slip {number}" for number in range(COUNT)]
    run = [Deposit("A-0042", kit.pdf(mark=mark), kind="payslip", reference=mark) for mark in marks]
    ids = [receipt.document_id for receipt in house.acme.deposit_many(run).receipts]
    for one in ids[2:]:
        house.session.safe.destroy(one)
    house.given = {one: kit.pdf(mark=mark) for one, mark in zip(ids[:2], marks, strict=False)}
    house.vault._desk.blobs = Hasty.before(house.vault._desk.blobs, house.vault)
    (house.pack,) = house.blobs()
    return house


def when_fetched(house, *more):
    def happens():
        assert house.vault.upkeep.compact().counts["moved"] == 2
        for do in more:
            do()
        house.vault.upkeep.sweep(grace=NOW)
        assert house.pack not in house.blobs()

    house.vault._desk.blobs.happens = happens


READS = {
    "read": lambda safe, one: safe.read(one),
    "open": lambda safe, one: safe.open(one).read(),
    "check": lambda safe, one: safe.check(one) and safe.read(one),
}


@pytest.mark.parametrize("how", READS)
def test_a_reader_finds_it_where_it_lies_now(sparse, how):
    """Its bytes, and not an alarm."""
    safe = sparse.session.safe
    for one, content in sparse.given.items():
        when_fetched(sparse) if sparse.pack in sparse.blobs() else None
        assert READS[how](safe, one) == content
    assert "document-damaged" not in {outcome for _, outcome in sparse.events()}


def test_what_is_destroyed_meanwhile_is_missing_not_damaged(sparse):
    """Nobody is woken over what she destroyed herself."""
    one = next(iter(sparse.given))
    when_fetched(sparse, lambda: sparse.session.safe.destroy(one))
    with pytest.raises(DocumentMissing):
        sparse.session.safe.read(one)


def test_an_export_holds_it(sparse):
    """It is in the archive, and nothing is called damaged."""
    when_fetched(sparse)
    file = io.BytesIO()
    assert sparse.session.safe.export(file).documents == 2
    with zipfile.ZipFile(file) as archive:
        told = json.loads(archive.read("manifest.json"))
    assert [one.get("damaged") for one in told["documents"]] == [False, False]


def test_another_compaction_finds_nothing_wrong(sparse):
    """Two at once: the slower one leaves what the other moved."""
    when_fetched(sparse)
    report = sparse.vault.upkeep.compact()
    assert list(report.findings) == []
    assert {sparse.session.safe.read(one) for one in sparse.given} == set(sparse.given.values())


def test_what_is_damaged_stays_damaged(sparse):
    """A blob that is gone while its row stays is told, at once."""
    (path,) = (sparse.folder / "blobs").glob(f"*/{sparse.pack}")
    path.unlink()
    for how in READS.values():
        with pytest.raises(DocumentDamaged):
            how(sparse.session.safe, next(iter(sparse.given)))
    assert len(sparse.vault.upkeep.compact().findings) == 2
