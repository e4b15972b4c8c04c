"""
What a payroll costs: 2,000 payslips of 60 kB by `deposit_many`, against what else would be done with the files.

Against copying them into one file with one fsync, which is the least that keeps them at all; against two backup programs that
encrypt and pack as well (restic, borg), each into a new repository; and against what one would write oneself: Fernet, a file with
fsync and a committed row for each. The payslips are files of random bytes, so that nothing is compressed or found twice.
"""

import contextlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
from typing import Any

from cryptography.fernet import Fernet
from harness import Bar, Row, Setting, Subject, compare
from sqlalchemy import create_engine, text

from mycvault import Deposit, Enrolment, LocalKeys, Policy, Vault

_TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"

COUNT, SIZE = 2_000, 60_000
COPY = "copying into one file, one fsync"
OURS = "deposit_many, SQLite"
POSTGRES = "deposit_many, PostgreSQL"
RESTIC, BORG = "restic backup", "borg create"
OWN = "Fernet, a file and a row for each"
_SECRET = "a secret of the benchmark"
_DURABLE = ("fsync = on", "synchronous_commit = on", "full_page_writes = on")


def measure(setting: Setting) -> list[Row]:
    """Measure a payroll."""
    bench = _Bench(setting.place / "payday")
    with contextlib.ExitStack() as stack:
        subjects = [
            Subject(name=COPY, run=bench.copy, after=_empty),
            Subject(name=OURS, before=bench.vault, run=bench.deposit, after=bench.close),
            bench.postgres(stack),
            bench.program(RESTIC, "restic", ["init"], ["backup", "--quiet", bench.files]),
            bench.program(
                BORG,
                "borg",
                ["init", "--encryption=repokey"],
                ["create", "::all", bench.files],
            ),
            Subject(name=OWN, before=bench.own, run=bench.do_it_yourself, after=bench.empty_own),
        ]
        row = compare(
            f"{COUNT} payslips of 60 kB",
            subjects,
            rounds=setting.count(7),
            warm_up=1,
            baseline=COPY,
            bars=[
                Bar(OURS, COPY, 4.0),
                Bar(OURS, RESTIC, 1.0),
                Bar(OURS, BORG, 1.0),
                Bar(OURS, OWN, 0.25),
            ],
        )
    return [row]


class _Bench:
    """The payslips, and a new place for every run."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.files = folder / "payslips"
        self.files.mkdir(parents=True)
        self.keys = LocalKeys.generate(folder / "keyring")
        self.paths = [self.files / f"M-{number:05}.pdf" for number in range(COUNT)]
        for path in self.paths:
            path.write_bytes(b"%PDF-1.7\n" + os.urandom(SIZE - 15) + b"\n%%EOF")
        self._runs = 0

    def place(self) -> pathlib.Path:
        self._runs += 1
        return self.folder / f"run-{self._runs}"

    def copy(self, _given: object) -> pathlib.Path:
        place = self.place()
        with place.open("wb") as out:
            for path in self.paths:
                out.write(path.read_bytes())
            out.flush()
            os.fsync(out.fileno())
        return place

    def vault(self, records: str | None = None) -> tuple[Vault, pathlib.Path]:
        place = self.place()
        vault = Vault.create(place, keys=self.keys, records=records, policy=Policy.for_tests())
        rows = (
            Enrolment(path.stem, given_name="Ada", family_name="Exemple") for path in self.paths
        )
        if not vault.add_employer("Bench SAS", reference="bench").enrol_many(rows).ok:
            raise ValueError("not everybody was enrolled")
        return vault, place

    def deposit(self, given: tuple[Vault, pathlib.Path]) -> tuple[Vault, pathlib.Path]:
        run = (Deposit(path.stem, path, kind="payslip", period="2026-10") for path in self.paths)
        report = given[0].employer("bench").deposit_many(run)
        if not report.ok or len(report.receipts) != COUNT or report.replayed:
            raise ValueError("not everything was deposited")
        return given

    def close(self, given: tuple[Vault, pathlib.Path]) -> None:
        given[0].close()
        _empty(given[1])

    def postgres(self, stack: contextlib.ExitStack) -> Subject:
        """Measure on a cluster of the tests', made durable; it ends with *stack*."""
        sys.path.insert(0, str(_TESTS))
        try:
            import services
        except ImportError:
            return Subject(name=POSTGRES, missing="the test extra is not installed")
        if services.find_binaries() is None:
            return Subject(name=POSTGRES, missing="PostgreSQL's server is not installed")
        url = stack.enter_context(services.postgres_cluster())
        _make_durable(url)
        return Subject(
            name=POSTGRES,
            before=lambda: self.vault(services.fresh_database(url)),
            run=self.deposit,
            after=self.close,
        )

    def program(self, name: str, command: str, first: list[Any], then: list[Any]) -> Subject:
        """Measure a program that keeps files in a repository of its own."""
        if shutil.which(command) is None:
            return Subject(name=name, missing=f"{command} is not installed")
        settings = {
            "RESTIC_PASSWORD": _SECRET,
            "RESTIC_CACHE_DIR": str(self.folder / "cache"),
            "BORG_PASSPHRASE": _SECRET,
            "BORG_BASE_DIR": str(self.folder / "borg"),
        }

        def call(place: pathlib.Path, arguments: list[Any]) -> pathlib.Path:
            at = {"RESTIC_REPOSITORY": str(place), "BORG_REPO": str(place)}
            environment = {**os.environ, **settings, **at}
            subprocess.run([command, *arguments], env=environment, check=True, capture_output=True)
            return place

        return Subject(
            name=name,
            before=lambda: call(self.place(), first),
            run=lambda place: call(place, then),
            after=_empty,
        )

    def own(self) -> tuple[sqlite3.Connection, pathlib.Path]:
        place = self.place()
        place.mkdir()
        database = sqlite3.connect(place / "rows.sqlite3", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE payslips (who TEXT, month TEXT, path TEXT, key BLOB)")
        return database, place

    def do_it_yourself(
        self, given: tuple[sqlite3.Connection, pathlib.Path]
    ) -> tuple[sqlite3.Connection, pathlib.Path]:
        database, place = given
        for path in self.paths:
            key = Fernet.generate_key()
            kept = place / path.name
            with kept.open("xb") as out:
                out.write(Fernet(key).encrypt(path.read_bytes()))
                out.flush()
                os.fsync(out.fileno())
            row = (path.stem, "2026-10", kept.name, key)
            database.execute("INSERT INTO payslips VALUES (?, ?, ?, ?)", row)
        return given

    def empty_own(self, given: tuple[sqlite3.Connection, pathlib.Path]) -> None:
        given[0].close()
        _empty(given[1])


def _make_durable(url: str) -> None:
    """Turn on what the tests' cluster does without."""
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        for setting in _DURABLE:
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))


def _empty(place: pathlib.Path) -> None:
    """
    Free all that files hold, and keep their names until the end.

    A disk's cache that was used before costs less than fresh memory: nobody's next run pays for what the last one left. But where
    thousands of files were deleted, some file systems take long to make new ones, for minutes.
    """
    for path in [place, *place.rglob("*")]:
        if path.is_file():
            path.chmod(0o600)  # restic takes from its files the right to write them
            os.truncate(path, 0)
