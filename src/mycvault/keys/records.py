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
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from mycvault.errors import RecordDamaged
from mycvault.storage.columns import moment, ref, table
from mycvault.storage.engine import Connection
from mycvault.storage.statements import fetch, run

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

# Renewing: what stands at the top, what lies below a key, and in which version of it.
_VERSIONS = select(KEYS.c.version).where(KEYS.c.id == bindparam("key"))
_KEPT = _VERSIONS.with_for_update(read=True, key_share=True)
_TAKEN = _VERSIONS.with_for_update()
_NEWEST = select(func.max(KEYS.c.version)).where(KEYS.c.id == bindparam("key"))
_PARENT = KEYS.alias()
_AT_THE_TOP = ~exists().where(_PARENT.c.id == KEYS.c.wrapped_by)
_TOPS = (
    select(KEYS.c.id)
    .distinct()
    .where(_AT_THE_TOP, KEYS.c.id > bindparam("after"))
    .order_by(KEYS.c.id)
    .limit(bindparam("count"))
)
_ROOTS = select(KEYS.c.wrapped_by).distinct().where(_AT_THE_TOP)
_DROP_VERSION = delete(KEYS).where(
    KEYS.c.id == bindparam("key"), KEYS.c.version == bindparam("version_")
)


def _below(keys: Table) -> Any:
    of_parent = keys.c.wrapped_by == bindparam("parent")
    place = tuple_(keys.c.id, keys.c.version)
    after = tuple_(bindparam("after"), bindparam("after_version"))
    page = select(keys).where(of_parent, place > after).order_by(keys.c.id, keys.c.version)
    return page.limit(bindparam("count"))


def _counted(keys: Table, *, older: bool) -> Any:
    counted = select(func.count()).where(keys.c.wrapped_by == bindparam("parent"))
    other = func.substr(keys.c.wrapped, 1, 5, type_=LargeBinary) != bindparam("newest")
    return counted.where(other) if older else counted


def _again(keys: Table) -> Any:
    there = (keys.c.id == bindparam("key"), keys.c.version == bindparam("version_"))
    same = (keys.c.wrapped_by == bindparam("parent"), keys.c.wrapped == bindparam("old"))
    new: Any = {"wrapped": bindparam("new"), "wrapped_by": bindparam("new_parent")}
    return update(keys).where(*there, *same).values(new)


_STORES = (KEYS, PERSONAL_KEYS)
_BELOW = {keys: _below(keys) for keys in _STORES}
_COUNT = {keys: _counted(keys, older=False) for keys in _STORES}
_OLDER = {keys: _counted(keys, older=True) for keys in _STORES}
_AGAIN = {keys: _again(keys) for keys in _STORES}


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
    # In one order, as a rotation changes them: no two ever wait for each other.
    pairs = [{"key": key, "parent": parent} for key, parent in sorted(keys)]
    if pairs:
        connection.execute(_DROP, pairs)


def drop_all_personal(connection: Connection, key_ids: Iterable[str]) -> None:
    """Delete keys with every wrapping of them."""
    wanted = [{"key": key_id} for key_id in sorted(key_ids)]
    if wanted:
        connection.execute(_DROP_ALL, wanted)


# ------------------------------------------------------------------ renewing


def newest(connection: Connection, key_id: str, *, to_change: bool = False) -> int | None:
    """
    Tell the newest version of a key that lies with the records, and keep it so until the transaction ends.

    Only for writing transactions. *to_change*: wait for all who keep it, and let none begin.
    """
    fetch(connection, _TAKEN if to_change else _KEPT, {"key": key_id})
    # Another statement: one that waited for a lock does not see what came while it waited.
    ((version,),) = fetch(connection, _NEWEST, {"key": key_id})
    return None if version is None else int(version)


def tops(connection: Connection, *, after: str, count: int) -> list[str]:
    """List, in the order of their ids, keys that lie under a root key and not under another of ours."""
    return [row[0] for row in fetch(connection, _TOPS, {"after": after, "count": count})]


def roots(connection: Connection) -> set[str]:
    """Name every root key that a row needs."""
    return {row[0] for row in fetch(connection, _ROOTS, {})}


def page_below(
    connection: Connection, parent: str, *, personal: bool, after: tuple[str, int], count: int
) -> list[Wrapped]:
    """Read some of the keys wrapped under *parent*, in the order of ids and versions."""
    place = {"after": after[0], "after_version": after[1]}
    statement = _BELOW[_STORES[personal]]
    return _read(fetch(connection, statement, {"parent": parent, "count": count, **place}))


def count_below(
    connection: Connection, parent: str, *, personal: bool, not_under: bytes | None = None
) -> int:
    """Count the keys wrapped under *parent*, or those whose bytes begin otherwise than *not_under*, its newest version's name."""
    keys = _STORES[personal]
    if not_under is None:
        ((found,),) = fetch(connection, _COUNT[keys], {"parent": parent})
    else:
        ((found,),) = fetch(connection, _OLDER[keys], {"parent": parent, "newest": not_under})
    return int(found)


def wrap_again(
    connection: Connection, pairs: Sequence[tuple[Wrapped, Wrapped]], *, personal: bool
) -> int:
    """Put new wrappings in the place of old ones, each while it is still that very one; tell how many were."""
    changes = [
        {"key": old.id, "version_": old.version, "parent": old.wrapped_by, "old": old.wrapped}
        | {"new": new.wrapped, "new_parent": new.wrapped_by}
        for old, new in pairs
    ]
    return run(connection, _AGAIN[_STORES[personal]], *changes) if changes else 0


def drop_versions(connection: Connection, key_id: str, versions: Iterable[int]) -> None:
    """Delete versions of a key that lies with the records."""
    gone = [{"key": key_id, "version_": version} for version in versions]
    if gone:
        run(connection, _DROP_VERSION, *gone)


def _read(rows: Sequence[Any]) -> list[Wrapped]:
    found = [
        Wrapped(id=row[0], version=row[1], wrapped_by=row[2], wrapped=row[3], created_at=row[4])
        for row in rows
    ]
    if not all(isinstance(one.version, int) and isinstance(one.wrapped, bytes) for one in found):
        raise RecordDamaged
    return found
