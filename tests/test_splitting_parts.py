"""
What a part holds: her pages, which open alone, and nothing of anybody else's.
"""

import io
import re
import time

import pytest
from pypdf import PdfReader, PdfWriter

import pdf_kit
from pdf_kit import File, said

HER, OTHER, SECRET = "Zelie Exemplaire 2345,67", "Camille Autrui 9876,54", "Camille"
MINE, OTHERS = f"Matricule : M1\n{HER}", f"Matricule : M2\n{OTHER}"


@pytest.fixture
def acme(lite):
    """An employer with two people, M1 and M2."""
    for matricule in ("M1", "M2"):
        lite.enrolled(matricule)
    return lite.acme


def split(acme, file):
    return acme.split(file.written(), kind="payslip", period="2026-10")


def check_apart(report):
    """See that there is one part for each of the two, which reads as hers alone and holds nothing of the other's."""
    assert report.quarantined == []
    assert [deposit.matricule for deposit in report.deposits] == ["M1", "M2"]
    for deposit, own, other in zip(report.deposits, (HER, OTHER), (OTHER, HER), strict=True):
        inside = b"\n".join([*pdf_kit.objects(deposit.content), deposit.content])
        assert own in "".join(pdf_kit.texts(deposit.content))
        for word in (*other.split(), "M2" if own == HER else "M1"):
            assert word.encode() not in inside


def shown_form(file, text):
    return file.form(said(text))


def test_forms_of_others_in_shared_resources_stay_behind(acme):
    """One dictionary of resources for all pages, as many programs write it: only what a page draws comes along."""
    file = File()
    forms = [shown_form(file, text) for text in (MINE, OTHERS)]
    shared = b"/Font<</F1 3 0 R>>/XObject<</X0 %d 0 R/X1 %d 0 R>>" % tuple(forms)
    for number in range(2):
        file.page(b"/X%d Do" % number, resources=shared)

    check_apart(split(acme, file))


def test_forms_within_forms_are_followed_with_their_own_resources(acme):
    """A frame that draws one of the forms it could draw."""
    file = File()
    forms = [shown_form(file, text) for text in (MINE, OTHERS)]
    both = b"/XObject<</X0 %d 0 R/X1 %d 0 R>>/Font<</F1 3 0 R>>" % tuple(forms)
    for number in range(2):
        frame = file.form(b"/X%d Do" % number, b"/Resources<<%b>>" % both)
        file.page(b"/Y Do", resources=b"/XObject<</Y %d 0 R>>" % frame)

    check_apart(split(acme, file))


def test_a_form_may_draw_with_its_pages_resources(acme):
    """As old files have it: a form without resources of its own, within the page's."""
    file = File()
    forms = [shown_form(file, text) for text in (MINE, OTHERS)]
    for number, text in enumerate((MINE, OTHERS)):
        lent = file.form(b"/X%d Do" % number, b"")
        names = b"/XObject<</Y %d 0 R/X0 %d 0 R/X1 %d 0 R>>" % (lent, *forms)
        file.page(said(text) + b" /Y Do", resources=names + b"/Font<</F1 3 0 R>>")

    check_apart(split(acme, file))


HANGING = [
    b"/Thumb %d 0 R",
    b"/PieceInfo<</X %d 0 R>>",
    b"/Metadata %d 0 R",
    b"/AF[%d 0 R]",
    b"/B[%d 0 R]",
    b"/StructParents 0/AA<</O %d 0 R>>",
    b"/Anything<</Else[%d 0 R]>>",
    b"/Group<</S/Transparency/CS/DeviceRGB/Secret %d 0 R>>",
    b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest[%d 0 R/Fit]>>]",
    b"/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(Camille)/Popup %d 0 R>>]",
    b"/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</EF<</F %d 0 R>>>>>>]",
]


