"""
When a deposited document appears in her safe, under which title, and how she is told.
"""

import datetime as dt

import pytest

import kit
from mycvault import Channel, DocumentMissing


def slip(house, **other):
    given = {"kind": "payslip", "period": "2026-10", **other}
    return house.acme.deposit("A-0042", kit.pdf(), **given)


def test_a_document_is_hidden_until_its_day(house):
    """Before the moment it is in no list and cannot be opened; at the moment it is there."""
    session = house.joined()
    day = kit.START + dt.timedelta(minutes=20)
    receipt = slip(house, available_from=day.astimezone(dt.timezone(dt.timedelta(hours=2))))

    assert session.safe.documents().items == []
    assert session.safe.count() == 0
    for verb in (session.safe.document, session.safe.open, session.safe.read, session.safe.archive):
        with pytest.raises(DocumentMissing):
            verb(receipt.document_id)
    house.clock.advance(dt.timedelta(minutes=20))
    assert session.safe.read(receipt.document_id) == kit.pdf()
    assert session.safe.count(unopened=True) == 0


def test_she_is_not_told_of_a_document_she_cannot_see_yet(lite):
    """The letter about a document leaves when the document appears, not before."""
    lite.joined()
    slip(lite, available_from=kit.START + dt.timedelta(days=3))
    assert lite.sent("new-document") == []
    lite.clock.advance(dt.timedelta(days=3))
    assert len(lite.sent("new-document")) == 1


@pytest.mark.parametrize(
    ("locale", "period", "title"),
    [
        ("fr", "2026-10", "Bulletin de paie 2026-10"),
        ("en", "2026-10", "Payslip 2026-10"),
        ("en", None, "Payslip"),
        ("de", None, "Bulletin de paie"),
    ],
)
def test_a_title_is_made_when_none_is_given(lite, locale, period, title):
    """Kind and month, in her language."""
    session = lite.joined(locale=locale)
    receipt = slip(lite, period=period)
    assert session.safe.document(receipt.document_id).title == title


def test_what_came_before_she_joined_is_there_afterwards(house):
    """Deposits need no safe that is open; after she joined, others follow and are read alike."""
    house.enrolled()
    early = [slip(house, period=f"2026-0{month}") for month in (7, 8, 9)]
    assert house.sent("new-document") == []
    session = house.activated()
    late = slip(house)

    listed = [document.id for document in session.safe.payslips()]

    assert listed == [receipt.document_id for receipt in (late, *reversed(early))]
    assert all(session.safe.read(one) == kit.pdf() for one in listed)
    (letter,) = house.sent("new-document")
    assert (letter.channel, letter.to) == (Channel.EMAIL, kit.EMAIL)
    assert kit.URLS.sign_in in letter.text
    assert "2026" not in letter.text, "what the document says stays in the safe"
