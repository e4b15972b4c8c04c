"""
She signs in: one refusal for every cause, and codes by SMS or e-mail.
"""

import datetime as dt

import pytest

import kit
from mycvault import (
    Assurance,
    Channel,
    CodeExpired,
    CodeRefused,
    InvalidInput,
    Policy,
    SecondFactor,
    Session,
    SignInRefused,
    TooManyAttempts,
)

HOUR = dt.timedelta(hours=1)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def refused_outcomes(session):
    return [event.details.get("refused") for event in session.safe.history()]


# ------------------------------------------------------------------ identifier and password


def test_one_refusal_for_every_cause(house):
    """Unknown, wrong, not yet activated, not proved, no identifier at all: the same error, word for word."""
    house.joined()
    house.enrolled("A-2", email="pending@example.org", phone=None)
    house.invited_token("A-2")
    attempts = [
        (kit.EMAIL, "wrong-password-altogether"),
        (kit.EMAIL, "x" * 100_000),
        ("nobody@example.org", kit.PASSWORD),
        ("pending@example.org", kit.PASSWORD),
        ("+33 6 00 00 00 00", kit.PASSWORD),
        ("A-0042", kit.PASSWORD),
        ("", kit.PASSWORD),
        ("x" * 100_000, kit.PASSWORD),
    ]
    told = set()
    for identifier, password in attempts:
        with pytest.raises(SignInRefused) as refused:
            house.vault.sign_in(identifier, password, caller=kit.HERE)
        told.add((str(refused.value), refused.value.field, refused.value.message("en")))
        assert ("sign-in", "sign-in-refused") in house.events()

    assert len(told) == 1


def test_a_wrong_password_is_seen_in_her_history(house):
    """She reads that somebody tried, from where, and that it was refused; the password stands nowhere."""
    house.joined()
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, "wrong-password-altogether", caller=kit.HERE)

    (event,) = [e for e in house.signed_in().safe.history(locale="en") if e.details.get("refused")]

    assert (event.verb, event.text) == ("sign-in", "Attempt to sign in refused")
    assert event.details["address"] == "192.0.2.7"
    assert "wrong-password" not in str(event.details)


@pytest.mark.parametrize(
    "typed",
    [
        kit.EMAIL.upper(),
        f"  {kit.EMAIL} ",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "0033612345678",
    ],
)
def test_an_identifier_is_typed_as_people_type_it(lite, typed):
    """Case and spaces of an address, and every usual writing of a number, are the same identifier."""
    lite.joined()
    assert lite.signed_in(typed).holder.given_name == kit.GIVEN


def test_a_wrong_password_does_as_much_work_as_an_unknown_name(lite):
    """The hasher is asked once whatever the cause, so that time tells nobody who exists."""
    lite.joined()
    desk = lite.vault._desk
    desk.hasher = hasher = kit.UnhurriedHasher.before(desk.hasher, lite.vault)
    asked = []
    for identifier in (kit.EMAIL, "nobody@example.org", "no identifier"):
        before = hasher.calls
        with pytest.raises(SignInRefused):
            lite.vault.sign_in(identifier, "wrong-password-altogether")
        asked.append(hasher.calls - before)

    assert asked == [1, 1, 1]


# ------------------------------------------------------------------ the code


def test_a_code_by_e_mail_when_there_is_no_phone(house):
    """Without a number the code goes to the mailbox, masked on the page."""
    house.joined(phone=None)
    asked = house.asked()

    session = house.vault.confirm_code(asked.challenge, house.code())

    assert (asked.channel, asked.sent_to) == (Channel.EMAIL, "z•••@example.org")
    assert asked.alternatives == frozenset()
    assert session.assurance is Assurance.TWO_STEP
    assert [letter.to for letter in house.sent("sign-in-code")] == [kit.EMAIL]


@pytest.mark.parametrize(
    ("factor", "phone", "channel"),
    [
        (SecondFactor.NEVER, kit.PHONE, None),
        (SecondFactor.WHEN_AVAILABLE, None, None),
        (SecondFactor.WHEN_AVAILABLE, kit.PHONE, Channel.SMS),
        (SecondFactor.ALWAYS, None, Channel.EMAIL),
    ],
)
def test_a_code_is_asked_as_the_policy_says(tmp_path, factor, phone, channel):
    """Without a code the session opens at once, and says how little sure it is."""
    policy = Policy(
        passwords=Policy.for_tests().passwords, hand_out_links=True, second_factor=factor
    )
    with kit.house_at(tmp_path, policy=policy) as house:
        house.joined(phone=phone)
        opened = house.vault.sign_in(kit.EMAIL, kit.PASSWORD)

        if channel is None:
            assert isinstance(opened, Session)
            assert opened.assurance is Assurance.PASSWORD
            assert opened.safe.history().items[0].verb == "sign-in"
        else:
            assert opened.channel is channel


def test_the_code_page_shows_the_same_after_a_redirect(house):
    """Looking uses nothing; the number is masked, the other way offered."""
    house.joined()
    asked = house.asked()

    seen = [house.vault.look_up_code(asked.challenge) for _ in range(3)]

    assert seen == [asked] * 3
    assert (asked.channel, asked.sent_to) == (Channel.SMS, "+33 6 •• •• •• 78")
    assert asked.alternatives == {Channel.EMAIL}
    assert asked.expires_at - asked.resend_after == 9 * kit.MINUTE
    assert asked.challenge not in repr(asked)