@pytest.mark.parametrize("hanging", HANGING)
@pytest.mark.parametrize("is_apart", [False, True])
def test_what_else_hangs_on_a_page_stays_behind(acme, hanging, is_apart):
    """Thumbnails, private data, metadata, notes, links to other people's pages, and keys that nobody knows."""
    file = File()
    theirs = file.page(said(OTHERS))
    file.kids.clear()
    secret = file.stream(f"{OTHER} M2".encode())
    key, value = re.fullmatch(rb"(/\w+) ?(.*)", hanging % secret, re.DOTALL).groups()
    if is_apart and b"/AA" not in value:
        value = b"%d 0 R" % file.add(value)
    file.page(said(MINE), more=key + b" " + value)
    file.kids.append(theirs)

    check_apart(split(acme, file))


@pytest.mark.parametrize(
    "font",
    [
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/Secret %d 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/Secret %d 0 R>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/FontDescriptor<</Flags 32/Metadata %d 0 R>>/Encoding/WinAnsiEncoding>>",
    ],
)
def test_what_hangs_on_a_shared_font_stays_behind(acme, font):
    """A font is on everybody's page; what a program hung on it is not."""
    file = File()
    shared = b"/Font<</F1 %d 0 R>>" % file.add(font % file.stream(b"Zelie Camille M1 M2"))
    for text in (MINE, OTHERS):
        file.page(said(text), resources=shared)

    check_apart(split(acme, file))


def test_what_hangs_on_the_file_stays_behind(acme):
    """Outlines, named places, attachments, and the information on the document."""
    writer = PdfWriter(clone_from=io.BytesIO(_plain()))
    for number, name in enumerate((HER, OTHER)):
        writer.add_outline_item(title=name, page_number=number)
        writer.add_named_destination(name, number)
        writer.add_attachment(f"{name}.txt", f"{name} M1 M2".encode())
    writer.add_metadata({"/Title": f"{HER} {OTHER}", "/Keywords": "M1 M2"})
    writer.compress_identical_objects()
    written = io.BytesIO()
    writer.write(written)

    report = acme.split(written.getvalue(), kind="payslip")

    check_apart(report)
    for deposit in report.deposits:
        reader = PdfReader(io.BytesIO(deposit.content), strict=True)
        assert reader.metadata is None
        assert set(reader.root_object) == {"/Type", "/Pages"}
        assert "/ID" not in reader.trailer


def _plain():
    file = File()
    for text in (MINE, OTHERS):
        file.page(said(text))
    return file.written()


def test_streams_that_are_packed_come_along_as_they_are(acme):
    """With their filters; the file's own objects may be packed together."""
    writer = PdfWriter(clone_from=io.BytesIO(_plain()))
    for page in writer.pages:
        page.compress_content_streams()
    written = io.BytesIO()
    writer.write(written)
    report = acme.split(written.getvalue(), kind="payslip")

    check_apart(report)
    assert all(b"/FlateDecode" in deposit.content for deposit in report.deposits)


# ------------------------------------------------------------------ what is not copied


@pytest.mark.parametrize(
    "more",
    [
        b"/Annots[<</Type/Annot/Subtype/Widget/FT/Tx/V(9876,54)/Rect[0 0 99 99]>>]",
        b"/Annots[<</Type/Annot/Subtype/FreeText/Contents(9876,54)/Rect[0 0 99 99]>>]",
        b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 99 99]>>]",
    ],
)
def test_what_is_laid_over_a_page_makes_it_unreadable(acme, more):
    """A form's field or a stamp shows what the page's content does not say: neither dropped nor guessed."""
    file = File()
    file.page(said(MINE), more=more)

    assert split(acme, file).quarantined == [(1, "unreadable")]


def test_layers_make_a_page_unreadable(acme):
    """What may be shown or hidden is neither."""
    file = File()
    layer = file.add(b"<</Type/OCG/Name(Copy)>>")
    fonts = b"/Font<</F1 3 0 R>>"
    marked = fonts + b"/Properties<</L %d 0 R>>" % layer
    file.page(b"/OC /L BDC " + said(MINE) + b" EMC", resources=marked)
    form = file.form(said("Copy"), b"/OC %d 0 R/Resources<</Font<</F1 3 0 R>>>>" % layer)
    file.page(said(OTHERS) + b" /X Do", resources=fonts + b"/XObject<</X %d 0 R>>" % form)

    assert split(acme, file).quarantined == [(1, "unreadable"), (2, "unreadable")]


