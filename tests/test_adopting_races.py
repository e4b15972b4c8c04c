"""
Adopting, attacked: many at once, an invitation followed meanwhile, one address wanted by many, rows that somebody changed.
"""

import attrs
import pytest

import foreign_kit
import kit
from attack_kit import TABLES, raw_at
from mycvault import Policy, RecordDamaged
from racing import at_once

THREADS = 16
OLD = "old portal password"
MADE = foreign_kit.MAKERS["Odoo"](OLD)


@pytest.fixture
def house(tmp_path, records_url):
    """A vault that asks for no codes."""
    policy = attrs.evolve(Policy.for_tests(), second_factor="never")
    url = None if records_url.startswith("sqlite") else records_url
    with kit.house_at(tmp_path, url, policy=policy) as house:
        house.url = url or f"sqlite:///{house.folder}/records.sqlite3"
        yield house


def counted(house, table, where="1=1"):
    return house.rows(f"SELECT count(*) FROM mycvault_{table} WHERE {where}")[0][0]


def completed(house, token, **names):
    names = names or {"given_name": kit.GIVEN, "family_name": kit.FAMILY}
    return house.vault.joining.complete(token, password=kit.PASSWORD, email=kit.EMAIL, **names)


def test_one_of_many_adoptions_opens_the_account(house):
    """The others are told that it is open; one account, one password, and her safe's key is under her account alone."""
    house.enrolled()
    told = at_once(*[lambda: house.acme.adopt("A-0042", password_hash=MADE)] * THREADS)

    assert told == {"won": 1, "already-activated": THREADS - 1}
    assert [counted(house, table) for table in ("accounts", "passwords", "addresses")] == [1, 1, 1]
    kit.slip(house)
    assert house.vault.sign_in(kit.EMAIL, OLD).safe.count() == 1


def test_an_adoption_and_an_activation_do_not_both_open_it(house):
    """Whichever is first; she signs in with that password, and not with the other."""
    house.enrolled(phone=None)
    token = house.acme.invite("A-0042").token.reveal()
    told = at_once(
        *[lambda: house.acme.adopt("A-0042", password_hash=MADE)] * 8,
        *[lambda: completed(house, token)] * 8,
    )

    assert told["won"] == 1
    assert told.keys() <= {"won", "already-activated", "link-invalid"}
    assert counted(house, "accounts") == 1
    is_hers = [
        not at_once(lambda word=word: house.vault.sign_in(kit.EMAIL, word))["sign-in-refused"]
        for word in (OLD, kit.PASSWORD)
    ]
    assert sorted(is_hers) == [False, True]


def test_one_address_is_adopted_once(house):
    """Employers that adopt one address at the same time are all told the same; one account has it."""
    others = [house.vault.add_employer(f"E{n}", reference=f"e{n}") for n in range(8)]
    for other in others:
        other.enrol("B-1", given_name="Noé", family_name="Modèle", email=kit.EMAIL)
    told = at_once(*[lambda o=o: o.adopt("B-1", password_hash=MADE) for o in others])

    assert told == {"won": 8}
    assert counted(house, "accounts") == 8
    assert counted(house, "addresses") == 1
    assert house.vault.sign_in(kit.EMAIL, OLD)


def test_a_proof_wins_over_adoptions_at_the_same_time(house):
    """Who follows the link that came to the mailbox has the address in the end, whatever others say meanwhile."""
    house.enrolled(phone=None)
    token = house.acme.invite("A-0042").token.reveal()
    others = [house.vault.add_employer(f"E{n}", reference=f"e{n}") for n in range(8)]
    for other in others:
        other.enrol("B-1", given_name="Noé", family_name="Modèle", email=kit.EMAIL)
    told = at_once(
        *[lambda o=o: o.adopt("B-1", password_hash=MADE) for o in others],
        lambda: completed(house, token),
    )

    assert told["won"] >= 8
    if told["won"] == 8:
        completed(house, token)
    assert house.vault.sign_in(kit.EMAIL, kit.PASSWORD).holder.emails == (kit.EMAIL,)
    assert counted(house, "addresses", "identifier IS NOT NULL") == 1


def test_many_first_sign_ins_make_the_hash_anew_once(house):
    """All who know the password come in; one of the new hashes stands, and it is hers."""
    house.enrolled()
    house.acme.adopt("A-0042", password_hash=MADE)
    told = at_once(*[lambda: house.vault.sign_in(kit.EMAIL, OLD)] * THREADS)

    assert set(told) <= {"won", "too-many-attempts"}
    assert told["won"] >= 5
    before = house.rows("SELECT hash FROM mycvault_passwords")
    house.clock.advance(60 * kit.MINUTE)
    assert house.vault.sign_in(kit.EMAIL, OLD)
    assert house.rows("SELECT hash FROM mycvault_passwords") == before


@pytest.mark.parametrize("column", ["proved_at", "account_id", "identifier"])
def test_a_changed_row_makes_no_address_proved_or_anothers(house, column):
    """Whoever writes the database without keys neither proves an adopted address nor moves it."""
    house.enrolled()
    house.acme.adopt("A-0042", password_hash=MADE)
    house.enrolled("A-2", email="two@example.org", phone=None)
    house.acme.adopt("A-2", password_hash=MADE)
    with raw_at(house.url) as raw:
        one, two = raw.rows(TABLES["addresses"])
        if column == "identifier":
            raw.remove(TABLES["addresses"], two)
        given = {"proved_at": 1, "account_id": two["account_id"], "identifier": two["identifier"]}
        raw.write(TABLES["addresses"], one, {column: given[column]})
    email = "two@example.org" if column == "identifier" else kit.EMAIL

    with pytest.raises(RecordDamaged):
        house.vault.sign_in(email, OLD)
