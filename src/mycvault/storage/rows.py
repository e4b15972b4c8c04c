"""
The rows of one transaction: what goes in is sealed, what comes out was checked.

Fields are sealed by AES-SIV under the key that the row's `sealed_by` names, for the vector (vault, table, column, row id): a
field copied elsewhere does not open. Rows that give authority carry a seal: an HMAC under a vault key over every column that
is not loose; columns that are NULL are left out, so that a column added later leaves old seals good. A change re-reads the
row, proves its seal, and writes only while that seal still stands: the guard that lets one of many racers win.

Nobody else seals or unseals fields. Format: docs/spec/rows.md.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import Column, Executable, Select, Table, bindparam, update
from sqlalchemy.exc import IntegrityError

from mycvault.crypto.encoding import encode, encode_named, encode_one
from mycvault.crypto.fields import Key, NotAuthentic, equal, version_of
from mycvault.errors import RecordDamaged, RecordsUnavailable
from mycvault.storage.columns import Form, micros
from mycvault.storage.engine import Connection
from mycvault.storage.inserts import AT_ONCE
from mycvault.storage.inserts import insert as insert_rows
from mycvault.storage.plans import Beginnings, Plan
from mycvault.storage.statements import fetch, run

Row = dict[str, Any]
INDEX = "index"
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_RACES = 64  # a lost race is another's success; this many in a row is not contention any more


class Ring(Protocol):
    """Finds keys for rows; `keys/service.py` is the one that does."""

    def ready(self, key_ids: Iterable[str]) -> None:
        """Bring several keys to hand at once."""
        ...

    def key(self, key_id: str, version: int | None = None) -> Key:
        """Give a key, the newest version unless one is named."""
        ...


class Rows:
    """One transaction's view of the tables."""

    def __init__(self, connection: Connection, *, vault_id: str, ring: Ring) -> None:
        self._connection = connection
        self.vault_id = vault_id
        self.ring = ring
        self.is_postgres = connection.dialect.name == "postgresql"

    # ---------------------------------------------------------------- reading

    def one(self, statement: Executable, **parameters: Any) -> Row | None:
        """Read the one row a whole-table select finds, checked and unsealed; None when there is none."""
        found = self.all(statement, **parameters)
        return found[0] if found else None

    def all(self, statement: Executable, **parameters: Any) -> list[Row]:
        """
        Read all rows a whole-table select finds, checked and unsealed.

        Raises:
            RecordDamaged: A row's seal or a field does not match.
        """
        plan = Plan.of(_table_of(statement))
        with _damage():
            found = fetch(self._connection, statement, parameters)
            rows = [dict(zip(plan.names, row, strict=True)) for row in found]
            return self._unsealed(plan, rows)

    def glance(self, statement: Executable, **parameters: Any) -> Row | None:
        """Read one row, its seal checked, its sealed fields left sealed: nobody's key is asked for."""
        found = self.glances(statement, **parameters)
        return found[0] if found else None

    def glances(self, statement: Executable, **parameters: Any) -> list[Row]:
        """Read all rows a whole-table select finds as `glance` reads one; RecordDamaged."""
        plan = Plan.of(_table_of(statement))
        with _damage():
            found = fetch(self._connection, statement, parameters)
            rows = [dict(zip(plan.names, row, strict=True)) for row in found]
            for row in rows:
                self._check(plan, row)
        return rows

    def opened(self, table: Table, row: Row) -> Row:
        """Unseal the fields of a row that `glance` gave."""
        with _damage():
            return self._open_fields(Plan.of(table), row)

    def values(self, statement: Executable, **parameters: Any) -> Sequence[Any]:
        """Read plain values that no seal covers: counts, clear columns of an index."""
        return fetch(self._connection, statement, parameters)

    def index(self, column: Column[Any], value: str, *, scope: str = "") -> bytes:
        """Compute where a blind index keeps *value*."""
        return self._blind(column.table.name, column.name, scope, value)

    # ---------------------------------------------------------------- writing

    def insert(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Write new rows, sealed."""
        self.insert_each(table, rows)

    def insert_each(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write new rows, sealed, each made as its turn comes: of a payroll's only some are in memory."""
        plan = Plan.of(table)
        insert_rows(self._connection, plan.add, self._all_sealed(plan, rows), plan.names)

    def insert_new(self, table: Table, row: Mapping[str, Any]) -> bool:
        """Write a new row, sealed, unless a unique column has its value already; tell whether it was written."""
        return self.insert_all_new(table, [row])

    def insert_all_new(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> bool:
        """Write new rows, sealed; False when a unique column has one of their values already: the act must not end then."""
        plan = Plan.of(table)
        add = plan.add_new_postgres if self.is_postgres else plan.add_new_sqlite
        return insert_rows(self._connection, add, self._all_sealed(plan, rows), plan.names) == 0

    def change(
        self, table: Table, row_id: str, changes: Mapping[str, Any], *, where: Mapping[str, Any]
    ) -> bool:
        """
        Change a sealed row while it is as *where* says; tell whether it was.

        Of many who try at once exactly those succeed whose *where* holds when their turn comes. A unique value that another
        row has is a no as well.

        Raises:
            RecordDamaged: The row's seal does not match.
        """
        plan = Plan.of(table)
        assert plan.by_id is not None
        guarded = update(table).where(
            table.c.id == bindparam("row_id"), table.c.seal == bindparam("old_seal")
        )
        for _ in range(_RACES):
            with _damage():
                found = fetch(self._connection, plan.by_id, {"row_id": row_id})
                if not found:
                    return False
                row = dict(zip(plan.names, found[0], strict=True))
                self._check(plan, row)
            if any(row[name] != wanted for name, wanted in where.items()):
                return False
            new = self._sealed(plan, changes, base=row)
            written = {name: new[name] for name in plan.names if new[name] != row[name]}
            if not written:
                return True
            guard = {"row_id": row_id, "old_seal": row["seal"]}
            try:
                # A savepoint, so that a unique value somebody else has takes only this change back.
                with self._connection.begin_nested():
                    changed = self._connection.execute(guarded.values(written), guard).rowcount
            except IntegrityError:
                return False
            if changed == 1:
                return True
        raise RecordsUnavailable

    def execute(self, statement: Executable, **parameters: Any) -> int:
        """Run a statement on columns that no seal covers; tell how many rows it met."""
        return run(self._connection, statement, parameters)

    # ---------------------------------------------------------------- sealing

    def _all_sealed(self, plan: Plan, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
        coming = iter(rows)
        while some := list(islice(coming, AT_ONCE)):
            if plan.sealed:
                self.ring.ready({row["sealed_by"] for row in some})
            for row in some:
                yield self._sealed(plan, row)

    def _sealed(self, plan: Plan, given: Mapping[str, Any], base: Row | None = None) -> Row:
        row: Row = {**(base or {}), **given}
        for name, of, scope in plan.blind:
            if of in given or base is None:
                plain = given.get(of)
                row[name] = (
                    None
                    if plain is None
                    else self._blind(plan.table.name, name, str(row[scope]) if scope else "", plain)
                )
        written = [(name, form) for name, form in plan.sealed if given.get(name) is not None]
        if written:
            key, row_id = self.ring.key(row["sealed_by"]), encode_one(row["id"])
            vectors = Beginnings.of(plan.table, self.vault_id).vectors
            for name, form in written:
                vector = [*vectors[name], row_id]
                row[name] = key.seal_encoded(_pack(form, given[name]), vector)
        if plan.authority is not None:
            row["seal"] = self._seal(plan, row, None)
        return row

    def _unsealed(self, plan: Plan, rows: list[Row]) -> list[Row]:
        if plan.sealed:
            self.ring.ready({row["sealed_by"] for row in rows})
        for row in rows:
            self._check(plan, row)
            self._open_fields(plan, row)
        return rows

    def _open_fields(self, plan: Plan, row: Row) -> Row:
        if not plan.sealed:
            return row
        row_id = encode_one(row["id"])
        vectors = Beginnings.of(plan.table, self.vault_id).vectors
        for name, form in plan.sealed:
            if row[name] is not None:
                vector = [*vectors[name], row_id]
                row[name] = _unpack(form, self._open(row["sealed_by"], row[name], vector))
        return row

    def _open(self, key_id: str, sealed: bytes, vector: list[bytes]) -> bytes:
        try:
            return self.ring.key(key_id, version_of(sealed)).unseal_encoded(sealed, vector)
        except NotAuthentic:
            raise RecordDamaged from None

    def _check(self, plan: Plan, row: Row) -> None:
        if plan.authority is None:
            return
        if not equal(self._seal(plan, row, version_of(row["seal"])), row["seal"]):
            raise RecordDamaged

    def _seal(self, plan: Plan, row: Row, version: int | None) -> bytes:
        key = self.ring.key(plan.seal_use, version)
        assert plan.authority is not None
        values: list[Any] = list(map(row.get, plan.authority))
        for place in plan.moments:
            if values[place] is not None:
                values[place] = micros(values[place])
        encoded = Beginnings.of(plan.table, self.vault_id).seal
        encoded += encode_named(zip(plan.heads, values, strict=True))
        return b"\x01" + key.version.to_bytes(4) + key.mac_encoded(encoded)

    def _blind(self, table: str, column: str, scope: str, value: str) -> bytes:
        encoded = _encoded(INDEX, self.vault_id, table, column, scope) + encode((value,))
        return self.ring.key(INDEX).mac_encoded(encoded)


@contextmanager
def _damage() -> Iterator[None]:
    """Take a stored value of another kind than its column's for what it is: SQLite keeps anything anywhere."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise RecordDamaged from exc


@lru_cache(maxsize=1024)
def _encoded(*values: str) -> bytes:
    """Encode what many lists begin with, once."""
    return encode(values)


@lru_cache(maxsize=512)
def _table_of(statement: Executable) -> Table:
    froms = statement.get_final_froms() if isinstance(statement, Select) else []
    assert len(froms) == 1, "no query spans capabilities"
    table = froms[0]
    assert isinstance(table, Table)
    return table


def _pack(form: Form, value: Any) -> bytes:
    if form == "bytes":
        return bytes(value)
    if form == "date":
        value = value.isoformat()
    elif form == "json":
        value = _JSON(value)
    return str(value).encode()


def _unpack(form: Form, raw: bytes) -> Any:
    if form == "bytes":
        return raw
    text = raw.decode()
    if form == "date":
        return dt.date.fromisoformat(text)
    return json.loads(text) if form == "json" else text
