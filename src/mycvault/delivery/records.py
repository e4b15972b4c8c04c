"""The declarations' rows: only ever added to. What they say is sealed under the employee record's key, the employer's side."""

from collections.abc import Collection
from typing import Any

import attrs
from sqlalchemy import Index, bindparam, select

from mycvault.delivery.model import Declaration, Evidence, What
from mycvault.storage.columns import (
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

DECLARATIONS = table(
    "declarations",
    identity(),
    ref("record_id"),
    ref("employer_id"),
    number("ordinal"),
    word("what"),
    sealed_by(),
    sealed("on", "date"),
    sealed("effective_on", "date", nullable=True),
    sealed("latest_effective_on", "date", nullable=True),
    sealed("means"),
    word("by"),
    ref("link_id", nullable=True),
    ref("evidence", nullable=True),
    sealed("evidence_sha256", nullable=True),
    sealed("receipt"),
    moment("recorded_at", nullable=False),
    row_seal(),
    Index("ix_mycvault_declarations_record", "record_id", "id"),
    Index("ix_mycvault_declarations_employer", "employer_id", "what", "record_id"),
)
_D = DECLARATIONS.c
# Few declarations have a file: this index holds those alone.
Index(
    "ix_mycvault_declarations_evidence",
    _D.evidence,
    sqlite_where=_D.evidence.is_not(None),
    postgresql_where=_D.evidence.is_not(None),
)

_OF_ONE = select(DECLARATIONS).where(_D.record_id == bindparam("record")).order_by(_D.id)
_WHO = (
    select(_D.record_id)
    .where(
        _D.employer_id == bindparam("employer"),
        _D.what == bindparam("what"),
        _D.record_id > bindparam("after"),
    )
    .distinct()
    .order_by(_D.record_id)
    .limit(bindparam("count"))
)


_PROVING = select(_D.evidence, _D.employer_id).where(
    _D.evidence.in_(bindparam("contents", expanding=True))
)
_BY_EVIDENCE = select(DECLARATIONS).where(_D.evidence == bindparam("content"))


def add(rows: Rows, employer_id: str, declaration: Declaration) -> None:
    """Write a declaration."""
    row: dict[str, Any] = attrs.asdict(declaration, recurse=False)
    proof = row.pop("evidence")
    row["evidence"] = None if proof is None else proof.content_id
    row["evidence_sha256"] = None if proof is None else proof.sha256
    rows.insert(DECLARATIONS, row | {"employer_id": employer_id, "sealed_by": row["record_id"]})


def of_record(rows: Rows, record_id: str) -> list[Declaration]:
    """List one employee's declarations, as they were written down."""
    return [_declaration(row) for row in rows.all(_OF_ONE, record=record_id)]


def proving(rows: Rows, content_ids: Collection[str]) -> dict[str, str]:
    """Tell which of these contents prove a declaration, each with its employer's id; nothing is proved."""
    return {row[0]: row[1] for row in rows.values(_PROVING, contents=list(content_ids))}


def proved_by(rows: Rows, content_id: str) -> tuple[Declaration, str] | None:
    """Find the declaration that a content proves, and its employer's id."""
    row = rows.one(_BY_EVIDENCE, content=content_id)
    return None if row is None else (_declaration(row), row["employer_id"])


def who(rows: Rows, employer_id: str, what: What, *, after: str, count: int) -> list[str]:
    """List the records of one employer that have a declaration of this kind, in the order of their ids."""
    found = rows.values(_WHO, employer=employer_id, what=what, after=after, count=count)
    return [str(row[0]) for row in found]


def _declaration(row: Row) -> Declaration:
    proof = None
    if row["evidence"] is not None:
        proof = Evidence(content_id=row["evidence"], sha256=row["evidence_sha256"])
    return Declaration(
        id=row["id"],
        record_id=row["record_id"],
        ordinal=row["ordinal"],
        what=What(row["what"]),
        on=row["on"],
        means=row["means"],
        by=row["by"],
        receipt=row["receipt"],
        recorded_at=row["recorded_at"],
        effective_on=row["effective_on"],
        latest_effective_on=row["latest_effective_on"],
        link_id=row["link_id"],
        evidence=proof,
    )
