"""The employer's side, within a look or an act."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs

from mycvault.act import Act, Look
from mycvault.directory import employer_records, records, rules
from mycvault.directory.model import Employee, EmployeeRecord, EmployerRecord, Person
from mycvault.errors import (
    AlreadyActivated,
    EmployeeExists,
    EmployeeMissing,
    EmployerExists,
    EmployerMissing,
    RecordDamaged,
)
from mycvault.policy import PortalUrls, Retention
from mycvault.values.choices import EmployeeStatus
from mycvault.values.page import Page, check_limit, parse_after

T = TypeVar("T")
_AT_ONCE = 1000  # matricules asked for by one statement


def today(look: Look) -> dt.date:
    """Tell the civil date of the legal profile's zone."""
    return look.now.astimezone(ZoneInfo(look.policy.legal.zone)).date()


# ------------------------------------------------------------------ employers


def add_employer(act: Act, employer: EmployerRecord) -> None:
    """Write a new employer; EmployerExists when the reference is taken."""
    if not employer_records.add(act.rows, employer):
        raise EmployerExists(field="reference")
    act.record(about=employer.id)


def find_employer(look: Look, reference: str) -> EmployerRecord:
    """Find an employer by the host's name for it; EmployerMissing."""
    employer = known(look, reference)
    if employer is None:
        raise EmployerMissing(field="reference")
    return employer


def known(look: Look, reference: str) -> EmployerRecord | None:
    """Find the employer that has this reference; None when there is none."""
    return employer_records.by_reference(look.rows, reference)


def employers(look: Look, ids: Iterable[str]) -> dict[str, EmployerRecord]:
    """Find several employers by id; RecordDamaged when a row names one that is not there."""
    return _all_of(set(ids), lambda wanted: employer_records.by_ids(look.rows, wanted))


def employers_after(look: Look, after: str, count: int) -> list[EmployerRecord]:
    """List employers in the order of their making."""
    return employer_records.after(look.rows, after, count)


def amend_employer(
    act: Act,
    employer: EmployerRecord,
    *,
    name: str | None,
    siren: str | None,
    urls: PortalUrls | None,
    retention: Retention | None,
) -> EmployerRecord:
    """Change what is given of an employer's own fields; InvalidInput."""
    given = {
        "retention": None if retention is None else attrs.asdict(retention),
        "name": None if name is None else rules.parse_name(name, field="name"),
        "siren": None if siren is None else rules.parse_siren(siren),
        "urls": None if urls is None else attrs.asdict(rules.check_urls(urls)),
    }
    changes = {key: value for key, value in given.items() if value is not None}
    employer_records.amend(act.rows, employer.id, changes)
    act.record(about=employer.id, changed=" ".join(sorted(changes)))
    found = employer_records.by_ids(act.rows, [employer.id])
    return found[employer.id]


# ------------------------------------------------------------------ employees


def enrol(act: Act, record: EmployeeRecord) -> None:
    """Write a new employee record; EmployeeExists when the employer has the matricule already."""
    if not records.add(act.rows, record):
        raise EmployeeExists(field="matricule")
    act.record(record.safe_id, about=record.id)


def find(look: Look, employer_id: str, matricule: str) -> EmployeeRecord:
    """Find one employer's employee, and name her safe as the one concerned; EmployeeMissing."""
    record = records.by_matricule(look.rows, employer_id, matricule)
    if record is None:
        raise EmployeeMissing(field="matricule")
    look.concerns(record.safe_id, about=record.id)
    return record


def is_enrolled(look: Look, employer_id: str, matricule: str) -> bool:
    """Tell whether the employer has this matricule."""
    return records.by_matricule(look.rows, employer_id, matricule) is not None


def matricules(look: Look, employer_id: str, texts: Iterable[str]) -> set[str]:
    """Tell which of these texts are matricules of the employer's, whoever left included; nobody is unsealed."""
    asked, found = iter(sorted(texts)), set[str]()
    while batch := list(islice(asked, _AT_ONCE)):
        found |= records.matricules(look.rows, employer_id, batch)
    return found


def by_ids(look: Look, ids: Iterable[str]) -> dict[str, EmployeeRecord]:
    """Find several records by id; RecordDamaged when a row names one that is not there."""
    return _all_of(set(ids), lambda wanted: records.by_ids(look.rows, wanted))


