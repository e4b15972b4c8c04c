"""Her side, within a look or an act."""

from collections.abc import Iterable

from mycvault.accounts import records
from mycvault.accounts.model import Account, Address, Holder, SafeRecord
from mycvault.act import Act, Look
from mycvault.errors import AlreadyActivated, LinkInvalid, RecordDamaged, SessionEnded
from mycvault.outbox.drafts import Recipient
from mycvault.values.addresses import email_key, phone_key
from mycvault.values.choices import Channel

EMAIL = "email"
PHONE = "phone"


def add_safe(act: Act, *safes: SafeRecord) -> None:
    """Make the places for employments' documents, nobody's yet."""
    records.add_safe(act.rows, *safes)


def safe(look: Look, safe_id: str) -> SafeRecord:
    """Find a safe; RecordDamaged when the row that named it lies."""
    found = records.safe(look.rows, safe_id)
    if found is None:
        raise RecordDamaged
    return found


def safes_of_record(look: Look, record_id: str) -> list[SafeRecord]:
    """List every safe an employment ever had, oldest first."""
    return records.safes_of_record(look.rows, record_id)


def records_of(look: Look, places: Iterable[str]) -> dict[str, str]:
    """Tell the employments that several safes belong to, by safe; RecordDamaged when one is not there."""
    wanted = sorted(set(places))
    found = records.records_of(look.rows, wanted) if wanted else {}
    if found.keys() != set(wanted):
        raise RecordDamaged
    return found


def is_erased(look: Look, account_id: str) -> bool:
    """Tell whether an account is erased, nobody's key being asked for."""
    return records.is_erased(look.rows, account_id)


def record_of(look: Look, place: str) -> str | None:
    """Tell the employment a safe belongs to; None for an account, where her own documents lie."""
    found = records.safe(look.rows, place)
    return None if found is None else found.record_id


def keep_safe(act: Act, safe_id: str) -> SafeRecord:
    """Find a safe, and keep whose it is until the act ends; RecordDamaged when the row that named it lies."""
    found = records.keep_safe(act.rows, safe_id)
    if found is None:
        raise RecordDamaged
    return found


def keep_standing(act: Act, account_id: str) -> None:
    """Make sure that an account is not erased before the act ends; SessionEnded when it is already."""
    if not records.stands(act.rows, account_id):
        raise SessionEnded


def erase(act: Act, account_id: str) -> None:
    """Write down that an account is erased, its addresses free for others; SessionEnded when another call was first."""
    if not records.erase(act.rows, account_id, act.now):
        raise SessionEnded


def forget_safe(act: Act, safe_id: str) -> None:
    """Forget whose a safe was, that nobody holds any more."""
    records.forget_safe(act.rows, safe_id)


def mark_forgotten(act: Act, account_id: str) -> None:
    """Write down that an erased account's keys are destroyed."""
    records.mark_forgotten(act.rows, account_id, act.now)


def standing_after(look: Look, after: str, count: int) -> list[str]:
    """List accounts that are not erased, ids above *after*."""
    return records.standing_after(look.rows, after, count)


def safes_after(look: Look, after: str, count: int) -> list[str]:
    """List safes, ids above *after*; nothing is proved."""
    return records.safes_after(look.rows, after, count)


def must_open(look: Look, place: str) -> bool:
    """Tell whether a safe or account must have its key: it is there, and nobody erased the account. RecordDamaged."""
    found = records.safe(look.rows, place)
    if found is not None and found.account_id is None:
        return True
    return records.is_standing(look.rows, place if found is None else str(found.account_id))


def to_forget(look: Look, *, after: str, count: int) -> list[str]:
    """List accounts whose keys an erasure may have left, after a crash; each is proved when it is looked at."""
    return records.to_forget(look.rows, after=after, count=count)


def safes_of(look: Look, account_id: str) -> list[SafeRecord]:
    """List the safes an account holds."""
    return records.safes_of(look.rows, account_id)


def open_account(act: Act, account: Account, safe_id: str) -> None:
    """Make an account and bind a safe to it; AlreadyActivated when the safe is somebody's."""
    records.add_account(act.rows, account)
    if not records.bind_safe(act.rows, safe_id, account.id, act.now):
        raise AlreadyActivated


def account(look: Look, account_id: str) -> Account:
    """Find an account; RecordDamaged when the row that named it lies."""
    found = records.account(look.rows, account_id)
    if found is None:
        raise RecordDamaged
    return found


def add_email(act: Act, account_id: str, email: str, *, proved: bool) -> Address:
    """Write an e-mail address of hers; AlreadyActivated when it is proved and another account's identifier."""
    address = _address(act, account_id, EMAIL, email, proved=proved)
    if not records.add_address(act.rows, address, email_key(email) if proved else None):
        raise AlreadyActivated(field=EMAIL)
    return address


