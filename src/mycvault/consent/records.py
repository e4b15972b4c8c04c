"""The terms' rows, sealed so that a text cannot be exchanged after the fact, and the acceptances, only ever added to."""

from typing import Any

import attrs
from sqlalchemy import Column as _Column
from sqlalchemy import Index, Text, UniqueConstraint, bindparam, func, select

from mycvault.consent.model import Acceptance
from mycvault.errors import Terms
from mycvault.storage.columns import identity, moment, ref, row_seal, sealed, sealed_by, table, word
from mycvault.storage.rows import Row, Rows

TERMS = table(
    "terms",
    identity(),
    word("version"),
    word("locale"),
    word("sha256"),
    _Column("text", Text, nullable=False),
    moment("published_at", nullable=False, index=True),
    row_seal(),
    UniqueConstraint("version", "locale"),
)
ACCEPTANCES = table(
    "acceptances",
    identity(),
    ref("account_id"),
    word("version"),
    word("locale"),
    word("sha256"),
    moment("accepted_at", nullable=False),
    sealed_by(),
    sealed("client", "json"),
    row_seal(),
    Index("ix_mycvault_acceptances_account", "account_id", "version"),
    Index("ix_mycvault_acceptances_version", "version", "id"),
)

# A version is as old as its first text: translating an earlier one does not make it current again.
_NEWEST = (
    select(TERMS.c.version)
    .group_by(TERMS.c.version)
    .order_by(func.min(TERMS.c.published_at).desc(), func.min(TERMS.c.id).desc())
    .limit(1)
)
_OF_VERSION = select(TERMS).where(TERMS.c.version == bindparam("version")).order_by(TERMS.c.id)
_ACCEPTED = select(ACCEPTANCES).where(
    ACCEPTANCES.c.account_id == bindparam("account"), ACCEPTANCES.c.version == bindparam("version")
)
_ALL = (
    select(ACCEPTANCES)
    .where(ACCEPTANCES.c.id > bindparam("after"))
    .order_by(ACCEPTANCES.c.id)
    .limit(bindparam("count"))
)
_ALL_OF = _ALL.where(ACCEPTANCES.c.version == bindparam("version"))
_FIELDS = tuple(field.name for field in attrs.fields(Acceptance))


def publish(rows: Rows, terms_id: str, terms: Terms) -> bool:
    """Write a text of terms; False when this version has one in this language."""
    return rows.insert_new(TERMS, attrs.asdict(terms) | {"id": terms_id})


def newest(rows: Rows) -> str | None:
    """Name the version that was published last; its texts, once read, prove themselves."""
    found = rows.values(_NEWEST)
    return str(found[0][0]) if found else None


def of_version(rows: Rows, version: str) -> list[Terms]:
    """List one version's texts, in the order of their publication."""
    return [_terms(row) for row in rows.all(_OF_VERSION, version=version)]


def accept(rows: Rows, acceptance_id: str, acceptance: Acceptance, client: dict[str, str]) -> None:
    """Write an acceptance."""
    row: dict[str, Any] = attrs.asdict(acceptance) | {"id": acceptance_id, "client": client}
    rows.insert(ACCEPTANCES, row | {"sealed_by": acceptance.account_id})


def has_accepted(rows: Rows, account_id: str, version: str) -> bool:
    """Tell whether an account accepted a version, in any language."""
    return bool(rows.all(_ACCEPTED, account=account_id, version=version))


def acceptances(
    rows: Rows, *, version: str | None, after: str, count: int
) -> list[tuple[str, Acceptance]]:
    """List acceptances by id, those of one version if named, what is known of the client left sealed."""
    statement = _ALL if version is None else _ALL_OF
    found = rows.glances(statement, version=version, after=after, count=count)
    return [(row["id"], Acceptance(**{name: row[name] for name in _FIELDS})) for row in found]


def _terms(row: Row) -> Terms:
    return Terms(**{field.name: row[field.name] for field in attrs.fields(Terms)})
