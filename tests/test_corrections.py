"""
A wrong payslip: corrected while the old one stays readable, or withdrawn before she joined.
"""

import datetime as dt
import threading

import pytest

import kit
from mycvault import (
    Deposit,
    DocumentMissing,
    InvalidInput,
    LegalHold,
    MycvaultError,
    WithdrawalRefused,
)

DAY = dt.timedelta(days=1)


# ------------------------------------------------------------------ corrections


def test_one_payslip_corrects_several_months(house):
    """Each old one stays readable and says what corrects it; the new one says what it corrects, in order."""
    session = house.joined()
    wrong = [kit.slip(house, month, period=f"2026-{month}") for month in ("07", "08", "09")]
    ids = [receipt.document_id for receipt in wrong]
    right = kit.slip(house, "corrective", period="2026-10", corrects=ids)
    shown = {one.id: one for one in session.safe.documents()}

    assert shown[right.document_id].corrects == tuple(ids)
    assert shown[right.document_id].corrected_by == ()
    assert [shown[one].corrected_by for one in ids] == [(right.document_id,)] * 3
    assert session.safe.read(ids[0]) == kit.pdf(mark="07")
    again = kit.slip(house, "again", period="2026-10", corrects=[ids[0], right.document_id, ids[0]])
    shown = {one.id: one for one in session.safe.documents()}
    assert shown[ids[0]].corrected_by == (right.document_id, again.document_id)
    assert shown[again.document_id].corrects == (ids[0], right.document_id)


def test_a_retry_of_a_correction_changes_nothing(lite):
    """It gets the first receipt, and the marks are there once."""
    session = lite.joined()
    wrong = kit.slip(lite, "wrong")
    for _ in range(2):
        right = kit.slip(lite, "right", corrects=[wrong.document_id])

    assert right.replayed
    assert session.safe.document(wrong.document_id).corrected_by == (right.document_id,)


def test_a_correction_is_within_one_employment(house):
    """Another person's, another employer's, her own and unknown documents are told alike, and nothing is deposited."""
    session = house.joined()
    house.enrolled("A-2", email=None, phone=None)
    other = house.vault.add_employer("Other", reference="other")
    other.enrol("O-1", given_name="Zoé", family_name="Exemple")
    strangers = [
        kit.slip(house, "hers", matricule="A-2").document_id,
        other.deposit("O-1", kit.pdf(), kind="payslip").document_id,
        session.safe.add(b"A note.", title="Note").id,
        "00000000-0000-7000-8000-000000000000",
        "not an id",
    ]
    before = house.blobs()
    for content in (kit.pdf(mark="new"), kit.pdf(9 << 20)):
        for stranger in strangers:
            with pytest.raises(DocumentMissing) as refused:
                house.acme.deposit("A-0042", content, kind="payslip", corrects=[stranger])
            assert refused.value.field == "corrects"

    assert house.blobs() == before
    assert session.safe.count(kind="payslip") == 0
    for wrong in (7, [str(n) for n in range(101)]):
        with pytest.raises(InvalidInput) as refused:
            kit.slip(house, "new", corrects=wrong)
        assert refused.value.field == "corrects"


def test_a_correction_to_come_is_not_told_before_its_day(lite):
    """What she cannot see yet marks nothing."""
    session = lite.joined()
    wrong = kit.slip(lite, "wrong")
    right = kit.slip(lite, "right", corrects=[wrong.document_id], available_from=kit.START + DAY)
    assert session.safe.document(wrong.document_id).corrected_by == ()

    lite.clock.advance(DAY)
    fresh = lite.signed_in()
    assert fresh.safe.document(wrong.document_id).corrected_by == (right.document_id,)


def test_what_she_destroyed_is_corrected_without_a_trace(lite):
    """Payroll need not know; no mark leads to what is not there."""
    session = lite.joined()
    wrong = kit.slip(lite, "wrong")
    session.safe.destroy(wrong.document_id)
    right = kit.slip(lite, "right", corrects=[wrong.document_id])
    session.safe.destroy(right.document_id)

    assert session.safe.documents().items == []
    assert lite.rows("SELECT count(*) FROM mycvault_corrections")[0][0] <= 1


def test_a_payroll_corrects_in_bulk(lite):
    """Among many deposits, each says for itself what it corrects."""
    session = lite.joined()
    wrong = kit.slip(lite, "wrong")
    given = Deposit("A-0042", kit.pdf(), kind="payslip", corrects=[wrong.document_id])
    report = lite.acme.deposit_many([given])

    assert report.ok
    assert given.corrects == (wrong.document_id,)
    marked = session.safe.document(wrong.document_id)
    assert marked.corrected_by == (report.receipts[0].document_id,)


