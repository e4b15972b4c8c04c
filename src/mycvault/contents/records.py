"""Where contents lie: the place in a blob, and the wrapped key that opens it. Integrity is the key's: its vector binds it all."""

from collections.abc import Collection, Iterable
from typing import Any

import attrs
from sqlalchemy import Column, Index, LargeBinary, bindparam, delete, func, select, update

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
_IN_BLOB = (
    select(CONTENTS.c.id).where(CONTENTS.c.blob == bindparam("held_by")).order_by(CONTENTS.c.id)
)
_SPARSE = (
    select(CONTENTS.c.blob, func.sum(CONTENTS.c.length) * 2 < func.max(CONTENTS.c.blob_size))
    .where(CONTENTS.c.blob > bindparam("after"))
    .group_by(CONTENTS.c.blob)
    .order_by(CONTENTS.c.blob)
    .limit(bindparam("count"))
)
_MOVE = (
    update(CONTENTS)
    .where(
        CONTENTS.c.id == bindparam("content"),
        CONTENTS.c.blob == bindparam("old_blob"),
        CONTENTS.c.offset == bindparam("old_offset"),
        CONTENTS.c.wrapped == bindparam("old_wrapped"),
    )
    .values(
        blob=bindparam("new_blob"),
        offset=bindparam("new_offset"),
        blob_size=bindparam("new_blob_size"),
        wrapped=bindparam("new_wrapped"),
    )
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


_PLACE_FIELDS = tuple(field.name for field in attrs.fields(Place))
_KEPT_FIELDS = ("id", "suite", "key_of", "wrapped")


def add(rows: Rows, contents: Iterable[Kept]) -> None:
    """Write where contents lie."""
    rows.insert_each(CONTENTS, map(_row, contents))


def find(rows: Rows, content_id: str) -> Kept | None:
    """Find where a content lies."""
    row = rows.one(_BY_ID, content=content_id)
    if row is None:
        return None
    place = Place(**{name: row[name] for name in _PLACE_FIELDS})
    return Kept(
        id=row["id"], place=place, suite=row["suite"], key_of=row["key_of"], wrapped=row["wrapped"]
    )


def ids_after(rows: Rows, after: str, count: int) -> list[str]:
    """List the ids of contents, above *after*."""
    return [row[0] for row in rows.values(_IDS, after=after, count=count)]


def referenced(rows: Rows, blobs: Collection[str]) -> set[str]:
    """Tell which of *blobs* a row refers to."""
    return {row[0] for row in rows.values(_REFERENCED, blobs=list(blobs))}


def in_blob(rows: Rows, blob: str) -> list[str]:
    """List the ids of contents that lie in a blob."""
    return [row[0] for row in rows.values(_IN_BLOB, held_by=blob)]


def sparse_after(rows: Rows, after: str, count: int) -> dict[str, bool]:
    """List blobs above *after*, and whether less than half of each is some content's; nothing is proved."""
    return {row[0]: bool(row[1]) for row in rows.values(_SPARSE, after=after, count=count)}


def move(rows: Rows, old: Kept, place: Place, wrapped: bytes) -> bool:
    """Let a content lie elsewhere, unless its row is not *old* any more; tell whether it was."""
    changed = rows.execute(
        _MOVE,
        content=old.id,
        old_blob=old.place.blob,
        old_offset=old.place.offset,
        old_wrapped=old.wrapped,
        new_blob=place.blob,
        new_offset=place.offset,
        new_blob_size=place.blob_size,
        new_wrapped=wrapped,
    )
    return changed == 1


def forget(rows: Rows, content_id: str) -> None:
    """Delete the key of a content, and where it lies."""
    rows.execute(_FORGET, content=content_id)


def rewrap(rows: Rows, content_id: str, *, key_of: str, wrapped: bytes) -> None:
    """Keep a content's key under another."""
    rows.execute(_REWRAP, content=content_id, new_key_of=key_of, new_wrapped=wrapped)


def _row(content: Kept) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(content, name) for name in _KEPT_FIELDS}
    return row | {name: getattr(content.place, name) for name in _PLACE_FIELDS}
