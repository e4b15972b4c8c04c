"""
Legal holds, closures and leaving, through the doors.
"""

import datetime as dt
import threading

import pytest

import kit
from mycvault import (
    EmployeeMissing,
    EmployerMissing,
    InvalidInput,
    LegalHold,
)

TODAY = kit.START.date()
DAY = dt.timedelta(days=1)


# ------------------------------------------------------------------ legal holds


def test_a_hold_keeps_everything_of_one_employment(short):
    """Nothing of it is destroyed by anybody; what other employers deposited and her own documents are free."""
    session = short.joined()
    held, binned = kit.slip(short, "held"), kit.slip(short, "binned")
    session.safe.discard(binned.document_id)
    note = session.safe.add(b"A note.", title="Note")
    short.vault.upkeep.hold("acme", "A-0042", reason="a dispute before the court")
    session.safe.destroy(note.id)
    with pytest.raises(LegalHold):
        session.safe.destroy(held.document_id)
    short.clock.advance(400 * DAY)

    assert short.vault.upkeep.purge().counts == {**kit.NOTHING_PURGED, "held": 2}
    assert short.vault.upkeep.purge(dry_run=False).counts == {**kit.NOTHING_PURGED, "held": 2}
    fresh = short.signed_in()
    assert fresh.safe.read(held.document_id)
    assert [one.id for one in fresh.safe.documents(binned=True)] == [binned.document_id]
    short.vault.upkeep.release("acme", "A-0042", reason="settled")
    assert short.vault.upkeep.purge(dry_run=False).counts == {
        **kit.NOTHING_PURGED,
        "bin": 1,
        "term": 1,
    }


def test_a_hold_ends_on_its_day(house):
    """Its last day still counts; the purge after it ends the hold, and a second one may outlast it."""
    session = house.joined()
    receipt = kit.slip(house)
    house.vault.upkeep.hold("acme", "A-0042", reason="one", until=TODAY + 10 * DAY)
    house.clock.advance(10 * DAY)
    session = house.signed_in()
    with pytest.raises(LegalHold):
        session.safe.destroy(receipt.document_id)
    house.vault.upkeep.hold("acme", "A-0042", reason="two", until=TODAY + 12 * DAY)
    house.clock.advance(DAY)
    assert house.vault.upkeep.purge().counts == {**kit.NOTHING_PURGED, "holds_ended": 1}
    assert house.vault.upkeep.purge(dry_run=False).counts == {
        **kit.NOTHING_PURGED,
        "holds_ended": 1,
    }
    session = house.signed_in()
    with pytest.raises(LegalHold):
        session.safe.destroy(receipt.document_id)

    house.clock.advance(2 * DAY)
    assert house.signed_in().safe.destroy(receipt.document_id).documents == 1


def test_a_hold_that_ends_lets_an_erased_account_go(house):
    """What it alone kept goes with the purge after its last day."""
    session = house.joined()
    kit.slip(house)
    house.vault.upkeep.hold("acme", "A-0042", reason="one", until=TODAY + 10 * DAY)
    session.security.erase_account()
    house.clock.advance(10 * DAY)
    assert house.vault.upkeep.purge(dry_run=False).counts == kit.NOTHING_PURGED
    assert house.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 1
    house.clock.advance(DAY)

    assert house.vault.upkeep.purge(dry_run=False).counts == {
        **kit.NOTHING_PURGED,
        "holds_ended": 1,
    }
    assert house.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 0
    assert len(house.acme.deposits()) == 1


