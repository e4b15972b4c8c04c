"""
What encrypting a payslip costs: the library's content format against others, 60 kB in memory, whole.

Each peer is used as its documentation shows, under a key made beforehand. They do not all do the same: one call of AES-GCM
cannot be read by ranges and commits to no key; Fernet and secretstream cannot seek; age wraps a fresh key for a public key
each time; Tink's streams seek elsewhere than in Python. They stand here because each is what one would reach for instead.
"""

import io
import os
from collections.abc import Callable
from typing import Any

import attrs
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from harness import Bar, Row, Setting, Subject, compare

from mycvault.crypto import content

SIZE = 60_000
OURS = "mycvault (Cobblestone-256)"
GCM = "cryptography AESGCM, one call"
FERNET = "cryptography Fernet"
SECRETSTREAM = "PyNaCl secretstream, 16 KiB messages"
STREAM = "tink streaming, AES256_GCM_HKDF_1MB"
AEAD = "tink Aead, AES256_GCM"
AGE = "pyrage (age), X25519"
_LOOPS = 40
_MESSAGE = 16_384  # bytes, as our chunks


@attrs.frozen
class Cipher:
    """One way to seal and open."""

    seal: Callable[[bytes], bytes]
    open: Callable[[bytes], bytes]


def measure(setting: Setting) -> list[Row]:
    """Measure sealing, then opening."""
    plain = os.urandom(SIZE)
    makers = {
        OURS: _ours,
        GCM: _gcm,
        AEAD: _aead,
        STREAM: _stream,
        SECRETSTREAM: _secretstream,
        AGE: _age,
        FERNET: _fernet,
    }
    sealing, opening = [], []
    for name, make in makers.items():
        try:
            cipher = make()
        except ImportError as exc:
            gone = f"{exc.name} is not installed"
            sealing.append(Subject(name=name, missing=gone))
            opening.append(Subject(name=name, missing=gone))
            continue
        sealed = cipher.seal(plain)
        if cipher.open(sealed) != plain:
            raise ValueError(f"{name} did not give back what it was given")
        sealing.append(Subject(name=name, run=_with(cipher.seal, plain), loops=_LOOPS))
        opening.append(Subject(name=name, run=_with(cipher.open, sealed), loops=_LOOPS))
    slower = (STREAM, AGE, SECRETSTREAM, FERNET)
    return [
        compare(
            f"{verb} 60 kB",
            subjects,
            rounds=setting.count(50),
            warm_up=setting.warm_up,
            baseline=OURS,
            bars=[Bar(OURS, peer, 1.0) for peer in slower],
        )
        for verb, subjects in (("Sealing", sealing), ("Opening", opening))
    ]


def _with(work: Callable[[bytes], bytes], given: bytes) -> Callable[[Any], Any]:
    return lambda _given: work(given)


def _ours() -> Cipher:
    key, context = os.urandom(32), os.urandom(50)
    return Cipher(
        lambda plain: content.seal(plain, key=key, context=context),
        lambda sealed: content.unseal(sealed, key=key, context=context),
    )


def _gcm() -> Cipher:
    cipher = AESGCM(os.urandom(32))

    def seal(plain: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, plain, None)

    return Cipher(seal, lambda sealed: cipher.decrypt(sealed[:12], sealed[12:], None))


def _fernet() -> Cipher:
    cipher = Fernet(Fernet.generate_key())
    return Cipher(cipher.encrypt, cipher.decrypt)


def _secretstream() -> Cipher:
    from nacl import bindings

    key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
    header_size = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
    sealed_message = _MESSAGE + bindings.crypto_secretstream_xchacha20poly1305_ABYTES
    usual = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
    final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL

    def seal(plain: bytes) -> bytes:
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        pieces = [bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)]
        for start in range(0, len(plain), _MESSAGE):
            tag = final if start + _MESSAGE >= len(plain) else usual
            piece = plain[start : start + _MESSAGE]
            pieces.append(
                bindings.crypto_secretstream_xchacha20poly1305_push(state, piece, None, tag)
            )
        return b"".join(pieces)

    def unseal(sealed: bytes) -> bytes:
        state, pieces, tag = bindings.crypto_secretstream_xchacha20poly1305_state(), [], usual
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, sealed[:header_size], key)
        for start in range(header_size, len(sealed), sealed_message):
            piece = sealed[start : start + sealed_message]
            plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, piece)
            pieces.append(plain)
        if tag != final:
            raise ValueError("cut short")
        return b"".join(pieces)

    return Cipher(seal, unseal)


def _stream() -> Cipher:
    import tink
    from tink import streaming_aead

    streaming_aead.register()
    template = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
    cipher = tink.new_keyset_handle(template).primitive(streaming_aead.StreamingAead)
    context = os.urandom(50)

    def seal(plain: bytes) -> bytes:
        with _Kept() as kept:
            with cipher.new_encrypting_stream(kept, context) as stream:
                stream.write(plain)
            return kept.getvalue()

    def unseal(sealed: bytes) -> bytes:
        with cipher.new_decrypting_stream(io.BytesIO(sealed), context) as stream:
            return stream.read()

    return Cipher(seal, unseal)


class _Kept(io.BytesIO):
    """A file in memory that keeps its bytes when a stream closes it."""

    def close(self) -> None:
        """Stay open."""


def _aead() -> Cipher:
    import tink
    from tink import aead

    aead.register()
    cipher = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)
    context = os.urandom(50)
    return Cipher(
        lambda plain: cipher.encrypt(plain, context), lambda sealed: cipher.decrypt(sealed, context)
    )


def _age() -> Cipher:
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    recipients, identities = [identity.to_public()], [identity]
    return Cipher(
        lambda plain: pyrage.encrypt(plain, recipients),
        lambda sealed: pyrage.decrypt(sealed, identities),
    )
