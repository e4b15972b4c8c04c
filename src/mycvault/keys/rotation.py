"""
Renewing the keys between the root and people's own: a walk of guarded rewraps that may be cut anywhere, and run again.

A key is due when its newest version is not under the root that wraps now: it gets a version more, under that root. What lies
under its older versions is wrapped again under the newest, a page at a time, each change only in the place of the very bytes that
were read. An older version is deleted once nothing lies under it. How far a rotation came shows in the rows and nowhere else.

Nothing is lost because nothing is ever wrapped under a version that is not the newest (`Keyring.newest`): when a version has been
added, what lies under the one before only grows less. The argument in full: docs/decisions/0012-rotation.md.
"""

import datetime as dt
from collections.abc import Iterator

import attrs

from mycvault.crypto.fields import Key, name_of, version_of
from mycvault.errors import RecordDamaged
from mycvault.keys import records
from mycvault.keys.model import VAULT, Use
from mycvault.keys.records import Wrapped
from mycvault.keys.service import Keyring, Stale
from mycvault.ports import KeepsNotes
from mycvault.storage.engine import Connection

_AT_ONCE = 500  # keys wrapped again in one transaction
_TOPS_AT_ONCE = 200

__all__ = ["Page", "Rotation", "Stale", "Task", "note_roots"]


@attrs.frozen(kw_only=True)
class Task:
    """A key to renew, or one whose renewal was cut: how many records' and personal keys are to be wrapped again."""

    key_id: str
    due: bool
    of_records: int
    personal: int


@attrs.frozen(kw_only=True)
class Page:
    """One step of the walk below a key: how many keys were wrapped again, and the ids of those that do not open."""

    done: int
    damaged: tuple[str, ...]


