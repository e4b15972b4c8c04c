"""
The operator's side of retention: holds, what is past its time, an employer that closes.

A purge destroys what lay in a bin for its thirty days and what is past its term, one act for each document, and never what a hold
keeps; it makes good what a crash cut short of an erasure, and ends holds whose last day is past.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mycvault import locales
from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.contents import service as contents
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.documents import removal
from mycvault.documents.model import Outline
from mycvault.errors import DeniedError, InputError, RecordDamaged, TamperedError
from mycvault.retention import rules
from mycvault.retention import service as retention
from mycvault.retention.model import Cause, Hold
from mycvault.stories import finding, forgetting, holding, settling
from mycvault.throttle import service as throttle
from mycvault.values.report import Report

_SWEPT = 1000  # rows deleted in one transaction
_AT_ONCE = 100  # rows listed in one look
_NAMES = ("bin", "term", "held", "holds_ended", "erasures_finished", "support")


def hold(call: Call, employer: str, matricule: str, *, reason: str, until: dt.date | None) -> None:
    """Place a hold on an employment: its documents are kept, whoever asks. EmployerMissing, EmployeeMissing, InvalidInput."""
    why = rules.parse_reason(reason)
    found, record = finding.employment(call, employer, matricule)
    with call.look() as look:
        until = rules.parse_until(until, today=directory.today(look))
    key_id = call.new_id()
    call.keys.make_personal_key(key_id, found.id, call.now)
    placed = Hold(
        id=call.new_id(),
        employer_id=found.id,
        record_id=record.id,
        key_id=key_id,
        reason=why,
        until=until,
        placed_at=call.now,
    )
    with call.act() as act:
        record = directory.keep(act, record, to_change=True)
        directory.set_holds(act, record.id, len(holding.open_holds(act, record.id)) + 1)
        retention.place(act, placed, safe_id=record.safe_id)


def release(call: Call, employer: str, matricule: str, *, reason: str) -> None:
    """End every hold on an employment; none is no error. EmployerMissing, EmployeeMissing, InvalidInput."""
    why = rules.parse_reason(reason)
    _, record = finding.employment(call, employer, matricule)
    with call.act() as act:
        record = directory.keep(act, record, to_change=True)
        ended = retention.release(act, holding.open_holds(act, record.id), because=why)
        directory.set_holds(act, record.id, 0)
        act.record(record.safe_id, about=record.id, holds=str(ended))
    _let_go(call, record.id)


def purge(call: Call, *, dry_run: bool) -> Report:
    """Destroy what is past its time, or in a dry run only count it; see the header of this file."""
    counts: Counter[str] = Counter(dict.fromkeys(_NAMES, 0))
    findings: list[str] = []
    if not dry_run:
        counts["erasures_finished"] = _finish_erasures(call, findings)
        _finish_letting_go(call, findings)
        counts["support"] = _settle(call, findings)
    counts["holds_ended"] = _end_holds(call, findings, dry_run=dry_run)
    for cause, document_id in _past_their_time(call):
        try:
            done = _purge_one(call, document_id, cause, dry_run=dry_run)
        except TamperedError as error:
            findings.append(f"document {document_id}: {error.code}")
        else:
            counts.update(done)
    if not dry_run:
        _sweep_throttle(call)
        with call.act() as act:
            told: Any = {name: str(count) for name, count in counts.items()}
            act.record(**told)
        call.keys.forget_deleted()
    return Report(counts=dict(counts), findings=findings)


def _sweep_throttle(call: Call) -> None:
    """Delete what the throttle counts and remembers no more."""
    while True:
        with call.attempt() as attempt:
            if throttle.sweep(attempt.rows, now=call.now, count=_SWEPT) == 0:
                return


def _settle(call: Call, findings: list[str]) -> int:
    """Let what support asked take effect, where its delay is over; tell how much."""
    done = 0
    for account_id in settling.accounts_due(call):
        try:
            done += settling.settle(call, account_id)
        except (TamperedError, DeniedError, InputError) as error:
            findings.append(f"account {account_id}: {error.code}")
    return done


# ------------------------------------------------------------------ documents past their time


def _past_their_time(call: Call) -> Iterator[tuple[Cause, str]]:
    """List what a purge is about, in pages, each document once."""
    seen: set[str] = set()
    for cause in (Cause.BIN, Cause.TERM):
        after = ""
        while page := _page(call, cause, after):
            for document_id in page:
                if document_id not in seen:
                    seen.add(document_id)
                    yield cause, document_id
            after = page[-1]


def _page(call: Call, cause: Cause, after: str) -> list[str]:
    with call.look() as look:
        how = removal.binned if cause is Cause.BIN else removal.past_term
        return how(look, after=after, count=_AT_ONCE)


def _purge_one(call: Call, document_id: str, cause: Cause, *, dry_run: bool) -> list[str]:
    """Destroy one document unless a hold keeps it, or only judge it; name what it counts as, nothing when it is gone."""
    with call.look() as look:
        document = removal.past_its_time(look, document_id, binned=cause is Cause.BIN)
        record_id = None if document is None else accounts.record_of(look, document.safe_id)
        if document is not None and document.employer_id is not None and record_id is None:
            # Its safe's row is gone, and with it whether a hold keeps it.
            raise RecordDamaged
        held = record_id is not None and holding.holds(look, record_id)
    if document is None or held or dry_run:
        return [] if document is None else ["held" if held else str(cause)]
    if document.employer_id is not None:
        call.keys.bring(document.employer_id)
    with call.act() as act:
        done = _destroy(act, document, record_id, cause)
        if done != [cause]:
            act.record(about=document.id)
    return done


def _destroy(act: Act, document: Outline, record_id: str | None, cause: Cause) -> list[str]:
    if record_id is not None:
        # A hold may have been placed since: the employment is kept as it is from here on.
        directory.keep_row(act, record_id)
        if holding.holds(act, record_id):
            return ["held"]
    if not removal.destroy(act, document, cause=str(cause)):
        return []
    contents.forget(act.rows, document.id)
    retention.destroyed(act, document.safe_id, cause=cause, documents=1, locale=locales.DEFAULT)
    return [str(cause)]


# ------------------------------------------------------------------ erasures and holds


def _finish_erasures(call: Call, findings: list[str]) -> int:
    """Destroy the keys of accounts that are erased, where a crash kept that from being done; tell how many there were."""
    done, after = 0, ""
    while True:
        with call.look() as look:
            waiting = accounts.to_forget(look, after=after, count=_AT_ONCE)
        for account_id in waiting:
            try:
                forgetting.forget_keys(call, account_id)
                done += 1
            except TamperedError as error:
                findings.append(f"account {account_id}: {error.code}")
        if len(waiting) < _AT_ONCE:
            return done
        after = waiting[-1]


def _end_holds(call: Call, findings: list[str], *, dry_run: bool) -> int:
    """End the holds whose last day is past; tell how many there were."""
    ended, after = 0, ""
    while True:
        with call.look() as look:
            over = retention.over(look, today=directory.today(look), after=after, count=_AT_ONCE)
        for one in over:
            try:
                ended += 1 if dry_run else _end_hold(call, one)
            except TamperedError as error:
                findings.append(f"hold {one.id}: {error.code}")
        if len(over) < _AT_ONCE:
            return ended
        after = over[-1].id


def _end_hold(call: Call, one: Hold) -> int:
    call.keys.bring(one.employer_id)
    with call.act() as act:
        directory.keep_row(act, one.record_id, to_change=True)
        left = len(holding.open_holds(act, one.record_id))
        ended = retention.release(act, [one], because=None)
        directory.set_holds(act, one.record_id, left - ended)
        act.record(about=one.record_id, holds=str(ended))
    _let_go(call, one.record_id)
    return ended


def _let_go(call: Call, record_id: str) -> None:
    """Destroy what holds alone kept of accounts that are erased, with the keys it was kept under, once no hold is left."""
    with call.act() as act:
        # A hold placed at this moment comes before, and keeps it all, or after, when nothing is left to keep.
        directory.keep_row(act, record_id, to_change=True)
        act.record(about=record_id)
        if holding.open_holds(act, record_id):
            return
        keys = retention.hold_keys(act, record_id)
        for safe in accounts.safes_of_record(act, record_id):
            if safe.account_id is not None and accounts.is_erased(act, safe.account_id):
                to = directory.safe_of(act, record_id)
                forgetting.forget_safe(act, safe.id, to=to, record_id=record_id)
                accounts.forget_safe(act, safe.id)
    if call.keys.destroy(sorted(keys)) and call.keys.forget_deleted():
        with call.act() as act:
            retention.mark_let_go(act, record_id)
            act.record(about=record_id)


def _finish_letting_go(call: Call, findings: list[str]) -> None:
    """Let go what a crash kept from it, after its holds were ended."""
    after = ""
    while True:
        with call.look() as look:
            ended = retention.to_let_go(look, after=after, count=_AT_ONCE)
        for one in ended:
            try:
                call.keys.bring(one.employer_id)
                _let_go(call, one.record_id)
            except TamperedError as error:
                findings.append(f"hold {one.id}: {error.code}")
        if len(ended) < _AT_ONCE:
            return
        after = ended[-1].id
