"""
Wrapped keys, in two stores.

`mycvault_keys` lies with the records: the vault's, the employers' and the employee records' keys. `mycvault_personal_keys` is a
store of its own: safe and account keys, whose deletion is erasure, backed up apart and for 30 days at most. A safe key is wrapped
under its employer's key until she joins, then under her account's: for a moment under both, hence the two-part key.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    String,
    bindparam,
    delete,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from mycvault.errors import RecordDamaged
from mycvault.storage.columns import moment, ref, table
from mycvault.storage.engine import Connection
from mycvault.storage.statements import fetch

KEYS = table(
    "keys",
    Column("id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    ref("wrapped_by", index=True),
    Column("wrapped", LargeBinary, nullable=False),
    moment("created_at", nullable=False),
)
PERSONAL_KEYS = table(
    "personal_keys",
    Column("id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("wrapped_by", String(36), primary_key=True, index=True),
    Column("wrapped", LargeBinary, nullable=False),
    moment("created_at", nullable=False),
    store="personal",
)

_KEYS_OF = select(KEYS).where(KEYS.c.id.in_(bindparam("ids", expanding=True)))
_ABOVE = PERSONAL_KEYS.alias()
_PERSONAL = select(PERSONAL_KEYS).where(
    or_(
        PERSONAL_KEYS.c.id == bindparam("key"),
        PERSONAL_KEYS.c.id.in_(select(_ABOVE.c.wrapped_by).where(_ABOVE.c.id == bindparam("key"))),
    )
)
_WRAPPED_BY = select(KEYS).where(KEYS.c.wrapped_by == bindparam("parent"))
_PERSONAL_OF = select(PERSONAL_KEYS).where(PERSONAL_KEYS.c.id.in_(bindparam("ids", expanding=True)))
_DROP = delete(PERSONAL_KEYS).where(
    PERSONAL_KEYS.c.id == bindparam("key"), PERSONAL_KEYS.c.wrapped_by == bindparam("parent")
)
_DROP_ALL = delete(PERSONAL_KEYS).where(PERSONAL_KEYS.c.id == bindparam("key"))


@attrs.frozen(kw_only=True)
class Wrapped:
    """One key as it is stored: under another, which it names."""

    id: str
    version: int
    wrapped_by: str
    wrapped: bytes = attrs.field(repr=False)
    created_at: dt.datetime


def add(connection: Connection, keys: Sequence[Wrapped]) -> None:
    """Keep keys that lie with the records."""
    connection.execute(insert(KEYS), [attrs.asdict(key) for key in keys])


def add_personal(connection: Connection, keys: Sequence[Wrapped]) -> None:
    """Keep safe and account keys; one that stands already is left as it is."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(PERSONAL_KEYS).on_conflict_do_nothing(), [attrs.asdict(key) for key in keys]
    )


def find(connection: Connection, ids: Iterable[str]) -> list[Wrapped]:
    """Find keys that lie with the records, every version of them."""
    return _read(fetch(connection, _KEYS_OF, {"ids": list(ids)}))


def find_below(connection: Connection, parent: str) -> list[Wrapped]:
    """Find the keys wrapped under *parent*."""
    return _read(fetch(connection, _WRAPPED_BY, {"parent": parent}))


def find_personal(connection: Connection, ids: Iterable[str]) -> list[Wrapped]:
    """Find safe and account keys, once for each key they are wrapped under; for one safe its account's comes along."""
    wanted = list(ids)
    if len(wanted) == 1:
        # The commonest question by far: one walk for both, and a list costs the database layer more than the look-up.
        return _read(fetch(connection, _PERSONAL, {"key": wanted[0]}))
    return _read(fetch(connection, _PERSONAL_OF, {"ids": wanted}))


def drop_personal(connection: Connection, keys: Iterable[tuple[str, str]]) -> None:
    """Delete wrappings: pairs of a key's id and the id of the key it is wrapped under."""
    pairs = [{"key": key, "parent": parent} for key, parent in keys]
    if pairs:
        connection.execute(_DROP, pairs)


def drop_all_personal(connection: Connection, key_ids: Iterable[str]) -> None:
    """Delete keys with every wrapping of them."""
    wanted = [{"key": key_id} for key_id in key_ids]
    if wanted:
        connection.execute(_DROP_ALL, wanted)


def _read(rows: Sequence[Any]) -> list[Wrapped]:
    found = [
        Wrapped(id=row[0], version=row[1], wrapped_by=row[2], wrapped=row[3], created_at=row[4])
        for row in rows
    ]
    if not all(isinstance(one.version, int) and isinstance(one.wrapped, bytes) for one in found):
        raise RecordDamaged
    return found
