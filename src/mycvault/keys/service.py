"""
The key tree of one vault, in one process.

Root keys stay with their provider; the vault's and the employers' keys are unwrapped once and held in memory, so that a KMS is
asked seldom, and never inside a transaction: a call *brings* the employers it needs first. Safe, account and record keys are
read from their stores in every call, so that an erasure bites at once. A key is committed to its store before the act
that uses it: a key without a use harms nobody.

Keys of the vault and of employers are renewed (`rotation.py`), perhaps by another process. Rule: a key is wrapped under another
only in a transaction that proves that version the newest, so that what lies under an older one only grows less
(docs/decisions/0012-rotation.md).
"""

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from mycvault.crypto.encoding import Value
from mycvault.crypto.fields import KEY_SIZE, Key, NotAuthentic, version_of
from mycvault.errors import AlreadyActivated, RecordDamaged, WrongKeys
from mycvault.keys import records
from mycvault.keys.model import VAULT, Use
from mycvault.keys.records import Wrapped
from mycvault.keys.wrapping import Wrapping
from mycvault.ports import Entropy, KeyProvider
from mycvault.storage.engine import Connection, Database
from mycvault.storage.rows import Ring

PersonalKeys = dict[str, Key]
_RACES = 8  # times that a key may be renewed between taking it in hand and wrapping under it


class Stale(Exception):  # noqa: N818 - a fact, and it leaves this folder never
    """The key in hand is not the newest version any more: read it again."""


