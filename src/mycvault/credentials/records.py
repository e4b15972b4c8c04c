"""The passwords' rows: one an account, the hash sealed to its row under her key."""

import datetime as dt

from sqlalchemy import bindparam, delete, select

from mycvault.credentials.model import Credential
from mycvault.storage.columns import identity, moment, row_seal, sealed, sealed_by, table
from mycvault.storage.rows import Row, Rows

PASSWORDS = table(
    "passwords",
    identity(),
    sealed_by(),
    sealed("hash"),
    moment("changed_at", nullable=False),
    row_seal(),
)

_FORGET = delete(PASSWORDS).where(PASSWORDS.c.id == bindparam("account"))
_OF = select(PASSWORDS).where(PASSWORDS.c.id == bindparam("account"))
_OLDEST = select(PASSWORDS).order_by(PASSWORDS.c.id).limit(1)
_KEPT = _OF.with_for_update(read=True)


def add(rows: Rows, account_id: str, hashed: str, now: dt.datetime) -> None:
    """Write an account's first password."""
    row = {"id": account_id, "sealed_by": account_id, "hash": hashed, "changed_at": now}
    rows.insert(PASSWORDS, row)


def change(rows: Rows, account_id: str, hashed: str, now: dt.datetime) -> bool:
    """Write another password of an account's; False when it has none."""
    return rows.change(PASSWORDS, account_id, {"hash": hashed, "changed_at": now}, where={})


def forget(rows: Rows, account_id: str) -> None:
    """Take an account's password away."""
    rows.execute(_FORGET, account=account_id)


def find(rows: Rows, account_id: str) -> Credential | None:
    """Find an account's password."""
    return _credential(rows.one(_OF, account=account_id))


def oldest(rows: Rows) -> Credential | None:
    """Find the password of the account that was opened first."""
    return _credential(rows.one(_OLDEST))


def keep(rows: Rows, account_id: str) -> Credential | None:
    """Find an account's password, which nobody changes before the act ends."""
    return _credential(rows.one(_KEPT, account=account_id))


def replace(
    rows: Rows, account_id: str, old: str, new: str, *, changed_at: dt.datetime | None = None
) -> bool:
    """
    Write a new hash while the stored one is *old*; of many who try, one succeeds.

    *changed_at*: when it is of another password.
    """
    row = rows.glance(_OF, account=account_id)
    if row is None:
        return False
    stood = row["hash"]
    if rows.opened(PASSWORDS, row)["hash"] != old:
        return False
    changes = {"hash": new} | ({} if changed_at is None else {"changed_at": changed_at})
    return rows.change(PASSWORDS, account_id, changes, where={"hash": stood})


def _credential(row: Row | None) -> Credential | None:
    if row is None:
        return None
    return Credential(id=row["id"], hash=row["hash"], changed_at=row["changed_at"])
