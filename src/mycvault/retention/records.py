"""The holds' rows, and a line for each destruction: that it was, when and of how much, and nothing of what it was."""

import datetime as dt
from typing import Any

import attrs
from sqlalchemy import Index, bindparam, select

from mycvault.retention.model import Cause, Hold
from mycvault.storage.columns import (
    identity,
    moment,
    number,
    ref,
    row_seal,
    sealed,
    sealed_by,
    table,
    word,
)
from mycvault.storage.rows import Row, Rows

HOLDS = table(
    "holds",
    identity(),
    ref("employer_id"),
    ref("record_id", index=True),
    ref("key_id"),
    sealed_by(),
    sealed("reason"),
    word("until", nullable=True),
    moment("placed_at", nullable=False),
    moment("released_at"),
    sealed("released_because", nullable=True),
    moment("let_go_at"),
    row_seal(),
)
DESTRUCTIONS = table(
    "destructions",
    identity(),
    moment("at", nullable=False),
    word("cause"),
    ref("subject", index=True),
    number("documents"),
    word("effective_on"),
    row_seal(),
)

_OF = (
    select(HOLDS)
    .where(HOLDS.c.record_id.in_(bindparam("records", expanding=True)))
    .order_by(HOLDS.c.id)
)
_OPEN = (
    select(HOLDS)
    .where(HOLDS.c.record_id == bindparam("record"), HOLDS.c.released_at.is_(None))
    .order_by(HOLDS.c.id)
)
_OVER = (
    select(HOLDS)
    .where(
        HOLDS.c.until < bindparam("today"),
        HOLDS.c.released_at.is_(None),
        HOLDS.c.id > bindparam("after"),
    )
    .order_by(HOLDS.c.id)
    .limit(bindparam("count"))
)
_IS_TO_LET_GO = HOLDS.c.released_at.is_not(None) & HOLDS.c.let_go_at.is_(None)
Index(
    "ix_mycvault_holds_to_let_go",
    HOLDS.c.id,
    sqlite_where=_IS_TO_LET_GO,
    postgresql_where=_IS_TO_LET_GO,
)
_TO_LET_GO = (
    select(HOLDS)
    .where(_IS_TO_LET_GO, HOLDS.c.id > bindparam("after"))
    .order_by(HOLDS.c.id)
    .limit(bindparam("count"))
)


def add(rows: Rows, hold: Hold) -> None:
    """Write a hold; its reason is sealed under the employee record's key."""
    row: dict[str, Any] = attrs.asdict(hold) | {"sealed_by": hold.record_id}
    row["until"] = None if hold.until is None else hold.until.isoformat()
    rows.insert(HOLDS, row)


def of_records(rows: Rows, records: list[str]) -> list[Hold]:
    """List the holds ever placed on these employments, their reasons left sealed."""
    return [_hold(row) for row in rows.glances(_OF, records=records)]


def open_holds(rows: Rows, record_id: str) -> list[Hold]:
    """List the holds on an employment that nobody ended."""
    return [_hold(row) for row in rows.glances(_OPEN, record=record_id)]


def over(rows: Rows, *, today: dt.date, after: str, count: int) -> list[Hold]:
    """List the holds whose last day is past and that nobody released, ids above *after*."""
    day = today.isoformat()
    return [_hold(row) for row in rows.glances(_OVER, today=day, after=after, count=count)]


def to_let_go(rows: Rows, *, after: str, count: int) -> list[Hold]:
    """List ended holds whose keys may still be there, ids above *after*."""
    return [_hold(row) for row in rows.glances(_TO_LET_GO, after=after, count=count)]


def mark_let_go(rows: Rows, record_id: str, now: dt.datetime) -> None:
    """Write down that the keys of an employment's ended holds are destroyed."""
    for row in rows.glances(_OF, records=[record_id]):
        if row["released_at"] is not None:
            rows.change(HOLDS, row["id"], {"let_go_at": now}, where={"let_go_at": None})


def release(rows: Rows, hold_id: str, now: dt.datetime, because: str | None) -> bool:
    """End a hold; False when it was ended before."""
    changes = {"released_at": now, "released_because": because}
    return rows.change(HOLDS, hold_id, changes, where={"released_at": None})


def write_destruction(
    rows: Rows,
    destruction_id: str,
    *,
    at: dt.datetime,
    cause: Cause,
    subject: str,
    documents: int,
    effective_on: dt.date,
) -> None:
    """Write down that documents of a safe or account were destroyed."""
    row = {"id": destruction_id, "at": at, "cause": cause, "subject": subject}
    rows.insert(
        DESTRUCTIONS, row | {"documents": documents, "effective_on": effective_on.isoformat()}
    )


def _hold(row: Row) -> Hold:
    until = row["until"]
    return Hold(
        id=row["id"],
        employer_id=row["employer_id"],
        record_id=row["record_id"],
        key_id=row["key_id"],
        reason="",
        until=None if until is None else dt.date.fromisoformat(until),
        placed_at=row["placed_at"],
        released_at=row["released_at"],
    )
