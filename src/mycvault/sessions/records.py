"""The sessions' rows: a digest of the token, what gives authority under a seal, the device under her key."""

import datetime as dt
from typing import Any

import attrs
from sqlalchemy import bindparam, select

from mycvault.sessions.model import SessionRecord
from mycvault.storage.columns import (
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
from mycvault.values.choices import Assurance

SESSIONS = table(
    "sessions",
    identity(),
    digest("secret", unique=True),
    ref("account_id", index=True),
    number("assurance"),
    moment("started_at", nullable=False),
    moment("last_used_at", nullable=False),
    moment("expires_at", nullable=False, index=True),
    moment("fresh_until", nullable=False),
    word("terms_pending", nullable=True),
    moment("ended_at"),
    word("limited_to", nullable=True),
    sealed_by(),
    sealed("device", "json", nullable=True),
    row_seal(),
)

_BY_SECRET = select(SESSIONS).where(SESSIONS.c.secret == bindparam("digest"))
_BY_ID = select(SESSIONS).where(SESSIONS.c.id == bindparam("session"))
_OPEN_OF = (
    select(SESSIONS)
    .where(SESSIONS.c.account_id == bindparam("account"), SESSIONS.c.ended_at.is_(None))
    .order_by(SESSIONS.c.id)
)
_SESSIONRECORD_FIELDS = tuple(field.name for field in attrs.fields(SessionRecord))


def add(rows: Rows, session: SessionRecord, *, secret: bytes, device: dict[str, str]) -> None:
    """Write a new session under the digest of its token."""
    row: dict[str, Any] = attrs.asdict(session) | {"assurance": session.assurance.value}
    rows.insert(
        SESSIONS, row | {"secret": secret, "sealed_by": session.account_id, "device": device}
    )


def by_secret(rows: Rows, digest: bytes) -> SessionRecord | None:
    """Find a session by the digest of its token."""
    row = rows.glance(_BY_SECRET, digest=digest)
    return None if row is None else _session(row)


def by_id(rows: Rows, session_id: str) -> SessionRecord | None:
    """Find a session by its id."""
    row = rows.glance(_BY_ID, session=session_id)
    return None if row is None else _session(row)


def open_of(rows: Rows, account_id: str) -> list[str]:
    """List the sessions of an account that nobody ended, oldest first."""
    return [row["id"] for row in rows.glances(_OPEN_OF, account=account_id)]


def devices_of(rows: Rows, account_id: str) -> list[tuple[SessionRecord, dict[str, str]]]:
    """List the sessions of an account that nobody ended, oldest first, each with what it was opened from."""
    found = rows.all(_OPEN_OF, account=account_id)
    return [(_session(row), row["device"] or {}) for row in found]


def change(rows: Rows, session_id: str, **changes: Any) -> bool:
    """Change a session that has not ended."""
    return rows.change(SESSIONS, session_id, changes, where={"ended_at": None})


def raise_assurance(rows: Rows, session: SessionRecord, changes: dict[str, Any]) -> bool:
    """Change a session that has not ended, and is as sure as *session* says."""
    seen = {"ended_at": None, "assurance": session.assurance.value}
    return rows.change(SESSIONS, session.id, changes, where=seen)


def touch(rows: Rows, session_id: str, now: dt.datetime) -> bool:
    """Write down that a session was used just now."""
    return change(rows, session_id, last_used_at=now)


def _session(row: Row) -> SessionRecord:
    values = {name: row[name] for name in _SESSIONRECORD_FIELDS}
    return SessionRecord(**values | {"assurance": Assurance(row["assurance"])})
