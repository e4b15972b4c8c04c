"""Employers come to the vault, and employees to an employer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import SafeRecord
from mycvault.desk import Call
from mycvault.directory import rules
from mycvault.directory import service as directory
from mycvault.directory.model import Employee, EmployeeRecord, EmployerRecord, Person
from mycvault.errors import EmployeeExists, EmployerExists
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.policy import PortalUrls, Retention
from mycvault.retention import rules as retention_rules
from mycvault.values.page import Page

_AT_ONCE = 100  # employers listed in one look


def add_employer(
    call: Call, *, name: str, reference: str, siren: str | None, urls: PortalUrls | None
) -> EmployerRecord:
    """Add an employer, with a key of its own; EmployerExists, InvalidInput."""
    employer = EmployerRecord(
        id=call.new_id(),
        reference=rules.parse_reference(reference),
        name=rules.parse_name(name, field="name"),
        siren=None if siren is None else rules.parse_siren(siren),
        urls=None if urls is None else rules.check_urls(urls),
        created_at=call.now,
    )
    with call.look() as look:
        if directory.known(look, employer.reference) is not None:
            raise EmployerExists(field="reference")
    call.keys.make_employer_key(employer.id, call.now)
    with call.act() as act:
        directory.add_employer(act, employer)
    return employer


def find_employer(
    call: Call, reference: str, *, acting: str | None
) -> tuple[EmployerRecord, str | None]:
    """Find an employer for a clerk, and bring its key to hand for what follows; EmployerMissing, InvalidInput."""
    clerk = rules.parse_clerk(acting)
    with call.look() as look:
        employer = directory.find_employer(look, rules.parse_reference(reference))
    call.keys.bring(employer.id)
    return employer, clerk


def employers_after(call: Call, after: str) -> list[EmployerRecord]:
    """List some employers in the order of their making, and bring their keys to hand."""
    with call.look() as look:
        found = directory.employers_after(look, after, _AT_ONCE)
    call.keys.bring(*(employer.id for employer in found))
    return found


def enrol(call: Call, employer: EmployerRecord, matricule: str, given: Person) -> Employee:
    """Enrol somebody: a record with its key, and a safe with its own; EmployeeExists, InvalidInput."""
    matricule = rules.parse_matricule(matricule)
    with call.look() as look:
        person = rules.parse_person(
            given, country=call.policy.legal.country, today=directory.today(look)
        )
        if directory.is_enrolled(look, employer.id, matricule):
            raise EmployeeExists(field="matricule")
    record_id, safe_id = call.new_id(), call.new_id()
    call.keys.make_record_keys({record_id: safe_id}, employer.id, call.now)
    record = EmployeeRecord(
        id=record_id,
        employer_id=employer.id,
        safe_id=safe_id,
        matricule=matricule,
        person=person,
        left_on=None,
        invited_until=None,
        joined_at=None,
    )
    with call.act() as act:
        directory.enrol(act, record)
        accounts.add_safe(act, SafeRecord(id=safe_id, employer_id=employer.id, record_id=record_id))
        return directory.shown(act, record)


def amend(
    call: Call, employer: EmployerRecord, matricule: str, changes: Mapping[str, Any]
) -> Employee:
    """Change what the employer says of somebody; a changed address kills live links. InvalidInput, EmployeeMissing."""
    with call.look() as look:
        record = directory.find(look, employer.id, rules.parse_matricule(matricule))
        wanted = attrs.evolve(record.person, **changes)
        person = rules.parse_person(
            wanted, country=call.policy.legal.country, today=directory.today(look)
        )
    has_moved = (person.email, person.phone) != (record.person.email, record.person.phone)
    with call.act() as act:
        # Links before records, as in every act: two acts in other orders would wait for each other.
        if has_moved:
            links.revoke(act, record.id, Purpose.INVITATION)
            links.revoke(act, record.id, Purpose.REFUSAL)
            directory.mark_uninvited(act, record)
        return directory.shown(act, directory.amend(act, record, person))


def record_leaving(call: Call, employer: EmployerRecord, matricule: str, on: dt.date) -> Employee:
    """Write down the day somebody leaves; her safe stays hers. EmployeeMissing, InvalidInput."""
    on = rules.parse_day(on, field="on")
    with call.look() as look:
        record = directory.find(look, employer.id, rules.parse_matricule(matricule))
    with call.act() as act:
        return directory.shown(act, directory.mark_left(act, record, on))


def amend_employer(
    call: Call,
    employer: EmployerRecord,
    *,
    name: str | None,
    siren: str | None,
    urls: PortalUrls | None,
    retention: Retention | None,
) -> EmployerRecord:
    """Change an employer's own fields; InvalidInput."""
    if retention is not None:
        with call.look() as look:
            law = call.policy.legal.on(directory.today(look))
        retention_rules.check_retention(retention, law)
    with call.act() as act:
        return directory.amend_employer(
            act, employer, name=name, siren=siren, urls=urls, retention=retention
        )


def find(call: Call, employer: EmployerRecord, matricule: str) -> Employee:
    """Show one employee; EmployeeMissing."""
    with call.look() as look:
        return directory.shown(
            look, directory.find(look, employer.id, rules.parse_matricule(matricule))
        )


def page(
    call: Call, employer: EmployerRecord, *, status: str | None, after: str | None, limit: int
) -> Page[Employee]:
    """List employees; InvalidInput."""
    wanted = None if status is None else rules.parse_status(status)
    with call.look() as look:
        return directory.page(look, employer.id, status=wanted, after=after, limit=limit)
