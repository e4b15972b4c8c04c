"""
One PDF of many payslips becomes deposits, each for the person whose matricule its pages bear; the rest is quarantined.
"""

import io
import pathlib
import resource
import sys
import time

import attrs
import pytest
from pypdf import PdfWriter

import kit
import pdf_kit
from mycvault import (
    DocumentPolicy,
    Enrolment,
    InvalidInput,
    Kind,
    Period,
    Policy,
    SetupError,
    UnacceptableContent,
)
from mycvault.stories import splitting
from pdf_kit import File, payroll, said

WHO = ("M042", "M043", "12", "120")


@pytest.fixture
def acme(house):
    """An employer with four people, once on SQLite and once on PostgreSQL; another employer has one, and 42 too."""
    house.acme.enrol_many(people(*WHO))
    house.vault.add_employer("Other SA", reference="other").enrol_many(people("M099", "M042"))
    return house.acme


def people(*matricules):
    return [Enrolment(m, given_name="Zélie", family_name="Exemplaire") for m in matricules]


def slip(matricule, *more):
    return "\n".join(
        [f"Matricule : {matricule}", "Octobre 2026", *more, "Net 12 345,67 EUR", "Page 1"]
    )


def split(employer, *texts, **how):
    return employer.split(payroll(*texts), kind="payslip", period="2026-10", **how)


def found(report):
    """Tell whose parts there are, and what their pages say first and last but two."""
    pages = {one.matricule: pdf_kit.texts(one.content) for one in report.deposits}
    return {who: [text.split("\n")[2] for text in texts] for who, texts in pages.items()}


# ------------------------------------------------------------------ whose pages


def test_each_person_gets_her_pages_in_their_order(acme):
    """Following each other or not; deposits stand in the order of their first pages."""
    report = split(
        acme,
        *(slip("M043", "a"), slip("M042", "b"), slip("M042", "c"), slip("12", "d")),
        *(slip("M043", "e"), slip("120", "f"), slip("M042", "g")),
    )

    assert report.ok
    assert report.quarantined == []
    assert found(report) == {"M043": ["a", "e"], "M042": ["b", "c", "g"], "12": ["d"], "120": ["f"]}
    assert list(found(report)) == ["M043", "M042", "12", "120"]
    for deposit in report.deposits:
        assert (deposit.kind, deposit.period) == (Kind.PAYSLIP, Period("2026-10"))
        assert (deposit.reference, deposit.title) == (None, None)


def test_nothing_is_deposited_until_the_host_says_so(acme, house):
    """A report first, without a line in the journal; then what it holds is deposited, for leavers too."""
    acme.record_leaving("M042", kit.START.date())
    before = house.events()
    report = split(acme, slip("M042", "a"), slip("M043", "b"))

    assert house.events() == before
    assert acme.deposits().items == []

    done = acme.deposit_many(report.deposits)

    assert done.ok
    assert [receipt.matricule for receipt in done.receipts] == ["M042", "M043"]


def test_the_same_file_again_deposits_nothing_new(acme):
    """Its parts have the same bytes, whatever it was handed over as: every deposit is replayed."""
    texts = [slip("M042", "a"), slip("12", "b"), slip("M042", "c")]
    first = acme.deposit_many(split(acme, *texts).deposits)
    again = acme.split(io.BytesIO(payroll(*texts)), kind="payslip", period="2026-10")
    second = acme.deposit_many(again.deposits)

    assert (first.replayed, second.replayed) == (0, 2)
    assert [r.document_id for r in second.receipts] == [r.document_id for r in first.receipts]


def test_what_is_not_sure_is_quarantined(acme):
    """Nobody's, two people's, somebody's of another employer, a scan; also a page without a matricule that follows one of hers."""
    report = split(
        acme,
        *(
            slip("M042", "a"),
            "Suite du bulletin",
            "M042 et M043",
            slip("M099", "d"),
            "",
            slip("m042"),
        ),
        *(slip("M0421"), slip("XM042"), "MatriculeM042", slip("M042", "j")),
    )

    assert not report.ok
    assert found(report) == {"M042": ["a", "j"]}
    assert report.quarantined == [
        *((2, "no-match"), (3, "two-matches"), (4, "no-match"), (5, "no-text"), (6, "no-match")),
        *((7, "no-match"), (8, "no-match"), (9, "no-match")),
    ]


