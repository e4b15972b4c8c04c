"""Where contents lie: the place in a blob, and the wrapped key that opens it. Integrity is the key's: its vector binds it all."""

from collections.abc import Collection
from typing import Any

import attrs
from sqlalchemy import Column, Index, LargeBinary, bindparam, delete, select, update

from mycvault.contents.model import Place
from mycvault.storage.columns import identity, number, ref, table, word
from mycvault.storage.rows import Rows

CONTENTS = table(
    "contents",
    identity(),
    word("blob"),
    number("offset"),
    number("length"),
    number("blob_size"),
    number("size"),
    number("suite"),
    ref("key_of"),
    Column("wrapped", LargeBinary, nullable=False),
    Index("ix_mycvault_contents_blob", "blob"),
)

_BY_ID = select(CONTENTS).where(CONTENTS.c.id == bindparam("content"))
_REFERENCED = (
    select(CONTENTS.c.blob)
    .where(CONTENTS.c.blob.in_(bindparam("blobs", expanding=True)))
    .distinct()
)
_IDS = (
    select(CONTENTS.c.id)
    .where(CONTENTS.c.id > bindparam("after"))
    .order_by(CONTENTS.c.id)
    .limit(bindparam("count"))
)
_FORGET = delete(CONTENTS).where(CONTENTS.c.id == bindparam("content"))
_REWRAP = (
    update(CONTENTS)
    .where(CONTENTS.c.id == bindparam("content"))
    .values(key_of=bindparam("new_key_of"), wrapped=bindparam("new_wrapped"))
)


@attrs.frozen(kw_only=True)
class Kept:
    """One content as it is kept: *key_of* names the safe whose key wraps the document's."""

    id: str
    place: Place
    suite: int
    key_of: str
    wrapped: bytes = attrs.field(repr=False)


def add(rows: Rows, *contents: Kept) -> None:
    """Write where contents lie."""
    rows.insert(CONTENTS, *(_row(content) for content in contents))


def find(rows: Rows, content_id: str) -> Kept | None:
    """Find where a content lies."""
    row = rows.one(_BY_ID, content=content_id)
    if row is None:
        return None
    place = Place(**{field.name: row[field.name] for field in attrs.fields(Place)})
    return Kept(
        id=row["id"], place=place, suite=row["suite"], key_of=row["key_of"], wrapped=row["wrapped"]
    )


def ids_after(rows: Rows, after: str, count: int) -> list[str]:
    """List the ids of contents, above *after*."""
    return [row[0] for row in rows.values(_IDS, after=after, count=count)]


def referenced(rows: Rows, blobs: Collection[str]) -> set[str]:
    """Tell which of *blobs* a row refers to."""
    return {row[0] for row in rows.values(_REFERENCED, blobs=list(blobs))}


def forget(rows: Rows, content_id: str) -> None:
    """Delete the key of a content, and where it lies."""
    rows.execute(_FORGET, content=content_id)


def rewrap(rows: Rows, content_id: str, *, key_of: str, wrapped: bytes) -> None:
    """Keep a content's key under another."""
    rows.execute(_REWRAP, content=content_id, new_key_of=key_of, new_wrapped=wrapped)


def _row(content: Kept) -> dict[str, Any]:
    row = attrs.asdict(content, recurse=False)
    return row | attrs.asdict(content.place)
