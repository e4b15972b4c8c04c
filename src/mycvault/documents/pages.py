"""
The pages of a PDF, read one by one and written into PDFs of their own.

Rule: what cannot be read whole is not read, and a copy is handed out once it was read again and says the same.
"""

import hashlib
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import Any

from mycvault.documents.copying import Copy, resolved
from mycvault.documents.model import Quarantined, Why
from mycvault.documents.parts import NOT_SHOWN, Part
from mycvault.errors import SetupError, UnacceptableContent

_MOST_TEXT = 50_000  # characters on one page: ten times a full payslip
_MOST_PAGES = 20_000
# How pypdf says that it left out what a form says.
_LEFT_OUT = ("XFormObject", "form XObject")
_reading: ContextVar[list[str] | None] = ContextVar("reading", default=None)


class Pages:
    """
    A PDF that is held in memory. Pages are counted from 1.

    Raises:
        SetupError: The `pdf` extra is not installed.
        UnacceptableContent: "encrypted", "damaged", "empty" (no page) or "too-large" (more than 20,000 pages).
    """

    def __init__(self, content: bytes) -> None:
        try:
            from pypdf import PdfReader
        except ImportError as exc:
            raise SetupError("splitting needs pypdf: install mycvault[pdf]") from exc

        with _hushed(), _or_damaged():
            self._pdf = PdfReader(BytesIO(content))
            if self._pdf.is_encrypted:
                raise UnacceptableContent("no password", field="content", reason="encrypted")
            self._pages = list(self._pdf.pages)
            self._said: dict[int, bytes] = {}
        if not self._pages:
            raise UnacceptableContent("a page at least", field="content", reason="empty")
        if len(self._pages) > _MOST_PAGES:
            limit = f"at most {_MOST_PAGES} pages"
            raise UnacceptableContent(limit, field="content", reason="too-large")

    def __len__(self) -> int:
        return len(self._pages)

    def text(self, number: int) -> str:
        """
        Read what a page says.

        Raises:
            Quarantined: Nothing, or it cannot be read: damaged, more than 50,000 characters, or with something laid over it.
        """
        with _hushed() as said, _or_quarantined():
            page = self._pages[number - 1]
            _check_overlay(page)
            text = page.extract_text()
        if len(text) > _MOST_TEXT or any(sign in line for line in said for sign in _LEFT_OUT):
            raise Quarantined(Why.UNREADABLE)
        if not text.strip():
            raise Quarantined(Why.NO_TEXT)
        self._said[number] = _digest(text)
        return text

    def part(self, numbers: Iterable[int]) -> bytes:
        """
        Write pages, which were read, into a PDF of their own.

        Raises:
            Quarantined: They cannot be copied, or the copy does not say what they say.
        """
        numbers = list(numbers)
        with _hushed(), _or_quarantined():
            part = Part()
            copy = Copy(part, self._pdf)
            for number in numbers:
                copy.page(self._pages[number - 1])
            written = part.written()
            again = Pages(written)
            heard = [_digest(again.text(place)) for place in range(1, len(again) + 1)]
        if heard != [self._said[number] for number in numbers]:
            raise Quarantined(Why.UNREADABLE)
        return written

    def forget(self) -> None:
        """Let go of what was decoded; it is decoded again when it is asked for."""
        self._pdf.resolved_objects.clear()


def _check_overlay(page: Any) -> None:
    """Refuse a page that shows what is not in its content: form fields, stamps, written notes."""
    for note in resolved(page, "/Annots") or ():
        if resolved(note.get_object(), "/Subtype") not in NOT_SHOWN:
            raise ValueError("something is laid over the page")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


# ------------------------------------------------------------------ what pypdf raises and says


@contextmanager
def _or_damaged() -> Iterator[None]:
    try:
        yield
    except (UnacceptableContent, MemoryError):
        raise
    except Exception as exc:
        # pypdf raises its own errors, and any other, on files that are not as they must be.
        raise UnacceptableContent("a PDF that opens", field="content", reason="damaged") from exc


@contextmanager
def _or_quarantined() -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    except Exception as exc:
        raise Quarantined(Why.UNREADABLE) from exc


class _Hush(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Let a line pass that somebody else's use of pypdf writes; keep ours."""
        heard = _reading.get()
        if heard is not None:
            heard.append(str(record.msg))
        return heard is None


_HUSH = _Hush()


@contextmanager
def _hushed() -> Iterator[list[str]]:
    """Keep what pypdf says of a file's oddities, in the file's own words, out of the host's logs; give its forms of words."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "pypdf":
            logging.getLogger(name).addFilter(_HUSH)
    said: list[str] = []
    token = _reading.set(said)
    try:
        yield said
    finally:
        _reading.reset(token)
