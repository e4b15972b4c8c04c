"""
Who was invited and has not come: found again by the address on record, or because her time runs out.

An address is indexed only while she is invited, and for each employer apart: whoever steals the database cannot tell that two
employers write to the same person. So every employer is asked in turn; letters' workers do that, nobody waits for it.
"""

import datetime as dt

from mycvault.act import Act, Look
from mycvault.directory import employer_records, records
from mycvault.directory.model import EmployeeRecord
from mycvault.directory.service import keep, today
from mycvault.errors import AlreadyActivated, LinkInvalid

_AT_ONCE = 500  # employers asked by one statement


def invited_at(look: Look, key: str) -> dict[str, str]:
    """Find the employments, each with its employer, whose address on record *key* stands for; invited, and not joined."""
    found: dict[str, str] = {}
    after: str | None = ""
    while after is not None:
        employers = employer_records.ids_after(look.rows, after, _AT_ONCE)
        for row in records.invited_at(look.rows, employers, key):
            if row["joined_at"] is None and row["invited_until"] is not None:
                found[row["id"]] = row["employer_id"]
        after = employers[-1] if len(employers) == _AT_ONCE else None
    return dict(sorted(found.items()))


def ending(
    look: Look, employer_id: str, *, before: dt.timedelta, after: str, count: int
) -> list[EmployeeRecord]:
    """List one employer's employees whose invitation ends within *before* and who were not reminded of it."""
    return records.ending(
        look.rows,
        employer_id,
        until=look.now + before,
        after=after,
        count=count,
        now=look.now,
        today=today(look),
    )


def mark_renewed(act: Act, record: EmployeeRecord, *, until: dt.datetime, reminded: bool) -> None:
    """
    Write down that one more link lives, and until when; *reminded*: she is not reminded of this invitation again.

    Raises:
        AlreadyActivated: She joined meanwhile.
        LinkInvalid: Her invitation was revoked meanwhile.
    """
    kept = keep(act, record, to_change=True)
    if kept.joined_at is not None:
        raise AlreadyActivated
    if kept.invited_until is None:
        raise LinkInvalid
    changes = {"invited_until": max(until, kept.invited_until)}
    told = {"reminded_at": act.now} if reminded else {}
    records.mark(act.rows, record.id, changes | told, where={"joined_at": None})
