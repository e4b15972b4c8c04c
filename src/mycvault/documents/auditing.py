"""
The catalogue as a check walks through it: everything that stands, whosesoever it is, in the order of ids.

What a listing names is not proved; each document is, when it is read.
"""

from collections.abc import Collection

import attrs
from sqlalchemy import bindparam, func, select

from mycvault.act import Look
from mycvault.documents import records
from mycvault.documents.model import DocumentRecord
from mycvault.documents.records import DOCUMENTS

_D = DOCUMENTS.c
_STANDS = _D.destroyed_at.is_(None)
_SOME = (
    select(_D.id, _D.employer_id)
    .where(_STANDS, _D.id > bindparam("after"), _D.id <= bindparam("until"))
    .order_by(_D.id)
    .limit(bindparam("count"))
)
_EXTENT = select(func.count(), func.max(_D.id)).where(_STANDS)
_STANDING = select(_D.id, _D.employer_id).where(
    _STANDS, _D.id.in_(bindparam("documents", expanding=True))
)
_BY_ID = select(DOCUMENTS).where(_D.id == bindparam("document"))


@attrs.frozen(kw_only=True)
class Audited:
    """A document that stands, and the key its own sealed row is under: its safe's, or a hold's."""

    record: DocumentRecord
    key_of: str


def extent(look: Look) -> tuple[int, str]:
    """Count what stands, and tell the newest id; empty when there is nothing."""
    found, newest = look.rows.values(_EXTENT)[0]
    return int(found), newest or ""


def some(look: Look, *, after: str, until: str, count: int) -> dict[str, str | None]:
    """List ids above *after*, up to *until*, each with its employer's."""
    found = look.rows.values(_SOME, after=after, until=until, count=count)
    return {row[0]: row[1] for row in found}


def standing(look: Look, ids: Collection[str]) -> dict[str, str | None]:
    """Tell which of *ids* are documents that stand, each with its employer's."""
    return {row[0]: row[1] for row in look.rows.values(_STANDING, documents=list(ids))}


def read(look: Look, document_id: str) -> Audited | None:
    """Read a document; None when it is gone or destroyed. RecordDamaged."""
    row = look.rows.glance(_BY_ID, document=document_id)
    if row is None or row["destroyed_at"] is not None:
        return None
    record = records.by_id(look.rows, document_id, [row["safe_id"]])
    return None if record is None else Audited(record=record, key_of=row["sealed_by"])
