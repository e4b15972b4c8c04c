"""She lists, files, archives and bins her documents, and reads her history."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs

from mycvault.accounts import service as accounts
from mycvault.act import Act, Look
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.documents import rules
from mycvault.documents import service as documents
from mycvault.documents.model import Document, DocumentRecord, Filter
from mycvault.journal import service as journal
from mycvault.journal.model import Event
from mycvault.stories import admitting
from mycvault.stories.admitting import Admission
from mycvault.values.choices import Kind
from mycvault.values.page import Page
from mycvault.values.period import Period

T = TypeVar("T")
Change = Callable[[Act, DocumentRecord], None]


@attrs.frozen(kw_only=True)
class Wanted:
    """Which documents a list shows, as a portal asks."""

    kind: Kind | str | None = None
    period: Period | str | None = None
    year: int | None = None
    employer: str | None = None
    text: str | None = attrs.field(default=None, repr=False)
    label: str | None = attrs.field(default=None, repr=False)
    archived: bool = False
    binned: bool = False
    unopened: bool = False


def page(
    call: Call, session_id: str, wanted: Wanted, *, after: str | None, limit: int
) -> Page[Document]:
    """List documents, newest first. SessionEnded, TermsRequired, InvalidInput."""

    def listed(look: Look, admission: Admission) -> Page[Document]:
        filtered = _filter(look, admission, wanted)
        found, rest = documents.page(look, filtered, admission.account_id, after=after, limit=limit)
        return Page(_shown(look, found), rest)

    return _looked(call, session_id, listed)


def count(call: Call, session_id: str, wanted: Wanted) -> int:
    """Count documents. SessionEnded, TermsRequired, InvalidInput."""
    return _looked(
        call,
        session_id,
        lambda look, admission: documents.count(
            look, _filter(look, admission, wanted), admission.account_id
        ),
    )


def one(call: Call, session_id: str, document_id: str) -> Document:
    """Show one document. DocumentMissing, SessionEnded, TermsRequired."""
    return _looked(
        call,
        session_id,
        lambda look, admission: _shown(look, [documents.find(look, admission.places, document_id)])[
            0
        ],
    )


def labels(call: Call, session_id: str) -> list[str]:
    """List the labels she uses. SessionEnded, TermsRequired."""
    return _looked(
        call, session_id, lambda look, admission: documents.labels(look, admission.account_id)
    )


def change(call: Call, session_id: str, document_ids: Sequence[str], how: Change) -> list[Document]:
    """Change how several documents are filed: all of them, or none. DocumentMissing, SessionEnded, TermsRequired."""
    with call.look() as look:
        admission = admitting.admit(look, session_id)
        found = [
            documents.find(look, admission.places, document_id) for document_id in document_ids
        ]
    if not found:
        return []
    with call.act() as act:
        # In one order: two acts on the same documents in other orders would wait for each other.
        for record in sorted(found, key=lambda record: record.id):
            how(act, record)
        admitting.touch(act, admission)
        again = [documents.find(act, admission.places, record.id) for record in found]
        return _shown(act, again)


def rename(call: Call, session_id: str, document_id: str, title: str) -> Document:
    """Give a document another title. InvalidInput, DocumentMissing, SessionEnded, TermsRequired."""
    new = rules.parse_title(title)
    return change(
        call, session_id, [document_id], lambda act, record: documents.rename(act, record, new)
    )[0]


def label(
    call: Call, session_id: str, document_id: str, names: Sequence[str], *, off: bool
) -> Document:
    """Put labels on a document, or take them *off*. InvalidInput, DocumentMissing, SessionEnded, TermsRequired."""
    parsed = [rules.parse_label(name) for name in names]
    with call.look() as look:
        account_id = admitting.admit(look, session_id).account_id
    how = documents.unlabel if off else documents.label
    return change(
        call, session_id, [document_id], lambda act, record: how(act, record, account_id, parsed)
    )[0]


def history(
    call: Call, session_id: str, *, locale: str | None, after: str | None, limit: int
) -> Page[Event]:
    """Read what happened to her safes and her account, newest first. SessionEnded, TermsRequired, InvalidInput."""
    named = None if locale is None else directory_rules.parse_locale(locale)

    def read(look: Look, admission: Admission) -> Page[Event]:
        language = named or accounts.account(look, admission.account_id).locale
        places = admission.places
        hidden = documents.not_yet(look, places)
        return journal.history(
            look.rows, places, hidden=hidden, locale=language, after=after, limit=limit
        )

    return _looked(call, session_id, read)


def _looked(call: Call, session_id: str, look_at: Callable[[Look, Admission], T]) -> T:
    """Admit the session, look, and write down that it is used."""
    with call.look() as look:
        admission = admitting.admit(look, session_id)
        found = look_at(look, admission)
    admitting.keep_alive(call, admission)
    return found


def years(call: Call, session_id: str) -> list[int]:
    """List the years of her documents, newest first. SessionEnded, TermsRequired."""
    return _looked(
        call, session_id, lambda look, admission: documents.years(look, admission.places)
    )


def _filter(look: Look, admission: Admission, wanted: Wanted) -> Filter:
    year = None if wanted.year is None else rules.parse_year(wanted.year)
    zone = ZoneInfo(look.policy.legal.zone)
    return Filter(
        year=year,
        year_span=None if year is None else rules.year_span(year, zone),
        employer_id=None if wanted.employer is None else _employer(look, wanted.employer),
        words=() if wanted.text is None else rules.search_words(wanted.text),
        safes=admission.places,
        now=look.now,
        kind=None if wanted.kind is None else rules.parse_kind(wanted.kind),
        period=Period.parse(wanted.period),
        label=None if wanted.label is None else rules.label_key(rules.parse_label(wanted.label)),
        archived=wanted.archived,
        binned=wanted.binned,
        unopened=wanted.unopened,
    )


def _employer(look: Look, reference: str) -> str:
    """Find an employer by its reference; one that nobody has is nobody's, and told by nothing."""
    found = directory.known(look, directory_rules.parse_reference(reference, field="employer"))
    return "" if found is None else found.id


def _shown(look: Look, found: Sequence[DocumentRecord]) -> list[Document]:
    ids = {record.employer_id for record in found if record.employer_id is not None}
    employers = directory.employers(look, ids) if ids else {}
    names = {key: (employer.reference, employer.name) for key, employer in employers.items()}
    return documents.shown(look, found, names)
