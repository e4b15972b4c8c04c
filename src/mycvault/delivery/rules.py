"""
Electronic or paper. Pure.

Payslips are electronic unless she objects (Labour Code, L3243-2). A notice comes one month before the first electronic payslip,
or at hiring; an objection may come at any time and takes effect at once unless the employer sets a later day, at the latest
three calendar months after it was notified; a return may come at any time (D3243-7). The last will counts: declarations are
ordered by the day they were notified, not by the day they were written down.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence

from mycvault.delivery.model import Declaration, Notice, Objection, What
from mycvault.errors import InvalidInput, PaperRequired
from mycvault.legal.calendar import months_after
from mycvault.legal.profile import LegalProfile
from mycvault.values.choices import DeliveryMode, Kind
from mycvault.values.nir import refuse_nir
from mycvault.values.words import parse_word

NO_NOTICE = "no-notice"
_WITHOUT_NOTICE = frozenset({NO_NOTICE})
_MEANS = 200  # characters


def parse_means(means: str) -> str:
    """Take how something was declared ("letter"): 1 to 200 characters, no social security number; InvalidInput else."""
    said = refuse_nir(parse_word(means, field="means", longest=_MEANS), field="means")
    if any(unicodedata.category(char) == "Cf" for char in said):
        # What turns a line around or hides in it has no place in a receipt.
        raise InvalidInput("no invisible characters", field="means")
    return said


def parse_certain_date(on: dt.date, *, today: dt.date) -> dt.date:
    """Take the civil day something was declared: today or before; InvalidInput for a later one or a moment."""
    if isinstance(on, dt.datetime) or not isinstance(on, dt.date):
        raise InvalidInput("a date, without a time", field="on")
    if on > today:
        raise InvalidInput("what was declared lies in the past", field="on", reason="future")
    return on


def latest_effect(notified_on: dt.date, legal: LegalProfile) -> dt.date:
    """Tell the last day on which an objection may take effect."""
    return months_after(notified_on, legal.on(notified_on).objection_months)


def effect(notified_on: dt.date, asked: dt.date | None, legal: LegalProfile) -> dt.date:
    """
    Tell from when on an objection counts: the day it was notified, unless the employer *asked* for a later one.

    Raises:
        InvalidInput: Before the notification, or after the last day the law allows.
    """
    if asked is None:
        return notified_on
    if isinstance(asked, dt.datetime) or not isinstance(asked, dt.date):
        raise InvalidInput("a date, without a time", field="effective_on")
    if not notified_on <= asked <= latest_effect(notified_on, legal):
        raise InvalidInput(
            "from the notification to the last day the law allows",
            field="effective_on",
            reason="order",
        )
    return asked


def lawful_from(
    notices: Iterable[Declaration], *, hired_on: dt.date | None, legal: LegalProfile
) -> dt.date | None:
    """Tell the earliest day on which an electronic payslip is lawful; None without a notice."""
    days = [_lawful_after(notice.on, hired_on, legal) for notice in _of(notices, What.NOTICE)]
    return min(days, default=None)


def mode_on(declarations: Sequence[Declaration], day: dt.date) -> DeliveryMode:
    """Tell how payslips reach her on *day*."""
    for one in reversed(_choices(declarations, until=day)):
        if one.what is What.RETURN:
            return DeliveryMode.ELECTRONIC
        if one.effective_on is not None and one.effective_on <= day:
            return DeliveryMode.PAPER
    return DeliveryMode.ELECTRONIC


def paper_from(declarations: Sequence[Declaration]) -> dt.date | None:
    """Tell from when on payslips are paper, as things stand after her last declaration; None when they are electronic."""
    days = []
    for one in reversed(_choices(declarations)):
        if one.what is What.RETURN:
            break
        days.append(one.effective_on)
    return min((day for day in days if day is not None), default=None)


def mode_now(paper_from: dt.date | None, today: dt.date) -> DeliveryMode:
    """Tell how payslips reach her on *today* or a later day, from what `paper_from` told."""
    is_paper = paper_from is not None and paper_from <= today
    return DeliveryMode.PAPER if is_paper else DeliveryMode.ELECTRONIC


def judge_deposit(
    kind: Kind,
    *,
    issued_on: dt.date,
    paper_from: dt.date | None,
    electronic_from: dt.date | None,
    refuse_without_notice: bool,
) -> frozenset[str]:
    """
    Decide whether a document may be handed over electronically, and what is noted on its receipt. Only payslips are concerned.

    Raises:
        PaperRequired: She receives payslips on paper; or, where the policy refuses what is merely noted, the notice's month
            is not over or no notice was given.
    """
    if kind is not Kind.PAYSLIP:
        return frozenset()
    if mode_now(paper_from, issued_on) is DeliveryMode.PAPER:
        raise PaperRequired
    if electronic_from is not None and electronic_from <= issued_on:
        return frozenset()
    if refuse_without_notice:
        raise PaperRequired(reason=NO_NOTICE)
    return _WITHOUT_NOTICE


def in_force(declarations: Sequence[Declaration], day: dt.date) -> Declaration | None:
    """Find the objection by which payslips are paper on *day*, or will be; None when they are electronic."""
    found = None
    for one in reversed(_choices(declarations, until=day)):
        if one.what is What.RETURN:
            break
        found = one
        if one.effective_on is not None and one.effective_on <= day:
            break
    return found


def repeats(declarations: Sequence[Declaration], wanted: Declaration) -> Declaration | None:
    """Find the last declaration when *wanted* only says it again: a form that was sent twice is one declaration."""
    kinds = (What.NOTICE,) if wanted.what is What.NOTICE else (What.OBJECTION, What.RETURN)
    last = _by_will(_of(declarations, *kinds))[-1:]
    return next((one for one in last if _facts(one) == _facts(wanted)), None)


def history(declarations: Sequence[Declaration]) -> list[Notice | Objection]:
    """Show every notice and objection in the order of their days, an objection with the day she returned."""
    shown: list[Notice | Objection] = []
    returned_on = None
    for one in reversed(_by_will(declarations)):
        if one.what is What.RETURN:
            returned_on = one.on
        elif one.what is What.NOTICE:
            shown.append(notice(one))
        else:
            shown.append(objection(one, returned_on=returned_on))
    return shown[::-1]


def notice(one: Declaration) -> Notice:
    """Show a notice."""
    return Notice(
        given_on=one.on,
        means=one.means,
        receipt=one.receipt,
        recorded_at=one.recorded_at,
        evidence_sha256=None if one.evidence is None else one.evidence.sha256,
    )


def objection(one: Declaration, *, returned_on: dt.date | None = None) -> Objection:
    """Show an objection."""
    assert one.effective_on is not None
    assert one.latest_effective_on is not None
    return Objection(
        notified_on=one.on,
        effective_on=one.effective_on,
        latest_effective_on=one.latest_effective_on,
        means=one.means,
        receipt=one.receipt,
        recorded_at=one.recorded_at,
        returned_on=returned_on,
        evidence_sha256=None if one.evidence is None else one.evidence.sha256,
    )


def _lawful_after(given_on: dt.date, hired_on: dt.date | None, legal: LegalProfile) -> dt.date:
    a_month_later = months_after(given_on, legal.on(given_on).notice_months)
    if hired_on is not None and given_on <= hired_on:
        return min(hired_on, a_month_later)
    return a_month_later


def _of(declarations: Iterable[Declaration], *what: What) -> list[Declaration]:
    return [one for one in declarations if one.what in what]


def _choices(
    declarations: Iterable[Declaration], *, until: dt.date | None = None
) -> list[Declaration]:
    """List her objections and returns, notified until a day if one is named, the last will last."""
    made = _of(declarations, What.OBJECTION, What.RETURN)
    return _by_will(one for one in made if until is None or one.on <= until)


def _by_will(declarations: Iterable[Declaration]) -> list[Declaration]:
    """Order declarations by the day they were notified, those of one day as they were written down."""
    return sorted(declarations, key=lambda one: (one.on, one.ordinal))


def _facts(one: Declaration) -> tuple[object, ...]:
    proof = None if one.evidence is None else one.evidence.sha256
    return (one.what, one.on, one.means, one.by, one.effective_on, one.link_id, proof)
