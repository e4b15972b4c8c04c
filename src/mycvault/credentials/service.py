"""Passwords, within a look or an act; hashing and verifying are a call's work and not done here."""

import datetime as dt
from contextlib import suppress

from mycvault.act import Act, Look
from mycvault.credentials import records
from mycvault.errors import RecordDamaged, SignInRefused


def set_first(act: Act, account_id: str, hashed: str) -> None:
    """Give a new account its password."""
    records.add(act.rows, account_id, hashed, act.now)


def renew(act: Act, account_id: str, old: str, new: str) -> None:
    """Write another hash of the same password, unless it was changed since *old* was read."""
    records.replace(act.rows, account_id, old, new)


def replace(act: Act, account_id: str, hashed: str) -> None:
    """Give an account another password; its first, if it has none."""
    if not records.change(act.rows, account_id, hashed, act.now):
        records.add(act.rows, account_id, hashed, act.now)


def forget(act: Act, account_id: str) -> None:
    """Take an account's password away."""
    records.forget(act.rows, account_id)


def changed_at(look: Look, account_id: str) -> dt.datetime:
    """Tell since when she has her password; RecordDamaged when she has none."""
    found = records.find(look.rows, account_id)
    if found is None:
        raise RecordDamaged
    return found.changed_at


def stored_hash(look: Look, account_id: str | None) -> str | None:
    """Give the hash to verify against; None when the account has no password, or, with as much work, when it is nobody's."""
    if account_id is None:
        # Time must not tell who exists. Another account's row is read for that, whose damage is not this caller's business.
        with suppress(RecordDamaged):
            records.oldest(look.rows)
        return None
    found = records.find(look.rows, account_id)
    return None if found is None else found.hash


def keep(act: Act, account_id: str, verified: str | None, *, field: str | None = None) -> None:
    """
    Make sure that the hash a password was *verified* against stays her password until the act ends.

    Raises:
        SignInRefused: It was changed meanwhile: what was typed opens nothing any more.
    """
    found = records.keep(act.rows, account_id)
    if found is None or found.hash != verified:
        raise SignInRefused(field=field)


def change(act: Act, account_id: str, hashed: str, *, verified: str, field: str) -> None:
    """Give an account another password; SignInRefused when it was changed since the old one was *verified*."""
    if not records.replace(act.rows, account_id, verified, hashed, changed_at=act.now):
        raise SignInRefused(field=field)
