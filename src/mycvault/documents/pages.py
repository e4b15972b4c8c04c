"""
The pages of a PDF, read one by one and written into PDFs of their own: the only file that knows pypdf.

Rule: what cannot be read whole is not read. A page is copied by `parts.KEPT`, so that nobody else's things come along, with its
streams packed as they were: the same file gives the same bytes.
"""

import hashlib
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import Any

from mycvault.documents.model import Quarantined, Why
from mycvault.documents.parts import (
    DATA,
    GLYPHS,
    KEPT,
    LISTED,
    NOT_SHOWN,
    PLAIN,
    RESOURCES,
    Part,
    reference,
    stream,
)
from mycvault.errors import SetupError, UnacceptableContent

_MOST_TEXT = 50_000  # characters on one page: ten times a full payslip
_MOST_PAGES = 20_000
_DEEPEST = 20  # forms within forms
# How pypdf says that it left out what a form says.
_LEFT_OUT = ("XFormObject", "form XObject")
_Used = dict[str, set[str]]
_LAYERS = frozenset({"/OCG", "/OCMD"})
# The operators that name a resource, and in which list it stands (ISO 32000-2, annex A).
_NAMING = {
    b"Do": "/XObject",
    b"Tf": "/Font",
    b"gs": "/ExtGState",
    b"CS": "/ColorSpace",
    b"cs": "/ColorSpace",
    b"SCN": "/Pattern",
    b"scn": "/Pattern",
    b"sh": "/Shading",
    b"BDC": "/Properties",
    b"DP": "/Properties",
}
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
            copy = _Copy(part, self._pdf)
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


class _Copy:
    """Copies pages into a part; what several pages share is copied once."""

    def __init__(self, part: Part, pdf: Any) -> None:
        self._part = part
        self._pdf = pdf
        self._numbers: dict[tuple[int, int, str], int] = {}

    def page(self, page: Any) -> None:
        """Copy a page after the others."""
        entries = self._entries(page, "page")
        if "/Contents" in page:
            entries += b"/Contents " + self._value(page.raw_get("/Contents"), DATA)
        used = _used(page.get_contents(), _dictionary(page, "/Resources"), self._pdf)
        entries += b"/Resources" + self._resources(_dictionary(page, "/Resources"), used)
        self._part.add_page(entries)

    def _value(self, value: Any, kind: str) -> bytes:
        from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

        if isinstance(value, IndirectObject):
            return self._shared(value, kind)
        if isinstance(value, ArrayObject):
            return b"[" + b" ".join(self._value(item, kind) for item in value) + b"]"
        if isinstance(value, StreamObject):
            # Always behind a reference, in a file that keeps the rules.
            raise TypeError("a stream that nobody refers to")
        if isinstance(value, DictionaryObject):
            if kind == PLAIN:
                return b"null"
            return b"<<" + self._entries(value, kind) + b">>"
        return _plain(value)

    def _shared(self, found: Any, kind: str) -> bytes:
        from pypdf.generic import StreamObject

        value = found.get_object()
        if kind == PLAIN:
            return b"null" if isinstance(value, StreamObject) else self._value(value, kind)
        key = (found.idnum, found.generation, kind)
        if key not in self._numbers:
            # Numbered before it is walked through: a thing may lead back to itself.
            self._numbers[key] = self._part.reserve()
            is_stream = isinstance(value, StreamObject)
            body = self._stream(value, kind) if is_stream else self._value(value, kind)
            self._part.fill(self._numbers[key], body)
        return reference(self._numbers[key])

    def _stream(self, found: Any, kind: str) -> bytes:
        if "/F" in found:
            raise ValueError("a stream that lies in another file")
        entries = self._entries(found, kind)
        for key, of in (("/Filter", PLAIN), ("/DecodeParms", "packing")):
            if key in found:
                entries += _plain_key(key) + self._value(found.raw_get(key), of)
        # The bytes as they are packed: pypdf has no public name for them.
        return stream(entries, found._data)  # noqa: SLF001

    def _entries(self, found: Any, kind: str) -> bytes:
        """Write what of a dictionary comes along."""
        if "/OC" in found:
            raise ValueError("a layer that may be shown or hidden")
        entries = b""
        for key, of in KEPT[kind].items():
            if key not in found:
                continue
            if of == RESOURCES:
                mine = _dictionary(found, key)
                value = self._resources(mine, _used_by(found, mine, self._pdf))
            elif of == GLYPHS:
                value = self._listed(_dictionary(found, key), None, DATA)
            else:
                value = self._value(found.raw_get(key), of)
            entries += _plain_key(key) + b" " + value
        return entries

    def _resources(self, found: Any, used: _Used) -> bytes:
        """Write of a page's resources what its content names."""
        entries = b""
        for category, kind in LISTED.items():
            names = used.get(category, set())
            if names and category in found:
                listed = self._listed(_dictionary(found, category), names, kind)
                entries += _plain_key(category) + listed
        properties = _dictionary(found, "/Properties")
        marks = sorted(used.get("/Properties", set()) & set(properties))
        if any(_dictionary(properties, mark).get("/Type") in _LAYERS for mark in marks):
            raise ValueError("a layer that may be shown or hidden")
        if marks:
            # What content is marked with says nothing on paper: the names alone come along.
            blank = b"".join(_plain_key(mark) + b"<<>>" for mark in marks)
            entries += b"/Properties<<" + blank + b">>"
        return b"<<" + entries + b">>"

    def _listed(self, found: Any, names: set[str] | None, kind: str) -> bytes:
        chosen = sorted(name for name in found if names is None or name in names)
        entries = (
            _plain_key(name) + b" " + self._value(found.raw_get(name), kind) for name in chosen
        )
        return b"<<" + b"".join(entries) + b">>"


