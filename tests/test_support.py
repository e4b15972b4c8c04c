"""Support helps after a delay that she can use; it suspends, restores and detaches at once; it never reads."""

import contextlib
import io

import pytest

import kit
from app_kit import with_app
from mycvault import (
    AccountDisabled,
    Channel,
    CodeRequired,
    DocumentMissing,
    EmployeeMissing,
    EmployeeStatus,
    EmployerMissing,
    InvalidInput,
    LinkExpired,
    MycvaultError,
    RecordDamaged,
    SessionEnded,
    SignInRefused,
)
from racing import at_once

WORD = {"by": "Support Desk", "reason": "she called from her desk"}
NEW = "06 98 76 54 21"


def alerts(house, what):
    return [one for one in house.sent("security-alert") if one.context["alert"] == what]


def objection(house, what):
    return alerts(house, what)[-1].context["link"].rpartition("/")[2]


def wait(house):
    house.clock.advance(house.vault.policy.support_delay)


@pytest.fixture
def her(house):
    """Somebody with an app, who lost it."""
    session, _, _ = with_app(house)
    house.clock.advance(kit.MINUTE)
    return session


def test_a_lost_factor_is_removed_after_the_delay(house, her):
    """Every address is told at once; before the delay is over her app is asked as ever, afterwards SMS."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    assert {one.to for one in alerts(house, "reset-asked")} == {kit.EMAIL, kit.PHONE_E164}
    house.clock.advance(house.vault.policy.support_delay - kit.MINUTE)
    assert house.asked().channel is Channel.APP

    house.clock.advance(kit.MINUTE)
    asked = house.asked()

    assert asked.channel is Channel.SMS
    assert asked.alternatives == {Channel.EMAIL}
    assert {one.to for one in alerts(house, "reset-done")} == {kit.EMAIL, kit.PHONE_E164}
    session = house.vault.confirm_code(asked.challenge, house.code())
    overview = session.security.overview()
    assert (overview.app_since, overview.recovery_codes_left) == (None, 0)


def test_she_stops_it_from_any_address(house, her):
    """Her number's link stops what her mailbox may never have seen; it never takes effect, and she is told."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    by_sms = next(one for one in alerts(house, "reset-asked") if one.channel is Channel.SMS)

    house.vault.contest_address(by_sms.context["link"].rpartition("/")[2])
    wait(house)

    assert house.vault.upkeep.purge(dry_run=False).counts["support"] == 0
    assert house.asked().channel is Channel.APP
    assert {one.to for one in alerts(house, "support-stopped")} == {kit.EMAIL, kit.PHONE_E164}


def test_asking_again_begins_the_delay_again(house, her):
    """Nobody shortens it by asking twice; the first request's link stops nothing any more."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    house.clock.advance(house.vault.policy.support_delay - kit.MINUTE)
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    house.clock.advance(2 * kit.MINUTE)

    assert house.asked().channel is Channel.APP
    house.vault.contest_address(objection(house, "reset-asked"))


def test_an_objection_comes_too_late_once_the_delay_is_over(house, her):
    """Its link is over at the very moment of the effect."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    link = objection(house, "reset-asked")
    wait(house)

    with pytest.raises(LinkExpired):
        house.vault.contest_address(link)


