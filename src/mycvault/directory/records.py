"""
Employee records.

A record's fields are sealed under the record's own key, which lies under its employer's. Matricules are found by a blind index
scoped to the employer.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import Index, and_, bindparam, case, func, or_, select

from mycvault.directory.model import EmployeeRecord, Person
from mycvault.storage.columns import (
    blind,
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
from mycvault.values.addresses import email_key, phone_key
from mycvault.values.choices import EmployeeStatus

EMPLOYEES = table(
    "employees",
    identity(),
    ref("employer_id"),
    ref("safe_id", index=True),
    sealed_by(),
    sealed("matricule"),
    blind("matricule_index", of="matricule", scope="employer_id", unique=True),
    sealed("given_name"),
    sealed("family_name"),
    sealed("email", nullable=True),
    sealed("phone", nullable=True),
    sealed("birth_date", "date", nullable=True),
    sealed("hired_on", "date", nullable=True),
    word("locale"),
    word("left_on", nullable=True),
    moment("invited_until"),
    moment("joined_at"),
    word("paper_from", nullable=True),
    word("electronic_from", nullable=True),
    number("declarations", nullable=True),
    number("holds", nullable=True),
    moment("undelivered_at"),
    word("closing_told", nullable=True),
    digest("synced", nullable=True),
    # Only while she is invited: by what her address is found again when she asks for another link.
    blind("email_index", of="email_key", scope="employer_id"),
    blind("phone_index", of="phone_key", scope="employer_id"),
    moment("reminded_at"),
    row_seal(),
    Index("ix_mycvault_employees_employer", "employer_id", "id"),
    # Holds all that the employer's figures count, so that they are read from it alone.
    Index(
        "ix_mycvault_employees_figures",
        *("employer_id", "joined_at", "invited_until", "left_on", "paper_from", "undelivered_at"),
    ),
)
_E = EMPLOYEES.c
# Few are on paper or out of reach: these indexes hold those alone.
for _name, _column in (("paper", _E.paper_from), ("undelivered", _E.undelivered_at)):
    Index(
        f"ix_mycvault_employees_{_name}",
        _E.employer_id,
        _E.id,
        sqlite_where=_column.is_not(None),
        postgresql_where=_column.is_not(None),
    )

_BY_MATRICULE = select(EMPLOYEES).where(_E.matricule_index == bindparam("found"))
_BY_MATRICULES = select(EMPLOYEES).where(_E.matricule_index.in_(bindparam("found", expanding=True)))
_MATRICULES_HERE = select(_E.matricule_index).where(
    _E.matricule_index.in_(bindparam("found", expanding=True))
)
_BY_IDS = select(EMPLOYEES).where(_E.id.in_(bindparam("ids", expanding=True)))
_BY_SAFES = select(EMPLOYEES).where(_E.safe_id.in_(bindparam("safes", expanding=True)))
_AFTER = (
    select(EMPLOYEES)
    .where(_E.employer_id == bindparam("employer"), _E.id > bindparam("after"))
    .order_by(_E.id)
    .limit(bindparam("count"))
)
_STAYS = or_(_E.left_on.is_(None), _E.left_on > bindparam("today"))
_NOT_JOINED = (_STAYS, _E.joined_at.is_(None))
_WITH_STATUS: dict[EmployeeStatus, tuple[Any, ...]] = {
    EmployeeStatus.LEFT: (_E.left_on <= bindparam("today"),),
    EmployeeStatus.ACTIVE: (_STAYS, _E.joined_at.is_not(None)),
    EmployeeStatus.ENROLLED: (*_NOT_JOINED, _E.invited_until.is_(None)),
    EmployeeStatus.INVITED: (*_NOT_JOINED, _E.invited_until > bindparam("now")),
    EmployeeStatus.EXPIRED: (*_NOT_JOINED, _E.invited_until <= bindparam("now")),
}
_IN_STATUS = {status: _AFTER.where(*where) for status, where in _WITH_STATUS.items()}
_ONE = select(EMPLOYEES).where(_E.id == bindparam("record"))
_KEPT = {False: _ONE.with_for_update(read=True), True: _ONE.with_for_update()}
_SEALS_KEPT = (
    select(_E.id, _E.seal)
    .where(_E.id.in_(bindparam("ids", expanding=True)))
    .order_by(_E.id)
    .with_for_update(read=True)
)
_ON_PAPER = _AFTER.where(_E.paper_from.is_not(None), _E.paper_from <= bindparam("day"))
_UNDELIVERED = _AFTER.where(_E.undelivered_at.is_not(None))
_AT_EMAIL = select(EMPLOYEES).where(_E.email_index.in_(bindparam("found", expanding=True)))
_AT_PHONE = select(EMPLOYEES).where(_E.phone_index.in_(bindparam("found", expanding=True)))
_ENDING = _AFTER.where(
    *_WITH_STATUS[EmployeeStatus.INVITED],
    _E.invited_until <= bindparam("until"),
    _E.reminded_at.is_(None),
)
_PERSON_FIELDS = tuple(field.name for field in attrs.fields(Person))


def add(rows: Rows, record: EmployeeRecord) -> bool:
    """Write a new employee record; False when the employer has the matricule already."""
    return rows.insert_new(EMPLOYEES, _row(record))


def add_all(rows: Rows, records: Mapping[str, tuple[EmployeeRecord, bytes]]) -> bool:
    """Write new employee records and what their rows are known by; False when the employer has one of the matricules already."""
    made = [_row(record) | {"synced": synced} for record, synced in records.values()]
    return rows.insert_all_new(EMPLOYEES, made)


def synced(rows: Rows, employer_id: str, text: str) -> bytes:
    """Compute by what a row of an employer's file is known again, without telling it."""
    return rows.index(_E.synced, text, scope=employer_id)


