"""
A passphrase made into a key: Argon2id, for the keyring file.

The costs are the caller's to choose, to store and to bound: a file from elsewhere must not choose
how much memory is taken. Source: RFC 9106, section 4. Format: docs/spec/keyring.md.
"""

import unicodedata

from argon2.low_level import Type, hash_secret_raw

SALT_SIZE = 16  # bytes


def stretch(passphrase: str, salt: bytes, *, memory_kib: int, passes: int, lanes: int) -> bytes:
    """Make 32 bytes of *passphrase*, composed (NFC) so that every keyboard gives the same."""
    return hash_secret_raw(
        secret=unicodedata.normalize("NFC", passphrase).encode(),
        salt=salt,
        time_cost=passes,
        memory_cost=memory_kib,
        parallelism=lanes,
        hash_len=32,
        type=Type.ID,
    )
