"""
A root key is retired when no vault that the keyring knows needs it, and not before.

The keyring's file keeps, for each vault that was opened with it, the oldest key that its rows need; the vaults write it themselves.
"""

import json

import pytest

import kit
from mycvault import InvalidInput, KeysUnavailable, LocalKeys, Policy, SetupError, Vault

INNER = bytes(range(32))


@pytest.fixture(params=[None, "clé"])
def ring(request, tmp_path):
    """A keyring file, without and with a passphrase."""
    LocalKeys.generate(tmp_path / "ring", passphrase=request.param)
    return Ring(tmp_path / "ring", request.param)


class Ring:
    def __init__(self, path, passphrase):
        self.path, self.passphrase = path, passphrase

    def load(self):
        return LocalKeys.load(self.path, passphrase=self.passphrase)

    def needed(self):
        return json.loads(self.path.read_text()).get("needed", {})


def refused(keys, key_id):
    with pytest.raises(InvalidInput) as told:
        keys.retire(key_id)
    return told.value.reason


def test_a_key_that_a_vault_needs_is_not_retired(ring, tmp_path):
    """Neither here nor by a process that has never seen the vault, until a rotation left nothing under it."""
    keys = ring.load()
    first = keys.current()
    with kit.make_vault(tmp_path / "vault", None, keys=keys) as vault:
        vault.add_employer("Acme SAS", reference="acme")
        keys.add_key()

        assert {refused(one, first) for one in (keys, ring.load())} == {"needed"}
        vault.upkeep.rotate_keys(dry_run=True)
        assert refused(keys, first) == "needed"
        vault.upkeep.rotate_keys()
        ring.load().retire(first)
        assert refused(keys, keys.current()) == "malformed"

    with Vault.open(tmp_path / "vault", keys=ring.load(), policy=Policy.for_tests()) as vault:
        assert vault.employer("acme").reference == "acme"


def test_a_keyring_of_two_vaults_waits_for_both(ring, tmp_path):
    """A key is needed as long as one of them was not rotated; one that is no more can be forgotten."""
    keys = ring.load()
    first = keys.current()
    one = kit.make_vault(tmp_path / "one", None, keys=keys)
    other = kit.make_vault(tmp_path / "other", None, keys=keys)
    with one, other:
        second = keys.add_key()
        one.upkeep.rotate_keys()
        assert refused(keys, first) == "needed"
        other.upkeep.rotate_keys()
        keys.retire(first)
        keys.add_key()
        one.upkeep.rotate_keys()

    assert refused(keys, second) == "needed"
    ring.load().forget_vault(other.id)
    keys.forget_vault("nobody")
    keys.retire(second)
    assert ring.needed() == {one.id: keys.current()}


def test_keys_of_this_process_alone_are_kept_too():
    """An ephemeral keyring refuses as a file does."""
    keys = LocalKeys.ephemeral()
    first = keys.current()
    with kit.Vault.create(
        "memory://retiring", keys=keys, records="sqlite://", policy=Policy.for_tests()
    ) as vault:
        keys.add_key()
        assert refused(keys, first) == "needed"
        vault.upkeep.rotate_keys()
        keys.retire(first)
        vault.add_employer("Acme SAS", reference="acme")


def test_keys_made_since_the_last_rotation_are_kept(ring, tmp_path):
    """An employer that came after a key was added needs that key, although the vault's own is under the one before."""
    keys = ring.load()
    with kit.make_vault(tmp_path / "vault", None, keys=keys) as vault:
        second = keys.add_key()
        vault.add_employer("Acme SAS", reference="acme")
        keys.add_key()
        assert refused(keys, second) == "needed"
        vault.upkeep.rotate_keys()
        keys.retire(second)
        assert vault.employer("acme").enrol("A-1", given_name="Zoe", family_name="Exemple")


def test_a_note_is_written_once(ring, tmp_path):
    """Opening again leaves the file as it is; changes of keys leave the notes."""
    with kit.make_vault(tmp_path / "vault", None, keys=ring.load()) as vault:
        before = ring.path.stat()
    Vault.open(tmp_path / "vault", keys=ring.load(), policy=Policy.for_tests()).close()
    assert ring.path.stat().st_ino == before.st_ino
    first = ring.load().current()
    ring.load().add_key()

    assert ring.needed() == {vault.id: first}


def test_a_keyring_that_cannot_be_written_opens_vaults_all_the_same(ring, tmp_path, monkeypatch):
    """A file that is another user's, or cannot be replaced, is left alone; nobody fails over a note."""
    held = ring.load()
    before = ring.path.read_bytes()
    monkeypatch.setattr("os.geteuid", lambda: ring.path.stat().st_uid + 1)
    with kit.make_vault(tmp_path / "vault", None, keys=held) as vault:
        vault.upkeep.rotate_keys()
    with pytest.raises(SetupError):
        held.forget_vault(vault.id)

    assert ring.path.read_bytes() == before


def test_a_keyring_that_is_gone_opens_vaults_all_the_same(ring, tmp_path):
    """What it held in memory opens them; a new key cannot be made."""
    kit.make_vault(tmp_path / "vault", None, keys=ring.load()).close()
    held = ring.load()
    held.add_key()
    ring.path.unlink()

    with (
        Vault.open(tmp_path / "vault", keys=held, policy=Policy.for_tests()) as vault,
        pytest.raises(KeysUnavailable),
    ):
        vault.add_employer("Acme SAS", reference="acme")


@pytest.mark.parametrize("said", ["x", ["k1"], {"v": 1}, 3, None])
def test_notes_that_are_none_are_refused(said, tmp_path):
    """A file whose notes are malformed is no keyring."""
    LocalKeys.generate(tmp_path / "ring")
    told = json.loads((tmp_path / "ring").read_text())
    (tmp_path / "ring").write_text(json.dumps({**told, "needed": said}))

    with pytest.raises(SetupError):
        LocalKeys.load(tmp_path / "ring")


def test_a_note_of_a_key_that_is_no_id_keeps_nothing(tmp_path):
    """A vault under somebody else's root keys has nothing noted here."""
    keys = LocalKeys.generate(tmp_path / "ring")
    assert keys.note("vault", ["arn:of:a:kms"])
    assert keys.noted("vault") is None
