"""
The catalogue's rows.

A page is read by (safe, id), newest first, by index: what it costs grows with her safe at most, never with the vault. Of a
destroyed document its row stays, without its title, so that a payroll's retry still gets its receipt.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import attrs
from sqlalchemy import (
    ColumnElement,
    Index,
    Select,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from mycvault.documents import marks
from mycvault.documents.model import DocumentRecord, Filter, Outline
from mycvault.storage.columns import (
    blind,
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
from mycvault.values.choices import Kind
from mycvault.values.period import Period

DOCUMENTS = table(
    "documents",
    identity(),
    ref("safe_id"),
    ref("employer_id", nullable=True),
    sealed_by(),
    word("kind"),
    word("period", nullable=True),
    sealed("title"),
    sealed("reference", nullable=True),
    blind("reference_index", of="reference", scope="employer_id", unique=True),
    word("media_type"),
    number("size"),
    sealed("sha256"),
    moment("deposited_at", nullable=False),
    moment("available_from"),
    moment("opened_at", loose=True),
    moment("archived_at"),
    moment("discarded_at"),
    word("keep_until", nullable=True),
    word("notes", nullable=True),
    moment("destroyed_at"),
    row_seal(),
    Index("ix_mycvault_documents_safe", "safe_id", "id"),
    Index("ix_mycvault_documents_employer", "employer_id", "id"),
    Index("ix_mycvault_documents_period", "employer_id", "period", "id"),
)
_D = DOCUMENTS.c
# Few rows are in a bin or near the end of a term: these indexes hold those alone.
Index(
    "ix_mycvault_documents_discarded",
    _D.discarded_at,
    sqlite_where=_D.discarded_at.is_not(None),
    postgresql_where=_D.discarded_at.is_not(None),
)
Index(
    "ix_mycvault_documents_term",
    _D.keep_until,
    sqlite_where=_D.keep_until.is_not(None),
    postgresql_where=_D.keep_until.is_not(None),
)

_BY_ID = select(DOCUMENTS).where(_D.id == bindparam("document"))
_COUNT = select(func.count()).select_from(DOCUMENTS).where(_D.employer_id == bindparam("employer"))
_BY_REFERENCE = select(DOCUMENTS).where(_D.reference_index == bindparam("found"))
_BY_INDEXES = select(DOCUMENTS).where(_D.reference_index.in_(bindparam("found", expanding=True)))
_OPENED = (
    update(DOCUMENTS)
    .where(_D.id == bindparam("document"), _D.opened_at.is_(None))
    .values(opened_at=bindparam("at"))
)
_DEPOSITED = (
    select(DOCUMENTS)
    .where(_D.employer_id == bindparam("employer"), _D.id < bindparam("before"))
    .order_by(_D.id.desc())
    .limit(bindparam("count"))
)
_DEPOSITED_FOR = _DEPOSITED.where(_D.safe_id == bindparam("safe"))
_DEPOSITED_OF = _DEPOSITED.where(_D.period == bindparam("period"))
_DEPOSITED_FOR_OF = _DEPOSITED_FOR.where(_D.period == bindparam("period"))
_OF_SAFE = select(DOCUMENTS).where(_D.safe_id == bindparam("safe")).order_by(_D.id)
_IDS_OF = select(_D.id, _D.destroyed_at).where(_D.safe_id == bindparam("safe")).order_by(_D.id)
_TAKEN = (
    select(_D.id)
    .where(_D.safe_id.in_(bindparam("safes", expanding=True)))
    .order_by(_D.id)
    .with_for_update()
)
_ABOVE = (
    select(_D.id)
    .where(_D.destroyed_at.is_(None), _D.id > bindparam("after"))
    .order_by(_D.id)
    .limit(bindparam("count"))
)
_BINNED = _ABOVE.where(_D.discarded_at <= bindparam("until"))
_PAST_TERM = _ABOVE.where(_D.keep_until < bindparam("today"))
_NOT_YET = select(_D.id).where(
    _D.safe_id.in_(bindparam("safes", expanding=True)), _D.available_from > bindparam("now")
)
_DATED = select(_D.period, _D.deposited_at)
_EXTENT = select(func.count(), func.max(_D.id)).select_from(DOCUMENTS)
_FORGET = delete(DOCUMENTS).where(_D.id == bindparam("document"))
_DOCUMENTRECORD_FIELDS = tuple(field.name for field in attrs.fields(DocumentRecord))
_OUTLINE_FIELDS = tuple(field.name for field in attrs.fields(Outline))


def add(rows: Rows, record: DocumentRecord) -> bool:
    """Write a new document; False when its employer has the reference already."""
    return rows.insert_new(DOCUMENTS, _row(record))


def add_all(rows: Rows, records: Sequence[DocumentRecord]) -> bool:
    """Write new documents; False when their employer has one of the references already."""
    return rows.insert_all_new(DOCUMENTS, map(_row, records))


def by_id(rows: Rows, document_id: str, safes: Sequence[str]) -> DocumentRecord | None:
    """Find a document of one of these safes; nobody else's is unsealed."""
    row = rows.glance(_BY_ID, document=document_id)
    if row is None or row["safe_id"] not in safes:
        return None
    return _record(rows.opened(DOCUMENTS, row))


