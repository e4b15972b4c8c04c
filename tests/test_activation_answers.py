"""
What she types on the activation page: password and codes; and what counts for nothing.
"""

import datetime as dt
import time

import pytest

import kit
from mycvault import (
    AddressMissing,
    Assurance,
    Channel,
    CodeExpired,
    CodeRefused,
    IdentityMismatch,
    Need,
    PasswordTooWeak,
    Policy,
    Reason,
    SecondFactor,
    TooManyAttempts,
)

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
BORN = dt.date(1984, 2, 29)


def house_with(tmp_path, factor):
    policy = Policy(
        passwords=Policy.for_tests().passwords, hand_out_links=True, second_factor=factor
    )
    return kit.house_at(tmp_path, policy=policy)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


# ------------------------------------------------------------------ the password

WEAK = {
    "short": ("Q7#vTz!m2Rk", Reason.TOO_SHORT),
    "empty": ("", Reason.TOO_SHORT),
    "long": ("x" * 257, Reason.TOO_LONG),
    "very long": ("x" * 100_000, Reason.TOO_LONG),
    "common": ("passwordpassword", Reason.GUESSABLE),
    "one letter": ("a" * 40, Reason.GUESSABLE),
    "keyboard": ("azertyuiopqs", Reason.GUESSABLE),
    "her e-mail": (kit.EMAIL, Reason.PERSONAL),
    "her names": ("Zelie Exemplaire-Dupre", Reason.PERSONAL),
    "her name, turned": ("exemplaire.dupré1", Reason.PERSONAL),
    "her number": (kit.PHONE_E164, Reason.PERSONAL),
    "her employer": ("Acme SAS Acme SAS", Reason.PERSONAL),
}


@pytest.mark.parametrize(("password", "reason"), WEAK.values(), ids=WEAK)
def test_a_weak_password_is_refused_with_its_reason(lite, password, reason):
    """She reads every reason at once, quickly, and nothing is counted or used."""
    lite.enrolled()
    token = lite.invited_token()
    lite.vault.joining.send_code(token)
    code, began = lite.code(), time.perf_counter()
    with pytest.raises(PasswordTooWeak) as refused:
        lite.activated(token=token, password=password, code=code)

    assert time.perf_counter() - began < 3
    assert reason in refused.value.reasons
    assert refused.value.field == "password"
    assert password[:20] not in str(refused.value) or not password
    assert lite.last_event() == ("activate", "password-too-weak")
    assert lite.rows("SELECT 1 FROM mycvault_tries") == []
    assert lite.activated(token=token, code=code)


def test_a_common_password_is_called_common(lite):
    """A password of the lists of stolen ones gets its own reason, whatever the minimum length."""
    lite.enrolled()
    with pytest.raises(PasswordTooWeak) as refused:
        lite.activated(password="1234567890123456")

    assert {Reason.COMMON, Reason.GUESSABLE} & set(refused.value.reasons)
    assert refused.value.message("en").startswith("This password is not safe enough.")


def test_a_password_alone_must_be_longer(tmp_path):
    """Fifteen characters when no code follows it, twelve when one does; accents count once."""
    with house_with(tmp_path, SecondFactor.NEVER) as house:
        house.enrolled()
        with pytest.raises(PasswordTooWeak) as refused:
            house.activated(password="Q7#vTz!m2RkWp4")
        assert refused.value.reasons == (Reason.TOO_SHORT,)
        session = house.activated(password="Q7#vTz!m2RkWp4e\u0301")
        assert session.assurance is Assurance.PASSWORD
        assert house.vault.sign_in(kit.EMAIL, "Q7#vTz!m2RkWp4é").assurance is Assurance.PASSWORD


# ------------------------------------------------------------------ codes


def test_five_wrong_codes_then_a_pause_of_an_hour(house):
    """Each wrong code says how many tries are left; then even the right one waits; after an hour all is free."""
    house.enrolled()
    token = house.invited_token()
    house.vault.joining.send_code(token)
    code = house.code()

    left = []
    for _ in range(5):
        with pytest.raises(CodeRefused) as refused:
            house.activated(token=token, code=wrong(code))
        left.append(refused.value.tries_left)
        house.clock.advance(kit.MINUTE)
    with pytest.raises(TooManyAttempts) as paused:
        house.activated(token=token, code=code)

    assert left == [4, 3, 2, 1, 0]
    assert refused.value.field == "code"
    assert paused.value.retry_after == 55 * kit.MINUTE
    assert house.last_event() == ("activate", "too-many-attempts")
    house.vault.joining.send_code(token)
    with pytest.raises(TooManyAttempts):
        house.activated(token=token, code=house.code())
    house.clock.advance(paused.value.retry_after)
    house.vault.joining.send_code(token)
    session = house.activated(token=token, code=house.code())
    seen = [event.details.get("refused") for event in session.safe.history(locale="en")]
    assert {"code-refused", "too-many-attempts"} <= set(seen)


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_code_counts_for_nothing(lite, missing):
    """The page sent without a code is refused as often as one likes."""
    lite.enrolled()
    token = lite.invited_token()
    lite.vault.joining.send_code(token)
    code = lite.code()
    for _ in range(8):
        with pytest.raises(CodeRefused) as refused:
            lite.activated(token=token, code=missing)
        assert refused.value.tries_left == 5

    assert lite.activated(token=token, code=f" {code[:3]}-{code[3:]} ")


