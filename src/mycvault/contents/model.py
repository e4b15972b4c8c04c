"""Where the bytes of a document lie, and what is known of them."""

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
class Facts:
    """What was measured while a content was taken in: size in bytes, SHA-256 in hexadecimal, media type."""

    size: int
    sha256: str
    media_type: str
