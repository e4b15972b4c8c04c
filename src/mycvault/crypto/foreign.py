"""
Password hashes that other systems made, by an explicit list: what is not on it is no hash.

The list, the bounds and why each is read as it is: docs/decisions/0015-adopted-hashes.md. What a hash costs to verify is judged
before a byte is hashed, so that nobody's 8 GiB are ever asked for; what is found here verifies without another surprise.
passlib and libpass share one import name, either will do; bcrypt goes to `bcrypt`, which passlib no longer gets on with.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from mycvault.errors import InvalidInput, SetupError

Matches = Callable[[str], bool]

_LONGEST = 512  # characters; the longest that a system on the list writes has about 200
_ARGON2_KIB = 1024 * 1024  # 1 GiB; this and the passes as Ory Kratos bounds imports
_ARGON2_PASSES = 10
_ARGON2_LANES = 64  # each is a thread
_PBKDF2_ROUNDS = 5_000_000  # Django asks for 1.5 million in 2026
_SCRYPT_BYTES = 256 * 1024 * 1024  # OWASP's first choice takes 128 MiB
_SCRYPT_WORK = 2**23  # n·r·p: eight times OWASP's first choice
_BCRYPT_COST = 16  # 2^16 rounds: some seconds
_BCRYPT_BYTES = 72  # what bcrypt looks at; the systems on the list cut, bcrypt 5 refuses
_SHORTEST_SALT = 8  # bytes, as 8 KiB a lane what argon2 asks for (RFC 9106, 3.1)
_SHORTEST_TAG = 16  # bytes

_ARGON2 = re.compile(
    r"(?:argon2)?(?P<phc>\$argon2(?P<type>id|i)\$v=(?P<version>16|19)"
    r"\$m=(?P<memory>[1-9]\d{0,9}),t=(?P<passes>[1-9]\d{0,9}),p=(?P<lanes>[1-9]\d{0,7})"
    r"\$(?P<salt>[A-Za-z0-9+/]+)\$(?P<tag>[A-Za-z0-9+/]+))",
    re.ASCII,
)
_BCRYPT = re.compile(
    r"(?P<django>bcrypt_sha256\$|bcrypt\$)?"
    r"(?P<bcrypt>\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31})",
    re.ASCII,
)
_DJANGO_SCRYPT = re.compile(
    r"scrypt\$(?P<n>[1-9]\d{0,9})\$(?P<salt>[!-#%-~]+)\$(?P<r>[1-9]\d{0,7})\$(?P<p>[1-9]\d{0,7})"
    r"\$(?P<tag>[A-Za-z0-9+/]{86}==)",
    re.ASCII,
)
_WERKZEUG_SCRYPT = re.compile(
    r"scrypt:(?P<n>[1-9]\d{0,9}):(?P<r>[1-9]\d{0,7}):(?P<p>[1-9]\d{0,7})"
    r"\$(?P<salt>[!-#%-~]+)\$(?P<tag>[0-9a-f]{128})",
    re.ASCII,
)
_WERKZEUG_PBKDF2 = re.compile(
    r"pbkdf2:(?P<digest>sha1|sha256|sha512):(?P<rounds>[1-9]\d{0,9})"
    r"\$(?P<salt>[!-#%-~]+)\$(?P<tag>[0-9a-f]+)",
    re.ASCII,
)
_PASSLIB = {
    "pbkdf2_sha256$": "django_pbkdf2_sha256",
    "pbkdf2_sha1$": "django_pbkdf2_sha1",
    "$pbkdf2$": "pbkdf2_sha1",
    "$pbkdf2-sha256$": "pbkdf2_sha256",
    "$pbkdf2-sha512$": "pbkdf2_sha512",
    "$scrypt$": "scrypt",
    "{SSHA}": "ldap_salted_sha1",
    "{SSHA256}": "ldap_salted_sha256",
    "{SSHA512}": "ldap_salted_sha512",
}
_ARGON2_HASHER = PasswordHasher()


class NotReadable(Exception):  # noqa: N818 - states the fact
    """It is no hash of the list, or it asks for too much; *reason* as `InvalidInput` takes it."""

    def __init__(self, reason: str = "malformed") -> None:
        super().__init__(reason)
        self.reason = reason


@attrs.frozen
class Costs:
    """What an argon2id hash of the present version costs."""

    memory_kib: int
    passes: int


def adoptable(given: str) -> str:
    """
    Take a hash that another system made.

    Raises:
        InvalidInput: None of the list, or it costs more than the bounds; the hash is not repeated.
        SetupError: What verifies it is not installed; says what to install.
    """
    try:
        reader(given)
    except NotReadable as exc:
        # Not even as the cause: a parser's error may quote what it read.
        raise InvalidInput(
            "a password hash of a known form and cost", field="password_hash", reason=exc.reason
        ) from None
    return given


def reader(stored: str) -> Matches:
    """
    Give what tells whether a password is the one that was hashed; nothing is hashed yet.

    Raises:
        NotReadable: None of the list, malformed, or too costly.
        SetupError: What verifies it is not installed.
    """
    if not isinstance(stored, str) or len(stored) > _LONGEST or not stored.isascii():
        raise NotReadable
    for pattern, read in _FORMS:
        if found := pattern.fullmatch(stored):
            return read(found)
    for prefix, name in _PASSLIB.items():
        if stored.startswith(prefix):
            return _read_passlib(name, stored)
    raise NotReadable


def costs(stored: str) -> Costs | None:
    """Tell what an argon2id hash costs; None for every other kind, and for argon2's older version."""
    found = _ARGON2.fullmatch(stored)
    if found is None or found["phc"] != stored or found["type"] + found["version"] != "id19":
        return None
    return Costs(int(found["memory"]), int(found["passes"]))


