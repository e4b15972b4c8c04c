"""
The canonical encoding of a list of values: what seals, indexes and leaves are computed over.

Rule: two different lists never have the same bytes. Each value is a tag, a length of 4 bytes big-endian, and its bytes; the
tag tells text, bytes, whole number and nothing apart. Specified in docs/spec/encoding.md, frozen by tests/vectors/.
"""

from collections.abc import Iterable

Value = str | bytes | int | bool | None


def encode(values: Iterable[Value]) -> bytes:
    """Encode *values*, in order; a bool counts as the whole number 0 or 1."""
    return b"".join(map(_item, values))


def _item(value: Value) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return b"s" + len(raw).to_bytes(4) + raw
    if isinstance(value, (bytes, memoryview)):
        return b"b" + len(value).to_bytes(4) + bytes(value)
    if value is None:
        return b"n\0\0\0\0"
    raw = b"%d" % value
    return b"i" + len(raw).to_bytes(4) + raw
