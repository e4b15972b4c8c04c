"""Whom a letter reaches: her own proved address once she joined, else the one on record; what it tells of a document."""

from mycvault.accounts import service as accounts
from mycvault.act import Act, Look
from mycvault.directory import reaching
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.documents.model import DocumentRecord
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Recipient


def reach(look: Look, record: EmployeeRecord) -> Recipient | None:
    """Address a letter to her; None when nobody knows an address of hers."""
    owner = accounts.safe(look, record.safe_id).account_id
    mailboxes = [] if owner is None else accounts.mailboxes(look, owner)
    return mailboxes[-1] if mailboxes else reaching.reach(record)


def new_document(
    act: Act, employer: EmployerRecord, document: DocumentRecord, mailbox: Recipient
) -> None:
    """Tell her that a document came, once she can see it."""
    sender, moment = reaching.sender(act, employer), document.available_from
    act.tell(drafts.new_document(mailbox, sender, document.kind, available_from=moment))
