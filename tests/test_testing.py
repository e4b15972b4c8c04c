"""The public contracts: our own providers of keys pass theirs, a bad store fails, and without pytest it is said what to install."""

import pathlib
import subprocess
import sys

import pytest

from mycvault import KeyProvider, LocalKeys
from mycvault.testing.keys import KeyProviderContract


class TestKeysInMemory(KeyProviderContract):
    @pytest.fixture
    def keys(self) -> KeyProvider:
        return LocalKeys.ephemeral()

    @pytest.fixture
    def strange_keys(self) -> KeyProvider:
        return LocalKeys.ephemeral()


class TestKeysInAFile(KeyProviderContract):
    @pytest.fixture
    def keys(self, tmp_path: pathlib.Path) -> KeyProvider:
        LocalKeys.generate(tmp_path / "keyring")
        return LocalKeys.load(tmp_path / "keyring")

    @pytest.fixture
    def strange_keys(self, tmp_path: pathlib.Path) -> KeyProvider:
        return LocalKeys.generate(tmp_path / "other")


def test_without_pytest_it_says_what_to_install():
    """The library itself needs no pytest; its contracts name the extra."""
    code = "import sys; sys.modules['pytest'] = None\nimport mycvault\nimport mycvault.testing.contracts"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'mycvault[test]'" in done.stderr


FAULTY = '''
import pytest
from mycvault import BlobMissing
from mycvault.testing.contracts import BlobsContract

class Faulty:
    """FAULT"""
    def __init__(self): self.kept = {}
    def put(self, key, data): self.kept[key] = data if isinstance(data, bytes) else bytes(data) if isinstance(data, memoryview) else b"".join(iter(lambda: data.read(1 << 20), b""))
    def get(self, key, *, start=0, end=None):
        if key not in self.kept: raise BlobMissing
        return self.kept[key][start:end]
    def size(self, key): return len(self.get(key))
    def delete(self, key): self.kept.pop(key, None)
    def scan(self): return iter(list(self.kept))
    CHANGE

class TestFaulty(BlobsContract):
    checks_keys = False
    @pytest.fixture
    def make_blobs(self):
        blobs = Faulty()
        return lambda: blobs
'''


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("pass", ""),
        ("def get(self, key, *, start=0, end=None): return self.kept[key][start:end]", "test_nothing_there_is_missing"),
        ("def get(self, key, *, start=0, end=None): return self.kept.get(key, b'')", "test_ranges"),
        ("def delete(self, key): del self.kept[key]", "test_delete"),
        ("def scan(self): return iter(self.kept)", "test_deleting_while_scanning"),
        ("def size(self, key): return len(self.kept.get(key, b''))", "test_nothing_there_is_missing"),
        ("def put(self, key, data): self.kept[key] = bytes(data) if isinstance(data, (bytes, memoryview)) else data.read()", "test_files_come_back"),
        ("scan = None", "test_it_is_a_blobs"),
    ],
)  # fmt: skip
def test_the_contract_finds_a_fault(tmp_path, change, found):
    """A store with one fault fails the test that is about it; without a fault it passes."""
    test = tmp_path / "test_faulty.py"
    test.write_text(FAULTY.replace("CHANGE", change))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            tmp_path,
            test,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=120,
    )
    if found:
        assert f"TestFaulty::{found}" in done.stdout
    else:
        assert done.returncode == 0, done.stdout