def outline(rows: Rows, document_id: str) -> Outline | None:
    """Find what a document's row says in clear; None when it is not there."""
    row = rows.glance(_BY_ID, document=document_id)
    return None if row is None else _outline(row)


def deposits_made(rows: Rows, employer_id: str) -> int:
    """Count an employer's deposits, by index."""
    return int(rows.values(_COUNT, employer=employer_id)[0][0])


def reference_index(rows: Rows, employer_id: str, reference: str) -> bytes:
    """Compute by what an employer's reference is found."""
    return rows.index(_D.reference_index, reference, scope=employer_id)


def by_indexes(rows: Rows, indexes: list[bytes]) -> list[DocumentRecord]:
    """Find deposits by what their references are found by."""
    return [_record(row) for row in rows.all(_BY_INDEXES, found=indexes)]


def by_reference(rows: Rows, employer_id: str, reference: str) -> DocumentRecord | None:
    """Find an employer's deposit by its reference."""
    row = rows.one(_BY_REFERENCE, found=reference_index(rows, employer_id, reference))
    return None if row is None else _record(row)


def page(
    rows: Rows, wanted: Filter, account_id: str, *, before: str, count: int
) -> list[DocumentRecord]:
    """List documents, newest first, ids below *before*."""
    statement = _matching(rows, wanted, account_id, select(DOCUMENTS)).where(_D.id < before)
    return [_record(row) for row in rows.all(statement.order_by(_D.id.desc()).limit(count))]


def count(rows: Rows, wanted: Filter, account_id: str) -> int:
    """Count documents."""
    counted = select(func.count()).select_from(DOCUMENTS)
    return int(rows.values(_matching(rows, wanted, account_id, counted))[0][0])


def deposited(
    rows: Rows,
    employer_id: str,
    *,
    safe_id: str | None,
    period: Period | None,
    before: str,
    count: int,
) -> list[DocumentRecord]:
    """List an employer's deposits, for one safe or month if named, newest first, ids below *before*."""
    if safe_id is None:
        statement = _DEPOSITED if period is None else _DEPOSITED_OF
    else:
        statement = _DEPOSITED_FOR if period is None else _DEPOSITED_FOR_OF
    asked = {"employer": employer_id, "safe": safe_id, "period": str(period)}
    return [_record(row) for row in rows.all(statement, before=before, count=count, **asked)]


def change(rows: Rows, document_id: str, changes: Row) -> bool:
    """Change how a document is filed; False when it is gone."""
    return rows.change(DOCUMENTS, document_id, changes, where={"destroyed_at": None})


def destroy(rows: Rows, document_id: str, at: dt.datetime, *, where: Row) -> bool:
    """Leave of a document its row alone, without a title; False when it was destroyed before, or is not as *where* says."""
    gone = {"destroyed_at": at, "title": ""}
    if not rows.change(DOCUMENTS, document_id, gone, where={"destroyed_at": None, **where}):
        return False
    marks.forget(rows, document_id)
    return True


def forget(rows: Rows, document_id: str) -> bool:
    """Take a document out of the catalogue, its reference free again; False when it was not there."""
    # The document before its marks, as whoever destroys one does: two acts in other orders would wait for each other.
    was_there = rows.execute(_FORGET, document=document_id) == 1
    marks.forget(rows, document_id)
    return was_there


def reseal(rows: Rows, record: DocumentRecord, key_id: str, **changes: Any) -> None:
    """Seal a document's fields under another key, as *changes* besides."""
    sealed = {"title": record.title, "sha256": record.sha256, "reference": record.reference}
    rows.change(DOCUMENTS, record.id, {"sealed_by": key_id, **sealed, **changes}, where={})


def of_safe(rows: Rows, safe_id: str) -> list[DocumentRecord]:
    """List everything in one safe, oldest first."""
    return [_record(row) for row in rows.all(_OF_SAFE, safe=safe_id)]


def ids_of(rows: Rows, place: str) -> dict[str, bool]:
    """List everything in one place, and whether it was destroyed before; nothing is proved."""
    return {row[0]: row[1] is not None for row in rows.values(_IDS_OF, safe=place)}


def take_all(rows: Rows, places: Sequence[str]) -> None:
    """Lock everything in these places, in the order of ids."""
    rows.values(_TAKEN, safes=list(places))


