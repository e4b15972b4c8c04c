"""
Her link and what it asks: every way in which a link is dead, every answer that is refused, and what counts for nothing.
"""

import datetime as dt
import re

import pytest

import kit
from mycvault import (
    AddressMissing,
    AlreadyActivated,
    Assurance,
    Channel,
    CodeExpired,
    EmployeeStatus,
    InvalidInput,
    LinkDamaged,
    LinkExpired,
    LinkInvalid,
    Policy,
    SessionEnded,
    SignInRefused,
)
from mycvault.crypto import tokens

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def house_with(tmp_path, **policy):
    cheap = Policy.for_tests().passwords
    return kit.house_at(tmp_path, policy=Policy(passwords=cheap, hand_out_links=True, **policy))


def refused_everywhere(house, token, leaf):
    """Look, ask for a code and complete with *token*; each is refused with *leaf* and journaled."""
    joining = house.vault.joining
    answers = {"given_name": "Z", "family_name": "E", "email": kit.EMAIL, "password": kit.PASSWORD}
    calls = {
        "look-up-link": lambda: joining.look_up(token),
        "send-code": lambda: joining.send_code(token),
        "activate": lambda: joining.complete(token, **answers),
    }
    found = []
    for verb, call in calls.items():
        with pytest.raises(leaf) as refused:
            call()
        # Of a flood of the same only the first is written.
        assert (verb, refused.value.code) in house.events()
        found.append(refused.value)
    return found


# ------------------------------------------------------------------ links


def test_a_link_cut_by_a_mail_client_is_damaged(house):
    """A cut, changed or decorated link says so by its checksum; spaces and capital letters are forgiven."""
    house.enrolled()
    token = house.invited_token()
    changed = token[:-3] + ("a" if token[-3] != "a" else "b") + token[-2:]
    for broken in (token[:-1], token[:20], changed, token + ">", "", "hello", token[4:]):
        refused_everywhere(house, broken, LinkDamaged)

    wrapped = f" {token[:30]}\r\n {token[30:].upper()} "
    assert house.vault.joining.look_up(wrapped).employer == "acme"


def test_a_forged_link_is_like_an_unknown_one(house):
    """A right checksum over a secret that nobody was given opens nothing and tells nothing."""
    house.enrolled()
    refused_everywhere(house, tokens.write("invite", b"\x07" * 32), LinkInvalid)


def test_what_was_made_for_something_else_opens_nothing(house):
    """A session's token, a challenge and a link never stand for one another."""
    session = house.joined().token.reveal()
    challenge = house.asked().challenge
    house.enrolled("A-2", email="second@example.org", phone=None)
    link = house.invited_token("A-2")

    for other in (session, challenge):
        refused_everywhere(house, other, LinkInvalid)
        with pytest.raises(LinkInvalid):
            house.vault.confirm_address(other)
    for other in (link, challenge, "garbage", "", tokens.write("session", b"\x07" * 32)):
        with pytest.raises(SessionEnded):
            house.vault.resume(other)
    for other in (link, session, "garbage", "", tokens.write("code", b"\x07" * 32)):
        for call in (
            lambda other=other: house.vault.confirm_code(other, "123456"),
            lambda other=other: house.vault.look_up_code(other),
            lambda other=other: house.vault.resend_code(other),
        ):
            with pytest.raises(CodeExpired):
                call()
    with pytest.raises(LinkInvalid):
        house.vault.confirm_address(link)
    secret_of_the_link = link.removeprefix("mcv_invite_")
    with pytest.raises(LinkDamaged):
        house.vault.joining.look_up("mcv_address_" + secret_of_the_link)


def test_a_link_of_another_vault_is_unknown(tmp_path):
    """What one vault gave out means nothing to another."""
    with kit.house_at(tmp_path / "one") as one, kit.house_at(tmp_path / "two") as two:
        one.enrolled()
        two.enrolled()
        refused_everywhere(two, one.invited_token(), LinkInvalid)


def test_an_expired_link_names_the_employer(house):
    """After fifteen days the link is over: she reads whom to ask, HR sees it, a new one works."""
    house.enrolled()
    token = house.invited_token()
    house.clock.advance(15 * DAY - dt.timedelta(seconds=1))
    assert house.vault.joining.look_up(token)
    assert house.acme.employee("A-0042").status is EmployeeStatus.INVITED
    house.clock.advance(dt.timedelta(seconds=1))

    errors = refused_everywhere(house, token, LinkExpired)

    assert [error.employer_name for error in errors] == ["Acme SAS"] * 3
    assert "Acme SAS" in errors[0].message("en")
    assert house.acme.employee("A-0042").status is EmployeeStatus.EXPIRED
    assert len(house.acme.employees(status="expired")) == 1
    assert house.activated().assurance is Assurance.TWO_STEP


def test_a_new_invitation_kills_the_earlier_link(house):
    """Of two links only the newer lives, and the letter of the dead one never leaves."""
    house.enrolled()
    first = house.acme.invite("A-0042").token.reveal()
    second = house.acme.invite("A-0042").token.reveal()

    refused_everywhere(house, first, LinkInvalid)

    assert house.vault.joining.look_up(second)
    assert [second in letter.text for letter in house.sent("invitation")] == [True]
    assert house.rows("SELECT 1 FROM mycvault_letters WHERE context IS NOT NULL") == []


