"""
What a deposit must say of a document, and how a document is named. Pure.

A social security number is refused as title, reference and label (CNIL 2013-270). Without a reference of the host's own, one is
derived from matricule, kind, period and content, so that any retry is safe.
"""

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import attrs

from mycvault.documents.model import Deposit, Document, DocumentRecord
from mycvault.errors import InvalidInput
from mycvault.values.choices import Kind
from mycvault.values.nir import refuse_nir
from mycvault.values.period import Period
from mycvault.values.words import parse_text, parse_word

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_TITLE = 500  # characters
_REFERENCE = 200
_LABEL = 100
_SEARCHED = 200
_FILE_NAME = 120  # bytes
_MOST_CORRECTED = 100
DEPOSITED = frozenset({"application/pdf"})  # what an employer hands over
_EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
}
# What no file system takes, and what turns a name's writing direction around.
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


def parse_kind(kind: Kind | str) -> Kind:
    """Take a kind or its text; InvalidInput for another."""
    try:
        return Kind(kind)
    except ValueError:
        raise InvalidInput("no such kind of document", field="kind") from None


def parse_title(title: str) -> str:
    """Take a title: 1 to 500 characters, no social security number; InvalidInput else."""
    return refuse_nir(parse_word(title, field="title", longest=_TITLE), field="title")


def parse_reference(reference: str) -> str:
    """Take a deposit's reference: 1 to 200 characters, no social security number; InvalidInput else."""
    return refuse_nir(
        parse_word(reference, field="reference", longest=_REFERENCE), field="reference"
    )


def parse_label(label: str) -> str:
    """Take a label: 1 to 100 characters, no social security number; InvalidInput else."""
    return refuse_nir(parse_word(label, field="label", longest=_LABEL), field="label")


def parse_available_from(moment: dt.datetime | None) -> dt.datetime | None:
    """Take the moment from which a document is shown; InvalidInput when it is naive."""
    if moment is None:
        return None
    if not isinstance(moment, dt.datetime):
        raise InvalidInput("a moment", field="available_from")
    if moment.tzinfo is None:
        raise InvalidInput("an aware datetime", field="available_from", reason="naive")
    if not 1900 < moment.year < 2199:  # noqa: PLR2004 - as Period, with a year for every zone
        raise InvalidInput("a moment from 1901 to 2198", field="available_from")
    return moment.astimezone(dt.UTC)


@attrs.frozen(kw_only=True)
class Wanted:
    """What a host says of a deposit, in canonical form."""

    kind: Kind
    period: Period | None = None
    title: str | None = attrs.field(repr=False)
    reference: str | None = None
    corrects: tuple[str, ...] = ()
    available_from: dt.datetime | None = None


def parse_deposit(given: Deposit) -> Wanted:
    """Take what a host says of a deposit; InvalidInput, *field* says which."""
    if not isinstance(given, Deposit):
        raise InvalidInput("a Deposit", field="deposits")
    kind, period = parse_kind(given.kind), Period.parse(given.period)
    title = None if given.title is None else parse_title(given.title)
    reference = None if given.reference is None else parse_reference(given.reference)
    corrects = parse_corrects(given.corrects)
    available_from = parse_available_from(given.available_from)
    if title is None and reference is None and not corrects and available_from is None:
        return _bare(kind, None if period is None else str(period))
    return Wanted(
        kind=kind,
        period=period,
        title=title,
        reference=reference,
        corrects=corrects,
        available_from=available_from,
    )


@lru_cache
def _bare(kind: Kind, month: str | None) -> Wanted:
    """Give what most of a payroll's deposits say: they are many, and alike."""
    return Wanted(kind=kind, period=Period.parse(month), title=None)


def parse_own(*, kind: Kind | str, title: str) -> Wanted:
    """Take what she says of a document of her own; InvalidInput, *field* says which."""
    return Wanted(kind=parse_kind(kind), title=parse_title(title))


def parse_corrects(corrects: Iterable[str]) -> tuple[str, ...]:
    """Take the ids of the documents that a deposit corrects, each once, 100 at most; InvalidInput for another thing."""
    try:
        ids = () if isinstance(corrects, str) else tuple(dict.fromkeys(corrects))
    except TypeError:
        raise InvalidInput("ids of documents", field="corrects") from None
    if isinstance(corrects, str) or len(ids) > _MOST_CORRECTED:
        raise InvalidInput(f"ids of at most {_MOST_CORRECTED} documents", field="corrects")
    return ids