def test_a_purge_lets_it_take_effect_without_her(house, her):
    """Every session ends: whoever asked may not have been she; a second purge does nothing."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    wait(house)
    session = house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    assert isinstance(session, CodeRequired)
    her_again = house.vault.confirm_code(session.challenge, house.code())
    house.vault.upkeep.correct_phone("acme", "A-0042", NEW, **WORD)
    wait(house)

    assert house.vault.upkeep.purge(dry_run=True).counts["support"] == 0
    assert house.vault.upkeep.purge(dry_run=False).counts["support"] == 1
    assert house.vault.upkeep.purge(dry_run=False).counts["support"] == 0

    with pytest.raises(SessionEnded):
        her_again.safe.documents()


def test_a_number_is_corrected_after_the_delay(house):
    """The old one and every mailbox are told before and after; then codes go to the new one."""
    house.joined()
    house.vault.upkeep.correct_phone("acme", "A-0042", NEW, **WORD)
    assert {one.to for one in alerts(house, "number-asked")} == {kit.EMAIL, kit.PHONE_E164}
    wait(house)

    asked = house.asked()

    assert asked.sent_to == "+33 6 •• •• •• 21"
    assert {one.to for one in alerts(house, "number-done")} == {kit.EMAIL, kit.PHONE_E164}
    house.clock.advance(kit.MINUTE)
    assert house.asked(NEW).sent_to == asked.sent_to
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.PHONE, kit.PASSWORD)


def test_a_dead_mailbox_gets_a_successor(house):
    """After the delay the new one is asked to prove itself, and signs her in once it did."""
    house.joined()
    house.vault.upkeep.correct_email("acme", "A-0042", "new@example.org", **WORD)
    assert house.sent("confirm-address") == []
    wait(house)
    house.vault.upkeep.purge(dry_run=False)
    with pytest.raises(SignInRefused):
        house.vault.sign_in("new@example.org", kit.PASSWORD)

    house.vault.confirm_address(house.sent("confirm-address")[0].context["link"].rpartition("/")[2])

    assert house.signed_in("new@example.org").holder.emails == (kit.EMAIL, "new@example.org")


def test_it_takes_effect_once(house, her):
    """Sixteen who sign in at that moment: one change, one alert to each address."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    wait(house)
    done = []

    told = at_once(
        *[lambda: done.append(house.vault.upkeep.purge(dry_run=False).counts["support"])] * 16
    )

    assert told == {"won": 16}
    assert sorted(done) == [0] * 15 + [1]
    assert len(alerts(house, "reset-done")) == 2