def by_safes(look: Look, safes: Iterable[str]) -> dict[str, EmployeeRecord]:
    """Find the records that several safes belong to; RecordDamaged when one belongs to none."""
    return _all_of(set(safes), lambda wanted: records.by_safes(look.rows, wanted))


def keep(act: Act, record: EmployeeRecord, *, to_change: bool = False) -> EmployeeRecord:
    """
    Read again, and keep as it is until the act ends, what an employment's row says in clear.

    Others who only keep it do not wait; who keeps it *to_change* it waits for them, and they for him.
    """
    found = records.keep(act.rows, record.id, to_change=to_change)
    if found is None:
        raise RecordDamaged
    return attrs.evolve(record, **found)


def keep_row(act: Act, record_id: str, *, to_change: bool = False) -> None:
    """Keep an employment as it is until the act ends, without reading it: see `keep`. RecordDamaged."""
    if records.keep(act.rows, record_id, to_change=to_change) is None:
        raise RecordDamaged


def set_delivery(
    act: Act,
    record_id: str,
    *,
    declarations: int,
    paper_from: dt.date | None,
    electronic_from: dt.date | None,
) -> None:
    """Write down how many declarations there are, and from when on payslips are paper, and electronic ones lawful."""
    days = {"paper_from": paper_from, "electronic_from": electronic_from}
    changes: dict[str, Any] = {
        name: None if day is None else day.isoformat() for name, day in days.items()
    }
    records.mark(act.rows, record_id, changes | {"declarations": declarations}, where={})


def safe_of(look: Look, record_id: str) -> str:
    """Tell where an employment's documents go now, nobody's key being asked for; RecordDamaged."""
    found = records.safe_of(look.rows, record_id)
    if found is None:
        raise RecordDamaged
    return found


def holds(look: Look, record_id: str) -> int:
    """Tell how many holds an employment has that nobody ended, nobody's key being asked for; RecordDamaged."""
    found = records.holds(look.rows, record_id)
    if found is None:
        raise RecordDamaged
    return found


def set_holds(act: Act, record_id: str, count: int) -> None:
    """Write down how many holds an employment has that nobody ended."""
    records.mark(act.rows, record_id, {"holds": count}, where={})


def on_paper(
    look: Look, employer_id: str, on: dt.date, *, after: str, count: int
) -> list[EmployeeRecord]:
    """List whose payslips are paper on a day, today or later, by index."""
    return records.on_paper(look.rows, employer_id, on, after=after, count=count)


def mark_undelivered(act: Act, record_id: str) -> None:
    """Write down that a letter to the address on record came to nothing; who is no employee, or joined, is passed over."""
    unknown = {"joined_at": None, "undelivered_at": None}
    records.mark(act.rows, record_id, {"undelivered_at": act.now}, where=unknown)


def mark_reached(act: Act, record_id: str) -> None:
    """Write down that the address on record works after all."""
    records.mark(act.rows, record_id, {"undelivered_at": None}, where={})


def undelivered(look: Look, employer_id: str, *, after: str | None, limit: int) -> Page[Employee]:
    """List whom our letters did not reach, by index."""
    found = records.undelivered(
        look.rows, employer_id, after=parse_after(after), count=check_limit(limit) + 1
    )
    return _page(look, found, limit)


def headcount(look: Look, employer_id: str) -> Mapping[str, int]:
    """Count an employer's employees by where they stand, who is on paper and whom our letters did not reach."""
    return records.headcount(look.rows, employer_id, now=look.now, today=today(look))


def mark_closing(act: Act, record: EmployeeRecord, on: dt.date) -> bool:
    """Write down that somebody is told of a closure; False when she was told of this one before."""
    return records.mark_closing(act.rows, record.id, on)


def set_closure(act: Act, employer: EmployerRecord, on: dt.date) -> None:
    """Write down the day an employer's service closes."""
    employer_records.amend(act.rows, employer.id, {"closes_on": on.isoformat()})


def start_again(act: Act, record_id: str, old_safe_id: str, safe_id: str) -> None:
    """Give an employment another, empty safe that nobody has joined."""
    changes = {"safe_id": safe_id, "joined_at": None, "invited_until": None}
    records.mark(act.rows, record_id, changes, where={"safe_id": old_safe_id})


