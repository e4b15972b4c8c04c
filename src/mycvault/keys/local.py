"""
Root keys in a keyring file: the key provider of a vault without a KMS.

Keys are kept newest first; the newest wraps, by AES-SIV for a context, and every one unwraps. A
key's id is made from the key, so that a wrong keyring is told by its ids. Rule: whoever holds an
older reading of the file reads again before it wraps, so that nothing is ever wrapped under a key
that was retired meanwhile. Nothing here shows a key. Format: docs/spec/keyring.md.
"""

import os
import threading
from collections.abc import Callable, Collection, Mapping
from os import PathLike
from typing import Self

from mycvault.crypto.fields import KEY_SIZE, Key, NotAuthentic
from mycvault.crypto.passphrases import SALT_SIZE
from mycvault.errors import InvalidInput, KeysUnavailable, SetupError, WrongKeys
from mycvault.keys import entries, keyring
from mycvault.keys.entries import Cover, Keys
from mycvault.ports import Entropy, KeyProvider
from mycvault.system import SystemEntropy

_WRAPPED = b"\x01"  # the version of what `wrap` gives
_SYSTEM = SystemEntropy()


class LocalKeys(KeyProvider):
    """
    Root keys from a keyring file, from the environment, or made for this process alone.

    Threads and processes may share them. `repr` shows ids only, and pickling is refused.
    """

    def __init__(
        self, keys: Keys, *, entropy: Entropy, path: str = "", cover: Cover | None = None
    ) -> None:
        """Hold *keys*; called by `generate`, `load`, `from_env` and `ephemeral`."""
        self._keys = keys
        self._entropy = entropy
        self._path = path  # "" when there is no file
        self._cover = cover
        self._fixed = False
        self._needed: Mapping[str, str] = {}  # by vault: the oldest key that it needs
        self._seen: keyring.Identity | None = None
        self._guard = threading.RLock()

    @classmethod
    def generate(
        cls, path: str | PathLike[str], *, passphrase: str | None = None, entropy: Entropy = _SYSTEM
    ) -> Self:
        """
        Make a keyring file with one key, mode 0600; it never overwrites.

        Raises:
            SetupError: Something is there, the folder cannot be written, or an empty passphrase.
        """
        cover = None
        if passphrase is not None:
            cover = entries.stretched(passphrase, dict(entries.COSTS), entropy.bytes(SALT_SIZE))
        keys = (entries.named(1, entropy.bytes(KEY_SIZE)),)
        made = cls(keys, entropy=entropy, path=os.path.realpath(path), cover=cover)
        keyring.create(made._path, entries.close(made._keys, cover, {}))
        made._reread()
        return made

    @classmethod
    def load(
        cls, path: str | PathLike[str], *, passphrase: str | None = None, entropy: Entropy = _SYSTEM
    ) -> Self:
        """
        Read a keyring file.

        Raises:
            SetupError: Missing, readable by others, malformed; a passphrase missing or not needed.
            WrongKeys: The passphrase is another one, or what it sealed was changed.
        """
        resolved = os.path.realpath(path)  # a change must replace the file, not a link to it
        ring, seen = keyring.read(resolved)
        cover = entries.cover_of(ring, passphrase)
        held = cls(entries.opened(ring, cover), entropy=entropy, path=resolved, cover=cover)
        held._seen, held._needed = seen, ring.needed
        return held

    @classmethod
    def from_env(cls, name: str = "MYCVAULT_KEYS") -> Self:
        """
        Read the keyring from an environment variable: its `id:key` entries, joined by commas.

        Raises:
            SetupError: The variable is not set, or malformed.
        """
        said = os.environ.get(name, "").strip()
        if not said:
            raise SetupError(f"a keyring in the environment variable {name}")
        held = cls(entries.parse(said.split(",")), entropy=_SYSTEM)
        held._fixed = True
        return held

    @classmethod
    def ephemeral(cls, *, entropy: Entropy = _SYSTEM) -> Self:
        """Make a keyring that ends with this process, for tests and trials."""
        return cls((entries.named(1, entropy.bytes(KEY_SIZE)),), entropy=entropy)

    def current(self) -> str:
        """Name the newest key; KeysUnavailable when the file cannot be read any more."""
        return self._fresh()[0].id

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Wrap *key* under the newest key, whose id the result begins with; raises as `current`."""
        root = self._fresh()[0]
        name = root.id.encode()
        return _WRAPPED + bytes([len(name)]) + name + root.wrap(key, _vector(root, context))

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """
        Give back what was wrapped for *context*.

        Raises:
            WrongKeys: Its key is not in this keyring, or it was not wrapped by it for this context.
            KeysUnavailable: The file, which might hold its key by now, cannot be read any more.
        """
        name, sealed = _split(wrapped)
        root = _find(self._keys, name) or _find(self._fresh(), name)
        if root is None:
            raise WrongKeys(f"a keyring that holds {name}")
        try:
            return root.unwrap(sealed, _vector(root, context))
        except NotAuthentic as exc:
            raise WrongKeys from exc

    def key_id(self, wrapped: bytes) -> str:
        """Name the key that wrapped *wrapped*; WrongKeys when no keyring wrapped it."""
        return _split(wrapped)[0]

    def add_key(self) -> str:
        """
        Add a key, which wraps from now on; older ones still unwrap.

        Raises:
            SetupError: The keyring stands in the environment, or its file cannot be written.
        """
        added = self._change(
            lambda keys: (entries.named(keys[0].version + 1, self._entropy.bytes(KEY_SIZE)), *keys)
        )
        return added[0].id

    def retire(self, key_id: str) -> None:
        """
        Remove a key that nothing needs any more: no row, no running worker, no backup.

        It is refused while a vault needs the key that this keyring knows of: that was opened with it, and whose
        `Upkeep.rotate_keys` has not yet left no row under the key. Of backups it knows nothing: they need the keys of their time.

        Raises:
            InvalidInput: It is the current key, or not in this keyring; *reason* "needed": a vault needs it.
            SetupError: As for `add_key`.
        """

        def without(keys: Keys) -> Keys:
            gone = _find(keys[1:], key_id)
            if gone is None:
                raise InvalidInput("a key of this keyring that is not current", field="key_id")
            if any(entries.counter(oldest) <= gone.version for oldest in self._needed.values()):
                raise InvalidInput(
                    "a key that no vault needs: run Upkeep.rotate_keys in each, or forget_vault",
                    field="key_id",
                    reason="needed",
                )
            return tuple(key for key in keys if key.id != key_id)

        self._change(without)

    def noted(self, vault_id: str) -> str | None:
        """Name the oldest key that a vault is known to need; None when nothing is known of it."""
        return self._needed.get(vault_id)

    def note(self, vault_id: str, root_ids: Collection[str]) -> bool:
        """
        Write down that a vault needs these keys and every later one, no earlier one; the vault does it itself.

        Gives False where the file cannot be replaced by us, as with a secret that is mounted read-only: nothing is written then.
        """
        known = [name for name in root_ids if entries.counter(name)]
        if not known:
            return True
        oldest = min(known, key=entries.counter)
        try:
            # The keys are read anew: another process may have noted something else.
            self._fresh()
            known_already = self._needed.get(vault_id) == oldest
            return known_already or self._mark(lambda needed: {**needed, vault_id: oldest})
        except (SetupError, KeysUnavailable):
            # Nobody fails to open a vault over a note: the file is a mount of its own, the disk full, the folder gone.
            return False

    def forget_vault(self, vault_id: str) -> None:
        """
        Forget a vault that is no more, so that it keeps no key from being retired; one that is not known is no error.

        Raises:
            SetupError: The file cannot be written.
        """
        if not self._mark(lambda needed: {k: v for k, v in needed.items() if k != vault_id}):
            raise SetupError("a keyring file of our own, in a folder that can be written")

    def __repr__(self) -> str:
        return f"LocalKeys({', '.join(key.id for key in self._keys)})"

    def __reduce__(self) -> str:
        raise TypeError("keys are not pickled: load them where they are needed")

    def _change(self, edit: Callable[[Keys], Keys]) -> Keys:
        if self._fixed:
            raise SetupError("a keyring file: one in the environment is changed where it is set")
        with self._guard:
            if not self._path:
                self._keys = edit(self._keys)
                return self._keys
            with keyring.locked(self._path):
                changed = edit(self._reread())
                keyring.replace(self._path, entries.close(changed, self._cover, self._needed))
                return self._reread()

    def _mark(self, edit: Callable[[Mapping[str, str]], Mapping[str, str]]) -> bool:
        with self._guard:
            if not self._path:
                self._needed = edit(self._needed)
                return True
            # A file that is replaced becomes its writer's: its owner could not read it any more.
            if not keyring.is_ours(self._path):
                return False
            with keyring.locked(self._path):
                keys = self._reread()
                keyring.replace(self._path, entries.close(keys, self._cover, edit(self._needed)))
                self._reread()
                return True

    def _fresh(self) -> Keys:
        """Give the keys as the file has them now."""
        if not self._path:
            return self._keys
        with self._guard:
            try:
                same = keyring.identity(self._path) == self._seen
                return self._keys if same else self._reread()
            except WrongKeys:
                raise
            except SetupError as exc:
                raise KeysUnavailable from exc

    def _reread(self) -> Keys:
        ring, seen = keyring.read(self._path)
        self._keys, self._seen = entries.opened(ring, self._cover), seen
        self._needed = ring.needed
        return self._keys


def _vector(root: Key, context: bytes) -> tuple[bytes, str, bytes]:
    return b"mycvault root", root.id, context


def _find(keys: Keys, key_id: str) -> Key | None:
    return next((key for key in keys if key.id == key_id), None)


def _split(wrapped: bytes) -> tuple[str, bytes]:
    length = wrapped[1] if wrapped[:1] == _WRAPPED and len(wrapped) > 1 else 0
    name, sealed = wrapped[2 : 2 + length], wrapped[2 + length :]
    if not name or not sealed or not name.isascii():
        raise WrongKeys("bytes that a keyring wrapped")
    return name.decode(), sealed
