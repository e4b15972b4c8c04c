"""
Accounts, safes and addresses.

A safe's row binds an employment to an account: it carries a row seal, so that nobody who writes the database without keys makes
a safe hers. Only a proved address has an `identifier`, unique in the vault.
"""

import datetime as dt
from typing import Any

import attrs
from sqlalchemy import bindparam, select

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

_ACCOUNT = select(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("account"))
_SAFE = select(SAFES).where(SAFES.c.id == bindparam("safe"))
_SAFES_OF = select(SAFES).where(SAFES.c.account_id == bindparam("account")).order_by(SAFES.c.id)
_ADDRESSES_OF = (
    select(ADDRESSES).where(ADDRESSES.c.account_id == bindparam("account")).order_by(ADDRESSES.c.id)
)
_ADDRESS = select(ADDRESSES).where(ADDRESSES.c.id == bindparam("address"))
_IDENTIFIED = select(ADDRESSES).where(ADDRESSES.c.identifier == bindparam("found"))
_ADDRESS_FIELDS = tuple(field.name for field in attrs.fields(Address))
_ACCOUNT_FIELDS = tuple(field.name for field in attrs.fields(Account))
_SAFERECORD_FIELDS = tuple(field.name for field in attrs.fields(SafeRecord))


def add_account(rows: Rows, account: Account) -> None:
    """Write a new account."""
    rows.insert(ACCOUNTS, attrs.asdict(account) | {"sealed_by": account.id})


def account(rows: Rows, account_id: str) -> Account | None:
    """Find an account."""
    row = rows.one(_ACCOUNT, account=account_id)
    return None if row is None else Account(**{name: row[name] for name in _ACCOUNT_FIELDS})


def add_safe(rows: Rows, safe: SafeRecord) -> None:
    """Write a new safe, nobody's yet."""
    rows.insert(SAFES, attrs.asdict(safe))


def safe(rows: Rows, safe_id: str) -> SafeRecord | None:
    """Find a safe."""
    row = rows.one(_SAFE, safe=safe_id)
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
    row: dict[str, Any] = attrs.asdict(address) | {"sealed_by": address.account_id}
    row["identifier_key"] = key
    return rows.insert_new(ADDRESSES, row)


def prove_address(rows: Rows, address_id: str, key: str, now: dt.datetime) -> bool:
    """Make an address an identifier; False when it is one already or is gone."""
    changes = {"proved_at": now, "identifier_key": key}
    return rows.change(ADDRESSES, address_id, changes, where={"proved_at": None})


def addresses_of(rows: Rows, account_id: str) -> list[Address]:
    """List an account's addresses, oldest first."""
    return [_address(row) for row in rows.all(_ADDRESSES_OF, account=account_id)]


def address(rows: Rows, address_id: str) -> Address | None:
    """Find an address by its id."""
    row = rows.one(_ADDRESS, address=address_id)
    return None if row is None else _address(row)


def identified(rows: Rows, key: str) -> Address | None:
    """Find the proved address that *key* stands for."""
    row = rows.one(_IDENTIFIED, found=rows.index(ADDRESSES.c.identifier, key))
    return None if row is None else _address(row)


def _safe(row: Row) -> SafeRecord:
    return SafeRecord(**{name: row[name] for name in _SAFERECORD_FIELDS})


def _address(row: Row) -> Address:
    return Address(**{name: row[name] for name in _ADDRESS_FIELDS})
