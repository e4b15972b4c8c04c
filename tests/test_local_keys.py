"""
The keyring: wraps for its context alone, keeps every key whatever runs at once, and shows none.

Rule: what was wrapped under a key opens as long as that key is in the keyring, and nowhere else.
"""

import json
import os
import pathlib
import pickle
import subprocess
import sys
import threading

import pytest

import mycvault
from mycvault.errors import InvalidInput, MycvaultError, WrongKeys
from mycvault.keys.local import LocalKeys
from mycvault.ports import KeyProvider

INNER = bytes(range(32))
CONTEXT = b"vault key"


class Counted:
    """Randomness that counts: each draw is another, and always the same."""

    def __init__(self):
        self.drawn = 0

    def bytes(self, size):
        self.drawn += 1
        return self.drawn.to_bytes(size)


def secrets_of(path):
    """Give the keys that stand in a keyring file, as they are written."""
    return [entry.partition(":")[2] for entry in json.loads(path.read_text())["keys"]]


# ------------------------------------------------------------------ wrapping


def test_wrapped_key_names_its_key_and_context():
    """What one keyring wrapped opens by its key and for its context only."""
    keys, others = LocalKeys.ephemeral(), LocalKeys.ephemeral()
    wrapped = keys.wrap(INNER, context=CONTEXT)

    assert isinstance(keys, KeyProvider)
    assert keys.unwrap(wrapped, context=CONTEXT) == INNER
    assert keys.current() == keys.key_id(wrapped) == others.key_id(wrapped)
    assert INNER not in wrapped
    for ring, context in ((keys, b"other"), (keys, b""), (others, CONTEXT)):
        with pytest.raises(WrongKeys):
            ring.unwrap(wrapped, context=context)


def test_changed_bytes_are_wrong_keys():
    """Any flipped byte, any cut and rubbish are refused as wrong keys."""
    keys = LocalKeys.ephemeral()
    wrapped = keys.wrap(INNER, context=CONTEXT)

    flips = [wrapped[:n] + bytes([wrapped[n] ^ 1]) + wrapped[n + 1 :] for n in range(len(wrapped))]
    cuts = [wrapped[:n] for n in range(len(wrapped))]
    for other in (*flips, *cuts, wrapped + b"\0", bytes(66), b"\1\3\xff\xff\xffrest"):
        with pytest.raises(WrongKeys):
            keys.unwrap(other, context=CONTEXT)


def test_a_new_key_wraps_and_the_old_ones_still_open(tmp_path):
    """Keys are added in front; one is retired when nothing needs it, the current one never."""
    for keys in (LocalKeys.ephemeral(), LocalKeys.generate(tmp_path / "ring")):
        first, wrapped = keys.current(), keys.wrap(INNER, context=CONTEXT)
        second = keys.add_key()

        assert (second, second) == (keys.current(), keys.key_id(keys.wrap(b"k", context=b"")))
        assert first.startswith("k1-")
        assert second.startswith("k2-")
        assert keys.unwrap(wrapped, context=CONTEXT) == INNER
        for key_id in (second, "k9-00000000", ""):
            with pytest.raises(InvalidInput):
                keys.retire(key_id)
        keys.retire(first)
        with pytest.raises(WrongKeys):
            keys.unwrap(wrapped, context=CONTEXT)
        assert keys.add_key().startswith("k3-")


def test_ids_are_made_of_the_keys():
    """The same randomness gives the same keyring, another one other ids."""
    one, same = LocalKeys.ephemeral(entropy=Counted()), LocalKeys.ephemeral(entropy=Counted())

    assert one.wrap(INNER, context=CONTEXT) == same.wrap(INNER, context=CONTEXT)
    assert one.current() == same.current() != LocalKeys.ephemeral().current()


# ------------------------------------------------------------------ hiding and sharing


def test_keys_are_hidden(tmp_path):
    """`repr` shows ids, errors show nothing, and nobody pickles a keyring."""
    keys = LocalKeys.generate(tmp_path / "ring")
    keys.add_key()

    shown = repr(keys) + repr(vars(keys))
    assert f"LocalKeys({keys.current()}, " in shown
    for secret in secrets_of(tmp_path / "ring"):
        assert secret not in shown
    for key in keys._keys:
        assert key.material.hex() not in shown
        assert repr(key.material) not in shown
    with pytest.raises(TypeError):
        pickle.dumps(keys)


def test_another_process_is_followed(tmp_path):
    """A key added elsewhere opens and wraps here at once; one retired elsewhere wraps no more."""
    here = LocalKeys.generate(tmp_path / "ring", passphrase="clé")
    there = LocalKeys.load(tmp_path / "ring", passphrase="clé")
    first = here.current()

    added = there.add_key()
    there.retire(first)

    assert added == here.key_id(here.wrap(INNER, context=CONTEXT)) == here.current()
    assert here.unwrap(there.wrap(INNER, context=CONTEXT), context=CONTEXT) == INNER


def test_a_keyring_under_a_new_passphrase_is_not_followed(tmp_path):
    """When the file is replaced by one under another passphrase, or none, its keys are wrong keys."""
    keys = LocalKeys.generate(tmp_path / "ring", passphrase="clé")
    for passphrase in ("other", None):
        (tmp_path / "ring").unlink()
        LocalKeys.generate(tmp_path / "ring", passphrase=passphrase)

        with pytest.raises(WrongKeys):
            keys.wrap(INNER, context=CONTEXT)
        with pytest.raises(MycvaultError):
            keys.add_key()


def test_threads_lose_no_key(tmp_path):
    """Threads that add keys at once, through one keyring or several, lose none."""
    path = tmp_path / "ring"
    shared = LocalKeys.generate(path)
    made = []

    def add(keys):
        made.append(keys.add_key())

    rings = [shared] * 4 + [LocalKeys.load(path) for _ in range(4)]
    threads = [threading.Thread(target=add, args=(keys,)) for keys in rings for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    held = LocalKeys.load(path)
    assert len(set(made)) == 32
    assert set(made) < {key.id for key in held._keys}
    assert list(range(33, 0, -1)) == [key.version for key in held._keys]


def test_processes_lose_no_key(tmp_path):
    """Processes that add keys at once lose none."""
    path = tmp_path / "ring"
    LocalKeys.generate(path)
    code = (
        "import sys; from mycvault.keys.local import LocalKeys\n"
        "keys = LocalKeys.load(sys.argv[1])\n"
        "for _ in range(10): print(keys.add_key())\n"
    )
    source = str(pathlib.Path(mycvault.__path__[0]).parent)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": source},
        )
        for _ in range(4)
    ]

    made = {line for process in running for line in process.communicate()[0].split()}

    assert [process.returncode for process in running] == [0] * 4
    assert len(made) == 40
    assert made < {key.id for key in LocalKeys.load(path)._keys}
    assert {"ring", "ring.lock"} == {each.name for each in tmp_path.iterdir()}
