"""
The canonical encoding of a list of values: what seals, indexes and leaves are computed over.

Rule: two different lists never have the same bytes. Each value is a tag, a length of 4 bytes big-endian, and its bytes; the
tag tells text, bytes, whole number and nothing apart. Specified in docs/spec/encoding.md, frozen by tests/vectors/.
"""

import struct
from collections.abc import Iterable

_size = struct.Struct(">I").pack
_SHORT = 128
_TEXTS = [b"s" + _size(size) for size in range(_SHORT)]
_BYTES = [b"b" + _size(size) for size in range(_SHORT)]
_NUMBERS = [b"i" + _size(size) for size in range(_SHORT)]
Value = str | bytes | int | bool | None


def encode(values: Iterable[Value]) -> bytes:
    """Encode *values*, in order; a bool counts as the whole number 0 or 1."""
    return b"".join(map(encode_one, values))


def encode_named(named: Iterable[tuple[bytes, Value]]) -> bytes:
    """Encode a list of names and values in turn, its names encoded already; a name whose value is nothing is left out with it."""
    return b"".join([name + encode_one(value) for name, value in named if value is not None])


def encode_one(value: Value) -> bytes:
    """Encode one value; a list's encoding is its values' encodings, one after the other."""
    # Every row that is read or written is encoded: the commonest kind is asked for first, its heads are made once.
    if isinstance(value, str):
        raw, heads, tag = value.encode(), _TEXTS, b"s"
    elif isinstance(value, bytes):
        raw, heads, tag = value, _BYTES, b"b"
    elif value is None:
        return b"n\0\0\0\0"
    elif isinstance(value, int):
        raw, heads, tag = b"%d" % value, _NUMBERS, b"i"
    else:
        raise TypeError("text, bytes, a whole number or nothing")
    size = len(raw)
    return (heads[size] if size < _SHORT else tag + _size(size)) + raw
