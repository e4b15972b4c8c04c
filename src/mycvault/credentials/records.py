"""The passwords' rows: one an account, the hash sealed to its row under her key."""

import datetime as dt

from sqlalchemy import bindparam, delete, select

from mycvault.credentials.model import Credential
from mycvault.storage.columns import identity, moment, row_seal, sealed, sealed_by, table
from mycvault.storage.rows import Rows

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


def replace(rows: Rows, account_id: str, old: str, new: str) -> bool:
    """Write another hash of the same password; False when *old* is not the one that stands there any more."""
    row = rows.glance(_OF, account=account_id)
    if row is None:
        return False
    stood = row["hash"]
    if rows.opened(PASSWORDS, row)["hash"] != old:
        return False
    return rows.change(PASSWORDS, account_id, {"hash": new}, where={"hash": stood})


def find(rows: Rows, account_id: str) -> Credential | None:
    """Find an account's password."""
    row = rows.one(_OF, account=account_id)
    return (
        None
        if row is None
        else Credential(id=row["id"], hash=row["hash"], changed_at=row["changed_at"])
    )
