"""
What a call costs in a vault of 10,000, 100,000 and 1,000,000 documents: listing, opening, signing in, depositing.

`python bench/scaling.py [--sizes N …] [--employees N] [--place DIR] [--json PATH]` makes a vault of each size through
`deposit_each`, with documents of 400 bytes, 50 for each employee of 20,000 who has any, month by month as payrolls come; then
measures in turn, round by round, in all of them. Whoever is measured has 50 documents in each, so that what differs is the vault
around hers. Exits with 1 when a call costs more than 1.2 times what it costs in the smallest.
"""

import argparse
import itertools
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import harness
from harness import Bar, Row, Subject, compare

from mycvault import Deposit, Enrolment, LocalKeys, Policy, SecondFactor, Vault

EACH = 50  # documents
JOINED = 30
PASSWORD = "violet-harbour-lantern-27"
_BAR = 1.2
_ROUNDS = 40


def main() -> int:
    """Make the vaults, measure, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--employees", type=int, default=20_000)
    parser.add_argument("--place", type=pathlib.Path, metavar="DIR", help="where vaults are made")
    parser.add_argument("--json", type=pathlib.Path, metavar="PATH", help="write the report there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scaling-", dir=asked.place) as place:
        towns = [Town.build(pathlib.Path(place), size, asked.employees) for size in asked.sizes]
        rows = [_compare(title, how, towns) for title, how in _CALLS.items()]
    for row in rows:
        print(harness.table(row), end="\n\n")
    if asked.json:
        setting = harness.Setting(place=asked.place or pathlib.Path())
        harness.save(asked.json, harness.report(rows, setting))
    return 0 if all(row.ok for row in rows) else 1


@attrs.frozen
class Town:
    """A vault of many documents, and the people in it who joined."""

    size: int
    vault: Vault
    sessions: list[Any]
    unopened: Iterator[tuple[Any, str]]
    numbers: Iterator[int] = attrs.field(factory=itertools.count)

    @classmethod
    def build(cls, place: pathlib.Path, size: int, employees: int) -> "Town":
        """Make a vault of *size* documents, by the way every document comes."""
        started = time.perf_counter()
        keys = LocalKeys.generate(place / f"keyring-{size}")
        policy = attrs.evolve(Policy.for_tests(), second_factor=SecondFactor.NEVER)
        vault = Vault.create(place / f"vault-{size}", keys=keys, policy=policy)
        employer = vault.add_employer("Bench SAS", reference="bench")
        rows = (
            Enrolment(_matricule(n), given_name="Ada", family_name="Exemple", email=_email(n))
            for n in range(employees)
        )
        if not employer.enrol_many(rows).ok:
            raise ValueError("not everybody was enrolled")
        people = min(size // EACH, employees)
        run = (_deposit(n, month) for month in range(EACH) for n in range(people))
        done = sum(outcome.error is None for outcome in employer.deposit_each(run))
        took = time.perf_counter() - started
        print(f"{done:,} documents for {employees:,} employees in {took:.0f} s", flush=True)
        sessions = [_join(vault, employer, n) for n in range(JOINED)]
        unopened = [
            (one.safe, document.id) for one in sessions for document in one.safe.documents()
        ]
        return cls(size, vault, sessions, iter(unopened))

    def list_page(self, _given: object) -> None:
        page = self.sessions[next(self.numbers) % JOINED].safe.documents()
        if len(page.items) != EACH:
            raise ValueError("not her documents")

    def read(self, _given: object) -> None:
        safe, document_id = next(self.unopened)
        safe.read(document_id)

    def sign_in(self, _given: object) -> None:
        self.vault.sign_in(_email(next(self.numbers) % JOINED), PASSWORD).end()

    def deposit(self, _given: object) -> None:
        number = next(self.numbers)
        receipt = self.vault.employer("bench").deposit(
            _matricule(JOINED + number % 100), _content(number, 99), kind="certificate"
        )
        if receipt.replayed:
            raise ValueError("deposited before")


_CALLS: dict[str, Callable[[Town], Callable[[Any], None]]] = {
    "Listing a page of 50": lambda town: town.list_page,
    "Opening, journaled": lambda town: town.read,
    "Signing in": lambda town: town.sign_in,
    "Depositing one": lambda town: town.deposit,
}


def _compare(title: str, how: Callable[[Town], Callable[[Any], None]], towns: list[Town]) -> Row:
    names = {town.size: f"{town.size:,} documents" for town in towns}
    smallest = names[towns[0].size]
    return compare(
        title,
        [Subject(name=names[town.size], run=how(town), loops=20) for town in towns],
        rounds=_ROUNDS,
        warm_up=3,
        baseline=smallest,
        bars=[Bar(names[town.size], smallest, _BAR) for town in towns[1:]],
    )


def _join(vault: Vault, employer: Any, number: int) -> Any:
    person = employer.employee(_matricule(number))
    token = employer.invite(person.matricule).token.reveal()
    return vault.joining.complete(
        token,
        password=PASSWORD,
        given_name=person.given_name,
        family_name=person.family_name,
        email=person.email,
    )


def _deposit(number: int, month: int) -> Deposit:
    period = f"{2020 + month // 12}-{month % 12 + 1:02}"
    content = _content(number, month)
    return Deposit(_matricule(number), content, kind="payslip", period=period)


def _content(number: int, month: int) -> bytes:
    head = f"%PDF-1.7\n% {number} {month}\n".encode()
    return head + b"x" * (400 - len(head) - 6) + b"\n%%EOF"


def _matricule(number: int) -> str:
    return f"M-{number:06}"


def _email(number: int) -> str:
    return f"m{number:06}@example.org"


if __name__ == "__main__":
    sys.exit(main())
