"""
A document comes into a safe.

The bytes are sealed and written before the row that makes them a document: a crash leaves an orphan, never a row without bytes.
A small content is hashed first, so that a retry writes nothing; a large one is hashed while it is sealed and sent. Whatever
refuses the deposit afterwards takes the written blob away again. Whether she is on paper is judged in the act that enters the
document, with her employment's row held still: an objection comes before it or after it.
"""

from contextlib import suppress
from typing import BinaryIO

import attrs

from mycvault.accounts import service as accounts
from mycvault.act import Act, Look
from mycvault.contents import sealing, writing
from mycvault.contents import service as contents
from mycvault.contents.model import Facts, Swept
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.documents import rules
from mycvault.documents import service as documents
from mycvault.documents.model import Deposit, Document, DocumentRecord, Receipt
from mycvault.errors import (
    ConflictError,
    DepositConflict,
    MissingError,
    PaperRequired,
    RecordsUnavailable,
    TamperedError,
)
from mycvault.stories import admitting, drafting, taking_in, telling
from mycvault.stories.admitting import Admission
from mycvault.stories.taking_in import Written
from mycvault.values.choices import Kind
from mycvault.values.content import Content

_TRIES = 4  # of a deposit that meets an erasure or a sweep; then it is told as an outage


class _Overtaken(Exception):  # noqa: N818 - a fact between two steps of one call
    """The reference was there already: what this act wrote is undone."""


class _Moved(Exception):  # noqa: N818 - a fact between two steps of one call
    """She erased her account as we wrote, and has another safe now: the whole deposit is tried again."""


@attrs.frozen(kw_only=True)
class _Case:
    """One deposit on its way: by whom, for whom, and all of the document that is known so far."""

    employer: EmployerRecord
    record: EmployeeRecord
    wanted: rules.Wanted
    document: DocumentRecord

    def measured(self, facts: Facts) -> "_Case":
        """Add what was measured of the content."""
        draft = self.document
        derived = rules.derived_reference(
            self.record.matricule, draft.kind, draft.period, facts.sha256
        )
        known = {"reference": draft.reference or derived, **attrs.asdict(facts)}
        return attrs.evolve(self, document=attrs.evolve(draft, **known))


def deposit(call: Call, employer: EmployerRecord, given: Deposit) -> Receipt:
    """
    Put an employer's document into an employee's safe.

    Raises:
        EmployeeMissing: No such employee.
        InvalidInput: Kind, period, title, reference, moment or content is not one.
        UnacceptableContent: Empty, too large, or no PDF.
        DepositConflict: The reference stands for something else.
        PaperRequired: A payslip for somebody who receives them on paper.
        DocumentMissing: What it corrects is not in her safe.
        BlobsUnavailable: The storage does not answer or is full; nothing is visible.
    """
    case = _case(call, employer, given)
    with sealing.take(given.content) as taken:
        # What is streamed was read, and cannot be tried again.
        for _ in range(_TRIES if isinstance(taken, bytes) else 1):
            with suppress(_Moved, Swept):
                return _deposit(call, case, taken)
            case = _case(call, employer, given)
    raise RecordsUnavailable


def judge(call: Call, employer: EmployerRecord, given: Deposit) -> Receipt | None:
    """Tell what `deposit` would answer, writing nothing: an earlier receipt, or None where the document would be taken."""
    case = _case(call, employer, given)
    limits = call.policy.documents
    with sealing.take(given.content) as taken:
        if isinstance(taken, bytes):
            facts = sealing.examine(taken, max_bytes=limits.max_bytes, accepted=rules.DEPOSITED)
        else:
            facts = writing.measure_stream(
                taken, max_bytes=limits.max_bytes, accepted=rules.DEPOSITED
            )
    return _known(call, case.measured(facts))


def add(call: Call, session_id: str, content: Content, *, title: str, kind: Kind | str) -> Document:
    """
    Put a document of her own into her safe.

    Raises:
        SessionEnded, TermsRequired: The session does not open it.
        InvalidInput, UnacceptableContent: Title, kind or content is not one.
    """
    wanted = rules.parse_own(kind=kind, title=title)
    with call.look() as look:
        admission = admitting.admit(look, session_id)
        look.concerns(admission.account_id)
    document = drafting.draft(call, admission.account_id, wanted)
    return taking_in.again_if_swept(content, lambda: _add(call, admission, document, content))


