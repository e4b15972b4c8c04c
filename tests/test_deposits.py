"""
Payroll deposits: once, for the right person, whole or not at all, and safely again.
"""

import contextlib
import datetime as dt
import hashlib
import io
import os
import subprocess
import threading

import pytest

import kit
from mycvault import (
    BlobsUnavailable,
    DepositConflict,
    Kind,
    LocalKeys,
    Period,
    Policy,
    UnacceptableContent,
    Vault,
)
from mycvault.storage.blobs.memory import MemoryBlobs

MIB = 1 << 20
LARGE = kit.pdf(9 * MIB)


def slip(house, content=None, matricule="A-0042", **other):
    given = {"kind": "payslip", "period": "2026-10", **other}
    return house.acme.deposit(matricule, content or kit.pdf(), **given)


@contextlib.contextmanager
def piped(content):
    """Give a file that can only be read once, from its beginning to its end."""
    reader, writer = os.pipe()

    def feed():
        with contextlib.suppress(BrokenPipeError), os.fdopen(writer, "wb") as sink:
            sink.write(content)

    feeding = threading.Thread(target=feed)
    feeding.start()
    with os.fdopen(reader, "rb") as pipe:
        yield pipe
    feeding.join()


# ------------------------------------------------------------------ what may be handed in


@pytest.mark.parametrize("content", [kit.pdf(), LARGE], ids=["small", "large"])
@pytest.mark.parametrize("form", ["bytes", "path", "file", "unseekable"])
def test_bytes_path_and_file_are_the_same_deposit(tmp_path, lite, content, form):
    """Whatever holds the bytes, the receipt is of them; a file of the caller's stays open."""
    session = lite.joined()
    path = tmp_path / "slip.pdf"
    path.write_bytes(content)
    with path.open("rb") as file, piped(content) as pipe:
        given = {"bytes": content, "path": path, "file": file, "unseekable": pipe}[form]
        receipt = slip(lite, given)
        assert not file.closed
        assert not pipe.closed

    assert receipt.sha256 == hashlib.sha256(content).hexdigest()
    assert (receipt.size, receipt.replayed, receipt.kind) == (len(content), False, Kind.PAYSLIP)
    assert (receipt.period, receipt.matricule) == (Period("2026-10"), "A-0042")
    assert session.safe.read(receipt.document_id) == content
    assert len(lite.blobs()) == 1


def test_a_file_is_read_from_where_it_stands(lite):
    """What was read before is not part of the document."""
    lite.enrolled()
    file = io.BytesIO(b"skipped" + kit.pdf())
    file.seek(7)

    assert slip(lite, file).sha256 == hashlib.sha256(kit.pdf()).hexdigest()
    assert not file.closed


def test_fifty_mebibytes_and_not_a_byte_more(lite):
    """The limit of the policy is the last size that is taken."""
    lite.enrolled()
    with pytest.raises(UnacceptableContent) as refused:
        slip(lite, kit.pdf(50 * MIB + 1))

    assert refused.value.reason == "too-large"
    assert lite.blobs() == []
    assert slip(lite, kit.pdf(50 * MIB)).size == 50 * MIB


class Endless(io.RawIOBase):
    """A file that begins as a PDF and never ends."""

    given = 0

    def readable(self):
        return True

    def readinto(self, buffer, /):
        piece = (b"" if self.given else b"%PDF-1.4\n") + b"x" * (1 << 16)
        count = min(len(buffer), len(piece))
        buffer[:count] = piece[:count]
        self.given += count
        return count


CONTENTS = {
    "empty": lambda: b"",
    "text": lambda: b"no PDF at all",
    "cut": lambda: kit.pdf()[:-20],
    "empty file": io.BytesIO,
    "not a PDF, large": lambda: io.BytesIO(b"x" * 9 * MIB),
    "cut, large": lambda: io.BytesIO(LARGE[:-20]),
    "endless": Endless,
}


@pytest.mark.parametrize("make", CONTENTS.values(), ids=CONTENTS)
def test_a_content_that_is_no_document_leaves_nothing_behind(lite, make):
    """Empty, too large or no PDF is UnacceptableContent, found on the way; no byte stays in the blobs."""
    lite.enrolled()
    content = make()
    with pytest.raises(UnacceptableContent) as refused:
        lite.acme.deposit("A-0042", content, kind="payslip")

    assert refused.value.field == "content"
    assert lite.last_event() == ("deposit", "unacceptable-content")
    assert lite.blobs() == []
    assert lite.rows("SELECT id FROM mycvault_documents") == []
    if isinstance(content, Endless):
        assert content.given < 52 * MIB, "it was read on after the limit"


# ------------------------------------------------------------------ once


@pytest.mark.parametrize("content", [kit.pdf(), LARGE], ids=["small", "large"])
@pytest.mark.parametrize("reference", [None, "run 77"])
def test_the_same_deposit_again_gets_the_first_receipt(house, content, reference):
    """A retry is safe, with a reference of the host's or a derived one; nothing is stored twice."""
    house.enrolled()
    first = slip(house, content, reference=reference)
    house.clock.advance(dt.timedelta(days=40))
    again = slip(house, content, reference=reference)

    assert again.replayed
    assert (again.document_id, again.deposited_at) == (first.document_id, kit.START)
    assert (again.reference, again.sha256) == (first.reference, first.sha256)
    assert len(house.blobs()) == 1
    assert len(house.acme.deposits()) == 1


