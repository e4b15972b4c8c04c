"""The links' rows: a digest of the secret, a seal over the rest. Using one is one guarded change."""

import datetime as dt

import attrs
from sqlalchemy import Index, bindparam, select, text

from mycvault.links.model import LinkRecord, Purpose
from mycvault.storage.columns import blind, digest, identity, moment, ref, row_seal, table, word
from mycvault.storage.rows import Row, Rows

LINKS = table(
    "links",
    identity(),
    word("purpose"),
    digest("secret", unique=True),
    ref("owner"),
    ref("subject"),
    ref("employer_id", nullable=True),
    word("channel"),
    blind("sent_to", of="sent_to_key", scope="owner"),
    digest("code_proof", nullable=True),
    ref("code_of", nullable=True),
    moment("expires_at", nullable=False),
    moment("used_at"),
    moment("revoked_at"),
    row_seal(),
    Index("ix_mycvault_links_owner", "owner", "purpose"),
)

_BY_SECRET = select(LINKS).where(LINKS.c.secret == bindparam("digest"))
_BY_IDS = select(LINKS).where(LINKS.c.id.in_(bindparam("ids", expanding=True)))
_UNUSED_OF = (
    select(LINKS)
    .where(
        LINKS.c.owner == bindparam("owner"),
        LINKS.c.purpose == bindparam("purpose"),
        LINKS.c.used_at.is_(None),
        LINKS.c.revoked_at.is_(None),
    )
    .order_by(LINKS.c.id)
)
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('mycvault links ' || :owner, 0))")
_UNUSED = {"used_at": None, "revoked_at": None}
_LINKRECORD_FIELDS = tuple(field.name for field in attrs.fields(LinkRecord))


def add(rows: Rows, link: LinkRecord, *, secret: bytes, sent_to_key: str | None) -> None:
    """Write a new link under the digest of its secret."""
    rows.insert(LINKS, attrs.asdict(link) | {"secret": secret, "sent_to_key": sent_to_key})


def by_secret(rows: Rows, digest: bytes) -> LinkRecord | None:
    """Find a link by the digest of its secret."""
    row = rows.one(_BY_SECRET, digest=digest)
    return None if row is None else _link(row)


def by_ids(rows: Rows, ids: list[str]) -> list[LinkRecord]:
    """Find several links."""
    return [_link(row) for row in rows.all(_BY_IDS, ids=ids)]


def use_once(rows: Rows, link_id: str, *, now: dt.datetime) -> bool:
    """Use a link; of many who try, one succeeds."""
    return rows.change(LINKS, link_id, {"used_at": now}, where=_UNUSED)


def take_turn(rows: Rows, owner: str) -> None:
    """Wait until nobody else gives *owner* links or takes them, and keep it so until the transaction ends."""
    # SQLite has one writer anyway. A link that is not there yet cannot be locked: the owner's name is.
    if rows.is_postgres:
        rows.execute(_TURN, owner=owner)


def unused(rows: Rows, owner: str, purpose: Purpose) -> list[LinkRecord]:
    """List the links of one owner and purpose that nobody used or revoked, oldest first."""
    return [_link(row) for row in rows.all(_UNUSED_OF, owner=owner, purpose=purpose)]


def revoke_all(rows: Rows, owner: str, purpose: Purpose, *, now: dt.datetime) -> int:
    """Revoke the links of one owner and purpose that nobody used; tell how many."""
    return _end_all(rows, owner, purpose, {"revoked_at": now})


def use_all(rows: Rows, owner: str, purpose: Purpose, *, now: dt.datetime) -> int:
    """Use the links of one owner and purpose that nobody used; tell how many."""
    return _end_all(rows, owner, purpose, {"used_at": now})


def address_index(rows: Rows, link: LinkRecord, key: str) -> bytes:
    """Compute what the link would keep of an address, had it been sent there; no two people's links look alike."""
    return rows.index(LINKS.c.sent_to, key, scope=link.owner)


def _end_all(rows: Rows, owner: str, purpose: Purpose, end: Row) -> int:
    found = unused(rows, owner, purpose)
    return sum(rows.change(LINKS, link.id, end, where=_UNUSED) for link in found)


def _link(row: Row) -> LinkRecord:
    values = {name: row[name] for name in _LINKRECORD_FIELDS}
    return LinkRecord(**values | {"purpose": Purpose(row["purpose"])})
