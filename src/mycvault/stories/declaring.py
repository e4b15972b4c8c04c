"""
A declaration about payslips is entered: written down, its evidence kept, what follows from it set, its receipt sent.

One act, with the employment's row held for change: a deposit that runs at the same time comes before it or after it, and of two
declarations the second sees the first.
"""

import datetime as dt

import attrs

from mycvault import locales
from mycvault.act import Act, Look
from mycvault.contents import service as contents
from mycvault.delivery import rules
from mycvault.delivery import service as delivery
from mycvault.delivery.model import Declaration, Evidence, What
from mycvault.directory import reaching
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.outbox import drafts
from mycvault.stories import telling
from mycvault.stories.taking_in import Written
from mycvault.values.actors import Who


@attrs.frozen(kw_only=True)
class Said:
    """What was declared: *effective_on* is an objection's, None for at once."""

    what: What
    on: dt.date
    means: str = attrs.field(repr=False)
    by: Who
    effective_on: dt.date | None = None
    link_id: str | None = None


@attrs.frozen(kw_only=True)
class Proof:
    """A file that proves a declaration, written already."""

    evidence: Evidence
    written: Written


def enter(
    act: Act,
    employer: EmployerRecord,
    record: EmployeeRecord,
    said: Said,
    proof: Proof | None = None,
) -> tuple[Declaration, bool]:
    """
    Enter a declaration; give it, and whether it is news.

    What only says again what was said last is not: the first declaration is given back, and no letter goes out.
    """
    held = directory.keep(act, record, to_change=True)
    wanted = _declaration(act, employer, held, said, proof)
    entered, standing = delivery.declare(
        act,
        wanted,
        employer_id=employer.id,
        safe_id=held.safe_id,
        hired_on=record.person.hired_on,
        expected=held.declarations,
    )
    if standing is None:
        return entered, False
    directory.set_delivery(
        act,
        record.id,
        declarations=held.declarations + 1,
        paper_from=standing.paper_from,
        electronic_from=standing.electronic_from,
    )
    if proof is not None:
        contents.keep(
            act.rows,
            proof.evidence.content_id,
            proof.written.place,
            proof.written.key,
            key_of=record.id,
            bound=["evidence", employer.id],
        )
    recipient = telling.reach(act, held)
    if recipient is not None:
        sender = reaching.sender(act, employer)
        summary = _said(act, employer, record, entered, f"short.{entered.what}")
        act.tell(
            drafts.delivery_receipt(recipient, sender, receipt=entered.receipt, summary=summary)
        )
    return entered, True


def _declaration(
    act: Act, employer: EmployerRecord, record: EmployeeRecord, said: Said, proof: Proof | None
) -> Declaration:
    legal = act.policy.legal
    effective_on = latest = None
    if said.what is What.OBJECTION:
        effective_on = rules.effect(said.on, said.effective_on, legal)
        latest = rules.latest_effect(said.on, legal)
    wanted = Declaration(
        id=act.new_id(),
        record_id=record.id,
        ordinal=record.declarations + 1,
        what=said.what,
        on=said.on,
        means=said.means,
        by=said.by,
        receipt="",
        recorded_at=act.now,
        effective_on=effective_on,
        latest_effective_on=latest,
        link_id=said.link_id,
        evidence=None if proof is None else proof.evidence,
    )
    return attrs.evolve(wanted, receipt=_said(act, employer, record, wanted, wanted.what))


def _said(
    look: Look,
    employer: EmployerRecord,
    record: EmployeeRecord,
    declared: Declaration,
    key: str,
) -> str:
    """Say what was declared, and what follows, in the dated words of `receipts.toml`."""
    person, legal = record.person, look.policy.legal
    lawful = rules.lawful_from([declared], hired_on=person.hired_on, legal=legal)
    days = {
        "on": declared.on,
        "effective_on": declared.effective_on,
        "latest_effective_on": declared.latest_effective_on,
        "lawful_from": lawful,
        "recorded_on": directory.today(look),
    }
    said = {
        name: "" if day is None else locales.date(person.locale, day) for name, day in days.items()
    }
    name = f"{person.given_name} {person.family_name}"
    facts = {"name": name, "employer": employer.name, "means": declared.means}
    return locales.text(person.locale, "receipts", key, **said, **facts)
