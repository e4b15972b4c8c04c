"""
Electronic or paper, through the doors: told by HR, by a link without an account, or from her safe; for somebody who never joined.
"""

import datetime as dt
import hashlib
import threading

import pytest

import kit
from mycvault import (
    AddressMissing,
    Channel,
    Deposit,
    EmployeeMissing,
    EmployerMissing,
    IdentityMismatch,
    InvalidInput,
    LinkDamaged,
    LinkExpired,
    LinkInvalid,
    Notice,
    Objection,
    PaperRequired,
    Policy,
    TooManyAttempts,
    UnacceptableContent,
)

TODAY = kit.START.date()
DAY = dt.timedelta(days=1)
LETTER = {"on": TODAY, "means": "letter"}


@pytest.fixture
def house(tmp_path, records_url):
    with kit.house_at(tmp_path, records_url) as house:
        yield house


@pytest.fixture
def lite(tmp_path):
    with kit.house_at(tmp_path) as house:
        yield house


def slip(house, matricule="A-0042", **other):
    given = {"kind": "payslip", "period": "2026-10", **other}
    return house.acme.deposit(matricule, kit.pdf(), **given)


def refusal_token(house, matricule="A-0042"):
    return house.acme.delivery.refusal_link(matricule).token.reveal()


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
        with pytest.raises(PaperRequired):
            slip(house)
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
        with pytest.raises(PaperRequired):
            house.acme.deposit("A-0042", content, kind="payslip", period="2026-11")

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
        ({"evidence": "no file"}, "content", "malformed"),
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


def test_evidence_that_is_no_document_is_refused(lite):
    """The declaration is not recorded without the proof that was meant to go with it."""
    lite.enrolled()
    with pytest.raises(UnacceptableContent):
        lite.acme.delivery.record_notice("A-0042", **LETTER, evidence=b"MZ\x90\x00")

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


# ------------------------------------------------------------------ a link, without an account


def test_she_refuses_by_a_link_without_an_account(house):
    """Looking changes nothing; her family name does it, tolerantly; the link answers the same afterwards."""
    house.enrolled()
    link = house.acme.delivery.refusal_link("A-0042")
    token = house.sent("refusal-link")[0].context["link"].rpartition("/")[2]
    shown = house.vault.joining.look_up_refusal(token)
    assert (shown.employer_name, shown.given_name) == ("Acme SAS", kit.GIVEN)
    assert (shown.expires_at, shown.refused_on) == (link.expires_at, None)
    assert house.acme.delivery.mode("A-0042") == "electronic"

    objection = house.vault.joining.refuse_electronic(token, family_name="exemplaire dupre")
    again = house.vault.joining.refuse_electronic(token, family_name=kit.FAMILY)
    assert objection == again
    assert (objection.notified_on, objection.effective_on) == (TODAY, TODAY)
    assert house.acme.delivery.mode("A-0042") == "paper"
    assert house.vault.joining.look_up_refusal(token).refused_on == TODAY
    assert house.acme.employee("A-0042").status == "enrolled"
    assert len(house.sent("delivery-receipt")) == 1


def test_just_before_midnight_in_paris_is_that_day(lite):
    """23:30 in Paris is still that day there, and so is half past midnight the next."""
    lite.enrolled()
    lite.clock.moment = dt.datetime(2026, 10, 31, 22, 30, tzinfo=dt.UTC)
    objection = lite.vault.joining.refuse_electronic(refusal_token(lite), family_name=kit.FAMILY)
    assert objection.notified_on == dt.date(2026, 10, 31)

    lite.enrolled("A-2")
    lite.clock.moment = dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC)
    token = refusal_token(lite, "A-2")
    objection = lite.vault.joining.refuse_electronic(token, family_name=kit.FAMILY)
    assert objection.notified_on == dt.date(2026, 11, 1)


def test_a_wrong_name_refuses_nothing_and_is_counted(lite):
    """Five tries, then a wait; the right name gets through after it."""
    lite.enrolled()
    token = refusal_token(lite)
    joining = lite.vault.joining
    for _ in range(5):
        with pytest.raises(IdentityMismatch):
            joining.refuse_electronic(token, family_name="Someone", caller=kit.HERE)
    with pytest.raises(TooManyAttempts) as refused:
        joining.refuse_electronic(token, family_name=kit.FAMILY, caller=kit.HERE)

    assert lite.acme.delivery.mode("A-0042") == "electronic"
    lite.clock.advance(refused.value.retry_after)
    assert joining.refuse_electronic(token, family_name=kit.FAMILY, caller=kit.HERE)


