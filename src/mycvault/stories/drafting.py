"""A document before its bytes are known: what its depositor says of it, its title, the last day of its term."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from mycvault import locales
from mycvault.contents.model import UNMEASURED, Facts
from mycvault.delivery import rules as delivery_rules
from mycvault.desk import Call
from mycvault.directory.model import EmployerRecord
from mycvault.documents import rules
from mycvault.documents.model import DocumentRecord
from mycvault.policy import Policy
from mycvault.retention import rules as retention_rules
from mycvault.values.choices import Kind
from mycvault.values.period import Period


def draft(
    call: Call,
    safe_id: str,
    wanted: rules.Wanted,
    *,
    locale: str = locales.DEFAULT,
    id: str | None = None,  # noqa: A002 - as the record has it
    reference: str | None = None,
    employer_id: str | None = None,
    keep_until: dt.date | None = None,
    notes: frozenset[str] = frozenset(),
    facts: Facts = UNMEASURED,
) -> DocumentRecord:
    """
    Write down all that is known of a document; its title is its kind and month unless one was given.

    *id*, *reference*: those it has already. *facts*: what was measured of its content, if it was.
    """
    return DocumentRecord(
        id=id or call.new_id(),
        safe_id=safe_id,
        employer_id=employer_id,
        kind=wanted.kind,
        period=wanted.period,
        title=wanted.title or _title(wanted.kind, wanted.period, locale),
        reference=reference or wanted.reference,
        media_type=facts.media_type,
        size=facts.size,
        sha256=facts.sha256,
        deposited_at=call.now,
        available_from=wanted.available_from,
        keep_until=keep_until,
        notes=notes,
    )


def deposited(
    call: Call,
    employer: EmployerRecord,
    wanted: rules.Wanted,
    *,
    safe_id: str,
    locale: str,
    birth_date: dt.date | None,
    **known: Any,
) -> DocumentRecord:
    """Write down a deposit for somebody's safe, with the last day of its term; *known*: as `draft` takes it."""
    keep_until = retention_rules.keep_until(
        wanted.kind,
        issued_on=issued_on(call, wanted),
        birth_date=birth_date,
        retention=employer.retention or call.policy.retention,
        legal=call.policy.legal,
    )
    return draft(
        call,
        safe_id,
        wanted,
        locale=locale,
        employer_id=employer.id,
        keep_until=keep_until,
        **known,
    )


def judge(
    call: Call,
    wanted: rules.Wanted,
    *,
    paper_from: dt.date | None,
    electronic_from: dt.date | None,
) -> frozenset[str]:
    """Decide whether she may be handed this electronically, and what is noted on its receipt; PaperRequired."""
    return delivery_rules.judge_deposit(
        wanted.kind,
        issued_on=issued_on(call, wanted),
        paper_from=paper_from,
        electronic_from=electronic_from,
        refuse_without_notice=call.policy.refuse_without_notice,
    )


def issued_on(call: Call, wanted: rules.Wanted) -> dt.date:
    """Tell the civil day on which a deposit reaches her."""
    return rules.issued_on(call.now, wanted.available_from, ZoneInfo(call.policy.legal.zone))


def depends_on_age(employer: EmployerRecord, policy: Policy) -> bool:
    """Tell whether how long an employer's payslips stay depends on anybody's age."""
    return (employer.retention or policy.retention).until_age is not None


def _title(kind: Kind, period: Period | None, locale: str) -> str:
    name = locales.text(locale, "kinds", kind)
    return name if period is None else f"{name} {period}"
