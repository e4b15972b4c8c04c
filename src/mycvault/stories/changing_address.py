"""
She adds an e-mail address, proves it, takes one away, or changes her number.

An address signs nobody in before its mailbox has proved it; every address she had is told at once, with a link that takes the new
one away again. Whether somebody else has the address she typed is said to its mailbox alone.
"""

from mycvault.accounts import addressing
from mycvault.accounts import service as accounts
from mycvault.codes import service as codes
from mycvault.codes.model import CodePurpose, CodeRequired
from mycvault.desk import Call
from mycvault.errors import CodeExpired, InvalidInput
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.outbox import drafts
from mycvault.sessions import service as sessions
from mycvault.stories import admitting, alerting, asking_mailbox
from mycvault.throttle import service as throttle
from mycvault.values.addresses import parse_email, parse_phone
from mycvault.values.choices import Alert, Channel


def add_email(call: Call, session_id: str, email: str) -> None:
    """
    Ask a mailbox to prove itself; the address that waited before gives way.

    Raises:
        FreshConfirmationRequired, SessionEnded, TermsRequired: The session does not do it.
        InvalidInput: No address, or one she proved before.
        TooManyAttempts: Five letters at once, then one a minute.
    """
    email = parse_email(email)
    with call.look() as look:
        account_id = admitting.admit_fresh(look, session_id).account_id
    with call.attempt() as attempt:
        # Each sends a letter to whatever address was typed: five at once, then one a minute.
        limits = call.policy.throttle
        buckets = throttle.buckets(
            attempt.rows, limits, who=account_id, address="", purpose="add-email"
        )
        throttle.count(attempt.rows, buckets, now=call.now)
    with call.act() as act:
        accounts.take(act, account_id)
        sessions.admit(act, session_id)
        address = asking_mailbox.ask(act, account_id, email)
        act.record(account_id, address=address.id)
        alerting.alert(act, account_id, Alert.EMAIL_ADDED, contest=address.id)


def confirm_email(call: Call, token: str) -> None:
    """Use the link that proves an e-mail address. LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated."""
    with call.look() as look:
        link = links.find(look, token, Purpose.CONFIRM_ADDRESS)
        links.judge(look, link)
    with call.act() as act:
        accounts.take(act, link.subject)
        links.use(act, link, by=link.subject)
        known = accounts.reachable(act, link.subject)
        address = accounts.prove_email(act, link.owner)
        told = [one for one in known if one.to != address.text]
        alerting.alert(act, link.subject, Alert.EMAIL_PROVED, contest=address.id, to=told)


def remove_email(call: Call, session_id: str, email: str) -> None:
    """
    Take an e-mail address away; the links that were sent there die.

    Raises:
        FreshConfirmationRequired, SessionEnded, TermsRequired: The session does not do it.
        InvalidInput: Not an address of hers, or the last one she proved.
    """
    email = parse_email(email)
    with call.look() as look:
        account_id = admitting.admit_fresh(look, session_id).account_id
        meant = addressing.of_hers(look, account_id, email)
    with call.act() as act:
        accounts.take(act, account_id)
        sessions.admit(act, session_id)
        asking_mailbox.kill_links(act, meant.id)
        known = accounts.reachable(act, account_id)
        addressing.remove_email(act, account_id, meant)
        act.record(account_id, address=meant.id)
        if meant.proved_at is not None:
            alerting.alert(act, account_id, Alert.EMAIL_REMOVED, to=known)


def change_phone(call: Call, session_id: str, phone: str) -> CodeRequired:
    """
    Send a code to a new number; nothing changes before `confirm_phone`.

    Raises:
        FreshConfirmationRequired, SessionEnded, TermsRequired: The session does not do it.
        InvalidInput: Not a number, or hers already.
        TooManyAttempts: The last code left too short a while ago, or ten went unanswered today.
    """
    number = parse_phone(phone, country=call.policy.legal.country)
    with call.look() as look:
        account_id = admitting.admit_fresh(look, session_id).account_id
        if addressing.is_phone(look, account_id, number):
            raise InvalidInput("it is her number", field="phone", reason="known")
        owner = accounts.account(look, account_id)
    with call.act() as act:
        sent = codes.send(
            act,
            CodePurpose.PHONE,
            subject=account_id,
            channel=Channel.SMS,
            address=number,
            again=True,
            session=session_id,
        )
        act.record(account_id, about=sent.challenge.id, channel=Channel.SMS)
        act.tell(
            drafts.code(
                "phone-code",
                accounts.recipient(owner, number, Channel.SMS),
                sent.code,
                lifetime=act.policy.codes.lifetime,
                expires_at=sent.challenge.expires_at,
            )
        )
        return codes.required(sent.challenge, sent.token.reveal(), act)


def confirm_phone(call: Call, session_id: str, token: str, code: str) -> None:
    """
    Judge the code of a new number, and put it in the old one's place.

    Raises:
        FreshConfirmationRequired, SessionEnded, TermsRequired: The session does not do it.
        CodeRefused, CodeExpired, TooManyAttempts: Not the code, or not any more, or not now.
    """
    with call.look() as look:
        session = admitting.admit_fresh(look, session_id).session
        challenge = codes.find(look, token, CodePurpose.PHONE)
        if challenge.session != session.id:
            raise CodeExpired
    with call.attempt() as attempt:
        left = codes.count_try(attempt, challenge.subject, CodePurpose.PHONE)
    with call.look() as look:
        codes.match(look, [challenge], code, tries_left=left)
    with call.act() as act:
        accounts.take(act, session.account_id)
        sessions.admit(act, session_id)
        known = accounts.reachable(act, session.account_id)
        codes.use(act, challenge)
        addressing.change_phone(act, session.account_id, challenge.address)
        act.record(session.account_id, session=session.id)
        alerting.alert(act, session.account_id, Alert.PHONE_CHANGED, to=known)
