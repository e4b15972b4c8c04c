"""
The script that made the vectors beside it, from fixed inputs: it gives the same bytes at every run.

It refuses to overwrite: a vector is never edited, one is added. Contents are sealed here by a second implementation of the
format, with a chosen salt; one came out of the library, whose salt is random, and stands here as it was.
Run from the repository: `python tests/vectors/make.py [folder]`.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from mycvault.crypto import tokens
from mycvault.crypto.encoding import encode
from mycvault.crypto.fields import Key, subkey
from mycvault.crypto.passphrases import stretch

VAULT = "0190a3c4-5b6d-7e8f-9a0b-1c2d3e4f5061"
DOCUMENT = "0190a3c4-5b6d-7e8f-9a0b-1c2d3e4f5062"
LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
FROM_THE_LIBRARY = (
    "Hk7KXWKFIEb6ix0g0hP81fTK1wIQBjqy7vg9ZoTM/IbSutpKrSqhTFilViN+n6boGS/vlacy"
    "ApDqkb9aqGOVHcKSGhsJrIYZyJxXwCqi2nKA7NKaSUoMKS4ln86gvkmLGArBCNJQ7/IwTDg="
)


def fixed(name, size):
    """Give *size* bytes that look random and are always the same."""
    return hashlib.shake_256(b"mycvault vector " + name.encode()).digest(size)


def seal(plain, key, salt, context):
    """Seal as Cobblestone-256 does, with a chosen salt."""
    derived = HKDFExpand(SHA512(), 76, LABEL + salt + context).derive(key)
    cipher, base = AESGCM(derived[:32]), int.from_bytes(derived[32:44])
    sealed = salt + derived[44:]
    for number in range(len(plain) // 16384 + 1):
        chunk = plain[number * 16384 : (number + 1) * 16384]
        sealed += cipher.encrypt((base ^ number).to_bytes(12), chunk, None)
    return sealed


def content():
    """Make contents at the sizes where chunks begin and end."""
    context = b"mycvault/1/content" + bytes.fromhex((VAULT + DOCUMENT).replace("-", ""))
    key = fixed("document key", 32)
    cases = [
        {"size": size, "sealed": text(seal(fixed("content", size), key, salt, context))}
        for size, salt in ((n, fixed(f"salt {n}", 24)) for n in (0, 1, 16383, 16384, 16385))
    ]
    cases.append({"size": 35, "sealed": FROM_THE_LIBRARY})
    return {
        "vault_id": VAULT,
        "document_id": DOCUMENT,
        "context": context.hex(),
        "key": key.hex(),
        "plain": "the first bytes of SHAKE-256('mycvault vector content')",
        "cases": cases,
    }


def encoding():
    """Make encodings of lists; bytes are written as {"bytes": hexadecimal digits}."""
    lists = [
        [],
        [None],
        [""],
        [b""],
        [0],
        [-12],
        [True, False],
        ["safe", 7, None],
        ["é", "e\u0301"],
        [b"\x00\xff", "ab", "", "c"],
        [1 << 70],
    ]
    written = [[{"bytes": v.hex()} if isinstance(v, bytes) else v for v in vs] for vs in lists]
    return [
        {"values": values, "encoded": encode(given).hex()}
        for values, given in zip(written, lists, strict=True)
    ]


def fields():
    """Make sub-keys, sealed fields, wrapped keys and seals."""
    key = Key("a key", 7, fixed("field key", 32))
    vector = [VAULT, "employees", "name", "0190a3c4-5b6d-7e8f-9a0b-1c2d3e4f5063", 3]
    plains = (b"", b"Camille", fixed("long field", 200))
    uses = {"fields": 64, "keys": 64, "mac": 32}
    return {
        "key": key.material.hex(),
        "version": 7,
        "vector": vector,
        "subkeys": {use: subkey(key.material, use, size).hex() for use, size in uses.items()},
        "sealed": [{"plain": p.hex(), "sealed": key.seal(p, vector).hex()} for p in plains],
        "wrapped": {
            "key": fixed("inner key", 32).hex(),
            "wrapped": key.wrap(fixed("inner key", 32), vector).hex(),
        },
        "mac": key.mac(vector).hex(),
    }


def handed_out():
    """Make tokens, with the digest they are stored under."""
    return [
        {
            "purpose": purpose,
            "secret": secret.hex(),
            "text": tokens.write(purpose, secret),
            "digest": tokens.digest(secret).hex(),
        }
        for purpose, secret in (
            ("invitation", bytes(32)),
            ("session", b"\xff" * 32),
            ("recovery", fixed("token", 32)),
        )
    ]


def keyring():
    """Make a keyring of two keys, in clear, under a passphrase and in a line, and a wrapped key."""
    roots = []
    for counter, material in ((2, fixed("root 2", 32)), (1, fixed("root 1", 32))):
        digest = hashlib.sha256(b"mycvault root key %d " % counter + material).hexdigest()
        roots.append(Key(f"k{counter}-{digest[:8]}", counter, material))
    entries = [
        f"{root.id}:{base64.urlsafe_b64encode(root.material).decode().rstrip('=')}"
        for root in roots
    ]
    salt, costs = fixed("keyring salt", 16), {"memory_kib": 1024, "passes": 2, "lanes": 2}
    cover = Key("passphrase", 1, stretch("clé à molette", salt, **costs))
    vector = ("mycvault keyring 1", 1024, 2, 2, salt)
    sealed = cover.seal(",".join(entries).encode(), vector)
    name = roots[0].id
    inner = fixed("vault key", 32)
    wrapped = roots[0].wrap(inner, (b"mycvault root", name, b"vault key"))
    covered = {"hash": "argon2id", **costs, "salt": text(salt), "sealed": text(sealed)}
    return {
        "plain": {"format": "mycvault keyring 1", "keys": entries},
        "passphrase": "clé à molette",
        "covered": {"format": "mycvault keyring 1", **covered},
        "line": ",".join(entries),
        "current": name,
        "context": "vault key",
        "key": inner.hex(),
        "wrapped": (b"\x01" + bytes([len(name)]) + name.encode() + wrapped).hex(),
    }


def text(raw):
    """Write bytes in base64."""
    return base64.b64encode(raw).decode()


MADE = {
    "content": content,
    "encoding": encoding,
    "fields": fields,
    "tokens": handed_out,
    "keyring": keyring,
}


def main(folder):
    """Write what is not there yet."""
    for name, made in MADE.items():
        path = folder / f"{name}.json"
        if path.exists():
            raise SystemExit(f"{path.name} exists: a vector is never edited")
        path.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(*sys.argv[1:2]) if sys.argv[1:] else pathlib.Path(__file__).parent)
