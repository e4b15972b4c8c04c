"""
She follows her link and opens her safe.

Order: what she can mend alone is told first and counts for nothing (the password, the terms); then who she is, counted; then the
code, counted on its own. The link is used last, in the one act that also makes her account.
"""

import datetime as dt

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import Account
from mycvault.act import Act
from mycvault.codes import service as codes
from mycvault.codes.model import CodePurpose, CodeRequired
from mycvault.consent import rules as consent_rules
from mycvault.consent import service as consent
from mycvault.credentials import service as credentials
from mycvault.credentials import strength
from mycvault.desk import Call
from mycvault.directory import reaching
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.errors import AddressMissing, Terms
from mycvault.links import service as links
from mycvault.outbox import drafts
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.stories import arriving, asking_mailbox, recognising
from mycvault.stories.arriving import Scene
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


def look_up(call: Call, token: str) -> Welcome:
    """Show where a link leads, using nothing. LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated."""
    scene = arriving.find(call, token)
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
    scene = arriving.find(call, token)
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
        sender = arriving.sender(act, scene)
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
    scene = arriving.find(call, token)
    answers = _readable(answers)
    terms = consent_rules.accepted_text(
        scene.terms, answers.accept_terms, locale=scene.record.person.locale
    )
    password = _judge_password(call, scene, answers)
    _confirm_identity(call, scene, answers)
    challenge = arriving.confirm_codes(
        call, scene, activation_code=answers.activation_code, code=answers.code
    )
    hashed = call.hasher.hash(password)
    account_id = call.new_id()
    call.keys.open_account(account_id, scene.safe.id, scene.employer.id, call.now)
    with call.act() as act:
        links.use(act, scene.link, by=account_id, with_others=True)
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


# ------------------------------------------------------------------ judging what she typed


def _readable(answers: Answers) -> Answers:
    """Take what she typed in canonical form; InvalidInput, before anything is counted."""
    return attrs.evolve(
        answers,
        given_name=directory_rules.parse_name(answers.given_name, field="given_name"),
        family_name=directory_rules.parse_name(answers.family_name, field="family_name"),
        email=parse_email(answers.email),
    )


def _judge_password(call: Call, scene: Scene, answers: Answers) -> str:
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


def _confirm_identity(call: Call, scene: Scene, answers: Answers) -> None:
    arriving.count(call, scene)
    directory_rules.confirm_identity(
        scene.record, given_name=answers.given_name, family_name=answers.family_name
    )
    arriving.confirm_birth_date(scene, answers.birth_date)


# ------------------------------------------------------------------ making her account


def _open_account(act: Act, scene: Scene, account_id: str, answers: Answers) -> None:
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
    sender = arriving.sender(act, scene)
    if proved:
        mailbox = accounts.recipient(account, answers.email, Channel.EMAIL)
        act.tell(drafts.activated(mailbox, sender))
    else:
        employer = sender.reference
        act.tell(asking_mailbox.letter(act, address, urls=sender.urls, employer=employer))
