"""
Blobs that no row refers to: when each was seen so first, and which are condemned.

Rows are sealed: whoever writes the database without keys makes no blob look older than it is, so that what he took the rows of
can still be restored. A sweeper's turn and an entering act exclude each other (PostgreSQL: one advisory lock, which acts that
enter contents share; SQLite: the writer's turn): what the one proved, the other has not changed.
"""

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import bindparam, delete, func, select, text

from mycvault.contents.model import Orphan
from mycvault.errors import RecordDamaged
from mycvault.storage.columns import identity, moment, row_seal, table
from mycvault.storage.rows import Row, Rows

ORPHANS = table(
    "orphans",
    identity(),
    moment("seen_at", nullable=False),
    moment("condemned_at"),
    row_seal(),
)
_O = ORPHANS.c

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('mycvault sweep', 0))")
_SHARED = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('mycvault sweep', 0))")
_STATE = select(_O.condemned_at).where(_O.id == bindparam("blob"))
_FORGET = delete(ORPHANS).where(_O.id == bindparam("blob"))
_STATES = select(_O.id, _O.condemned_at).where(_O.id.in_(bindparam("blobs", expanding=True)))
_WHOLE = select(ORPHANS).where(_O.id.in_(bindparam("blobs", expanding=True)))
_BY_ID = select(ORPHANS).where(_O.id == bindparam("blob"))
_FORGET_ALL = delete(ORPHANS).where(_O.id.in_(bindparam("blobs", expanding=True)))
_RIPE = (
    select(_O.id)
    .where(_O.condemned_at.is_(None), _O.seen_at <= bindparam("until"), _O.id > bindparam("after"))
    .order_by(_O.id)
    .limit(bindparam("count"))
)
_LATE = delete(ORPHANS).where(_O.condemned_at <= bindparam("until"))
_WAITING = select(func.count()).select_from(ORPHANS).where(_O.condemned_at.is_(None))
_AHEAD = _WAITING.where(_O.seen_at > bindparam("until"))


def take_turn(rows: Rows) -> None:
    """Keep contents from being entered, and other sweepers away, until this act ends; the first thing an act does."""
    if rows.is_postgres:
        rows.values(_ALONE)


def share_turn(rows: Rows) -> None:
    """Keep sweepers away until this act ends."""
    if rows.is_postgres:
        rows.values(_SHARED)


def is_condemned(rows: Rows, blob: str) -> bool | None:
    """Tell whether a blob is condemned; None when it was never seen without a row. Nothing is proved: it gives no authority."""
    found = rows.values(_STATE, blob=blob)
    return None if not found else found[0][0] is not None


def states(rows: Rows, blobs: Collection[str]) -> dict[str, bool]:
    """Tell which of *blobs* were seen without a row, and whether each is condemned; nothing is proved."""
    return {row[0]: row[1] is not None for row in rows.values(_STATES, blobs=list(blobs))}


def proved(rows: Rows, blobs: Collection[str]) -> tuple[dict[str, Orphan], list[str]]:
    """Find what is written of *blobs*, each row's seal proved; beside it those whose rows are not what was written."""
    try:
        found = rows.glances(_WHOLE, blobs=list(blobs)) if blobs else []
    except RecordDamaged:
        return _proved_each(rows, blobs)
    return {row["id"]: _orphan(row) for row in found}, []


def write(rows: Rows, orphans: Iterable[Orphan]) -> None:
    """Write what is known of blobs, in the place of what was written of them before."""
    new = {orphan.blob: orphan for orphan in orphans}
    if new:
        forget(rows, *new)
        rows.insert(ORPHANS, *(_row(new[blob]) for blob in sorted(new)))


def forget(rows: Rows, *blobs: str) -> None:
    """Delete what is written of blobs."""
    if len(blobs) == 1:
        rows.execute(_FORGET, blob=blobs[0])
    elif blobs:
        rows.execute(_FORGET_ALL, blobs=sorted(blobs))


def ripe(rows: Rows, until: dt.datetime, *, after: str, count: int) -> list[str]:
    """List what waits since *until* or before, ids above *after*; each row is proved before anything follows from it."""
    return [row[0] for row in rows.values(_RIPE, until=until, after=after, count=count)]


def forget_condemned(rows: Rows, until: dt.datetime) -> None:
    """Delete what is written of blobs that were condemned at *until* or before."""
    rows.execute(_LATE, until=until)


def waiting(rows: Rows, until: dt.datetime) -> tuple[int, int]:
    """Count what waits, and what of it was seen first after *until*."""
    return int(rows.values(_WAITING)[0][0]), int(rows.values(_AHEAD, until=until)[0][0])


def _proved_each(rows: Rows, blobs: Collection[str]) -> tuple[dict[str, Orphan], list[str]]:
    found, damaged = {}, []
    for blob in blobs:
        try:
            row = rows.glance(_BY_ID, blob=blob)
        except RecordDamaged:
            damaged.append(blob)
        else:
            found.update({} if row is None else {blob: _orphan(row)})
    return found, damaged


def _orphan(row: Row) -> Orphan:
    return Orphan(blob=row["id"], seen_at=row["seen_at"], condemned_at=row["condemned_at"])


def _row(orphan: Orphan) -> Row:
    return {
        "id": orphan.blob,
        "seen_at": orphan.seen_at,
        "condemned_at": orphan.condemned_at,
    }