def test_marks_without_layers_do_not(acme):
    """As word processors write them: the mark stays, what hangs on it does not."""
    file = File()
    marked = b"/Font<</F1 3 0 R>>/Properties<</P <</MCID 0/ActualText(Camille)>>>>"
    file.page(b"/Span /P BDC " + said(MINE) + b" EMC", resources=marked)
    (deposit,) = split(acme, file).deposits

    assert HER in pdf_kit.texts(deposit.content)[0]
    assert b"/Properties<</P<<>>>>" in deposit.content
    assert b"Camille" not in deposit.content


@pytest.mark.parametrize(
    "form",
    [
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode/Length 4>>stream\nnope\nendstream",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/F(other.pdf)/Length 4>>stream\nnope\nendstream",
        b"(no form)",
    ],
)
def test_a_page_with_a_broken_form_is_unreadable(acme, form):
    """It may have said that the page is somebody else's."""
    file = File()
    resources = b"/Font<</F1 3 0 R>>/XObject<</X %d 0 R>>" % file.add(form)
    file.page(said(MINE) + b" /X Do", resources=resources)
    file.page(said(OTHERS))
    report = split(acme, file)

    assert report.quarantined == [(1, "unreadable")]
    assert [deposit.matricule for deposit in report.deposits] == ["M2"]


def test_a_form_that_draws_itself_ends(acme):
    """Neither the reading nor the copying goes round for ever."""
    file = File()
    form = len(file.objects) + 1
    within = b"/Resources<</XObject<</X %d 0 R>>>>" % form
    assert file.form(b"/X Do", within) == form
    file.page(said(MINE) + b" /X Do", resources=b"/Font<</F1 3 0 R>>/XObject<</X %d 0 R>>" % form)
    report = split(acme, file)

    assert len(report.deposits) + len(report.quarantined) == 1


def test_forms_that_draw_one_another_many_times_over_end(acme):
    """Twenty floors of forms, each of which draws the next one twice, without resources of their own: a million drawings."""
    file = File()
    names = b"/Font<</F1 3 0 R>>/XObject<<%b>>"
    floors = [file.form(b"/X%d Do /X%d Do" % (n + 1, n + 1), b"") for n in range(20)]
    listed = b"".join(b"/X%d %d 0 R" % pair for pair in enumerate(floors))
    file.page(said(MINE) + b" /X0 Do", resources=names % listed)
    report = split(acme, file)

    assert [deposit.matricule for deposit in report.deposits] == ["M1"]


def test_lists_of_lists_without_end_end(acme):
    """Forty lists, each of which holds the next one twice: written once each, not a million million times."""
    file = File()
    first = len(file.objects) + 1
    for number in range(first, first + 40):
        file.add(b"[%d 0 R %d 0 R]" % (number + 1, number + 1))
    file.add(b"[0 0 595 842]")
    file.page(said(MINE), more=b"/CropBox %d 0 R" % first)
    began = time.perf_counter()
    report = split(acme, file)

    assert len(report.deposits) + len(report.quarantined) == 1
    assert time.perf_counter() - began < 20


def test_much_text_makes_a_page_unreadable(acme):
    """More than 50,000 characters are not searched."""
    file = File()
    file.page(said(MINE + "\n" + "\n".join(["x" * 100] * 600)))

    assert split(acme, file).quarantined == [(1, "unreadable")]


def test_nothing_of_a_file_is_logged(acme, caplog):
    """What the library behind says of an odd file may hold what stands in it; another's use of it still speaks."""
    file = File()
    odd = file.written().replace(
        b"<</Type/Catalog", b"<</Camille#ZZ(Camille)/Camille#ZZ(x)/Type/Catalog"
    )
    file.page(said(MINE) + b" /Nothing Do <<Camille", more=b"/X Camille")
    with caplog.at_level("DEBUG"):
        split(acme, file)
        assert caplog.text == ""
        PdfReader(io.BytesIO(odd))

    assert caplog.text != ""
