"""
Sweeping through the doors: what no row refers to goes after its grace, and nothing else, ever.
"""

import datetime as dt
import io

import attrs
import pytest
from sqlalchemy import text

import kit
from mycvault import BlobsUnavailable, Deposit, InvalidInput, Policy, RecordsUnavailable
from mycvault.stories import sweeping

DAY = dt.timedelta(days=1)
NOW = dt.timedelta()
KEY = "ab" * 16


def swept(house, **how):
    report = house.vault.upkeep.sweep(**how)
    assert report.ok, report.findings
    return {name: count for name, count in report.counts.items() if count}


def orphan(house, key=KEY):
    house.vault._desk.blobs.put(key, b"left by a crash")
    return key


def sightings(house):
    return [row.id for row in house.rows("SELECT id FROM mycvault_orphans ORDER BY id")]


class Store:
    """Stands before a store of blobs; after each of the first *times* writings, *then* is done."""

    def __init__(self, blobs, then, times=1):
        self.blobs, self.then, self.times = blobs, then, times

    def put(self, key, data):
        self.blobs.put(key, data)
        self.times -= 1
        if self.times >= 0:
            self.then()

    def __getattr__(self, name):
        return getattr(self.blobs, name)


def between(house, then, times=1):
    """Do something each time a content is written and not entered yet."""
    house.vault._desk.blobs = Store(house.vault._desk.blobs, then, times)


# ------------------------------------------------------------------ what goes, and when


def test_an_orphan_goes_after_its_grace(house):
    """Seen first, it waits for thirty days from then on; documents and evidence stay."""
    house.enrolled()
    kit.slip(house)
    said = {"on": kit.START.date(), "means": "letter", "evidence": kit.pdf(mark="signed")}
    house.acme.delivery.record_notice("A-0042", **said)
    documents = house.blobs()
    orphan(house)

    assert swept(house) == {"scanned": 3, "referenced": 2, "first_seen": 1, "waiting": 1}
    house.clock.advance(30 * DAY - kit.MINUTE)
    assert swept(house) == {"scanned": 3, "referenced": 2, "waiting": 1}
    house.clock.advance(kit.MINUTE)
    assert swept(house) == {"scanned": 3, "referenced": 2, "deleted": 1}
    assert house.blobs() == documents
    assert swept(house) == {"scanned": 2, "referenced": 2}


def test_the_grace_is_the_policys(tmp_path):
    """Another one counts, or what the call says; none of less than nothing, and no number."""
    policy = attrs.evolve(Policy.for_tests(), blob_grace=7 * DAY)
    with kit.house_at(tmp_path, policy=policy) as house:
        orphan(house)
        swept(house)
        house.clock.advance(7 * DAY)
        assert swept(house, grace=8 * DAY)["waiting"] == 1
        for grace in (-DAY, 30, "30"):
            with pytest.raises(InvalidInput) as refused:
                house.vault.upkeep.sweep(grace=grace)
            assert refused.value.field == "grace"
        assert house.last_event() == ("sweep", "invalid-input")
        assert swept(house)["deleted"] == 1


def test_without_a_grace_it_goes_at_once(house):
    """What is seen in this very run too, more of it than a batch."""
    for number in range(1203):
        orphan(house, f"{number:032x}")

    counts = {"scanned": 1203, "first_seen": 1203, "deleted": 1203}
    assert swept(house, grace=NOW) == counts
    assert house.blobs() == []
    assert swept(house, grace=NOW) == {}
    lines = [event for event in house.events() if event[0] == "sweep"]
    assert (
        lines == [("sweep", "")] * 5
    )  # three batches condemned, and a line of numbers for each run


def test_a_destroyed_documents_bytes_go(house):
    """From the first sweep after its destruction on they wait; the other document stays readable."""
    safe = house.joined().safe
    kept, gone = (safe.add(f"A note {mark}.".encode(), title=mark).id for mark in "ab")
    swept(house)
    safe.destroy(gone)
    house.clock.advance(31 * DAY)
    assert swept(house) == {"scanned": 2, "referenced": 1, "first_seen": 1, "waiting": 1}
    house.clock.advance(30 * DAY)
    assert swept(house)["deleted"] == 1

    assert house.signed_in().safe.read(kept) == b"A note a."


