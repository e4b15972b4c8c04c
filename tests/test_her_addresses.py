"""She adds, proves and removes e-mail addresses, changes her number, and objects to what she did not ask for."""

import pytest

import kit
from mycvault import (
    CodeExpired,
    CodeRefused,
    FreshConfirmationRequired,
    InvalidInput,
    LinkDamaged,
    LinkExpired,
    LinkInvalid,
    MycvaultError,
    SessionEnded,
    SignInRefused,
    TooManyAttempts,
)
from racing import at_once

SECOND = "second@example.org"
NEW = "06 98 76 54 21"


def link(letter):
    return letter.context["link"].rpartition("/")[2]


def proof(house, to=SECOND):
    """Give the link that was mailed to an address."""
    return link(next(one for one in reversed(house.sent("confirm-address")) if one.to == to))


def alerts(house, what):
    return [one for one in house.sent("security-alert") if one.context["alert"] == what]


def test_an_address_signs_her_in_once_its_mailbox_proved_it(house):
    """Before its link nobody signs in with it; afterwards it is as good as the first."""
    session = house.joined()
    session.security.add_email("Second@EXAMPLE.org")
    with pytest.raises(SignInRefused):
        house.vault.sign_in(SECOND, kit.PASSWORD)

    house.vault.confirm_address(proof(house, "Second@example.org"))

    assert house.signed_in("ｓecond@example.org").holder.emails == (kit.EMAIL, "Second@example.org")


def test_every_address_is_told_when_one_is_added_and_when_it_is_proved(house):
    """The mailbox and the number she had, not the new one."""
    session = house.joined()

    session.security.add_email(SECOND)
    added = {letter.to for letter in alerts(house, "email-added")}
    house.vault.confirm_address(proof(house))
    proved = {letter.to for letter in alerts(house, "email-proved")}

    assert added == proved == {kit.EMAIL, kit.PHONE_E164}
    assert all(letter.context["link"] for letter in alerts(house, "email-added"))


@pytest.mark.parametrize("proved", [False, True])
def test_an_objection_takes_the_address_back(house, proved):
    """Waiting or proved already: it is gone, its link is dead, every session is over, and she is told."""
    session = house.joined()
    session.security.add_email(SECOND)
    token = proof(house)
    if proved:
        house.vault.confirm_address(token)
    objection = link(alerts(house, "email-added")[-1])

    house.vault.contest_address(objection)
    house.vault.contest_address(objection)

    with pytest.raises(SessionEnded):
        session.safe.documents()
    with pytest.raises(MycvaultError):
        house.vault.confirm_address(token)
    with pytest.raises(SignInRefused):
        house.vault.sign_in(SECOND, kit.PASSWORD)
    assert house.signed_in().holder.emails == (kit.EMAIL,)
    assert {letter.to for letter in alerts(house, "email-contested")} >= {kit.EMAIL}


def test_an_objection_lives_for_the_delay_of_support(house):
    """Afterwards its link is over; a cut one, and one for something else, are told apart."""
    session = house.joined()
    session.security.add_email(SECOND)
    objection, other = link(alerts(house, "email-added")[0]), proof(house)
    with pytest.raises(LinkInvalid):
        house.vault.contest_address(other)
    with pytest.raises(LinkDamaged):
        house.vault.contest_address(objection[:-3])

    house.clock.advance(house.vault.policy.support_delay)

    with pytest.raises(LinkExpired):
        house.vault.contest_address(objection)


def test_one_address_waits_at_a_time(house):
    """A second one takes the place of the first, whose links are dead."""
    session = house.joined()
    session.security.add_email(SECOND)
    first = proof(house)
    objection = link(alerts(house, "email-added")[0])
    session.security.add_email("third@example.org")

    for use, token in (
        (house.vault.confirm_address, first),
        (house.vault.contest_address, objection),
    ):
        with pytest.raises(LinkInvalid):
            use(token)
    house.vault.confirm_address(proof(house, "third@example.org"))


