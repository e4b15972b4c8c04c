"""
Documents go: destroyed by her or by a purge, withdrawn, erased with her account, or kept for a hold alone.

Of a destroyed document its row stays without a title, so that a payroll's retry is answered; a withdrawn or erased one leaves
none. Keys and bytes are `contents`' business. What a listing names is proved when it is looked at: the sealed row itself must say
that a document's time is over.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from mycvault.act import Act, Look
from mycvault.documents import marks, records
from mycvault.documents.model import DocumentRecord, Outline
from mycvault.errors import DocumentMissing, RecordDamaged
from mycvault.ids import is_id


def find_deposited(look: Look, employer_id: str, document_id: str) -> Outline:
    """
    Find a deposit of an employer's by its id, nobody's key being asked for; DocumentMissing.

    Destroyed ones are found as well: an employer is not to learn what she destroyed.
    """
    found = records.outline(look.rows, document_id) if is_id(document_id) else None
    if found is None or found.employer_id != employer_id:
        raise DocumentMissing(field="document_id")
    return found


def destroy(act: Act, document: DocumentRecord | Outline, **told: Any) -> bool:
    """Leave of a document its row alone; False when another call was first, or took it out of its bin."""
    where = {"discarded_at": document.discarded_at}
    if not records.destroy(act.rows, document.id, act.now, where=where):
        return False
    act.record(document.safe_id, about=document.id, kind=str(document.kind), **told)
    return True


def withdraw(act: Act, document: Outline, *, reason: str) -> None:
    """Take a document out of the catalogue, its reference free again; DocumentMissing when another call was first."""
    if not records.forget(act.rows, document.id):
        raise DocumentMissing(field="document_id")
    act.record(document.safe_id, about=document.id, kind=str(document.kind), reason=reason)


def free_references(act: Act, safe_id: str) -> int:
    """Free the references of what lies in a safe, so that its employer deposits the same again; tell how many."""
    found = records.of_safe(act.rows, safe_id)
    for record in found:
        records.reseal(act.rows, record, safe_id, reference=None)
    return len(found)


def take_all(act: Act, places: Sequence[str]) -> None:
    """Keep everything in these places from being changed by others, in the order of ids that every act follows."""
    records.take_all(act.rows, places)


def holds_any(look: Look, place: str) -> bool:
    """Tell whether anything lies in a place, or the receipt of something."""
    return bool(records.ids_of(look.rows, place))


def erase(act: Act, account_id: str) -> list[str]:
    """Take an account's own documents out of the catalogue; give the ids of what was not destroyed before."""
    found = records.ids_of(act.rows, account_id)
    for document_id in found:
        records.forget(act.rows, document_id)
    return [document_id for document_id, was_destroyed in found.items() if not was_destroyed]


def everything_in(look: Look, place: str) -> list[str]:
    """List the ids of everything in one place, whatever its rows say."""
    return list(records.ids_of(look.rows, place))


def erase_unread(act: Act, safe_id: str) -> int:
    """Take everything out of a safe whose key is gone; nothing of it can be read, receipts neither. Tells how much."""
    found = records.ids_of(act.rows, safe_id)
    for document_id in found:
        records.forget(act.rows, document_id)
    return len(found)


def leave_receipts(act: Act, safe_id: str, *, to: str, sealed_by: str) -> list[str]:
    """
    Leave of an erased safe's documents what their depositor's receipts say, in the employment's safe *to*.

    It is sealed under the employment's own record, *sealed_by*: a payroll's retry is answered and brings nothing back, and the
    employer keeps the proof that it deposited. Of a damaged row nothing is left. Gives the ids of what was not destroyed before.
    """
    gone = []
    for document_id in records.ids_of(act.rows, safe_id):
        try:
            record = records.by_id(act.rows, document_id, [safe_id])
        except RecordDamaged:
            record = None
        if record is None:
            records.forget(act.rows, document_id)
            gone.append(document_id)
            continue
        left = {"title": "", "safe_id": to, "destroyed_at": record.destroyed_at or act.now}
        records.reseal(act.rows, record, sealed_by, **left)
        marks.forget(act.rows, record.id)
        gone += [] if record.destroyed_at else [record.id]
    return gone


def of_safe(look: Look, safe_id: str) -> list[DocumentRecord]:
    """List everything in one safe, oldest first, destroyed documents included."""
    return records.of_safe(look.rows, safe_id)


def reseal(act: Act, record: DocumentRecord, key_id: str) -> None:
    """Seal a document's fields under another key than its safe's, and take her marks off it."""
    records.reseal(act.rows, record, key_id)
    marks.forget(act.rows, record.id)


def past_its_time(look: Look, document_id: str, *, binned: bool) -> Outline | None:
    """Find a document whose own sealed row says that its time is over: in the bin, or by its term. None when it is not."""
    found = records.outline(look.rows, document_id)
    if found is None or found.destroyed_at is not None:
        return None
    if binned:
        since = found.discarded_at
        return found if since is not None and since <= _binned_until(look) else None
    return found if found.keep_until is not None and found.keep_until < _today(look) else None


def binned(look: Look, *, after: str, count: int) -> list[str]:
    """List what lay in a bin for its time, ids above *after*; each is proved when it is looked at."""
    return records.binned(look.rows, until=_binned_until(look), after=after, count=count)


def past_term(look: Look, *, after: str, count: int) -> list[str]:
    """List what needs no longer be kept, ids above *after*; each is proved when it is looked at."""
    return records.past_term(look.rows, today=_today(look), after=after, count=count)


def _binned_until(look: Look) -> dt.datetime:
    return look.now - look.policy.documents.bin_lifetime


def _today(look: Look) -> dt.date:
    return look.now.astimezone(ZoneInfo(look.policy.legal.zone)).date()