def _add(call: Call, admission: Admission, document: DocumentRecord, content: Content) -> Document:
    accepted = call.policy.documents.accepted
    facts, written = taking_in.write(call, document.id, content, accepted)
    document = attrs.evolve(document, **attrs.asdict(facts))
    with call.act() as act:
        accounts.keep_standing(act, admission.account_id)
        documents.deposit(act, document)
        _keep(act, document, written)
        admitting.touch(act, admission)
        return documents.shown(act, [document], {})[0]


# ------------------------------------------------------------------ the steps of a deposit


def _case(call: Call, employer: EmployerRecord, given: Deposit) -> _Case:
    """Read what the host said, and find whom it is for."""
    wanted = rules.parse_deposit(given)
    with call.look() as look:
        record = directory.find(look, employer.id, directory_rules.parse_matricule(given.matricule))
    document = drafting.deposited(
        call,
        employer,
        wanted,
        safe_id=record.safe_id,
        locale=record.person.locale,
        birth_date=record.person.birth_date,
    )
    return _Case(employer=employer, record=record, wanted=wanted, document=document)


def _deposit(call: Call, case: _Case, content: bytes | BinaryIO) -> Receipt:
    if isinstance(content, bytes):
        return _deposit_small(call, case, content)
    facts, written = taking_in.write_stream(call, case.document.id, content, rules.DEPOSITED)
    return _enter(call, case.measured(facts), written)


def _deposit_small(call: Call, case: _Case, content: bytes) -> Receipt:
    limits = call.policy.documents
    facts = sealing.examine(content, max_bytes=limits.max_bytes, accepted=rules.DEPOSITED)
    case = case.measured(facts)
    earlier = _known(call, case)
    if earlier is not None:
        return earlier
    return _enter(call, case, taking_in.write_bytes(call, case.document.id, content))


def _known(call: Call, case: _Case) -> Receipt | None:
    """Find the receipt of the same deposit made before; else judge whether it may be made now. DepositConflict, PaperRequired."""
    with call.look() as look:
        earlier = _earlier(look, case)
        if earlier is None:
            _judge(call, case, case.record)
            documents.check_corrected(look, case.document, case.wanted.corrects)
    return earlier


def _earlier(look: Look, case: _Case) -> Receipt | None:
    """Find the receipt of the same deposit made before, perhaps into a safe that a hold keeps of an erased account."""
    matricule = case.record.matricule
    try:
        return documents.already_deposited(look, case.document, matricule)
    except DepositConflict:
        for old in accounts.safes_of_record(look, case.record.id):
            moved = attrs.evolve(case.document, safe_id=old.id)
            with suppress(DepositConflict):
                return documents.already_deposited(look, moved, matricule)
        raise


def _judge(call: Call, case: _Case, record: EmployeeRecord) -> frozenset[str]:
    return drafting.judge(
        call, case.wanted, paper_from=record.paper_from, electronic_from=record.electronic_from
    )


def _enter(call: Call, case: _Case, written: Written) -> Receipt:
    """Enter a written content into the catalogue; a call that was faster with the same deposit gives its receipt."""
    try:
        with suppress(_Overtaken), call.act() as act:
            return _enter_now(call, act, case, written)
    except (ConflictError, MissingError, TamperedError, _Moved):
        # Refused by this very act, which is undone: no row refers to the blob.
        taking_in.take_away(call, written.place.blob)
        raise
    taking_in.take_away(call, written.place.blob)
    with call.look() as look:
        earlier = _earlier(look, case)
    if earlier is None:
        # The deposit that held the reference went away as we looked: the whole call may be tried again.
        raise RecordsUnavailable
    return earlier


def _enter_now(call: Call, act: Act, case: _Case, written: Written) -> Receipt:
    document = case.document
    record = directory.keep(act, case.record)
    if record.safe_id != document.safe_id:
        raise _Moved
    try:
        document = attrs.evolve(document, notes=_judge(call, case, record))
    except PaperRequired:
        if documents.is_taken(act, case.employer.id, document.reference or ""):
            raise _Overtaken from None
        raise
    if not documents.deposit(act, document, corrects=case.wanted.corrects):
        raise _Overtaken
    _keep(act, document, written)
    _tell(act, case.employer, case.record, document)
    return documents.receipt(document, record.matricule)


def _keep(act: Act, document: DocumentRecord, written: Written) -> None:
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
    mailboxes = [] if owner is None else accounts.mailboxes(act, owner)
    if mailboxes:
        telling.new_document(act, employer, document, mailboxes[-1])
