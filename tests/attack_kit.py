"""
Two hands on a database: one that holds a vault's keys, without the vault; one that holds none.

`Rig` opens real transactions on real tables, for what lies below the doors. `Raw` reads and writes rows as somebody does who
has the database alone, and can put everything back.
"""

import contextlib
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, Table, create_engine, delete

import kit
from mycvault import LocalKeys, Vault, schema
from mycvault.contents import service as contents
from mycvault.contents.model import Place
from mycvault.documents import auditing, rules
from mycvault.ids import Ids
from mycvault.keys.ring import TransactionRing
from mycvault.keys.service import Keyring
from mycvault.storage.columns import METADATA
from mycvault.storage.engine import Database
from mycvault.storage.rows import Rows
from mycvault.system import SystemEntropy
from mycvault.values.actors import OPERATOR
from mycvault.values.verbs import Verb

Row = dict[str, Any]
TABLES = {table.name.removeprefix("mycvault_"): table for table in METADATA.sorted_tables}


# ------------------------------------------------------------------ records alone


class Rig:
    """A database with its tables and a vault's keys, and real transactions on it."""

    def __init__(self, url: str) -> None:
        self.records = Database.at(url)
        self.personal = self.records.beside()
        self.now = kit.START
        self.ids = Ids(SystemEntropy().bytes)
        self.vault_id = self.new_id()
        self.keyring = Keyring(
            self.vault_id,
            provider=LocalKeys.ephemeral(),
            entropy=SystemEntropy(),
            records=self.records,
            personal=self.personal,
        )
        schema.create_personal(self.personal)
        with self.records.writing() as connection:
            schema.create(connection, self.vault_id, self.now)
            self.keyring.found(connection, self.now)
        with self.records.reading() as connection:
            self.keyring.load(connection)

    def new_id(self) -> str:
        return self.ids.new(self.now)

    def employer(self) -> str:
        """Make an employer's key; give its id."""
        employer_id = self.new_id()
        self.keyring.make_employer_key(employer_id, self.now)
        return employer_id

    def person(self, employer_id: str) -> tuple[str, str]:
        """Make a record's and a safe's keys; give their ids."""
        record_id, safe_id = self.new_id(), self.new_id()
        self.keyring.make_record_keys({record_id: safe_id}, employer_id, self.now)
        return record_id, safe_id

    def account(self) -> str:
        """Make an account's key, over a safe of its own; give the account's id."""
        employer_id, account_id = self.employer(), self.new_id()
        safe_id = self.person(employer_id)[1]
        self.keyring.open_account(account_id, safe_id, employer_id, self.now)
        return account_id

    @contextlib.contextmanager
    def rows(self, *, vault_id: str | None = None) -> Iterator[Rows]:
        """Open a writing transaction as a desk does."""
        with contextlib.ExitStack() as stack, self.records.writing() as connection:
            beside = connection
            if self.personal is not self.records:
                beside = stack.enter_context(self.personal.reading())
            ring = TransactionRing(self.keyring, connection, lambda: beside, {})
            yield Rows(connection, vault_id=vault_id or self.vault_id, ring=ring)

    def close(self) -> None:
        self.records.close()
        self.personal.close()


@contextlib.contextmanager
def rig_at(url: str) -> Iterator[Rig]:
    rig = Rig(url)
    try:
        yield rig
    finally:
        rig.close()


# ------------------------------------------------------------------ the database without keys


class Raw:
    """Both stores of a vault as a thief or a vandal has them: every row, no key."""

    def __init__(self, records_url: str) -> None:
        self.engine = create_engine(records_url)
        self.lite = self.engine.dialect.name == "sqlite"
        self._beside = self.engine
        if self.lite:
            path = pathlib.Path(str(self.engine.url.database)).with_name("keys.sqlite3")
            self._beside = create_engine(f"sqlite:///{path}")

    def close(self) -> None:
        self.engine.dispose()
        self._beside.dispose()

    def rows(self, table: Table) -> list[Row]:
        """Read a table in the order of its key, as the driver gives it."""
        keys = ", ".join(column.name for column in table.primary_key)
        query = f"SELECT {_names(table)} FROM {table.name} ORDER BY {keys}"
        with self._store(table).connect() as connection:
            return [dict(row._mapping) for row in connection.exec_driver_sql(query)]

    def write(self, table: Table, row: Row, changes: Row) -> None:
        """Change one row to whatever the database takes."""
        what = ", ".join(f'"{name}" = {self._mark}' for name in changes)
        self._run(table, f"UPDATE {table.name} SET {what}", (*changes.values(),), row)

    def remove(self, table: Table, row: Row) -> None:
        self._run(table, f"DELETE FROM {table.name}", (), row)

    def add(self, table: Table, *rows: Row) -> None:
        marks = ", ".join(self._mark for _ in table.c)
        with self._store(table).begin() as connection:
            for row in rows:
                connection.exec_driver_sql(
                    f"INSERT INTO {table.name} ({_names(table)}) VALUES ({marks})",
                    tuple(row[column.name] for column in table.c),
                )

    def everything(self) -> dict[Table, list[Row]]:
        return {table: self.rows(table) for table in METADATA.sorted_tables}

    def put_back(self, snapshot: dict[Table, list[Row]]) -> None:
        """Make every table what it was."""
        for table, rows in snapshot.items():
            with self._store(table).begin() as connection:
                connection.execute(delete(table))
            self.add(table, *rows)

    @property
    def _mark(self) -> str:
        return "?" if self.lite else "%s"

    def _store(self, table: Table) -> Engine:
        return self._beside if table.info.get("store") == "personal" else self.engine

    def _run(self, table: Table, statement: str, values: tuple[Any, ...], row: Row) -> None:
        names = [column.name for column in table.primary_key]
        where = " AND ".join(f'"{name}" = {self._mark}' for name in names)
        with self._store(table).begin() as connection:
            found = connection.exec_driver_sql(
                f"{statement} WHERE {where}", (*values, *(row[name] for name in names))
            )
            if found.rowcount != 1:
                raise LookupError("the row went under another key before")


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.c)


@contextlib.contextmanager
def raw_at(url: str) -> Iterator[Raw]:
    raw = Raw(url)
    try:
        yield raw
    finally:
        raw.close()


# ------------------------------------------------------------------ packs


def pack(vault: Vault, ids: Sequence[str], blob: str) -> None:
    """Put documents that lie in blobs of their own into one, as a bulk deposit does."""
    desk = vault._desk
    with desk.call(Verb.COMPACT, by=OPERATOR) as call:
        with call.look() as look:
            them = {one: auditing.read(look, one) for one in ids}
            found = {
                one: contents.unlock(look.rows, one, key_of=it.key_of, bound=rules.bound(it.record))
                for one, it in them.items()
            }
        data = b"".join(call.blobs.get(place.blob) for place, _ in found.values())
        call.blobs.put(blob, data)
        offset = 0
        with call.act() as act:
            for one, (old, key) in found.items():
                place = Place(
                    blob=blob, offset=offset, length=old.length, blob_size=len(data), size=old.size
                )
                offset += old.length
                contents.forget(act.rows, one)
                it = them[one]
                contents.keep(
                    act.rows, one, place, key, key_of=it.key_of, bound=rules.bound(it.record)
                )
            act.record()
