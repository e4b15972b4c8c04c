"""
PDFs of many pages, written by hand so that a test says in its own lines what is in them.

Objects are numbered as they are added: 1 is the catalogue, 2 the pages' tree, 3 a font that every page may use.
"""

import io
from collections.abc import Iterable

from pypdf import PdfReader

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def said(text: str) -> bytes:
    """Write what draws a text, line by line."""
    lines = (f"({line}) Tj T*" for line in text.split("\n"))
    return f"BT /F1 10 Tf 12 TL 40 800 Td {' '.join(lines)} ET".encode("cp1252")


class File:
    """A PDF on its way."""

    def __init__(self) -> None:
        self.objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", FONT]
        self.kids: list[int] = []
        self.trailer = b""

    def add(self, body: bytes) -> int:
        """Add an object; give its number."""
        self.objects.append(body)
        return len(self.objects)

    def stream(self, data: bytes, entries: bytes = b"") -> int:
        """Add a stream; give its number."""
        return self.add(b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data))

    def form(self, data: bytes, resources: bytes = b"/Resources<</Font<</F1 3 0 R>>>>") -> int:
        """Add a form, which pages draw by its name."""
        entries = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]" + resources
        return self.stream(data, entries)

    def page(
        self, data: bytes, *, resources: bytes = b"/Font<</F1 3 0 R>>", more: bytes = b""
    ) -> int:
        """Add a page; give its number as an object."""
        content = self.stream(data)
        entries = b"/MediaBox[0 0 595 842]/Resources<<%b>>/Contents %d 0 R" % (resources, content)
        self.kids.append(self.add(b"<</Type/Page/Parent 2 0 R%b%b>>" % (entries, more)))
        return self.kids[-1]

    def written(self) -> bytes:
        """Give the whole file."""
        kids = b" ".join(b"%d 0 R" % kid for kid in self.kids)
        self.objects[1] = b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(self.kids), kids)
        file, places = bytearray(b"%PDF-1.6\n"), []
        for number, body in enumerate(self.objects, 1):
            places.append(b"%010d 00000 n \n" % len(file))
            file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        start, size = len(file), len(places) + 1
        file += b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, b"".join(places))
        file += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n" % (size, self.trailer)
        return bytes(file + b"%d\n%%%%EOF\n" % start)


def payroll(*texts: str) -> bytes:
    """Make a file of one page for each text; an empty text is a page without any."""
    file = File()
    for text in texts:
        file.page(said(text) if text else b"0 0 99 99 re f")
    return file.written()


def texts(content: bytes) -> list[str]:
    """Read every page of a PDF."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content), strict=True).pages]


def objects(content: bytes) -> Iterable[bytes]:
    """Give every object of a PDF, streams unpacked, whether something leads to it or not."""
    reader = PdfReader(io.BytesIO(content))
    for number in range(1, int(reader.trailer["/Size"])):
        thing = reader.get_object(number)
        yield repr(thing).encode()
        if hasattr(thing, "get_data"):
            yield thing.get_data()
