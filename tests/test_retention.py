"""
Terms, the bin and the purge, through the doors.
"""

import datetime as dt
import io
import threading

import pytest

import kit
from mycvault import (
    DocumentMissing,
    InvalidInput,
    Retention,
)

DAY = dt.timedelta(days=1)


# ------------------------------------------------------------------ what is promised


def test_each_document_says_how_long_it_stays(house):
    """Fifty years for a payslip; no term for what is hers anyway; the portal is told to warn before a payslip goes."""
    session = house.joined()
    payslip, contract = kit.slip(house), kit.slip(house, kind="contract")
    note = session.safe.add(b"A note.", title="Note")

    shown = {one.id: one for one in session.safe.documents()}
    assert shown[payslip.document_id].keep_until == dt.date(2076, 10, 5)
    assert shown[payslip.document_id].keep_advised
    assert shown[contract.document_id].keep_until is None
    assert not shown[contract.document_id].keep_advised
    assert shown[note.id].keep_until is None


def test_an_employers_choice_counts_from_then_on(house):
    """What was promised before is kept; a birth date is needed for an age."""
    house.enrolled("A-1", birth_date=dt.date(1984, 2, 29), phone=None)
    house.enrolled("A-2", email=None, phone=None)
    first = kit.slip(house, matricule="A-1")
    house.acme.amend_self(retention=Retention(years=0, until_age=75))
    house.acme = house.vault.employer("acme")
    second = kit.slip(house, "November", matricule="A-1")
    third = kit.slip(house, "November", matricule="A-2")
    rows = dict(tuple(row) for row in house.rows("SELECT id, keep_until FROM mycvault_documents"))

    assert rows[first.document_id] == "2076-10-05"
    assert rows[second.document_id] == "2059-03-01"
    assert rows[third.document_id] == "2076-10-05"
    with pytest.raises(InvalidInput) as refused:
        house.acme.amend_self(retention=Retention(years=5))
    assert refused.value.field == "retention"
    assert house.last_event() == ("amend-employer", "invalid-input")


def test_a_document_shown_later_is_issued_later(lite):
    """The term counts from the day she can see it."""
    session = lite.joined()
    receipt = kit.slip(lite, available_from=kit.START + 10 * DAY)
    lite.clock.advance(10 * DAY)
    fresh = lite.signed_in()

    assert session.account_id == fresh.account_id
    assert fresh.safe.document(receipt.document_id).keep_until == dt.date(2076, 10, 15)


# ------------------------------------------------------------------ the bin and the end of a term


def test_a_purge_reports_before_it_acts(house):
    """A dry run counts and changes nothing; the real one does what was counted, once."""
    session = house.joined()
    kept, gone = kit.slip(house, "kept"), kit.slip(house, "gone")
    session.safe.discard(gone.document_id)
    house.clock.advance(30 * DAY - dt.timedelta(seconds=1))
    assert house.vault.upkeep.purge().counts == kit.NOTHING_PURGED
    house.clock.advance(dt.timedelta(seconds=1))
    before = house.events()

    report = house.vault.upkeep.purge()
    assert (report.counts, report.ok, report.findings) == (
        {**kit.NOTHING_PURGED, "bin": 1},
        True,
        [],
    )
    assert house.events() == before
    assert house.vault.upkeep.purge(dry_run=False).counts == {**kit.NOTHING_PURGED, "bin": 1}
    assert house.vault.upkeep.purge(dry_run=False).counts == kit.NOTHING_PURGED
    fresh = house.signed_in()
    assert [one.id for one in fresh.safe.documents()] == [kept.document_id]
    assert fresh.safe.documents(binned=True).items == []
    with pytest.raises(DocumentMissing):
        fresh.safe.restore(gone.document_id)
    told = [e for e in fresh.safe.history(locale="en") if e.verb == "purge"]
    assert [e.details["cause"] for e in told] == ["bin"]
    assert kit.slip(house, "gone").replayed


def test_what_is_taken_out_of_the_bin_stays(lite):
    """Thirty days count from the last time it was put there."""
    session = lite.joined()
    receipt = kit.slip(lite)
    session.safe.discard(receipt.document_id)
    session.safe.restore(receipt.document_id)
    lite.clock.advance(31 * DAY)
    assert lite.vault.upkeep.purge(dry_run=False).counts == kit.NOTHING_PURGED

    fresh = lite.signed_in()
    fresh.safe.discard(receipt.document_id)
    lite.clock.advance(29 * DAY)
    assert lite.vault.upkeep.purge(dry_run=False).counts == kit.NOTHING_PURGED


