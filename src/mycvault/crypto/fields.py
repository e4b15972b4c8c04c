"""
Small secrets at rest: fields, wrapped keys, row seals and blind indexes.

Each 256-bit key is used through sub-keys only, one use each: HKDF-Expand-SHA-512 (RFC 5869) with the use as info. Fields and
keys are sealed by AES-SIV (RFC 5297) with a *vector* as associated data, never a joined string. Deterministic on purpose: no
nonce can repeat, and the vector names the row. Row seals and blind indexes are HMAC-SHA-256 over the canonical encoding.
Imported by `storage/rows.py`, `keys/service.py` and `keys/local.py` alone. Format: docs/spec/fields.md.
"""

import hmac
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from mycvault.crypto.encoding import Value, encode, encode_one

KEY_SIZE = 32  # bytes
_SUITE = b"\x01"  # AES-256-SIV with 512-bit sub-keys by HKDF-Expand-SHA-512
_PREFIX = b"mycvault/1/"
_SHA256 = SHA256()
_SHA512 = SHA512()


class NotAuthentic(Exception):  # noqa: N818 - a fact, like every leaf of errors.py
    """The bytes are not what was sealed under this key for this vector; the caller says what that means."""


class Key:
    """One version of one 256-bit key, with its sub-keys made on first use; `repr` shows only its name."""

    __slots__ = ("_fields", "_keyed", "_keys", "_material", "id", "name", "version")

    def __init__(self, key_id: str, version: int, material: bytes) -> None:
        if len(material) != KEY_SIZE:
            raise ValueError("a key is 32 bytes")
        self.id = key_id
        self.version = version
        self._material = material
        self.name = name_of(version)  # what all that it seals and wraps begins with
        self._fields: AESSIV | None = None
        self._keys: AESSIV | None = None
        self._keyed: HMAC | None = None

    def __repr__(self) -> str:
        return f"Key({self.id!r}, version {self.version})"

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled")

    @property
    def material(self) -> bytes:
        """The 32 bytes themselves, for wrapping and for contents."""
        return self._material

    def seal(self, plain: bytes, vector: Iterable[Value]) -> bytes:
        """Seal a field for its place; the result names the suite and this key's version."""
        return self.seal_encoded(plain, _associated(vector))

    def seal_encoded(self, plain: bytes, vector: list[bytes]) -> bytes:
        """Do as `seal`, for a place whose values are encoded already, each by itself."""
        return self.name + self._for_fields().encrypt(plain, vector)

    def unseal(self, sealed: bytes, vector: Iterable[Value]) -> bytes:
        """
        Open a field sealed for this place.

        Raises:
            NotAuthentic: Other bytes, another place, another key or another version.
        """
        return self.unseal_encoded(sealed, _associated(vector))

    def unseal_encoded(self, sealed: bytes, vector: list[bytes]) -> bytes:
        """Do as `unseal`, for a place whose values are encoded already, each by itself."""
        return self._open(self._for_fields(), sealed, vector)

    def wrap(self, key: bytes, vector: Iterable[Value]) -> bytes:
        """Seal another key for its place, under a sub-key of its own."""
        return self.name + self._for_keys().encrypt(key, _associated(vector))

    def unwrap(self, wrapped: bytes, vector: Iterable[Value]) -> bytes:
        """
        Open a key wrapped for this place.

        Raises:
            NotAuthentic: Other bytes, another place, another key or another version.
        """
        return self._open(self._for_keys(), wrapped, _associated(vector))

    def mac(self, values: Iterable[Value]) -> bytes:
        """Compute 32 bytes over *values*: the seal of a row, the index of a value, the proof of a code."""
        return self.mac_encoded(encode(values))

    def mac_encoded(self, encoded: bytes) -> bytes:
        """Compute what `mac` does, over values that are encoded already."""
        if self._keyed is None:
            self._keyed = HMAC(subkey(self._material, "mac", 32), _SHA256)
        # Keyed once and copied for each message: keying it costs more than what it then computes.
        keyed = self._keyed.copy()
        keyed.update(encoded)
        return keyed.finalize()

    def public_key(self) -> bytes:
        """Give the public half (32 bytes, Ed25519) of the sub-key that this key signs with."""
        signer = Ed25519PrivateKey.from_private_bytes(subkey(self._material, "ed25519", 32))
        return signer.public_key().public_bytes_raw()

    def _open(self, cipher: AESSIV, sealed: bytes, vector: list[bytes]) -> bytes:
        if sealed[:5] != self.name:
            raise NotAuthentic
        try:
            return cipher.decrypt(sealed[5:], vector)
        except (InvalidTag, ValueError):
            raise NotAuthentic from None

    def _for_fields(self) -> AESSIV:
        if self._fields is None:
            self._fields = AESSIV(subkey(self._material, "fields", 64))
        return self._fields

    def _for_keys(self) -> AESSIV:
        if self._keys is None:
            self._keys = AESSIV(subkey(self._material, "keys", 64))
        return self._keys


def name_of(version: int) -> bytes:
    """Give the 5 bytes that all that a version of a key seals and wraps begins with: the suite, and the version."""
    return _SUITE + version.to_bytes(4)


def version_of(sealed: bytes) -> int:
    """Read which version of its key sealed these bytes; 0 when they name no suite we know."""
    return int.from_bytes(sealed[1:5]) if sealed[:1] == _SUITE and len(sealed) > 5 else 0  # noqa: PLR2004


def subkey(key: bytes, use: str, size: int) -> bytes:
    """Expand *key* for one *use* into *size* bytes."""
    return HKDFExpand(_SHA512, size, _PREFIX + use.encode()).derive(key)


def equal(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)


def _associated(vector: Iterable[Value]) -> list[bytes]:
    return list(map(encode_one, vector))
