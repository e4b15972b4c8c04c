"""
Names in an export: every system takes them, no two are one, none leads out of the folder; cells of a table run nothing.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycvault import Document, Kind, Period
from mycvault.documents import manifest, rules
from mycvault.documents.archive import Names

PARIS = ZoneInfo("Europe/Paris")
ENDINGS = ("", ".pdf", ".png", ".jpg", ".txt")
RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}
BIDI = {
    "\u061c",
    "\u200e",
    "\u200f",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
# What titles are made of: all that `parse_word` lets through, and much of what is awkward.
AWKWARD = st.sampled_from(
    [*"\\/:*?\"<>|;=+-@.'~$ ", *BIDI, "é", "e\u0301", "😀", "👩\u200d👧", "ß", "SS"]
)
TITLES = st.lists(
    AWKWARD
    | st.sampled_from(sorted(RESERVED))
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    min_size=1,
    max_size=60,
).map("".join)


def document(**other):
    """Make a document as she sees it."""
    given = {
        "id": "0199b7b0-0000-7000-8000-000000000000",
        "kind": Kind.OTHER,
        "period": None,
        "title": "Title",
        "filename": "Title.pdf",
        "employer": "acme",
        "employer_name": "ACME",
        "media_type": "application/pdf",
        "size": 1,
        "sha256": "0" * 64,
        "deposited_at": dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC),
        "opened_at": None,
        "labels": frozenset(),
        "archived": False,
        "discarded_at": None,
        "keep_advised": False,
        "keep_until": None,
        "corrects": (),
        "corrected_by": (),
    }
    return Document(**given | other)


def assert_fit(part):
    """See that any file system takes a part of a path, and that it leads nowhere."""
    assert 1 <= len(part.encode()) <= 120
    assert part.strip(". ") == part
    assert part.partition(".")[0].strip().casefold() not in RESERVED
    assert not set(part) & (set('\\/:*?"<>|;') | BIDI)
    assert not any(unicodedata.category(char) == "Cc" for char in part)
    assert unicodedata.normalize("NFC", part) == part


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("other", "year", "stem"),
    [
        ({"kind": Kind.PAYSLIP, "period": Period("2026-10")}, 2026, "2026-10 ACME"),
        ({"kind": Kind.PAYSLIP}, 2027, "2027-01-01 ACME"),
        ({"kind": Kind.PAYSLIP, "employer_name": None}, 2027, "2027-01-01 Title"),
        ({"period": Period("2025-01"), "title": "Tax.pdf"}, 2025, "2025-01 Tax"),
        ({"title": "a/b\\c: d"}, 2027, "2027-01-01 a b c d"),
        ({"title": "../../.bashrc"}, 2027, "2027-01-01 .. .. .bashrc"),
        ({"title": "Prime; -10"}, 2027, "2027-01-01 Prime, -10"),
        ({"title": "\u202efdp.exe"}, 2027, "2027-01-01 fdp.exe"),
        ({"title": "e\u0301té. "}, 2027, "2027-01-01 été"),
        ({"title": "x" * 300}, 2027, "2027-01-01 " + "x" * 109),
        ({"title": "é" * 300}, 2027, "2027-01-01 " + "é" * 54),
    ],
)
def test_a_document_is_named_by_what_it_is(other, year, stem):
    """Its month and employer, or the day of its deposit in Paris and its title, without what no system takes."""
    one = document(**other)

    assert rules.export_year(one, PARIS) == year
    assert rules.export_stem(one, PARIS) == stem


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_that_windows_keeps_for_itself_are_changed(name):
    """In any case, and whatever follows behind a dot."""
    for text in (name, name.upper(), f"{name}.pdf", f" {name} .txt"):
        assert_fit(rules.file_stem(text))


@pytest.mark.parametrize(
    ("stem", "number", "name"),
    [
        ("2026-10 ACME", 1, "2026-10 ACME.pdf"),
        ("2026-10 ACME", 2, "2026-10 ACME (2).pdf"),
        ("x" * 120, 1, "x" * 116 + ".pdf"),
        ("x" * 120, 10, "x" * 111 + " (10).pdf"),
        ("é" * 60, 2, "é" * 56 + " (2).pdf"),
        ("x" * 111 + " . yyyyyyyy", 2, "x" * 111 + " (2).pdf"),
    ],
)
def test_a_numbered_name_is_no_longer_than_another(stem, number, name):
    """What is too long gives way before its number and its ending do."""
    assert rules.numbered(stem, number, ".pdf") == name
    assert len(name.encode()) <= 120


@given(st.lists(st.tuples(TITLES, st.sampled_from(ENDINGS)), min_size=1, max_size=30))
def test_no_two_files_are_one_and_none_leads_out(wanted):
    """Whatever they are called: each has a path of its own on systems that tell neither case nor accents' forms."""
    names, again = Names(), Names()
    paths = []
    for title, ending in wanted:
        stem = rules.export_stem(document(title=title), PARIS)
        paths.append(names.take(("Kind", "2026"), stem, ending))
        assert again.take(("Kind", "2026"), stem, ending) == paths[-1]

    for path, (_, ending) in zip(paths, wanted, strict=True):
        parts = path.split("/")
        assert parts[:2] == ["Kind", "2026"]
        assert len(parts) == 3
        assert parts[2].endswith(ending)
        assert_fit(parts[2])
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == len(paths)


