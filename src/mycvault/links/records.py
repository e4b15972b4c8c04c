"""The links' rows: a digest of the secret, a seal over the rest. Using one is one guarded change."""

import datetime as dt

import attrs
from sqlalchemy import Index, bindparam, select

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
    moment("expires_at", nullable=False),
    moment("used_at"),
    moment("revoked_at"),
    row_seal(),
    Index("ix_mycvault_links_owner", "owner", "purpose"),
)

_BY_SECRET = select(LINKS).where(LINKS.c.secret == bindparam("digest"))
_BY_IDS = select(LINKS).where(LINKS.c.id.in_(bindparam("ids", expanding=True)))
_LIVE_OF = select(LINKS).where(
    LINKS.c.owner == bindparam("owner"),
    LINKS.c.purpose == bindparam("purpose"),
    LINKS.c.used_at.is_(None),
    LINKS.c.revoked_at.is_(None),
)
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
    return rows.change(
        LINKS, link_id, {"used_at": now}, where={"used_at": None, "revoked_at": None}
    )


def revoke_all(rows: Rows, owner: str, purpose: Purpose, *, now: dt.datetime) -> int:
    """Revoke the links of one owner and purpose that nobody used; tell how many."""
    found = rows.all(_LIVE_OF, owner=owner, purpose=purpose)
    unused = {"used_at": None, "revoked_at": None}
    return sum(rows.change(LINKS, row["id"], {"revoked_at": now}, where=unused) for row in found)


def address_index(rows: Rows, link: LinkRecord, key: str) -> bytes:
    """Compute what the link would keep of an address, had it been sent there; no two people's links look alike."""
    return rows.index(LINKS.c.sent_to, key, scope=link.owner)


def _link(row: Row) -> LinkRecord:
    values = {name: row[name] for name in _LINKRECORD_FIELDS}
    return LinkRecord(**values | {"purpose": Purpose(row["purpose"])})
