"""Somebody knocks at the public doors without touching what is stored: replays, stale codes, other people's ids."""

import datetime as dt

import pytest

import kit
from mycvault import (
    CodeExpired,
    CodeRefused,
    DocumentMissing,
    InvalidInput,
    LinkInvalid,
    LocalKeys,
    Policy,
    RecordDamaged,
    SessionEnded,
    Vault,
)


@pytest.fixture
def house(tmp_path, records_url):
    url = None if records_url.startswith("sqlite") else records_url
    keys = LocalKeys.ephemeral()
    with kit.house_at(tmp_path, url, keys=keys) as house:
        house.reopened = lambda: Vault.open(
            house.folder, keys=keys, records=url, policy=Policy.for_tests(), clock=house.clock
        )
        yield house


def test_another_persons_document_is_missing_also_to_a_fresh_process(house):
    """An id of a safe that nobody opened yet is answered like one that was never given, whatever this process holds."""
    token = house.joined("A-1", phone=None).token.reveal()
    globex = house.vault.add_employer("Globex SARL", reference="globex")
    globex.enrol("G-1", given_name="Albert", family_name="Exemple")
    other = globex.deposit("G-1", kit.pdf(), kind="payslip").document_id

    with house.reopened() as vault:
        safe = vault.resume(token).safe
        for ask in (safe.document, safe.read, safe.open, safe.check, safe.archive):
            with pytest.raises(DocumentMissing):
                ask(other)


def test_a_code_sent_to_an_older_number_is_dead(house):
    """Once HR corrected her number, the code that went to the old one opens nothing and proves nothing."""
    house.enrolled("A-1")
    first = house.invited_token("A-1")
    house.vault.joining.send_code(first)
    stale = house.code()
    house.acme.amend("A-1", phone="06 98 76 54 32")
    token = house.invited_token("A-1")

    with pytest.raises((CodeExpired, CodeRefused)):
        house.activated("A-1", token, code=stale)


def test_what_she_can_mend_counts_for_nothing(house):
    """A name with a stray control character is refused before her code is counted, and leaves no key behind."""
    house.enrolled("A-1")
    token = house.invited_token("A-1")
    house.vault.joining.send_code(token)
    code = house.code()

    for _ in range(6):
        with pytest.raises(InvalidInput):
            house.activated("A-1", token, code=code, given_name=kit.GIVEN + "\x07")

    assert house.activated("A-1", token, code=code).account_id


def test_nothing_is_used_twice(house):
    """A link, a code and a challenge that were used open nothing again, not even an hour later or in a new process."""
    house.enrolled("A-1")
    token = house.invited_token("A-1")
    house.activated("A-1", token)
    asked = house.asked()
    code = house.code()
    house.vault.confirm_code(asked.challenge, code)

    for pause in (dt.timedelta(0), dt.timedelta(hours=1)):
        house.clock.advance(pause)
        with house.reopened() as vault:
            with pytest.raises(CodeExpired):
                vault.confirm_code(asked.challenge, code)
            with pytest.raises(Exception, match="open already"):
                vault.joining.look_up(token)


def test_every_token_opens_its_own_door_alone(house):
    """Each secret that is handed out is fed to every verb that takes one: only its own takes it, and nothing is used."""
    vault = house.vault
    house.enrolled("A-1")
    house.enrolled("A-2", email="other@example.org", phone=None)
    session = house.activated("A-1", email="typed@example.org")
    asked = house.asked(kit.PHONE)
    vault.recovery.request(kit.PHONE)
    tokens = {
        "invite": house.invited_token("A-2"),
        "refuse": house.acme.delivery.refusal_link("A-1").token.reveal(),
        "session": session.token.reveal(),
        "code": asked.challenge,
        "recover": house.sent("recovery")[-1].context["link"],
        "address": house.sent("confirm-address")[-1].context["link"].rpartition("/")[2],
    }
    typed = {"password": kit.PASSWORD, "given_name": "Z", "family_name": "E", "email": kit.EMAIL}
    doors = [
        ("invite", vault.joining.look_up),
        ("invite", vault.joining.send_code),
        ("invite", vault.joining.renew),
        ("invite", lambda token: vault.joining.complete(token, **typed)),
        ("refuse", vault.joining.look_up_refusal),
        ("refuse", lambda token: vault.joining.refuse_electronic(token, family_name=kit.FAMILY)),
        ("session", vault.resume),
        ("code", vault.look_up_code),
        ("code", vault.resend_code),
        ("code", lambda token: vault.confirm_code(token, "123456")),
        ("recover", vault.recovery.look_up),
        ("recover", vault.recovery.send_code),
        ("recover", lambda token: vault.recovery.complete(token, password="quartz-meadow-81-x")),
        ("address", vault.confirm_address),
    ]
    for kind, door in doors:
        for name, token in tokens.items():
            if name != kind:
                with pytest.raises((LinkInvalid, CodeExpired, SessionEnded)):
                    door(token)

    assert vault.recovery.look_up(tokens["recover"])
    assert vault.joining.look_up(tokens["invite"])
    codes = {one.context["code"] for one in house.sent("sign-in-code")}
    assert vault.confirm_code(asked.challenge, codes.pop())


def test_a_code_for_one_thing_is_none_for_another(house):
    """The code of a sign-in sets no password, and the code for a new password signs nobody in."""
    house.joined("A-1")
    vault = house.vault
    vault.recovery.request(kit.EMAIL)
    token = house.sent("recovery")[-1].context["link"]
    asked = house.asked()
    sign_in_code = house.code()
    with pytest.raises(CodeExpired):
        vault.recovery.complete(token, password="quartz-meadow-81-tunnel", code=sign_in_code)
    house.clock.advance(kit.MINUTE)
    challenge = vault.recovery.send_code(token).challenge
    recovery_code = house.code()

    for door in (vault.look_up_code, vault.resend_code):
        with pytest.raises(CodeExpired):
            door(challenge)
    with pytest.raises(CodeExpired):
        vault.confirm_code(challenge, recovery_code)
    if recovery_code != sign_in_code:
        with pytest.raises(CodeRefused):
            vault.confirm_code(asked.challenge, recovery_code)
        with pytest.raises(CodeRefused):
            vault.recovery.complete(token, password="quartz-meadow-81-tunnel", code=sign_in_code)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("links", "purpose = 'recover'"),
        ("links", "expires_at = expires_at + 86400000000"),
        ("links", "code_proof = NULL"),
        ("links", "code_of = NULL"),
        ("links", "owner = (SELECT id FROM mycvault_accounts LIMIT 1)"),
        ("employees", "invited_until = invited_until + 86400000000"),
        ("employees", "email_index = NULL"),
    ],
)
def test_a_row_that_gives_a_link_is_sealed(house, table, change):
    """Whoever writes the database alone makes no recovery of an invitation, and takes no code off a link."""
    house.joined("A-1", phone=None)
    house.enrolled("A-2", email="other@example.org", phone=None)
    invitation = house.acme.invite("A-2", activation_code=True)
    house.vault.joining.request_new_link("other@example.org")
    letter = house.sent("invitation")[-1]
    token = letter.context["link"].rpartition("/")[2]
    assert token != invitation.token.reveal()
    house.run(f"UPDATE mycvault_{table} SET {change}")

    with pytest.raises(RecordDamaged):
        house.activated("A-2", token, activation_code=invitation.activation_code.reveal())
