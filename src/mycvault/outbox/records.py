"""The letters' rows. A context is sealed under the outbox key or an account's, and wiped once the letter is sent or dead."""

import datetime as dt
from contextlib import suppress
from typing import Any

from sqlalchemy import Index, bindparam, func, or_, select, update

from mycvault.errors import RecordDamaged
from mycvault.outbox.model import Claimed, Draft, Settled, State
from mycvault.storage.columns import identity, moment, number, ref, sealed, sealed_by, table, word
from mycvault.storage.rows import Row, Rows
from mycvault.values.choices import Channel

LETTERS = table(
    "letters",
    identity(),
    number("urgency"),
    word("state"),
    number("attempts"),
    moment("due_at", nullable=False),
    moment("expires_at"),
    moment("leased_until"),
    moment("sent_at"),
    word("outcome", nullable=True),
    ref("about", nullable=True),
    sealed_by(),
    sealed("context", "json", nullable=True),
    Index("ix_mycvault_letters_due", "state", "urgency", "due_at"),
    Index("ix_mycvault_letters_about", "about", "state"),
)
_C = LETTERS.c

_OFFERED = 8  # letters looked at for one: other workers may be quicker with the first ones

_FREE = or_(_C.leased_until.is_(None), _C.leased_until <= bindparam("now"))
_BY_ID = select(LETTERS).where(_C.id == bindparam("letter"))
_DUE = (
    select(_C.id)
    .where(
        _C.state == State.WAITING,
        _C.due_at <= bindparam("now"),
        _FREE,
        _C.urgency >= bindparam("urgency"),
    )
    .order_by(_C.urgency.desc(), _C.id)
    .limit(_OFFERED)
)
_LEASE = (
    update(LETTERS)
    .where(_C.id == bindparam("letter"), _C.state == State.WAITING, _FREE)
    .values(leased_until=bindparam("until"), attempts=_C.attempts + 1)
)
_WAITING = select(func.count()).select_from(LETTERS).where(_C.state == State.WAITING)
_WAITING_DUE = _WAITING.where(_C.due_at <= bindparam("now"))
_SETTLE = (
    update(LETTERS)
    .where(_C.id == bindparam("letter"), _C.state == State.WAITING)
    .values(state=bindparam("new_state"), sent_at=bindparam("at"), context=None, leased_until=None)
)
_POSTPONE = (
    update(LETTERS)
    .where(_C.id == bindparam("letter"), _C.state == State.WAITING)
    .values(due_at=bindparam("due"), leased_until=None)
)
_ABOUT = select(_C.about).where(_C.id == bindparam("letter"))
_DROP = (
    update(LETTERS)
    .where(_C.about == bindparam("whom"), _C.state == State.WAITING)
    .values(state=State.DEAD, context=None, leased_until=None)
)
_REPORT = update(LETTERS).where(_C.id == bindparam("letter")).values(outcome=bindparam("told"))


def add(rows: Rows, letters: list[Row]) -> None:
    """Write letters."""
    rows.insert(LETTERS, *letters)


def claim(
    rows: Rows, *, now: dt.datetime, until: dt.datetime, urgency: int
) -> Claimed | Settled | None:
    """
    Take the first due letter for one worker; None when there is none that another did not take meanwhile.

    A letter that was tampered with, or wiped and said to wait again, is settled as dead: it must not hold up the others.
    """
    for (letter_id,) in rows.values(_DUE, now=now, urgency=urgency):
        if rows.execute(_LEASE, letter=letter_id, now=now, until=until) != 1:
            continue
        with suppress(RecordDamaged):
            row = rows.one(_BY_ID, letter=letter_id)
            if row is not None and row["context"] is not None:
                return _claimed(row)
        settle(rows, letter_id, State.DEAD, None)
        # One letter a transaction: whoever holds two may wait for somebody who waits for him.
        return Settled(letter_id)
    return None


def settle(rows: Rows, letter_id: str, state: State, at: dt.datetime | None) -> None:
    """End a letter, sent or dead, and wipe what it said."""
    rows.execute(_SETTLE, letter=letter_id, new_state=state, at=at)


def postpone(rows: Rows, letter_id: str, due: dt.datetime) -> None:
    """Give a letter back, to be tried again at *due*."""
    rows.execute(_POSTPONE, letter=letter_id, due=due)


def waiting(rows: Rows, *, now: dt.datetime | None) -> int:
    """Count the letters that wait; with *now*, only those whose time has come."""
    found: Any = rows.values(_WAITING) if now is None else rows.values(_WAITING_DUE, now=now)
    return int(found[0][0])


def report(rows: Rows, letter_id: str, outcome: str) -> str | None:
    """Write down what the host heard of a letter; give whom it was about, None when there is no such letter."""
    if rows.execute(_REPORT, letter=letter_id, told=outcome) != 1:
        return None
    return str(rows.values(_ABOUT, letter=letter_id)[0][0] or "")


def drop(rows: Rows, about: str) -> int:
    """End the letters about somebody that wait, and wipe what they said; tell how many there were."""
    return rows.execute(_DROP, whom=about)


def _claimed(row: Row) -> Claimed:
    told: dict[str, Any] = row["context"]
    draft = Draft(
        **told | {"channel": Channel(told["channel"])},
        about=row["about"] or "",
        sealed_by=row["sealed_by"],
        urgent=row["urgency"] > 0,
        expires_at=row["expires_at"],
    )
    return Claimed(id=row["id"], draft=draft, attempts=row["attempts"])