@given(TITLES, TITLES)
def test_folders_are_fit_too(kind, stem):
    """A folder's name goes through the same rule."""
    folder, name = Names().take((kind,), rules.file_stem(stem), ".pdf").split("/")

    assert folder == rules.file_stem(kind)
    assert name.endswith(".pdf")


def test_a_thousand_of_one_name_are_numbered():
    """From the first on, without looking through all that came before each time."""
    names = Names()
    taken = [names.take(("a",), "Same", ".pdf") for _ in range(1000)]

    assert (taken[0], taken[1], taken[999]) == ("a/Same.pdf", "a/Same (2).pdf", "a/Same (1000).pdf")


# ------------------------------------------------------------------ cells


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+33 6", "'+33 6"),
        ("-10 %", "'-10 %"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ('"=1"', '\'"=1"'),
        ("＝1", "'＝1"),
        ("Prime; =1", "Prime;' =1"),
        ('a;"=1"', 'a;\'"=1"'),
        ("2026-10", "2026-10"),
        ("2026-10-05T08:00:00Z", "2026-10-05T08:00:00Z"),
        ("a=b; c-d, e@f", "a=b; c-d, e@f"),
        ("", ""),
    ],
)
def test_a_cell_that_would_run_is_made_text(cell, shown):
    """An apostrophe stands before what a spreadsheet would take for a formula; all else stays as it is."""
    assert manifest.harmless(cell) == shown


@given(st.text(st.sampled_from("=+-@;,|\t\r\n \"'a1\u200b＝"), max_size=20))
def test_no_spreadsheet_finds_a_formula(title):
    """Whether it splits at commas, semicolons or tabs, as Excel does by the country it is set to."""
    one = document(title=title, labels=frozenset({title}), sha256="a" * 64)
    listed = manifest.Manifest("fr")
    listed.add(one.id, one, "Kind/2026/name.pdf")
    table = b"".join(listed.csv()).decode("utf-8-sig")

    for delimiter in ",;\t|":
        for cells in csv.reader(io.StringIO(table, newline=""), delimiter=delimiter):
            for cell in cells:
                assert not re.match(r"[\s\u200b]*[=+\-@＝]", cell), cells
    (_, row) = csv.reader(io.StringIO(table, newline=""))
    assert (row[0], row[1], row[10]) == (one.id, "Kind/2026/name.pdf", "a" * 64)
    assert row[4].replace("'", "") == title.replace("'", "")
