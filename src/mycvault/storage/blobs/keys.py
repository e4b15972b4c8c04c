"""
Keys, ranges and sources: what every store of blobs checks in the same way.

A key is 32 lower-case hexadecimal digits and nothing else, so that a key can never climb out of the
folder. Its first two digits name a folder of their own (`ab/abcdef…`): at most 256 folders, and the
same layout everywhere, so that a local vault may be copied to a bucket as it is.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

_KEY = re.compile(r"[0-9a-f]{32}")
_PIECE = 1 << 20  # bytes asked of a source at once: few calls, little memory


def check_key(key: str) -> str:
    """
    Check that *key* is 32 lower-case hexadecimal digits and give it back.

    Raises:
        ValueError: It is not; the key is not repeated in the text.
    """
    if not is_key(key):
        raise ValueError("a blob's key is 32 lower-case hexadecimal digits")
    return key


def is_key(name: str) -> bool:
    """Tell whether a name found in a store is a key, not something else that lies there."""
    return _KEY.fullmatch(name) is not None


def fan_out(key: str) -> str:
    """Name the folder that a key belongs in, after checking the key."""
    return check_key(key)[:2]


def check_range(start: int, end: int | None) -> None:
    """
    Check that a range counts from the start of the blob.

    Raises:
        ValueError: A negative number: some stores would count it from the end, others would not.
    """
    if start < 0 or (end is not None and end < 0):
        raise ValueError("a range counts from the start of the blob, 0 or more")


def pieces(data: bytes | memoryview | BinaryIO) -> Iterator[memoryview]:
    """
    Give *data* piece by piece: bytes as one piece, a file until it gives nothing more.

    A file may give less than it was asked for. Whatever it raises passes through.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        yield memoryview(data).cast("B")
        return
    while piece := data.read(_PIECE):
        yield memoryview(piece)
