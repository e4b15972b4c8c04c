"""The passwords' rows: one an account, its hash under her own key."""

import pytest

from attack_kit import TABLES, raw_at, rig_at
from mycvault.credentials import records
from mycvault.credentials.model import Credential
from mycvault.errors import RecordDamaged


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def test_a_hash_comes_back_and_never_lies_in_clear(rig, records_url):
    """A hash comes back for its account alone; what is stored does not show it."""
    account = rig.account()
    with rig.rows() as rows:
        records.add(rows, account, "$argon2id$hash", rig.now)

    with rig.rows() as rows:
        assert records.find(rows, account) == Credential(
            id=account, hash="$argon2id$hash", changed_at=rig.now
        )
        assert records.find(rows, "no") is None
    with raw_at(records_url) as raw:
        assert b"argon2id" not in bytes(raw.rows(TABLES["passwords"])[0]["hash"])


def test_anothers_hash_is_not_hers(rig, records_url):
    """A row copied over another account's, its id changed to hers, is damaged."""
    one, two = rig.account(), rig.account()
    with rig.rows() as rows:
        records.add(rows, one, "$argon2id$of one", rig.now)
    with raw_at(records_url) as raw:
        (row,) = raw.rows(TABLES["passwords"])
        raw.add(TABLES["passwords"], {**row, "id": two})

    with pytest.raises(RecordDamaged), rig.rows() as rows:
        records.find(rows, two)


def test_a_hash_is_replaced_only_where_it_still_stands(rig):
    """Whoever read the hash before somebody changed the password must not write over the new one."""
    account = rig.account()
    with rig.rows() as rows:
        records.add(rows, account, "$argon2id$old", rig.now)
    with rig.rows() as rows:
        assert records.replace(rows, account, "$argon2id$old", "$argon2id$new")
    with rig.rows() as rows:
        assert not records.replace(rows, account, "$argon2id$old", "$argon2id$late")
        assert not records.replace(rows, "nobody", "$argon2id$old", "$argon2id$late")

    with rig.rows() as rows:
        assert records.find(rows, account).hash == "$argon2id$new"
