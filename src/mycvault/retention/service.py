"""Holds and destructions, within a look or an act."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from mycvault import locales
from mycvault.act import Act, Look
from mycvault.retention import records, rules
from mycvault.retention.model import Cause, Destruction, Hold


def open_holds(look: Look, record_id: str) -> list[Hold]:
    """List the holds on an employment that nobody ended, in force or over."""
    return records.open_holds(look.rows, record_id)


def hold_keys(look: Look, record_id: str) -> set[str]:
    """List the keys that holds on an employment ever used."""
    return {hold.key_id for hold in records.of_records(look.rows, [record_id])}


def place(act: Act, hold: Hold, *, safe_id: str) -> None:
    """Write a hold."""
    records.add(act.rows, hold)
    act.record(
        safe_id, about=hold.record_id, until="" if hold.until is None else hold.until.isoformat()
    )


def release(act: Act, holds: Iterable[Hold], *, because: str | None) -> int:
    """End holds; tell how many were still in force."""
    return sum(records.release(act.rows, hold.id, act.now, because) for hold in holds)


def to_let_go(look: Look, *, after: str, count: int) -> list[Hold]:
    """List ended holds whose keys may still be there, after a crash, ids above *after*."""
    return records.to_let_go(look.rows, after=after, count=count)


def mark_let_go(act: Act, record_id: str) -> None:
    """Write down that the keys of an employment's ended holds are destroyed."""
    records.mark_let_go(act.rows, record_id, act.now)


def over(look: Look, *, today: dt.date, after: str, count: int) -> list[Hold]:
    """List the holds whose last day is past and that nobody released, ids above *after*."""
    return records.over(look.rows, today=today, after=after, count=count)


def destroyed(
    act: Act, subject: str, *, cause: Cause, documents: int, locale: str, **facts: str
) -> Destruction:
    """Write down a destruction, and write its certificate, which tells *facts* besides."""
    number, zone = act.new_id(), ZoneInfo(act.policy.legal.zone)
    effective_on, local = (
        rules.effective_on(act.now, act.policy.backups, zone),
        act.now.astimezone(zone),
    )
    records.write_destruction(
        act.rows,
        number,
        at=act.now,
        cause=cause,
        subject=subject,
        documents=documents,
        effective_on=effective_on,
    )
    certificate = locales.text(
        locale,
        "receipts",
        f"destruction.{cause}",
        number=number,
        vault=act.rows.vault_id,
        subject=subject,
        documents=str(documents),
        moment=f"{locales.date(locale, local.date())}, {local:%H:%M} ({zone.key})",
        effective_on=locales.date(locale, effective_on),
        **facts,
    )
    return Destruction(
        at=act.now, effective_on=effective_on, documents=documents, certificate=certificate
    )
