"""
What is marked on documents: which one corrects which, and the labels she puts on them.

Both are rows beside the catalogue's, sealed so that nobody who writes the database without keys moves a mark elsewhere.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    or_,
    select,
)

from mycvault.documents.model import DocumentRecord
from mycvault.storage.columns import (
    blind,
    identity,
    moment,
    ref,
    row_seal,
    sealed,
    sealed_by,
    table,
)
from mycvault.storage.rows import Rows

CORRECTIONS = table(
    "corrections",
    identity(),
    ref("document_id", index=True),
    ref("corrected_id", index=True),
    moment("available_from"),
    row_seal(),
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
_L, _C = LABELS.c, CORRECTIONS.c

_LABELS_OF = (
    select(LABELS).where(_L.document_id.in_(bindparam("documents", expanding=True))).order_by(_L.id)
)
_LABELS_BY = select(LABELS).where(_L.account_id == bindparam("account")).order_by(_L.id)
_UNLABEL = delete(LABELS).where(
    _L.document_id == bindparam("document"), _L.name_index == bindparam("found")
)
_IN_ORDER = select(CORRECTIONS).order_by(_C.id)
_CORRECTIONS_BY = _IN_ORDER.where(_C.document_id.in_(bindparam("documents", expanding=True)))
_CORRECTIONS_OF = _IN_ORDER.where(
    _C.corrected_id.in_(bindparam("documents", expanding=True)),
    or_(_C.available_from.is_(None), _C.available_from <= bindparam("now")),
)
_FORGET_LABELS = delete(LABELS).where(_L.document_id == bindparam("document"))
_FORGET_CORRECTIONS = delete(CORRECTIONS).where(
    or_(_C.document_id == bindparam("document"), _C.corrected_id == bindparam("document"))
)


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


def correct(rows: Rows, correction_id: str, *, by: DocumentRecord, corrected: str) -> None:
    """Write down that one document corrects another."""
    row = {"id": correction_id, "document_id": by.id, "corrected_id": corrected}
    rows.insert(CORRECTIONS, row | {"available_from": by.available_from})


def corrections(
    rows: Rows, documents: Sequence[str], now: dt.datetime
) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
    """Tell what these documents correct, and what corrects them so far, by document."""
    wanted = list(documents)
    corrects: dict[str, list[str]] = {}
    corrected: dict[str, list[str]] = {}
    for row in rows.all(_CORRECTIONS_BY, documents=wanted):
        corrects.setdefault(row["document_id"], []).append(row["corrected_id"])
    for row in rows.all(_CORRECTIONS_OF, documents=wanted, now=now):
        corrected.setdefault(row["corrected_id"], []).append(row["document_id"])
    return corrects, corrected


def forget(rows: Rows, document_id: str) -> None:
    """Take every mark off a document, and off others what it marks on them."""
    rows.execute(_FORGET_LABELS, document=document_id)
    rows.execute(_FORGET_CORRECTIONS, document=document_id)


def labelled(
    rows: Rows, document: ColumnElement[Any], account_id: str, key: str
) -> ColumnElement[bool]:
    """Ask, in a query over documents, for those that bear somebody's label."""
    index = _label_index(rows, account_id, key)
    return exists().where(_L.document_id == document, _L.name_index == index)


def _label_index(rows: Rows, account_id: str, key: str) -> bytes:
    return rows.index(_L.name_index, key, scope=account_id)
