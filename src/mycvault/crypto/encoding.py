"""
The canonical encoding of a list of values: what seals, indexes and leaves are computed over.

Rule: two different lists never have the same bytes. Each value is a tag, a length of 4 bytes big-endian, and its bytes; the
tag tells text, bytes, whole number and nothing apart. Specified in docs/spec/encoding.md, frozen by tests/vectors/.
"""

import struct
from collections.abc import Iterable

_size = struct.Struct(">I").pack
Value = str | bytes | int | bool | None


def encode(values: Iterable[Value]) -> bytes:
    """Encode *values*, in order; a bool counts as the whole number 0 or 1."""
    return b"".join(map(encode_one, values))


def encode_one(value: Value) -> bytes:
    """Encode one value; a list's encoding is its values' encodings, one after the other."""
    # Every row that is read is encoded: the commonest kind is asked for first.
    if isinstance(value, str):
        raw = value.encode()
        return b"s" + _size(len(raw)) + raw
    if isinstance(value, bytes):
        return b"b" + _size(len(value)) + value
    if value is None:
        return b"n\0\0\0\0"
    if not isinstance(value, int):
        raise TypeError("text, bytes, a whole number or nothing")
    raw = b"%d" % value
    return b"i" + _size(len(raw)) + raw
