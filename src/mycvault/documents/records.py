"""
The catalogue's rows, and the labels she puts on documents.

A page is read by (safe, id), newest first, by index: what it costs grows with her safe at most, never with the vault.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import (
    Index,
    Select,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)

from mycvault.documents.model import DocumentRecord, Filter
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
    row_seal(),
    Index("ix_mycvault_documents_safe", "safe_id", "id"),
    Index("ix_mycvault_documents_employer", "employer_id", "id"),
    Index("ix_mycvault_documents_period", "employer_id", "period", "id"),
)
LABELS = table(
    "labels",
    identity(),
    ref("document_id"),
    ref("account_id", index=True),
    sealed_by(),
    sealed("name"),
    blind("name_index", of="name_key", scope="account_id"),
    row_seal(),
    UniqueConstraint("document_id", "name_index"),
)
_D, _L = DOCUMENTS.c, LABELS.c

_BY_ID = select(DOCUMENTS).where(_D.id == bindparam("document"))
_BY_REFERENCE = select(DOCUMENTS).where(_D.reference_index == bindparam("found"))
_LABELS_OF = (
    select(LABELS).where(_L.document_id.in_(bindparam("documents", expanding=True))).order_by(_L.id)
)
_LABELS_BY = select(LABELS).where(_L.account_id == bindparam("account")).order_by(_L.id)
_UNLABEL = delete(LABELS).where(
    _L.document_id == bindparam("document"), _L.name_index == bindparam("found")
)
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
_DOCUMENTRECORD_FIELDS = tuple(field.name for field in attrs.fields(DocumentRecord))


def add(rows: Rows, record: DocumentRecord) -> bool:
    """Write a new document; False when its employer has the reference already."""
    row: dict[str, Any] = attrs.asdict(record, recurse=False) | {"sealed_by": record.safe_id}
    row["period"] = None if record.period is None else str(record.period)
    return rows.insert_new(DOCUMENTS, row)


def by_id(rows: Rows, document_id: str, safes: Sequence[str]) -> DocumentRecord | None:
    """Find a document of one of these safes; nobody else's is unsealed."""
    row = rows.glance(_BY_ID, document=document_id)
    if row is None or row["safe_id"] not in safes:
        return None
    return _record(rows.opened(DOCUMENTS, row))


def by_reference(rows: Rows, employer_id: str, reference: str) -> DocumentRecord | None:
    """Find an employer's deposit by its reference."""
    row = rows.one(
        _BY_REFERENCE, found=rows.index(_D.reference_index, reference, scope=employer_id)
    )
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
    found = rows.all(
        statement,
        employer=employer_id,
        safe=safe_id,
        period=str(period),
        before=before,
        count=count,
    )
    return [_record(row) for row in found]


def change(rows: Rows, document_id: str, changes: Row) -> bool:
    """Change how a document is filed."""
    return rows.change(DOCUMENTS, document_id, changes, where={})


def mark_opened(rows: Rows, document_id: str, at: dt.datetime) -> None:
    """Write down the first time a document was opened."""
    rows.execute(_OPENED, document=document_id, at=at)


def label(
    rows: Rows, label_id: str, *, document_id: str, account_id: str, name: str, key: str
) -> bool:
    """Put a label on a document; False when it is there already."""
    row = {
        "id": label_id,
        "document_id": document_id,
        "account_id": account_id,
        "sealed_by": account_id,
    }
    return rows.insert_new(LABELS, row | {"name": name, "name_key": key})


def unlabel(rows: Rows, *, document_id: str, account_id: str, key: str) -> None:
    """Take a label off a document."""
    rows.execute(_UNLABEL, document=document_id, found=_label_index(rows, account_id, key))


def labels_of(rows: Rows, documents: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Read the labels of several documents."""
    found: dict[str, set[str]] = {document: set() for document in documents}
    for row in rows.all(_LABELS_OF, documents=list(documents)):
        found[row["document_id"]].add(row["name"])
    return {document: frozenset(names) for document, names in found.items()}


def labels_by(rows: Rows, account_id: str) -> list[str]:
    """List the labels somebody uses, each once."""
    return sorted({row["name"] for row in rows.all(_LABELS_BY, account=account_id)})


def _matching(rows: Rows, wanted: Filter, account_id: str, statement: Select[Any]) -> Select[Any]:
    available = _D.available_from.is_(None) | (_D.available_from <= wanted.now)
    statement = statement.where(_D.safe_id.in_(wanted.safes), available)
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
    if wanted.unopened:
        statement = statement.where(_D.opened_at.is_(None))
    if wanted.label is not None:
        index = _label_index(rows, account_id, wanted.label)
        labelled = exists().where(_L.document_id == _D.id, _L.name_index == index)
        statement = statement.where(labelled)
    return statement


def _label_index(rows: Rows, account_id: str, key: str) -> bytes:
    return rows.index(_L.name_index, key, scope=account_id)


def _record(row: Row) -> DocumentRecord:
    values = {name: row[name] for name in _DOCUMENTRECORD_FIELDS}
    values["kind"] = Kind(row["kind"])
    values["period"] = Period.parse(row["period"])
    return DocumentRecord(**values)
