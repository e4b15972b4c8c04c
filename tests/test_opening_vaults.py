"""
Making, opening, upgrading and closing vaults: what is there, what is not, what does not fit.
"""

import json

import pytest
from sqlalchemy import create_engine, text

import kit
from mycvault import (
    LocalKeys,
    MycvaultError,
    Policy,
    SchemaMismatch,
    SetupError,
    Vault,
    VaultExists,
    VaultMissing,
    WrongKeys,
)
from mycvault.storage.blobs.memory import MemoryBlobs


@pytest.fixture
def keys():
    return LocalKeys.ephemeral()


def opened(folder, keys, records=None, **other):
    return Vault.open(folder, keys=keys, records=records, policy=Policy.for_tests(), **other)


def test_a_vault_is_made_once(tmp_path, records_url, keys):
    """A second time it exists; with exist_ok the same one is opened, and only with its keys."""
    folder = tmp_path / "vault"
    with kit.make_vault(folder, records_url, keys=keys) as vault:
        first = vault.id
    with pytest.raises(VaultExists):
        kit.make_vault(folder, records_url, keys=keys)
    with Vault.create(folder, keys=keys, records=records_url, exist_ok=True) as vault:
        assert vault.id == first
    with pytest.raises(WrongKeys):
        Vault.create(folder, keys=LocalKeys.ephemeral(), records=records_url, exist_ok=True)


def test_other_keys_do_not_open_it(tmp_path, records_url, keys):
    """They are refused before anything is read, and the right ones open it afterwards."""
    folder = tmp_path / "vault"
    kit.make_vault(folder, records_url, keys=keys).close()
    with pytest.raises(WrongKeys):
        opened(folder, LocalKeys.ephemeral(), records_url)
    with pytest.raises(WrongKeys):
        Vault.upgrade(folder, keys=LocalKeys.ephemeral(), records=records_url)

    with opened(folder, keys, records_url) as vault:
        assert vault.ping().ok


