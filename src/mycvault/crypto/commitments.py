"""
What a journal leaf commits to, so that it can be proved without being told, and forgotten without breaking the tree.

Leaf = SHA-256(0x00 ‖ header ‖ HMAC(r, header ‖ digests)): the header and the HMAC stand in clear; r is derived from 32 random
bytes sealed with the details. Each detail is digested under a key of its own, so that a proof can leave one out and still not
let it be guessed. Deleting the random bytes leaves the tree whole. Format: docs/spec/journal.md.
"""

import hashlib
from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from mycvault.crypto.encoding import Value, encode

BLINDING_SIZE = 32  # bytes
_SHA256 = SHA256()


def commit(blinding: bytes, header: Iterable[Value], details: Mapping[str, str]) -> bytes:
    """Commit to *details* under *header*: 32 bytes that tell nothing without *blinding*."""
    blinded = HMAC(blinding, _SHA256)
    digests: list[Value] = []
    for name in sorted(details):
        key = _mac(blinded.copy(), b"field " + name.encode())
        digests += (name, _mac(HMAC(key, _SHA256), details[name].encode()))
    key = _mac(blinded, b"leaf")
    return _mac(HMAC(key, _SHA256), encode(header) + encode(digests))


def leaf(header: Iterable[Value], commitment: bytes) -> bytes:
    """Hash one journal row into the leaf of an RFC 6962 tree."""
    return hashlib.sha256(b"\0" + encode(header) + commitment).digest()


def _mac(keyed: HMAC, data: bytes) -> bytes:
    keyed.update(data)
    return keyed.finalize()