# ------------------------------------------------------------------ withdrawal


def test_a_document_is_withdrawn_before_she_joined(house):
    """It is gone from the list, its reference is free, the reason is in the journal."""
    house.enrolled()
    wrong = kit.slip(house, "wrong", reference="run 10")
    house.acme.withdraw(wrong.document_id, reason="another person's payslip")

    assert house.acme.deposits().items == []
    assert house.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 0
    right = kit.slip(house, "right", reference="run 10")
    assert not right.replayed
    session = house.activated()
    assert [one.id for one in session.safe.documents()] == [right.document_id]
    event = next(e for e in session.safe.history(locale="en") if e.verb == "withdraw")
    assert event.details["reason"] == "another person's payslip"
    with pytest.raises(DocumentMissing):
        house.acme.withdraw(wrong.document_id, reason="again")


@pytest.mark.parametrize("invited", [False, True])
def test_somebody_who_was_told_is_told_again(lite, invited):
    """Who was invited knows that something waits for her; who was not hears nothing."""
    lite.enrolled()
    wrong = kit.slip(lite, "wrong")
    if invited:
        lite.acme.invite("A-0042")
    lite.acme.withdraw(wrong.document_id, reason="a mistake")

    letters = lite.sent("document-withdrawn")
    assert [letter.to for letter in letters] == ([kit.EMAIL] if invited else [])
    assert all("a mistake" not in letter.text for letter in letters)


def test_what_is_hers_is_not_withdrawn(house):
    """Once she joined, what came before and after is hers; a hold keeps what she has not seen."""
    house.enrolled("A-2", email=None, phone=None)
    held = kit.slip(house, "held", matricule="A-2")
    house.vault.upkeep.hold("acme", "A-2", reason="a dispute")
    with pytest.raises(LegalHold):
        house.acme.withdraw(held.document_id, reason="a mistake")
    house.enrolled()
    before = kit.slip(house, "before")
    session = house.activated()
    after = kit.slip(house, "after")
    for receipt in (before, after):
        with pytest.raises(WithdrawalRefused):
            house.acme.withdraw(receipt.document_id, reason="a mistake")

    assert house.last_event() == ("withdraw", "withdrawal-refused")
    assert session.safe.count() == 2
    assert session.safe.history().items[0].verb == "withdraw"


def test_an_employer_does_not_learn_what_she_destroyed(lite):
    """A document that she destroyed is refused like one that she keeps, listed and answered like before."""
    session = lite.joined()
    kept, gone = kit.slip(lite, "kept"), kit.slip(lite, "gone")
    session.safe.destroy(gone.document_id)
    for receipt in (kept, gone):
        with pytest.raises(WithdrawalRefused):
            lite.acme.withdraw(receipt.document_id, reason="a mistake")

    assert {one.document_id for one in lite.acme.deposits()} == {
        kept.document_id,
        gone.document_id,
    }
    assert kit.slip(lite, "gone").document_id == gone.document_id
    assert kit.slip(lite, "newer", corrects=[gone.document_id]).size


def test_nobody_withdraws_what_is_not_theirs(lite):
    """Another employer's deposit, her own document and nonsense are told alike."""
    lite.enrolled()
    receipt = kit.slip(lite, "one")
    other = lite.vault.add_employer("Other", reference="other")
    for wanted in (receipt.document_id, "nonsense", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(DocumentMissing):
            other.withdraw(wanted, reason="a mistake")
    with pytest.raises(InvalidInput):
        lite.acme.withdraw(receipt.document_id, reason=" ")

    assert lite.acme.deposits().items


def test_withdrawing_and_joining_race(house):
    """Either it is gone before she is in, or it is hers; never both, and never a row without bytes."""
    house.enrolled()
    receipts = [kit.slip(house, str(n)) for n in range(4)]
    token, start, told = house.invited_token(), threading.Barrier(2), []
    house.vault.joining.send_code(token)
    code = house.code()

    def withdraw():
        start.wait()
        for receipt in receipts:
            try:
                house.acme.withdraw(receipt.document_id, reason="a mistake")
                told.append(None)
            except MycvaultError as error:
                told.append(error.code)

    thread = threading.Thread(target=withdraw)
    thread.start()
    start.wait()
    session = house.activated(token=token, code=code)
    thread.join()

    assert set(told) <= {None, "withdrawal-refused"}
    left = list(session.safe.documents())
    assert len(left) == told.count("withdrawal-refused")
    assert all(session.safe.read(one.id) for one in left)
