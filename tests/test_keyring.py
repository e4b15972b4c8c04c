"""
The keyring's file, passphrase and line: read strictly, written once, and never quoted.

Rule: a file that others may touch, that was changed, or whose passphrase is another, opens nothing.
"""

import json

import pytest

from mycvault.errors import KeysUnavailable, SetupError, WrongKeys
from mycvault.keys.local import LocalKeys

INNER = bytes(range(32))
CONTEXT = b"vault key"


def secrets_of(path):
    """Give the keys that stand in a keyring file, as they are written."""
    return [entry.partition(":")[2] for entry in json.loads(path.read_text())["keys"]]


def works(keys):
    return keys.unwrap(keys.wrap(INNER, context=CONTEXT), context=CONTEXT) == INNER


# ------------------------------------------------------------------ the file


def test_a_file_is_made_once(tmp_path):
    """A keyring file is its owner's alone, is never overwritten, and leaves nothing beside it."""
    path = tmp_path / "ring"
    keys = LocalKeys.generate(path)
    made = path.read_bytes()

    assert path.stat().st_mode & 0o777 == 0o600
    for taken in (path, tmp_path, tmp_path / "no" / "ring"):
        with pytest.raises(SetupError):
            LocalKeys.generate(taken)
    assert made == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())
    assert keys.wrap(b"k", context=b"") == LocalKeys.load(path).wrap(b"k", context=b"")
    assert works(LocalKeys.load(str(path)))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o601])
def test_a_file_that_others_may_touch_is_refused(mode, tmp_path):
    """A keyring file with any right for others is refused, also when it got it later."""
    keys = LocalKeys.generate(tmp_path / "ring")
    (tmp_path / "ring").chmod(mode)

    with pytest.raises(SetupError):
        LocalKeys.load(tmp_path / "ring")
    with pytest.raises(SetupError):
        keys.add_key()


BAD = [
    b"",
    b"{}",
    b"[" * 100_000,
    b"\xff\xfe",
    b'{"format": "mycvault keyring 2", "keys": []}',
    b'{"format": "mycvault keyring 1"}',
    b'{"format": "mycvault keyring 1", "keys": []}',
    b'{"format": "mycvault keyring 1", "keys": [7]}',
    b'{"format": "mycvault keyring 1", "keys": "k1-00000000:A"}',
    b'{"format": "mycvault keyring 1", "keys": ["k1-00000000:%s"]}' % (b"A" * 43),
    b" " * (1024 * 1024) + b"{}",
]


@pytest.mark.parametrize("text", BAD)
def test_a_malformed_file_is_refused(text, tmp_path):
    """A file of another form is refused, and the error does not carry it along."""
    path = tmp_path / "ring"
    path.write_bytes(text)
    path.chmod(0o600)

    with pytest.raises(SetupError) as refused:
        LocalKeys.load(path)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_missing_file_is_a_fault_of_setup(tmp_path):
    """A missing file and a folder are refused; one that vanishes later stops wrapping, not reading."""
    for path in (tmp_path / "ring", tmp_path):
        with pytest.raises(SetupError):
            LocalKeys.load(path)
    keys = LocalKeys.generate(tmp_path / "ring")
    wrapped = keys.wrap(INNER, context=CONTEXT)
    (tmp_path / "ring").unlink()

    assert keys.unwrap(wrapped, context=CONTEXT) == INNER
    with pytest.raises(KeysUnavailable):
        keys.wrap(INNER, context=CONTEXT)
    with pytest.raises(KeysUnavailable):
        keys.unwrap(LocalKeys.ephemeral().wrap(INNER, context=CONTEXT), context=CONTEXT)


def test_a_change_keeps_a_link(tmp_path):
    """A keyring behind a symbolic link is changed where it lies."""
    LocalKeys.generate(tmp_path / "ring")
    (tmp_path / "link").symlink_to("ring")

    LocalKeys.load(tmp_path / "link").add_key()

    assert (tmp_path / "link").is_symlink()
    assert len(secrets_of(tmp_path / "ring")) == 2


