"""
After a restore of the records: accounts that were erased since the backup stand in it again, and open to nobody.

Their keys are not in the store of personal keys, which is restored never or from younger backups. Each is erased again without
them: what cannot be read is taken out, receipts and all, and its employments begin anew, so that lists and deposits answer.
"""

from collections.abc import Iterator

from mycvault.accounts import service as accounts
from mycvault.accounts.model import SafeRecord
from mycvault.act import Act
from mycvault.codes import service as codes
from mycvault.contents import service as contents
from mycvault.credentials import service as credentials
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.documents import removal
from mycvault.errors import TamperedError
from mycvault.factors import service as factors
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.outbox import service as outbox
from mycvault.sessions import service as sessions
from mycvault.stories import forgetting
from mycvault.support import service as support
from mycvault.values.report import Report

_AT_ONCE = 500  # accounts looked at in one go


def erase_again(call: Call, *, dry_run: bool) -> Report:
    """Erase every account whose key is gone from its store, or in a dry run only count them."""
    counts, findings = {"accounts": 0, "documents": 0}, []
    for account_id in _without_key(call):
        try:
            counts["documents"] += 0 if dry_run else _erase(call, account_id)
            counts["accounts"] += 1
        except TamperedError as error:
            findings.append(f"account {account_id}: {error.code}")
    if not dry_run:
        with call.act() as act:
            act.record(accounts=str(counts["accounts"]), documents=str(counts["documents"]))
    return Report(counts=counts, findings=findings)


def _without_key(call: Call) -> Iterator[str]:
    after = ""
    while True:
        with call.look() as look:
            some = accounts.standing_after(look, after, _AT_ONCE)
        yield from sorted(call.keys.missing(some))
        if len(some) < _AT_ONCE:
            return
        after = some[-1]


def _erase(call: Call, account_id: str) -> int:
    with call.look() as look:
        held = accounts.safes_of(look, account_id)
    call.keys.bring(*{safe.employer_id for safe in held})
    pairs = [
        (old, SafeRecord(id=call.new_id(), employer_id=old.employer_id, record_id=old.record_id))
        for old in sorted(held, key=lambda safe: safe.record_id)
    ]
    for _, new in pairs:
        call.keys.make_personal_key(new.id, new.employer_id, call.now)
    with call.act() as act:
        for old, new in pairs:
            _start_again(act, old, new)
        accounts.erase(act, account_id)
        places = [account_id, *(old.id for old, _ in pairs)]
        removal.take_all(act, places)
        gone = sum(_forget(act, place) for place in places)
        credentials.forget(act, account_id)
        codes.forget(act, account_id)
        factors.forget(act, account_id)
        support.forget(act, account_id)
        sessions.end_all(act, account_id)
        outbox.drop(act.rows, account_id)
        act.record(about=account_id, documents=str(gone))
    forgetting.forget_keys(call, account_id)
    return gone


def _start_again(act: Act, old: SafeRecord, new: SafeRecord) -> None:
    links.revoke(act, old.record_id, Purpose.INVITATION)
    directory.keep_row(act, old.record_id, to_change=True)
    if directory.safe_of(act, old.record_id) == old.id:
        directory.start_again(act, old.record_id, old.id, new.id)
        accounts.add_safe(act, new)
        act.record(new.id, about=old.record_id)


def _forget(act: Act, place: str) -> int:
    for document_id in removal.everything_in(act, place):
        contents.forget(act.rows, document_id)
    return removal.erase_unread(act, place)