class Keyring(Wrapping):
    """What one process knows of a vault's keys; thread-safe."""

    def __init__(
        self,
        vault_id: str,
        *,
        provider: KeyProvider,
        entropy: Entropy,
        records: Database,
        personal: Database,
    ) -> None:
        super().__init__(vault_id, provider=provider, entropy=entropy)
        self.records = records
        self.personal = personal
        # Of each key by its version; the newest stands under None as well.
        self._held: dict[str, dict[int | None, Key]] = {}
        self._lock = threading.Lock()

    # ---------------------------------------------------------------- the vault's own

    def found(self, connection: Connection, now: dt.datetime) -> None:
        """Make the vault key and one key for each of its uses, for a new vault."""
        vault = Key(VAULT, 1, self._entropy.bytes(KEY_SIZE))
        made = [self.under_root(vault, now)]
        made += [self.new_under(use, vault, now) for use in Use]
        records.add(connection, made)

    def load(self, connection: Connection) -> None:
        """
        Unwrap the vault's keys.

        Raises:
            WrongKeys: The provider does not hold the root key that wrapped them.
        """
        for wrapped in records.find(connection, [VAULT]):
            self.hold(self.from_root(wrapped))
        if VAULT not in self._held:
            raise RecordDamaged
        for wrapped in records.find_below(connection, VAULT):
            self.hold(self.opened(wrapped, self._parent(wrapped)))
        if not self._held.keys() >= set(Use):
            raise RecordDamaged

    def held(self, key_id: str, version: int | None = None) -> Key:
        """Give a key held in memory, the newest version unless one is named; KeyError when it is not here."""
        return self._held[key_id][version]

    def holds(self, key_id: str, version: int | None = None) -> bool:
        """Tell whether a key is held in memory, in this version if one is named."""
        return version in self._held.get(key_id, ())

    # ---------------------------------------------------------------- employers

    def bring(self, *employer_ids: str) -> None:
        """
        Bring employers' keys to hand; the provider may be asked. Part of a call's work, never inside a transaction.

        Raises:
            WrongKeys, KeysUnavailable: From the provider.
            RecordDamaged: There is no such key any more.
        """
        missing = [key_id for key_id in employer_ids if key_id not in self._held]
        if not missing:
            return
        with self.records.reading() as connection:
            found = records.find(connection, missing)
        try:
            made = [self.from_root(wrapped) for wrapped in found]
        except WrongKeys:
            # Their root may have been retired since they were read, after they were renewed.
            with self.records.reading() as connection:
                found = records.find(connection, missing)
            made = [self.from_root(wrapped) for wrapped in found]
        for key in made:
            self.hold(key)
        if not self._held.keys() >= set(missing):
            raise RecordDamaged

    def make_employer_key(self, employer_id: str, now: dt.datetime) -> None:
        """Make and keep an employer's key."""
        key = Key(employer_id, 1, self._entropy.bytes(KEY_SIZE))

        def make(vault: Key) -> None:
            # The vault's key is renewed first of all: while it is not, whatever root wraps now will be seen by a rotation.
            wrapped = self.under_root(key, now)
            with self.newest(vault) as (connection, _):
                records.add(connection, [wrapped])

        self._with_newest(VAULT, make)
        self.hold(key)

    # ---------------------------------------------------------------- people

    def make_record_keys(
        self, pairs: Mapping[str, str], employer_id: str, now: dt.datetime
    ) -> None:
        """Make keys for employee records and for the safes that go with them (*pairs*: record id to safe id)."""

        def make(employer: Key) -> None:
            of_records = [self.new_under(key_id, employer, now) for key_id in pairs]
            of_safes = [self.new_under(key_id, employer, now) for key_id in pairs.values()]
            with self.newest(employer) as (connection, personal):
                records.add_personal(personal, of_safes)
                records.add(connection, of_records)

        self._with_newest(employer_id, make)

    def make_personal_key(self, key_id: str, employer_id: str, now: dt.datetime) -> None:
        """Make a key that can be destroyed, under an employer's: a safe's, or the one that a legal hold keeps documents under."""

        def make(employer: Key) -> None:
            made = self.new_under(key_id, employer, now)
            with self.newest(employer) as (_, personal):
                records.add_personal(personal, [made])

        self._with_newest(employer_id, make)

    def destroy(self, key_ids: Collection[str]) -> bool:
        """
        Delete personal keys, under whatever they are wrapped: what they sealed is gone, here and in every backup of it.

        Gives whether their bytes are out of SQLite's file and log: a reader may keep them in the log, then a second call goes on.
        """
        with self.personal.writing() as connection:
            records.drop_all_personal(connection, key_ids)
        return self.personal.forget()

    def missing(self, key_ids: Collection[str]) -> set[str]:
        """Tell which of these personal keys are not in their store."""
        with self.personal.reading() as connection:
            found = records.find_personal(connection, key_ids) if key_ids else []
        return set(key_ids) - {one.id for one in found}

    def forget_deleted(self) -> bool:
        """Take what was deleted, documents' keys and all, out of the records' log; tell whether it is out: see `destroy`."""
        return self.records.forget()

    def open_account(
        self, account_id: str, safe_id: str, employer_id: str, now: dt.datetime
    ) -> None:
        """
        Make an account's key, and wrap a safe's key under it beside its employer's.

        Raises:
            AlreadyActivated: The safe is under no employer's key any more: somebody joined meanwhile.
        """
        account = Key(account_id, 1, self._entropy.bytes(KEY_SIZE))

        def make(accounts: Key) -> None:
            with self.newest(accounts) as (connection, personal):
                safe = self._still_employers(safe_id, employer_id, connection, personal)
                made = [self.wrapped(account, accounts, now), self.wrapped(safe, account, now)]
                records.add_personal(personal, made)

        self._with_newest(Use.ACCOUNTS, make)

    def join_account(
        self, account_id: str, safe_id: str, employer_id: str, now: dt.datetime
    ) -> None:
        """
        Wrap a safe's key under the key of an account that is there, beside its employer's.

        Raises:
            AlreadyActivated: The safe is under no employer's key any more: somebody joined meanwhile.
            RecordDamaged: The account has no key.
        """

        def make(accounts: Key) -> None:
            with self.newest(accounts) as (connection, personal):
                safe = self._still_employers(safe_id, employer_id, connection, personal)
                found = records.find_personal(personal, [account_id])
                if not found:
                    raise RecordDamaged
                account = self.opened(found[0], self.above(found[0], connection))
                # An attempt that was cut may have left its wrapping: it is made anew.
                records.drop_personal(personal, [(safe_id, account_id)])
                records.add_personal(personal, [self.wrapped(safe, account, now)])

        self._with_newest(Use.ACCOUNTS, make)

    def _still_employers(
        self, safe_id: str, employer_id: str, connection: Connection, personal: Connection
    ) -> Key:
        wrapped = records.find_personal(personal, [safe_id])
        found = [one for one in wrapped if one.wrapped_by == employer_id]
        if not found:
            raise AlreadyActivated
        return self.opened(found[0], self.above(found[0], connection))

    def keep_only(self, account_id: str, safes: Collection[str]) -> None:
        """
        Delete every wrapping of an account's safes' keys that is not under the account.

        It is an employer's, once the safe is hers, or what a crash or a lost race left. When there is none, nothing is written.
        """
        with self.personal.reading() as connection:
            found = records.find_personal(connection, safes)
        left = [
            (one.id, one.wrapped_by)
            for one in found
            if one.id in safes and one.wrapped_by != account_id
        ]
        if left:
            with self.personal.writing() as connection:
                records.drop_personal(connection, left)
            self.personal.forget()

    # ---------------------------------------------------------------- wrapping

    @contextmanager
    def newest(self, parent: Key) -> Iterator[tuple[Connection, Connection]]:
        """
        Open one transaction on the records and on the personal keys, in which *parent* stays the newest version of its key.

        The personal keys are committed first. Raises:
            Stale: It is not the newest any more.
        """
        with self.records.writing() as connection:
            if records.newest(connection, parent.id) != parent.version:
                raise Stale
            if self.personal is self.records:
                yield connection, connection
                return
            # In this order only, everywhere: no two ever wait for each other.
            with self.personal.writing() as personal:
                yield connection, personal

    def _with_newest(self, parent_id: str, make: Callable[[Key], None]) -> None:
        """Do what wraps under a key; when it was renewed meanwhile, read it again and do it under the new version."""
        for _ in range(_RACES):
            try:
                return make(self.held(parent_id))
            except KeyError:
                raise RecordDamaged from None
            except Stale:
                with self.records.reading() as connection:
                    found = records.find(connection, [VAULT, parent_id])
                self.take(found, parent_id)
        # What is newest in the records is not the newest that was read: somebody put older rows back.
        raise RecordDamaged

    def above(self, wrapped: Wrapped, connection: Connection) -> Key:
        """
        Give the key of ours that another is wrapped under, in the version that its bytes name.

        When another process made that version, it is read again, once: the only time that a provider may be asked inside a
        transaction.

        Raises:
            RecordDamaged: There is no such version.
            WrongKeys, KeysUnavailable: From the provider.
        """
        key_id, version = wrapped.wrapped_by, version_of(wrapped.wrapped)
        if not self.holds(key_id, version):
            self.take(records.find(connection, [VAULT, key_id]), key_id)
        if not self.holds(key_id, version) and self.personal is not self.records:
            # Two stores, two snapshots: the records' may be the older one.
            with self.records.reading() as newer:
                found = records.find(newer, [VAULT, key_id])
            self.take(found, key_id)
        return self._parent(wrapped)

    def _parent(self, wrapped: Wrapped) -> Key:
        try:
            return self.held(wrapped.wrapped_by, version_of(wrapped.wrapped))
        except KeyError:
            raise RecordDamaged from None

    def take(self, found: Collection[Wrapped], key_id: str) -> None:
        """Take in hand the versions of a key that are not yet, the vault's first; RecordDamaged when the key is gone."""
        if not any(one.id == key_id for one in found):
            raise RecordDamaged
        for one in sorted(found, key=lambda one: one.id != VAULT):
            if not self.holds(one.id, one.version):
                below = one.wrapped_by == VAULT
                self.hold(self.opened(one, self._parent(one)) if below else self.from_root(one))

    def hold(self, key: Key) -> None:
        """Keep a version of a key in memory."""
        with self._lock:
            versions = {**self._held.get(key.id, {}), key.version: key}
            newest = max(versions.values(), key=lambda one: one.version)
            self._held[key.id] = {**versions, None: newest}


def wrap(ring: Ring, key_id: str, key: bytes, vector: Sequence[Value]) -> bytes:
    """Wrap a document's key under a safe's, for everything in *vector*."""
    return ring.key(key_id).wrap(key, vector)


def unwrap(ring: Ring, key_id: str, wrapped: bytes, vector: Sequence[Value]) -> bytes:
    """Unwrap a document's key; RecordDamaged when anything in *vector* is not what it was."""
    try:
        return ring.key(key_id).unwrap(wrapped, vector)
    except (NotAuthentic, TypeError) as exc:
        raise RecordDamaged from exc