def test_what_a_crash_left_unfinished_goes_too(lite):
    """A temporary file that no process writes any more is an orphan; what is no key of ours is nobody's business."""
    folder = lite.folder / "blobs"
    (folder / "ab").mkdir()
    (folder / "ab" / f".tmp-{KEY}").write_bytes(b"half")
    (folder / "ab" / "notes.txt").write_bytes(b"the operator's")
    (folder / "lost+found").mkdir()

    assert swept(lite)["first_seen"] == 1
    lite.clock.advance(30 * DAY)
    assert swept(lite)["deleted"] == 1
    assert lite.blobs() == ["notes.txt"]


def test_foreign_names_of_a_store_are_left_alone(lite):
    """A store that lists more than keys, and a key twice, is asked to delete keys alone, once."""
    blobs, asked = lite.vault._desk.blobs, []

    class Loud(Store):
        def scan(self):
            return iter(["README", KEY.upper(), "../../etc/passwd", KEY, KEY, ""])

        def delete(self, key):
            asked.append(key)

    lite.vault._desk.blobs = Loud(blobs, None, 0)

    assert swept(lite, grace=NOW) == {"scanned": 1, "first_seen": 1, "deleted": 1}
    assert asked == [KEY]


def test_yesterdays_database_finds_its_bytes(house):
    """A row that is back before the grace is over ends the sighting; gone once more, the grace begins anew."""
    house.enrolled()
    kit.slip(house)
    house.run("CREATE TABLE backup AS SELECT * FROM mycvault_contents")
    house.run("DELETE FROM mycvault_contents")
    assert swept(house)["first_seen"] == 1
    house.clock.advance(29 * DAY)
    house.run("INSERT INTO mycvault_contents SELECT * FROM backup")
    assert swept(house) == {"scanned": 1, "referenced": 1, "restored": 1}
    assert sightings(house) == []
    house.run("DELETE FROM mycvault_contents")
    house.clock.advance(29 * DAY)
    assert swept(house) == {"scanned": 1, "first_seen": 1, "waiting": 1}


def test_a_row_that_is_back_saves_its_bytes_at_the_last_moment(house, monkeypatch):
    """Ripe as the store was listed, referenced again as it would be condemned: it stays."""
    house.enrolled()
    kit.slip(house)
    house.run("CREATE TABLE backup AS SELECT * FROM mycvault_contents")
    house.run("DELETE FROM mycvault_contents")
    swept(house)
    house.clock.advance(30 * DAY)
    condemn = sweeping.condemning.condemn

    def late(rows, ripe, **how):
        rows.execute(text("INSERT INTO mycvault_contents SELECT * FROM backup"))
        return condemn(rows, ripe, **how)

    monkeypatch.setattr(sweeping.condemning, "condemn", late)

    assert swept(house) == {"scanned": 1, "restored": 1}
    assert len(house.blobs()) == 1


# ------------------------------------------------------------------ beside a deposit


@pytest.mark.parametrize("what", ["deposit", "add", "evidence", "bulk"])
def test_what_a_running_deposit_wrote_is_never_lost(house, what):
    """A sweep without grace between its writing and its entering: the deposit notices, and writes again."""
    safe = house.joined().safe
    between(house, lambda: swept(house, grace=NOW), times=2)
    signed = kit.pdf(mark="signed")
    said = {"on": kit.START.date(), "means": "letter", "evidence": signed}
    if what == "deposit":
        assert safe.read(kit.slip(house).document_id) == kit.pdf()
    elif what == "bulk":
        given = [Deposit("A-0042", kit.pdf(mark=mark), kind="contract") for mark in "abc"]
        report = house.acme.deposit_many(given)
        assert report.ok
        assert {safe.read(one.document_id) for one in report.receipts} == {
            kit.pdf(mark=mark) for mark in "abc"
        }
    elif what == "add":
        assert safe.read(safe.add(b"A note.", title="Note").id) == b"A note."
    else:
        digest = house.acme.delivery.record_notice("A-0042", **said).evidence_sha256
        proof = house.vault.upkeep.open_evidence("acme", "A-0042", digest, reason="a dispute")
        with proof:
            assert proof.read() == signed

    assert swept(house, grace=NOW).get("deleted", 0) == 0


