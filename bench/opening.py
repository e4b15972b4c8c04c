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
_FULL_LOG = 1000 * 4096  # bytes: SQLite begins its log again after 1,000 pages


def measure(setting: Setting) -> list[Row]:
    """Measure opening."""
    rounds = setting.count(60)
    content = living.payslip(SIZE)
    house = living.House(setting.place / "opening", second_factor=SecondFactor.NEVER)
    calls = (rounds + setting.warm_up) * _LOOPS
    documents = [house.deposit(content) for _ in range(calls)]
    files = _files(setting.place / "files", content, calls)
    safe, database = house.session.safe, _database(setting.place / "least.sqlite3")
    _settle(setting.place / "least.sqlite3-wal", lambda: _commit(database)(None))
    _settle(house.folder / "records.sqlite3-wal", lambda: house.deposit(content))
    subjects = [
        Subject(name=LEAST, run=_least(database, iter(files)), loops=_LOOPS),
        Subject(name=COMMIT, run=_commit(database), loops=_LOOPS),
        Subject(name=OURS, run=_read(safe, iter(documents), content), loops=_LOOPS),
        Subject(name=AGAIN, run=_read(safe, itertools.cycle(documents[:1]), content), loops=_LOOPS),
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
    database.close()
    return [row]


def _settle(log: pathlib.Path, write: Callable[[], Any]) -> None:
    """Write until SQLite's log has its full length: a commit that makes its file longer costs more, and unevenly."""
    while log.stat().st_size < _FULL_LOG:
        write()


def _read(safe: Safe, documents: Iterator[str], content: bytes) -> Callable[[Any], Any]:
    size = len(content)

    def read(_given: object) -> None:
        if len(safe.read(next(documents))) != size:
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


def _files(folder: pathlib.Path, content: bytes, count: int) -> list[pathlib.Path]:
    folder.mkdir()
    paths = [folder / str(number) for number in range(count)]
    for path in paths:
        path.write_bytes(content)
    return paths
