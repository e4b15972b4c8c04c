"""
The journal's rows: inserted, never changed.

Each row has a seal under the journal's own key, and a (subject, sequence) pair, unique and without gaps, so that an edited or
missing event shows. The next sequence of a subject is read under a lock on that subject alone (PostgreSQL: an advisory lock;
SQLite: the writer's turn), taken in order, so that two acts never wait for each other crosswise.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Index, UniqueConstraint, bindparam, func, select, text

from mycvault.errors import RecordDamaged
from mycvault.ids import first_id
from mycvault.storage.columns import (
    digest,
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

EVENTS = table(
    "events",
    identity(),
    moment("at", nullable=False),
    word("verb"),
    word("outcome"),
    word("who"),
    word("actor"),
    ref("subject"),
    number("sequence"),
    word("about"),
    sealed_by(),
    sealed("details", "json"),
    digest("commitment"),
    row_seal(),
    UniqueConstraint("subject", "sequence"),
    Index("ix_mycvault_events_subject", "subject", "id"),
    seal="journal",
)

_LAST = select(func.max(EVENTS.c.sequence)).where(EVENTS.c.subject == bindparam("subject"))
_LAST_OF = (
    select(EVENTS.c.subject, func.max(EVENTS.c.sequence))
    .where(EVENTS.c.subject.in_(bindparam("subjects", expanding=True)))
    .group_by(EVENTS.c.subject)
)
_WHOLE = (
    select(func.count(), func.min(EVENTS.c.sequence), func.max(EVENTS.c.sequence))
    .where(EVENTS.c.subject.in_(bindparam("subjects", expanding=True)))
    .group_by(EVENTS.c.subject)
)
_WHOLE_AFTER = (
    select(
        EVENTS.c.subject,
        func.count(),
        func.min(EVENTS.c.sequence),
        func.max(EVENTS.c.sequence),
    )
    .where(EVENTS.c.subject > bindparam("after"))
    .group_by(EVENTS.c.subject)
    .order_by(EVENTS.c.subject)
    .limit(bindparam("count"))
)
# One question for all of them; a function's rows come in the order of its array.
_LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(subject, 0))"
    " FROM unnest(CAST(:subjects AS text[])) AS subject"
)
_RECENT = (
    select(EVENTS.c.id)
    .where(
        EVENTS.c.subject == bindparam("subject"),
        EVENTS.c.id > bindparam("floor"),
        EVENTS.c.at > bindparam("since"),
        EVENTS.c.about == bindparam("about"),
        EVENTS.c.verb == bindparam("verb"),
        EVENTS.c.outcome == bindparam("outcome"),
        EVENTS.c.actor == bindparam("actor"),
    )
    .limit(1)
)
_OF = (
    select(EVENTS)
    .where(
        EVENTS.c.subject.in_(bindparam("subjects", expanding=True)),
        EVENTS.c.about.not_in(bindparam("hidden", expanding=True)),
        EVENTS.c.id < bindparam("before"),
    )
    .order_by(EVENTS.c.id.desc())
    .limit(bindparam("count"))
)


def last_sequences(rows: Rows, subjects: Iterable[str]) -> Mapping[str, int]:
    """Tell the last sequence of each subject that has events, and keep others from adding before this act ends."""
    ordered = sorted(set(subjects))
    if rows.is_postgres:
        rows.values(_LOCK, subjects=ordered)
    if len(ordered) == 1:
        found = {ordered[0]: rows.values(_LAST, subject=ordered[0])[0][0] or 0}
    else:
        found = {row[0]: row[1] for row in rows.values(_LAST_OF, subjects=ordered)}
    if not all(isinstance(last, int) for last in found.values()):
        raise RecordDamaged
    return found


def add(rows: Rows, events: Iterable[Mapping[str, Any]]) -> None:
    """Write events."""
    rows.insert_each(EVENTS, events)


def written_since(rows: Rows, since: dt.datetime, **same: str) -> bool:
    """Tell whether an event with this subject, about, verb, outcome and actor was written after *since*."""
    # Ids rise with time: the floor keeps the walk to the events of the window.
    return bool(rows.values(_RECENT, since=since, floor=first_id(since), **same))


def has_gap(rows: Rows, subjects: Sequence[str]) -> bool:
    """Tell whether an event of one of *subjects* is missing before its newest."""
    found = rows.values(_WHOLE, subjects=list(subjects))
    return any(first != 1 or last != count for count, first, last in found)


def whole_after(rows: Rows, after: str, count: int) -> dict[str, bool]:
    """List subjects above *after*, and whether every event of each is there before its newest."""
    found = rows.values(_WHOLE_AFTER, after=after, count=count)
    return {row[0]: row[2] == 1 and row[3] == row[1] for row in found}


def newest(
    rows: Rows, subjects: Sequence[str], *, hidden: Sequence[str] = (), before: str, count: int
) -> list[Row]:
    """Read the newest events about any of *subjects* and nothing *hidden*, ids below *before*."""
    asked = {"subjects": list(subjects), "hidden": list(hidden), "before": before, "count": count}
    return rows.all(_OF, **asked)
