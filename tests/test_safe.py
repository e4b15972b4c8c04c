"""
What she does in her safe: listing, opening, filing; all of a call or none; never other people's.
"""

import io
import threading

import pytest

import kit
from mycvault import DocumentMissing, InvalidInput, Kind

NOBODY = "00000000-0000-7000-8000-000000000000"


def ids(documents):
    return [document.id for document in documents]


def pages(verb, **how):
    """Read a list to its end, page by page."""
    found, after = [], None
    while True:
        page = verb(after=after, **how)
        assert len(page) <= how["limit"]
        found += page.items
        after = page.after
        if after is None:
            return found


# ------------------------------------------------------------------ lists


def test_documents_are_found_by_what_they_are(house):
    """Kind, month, label, archive, bin and unopened narrow the list; counts say the same."""
    safe = house.joined().safe

    def deposit(kind, period):
        return house.acme.deposit(
            "A-0042", kit.pdf(mark=kind + period), kind=kind, period=period
        ).document_id

    september, october = deposit("payslip", "2026-09"), deposit("payslip", "2026-10")
    contract = deposit("contract", "2026-09")
    note = safe.add(b"A note.", title="Note").id
    safe.label(october, "Bank", "Flat")
    safe.label(note, "flat")
    safe.read(september)

    everything = [note, contract, october, september]
    assert ids(safe.documents()) == everything
    assert ids(safe.payslips()) == [october, september]
    assert ids(safe.documents(kind=Kind.CONTRACT)) == [contract]
    assert ids(safe.documents(kind="personal")) == [note]
    assert ids(safe.documents(period="2026-09")) == [contract, september]
    assert ids(safe.documents(kind="payslip", period="2026-09")) == [september]
    assert ids(safe.documents(label="FLAT")) == [note, october]
    assert ids(safe.documents(label="nothing")) == []
    assert ids(safe.documents(unopened=True)) == [note, contract, october]
    assert (safe.count(), safe.count(kind="payslip"), safe.count(unopened=True)) == (4, 2, 3)

    safe.archive(september)
    safe.discard(contract)
    assert ids(safe.documents()) == [note, october]
    assert ids(safe.documents(archived=True)) == [september]
    assert ids(safe.documents(binned=True)) == [contract]
    assert safe.count() == 2
    safe.discard(september)
    assert ids(safe.documents(archived=True)) == []
    assert ids(safe.documents(binned=True)) == [contract, september]


def test_pages_have_no_gaps_and_no_doubles_in_a_standing_clock(house):
    """Eleven documents of one moment, read by twos and threes, forward to the end."""
    safe = house.joined().safe
    made = [safe.add(b"note %d" % number, title=f"Note {number}").id for number in range(11)]
    for document in made[::2]:
        safe.label(document, "even")

    for limit in (1, 2, 3, 11, 12):
        assert ids(pages(safe.documents, limit=limit)) == made[::-1]
        assert ids(pages(safe.documents, limit=limit, label="even")) == made[::2][::-1]
        assert ids(pages(safe.history, limit=limit)) == ids(safe.history(limit=1000))


def test_a_page_goes_on_where_it_stopped(lite):
    """What is added while she turns pages shifts nothing."""
    safe = lite.joined().safe
    made = [safe.add(b"note %d" % number, title="Note").id for number in range(4)]
    first = safe.documents(limit=2)
    safe.add(b"later", title="Later")

    second = safe.documents(limit=2, after=first.after)

    assert ids(first) + ids(second) == made[::-1]
    assert second.after is None


# ------------------------------------------------------------------ filing


def test_labels_come_and_go(house):
    """Each once, in alphabetical order; one that is not there is taken off without complaint."""
    safe = house.joined().safe
    note = safe.add(b"A note.", title="Note").id
    labelled = safe.label(note, "flat", "bank")
    safe.label(note, "FLAT", "flat")

    assert labelled.labels == {"flat", "bank"}
    assert safe.labels() == ["bank", "flat"]
    assert safe.unlabel(note, "Bank", "none").labels == {"flat"}
    assert safe.document(note).labels == {"flat"}
    for bad in ("", " ", "x" * 101, "a\nb"):
        with pytest.raises(InvalidInput) as refused:
            safe.label(note, "good", bad)
        assert refused.value.field == "label"
    assert safe.labels() == ["flat"]


def test_a_document_is_renamed(house):
    """The new title is shown, and the bytes are the same."""
    safe = house.joined().safe
    receipt = house.acme.deposit("A-0042", kit.pdf(), kind="payslip")
    renamed = safe.rename(receipt.document_id, "  Octobre  ")

    assert (renamed.title, renamed.filename) == ("Octobre", "Octobre.pdf")
    assert safe.read(receipt.document_id) == kit.pdf()
    for bad in ("", "x" * 501):
        with pytest.raises(InvalidInput) as refused:
            safe.rename(receipt.document_id, bad)
        assert refused.value.field == "title"
    assert house.last_event() == ("rename", "invalid-input")


