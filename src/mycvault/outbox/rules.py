"""
When a letter is tried again, when it is given up, and what a host's report of it means. Pure.

Waits grow from one minute to six hours; after the last one the letter is dead, about two days after its cause.
"""

import datetime as dt

LEASE = dt.timedelta(
    minutes=10
)  # longer than any courier's timeout; a crashed worker's letters are free after it
_WAITS = tuple(
    dt.timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240, 360, 360, 360, 360, 360, 360)
)


def next_try(
    attempts: int, *, now: dt.datetime, expires_at: dt.datetime | None
) -> dt.datetime | None:
    """Tell when to try a letter again after *attempts* failures; None to give it up."""
    if attempts > len(_WAITS):
        return None
    due = now + _WAITS[attempts - 1]
    return due if expires_at is None or due < expires_at else None


_FAILED = frozenset(
    ["bounce", "bounced", "failed", "refused", "rejected", "undeliverable", "undelivered"]
)


def has_failed(outcome: str) -> bool:
    """Tell whether a host's report says that a letter came to nothing."""
    return outcome.lower() in _FAILED


def has_arrived(outcome: str) -> bool:
    """Tell whether a host's report says that a letter arrived."""
    return outcome.lower() in {"delivered", "opened"}
