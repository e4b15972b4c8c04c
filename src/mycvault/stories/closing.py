"""
An employer's service closes, and everybody is told three months before.

Letters are queued in batches, one act for each; whom a run did not reach is told by the next one, and nobody twice of the same
day. Closing shuts nothing: retrieval stays open, twelve months at least for somebody who lost access (CPCE, D541).
"""

import datetime as dt

from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.desk import Call
from mycvault.directory import reaching
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Recipient
from mycvault.retention import rules

_AT_ONCE = 100  # employees told in one act


def announce(call: Call, reference: str, *, on: dt.date) -> int:
    """
    Announce that an employer's service closes on a day; give how many letters were queued.

    Raises:
        EmployerMissing: No such employer.
        InvalidInput: Sooner than the law's notice, or no date.
    """
    wanted = directory_rules.parse_reference(reference, field="employer")
    with call.look() as look:
        employer = directory.find_employer(look, wanted)
        until = rules.check_closure(on, today=directory.today(look), legal=call.policy.legal)
    call.keys.bring(employer.id)
    with call.act() as act:
        directory.set_closure(act, employer, on)
        act.record(about=employer.id, on=on.isoformat(), retrieval_until=until.isoformat())
    letters, after = 0, ""
    while True:
        with call.look() as look:
            some = directory.records_after(look, employer.id, after, _AT_ONCE)
        if some:
            letters += _tell(call, employer, some, on, until)
        if len(some) < _AT_ONCE:
            return letters
        after = some[-1].id


def _tell(
    call: Call, employer: EmployerRecord, some: list[EmployeeRecord], on: dt.date, until: dt.date
) -> int:
    with call.act() as act:
        sender, letters = reaching.sender(act, employer), 0
        for record in some:
            if not directory.mark_closing(act, record, on):
                continue
            held = directory.keep(act, record)
            for recipient in _reach_everywhere(act, held):
                act.tell(drafts.closing(recipient, sender, on=on, retrieval_until=until))
                letters += 1
            act.record(held.safe_id, about=record.id, on=on.isoformat())
        act.record(about=employer.id, letters=str(letters))
    return letters


def _reach_everywhere(act: Act, record: EmployeeRecord) -> list[Recipient]:
    """Address a letter to every mailbox she proved, else to the address on record."""
    owner = accounts.safe(act, record.safe_id).account_id
    mailboxes = [] if owner is None else accounts.mailboxes(act, owner)
    on_record = reaching.reach(record)
    return mailboxes or ([] if on_record is None else [on_record])