def test_small_and_large_retries_leave_the_same_trace(lite):
    """Whether a retry is told in the journal does not depend on the size of the document."""
    lite.enrolled()
    traces = []
    for content in (kit.pdf(), LARGE):
        slip(lite, content)
        before = len(lite.events())
        slip(lite, content)
        traces.append(lite.events()[before:])

    assert traces[0] == traces[1]


@pytest.mark.parametrize("content", [kit.pdf(601), kit.pdf(9 * MIB + 1)], ids=["small", "large"])
def test_other_bytes_under_a_reference_conflict(house, content):
    """A reference stands for one content; the refused one leaves no blob, and she sees the refusal."""
    session = house.joined()
    slip(house, reference="run 77")
    with pytest.raises(DepositConflict) as refused:
        slip(house, content, reference="run 77")

    assert refused.value.field == "reference"
    assert len(house.blobs()) == 1
    assert session.safe.count() == 1
    event = session.safe.history(locale="en").items[0]
    assert (event.verb, event.details["refused"]) == ("deposit", "deposit-conflict")


def test_a_reference_belongs_to_one_employee(house):
    """The same bytes under the same reference for somebody else are a conflict; without a reference they are hers."""
    house.enrolled()
    house.enrolled("A-2", email=None, phone=None)
    slip(house, reference="run 77")
    with pytest.raises(DepositConflict):
        slip(house, matricule="A-2", reference="run 77")

    assert not slip(house, matricule="A-2").replayed
    assert not slip(house).replayed
    other = house.vault.add_employer("Other", reference="other")
    other.enrol("A-0042", given_name="Else", family_name="Exemple")
    receipt = other.deposit("A-0042", kit.pdf(), kind="payslip", reference="run 77")
    assert not receipt.replayed


@pytest.mark.parametrize("content", [kit.pdf(), LARGE], ids=["small", "large"])
def test_two_threads_with_the_same_deposit_make_one_document(house, content):
    """Of racing retries one deposits and the others get its receipt; one blob is left."""
    house.enrolled()
    start, receipts = threading.Barrier(6), []

    def deposit():
        start.wait()
        receipts.append(slip(house, content))

    threads = [threading.Thread(target=deposit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(receipt.replayed for receipt in receipts) == [False] + [True] * 5
    assert len({receipt.document_id for receipt in receipts}) == 1
    assert len(house.blobs()) == 1


# ------------------------------------------------------------------ a disk that is full


def test_a_store_that_does_not_answer_leaves_nothing(tmp_path):
    """Nothing is visible, nothing is promised, and the retry of payroll works later."""
    blobs = kit.UnhurriedBlobs(MemoryBlobs())
    records, clock = f"sqlite:///{tmp_path}/records.sqlite3", kit.SettableClock()
    with Vault.create(
        blobs, keys=LocalKeys.ephemeral(), records=records, policy=Policy.for_tests(), clock=clock
    ) as vault:
        acme = vault.add_employer("Acme", reference="acme")
        acme.enrol("A-1", given_name="Zoé", family_name="Exemple", email=kit.EMAIL)
        blobs.failure = BlobsUnavailable("full")
        for content in (kit.pdf(), LARGE):
            with pytest.raises(BlobsUnavailable):
                acme.deposit("A-1", content, kind="payslip")
        assert acme.deposits().items == []
        assert list(blobs.slow.scan()) == []

        blobs.failure = None
        receipts = [acme.deposit("A-1", content, kind="payslip") for content in (kit.pdf(), LARGE)]
        assert [receipt.replayed for receipt in receipts] == [False, False]


def test_a_full_disk_leaves_nothing(tmp_path, lite):
    """A real file system of four mebibytes, mounted over the blobs, refuses and recovers."""
    lite.enrolled()
    place = lite.folder / "blobs"
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        for content in (kit.pdf(5 * MIB), LARGE):
            with pytest.raises(BlobsUnavailable):
                slip(lite, content)
            assert lite.blobs() == []
        assert slip(lite, kit.pdf(MIB)).size == MIB
        assert len(lite.acme.deposits()) == 1
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert not slip(lite, LARGE).replayed


def test_deposits_are_listed_for_the_employer(house):
    """Newest first, by employee or month, in pages without gaps; another employer sees none."""
    house.enrolled()
    house.enrolled("A-2", email=None, phone=None)
    made = [
        slip(house, matricule=matricule, period=f"2026-0{month}").document_id
        for month in range(1, 6)
        for matricule in ("A-0042", "A-2")
    ]
    listed, after = [], None
    while True:
        page = house.acme.deposits(after=after, limit=3)
        listed += [receipt.document_id for receipt in page]
        after = page.after
        if after is None:
            break

    assert listed == made[::-1]
    assert [r.matricule for r in house.acme.deposits(period="2026-03")] == ["A-2", "A-0042"]
    assert len(house.acme.deposits(matricule="A-2")) == 5
    assert house.vault.add_employer("Other", reference="other").deposits().items == []
