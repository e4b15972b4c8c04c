"""
One worker of a crowd: a process of its own that opens the vault and does whatever comes, until it is killed.

What it does is drawn from a seed. Every outcome that the vault acknowledged is appended to a file of its own before the next
thing is done, one line of JSON each: a killed worker's file tells what it had been promised. What a document holds follows from
its reference, and so does its end: "gone" ones may be destroyed by their owners, "keep" ones by nobody.
"""

import contextlib
import datetime as dt
import faulthandler
import hashlib
import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from typing import Any

import attrs

import kit
from mycvault import (
    Deposit,
    DocumentMissing,
    Enrolment,
    LocalKeys,
    MemoryCourier,
    MycvaultError,
    Policy,
    UnavailableError,
    Vault,
)

HOUR = dt.timedelta(hours=1)
ROUND = 4  # seconds in which every worker is given the same payroll and the same file
OWN = 24  # deposits in a batch of one's own
STOP = "stop"
FAMILIES = ("Exemple", "Modèle", "Fictif", "Patron")


def policy() -> Policy:
    """What a crowd is allowed: nobody has to confirm again while it runs."""
    usual = Policy.for_tests()
    return attrs.evolve(usual, sessions=attrs.evolve(usual.sessions, fresh=HOUR, idle=HOUR))


def open_vault(order: dict[str, Any]) -> Vault:
    return Vault.open(
        order["storage"],
        keys=LocalKeys.load(order["keyring"]),
        records=order["records"],
        policy=policy(),
        storage_options=order["options"],
    )


def named(what: str, matricule: str) -> str:
    """Name a document: what it is, whose, and how it ends."""
    name = f"{what} {matricule}"
    return f"{name} {'gone' if zlib.crc32(name.encode()) % 4 else 'keep'}"


def content(reference: str) -> bytes:
    return kit.pdf(600 + zlib.crc32(reference.encode()) % 20_000, mark=reference)


def digest(reference: str) -> str:
    return hashlib.sha256(content(reference)).hexdigest()


def may_go(reference: str) -> bool:
    return reference.endswith("gone")


