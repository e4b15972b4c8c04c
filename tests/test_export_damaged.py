"""
An export of a safe that was tampered with: all that is intact, and a list that names what is not.
"""

import pytest

import export_kit
import kit
from export_kit import exported
from mycvault import DocumentDamaged, RecordDamaged

MIB = 1 << 20


def deposit(house, size=600, mark="October"):
    """Deposit a document; give its id and the file its bytes lie in."""
    before = set(house.blobs())
    content = kit.pdf(size, mark=mark)
    receipt = house.acme.deposit("A-0042", content, kind="payslip", period="2026-10")
    (name,) = set(house.blobs()) - before
    (path,) = (house.folder / "blobs").rglob(name)
    return receipt.document_id, path


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def assert_whole(export, tmp_path):
    folder = export_kit.unpacked(export.content, tmp_path / "export")
    export_kit.run("sha256sum", "-c", "SHA256SUMS", inside=folder)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: flip(path, 700),
        lambda path: flip(path, path.stat().st_size // 2),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.unlink(),
    ],
)
@pytest.mark.parametrize("size", [2000, 9 * MIB])
def test_damaged_bytes_are_named_and_left_out(lite, tmp_path, size, harm):
    """A flipped bit, a cut, a file that is gone: not a byte of the document is written, the others are all there."""
    safe = lite.joined().safe
    before, _ = deposit(lite, mark="before")
    damaged, path = deposit(lite, size)
    after, _ = deposit(lite, mark="after")
    harm(path)
    export = exported(safe)

    assert_whole(export, tmp_path)
    assert [(one["id"], one["damaged"]) for one in export.listed] == [
        (before, False),
        (damaged, True),
        (after, False),
    ]
    assert (export.of(damaged)["path"], export.of(damaged)["period"]) == (None, "2026-10")
    assert (export.manifest["exported"], export.manifest["damaged"]) == (2, 1)
    assert len(export.documents) == 2
    assert export.table("manifest.csv")[2][-1] == "yes"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mycvault_documents SET kind = 'tax' WHERE id = :id",
        "UPDATE mycvault_documents SET title = sha256 WHERE id = :id",
        "UPDATE mycvault_contents SET size = 7 WHERE id = :id",
        "DELETE FROM mycvault_contents WHERE id = :id",
        "UPDATE mycvault_labels SET document_id = id WHERE document_id = :id",
        "UPDATE mycvault_labels SET name = seal WHERE document_id = :id",
    ],
)
def test_damaged_rows_are_named_and_left_out(house, tmp_path, statement):
    """Somebody wrote the database: the document that it was about is named, whatever else is hers comes out."""
    safe = house.joined().safe
    damaged, _ = deposit(house)
    intact, _ = deposit(house, mark="intact")
    safe.label(damaged, "flat")
    house.run(statement, id=damaged)
    export = exported(safe)

    assert_whole(export, tmp_path)
    # A label that was moved away is missing and nothing more.
    moved = "document_id = id" in statement
    assert [one["id"] for one in export.listed if one["damaged"]] == ([] if moved else [damaged])
    assert export.content_of(intact) == kit.pdf(mark="intact")


def test_documents_of_a_damaged_employer_come_out(house):
    """Whose they are is not known any more; they are hers."""
    safe = house.joined().safe
    document, _ = deposit(house)
    house.run("UPDATE mycvault_employers SET siren = '732829320'")
    export = exported(safe)

    assert export.of(document)["employer"] is None
    assert export.documents == ["Payslips/2026/2026-10 Payslip 2026-10.pdf"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM mycvault_events WHERE verb = 'deposit'",
        "UPDATE mycvault_events SET verb = 'open' WHERE verb = 'deposit'",
    ],
)
def test_a_damaged_journal_does_not_keep_her_documents(house, tmp_path, statement):
    """They all come out; the journal is left out whole, and said to be damaged."""
    safe = house.joined().safe
    document, _ = deposit(house)
    safe.rename(document, "Later")
    house.run(statement)
    export = exported(safe)

    assert_whole(export, tmp_path)
    assert export.content_of(document) == kit.pdf()
    assert [name for name in export.names if name.startswith("journal/")] == []
    assert export.manifest["journal"] == {
        "json": None,
        "csv": None,
        "events": None,
        "proofs": None,
        "damaged": True,
    }


def test_damage_after_the_reading_through_ends_the_export(lite):
    """What was intact a moment ago and is not any more is an error, in her history, never wrong bytes."""
    safe = lite.joined().safe
    _, path = deposit(lite, 9 * MIB)
    stream = safe.export_stream()
    pieces = [next(stream)]
    flip(path, 8 * MIB)
    with pytest.raises(DocumentDamaged):
        pieces.extend(stream)

    assert len(b"".join(pieces)) < 9 * MIB
    assert lite.last_event() == ("export", "document-damaged")


def test_a_damaged_account_is_not_exported(house):
    """Without knowing whose it is, nothing leaves."""
    session = house.joined()
    deposit(house)
    house.run("UPDATE mycvault_accounts SET locale = 'en-GB'")
    with pytest.raises(RecordDamaged):
        session.safe.export_stream()

    assert house.last_event() == ("export", "record-damaged")


def test_a_document_that_went_with_its_bytes_is_no_damage(lite):
    """Destroyed and swept between being found and being read: left out, and not a word of damage."""
    safe = lite.joined().safe
    first, _ = deposit(lite, MIB)
    gone, path = deposit(lite, mark="gone")
    desk = lite.vault._desk

    class Late(kit.UnhurriedBlobs):
        def get(self, key, **where):
            if key == path.name:
                safe.destroy(gone)
                path.unlink()
            return super().get(key, **where)

    desk.blobs = Late.before(desk.blobs, lite.vault)
    export = exported(safe)

    assert [one["id"] for one in export.listed] == [first]
    assert export.manifest["damaged"] == 0