def _used_by(owner: Any, resources: Any, pdf: Any) -> _Used:
    """Collect what the content of a form, a pattern or a font's glyphs names."""
    used: _Used = {}
    glyphs = _dictionary(owner, "/CharProcs")
    for content in [glyphs[name] for name in glyphs] or [owner]:
        for category, names in _used(content, resources, pdf).items():
            used.setdefault(category, set()).update(names)
    return used


def _used(content: Any, resources: Any, pdf: Any, depth: int = 0) -> _Used:
    """Collect the names of resources in a content, and in its forms that have no resources of their own."""
    from pypdf.generic import ContentStream, NameObject

    if depth > _DEEPEST:
        raise RecursionError("forms within forms without end")
    used: _Used = {}
    forms = _dictionary(resources, "/XObject")
    for operands, operator in [] if content is None else ContentStream(content, pdf).operations:
        if operator == b"INLINE IMAGE":
            settings = operands["settings"]
            operands, category = [settings.get("/CS", settings.get("/ColorSpace"))], "/ColorSpace"  # noqa: PLW2901
        else:
            category = _NAMING.get(operator, "")
        # A font stands before its size, a pattern and a mark's properties behind other things.
        named = [operand for operand in operands if isinstance(operand, NameObject)]
        if not category or not named:
            continue
        name = str(named[-1])
        fresh = name not in used.setdefault(category, set())
        used[category].add(name)
        if fresh and operator == b"Do" and _borrows(forms.get(name)):
            for other, names in _used(forms[name], resources, pdf, depth + 1).items():
                used.setdefault(other, set()).update(names)
    return used


def _borrows(thing: Any) -> bool:
    """Tell whether a thing is a form that draws with the resources of the page it stands on (PDF 1.1)."""
    form = None if thing is None else thing.get_object()
    return form is not None and form.get("/Subtype") == "/Form" and "/Resources" not in form


def _check_overlay(page: Any) -> None:
    """Refuse a page that shows what is not in its content: form fields, stamps, written notes."""
    for note in page.get("/Annots") or ():
        if note.get_object().get("/Subtype") not in NOT_SHOWN:
            raise ValueError("something is laid over the page")


def _dictionary(found: Any, key: str) -> Any:
    """Give a dictionary within another; an empty one where there is none."""
    from pypdf.generic import DictionaryObject

    value = found.get(key)
    value = None if value is None else value.get_object()
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> bytes:
    buffer = BytesIO()
    value.write_to_stream(buffer)
    return buffer.getvalue()


def _plain_key(name: str) -> bytes:
    from pypdf.generic import NameObject

    return _plain(NameObject(name))


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
