"""
One database: how it is opened, and how a transaction on it begins and ends.

SQLite runs in WAL with `synchronous=FULL` (a commit is on disk when it returns) and begins writing transactions with `BEGIN
IMMEDIATE`, so that a waiting writer queues instead of failing half way. PostgreSQL (psycopg) reads in a repeatable, read-only
snapshot and writes in read committed, where guarded statements decide. Every database error becomes `RecordsUnavailable`;
statement parameters stay out of messages.
"""

import pathlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, TimeoutError  # noqa: A004
from sqlalchemy.pool import QueuePool

from mycvault.errors import RecordsUnavailable, SetupError

__all__ = ["Connection", "Database", "Engine"]

RECORDS_FILE = "records.sqlite3"
_BUSY_MS = 30_000  # how long a writer waits for its turn on SQLite
_READER_MS = 500  # how long a reader of what was deleted is waited for


class Database:
    """An engine of ours, or one of the host's, whose pool is used and never disposed of."""

    def __init__(self, engine: Engine, *, owned: bool) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._owned = owned
        self._turn = threading.Lock()
        if self.dialect not in {"sqlite", "postgresql"}:
            raise SetupError("records live on SQLite or PostgreSQL")

    @classmethod
    def at(cls, records: str | Engine) -> "Database":
        """
        Open the database at a SQLAlchemy URL, or on the host's engine; on SQLite what is deleted is overwritten with zeros.

        Raises:
            SetupError: The URL is malformed, or its driver is not installed.
        """
        if isinstance(records, Engine):
            return cls(records, owned=False)
        try:
            url = make_url(records)
            if url.drivername in {"postgres", "postgresql"}:
                url = url.set(drivername="postgresql+psycopg")
            lite = url.get_backend_name() == "sqlite"
            options: dict[str, Any] = {} if lite else {"pool_size": 10, "max_overflow": 20}
            if lite and url.database in {None, "", ":memory:"}:
                options = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
                options["connect_args"] = {"check_same_thread": False}
            engine = create_engine(url, hide_parameters=True, **options)
        except (ArgumentError, NoSuchModuleError, ImportError) as exc:
            # The URL may hold a password: it is not quoted.
            raise SetupError("records: not a database URL we can open, or no driver") from exc
        if lite:
            event.listen(engine, "connect", _prepare)
        return cls(engine, owned=True)

    @property
    def file(self) -> pathlib.Path | None:
        """The file of a SQLite database; None in memory and on a server."""
        name = self.engine.url.database
        if self.dialect != "sqlite" or name in {None, "", ":memory:"}:
            return None
        return pathlib.Path(str(name))

    def beside(self) -> "Database":
        """
        Open the store of personal keys that goes with these records.

        PostgreSQL: the same database, another table. SQLite: a file of its own beside the records', whose deletions are
        overwritten.
        """
        if self.dialect == "postgresql":
            return self
        path = self.file
        if path is None:
            return Database.at("sqlite://")
        keys = "keys.sqlite3" if path.name == RECORDS_FILE else f"{path.stem}.keys{path.suffix}"
        return Database.at(f"sqlite:///{path.with_name(keys)}")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a snapshot: everything read inside is of one moment."""
        with _mapped(), self.engine.connect() as connection:
            if self.dialect == "sqlite":
                _say(connection, "BEGIN")
            else:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction; it is durable when the block ends, and gone when the block raises."""
        with self._own_turn(), _mapped(), self.engine.connect() as connection:
            if self.dialect == "sqlite":
                if not self._owned:
                    connection.exec_driver_sql("PRAGMA synchronous=FULL")
                    connection.exec_driver_sql("PRAGMA secure_delete=ON")
                _say(connection, "BEGIN IMMEDIATE")
            else:
                connection.execution_options(
                    isolation_level="READ COMMITTED", postgresql_readonly=False
                )
            yield connection
            if self.dialect == "sqlite":
                # Begun on the driver, ended there: SQLAlchemy may not have seen a single statement.
                _say(connection, "COMMIT")
            connection.commit()

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        """Let this process's writers queue up on SQLite, which would have each ask again and again whether it is its turn."""
        if self.dialect != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=_BUSY_MS / 1000):
            raise RecordsUnavailable
        try:
            yield
        finally:
            self._turn.release()

    def forget(self) -> bool:
        """
        Take what was deleted out of SQLite's log as well; tell whether it is out.

        A reader that stays, as a backup does, keeps it there: nobody waits for it here, a later call goes on.
        """
        if self.dialect != "sqlite":
            return True
        with _mapped(), self.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_READER_MS}")
            try:
                found = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MS}")
        return found is not None and found[0] == 0

    def close(self) -> None:
        """Close our own pool; leave the host's alone."""
        if self._owned:
            self.engine.dispose()


@contextmanager
def _mapped() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, TimeoutError, sqlite3.Error) as exc:
        raise RecordsUnavailable from exc


def _say(connection: Connection, how: str) -> None:
    # Straight to the driver: a statement of SQLAlchemy's costs more here than what it begins.
    driver: Any = connection.connection.driver_connection
    driver.execute(how).close()


def _prepare(connection: Any, _record: object) -> None:
    # Transactions are begun by us, not guessed at by the driver.
    connection.isolation_level = None
    # What is deleted is overwritten: wrapped keys of documents lie here, those of people in a file of their own.
    settings = (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "cache_size=-16384",
    )
    for pragma in settings:
        connection.execute(f"PRAGMA {pragma}").close()