def test_a_refusal_link_opens_nothing_else(lite):
    """Nor does another link refuse; cut, unknown and expired ones are told as everywhere."""
    lite.enrolled()
    refusal, invitation = refusal_token(lite), lite.invited_token()
    joining, name = lite.vault.joining, {"family_name": kit.FAMILY}
    for call, expected in (
        (lambda: joining.look_up(refusal), LinkInvalid),
        (lambda: lite.vault.confirm_address(refusal), LinkInvalid),
        (lambda: joining.look_up_refusal(invitation), LinkInvalid),
        (lambda: joining.refuse_electronic(invitation, **name), LinkInvalid),
        (lambda: joining.look_up_refusal(refusal[:-3]), LinkDamaged),
        (lambda: joining.refuse_electronic(refusal[:-3], **name), LinkDamaged),
        (lambda: joining.refuse_electronic(refusal, family_name=" "), InvalidInput),
    ):
        with pytest.raises(expected):
            call()

    lite.clock.advance(Policy().refusal_lifetime)
    for call in (
        lambda: joining.look_up_refusal(refusal),
        lambda: joining.refuse_electronic(refusal, **name),
    ):
        with pytest.raises(LinkExpired) as refused:
            call()
        assert refused.value.employer_name == "Acme SAS"
    assert lite.acme.delivery.mode("A-0042") == "electronic"


@pytest.mark.parametrize("how", ["a newer link", "another address"])
def test_a_link_that_was_replaced_refuses_nothing(lite, how):
    """A newer link kills it, and so does a corrected address."""
    lite.enrolled()
    token = refusal_token(lite)
    if how == "a newer link":
        refusal_token(lite)
    else:
        lite.acme.amend("A-0042", email="corrected@example.org")

    with pytest.raises(LinkInvalid):
        lite.vault.joining.refuse_electronic(token, family_name=kit.FAMILY)


def test_a_refusal_link_takes_the_ways_of_letters(tmp_path):
    """By e-mail its token is in the letter alone; to be printed it is handed out; without an address it is not made."""
    with kit.house_at(tmp_path, policy=Policy()) as house:
        house.enrolled(phone=None)
        delivery = house.acme.delivery
        assert delivery.refusal_link("A-0042").token is None
        printed = delivery.refusal_link("A-0042", by="letter").token.reveal()
        assert house.vault.joining.look_up_refusal(printed).given_name == kit.GIVEN
        with pytest.raises(AddressMissing):
            delivery.refusal_link("A-0042", by=Channel.SMS)
        with pytest.raises(InvalidInput):
            delivery.refusal_link("A-0042", by="pigeon")


