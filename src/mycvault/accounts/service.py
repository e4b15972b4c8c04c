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
    join_safe(act, account.id, safe_id)


def join_safe(act: Act, account_id: str, safe_id: str) -> None:
    """Bind a safe to an account; AlreadyActivated when it is somebody's."""
    if not records.bind_safe(act.rows, safe_id, account_id, act.now):
        raise AlreadyActivated


def account(look: Look, account_id: str) -> Account:
    """Find an account; RecordDamaged when the row that named it lies."""
    found = records.account(look.rows, account_id)
    if found is None:
        raise RecordDamaged
    return found


def add_email(act: Act, account_id: str, email: str, *, proved: bool) -> Address:
    """Write an e-mail address of hers; AlreadyActivated when it is proved and another account's identifier."""
    address = new_address(act, account_id, EMAIL, email, proved=proved)
    if proved:
        _make_way(act, account_id, email_key(email))
    if not records.add_address(act.rows, address, email_key(email) if proved else None):
        raise AlreadyActivated(field=EMAIL)
    return address


def add_phone(act: Act, account_id: str, phone: str) -> Address:
    """Write a number that a code proved; an identifier, unless two people share it and the other came first."""
    _make_way(act, account_id, phone_key(phone))
    address = new_address(act, account_id, PHONE, phone, proved=True)
    if not records.add_address(act.rows, address, phone_key(phone)):
        records.add_address(act.rows, address, None)
    return address


def prove_email(act: Act, address_id: str) -> Address:
    """Make the address whose link was used an identifier; LinkInvalid when it is gone, proved or another's."""
    address = records.address(act.rows, address_id)
    if address is None:
        raise LinkInvalid
    key = email_key(address.text)
    _make_way(act, address.account_id, key, proved=address_id)
    found = records.identified(act.rows, key)
    if found is not None and found.id != address_id:
        raise LinkInvalid
    if not records.prove_address(act.rows, address_id, key, act.now):
        raise LinkInvalid
    act.record(address.account_id, address=address_id)
    return address


def identified(look: Look, key: str) -> Address | None:
    """Find the address, proved or adopted, that an identifier's key stands for."""
    return records.identified(look.rows, key)


def identifiers(look: Look, account_id: str) -> list[str]:
    """List the keys of what she may sign in with; a number that two people share is the identifier of the first."""
    keys = identifier_keys(look, account_id)
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


def identifier_keys(look: Look, account_id: str) -> list[str]:
    """List the keys of the addresses and numbers she proved, oldest first."""
    keys = {EMAIL: email_key, PHONE: phone_key}
    found = records.addresses_of(look.rows, account_id)
    return [keys[address.kind](address.text) for address in found if address.proved_at]


def key_of(to: Recipient) -> str:
    """Give the key of the address a letter of hers goes to."""
    return email_key(to.to) if to.channel is Channel.EMAIL else phone_key(to.to)


def ways(look: Look, owner: Account, *, app: bool) -> dict[Channel, str]:
    """
    List the ways a code reaches her, with the address proved last; while she proved none, the adopted one.

    *app*: whether she has an app as well. Raises:
        RecordDamaged: The strongest one she had is gone, or an app that she removed is back: whoever writes the database must not
            weaken her sign-in.
    """
    addresses = records.addresses_of(look.rows, owner.id)
    found = {
        Channel.SMS: [one.text for one in addresses if one.kind == PHONE and one.proved_at],
        Channel.EMAIL: _mailboxes(addresses),
    }
    known = {channel: texts[-1] for channel, texts in found.items() if texts}
    strongest = owner.strongest
    if (strongest == Channel.APP) is not app:
        raise RecordDamaged
    if not app and strongest is not None and strongest not in known:
        raise RecordDamaged
    return known


def take(act: Act, account_id: str) -> Account:
    """Find an account, nobody else changing how she proves herself until the act ends; SessionEnded when it is erased."""
    found = records.take(act.rows, account_id)
    if found is None or found.erased_at is not None:
        raise SessionEnded
    return found


def disable(act: Act, account_id: str) -> bool:
    """Suspend an account; False when it is already."""
    return records.switch(act.rows, account_id, None, act.now)


def enable(act: Act, account_id: str) -> bool:
    """Restore an account; False when it is not suspended."""
    since = account(act, account_id).disabled_at
    return since is not None and records.switch(act.rows, account_id, since, None)


def set_strongest(act: Act, account_id: str, *, app: bool) -> None:
    """Write down the best way a code reaches her now: her app, else a number she proved, else none worth the name."""
    best = Channel.APP if app else Channel.SMS if proved(act, account_id, PHONE) else None
    records.set_strongest(act.rows, account_id, best)


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
    """Address a letter to each of her proved e-mail addresses, oldest first; while she proved none, to the adopted one."""
    owner = account(look, account_id)
    emails = _mailboxes(records.addresses_of(look.rows, account_id))
    return [recipient(owner, email, Channel.EMAIL) for email in emails]


def reachable(look: Look, account_id: str) -> list[Recipient]:
    """Address a letter to everything she proved: her mailboxes (see `mailboxes`), then her numbers."""
    owner = account(look, account_id)
    numbers = [recipient(owner, number, Channel.SMS) for number in proved(look, account_id, PHONE)]
    return [*mailboxes(look, account_id), *numbers]


def mailboxes_of_safes(look: Look, safes: Iterable[str]) -> dict[str, Recipient]:
    """
    Address a letter to the owner of each of these safes, where `mailboxes` ends; who has no mailbox is left out.

    Raises:
        RecordDamaged: One of them is nobody's, or its owner's row is gone: whoever deletes a row must not keep a letter from her.
    """
    wanted = sorted(set(safes))
    owners = records.owners(look.rows, wanted)
    found = records.accounts(look.rows, sorted(set(owners.values())))
    if owners.keys() != set(wanted) or found.keys() != set(owners.values()):
        raise RecordDamaged
    theirs: dict[str, list[Address]] = {}
    for address in records.addresses_of_all(look.rows, sorted(found)):
        theirs.setdefault(address.account_id, []).append(address)
    emails = {owner: texts[-1] for owner, all_ in theirs.items() if (texts := _mailboxes(all_))}
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


def _mailboxes(addresses: Iterable[Address]) -> list[str]:
    """Choose the e-mail addresses she proved, oldest first; the adopted one only while she proved no address at all."""
    proved = [address for address in addresses if address.proved_at]
    chosen = proved or [address for address in addresses if address.adopted]
    return [address.text for address in chosen if address.kind == EMAIL]


def _make_way(act: Act, account_id: str, key: str, *, proved: str = "") -> None:
    """Delete what an address that is *proved* now replaces: whoever's adopted one is the same, and her own adopted one."""
    same = records.identified(act.rows, key)
    rivals = [*records.addresses_of(act.rows, account_id), *([] if same is None else [same])]
    for rival in rivals:
        if rival.adopted and rival.id != proved:
            records.give_way(act.rows, rival.id)


def new_address(act: Act, account_id: str, kind: str, text: str, *, proved: bool) -> Address:
    """Make an address of hers, proved now or not, to be written."""
    proved_at = act.now if proved else None
    return Address(
        id=act.new_id(), account_id=account_id, kind=kind, text=text, proved_at=proved_at
    )
