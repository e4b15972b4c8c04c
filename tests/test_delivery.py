"""
Electronic or paper, as HR records it; for somebody who never joined.
"""

import datetime as dt
import hashlib

import pytest

import kit
from mycvault import (
    Channel,
    DocumentMissing,
    EmployeeMissing,
    InvalidInput,
    Notice,
    Objection,
    PaperRequired,
    Policy,
    UnacceptableContent,
)

TODAY = kit.START.date()
DAY = dt.timedelta(days=1)
LETTER = {"on": TODAY, "means": "letter"}


def slip(house, matricule="A-0042", **other):
    given = {"kind": "payslip", "period": "2026-10", **other}
    return house.acme.deposit(matricule, kit.pdf(), **given)


# ------------------------------------------------------------------ the notice


def test_a_notice_opens_the_way_a_month_later(house):
    """Before the lawful day a payslip is noted on its receipt, and on every retry; from that day on it is not."""
    house.enrolled()
    delivery = house.acme.delivery
    assert delivery.first_electronic_payslip("A-0042") is None
    assert slip(house).notes == {"no-notice"}

    notice = delivery.record_notice("A-0042", on=TODAY - 4 * DAY, means="by hand")
    assert isinstance(notice, Notice)
    assert (notice.given_on, notice.means) == (TODAY - 4 * DAY, "by hand")
    assert delivery.first_electronic_payslip("A-0042") == dt.date(2026, 11, 1)
    assert slip(house, period="2026-11").notes == {"no-notice"}
    assert slip(house).notes == {"no-notice"}
    house.clock.moment = dt.datetime(2026, 10, 31, 23, 0, tzinfo=dt.UTC)  # midnight in Paris
    assert slip(house, period="2026-12").notes == frozenset()
    assert slip(house).notes == {"no-notice"}
    assert [r.notes for r in house.acme.deposits()] == [set(), {"no-notice"}, {"no-notice"}]


def test_a_notice_at_hiring_counts_at_once(lite):
    """Nobody waits a month for the first payslip of a new job."""
    lite.enrolled(hired_on=TODAY)
    lite.acme.delivery.record_notice("A-0042", **LETTER)

    assert lite.acme.delivery.first_electronic_payslip("A-0042") == TODAY
    assert slip(lite).notes == frozenset()


def test_a_strict_policy_refuses_what_is_merely_noted(tmp_path):
    """Payroll gets it on the list to print; other documents are not concerned."""
    policy = Policy(hand_out_links=True, refuse_without_notice=True)
    with kit.house_at(tmp_path, policy=policy) as house:
        house.enrolled()
        with pytest.raises(PaperRequired) as refused:
            slip(house)
        assert refused.value.reason == "no-notice"
        assert "informée un mois avant" in refused.value.message("fr")
        assert house.last_event() == ("deposit", "paper-required")
        assert house.blobs() == []
        assert slip(house, kind="contract", period=None).notes == frozenset()
        house.acme.delivery.record_notice("A-0042", on=TODAY - 31 * DAY, means="e-mail")
        assert slip(house).notes == frozenset()


# ------------------------------------------------------------------ the objection, recorded by HR


def test_an_objection_sends_payslips_to_the_printer(house):
    """At once; other kinds still come, a retry gets its receipt, and nothing is left of what was refused."""
    house.enrolled()
    first = slip(house)
    objection = house.acme.delivery.record_objection("A-0042", **LETTER)
    before = house.blobs()
    for content in (kit.pdf(mark="November"), kit.pdf(9 << 20)):
        with pytest.raises(PaperRequired) as refused:
            house.acme.deposit("A-0042", content, kind="payslip", period="2026-11")
        assert refused.value.reason == "objection"

    assert isinstance(objection, Objection)
    assert (objection.notified_on, objection.effective_on) == (TODAY, TODAY)
    assert objection.latest_effective_on == dt.date(2027, 1, 5)
    assert house.last_event() == ("deposit", "paper-required")
    assert house.blobs() == before
    assert slip(house).document_id == first.document_id
    assert slip(house, kind="certificate", period=None).notes == frozenset()
    assert [one.matricule for one in house.acme.delivery.paper_list()] == ["A-0042"]
    assert house.acme.statistics().on_paper == 1


