"""
A page of a PDF is copied into a part.

Rule: by `parts.KEPT`, so that nobody else's things come along; of resources what the content names. Streams stay packed as they
were: the same file gives the same bytes. Whatever is not as it must be raises, and is no copy.
"""

import zlib
from io import BytesIO
from typing import Any

from mycvault.documents.parts import (
    ALWAYS,
    CONTENTS,
    DATA,
    GLYPHS,
    KEPT,
    LISTED,
    PLAIN,
    RESOURCES,
    Part,
    reference,
    stream,
)

_MOST_UNPACKED = 75_000_000  # bytes, pypdf's own limit
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


class Copy:
    """Copies pages into a part; what several pages share is copied once."""

    def __init__(self, part: Part, pdf: Any) -> None:
        self._part = part
        self._pdf = pdf
        self._numbers: dict[tuple[int, int, str], int] = {}

    def page(self, page: Any) -> None:
        """Copy a page after the others."""
        entries = self._entries(page, "page")
        if "/Contents" in page:
            entries += b"/Contents " + self._value(page.raw_get("/Contents"), CONTENTS)
        resources, used = _dictionary(page, "/Resources"), _Used()
        if (content := page.get_contents()) is not None:
            _collect(content, resources, self._pdf, used)
        entries += b"/Resources" + self._resources(resources, used)
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
            return b"null" if kind == PLAIN else b"<<" + self._entries(value, kind) + b">>"
        return _plain(value)

    def _shared(self, found: Any, kind: str) -> bytes:
        from pypdf.generic import StreamObject

        value = found.get_object()
        if kind == PLAIN and isinstance(value, StreamObject):
            return b"null"
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
        if (kind == CONTENTS or resolved(found, "/Subtype") == "/Form") and _is_cut(found):
            raise ValueError("what it says is damaged")
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
            names = used.get(category, set()) | ALWAYS.get(category, set())
            if names and category in found:
                listed = self._listed(_dictionary(found, category), names, kind)
                entries += _plain_key(category) + listed
        properties = _dictionary(found, "/Properties")
        marks = sorted(used.get("/Properties", set()) & set(properties))
        if any(resolved(_dictionary(properties, mark), "/Type") in _LAYERS for mark in marks):
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
    from pypdf.generic import StreamObject

    used: _Used = {}
    glyphs = _dictionary(owner, "/CharProcs")
    for content in [glyphs[name] for name in glyphs] or [owner]:
        if isinstance(content, StreamObject):
            _collect(content, resources, pdf, used)
    return used


def _collect(content: Any, resources: Any, pdf: Any, used: _Used) -> None:
    """Add the names of resources in a content, and in its forms that have no resources of their own."""
    from pypdf.generic import ContentStream, NameObject

    forms = _dictionary(resources, "/XObject")
    for operands, operator in ContentStream(content, pdf).operations:
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
        names = used.setdefault(category, set())
        is_new = name not in names
        names.add(name)
        # Once for each name: forms may draw one another many times over.
        if is_new and operator == b"Do" and _borrows(forms, name):
            _collect(forms[name], resources, pdf, used)


def _borrows(forms: Any, name: str) -> bool:
    """Tell whether a form draws with the resources of the page it stands on (PDF 1.1)."""
    form = _dictionary(forms, name)
    return resolved(form, "/Subtype") == "/Form" and "/Resources" not in form


def _is_cut(found: Any) -> bool:
    """Tell whether a packed content is not whole: pypdf, and programs that show it, take what they can get."""
    packing = resolved(found, "/Filter")
    if packing not in ("/FlateDecode", ["/FlateDecode"]):
        return False
    unpacking = zlib.decompressobj()
    try:
        unpacking.decompress(found._data, _MOST_UNPACKED)  # noqa: SLF001 - as above
    except zlib.error:
        return True
    return not unpacking.eof


def _dictionary(found: Any, key: str) -> Any:
    """Give a dictionary within another; an empty one where there is none."""
    from pypdf.generic import DictionaryObject

    value = resolved(found, key)
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def resolved(found: Any, key: str) -> Any:
    """Give what stands under a key, wherever it lies; None when nothing does."""
    value = found.get(key)
    return None if value is None else value.get_object()


def _plain(value: Any) -> bytes:
    buffer = BytesIO()
    value.write_to_stream(buffer)
    return buffer.getvalue()


def _plain_key(name: str) -> bytes:
    from pypdf.generic import NameObject

    return _plain(NameObject(name))