# ------------------------------------------------------------------ the passphrase


def test_a_passphrase_covers_the_keys(tmp_path):
    """Under a passphrase no key stands in the file, and only that passphrase opens it."""
    path = tmp_path / "ring"
    keys = LocalKeys.generate(path, passphrase="clé")
    keys.add_key()

    assert "keys" not in json.loads(path.read_text())
    assert keys.current() == LocalKeys.load(path, passphrase="cle\u0301").current()
    with pytest.raises(WrongKeys):
        LocalKeys.load(path, passphrase="cle")
    for missing in (None, ""):
        with pytest.raises(SetupError):
            LocalKeys.load(path, passphrase=missing)
    with pytest.raises(SetupError):
        LocalKeys.generate(tmp_path / "other", passphrase="")
    assert works(keys)
    with pytest.raises(SetupError):
        LocalKeys.load(ring_in_clear(tmp_path / "clear"), passphrase="clé")


def ring_in_clear(path):
    LocalKeys.generate(path)
    return path


@pytest.mark.parametrize(
    "changed",
    [
        {"memory_kib": 8 * 1024 * 1024},
        {"memory_kib": 16},
        {"memory_kib": "65536"},
        {"memory_kib": True},
        {"passes": 11},
        {"passes": 0},
        {"lanes": 17},
        {"lanes": -1},
        {"hash": "scrypt"},
        {"salt": "AAAA"},
        {"salt": "?"},
        {"sealed": None},
    ],
)
def test_a_file_may_not_ask_for_too_much(changed, tmp_path):
    """Costs beyond bounds, another hash and damaged texts are refused before anything is spent."""
    path = tmp_path / "ring"
    LocalKeys.generate(path, passphrase="clé")
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | changed))

    with pytest.raises(SetupError) as refused:
        LocalKeys.load(path, passphrase="clé")
    assert not isinstance(refused.value, WrongKeys)


@pytest.mark.parametrize("changed", [{"passes": 2}, {"lanes": 2}, {"sealed": "AAAA"}])
def test_changed_costs_do_not_open(changed, tmp_path):
    """Cheaper costs, or other sealed bytes, are wrong keys."""
    path = tmp_path / "ring"
    LocalKeys.generate(path, passphrase="clé")
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))

    with pytest.raises(WrongKeys):
        LocalKeys.load(path, passphrase="clé")


# ------------------------------------------------------------------ the environment


def test_the_environment_holds_a_keyring(tmp_path, monkeypatch):
    """The entries of a file, joined by commas, are the same keyring; it is not changed from inside."""
    keys = LocalKeys.generate(tmp_path / "ring")
    keys.add_key()
    line = ",".join(json.loads((tmp_path / "ring").read_text())["keys"])
    monkeypatch.setenv("MYCVAULT_KEYS", line)

    held = LocalKeys.from_env()

    assert keys.wrap(INNER, context=CONTEXT) == held.wrap(INNER, context=CONTEXT)
    with pytest.raises(SetupError):
        held.add_key()
    with pytest.raises(SetupError):
        held.retire(held.current())


def test_a_malformed_environment_is_not_quoted(tmp_path, monkeypatch):
    """A malformed variable is refused, and neither the message nor its causes quote it."""
    LocalKeys.generate(tmp_path / "ring").add_key()
    new, old = json.loads((tmp_path / "ring").read_text())["keys"]
    bad = ["", " ", "x", f"{old},{new}", f"{new},{new}", f"{new},", new[:-1], new + "A"]
    bad += [f"{new} {old}", new.replace("k2", "k3"), new.replace(":", "="), "k0" + new[2:]]

    for line in bad:
        monkeypatch.setenv("RING", line)
        with pytest.raises(SetupError) as refused:
            LocalKeys.from_env("RING")
        assert refused.value.__context__ is None
        assert not any(secret in str(refused.value) for secret in secrets_of(tmp_path / "ring"))
    monkeypatch.delenv("RING")
    with pytest.raises(SetupError):
        LocalKeys.from_env("RING")
