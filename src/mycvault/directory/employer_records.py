"""
An employer's own row: its name and reference are sealed under the vault's key for employers, so that no key provider is asked.
"""

import datetime as dt

import attrs
from sqlalchemy import bindparam, select

from mycvault.directory.model import EmployerRecord
from mycvault.policy import PortalUrls, Retention
from mycvault.storage.columns import (
    blind,
    identity,
    moment,
    row_seal,
    sealed,
    sealed_by,
    table,
    word,
)
from mycvault.storage.rows import Row, Rows

EMPLOYERS = table(
    "employers",
    identity(),
    sealed_by(),
    sealed("reference"),
    blind("reference_index", of="reference", unique=True),
    sealed("name"),
    sealed("siren", nullable=True),
    sealed("urls", "json", nullable=True),
    sealed("retention", "json", nullable=True),
    word("closes_on", nullable=True),
    moment("created_at", nullable=False),
    row_seal(),
)

_BY_REFERENCE = select(EMPLOYERS).where(EMPLOYERS.c.reference_index == bindparam("found"))
_BY_IDS = select(EMPLOYERS).where(EMPLOYERS.c.id.in_(bindparam("ids", expanding=True)))
_AFTER = (
    select(EMPLOYERS)
    .where(EMPLOYERS.c.id > bindparam("after"))
    .order_by(EMPLOYERS.c.id)
    .limit(bindparam("count"))
)

_IDS_AFTER = (
    select(EMPLOYERS.c.id)
    .where(EMPLOYERS.c.id > bindparam("after"))
    .order_by(EMPLOYERS.c.id)
    .limit(bindparam("count"))
)


def add(rows: Rows, employer: EmployerRecord) -> bool:
    """Write a new employer; False when the reference is taken."""
    row = attrs.asdict(employer, recurse=False) | {"sealed_by": "employers"}
    row["urls"] = None if employer.urls is None else attrs.asdict(employer.urls)
    row["retention"] = None if employer.retention is None else attrs.asdict(employer.retention)
    return rows.insert_new(EMPLOYERS, row)


def by_reference(rows: Rows, reference: str) -> EmployerRecord | None:
    """Find an employer by the host's name for it."""
    row = rows.one(_BY_REFERENCE, found=rows.index(EMPLOYERS.c.reference_index, reference))
    return None if row is None else _employer(row)


def by_ids(rows: Rows, ids: list[str]) -> dict[str, EmployerRecord]:
    """Find several employers."""
    return {row["id"]: _employer(row) for row in rows.all(_BY_IDS, ids=ids)}


def after(rows: Rows, last: str, count: int) -> list[EmployerRecord]:
    """List employers in the order of their making."""
    return [_employer(row) for row in rows.all(_AFTER, after=last, count=count)]


def ids_after(rows: Rows, last: str, count: int) -> list[str]:
    """List employers' ids in the order of their making; nothing is proved."""
    return [row[0] for row in rows.values(_IDS_AFTER, after=last, count=count)]


def amend(rows: Rows, employer_id: str, changes: Row) -> bool:
    """Change an employer's own fields."""
    return rows.change(EMPLOYERS, employer_id, changes, where={})


def _employer(row: Row) -> EmployerRecord:
    urls, retention = row["urls"], row["retention"]
    return EmployerRecord(
        id=row["id"],
        reference=row["reference"],
        name=row["name"],
        siren=row["siren"],
        urls=None if urls is None else PortalUrls(**urls),
        created_at=row["created_at"],
        retention=None if retention is None else Retention(**retention),
        closes_on=None if row["closes_on"] is None else dt.date.fromisoformat(row["closes_on"]),
    )
