"""
Acts of support that wait: what, for whom, from when, under a seal.

Whoever writes the database without keys brings none forward and starts none again that she stopped; deleting one only stops it.
"""

import datetime as dt

import attrs
from sqlalchemy import Index, bindparam, delete, select

from mycvault.storage.columns import (
    identity,
    moment,
    ref,
    row_seal,
    sealed,
    sealed_by,
    table,
    word,
)
from mycvault.storage.rows import Row, Rows
from mycvault.support.model import Intervention, What

INTERVENTIONS = table(
    "interventions",
    identity(),
    ref("account_id", index=True),
    word("what"),
    sealed_by(),
    sealed("address"),
    moment("asked_at", nullable=False),
    moment("effective_at", nullable=False),
    moment("stopped_at"),
    moment("done_at"),
    row_seal(),
)
_I = INTERVENTIONS.c
_IS_OPEN = _I.stopped_at.is_(None) & _I.done_at.is_(None)
Index(
    "ix_mycvault_interventions_open",
    _I.effective_at,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)

_OPEN_OF = (
    select(INTERVENTIONS).where(_IS_OPEN, _I.account_id == bindparam("account")).order_by(_I.id)
)
_ONE = select(INTERVENTIONS).where(_I.id == bindparam("intervention"))
_DUE = (
    select(_I.account_id)
    .distinct()
    .where(_IS_OPEN, _I.effective_at <= bindparam("now"), _I.account_id > bindparam("after"))
    .order_by(_I.account_id)
    .limit(bindparam("count"))
)
_FORGET = delete(INTERVENTIONS).where(_I.account_id == bindparam("account"))
_FIELDS = tuple(field.name for field in attrs.fields(Intervention))
_STILL_OPEN = {"stopped_at": None, "done_at": None}


def add(rows: Rows, intervention: Intervention) -> None:
    """Write an act of support."""
    rows.insert(INTERVENTIONS, attrs.asdict(intervention) | {"sealed_by": intervention.account_id})


def open_of(rows: Rows, account_id: str) -> list[Intervention]:
    """List an account's acts of support that were neither stopped nor done, oldest first."""
    return [_intervention(row) for row in rows.all(_OPEN_OF, account=account_id)]


def find(rows: Rows, intervention_id: str) -> Intervention | None:
    """Find an act of support."""
    row = rows.one(_ONE, intervention=intervention_id)
    return None if row is None else _intervention(row)


def due(rows: Rows, *, now: dt.datetime, after: str, count: int) -> list[str]:
    """List accounts for which an act of support is due, ids above *after*; nothing is proved."""
    return [row[0] for row in rows.values(_DUE, now=now, after=after, count=count)]


def end(rows: Rows, intervention_id: str, **ended: dt.datetime) -> bool:
    """Write down that one was stopped or done; False when it was before."""
    return rows.change(INTERVENTIONS, intervention_id, ended, where=_STILL_OPEN)


def forget(rows: Rows, account_id: str) -> None:
    """Delete every act of support of an account."""
    rows.execute(_FORGET, account=account_id)


def _intervention(row: Row) -> Intervention:
    values = {name: row[name] for name in _FIELDS}
    return Intervention(**values | {"what": What(row["what"])})