def test_a_later_day_is_kept_until_it_comes(lite):
    """Payroll runs on until the day the employer set, also for what is shown only from that day."""
    lite.enrolled()
    later = TODAY + 30 * DAY
    lite.acme.delivery.record_objection("A-0042", **LETTER, effective_on=later)
    delivery = lite.acme.delivery

    assert delivery.mode("A-0042") == "electronic"
    assert delivery.mode("A-0042", on=later - DAY) == "electronic"
    assert delivery.mode("A-0042", on=later) == "paper"
    assert delivery.paper_list() == []
    assert [one.matricule for one in delivery.paper_list(on=later)] == ["A-0042"]
    assert slip(lite).notes == {"no-notice"}
    with pytest.raises(PaperRequired):
        slip(lite, period="2026-11", available_from=lite.clock.moment + 30 * DAY)
    lite.clock.advance(30 * DAY)
    with pytest.raises(PaperRequired):
        slip(lite, period="2026-11")


def test_an_objection_learnt_of_late_counts_from_its_day(house):
    """A letter that lay about for a month is dated; what came electronically meanwhile stays where it is."""
    house.enrolled()
    receipt = slip(house)
    house.clock.advance(40 * DAY)
    objection = house.acme.delivery.record_objection(
        "A-0042", on=TODAY + 2 * DAY, means="registered letter"
    )
    delivery = house.acme.delivery

    assert objection.effective_on == TODAY + 2 * DAY
    modes = [delivery.mode("A-0042", on=TODAY + days * DAY) for days in (1, 2, 20, 40, 400)]
    assert modes == ["electronic", "paper", "paper", "paper", "paper"]
    assert delivery.paper_list(on=TODAY + DAY) == []
    assert [one.matricule for one in delivery.paper_list(on=TODAY + 20 * DAY)] == ["A-0042"]
    assert slip(house).document_id == receipt.document_id


def test_several_changes_in_a_row(house):
    """Every day answers for itself, and the history shows all of it with the day she returned."""
    house.enrolled()
    delivery = house.acme.delivery
    delivery.record_notice("A-0042", on=TODAY - 60 * DAY, means="letter")
    delivery.record_objection("A-0042", on=TODAY - 50 * DAY, means="letter")
    delivery.record_return_to_electronic("A-0042", on=TODAY - 30 * DAY, means="e-mail")
    delivery.record_objection(
        "A-0042", on=TODAY - 10 * DAY, means="letter", effective_on=TODAY + 5 * DAY
    )

    days = (-51, -50, -31, -30, -10, 4, 5)
    modes = [delivery.mode("A-0042", on=TODAY + n * DAY) for n in days]
    assert modes == ["electronic", "paper", "paper", *["electronic"] * 3, "paper"]
    history = delivery.history("A-0042")
    assert [type(one) for one in history] == [Notice, Objection, Objection]
    assert [one.returned_on for one in history[1:]] == [TODAY - 30 * DAY, None]
    assert delivery.paper_list() == []
    assert [one.matricule for one in delivery.paper_list(on=TODAY - 40 * DAY)] == ["A-0042"]


def test_the_same_form_twice_is_one_declaration(lite):
    """A double click writes nothing twice and sends no second receipt."""
    lite.enrolled()
    first = lite.acme.delivery.record_objection("A-0042", **LETTER)
    again = lite.acme.delivery.record_objection("A-0042", **LETTER)

    assert again == first
    assert len(lite.acme.delivery.history("A-0042")) == 1
    assert len(lite.sent("delivery-receipt")) == 1


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({"on": TODAY + DAY}, "on", "future"),
        ({"on": kit.START}, "on", "malformed"),
        ({"on": "2026-10-01"}, "on", "malformed"),
        ({"means": " "}, "means", "empty"),
        ({"means": "x" * 201}, "means", "too-long"),
        ({"means": "NIR 2 55 08 14 168 025 38"}, "means", "nir"),
        ({"effective_on": TODAY - DAY}, "effective_on", "order"),
        ({"effective_on": dt.date(2027, 1, 6)}, "effective_on", "order"),
        ({"effective_on": kit.START}, "effective_on", "malformed"),
        ({"evidence": "no file"}, "evidence", "malformed"),
    ],
)
def test_what_cannot_be_recorded_is_named(lite, given, field, reason):
    """Nothing is written, and the form is told which field it is."""
    lite.enrolled()
    with pytest.raises(InvalidInput) as refused:
        lite.acme.delivery.record_objection("A-0042", **{**LETTER, **given})

    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert lite.last_event() == ("record-objection", "invalid-input")
    assert lite.acme.delivery.history("A-0042") == []


def test_nobody_elses_employee_is_found(lite):
    """A matricule is one employer's."""
    lite.enrolled()
    other = lite.vault.add_employer("Other", reference="other")
    for call in (
        lambda: other.delivery.record_notice("A-0042", **LETTER),
        lambda: other.delivery.mode("A-0042"),
        lambda: other.delivery.history("A-0042"),
        lambda: other.delivery.refusal_link("A-0042"),
    ):
        with pytest.raises(EmployeeMissing):
            call()

    assert other.delivery.paper_list() == []


