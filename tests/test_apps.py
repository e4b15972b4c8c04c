"""An authenticator app: set up, replaced, removed; how her account is secured."""

import datetime as dt
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

import kit
from app_kit import Phone, app_code, by_hand, signed_in, with_app
from mycvault import (
    Alert,
    Assurance,
    Channel,
    CodeExpired,
    CodeRefused,
    FreshConfirmationRequired,
    InvalidInput,
    Policy,
    SessionEnded,
    SetupError,
    TooManyAttempts,
)


def alerts(house, what):
    return sorted(one.to for one in house.sent("security-alert") if one.context["alert"] == what)


# ------------------------------------------------------------------ setting it up


def test_an_app_is_hers_after_its_first_code(house):
    """Ten recovery codes are given, every address is told, and the session is surer under another token."""
    session = house.joined()
    old = session.token.reveal()
    phone = Phone(house, session)
    assert session.security.overview().app_since is None

    codes = session.security.confirm_app(phone.code())

    assert len(set(codes)) == 10
    assert session.assurance is Assurance.MULTI_FACTOR
    assert session.token.reveal() != old
    with pytest.raises(SessionEnded):
        house.vault.resume(old)
    again = house.vault.resume(session.token.reveal())
    assert (again.id, again.assurance) == (session.id, Assurance.MULTI_FACTOR)
    assert session.safe.count() == 0
    seen = session.security.overview()
    assert (seen.app_since, seen.recovery_codes_left) == (kit.START, 10)
    assert alerts(house, Alert.APP_ADDED) == [kit.PHONE_E164, kit.EMAIL]


def test_the_uri_and_its_picture_say_what_an_app_needs(lite):
    """An otpauth address of 160 bits, percent-encoded, under the issuer's name; drawn as one SVG."""
    session = lite.joined(email="zélie+paie@example.org")
    enrolment = session.security.enrol_app()
    uri = urlsplit(enrolment.uri.reveal())

    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/mycvault:zélie+paie@example.org"
    assert uri.path.isascii()
    asked = parse_qs(uri.query)
    assert asked == {"secret": [enrolment.secret.reveal()], "issuer": ["mycvault"]}
    assert len(asked["secret"][0]) == 32
    drawn = ET.fromstring(enrolment.svg())
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert enrolment.secret.reveal() not in repr(enrolment) + str(enrolment.uri)


def test_a_qr_code_without_its_extra_says_so(lite, monkeypatch):
    """The secret can still be typed; the picture names what is to be installed."""
    enrolment = lite.joined().security.enrol_app()
    monkeypatch.setitem(__import__("sys").modules, "segno", None)

    with pytest.raises(SetupError, match="mycvault\\[qr\\]"):
        enrolment.svg()


@pytest.mark.parametrize("name", ["", " ", "a:b", "x" * 65, "a\nb", 7])
def test_the_issuer_is_a_name(name):
    """A colon would end it inside the label."""
    with pytest.raises(InvalidInput):
        Policy(issuer=name)


def test_a_wrong_code_leaves_it_pending(house):
    """The same secret is shown again; five wrong ones and an hour's wait."""
    session = house.joined()
    phone = Phone(house, session)
    wrong = f"{(int(phone.code()) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeRefused) as refused:
            session.security.confirm_app(wrong)
        assert refused.value.tries_left == left

    assert session.security.pending_app().secret == phone.enrolment.secret
    with pytest.raises(TooManyAttempts):
        session.security.confirm_app(phone.code())
    assert session.security.overview().app_since is None
    assert house.last_event() == ("confirm-app", "too-many-attempts")


def test_it_waits_an_hour_in_its_own_session(house):
    """Another session neither sees nor confirms it; so does nobody after an hour."""
    session = house.joined()
    other = house.signed_in()
    phone = Phone(house, session)

    assert other.security.pending_app() is None
    with pytest.raises(CodeExpired):
        other.security.confirm_app(phone.code())
    house.clock.advance(29 * kit.MINUTE)
    assert session.safe.count() == 0
    house.clock.advance(29 * kit.MINUTE)
    assert session.safe.count() == 0
    house.clock.advance(2 * kit.MINUTE)
    session.finish_reconfirm(session.reconfirm(kit.PASSWORD).challenge, house.code())
    assert session.security.pending_app() is None
    with pytest.raises(CodeExpired):
        session.security.confirm_app(phone.code())