def test_filing_twice_is_no_error(house):
    """A double click archives once and bins once, takes out once and restores once."""
    safe = house.joined().safe
    note = safe.add(b"A note.", title="Note").id
    for verb, shown in (
        (safe.archive, lambda d: d.archived),
        (safe.unarchive, lambda d: not d.archived),
        (safe.discard, lambda d: d.discarded_at is not None),
        (safe.restore, lambda d: d.discarded_at is None),
    ):
        for documents in ((note,), (note,), (note, note)):
            assert all(shown(document) for document in verb(*documents))

    assert ids(safe.documents()) == [note]
    assert safe.archive() == []


def test_several_are_filed_together_or_not_at_all(house):
    """One foreign id in the list, and nothing is moved; the refusal is in her history."""
    safe = house.joined().safe
    notes = [safe.add(b"note %d" % number, title="Note").id for number in range(3)]
    for verb in (safe.archive, safe.discard, safe.unarchive, safe.restore):
        with pytest.raises(DocumentMissing) as refused:
            verb(*notes, NOBODY)
        assert refused.value.field == "document_id"
        refusal = safe.history().items[0]
        assert refusal.details["refused"] == "document-missing"

    assert ids(safe.documents()) == notes[::-1]
    assert [document.archived for document in safe.archive(*notes)] == [True] * 3
    assert safe.documents().items == []
    assert [document.discarded_at for document in safe.discard(*notes)] == [kit.START] * 3
    assert len(safe.restore(*notes)) == len(safe.documents(archived=True)) == 3


def test_other_peoples_documents_are_missing(house):
    """No verb of her safe tells a document of somebody else from one that never was."""
    hers = house.joined().safe
    other = house.joined("A-2", email="second@example.org", phone=None, given_name="Ysé").safe
    receipt = house.acme.deposit("A-0042", kit.pdf(), kind="payslip")
    own = hers.add(b"A note.", title="Note").id

    for document in (receipt.document_id, own, NOBODY, "x", ""):
        for call in (
            other.document,
            other.open,
            other.read,
            other.check,
            lambda d: other.rename(d, "Mine"),
            lambda d: other.label(d, "mine"),
            lambda d: other.unlabel(d, "mine"),
            other.archive,
            other.unarchive,
            other.discard,
            other.restore,
        ):
            with pytest.raises(DocumentMissing):
                call(document)
    assert other.documents().items == []
    assert {event.details.get("refused") for event in hers.history()} == {None}
    assert "document-missing" in {event.details.get("refused") for event in other.history()}


# ------------------------------------------------------------------ reading


@pytest.mark.parametrize("size", [600, 100_000, 9 << 20])
def test_a_document_is_read_anywhere_from_several_threads(lite, size):
    """Each stream is seekable and gives the right bytes whatever others read."""
    content, safe = kit.pdf(size), lite.joined().safe
    document = lite.acme.deposit("A-0042", content, kind="payslip").document_id
    streams = [safe.open(document) for _ in range(4)]
    shared, wrong = safe.open(document), []

    def read(stream, seed):
        for step in range(12):
            start = (seed * 7919 + step * 104_729) % size
            stream.seek(start)
            if stream.read(5000) != content[start : start + 5000]:
                wrong.append(start)

    threads = [
        threading.Thread(target=read, args=pair) for pair in zip(streams, range(4), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert shared.seekable()
    assert shared.seek(-6, io.SEEK_END) == size - 6
    assert (shared.read(), shared.tell()) == (content[-6:], size)
    assert (shared.seek(0), shared.read(8)) == (0, b"%PDF-1.4")
    for stream in (*streams, shared):
        stream.close()


def test_a_checked_document_is_shown(house):
    """Every byte is read again and is what the receipt says."""
    safe = house.joined().safe
    receipt = house.acme.deposit("A-0042", kit.pdf(), kind="payslip", period="2026-10")

    checked = safe.check(receipt.document_id)

    assert (checked.sha256, checked.size) == (receipt.sha256, receipt.size)
    assert checked.opened_at is None
    assert (checked.keep_advised, checked.media_type) == (True, "application/pdf")


def test_the_first_opening_is_remembered(house):
    """She sees which documents are new, and when she first read the others."""
    safe = house.joined().safe
    document = house.acme.deposit("A-0042", kit.pdf(), kind="payslip").document_id
    assert safe.document(document).opened_at is None
    house.clock.advance(kit.MINUTE)
    safe.open(document).close()
    house.clock.advance(kit.MINUTE)
    safe.read(document)

    assert safe.document(document).opened_at == kit.START + kit.MINUTE


def test_she_reads_what_was_refused_to_her(lite):
    """A label that is none is refused, and stands in her own history."""
    session = lite.joined()
    note = session.safe.add(b"A note.", title="Note").id
    with pytest.raises(InvalidInput):
        session.safe.label(note, "")

    newest = session.safe.history().items[0]
    assert (newest.verb, newest.details["refused"]) == ("label", "invalid-input")