def test_whether_somebody_else_has_it_is_said_to_the_mailbox_alone(house):
    """The same answer; the mailbox reads that its address opens a safe already, and gets no link."""
    session = house.joined()
    house.joined("A-0043", email="other@example.org", phone=None, given_name="Noé")

    session.security.add_email("other@example.org")
    session.security.add_email(SECOND)

    assert [letter.to for letter in house.sent("address-taken")] == ["other@example.org"]
    assert [letter.to for letter in house.sent("confirm-address")] == [SECOND]
    taken = house.sent("address-taken")[0]
    assert kit.GIVEN not in taken.text
    assert house.signed_in("other@example.org").holder.given_name == "Noé"


def test_an_address_is_removed_and_the_last_one_stays(house):
    """Every address is told, the removed one too; it signs in no more and is free for others."""
    session = house.joined()
    session.security.add_email(SECOND)
    with pytest.raises(InvalidInput):
        session.security.remove_email(kit.EMAIL)
    house.vault.confirm_address(proof(house))

    session.security.remove_email(kit.EMAIL.upper())

    assert {one.to for one in alerts(house, "email-removed")} == {kit.EMAIL, SECOND, kit.PHONE_E164}
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    with pytest.raises(InvalidInput):
        session.security.remove_email(SECOND)
    with pytest.raises(InvalidInput):
        session.security.remove_email("nobody@example.org")
    assert house.signed_in(SECOND).holder.emails == (SECOND,)


def test_two_who_remove_leave_one(house):
    """Each takes another one away at the same moment: one is refused."""
    session = house.joined()
    session.security.add_email(SECOND)
    house.vault.confirm_address(proof(house))

    told = at_once(
        *(lambda email=email: session.security.remove_email(email) for email in (kit.EMAIL, SECOND))
    )

    assert told == {"won": 1, "invalid-input": 1}


def test_two_accounts_prove_one_address(house):
    """Of sixteen who use both links at once one account has it; the others get a typed refusal."""
    first = house.joined()
    second = house.joined("A-0043", email="other@example.org", phone=None, given_name="Noé")
    first.security.add_email(SECOND)
    token = proof(house)
    second.security.add_email(SECOND)
    tokens = [token, proof(house)]

    told = at_once(
        *(lambda one=one: house.vault.confirm_address(one) for one in tokens for _ in range(8))
    )

    assert told["won"] == 1
    assert set(told) <= {"won", "already-activated", "link-invalid"}


def test_her_number_changes_when_the_new_one_answers(house):
    """The old one signs in no more and receives no code; everything she had is told."""
    session = house.joined()
    asked = session.security.change_phone(NEW)
    assert asked.sent_to == "+33 6 •• •• •• 21"
    with pytest.raises(CodeRefused):
        session.security.confirm_phone(asked.challenge, "000000")
    assert house.vault.sign_in(kit.EMAIL, kit.PASSWORD).sent_to.endswith("78")

    code = next(one for one in house.sent("phone-code")).context["code"]
    session.security.confirm_phone(asked.challenge, code)

    assert {one.to for one in alerts(house, "phone-changed")} == {kit.EMAIL, kit.PHONE_E164}
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.PHONE, kit.PASSWORD)
    house.clock.advance(kit.MINUTE)
    assert house.asked(NEW).sent_to == "+33 6 •• •• •• 21"


def test_a_first_number_is_from_then_on_her_strongest_way(house):
    """Whoever deletes its row afterwards does not make her mailbox good enough again."""
    session = house.joined(phone=None)
    asked = session.security.change_phone(NEW)
    session.security.confirm_phone(asked.challenge, house.code())

    house.run("DELETE FROM mycvault_addresses WHERE kind = 'phone'")

    with pytest.raises(MycvaultError) as damaged:
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    assert damaged.value.code == "record-damaged"