def test_nothing_without_a_fresh_session(house):
    """Five minutes after she signed in each of the verbs asks who she is; looking does not."""
    session = house.joined()
    house.clock.advance(6 * kit.MINUTE)
    security = session.security
    for call in (
        security.enrol_app,
        security.pending_app,
        lambda: security.confirm_app("123456"),
        security.remove_app,
        security.new_recovery_codes,
    ):
        with pytest.raises(FreshConfirmationRequired):
            call()
        assert house.last_event()[1] == "fresh-confirmation-required"

    assert security.overview().emails == (kit.EMAIL,)


def test_a_new_app_replaces_the_old_one_at_its_first_code(house):
    """Until then the old one stands; afterwards it and its recovery codes are worth nothing."""
    _, old, codes = with_app(house)
    session = signed_in(house, old)
    new = Phone(house, session)
    assert signed_in(house, old)

    fresh = session.security.confirm_app(new.code())

    assert not set(fresh) & set(codes)
    asked = house.asked()
    for typed in (old.next_code(), codes[0]):
        with pytest.raises(CodeRefused):
            house.vault.confirm_code(asked.challenge, typed)
    assert house.vault.confirm_code(asked.challenge, new.code())


def test_her_other_sessions_end_with_a_new_app(house):
    """What was opened without it would be weaker: so does a code by SMS that is still on its way."""
    session = house.joined()
    other = house.signed_in()
    asked, sms = house.asked(), house.code()
    phone = Phone(house, session)

    session.security.confirm_app(phone.code())

    with pytest.raises(SessionEnded):
        other.safe.count()
    with pytest.raises(CodeExpired):
        house.vault.confirm_code(asked.challenge, sms)
    assert session.safe.count() == 0


# ------------------------------------------------------------------ removing it


def test_removing_the_app(house):
    """Its recovery codes go along, codes are sent again, every address is told; a second time is no error."""
    session, phone, codes = with_app(house)
    waiting = house.asked()
    session.security.remove_app()

    assert session.security.overview().app_since is None
    assert session.security.overview().recovery_codes_left == 0
    with pytest.raises(CodeExpired):
        house.vault.confirm_code(waiting.challenge, phone.next_code())
    asked = house.asked()
    assert (asked.channel, asked.alternatives) == (Channel.SMS, {Channel.EMAIL})
    with pytest.raises(CodeRefused):
        house.vault.confirm_code(asked.challenge, codes[0])
    assert house.vault.confirm_code(asked.challenge, house.code())
    session.security.remove_app()
    assert alerts(house, Alert.APP_REMOVED) == [kit.PHONE_E164, kit.EMAIL]


def test_recovery_codes_are_told(house):
    """New ones, with or without an app, and every use of one; she may use one in place of an SMS."""
    session = house.joined()
    codes = session.security.new_recovery_codes()
    asked = house.asked()
    assert (asked.channel, asked.alternatives) == (Channel.SMS, {Channel.EMAIL, Channel.RECOVERY})
    other = house.vault.resend_code(asked.challenge, channel=Channel.RECOVERY)
    assert (other.channel, other.sent_to) == (Channel.RECOVERY, "")
    assert house.vault.look_up_code(other.challenge) == other

    assert house.vault.confirm_code(other.challenge, codes[4]).assurance is Assurance.TWO_STEP

    with pytest.raises(CodeRefused):
        house.vault.confirm_code(asked.challenge, codes[4])
    assert house.vault.confirm_code(asked.challenge, house.code())
    both = [kit.PHONE_E164, kit.EMAIL]
    assert alerts(house, Alert.RECOVERY_CODES_RENEWED) == both
    assert alerts(house, Alert.RECOVERY_CODE_USED) == both


def test_an_erased_account_leaves_no_factor(house):
    """Neither the app nor a recovery code of hers stays."""
    session, _, _ = with_app(house)
    session.security.erase_account()

    assert house.rows("SELECT id FROM mycvault_apps") == []
    assert house.rows("SELECT id FROM mycvault_recovery_codes") == []


def test_the_overview_says_what_she_has(house):
    """Her addresses, the one that waits for its link, and since when the password."""
    house.enrolled()
    session = house.activated(email="zelie.private@example.org")

    seen = session.security.overview()

    assert (seen.emails, seen.pending_email) == ((), "zelie.private@example.org")
    assert (seen.phone, seen.password_changed_at) == (kit.PHONE_E164, kit.START)
    assert (seen.app_since, seen.recovery_codes_left) == (None, 0)
    assert "example.org" not in repr(seen)


@pytest.mark.parametrize("read", [app_code, by_hand])
def test_the_client_of_these_tests_is_an_app(read):
    """A value of RFC 6238, appendix B, whichever reads it."""
    moment = dt.datetime(1970, 1, 1, 0, 0, 59, tzinfo=dt.UTC)

    assert read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", moment) == "287082"
