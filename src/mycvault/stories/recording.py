"""HR records what was declared about somebody's payslips, and asks how they reach people."""

import datetime as dt

from mycvault.act import Look
from mycvault.delivery import rules
from mycvault.delivery import service as delivery
from mycvault.delivery.model import Declaration, Evidence, Notice, Objection, What
from mycvault.desk import Call
from mycvault.directory import reaching
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import Employee, EmployeeRecord, EmployerRecord
from mycvault.errors import InputError, UnavailableError
from mycvault.links import rules as link_rules
from mycvault.links import service as links
from mycvault.links.model import Link, Purpose
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Carried
from mycvault.stories import declaring, taking_in
from mycvault.stories.declaring import Proof, Said
from mycvault.values.actors import Who
from mycvault.values.choices import Channel, DeliveryMode
from mycvault.values.content import Content

_AT_ONCE = 200  # employees read in one look


def record(
    call: Call,
    employer: EmployerRecord,
    matricule: str,
    what: What,
    *,
    on: dt.date,
    means: str,
    evidence: Content | None,
    effective_on: dt.date | None = None,
) -> Declaration:
    """
    Enter what HR was told, or told her.

    Raises:
        EmployeeMissing: No such employee.
        InvalidInput: A day, the means or the evidence is not one.
        UnacceptableContent: The evidence is empty, too large or of another type.
    """
    means = rules.parse_means(means)
    with call.look() as look:
        employee = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
        on = rules.parse_certain_date(on, today=directory.today(look))
        rules.effect(on, effective_on, call.policy.legal)
    said = Said(what=what, on=on, means=means, by=Who.EMPLOYER, effective_on=effective_on)
    if evidence is None:
        with call.act() as act:
            return declaring.enter(act, employer, employee, said)[0]
    return taking_in.again_if_swept(
        evidence, lambda: _enter_proved(call, employer, employee, said, evidence)
    )


def _enter_proved(
    call: Call, employer: EmployerRecord, record: EmployeeRecord, said: Said, evidence: Content
) -> Declaration:
    proof = _prove(call, evidence)
    try:
        with call.act() as act:
            declared, is_news = declaring.enter(act, employer, record, said, proof)
    except UnavailableError:
        raise  # whether the act was done is not certain: the blob is swept if it was not
    except Exception:
        taking_in.take_away(call, proof.written.place.blob)
        raise
    if not is_news:
        taking_in.take_away(call, proof.written.place.blob)
    return declared


def refusal_link(
    call: Call, employer: EmployerRecord, matricule: str, *, by: Channel | str
) -> Link:
    """
    Queue a letter with a link by which she refuses electronic payslips without an account; an earlier one dies.

    Raises:
        EmployeeMissing: No such employee.
        AddressMissing: No address on record for *by*.
        InvalidInput: *by* is no way a letter takes.
    """
    by = link_rules.parse_channel(by)
    with call.look() as look:
        employee = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
    recipient, key = reaching.reach_by(employee, by)
    with call.act() as act:
        link, token = links.issue(
            act,
            Purpose.REFUSAL,
            owner=employee.id,
            subject=employee.safe_id,
            channel=by,
            lifetime=act.policy.refusal_lifetime,
            employer_id=employer.id,
            sent_to_key=key,
        )
        held = directory.keep(act, employee)
        act.record(held.safe_id, about=employee.id, link=link.id, channel=by)
        if recipient is not None:
            sender, zone = reaching.sender(act, employer), act.policy.legal.zone
            carried = Carried(token=token, link_id=link.id, expires_at=link.expires_at, zone=zone)
            act.tell(drafts.refusal_link(recipient, sender, carried))
    handed = by is Channel.LETTER or call.policy.hand_out_links
    return Link(token=token if handed else None, expires_at=link.expires_at)


def mode(
    call: Call, employer: EmployerRecord, matricule: str, *, on: dt.date | None
) -> DeliveryMode:
    """Tell how payslips reach her on a day, today unless one is named. EmployeeMissing, InvalidInput."""
    day = None if on is None else directory_rules.parse_day(on, field="on")
    with call.look() as look:
        employee = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
        today = directory.today(look)
        if day is None or day >= today:
            return rules.mode_now(employee.paper_from, day or today)
        return rules.mode_on(_declared(look, employee), day)


def first_electronic(call: Call, employer: EmployerRecord, matricule: str) -> dt.date | None:
    """Tell the earliest lawful day of an electronic payslip; None without a notice. EmployeeMissing."""
    with call.look() as look:
        employee = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
    return employee.electronic_from


def history(call: Call, employer: EmployerRecord, matricule: str) -> list[Notice | Objection]:
    """List every notice and objection in the order of their days. EmployeeMissing."""
    with call.look() as look:
        employee = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
        return rules.history(_declared(look, employee))


def paper_list(call: Call, employer: EmployerRecord, *, on: dt.date | None) -> list[Employee]:
    """List whose payslips are paper on a day, today unless one is named, in the order of their enrolment. InvalidInput."""
    day = None if on is None else directory_rules.parse_day(on, field="on")
    found: list[Employee] = []
    after: str | None = ""
    while after is not None:
        some, after = _paper_after(call, employer, day, after)
        found += some
    return found


def _paper_after(
    call: Call, employer: EmployerRecord, day: dt.date | None, after: str
) -> tuple[list[Employee], str | None]:
    with call.look() as look:
        today = directory.today(look)
        if day is None or day >= today:
            standing = directory.on_paper(
                look, employer.id, day or today, after=after, count=_AT_ONCE
            )
            ids = [employee.id for employee in standing]
        else:
            # As it was on a past day: asked of the few who ever objected.
            ids = delivery.ever_objected(look, employer.id, after=after, count=_AT_ONCE)
            known = directory.by_ids(look, ids)
            standing = [
                known[key]
                for key in ids
                if rules.mode_on(_declared(look, known[key]), day) is DeliveryMode.PAPER
            ]
        shown = [directory.shown(look, employee) for employee in standing]
    return shown, ids[-1] if len(ids) == _AT_ONCE else None


def _prove(call: Call, evidence: Content) -> Proof:
    content_id = call.new_id()
    try:
        facts, written = taking_in.write(call, content_id, evidence, call.policy.documents.accepted)
    except InputError as error:
        error.field = "evidence"
        raise
    return Proof(evidence=Evidence(content_id=content_id, sha256=facts.sha256), written=written)


def _declared(look: Look, employee: EmployeeRecord) -> list[Declaration]:
    return delivery.declarations(look, employee.id, expected=employee.declarations)
