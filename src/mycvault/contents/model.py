"""Where the bytes of a document lie, and what is known of them."""

import datetime as dt
from collections.abc import Sequence

import attrs


class Swept(Exception):  # noqa: N818 - a fact between two steps of one call
    """A sweep condemned a blob between its writing and this act: the content is written again, into a fresh one."""


@attrs.frozen(kw_only=True)
class Place:
    """
    A sealed content's place: *length* bytes from *offset* of the object *blob*, which is *blob_size* bytes in all.

    *size* is the content's own size in bytes, before sealing.
    """

    blob: str
    offset: int
    length: int
    blob_size: int
    size: int


@attrs.frozen(kw_only=True)
class Entered:
    """A content as it is entered: its place and key; *key_of*: whose key wraps it, *bound*: what that wrapping says of it."""

    id: str
    place: Place
    key: bytes = attrs.field(repr=False)
    key_of: str
    bound: Sequence[str | bytes | int | None]


@attrs.frozen(kw_only=True)
class Facts:
    """What was measured while a content was taken in: size in bytes, SHA-256 in hexadecimal, media type."""

    size: int
    sha256: str
    media_type: str


UNMEASURED = Facts(size=0, sha256="", media_type="")


@attrs.frozen(kw_only=True)
class Orphan:
    """A blob that no row refers to: since when that is seen, and since when its bytes are condemned, None while they wait."""

    blob: str
    seen_at: dt.datetime
    condemned_at: dt.datetime | None = None
