"""Whom a letter reaches: her own proved address once she joined, else the one her employer has on record."""

from mycvault.accounts import service as accounts
from mycvault.act import Look
from mycvault.directory import reaching
from mycvault.directory.model import EmployeeRecord
from mycvault.outbox.drafts import Recipient


def reach(look: Look, record: EmployeeRecord) -> Recipient | None:
    """Address a letter to her; None when nobody knows an address of hers."""
    owner = accounts.safe(look, record.safe_id).account_id
    mailboxes = [] if owner is None else accounts.mailboxes(look, owner)
    return mailboxes[-1] if mailboxes else reaching.reach(record)
