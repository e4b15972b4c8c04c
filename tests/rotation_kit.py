"""
A vault whose keys are rotated while other processes work in it, stopped or killed where a test wants them.

Run as a program it opens a vault, says "ready", and takes orders, one a line (JSON); *at* names a function (its qualified name)
at whose first call the process stops itself, in the middle of the verb, until it is told to go on; *die_at* says at which of its
writes and commits it is killed.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator

import crash_steps
import kit
from attack_kit import TABLES, Raw
from attack_worker import NAMES, open_vault, outcome, say
from mycvault import LocalKeys, Policy, Report, Vault

KEYS, PERSONAL = TABLES["keys"], TABLES["personal_keys"]
PEOPLE = ("A-1", "A-2", "A-3")
NOTHING = dict.fromkeys(("vault", "employers", "uses", "accounts", "records", "safes", "left"), 0)


class Place:
    """A vault in a folder or on PostgreSQL, with its keyring in a file: one who joined, one invited, one enrolled."""

    def __init__(self, root: pathlib.Path, records_url: str) -> None:
        self.root = root
        self.records = None if records_url.startswith("sqlite") else records_url
        self.folder = root / "vault"
        self.keyring = root / "keyring"
        self.keys = LocalKeys.generate(self.keyring)
        self.first = self.keys.current()
        self.tokens: dict[str, str] = {}

    @property
    def url(self) -> str:
        return self.records or f"sqlite:///{self.folder}/records.sqlite3"

    @property
    def where(self) -> dict:
        return {
            "folder": str(self.folder),
            "keyring": str(self.keyring),
            "records": self.records,
        }

    def made(self) -> Vault:
        policy = Policy.for_tests()
        vault = Vault.create(self.folder, keys=self.keys, records=self.records, policy=policy)
        acme = vault.add_employer("Acme SAS", reference="acme")
        vault.add_employer("Globex SARL", reference="globex").enrol("G-1", **NAMES)
        for matricule in PEOPLE:
            acme.enrol(matricule, email=mailbox(matricule), **NAMES)
            reference = f"{matricule} before"
            acme.deposit(matricule, kit.pdf(mark="before"), kind="other", reference=reference)
        self.tokens = {name: acme.invite(name).token.reveal() for name in PEOPLE[:2]}
        self.session = complete(vault, "A-1", self.tokens["A-1"])
        vault.upkeep.hold("acme", "A-1", reason="a dispute")
        return vault

    def opened(self) -> Vault:
        """Open the vault as a process that has just started, with the keyring as it is now."""
        keys = LocalKeys.load(self.keyring)
        policy = Policy.for_tests()
        return Vault.open(self.folder, keys=keys, records=self.records, policy=policy)

    def raw(self) -> Raw:
        return Raw(self.url)


class Living(Place):
    """The same, open, with a hand on its rows."""

    def __init__(self, root: pathlib.Path, records_url: str) -> None:
        super().__init__(root, records_url)
        self.vault = self.made()
        self.hand = self.raw()

    def stored(self) -> dict:
        return {table: self.hand.rows(table) for table in (KEYS, PERSONAL)}

    def rotated(self, **how) -> Report:
        self.keys.add_key()
        return self.vault.upkeep.rotate_keys(**how)

    def close(self) -> None:
        self.hand.close()
        self.vault.close()


def mailbox(matricule: str) -> str:
    return f"{matricule.lower()}@example.org"


def complete(vault: Vault, matricule: str, token: str) -> str:
    """Open a safe; give the session's token."""
    typed = {"password": kit.PASSWORD, "email": mailbox(matricule), **NAMES}
    return vault.joining.complete(token, **typed).token.reveal()


def closed_keys(vault: Vault, place: Place) -> list[str]:
    """List the keys that do not open in this vault: none of them should be there."""
    with contextlib.closing(place.raw()) as raw:
        ids = {row["id"] for name in ("keys", "personal_keys") for row in raw.rows(TABLES[name])}
    list(vault.employers())
    closed = []
    for key_id in sorted(ids - {"vault"}):
        with vault._desk.rows({}, writing=False) as rows:
            try:
                rows.ring.key(key_id)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is closed
                closed.append(f"{key_id}: {error!r}")
    return closed


def lives_on(place: Place, *, session: str | None = None) -> None:
    """Make sure that in a process that starts now every key opens, all is read as it was, and all goes on."""
    with place.opened() as vault:
        assert closed_keys(vault, place) == []
        acme = vault.employer("acme")
        safe = vault.resume(session or place.session).safe
        assert {safe.read(one.id) for one in safe.documents()} >= {kit.pdf(mark="before")}
        for one in acme.employees():
            receipt = acme.deposit(one.matricule, kit.pdf(mark="after"), kind="payslip")
            assert acme.deposit(one.matricule, kit.pdf(mark="after"), kind="payslip").replayed
            assert receipt.document_id
        if "A-2" in place.tokens:
            arrived = vault.resume(complete(vault, "A-2", place.tokens.pop("A-2"))).safe
            marks = {arrived.read(one.id) for one in arrived.documents()}
            assert marks >= {kit.pdf(mark="before"), kit.pdf(mark="after")}
        vault.add_employer("New SAS", reference="new").enrol("N-1", **NAMES)
        vault.upkeep.release("acme", "A-1", reason="it is over")


# ------------------------------------------------------------------ another process


class Worker:
    """A process that has opened the vault, and does one thing at a time."""

    def __init__(self, place: Place) -> None:
        command = [sys.executable, "-W", "error", __file__]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, **pipes)
        self._say(place.where)
        assert self.answer() == "ready"

    def order(self, verb: str, *given: object, at: str | None = None) -> None:
        """Begin to do something, and stop at the function *at*."""
        self._say({"verb": verb, "given": given, "at": at})
        if at is not None:
            _, status = os.waitpid(self.process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), "it ended before it came there"

    def do(self, verb: str, *given: object) -> str:
        self.order(verb, *given)
        return self.answer()

    def goes_on(self) -> str:
        """Let it go on; give what came of it."""
        os.kill(self.process.pid, signal.SIGCONT)
        return self.answer()

    def answer(self) -> str:
        return json.loads(self.process.stdout.readline())

    def _say(self, told: object) -> None:
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()

    def end(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@contextlib.contextmanager
def worker_at(place: Place) -> Iterator[Worker]:
    worker = Worker(place)
    try:
        yield worker
    finally:
        worker.end()


def stop_at(function: str) -> None:
    """Stop this process when *function* is called next, before anything in it is done."""

    def called(frame, event, _argument) -> None:
        if event == "call" and frame.f_code.co_qualname == function:
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGSTOP)

    sys.setprofile(called)


def serve() -> None:
    where = json.loads(sys.stdin.readline())
    with open_vault(where) as vault:
        say("ready")
        for line in sys.stdin:
            order = json.loads(line)
            if order.get("die_at"):
                crash_steps.arm(
                    str(pathlib.Path(where["folder"]).parent), order["die_at"], crash_steps.die
                )
            if order.get("at"):
                stop_at(order["at"])
            told = outcome(vault, order)
            sys.setprofile(None)
            say(told)


if __name__ == "__main__":
    serve()
