"""
Running a statement: through SQLAlchemy, and on SQLite straight on the driver.

The house writes its statements once, with SQLAlchemy Core, for both databases. On SQLite, where a statement takes less time than
SQLAlchemy's bookkeeping around it, each is compiled once and then run on the driver itself: opening a payslip costs half as much
(docs/decisions/0008-statements-on-the-driver.md). Lists in a statement (`IN`) become as many marks as they have values.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs
from sqlalchemy import Dialect, Executable, Select

from mycvault.storage.columns import Moment, as_moment, micros
from mycvault.storage.engine import Connection

_LIST = "__[POSTCOMPILE_{}]"  # how SQLAlchemy marks a list that is expanded for each run

_NOTHING = "SELECT NULL WHERE 0"  # an empty list: nothing is in it, and everything is not


@attrs.frozen
class _Compiled:
    """
    A statement as the driver takes it: its parameters in order, and which result columns hold moments.

    *lists*: the parameters that are lists, each with what stands for it in the statement.
    """

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    moments: tuple[int, ...]
    lists: Mapping[str, str]

    def text(self, parameters: Mapping[str, Any]) -> str:
        """Write the statement with a mark for every value of its lists."""
        sql = self.sql
        for name, mark in self.lists.items():
            sql = sql.replace(mark, ", ".join("?" * len(parameters[name])) or _NOTHING)
        return sql

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Put the parameters in order, moments as whole numbers."""
        found: list[Any] = []
        for name in self.names:
            value = parameters[name] if name in parameters else self.fixed[name]
            if name in self.lists:
                found += value
            else:
                found.append(micros(value) if isinstance(value, dt.datetime) else value)
        return found


def fetch(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[Any]:
    """Read every row a statement finds, as tuples."""
    compiled = _compiled_for(connection, statement)
    if compiled is None:
        return connection.execute(statement, dict(parameters)).all()
    found = _driver(connection).execute(compiled.text(parameters), compiled.values(parameters))
    rows = found.fetchall()
    return [_with_moments(row, compiled.moments) for row in rows] if compiled.moments else rows


def run(connection: Connection, statement: Executable, *parameters: Mapping[str, Any]) -> int:
    """Run a writing statement once for each set of parameters, one at least; tell how many rows it met."""
    compiled = _compiled_for(connection, statement)
    if compiled is None:
        given: Any = list(parameters) if len(parameters) > 1 else parameters[0]
        # Without the option SQLAlchemy forgets how many rows an insert met.
        options = {"preserve_rowcount": True}
        return int(connection.execute(statement, given, execution_options=options).rowcount)
    driver = _driver(connection)
    if len(parameters) > 1:
        return int(driver.executemany(compiled.sql, map(compiled.values, parameters)).rowcount)
    return int(
        driver.execute(compiled.text(parameters[0]), compiled.values(parameters[0])).rowcount
    )


def _compiled_for(connection: Connection, statement: Executable) -> _Compiled | None:
    if connection.dialect.name != "sqlite":
        return None
    return _compile(statement, connection.dialect)


@lru_cache(maxsize=1024)
def _compile(statement: Any, dialect: Dialect) -> _Compiled | None:
    compiled = statement.compile(dialect=dialect)
    lists = {name: _LIST.format(name) for name, bind in compiled.binds.items() if bind.expanding}
    if not all(compiled.binds[name].required for name in lists):
        # Made for this one run, with its lists in it: SQLAlchemy expands them.
        return None
    names = tuple(compiled.positiontup or ())
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    moments: tuple[int, ...] = ()
    if isinstance(statement, Select):
        found = enumerate(statement.selected_columns)
        moments = tuple(place for place, column in found if isinstance(column.type, Moment))
    return _Compiled(compiled.string, names, fixed, moments, lists)


def _with_moments(row: tuple[Any, ...], places: tuple[int, ...]) -> list[Any]:
    values = list(row)
    for place in places:
        if values[place] is not None:
            values[place] = as_moment(values[place])
    return values


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