@pytest.mark.parametrize("place", ["nowhere", "empty", "other"])
def test_what_is_no_vault_is_missing_and_stays_as_it_was(tmp_path, keys, place):
    """Opening never makes anything: a disk that is not mounted is not filled with an empty vault."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file.txt").write_text("somebody else's")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(VaultMissing):
        opened(tmp_path / place, keys)
    with pytest.raises(VaultMissing):
        Vault.upgrade(tmp_path / place, keys=keys)

    assert sorted(tmp_path.rglob("*")) == before


def test_records_without_a_vault_are_missing_and_stay_as_they_were(tmp_path, keys):
    """The address of a database that is not there makes no database."""
    with pytest.raises(VaultMissing):
        opened(MemoryBlobs(), keys, f"sqlite:///{tmp_path}/records.sqlite3")

    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_no_vault(postgres_url, records_url, keys):
    """Nor does opening make tables in it."""
    with pytest.raises(VaultMissing):
        opened(MemoryBlobs(), keys, records_url)
    engine = create_engine(records_url)
    names = "SELECT name FROM sqlite_master"
    if engine.dialect.name == "postgresql":
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    with engine.connect() as connection:
        assert connection.execute(text(names)).all() == []
    engine.dispose()


def test_a_vault_without_its_personal_keys_does_not_open(tmp_path, keys):
    """A backup restored without keys.sqlite3 is told at once, not at the first payslip."""
    folder = tmp_path / "vault"
    kit.make_vault(folder, None, keys=keys).close()
    for path in folder.glob("keys.sqlite3*"):
        path.unlink()

    with pytest.raises(MycvaultError):
        opened(folder, keys)
    assert not (folder / "keys.sqlite3").exists()


def set_version(records, version):
    engine = create_engine(records)
    with engine.begin() as connection:
        connection.execute(text("UPDATE mycvault_vault SET version = :v"), {"v": version})
    engine.dispose()


def test_older_records_are_upgraded(tmp_path, records_url, keys):
    """Opening says to upgrade; a dry run only names the steps; upgrading twice does nothing more."""
    folder = tmp_path / "vault"
    kit.make_vault(folder, records_url, keys=keys).close()
    set_version(records_url, 0)
    with pytest.raises(SchemaMismatch, match=r"Vault\.upgrade"):
        opened(folder, keys, records_url)

    planned = Vault.upgrade(folder, keys=keys, records=records_url, dry_run=True)
    with pytest.raises(SchemaMismatch):
        opened(folder, keys, records_url)
    done = Vault.upgrade(folder, keys=keys, records=records_url)

    assert planned.steps == done.steps
    assert done.ok
    assert len(done.steps) >= 1
    assert Vault.upgrade(folder, keys=keys, records=records_url).steps == ()
    opened(folder, keys, records_url).close()


def test_newer_records_are_left_alone(tmp_path, records_url, keys):
    """An older release neither opens nor upgrades what a newer one made."""
    folder = tmp_path / "vault"
    kit.make_vault(folder, records_url, keys=keys).close()
    set_version(records_url, 999)
    for call in (opened, lambda *a: Vault.upgrade(a[0], keys=a[1], records=a[2])):
        with pytest.raises(SchemaMismatch, match="newer"):
            call(folder, keys, records_url)
    with pytest.raises(SchemaMismatch):
        Vault.create(folder, keys=keys, records=records_url, exist_ok=True)


# ------------------------------------------------------------------ what a host brings


def test_the_hosts_engine_is_used_and_left_open(tmp_path, records_url, keys):
    """Its pool serves the vault, its own tables stay its own, and closing the vault closes nothing of it."""
    engine = create_engine(records_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE host (id INTEGER)"))
        connection.execute(text("INSERT INTO host VALUES (7)"))
    pool = engine.pool
    clock = kit.SettableClock()
    with kit.make_vault(tmp_path / "vault", engine, keys=keys, clock=clock) as vault:
        house = kit.House(vault, clock, engine, tmp_path / "vault")
        session = house.joined()
        house.acme.deposit("A-0042", kit.pdf(), kind="payslip")
        assert house.signed_in().safe.count() == 1
        assert session.safe.read(session.safe.payslips().items[0].id) == kit.pdf()

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT id FROM host")) == 7
        assert connection.in_transaction()
    assert engine.pool is pool
    engine.dispose()


def test_blobs_of_ones_own_are_used(tmp_path, records_url, keys):
    """An object with the five verbs is a storage; it needs records beside it."""
    blobs, clock = MemoryBlobs(), kit.SettableClock()
    with pytest.raises(SetupError):
        Vault.create(blobs, keys=keys)
    with Vault.create(
        blobs, keys=keys, records=records_url, policy=Policy.for_tests(), clock=clock
    ) as vault:
        acme = vault.add_employer("Acme", reference="acme")
        acme.enrol("A-1", given_name="Zoé", family_name="Exemple")
        receipt = acme.deposit("A-1", kit.pdf(), kind="payslip")
        assert len(list(blobs.scan())) == 1
    with opened(blobs, keys, records_url) as vault:
        again = vault.employer("acme").deposit("A-1", kit.pdf(), kind="payslip")
        assert (again.replayed, again.document_id) == (True, receipt.document_id)


def test_an_address_of_fsspec_is_a_storage(tmp_path, keys):
    """A remote storage needs records, and is opened again by the same address."""
    address = f"memory://{tmp_path.name}"
    with pytest.raises(SetupError):
        Vault.create(address, keys=keys)
    records = f"sqlite:///{tmp_path}/records.sqlite3"
    with Vault.create(address, keys=keys, records=records, policy=Policy.for_tests()) as vault:
        acme = vault.add_employer("Acme", reference="acme")
        acme.enrol("A-1", given_name="Zoé", family_name="Exemple")
        acme.deposit("A-1", kit.pdf(), kind="payslip")
    with opened(address, keys, records) as vault:
        assert len(vault.employer("acme").deposits()) == 1


@pytest.mark.parametrize(
    "records", ["nonsense", "mysql://host/db", "sqlite+nothing:///x", "://", "oracle://x"]
)
def test_records_that_cannot_be_opened_are_a_fault_of_the_deployment(tmp_path, keys, records):
    """The address may hold a password, and is never quoted."""
    with pytest.raises(SetupError) as refused:
        kit.make_vault(tmp_path / "vault", records, keys=keys)
    assert records not in str(refused.value)


@pytest.mark.parametrize("storage", ["", "nothing://x", 7, None, object()])
def test_a_storage_that_is_none_is_a_fault_of_the_deployment(storage, keys):
    """Neither folder, nor address, nor blobs."""
    with pytest.raises(SetupError):
        Vault.create(storage, keys=keys, records="sqlite://")


# ------------------------------------------------------------------ small things


@pytest.mark.parametrize("form", ["KEYS", "KEYS_FILE"])
def test_a_deployment_is_named_by_its_environment(tmp_path, records_url, monkeypatch, form):
    """Storage, records and keys come from variables, under a prefix of the host's."""
    path, passphrase = tmp_path / "keyring", "a passphrase of this test"
    kept = LocalKeys.generate(path, passphrase=passphrase if form == "KEYS_FILE" else None)
    monkeypatch.setenv("SAFE_STORAGE", str(tmp_path / "vault"))
    monkeypatch.setenv("SAFE_RECORDS", records_url)
    if form == "KEYS":
        monkeypatch.setenv("SAFE_KEYS", ",".join(json.loads(path.read_text())["keys"]))
    else:
        monkeypatch.setenv("SAFE_KEYS_FILE", str(path))
        monkeypatch.setenv("SAFE_PASSPHRASE", passphrase)
    with pytest.raises(VaultMissing):
        Vault.from_env("SAFE_")
    kit.make_vault(tmp_path / "vault", records_url, keys=kept).close()

    with Vault.from_env("SAFE_") as vault:
        assert vault.ping().ok


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"STORAGE": "vault"},
        {"KEYS_FILE": "keyring"},
        {"STORAGE": "vault", "KEYS": "a", "KEYS_FILE": "keyring"},
        {"STORAGE": "vault", "KEYS": "malformed"},
    ],
)
def test_an_environment_that_names_half_is_a_fault_of_the_deployment(monkeypatch, given):
    """What is missing or said twice is told, and nothing of it is quoted."""
    for name, value in given.items():
        monkeypatch.setenv(f"MYCVAULT_{name}", value)
    with pytest.raises(SetupError) as refused:
        Vault.from_env()

    assert "malformed" not in str(refused.value)


