"""
How a letter is addressed to somebody on an employer's record, and on whose behalf it is written.

The address on record is the employer's; her own proved ones are `accounts`' business. Nothing is read here: a record or an
employer is handed in.
"""

from mycvault.act import Look
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.errors import AddressMissing
from mycvault.outbox.drafts import Recipient, Sender
from mycvault.values.addresses import email_key, phone_key
from mycvault.values.choices import Channel


def recipient(record: EmployeeRecord, to: str, channel: Channel) -> Recipient:
    """Address a letter to an address or number on record."""
    person = record.person
    return Recipient(
        to=to,
        channel=channel,
        locale=person.locale,
        given_name=person.given_name,
        about=record.id,
    )


def reach(record: EmployeeRecord) -> Recipient | None:
    """Address a letter to the e-mail address on record, else to the number; None when there is neither."""
    person = record.person
    if person.email is not None:
        return recipient(record, person.email, Channel.EMAIL)
    return None if person.phone is None else recipient(record, person.phone, Channel.SMS)


def reach_by(record: EmployeeRecord, by: Channel) -> tuple[Recipient | None, str | None]:
    """
    Address a letter by one channel, with the key of its address; neither for a letter that is printed.

    Raises:
        AddressMissing: No address on record for *by*.
    """
    person = record.person
    if by is Channel.LETTER:
        return None, None
    if by is Channel.EMAIL and person.email is not None:
        return recipient(record, person.email, by), email_key(person.email)
    if by is Channel.SMS and person.phone is not None:
        return recipient(record, person.phone, by), phone_key(person.phone)
    raise AddressMissing(field="email" if by is Channel.EMAIL else "phone")


def sender(look: Look, employer: EmployerRecord) -> Sender:
    """Tell on whose behalf letters are written, and where their links lead: the employer's URLs, else the policy's."""
    urls = employer.urls or look.policy.urls
    return Sender(reference=employer.reference, name=employer.name, urls=urls)
