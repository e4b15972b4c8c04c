"""The key that will sign the journal: written as the signed-note format says, the same for the vault's whole life."""

import base64
import hashlib
import re

import kit
from mycvault import LocalKeys, Vault
from mycvault.crypto.fields import KEY_SIZE, Key
from mycvault.journal import note


def test_a_verifier_key_reads_as_the_format_says():
    """The example of the format's own text: its name, hash and Ed25519 key."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = base64.b64decode(text.split("+", 2)[2])

    assert note.verifier_key("PeterNeumann", key[1:]) == text


def test_a_vault_has_one_for_life(tmp_path):
    """It names the vault, outlives a reopening and a rotation, and another vault has another."""
    keys = LocalKeys.generate(tmp_path / "keyring")
    with kit.make_vault(tmp_path / "vault", None, keys=keys) as vault:
        found = vault.journal.public_key
        keys.add_key()
        assert vault.upkeep.rotate_keys().ok
        name, digest, key = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+(.+)", found).groups()
        vault_id = vault.id
    with Vault.open(tmp_path / "vault", keys=keys) as again:
        assert again.journal.public_key == found

    raw = base64.b64decode(key)
    assert name == f"mycvault/{vault_id}"
    assert (raw[0], len(raw)) == (1, 33)
    assert digest == hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    with Vault.in_memory() as other:
        assert other.journal.public_key.rpartition("+")[2] != key


def test_a_key_has_one_public_half():
    """A vector: the public half of a known secret, so that no release changes it."""
    key = Key("signing", 1, bytes(range(KEY_SIZE)))

    assert key.public_key().hex() == VECTOR


VECTOR = "019ad5d3ed98a606616d7e90d0e5d030758920c36c3bee3cd900f700140a61d4"