def parse_year(year: int) -> int:
    """Take a year from 1900 to 2199; InvalidInput else."""
    if not isinstance(year, int) or not 1900 <= year <= 2199:  # noqa: PLR2004 - as Period
        raise InvalidInput("a year from 1900 to 2199", field="year")
    return year


def year_span(year: int, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """Tell when a civil year of *zone* begins, and when the next one does."""
    first, next_first = (dt.datetime(y, 1, 1, tzinfo=zone) for y in (year, year + 1))
    return first.astimezone(dt.UTC), next_first.astimezone(dt.UTC)


@lru_cache
def issued_on(
    deposited_at: dt.datetime, available_from: dt.datetime | None, zone: dt.tzinfo
) -> dt.date:
    """Tell the civil day of *zone* on which a document reaches her: that of its deposit, or the later one it is shown from."""
    return max(deposited_at, available_from or deposited_at).astimezone(zone).date()


def search_words(text: str) -> tuple[str, ...]:
    """Take what a title is searched for: words of 200 characters in all; case, accents and order do not count."""
    return tuple(_plain(parse_text(text, field="text", longest=_SEARCHED)).split())


def mentions(title: str, words: Iterable[str]) -> bool:
    """Tell whether a title holds every one of *words*, which `search_words` gave."""
    plain = _plain(title)
    return all(word in plain for word in words)


def label_key(label: str) -> str:
    """Give the text a label is found by: case and accents' forms do not count."""
    return unicodedata.normalize("NFKC", label).casefold()


def derived_reference(matricule: str, kind: Kind, period: Period | None, sha256: str) -> str:
    """Derive a deposit's reference from what it is."""
    packed = "\x1f".join((matricule, kind, str(period or ""), sha256))
    return "auto-" + hashlib.sha256(packed.encode()).hexdigest()[:40]


def filename(record: DocumentRecord) -> str:
    """Give a name every file system takes, from the title and the type."""
    extension = _EXTENSIONS.get(record.media_type, "")
    return file_stem(record.title.removesuffix(extension)) + extension


def extension(media_type: str) -> str:
    """Give the ending of a file of this type."""
    return _EXTENSIONS.get(media_type, "")


def file_stem(text: str) -> str:
    """Make of a text a name that every file system takes, 1 to 120 bytes, without an ending."""
    name = _UNSAFE.sub(" ", unicodedata.normalize("NFC", text))
    name = " ".join(name.split()).strip(". ")
    if not name or _RESERVED.fullmatch(name.partition(".")[0].strip()):
        name = f"document {name}".strip()
    while len(name.encode()) > _FILE_NAME:
        name = name[:-1].rstrip(". ")
    return name


def numbered(stem: str, number: int, ending: str) -> str:
    """Make of a stem from `file_stem` a whole file name, 120 bytes at most; from *number* 2 on it bears its number."""
    tail = ending if number == 1 else f" ({number}){ending}"
    while len((stem + tail).encode()) > _FILE_NAME:
        stem = stem[:-1].rstrip(". ")
    return stem + tail


def export_year(document: Document, zone: dt.tzinfo) -> int:
    """Tell the year a document is exported under: that of its month, else of its deposit in *zone*."""
    if document.period is not None:
        return document.period.year
    return document.deposited_at.astimezone(zone).year


def export_stem(document: Document, zone: dt.tzinfo) -> str:
    """Name a document in an export: its month, else the day of its deposit in *zone*; then whose payslip it is, or its title."""
    when = document.period or document.deposited_at.astimezone(zone).date()
    title = document.title.removesuffix(extension(document.media_type))
    of_employer = document.employer_name if document.kind is Kind.PAYSLIP else None
    # What stands behind a semicolon is changed in the list for spreadsheets, which must name the file as it is.
    return file_stem(f"{when} {of_employer or title}".replace(";", ","))


def bound(record: DocumentRecord) -> list[str | int | None]:
    """List what the document's key is bound to: what cannot be edited without the document refusing to open."""
    period = None if record.period is None else str(record.period)
    moment = (record.deposited_at - _EPOCH) // _MICROSECOND
    return [record.employer_id, str(record.kind), period, record.size, record.media_type, moment]


def _plain(text: str) -> str:
    """Give a text as it is compared: no accents, no case."""
    spread = unicodedata.normalize("NFKD", text)
    return "".join(char for char in spread if not unicodedata.combining(char)).casefold()