class Worker:
    """One life; *people* are the matricules and session tokens of those who joined, *staff* everybody's matricules."""

    def __init__(self, order: dict[str, Any], life: int, vault: Vault) -> None:
        self.order, self.life, self.vault = order, life, vault
        self.dice = random.Random(f"{order['seed']} {life}")
        self.acme = vault.employer("acme")
        self.safes = {who: vault.resume(token).safe for who, token in order["people"].items()}
        self.file = told_by(order, life)
        self.number = 0
        self.own: list[list[tuple[str, str, str]]] = []  # batches: whose, id, reference

    def tell(self, *lines: dict[str, Any]) -> None:
        """Write down, in one append, before anything else is done."""
        os.write(self.file, "".join(json.dumps(line) + "\n" for line in lines).encode())

    def work(self) -> None:
        """Do whatever comes until the stop."""
        acts = [getattr(self, name) for name, share in SHARES.items() for _ in range(share)]
        stop = pathlib.Path(self.order["folder"], STOP)
        while not stop.exists():
            act = self.dice.choice(acts)
            began = time.monotonic()
            try:
                act()
            except Exception as error:  # noqa: BLE001 - what must never be met is told
                self.tell(complaint(act.__name__, error))
            self.tell({"did": act.__name__, "seconds": round(time.monotonic() - began, 3)})

    # ---------------------------------------------------------------- putting in

    def payroll(self) -> None:
        """The payroll of this moment, which all others are given too."""
        number = self._round()
        self._many(f"payroll-{number}", self.order["staff"])
        self.tell({"paid": number})

    def batch(self) -> None:
        """A batch that is this worker's alone, for people who joined, some of them several times."""
        self.number += 1
        receipts = self._many(
            f"batch-{self.life}-{self.number}", self.dice.choices(list(self.safes), k=OWN)
        )
        self.own.append([(one.matricule, one.document_id, one.reference) for one in receipts])

    def single(self) -> None:
        """One document, of which others may hold the very same."""
        what = self.dice.choice([f"single-{self.life}-{self.number}", f"shared-{self._round()}"])
        self.number += 1
        who = self.order["staff"][self.number % 3]
        reference = named(what, who)
        self._put(
            self.acme.deposit(
                who, content(reference), kind="other", title=reference, reference=reference
            )
        )

    def _many(self, what: str, staff: list[str]) -> list[Any]:
        names = [(who, named(f"{what}-{turn}", who)) for who, turn in _turns(staff)]
        run = (
            Deposit(who, content(name), kind="payslip", title=name, reference=name)
            for who, name in names
        )
        if self.dice.random() < 0.5:
            report = self.acme.deposit_many(run)
            receipts = list(report.receipts)
            self._put(*receipts)
            refused = [error for _, error in report.refused]
        else:
            receipts, refused = [], []
            for outcome in self.acme.deposit_each(run):
                if outcome.receipt is not None:
                    receipts.append(outcome.receipt)
                    self._put(outcome.receipt)
                refused += filter(None, [outcome.error])
        self.tell(*(complaint("outcome", error) for error in refused))
        return receipts

    def _put(self, *receipts: Any) -> None:
        self.tell(
            *(
                {
                    "put": one.document_id,
                    "reference": one.reference,
                    "sha256": one.sha256,
                    "replayed": one.replayed,
                }
                for one in receipts
            )
        )

    def _round(self) -> int:
        return int((time.time() - self.order["began"]) / ROUND)

    # ---------------------------------------------------------------- her side

    def read(self) -> None:
        """Somebody reads some of her newest documents."""
        safe = self.safes[self.dice.choice(list(self.safes))]
        for document in self.dice.choices(safe.documents(limit=30).items or [None], k=8):
            if document is not None:
                with self._unless_gone(document.title):
                    found = safe.read(document.id)
                    if found != content(document.title):
                        self.tell({"wrong": document.id, "reference": document.title})

    def destroy(self) -> None:
        """Somebody destroys what she may; it is said before, since a kill may hide that it was done."""
        if self.own and self.dice.random() < 0.6:
            # A whole batch: its pack becomes one of which little lives.
            doomed = self.own.pop(0)
        else:
            who = self.dice.choice(list(self.safes))
            page = self.safes[who].documents(limit=40)
            doomed = [(who, one.id, one.title) for one in page][: self.dice.randrange(1, 12)]
        for who, document, reference in doomed:
            if may_go(reference):
                self.tell({"doomed": document})
                with self._unless_gone(reference):
                    self.safes[who].destroy(document)
                    self.tell({"destroyed": document})

    def export(self) -> None:
        """Somebody takes everything along."""
        safe = self.safes[self.dice.choice(list(self.safes))]
        with tempfile.TemporaryFile() as file:
            safe.export(file)

    def list(self) -> None:
        """She counts and lists; HR lists and counts."""
        safe = self.safes[self.dice.choice(list(self.safes))]
        safe.count()
        safe.history(limit=20)
        self.acme.deposits(limit=50)
        self.acme.statistics()

    @contextlib.contextmanager
    def _unless_gone(self, title: str):
        try:
            yield
        except DocumentMissing:
            if not may_go(title):
                raise

    # ---------------------------------------------------------------- the house

    def sweep(self) -> None:
        self._report("sweep", self.vault.upkeep.sweep(grace=dt.timedelta()))

    def compact(self) -> None:
        self._report("compact", self.vault.upkeep.compact())

    def check(self) -> None:
        self._report("check", self.vault.upkeep.check(sample=0.1))

    def purge(self) -> None:
        self._report("purge", self.vault.upkeep.purge(dry_run=False))

    def rotate(self) -> None:
        if self.dice.random() < 0.5:
            LocalKeys.load(self.order["keyring"]).add_key()
        self._report("rotate", self.vault.upkeep.rotate_keys())

    def sync(self) -> None:
        """The file of this moment: somebody is new, everybody who did not join is called otherwise."""
        number = self._round()
        family = FAMILIES[number % len(FAMILIES)]
        staff = [who for who in self.order["staff"] if who not in self.safes]
        rows = [Enrolment(who, given_name="Noé", family_name=family) for who in staff]
        new = [f"N-{number}-{turn}" for turn in range(3)]
        rows += [Enrolment(who, given_name="Zoé", family_name="Exemple") for who in new]
        report = self.acme.sync(rows)
        self.tell(
            {"synced": new},
            *({"finding": f"sync {number}: {error!r}"} for _, error in report.refused),
        )

    def deliver(self) -> None:
        courier = MemoryCourier()
        self.vault.outbox.deliver(courier, limit=10)
        self.tell({"sent": len(courier.letters)})

    def _report(self, verb: str, report: Any) -> None:
        self.tell(
            {"report": verb, **report.counts},
            *({"finding": f"{verb}: {finding}"} for finding in report.findings),
        )


# How often each comes.
SHARES = {
    "payroll": 3,
    "batch": 3,
    "single": 5,
    "read": 6,
    "destroy": 6,
    "export": 1,
    "list": 2,
    "sweep": 3,
    "compact": 3,
    "check": 1,
    "purge": 1,
    "rotate": 2,
    "sync": 2,
    "deliver": 2,
}


def complaint(act: str, error: BaseException) -> dict[str, Any]:
    """Tell an error: of which branch, with its cause and where it came from."""
    kind = "untyped"
    if isinstance(error, UnavailableError):
        kind = "unavailable"
    elif isinstance(error, MycvaultError):
        kind = "refused"
    trace = "".join(traceback.format_exception(error))
    return {kind: type(error).__name__, "in": act, "trace": trace}


def _turns(staff: list[str]):
    seen: Counter[str] = Counter()
    for who in staff:
        seen[who] += 1
        yield who, seen[who]


def told_by(order: dict[str, Any], life: int) -> int:
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
    return os.open(pathlib.Path(order["folder"], f"{life:05}.told"), flags, 0o600)


def live(order: dict[str, Any], life: int) -> None:
    """Be one worker, from opening the vault to the stop."""
    file = os.open(pathlib.Path(order["folder"], f"{life:05}.err"), os.O_CREAT | os.O_WRONLY, 0o600)
    os.dup2(file, 2)
    # Where every thread stands, when the supervisor finds no progress.
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    with open_vault(order) as vault:
        Worker(order, life, vault).work()


if __name__ == "__main__":
    live(json.loads(sys.stdin.readline()), int(sys.argv[1]))
