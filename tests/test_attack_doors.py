"""Somebody knocks at the public doors without touching what is stored: replays, stale codes, other people's ids."""

import datetime as dt

import pytest

import kit
from mycvault import (
    CodeExpired,
    CodeRefused,
    DocumentMissing,
    InvalidInput,
    LocalKeys,
    Policy,
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