@pytest.mark.parametrize(
    "forged", ["effective_at = asked_at", "account_id = '0'", "stopped_at = NULL"]
)
def test_a_writer_of_the_database_brings_nothing_forward(house, her, forged):
    """A row that was changed is damage, and her factor stays."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    house.vault.contest_address(objection(house, "reset-asked"))
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    house.run(f"UPDATE mycvault_interventions SET {forged}")

    with contextlib.suppress(RecordDamaged):
        assert house.asked().channel is Channel.APP
    house.vault.upkeep.purge(dry_run=False)
    assert (
        house.rows("SELECT count(*) FROM mycvault_apps WHERE confirmed_at IS NOT NULL")[0][0] == 1
    )


def test_a_suspended_account_may_only_export(house):
    """The next call of a live safe is over; she signs in, confirms and exports; all else is refused until it is restored."""
    session = house.joined()
    kit.slip(house)
    house.vault.upkeep.disable_account("acme", "A-0042", **WORD)
    with pytest.raises(SessionEnded):
        session.safe.documents()

    house.clock.advance(kit.MINUTE)
    session = house.signed_in()
    for verb in (
        session.safe.documents,
        session.security.overview,
        session.security.enrol_app,
        lambda: session.safe.add(b"A note.", title="Note"),
        lambda: session.safe.refuse_electronic("acme"),
    ):
        with pytest.raises(AccountDisabled):
            verb()
    assert session.safe.export(io.BytesIO()).documents == 1
    assert b"".join(session.safe.export_stream())
    house.vault.upkeep.disable_account("acme", "A-0042", **WORD)
    assert house.vault.resume(session.token.reveal()).id == session.id

    house.vault.upkeep.enable_account("acme", "A-0042", **WORD)
    with pytest.raises(SessionEnded):
        session.safe.export(io.BytesIO())
    house.clock.advance(kit.MINUTE)
    assert len(house.signed_in().safe.payslips()) == 1
    assert len(alerts(house, "account-disabled")) == len(alerts(house, "account-enabled")) == 2


def test_suspending_races_with_signing_in(house):
    """Whichever is first, no session is left that may do more than export."""
    house.joined()
    house.clock.advance(kit.MINUTE)
    asked, code = house.asked(), house.code()
    found = []

    told = at_once(
        lambda: found.append(house.vault.confirm_code(asked.challenge, code)),
        lambda: house.vault.upkeep.disable_account("acme", "A-0042", **WORD),
    )

    assert told == {"won": 2}
    with pytest.raises((AccountDisabled, SessionEnded)):
        found[0].safe.documents()


def test_a_detached_employment_begins_anew(house):
    """The old safe stays with who opened it; the right person gets an empty one, and what is deposited from then on."""
    wrong = house.joined(email="wrong@example.org", phone=None)
    old = kit.slip(house, reference="payslip-1")
    house.vault.upkeep.detach("acme", "A-0042", **WORD)

    assert wrong.safe.read(old.document_id) == kit.pdf(mark="October")
    again = house.vault.resume(wrong.token.reveal())
    assert again.employments == ()
    assert house.acme.employee("A-0042").status is EmployeeStatus.ENROLLED
    house.acme.amend("A-0042", email="right@example.org")
    right = house.activated(email="right@example.org")
    assert list(right.safe.documents()) == []
    anew = kit.slip(house, reference="payslip-1")
    assert not anew.replayed
    assert right.safe.read(anew.document_id) == kit.pdf(mark="October")
    with pytest.raises(DocumentMissing):
        wrong.safe.document(anew.document_id)
    with pytest.raises(DocumentMissing):
        right.safe.document(old.document_id)
    with pytest.raises(MycvaultError):
        wrong.safe.refuse_electronic("acme")
    assert {one.to for one in alerts(house, "detached")} == {"wrong@example.org"}
    assert house.vault.upkeep.check().ok
    assert {one.document_id for one in house.acme.deposits()} == {old.document_id, anew.document_id}


def test_what_a_detached_safe_holds_can_be_erased(house):
    """Whoever opened it erases her account; the employment that began anew is untouched."""
    wrong = house.joined(email="wrong@example.org", phone=None)
    kit.slip(house)
    house.vault.upkeep.detach("acme", "A-0042", **WORD)
    house.acme.amend("A-0042", email="right@example.org")
    right = house.activated(email="right@example.org")
    kit.slip(house, mark="November")

    wrong.security.erase_account()

    assert len(right.safe.payslips()) == 1
    assert house.vault.upkeep.check().ok
    assert house.vault.upkeep.purge(dry_run=False).findings == []


def test_support_acts_for_somebody_who_joined_and_says_who_and_why(lite):
    """What is missing is told; who acted and why stands in her history."""
    lite.enrolled()
    upkeep = lite.vault.upkeep
    for verb in (upkeep.reset_second_factor, upkeep.disable_account, upkeep.detach):
        with pytest.raises(InvalidInput):
            verb("acme", "A-0042", **WORD)
        with pytest.raises(EmployeeMissing):
            verb("acme", "B", **WORD)
        with pytest.raises(EmployerMissing):
            verb("nobody", "A-0042", **WORD)
    session = lite.activated()
    for missing in ({"by": " "}, {"reason": ""}):
        with pytest.raises(InvalidInput):
            upkeep.disable_account("acme", "A-0042", **{**WORD, **missing})

    upkeep.reset_second_factor("acme", "A-0042", **WORD)

    told = next(one for one in session.safe.history() if one.verb == "reset-second-factor")
    assert (told.details["by"], told.details["reason"]) == (WORD["by"], WORD["reason"])


def test_an_address_she_proved_meanwhile_is_done(house):
    """Support asked for what she did herself: nothing is left to do, and nobody is kept out."""
    session = house.joined()
    house.vault.upkeep.correct_email("acme", "A-0042", "new@example.org", **WORD)
    session.security.add_email("new@example.org")
    letter = house.sent("confirm-address")[0]
    house.vault.confirm_address(letter.context["link"].rpartition("/")[2])
    wait(house)

    assert house.asked().challenge
    assert house.vault.upkeep.purge(dry_run=False).ok


def test_an_objection_to_a_request_stops_the_one_in_its_place(house, her):
    """Support was made to ask twice: the first letter is as good as the second."""
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)
    first = objection(house, "reset-asked")
    house.vault.upkeep.reset_second_factor("acme", "A-0042", **WORD)

    house.vault.contest_address(first)
    wait(house)

    assert house.asked().channel is Channel.APP