@pytest.mark.parametrize("what", ["deposit", "add", "evidence"])
def test_what_cannot_be_read_again_is_an_outage(house, what):
    """Of a file that was read the host is told to try again; nothing is visible, nothing is left."""
    safe = house.joined().safe
    between(house, lambda: swept(house, grace=NOW))
    large = io.BytesIO(kit.pdf(9 * 1024 * 1024))
    said = {"on": kit.START.date(), "means": "letter", "evidence": large}
    calls = {
        "deposit": lambda: house.acme.deposit("A-0042", large, kind="payslip"),
        "add": lambda: safe.add(large, title="Large"),
        "evidence": lambda: house.acme.delivery.record_notice("A-0042", **said),
    }
    with pytest.raises(RecordsUnavailable):
        calls[what]()

    assert safe.count() == 0
    assert house.acme.delivery.history("A-0042") == []
    assert house.blobs() == []


def test_a_deposit_that_meets_nothing_but_sweeps_is_an_outage(house):
    """It does not try for ever."""
    house.enrolled()
    between(house, lambda: swept(house, grace=NOW), times=99)
    with pytest.raises(RecordsUnavailable):
        kit.slip(house)

    assert not house.acme.deposits()


def test_what_was_seen_before_it_was_entered_has_its_whole_grace(house):
    """A sighting between writing and entering ends with the entering: destroyed much later, its grace begins then."""
    safe = house.joined().safe
    between(house, lambda: swept(house))
    note = safe.add(b"A note.", title="Note").id
    assert sightings(house) == []
    house.clock.advance(31 * DAY)
    safe = house.signed_in().safe
    safe.destroy(note)

    assert swept(house) == {"scanned": 1, "first_seen": 1, "waiting": 1}


# ------------------------------------------------------------------ outages and clocks


def test_an_outage_leaves_a_rerun_what_is_left(house):
    """The store fails in the middle: the error passes through, and the next sweep deletes the rest."""
    for number in range(10):
        orphan(house, f"{number:032x}")
    blobs, left = house.vault._desk.blobs, [4]

    class Failing(Store):
        def delete(self, key):
            left[0] -= 1
            if left[0] < 0:
                raise BlobsUnavailable
            self.blobs.delete(key)

    house.vault._desk.blobs = Failing(blobs, None, 0)
    with pytest.raises(BlobsUnavailable):
        house.vault.upkeep.sweep(grace=NOW)
    assert len(house.blobs()) == 6
    house.vault._desk.blobs = blobs

    assert swept(house) == {"scanned": 6, "deleted": 6}
    assert house.blobs() == []


def test_a_clock_set_back_makes_blobs_wait_and_is_told(house):
    """What was seen at a moment that has not come is named, and goes when its own grace is over."""
    orphan(house)
    house.clock.advance(60 * DAY)
    swept(house)
    house.clock.advance(-60 * DAY)
    report = house.vault.upkeep.sweep()
    assert report.findings == ["clock: 1 blobs were seen first at a moment that has not come"]
    assert report.counts["waiting"] == 1
    house.clock.advance(60 * DAY)
    assert swept(house)["waiting"] == 1
    house.clock.advance(30 * DAY)
    assert swept(house)["deleted"] == 1


def test_what_is_condemned_is_forgotten_a_month_later(house):
    """Long enough for any deposit that still runs; the table does not grow for ever."""
    orphan(house)
    swept(house, grace=NOW)
    house.clock.advance(29 * DAY)
    swept(house)
    assert sightings(house) == [KEY]
    house.clock.advance(DAY)
    swept(house)
    assert sightings(house) == []
