"""
Root keys in a keyring file: the key provider of a vault without a KMS.

Keys are kept newest first; the newest wraps, by AES-SIV for a context, and every one unwraps. A
key's id is made from the key, so that a wrong keyring is told by its ids. Rule: whoever holds an
older reading of the file reads again before it wraps, so that nothing is ever wrapped under a key
that was retired meanwhile. Nothing here shows a key. Format: docs/spec/keyring.md.
"""

import base64
import hashlib
import itertools
import os
import re
import threading
from collections.abc import Callable
from os import PathLike
from typing import Self

import attrs

from mycvault.crypto.fields import KEY_SIZE, Key, NotAuthentic
from mycvault.crypto.passphrases import SALT_SIZE, stretch
from mycvault.errors import InvalidInput, KeysUnavailable, SetupError, WrongKeys
from mycvault.keys import keyring
from mycvault.keys.keyring import Ring, Sealed
from mycvault.ports import Entropy, KeyProvider
from mycvault.system import SystemEntropy

_WRAPPED = b"\x01"  # the version of what `wrap` gives
_ENTRY = re.compile(r"(k([1-9][0-9]{0,8})-[0-9a-f]{8}):([A-Za-z0-9_-]{43})", re.ASCII)
_COSTS = {"memory_kib": 64 * 1024, "passes": 3, "lanes": 4}  # RFC 9106, second profile
_SYSTEM = SystemEntropy()

Keys = tuple[Key, ...]


@attrs.frozen(kw_only=True)
class _Cover:
    """A passphrase's key, made once, and how it was made."""

    costs: dict[str, int]
    salt: bytes
    key: Key

    def vector(self) -> tuple[str | int | bytes, ...]:
        """Name what the key seals, so that neither costs nor salt are changed."""
        costs = self.costs
        return keyring.FORMAT, costs["memory_kib"], costs["passes"], costs["lanes"], self.salt


class LocalKeys(KeyProvider):
    """
    Root keys from a keyring file, from the environment, or made for this process alone.

    Threads and processes may share them. `repr` shows ids only, and pickling is refused.
    """

    def __init__(
        self, keys: Keys, *, entropy: Entropy, path: str = "", cover: _Cover | None = None
    ) -> None:
        """Hold *keys*; called by `generate`, `load`, `from_env` and `ephemeral`."""
        self._keys = keys
        self._entropy = entropy
        self._path = path  # "" when there is no file
        self._cover = cover
        self._fixed = False
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
            cover = _stretch(passphrase, dict(_COSTS), entropy.bytes(SALT_SIZE))
        keys = (_named(1, entropy.bytes(KEY_SIZE)),)
        made = cls(keys, entropy=entropy, path=os.path.realpath(path), cover=cover)
        keyring.create(made._path, _close(made._keys, cover))
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
        cover = _cover(ring, passphrase)
        held = cls(_open(ring, cover), entropy=entropy, path=resolved, cover=cover)
        held._seen = seen
        return held

    @classmethod
    def from_env(cls, name: str = "MYCVAULT_KEYS") -> Self:
        """
        Read the keyring from an environment variable: its `id:key` entries, joined by commas.

        Raises:
            SetupError: The variable is not set, or malformed.
        """
        entries = os.environ.get(name, "").strip()
        if not entries:
            raise SetupError(f"a keyring in the environment variable {name}")
        held = cls(_read_entries(entries.split(",")), entropy=_SYSTEM)
        held._fixed = True
        return held

    @classmethod
    def ephemeral(cls, *, entropy: Entropy = _SYSTEM) -> Self:
        """Make a keyring that ends with this process, for tests and trials."""
        return cls((_named(1, entropy.bytes(KEY_SIZE)),), entropy=entropy)

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
            lambda keys: (_named(keys[0].version + 1, self._entropy.bytes(KEY_SIZE)), *keys)
        )
        return added[0].id

    def retire(self, key_id: str) -> None:
        """
        Remove a key that nothing needs any more: no row, no running worker, no backup.

        Raises:
            InvalidInput: It is the current key, or not in this keyring.
            SetupError: As for `add_key`.
        """

        def without(keys: Keys) -> Keys:
            if _find(keys[1:], key_id) is None:
                raise InvalidInput("a key of this keyring that is not current", field="key_id")
            return tuple(key for key in keys if key.id != key_id)

        self._change(without)

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
                keyring.replace(self._path, _close(changed, self._cover))
                return self._reread()

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
        self._keys, self._seen = _open(ring, self._cover), seen
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


def _named(counter: int, material: bytes) -> Key:
    digest = hashlib.sha256(b"mycvault root key %d " % counter + material).hexdigest()
    return Key(f"k{counter}-{digest[:8]}", counter, material)


def _read_entries(entries: list[str]) -> Keys:
    keys = []
    for found in map(_ENTRY.fullmatch, entries):
        if found is None:
            raise SetupError("keyring entries of the form id:key")
        key = _named(int(found[2]), base64.urlsafe_b64decode(found[3] + "="))
        if key.id != found[1]:
            raise SetupError(f"the key that is named {found[1]}")
        keys.append(key)
    # Falling counters also mean that no id stands twice.
    if not keys or any(a.version <= b.version for a, b in itertools.pairwise(keys)):
        raise SetupError("keyring entries, newest first")
    return tuple(keys)


def _write_entry(key: Key) -> str:
    return f"{key.id}:{base64.urlsafe_b64encode(key.material).decode().rstrip('=')}"


def _close(keys: Keys, cover: _Cover | None) -> Ring:
    entries = tuple(map(_write_entry, keys))
    if cover is None:
        return Ring(entries=entries)
    sealed = cover.key.seal(",".join(entries).encode(), cover.vector())
    return Ring(sealed=Sealed(costs=cover.costs, salt=cover.salt, entries=sealed))


def _open(ring: Ring, cover: _Cover | None) -> Keys:
    if ring.sealed is None and cover is None:
        return _read_entries(list(ring.entries))
    if ring.sealed is None or cover is None:
        raise WrongKeys("the passphrase that the keyring was opened with")
    try:
        entries = cover.key.unseal(ring.sealed.entries, cover.vector())
    except NotAuthentic as exc:
        raise WrongKeys("the passphrase of this keyring") from exc
    return _read_entries(entries.decode().split(","))


def _cover(ring: Ring, passphrase: str | None) -> _Cover | None:
    if ring.sealed is None:
        if passphrase is not None:
            raise SetupError("no passphrase: this keyring is under none")
        return None
    if passphrase is None:
        raise SetupError("the passphrase of this keyring")
    return _stretch(passphrase, dict(ring.sealed.costs), ring.sealed.salt)


def _stretch(passphrase: str, costs: dict[str, int], salt: bytes) -> _Cover:
    if not passphrase:
        raise SetupError("a passphrase that is not empty")
    material = stretch(passphrase, salt, **costs)
    return _Cover(costs=costs, salt=salt, key=Key("passphrase", 1, material))
