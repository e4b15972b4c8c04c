"""
She destroys a document, or her account with all that is hers.

A destroyed document loses its key at once; its bytes, which open to nobody, are swept later. An erased account loses its own key
and those of its safes: the act says that it is erased, then the keys go, and a crash between the two is made good by
`Upkeep.purge`. What a hold keeps is first wrapped under the hold's own key. The employer's record of her is not hers and stays,
with the receipts of what it deposited; her employment gets an empty safe that nobody has joined, because its payslips must still
reach her.
"""

from collections.abc import Mapping, Sequence

import attrs

from mycvault import locales
from mycvault.accounts import service as accounts
from mycvault.accounts.model import Account, SafeRecord
from mycvault.act import Act
from mycvault.codes import service as codes
from mycvault.contents import service as contents
from mycvault.credentials import service as credentials
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord
from mycvault.documents import removal
from mycvault.documents import rules as document_rules
from mycvault.documents import service as documents
from mycvault.errors import DocumentMissing, RecordDamaged
from mycvault.factors import service as factors
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.outbox import drafts
from mycvault.outbox import service as outbox
from mycvault.outbox.drafts import Recipient
from mycvault.retention import service as retention
from mycvault.retention.model import Cause, Destruction
from mycvault.sessions import service as sessions
from mycvault.stories import admitting, forgetting, holding
from mycvault.support import service as support
from mycvault.throttle import familiar


def destroy(call: Call, session_id: str, document_id: str) -> Destruction:
    """
    Destroy one document, whoever deposited it.

    Raises:
        FreshConfirmationRequired: She did not confirm of late that it is she.
        LegalHold: A hold keeps it.
        DocumentMissing, SessionEnded, TermsRequired: As for every verb of a safe.
    """
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id)
        document = documents.find(look, admission.places, document_id)
        owner = accounts.account(look, admission.account_id)
        record_id = accounts.record_of(look, document.safe_id)
        if document.employer_id is not None and record_id is None:
            raise RecordDamaged
    with call.act() as act:
        if record_id is not None:
            holding.refuse_held(act, record_id)
        facts = {"size": str(document.size), "sha256": document.sha256}
        if not removal.destroy(act, document, **facts):
            raise DocumentMissing(field="document_id")
        contents.forget(act.rows, document.id)
        done = retention.destroyed(
            act,
            document.safe_id,
            cause=Cause.OWNER,
            documents=1,
            locale=owner.locale,
            title=document.title,
            document=document.id,
            **facts,
        )
        admitting.touch(act, admission)
    call.keys.forget_deleted()
    return done


def erase_account(call: Call, session_id: str) -> Destruction:
    """
    Erase an account: her addresses, password, sessions, labels and documents, but for what a hold keeps.

    Raises:
        FreshConfirmationRequired: She did not confirm of late that it is she.
        SessionEnded: The session is over.
    """
    case = _case(call, session_id)
    for _, new in case.employments:
        call.keys.make_personal_key(new.id, new.employer_id, call.now)
    with call.act() as act:
        _start_again(act, case)
        accounts.erase(act, case.owner.id)
        gone, kept = _clear(act, case)
        credentials.forget(act, case.owner.id)
        codes.forget(act, case.owner.id)
        factors.forget(act, case.owner.id)
        familiar.forget(act.rows, case.owner.id)
        sessions.end_all(act, case.owner.id)
        support.forget(act, case.owner.id)
        outbox.drop(act.rows, case.owner.id)
        act.record(case.owner.id, documents=str(gone), kept=str(kept))
        done = retention.destroyed(
            act,
            case.owner.id,
            cause=Cause.ERASURE,
            documents=gone,
            locale=case.owner.locale,
            kept=_said_kept(case.owner.locale, kept),
        )
        for mailbox in case.mailboxes:
            text, day = done.certificate, done.effective_on
            act.tell(drafts.account_erased(mailbox, certificate=text, effective_on=day, kept=kept))
    forgetting.forget_keys(call, case.owner.id)
    return done


# ------------------------------------------------------------------ what is erased


@attrs.frozen(kw_only=True)
class _Case:
    """
    An account to erase: its safes, and beside each the empty one its employment gets.

    *detached*: safes of hers whose employment has another one since support took it off her account.
    """

    owner: Account
    employments: Sequence[tuple[SafeRecord, SafeRecord]]
    detached: Sequence[SafeRecord]
    records: Mapping[str, EmployeeRecord]
    mailboxes: Sequence[Recipient]


def _case(call: Call, session_id: str) -> _Case:
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id, despite_terms=True)
        held = accounts.safes_of(look, admission.account_id)
    call.keys.bring(*{safe.employer_id for safe in held})
    with call.look() as look:
        # Another browser may have erased it since: her session says so, where her keys only miss.
        admitting.admit_fresh(look, session_id, despite_terms=True)
        owner = accounts.account(look, admission.account_id)
        mailboxes = accounts.mailboxes(look, owner.id)
        records = directory.by_ids(look, [safe.record_id for safe in held])
    pairs = [
        (old, SafeRecord(id=call.new_id(), employer_id=old.employer_id, record_id=old.record_id))
        for old in sorted(held, key=lambda safe: safe.record_id)
        if records[old.record_id].safe_id == old.id
    ]
    return _Case(
        owner=owner,
        employments=pairs,
        detached=[safe for safe in held if records[safe.record_id].safe_id != safe.id],
        records=records,
        mailboxes=mailboxes,
    )


def _start_again(act: Act, case: _Case) -> None:
    """Give each employment an empty safe; links first, then records, as in every act."""
    for old, new in case.employments:
        record = case.records[old.record_id]
        links.revoke(act, record.id, Purpose.INVITATION)
        directory.keep_row(act, record.id, to_change=True)
        directory.start_again(act, record.id, old.id, new.id)
        accounts.add_safe(act, new)
        act.record(new.id, about=record.id)


def _clear(act: Act, case: _Case) -> tuple[int, int]:
    """Take her documents out of the catalogue; tell how many went, and how many a hold keeps."""
    heirs = {old: new.id for old, new in case.employments}
    heirs |= {old: case.records[old.record_id].safe_id for old in case.detached}
    removal.take_all(act, [case.owner.id, *(old.id for old in heirs)])
    gone, kept = forgetting.forget_account(act, case.owner.id), 0
    for old, heir in heirs.items():
        holds = holding.holds(act, old.record_id)
        if holds:
            kept += _keep_for_hold(act, old.id, holds[0].key_id)
        else:
            gone += forgetting.forget_safe(act, old.id, to=heir, record_id=old.record_id)
    return gone, kept


def _keep_for_hold(act: Act, safe_id: str, key_id: str) -> int:
    """Wrap what a hold keeps under the hold's own key, her marks taken off it."""
    kept = 0
    for document in removal.of_safe(act, safe_id):
        if document.destroyed_at is None:
            bound = document_rules.bound(document)
            contents.rewrap(act.rows, document.id, key_of=safe_id, new_key_of=key_id, bound=bound)
            kept += 1
        removal.reseal(act, document, key_id)
    return kept


def _said_kept(locale: str, kept: int) -> str:
    return locales.text(locale, "receipts", "destruction.kept", count=str(kept)) if kept else ""
