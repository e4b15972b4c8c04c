"""
An export as its owner has it: on a disk, unpacked by the programs of her system, judged by them.
"""

import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from typing import Any

import services
from mycvault import Safe

FIXED = {
    "LISEZMOI-README.txt",
    "journal/journal.json",
    "journal/journal.csv",
    "manifest.json",
    "manifest.csv",
    "SHA256SUMS",
}


class Export:
    """What a ZIP holds, read by the standard library."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        self.entries = self._zip.infolist()
        self.names = [entry.filename for entry in self.entries]
        self.documents = [name for name in self.names if name not in FIXED]
        self.manifest: dict[str, Any] = json.loads(self.read("manifest.json"))
        self.listed: list[dict[str, Any]] = self.manifest["documents"]

    def read(self, name: str) -> bytes:
        return self._zip.read(name)

    def table(self, name: str, **how: Any) -> list[list[str]]:
        """Read a table as a spreadsheet does."""
        text = self.read(name).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), **how))

    def of(self, document_id: str) -> dict[str, Any]:
        """Find what the manifest says of a document."""
        (found,) = [one for one in self.listed if one["id"] == document_id]
        return found

    def content_of(self, document_id: str) -> bytes:
        return self.read(self.of(document_id)["path"])


def exported(safe: Safe) -> Export:
    """Export a safe whole."""
    file = io.BytesIO()
    safe.export(file)
    return Export(file.getvalue())


def joined(pieces: Iterable[bytes]) -> Export:
    """Read a stream to its end."""
    return Export(b"".join(pieces))


def unpacked(content: bytes, folder: pathlib.Path) -> pathlib.Path:
    """Have `unzip` test a ZIP and unpack it; give the folder it lies in then."""
    folder.mkdir()
    (folder / "export.zip").write_bytes(content)
    run("unzip", "-tqq", "export.zip", inside=folder)
    run("unzip", "-q", "export.zip", "-d", "out", inside=folder)
    return folder / "out"


def run(program: str, *words: str, inside: pathlib.Path) -> str:
    """Run a program that must succeed and give what it says; skip the test where it is not installed."""
    found = shutil.which(program)
    if found is None:
        services._absent(f"{program} is not installed")
    done = subprocess.run(
        [str(found), *words],
        cwd=inside,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
