"""
The throttle's rows: one moment a bucket, under a key that tells nobody; and from where somebody succeeded.

Buckets are not sealed: whoever writes the database could delete them as well. What is remembered of successes is: it opens a
bucket of its own, and its key is an index nobody computes without the vault's.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    bindparam,
    delete,
    select,
    type_coerce,
    update,
)

from mycvault.storage.columns import MICROSECOND, digest, identity, moment, ref, row_seal, table
from mycvault.storage.rows import Row, Rows

BUCKETS = table(
    "throttle",
    Column("key", LargeBinary(32), primary_key=True),
    moment("full_until", nullable=False, index=True),
)
FAMILIARS = table(
    "familiars",
    identity(),
    ref("account_id", nullable=True, index=True),
    digest("known", unique=True),
    moment("until", nullable=False, index=True),
    row_seal(),
)
KEY: Column[Any] = BUCKETS.c.key
KNOWN: Column[Any] = FAMILIARS.c.known

_UNTIL = BUCKETS.c.full_until
_READ = select(KEY, _UNTIL).where(KEY.in_(bindparam("buckets", expanding=True)))
_TAKE = select(_UNTIL).where(bindparam("bucket") == KEY).with_for_update()
_MOVE = (
    update(BUCKETS)
    .where(bindparam("bucket") == KEY, BUCKETS.c.full_until == bindparam("old"))
    .values(full_until=bindparam("new"))
)
_LOWER = (
    update(BUCKETS)
    .where(bindparam("bucket") == KEY)
    .values(
        full_until=type_coerce(_UNTIL, BigInteger) - bindparam("micros", type_=BigInteger),
    )
)
_EMPTY = delete(BUCKETS).where(bindparam("bucket") == KEY)
# Rows that others hold are skipped: who sweeps never waits, and so never deadlocks.
_over = BUCKETS.alias("over")
_SWEEP = delete(BUCKETS).where(
    KEY.in_(
        select(_over.c.key)
        .where(_over.c.full_until < bindparam("now"))
        .order_by(_over.c.full_until)
        .limit(bindparam("count"))
        .with_for_update(skip_locked=True)
    )
)
_FAMILIAR = select(FAMILIARS).where(bindparam("wanted") == KNOWN)
_FORGET = delete(FAMILIARS).where(FAMILIARS.c.account_id == bindparam("account"))
_forgotten = FAMILIARS.alias("forgotten")
_SWEEP_FAMILIARS = delete(FAMILIARS).where(
    FAMILIARS.c.id.in_(
        select(_forgotten.c.id)
        .where(_forgotten.c.until < bindparam("now"))
        .order_by(_forgotten.c.until)
        .limit(bindparam("count"))
        .with_for_update(skip_locked=True)
    )
)


# ------------------------------------------------------------------ buckets


def full_until(rows: Rows, keys: Sequence[bytes]) -> dict[bytes, dt.datetime]:
    """Read the moments of buckets, nobody being kept from them; those that nobody tried are left out."""
    return {bytes(row[0]): row[1] for row in rows.values(_READ, buckets=list(keys))}


def take(rows: Rows, key: bytes) -> dt.datetime | None:
    """Read a bucket's moment, and keep it for this transaction; None when nobody tried yet."""
    found = rows.values(_TAKE, bucket=key)
    return found[0][0] if found else None


def move(rows: Rows, key: bytes, old: dt.datetime | None, new: dt.datetime) -> bool:
    """Move a bucket's moment from *old* to *new*; False when somebody moved it meanwhile."""
    if old is None:
        return rows.insert_new(BUCKETS, {"key": key, "full_until": new})
    return rows.execute(_MOVE, bucket=key, old=old, new=new) == 1


def lower(rows: Rows, key: bytes, by: dt.timedelta) -> None:
    """Bring a bucket's moment nearer."""
    rows.execute(_LOWER, bucket=key, micros=by // MICROSECOND)


def empty(rows: Rows, key: bytes) -> None:
    """Forget a bucket."""
    rows.execute(_EMPTY, bucket=key)


def sweep(rows: Rows, now: dt.datetime, count: int) -> int:
    """Delete buckets that are empty again, *count* at most; tell how many."""
    return rows.execute(_SWEEP, now=now, count=count)


# ------------------------------------------------------------------ from where somebody succeeded


def familiar(rows: Rows, known: bytes) -> Row | None:
    """Find what is remembered under an index, its seal checked."""
    return rows.glance(_FAMILIAR, wanted=known)


def add_familiar(rows: Rows, row: Row) -> bool:
    """Remember; False when another call was faster."""
    return rows.insert_new(FAMILIARS, row)


def prolong(rows: Rows, row_id: str, until: dt.datetime) -> None:
    """Remember for longer."""
    rows.change(FAMILIARS, row_id, {"until": until}, where={})


def forget(rows: Rows, account_id: str) -> None:
    """Forget all that is remembered of an account."""
    rows.execute(_FORGET, account=account_id)


def sweep_familiars(rows: Rows, now: dt.datetime, count: int) -> int:
    """Delete what is past its time, *count* at most; tell how many."""
    return rows.execute(_SWEEP_FAMILIARS, now=now, count=count)
