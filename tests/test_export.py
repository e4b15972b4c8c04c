"""
She takes everything with her: one ZIP that the programs of any system read, check and list.
"""

import datetime as dt
import json

import pytest

import export_kit
import kit
from export_kit import FIXED, exported
from mycvault import InvalidInput, Kind, locales


def slip(house, mark="October", **other):
    given = {"kind": "payslip", "period": "2026-10", **other}
    return house.acme.deposit("A-0042", kit.pdf(mark=mark), **given).document_id


# ------------------------------------------------------------------ judged by others


@pytest.mark.parametrize("locale", locales.AVAILABLE)
def test_the_programs_of_her_system_find_it_whole(lite, tmp_path, locale):
    """`unzip -t` and `sha256sum -c` have nothing to say, whatever her documents are called."""
    safe = lite.joined(locale=locale).safe
    contents = {slip(lite, str(number)): kit.pdf(mark=str(number)) for number in range(3)}
    contents[slip(lite, "m", period=None)] = kit.pdf(mark="m")
    for title in ("é" * 300, "../../etc/passwd", "😀 \u202elager", "C:\\con", "-", "=1+1", "nul"):
        contents[safe.add(title.encode(), title=title).id] = title.encode()
    large = kit.pdf(3 << 20)
    contents[lite.acme.deposit("A-0042", large, kind="contract").document_id] = large

    export = exported(safe)
    folder = export_kit.unpacked(export.content, tmp_path / "export")
    said = export_kit.run("sha256sum", "-c", "SHA256SUMS", inside=folder).splitlines()

    assert [line.removesuffix(": OK") for line in said] == export.names[:-1]
    assert {one["id"]: (folder / one["path"]).read_bytes() for one in export.listed} == contents
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == set(export.documents) | FIXED


def test_a_folder_for_each_kind_and_year_in_her_language(lite):
    """Payslips go by month and employer, other documents by their titles, without a month by the day of the deposit."""
    lite.joined(locale="fr")
    slip(lite)
    slip(lite, period="2025-12")
    slip(lite, "no month", period=None)
    lite.acme.deposit("A-0042", kit.pdf(), kind="tax", period="2026-01", title="Imposition")
    # In Paris the year is over already.
    lite.clock.moment = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)
    session = lite.signed_in()
    session.safe.add(b"A note.", title="Note.txt")

    assert exported(session.safe).documents == [
        "Bulletins de paie/2026/2026-10 Acme SAS.pdf",
        "Bulletins de paie/2025/2025-12 Acme SAS.pdf",
        "Bulletins de paie/2026/2026-10-05 Acme SAS.pdf",
        "Documents fiscaux/2026/2026-01 Imposition.pdf",
        "Documents personnels/2027/2027-01-01 Note.txt",
    ]


def test_names_that_collide_are_numbered_from_the_oldest(lite):
    """On a system that takes "NOTE" and "note" for one, nothing is lost either."""
    safe = lite.joined().safe
    slips = [slip(lite, str(number)) for number in range(3)]
    for title in ("Note", "NOTE", "note (2)", "note"):
        safe.add(title.encode(), title=title)

    export = exported(safe)
    own = export.documents[3:]
    stems = [path.rpartition("/2026-10-05 ")[2] for path in own]

    assert [export.of(one)["path"].rpartition("/")[2] for one in slips] == [
        "2026-10 Acme SAS.pdf",
        "2026-10 Acme SAS (2).pdf",
        "2026-10 Acme SAS (3).pdf",
    ]
    assert stems == ["Note.txt", "NOTE (2).txt", "note (2) (2).txt", "note (3).txt"]
    assert [export.read(path) for path in own] == [b"Note", b"NOTE", b"note (2)", b"note"]


@pytest.mark.parametrize("locale", locales.AVAILABLE)
def test_no_folder_is_called_as_a_file_of_the_export(locale):
    """What an export says of itself has names that no document's folder has."""
    folders = {locales.text(locale, "kinds", f"{kind}.many").casefold() for kind in Kind}

    assert len(folders) == len(Kind)
    assert folders.isdisjoint(name.partition("/")[0].casefold() for name in FIXED)


# ------------------------------------------------------------------ what it says


