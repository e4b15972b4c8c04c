"""
Where an invitation's link leads, and the proof that it reached the person on record.

She opens a safe by it, or joins what it leads to to the safe she has: both ask the same things, counted the same way.
"""

import datetime as dt

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import SafeRecord
from mycvault.act import Look
from mycvault.codes import service as codes
from mycvault.codes.model import Challenge, CodePurpose
from mycvault.consent import service as consent
from mycvault.desk import Call
from mycvault.directory import reaching
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.errors import AlreadyActivated, CodeExpired, CodeRefused, Terms
from mycvault.links import rules as link_rules
from mycvault.links import service as links
from mycvault.links.model import LinkRecord, Purpose
from mycvault.outbox.drafts import Sender
from mycvault.throttle import service as throttle
from mycvault.values.choices import Need


@attrs.frozen(kw_only=True)
class Scene:
    """What a live link leads to."""

    link: LinkRecord
    record: EmployeeRecord
    employer: EmployerRecord
    safe: SafeRecord
    terms: tuple[Terms, ...]
    needs: frozenset[Need]


def find(call: Call, token: str) -> Scene:
    """Find what a live link leads to; its employer's key is brought to hand before the record is read."""
    with call.look() as look:
        link = links.find(look, token, Purpose.INVITATION)
    assert link.employer_id is not None
    call.keys.bring(link.employer_id)
    with call.look() as look:
        employer = directory.employers(look, [link.employer_id])[link.employer_id]
        links.judge(look, link, employer_name=employer.name)
        record = directory.by_ids(look, [link.owner])[link.owner]
        if record.joined_at is not None:
            raise AlreadyActivated
        safe = accounts.safe(look, record.safe_id)
        terms = tuple(consent.current(look))
    needs = link_rules.activation_needs(
        phone_known=record.person.phone is not None,
        birth_date_known=record.person.birth_date is not None,
        terms_published=bool(terms),
        code_printed=link.code_proof is not None,
        second_factor=call.policy.second_factor,
    )
    return Scene(link=link, record=record, employer=employer, safe=safe, terms=terms, needs=needs)


def count(call: Call, scene: Scene) -> None:
    """Count an attempt on a link before what was typed is compared; TooManyAttempts."""
    with call.attempt() as attempt:
        buckets = throttle.buckets(
            attempt.rows,
            call.policy.throttle,
            who="link:" + scene.link.id,
            address=call.caller.address,
        )
        throttle.count(attempt.rows, buckets, now=call.now)


def confirm_birth_date(scene: Scene, typed: dt.date | None) -> None:
    """Compare her birth date, where it is asked; IdentityMismatch."""
    if Need.BIRTH_DATE in scene.needs:
        directory_rules.confirm_birth_date(scene.record, typed)


def confirm_codes(
    call: Call, scene: Scene, *, activation_code: str | None, code: str | None
) -> Challenge | None:
    """Judge the codes that are asked: a missing one counts for nothing, a typed one is counted before it is judged."""
    if Need.ACTIVATION_CODE in scene.needs:
        _confirm_activation_code(call, scene, activation_code)
    if Need.CODE not in scene.needs:
        return None
    if not code:
        raise CodeRefused(call.policy.codes.tries)
    with call.look() as look:
        sent = codes.live(look, scene.record.id, CodePurpose.ACTIVATION)
    # A code that went to a number HR has corrected since proves nothing of the one on record.
    live = [one for one in sent if one.address == scene.record.person.phone]
    if not live:
        raise CodeExpired(field="code")
    with call.attempt() as attempt:
        left = codes.count_try(attempt, scene.record.id, CodePurpose.ACTIVATION)
    with call.look() as look:
        return codes.match(look, live, code, tries_left=left)


def _confirm_activation_code(call: Call, scene: Scene, typed: str | None) -> None:
    if not typed:
        raise CodeRefused(call.policy.codes.tries, field="activation_code")
    with call.attempt() as attempt:
        left = codes.count_try(attempt, scene.record.id, CodePurpose.PRINTED)
    with call.look() as look:
        if not links.code_matches(look, scene.link, typed):
            raise CodeRefused(left, field="activation_code")


def sender(look: Look, scene: Scene) -> Sender:
    """Tell on whose behalf letters about the link are written."""
    return reaching.sender(look, scene.employer)
