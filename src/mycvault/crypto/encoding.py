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
Value = str | bytes | int | bool | None


def encode(values: Iterable[Value]) -> bytes:
    """Encode *values*, in order; a bool counts as the whole number 0 or 1."""
    parts: list[bytes] = []
    for value in values:
        if type(value) is str:
            raw = value.encode()
            size = len(raw)
            # As `encode_one` does: a call for each would cost more than what it does.
            parts += (_TEXTS[size] if size < _SHORT else b"s" + _size(size), raw)
        else:
            parts.append(encode_one(value))
    return b"".join(parts)


def encode_named(named: Iterable[tuple[bytes, Value]]) -> bytes:
    """Encode a list of names and values in turn, its names encoded already; a name whose value is nothing is left out with it."""
    parts: list[bytes] = []
    for name, value in named:
        if type(value) is str:
            raw = value.encode()
            size = len(raw)
            parts += (name, _TEXTS[size] if size < _SHORT else b"s" + _size(size), raw)
        elif value is not None:
            parts += (name, encode_one(value))
    return b"".join(parts)


def encode_one(value: Value) -> bytes:
    """Encode one value; a list's encoding is its values' encodings, one after the other."""
    # Every row that is read or written is encoded: the commonest kind is asked for first, its heads are made once.
    if isinstance(value, str):
        raw = value.encode()
        size = len(raw)
        return (_TEXTS[size] if size < _SHORT else b"s" + _size(size)) + raw
    if isinstance(value, bytes):
        return b"b" + _size(len(value)) + value
    if value is None:
        return b"n\0\0\0\0"
    if not isinstance(value, int):
        raise TypeError("text, bytes, a whole number or nothing")
    raw = b"%d" % value
    return b"i" + _size(len(raw)) + raw
