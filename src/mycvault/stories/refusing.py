"""
She refuses electronic payslips, or comes back to them.

By a link, without an account: looking is pure, and her family name is asked, so that no mail scanner refuses for her. A link that
was used still answers whoever knows the name, with the objection it made: a form that is sent twice is one objection. When she
came back since, it refuses anew. From her safe: for each of her employers apart.
"""

import datetime as dt

import attrs

from mycvault import locales
from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.delivery import rules
from mycvault.delivery import service as delivery
from mycvault.delivery.model import Declaration, Objection, What
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.errors import AlreadyActivated, EmployerMissing
from mycvault.links import service as links
from mycvault.links.model import LinkRecord, Purpose
from mycvault.stories import admitting, declaring
from mycvault.stories.admitting import Admission
from mycvault.stories.declaring import Said
from mycvault.throttle import service as throttle
from mycvault.values.actors import Who
from mycvault.values.choices import Channel


@attrs.frozen(kw_only=True)
class Refusal:
    """What the refusal page shows; *refused_on*: the day on which this link refused, None while payslips are electronic."""

    employer_name: str
    given_name: str = attrs.field(repr=False)
    expires_at: dt.datetime
    refused_on: dt.date | None = None


@attrs.frozen(kw_only=True)
class _Scene:
    """What a refusal link leads to."""

    link: LinkRecord
    employer: EmployerRecord
    record: EmployeeRecord
    earlier: Declaration | None


def look_up(call: Call, token: str) -> Refusal:
    """Show where a refusal link leads, using nothing. LinkDamaged, LinkInvalid, LinkExpired."""
    scene = _find(call, token)
    return Refusal(
        employer_name=scene.employer.name,
        given_name=scene.record.person.given_name,
        expires_at=scene.link.expires_at,
        refused_on=None if scene.earlier is None else scene.earlier.on,
    )


def refuse_by_link(call: Call, token: str, family_name: str) -> Objection:
    """
    Refuse electronic payslips by a link, with her family name.

    Raises:
        IdentityMismatch: Not the family name on record; counted.
        TooManyAttempts: Wait for `retry_after`.
        InvalidInput: The family name is no name.
        LinkDamaged, LinkInvalid, LinkExpired: The link does not do it.
    """
    scene = _find(call, token)
    typed = directory_rules.parse_name(family_name, field="family_name")
    _count(call, scene.link)
    directory_rules.confirm_family_name(scene.record, typed)
    with call.act() as act:
        try:
            links.use(act, scene.link, by=None)
        except AlreadyActivated:
            # Of many who use one link, the others find what the first one declared.
            earlier = _made_by(act, scene)
            if earlier is not None:
                return rules.objection(earlier)
        way = "printed" if scene.link.channel == Channel.LETTER else "link"
        link_id = scene.link.id
        return rules.objection(_refuse(act, scene.employer, scene.record, way, link_id=link_id))


def refuse_from_safe(call: Call, session_id: str, reference: str) -> Objection:
    """Refuse one employer's electronic payslips; an objection already in effect is given back. EmployerMissing."""
    admission, employer, record = _employment(call, session_id, reference)
    with call.act() as act:
        held = directory.keep(act, record, to_change=True)
        accounts.keep_standing(act, admission.account_id)
        today = directory.today(act)
        declared = delivery.declarations(act, record.id, expected=held.declarations)
        known = rules.in_force(declared, today)
        if known is None or known.effective_on is None or known.effective_on > today:
            known = _refuse(act, employer, record, "safe")
        else:
            act.record(record.safe_id, about=record.id)
        admitting.touch(act, admission)
        return rules.objection(known)


def return_from_safe(call: Call, session_id: str, reference: str) -> None:
    """Come back to one employer's electronic payslips, from today. EmployerMissing."""
    admission, employer, record = _employment(call, session_id, reference)
    with call.act() as act:
        directory.keep(act, record, to_change=True)
        accounts.keep_standing(act, admission.account_id)
        means = locales.text(record.person.locale, "receipts", "means.safe")
        said = Said(what=What.RETURN, on=directory.today(act), means=means, by=Who.EMPLOYEE)
        declaring.enter(act, employer, record, said)
        admitting.touch(act, admission)


def _find(call: Call, token: str) -> _Scene:
    """Find what a refusal link leads to, used or not; its employer's key is brought to hand before the record is read."""
    with call.look() as look:
        link = links.find(look, token, Purpose.REFUSAL)
    assert link.employer_id is not None
    call.keys.bring(link.employer_id)
    with call.look() as look:
        employer = directory.employers(look, [link.employer_id])[link.employer_id]
        try:
            links.judge(look, link, employer_name=employer.name)
        except AlreadyActivated:
            links.judge(look, attrs.evolve(link, used_at=None), employer_name=employer.name)
        record = directory.by_ids(look, [link.owner])[link.owner]
        declared = delivery.declarations(look, record.id, expected=record.declarations)
        earlier = _by_link(declared, link.id, directory.today(look))
    return _Scene(link=link, employer=employer, record=record, earlier=earlier)


def _count(call: Call, link: LinkRecord) -> None:
    with call.attempt() as attempt:
        buckets = throttle.buckets(
            attempt.rows,
            call.policy.throttle,
            who="link:" + link.id,
            address=call.caller.address,
        )
        throttle.count(attempt.rows, buckets, now=call.now)


def _made_by(act: Act, scene: _Scene) -> Declaration | None:
    """Find the objection that a used link made; None when she came back since: she refuses anew."""
    held = directory.keep(act, scene.record, to_change=True)
    declared = delivery.declarations(act, held.id, expected=held.declarations)
    made = _by_link(declared, scene.link.id, directory.today(act))
    if made is not None:
        act.record(held.safe_id, about=held.id, link=scene.link.id)
    return made


def _by_link(declarations: list[Declaration], link_id: str, today: dt.date) -> Declaration | None:
    """Find the last objection a link made, while payslips are paper, or will be."""
    if rules.in_force(declarations, today) is None:
        return None
    return next((one for one in reversed(declarations) if one.link_id == link_id), None)


def _refuse(
    act: Act,
    employer: EmployerRecord,
    record: EmployeeRecord,
    way: str,
    *,
    link_id: str | None = None,
) -> Declaration:
    said = Said(
        what=What.OBJECTION,
        on=directory.today(act),
        means=locales.text(record.person.locale, "receipts", f"means.{way}"),
        by=Who.EMPLOYEE,
        link_id=link_id,
    )
    return declaring.enter(act, employer, record, said)[0]


def _employment(
    call: Call, session_id: str, reference: str
) -> tuple[Admission, EmployerRecord, EmployeeRecord]:
    """Admit the session, and find one employment of hers by its employer's reference; EmployerMissing for any other."""
    reference = directory_rules.parse_reference(reference, field="employer")
    with call.look() as look:
        admission = admitting.admit_despite_terms(look, session_id)
        held = accounts.safes_of(look, admission.account_id)
        employers = directory.employers(look, {safe.employer_id for safe in held})
    found = [safe for safe in held if employers[safe.employer_id].reference == reference]
    call.keys.bring(*{safe.employer_id for safe in found})
    with call.look() as look:
        records = directory.by_ids(look, [safe.record_id for safe in found])
        # One that support took off her account is not hers to refuse for.
        current = [safe for safe in found if records[safe.record_id].safe_id == safe.id]
        if not current:
            raise EmployerMissing(field="employer")
        safe = current[-1]
        look.concerns(safe.id, about=safe.record_id)
    return admission, employers[safe.employer_id], records[safe.record_id]