def test_only_what_a_pattern_finds_counts(acme):
    """Whether another employer has an unknown one is not told: both read alike."""
    report = split(
        acme,
        *(
            "Matricule : M042\nsuivi par\nM043",
            "Matricule : M099\nM042",
            "Matricule : M098",
            "M042",
        ),
        *("Matricule : M042\nMatricule : 12", "Matricule : 12.50", "Matricule : 12\nx\nx"),
        pattern=r"Matricule\s*:\s*(\S+)",
    )

    assert list(found(report)) == ["M042", "12"]
    assert report.quarantined == [
        *((2, "unknown"), (3, "unknown"), (4, "no-match"), (5, "two-matches"), (6, "unknown")),
    ]


def test_an_employer_finds_its_own_people_alone(house, acme):
    """The same matricule at another employer is another person."""
    other = house.vault.employer("other")
    done = other.deposit_many(split(other, slip("M042", "a"), slip("M043", "b")).deposits)

    assert [receipt.matricule for receipt in done.receipts] == ["M042"]
    assert acme.deposits().items == []


# ------------------------------------------------------------------ files


def test_a_page_that_cannot_be_read_does_not_stop_the_rest(lite):
    """Its content is no content, or damaged; it is told by its number."""
    lite.acme.enrol_many(people(*WHO))
    file = File()
    file.page(said(slip("M042", "a")))
    for broken in (b"(never ends", b"<<" * 5000):
        file.page(said(slip("M042", "x")) + broken)
    file.kids.append(file.add(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 99 0 R>>"))
    damaged = file.stream(b"no zlib", b"/Filter/FlateDecode")
    fonts = b"/Resources<</Font<</F1 3 0 R>>>>"
    contents = b"/Contents[%d 0 R %d 0 R]" % (file.stream(said(slip("M043", "x"))), damaged)
    file.kids.append(
        file.add(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]%b%b>>" % (fonts, contents))
    )
    file.page(said(slip("12", "z")))
    report = lite.acme.split(file.written(), kind="payslip")

    assert found(report)["12"] == ["z"]
    assert {number for number, why in report.quarantined if why == "no-text"} == {4}
    assert (5, "unreadable") in report.quarantined
    assert "M043" not in found(report)


def encrypted(password):
    writer = PdfWriter(clone_from=io.BytesIO(payroll(slip("M042", "a"))))
    writer.encrypt(password, "owner", algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"Not a PDF at all.", "type"),
        (payroll(slip("M042"))[:-40], "type"),
        (b"%PDF-1.7\nnothing\n%%EOF\n", "damaged"),
        (b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n%%EOF\n", "damaged"),
        (payroll(), "empty"),
        (encrypted("secret"), "encrypted"),
        (encrypted(""), "encrypted"),
    ],
)
def test_a_file_that_is_no_open_pdf_is_refused(lite, content, reason):
    """Typed, with a reason for the person who chose it, and journaled."""
    with pytest.raises(UnacceptableContent) as refused:
        lite.acme.split(content, kind="payslip")

    assert (refused.value.field, refused.value.reason) == ("content", reason)
    assert lite.last_event() == ("split", "unacceptable-content")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "novel"}, "kind"),
        ({"period": "October"}, "period"),
        ({"pattern": "("}, "pattern"),
        ({"pattern": "(a)(b)"}, "pattern"),
        ({"content": "payslips.pdf"}, "content"),
        ({"content": pathlib.Path("nowhere.pdf")}, "content"),
        ({"content": io.StringIO("text")}, "content"),
    ],
)
def test_what_cannot_be_used_is_refused(lite, given, field):
    """Before anything is read."""
    with pytest.raises(InvalidInput) as refused:
        lite.acme.split(**{"content": payroll("x"), "kind": "payslip", **given})

    assert refused.value.field == field
    assert lite.last_event() == ("split", "invalid-input")


