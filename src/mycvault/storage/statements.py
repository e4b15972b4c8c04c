"""
Running a statement: through SQLAlchemy, and on SQLite straight on the driver.

The house writes its statements once, with SQLAlchemy Core, for both databases. On SQLite, where a statement takes less time than
SQLAlchemy's bookkeeping around it, each is compiled once and then run on the driver itself: opening a payslip costs half as much
(docs/decisions/0008-statements-on-the-driver.md). Lists in a statement (`IN`) are expanded by SQLAlchemy, on every database.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs
from sqlalchemy import Dialect, Executable, Select

from mycvault.storage.columns import Moment, as_moment, micros
from mycvault.storage.engine import Connection

_LIST = "POSTCOMPILE"  # how SQLAlchemy marks a list that it expands for each run


@attrs.frozen
class _Compiled:
    """A statement as the driver takes it: its parameters in order, and which result columns hold moments."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    moments: tuple[int, ...]

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Put the parameters in order, moments as whole numbers."""
        found = [
            parameters[name] if name in parameters else self.fixed[name] for name in self.names
        ]
        return [micros(value) if isinstance(value, dt.datetime) else value for value in found]


def fetch(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[Any]:
    """Read every row a statement finds, as tuples."""
    compiled = _compiled_for(connection, statement)
    if compiled is None:
        return connection.execute(statement, dict(parameters)).all()
    rows = _driver(connection).execute(compiled.sql, compiled.values(parameters)).fetchall()
    return [_with_moments(row, compiled.moments) for row in rows] if compiled.moments else rows


def run(
    connection: Connection,
    statement: Executable,
    *parameters: Mapping[str, Any],
    columns: tuple[str, ...] | None = None,
) -> int:
    """Run a writing statement once for each set of parameters; tell how many rows it met. *columns*: an insert's."""
    compiled = _compiled_for(connection, statement, columns)
    if compiled is None:
        given: Any = (
            list(parameters) if len(parameters) > 1 else (parameters[0] if parameters else {})
        )
        # Without the option SQLAlchemy forgets how many rows an insert met.
        options = {"preserve_rowcount": True}
        return int(connection.execute(statement, given, execution_options=options).rowcount)
    driver, values = _driver(connection), [compiled.values(one) for one in parameters or ({},)]
    if len(values) == 1:
        return int(driver.execute(compiled.sql, values[0]).rowcount)
    return int(driver.executemany(compiled.sql, values).rowcount)


def _compiled_for(
    connection: Connection, statement: Executable, columns: tuple[str, ...] | None = None
) -> _Compiled | None:
    if connection.dialect.name != "sqlite":
        return None
    return _compile(statement, connection.dialect, columns)


@lru_cache(maxsize=1024)
def _compile(statement: Any, dialect: Dialect, columns: tuple[str, ...] | None) -> _Compiled | None:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    if _LIST in compiled.string:
        return None
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    moments: tuple[int, ...] = ()
    if isinstance(statement, Select):
        found = enumerate(statement.selected_columns)
        moments = tuple(place for place, column in found if isinstance(column.type, Moment))
    return _Compiled(compiled.string, tuple(compiled.positiontup or ()), fixed, moments)


def _with_moments(row: tuple[Any, ...], places: tuple[int, ...]) -> list[Any]:
    values = list(row)
    for place in places:
        values[place] = as_moment(values[place])
    return values


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
