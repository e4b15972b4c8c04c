"""
Yesterday's records and blobs beside today's keys: nothing of an erased account opens.

Backups are taken and put back as a thief or an operator would: the files themselves, or a copy of the database.
"""

import pathlib
import shutil
import sqlite3

import pytest
from sqlalchemy import create_engine, text

import kit
import services
from attack_kit import TABLES
from mycvault import (
    LocalKeys,
    MycvaultError,
    Policy,
    Vault,
)


def test_yesterdays_records_and_blobs_open_nothing_beside_todays_keys(tmp_path):
    """The keys' store is restored never, or from its own backups, which are gone on the day the certificate names."""
    keys, clock, folder = LocalKeys.ephemeral(), kit.SettableClock(), tmp_path / "vault"
    vault = kit.make_vault(folder, None, keys=keys, clock=clock)
    session = _lived_in(vault)
    token, account = session.token.reveal(), session.account_id
    documents = [one.id for one in session.safe.documents()]
    assert len(documents) == 2
    vault.close()
    backup = tmp_path / "backup"
    shutil.copytree(folder, backup)

    with Vault.open(folder, keys=keys, policy=Policy.for_tests(), clock=clock) as vault:
        vault.resume(token).security.erase_account()
    shutil.copy(folder / "keys.sqlite3", backup / "keys.sqlite3")

    with Vault.open(backup, keys=keys, policy=Policy.for_tests(), clock=clock) as vault:
        for call in (
            lambda: vault.resume(token),
            lambda: vault.sign_in("zelie@example.org", kit.PASSWORD),
            lambda: list(vault.employer("acme").deposits()),
        ):
            with pytest.raises(MycvaultError) as refused:
                call()
            assert refused.value.code in {"record-damaged", "session-ended", "sign-in-refused"}
        assert vault.employer("acme").employee("A-1").family_name == "Exemple"
        assert list(vault.acceptances()), "who accepted what is still known, by number"
    _nothing_opens(backup, keys, account)


def test_yesterdays_database_opens_nothing_on_postgresql(tmp_path, postgres_url):
    """A copy of the whole database taken before, its keys' table replaced by today's."""
    url = services.fresh_database(postgres_url)
    keys, clock = LocalKeys.ephemeral(), kit.SettableClock()
    vault = kit.make_vault(tmp_path / "vault", url, keys=keys, clock=clock)
    session = _lived_in(vault)
    token = session.token.reveal()
    vault.close()
    copy = services.fresh_database(postgres_url, template=create_engine(url).url.database)
    with Vault.open(
        tmp_path / "vault", records=url, keys=keys, policy=Policy.for_tests(), clock=clock
    ) as vault:
        vault.resume(token).security.erase_account()
    engines = [create_engine(one) for one in (url, copy)]
    with engines[0].begin() as today, engines[1].begin() as yesterday:
        kept = today.execute(text("SELECT id FROM mycvault_personal_keys")).scalars().all()
        yesterday.execute(
            text("DELETE FROM mycvault_personal_keys WHERE NOT id = ANY(:kept)"), {"kept": kept}
        )
    for engine in engines:
        engine.dispose()

    with Vault.open(
        tmp_path / "vault", records=copy, keys=keys, policy=Policy.for_tests(), clock=clock
    ) as vault:
        with pytest.raises(MycvaultError):
            vault.resume(token)
        with pytest.raises(MycvaultError):
            vault.sign_in("zelie@example.org", kit.PASSWORD)
    for one in (url, copy):
        services.drop_database(one)


def _lived_in(vault):
    vault.publish_terms("1", kit.TERMS, locale="en")
    acme = vault.add_employer("Acme", reference="acme")
    acme.enrol("A-1", given_name="Zoé", family_name="Exemple", email="zelie@example.org")
    acme.deposit("A-1", kit.pdf(mark="before"), kind="payslip")
    session = vault.joining.complete(
        acme.invite("A-1").token.reveal(),
        password=kit.PASSWORD,
        given_name="Zoé",
        family_name="Exemple",
        email="zelie@example.org",
        accept_terms="1",
    )
    session.safe.add(b"A secret note of hers.", title="Secret title")
    return session


def _nothing_opens(folder, keys, account):
    """Try every sealed field of every row about her with every key that is left, as a thief with the root key would."""
    from mycvault.keys.ring import TransactionRing
    from mycvault.storage import stores
    from mycvault.storage.rows import Rows
    from mycvault.system import SystemClock
    from mycvault.wiring import Parts

    found = stores.open_stores(folder, None, create=False)
    parts = Parts(keys, Policy.for_tests(), SystemClock())
    with found.records.reading() as connection, found.personal.reading() as personal:
        vault_id = connection.execute(text("SELECT id FROM mycvault_vault")).scalar_one()
        keyring = parts.keyring(vault_id, found)
        keyring.load(connection)
        keyring.bring(*connection.execute(text("SELECT id FROM mycvault_employers")).scalars())
        ring = TransactionRing(keyring, connection, lambda: personal, {})
        rows = Rows(connection, vault_id=vault_id, ring=ring)
        gone = 0
        for name in ("accounts", "addresses", "documents", "labels", "passwords", "sessions"):
            for row in rows.glances(TABLES[name].select()):
                with pytest.raises(MycvaultError):
                    rows.opened(TABLES[name], row)
                gone += 1
        assert gone >= 6
    found.close()
    assert account


def test_the_bytes_of_her_keys_are_gone_from_file_and_log(tmp_path):
    """Every wrapping of her keys, searched for in the keys' file and its log; a reader of it notwithstanding the end."""
    with kit.house_at(tmp_path) as house:
        session = house.joined()
        kit.slip(house, period="2026-10")
        path = house.folder / "keys.sqlite3"
        with sqlite3.connect(path) as connection:
            wrapped = [
                row[0] for row in connection.execute("SELECT wrapped FROM mycvault_personal_keys")
            ]
        connection.close()
        assert len(wrapped) == 2
        assert all(_lies_in(house.folder, one) for one in wrapped)
        session.security.erase_account()

        assert not any(_lies_in(house.folder, one) for one in wrapped)


def _lies_in(folder: pathlib.Path, needle: bytes):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return any(needle in path.read_bytes() for path in files)