def test_a_code_is_sent_again_by_another_way(house):
    """After a minute she may have it by e-mail; both codes stay good, each for its own request."""
    house.joined()
    first = house.asked()
    sms = house.code()
    with pytest.raises(TooManyAttempts) as early:
        house.vault.resend_code(first.challenge, channel=Channel.EMAIL)
    house.clock.advance(kit.MINUTE)

    second = house.vault.resend_code(first.challenge, channel=Channel.EMAIL)

    assert early.value.retry_after == kit.MINUTE
    assert ("resend-code", "too-many-attempts") in house.events()
    assert (second.channel, second.alternatives) == (Channel.EMAIL, {Channel.SMS})
    mailed = house.code()
    with pytest.raises(CodeRefused):
        house.vault.confirm_code(second.challenge, sms if sms != mailed else wrong(sms))
    assert house.vault.confirm_code(second.challenge, mailed)
    assert house.vault.confirm_code(first.challenge, sms)


@pytest.mark.parametrize("channel", [Channel.APP, Channel.RECOVERY, Channel.LETTER, "pigeon"])
def test_only_an_alternative_is_taken(lite, channel):
    """A way she did not prove is no way for a code."""
    lite.joined()
    asked = lite.asked()
    lite.clock.advance(kit.MINUTE)
    with pytest.raises(InvalidInput) as refused:
        lite.vault.resend_code(asked.challenge, channel=channel)

    assert refused.value.field == "channel"
    assert lite.last_event() == ("resend-code", "invalid-input")


def test_a_challenge_is_answered_once(house):
    """The right code twice is expired the second time; so are looking and sending again."""
    house.joined()
    asked, code = house.asked(), house.code()
    session = house.vault.confirm_code(asked.challenge, code)

    for call in (
        lambda: house.vault.confirm_code(asked.challenge, code),
        lambda: house.vault.look_up_code(asked.challenge),
        lambda: house.vault.resend_code(asked.challenge),
    ):
        with pytest.raises(CodeExpired):
            call()
        assert house.last_event()[1] == "code-expired"
    assert session.safe.count() == 0


def test_a_code_answers_its_own_request_only(house):
    """A code overseen from an earlier sign-in does not answer the next one."""
    house.joined()
    first = house.asked()
    old = house.code()
    house.vault.confirm_code(first.challenge, old)
    second = house.asked()
    new = house.code()
    assert old != new

    with pytest.raises(CodeRefused) as refused:
        house.vault.confirm_code(second.challenge, old)

    assert refused.value.tries_left == 4
    assert house.last_event() == ("confirm-code", "code-refused")
    assert house.vault.confirm_code(second.challenge, f"{new[:3]} {new[3:]}")


def test_a_challenge_lives_ten_minutes(house):
    """A second before it opens, afterwards it is expired."""
    house.joined()
    asked, code = house.asked(), house.code()
    house.clock.advance(10 * kit.MINUTE)

    with pytest.raises(CodeExpired):
        house.vault.confirm_code(asked.challenge, code)

    asked, code = house.asked(), house.code()
    house.clock.advance(10 * kit.MINUTE - dt.timedelta(seconds=1))
    assert house.vault.confirm_code(asked.challenge, code)


def test_five_tries_whatever_is_sent_again(house):
    """A new code brings no new tries; an hour does, and she sees it all in her history."""
    house.joined()
    asked, code = house.asked(), house.code()
    for _ in range(5):
        with pytest.raises(CodeRefused):
            house.vault.confirm_code(asked.challenge, wrong(code))
        house.clock.advance(kit.MINUTE)
    again = house.vault.resend_code(asked.challenge)
    with pytest.raises(TooManyAttempts) as paused:
        house.vault.confirm_code(again.challenge, house.code())

    assert paused.value.retry_after == 55 * kit.MINUTE
    house.clock.advance(paused.value.retry_after)
    session = house.signed_in()
    assert {"code-refused", "too-many-attempts"} <= set(refused_outcomes(session))


def test_a_success_forgets_the_tries(lite):
    """Four wrong codes and the right one leave five tries for the next time."""
    lite.joined()
    for _ in range(3):
        asked, code = lite.asked(), lite.code()
        for left in (4, 3, 2, 1):
            with pytest.raises(CodeRefused) as refused:
                lite.vault.confirm_code(asked.challenge, wrong(code))
            assert refused.value.tries_left == left
        assert lite.vault.confirm_code(asked.challenge, code)


def test_ten_unanswered_codes_a_day(lite):
    """Somebody who knows her password cannot fill her telephone."""
    lite.joined()
    for _ in range(10):
        lite.asked()
    with pytest.raises(TooManyAttempts) as refused:
        lite.asked()

    assert refused.value.retry_after == 24 * HOUR
    assert len(lite.sent("sign-in-code")) == 10
    assert lite.last_event() == ("sign-in", "too-many-attempts")
