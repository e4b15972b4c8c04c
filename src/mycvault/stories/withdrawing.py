"""An employer withdraws a document that nobody has joined yet; somebody invited is told, her reference is free again."""

from mycvault.accounts import service as accounts
from mycvault.contents import service as contents
from mycvault.desk import Call
from mycvault.directory import reaching
from mycvault.directory import service as directory
from mycvault.directory.model import EmployerRecord
from mycvault.documents import removal
from mycvault.errors import WithdrawalRefused
from mycvault.outbox import drafts
from mycvault.retention import rules
from mycvault.stories import holding


def withdraw(call: Call, employer: EmployerRecord, document_id: str, *, reason: str) -> None:
    """
    Withdraw a document from a safe that nobody has joined.

    Raises:
        DocumentMissing: No deposit of this employer's, or withdrawn already.
        WithdrawalRefused: She joined: the document is hers.
        LegalHold: A hold keeps it.
        InvalidInput: *reason* is none.
    """
    why = rules.parse_reason(reason)
    with call.look() as look:
        document = removal.find_deposited(look, employer.id, document_id)
        look.concerns(document.safe_id, about=document.id)
        if accounts.safe(look, document.safe_id).account_id is not None:
            raise WithdrawalRefused
        record = directory.by_safes(look, [document.safe_id])[document.safe_id]
    with call.act() as act:
        holding.refuse_held(act, record.id)
        # She may be joining at this moment: her safe is held as it is until the document is gone.
        if accounts.keep_safe(act, document.safe_id).account_id is not None:
            raise WithdrawalRefused
        removal.withdraw(act, document, reason=why)
        contents.forget(act.rows, document.id)
        recipient = reaching.reach(record)
        if record.invited_until is not None and recipient is not None:
            sender = reaching.sender(act, employer)
            act.tell(drafts.document_withdrawn(recipient, sender, document.kind))
    call.keys.forget_deleted()