class Rotation:
    """One rotation of a vault's keys, to the root that wraps as it begins; no transaction is open between its steps."""

    def __init__(self, keyring: Keyring, now: dt.datetime) -> None:
        self._keyring = keyring
        self._now = now
        _, self.root = keyring.root()

    def key_ids(self) -> Iterator[str]:
        """Name every key that others lie under, the vault's first: what it wraps must be renewed before what it guards."""
        yield VAULT
        yield Use.ACCOUNTS
        after = ""
        while True:
            with self._keyring.records.reading() as connection:
                found = records.tops(connection, after=after, count=_TOPS_AT_ONCE)
            yield from (key_id for key_id in found if key_id != VAULT)
            if len(found) < _TOPS_AT_ONCE:
                return
            after = found[-1]

    def task(self, key_id: str) -> Task | None:
        """Tell what is to do for a key; None when its only version is under the root of this rotation."""
        found = self._find(key_id)
        # The key of accounts lies under the vault's, and is renewed together with it.
        above = self._find(VAULT) if key_id == Use.ACCOUNTS else found
        due = above[-1].wrapped_by != self.root
        if not due and len(found) == 1:
            return None
        of_records, personal = self._count(key_id, None if due else found[-1])
        return Task(key_id=key_id, due=due, of_records=of_records, personal=personal)

    def renew(self, key_id: str) -> bool:
        """
        Give a key a new version when it is due; tell whether it was. With the vault's key that of accounts is renewed.

        Raises:
            RecordDamaged, WrongKeys: A version that stands does not open: what is under it could not be wrapped again.
            KeysUnavailable: The provider does not answer.
        """
        found = self._opened(key_id)
        if found[-1].wrapped_by in {VAULT, self.root}:
            return False
        keys = self._keyring
        fresh = Key(key_id, found[-1].version + 1, keys.fresh())
        made, renewed = [keys.under_root(fresh, self._now)], [(fresh, found[-1])]
        if key_id == VAULT:
            last = self._opened(Use.ACCOUNTS)[-1]
            accounts = Key(Use.ACCOUNTS, last.version + 1, keys.fresh())
            made.append(keys.wrapped(accounts, fresh, self._now))
            renewed.append((accounts, last))
        with keys.records.writing() as connection:
            for key, last in renewed:
                if records.newest(connection, key.id, to_change=True) != last.version:
                    return False
            records.add(connection, made)
        for key, _ in renewed:
            keys.hold(key)
        return True

    def walk(self, key_id: str, *, personal: bool) -> Iterator[Page]:
        """
        Wrap what lies under a key's older versions again under its newest, a page at a time.

        Raises:
            Stale: Another rotation renewed the key meanwhile, and does the rest.
            RecordDamaged, WrongKeys, KeysUnavailable: As for `renew`.
        """
        newest = self._keyring.held(key_id, self._opened(key_id)[-1].version)
        store = self._keyring.personal if personal else self._keyring.records
        after = ("", 0)
        while True:
            with store.reading() as connection:
                page = records.page_below(
                    connection, key_id, personal=personal, after=after, count=_AT_ONCE
                )
            yield self._rewrap(page, newest, personal=personal)
            if len(page) < _AT_ONCE:
                return
            after = (page[-1].id, page[-1].version)

    def settle(self, key_id: str) -> int:
        """
        Delete a key's older versions when nothing lies under them; tell how many keys still do.

        Nothing can come under them any more, hence no lock. One that is needed still comes under this rotation's root.
        """
        *older, newest = self._opened(key_id)
        left = sum(self._count(key_id, newest))
        keys = self._keyring
        lifted = [] if left == 0 else [one for one in older if self._is_behind(one)]
        pairs = [
            (one, keys.under_root(keys.held(one.id, one.version), one.created_at)) for one in lifted
        ]
        if pairs or not left:
            with keys.records.writing() as connection:
                records.wrap_again(connection, pairs, personal=False)
                records.drop_versions(
                    connection, key_id, [] if left else [o.version for o in older]
                )
        return left

    def end(self) -> None:
        """Take old wrappings out of SQLite's logs, and tell the provider which of its keys are needed still."""
        keys = self._keyring
        keys.records.forget()
        keys.personal.forget()
        with keys.records.reading() as connection:
            needed = records.roots(connection)
        if isinstance(keys.provider, KeepsNotes):
            keys.provider.note(keys.vault_id, needed)

    def _rewrap(self, page: list[Wrapped], newest: Key, *, personal: bool) -> Page:
        keys = self._keyring
        pairs, damaged = [], []
        for one in page:
            version = version_of(one.wrapped)
            if version == newest.version:
                continue
            try:
                key = keys.opened(one, keys.held(newest.id, version))
            except (KeyError, RecordDamaged):
                damaged.append(one.id)
            else:
                pairs.append((one, keys.wrapped(key, newest, one.created_at)))
        done = 0
        if pairs:
            with keys.newest(newest) as stores:
                done = records.wrap_again(stores[personal], pairs, personal=personal)
        return Page(done=done, damaged=tuple(damaged))

    def _is_behind(self, one: Wrapped) -> bool:
        return one.wrapped_by not in {VAULT, self.root}

    def _find(self, key_id: str) -> list[Wrapped]:
        """Find every version of a key, oldest first; RecordDamaged when there is none."""
        with self._keyring.records.reading() as connection:
            found = records.find(connection, [key_id])
        if not found:
            raise RecordDamaged
        return sorted(found, key=lambda one: one.version)

    def _opened(self, key_id: str) -> list[Wrapped]:
        """Find every version of a key, oldest first, and take them in hand."""
        with self._keyring.records.reading() as connection:
            found = records.find(connection, [VAULT, key_id])
        self._keyring.take(found, key_id)
        return sorted((one for one in found if one.id == key_id), key=lambda one: one.version)

    def _count(self, key_id: str, newest: Wrapped | None) -> tuple[int, int]:
        """Count what lies under a key: all, or what is not under its newest version; the records', then the personal keys."""
        under = None if newest is None else name_of(newest.version)
        counts = []
        for personal, store in enumerate((self._keyring.records, self._keyring.personal)):
            with store.reading() as connection:
                counts.append(
                    records.count_below(
                        connection, key_id, personal=bool(personal), not_under=under
                    )
                )
        return counts[0], counts[1]


def note_roots(keyring: Keyring, connection: Connection) -> None:
    """Tell a provider that keeps notes which of its keys this vault needs, unless it knows: it is new, or was restored."""
    provider = keyring.provider
    if isinstance(provider, KeepsNotes):
        newest = max(records.find(connection, [VAULT]), key=lambda one: one.version)
        if provider.noted(keyring.vault_id) != newest.wrapped_by:
            provider.note(keyring.vault_id, records.roots(connection))