def test_the_manifest_says_all_that_is_known(house):
    """Digest, dates, origin, labels, corrections, archive and bin, of each document; nothing that is not hers yet or any more."""
    session = house.joined()
    safe = session.safe
    wrong = slip(house, "wrong")
    right = slip(house, "right", corrects=[wrong])
    note = safe.add(b"A note.", title="Note").id
    gone = slip(house, "gone", period="2026-09")
    slip(house, "later", available_from=kit.START + dt.timedelta(days=1))
    safe.read(right)
    safe.label(right, "flat", "bank")
    safe.archive(wrong)
    safe.discard(note)
    safe.destroy(gone)

    export = exported(safe)

    assert [one["id"] for one in export.listed] == [wrong, right, note]
    shown = safe.document(right)
    assert export.of(right) == {
        "id": right,
        "path": "Payslips/2026/2026-10 Acme SAS (2).pdf",
        "kind": "payslip",
        "period": "2026-10",
        "title": shown.title,
        "filename": shown.filename,
        "employer": {"reference": "acme", "name": "Acme SAS"},
        "media_type": "application/pdf",
        "size": 600,
        "sha256": shown.sha256,
        "deposited_at": "2026-10-05T08:00:00Z",
        "opened_at": "2026-10-05T08:00:00Z",
        "labels": ["bank", "flat"],
        "archived": False,
        "discarded_at": None,
        "keep_until": "2076-10-05",
        "corrects": [wrong],
        "corrected_by": [],
        "damaged": False,
    }
    assert (export.of(wrong)["archived"], export.of(wrong)["corrected_by"]) == (True, [right])
    assert export.of(note)["discarded_at"] == "2026-10-05T08:00:00Z"
    assert (export.of(note)["employer"], export.of(note)["period"]) == (None, None)
    head = {name: value for name, value in export.manifest.items() if name != "documents"}
    assert head == {
        "format": "mycvault export 1",
        "vault": house.vault.id,
        "account": session.account_id,
        "holder": {"given_name": kit.GIVEN, "family_name": kit.FAMILY},
        "exported_at": "2026-10-05T08:00:00Z",
        "journal": {
            "json": "journal/journal.json",
            "csv": "journal/journal.csv",
            "events": len(safe.history(limit=1000)),
            "proofs": None,
            "damaged": False,
        },
        "exported": 3,
        "damaged": 0,
    }


def test_tables_say_the_same_in_her_language(lite):
    """A spreadsheet shows the documents of the JSON, under French headings, one line each."""
    safe = lite.joined(locale="fr").safe
    document = slip(lite)
    safe.label(document, "banque", "=cmd|'/C calc'!A1")

    export = exported(safe)
    heading, line = export.table("manifest.csv")
    shown = dict(zip(heading, line, strict=True))

    assert export.read("manifest.csv").startswith(b"\xef\xbb\xbf")
    assert (heading[0], len(heading)) == ("Identifiant", 20)
    assert (shown["Identifiant"], shown["Type"]) == (document, "Bulletin de paie")
    assert (shown["SHA-256"], shown["Archivé"]) == (safe.document(document).sha256, "non")
    assert shown["Étiquettes"] == "'=cmd|'/C calc'!A1, banque"


def test_her_whole_history_is_in_it(house):
    """Every event, newest first, in both forms; the place of the proofs is kept."""
    safe = house.joined().safe
    slip(house)
    note = safe.add(b"A note.", title="Note").id
    safe.label(note, "flat")
    with pytest.raises(InvalidInput):
        safe.label(note, "")

    export = exported(safe)
    events = json.loads(export.read("journal/journal.json"))["events"]
    history = safe.history(limit=1000)

    assert [event["id"] for event in events] == [event.id for event in history]
    assert [line[0] for line in export.table("journal/journal.csv")[1:]] == [e.id for e in history]
    assert events[1] == {
        "id": history.items[1].id,
        "at": "2026-10-05T08:00:00Z",
        "verb": "label",
        "actor": "employee",
        "text": history.items[1].text,
        "details": {"field": "label", "refused": "invalid-input"},
    }
    assert events[0]["details"] == {"documents": "2"}


def test_a_large_safe_is_read_page_by_page(lite):
    """Two hundred and sixty documents, labelled one by one, are all there, oldest first, and so are their events."""
    safe = lite.joined().safe
    made = [safe.add(b"%d" % number, title="Note").id for number in range(260)]
    for document in made:
        safe.label(document, "note")

    export = exported(safe)

    assert [one["id"] for one in export.listed] == made
    assert export.documents[-1].endswith("/2026-10-05 Note (260).txt")
    assert export.manifest["journal"]["events"] > 520
    assert len(export.table("journal/journal.csv")) == export.manifest["journal"]["events"] + 1


def test_a_readme_says_how_to_check_in_two_languages(lite):
    """French and English in one file, the commands in both, whatever her own language is."""
    text = exported(lite.joined().safe).read("LISEZMOI-README.txt").decode()

    assert text.count("sha256sum -c SHA256SUMS") == text.count("journal/proofs/") == 2
    assert text.index("5 octobre 2026") < text.index("5 October 2026")


def test_files_bear_the_days_of_their_documents(lite):
    """A document is as old as its deposit, in the time of her country; what was written today is of today."""
    safe = lite.joined().safe
    slip(lite)
    lite.clock.advance(dt.timedelta(minutes=4))

    entries = {entry.filename: entry.date_time for entry in exported(safe).entries}

    assert entries["Payslips/2026/2026-10 Acme SAS.pdf"] == (2026, 10, 5, 10, 0, 0)
    assert entries["SHA256SUMS"] == (2026, 10, 5, 10, 4, 0)
