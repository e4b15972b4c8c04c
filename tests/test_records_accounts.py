"""Accounts, safes and addresses: a safe is bound once, an identifier is one account's."""

import attrs
import pytest

from attack_kit import rig_at
from mycvault.accounts import records
from mycvault.accounts.model import Account, Address, SafeRecord

KEY = "email:zelie@example.org"


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def address(rig, account_id, *, proved=True):
    return Address(
        id=rig.new_id(),
        account_id=account_id,
        kind="email",
        text="zelie@example.org",
        proved_at=rig.now if proved else None,
    )


def test_an_account_comes_back(rig):
    """An account comes back as it was written; another id gives none."""
    made = Account(
        id=rig.account(), given_name="Zélie", family_name="D", locale="fr", created_at=rig.now
    )

    with rig.rows() as rows:
        records.add_account(rows, made)

        assert records.account(rows, made.id) == made
        assert records.account(rows, "no") is None


def test_a_safe_is_bound_once(rig):
    """A safe becomes somebody's once; from then on it is listed as hers and nobody else's."""
    safe = SafeRecord(id="s", employer_id="e", record_id="r")

    with rig.rows() as rows:
        records.add_safe(rows, safe)
        unbound = records.safe(rows, "s")
        told = [
            records.bind_safe(rows, one, who, rig.now)
            for one, who in (("s", "a"), ("s", "b"), ("s", "a"), ("no", "a"))
        ]
        bound = attrs.evolve(safe, account_id="a", joined_at=rig.now)

        assert unbound == safe
        assert told == [True, False, False, False]
        assert records.safes_of(rows, "a") == [bound]
        assert records.safes_of(rows, "b") == []
        assert records.safe(rows, "no") is None


def test_an_identifier_is_one_accounts(rig):
    """The second account with the same proved address is told so, and nothing is written."""
    one, two = rig.account(), rig.account()

    with rig.rows() as rows:
        told = [records.add_address(rows, address(rig, who), KEY) for who in (one, two)]

        assert told == [True, False]
        assert records.identified(rows, KEY).account_id == one
        assert records.identified(rows, "email:no@example.org") is None
        assert records.addresses_of(rows, two) == []


def test_an_unproved_address_identifies_nobody(rig):
    """An address without a key is listed but not found; any number of accounts may have typed it."""
    one, two = rig.account(), rig.account()

    with rig.rows() as rows:
        for who in (one, two):
            records.add_address(rows, address(rig, who, proved=False), None)

        assert records.identified(rows, KEY) is None
        assert len(records.addresses_of(rows, one)) == len(records.addresses_of(rows, two)) == 1


def test_an_address_is_proved_once(rig):
    """Proving makes an address an identifier, once; one that is gone is not proved."""
    made = address(rig, rig.account(), proved=False)

    with rig.rows() as rows:
        records.add_address(rows, made, None)
        told = [records.prove_address(rows, one, KEY, rig.now) for one in (made.id, made.id, "no")]

        assert told == [True, False, False]
        assert records.identified(rows, KEY) == attrs.evolve(made, proved_at=rig.now)
        assert records.address(rows, made.id) == attrs.evolve(made, proved_at=rig.now)


def test_an_address_that_another_proved_first_is_not_proved(rig):
    """Of two accounts that prove one address at the same time, the second is told no, by no error of the database."""
    one, two = address(rig, rig.account(), proved=False), address(rig, rig.account(), proved=False)

    with rig.rows() as rows:
        for made in (one, two):
            records.add_address(rows, made, None)
        first = records.prove_address(rows, one.id, KEY, rig.now)
        second = records.prove_address(rows, two.id, KEY, rig.now)

    assert (first, second) == (True, False)
