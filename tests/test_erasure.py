"""
An account is erased: gone from the records, the blobs and every backup of either.

Backups are taken and put back as a thief or an operator would: the files themselves, or a copy of the database.
"""

import pathlib
import shutil
import sqlite3
import threading

import pytest
from sqlalchemy import create_engine, text

import kit
import services
from attack_kit import TABLES, raw_at
from mycvault import (
    LocalKeys,
    MycvaultError,
    Policy,
    SessionEnded,
    SignInRefused,
    Vault,
)


def slip(house, mark="October", period="2026-10", matricule="A-0042"):
    return house.acme.deposit(matricule, kit.pdf(mark=mark), kind="payslip", period=period)


# ------------------------------------------------------------------ an account


def test_an_erased_account_is_gone(house):
    """No session, no sign-in, no document; her address is free; she is told; the employer's record stays and starts anew."""
    session = house.joined()
    receipt = slip(house)
    session.safe.add(b"A note.", title="Secret note")
    house.clock.advance(kit.MINUTE)
    other = house.signed_in()
    done = session.security.erase_account()

    assert done.documents == 2
    assert done.effective_on == (house.clock.moment + Policy().backups).date()
    for call in (session.safe.documents, other.safe.documents, session.security.erase_account):
        with pytest.raises(SessionEnded):
            call()
    with pytest.raises(SessionEnded):
        house.vault.resume(other.token.reveal())
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    (letter,) = house.sent("account-erased")
    assert (letter.to, letter.context["certificate"]) == (kit.EMAIL, done.certificate)
    assert house.acme.employee("A-0042").status == "enrolled"
    assert house.acme.deposits().items == []
    again = slip(house)
    assert not again.replayed
    assert again.document_id != receipt.document_id
    fresh = house.activated()
    assert fresh.account_id != session.account_id
    assert [one.id for one in fresh.safe.documents()] == [again.document_id]
    assert [e.verb for e in fresh.safe.history()][-1] == "erase-account"


def test_the_journal_of_an_erased_account_stays_as_it_was(house):
    """Every row and its leaf commitment, while nobody reads what they say any more."""
    session = house.joined()
    slip(house)
    query = (
        "SELECT id, subject, sequence, details, commitment, seal FROM mycvault_events ORDER BY id"
    )
    before = [tuple(map(_plain, row)) for row in house.rows(query)]
    session.security.erase_account()
    after = [tuple(map(_plain, row)) for row in house.rows(query)]

    assert after[: len(before)] == before
    keys = house.rows("SELECT id FROM mycvault_personal_keys") if _is_postgres(house) else []
    assert session.account_id not in {row.id for row in keys}


def _plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def _is_postgres(house):
    return house._engine.dialect.name == "postgresql"


def test_nothing_of_her_lies_in_the_rows(house, records_url):
    """Of documents, labels, addresses, passwords and codes no row is left; letters to her are wiped but for the last."""
    session = house.joined()
    slip(house)
    session.safe.label(session.safe.add(b"A note.", title="Note").id, "bank")
    house.clock.advance(kit.MINUTE)
    house.asked()
    session.security.erase_account()

    with raw_at(records_url) as raw:
        for table in ("documents", "contents", "labels", "addresses", "passwords", "challenges"):
            left = raw.rows(TABLES[table])
            if table == "challenges":
                # What an activation asked is under the employer's record of her.
                left = [row for row in left if row["subject"] == session.account_id]
            assert left == [], table
        waiting = [row for row in raw.rows(TABLES["letters"]) if row["context"] is not None]
    assert [row["about"] for row in waiting] == [None]


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
    from mycvault.vault import _Parts

    found = stores.open_stores(folder, None, create=False)
    parts = _Parts(keys, Policy.for_tests(), SystemClock())
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
        slip(house)
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


class _Crash(BaseException):
    """The process ends here."""


def test_an_erasure_that_was_cut_is_finished_by_a_purge(house, monkeypatch):
    """The act said that it is erased; the keys go with the next purge, and until then nobody gets in either."""
    session = house.joined()
    slip(house)

    def crash(*_):
        raise _Crash

    with monkeypatch.context() as patched:
        patched.setattr(type(house.vault._desk.keys), "destroy", crash)
        with pytest.raises(_Crash):
            session.security.erase_account()
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    with pytest.raises(SessionEnded):
        session.safe.documents()

    report = house.vault.upkeep.purge(dry_run=False)
    assert report.counts["erasures_finished"] == 1
    assert house.vault.upkeep.purge(dry_run=False).counts["erasures_finished"] == 0
    rows = house.rows("SELECT forgotten_at FROM mycvault_accounts WHERE erased_at IS NOT NULL")
    assert [row.forgotten_at is not None for row in rows] == [True]


def test_two_browsers_erase_it_once(house):
    """One succeeds, the other's session is over."""
    session = house.joined()
    house.clock.advance(kit.MINUTE)
    browsers, start, told = [session, house.signed_in()], threading.Barrier(2), []

    def erase(browser):
        start.wait()
        try:
            told.append(browser.security.erase_account().documents)
        except MycvaultError as error:
            told.append(error.code)

    threads = [threading.Thread(target=erase, args=(one,)) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, told)) == ["0", "session-ended"]
    assert house.acme.employee("A-0042").status == "enrolled"


def test_deposits_that_race_with_an_erasure_are_never_lost(house):
    """Each receipt given is of a document in the new safe, or of one that went with the old one; none is in between."""
    session = house.joined()
    receipts, stop = [], threading.Event()

    def pay():
        number = 0
        while not stop.is_set():
            number += 1
            try:
                receipts.append(slip(house, f"{number}", "2026-10").document_id)
            except MycvaultError as error:
                assert error.http_status == 503, error  # noqa: PT017 - a thread has nobody to raise to

    thread = threading.Thread(target=pay)
    thread.start()
    while len(receipts) < 3:
        pass
    session.security.erase_account()
    erased_after = len(receipts)
    while len(receipts) < erased_after + 3:
        pass
    stop.set()
    thread.join()

    fresh = house.activated()
    inside = {one.id for one in fresh.safe.documents(limit=1000)}
    assert set(receipts[-2:]) <= inside
    assert all(fresh.safe.read(one) for one in inside)
    rows = house.rows("SELECT id FROM mycvault_documents")
    assert {row.id for row in rows} == inside
