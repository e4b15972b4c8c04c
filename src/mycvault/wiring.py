"""
What a host hands in becomes a desk: stores are opened, keys loaded, a new vault's tables and keys made.

A vault exists once its row is committed, together with its tables and keys: a creation that was cut may simply be run again.
"""

import os
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from mycvault import schema
from mycvault.crypto.passwords import Hasher
from mycvault.desk import Desk, checked
from mycvault.errors import WrongKeys
from mycvault.ids import Ids
from mycvault.keys import rotation
from mycvault.keys.service import Keyring
from mycvault.policy import Policy
from mycvault.ports import Blobs, Clock, KeyProvider
from mycvault.storage import stores
from mycvault.storage.blobs.opening import local_folder
from mycvault.storage.engine import Engine
from mycvault.storage.stores import Stores
from mycvault.system import SystemEntropy

Storage = str | os.PathLike[str] | Blobs


@contextmanager
def opened(storage: Storage, records: str | Engine | None, *, create: bool) -> Iterator[Stores]:
    """Open a vault's stores, and close them again unless what follows succeeds."""
    found = stores.open_stores(local_folder(storage), records, create=create)
    try:
        yield found
    except BaseException:
        found.close()
        raise


@attrs.frozen
class Parts:
    """What a host hands in, to be wired into a desk."""

    provider: KeyProvider
    policy: Policy
    clock: Clock
    entropy: SystemEntropy = attrs.field(factory=SystemEntropy)

    def keyring(self, vault_id: str, found: Stores) -> Keyring:
        """Make the keyring of a vault, empty yet."""
        return Keyring(
            vault_id,
            provider=self.provider,
            entropy=self.entropy,
            records=found.records,
            personal=found.personal,
        )

    def found(self, found: Stores, folder: pathlib.Path | None) -> bool:
        """Make tables, keys and the vault's row, in one transaction; False when there is a vault already."""
        now = checked(self.clock.now())
        vault_id = Ids(self.entropy.bytes).new(now)
        with found.records.reading() as connection:
            if schema.exists(connection):
                return False
        schema.create_personal(found.personal)
        with found.records.writing() as connection:
            if not schema.create(connection, vault_id, now):
                return False
            self.keyring(vault_id, found).found(connection, now)
            if folder is not None:
                # Before the commit: a vault that is there bears its mark; one that never came to be is made again.
                stores.mark(folder, vault_id)
        return True

    def _loaded(self, found: Stores) -> Keyring:
        with found.records.reading() as connection:
            vault_id = schema.check(connection)
            found.check()
            keyring = self.keyring(vault_id, found)
            keyring.load(connection)
            rotation.note_roots(keyring, connection)
        return keyring

    def desk(self, found: Stores, blobs: Blobs) -> Desk:
        """Load the keys and wire a desk; WrongKeys before anything else is read."""
        try:
            keyring = self._loaded(found)
        except WrongKeys:
            # Their root may have been retired since the rows were read, after a rotation: they are read once more.
            keyring = self._loaded(found)
        hasher = Hasher(self.policy.passwords)
        hasher.warm_up()
        return Desk(
            records=found.records,
            personal=found.personal,
            keys=keyring,
            blobs=blobs,
            hasher=hasher,
            clock=self.clock,
            entropy=self.entropy,
            policy=self.policy,
        )
