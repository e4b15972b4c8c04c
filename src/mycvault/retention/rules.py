"""
How long a document stays available, and when it may go. Pure.

Payslips stay fifty years from their issue, or until an age (Labour Code, D3243-8); what is promised when a document is deposited
is not shortened later. A hold keeps everything. A term's last day still counts: a document may go on the day after it.
"""

import datetime as dt
from collections.abc import Iterable

from mycvault.errors import InvalidInput
from mycvault.legal.calendar import anniversary, months_after
from mycvault.legal.profile import LegalProfile
from mycvault.policy import Retention
from mycvault.retention.model import Hold
from mycvault.values.choices import Kind
from mycvault.values.words import parse_word

_REASON = 500  # characters
_FARTHEST = dt.date(2999, 12, 31)


def check_retention(retention: Retention, legal: LegalProfile) -> Retention:
    """Take an employer's choice; InvalidInput when it keeps payslips for less than either of the law's two terms."""
    if not isinstance(retention, Retention):
        raise InvalidInput("a Retention", field="retention")
    if not retention.meets(legal):
        raise InvalidInput("the law asks for more", field="retention", reason="too-short")
    return retention


def keep_until(
    kind: Kind,
    *,
    issued_on: dt.date,
    birth_date: dt.date | None,
    retention: Retention,
    legal: LegalProfile,
) -> dt.date | None:
    """
    Tell the last day on which a document stays available; None when no term applies to its kind.

    Args:
        kind: What the document is.

        issued_on: The civil day it was handed over.

        birth_date: Hers, if it is on record; without it, and past that age, it is the law's number of years at least.

        retention: What her employer chose.

        legal: The law that is applied.
    """
    law = legal.on(issued_on)
    if kind not in law.kept:
        return None
    if retention.until_age is None or birth_date is None:
        return anniversary(issued_on, max(retention.years, law.availability_years))
    by_age = anniversary(birth_date, retention.until_age)
    if by_age <= issued_on:
        # Past that age the choice promises nothing: the other one holds.
        return anniversary(issued_on, max(retention.years, law.availability_years))
    return max(by_age, anniversary(issued_on, retention.years))


def parse_reason(reason: str) -> str:
    """Take a reason: 1 to 500 characters; InvalidInput else."""
    return parse_word(reason, field="reason", longest=_REASON)


def parse_until(until: dt.date | None, *, today: dt.date) -> dt.date | None:
    """Take the last day of a hold, today or later; InvalidInput for an earlier one or a moment."""
    if until is None:
        return None
    _check_day(until, field="until")
    if until < today:
        raise InvalidInput("a hold ends in the future", field="until", reason="past")
    return until


def is_live(hold: Hold, *, today: dt.date) -> bool:
    """Tell whether a hold keeps anything on *today*."""
    return hold.released_at is None and (hold.until is None or today <= hold.until)


def live(holds: Iterable[Hold], *, today: dt.date) -> list[Hold]:
    """Choose the holds that keep something on *today*."""
    return [hold for hold in holds if is_live(hold, today=today)]


def effective_on(at: dt.datetime, backups: dt.timedelta, zone: dt.tzinfo) -> dt.date:
    """Tell the civil day on which the last backup of what was destroyed at *at* is gone."""
    return (at + backups).astimezone(zone).date()


def check_closure(on: dt.date, *, today: dt.date, legal: LegalProfile) -> dt.date:
    """
    Take the day a service closes; give the last day on which everything can still be retrieved.

    Raises:
        InvalidInput: No date, or sooner than the notice the law asks for (D3243-8, D541).
    """
    _check_day(on, field="on")
    law = legal.on(today)
    if on < months_after(today, law.closure_months):
        raise InvalidInput(
            f"a closure is announced {law.closure_months} months before", field="on", reason="soon"
        )
    return months_after(on, law.retrieval_months)


def _check_day(day: dt.date, *, field: str) -> None:
    if isinstance(day, dt.datetime) or not isinstance(day, dt.date) or day > _FARTHEST:
        raise InvalidInput("a date, without a time", field=field)