def test_sixteen_clicks_on_one_link_are_one_objection(house):
    """Racing forms get the same objection, and nobody a database error."""
    house.enrolled()
    token, start = refusal_token(house), threading.Barrier(16)
    told = []

    def click():
        start.wait()
        try:
            told.append(house.vault.joining.refuse_electronic(token, family_name=kit.FAMILY))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            told.append(type(error))

    threads = [threading.Thread(target=click) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 16
    assert len(set(told)) == 1, set(told)
    assert len(house.acme.delivery.history("A-0042")) == 1


# ------------------------------------------------------------------ from her safe


def test_two_employers_have_different_choices(house):
    """She refuses one employer's payslips and keeps the other's; each sees its own."""
    session = house.joined()
    other = house.vault.add_employer("Other SARL", reference="other")
    other.enrol("O-1", given_name="Zélie", family_name="Exemplaire")
    objection = session.safe.refuse_electronic("acme")

    assert session.safe.refuse_electronic("acme") == objection
    (employment,) = house.vault.resume(session.token.reveal()).employments
    assert (employment.mode, employment.objection) == ("paper", objection)
    with pytest.raises(PaperRequired):
        slip(house)
    assert other.deposit("O-1", kit.pdf(), kind="payslip").size
    with pytest.raises(EmployerMissing):
        session.safe.refuse_electronic("other")

    session.safe.return_to_electronic("acme")
    (employment,) = house.vault.resume(session.token.reveal()).employments
    assert (employment.mode, employment.objection) == ("electronic", None)
    assert slip(house).size
    assert house.acme.delivery.history("A-0042")[0].returned_on == TODAY
    assert house.last_event() == ("deposit", "")


def test_she_reads_it_in_her_history(lite):
    """What was declared, by whom, refusals included, in words."""
    lite.enrolled()
    lite.acme.delivery.record_objection("A-0042", **LETTER)
    session = lite.activated()
    with pytest.raises(PaperRequired):
        slip(lite)
    session.safe.return_to_electronic("acme")
    events = [(one.verb, one.actor) for one in session.safe.history(locale="en")]

    assert events[0] == ("return-to-electronic", "employee")
    assert ("record-objection", "employer") in events
    assert ("deposit", "employer") in events


# ------------------------------------------------------------------ payroll


def test_a_payroll_lists_what_is_to_be_printed(house):
    """Everybody else's payslip is in; the same run again adds nothing and lists the same."""
    for number in range(4):
        house.enrolled(f"A-{number}", email=None, phone=None)
    house.acme.delivery.record_objection("A-2", **LETTER)
    run = [
        Deposit(f"A-{number}", kit.pdf(mark=str(number)), kind="payslip", period="2026-10")
        for number in range(4)
    ]
    run += [Deposit("A-9", kit.pdf(), kind="payslip"), Deposit("A-0", b"no", kind="payslip")]
    run += [Deposit("A-0", kit.pdf(), kind="novel", period="2026-13")]
    seen = []
    first = house.acme.deposit_many(run, on_progress=seen.append)
    second = house.acme.deposit_many(iter(run))

    assert seen == list(range(1, 8))
    for report, replayed in ((first, 0), (second, 3)):
        assert [one.matricule for one in report.receipts] == ["A-0", "A-1", "A-3"]
        assert report.paper == [run[2]]
        assert [(one.matricule, error.code) for one, error in report.refused] == [
            ("A-9", "employee-missing"),
            ("A-0", "unacceptable-content"),
            ("A-0", "invalid-input"),
        ]
        assert (report.replayed, report.ok) == (replayed, False)
    assert house.acme.statistics().deposits == 3


def test_a_dry_run_writes_nothing(house):
    """It says what would be refused, printed, or is there already; large files are measured, not kept."""
    house.enrolled()
    house.enrolled("A-2", email=None, phone=None)
    house.acme.delivery.record_objection("A-2", **LETTER)
    receipt = slip(house)
    before = (house.events(), house.blobs())
    run = [
        Deposit("A-0042", kit.pdf(), kind="payslip", period="2026-10"),
        Deposit("A-0042", kit.pdf(9 << 20), kind="payslip", period="2026-11"),
        Deposit("A-2", kit.pdf(), kind="payslip"),
        Deposit("A-0042", kit.pdf(mark="other"), kind="payslip", reference=receipt.reference),
    ]
    told = list(house.acme.deposit_each(run, dry_run=True))

    assert [outcome.deposit for outcome in told] == run
    assert told[0].receipt.replayed
    assert (told[1].receipt, told[1].error) == (None, None)
    assert [outcome.error.code for outcome in told[2:]] == ["paper-required", "deposit-conflict"]
    events = house.events()[len(before[0]) :]
    assert events == [("judge-deposit", "paper-required"), ("judge-deposit", "deposit-conflict")]
    assert house.blobs() == before[1]


def test_an_objection_during_a_payroll_run_is_seen_whole(house):
    """Deposits and changes of mind of one person race: each payslip is in or on the list, as the choice stood then."""
    house.enrolled()
    stop, results = threading.Event(), []

    def pay():
        number = 0
        while not stop.is_set() or number < 12:
            number += 1
            outcome = house.acme.deposit_many(
                [Deposit("A-0042", kit.pdf(mark=f"{number}"), kind="payslip")]
            )
            results.append((len(outcome.receipts), len(outcome.paper), len(outcome.refused)))

    def choose():
        for turn in range(8):
            on = TODAY - (8 - turn) * DAY
            record = house.acme.delivery.record_objection
            if turn % 2:
                record = house.acme.delivery.record_return_to_electronic
            record("A-0042", on=on, means="letter")
        stop.set()

    threads = [threading.Thread(target=pay), threading.Thread(target=choose)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(results) <= {(1, 0, 0), (0, 1, 0)}
    receipts = sum(receipt for receipt, _, _ in results)
    assert house.acme.statistics().deposits == receipts
    assert len(house.blobs()) == receipts
    assert house.acme.delivery.mode("A-0042") == "electronic"
