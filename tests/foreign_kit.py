"""
Password hashes as other systems make them: by those systems' own code, as cheap as it allows.

`tests/vectors/foreign_hashes.toml` keeps what it made once; `foreign_worker.py` has it make new ones.
"""

import functools
import unicodedata

import attrs

from mycvault import Policy
from mycvault.crypto import foreign
from mycvault.crypto.passwords import Hasher

# Typed: plain, in both Unicode forms, and longer than bcrypt looks at.
TYPED = {
    "plain": "correct horse battery staple",
    "composed": unicodedata.normalize("NFC", "Crème brûlée à 3 €"),
    "decomposed": unicodedata.normalize("NFD", "Crème brûlée à 3 €"),
    "long": "a password of more than seventy-two bytes, é, which some systems cut off: "
    + "xyz" * 20,
}


@functools.cache
def _django():
    from django.conf import settings
    from django.contrib.auth import hashers

    if not settings.configured:
        settings.configure()
    return hashers


def _by_django(name, **costs):
    def make(password):
        hasher = type(name, (getattr(_django(), name),), costs)()
        return hasher.encode(password, hasher.salt())

    return make


def _by_django_argon2(password):
    # Django's own costs: it offers no other.
    hasher = _django().Argon2PasswordHasher()
    return hasher.encode(password, hasher.salt())


def _by_passlib(name, **costs):
    def make(password):
        from passlib import hash as hashes

        return getattr(hashes, name).using(**costs).hash(password)

    return make


def _by_werkzeug(method):
    def make(password):
        from werkzeug.security import generate_password_hash

        return generate_password_hash(password, method)

    return make


def _by_bcrypt(prefix):
    def make(password):
        import bcrypt

        made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
        return prefix + made[4:]

    return make


def _by_argon2(kind):
    def make(password):
        from argon2 import PasswordHasher
        from argon2.low_level import Type

        return PasswordHasher(1, 64, 1, type=Type[kind]).hash(password)

    return make


MAKERS = {
    "Django pbkdf2_sha256": _by_django("PBKDF2PasswordHasher", iterations=1000),
    "Django pbkdf2_sha1": _by_django("PBKDF2SHA1PasswordHasher", iterations=1000),
    "Django argon2": _by_django_argon2,
    "Django scrypt": _by_django("ScryptPasswordHasher", work_factor=64),
    "Django bcrypt_sha256": _by_django("BCryptSHA256PasswordHasher", rounds=4),
    "Django bcrypt": _by_django("BCryptPasswordHasher", rounds=4),
    "Odoo": _by_passlib("pbkdf2_sha512", rounds=1000),
    "passlib pbkdf2_sha256": _by_passlib("pbkdf2_sha256", rounds=1000),
    "passlib pbkdf2_sha1": _by_passlib("pbkdf2_sha1", rounds=1000),
    "passlib scrypt": _by_passlib("scrypt", rounds=6),
    "SSHA": _by_passlib("ldap_salted_sha1"),
    "SSHA256": _by_passlib("ldap_salted_sha256"),
    "SSHA512": _by_passlib("ldap_salted_sha512"),
    "Werkzeug pbkdf2:sha256": _by_werkzeug("pbkdf2:sha256:1000"),
    "Werkzeug pbkdf2:sha512": _by_werkzeug("pbkdf2:sha512:1000"),
    "Werkzeug pbkdf2:sha1": _by_werkzeug("pbkdf2:sha1:1000"),
    "Werkzeug scrypt": _by_werkzeug("scrypt:1024:8:1"),
    "bcrypt $2a$": _by_bcrypt("$2a$"),
    "bcrypt $2b$": _by_bcrypt("$2b$"),
    "bcrypt $2y$": _by_bcrypt("$2y$"),
    "argon2id": _by_argon2("ID"),
    "argon2i": _by_argon2("I"),
}


def can_make(name, password):
    """Tell whether a system takes this password: with bcrypt 5 it may refuse to hash a long one."""
    return not (name == "Django bcrypt" and len(password.encode()) > 72)


@attrs.frozen
class Sample:
    maker: str
    typed: str
    made: str

    @property
    def password(self):
        return TYPED[self.typed]


def samples():
    """Have every system hash every password."""
    return [
        Sample(name, typed, make(password))
        for name, make in MAKERS.items()
        for typed, password in TYPED.items()
        if can_make(name, password)
    ]


def judge(sample, hasher=None):
    """Hold one hash against what its password, and others like it, must come to."""
    hasher = hasher or Hasher(Policy.for_tests().passwords)
    stored = foreign.adoptable(sample.made)
    assert hasher.matches(stored, sample.password), sample
    for wrong in (
        "",
        sample.password[:-1] if sample.typed != "long" else "x",
        sample.password.upper(),
    ):
        assert not hasher.matches(stored, wrong), (sample, wrong)
    # What was hashed in NFC is found when it is typed in NFD; the other way round only as it was typed.
    assert hasher.matches(stored, unicodedata.normalize("NFD", sample.password)), sample
    composed = unicodedata.normalize("NFC", sample.password)
    assert hasher.matches(stored, composed) == (sample.typed != "decomposed"), sample
