"""
Challenges, and the count of tries.

A challenge's row is sealed: its purpose, subject and address cannot be edited into another's; its address is sealed under its
subject's own key. The count belongs to subject and
purpose, so that a new code never means a new count.
"""

import datetime as dt
from collections.abc import Collection

import attrs
from sqlalchemy import (
    Column,
    Index,
    Integer,
    String,
    bindparam,
    case,
    delete,
    select,
    update,
)

from mycvault.codes.model import Challenge, CodePurpose
from mycvault.errors import RecordsUnavailable
from mycvault.storage.columns import (
    digest,
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
from mycvault.values.caller import Caller
from mycvault.values.choices import Channel

CHALLENGES = table(
    "challenges",
    identity(),
    word("purpose"),
    digest("secret", unique=True),
    ref("subject"),
    ref("session", nullable=True),
    word("channel"),
    sealed_by(),
    sealed("address"),
    sealed("caller", "json", nullable=True),
    digest("proof"),
    moment("created_at", nullable=False),
    moment("expires_at", nullable=False),
    moment("used_at"),
    row_seal(),
    Index("ix_mycvault_challenges_subject", "subject", "created_at"),
)
TRIES = table(
    "tries",
    Column("subject", String(36), primary_key=True),
    Column("purpose", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
    moment("since", nullable=False),
)
_T = TRIES.c
_FORGET = delete(CHALLENGES).where(CHALLENGES.c.subject == bindparam("subject"))
_RACES = 64  # as in storage/rows.py: this many lost in a row is no contention any more

_BY_SECRET = select(CHALLENGES).where(CHALLENGES.c.secret == bindparam("digest"))
_UNANSWERED = (
    select(CHALLENGES)
    .where(
        CHALLENGES.c.subject == bindparam("subject"),
        CHALLENGES.c.created_at > bindparam("since"),
        CHALLENGES.c.used_at.is_(None),
    )
    .order_by(CHALLENGES.c.created_at)
)
_THIS = (_T.subject == bindparam("who"), _T.purpose == bindparam("what"))
_READ = select(_T.count, _T.since).where(*_THIS)
_BUMP = (
    update(TRIES)
    .where(*_THIS)
    .values(
        count=case((_T.since <= bindparam("stale"), 1), else_=_T.count + 1),
        since=case(
            (_T.since <= bindparam("stale"), bindparam("fresh", type_=_T.since.type)),
            else_=_T.since,
        ),
    )
)
_RESET = delete(TRIES).where(*_THIS)
_CHALLENGE_FIELDS = tuple(field.name for field in attrs.fields(Challenge))


def add(rows: Rows, challenge: Challenge, *, secret: bytes) -> None:
    """Write a new challenge under the digest of its secret."""
    sealed_by = challenge.subject
    rows.insert(CHALLENGES, attrs.asdict(challenge) | {"secret": secret, "sealed_by": sealed_by})


def by_secret(rows: Rows, digest: bytes, purposes: Collection[CodePurpose]) -> Challenge | None:
    """Find a challenge for one of *purposes* by the digest of its secret; nobody else's is unsealed."""
    row = rows.glance(_BY_SECRET, digest=digest)
    if row is None or row["purpose"] not in purposes:
        return None
    return _challenge(rows.opened(CHALLENGES, row))


def forget(rows: Rows, subject: str) -> None:
    """Delete every challenge of an account or record."""
    rows.execute(_FORGET, subject=subject)


def unanswered(rows: Rows, subject: str, *, since: dt.datetime) -> list[Challenge]:
    """List a subject's challenges after *since* that nobody answered, oldest first."""
    return [_challenge(row) for row in rows.all(_UNANSWERED, subject=subject, since=since)]


def use_once(rows: Rows, challenge_id: str, *, now: dt.datetime) -> bool:
    """Use a challenge; of many who try, one succeeds."""
    return rows.change(CHALLENGES, challenge_id, {"used_at": now}, where={"used_at": None})


def count_try(
    rows: Rows, subject: str, purpose: CodePurpose, *, now: dt.datetime, stale: dt.datetime
) -> tuple[int, dt.datetime]:
    """Count one more try; tell how many there were since when. What began before *stale* is forgotten."""
    first = {"subject": subject, "purpose": purpose, "count": 1, "since": now}
    for _ in range(_RACES):
        if not rows.insert_new(TRIES, first):
            rows.execute(_BUMP, who=subject, what=purpose, stale=stale, fresh=now)
        found = rows.values(_READ, who=subject, what=purpose)
        if found:
            return found[0][0], found[0][1]
        # A success elsewhere forgot the tries between the two statements: this one is the first again.
    raise RecordsUnavailable


def reset_tries(rows: Rows, subject: str, purpose: CodePurpose) -> None:
    """Forget the tries, because one succeeded."""
    rows.execute(_RESET, who=subject, what=purpose)


def _challenge(row: Row) -> Challenge:
    values = {name: row[name] for name in _CHALLENGE_FIELDS}
    values |= {"purpose": CodePurpose(row["purpose"]), "channel": Channel(row["channel"])}
    return Challenge(**values | {"caller": Caller(**row["caller"] or {})})