def test_a_code_that_was_never_asked_for_is_expired(lite):
    """Without a live request there is nothing to answer."""
    lite.enrolled()
    with pytest.raises(CodeExpired):
        lite.activated(code="123456")
    assert lite.last_event() == ("activate", "code-expired")


def test_a_code_lives_ten_minutes(house):
    """Afterwards it is expired, and a new one works."""
    house.enrolled()
    token = house.invited_token()
    asked = house.vault.joining.send_code(token)
    code = house.code()
    house.clock.advance(10 * kit.MINUTE)

    with pytest.raises(CodeExpired) as refused:
        house.activated(token=token, code=code)

    assert asked.expires_at == kit.START + 10 * kit.MINUTE
    assert refused.value.field == "code"
    house.vault.joining.send_code(token)
    assert house.activated(token=token, code=house.code())


def test_the_code_of_another_link_opens_nothing(lite):
    """Two people activate at the same time; each needs her own code."""
    lite.enrolled()
    lite.enrolled("A-2", email="second@example.org", phone="+33 6 98 76 54 32")
    first, second = lite.invited_token(), lite.invited_token("A-2")
    lite.vault.joining.send_code(second)
    others = lite.code()
    lite.vault.joining.send_code(first)
    hers = lite.code()
    assert hers != others

    with pytest.raises(CodeRefused):
        lite.activated(token=first, code=others)

    assert lite.activated(token=first, code=hers)


def test_another_code_is_sent_after_a_minute_and_ten_times_a_day(lite):
    """Sixty seconds between two codes, ten unanswered ones in a day; each refusal says how long to wait."""
    lite.enrolled()
    token = lite.invited_token()
    asked = lite.vault.joining.send_code(token)
    with pytest.raises(TooManyAttempts) as refused:
        lite.vault.joining.send_code(token)
    assert refused.value.retry_after == kit.MINUTE
    assert asked.resend_after == kit.START + kit.MINUTE
    assert lite.last_event() == ("send-code", "too-many-attempts")

    for _ in range(9):
        lite.clock.advance(kit.MINUTE)
        lite.vault.joining.send_code(token)
    lite.clock.advance(HOUR)
    with pytest.raises(TooManyAttempts) as refused:
        lite.vault.joining.send_code(token)
    assert refused.value.retry_after == DAY - 9 * kit.MINUTE - HOUR
    lite.clock.advance(refused.value.retry_after)
    assert lite.vault.joining.send_code(token).channel is Channel.SMS


def test_every_code_that_was_sent_stays_good(lite):
    """SMS overtake one another: the first code works after the second was asked for."""
    lite.enrolled()
    token = lite.invited_token()
    lite.vault.joining.send_code(token)
    first = lite.code()
    lite.clock.advance(kit.MINUTE)
    lite.vault.joining.send_code(token)

    assert lite.activated(token=token, code=first).assurance is Assurance.TWO_STEP


def test_the_birth_date_is_asked_when_nothing_else_is(house):
    """Neither phone nor activation code: the birth date on record must be typed, and is never shown."""
    house.enrolled(phone=None, birth_date=BORN)
    token = house.invited_token()
    welcome = house.vault.joining.look_up(token)
    for typed in (None, BORN + DAY):
        with pytest.raises(IdentityMismatch) as refused:
            house.activated(token=token, birth_date=typed)
        assert refused.value.field == "birth_date"

    assert welcome.needs == {Need.PASSWORD, Need.IDENTITY, Need.BIRTH_DATE}
    assert house.last_event() == ("activate", "identity-mismatch")
    with pytest.raises(AddressMissing):
        house.vault.joining.send_code(token)
    assert house.activated(token=token, birth_date=BORN).assurance is Assurance.PASSWORD


def test_an_activation_code_goes_with_a_printed_letter(house):
    """It comes apart from the link, is forgiven its spaces and small letters, and is counted like others."""
    house.enrolled(phone=None, birth_date=BORN)
    invitation = house.acme.invite("A-0042", by="letter", activation_code=True)
    token, printed = invitation.token.reveal(), invitation.activation_code.reveal()
    needs = house.vault.joining.look_up(token).needs
    with pytest.raises(CodeRefused) as missing:
        house.activated(token=token)
    with pytest.raises(CodeRefused) as refused:
        house.activated(token=token, activation_code="AAAAAAAAAA")

    assert needs == {Need.PASSWORD, Need.IDENTITY, Need.ACTIVATION_CODE}
    assert (missing.value.field, missing.value.tries_left) == ("activation_code", 5)
    assert (refused.value.field, refused.value.tries_left) == ("activation_code", 4)
    spaced = f" {printed[:5].lower()}-{printed[5:]} "
    session = house.activated(token=token, activation_code=spaced)
    assert session.holder.emails == ()


def test_five_wrong_activation_codes_then_a_pause(lite):
    """A printed code cannot be guessed either."""
    lite.enrolled(phone=None)
    invitation = lite.acme.invite("A-0042", activation_code=True)
    token, printed = invitation.token.reveal(), invitation.activation_code.reveal()
    for _ in range(5):
        with pytest.raises(CodeRefused):
            lite.activated(token=token, activation_code="AAAAAAAAAA")
    with pytest.raises(TooManyAttempts) as paused:
        lite.activated(token=token, activation_code=printed)

    lite.clock.advance(paused.value.retry_after)
    assert paused.value.retry_after == HOUR
    assert lite.activated(token=token, activation_code=printed)
