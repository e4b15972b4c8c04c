"""
Many at once: 16 threads of one process and 8 processes, on one link, code, deposit, name or folder.

One wins; all others get the typed refusal that late-comers get, none an error of the database; and every subject's events are
numbered without a gap.
"""

import json
import pathlib
import subprocess
import sys
import threading
from collections import Counter

import pytest
from sqlalchemy import create_engine, text

import kit
from attack_worker import NAMES, WORKER_MODULE, outcome
from mycvault import LocalKeys, MemoryCourier, Policy, RecordsUnavailable, Vault

THREADS, PROCESSES = 16, 8
ALL = THREADS + PROCESSES


@pytest.fixture(scope="module")
def processes():
    """Eight processes that wait for orders."""
    command = [sys.executable, "-W", "error", WORKER_MODULE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]
    yield started
    for process in started:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def order(process, what):
    process.stdin.write((what if isinstance(what, str) else json.dumps(what)) + "\n")
    process.stdin.flush()


def answer(process):
    return json.loads(process.stdout.readline())


class Place:
    """A vault on disk or on PostgreSQL that other processes can open."""

    def __init__(self, tmp_path, records_url, processes):
        self.processes = processes
        self.where = {
            "folder": str(tmp_path / "vault"),
            "keyring": str(tmp_path / "keyring"),
            "records": None if records_url.startswith("sqlite") else records_url,
        }
        self.url = self.where["records"] or f"sqlite:///{tmp_path}/vault/records.sqlite3"
        self.keys = LocalKeys.generate(tmp_path / "keyring")
        self.courier = MemoryCourier()

    def created(self) -> Vault:
        self.vault = Vault.create(
            self.where["folder"],
            keys=self.keys,
            records=self.where["records"],
            policy=Policy.for_tests(),
        )
        self.acme = self.vault.add_employer("Acme SAS", reference="acme")
        self.acme.enrol("A-1", email="dora@example.org", **NAMES)
        return self.vault

    def race(self, verb, *given, vault=None):
        """Let all do the same at once; count what came of it."""
        what = {**self.where, "verb": verb, "given": given}
        for process in self.processes:
            order(process, what)
        assert [answer(process) for process in self.processes] == ["ready"] * PROCESSES
        told = []
        gate = threading.Barrier(THREADS + 1)

        def run():
            gate.wait()
            told.append(outcome(vault, what))

        threads = [threading.Thread(target=run) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for process in self.processes:
            order(process, "go")
        gate.wait()
        for thread in threads:
            thread.join()
        return Counter(told + [answer(process) for process in self.processes])

    def rows(self, query):
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                return connection.execute(text(query)).all()
        finally:
            engine.dispose()

    def gaps(self):
        """List the subjects whose events are not numbered 1, 2, 3, …"""
        query = "SELECT subject, count(*), min(sequence), max(sequence) FROM mycvault_events GROUP BY subject"
        return [row for row in self.rows(query) if (row[2], row[3]) != (1, row[1])]


@pytest.fixture
def place(tmp_path, records_url, processes):
    return Place(tmp_path, records_url, processes)


@pytest.fixture
def vault(place):
    with place.created() as vault:
        yield vault


def test_one_link_opens_one_safe(place, vault):
    """Of all who follow one link one opens the safe; the others are told that it is open."""
    token = place.acme.invite("A-1").token.reveal()

    told = place.race("complete", token, "dora@example.org", vault=vault)

    assert told == {"won": 1, "already-activated": ALL - 1}
    assert place.gaps() == []
    counts = [
        place.rows(f"SELECT count(*) FROM mycvault_{t}")[0][0] for t in ("accounts", "sessions")
    ]
    assert counts == [1, 1]


def test_one_code_opens_one_session(place, vault):
    """Of all who type one right code one is in; the others find it used, or the tries used up."""
    place.acme.amend("A-1", phone="0612345678")
    token = place.acme.invite("A-1").token.reveal()
    vault.joining.send_code(token)
    vault.joining.complete(
        token, password=kit.PASSWORD, email="dora@example.org", code=code(place, vault), **NAMES
    ).end()
    asked = vault.sign_in("dora@example.org", kit.PASSWORD)

    told = place.race("confirm", asked.challenge, code(place, vault), vault=vault)

    assert told["won"] == 1
    assert set(told) <= {"won", "code-expired", "too-many-attempts"}
    assert place.gaps() == []


def code(place, vault):
    vault.outbox.deliver(place.courier)
    return next(x.context["code"] for x in place.courier.letters[::-1] if "code" in x.context)


def test_one_deposit_makes_one_document(place, vault):
    """Of all who deposit the same one makes a document, the others get its receipt; no blob is left without a row."""
    told = place.race("deposit", "A-1", "October", vault=vault)

    assert told == {"won": 1, "replayed": ALL - 1}
    assert place.gaps() == []
    assert place.rows("SELECT count(*) FROM mycvault_documents")[0][0] == 1
    blobs = [path.name for path in pathlib.Path(place.where["folder"], "blobs").glob("*/*")]
    assert blobs == [place.rows("SELECT blob FROM mycvault_contents")[0][0]]


def test_one_folder_holds_one_vault(place):
    """Of all who create a vault in one place one does; the others are told that it is there, and it opens."""
    told = place.race("create", vault=None)

    assert told == {"won": 1, "vault-exists": ALL - 1}
    with Vault.open(
        place.where["folder"], keys=place.keys, records=place.where["records"]
    ) as vault:
        vault.add_employer("Acme SAS", reference="acme")


def test_one_text_is_published_once(place, vault):
    """The same text of the same version is published once, and a no-op for everybody else, as it says."""
    told = place.race("publish", "2026-10", kit.TERMS, vault=vault)

    assert told == {"won": ALL}
    assert place.rows("SELECT count(*) FROM mycvault_terms")[0][0] == 1
    assert place.gaps() == []


@pytest.mark.parametrize(
    ("verb", "name", "refusal", "table"),
    [
        ("employer", "globex", "employer-exists", "employers"),
        ("enrol", "A-2", "employee-exists", "employees"),
    ],
)
def test_one_name_is_given_once(place, vault, verb, name, refusal, table):
    """Of all who take one reference or matricule one gets it; the others are told that it is taken."""
    told = place.race(verb, name, vault=vault)

    assert told == {"won": 1, refusal: ALL - 1}
    assert place.rows(f"SELECT count(*) FROM mycvault_{table}")[0][0] == 2
    assert place.gaps() == []


def crossing(*doings, rounds=40):
    """Do several things over and over, each in a thread, until the database itself refuses one; list what it said."""
    refused = []
    gate = threading.Barrier(len(doings))

    def run(do):
        for number in range(rounds):
            gate.wait()
            try:
                do(number)
            except RecordsUnavailable as error:
                refused.append(repr(error.__cause__)[:120])
            gate.wait()
            if refused:
                return

    threads = [threading.Thread(target=run, args=(do,)) for do in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_filing_the_same_in_other_orders_never_locks(place, vault):
    """Two requests that archive the same documents in opposite orders wait for each other, never crosswise."""
    token = place.acme.invite("A-1").token.reveal()
    session = vault.joining.complete(
        token, password=kit.PASSWORD, email="dora@example.org", **NAMES
    )
    ids = [
        place.acme.deposit("A-1", kit.pdf(mark=str(n)), kind="other").document_id for n in range(6)
    ]

    def file(number, documents):
        (session.safe.discard if number % 2 else session.safe.restore)(*documents)

    assert crossing(lambda n: file(n, ids), lambda n: file(n, ids[::-1])) == []


def test_inviting_and_amending_at_once_never_locks(place, vault):
    """HR changes an address while it invites again: both are done, one after the other."""
    place.acme.invite("A-1")

    def amend(number):
        place.acme.amend("A-1", email=f"dora{number}@example.org")

    assert crossing(amend, lambda number: place.acme.invite("A-1")) == []
