"""
The key tree of one vault, in one process.

Root keys stay with their provider; the vault's and the employers' keys are unwrapped once and held in memory, so that a KMS is
asked seldom, and never inside a transaction: a call *brings* the employers it needs first. Safe, account and record keys are
read from their stores in every call, so that an erasure bites at once. A key is committed to its store before the act
that uses it: a key without a use harms nobody.
"""

import datetime as dt
import threading
from collections.abc import Collection, Mapping, Sequence

from mycvault.crypto.encoding import Value, encode
from mycvault.crypto.fields import KEY_SIZE, Key, NotAuthentic
from mycvault.errors import AlreadyActivated, RecordDamaged, WrongKeys
from mycvault.keys import records
from mycvault.keys.model import VAULT, Use
from mycvault.keys.records import Wrapped
from mycvault.ports import Entropy, KeyProvider
from mycvault.storage.engine import Connection, Database
from mycvault.storage.rows import Ring

PersonalKeys = dict[str, Key]


class Keyring:
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
        self.vault_id = vault_id
        self._provider = provider
        self._entropy = entropy
        self._records = records
        self._personal = personal
        self._held: dict[str, dict[int, Key]] = {}
        self._lock = threading.Lock()

    # ---------------------------------------------------------------- the vault's own

    def found(self, connection: Connection, now: dt.datetime) -> None:
        """Make the vault key and one key for each of its uses, for a new vault."""
        vault = Key(VAULT, 1, self._entropy.bytes(KEY_SIZE))
        made = [self._under_root(vault, now)]
        made += [self._fresh(use, vault, now) for use in Use]
        records.add(connection, made)

    def load(self, connection: Connection) -> None:
        """
        Unwrap the vault's keys.

        Raises:
            WrongKeys: The provider does not hold the root key that wrapped them.
        """
        for wrapped in records.find(connection, [VAULT]):
            self._hold(self._from_root(wrapped))
        if VAULT not in self._held:
            raise RecordDamaged
        for wrapped in records.find_below(connection, VAULT):
            self._hold(self.opened(wrapped, self.held(VAULT)))
        if not self._held.keys() >= set(Use):
            raise RecordDamaged

    def provider_answers(self) -> bool:
        """Wrap and unwrap a key of no use, for a readiness probe."""
        probe = self._entropy.bytes(KEY_SIZE)
        context = encode(("mycvault probe", self.vault_id))
        return (
            self._provider.unwrap(self._provider.wrap(probe, context=context), context=context)
            == probe
        )

    def root(self) -> tuple[str, str]:
        """Name the key provider's class, and the root key that wraps now; the provider is asked. KeysUnavailable, WrongKeys."""
        return type(self._provider).__name__, self._provider.current()

    def fresh(self, size: int = KEY_SIZE) -> bytes:
        """Draw *size* random bytes: a document's key, a blob's name."""
        return self._entropy.bytes(size)

    def held(self, key_id: str, version: int | None = None) -> Key:
        """Give a key held in memory, the newest version unless one is named; KeyError when it is not here."""
        versions = self._held[key_id]
        return versions[max(versions) if version is None else version]

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
        with self._records.reading() as connection:
            found = records.find(connection, missing)
        for wrapped in found:
            self._hold(self._from_root(wrapped))
        if not self._held.keys() >= set(missing):
            raise RecordDamaged

    def make_employer_key(self, employer_id: str, now: dt.datetime) -> None:
        """Make and keep an employer's key."""
        key = Key(employer_id, 1, self._entropy.bytes(KEY_SIZE))
        wrapped = self._under_root(key, now)
        with self._records.writing() as connection:
            records.add(connection, [wrapped])
        self._hold(key)

    # ---------------------------------------------------------------- people

    def make_record_keys(
        self, pairs: Mapping[str, str], employer_id: str, now: dt.datetime
    ) -> None:
        """Make keys for employee records and for the safes that go with them (*pairs*: record id to safe id)."""
        employer = self._employer(employer_id)
        of_records = [self._fresh(key_id, employer, now) for key_id in pairs]
        of_safes = [self._fresh(key_id, employer, now) for key_id in pairs.values()]
        with self._personal.writing() as connection:
            records.add_personal(connection, of_safes)
        with self._records.writing() as connection:
            records.add(connection, of_records)

    def make_personal_key(self, key_id: str, employer_id: str, now: dt.datetime) -> None:
        """Make a key that can be destroyed, under an employer's: a safe's, or the one that a legal hold keeps documents under."""
        made = self._fresh(key_id, self._employer(employer_id), now)
        with self._personal.writing() as connection:
            records.add_personal(connection, [made])

    def destroy(self, key_ids: Collection[str]) -> bool:
        """
        Delete personal keys, under whatever they are wrapped: what they sealed is gone, here and in every backup of it.

        Gives whether their bytes are out of SQLite's file and log: a reader may keep them in the log, then a second call goes on.
        """
        with self._personal.writing() as connection:
            records.drop_all_personal(connection, key_ids)
        return self._personal.forget()

    def missing(self, key_ids: Collection[str]) -> set[str]:
        """Tell which of these personal keys are not in their store."""
        with self._personal.reading() as connection:
            found = records.find_personal(connection, key_ids) if key_ids else []
        return set(key_ids) - {one.id for one in found}

    def forget_deleted(self) -> bool:
        """Take what was deleted, documents' keys and all, out of the records' log; tell whether it is out: see `destroy`."""
        return self._records.forget()

    def open_account(
        self, account_id: str, safe_id: str, employer_id: str, now: dt.datetime
    ) -> None:
        """
        Make an account's key, and wrap a safe's key under it beside its employer's.

        Raises:
            AlreadyActivated: The safe is under no employer's key any more: somebody joined meanwhile.
        """
        accounts = self.held(Use.ACCOUNTS)
        account = Key(account_id, 1, self._entropy.bytes(KEY_SIZE))
        with self._personal.writing() as connection:
            found = [
                w
                for w in records.find_personal(connection, [safe_id])
                if w.wrapped_by == employer_id
            ]
            if not found:
                raise AlreadyActivated
            safe = self.opened(found[0], self._employer(employer_id))
            made = [self._wrapped(account, accounts, now), self._wrapped(safe, account, now)]
            records.add_personal(connection, made)

    def keep_only(self, account_id: str, safes: Collection[str]) -> None:
        """
        Delete every wrapping of an account's safes' keys that is not under the account.

        It is an employer's, once the safe is hers, or what a crash or a lost race left. When there is none, nothing is written.
        """
        with self._personal.reading() as connection:
            found = records.find_personal(connection, safes)
        left = [
            (one.id, one.wrapped_by)
            for one in found
            if one.id in safes and one.wrapped_by != account_id
        ]
        if left:
            with self._personal.writing() as connection:
                records.drop_personal(connection, left)
            self._personal.forget()

    # ---------------------------------------------------------------- wrapping

    def _employer(self, employer_id: str) -> Key:
        try:
            return self.held(employer_id)
        except KeyError:
            raise RecordDamaged from None

    def _fresh(self, key_id: str, parent: Key, now: dt.datetime) -> Wrapped:
        return self._wrapped(Key(key_id, 1, self._entropy.bytes(KEY_SIZE)), parent, now)

    def _wrapped(self, key: Key, parent: Key, now: dt.datetime) -> Wrapped:
        sealed = parent.wrap(key.material, self._vector(key.id, key.version, parent.id))
        return Wrapped(
            id=key.id, version=key.version, wrapped_by=parent.id, wrapped=sealed, created_at=now
        )

    def opened(self, wrapped: Wrapped, parent: Key) -> Key:
        """Unwrap a key with the one it is wrapped under; RecordDamaged when it does not open."""
        vector = self._vector(wrapped.id, wrapped.version, wrapped.wrapped_by)
        try:
            return Key(wrapped.id, wrapped.version, parent.unwrap(wrapped.wrapped, vector))
        except (NotAuthentic, TypeError, ValueError) as exc:
            raise RecordDamaged from exc

    def _vector(self, key_id: str, version: int, parent_id: str) -> tuple[str | int, ...]:
        return ("key", self.vault_id, key_id, version, parent_id)

    def _under_root(self, key: Key, now: dt.datetime) -> Wrapped:
        sealed = self._provider.wrap(key.material, context=self._root_context(key.id, key.version))
        root = self._provider.key_id(sealed)
        return Wrapped(
            id=key.id, version=key.version, wrapped_by=root, wrapped=sealed, created_at=now
        )

    def _from_root(self, wrapped: Wrapped) -> Key:
        context = self._root_context(wrapped.id, wrapped.version)
        material = self._provider.unwrap(wrapped.wrapped, context=context)
        if len(material) != KEY_SIZE:
            raise WrongKeys
        return Key(wrapped.id, wrapped.version, material)

    def _root_context(self, key_id: str, version: int) -> bytes:
        return encode(("mycvault key", self.vault_id, key_id, version))

    def _hold(self, key: Key) -> None:
        with self._lock:
            self._held[key.id] = {**self._held.get(key.id, {}), key.version: key}


def wrap(ring: Ring, key_id: str, key: bytes, vector: Sequence[Value]) -> bytes:
    """Wrap a document's key under a safe's, for everything in *vector*."""
    return ring.key(key_id).wrap(key, vector)


def unwrap(ring: Ring, key_id: str, wrapped: bytes, vector: Sequence[Value]) -> bytes:
    """Unwrap a document's key; RecordDamaged when anything in *vector* is not what it was."""
    try:
        return ring.key(key_id).unwrap(wrapped, vector)
    except (NotAuthentic, TypeError) as exc:
        raise RecordDamaged from exc
