"""The employer's side, within a look or an act."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs

from mycvault.act import Act, Look
from mycvault.directory import records, rules
from mycvault.directory.model import Employee, EmployeeRecord, EmployerRecord, Person
from mycvault.errors import (
    AlreadyActivated,
    EmployeeExists,
    EmployeeMissing,
    EmployerExists,
    EmployerMissing,
    RecordDamaged,
)
from mycvault.outbox.drafts import Sender
from mycvault.policy import PortalUrls
from mycvault.values.choices import EmployeeStatus
from mycvault.values.page import Page, check_limit, parse_after

T = TypeVar("T")


def today(look: Look) -> dt.date:
    """Tell the civil date of the legal profile's zone."""
    return look.now.astimezone(ZoneInfo(look.policy.legal.zone)).date()


# ------------------------------------------------------------------ employers


def add_employer(act: Act, employer: EmployerRecord) -> None:
    """Write a new employer; EmployerExists when the reference is taken."""
    if not records.add_employer(act.rows, employer):
        raise EmployerExists(field="reference")
    act.record(about=employer.id)


def find_employer(look: Look, reference: str) -> EmployerRecord:
    """Find an employer by the host's name for it; EmployerMissing."""
    employer = records.employer_by_reference(look.rows, reference)
    if employer is None:
        raise EmployerMissing(field="reference")
    return employer


def is_known(look: Look, reference: str) -> bool:
    """Tell whether an employer has this reference."""
    return records.employer_by_reference(look.rows, reference) is not None


def employers(look: Look, ids: Iterable[str]) -> dict[str, EmployerRecord]:
    """Find several employers by id; RecordDamaged when a row names one that is not there."""
    return _all_of(set(ids), lambda wanted: records.employers_by_id(look.rows, wanted))


def employers_after(look: Look, after: str, count: int) -> list[EmployerRecord]:
    """List employers in the order of their making."""
    return records.employers_after(look.rows, after, count)


def amend_employer(
    act: Act,
    employer: EmployerRecord,
    *,
    name: str | None,
    siren: str | None,
    urls: PortalUrls | None,
) -> EmployerRecord:
    """Change what is given of an employer's own fields; InvalidInput."""
    given = {
        "name": None if name is None else rules.parse_name(name, field="name"),
        "siren": None if siren is None else rules.parse_siren(siren),
        "urls": None if urls is None else attrs.asdict(rules.check_urls(urls)),
    }
    changes = {key: value for key, value in given.items() if value is not None}
    records.amend_employer(act.rows, employer.id, changes)
    act.record(about=employer.id, changed=" ".join(sorted(changes)))
    found = records.employers_by_id(act.rows, [employer.id])
    return found[employer.id]


def sender(look: Look, employer: EmployerRecord) -> Sender:
    """Tell on whose behalf letters are written, and where their links lead: the employer's URLs, else the policy's."""
    urls = employer.urls or look.policy.urls
    return Sender(reference=employer.reference, name=employer.name, urls=urls)


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


def by_ids(look: Look, ids: Iterable[str]) -> dict[str, EmployeeRecord]:
    """Find several records by id; RecordDamaged when a row names one that is not there."""
    return _all_of(set(ids), lambda wanted: records.by_ids(look.rows, wanted))


def by_safes(look: Look, safes: Iterable[str]) -> dict[str, EmployeeRecord]:
    """Find the records that several safes belong to; RecordDamaged when one belongs to none."""
    return _all_of(set(safes), lambda wanted: records.by_safes(look.rows, wanted))


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
    shown_ones = [shown(look, record) for record in found[:limit]]
    return Page(shown_ones, shown_ones[-1].id if len(found) > limit else None)


def to_invite(look: Look, employer_id: str, matricule: str) -> EmployeeRecord:
    """Find an employee who may be invited; EmployeeMissing, AlreadyActivated."""
    record = find(look, employer_id, matricule)
    if record.joined_at is not None:
        raise AlreadyActivated
    return record


def mark_invited(act: Act, record: EmployeeRecord, *, until: dt.datetime | None) -> None:
    """Write down until when she is invited; AlreadyActivated when she joined meanwhile."""
    if not records.mark(act.rows, record.id, {"invited_until": until}, where={"joined_at": None}):
        raise AlreadyActivated


def mark_uninvited(act: Act, record: EmployeeRecord) -> None:
    """Write down that her link died; somebody who joined has none."""
    records.mark(act.rows, record.id, {"invited_until": None}, where={"joined_at": None})


def mark_joined(act: Act, record: EmployeeRecord) -> None:
    """Write down that she joined; AlreadyActivated when she did before."""
    if not records.mark(act.rows, record.id, {"joined_at": act.now}, where={"joined_at": None}):
        raise AlreadyActivated


def mark_left(act: Act, record: EmployeeRecord, on: dt.date) -> EmployeeRecord:
    """Write down the day she left; nothing in her safe changes."""
    records.mark(act.rows, record.id, {"left_on": on.isoformat()}, where={})
    act.record(record.safe_id, about=record.id, left_on=on.isoformat())
    return attrs.evolve(record, left_on=on)


def amend(act: Act, record: EmployeeRecord, person: Person) -> EmployeeRecord:
    """Write what the employer says of her now."""
    before, after = attrs.asdict(record.person), attrs.asdict(person)
    changes = {name: value for name, value in after.items() if value != before[name]}
    if changes:
        records.mark(act.rows, record.id, changes, where={})
    act.record(record.safe_id, about=record.id, changed=" ".join(sorted(changes)))
    return attrs.evolve(record, person=person)


def _all_of(wanted: set[str], find: Callable[[list[str]], dict[str, T]]) -> dict[str, T]:
    found = find(sorted(wanted)) if wanted else {}
    if found.keys() != wanted:
        raise RecordDamaged
    return found
