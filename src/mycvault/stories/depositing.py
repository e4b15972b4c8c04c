"""
A document comes into a safe.

The bytes are sealed and written before the row that makes them a document: a crash leaves an orphan, never a row without bytes.
A small content is hashed first, so that a retry writes nothing; a large one is hashed while it is sealed and sent. Whatever
refuses the deposit afterwards takes the written blob away again.
"""

import datetime as dt
from contextlib import suppress
from typing import BinaryIO

import attrs

from mycvault import locales
from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.contents import sealing, writing
from mycvault.contents import service as contents
from mycvault.contents.model import Facts, Place
from mycvault.crypto.content import content_context
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.documents import rules
from mycvault.documents import service as documents
from mycvault.documents.model import Document, DocumentRecord, Receipt
from mycvault.errors import BlobsUnavailable, RecordsUnavailable
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Recipient
from mycvault.stories import admitting
from mycvault.values.choices import Channel, Kind
from mycvault.values.content import Content
from mycvault.values.page import Page
from mycvault.values.period import Period

_PDF = frozenset({"application/pdf"})


class _Overtaken(Exception):  # noqa: N818 - a fact between two steps of one call
    """The reference was there already: what this act wrote is undone."""


@attrs.frozen(kw_only=True)
class _Written:
    """A content that lies in a blob, and the key that opens it; no row knows of it yet."""

    place: Place
    key: bytes = attrs.field(repr=False)


def deposit(
    call: Call,
    employer: EmployerRecord,
    matricule: str,
    content: Content,
    *,
    kind: Kind | str,
    period: Period | str | None,
    title: str | None,
    reference: str | None,
    available_from: dt.datetime | None,
) -> Receipt:
    """
    Put an employer's document into an employee's safe.

    Raises:
        EmployeeMissing: No such employee.
        InvalidInput: Kind, period, title, reference, moment or content is not one.
        UnacceptableContent: Empty, too large, or no PDF.
        DepositConflict: The reference stands for something else.
        BlobsUnavailable: The storage does not answer or is full; nothing is visible.
    """
    wanted = rules.parse_deposit(
        kind=kind, period=period, title=title, reference=reference, available_from=available_from
    )
    with call.look() as look:
        record = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
    draft = _draft(
        call, record.safe_id, wanted, employer_id=employer.id, locale=record.person.locale
    )
    with sealing.take(content) as taken:
        if isinstance(taken, bytes):
            return _deposit_small(call, employer, record, draft, taken)
        return _deposit_large(call, employer, record, draft, taken)


def add(call: Call, session_id: str, content: Content, *, title: str, kind: Kind | str) -> Document:
    """
    Put a document of her own into her safe.

    Raises:
        SessionEnded, TermsRequired: The session does not open it.
        InvalidInput, UnacceptableContent: Title, kind or content is not one.
    """
    wanted = rules.parse_deposit(
        kind=kind, period=None, title=title, reference=None, available_from=None
    )
    with call.look() as look:
        admission = admitting.admit(look, session_id)
        look.concerns(admission.account_id)
    document = _draft(call, admission.account_id, wanted)
    facts, written = _write(call, document.id, content, call.policy.documents.accepted)
    document = attrs.evolve(document, **attrs.asdict(facts))
    with call.act() as act:
        documents.deposit(act, document)
        _keep(act, document, written)
        admitting.touch(act, admission)
        return documents.shown(act, [document], {})[0]


def deposits(
    call: Call,
    employer: EmployerRecord,
    *,
    matricule: str | None,
    period: Period | str | None,
    after: str | None,
    limit: int,
) -> Page[Receipt]:
    """List an employer's receipts, newest first. EmployeeMissing, InvalidInput."""
    month = Period.parse(period)
    with call.look() as look:
        record = None
        if matricule is not None:
            record = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
        safe_id = None if record is None else record.safe_id
        found = documents.deposited(
            look, employer.id, safe_id=safe_id, period=month, after=after, limit=limit
        )
        owners = directory.by_safes(look, [document.safe_id for document in found])
    receipts = [documents.receipt(one, owners[one.safe_id].matricule) for one in found[:limit]]
    return Page(receipts, receipts[-1].document_id if len(found) > limit else None)


# ------------------------------------------------------------------ the steps of a deposit


def _deposit_small(
    call: Call,
    employer: EmployerRecord,
    record: EmployeeRecord,
    draft: DocumentRecord,
    content: bytes,
) -> Receipt:
    limits = call.policy.documents
    facts = sealing.examine(content, max_bytes=limits.max_bytes, accepted=_PDF)
    document = _measured(draft, facts, record.matricule)
    with call.look() as look:
        earlier = documents.already_deposited(look, document, record.matricule)
    if earlier is not None:
        return earlier
    return _enter(call, employer, record, document, _write_bytes(call, document.id, content))


