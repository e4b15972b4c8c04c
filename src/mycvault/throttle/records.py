"""The throttle's rows: one moment a bucket, under a key that tells nobody."""

import datetime as dt
from typing import Any

from sqlalchemy import Column, LargeBinary, bindparam, delete, select, update

from mycvault.storage.columns import moment, table
from mycvault.storage.rows import Rows

BUCKETS = table(
    "throttle",
    Column("key", LargeBinary(32), primary_key=True),
    moment("full_until", nullable=False, index=True),
)
KEY: Column[Any] = BUCKETS.c.key

_READ = select(BUCKETS.c.full_until).where(bindparam("bucket") == KEY)
_MOVE = (
    update(BUCKETS)
    .where(bindparam("bucket") == KEY, BUCKETS.c.full_until == bindparam("old"))
    .values(full_until=bindparam("new"))
)
_SWEEP = delete(BUCKETS).where(BUCKETS.c.full_until < bindparam("now"))


def full_until(rows: Rows, key: bytes) -> dt.datetime | None:
    """Read a bucket's moment; None when nobody tried yet."""
    found = rows.values(_READ, bucket=key)
    return found[0][0] if found else None


def move(rows: Rows, key: bytes, old: dt.datetime | None, new: dt.datetime) -> bool:
    """Move a bucket's moment from *old* to *new*; False when somebody moved it meanwhile."""
    if old is None:
        return rows.insert_new(BUCKETS, {"key": key, "full_until": new})
    return rows.execute(_MOVE, bucket=key, old=old, new=new) == 1


def sweep(rows: Rows, now: dt.datetime) -> int:
    """Delete buckets that are empty again; tell how many."""
    return rows.execute(_SWEEP, now=now)