def test_a_vault_in_memory_is_a_whole_one():
    """For trials and tests: nothing on disk, everything else as ever; two of them are two."""
    clock = kit.SettableClock()
    with (
        Vault.in_memory(policy=Policy.for_tests(), clock=clock) as vault,
        Vault.in_memory() as other,
    ):
        acme = vault.add_employer("Acme", reference="acme")
        acme.enrol("A-1", given_name="Zoé", family_name="Exemple", email=kit.EMAIL)
        token = acme.invite("A-1").token.reveal()
        session = vault.joining.complete(
            token, password=kit.PASSWORD, given_name="Zoé", family_name="Exemple", email=kit.EMAIL
        )
        receipt = acme.deposit("A-1", kit.pdf(), kind="payslip")

        assert session.safe.read(receipt.document_id) == kit.pdf()
        assert vault.id != other.id
        assert other.ping().ok


def test_a_probe_says_what_does_not_answer(tmp_path, keys):
    """Records, blobs and keys are asked one by one."""
    with kit.make_vault(tmp_path / "vault", None, keys=keys) as vault:
        health = vault.ping()
        assert (health.records, health.blobs, health.keys, health.ok) == (True, True, True, True)
        (tmp_path / "vault" / "blobs").rename(tmp_path / "elsewhere")
        health = vault.ping()
        assert (health.records, health.blobs, health.keys, health.ok) == (True, False, True, False)


def test_a_closed_vault_answers_nothing(tmp_path, keys):
    """Closing is for good: nobody goes on with a vault that its host believes closed."""
    vault = kit.make_vault(tmp_path / "vault", None, keys=keys)
    acme = vault.add_employer("Acme", reference="acme")
    vault.close()

    for call in (acme.employees, vault.employers().__next__, vault.ping):
        with pytest.raises(SetupError):
            call()


def test_a_local_vault_is_closed_to_others(tmp_path, keys):
    """Folder and files belong to one user of the machine, and nothing shows who is inside."""
    folder = tmp_path / "vault"
    with kit.make_vault(folder, None, keys=keys) as vault:
        vault.add_employer("Acme", reference="acme")
        modes = {path.name: path.stat().st_mode & 0o077 for path in folder.rglob("*")}
        assert folder.stat().st_mode & 0o077 == 0
        assert {
            name: mode for name, mode in modes.items() if mode and name != "mycvault.json"
        } == {}
        assert vault.id in (folder / "mycvault.json").read_text()
