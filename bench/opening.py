"""
What opening a payslip costs: `Safe.read` against the least that any safe with a journal must do.

The least is one durable commit of a small row (SQLite, WAL, synchronous=FULL) and reading a file of the same size, by the
standard library alone, on the same file system. Every read is of a document that was not opened before, so that each one
writes its event: a second read of the same document within ten minutes writes none, and is shown for information.
"""

import itertools
import pathlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import living
from harness import Bar, Row, Setting, Subject, compare

from mycvault import Safe, SecondFactor

SIZE = 60_000
LEAST = "durable commit + reading a file"
COMMIT = "  durable commit alone"
OURS = "Safe.read, journaled"
AGAIN = "Safe.read, again within ten minutes"
_LOOPS = 5


def measure(setting: Setting) -> list[Row]:
    """Measure opening."""
    rounds = setting.count(60)
    house = living.House(setting.place / "opening", second_factor=SecondFactor.NEVER)
    calls = (rounds + setting.warm_up) * _LOOPS
    documents = [house.deposit(SIZE) for _ in range(calls)]
    files = _files(setting.place / "files", calls)
    safe, database = house.session.safe, _database(setting.place / "least.sqlite3")
    subjects = [
        Subject(name=LEAST, run=_least(database, iter(files)), loops=_LOOPS),
        Subject(name=COMMIT, run=_commit(database), loops=_LOOPS),
        Subject(name=OURS, run=_read(safe, iter(documents)), loops=_LOOPS),
        Subject(name=AGAIN, run=_read(safe, itertools.cycle(documents[:1])), loops=_LOOPS),
    ]
    with house.vault:
        row = compare(
            "Opening one payslip of 60 kB",
            subjects,
            rounds=rounds,
            warm_up=setting.warm_up,
            baseline=LEAST,
            bars=[Bar(OURS, LEAST, 3.0)],
        )
    _check_written(house, len(documents))
    database.close()
    return [row]


def _check_written(house: living.House, opened: int) -> None:
    """Refuse figures of reads that did not last: open the vault anew and count what is still marked as opened."""
    with house.reopened() as vault:
        safe = vault.resume(house.session.token.reveal()).safe
        if safe.count() - safe.count(unopened=True) != opened:
            raise ValueError("not every read was written down")


def _read(safe: Safe, documents: Iterator[str]) -> Callable[[Any], Any]:
    def read(_given: object) -> None:
        if len(safe.read(next(documents))) != SIZE:
            raise ValueError("not what was deposited")

    return read


def _least(database: sqlite3.Connection, files: Iterator[pathlib.Path]) -> Callable[[Any], Any]:
    commit = _commit(database)

    def least(_given: object) -> None:
        commit(None)
        if len(next(files).read_bytes()) != SIZE:
            raise ValueError("not what was written")

    return least


def _commit(database: sqlite3.Connection) -> Callable[[Any], Any]:
    def commit(_given: object) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO opened (at, who, what) VALUES (1, 'somebody', 'something')")
        database.execute("COMMIT")

    return commit


def _database(path: pathlib.Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE TABLE opened (id INTEGER PRIMARY KEY, at INTEGER, who TEXT, what TEXT)"
    )
    return database


def _files(folder: pathlib.Path, count: int) -> list[pathlib.Path]:
    folder.mkdir()
    paths = [folder / str(number) for number in range(count)]
    for path in paths:
        path.write_bytes(living.payslip(SIZE))
    return paths
