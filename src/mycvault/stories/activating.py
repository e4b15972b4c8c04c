"""
She follows her link and opens her safe.

Order: what she can mend alone is told first and counts for nothing (the password, the terms); then who she is, counted; then the
code, counted on its own. The link is used last, in the one act that also makes her account.
"""

import datetime as dt

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import Account, Address, SafeRecord
from mycvault.act import Act, Look
from mycvault.codes import service as codes
from mycvault.codes.model import Challenge, CodePurpose, CodeRequired
from mycvault.consent import rules as consent_rules
from mycvault.consent import service as consent
from mycvault.credentials import service as credentials
from mycvault.credentials import strength
from mycvault.desk import Call
from mycvault.directory import reaching
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.errors import AddressMissing, CodeExpired, CodeRefused, Terms
from mycvault.links import rules as link_rules
from mycvault.links import service as links
from mycvault.links.model import LinkRecord, Purpose
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Carried, Sender
from mycvault.outbox.model import Draft
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.stories import recognising
from mycvault.throttle import service as throttle
from mycvault.values.addresses import email_key, mask_email, mask_phone, parse_email
from mycvault.values.choices import Assurance, Channel, Need, SecondFactor
from mycvault.values.secret import Secret


@attrs.frozen(kw_only=True)
class Welcome:
    """What the activation page shows; *needs* is what `complete` must be given. E-mail and phone are masked."""

    employer: str
    employer_name: str
    given_name: str = attrs.field(repr=False)
    email: str | None
    phone: str | None
    needs: frozenset[Need]
    terms: Terms | None
    expires_at: dt.datetime


@attrs.frozen(kw_only=True)
class Answers:
    """What she typed on the activation page."""

    password: str = attrs.field(repr=False)
    given_name: str = attrs.field(repr=False)
    family_name: str = attrs.field(repr=False)
    email: str = attrs.field(repr=False)
    accept_terms: str | None
    birth_date: dt.date | None = attrs.field(repr=False)
    activation_code: str | None = attrs.field(repr=False)
    code: str | None = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class _Scene:
    """What a live link leads to."""

    link: LinkRecord
    record: EmployeeRecord
    employer: EmployerRecord
    safe: SafeRecord
    terms: tuple[Terms, ...]
    needs: frozenset[Need]


def look_up(call: Call, token: str) -> Welcome:
    """Show where a link leads, using nothing. LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated."""
    scene = _find(call, token)
    person = scene.record.person
    return Welcome(
        employer=scene.employer.reference,
        employer_name=scene.employer.name,
        given_name=person.given_name,
        email=None if person.email is None else mask_email(person.email),
        phone=None if person.phone is None else mask_phone(person.phone),
        needs=scene.needs,
        terms=consent_rules.in_language(scene.terms, person.locale),
        expires_at=scene.link.expires_at,
    )


def send_code(call: Call, token: str) -> CodeRequired:
    """Send the code by SMS to the number on record. TooManyAttempts, AddressMissing, and the link's errors."""
    scene = _find(call, token)
    phone = scene.record.person.phone
    if Need.CODE not in scene.needs or phone is None:
        raise AddressMissing(field="phone")
    with call.act() as act:
        sent = codes.send(
            act,
            CodePurpose.ACTIVATION,
            subject=scene.record.id,
            channel=Channel.SMS,
            address=phone,
            again=True,
        )
        act.record(scene.safe.id, about=scene.record.id, channel=Channel.SMS)
        recipient = reaching.recipient(scene.record, phone, Channel.SMS)
        lifetime, end = act.policy.codes.lifetime, sent.challenge.expires_at
        sender = _sender(act, scene)
        act.tell(
            drafts.activation_code(recipient, sender, sent.code, lifetime=lifetime, expires_at=end)
        )
        return codes.required(sent.challenge, sent.token.reveal(), act)


def complete(call: Call, token: str, answers: Answers) -> tuple[SessionRecord, Secret]:
    """
    Open the safe.

    Raises:
        LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: The link does not open it.
        InvalidInput, PasswordTooWeak, TermsRequired: She can mend it; nothing is counted.
        IdentityMismatch, CodeRefused: Not the person on record, or not the code; counted.
        CodeExpired, TooManyAttempts: A new code, or a pause.
    """
    scene = _find(call, token)
    answers = _readable(answers)
    terms = consent_rules.accepted_text(
        scene.terms, answers.accept_terms, locale=scene.record.person.locale
    )
    password = _judge_password(call, scene, answers)
    _confirm_identity(call, scene, answers)
    challenge = _confirm_code(call, scene, answers)
    hashed = call.hasher.hash(password)
    account_id = call.new_id()
    call.keys.open_account(account_id, scene.safe.id, scene.employer.id, call.now)
    with call.act() as act:
        links.use(act, scene.link, by=account_id)
        directory.mark_joined(act, scene.record)
        _open_account(act, scene, account_id, answers)
        credentials.set_first(act, account_id, hashed)
        if challenge is not None:
            codes.use(act, challenge)
            accounts.add_phone(act, account_id, challenge.address)
        if terms is not None:
            consent.accept(act, account_id, terms, call.caller)
        assurance = Assurance.PASSWORD if challenge is None else Assurance.TWO_STEP
        opened = sessions.start(act, account_id, assurance, caller=call.caller, terms_pending=None)
        recognising.recognise(act, account_id, call.caller, first=True)
    call.keys.keep_only(account_id, [scene.safe.id])
    return opened


