"""
Accounts, safes and addresses.

A safe's row binds an employment to an account: it carries a row seal, so that nobody who writes the database without keys makes
a safe hers. A proved address has an `identifier`, unique in the vault; so has an adopted one, which nobody proved yet.
"""

import datetime as dt
from typing import Any

import attrs
from sqlalchemy import Index, bindparam, delete, select

from mycvault.accounts.model import Account, Address, SafeRecord
from mycvault.storage.columns import (
    blind,
    identity,
    moment,
    ref,
    row_seal,
    sealed,
    sealed_by,
    table,
    word,
)
from mycvault.storage.rows import Row, Rows

ACCOUNTS = table(
    "accounts",
    identity(),
    sealed_by(),
    sealed("given_name"),
    sealed("family_name"),
    word("locale"),
    moment("created_at", nullable=False),
    word("strongest", nullable=True),
    moment("disabled_at"),
    moment("erased_at"),
    moment("forgotten_at"),
    row_seal(),
)
SAFES = table(
    "safes",
    identity(),
    ref("employer_id", index=True),
    ref("record_id", index=True),
    ref("account_id", nullable=True, index=True),
    moment("joined_at"),
    row_seal(),
)
ADDRESSES = table(
    "addresses",
    identity(),
    ref("account_id", index=True),
    word("kind"),
    sealed_by(),
    sealed("text"),
    blind("identifier", of="identifier_key", unique=True),
    moment("proved_at"),
    row_seal(),
)

# Erased accounts whose keys may still be there: none, but for a moment, or after a crash.
_HALF_ERASED = ACCOUNTS.c.erased_at.is_not(None) & ACCOUNTS.c.forgotten_at.is_(None)
Index(
    "ix_mycvault_accounts_half_erased",
    ACCOUNTS.c.id,
    sqlite_where=_HALF_ERASED,
    postgresql_where=_HALF_ERASED,
)

_ACCOUNT = select(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("account"))
_ACCOUNT_KEPT = _ACCOUNT.with_for_update(read=True)
_ACCOUNT_TAKEN = _ACCOUNT.with_for_update()
_TO_FORGET = (
    select(ACCOUNTS.c.id)
    .where(_HALF_ERASED, ACCOUNTS.c.id > bindparam("after"))
    .order_by(ACCOUNTS.c.id)
    .limit(bindparam("count"))
)
_STANDING = (
    select(ACCOUNTS.c.id)
    .where(ACCOUNTS.c.erased_at.is_(None), ACCOUNTS.c.id > bindparam("after"))
    .order_by(ACCOUNTS.c.id)
    .limit(bindparam("count"))
)
_SAFES_AFTER = (
    select(SAFES.c.id)
    .where(SAFES.c.id > bindparam("after"))
    .order_by(SAFES.c.id)
    .limit(bindparam("count"))
)
_FORGET_ADDRESSES = delete(ADDRESSES).where(ADDRESSES.c.account_id == bindparam("account"))
_FORGET_ADDRESS = delete(ADDRESSES).where(ADDRESSES.c.id == bindparam("address"))
_SAFE = select(SAFES).where(SAFES.c.id == bindparam("safe"))
_SAFE_KEPT = _SAFE.with_for_update(read=True)
_FORGET_SAFE = delete(SAFES).where(SAFES.c.id == bindparam("safe"))
_SAFES_OF = select(SAFES).where(SAFES.c.account_id == bindparam("account")).order_by(SAFES.c.id)
_SAFES_BY_ID = select(SAFES).where(SAFES.c.id.in_(bindparam("safes", expanding=True)))
_SAFES_OF_RECORD = (
    select(SAFES).where(SAFES.c.record_id == bindparam("record")).order_by(SAFES.c.id)
)
_ADDRESSES_OF = (
    select(ADDRESSES).where(ADDRESSES.c.account_id == bindparam("account")).order_by(ADDRESSES.c.id)
)
_ACCOUNTS_BY_ID = select(ACCOUNTS).where(ACCOUNTS.c.id.in_(bindparam("accounts", expanding=True)))
_ADDRESSES_OF_ALL = (
    select(ADDRESSES)
    .where(ADDRESSES.c.account_id.in_(bindparam("accounts", expanding=True)))
    .order_by(ADDRESSES.c.id)
)
_ADDRESS = select(ADDRESSES).where(ADDRESSES.c.id == bindparam("address"))
_IDENTIFIED = select(ADDRESSES).where(ADDRESSES.c.identifier == bindparam("found"))
_ADDRESS_FIELDS = tuple(field.name for field in attrs.fields(Address) if field.name != "adopted")
_GIVE_WAY = delete(ADDRESSES).where(
    ADDRESSES.c.id == bindparam("address"), ADDRESSES.c.proved_at.is_(None)
)
_ACCOUNT_FIELDS = tuple(field.name for field in attrs.fields(Account))
_SAFERECORD_FIELDS = tuple(field.name for field in attrs.fields(SafeRecord))


