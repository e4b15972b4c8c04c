"""
Many rows in one insert, straight on the driver.

The database layer would send a row at a time. One statement of many rows is one question to a server; on SQLite, where other
threads run while the database works and wait for a thread that turns to it often, it is one turn. Each statement is compiled once
by SQLAlchemy, for one row, and its group of marks repeated.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import attrs
from sqlalchemy import Dialect, Insert

from mycvault.storage.columns import Moment, micros
from mycvault.storage.engine import Connection

AT_ONCE = 64  # rows; of 30 columns at most, far from what either database takes
_NAMED = re.compile(r"%\((\w+)\)s")


def insert(
    connection: Connection,
    statement: Insert,
    rows: Iterable[Mapping[str, Any]],
    columns: tuple[str, ...],
) -> int:
    """Insert rows of these columns, NULL where a row has none, each made as its turn comes; tell how many were left out."""
    compiled, coming, left = _compile(statement, connection.dialect, columns), iter(rows), 0
    while some := list(islice(coming, AT_ONCE)):
        sql = compiled.text(len(some))
        values = tuple(chain.from_iterable(map(compiled.row, some)))
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            written = driver.execute(sql, values).rowcount
        else:
            written = connection.exec_driver_sql(sql, values).rowcount
        left += len(some) - written
    return left


@attrs.frozen
class _Compiled:
    """An insert as the driver takes it, around its group of marks; *moments*: which of its parameters are moments."""

    before: str
    marks: str
    after: str
    names: tuple[str, ...]
    moments: tuple[int, ...]

    def text(self, count: int) -> str:
        """Write an insert of *count* rows."""
        return self.before + ", ".join([self.marks] * count) + self.after

    def row(self, given: Mapping[str, Any]) -> list[Any]:
        """Put a row's values in order, moments as whole numbers."""
        values: list[Any] = list(map(given.get, self.names))
        for place in self.moments:
            if values[place] is not None:
                values[place] = micros(values[place])
        return values


@lru_cache(maxsize=256)
def _compile(statement: Insert, dialect: Dialect, columns: tuple[str, ...]) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    names = tuple(compiled.positiontup or _NAMED.findall(compiled.string))
    text = _NAMED.sub("%s", compiled.string)
    before, between, rest = text.partition(" VALUES ")
    marks, conflict, after = rest.partition(" ON CONFLICT ")
    moments = (n for n, name in enumerate(names) if isinstance(compiled.binds[name].type, Moment))
    return _Compiled(before + between, marks, conflict + after, names, tuple(moments))
