"""
A vault of the first release, kept as it lay on the disk, is upgraded and goes on.

`vectors/vault-1.zip` was made by the first release: a keyring without a passphrase, a local vault with two employees, one of them
joined, documents, a note, labels, a live invitation; `facts.json` says which is which.
"""

import datetime as dt
import json
import pathlib
import zipfile

import pytest

import kit
from mycvault import LocalKeys, PaperRequired, Policy, SchemaMismatch, Vault

FROZEN = pathlib.Path(__file__).parent / "vectors" / "vault-1.zip"


@pytest.fixture
def kept(tmp_path):
    """Unpack the frozen vault."""
    with zipfile.ZipFile(FROZEN) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "keyring").chmod(0o600)
    return tmp_path


def test_a_vault_of_the_first_release_is_upgraded(kept):
    """Opening says to upgrade; a dry run names the step; afterwards everything old is there and everything new works."""
    keys, clock = LocalKeys.load(kept / "keyring"), kit.SettableClock()
    facts = json.loads((kept / "facts.json").read_text())
    with pytest.raises(SchemaMismatch, match="upgrade"):
        Vault.open(kept / "vault", keys=keys)
    planned = Vault.upgrade(kept / "vault", keys=keys, dry_run=True)
    with pytest.raises(SchemaMismatch):
        Vault.open(kept / "vault", keys=keys)
    assert Vault.upgrade(kept / "vault", keys=keys) == planned
    assert Vault.upgrade(kept / "vault", keys=keys).steps == ()

    with Vault.open(kept / "vault", keys=keys, policy=Policy.for_tests(), clock=clock) as vault:
        house = kit.House.__new__(kit.House)
        house.vault, house.clock, house.courier = vault, clock, kit.MemoryCourier()
        house.acme = vault.employer("acme")
        session = house.signed_in()
        for document_id, mark in facts["documents"].items():
            if mark != "three":
                assert session.safe.read(document_id) == kit.pdf(mark=mark)
        assert session.safe.labels() == ["bank"]
        assert session.safe.read(facts["note"]) == b"A note of her own.\n"
        assert session.safe.document(facts["note"]).keep_until is None
        receipts = {one.document_id: one for one in house.acme.deposits()}
        assert set(receipts) == set(facts["documents"])
        again = house.acme.deposit(
            "A-1", kit.pdf(mark="two"), kind="payslip", period="2026-10", reference="run 10"
        )
        assert again.replayed
        assert vault.joining.look_up(facts["token of A-2"]).employer == "acme"
        assert house.acme.statistics().active == 1
        house.acme.delivery.record_objection("A-1", on=dt.date(2026, 10, 5), means="letter")
        with pytest.raises(PaperRequired):
            house.acme.deposit("A-1", kit.pdf(mark="new"), kind="payslip")
        assert session.safe.destroy(facts["note"]).documents == 1
        assert vault.upkeep.purge(dry_run=False).ok
        assert list(vault.acceptances())
        assert session.security.erase_account().documents == 2


def test_an_upgraded_schema_is_the_one_that_is_made(kept, tmp_path):
    """Tables, columns and indexes are the same, whichever way they came."""
    keys = LocalKeys.load(kept / "keyring")
    Vault.upgrade(kept / "vault", keys=keys)
    made = tmp_path / "made"
    Vault.create(made, keys=LocalKeys.ephemeral()).close()

    assert _schema(kept / "vault" / "records.sqlite3") == _schema(made / "records.sqlite3")


def _schema(path):
    import sqlite3

    connection = sqlite3.connect(path)
    found = {}
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        columns = {row[1:3] for row in connection.execute(f"PRAGMA table_info({name})")}
        found[name] = columns
    indexes = set(
        connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
    )
    connection.close()
    return found, indexes
