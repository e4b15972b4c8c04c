"""
Codes of authenticator apps: RFC 6238 with SHA-1, six digits, a step of 30 seconds, as every app reads them.

The only place that imports pyotp. Keyword arguments and a loop of our own over counters work with 2.9 to 2.12, give the step
that matched, and compare in constant time: every step is tried, whichever matches.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

import pyotp

DIGITS = 6
STEP_SECONDS = 30
SECRET_SIZE = 20  # bytes: 160 bits, the size of SHA-1's output (RFC 4226, section 4, R6)


def written(secret: bytes) -> str:
    """Write *secret* (20 bytes) as an app takes it when it is typed: 32 letters of base32."""
    return base64.b32encode(secret).decode()


def matching(secret: bytes, code: str, steps: Iterable[int]) -> list[int]:
    """List those of *steps* (counted in 30 seconds since 1970) whose code is *code*."""
    app = _app(secret)
    typed = code.encode()
    return [s for s in steps if hmac.compare_digest(app.generate_otp(s).encode(), typed)]


def uri(secret: bytes, *, issuer: str, account: str) -> str:
    """Write the `otpauth://` address an app reads from a QR code, percent-encoded."""
    return str(_app(secret).provisioning_uri(name=account, issuer_name=issuer))


def _app(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(s=written(secret), digits=DIGITS, digest=hashlib.sha1, interval=STEP_SECONDS)