def known(
    rows: Rows, employer_id: str, matricules: Sequence[str]
) -> dict[str, tuple[Row, bytes | None]]:
    """Find the rows of several matricules, still sealed, and what each was last known by."""
    indexes = {
        rows.index(_E.matricule_index, matricule, scope=employer_id): matricule
        for matricule in matricules
    }
    found = rows.glances(_BY_MATRICULES, found=list(indexes))
    return {
        indexes[bytes(row["matricule_index"])]: (
            row,
            None if row["synced"] is None else bytes(row["synced"]),
        )
        for row in found
    }


def matricules(rows: Rows, employer_id: str, texts: Sequence[str]) -> set[str]:
    """Tell which of these are matricules of one employer's, in the index alone."""
    indexes = {rows.index(_E.matricule_index, text, scope=employer_id): text for text in texts}
    found = rows.values(_MATRICULES_HERE, found=list(indexes))
    return {indexes[bytes(index)] for (index,) in found}


def opened(rows: Rows, row: Row) -> EmployeeRecord:
    """Unseal a row that `known` gave."""
    return _record(rows.opened(EMPLOYEES, row))


def by_matricule(rows: Rows, employer_id: str, matricule: str) -> EmployeeRecord | None:
    """Find one employer's employee."""
    row = rows.one(
        _BY_MATRICULE, found=rows.index(_E.matricule_index, matricule, scope=employer_id)
    )
    return None if row is None else _record(row)


def by_ids(rows: Rows, ids: list[str]) -> dict[str, EmployeeRecord]:
    """Find several records."""
    return {row["id"]: _record(row) for row in rows.all(_BY_IDS, ids=ids)}


def by_safes(rows: Rows, safes: list[str]) -> dict[str, EmployeeRecord]:
    """Find the records that several safes belong to."""
    return {row["safe_id"]: _record(row) for row in rows.all(_BY_SAFES, safes=safes)}


def page(
    rows: Rows,
    employer_id: str,
    *,
    status: EmployeeStatus | None,
    after: str,
    count: int,
    now: dt.datetime,
    today: dt.date,
) -> list[EmployeeRecord]:
    """List one employer's employees, by index, in the order of their enrolment."""
    statement = _AFTER if status is None else _IN_STATUS[status]
    found = rows.all(
        statement, employer=employer_id, after=after, count=count, now=now, today=today.isoformat()
    )
    return [_record(row) for row in found]


def on_paper(
    rows: Rows, employer_id: str, on: dt.date, *, after: str, count: int
) -> list[EmployeeRecord]:
    """List whose payslips are paper on a day, today or later."""
    found = rows.all(_ON_PAPER, employer=employer_id, day=on.isoformat(), after=after, count=count)
    return [_record(row) for row in found]


def undelivered(rows: Rows, employer_id: str, *, after: str, count: int) -> list[EmployeeRecord]:
    """List whom letters to the address on record did not reach."""
    return [
        _record(row)
        for row in rows.all(_UNDELIVERED, employer=employer_id, after=after, count=count)
    ]


def found_by(person: Person | None) -> Row:
    """Tell by which addresses somebody invited is found; None: by none."""
    email, phone = (None, None) if person is None else (person.email, person.phone)
    return {
        "email_key": None if email is None else email_key(email),
        "phone_key": None if phone is None else phone_key(phone),
    }