def test_a_path_and_a_file_from_where_it_stands(lite, tmp_path):
    """As `deposit` takes them; a large one is read in pieces and stays the caller's."""
    lite.acme.enrol_many(people("M042"))
    path = tmp_path / "october.pdf"
    many = File()
    many.stream(b"x" * (9 << 20))
    many.page(said(slip("M042", "a")))
    large = many.written()
    path.write_bytes(large)
    file = io.BytesIO(b"before" + large)
    file.seek(6)
    reports = [lite.acme.split(content, kind="payslip") for content in (path, file, large)]

    assert [found(report) for report in reports] == [{"M042": ["a"]}] * 3
    assert len({report.deposits[0].content for report in reports}) == 1
    assert not file.closed


def test_too_large_a_file_and_too_many_bytes_of_parts_are_refused(lite, monkeypatch):
    """A bound of memory: what is too much is not read to its end."""
    lite.acme.enrol_many(people("M042", "M043"))
    file = io.BytesIO(payroll(slip("M042", "a"), slip("M043", "b")) * 9000)
    for bound, content in (
        ("_LARGEST", file),
        ("_LARGEST_PARTS", payroll(slip("M042"), slip("M043"))),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(splitting, bound, 1000)
            with pytest.raises(UnacceptableContent) as refused:
                lite.acme.split(content, kind="payslip")
        assert refused.value.reason == "too-large"


def test_a_part_that_is_too_large_to_deposit_is_quarantined(tmp_path):
    """All her pages are named; others' are not concerned."""
    policy = attrs.evolve(Policy.for_tests(), documents=DocumentPolicy(max_bytes=2000))
    with kit.house_at(tmp_path, policy=policy) as house:
        house.acme.enrol_many(people("M042", "M043"))
        large = slip("M042", *["x" * 70] * 30)
        report = split(house.acme, large, slip("M043", "a"), slip("M042"))

        assert report.quarantined == [(1, "too-large"), (3, "too-large")]
        assert house.acme.deposit_many(report.deposits).ok
        assert list(found(report)) == ["M043"]


def test_without_the_extra_it_says_which(lite, monkeypatch):
    """The library itself does not need it."""
    monkeypatch.setitem(sys.modules, "pypdf", None)

    with pytest.raises(SetupError, match=r"mycvault\[pdf\]"):
        lite.acme.split(payroll("x"), kind="payslip")


def test_nobody_s_number_is_shown(lite):
    """Neither a report nor a deposit tells in its repr whom it is about."""
    lite.acme.enrol_many(people("M042"))

    assert "M042" not in repr(split(lite.acme, slip("M042", "a")))


# ------------------------------------------------------------------ many pages


def test_a_thousand_pages_in_bounded_time_and_memory(lite):
    """Five hundred people, two pages each, far from each other."""
    matricules = [f"A-{number:04}" for number in range(500)]
    lite.acme.enrol_many(people(*matricules))
    rows = [f"40{n} Cotisation {n} base 2 {100 + n},{n} taux {n}.25" for n in range(10, 30)]
    content = payroll(*(slip(m, part, *rows) for part in "ab" for m in matricules))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    report = lite.acme.split(content, kind="payslip", period="2026-10")

    assert time.perf_counter() - began < 120
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    assert report.ok
    assert found(report) == {matricule: ["a", "b"] for matricule in matricules}


def test_looking_up_costs_what_the_pages_hold(lite):
    """Employees are never listed: one statement for a batch of pages, however many they are."""
    lite.acme.enrol_many(people(*(f"A-{number:04}" for number in range(300))))
    asked = []
    watched = lite.vault._desk.rows

    def rows(*args, **how):
        asked.append(how)
        return watched(*args, **how)

    lite.vault._desk.rows = rows
    report = split(lite.acme, *(slip(f"A-{number:04}", "a") for number in range(64)))

    assert len(report.deposits) == 64
    assert 0 < len(asked) <= 4