def add_phone(act: Act, account_id: str, phone: str) -> Address:
    """Write a number that a code proved; an identifier, unless two people share it and the other came first."""
    address = _address(act, account_id, PHONE, phone, proved=True)
    if not records.add_address(act.rows, address, phone_key(phone)):
        records.add_address(act.rows, address, None)
    return address


def prove_email(act: Act, address_id: str) -> Address:
    """Make the address whose link was used an identifier; LinkInvalid when it is gone, proved or another's."""
    address = records.address(act.rows, address_id)
    if address is None or records.identified(act.rows, email_key(address.text)) is not None:
        raise LinkInvalid
    if not records.prove_address(act.rows, address_id, email_key(address.text), act.now):
        raise LinkInvalid
    act.record(address.account_id, address=address_id)
    return address


def identified(look: Look, key: str) -> Address | None:
    """Find the proved address that an identifier's key stands for."""
    return records.identified(look.rows, key)


def identifiers(look: Look, account_id: str) -> list[str]:
    """List the keys of what she may sign in with."""
    found = records.addresses_of(look.rows, account_id)
    keys = [
        email_key(one.text) if one.kind == EMAIL else phone_key(one.text)
        for one in found
        if one.proved_at
    ]
    # A number that two people share is the identifier of the first.
    return [key for key in keys if records.whose(look.rows, key) == account_id]


def whose(look: Look, key: str) -> str | None:
    """Tell whose identifier a key stands for, nobody's key being asked for."""
    return records.whose(look.rows, key)


def addresses(look: Look, account_id: str) -> list[Address]:
    """List her addresses, proved or not."""
    return records.addresses_of(look.rows, account_id)


def proved(look: Look, account_id: str, kind: str) -> list[str]:
    """List her proved addresses of one kind, oldest first."""
    found = records.addresses_of(look.rows, account_id)
    return [address.text for address in found if address.kind == kind and address.proved_at]


def ways(look: Look, owner: Account) -> dict[Channel, str]:
    """
    List the ways a code reaches her, with the address proved last.

    Raises:
        RecordDamaged: The strongest one she had is gone: whoever deletes a row must not weaken her sign-in.
    """
    found = {
        Channel.SMS: proved(look, owner.id, PHONE),
        Channel.EMAIL: proved(look, owner.id, EMAIL),
    }
    known = {channel: texts[-1] for channel, texts in found.items() if texts}
    if owner.strongest is not None and owner.strongest not in known:
        raise RecordDamaged
    return known


def recipient(owner: Account, to: str, channel: Channel) -> Recipient:
    """Address a letter to one of her own addresses; it waits under her account's key."""
    return Recipient(
        to=to,
        channel=channel,
        locale=owner.locale,
        given_name=owner.given_name,
        about=owner.id,
        sealed_by=owner.id,
    )


def mailboxes(look: Look, account_id: str) -> list[Recipient]:
    """Address a letter to each of her proved e-mail addresses, oldest first."""
    owner = account(look, account_id)
    return [recipient(owner, email, Channel.EMAIL) for email in proved(look, account_id, EMAIL)]


def reachable(look: Look, account_id: str) -> list[Recipient]:
    """Address a letter to everything she proved, mailboxes and numbers, oldest first."""
    owner = account(look, account_id)
    channels = {EMAIL: Channel.EMAIL, PHONE: Channel.SMS}
    return [
        recipient(owner, address.text, channels[address.kind])
        for address in records.addresses_of(look.rows, account_id)
        if address.proved_at
    ]


def mailboxes_of_safes(look: Look, safes: Iterable[str]) -> dict[str, Recipient]:
    """
    Address a letter to the owner of each of these safes, at the e-mail address proved last; who has none is left out.

    Raises:
        RecordDamaged: One of them is nobody's, or its owner's row is gone: whoever deletes a row must not keep a letter from her.
    """
    wanted = sorted(set(safes))
    owners = records.owners(look.rows, wanted)
    found = records.accounts(look.rows, sorted(set(owners.values())))
    if owners.keys() != set(wanted) or found.keys() != set(owners.values()):
        raise RecordDamaged
    emails = {
        address.account_id: address.text
        for address in records.addresses_of_all(look.rows, sorted(found))
        if address.kind == EMAIL and address.proved_at
    }
    return {
        safe_id: recipient(found[owner], emails[owner], Channel.EMAIL)
        for safe_id, owner in owners.items()
        if owner in emails
    }


def holder(look: Look, account_id: str) -> Holder:
    """Tell who holds the safe, with the addresses she proved."""
    owner = account(look, account_id)
    phones = proved(look, account_id, PHONE)
    return Holder(
        given_name=owner.given_name,
        family_name=owner.family_name,
        emails=tuple(proved(look, account_id, EMAIL)),
        phone=phones[-1] if phones else None,
        locale=owner.locale,
    )


def _address(act: Act, account_id: str, kind: str, text: str, *, proved: bool) -> Address:
    proved_at = act.now if proved else None
    return Address(
        id=act.new_id(), account_id=account_id, kind=kind, text=text, proved_at=proved_at
    )
