"""
What a table's columns say of themselves, read once: `rows.py` acts on it for every row.

What the encodings of its rows begin with is of one vault's: made once for each.
"""

from functools import lru_cache
from typing import Any

import attrs
from sqlalchemy import Insert, Select, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from mycvault.crypto.encoding import encode, encode_one
from mycvault.storage.columns import Form, Moment

SEALS = "seals"


@attrs.frozen
class Plan:
    """
    What is sealed, indexed and covered by its row's seal in one table.

    *sealed*: columns with the form of their values. *blind*: index columns, each with the column it is of and its scope.
    *authority*: the columns that a row's seal covers, in order; *heads*: their names, encoded; *moments*: which of them are.
    """

    table: Table
    names: tuple[str, ...]
    sealed: tuple[tuple[str, Form], ...]
    blind: tuple[tuple[str, str, str | None], ...]
    authority: tuple[str, ...] | None
    heads: tuple[bytes, ...]
    moments: tuple[int, ...]
    seal_use: str
    add: Insert
    add_new_sqlite: Insert
    add_new_postgres: Insert
    by_id: Select[Any] | None

    @classmethod
    @lru_cache
    def of(cls, table: Table) -> "Plan":
        """Lay it out, once for each table."""
        columns = sorted(table.columns, key=lambda column: column.name)
        covered = [c.name for c in columns if c.name != "seal" and not c.info.get("loose")]
        return cls(
            table=table,
            names=tuple(column.name for column in table.columns),
            sealed=tuple((c.name, c.info["sealed"]) for c in columns if "sealed" in c.info),
            blind=tuple((c.name, *c.info["blind"]) for c in columns if "blind" in c.info),
            authority=tuple(covered) if "seal" in table.c else None,
            heads=tuple(map(encode_one, covered)),
            moments=tuple(n for n, c in enumerate(covered) if isinstance(table.c[c].type, Moment)),
            seal_use=table.info.get("seal", SEALS),
            add=insert(table),
            add_new_sqlite=sqlite.insert(table).on_conflict_do_nothing(),
            add_new_postgres=postgresql.insert(table).on_conflict_do_nothing(),
            by_id=select(table).where(table.c.id == bindparam("row_id"))
            if "id" in table.c
            else None,
        )


@attrs.frozen
class Beginnings:
    """
    What the encodings of one table's rows begin with in one vault.

    *seal*: of what a row's seal is computed over. *vectors*: of each sealed column's, to which the row's id is added.
    """

    seal: bytes
    vectors: dict[str, list[bytes]]

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, table: Table, vault_id: str) -> "Beginnings":
        """Encode them, once for each table and vault."""
        return cls(
            seal=encode(("row", vault_id, table.name)),
            vectors={
                name: [encode_one(value) for value in (vault_id, table.name, name)]
                for name, _ in Plan.of(table).sealed
            },
        )