def add_account(rows: Rows, account: Account) -> None:
    """Write a new account."""
    rows.insert(ACCOUNTS, attrs.asdict(account) | {"sealed_by": account.id})


def account(rows: Rows, account_id: str) -> Account | None:
    """Find an account."""
    row = rows.one(_ACCOUNT, account=account_id)
    return None if row is None else _account(row)


def stands(rows: Rows, account_id: str) -> bool:
    """Tell whether an account stands, and keep it standing until the transaction ends."""
    row = rows.glance(_ACCOUNT_KEPT, account=account_id)
    return row is not None and row["erased_at"] is None


def take(rows: Rows, account_id: str) -> Account | None:
    """Find an account, and keep others from changing it until the transaction ends."""
    row = rows.one(_ACCOUNT_TAKEN, account=account_id)
    return None if row is None else _account(row)


def switch(
    rows: Rows, account_id: str, before: dt.datetime | None, after: dt.datetime | None
) -> bool:
    """Write down since when an account is suspended, or that it is not; False when it was not as *before* says."""
    return rows.change(ACCOUNTS, account_id, {"disabled_at": after}, where={"disabled_at": before})


def set_strongest(rows: Rows, account_id: str, channel: str | None) -> None:
    """Write down the best way a code reaches an account."""
    rows.change(ACCOUNTS, account_id, {"strongest": channel}, where={"erased_at": None})


def erase(rows: Rows, account_id: str, now: dt.datetime) -> bool:
    """Write down that an account is erased, and forget its addresses; False when it was before."""
    # Locked before it is changed: who only keeps it, to add something, is waited for.
    rows.glance(_ACCOUNT_TAKEN, account=account_id)
    changed = rows.change(ACCOUNTS, account_id, {"erased_at": now}, where={"erased_at": None})
    if changed:
        rows.execute(_FORGET_ADDRESSES, account=account_id)
    return changed


def forget_safe(rows: Rows, safe_id: str) -> None:
    """Delete a safe's row."""
    rows.execute(_FORGET_SAFE, safe=safe_id)


def mark_forgotten(rows: Rows, account_id: str, now: dt.datetime) -> None:
    """Write down that an erased account's keys are destroyed."""
    rows.change(ACCOUNTS, account_id, {"forgotten_at": now}, where={"forgotten_at": None})


def standing_after(rows: Rows, after: str, count: int) -> list[str]:
    """List accounts that are not said to be erased, ids above *after*; nothing is proved yet."""
    return [row[0] for row in rows.values(_STANDING, after=after, count=count)]


def to_forget(rows: Rows, *, after: str, count: int) -> list[str]:
    """List accounts that are said to be erased and whose keys may still be there, ids above *after*; nothing is proved yet."""
    return [row[0] for row in rows.values(_TO_FORGET, after=after, count=count)]


def add_safe(rows: Rows, *safes: SafeRecord) -> None:
    """Write new safes, nobody's yet."""
    rows.insert(SAFES, *map(attrs.asdict, safes))


def safes_after(rows: Rows, after: str, count: int) -> list[str]:
    """List safes, ids above *after*; nothing is proved."""
    return [row[0] for row in rows.values(_SAFES_AFTER, after=after, count=count)]


def safe(rows: Rows, safe_id: str) -> SafeRecord | None:
    """Find a safe."""
    row = rows.one(_SAFE, safe=safe_id)
    return None if row is None else _safe(row)


def safes_of_record(rows: Rows, record_id: str) -> list[SafeRecord]:
    """List the safes of one employment, oldest first."""
    return [_safe(row) for row in rows.all(_SAFES_OF_RECORD, record=record_id)]


def records_of(rows: Rows, safes: list[str]) -> dict[str, str]:
    """Tell the employments that several safes belong to, by safe."""
    return {row["id"]: row["record_id"] for row in rows.all(_SAFES_BY_ID, safes=safes)}