def test_a_revoked_link_is_dead_and_its_letter_never_leaves(house):
    """HR takes the invitation back."""
    house.enrolled()
    token = house.acme.invite("A-0042").token.reveal()
    house.acme.revoke_invitation("A-0042")

    refused_everywhere(house, token, LinkInvalid)

    assert house.sent("invitation") == []
    assert house.acme.employee("A-0042").status is EmployeeStatus.ENROLLED


def test_a_changed_address_kills_the_link(house):
    """A link on its way to an old mailbox dies with the address; HR sees that she must be invited again."""
    house.enrolled()
    token = house.acme.invite("A-0042").token.reveal()
    house.acme.amend("A-0042", email="new.address@example.org")

    refused_everywhere(house, token, LinkInvalid)

    assert house.sent("invitation") == []
    assert house.acme.employee("A-0042").status is EmployeeStatus.ENROLLED


def test_another_change_of_the_record_leaves_the_link_alive(lite):
    """Correcting a name does not cost her the letter she has."""
    lite.enrolled()
    token = lite.invited_token()
    lite.acme.amend("A-0042", given_name="Zoé", email=kit.EMAIL)

    assert lite.vault.joining.look_up(token).given_name == "Zoé"


def test_a_link_is_used_once(house):
    """Afterwards it says to sign in, for good; HR can neither invite nor revoke."""
    house.enrolled()
    token = house.invited_token()
    house.activated(token=token)

    refused_everywhere(house, token, AlreadyActivated)
    house.clock.advance(100 * DAY)
    refused_everywhere(house, token, AlreadyActivated)
    for verb in (house.acme.invite, house.acme.revoke_invitation):
        with pytest.raises(AlreadyActivated):
            verb("A-0042")
    assert house.last_event() == ("revoke-invitation", "already-activated")
    assert house.acme.employee("A-0042").status is EmployeeStatus.ACTIVE


@pytest.mark.parametrize(("by", "handed"), [("email", False), ("sms", False), ("letter", True)])
def test_the_token_is_in_the_letter_alone(tmp_path, by, handed):
    """HR holds a token only to print it; by policy it may hold others."""
    with kit.house_at(tmp_path, policy=Policy()) as house:
        house.enrolled()
        invitation = house.acme.invite("A-0042", by=by)

        assert (invitation.token is not None) is handed
        assert house.vault.outbox.pending() == (0 if handed else 1)
    with house_with(tmp_path / "lax") as house:
        house.enrolled()
        assert house.acme.invite("A-0042", by=by).token is not None


def test_there_must_be_an_address_for_the_way(lite):
    """An invitation by e-mail or SMS needs one on record; other ways are none."""
    lite.enrolled(email=None, phone=None)
    for by, field in ((Channel.EMAIL, "email"), (Channel.SMS, "phone")):
        with pytest.raises(AddressMissing) as refused:
            lite.acme.invite("A-0042", by=by)
        assert refused.value.field == field
    for by in ("app", "pigeon", ""):
        with pytest.raises(InvalidInput) as refused:
            lite.acme.invite("A-0042", by=by)
        assert refused.value.field == "by"
    assert lite.last_event() == ("invite", "invalid-input")


def test_an_employee_with_only_a_phone_is_invited_by_sms(house):
    """Her link comes by SMS; her number is an identifier at once, her typed address once proved."""
    house.enrolled(email=None)
    house.acme.invite("A-0042", by="sms")
    letter = house.post()
    token = re.search(r"/activate/(\S+)", letter.text)[1]

    session = house.activated(token=token, email="hers@example.org")

    assert (letter.channel, letter.to) == (Channel.SMS, kit.PHONE_E164)
    assert session.holder.emails == ()
    assert house.asked("06.12.34.56.78").channel is Channel.SMS
    with pytest.raises(SignInRefused):
        house.vault.sign_in("hers@example.org", kit.PASSWORD)


def test_an_address_other_than_the_links_proves_itself(house):
    """A typed address becomes an identifier by its own letter; the link of that letter works once."""
    house.enrolled()
    house.activated(email="Private@Example.org")
    with pytest.raises(SignInRefused):
        house.vault.sign_in("private@example.org", kit.PASSWORD)
    (letter,) = house.sent("confirm-address")
    token = letter.context["link"].rpartition("/")[2]

    house.vault.confirm_address(token)

    assert letter.to == "Private@example.org"
    assert house.last_event() == ("confirm-address", "")
    session = house.signed_in("private@example.org")
    assert session.holder.emails == ("Private@example.org",)
    with pytest.raises(AlreadyActivated):
        house.vault.confirm_address(token)
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    seen = [event.details.get("refused") for event in session.safe.history()]
    assert "already-activated" in seen


def test_the_link_of_an_address_expires(lite):
    """It lives as long as an invitation."""
    lite.enrolled()
    lite.activated(email="private@example.org")
    token = lite.sent("confirm-address")[0].context["link"].rpartition("/")[2]
    lite.clock.advance(15 * DAY)

    with pytest.raises(LinkExpired) as refused:
        lite.vault.confirm_address(token)

    assert refused.value.message("en")
    assert lite.last_event() == ("confirm-address", "link-expired")
