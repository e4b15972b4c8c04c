"""Where the bytes of a document lie, and what is known of them."""

from collections.abc import Sequence

import attrs


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