# ------------------------------------------------------------------ form by form


def _read_argon2(found: re.Match[str]) -> Matches:
    memory, passes, lanes = (int(found[name]) for name in ("memory", "passes", "lanes"))
    _bound(memory <= _ARGON2_KIB and passes <= _ARGON2_PASSES and lanes <= _ARGON2_LANES)
    salt, tag = _raw(found["salt"]), _raw(found["tag"])
    if memory < 8 * lanes or len(salt) < _SHORTEST_SALT or len(tag) < _SHORTEST_TAG:
        raise NotReadable
    return partial(_argon2_matches, found["phc"])


def _argon2_matches(stored: str, password: str) -> bool:
    try:
        return _ARGON2_HASHER.verify(stored, password)
    except VerifyMismatchError:
        return False


def _read_bcrypt(found: re.Match[str]) -> Matches:
    _bound(int(found["cost"]) <= _BCRYPT_COST)
    if int(found["cost"]) < 4:  # noqa: PLR2004 - the least that bcrypt takes
        raise NotReadable
    bcrypt = _bcrypt()
    stored = found["bcrypt"].encode()
    is_digested = found["django"] == "bcrypt_sha256$"

    def matches(password: str) -> bool:
        text = password.encode()
        if is_digested:
            text = hashlib.sha256(text).hexdigest().encode()
        return bool(bcrypt.checkpw(text[:_BCRYPT_BYTES], stored))

    return matches


def _read_django_scrypt(found: re.Match[str]) -> Matches:
    return _scrypt(found, base64.b64decode(found["tag"]))


def _read_werkzeug_scrypt(found: re.Match[str]) -> Matches:
    return _scrypt(found, bytes.fromhex(found["tag"]))


def _scrypt(found: re.Match[str], tag: bytes) -> Matches:
    n, r, p = (int(found[name]) for name in "nrp")
    _bound_scrypt(n, r, p)
    most = 128 * r * (n + p + 2) + 1024 * 1024  # what it takes, and some room (RFC 7914, 2)
    derive = partial(
        hashlib.scrypt, salt=found["salt"].encode(), n=n, r=r, p=p, maxmem=most, dklen=len(tag)
    )
    return lambda password: hmac.compare_digest(derive(password.encode()), tag)


def _read_werkzeug_pbkdf2(found: re.Match[str]) -> Matches:
    digest, rounds = found["digest"], int(found["rounds"])
    _bound(rounds <= _PBKDF2_ROUNDS)
    if len(found["tag"]) != 2 * hashlib.new(digest).digest_size:
        raise NotReadable
    tag, salt = bytes.fromhex(found["tag"]), found["salt"].encode()
    return lambda password: hmac.compare_digest(
        hashlib.pbkdf2_hmac(digest, password.encode(), salt, rounds), tag
    )


def _read_passlib(name: str, stored: str) -> Matches:
    handler = getattr(_passlib(), name)
    try:
        parsed = handler.from_string(stored)
    except (ValueError, TypeError):
        raise NotReadable from None
    if not parsed.checksum:
        raise NotReadable
    if name == "scrypt":
        _bound_scrypt(2**parsed.rounds, parsed.block_size, parsed.parallelism)
    else:
        _bound(getattr(parsed, "rounds", 0) <= _PBKDF2_ROUNDS)
    return lambda password: bool(handler.verify(password, stored))


_FORMS = (
    (_ARGON2, _read_argon2),
    (_BCRYPT, _read_bcrypt),
    (_DJANGO_SCRYPT, _read_django_scrypt),
    (_WERKZEUG_SCRYPT, _read_werkzeug_scrypt),
    (_WERKZEUG_PBKDF2, _read_werkzeug_pbkdf2),
)


def _bound(within: bool) -> None:
    if not within:
        raise NotReadable("costly")


def _bound_scrypt(n: int, r: int, p: int) -> None:
    _bound(128 * n * r <= _SCRYPT_BYTES and n * r * p <= _SCRYPT_WORK)
    if n < 2 or n & (n - 1):  # noqa: PLR2004 - a power of two (RFC 7914, 2)
        raise NotReadable


def _raw(text: str) -> bytes:
    """Read base64 without padding, as PHC strings have it; NotReadable when a strict reader would not."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise NotReadable from None
    if base64.b64encode(raw).rstrip(b"=") != text.encode():
        raise NotReadable
    return raw


def _passlib() -> Any:
    try:
        from passlib import hash as hashes
    except ImportError as exc:
        # One of the two was uninstalled beside the other, and took the files they share along.
        raise SetupError("this hash needs passlib or libpass, whole: install one again") from exc
    return hashes


def _bcrypt() -> Any:
    try:
        import bcrypt
    except ImportError as exc:
        raise SetupError("a bcrypt hash needs the package bcrypt: mycvault[bcrypt]") from exc
    return bcrypt
