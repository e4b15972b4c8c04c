"""
What a deposit must say of a document, and how a document is named. Pure.

A social security number is refused as title, reference and label (CNIL 2013-270). Without a reference of the host's own, one is
derived from matricule, kind, period and content, so that any retry is safe.
"""

import datetime as dt
import hashlib
import re
import unicodedata

import attrs

from mycvault.documents.model import DocumentRecord
from mycvault.errors import InvalidInput
from mycvault.values.choices import Kind
from mycvault.values.nir import refuse_nir
from mycvault.values.period import Period
from mycvault.values.words import parse_word

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TITLE = 500  # characters
_REFERENCE = 200
_LABEL = 100
_FILE_NAME = 120
_EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
}
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)


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
    return moment.astimezone(dt.UTC)


@attrs.frozen(kw_only=True)
class Wanted:
    """What a host says of a deposit, in canonical form."""

    kind: Kind
    period: Period | None
    title: str | None = attrs.field(repr=False)
    reference: str | None
    available_from: dt.datetime | None


def parse_deposit(
    *,
    kind: Kind | str,
    period: Period | str | None,
    title: str | None,
    reference: str | None,
    available_from: dt.datetime | None,
) -> Wanted:
    """Take what a host says of a deposit; InvalidInput, *field* says which."""
    return Wanted(
        kind=parse_kind(kind),
        period=Period.parse(period),
        title=None if title is None else parse_title(title),
        reference=None if reference is None else parse_reference(reference),
        available_from=parse_available_from(available_from),
    )


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
    name = _UNSAFE.sub(" ", unicodedata.normalize("NFC", record.title))
    name = " ".join(name.split()).removesuffix(extension).strip(". ")
    if not name or _RESERVED.fullmatch(name.partition(".")[0]):
        name = f"document {name}".strip()
    while len(name.encode()) > _FILE_NAME:
        name = name[:-1].rstrip()
    return name + extension


def bound(record: DocumentRecord) -> list[str | int | None]:
    """List what the document's key is bound to: what cannot be edited without the document refusing to open."""
    period = None if record.period is None else str(record.period)
    moment = (record.deposited_at - _EPOCH) // dt.timedelta(microseconds=1)
    return [record.employer_id, str(record.kind), period, record.size, record.media_type, moment]
