"""
What an export says of itself: lists of its documents and of her history, for programs (JSON) and for spreadsheets (CSV).

A CSV is RFC 4180 with a byte order mark, every cell in quotes. No cell is run as a formula, whatever separator the spreadsheet
takes: a French one opens a file at its semicolons, in the middle of a cell, so that what stands behind one is made harmless as
well as what begins the cell (OWASP, CSV Injection). JSON says everything as it is. Format: docs/spec/export.md.
"""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from mycvault import locales
from mycvault.documents.model import Document
from mycvault.journal.model import Event

README = "LISEZMOI-README.txt"
MANIFEST_JSON, MANIFEST_CSV = "manifest.json", "manifest.csv"
JOURNAL_JSON, JOURNAL_CSV = "journal/journal.json", "journal/journal.csv"
SUMS = "SHA256SUMS"
FORMAT, JOURNAL_FORMAT = "mycvault export 1", "mycvault export 1 journal"
_COLUMNS = (
    *("id", "path", "kind", "period", "title", "filename", "employer", "employer_name"),
    *("media_type", "size", "sha256", "deposited_at", "opened_at", "labels", "archived"),
    *("discarded_at", "keep_until", "corrects", "corrected_by", "damaged"),
)
_EVENT = ("id", "at", "verb", "actor", "text", "details")
_BOM = b"\xef\xbb\xbf"
# Where a cell may begin in the eyes of some spreadsheet, before what makes a formula of it; quotes and blanks do not hide that.
_FORMULA = re.compile(
    r"(^|[;|\t\r\n])(?=[\s\"'\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠])|^(?=[\t\r\n])"
)


class Manifest:
    """The list of an export's documents: each is told to it in its turn, and only its lines are held."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._lines: list[bytes] = []
        self._rows = [_heading(locale, _COLUMNS)]
        self.exported = 0
        self.damaged = 0

    def add(self, document_id: str, document: Document | None, path: str | None) -> None:
        """Tell of one document; a damaged one has no *path*, nor is it a *document* when even its rows cannot be read."""
        said: dict[str, Any] = dict.fromkeys(_COLUMNS) if document is None else _fields(document)
        said |= {"id": document_id, "path": path, "damaged": path is None}
        self.exported += path is not None
        self.damaged += path is None
        self._rows.append(_row(self._cell(name, said[name]) for name in _COLUMNS))
        told = {column: said[column] for column in _COLUMNS if column != "employer_name"}
        if said["employer"] is not None:
            told["employer"] = {"reference": said["employer"], "name": said["employer_name"]}
        self._lines.append(_json(told))

    def json(self, head: Mapping[str, object]) -> Iterator[bytes]:
        """Give the list for programs: *head*, then the documents, one a line."""
        counts = {"exported": self.exported, "damaged": self.damaged}
        return _listing({"format": FORMAT, **head, **counts}, "documents", self._lines)

    def csv(self) -> Iterator[bytes]:
        """Give the list for spreadsheets."""
        return iter(self._rows)

    def _cell(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return locales.text(self._locale, "export", "words.yes" if value else "words.no")
        if name == "kind":
            return locales.text(self._locale, "kinds", value)
        return ", ".join(value) if isinstance(value, list) else str(value)


def journal_json(events: Iterable[Event]) -> Iterator[bytes]:
    """Give a history for programs, one event a line."""
    return _listing({"format": JOURNAL_FORMAT}, "events", (_json(_told(one)) for one in events))


def journal_csv(events: Iterable[Event], locale: str) -> Iterator[bytes]:
    """Give a history for spreadsheets."""
    yield _heading(locale, _EVENT)
    for event in events:
        told = _told(event) | {"details": _json(dict(event.details)).decode()}
        yield _row(told[name] for name in _EVENT)


def readme(at: dt.datetime, zone: ZoneInfo) -> list[bytes]:
    """Say what an export of this moment is and how to check it, in every language."""
    said = [
        locales.text(locale, "export", "readme", day=locales.day(locale, at, zone.key))
        for locale in locales.AVAILABLE
    ]
    return ["\n\n".join(said).encode()]


def moment(at: dt.datetime) -> str:
    """Write a moment as everywhere in an export: UTC, RFC 3339."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell, or a part of it, as a formula: an apostrophe makes it text."""
    return _FORMULA.sub(r"\1'", cell)


def _fields(document: Document) -> dict[str, Any]:
    said = {name: getattr(document, name) for name in _COLUMNS if name not in {"path", "damaged"}}
    for name, value in said.items():
        if isinstance(value, dt.datetime):
            said[name] = moment(value)
        elif isinstance(value, frozenset | tuple):
            said[name] = sorted(value) if isinstance(value, frozenset) else list(value)
        elif value is not None and not isinstance(value, bool | int):
            said[name] = str(value)
    return said


def _told(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": moment(event.at),
        "verb": event.verb,
        "actor": event.actor,
        "text": event.text,
        "details": dict(event.details),
    }


def _listing(head: Mapping[str, object], name: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Write an object that ends with a list, line by line: the whole of it is never held."""
    yield _json(head)[:-1] + f', "{name}": ['.encode()
    between = b"\n"
    for line in lines:
        yield between + line
        between = b",\n"
    yield b"\n]}\n"


def _json(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def _heading(locale: str, columns: Iterable[str]) -> bytes:
    # Without the mark Excel takes UTF-8 for the system's own eight bits.
    return _BOM + _row(locales.text(locale, "export", f"columns.{name}") for name in columns)


def _row(cells: Iterable[str]) -> bytes:
    written = io.StringIO()
    # LibreOffice's first proposal is to split at semicolons too: in quotes, a cell stays whole.
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow(harmless(cell) for cell in cells)
    return written.getvalue().encode()
