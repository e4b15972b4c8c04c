"""An authenticator app asked at sign-in, and at a confirmation; recovery codes in its place."""

import datetime as dt

import pytest

import kit
from app_kit import Phone, signed_in, with_app
from mycvault import (
    Assurance,
    Channel,
    CodeRefused,
    InvalidInput,
    Policy,
    SecondFactor,
    SessionEnded,
    TooManyAttempts,
)

HOUR = dt.timedelta(hours=1)


def test_signing_in_with_the_app(house):
    """Nothing is sent, nothing weaker is offered, and it is two factors."""
    session, phone, _ = with_app(house)
    session.end()
    sent = len(house.sent("sign-in-code"))
    asked = house.asked()

    assert (asked.channel, asked.sent_to) == (Channel.APP, "")
    assert asked.alternatives == {Channel.RECOVERY}
    assert house.vault.look_up_code(asked.challenge) == asked
    code = phone.next_code()
    spread = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    session = house.vault.confirm_code(asked.challenge, f" {spread[:3]} - {spread[3:]}")
    assert session.assurance is Assurance.MULTI_FACTOR
    assert len(house.sent("sign-in-code")) == sent


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL, Channel.LETTER])
def test_no_way_that_is_weaker(house, channel):
    """Who has her phone's number, or reads her mail, gets no code there."""
    with_app(house)
    asked = house.asked()
    with pytest.raises(InvalidInput):
        house.vault.resend_code(asked.challenge, channel=channel)

    assert house.sent("sign-in-code") == []


def test_a_code_of_the_app_is_good_once(house):
    """Neither the code that confirmed it, nor one used, nor an older one; each is a refusal like any other."""
    _, phone, _ = with_app(house)
    asked = house.asked()
    with pytest.raises(CodeRefused) as refused:
        house.vault.confirm_code(asked.challenge, phone.code())
    assert refused.value.reason == "wrong"
    older, newer = phone.next_code(), phone.next_code()

    assert house.vault.confirm_code(asked.challenge, newer)

    again = house.asked()
    for typed in (newer, older):
        with pytest.raises(CodeRefused):
            house.vault.confirm_code(again.challenge, typed)
    assert house.vault.confirm_code(again.challenge, phone.next_code())


@pytest.mark.parametrize(
    ("steps", "said"),
    [(-11, "wrong"), (-10, "clock"), (-2, "clock"), (2, "clock"), (10, "clock"), (11, "wrong")],
)
def test_a_phone_whose_clock_is_off_is_told(house, steps, said):
    """One step either way is accepted; minutes away the message names the clock, in her language."""
    _, phone, _ = with_app(house)
    house.clock.advance(HOUR)
    asked = house.asked()

    with pytest.raises(CodeRefused) as refused:
        house.vault.confirm_code(asked.challenge, phone.code(steps))

    assert (refused.value.reason, refused.value.tries_left) == (said, 4)
    assert ("clock" in refused.value.message("en")) is (said == "clock")
    assert ("horloge" in refused.value.message()) is (said == "clock")
    assert house.vault.confirm_code(asked.challenge, phone.code(1))


def test_a_clock_that_goes_back_opens_nothing_twice(house):
    """The newest step stands, whatever our own clock does."""
    _, phone, _ = with_app(house)
    assert signed_in(house, phone)
    house.clock.advance(-5 * kit.MINUTE)
    asked = house.asked()

    with pytest.raises(CodeRefused):
        house.vault.confirm_code(asked.challenge, phone.code())


@pytest.mark.parametrize("factor", list(SecondFactor))
def test_her_own_app_is_asked_whatever_the_policy(tmp_path, factor):
    """Where codes are never sent, an app she set up is asked all the same: she chose it."""
    cheap = Policy.for_tests().passwords
    policy = Policy(passwords=cheap, hand_out_links=True, second_factor=factor)
    with kit.house_at(tmp_path, policy=policy) as house:
        _, phone, _ = with_app(house, phone=None)

        assert house.asked().channel is Channel.APP
        assert signed_in(house, phone).assurance is Assurance.MULTI_FACTOR


def test_sending_again_sends_nothing(house):
    """Another request is made, ten a day; the first one stays good, and signing in is not stopped."""
    _, phone, _ = with_app(house)
    first = house.asked()
    letters = len(house.sent("sign-in-code"))
    for _ in range(9):
        again = house.vault.resend_code(first.challenge)
    with pytest.raises(TooManyAttempts):
        house.vault.resend_code(first.challenge)

    assert (again.channel, again.resend_after) == (Channel.APP, kit.START)
    assert again.challenge != first.challenge
    assert len(house.sent("sign-in-code")) == letters
    assert signed_in(house, phone)
    assert house.vault.confirm_code(first.challenge, phone.next_code())


def test_wrong_codes_count_whichever_way(house):
    """Three of the app and two recovery codes that are none: five tries, and the sixth waits, even the right one."""
    _, phone, _ = with_app(house)
    asked = house.asked()
    wrong = f"{(int(phone.code(1)) + 7) % 10**6:06d}"
    for typed in (wrong, "0000-0000-0000-0000", wrong, "ABCD-EFGH-JKMN-PQRS", wrong):
        with pytest.raises(CodeRefused):
            house.vault.confirm_code(asked.challenge, typed)

    with pytest.raises(TooManyAttempts):
        house.vault.confirm_code(asked.challenge, phone.next_code())


def test_reconfirming_with_the_app(house):
    """A session opened by SMS before cannot be; one opened by a recovery code rises with the app's code."""
    _, phone, codes = with_app(house)
    session = house.vault.confirm_code(house.asked().challenge, codes[0])
    old = session.token.reveal()
    assert session.assurance is Assurance.TWO_STEP
    house.clock.advance(6 * kit.MINUTE)

    asked = session.reconfirm(kit.PASSWORD)
    assert (asked.channel, asked.alternatives) == (Channel.APP, frozenset())
    session.finish_reconfirm(asked.challenge, phone.code())

    assert session.assurance is Assurance.MULTI_FACTOR
    assert session.token.reveal() != old
    with pytest.raises(SessionEnded):
        house.vault.resume(old)
    assert house.vault.resume(session.token.reveal()).assurance is Assurance.MULTI_FACTOR
    session.security.remove_app()


def test_a_second_confirmation_keeps_the_token(house):
    """Only what makes it surer changes the cookie."""
    session, phone, _ = with_app(house)
    token = session.token
    session.finish_reconfirm(session.reconfirm(kit.PASSWORD).challenge, phone.next_code())

    assert session.token == token


def test_a_lost_phone_is_replaced_with_recovery_codes(house):
    """Signed in by one, she confirms by another, and sets up the new phone."""
    _, _, codes = with_app(house)
    session = house.vault.confirm_code(house.asked().challenge, codes[0])
    house.clock.advance(6 * kit.MINUTE)
    session.finish_reconfirm(session.reconfirm(kit.PASSWORD).challenge, codes[1])
    assert session.security.overview().recovery_codes_left == 8
    new = Phone(house, session)

    session.security.confirm_app(new.code())

    assert signed_in(house, new)