def records_after(look: Look, employer_id: str, after: str, count: int) -> list[EmployeeRecord]:
    """List one employer's employees in the order of their enrolment."""
    return in_status(look, employer_id, None, after=after, count=count)


def in_status(
    look: Look, employer_id: str, status: EmployeeStatus | None, *, after: str, count: int
) -> list[EmployeeRecord]:
    """List one employer's employees who stand so, or all, in the order of their enrolment."""
    return records.page(
        look.rows,
        employer_id,
        status=status,
        after=after,
        count=count,
        now=look.now,
        today=today(look),
    )


def shown(look: Look, record: EmployeeRecord) -> Employee:
    """Show a record as the employer sees it."""
    return rules.shown(record, now=look.now, today=today(look))


def page(
    look: Look, employer_id: str, *, status: EmployeeStatus | None, after: str | None, limit: int
) -> Page[Employee]:
    """List one employer's employees."""
    found = records.page(
        look.rows,
        employer_id,
        status=status,
        after=parse_after(after),
        count=check_limit(limit) + 1,
        now=look.now,
        today=today(look),
    )
    return _page(look, found, limit)


def to_invite(look: Look, employer_id: str, matricule: str) -> EmployeeRecord:
    """Find an employee who may be invited; EmployeeMissing, AlreadyActivated."""
    record = find(look, employer_id, matricule)
    if record.joined_at is not None:
        raise AlreadyActivated
    return record


def mark_invited(
    act: Act, record: EmployeeRecord, *, until: dt.datetime | None, as_seen: bool = False
) -> None:
    """
    Write down until when she is invited, anew; AlreadyActivated when she joined meanwhile.

    With *as_seen* also when she was invited since *record* was read.
    """
    found_by = records.found_by(record.person if until else None)
    changes = {"invited_until": until, "undelivered_at": None, "reminded_at": None, **found_by}
    seen = {"invited_until": record.invited_until} if as_seen else {}
    if not records.mark(act.rows, record.id, changes, where={"joined_at": None, **seen}):
        raise AlreadyActivated


def mark_uninvited(act: Act, record: EmployeeRecord) -> None:
    """Write down that her link died, her address being another one now; somebody who joined has none."""
    changes = {"invited_until": None, "undelivered_at": None, **records.found_by(None)}
    records.mark(act.rows, record.id, changes, where={"joined_at": None})


def mark_joined(act: Act, record: EmployeeRecord) -> None:
    """Write down that she joined; AlreadyActivated when she did before."""
    changes = {"joined_at": act.now, "undelivered_at": None, **records.found_by(None)}
    if not records.mark(act.rows, record.id, changes, where={"joined_at": None}):
        raise AlreadyActivated


def mark_left(act: Act, record: EmployeeRecord, on: dt.date) -> EmployeeRecord:
    """Write down the day she left; nothing in her safe changes."""
    records.mark(act.rows, record.id, {"left_on": on.isoformat(), "synced": None}, where={})
    act.record(safe_of(act, record.id), about=record.id, left_on=on.isoformat())
    return attrs.evolve(record, left_on=on)


def mark_back(act: Act, record: EmployeeRecord) -> EmployeeRecord:
    """Write down that somebody who had left is there again; nothing in her safe changes."""
    records.mark(act.rows, record.id, {"left_on": None, "synced": None}, where={})
    act.record(safe_of(act, record.id), about=record.id, left_on="")
    return attrs.evolve(record, left_on=None)


def amend(act: Act, record: EmployeeRecord, person: Person) -> EmployeeRecord:
    """Write what the employer says of her now."""
    before, after = attrs.asdict(record.person), attrs.asdict(person)
    changes = {name: value for name, value in after.items() if value != before[name]}
    if changes:
        records.mark(act.rows, record.id, changes | {"synced": None}, where={})
    act.record(safe_of(act, record.id), about=record.id, changed=" ".join(sorted(changes)))
    return attrs.evolve(record, person=person)


def _page(look: Look, found: Sequence[EmployeeRecord], limit: int) -> Page[Employee]:
    shown_ones = [shown(look, record) for record in found[:limit]]
    return Page(shown_ones, shown_ones[-1].id if len(found) > limit else None)


def _all_of(wanted: set[str], find: Callable[[list[str]], dict[str, T]]) -> dict[str, T]:
    found = find(sorted(wanted)) if wanted else {}
    if found.keys() != wanted:
        raise RecordDamaged
    return found