def confirm_address(call: Call, token: str) -> None:
    """Use the link that proves an e-mail address. LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated."""
    with call.look() as look:
        link = links.find(look, token, Purpose.CONFIRM_ADDRESS)
        links.judge(look, link)
    with call.act() as act:
        links.use(act, link, by=link.subject)
        accounts.prove_email(act, link.owner)


# ------------------------------------------------------------------ what a link leads to


def _find(call: Call, token: str) -> _Scene:
    """Find what a live link leads to; its employer's key is brought to hand before the record is read."""
    with call.look() as look:
        link = links.find(look, token, Purpose.INVITATION)
    assert link.employer_id is not None
    call.keys.bring(link.employer_id)
    with call.look() as look:
        employer = directory.employers(look, [link.employer_id])[link.employer_id]
        links.judge(look, link, employer_name=employer.name)
        record = directory.by_ids(look, [link.owner])[link.owner]
        safe = accounts.safe(look, record.safe_id)
        terms = tuple(consent.current(look))
    needs = link_rules.activation_needs(
        phone_known=record.person.phone is not None,
        birth_date_known=record.person.birth_date is not None,
        terms_published=bool(terms),
        code_printed=link.code_proof is not None,
        second_factor=call.policy.second_factor,
    )
    return _Scene(link=link, record=record, employer=employer, safe=safe, terms=terms, needs=needs)


# ------------------------------------------------------------------ judging what she typed


def _readable(answers: Answers) -> Answers:
    """Take what she typed in canonical form; InvalidInput, before anything is counted."""
    return attrs.evolve(
        answers,
        given_name=directory_rules.parse_name(answers.given_name, field="given_name"),
        family_name=directory_rules.parse_name(answers.family_name, field="family_name"),
        email=parse_email(answers.email),
    )


def _judge_password(call: Call, scene: _Scene, answers: Answers) -> str:
    person = scene.record.person
    personal = [
        answers.given_name,
        answers.family_name,
        answers.email,
        scene.employer.name,
        person.email or "",
        person.phone or "",
    ]
    # It is the only one where no code is ever asked, or none can be sent but by e-mail, which WHEN_AVAILABLE does not count.
    alone = call.policy.second_factor is not SecondFactor.ALWAYS and Need.CODE not in scene.needs
    return strength.check(answers.password, call.policy.passwords, alone=alone, personal=personal)


def _confirm_identity(call: Call, scene: _Scene, answers: Answers) -> None:
    with call.attempt() as attempt:
        buckets = throttle.buckets(
            attempt.rows,
            call.policy.throttle,
            who="link:" + scene.link.id,
            address=call.caller.address,
        )
        throttle.count(attempt.rows, buckets, now=call.now)
    directory_rules.confirm_identity(
        scene.record, given_name=answers.given_name, family_name=answers.family_name
    )
    if Need.BIRTH_DATE in scene.needs:
        directory_rules.confirm_birth_date(scene.record, answers.birth_date)


def _confirm_code(call: Call, scene: _Scene, answers: Answers) -> Challenge | None:
    """Judge the codes that are asked: a missing one counts for nothing, a typed one is counted before it is judged."""
    if Need.ACTIVATION_CODE in scene.needs:
        _confirm_activation_code(call, scene, answers.activation_code)
    if Need.CODE not in scene.needs:
        return None
    if not answers.code:
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
        return codes.match(look, live, answers.code, tries_left=left)


def _confirm_activation_code(call: Call, scene: _Scene, typed: str | None) -> None:
    if not typed:
        raise CodeRefused(call.policy.codes.tries, field="activation_code")
    with call.attempt() as attempt:
        left = codes.count_try(attempt, scene.link.id, CodePurpose.ACTIVATION)
    with call.look() as look:
        if not links.code_matches(look, scene.link, typed):
            raise CodeRefused(left, field="activation_code")


# ------------------------------------------------------------------ making her account


def _open_account(act: Act, scene: _Scene, account_id: str, answers: Answers) -> None:
    account = Account(
        id=account_id,
        given_name=answers.given_name,
        family_name=answers.family_name,
        locale=scene.record.person.locale,
        created_at=act.now,
        strongest=Channel.SMS if Need.CODE in scene.needs else None,
    )
    accounts.open_account(act, account, scene.safe.id)
    # The link came to this mailbox: whoever follows it has proved it. Another address proves itself by its own link.
    proved = links.came_to(act, scene.link, email_key(answers.email))
    address = accounts.add_email(act, account_id, answers.email, proved=proved)
    if proved:
        act.tell(
            drafts.activated(
                accounts.recipient(account, answers.email, Channel.EMAIL), _sender(act, scene)
            )
        )
    else:
        act.tell(_confirm_letter(act, scene, account, address))


def _confirm_letter(act: Act, scene: _Scene, account: Account, address: Address) -> Draft:
    link, token = links.issue(
        act,
        Purpose.CONFIRM_ADDRESS,
        owner=address.id,
        subject=account.id,
        channel=Channel.EMAIL,
        lifetime=act.policy.invitation_lifetime,
        sent_to_key=email_key(address.text),
    )
    carried = Carried(
        token=token, link_id=link.id, expires_at=link.expires_at, zone=act.policy.legal.zone
    )
    mailbox = accounts.recipient(account, address.text, Channel.EMAIL)
    return drafts.confirm_address(mailbox, _sender(act, scene), carried)


def _sender(look: Look, scene: _Scene) -> Sender:
    return reaching.sender(look, scene.employer)