# ------------------------------------------------------------------ evidence


@pytest.mark.parametrize("size", [700, 9 << 20], ids=["small", "large"])
def test_evidence_is_kept_sealed_with_its_digest(house, size):
    """The very file, under the employee record's key, in the transaction of what it proves."""
    house.enrolled()
    scan = kit.pdf(size, mark="signed letter")
    given = {**LETTER, "evidence": scan}
    objection = house.acme.delivery.record_objection("A-0042", **given)

    assert objection.evidence_sha256 == hashlib.sha256(scan).hexdigest()
    assert house.acme.delivery.history("A-0042")[0].evidence_sha256 == objection.evidence_sha256
    (blob,) = (path for path in (house.folder / "blobs").rglob("*") if path.is_file())
    assert b"signed letter" not in blob.read_bytes()
    (kept,) = house.rows("SELECT key_of FROM mycvault_contents")
    assert kept.key_of == house.acme.employee("A-0042").id
    assert house.acme.delivery.record_objection("A-0042", **given) == objection
    assert len(house.blobs()) == 1, "the second copy was taken away"


@pytest.mark.parametrize("size", [700, 2 << 20], ids=["small", "large"])
def test_evidence_is_taken_out_for_a_dispute_and_seen_by_her(house, size):
    """The operator opens the very bytes, with a reason that she reads; nobody else's, and nothing by another digest."""
    session = house.joined()
    scan = kit.pdf(size, mark="signed letter")
    objection = house.acme.delivery.record_objection("A-0042", **LETTER, evidence=scan)
    upkeep, digest = house.vault.upkeep, objection.evidence_sha256
    with upkeep.open_evidence("acme", "A-0042", digest, reason="court order 7") as stream:
        assert stream.read() == scan

    event = session.safe.history().items[0]
    assert (event.verb, event.actor) == ("open-evidence", "operator")
    assert event.details["reason"] == "court order 7"
    house.enrolled("A-2", email=None, phone=None)
    for matricule, wanted in (("A-2", digest), ("A-0042", "0" * 64), ("A-0042", None)):
        with pytest.raises(DocumentMissing):
            upkeep.open_evidence("acme", matricule, wanted, reason="why")
    with pytest.raises(InvalidInput):
        upkeep.open_evidence("acme", "A-0042", digest, reason="")


def test_evidence_that_is_no_document_is_refused(lite):
    """The declaration is not recorded without the proof that was meant to go with it."""
    lite.enrolled()
    with pytest.raises(UnacceptableContent) as refused:
        lite.acme.delivery.record_notice("A-0042", **LETTER, evidence=b"MZ\x90\x00")

    assert refused.value.field == "evidence"
    assert lite.acme.delivery.history("A-0042") == []
    assert lite.blobs() == []


# ------------------------------------------------------------------ receipts


def test_each_declaration_sends_her_a_dated_receipt(lite):
    """In her language, to the address on record until she joins, then to her own; the text is the one that is kept."""
    lite.enrolled(locale="fr")
    notice = lite.acme.delivery.record_notice("A-0042", **LETTER)
    objection = lite.acme.delivery.record_objection("A-0042", **LETTER)
    lite.acme.delivery.record_return_to_electronic("A-0042", **LETTER)

    letters = lite.sent("delivery-receipt")
    assert {letter.to for letter in letters} == {kit.EMAIL}
    assert [letter.context["receipt"] for letter in letters[:2]] == [
        notice.receipt,
        objection.receipt,
    ]
    assert "5 octobre 2026" in notice.receipt
    assert "5 janvier 2027" in objection.receipt
    assert "Acme SAS" in objection.receipt
    session = lite.activated()
    session.safe.refuse_electronic("acme")
    assert lite.sent("delivery-receipt")[-1].to == kit.EMAIL


def test_somebody_without_an_address_gets_her_receipt_by_hand(lite):
    """Nothing is sent, and HR prints the text."""
    lite.enrolled(email=None, phone=None)
    objection = lite.acme.delivery.record_objection("A-0042", **LETTER)

    assert "Zélie Exemplaire-Dupré" in objection.receipt
    assert lite.vault.outbox.pending() == 0


def test_somebody_with_a_phone_alone_is_told_in_short(lite):
    """One SMS; the whole text is on record."""
    lite.enrolled(email=None)
    lite.acme.delivery.record_objection("A-0042", **LETTER)
    (letter,) = lite.sent("delivery-receipt")

    assert (letter.channel, letter.to) == (Channel.SMS, kit.PHONE_E164)
    assert "on paper from 5 October 2026" in letter.text
