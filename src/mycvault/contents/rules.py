"""
What may be taken in as a document: by its size, its first bytes and its last.

Pure. Nothing is parsed: a type is recognised, not proved, and a portal never runs what it shows.
Source: ISO 32000-2, 7.5.2 and 7.5.5 (with the 1,024 bytes of slack that readers grant), PNG 3rd
edition 5.2, ITU-T T.81 annex B.
"""

from collections.abc import Iterator

from mycvault.errors import UnacceptableContent

EDGE = 1024  # bytes at each end that are looked at
PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TEXT = "text/plain"
# C0 without tab, line feed, form feed and carriage return; delete; C1.
_CONTROLS = dict.fromkeys(
    [c for c in range(32) if c not in b"\t\n\f\r"] + list(range(0x7F, 0xA0)),
)


def recognise(head: bytes, tail: bytes) -> str | None:
    """
    Recognise a content's media type.

    Args:
        head: Its first 1,024 bytes, or all of a shorter one.

        tail: Its last 1,024 bytes, or all of a shorter one.

    Returns:
        The media type, or None for a content of no type that is known here.
    """
    for media_type in possible(head):
        if media_type != PDF or b"%%EOF" in tail[-EDGE:]:
            return media_type
    return None


def possible(head: bytes) -> Iterator[str]:
    """Tell which types a content that begins so may turn out to have, the likeliest first."""
    head = head[:EDGE]
    if b"%PDF-" in head:
        yield PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        yield PNG
    if head.startswith(b"\xff\xd8\xff"):
        yield JPEG
    if _is_text(head):
        yield TEXT


def check_head(head: bytes, *, accepted: frozenset[str]) -> None:
    """
    Refuse early a content whose beginning rules out every accepted type.

    Raises:
        UnacceptableContent: It does ("type").
    """
    if accepted.isdisjoint(possible(head)):
        raise UnacceptableContent("a content of an accepted type", field="content", reason="type")


def check_size(size: int, *, max_bytes: int) -> None:
    """
    Refuse a content of more than *max_bytes*.

    Raises:
        UnacceptableContent: It is larger ("too-large").
    """
    if size > max_bytes:
        raise UnacceptableContent(
            f"a content of at most {max_bytes} bytes", field="content", reason="too-large"
        )


def check(head: bytes, tail: bytes, size: int, *, max_bytes: int, accepted: frozenset[str]) -> str:
    """
    Decide whether a content is taken in.

    Returns:
        Its media type, one of *accepted*.

    Raises:
        UnacceptableContent: "empty", "too-large" or "type".
    """
    if size == 0:
        raise UnacceptableContent("a content of at least one byte", field="content", reason="empty")
    check_size(size, max_bytes=max_bytes)
    media_type = recognise(head, tail)
    if media_type is None or media_type not in accepted:
        raise UnacceptableContent("a content of an accepted type", field="content", reason="type")
    return media_type


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as exc:
        # A character of up to 4 bytes may be cut by the edge; anything else is not UTF-8.
        if exc.reason != "unexpected end of data":
            return False
        text = head[: exc.start].decode()
    return bool(text) and len(text.translate(_CONTROLS)) == len(text)