def binned(rows: Rows, *, until: dt.datetime, after: str, count: int) -> list[str]:
    """List what lies in a bin since *until* or before, by index, ids above *after*; each row is proved when it is looked at."""
    return [row[0] for row in rows.values(_BINNED, until=until, after=after, count=count)]


def past_term(rows: Rows, *, today: dt.date, after: str, count: int) -> list[str]:
    """List what needs no longer be kept, by index, ids above *after*; each row is proved when it is looked at."""
    day = today.isoformat()
    return [row[0] for row in rows.values(_PAST_TERM, today=day, after=after, count=count)]


def dated(rows: Rows, safes: Sequence[str], now: dt.datetime) -> list[tuple[str | None, Any]]:
    """List the months of all that is in these safes; what has none by the moment of its deposit."""
    return [(row[0], row[1]) for row in rows.values(_DATED.where(*_visible(safes, now)).distinct())]


def extent(rows: Rows, safes: Sequence[str], now: dt.datetime) -> tuple[int, str]:
    """Count all that is in these safes, and tell the newest id among it; empty when there is nothing."""
    found, newest = rows.values(_EXTENT.where(*_visible(safes, now)))[0]
    return int(found), newest or ""


def ids_between(
    rows: Rows, safes: Sequence[str], now: dt.datetime, *, after: str, until: str, count: int
) -> list[str]:
    """List the ids of what is in these safes, oldest first, above *after*, up to *until*."""
    wanted = (*_visible(safes, now), _D.id > after, _D.id <= until)
    listed = select(_D.id).where(*wanted).order_by(_D.id).limit(count)
    return [row[0] for row in rows.values(listed)]


def not_yet(rows: Rows, safes: Sequence[str], now: dt.datetime) -> list[str]:
    """List the ids of what lies in these safes and is shown from a later moment on."""
    return [row[0] for row in rows.values(_NOT_YET, safes=list(safes), now=now)]


def mark_opened(rows: Rows, document_id: str, at: dt.datetime) -> None:
    """Write down the first time a document was opened."""
    rows.execute(_OPENED, document=document_id, at=at)


def _matching(rows: Rows, wanted: Filter, account_id: str, statement: Select[Any]) -> Select[Any]:
    statement = statement.where(*_visible(wanted.safes, wanted.now))
    statement = statement.where(
        _D.discarded_at.is_not(None) if wanted.binned else _D.discarded_at.is_(None)
    )
    if not wanted.binned:
        filed = _D.archived_at.is_not(None) if wanted.archived else _D.archived_at.is_(None)
        statement = statement.where(filed)
    if wanted.kind is not None:
        statement = statement.where(_D.kind == wanted.kind)
    if wanted.period is not None:
        statement = statement.where(_D.period == str(wanted.period))
    if wanted.year is not None and wanted.year_span is not None:
        begin, end = wanted.year_span
        of_month = _D.period.between(f"{wanted.year:04d}-01", f"{wanted.year:04d}-12")
        deposited = and_(_D.period.is_(None), _D.deposited_at >= begin, _D.deposited_at < end)
        statement = statement.where(or_(of_month, deposited))
    if wanted.employer_id is not None:
        statement = statement.where(_D.employer_id == wanted.employer_id)
    if wanted.unopened:
        statement = statement.where(_D.opened_at.is_(None))
    if wanted.label is not None:
        statement = statement.where(marks.labelled(rows, _D.id, account_id, wanted.label))
    return statement


def _visible(safes: Collection[str], now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    available = or_(_D.available_from.is_(None), _D.available_from <= now)
    return (_D.safe_id.in_(safes), available, _D.destroyed_at.is_(None))


def _row(record: DocumentRecord) -> Row:
    row: Row = {name: getattr(record, name) for name in _DOCUMENTRECORD_FIELDS}
    row["sealed_by"] = record.safe_id
    row["period"] = record.period and str(record.period)
    row["keep_until"] = None if record.keep_until is None else record.keep_until.isoformat()
    row["notes"] = " ".join(sorted(record.notes)) or None
    return row


def _record(row: Row) -> DocumentRecord:
    values = {name: row[name] for name in _DOCUMENTRECORD_FIELDS}
    values["kind"] = Kind(row["kind"])
    values["period"] = Period.parse(row["period"])
    values["keep_until"] = row["keep_until"] and dt.date.fromisoformat(row["keep_until"])
    values["notes"] = frozenset((row["notes"] or "").split())
    return DocumentRecord(**values)


def _outline(row: Row) -> Outline:
    values = {name: row[name] for name in _OUTLINE_FIELDS}
    return Outline(
        **values
        | {
            "kind": Kind(row["kind"]),
            "keep_until": row["keep_until"] and dt.date.fromisoformat(row["keep_until"]),
        }
    )
