"""
Killed at every write: what was acknowledged is there, nothing is half there, and what was cut can be done again.

A child tells a story (a vault is made, people are enrolled, she joins, documents are deposited) and is killed at one of its
steps (`crash_steps`; thirty of them, spread, and after commits); each death leaves a folder of its own, which is then opened.
"""

import json

import pytest

import kit
from attack_kit import TABLES, raw_at
from attack_worker import NAMES
from crash_kit import EMAIL, Deaths
from mycvault import (
    AlreadyActivated,
    EmployeeExists,
    MemoryCourier,
    VaultMissing,
)


@pytest.fixture(scope="module")
def creations(tmp_path_factory):
    deaths = Deaths(tmp_path_factory.mktemp("create"))
    deaths.die("create")
    return deaths


@pytest.fixture(scope="module")
def arrivals(tmp_path_factory):
    deaths = Deaths(tmp_path_factory.mktemp("complete"))
    vault, deaths.token = deaths.make()
    vault.close()
    deaths.die(("complete", deaths.token, EMAIL))
    return deaths


def complete(vault, token):
    return vault.joining.complete(token, password=kit.PASSWORD, email=EMAIL, **NAMES)


def arrived(vault, token):
    """Open the safe, or sign in where it is open."""
    try:
        return complete(vault, token)
    except AlreadyActivated:
        asked = vault.sign_in(EMAIL, kit.PASSWORD)
        courier = MemoryCourier()
        vault.outbox.deliver(courier)
        (code,) = [x.context["code"] for x in courier.letters if "code" in x.context]
        return vault.confirm_code(asked.challenge, code)


def test_a_deposit_is_there_or_not(tmp_path):
    """Every acknowledged document is read as it was given, none is half there, and depositing again completes it."""
    deaths = Deaths(tmp_path)
    vault, token = deaths.make()
    with vault:
        session = complete(vault, token).token.reveal()
    deaths.die(("deposit", "A-1", "second"), ("deposit", "A-1", "third"))
    wanted = [kit.pdf(mark=mark) for mark in ("third", "second", "first")]

    for folder, told in deaths.folders():
        with deaths.opened(folder) as vault:
            safe = vault.resume(session).safe
            seen = [safe.read(document.id) for document in safe.documents()]
            assert seen == wanted[-len(seen) :]
            assert len(seen) >= 1 + len(told)
            for mark in ("second", "third"):
                vault.employer("acme").deposit(
                    "A-1", kit.pdf(mark=mark), kind="other", reference=mark
                )
            assert [safe.read(document.id) for document in safe.documents()] == wanted
            assert all(safe.check(document.id) for document in safe.documents())

    assert deaths.count > 10


def test_an_enrolment_is_there_or_not(tmp_path):
    """Somebody enrolled is there with her place for documents, or is not there and can be enrolled."""
    deaths = Deaths(tmp_path)
    deaths.make()[0].close()
    deaths.die(("enrol", "A-2"))

    for folder, told in deaths.folders():
        with deaths.opened(folder) as vault:
            acme = vault.employer("acme")
            before = {one.matricule for one in acme.employees()}
            try:
                acme.enrol("A-2", **NAMES)
            except EmployeeExists:
                assert "A-2" in before
            else:
                assert "A-2" not in before
                assert not told
            acme.deposit("A-2", kit.pdf(), kind="contract")
            token = acme.invite("A-2", by="letter").token.reveal()
            assert complete(vault, token).safe.count() == 1

    assert deaths.count > 2


def test_an_activation_is_done_or_not(arrivals):
    """She opens her safe by the same link again, or it is open and she signs in; her document is there either way."""
    for folder, told in arrivals.folders():
        with arrivals.opened(folder) as vault:
            session = arrived(vault, arrivals.token)
            (document,) = session.safe.documents()
            assert session.safe.read(document.id) == kit.pdf(mark="first")
            vault.employer("acme").deposit("A-1", kit.pdf(), kind="payslip")
            assert session.safe.count() == 2
            assert not told

    assert arrivals.count > 2


def test_an_employer_keeps_no_key_of_a_safe_that_was_joined(arrivals):
    """However an activation was cut, once she is in her safe's key lies under nobody's key but hers."""
    left = []
    for folder, _ in arrivals.folders():
        with arrivals.opened(folder) as vault, raw_at(f"sqlite:///{folder}/records.sqlite3") as raw:
            mine = arrived(vault, arrivals.token).account_id
            (safe,) = [row["id"] for row in raw.rows(TABLES["safes"])]
            wraps = [
                row["wrapped_by"] for row in raw.rows(TABLES["personal_keys"]) if row["id"] == safe
            ]
            left.append(sorted(wraps) == [mine])

    assert left.count(False) == 0


def test_a_vault_is_there_or_not(creations):
    """A creation that was cut may simply be run again: there is a vault, with its keys, and it works."""
    for folder, told in creations.folders():
        try:
            creations.opened(folder).close()
        except VaultMissing:
            assert not told
        with creations.created(folder, exist_ok=True) as vault:
            vault.add_employer("Acme SAS", reference="acme").enrol("A-1", **NAMES)
        with creations.opened(folder) as vault:
            assert len(vault.employer("acme").employees()) == 1

    assert creations.count > 5


def test_a_vault_that_is_there_bears_its_mark(creations):
    """However a creation was cut, running it again leaves a folder with a whole `mycvault.json`."""
    marks = []
    for folder, _ in creations.folders():
        with creations.created(folder, exist_ok=True) as vault:
            mark = folder / "mycvault.json"
            marks.append(
                mark.exists() and json.loads(mark.read_text() or "{}").get("vault") == vault.id
            )

    assert marks.count(False) == 0


def test_a_creation_that_failed(tmp_path, records_url):
    """A disk or a database that fails is a typed error, and the same call makes the vault once it does not."""
    deaths = Deaths(tmp_path, None if records_url.startswith("sqlite") else records_url)
    deaths.die("create", how="fault", most=16)

    for place, told in deaths.left():
        failed = {line for line in told if line.startswith("!")}
        assert failed <= {"! setup", "! records-unavailable", "! blobs-unavailable"}
        assert failed or "create" in told
        assert {line for line in told if line.startswith("again")} <= {"again vault-exists"}
        with deaths.opened(*place) as vault:
            vault.add_employer("Acme SAS", reference="acme").enrol("A-1", **NAMES)
            assert vault.upkeep.check().ok

    assert deaths.count > 5