def invited_at(rows: Rows, employers: Sequence[str], key: str) -> list[Row]:
    """Find the rows, still sealed, of whom these employers invited to the address that *key* stands for."""
    is_email = key.startswith("email:")
    column, statement = (_E.email_index, _AT_EMAIL) if is_email else (_E.phone_index, _AT_PHONE)
    return rows.glances(
        statement, found=[rows.index(column, key, scope=employer) for employer in employers]
    )


def ending(
    rows: Rows,
    employer_id: str,
    *,
    until: dt.datetime,
    after: str,
    count: int,
    now: dt.datetime,
    today: dt.date,
) -> list[EmployeeRecord]:
    """List whose invitation ends before *until* and who was not reminded of it."""
    span = {"now": now, "until": until, "today": today.isoformat()}
    found = rows.all(_ENDING, employer=employer_id, after=after, count=count, **span)
    return [_record(row) for row in found]


def headcount(rows: Rows, employer_id: str, *, now: dt.datetime, today: dt.date) -> dict[str, int]:
    """Count one employer's employees by status, those on paper and those out of reach, in one walk of one index."""
    cases: dict[str, tuple[Any, ...]] = {
        str(status): where for status, where in _WITH_STATUS.items()
    }
    cases["on_paper"] = (_E.paper_from <= bindparam("today"),)
    cases["undelivered"] = (_E.undelivered_at.is_not(None),)
    counted = [func.count(case((and_(*where), 1))) for where in cases.values()]
    statement = select(*counted).where(_E.employer_id == bindparam("employer"))
    found = rows.values(statement, employer=employer_id, now=now, today=today.isoformat())
    return dict(zip(cases, map(int, found[0]), strict=True))


def keep(rows: Rows, record_id: str, *, to_change: bool) -> Row | None:
    """Read what a record says in clear, and lock it until the transaction ends; None when it is not there."""
    row = rows.glance(_KEPT[to_change], record=record_id)
    if row is None:
        return None
    days = {name: day(row[name]) for name in ("left_on", "paper_from", "electronic_from")}
    counts = {name: row[name] or 0 for name in ("declarations", "holds")}
    moments = ("invited_until", "joined_at", "undelivered_at")
    return days | counts | {name: row[name] for name in ("safe_id", *moments)}


def keep_all(rows: Rows, ids: Sequence[str]) -> dict[str, bytes]:
    """Lock records until the transaction ends, in the order of ids; give the seal of each that is there."""
    return {row[0]: bytes(row[1]) for row in rows.values(_SEALS_KEPT, ids=list(ids))}


def safe_of(rows: Rows, record_id: str) -> str | None:
    """Tell which safe an employment has now; None when it is not there."""
    row = rows.glance(_ONE, record=record_id)
    return None if row is None else str(row["safe_id"])


def holds(rows: Rows, record_id: str) -> int | None:
    """Tell how many holds an employment has that nobody ended; None when it is not there."""
    row = rows.glance(_ONE, record=record_id)
    return None if row is None else row["holds"] or 0


def mark_closing(rows: Rows, record_id: str, on: dt.date) -> bool:
    """Write down of which closure somebody is told; False when it is no news."""
    row = rows.glance(_KEPT[True], record=record_id)
    if row is None or row["closing_told"] == on.isoformat():
        return False
    return rows.change(EMPLOYEES, record_id, {"closing_told": on.isoformat()}, where={})


def mark(rows: Rows, record_id: str, changes: Row, *, where: Row) -> bool:
    """Change a record while it is as *where* says."""
    return rows.change(EMPLOYEES, record_id, changes, where=where)


def _row(record: EmployeeRecord) -> Row:
    row = attrs.asdict(record, recurse=False) | attrs.asdict(record.person)
    left_on = None if record.left_on is None else record.left_on.isoformat()
    return row | {"sealed_by": record.id, "left_on": left_on}


def _record(row: Row) -> EmployeeRecord:
    return EmployeeRecord(
        id=row["id"],
        employer_id=row["employer_id"],
        safe_id=row["safe_id"],
        matricule=row["matricule"],
        person=Person(**{name: row[name] for name in _PERSON_FIELDS}),
        left_on=day(row["left_on"]),
        invited_until=row["invited_until"],
        joined_at=row["joined_at"],
        paper_from=day(row["paper_from"]),
        electronic_from=day(row["electronic_from"]),
        declarations=row["declarations"] or 0,
        holds=row["holds"] or 0,
        undelivered_at=row["undelivered_at"],
    )


def day(text: str | None) -> dt.date | None:
    """Read a day as it is kept."""
    return None if text is None else dt.date.fromisoformat(text)
