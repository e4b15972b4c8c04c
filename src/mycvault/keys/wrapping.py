"""
How a key is wrapped: under the provider's root, or under another of ours.

Each is bound to the vault, its own id and version, and what it lies under. Nothing is stored or held here. Format:
docs/spec/rows.md.
"""

import datetime as dt

from mycvault.crypto.encoding import encode
from mycvault.crypto.fields import KEY_SIZE, Key, NotAuthentic
from mycvault.errors import RecordDamaged, WrongKeys
from mycvault.keys.records import Wrapped
from mycvault.ports import Entropy, KeyProvider


class Wrapping:
    """Wraps and unwraps the keys of one vault."""

    def __init__(self, vault_id: str, *, provider: KeyProvider, entropy: Entropy) -> None:
        self.vault_id = vault_id
        self.provider = provider
        self._entropy = entropy

    # ---------------------------------------------------------------- the root

    def provider_answers(self) -> bool:
        """Wrap and unwrap a key of no use, for a readiness probe."""
        probe = self._entropy.bytes(KEY_SIZE)
        context = encode(("mycvault probe", self.vault_id))
        return (
            self.provider.unwrap(self.provider.wrap(probe, context=context), context=context)
            == probe
        )

    def root(self) -> tuple[str, str]:
        """Name the key provider's class, and the root key that wraps now; the provider is asked. KeysUnavailable, WrongKeys."""
        return type(self.provider).__name__, self.provider.current()

    def fresh(self, size: int = KEY_SIZE) -> bytes:
        """Draw *size* random bytes: a document's key, a blob's name."""
        return self._entropy.bytes(size)

    def under_root(self, key: Key, made_at: dt.datetime) -> Wrapped:
        """Wrap a key under the root that wraps now, as it is stored; the provider is asked. KeysUnavailable."""
        sealed = self.provider.wrap(key.material, context=self._root_context(key.id, key.version))
        root = self.provider.key_id(sealed)
        return Wrapped(
            id=key.id, version=key.version, wrapped_by=root, wrapped=sealed, created_at=made_at
        )

    def from_root(self, wrapped: Wrapped) -> Key:
        """Unwrap a key with its root; the provider is asked. WrongKeys, KeysUnavailable."""
        context = self._root_context(wrapped.id, wrapped.version)
        material = self.provider.unwrap(wrapped.wrapped, context=context)
        if len(material) != KEY_SIZE:
            raise WrongKeys
        return Key(wrapped.id, wrapped.version, material)

    def _root_context(self, key_id: str, version: int) -> bytes:
        return encode(("mycvault key", self.vault_id, key_id, version))

    # ---------------------------------------------------------------- below it

    def new_under(self, key_id: str, parent: Key, now: dt.datetime) -> Wrapped:
        """Make a key, wrapped under another, as it is stored."""
        return self.wrapped(Key(key_id, 1, self._entropy.bytes(KEY_SIZE)), parent, now)

    def wrapped(self, key: Key, parent: Key, made_at: dt.datetime) -> Wrapped:
        """Wrap a key under another, as it is stored."""
        sealed = parent.wrap(key.material, self._vector(key.id, key.version, parent.id))
        return Wrapped(
            id=key.id, version=key.version, wrapped_by=parent.id, wrapped=sealed, created_at=made_at
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
