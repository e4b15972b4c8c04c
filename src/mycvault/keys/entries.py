"""
Root keys as a keyring's entries: `id:key` texts, newest first, in clear or under a passphrase.

Rule: a key's id is made from the key, and its counter tells which of two is older. Nothing here reads or writes a file. Format:
docs/spec/keyring.md.
"""

import base64
import hashlib
import itertools
import re
from collections.abc import Mapping

import attrs

from mycvault.crypto.fields import Key, NotAuthentic
from mycvault.crypto.passphrases import stretch
from mycvault.errors import SetupError, WrongKeys
from mycvault.keys import keyring
from mycvault.keys.keyring import Ring, Sealed

_ID = re.compile(r"k([1-9][0-9]{0,8})-[0-9a-f]{8}", re.ASCII)
_ENTRY = re.compile(r"(k([1-9][0-9]{0,8})-[0-9a-f]{8}):([A-Za-z0-9_-]{43})", re.ASCII)
COSTS = {"memory_kib": 64 * 1024, "passes": 3, "lanes": 4}  # RFC 9106, second profile

Keys = tuple[Key, ...]


@attrs.frozen(kw_only=True)
class Cover:
    """A passphrase's key, made once, and how it was made."""

    costs: dict[str, int]
    salt: bytes
    key: Key

    def vector(self) -> tuple[str | int | bytes, ...]:
        """Name what the key seals, so that neither costs nor salt are changed."""
        costs = self.costs
        return keyring.FORMAT, costs["memory_kib"], costs["passes"], costs["lanes"], self.salt


def counter(key_id: str) -> int:
    """Read which key of a keyring it was, the first, the second, …; 0 when it is none's id."""
    found = _ID.fullmatch(key_id)
    return int(found[1]) if found else 0


def named(counter: int, material: bytes) -> Key:
    """Name a root key after itself."""
    digest = hashlib.sha256(b"mycvault root key %d " % counter + material).hexdigest()
    return Key(f"k{counter}-{digest[:8]}", counter, material)


def parse(entries: list[str]) -> Keys:
    """Read entries; SetupError when they are malformed, or not newest first."""
    keys = []
    for found in map(_ENTRY.fullmatch, entries):
        if found is None:
            raise SetupError("keyring entries of the form id:key")
        key = named(int(found[2]), base64.urlsafe_b64decode(found[3] + "="))
        if key.id != found[1]:
            raise SetupError(f"the key that is named {found[1]}")
        keys.append(key)
    # Falling counters also mean that no id stands twice.
    if not keys or any(a.version <= b.version for a, b in itertools.pairwise(keys)):
        raise SetupError("keyring entries, newest first")
    return tuple(keys)


def _entry(key: Key) -> str:
    return f"{key.id}:{base64.urlsafe_b64encode(key.material).decode().rstrip('=')}"


def close(keys: Keys, cover: Cover | None, needed: Mapping[str, str]) -> Ring:
    """Write keys down, under a passphrase's key if there is one."""
    entries = tuple(map(_entry, keys))
    if cover is None:
        return Ring(entries=entries, needed=needed)
    sealed = cover.key.seal(",".join(entries).encode(), cover.vector())
    return Ring(sealed=Sealed(costs=cover.costs, salt=cover.salt, entries=sealed), needed=needed)


def opened(ring: Ring, cover: Cover | None) -> Keys:
    """Read the keys of a keyring. WrongKeys: under another passphrase. SetupError: malformed."""
    if ring.sealed is None and cover is None:
        return parse(list(ring.entries))
    if ring.sealed is None or cover is None:
        raise WrongKeys("the passphrase that the keyring was opened with")
    try:
        entries = cover.key.unseal(ring.sealed.entries, cover.vector())
    except NotAuthentic as exc:
        raise WrongKeys("the passphrase of this keyring") from exc
    return parse(entries.decode().split(","))


def cover_of(ring: Ring, passphrase: str | None) -> Cover | None:
    """Make the key that a keyring is sealed under; SetupError when a passphrase is missing, or not needed."""
    if ring.sealed is None:
        if passphrase is not None:
            raise SetupError("no passphrase: this keyring is under none")
        return None
    if passphrase is None:
        raise SetupError("the passphrase of this keyring")
    return stretched(passphrase, dict(ring.sealed.costs), ring.sealed.salt)


def stretched(passphrase: str, costs: dict[str, int], salt: bytes) -> Cover:
    """Make a key of a passphrase, which takes a while on purpose; SetupError when it is empty."""
    if not passphrase:
        raise SetupError("a passphrase that is not empty")
    material = stretch(passphrase, salt, **costs)
    return Cover(costs=costs, salt=salt, key=Key("passphrase", 1, material))
