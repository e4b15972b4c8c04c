"""
Documents of her own, and the file names under which documents leave the safe.
"""

import io

import pytest

import kit
from mycvault import Kind, UnacceptableContent

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40


@pytest.mark.parametrize(
    ("content", "media_type", "ending"),
    [
        (PNG, "image/png", ".png"),
        (JPEG, "image/jpeg", ".jpg"),
        ("Une note, accentuée.\n".encode(), "text/plain", ".txt"),
        (kit.pdf(), "application/pdf", ".pdf"),
        (kit.pdf(9 << 20), "application/pdf", ".pdf"),
    ],
    ids=["png", "jpeg", "text", "pdf", "large pdf"],
)
def test_she_adds_documents_of_her_own(lite, content, media_type, ending):
    """Four types are taken, recognised by their bytes; they belong to no employer."""
    safe = lite.joined().safe
    added = safe.add(io.BytesIO(content), title="Mine")

    assert (added.media_type, added.filename) == (media_type, "Mine" + ending)
    assert (added.employer, added.kind, added.size) == (None, Kind.PERSONAL, len(content))
    assert safe.read(added.id) == content
    assert lite.acme.deposits().items == []


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF\x02", b"GIF89a\0", b"PK\x03\x04", b"\xff\xfe\0x", b"%PDF-1.4 cut"]
)
def test_other_types_are_refused(lite, content):
    """What is not recognised is refused, and nothing stays behind."""
    safe = lite.joined().safe
    if content == b"%PDF-1.4 cut":
        content += b"\0"  # else it is plain text
    with pytest.raises(UnacceptableContent) as refused:
        safe.add(content, title="Mine")

    assert refused.value.field == "content"
    assert lite.blobs() == []
    assert safe.history().items[0].details["refused"] == "unacceptable-content"


NAMES = {
    "a/b\\c:d*e?f": "a b c d e f.pdf",
    "../../etc/passwd": "etc passwd.pdf",
    "CON": "document CON.pdf",
    "nul.tar": "document nul.tar.pdf",
    "...": "document.pdf",
    "slip.pdf": "slip.pdf",
    "🧾 Octobre": "🧾 Octobre.pdf",
    'say "cheese"': "say cheese.pdf",
    " trailing. ": "trailing.pdf",
}


@pytest.mark.parametrize(("title", "filename"), NAMES.items())
def test_a_file_name_is_safe_everywhere(lite, title, filename):
    """No separator, no reserved name, no ending twice."""
    safe = lite.joined().safe
    assert safe.add(kit.pdf(), title=title).filename == filename


@pytest.mark.parametrize("title", ["x" * 500, "é" * 500, "🧾" * 500, "ab. " * 125])
def test_a_long_title_makes_a_short_file_name(lite, title):
    """At most 255 bytes, the limit of file systems, and still a PDF."""
    added = lite.joined().safe.add(kit.pdf(), title=title)

    assert added.title == title.strip()
    assert len(added.filename.encode()) <= 255
    assert added.filename.endswith(".pdf")
    assert not added.filename.endswith(" .pdf")