def test_one_of_two_holds_keeps_on(house):
    """Releasing ends every hold; the reason is the operator's and is not in her history."""
    session = house.joined()
    for reason in ("first dispute", "second dispute"):
        house.vault.upkeep.hold("acme", "A-0042", reason=reason)
    house.vault.upkeep.release("acme", "A-0042", reason="both settled")

    assert session.safe.destroy(kit.slip(house).document_id).documents == 1
    details = [str(dict(event.details)) for event in session.safe.history()]
    assert not any("dispute" in text or "settled" in text for text in details)
    assert [e.verb for e in session.safe.history()].count("hold") == 2


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"employer": "nobody"}, EmployerMissing),
        ({"matricule": "B"}, EmployeeMissing),
        ({"reason": ""}, InvalidInput),
        ({"reason": "x" * 501}, InvalidInput),
        ({"until": TODAY - DAY}, InvalidInput),
        ({"until": kit.START}, InvalidInput),
    ],
)
def test_a_hold_is_placed_on_somebody_for_a_reason(lite, given, error):
    """What is missing is told."""
    lite.enrolled()
    call = {"employer": "acme", "matricule": "A-0042", "reason": "why", "until": None, **given}
    with pytest.raises(error):
        lite.vault.upkeep.hold(
            call["employer"], call["matricule"], reason=call["reason"], until=call["until"]
        )

    assert lite.rows("SELECT * FROM mycvault_holds") == []


def test_a_hold_and_a_destruction_race(house):
    """The document is destroyed before the hold, or kept by it; never destroyed under it."""
    session = house.joined()
    receipts = [kit.slip(house, str(n)) for n in range(6)]
    start, told = threading.Barrier(2), {}

    def destroy():
        start.wait()
        for receipt in receipts:
            try:
                session.safe.destroy(receipt.document_id)
                told[receipt.document_id] = "destroyed"
            except LegalHold:
                told[receipt.document_id] = "held"

    thread = threading.Thread(target=destroy)
    thread.start()
    start.wait()
    house.vault.upkeep.hold("acme", "A-0042", reason="a dispute")
    there = {row.id for row in house.rows("SELECT id FROM mycvault_contents")}
    thread.join()

    still = {row.id for row in house.rows("SELECT id FROM mycvault_contents")}
    assert still == there, "nothing was destroyed once the hold stood"
    assert {key for key, what in told.items() if what == "held"} <= still


# ------------------------------------------------------------------ closing


def test_a_closure_is_announced_to_everybody_once(house):
    """At every mailbox she proved, else at the address on record; again for another day; the rest after a crash."""
    house.joined()
    house.enrolled("A-2", email="two@example.org", phone=None, locale="fr")
    house.enrolled("A-3", email=None, phone="0698765432")
    house.enrolled("A-4", email=None, phone=None)
    on = dt.date(2027, 1, 5)
    assert house.vault.upkeep.announce_closure("acme", on=on) == 3
    assert house.vault.upkeep.announce_closure("acme", on=on) == 0

    letters = house.sent("closing")
    assert {letter.to for letter in letters} == {kit.EMAIL, "two@example.org", "+33698765432"}
    english = next(letter for letter in letters if letter.to == kit.EMAIL)
    assert english.context["closes_on"] == "5 January 2027"
    assert english.context["retrieval_until"] == "5 January 2028"
    french = next(letter for letter in letters if letter.to == "two@example.org")
    assert "5 janvier 2028" in french.text
    house.enrolled("A-5", email="five@example.org", phone=None)
    assert house.vault.upkeep.announce_closure("acme", on=on) == 1
    assert house.vault.upkeep.announce_closure("acme", on=on + DAY) == 4


@pytest.mark.parametrize("on", [dt.date(2027, 1, 4), TODAY, kit.START, dt.date(9999, 1, 1)])
def test_a_closure_is_never_sooner_than_three_months(lite, on):
    """Nor no date; nobody is told."""
    lite.joined()
    with pytest.raises(InvalidInput) as refused:
        lite.vault.upkeep.announce_closure("acme", on=on)

    assert refused.value.field == "on"
    assert lite.sent("closing") == []


def test_leaving_changes_nothing_in_her_safe(lite):
    """She reads, and signs in, after her last day as before; payroll still reaches her."""
    session = lite.joined()
    receipt = kit.slip(lite)
    lite.acme.record_leaving("A-0042", TODAY)
    lite.clock.advance(30 * DAY)
    fresh = lite.signed_in()

    assert fresh.safe.read(receipt.document_id) == kit.pdf(mark="October")
    assert kit.slip(lite, "last").size
    assert fresh.account_id == session.account_id
    assert lite.acme.statistics().left == 1
