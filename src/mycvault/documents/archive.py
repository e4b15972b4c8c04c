"""
A ZIP that is written while it is read: names that every system takes, dates that stand, digests of all that went in.

Nothing is kept of a file but its name, size and digest, so that memory does not grow with what is exported. Every file is
deflated, documents at level 0: they are compressed already, and unlike a stored file a deflated one says itself where it ends,
which programs need that read a ZIP as it arrives (Java's ZipInputStream refuses stored ones). Sizes are told beforehand, so that
Zip64 is asked of a reader only where a file needs it. Source: PKWARE's APPNOTE 6.3.10.
"""

import datetime as dt
import hashlib
import struct
import unicodedata
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

from mycvault.documents import rules

_BLOCK = 256 * 1024  # bytes handed out at a time
_PACKED = 6  # zlib's level for lists and texts, which shrink to a tenth
_AS_IT_IS = 0
# How a file and its entry in the directory begin, and where in them the time and the date stand, two bytes each (APPNOTE
# 4.3.7 and 4.3.12).
_FILE, _FILE_DATE = b"PK\x03\x04", 10
_ENTRY, _ENTRY_DATE = b"PK\x01\x02", 12


class Names:
    """Gives each file of an archive a path of its own, on systems that tell no "A" from "a" as well; who asks first is first."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._taken: set[str] = set()

    def take(self, folders: Iterable[str], stem: str, ending: str) -> str:
        """Name a file, *stem* being one of `rules.file_stem`; when that name is taken it gets " (2)", " (3)" and so on."""
        folder = "".join(f"{rules.file_stem(part)}/" for part in folders)
        wanted = _folded(folder + rules.numbered(stem, 1, ending))
        number = self._last.get(wanted, 0)
        while True:
            number += 1
            path = folder + rules.numbered(stem, number, ending)
            if _folded(path) not in self._taken:
                break
        self._last[wanted] = number
        self._taken.add(_folded(path))
        return path


class Archive:
    """
    One ZIP on its way out: ask for each file's bytes, then for the end's.

    *sums* are the lines of SHA256SUMS for what is in so far.
    """

    def __init__(self, zone: dt.tzinfo) -> None:
        # Loaded with the first export: a vault that is opened does not pay for it.
        from zipstream import ZIP_DEFLATED, ZipStream

        self._zip = ZipStream(compress_type=ZIP_DEFLATED, compress_level=_PACKED)
        self._zone = zone
        self._dates: list[bytes] = []
        self.sums: list[bytes] = []

    def file(
        self,
        path: str,
        pieces: Iterable[bytes],
        *,
        size: int,
        at: dt.datetime,
        packed: bool = True,
    ) -> Generator[bytes, None, str]:
        """Write a file of *size* bytes; return the SHA-256 of what *pieces* gave, in hexadecimal."""
        digest, date = hashlib.sha256(), _dos(at.astimezone(self._zone))
        self._zip.add(
            _noted(pieces, digest),
            path,
            size=size,
            compress_level=_PACKED if packed else _AS_IT_IS,
        )
        self._dates.append(date)
        with closing(self._zip.file()) as written:
            # The first piece is the file's header; what follows may look like one, and is hers.
            yield _dated(next(written), _FILE, _FILE_DATE, date)
            yield from written
        self.sums.append(f"{digest.hexdigest()}  {path}\n".encode())
        return digest.hexdigest()

    def end(self) -> Iterator[bytes]:
        """Write the directory of all that is in, which ends the archive."""
        dates = iter(self._dates)
        for piece in self._zip.footer():
            is_entry = piece.startswith(_ENTRY)
            yield _dated(piece, _ENTRY, _ENTRY_DATE, next(dates)) if is_entry else piece


def gathered(pieces: Generator[bytes, None, Any]) -> Generator[bytes, None, None]:
    """Hand out what comes in pieces of any size in blocks of 256 KiB, the last one shorter."""
    held = bytearray()
    with closing(pieces):
        for piece in pieces:
            held += piece
            while len(held) >= _BLOCK:
                yield bytes(held[:_BLOCK])
                del held[:_BLOCK]
    if held:
        yield bytes(held)


def _noted(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _dated(piece: bytes, start: bytes, place: int, date: bytes) -> bytes:
    """Put a date where the library wrote the present moment: it takes none for what does not lie on a disk."""
    if not piece.startswith(start):
        return piece
    return piece[:place] + date + piece[place + len(date) :]


def _dos(moment: dt.datetime) -> bytes:
    """Write a civil time as ZIP does, in steps of two seconds, from 1980 to 2107 (APPNOTE 4.4.6)."""
    year = min(max(moment.year, 1980), 2107)
    date = (year - 1980) << 9 | moment.month << 5 | moment.day
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return struct.pack("<HH", time, date)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
