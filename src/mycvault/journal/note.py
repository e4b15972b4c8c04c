"""
The key that a vault's journal is signed with, as those write it down who verify it: a C2SP signed-note verifier key.

Text: `<name>+<key hash>+<key>`. The name is the journal's origin; the key is 0x01 (Ed25519) and its 32 bytes in base64; the hash,
8 hexadecimal digits, the first 4 bytes of SHA-256 over name, line feed and key. Source: c2sp.org/signed-note.
"""

import base64
import hashlib

_ED25519 = b"\x01"
_HASH_SIZE = 4  # bytes


def origin(vault_id: str) -> str:
    """Name a vault's journal."""
    return f"mycvault/{vault_id}"


def verifier_key(name: str, public_key: bytes) -> str:
    """Write an Ed25519 public key (32 bytes) for whoever verifies notes of *name*."""
    key = _ED25519 + public_key
    digest = hashlib.sha256(name.encode() + b"\n" + key).digest()[:_HASH_SIZE]
    return f"{name}+{digest.hex()}+{base64.b64encode(key).decode()}"
