"""Files as the worst of them are: they cannot seek, give less than they are asked for, and fail at their end."""

import io
from typing import BinaryIO, cast

from mycvault import MycvaultError


class SourceError(MycvaultError):
    """The source of a blob failed while it was read."""


class Dribble:
    """A file that can only be read, gives less than it is asked for, and may fail at its end."""

    def __init__(self, data: bytes, *, most: int, error: BaseException | None = None) -> None:
        self._file = io.BytesIO(data)
        self._most = most
        self._error = error

    def read(self, size: int = -1) -> bytes:
        """Give a piece, *most* bytes long at most."""
        piece = self._file.read(self._most if size < 0 else min(size, self._most))
        if not piece and self._error is not None:
            raise self._error
        return piece


def dribble(data: bytes, *, most: int = 70_001, error: BaseException | None = None) -> BinaryIO:
    """Make a file that gives *data* in pieces of *most* bytes, then raises *error* if there is one."""
    return cast("BinaryIO", Dribble(data, most=most, error=error))
