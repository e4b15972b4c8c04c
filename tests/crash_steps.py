"""
The steps of a process: what leaves something behind, counted in one place, and cut at one of them.

A step is a file opened for writing, a write (half is done when it is cut), an fsync, a rename, a folder made, a file removed, a
statement that writes, a commit (before it, and when it is done but its answer is not there yet).
"""

import errno
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy.engine.default import DefaultDialect

from mycvault.keys import records as key_records
from mycvault.storage import engine, rows


class Steps:
    """Counts the steps of this process, in whatever thread; *cut* is called at one, or at every one from there on (*lasting*)."""

    def __init__(self, last: int, cut: Callable[[Any], None], *, lasting: bool = False) -> None:
        self.count = 0
        self.commits: list[int] = []  # the steps at which one was just done
        self._healed = False
        self._last, self._cut, self._lasting = last, cut, lasting
        self._turn = threading.Lock()

    def comes(self) -> bool:
        """Count a step; tell whether it is one to be cut at."""
        with self._turn:
            if self._healed:
                return False
            self.count += 1
            return self.count == self._last or (self._lasting and self.count > self._last > 0)

    def heal(self) -> None:
        """Count no more, and cut no more."""
        self._healed = True

    def step(self, driver: Any = None) -> bool:
        """Count a step, and cut there if it is one; tell whether it was, if that is still to be told."""
        cut = self.comes()
        if cut:
            self._cut(driver)
        return cut

    def committed(self, driver: Any) -> bool:
        """Count the step after a commit."""
        self.commits.append(self.count + 1)
        return self.step(driver)

    def write(self, call: Callable[..., int]) -> Callable[..., int]:
        """Stand before os.write."""

        def written(file: int, data: Any) -> int:
            if self.comes():
                call(file, memoryview(data)[: len(data) // 2])
                self._cut(None)
            return call(file, data)

        return written

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Stand before fsync, or before a statement, whose first argument is a connection."""

        def both(*given: Any, **named: Any) -> Any:
            linked = isinstance(given[0], engine.Connection)
            self.step(given[0].connection.driver_connection if linked else None)
            return call(*given, **named)

        return both


def arm(below: str, last: int, cut: Callable[[Any], None], *, lasting: bool = False) -> Steps:
    """Count the steps of this process from here on, those of files by names that begin with *below*."""
    steps = Steps(last, cut, lasting=lasting)
    say_it, commit_it = engine._say, DefaultDialect.do_commit

    def said(connection: engine.Connection, how: str) -> None:
        commits, driver = how == "COMMIT", connection.connection.driver_connection
        if commits:
            steps.step(driver)
        say_it(connection, how)
        if commits:
            steps.committed(driver)

    def committed(dialect: Any, connection: Any) -> None:
        # On SQLite this follows what was said already.
        if dialect.name == "sqlite":
            commit_it(dialect, connection)
            return
        steps.step(connection.driver_connection)
        commit_it(dialect, connection)
        if steps.committed(connection.driver_connection):
            connection.driver_connection.execute("SELECT 1")

    def audited(name: str, given: tuple[Any, ...]) -> None:
        if _writes(name, given) and any(str(one).startswith(below) for one in given[:2]):
            steps.step()

    sys.addaudithook(audited)
    engine._say, DefaultDialect.do_commit = said, committed
    for module, name in ((rows, "run"), (rows, "insert_rows"), (key_records, "run"), (os, "fsync")):
        setattr(module, name, steps.before(getattr(module, name)))
    os.write = steps.write(os.write)
    return steps


def _writes(name: str, given: tuple[Any, ...]) -> bool:
    if name == "open":
        return isinstance(given[2], int) and bool(given[2] & (os.O_WRONLY | os.O_RDWR))
    return name in {"os.rename", "os.mkdir", "os.remove"}


def die(_driver: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(driver: Any) -> None:
    """Fail as a full disk does, as SQLite on a bad one, as PostgreSQL whose connection is cut: there what follows fails."""
    if driver is None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if isinstance(driver, sqlite3.Connection):
        raise sqlite3.OperationalError("disk I/O error")
    told = driver.info
    how = {"host": told.host, "port": told.port, "user": told.user, "dbname": told.dbname}
    with psycopg.connect(**how, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [told.backend_pid])
