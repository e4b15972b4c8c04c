"""
A mailbox is asked to prove an address that is to be hers.

Whether somebody else has the address is said to its mailbox alone.
"""

import attrs

from mycvault.accounts import addressing
from mycvault.accounts import service as accounts
from mycvault.accounts.model import Address
from mycvault.act import Act
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Carried
from mycvault.outbox.model import Draft
from mycvault.policy import PortalUrls
from mycvault.values.addresses import email_key
from mycvault.values.choices import Channel


def ask(act: Act, account_id: str, email: str) -> Address:
    """Ask the mailbox of an address to prove it; the address that waited before gives way. InvalidInput when it is proved."""
    waiting = addressing.waiting(act, account_id)
    if waiting is not None:
        kill_links(act, waiting.id)
    address = addressing.add_email(act, account_id, email)
    act.tell(letter(act, address, urls=act.policy.urls))
    return address


def kill_links(act: Act, address_id: str) -> None:
    """Kill the links that prove an address, or object to it."""
    links.revoke(act, address_id, Purpose.CONFIRM_ADDRESS)
    links.revoke(act, address_id, Purpose.CONTEST)


def void(act: Act, account_id: str) -> None:
    """Kill the links that would prove an address of hers: whoever began to add one may not have been she."""
    for address in accounts.addresses(act, account_id):
        links.revoke(act, address.id, Purpose.CONFIRM_ADDRESS)


def letter(act: Act, address: Address, *, urls: PortalUrls, employer: str | None = None) -> Draft:
    """
    Write the letter that asks a mailbox, or tells it, and nobody else, that its address signs in elsewhere.

    *employer*: the reference of the one on whose behalf, if any; *urls*: where its link leads.
    """
    owner = accounts.account(act, address.account_id)
    mailbox = accounts.recipient(owner, address.text, Channel.EMAIL)
    if addressing.is_anothers(act, owner.id, address.text):
        return drafts.address_taken(attrs.evolve(mailbox, given_name=""))
    link, token = links.issue(
        act,
        Purpose.CONFIRM_ADDRESS,
        owner=address.id,
        subject=owner.id,
        channel=Channel.EMAIL,
        lifetime=act.policy.invitation_lifetime,
        sent_to_key=email_key(address.text),
    )
    zone = act.policy.legal.zone
    carried = Carried(token=token, link_id=link.id, expires_at=link.expires_at, zone=zone)
    return drafts.confirm_address(mailbox, carried, urls=urls, employer=employer)
