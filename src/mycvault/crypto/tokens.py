"""
Secrets handed out: links, sessions, challenges.

Text: `mcv_<purpose>_<55 base32 letters>`: 32 random bytes and 2 bytes of checksum over purpose and secret, so that a link cut
by a mail client is told from a wrong one without a look-up. Stored as SHA-256 only. Format: docs/spec/tokens.md.
"""

import base64
import binascii
import hashlib
import re

from mycvault.errors import LinkDamaged

SECRET_SIZE = 32  # bytes
_CHECK_SIZE = 2
_FORM = re.compile(r"mcv_([a-z]+)_([a-z2-7]{55})", re.ASCII)


def write(purpose: str, secret: bytes) -> str:
    """Write *secret* (32 bytes) for a person or a cookie."""
    packed = base64.b32encode(secret + _check(purpose, secret)).decode().rstrip("=").lower()
    return f"mcv_{purpose}_{packed}"


def read(text: str) -> tuple[str, bytes]:
    """
    Read what `write` wrote: its purpose and the digest it is stored under.

    White space that a mail client put inside and capital letters are forgiven.

    Raises:
        LinkDamaged: Cut, rewrapped or mistyped.
    """
    packed = "".join(text.split()).lower() if isinstance(text, str) and len(text) < 1000 else ""  # noqa: PLR2004
    found = _FORM.fullmatch(packed)
    if found is None:
        raise LinkDamaged
    try:
        raw = base64.b32decode(found[2].upper() + "=")
    except binascii.Error:
        raise LinkDamaged from None
    secret, check = raw[:SECRET_SIZE], raw[SECRET_SIZE:]
    if check != _check(found[1], secret) or write(found[1], secret) != packed:
        raise LinkDamaged
    return found[1], digest(secret)


def digest(secret: bytes) -> bytes:
    """Give what is stored in place of *secret*; 256 random bits need nothing slower against guessing."""
    return hashlib.sha256(secret).digest()


def _check(purpose: str, secret: bytes) -> bytes:
    return hashlib.sha256(b"mycvault token " + purpose.encode() + b" " + secret).digest()[
        :_CHECK_SIZE
    ]
