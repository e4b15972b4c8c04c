"""
A new PDF, object by object, and what of another PDF's page may come along. Pure.

Rule: a part holds what is named here and nothing else. Resources are shared by the pages of a payroll's file, and whatever hangs
on a page by any other key (notes, links, structure, thumbnails, metadata, private data) may be somebody else's. The bytes depend
on what was copied alone: no date, no identifier. Source: ISO 32000-2, chapter 7 for the file, 8 and 9 for what draws a page.
"""

_HEAD = (
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # a comment of high bytes, so that nobody takes it for text
)
_CATALOG, _PAGES = 1, 2

PLAIN = "plain"  # numbers, names, texts, and lists of them
DATA = "data"  # a stream, and how it is packed
CONTENTS = "contents"  # a page's own
RESOURCES = "resources"  # of these only what the content beside them names
GLYPHS = "glyphs"

# By kind of thing: the keys that are copied, and the kind of what stands there.
KEPT: dict[str, dict[str, str]] = {
    kind: {f"/{key}": of for of, keys in kept.items() for key in keys.split()}
    for kind, kept in {
        "page": {PLAIN: "MediaBox CropBox Rotate UserUnit", "group": "Group"},
        "group": {PLAIN: "Type S I K", "paint": "CS"},
        "xobject": {
            PLAIN: "Type Subtype FormType BBox Matrix Width Height BitsPerComponent ImageMask Decode Interpolate Intent"
            " SMaskInData Matte",
            "group": "Group",
            "paint": "ColorSpace",
            "xobject": "Mask SMask",
            RESOURCES: "Resources",
        },
        "font": {
            PLAIN: "Type Subtype Name BaseFont FirstChar LastChar Widths FontBBox FontMatrix DW W DW2 W2",
            "descriptor": "FontDescriptor",
            "encoding": "Encoding ToUnicode CIDSystemInfo CIDToGIDMap",
            "font": "DescendantFonts",
            GLYPHS: "CharProcs",
            RESOURCES: "Resources",
        },
        "descriptor": {
            PLAIN: "Type FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight"
            " XHeight StemV StemH AvgWidth MaxWidth MissingWidth CharSet",
            DATA: "FontFile FontFile2 FontFile3 CIDSet",
        },
        "encoding": {
            PLAIN: "Type BaseEncoding Differences Registry Ordering Supplement CMapName WMode",
            "encoding": "CIDSystemInfo UseCMap",
        },
        "gstate": {
            PLAIN: "Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK",
            "font": "Font",
            "mask": "SMask",
            "paint": "BG BG2 UCR UCR2 TR TR2",
        },
        "mask": {PLAIN: "Type S BC", "xobject": "G", "paint": "TR"},
        "pattern": {
            PLAIN: "Type PatternType PaintType TilingType BBox XStep YStep Matrix",
            "shading": "Shading",
            "gstate": "ExtGState",
            RESOURCES: "Resources",
        },
        "shading": {
            PLAIN: "ShadingType Background BBox AntiAlias Coords Domain Extend Matrix BitsPerCoordinate BitsPerComponent"
            " BitsPerFlag Decode VerticesPerRow",
            "paint": "ColorSpace Function",
        },
        # A colour space or a function: the one is made of the other.
        "paint": {
            PLAIN: "WhitePoint BlackPoint Gamma Matrix Range N FunctionType Domain Size BitsPerSample Order Encode Decode C0 C1"
            " Bounds",
            "paint": "Alternate Functions",
        },
        DATA: {PLAIN: "Subtype Length1 Length2 Length3"},
        CONTENTS: {},
        "packing": {
            PLAIN: "Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign Rows EndOfBlock BlackIs1"
            " DamagedRowsBeforeError ColorTransform",
            DATA: "JBIG2Globals",
        },
    }.items()
}
# Of a page's resources: the kind of what each list of them names.
LISTED = {
    "/ColorSpace": "paint",
    "/ExtGState": "gstate",
    "/Font": "font",
    "/Pattern": "pattern",
    "/Shading": "shading",
    "/XObject": "xobject",
}
# What draws without being named: the colours that stand for a device's.
ALWAYS = {"/ColorSpace": {"/DefaultGray", "/DefaultRGB", "/DefaultCMYK"}}
# Laid over a page, but not printed with it; whatever else is laid over it belongs to what it shows.
NOT_SHOWN = frozenset(
    {"/Link", "/Popup", "/Text", "/FileAttachment", "/Sound", "/Movie", "/Screen"}
)


class Part:
    """A PDF that is being made."""

    def __init__(self) -> None:
        self._objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
        self._pages: list[int] = []

    def reserve(self) -> int:
        """Give the next object's number."""
        self._objects.append(b"null")
        return len(self._objects)

    def fill(self, number: int, body: bytes) -> None:
        """Write the object of this number."""
        self._objects[number - 1] = body

    def add_page(self, entries: bytes) -> None:
        """Add a page after the others: its dictionary, but for type and parent."""
        number = self.reserve()
        self.fill(number, b"<</Type/Page/Parent %d 0 R%b>>" % (_PAGES, entries))
        self._pages.append(number)

    def written(self) -> bytes:
        """Give the whole file."""
        kids = b" ".join(reference(number) for number in self._pages)
        self.fill(_PAGES, b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(self._pages), kids))
        file, places = bytearray(_HEAD), []
        for number, body in enumerate(self._objects, 1):
            places.append(len(file))
            file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        start, count = len(file), len(places) + 1
        file += b"xref\n0 %d\n0000000000 65535 f \n" % count
        file += b"".join(b"%010d 00000 n \n" % place for place in places)
        root = b"<</Size %d/Root %d 0 R>>" % (count, _CATALOG)
        file += b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (root, start)
        return bytes(file)


def reference(number: int) -> bytes:
    """Write a reference to an object."""
    return b"%d 0 R" % number


def stream(entries: bytes, data: bytes) -> bytes:
    """Write a stream: its dictionary's entries but for its length, and its bytes as they are packed."""
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(data), data)