def test_the_last_day_of_a_term_still_counts(short):
    """The day after, a purge takes payslips, joined or not, and leaves what has no term."""
    short.enrolled("A-1", email=None, phone=None)
    session = short.joined()
    kit.slip(short, matricule="A-1")
    kit.slip(short)
    contract = kit.slip(short, kind="contract")
    session.safe.add(b"A note.", title="Note")
    short.clock.moment = dt.datetime(2027, 10, 5, 21, 59, tzinfo=dt.UTC)
    assert short.vault.upkeep.purge(dry_run=False).counts == kit.NOTHING_PURGED
    short.clock.moment = dt.datetime(2027, 10, 5, 22, 0, tzinfo=dt.UTC)  # midnight in Paris

    assert short.vault.upkeep.purge(dry_run=False).counts == {**kit.NOTHING_PURGED, "term": 2}
    left = {one.id for one in short.signed_in().safe.documents()}
    assert contract.document_id in left
    assert len(left) == 2
    assert short.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 2


def test_more_than_a_page_is_purged(short):
    """Every document past its term, whatever their number."""
    short.enrolled()
    for number in range(105):
        kit.slip(short, str(number))
    short.clock.advance(400 * DAY)

    assert short.vault.upkeep.purge().counts["term"] == 105
    assert short.vault.upkeep.purge(dry_run=False).counts["term"] == 105
    assert short.vault.upkeep.purge().counts["term"] == 0


def test_a_damaged_row_does_not_stop_a_purge(short):
    """It is named in the findings, and the others go."""
    short.enrolled()
    damaged, other = kit.slip(short, "damaged"), kit.slip(short, "other")
    short.run(
        "UPDATE mycvault_documents SET sealed_by = :other WHERE id = :id",
        other="0" * 36,
        id=damaged.document_id,
    )
    short.clock.advance(400 * DAY)
    report = short.vault.upkeep.purge(dry_run=False)

    assert report.counts == {**kit.NOTHING_PURGED, "term": 1}
    assert (report.ok, report.findings) == (
        False,
        [f"document {damaged.document_id}: record-damaged"],
    )
    left = short.rows("SELECT id FROM mycvault_contents")
    assert [row.id for row in left] == [damaged.document_id] != [other.document_id]


def test_a_row_that_lies_for_a_moment_is_not_purged(short, monkeypatch):
    """Whoever writes the database makes a listing name what he likes: the sealed row itself must say that its time is over."""
    from mycvault.documents import records

    short.enrolled()
    receipt = kit.slip(short)
    monkeypatch.setattr(
        records, "binned", lambda *_, after, **__: [] if after else [receipt.document_id]
    )

    assert short.vault.upkeep.purge(dry_run=False).counts == kit.NOTHING_PURGED
    assert short.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 1


def test_an_account_that_is_said_to_be_erased_keeps_its_keys(house):
    """Only its own sealed row has an account erased: a forged one is a finding, and she signs in as before."""
    session = house.joined()
    receipt = kit.slip(house)
    row = house.rows("SELECT seal FROM mycvault_accounts")[0]
    house.run("UPDATE mycvault_accounts SET erased_at = 1")
    report = house.vault.upkeep.purge(dry_run=False)
    assert report.findings == [f"account {session.account_id}: record-damaged"]
    assert report.counts == kit.NOTHING_PURGED

    house.run("UPDATE mycvault_accounts SET erased_at = NULL, seal = :seal", seal=row.seal)
    assert session.safe.read(receipt.document_id) == kit.pdf(mark="October")


def test_what_she_takes_out_of_the_bin_as_a_purge_runs_stays(house, monkeypatch):
    """Listed as binned, restored before its turn: it is hers again, and nothing of it is destroyed."""
    from mycvault.documents import removal

    session = house.joined()
    receipt = kit.slip(house)
    session.safe.discard(receipt.document_id)
    house.clock.advance(31 * DAY)
    fresh, outline = house.signed_in(), removal.past_its_time

    def looked_at(look, document_id, *, binned):
        found = outline(look, document_id, binned=binned)
        threading.Thread(target=fresh.safe.restore, args=(document_id,)).start()
        return found

    def restored_first(*given, **named):
        while fresh.safe.documents(binned=True).items:
            pass
        return destroyed(*given, **named)

    destroyed = house.vault._desk.keys.bring
    monkeypatch.setattr(removal, "past_its_time", looked_at)
    monkeypatch.setattr(house.vault._desk.keys, "bring", restored_first)
    assert house.vault.upkeep.purge(dry_run=False).counts == kit.NOTHING_PURGED

    monkeypatch.undo()
    assert fresh.safe.read(receipt.document_id) == kit.pdf(mark="October")


def test_a_purge_during_an_export_leaves_out_what_went(short):
    """The archive is whole, and holds what was there when its turn came."""
    session = short.joined()
    for number in range(6):
        kit.slip(short, str(number), title=f"Slip {number}")
    short.clock.advance(400 * DAY)
    session = short.signed_in()
    pieces = session.safe.export_stream()
    first = next(pieces)
    short.vault.upkeep.purge(dry_run=False)
    whole = first + b"".join(pieces)

    import zipfile

    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert "SHA256SUMS" in archive.namelist()
