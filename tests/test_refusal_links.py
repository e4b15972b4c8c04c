"""
She refuses by a link, without an account, or from her safe.
"""

import datetime as dt
import threading

import pytest

import kit
from mycvault import (
    AddressMissing,
    Channel,
    EmployerMissing,
    IdentityMismatch,
    InvalidInput,
    LinkDamaged,
    LinkExpired,
    LinkInvalid,
    PaperRequired,
    Policy,
    TooManyAttempts,
)

TODAY = kit.START.date()
LETTER = {"on": TODAY, "means": "letter"}


def slip(house, matricule="A-0042", **other):
    given = {"kind": "payslip", "period": "2026-10", **other}
    return house.acme.deposit(matricule, kit.pdf(), **given)


def refusal_token(house, matricule="A-0042"):
    return house.acme.delivery.refusal_link(matricule).token.reveal()


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


def test_a_link_refuses_anew_once_she_came_back(house):
    """What the link did before is over; within its life it does it again, and tells her so."""
    session = house.joined()
    token = refusal_token(house)
    first = house.vault.joining.refuse_electronic(token, family_name=kit.FAMILY)
    session.safe.return_to_electronic("acme")
    assert house.vault.joining.look_up_refusal(token).refused_on is None
    house.clock.advance(dt.timedelta(days=30))
    again = house.vault.joining.refuse_electronic(token, family_name=kit.FAMILY)

    assert again.notified_on == first.notified_on + dt.timedelta(days=30)
    assert house.acme.delivery.mode("A-0042") == "paper"
    assert house.vault.joining.look_up_refusal(token).refused_on == again.notified_on
    assert house.vault.joining.refuse_electronic(token, family_name=kit.FAMILY) == again
    assert [one.returned_on for one in house.acme.delivery.history("A-0042")] == [TODAY, None]


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