def owners(rows: Rows, safes: list[str]) -> dict[str, str]:
    """Tell the accounts that hold several safes, by safe; nobody's is left out."""
    found = rows.all(_SAFES_BY_ID, safes=safes)
    return {row["id"]: row["account_id"] for row in found if row["account_id"] is not None}


def accounts(rows: Rows, ids: list[str]) -> dict[str, Account]:
    """Find several accounts."""
    return {row["id"]: _account(row) for row in rows.all(_ACCOUNTS_BY_ID, accounts=ids)}


def is_erased(rows: Rows, account_id: str) -> bool:
    """Tell whether an account is erased."""
    row = rows.glance(_ACCOUNT, account=account_id)
    return row is not None and row["erased_at"] is not None


def is_standing(rows: Rows, account_id: str) -> bool:
    """Tell whether an account is there and not erased."""
    row = rows.glance(_ACCOUNT, account=account_id)
    return row is not None and row["erased_at"] is None


def keep_safe(rows: Rows, safe_id: str) -> SafeRecord | None:
    """Find a safe, and keep whose it is until the transaction ends."""
    row = rows.one(_SAFE_KEPT, safe=safe_id)
    return None if row is None else _safe(row)


def safes_of(rows: Rows, account_id: str) -> list[SafeRecord]:
    """List the safes an account holds, oldest first."""
    return [_safe(row) for row in rows.all(_SAFES_OF, account=account_id)]


def bind_safe(rows: Rows, safe_id: str, account_id: str, now: dt.datetime) -> bool:
    """Make a safe an account's; False when it is somebody's already."""
    changes = {"account_id": account_id, "joined_at": now}
    return rows.change(SAFES, safe_id, changes, where={"account_id": None})


def add_address(rows: Rows, address: Address, key: str | None) -> bool:
    """Write an address, an identifier when it has a *key*. False when it is another account's identifier."""
    row: dict[str, Any] = {name: getattr(address, name) for name in _ADDRESS_FIELDS}
    row |= {"sealed_by": address.account_id, "identifier_key": key}
    return rows.insert_new(ADDRESSES, row)


def prove_address(rows: Rows, address_id: str, key: str, now: dt.datetime) -> bool:
    """Make an address an identifier; False when it is one already or is gone."""
    changes = {"proved_at": now, "identifier_key": key}
    return rows.change(ADDRESSES, address_id, changes, where={"proved_at": None})


def give_way(rows: Rows, address_id: str) -> None:
    """Delete an address, unless it was proved meanwhile."""
    rows.execute(_GIVE_WAY, address=address_id)


def remove_address(rows: Rows, address_id: str) -> None:
    """Delete an address."""
    rows.execute(_FORGET_ADDRESS, address=address_id)


def addresses_of(rows: Rows, account_id: str) -> list[Address]:
    """List an account's addresses, oldest first."""
    return [_address(row) for row in rows.all(_ADDRESSES_OF, account=account_id)]


def addresses_of_all(rows: Rows, ids: list[str]) -> list[Address]:
    """List several accounts' addresses, each one's oldest first."""
    return [_address(row) for row in rows.all(_ADDRESSES_OF_ALL, accounts=ids)]


def address(rows: Rows, address_id: str) -> Address | None:
    """Find an address by its id."""
    row = rows.one(_ADDRESS, address=address_id)
    return None if row is None else _address(row)


def identified(rows: Rows, key: str) -> Address | None:
    """Find the address, proved or adopted, that *key* stands for."""
    row = rows.one(_IDENTIFIED, found=rows.index(ADDRESSES.c.identifier, key))
    return None if row is None else _address(row)


def whose(rows: Rows, key: str) -> str | None:
    """Tell whose identifier a key stands for; the address stays sealed."""
    row = rows.glance(_IDENTIFIED, found=rows.index(ADDRESSES.c.identifier, key))
    return None if row is None else str(row["account_id"])


def _account(row: Row) -> Account:
    return Account(**{name: row[name] for name in _ACCOUNT_FIELDS})


def _safe(row: Row) -> SafeRecord:
    return SafeRecord(**{name: row[name] for name in _SAFERECORD_FIELDS})


def _address(row: Row) -> Address:
    adopted = row["identifier"] is not None and row["proved_at"] is None
    return Address(**{name: row[name] for name in _ADDRESS_FIELDS}, adopted=adopted)
