"""
What anybody may ask about an identifier is written down like a letter, and answered when letters leave.

Rule: who exists is never said, not even by the time it takes. So asking does the same for every identifier: it is counted, one
line in the journal, one row in the outbox; only the letters' worker looks up who has it, and sends what there is to send.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import Address
from mycvault.act import Act
from mycvault.desk import Call
from mycvault.directory import renewing as invited
from mycvault.directory import service as directory
from mycvault.errors import AddressMissing, DeniedError, TamperedError
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.outbox import drafts
from mycvault.outbox import service as outbox
from mycvault.outbox.drafts import Carried, Recipient
from mycvault.outbox.model import Claimed
from mycvault.stories import alerting, renewing
from mycvault.throttle import service as throttle
from mycvault.values.addresses import email_key, identifier_key, parse_email
from mycvault.values.caller import Caller
from mycvault.values.choices import Alert, Channel
from mycvault.values.verbs import Verb

OnBehalf = Callable[[Verb, Caller], AbstractContextManager[Call]]


def ask(call: Call, verb: Verb, identifier: str) -> None:
    """Ask something about an identifier, known or not. TooManyAttempts; InvalidInput for what is no text."""
    _ask(call, verb, identifier_key(identifier, country=call.policy.legal.country))


def ask_by_email(call: Call, verb: Verb, email: str) -> None:
    """Ask something about an e-mail address, known or not. TooManyAttempts, InvalidInput."""
    _ask(call, verb, email_key(parse_email(email)))


def _ask(call: Call, verb: Verb, key: str) -> None:
    # Buckets of its own: failed sign-ins never close this door, nor does it close theirs.
    with call.attempt() as attempt:
        buckets = throttle.buckets(
            attempt.rows, call.policy.throttle, who=f"{verb}:{key}", address=call.caller.address
        )
        pseudonym = buckets[-1].key.hex()[:36]
        attempt.concerns(about=pseudonym)
        throttle.count(attempt.rows, buckets, now=call.now)
    known = {name: text for name, text in attrs.asdict(call.caller).items() if text}
    with call.act() as act:
        act.record(about=pseudonym)
        end = act.now + act.policy.recovery_lifetime
        act.tell(drafts.errand(verb, key=key, caller=known, expires_at=end))


# ------------------------------------------------------------------ answering, when letters leave


def answer(call: Call, asked: Claimed, on_behalf: OnBehalf) -> None:
    """Answer what was asked, with a letter or with nothing; *on_behalf* opens the call of whoever asked."""
    verb, caller = Verb(asked.draft.template), Caller(**asked.draft.context)
    try:
        with on_behalf(verb, caller) as own:
            _ANSWERS[verb](own, asked.draft.to)
    except (DeniedError, TamperedError):
        # It is in the journal: her rows were tampered with, or she was erased just now. The letters behind it leave.
        with call.act() as act:
            outbox.give_up(act.rows, asked)
        return
    with call.act() as act:
        outbox.mark_sent(act.rows, asked, now=act.now)


def _recover(call: Call, key: str) -> None:
    """Send her the link for a new password, and tell her other addresses that it was asked for."""
    with call.look() as look:
        address = accounts.identified(look, key)
    if address is None:
        return
    with call.act() as act:
        accounts.keep_standing(act, address.account_id)
        act.record(address.account_id)
        if not links.has_room(act, address.account_id, Purpose.RECOVERY):
            return
        to = _mailbox(act, address)
        act.tell(drafts.recovery(to, act.policy.urls, _recovery_link(act, address.account_id, to)))
        reachable = accounts.reachable(act, address.account_id)
        others = [one for one in reachable if (one.channel, one.to) != (to.channel, to.to)]
        device = call.caller.user_agent or ""
        alerting.alert(act, address.account_id, Alert.RECOVERY_ASKED, device=device, to=others)


def _mailbox(act: Act, address: Address) -> Recipient:
    """Choose where the link goes: the mailbox that was typed, else the one proved last, else the number that was typed."""
    owner = accounts.account(act, address.account_id)
    if address.kind == accounts.EMAIL:
        return accounts.recipient(owner, address.text, Channel.EMAIL)
    mailboxes = accounts.mailboxes(act, owner.id)
    return mailboxes[-1] if mailboxes else accounts.recipient(owner, address.text, Channel.SMS)


def _recovery_link(act: Act, account_id: str, to: Recipient) -> Carried:
    link, token = links.issue(
        act,
        Purpose.RECOVERY,
        owner=account_id,
        subject=account_id,
        channel=to.channel,
        lifetime=act.policy.recovery_lifetime,
        sent_to_key=accounts.key_of(to),
        beside=True,
    )
    zone = act.policy.legal.zone
    return Carried(token=token, link_id=link.id, expires_at=link.expires_at, zone=zone)


def _remind(call: Call, key: str) -> None:
    """Tell a mailbox that it is an identifier, if it is one."""
    with call.look() as look:
        address = accounts.identified(look, key)
    if address is None or address.kind != accounts.EMAIL:
        return
    with call.act() as act:
        accounts.keep_standing(act, address.account_id)
        act.record(address.account_id)
        owner = accounts.account(act, address.account_id)
        to = accounts.recipient(owner, address.text, Channel.EMAIL)
        act.tell(drafts.identifier_reminder(to, act.policy.urls))


def _send_new_link(call: Call, key: str) -> None:
    """Send a new link to everybody invited at this address, and a reminder to whom it is an identifier."""
    with call.look() as look:
        found = invited.invited_at(look, key)
    call.keys.bring(*set(found.values()))
    with call.look() as look:
        records = directory.by_ids(look, found)
        employers = directory.employers(look, found.values())
    for record_id, employer_id in found.items():
        try:
            with call.act() as act:
                renewing.again(act, employers[employer_id], records[record_id])
                act.record(directory.safe_of(act, record_id), about=record_id)
        except (DeniedError, AddressMissing):
            # She joined, her invitation was revoked, or her address taken off, since she was found: nothing is to be sent.
            continue
    _remind(call, key)


_ANSWERS: Mapping[Verb, Callable[[Call, str], None]] = {
    Verb.REQUEST_RECOVERY: _recover,
    Verb.REMIND_IDENTIFIER: _remind,
    Verb.REQUEST_NEW_LINK: _send_new_link,
}
