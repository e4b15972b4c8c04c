"""
The frozen vectors: what was stored once must open for ever, here and by the decryptor of the documentation.

Rule: a vector is never edited, one is added; `tests/vectors/make.py` makes the same bytes again.
"""

import base64
import functools
import hashlib
import importlib.util
import json
import pathlib
import re

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor

from mycvault.crypto import content, tokens
from mycvault.crypto.encoding import encode
from mycvault.crypto.fields import Key, subkey, version_of
from mycvault.errors import WrongKeys
from mycvault.keys.local import LocalKeys

HERE = pathlib.Path(__file__).parent / "vectors"
SPEC = HERE.parent.parent / "docs" / "spec"
NAMES = ("content", "encoding", "fields", "tokens", "keyring")


def frozen(name):
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


@functools.cache
def script():
    spec = importlib.util.spec_from_file_location("vector_script", HERE / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documented_decryptor():
    """Run the one block of Python in docs/spec/content.md and give its function."""
    page = (SPEC / "content.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert "mycvault." not in block
    assert "import mycvault" not in block
    assert len([line for line in block.splitlines() if line.strip()]) <= 30
    names = {}
    exec(compile(block, "content.md", "exec"), names)
    return names["decrypt"]


def contents():
    """Give every frozen content, sealed and plain."""
    said = frozen("content")
    for case in said["cases"]:
        plain = hashlib.shake_256(b"mycvault vector content").digest(case["size"])
        yield base64.b64decode(case["sealed"]), plain


def test_script_makes_the_same_vectors(tmp_path):
    """What made the vectors makes them again, and overwrites nothing."""
    script().main(tmp_path)

    for name in NAMES:
        assert (HERE / f"{name}.json").read_bytes() == (tmp_path / f"{name}.json").read_bytes()
    with pytest.raises(SystemExit):
        script().main(tmp_path)


def test_frozen_contents_open():
    """Every frozen content opens whole, by ranges, by the library and by the documented decryptor."""
    said = frozen("content")
    key = bytes.fromhex(said["key"])
    context = content.content_context(said["vault_id"], said["document_id"])
    documented = documented_decryptor()
    assert said["context"] == context.hex()

    for sealed, plain in contents():
        last = len(plain) // content.CHUNK
        library = Cobblestone256Decryptor(key, context)
        opener = content.Opener(key, context, sealed[: content.HEADER])

        assert len(sealed) == content.sealed_size(len(plain))
        assert plain == content.unseal(sealed, key=key, context=context)
        assert plain == opener.open_chunks(0, sealed[content.HEADER :], last=last)
        assert plain == library.update(sealed) + library.finalize()
        assert plain == documented(sealed, key, said["vault_id"], said["document_id"])


def test_documented_decryptor_refuses():
    """The documented decryptor refuses what was cut, changed or sealed for another document."""
    said = frozen("content")
    key = bytes.fromhex(said["key"])
    documented = documented_decryptor()
    vault, document = said["vault_id"], said["document_id"]

    for sealed, plain in contents():
        cuts = {0, 55, 56, len(sealed) - 1, *range(56, len(sealed), 16400)}
        wrong = [
            *((sealed[:cut], key, vault, document) for cut in cuts),
            *((flipped(sealed, n), key, vault, document) for n in (0, 30, 56, len(sealed) - 1)),
            (sealed + b"\0", key, vault, document),
            (sealed, bytes(32), vault, document),
            (sealed, key, document, vault),
        ]
        for case in wrong:
            with pytest.raises(Exception, match=r".*"):
                documented(*case)
        assert plain == documented(sealed, key, vault, document)


def flipped(raw, place):
    place = min(place, len(raw) - 1)
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def test_frozen_encodings_hold():
    """Every list encodes to its frozen bytes."""
    for case in frozen("encoding"):
        values = [bytes.fromhex(v["bytes"]) if isinstance(v, dict) else v for v in case["values"]]
        assert case["encoded"] == encode(values).hex()


def test_frozen_fields_open():
    """Sub-keys, sealed fields, wrapped keys and seals are the frozen ones."""
    said = frozen("fields")
    key = Key("whatever it is called", said["version"], bytes.fromhex(said["key"]))
    vector, inner = said["vector"], said["wrapped"]

    for use, expected in said["subkeys"].items():
        assert expected == subkey(key.material, use, len(expected) // 2).hex()
    for case in said["sealed"]:
        sealed = bytes.fromhex(case["sealed"])
        assert case["plain"] == key.unseal(sealed, vector).hex()
        assert sealed == key.seal(bytes.fromhex(case["plain"]), vector)
        assert said["version"] == version_of(sealed)
    assert inner["key"] == key.unwrap(bytes.fromhex(inner["wrapped"]), vector).hex()
    assert said["mac"] == key.mac(vector).hex()


def test_frozen_tokens_are_read():
    """Every frozen token is read, and written the same."""
    for case in frozen("tokens"):
        secret = bytes.fromhex(case["secret"])
        assert case["text"] == tokens.write(case["purpose"], secret)
        assert (case["purpose"], bytes.fromhex(case["digest"])) == tokens.read(case["text"])


def test_frozen_keyrings_unwrap(tmp_path, monkeypatch):
    """A keyring in clear, under its passphrase and in the environment unwraps the frozen key."""
    said = frozen("keyring")
    monkeypatch.setenv("RING", said["line"] + "\n")
    files = {}
    for name in ("plain", "covered"):
        files[name] = tmp_path / name
        files[name].write_text(json.dumps(said[name]), encoding="utf-8")
        files[name].chmod(0o600)
    rings = (
        LocalKeys.load(files["plain"]),
        LocalKeys.load(files["covered"], passphrase=said["passphrase"]),
        LocalKeys.load(files["covered"], passphrase="cle\u0301 a\u0300 molette"),
        LocalKeys.from_env("RING"),
    )
    wrapped, context = bytes.fromhex(said["wrapped"]), said["context"].encode()

    for ring in rings:
        assert said["current"] == ring.current() == ring.key_id(wrapped)
        assert said["key"] == ring.unwrap(wrapped, context=context).hex()
        assert wrapped == ring.wrap(bytes.fromhex(said["key"]), context=context)
        with pytest.raises(WrongKeys):
            ring.unwrap(wrapped, context=b"another")