def _deposit_large(
    call: Call,
    employer: EmployerRecord,
    record: EmployeeRecord,
    draft: DocumentRecord,
    content: BinaryIO,
) -> Receipt:
    facts, written = _write_stream(call, draft.id, content, _PDF)
    return _enter(call, employer, record, _measured(draft, facts, record.matricule), written)


def _draft(
    call: Call,
    safe_id: str,
    wanted: rules.Wanted,
    *,
    employer_id: str | None = None,
    locale: str = locales.DEFAULT,
) -> DocumentRecord:
    """Write down all that is known before the content was measured."""
    return DocumentRecord(
        id=call.new_id(),
        safe_id=safe_id,
        employer_id=employer_id,
        kind=wanted.kind,
        period=wanted.period,
        title=wanted.title or _title(wanted.kind, wanted.period, locale),
        reference=wanted.reference,
        media_type="",
        size=0,
        sha256="",
        deposited_at=call.now,
        available_from=wanted.available_from,
    )


def _title(kind: Kind, period: Period | None, locale: str) -> str:
    name = locales.text(locale, "kinds", kind)
    return name if period is None else f"{name} {period}"


def _measured(draft: DocumentRecord, facts: Facts, matricule: str) -> DocumentRecord:
    derived = rules.derived_reference(matricule, draft.kind, draft.period, facts.sha256)
    return attrs.evolve(draft, reference=draft.reference or derived, **attrs.asdict(facts))


def _write(
    call: Call, document_id: str, content: Content, accepted: frozenset[str]
) -> tuple[Facts, _Written]:
    with sealing.take(content) as taken:
        if not isinstance(taken, bytes):
            return _write_stream(call, document_id, taken, accepted)
        facts = sealing.examine(taken, max_bytes=call.policy.documents.max_bytes, accepted=accepted)
        return facts, _write_bytes(call, document_id, taken)


def _write_bytes(call: Call, document_id: str, content: bytes) -> _Written:
    key, blob, context = _fresh(call, document_id)
    place = writing.write_bytes(call.blobs, blob, content, key=key, context=context)
    return _Written(place=place, key=key)


def _write_stream(
    call: Call, document_id: str, content: BinaryIO, accepted: frozenset[str]
) -> tuple[Facts, _Written]:
    key, blob, context = _fresh(call, document_id)
    max_bytes = call.policy.documents.max_bytes
    facts, place = writing.write_stream(
        call.blobs, blob, content, key=key, context=context, max_bytes=max_bytes, accepted=accepted
    )
    return facts, _Written(place=place, key=key)


def _fresh(call: Call, document_id: str) -> tuple[bytes, str, bytes]:
    context = content_context(call.keys.vault_id, document_id)
    return call.keys.fresh(), call.keys.fresh(16).hex(), context


def _enter(
    call: Call,
    employer: EmployerRecord,
    record: EmployeeRecord,
    document: DocumentRecord,
    written: _Written,
) -> Receipt:
    """Enter a written content into the catalogue; a call that was faster with the same deposit gives its receipt."""
    with suppress(_Overtaken), call.act() as act:
        if not documents.deposit(act, document):
            raise _Overtaken
        _keep(act, document, written)
        _tell(act, employer, record, document)
        return documents.receipt(document, record.matricule)
    _take_away(call, written)
    with call.look() as look:
        earlier = documents.already_deposited(look, document, record.matricule)
    if earlier is None:
        # The deposit that held the reference went away as we looked: the whole call may be tried again.
        raise RecordsUnavailable
    return earlier


def _take_away(call: Call, written: _Written) -> None:
    # Only where it is certain that no row refers to it. One that cannot be deleted now is swept later.
    with suppress(BlobsUnavailable):
        call.blobs.delete(written.place.blob)


def _keep(act: Act, document: DocumentRecord, written: _Written) -> None:
    contents.keep(
        act.rows,
        document.id,
        written.place,
        written.key,
        key_of=document.safe_id,
        bound=rules.bound(document),
    )


def _tell(
    act: Act, employer: EmployerRecord, record: EmployeeRecord, document: DocumentRecord
) -> None:
    """Tell her, at the address she proved last, if the safe is hers already."""
    owner = accounts.safe(act, record.safe_id).account_id
    emails = [] if owner is None else accounts.proved(act, owner, accounts.EMAIL)
    if owner is None or not emails:
        return
    account = accounts.account(act, owner)
    recipient = Recipient(
        to=emails[-1], channel=Channel.EMAIL, locale=account.locale, given_name=account.given_name
    )
    sender, moment = directory.sender(act, employer), document.available_from
    act.tell(drafts.new_document(recipient, sender, document.kind, available_from=moment))