def test_a_number_is_confirmed_by_its_own_request_alone(house):
    """A sign-in's challenge, another session's, a used one: expired; and a number's challenge signs nobody in."""
    session = house.joined()
    house.clock.advance(kit.MINUTE)
    signing = house.asked()
    code = house.code()
    with pytest.raises(CodeExpired):
        session.security.confirm_phone(signing.challenge, code)
    other = house.vault.confirm_code(signing.challenge, code)
    asked = session.security.change_phone(NEW)
    code = house.code()
    with pytest.raises(CodeExpired):
        other.security.confirm_phone(asked.challenge, code)
    with pytest.raises(CodeExpired):
        house.vault.confirm_code(asked.challenge, code)
    session.security.confirm_phone(asked.challenge, code)
    with pytest.raises(CodeExpired):
        session.security.confirm_phone(asked.challenge, code)


def test_what_changes_needs_a_fresh_confirmation(lite):
    """Six minutes after she signed in none of it is done, and nothing is sent."""
    session = lite.joined()
    lite.clock.advance(6 * kit.MINUTE)
    security = session.security

    for verb, given in (
        (security.add_email, (SECOND,)),
        (security.remove_email, (kit.EMAIL,)),
        (security.change_phone, (NEW,)),
        (security.confirm_phone, ("x", "1")),
    ):
        with pytest.raises(FreshConfirmationRequired):
            verb(*given)
    assert lite.sent("confirm-address") == lite.sent("phone-code") == []


def test_look_alikes_are_two_addresses(house):
    """A Cyrillic letter in place of a Latin one is another address, for another mailbox to prove."""
    session = house.joined()

    session.security.add_email("zelie.exеmplaire@example.org")

    with pytest.raises(SignInRefused):
        house.vault.sign_in("zelie.exеmplaire@example.org", kit.PASSWORD)
    with pytest.raises(InvalidInput):
        session.security.add_email("Zelie.Exemplaire@Example.org")


def test_the_link_of_an_address_outlives_no_account(house):
    """Once she erased her account, neither its proof nor an objection does anything."""
    session = house.joined()
    session.security.add_email(SECOND)
    token, objection = proof(house), link(alerts(house, "email-added")[0])
    session.security.erase_account()

    for use, given in (
        (house.vault.confirm_address, token),
        (house.vault.contest_address, objection),
    ):
        with pytest.raises(MycvaultError):
            use(given)


def test_letters_to_typed_addresses_are_throttled(house):
    """Five at once, then one a minute: a session does not flood strangers' mailboxes."""
    session = house.joined()
    for number in range(5):
        session.security.add_email(f"stranger-{number}@example.org")

    with pytest.raises(TooManyAttempts) as told:
        session.security.add_email("stranger-5@example.org")

    assert told.value.retry_after == kit.MINUTE
    assert len(house.sent("confirm-address")) <= 5


def test_what_waits_goes_with_a_changed_password_and_a_suspension(house):
    """Whoever began to add a mailbox of his does not prove it afterwards."""
    session = house.joined()
    session.security.add_email(SECOND)
    token = proof(house)
    session.security.change_password(kit.PASSWORD, "sapphire-meadow-compass-41")
    with pytest.raises(LinkInvalid):
        house.vault.confirm_address(token)

    session.security.add_email(SECOND)
    token = proof(house)
    house.vault.upkeep.disable_account("acme", "A-0042", by="Support Desk", reason="a theft")

    with pytest.raises(LinkInvalid):
        house.vault.confirm_address(token)


def test_an_address_of_another_safe_is_told_at_activation_too(house):
    """Typed behind a link that went elsewhere: its mailbox reads that it signs in already, and gets no link that is dead."""
    house.joined()
    house.enrolled("A-2", email="work@example.org", phone=None, given_name="Noé")

    house.activated("A-2", email=kit.EMAIL)

    assert [letter.to for letter in house.sent("address-taken")] == [kit.EMAIL]
    assert house.sent("confirm-address") == []
