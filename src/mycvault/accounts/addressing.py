"""
She changes her addresses and her number, within an act.

Rule: an e-mail address becomes an identifier by its own mailbox alone, and the last proved one is never taken away. The
caller has taken the account (`service.take`), so that two who each leave the other's address do not leave none.
"""

from contextlib import suppress

from mycvault.accounts import records, service
from mycvault.accounts.model import Address
from mycvault.accounts.service import EMAIL, PHONE
from mycvault.act import Act, Look
from mycvault.errors import InvalidInput, LinkInvalid
from mycvault.values.addresses import email_key, phone_key
from mycvault.values.choices import Channel


def waiting(look: Look, account_id: str) -> Address | None:
    """Find the e-mail address that waits for its mailbox to prove it; None when there is none."""
    found = records.addresses_of(look.rows, account_id)
    left = [one for one in found if one.kind == EMAIL and not one.proved_at and not one.adopted]
    return left[-1] if left else None


def is_proved(look: Look, account_id: str, email: str) -> bool:
    """Tell whether she proved an e-mail address."""
    return email_key(email) in map(email_key, service.proved(look, account_id, EMAIL))


def is_anothers(look: Look, account_id: str, email: str) -> bool:
    """Tell whether another account proved an e-mail address; for the letter alone, never for an answer."""
    found = records.identified(look.rows, email_key(email))
    return found is not None and found.account_id != account_id and not found.adopted


def of_hers(look: Look, account_id: str, email: str) -> Address:
    """Find an e-mail address of hers, proved or waiting; InvalidInput when she has no such."""
    for one in records.addresses_of(look.rows, account_id):
        if one.kind == EMAIL and not one.adopted and email_key(one.text) == email_key(email):
            return one
    raise InvalidInput("not one of her addresses", field="email", reason="unknown")


def add_email(act: Act, account_id: str, email: str) -> Address:
    """
    Write an address that its mailbox has yet to prove, in the place of the one that waited.

    Raises:
        InvalidInput: She proved it before.
    """
    for one in records.addresses_of(act.rows, account_id):
        if one.kind == EMAIL and one.proved_at and email_key(one.text) == email_key(email):
            raise InvalidInput("she proved it before", field="email", reason="known")
        if one.kind == EMAIL and not one.proved_at and not one.adopted:
            records.remove_address(act.rows, one.id)
    return service.add_email(act, account_id, email, proved=False)


def remove_email(act: Act, account_id: str, address: Address) -> None:
    """
    Take one of her e-mail addresses away.

    Raises:
        InvalidInput: It is the last one she proved.
    """
    found = [one for one in records.addresses_of(act.rows, account_id) if one.kind == EMAIL]
    proved = [one.id for one in found if one.proved_at]
    if proved == [address.id]:
        raise InvalidInput("the last address stays", field="email", reason="last")
    records.remove_address(act.rows, address.id)


def contest(act: Act, account_id: str, address_id: str) -> bool:
    """Take an added address away, proved or not; False when it is gone already."""
    found = records.address(act.rows, address_id)
    if found is None or found.account_id != account_id:
        return False
    records.remove_address(act.rows, address_id)
    return True


def change_phone(act: Act, account_id: str, phone: str) -> None:
    """Put a number that a code proved in the place of the one she had; the way a code reaches her from now on."""
    owner = service.account(act, account_id)
    for one in records.addresses_of(act.rows, account_id):
        if one.kind == PHONE:
            records.remove_address(act.rows, one.id)
    service.add_phone(act, account_id, phone)
    service.set_strongest(act, account_id, app=owner.strongest == Channel.APP)


def is_phone(look: Look, account_id: str, phone: str) -> bool:
    """Tell whether a number is hers already."""
    return phone_key(phone) in map(phone_key, service.proved(look, account_id, PHONE))


def adopt_email(act: Act, account_id: str, email: str) -> None:
    """
    Make the address an employer has on record her identifier, unproved.

    Not when another account proved it, or another employer adopted it: nothing is written then, and nobody is told.
    """
    records.add_address(
        act.rows, service.new_address(act, account_id, EMAIL, email, proved=False), email_key(email)
    )


def prove_adopted(act: Act, account_id: str, email: str) -> None:
    """Prove the adopted address to which a code went that she answered; another address, or one proved before, is passed over."""
    for address in records.addresses_of(act.rows, account_id):
        if address.adopted and address.text == email:
            # Another account may prove it in this very moment: then it is theirs, and she has answered her code all the same.
            with suppress(LinkInvalid):
                service.prove_email(act, address.id)
