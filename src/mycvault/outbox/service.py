"""Queueing letters with their cause, and settling them once a courier has spoken."""

import datetime as dt
import re
from collections.abc import Sequence

import attrs

from mycvault.errors import InvalidInput
from mycvault.ids import is_id
from mycvault.outbox import records, rules
from mycvault.outbox.model import Claimed, Draft, Settled, State
from mycvault.storage.rows import Row, Rows

_OUTCOME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def queue(rows: Rows, drafts: Sequence[tuple[str, Draft]], *, now: dt.datetime) -> None:
    """Write letters, each with its id, in the transaction of their cause."""
    if drafts:
        records.add(rows, [_row(letter_id, draft, now) for letter_id, draft in drafts])


def claim(rows: Rows, *, now: dt.datetime, urgent_only: bool) -> Claimed | Settled | None:
    """Take the next due letter to deliver, or settle one that cannot be read: codes and resets before everything else."""
    return records.claim(rows, now=now, until=now + rules.LEASE, urgency=int(urgent_only))


def mark_sent(rows: Rows, letter: Claimed, *, now: dt.datetime) -> None:
    """End a letter that a courier took, and wipe what it said."""
    records.settle(rows, letter.id, State.SENT, now)


def give_up(rows: Rows, letter: Claimed) -> None:
    """End a letter that will never be delivered, and wipe what it said."""
    records.settle(rows, letter.id, State.DEAD, None)


def try_later(rows: Rows, letter: Claimed, *, now: dt.datetime) -> bool:
    """Put a letter off; False when it was given up instead, having waited long enough."""
    due = rules.next_try(letter.attempts, now=now, expires_at=letter.draft.expires_at)
    if due is None:
        give_up(rows, letter)
        return False
    records.postpone(rows, letter.id, due)
    return True


def waiting(rows: Rows, *, now: dt.datetime | None = None) -> int:
    """Count the letters that wait; with *now*, only those whose time has come."""
    return records.waiting(rows, now=now)


def drop(rows: Rows, about: str) -> int:
    """End the letters about somebody that wait; tell how many there were."""
    return records.drop(rows, about)


def report(rows: Rows, letter_id: str, outcome: str) -> str:
    """
    Write down a bounce or a delivery receipt; give whom the letter was about.

    Raises:
        InvalidInput: There is no such letter, or *outcome* is not one word of at most 64 characters.
    """
    if not isinstance(outcome, str) or not _OUTCOME.fullmatch(outcome):
        raise InvalidInput("an outcome is one word", field="outcome")
    about = records.report(rows, letter_id, outcome) if is_id(letter_id) else None
    if about is None:
        raise InvalidInput("no such letter", field="letter_id", reason="missing")
    return about


def _row(letter_id: str, draft: Draft, now: dt.datetime) -> Row:
    told = attrs.asdict(draft)
    return {
        "id": letter_id,
        "urgency": int(told.pop("urgent")),
        "state": State.WAITING,
        "attempts": 0,
        "due_at": max(now, told.pop("not_before") or now),
        "expires_at": told.pop("expires_at"),
        "about": told.pop("about") or None,
        "sealed_by": told.pop("sealed_by"),
        "context": told,
    }
