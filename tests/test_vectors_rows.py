"""
Frozen rows and journal leaves: what an earlier release stored is still read, and nothing else is.

The journal's leaf is computed a second time here from docs/spec/journal.md, without the library.
"""

import contextlib
import hashlib
import hmac
import importlib.util
import json
import pathlib

import pytest
from sqlalchemy import select

from mycvault.errors import RecordDamaged
from mycvault.storage.columns import METADATA
from mycvault.storage.engine import Database
from mycvault.storage.rows import Rows

FOLDER = pathlib.Path(__file__).parent / "vectors"


def load_script():
    spec = importlib.util.spec_from_file_location("make_rows", FOLDER / "make_rows.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def frozen(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def unpacked(value):
    if isinstance(value, str) and value.startswith("hex:"):
        return bytes.fromhex(value[4:])
    return value


def read_back(script, changed=None, *, name="rows"):
    """Put the frozen rows into an empty database by plain SQL, and read them through the library."""
    vector = frozen(name)
    database = Database.at("sqlite://")
    found = {}
    with contextlib.closing(database), database.writing() as connection:
        METADATA.create_all(connection)
        for table, row in vector["rows"].items():
            stored = {column: unpacked(value) for column, value in row.items()} | (
                changed or {}
            ).get(table, {})
            marks, columns = ", ".join("?" * len(stored)), '", "'.join(stored)
            connection.exec_driver_sql(
                f'INSERT INTO {table} ("{columns}") VALUES ({marks})', tuple(stored.values())
            )
            rows = Rows(connection, vault_id=vector["vault_id"], ring=script.FixedRing())
            found[table] = rows.one(select(METADATA.tables[table]))
    return found


def test_script_makes_the_same_vectors(tmp_path):
    """
    The script gives the frozen bytes again.
    """
    script = load_script()

    script.main(tmp_path)

    for name in ("rows", "rows-2", "journal"):
        made = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        for table, row in made.get("rows", {}).items():
            # A column that came later is NULL in an old row, and changes nothing of it.
            kept = frozen(name)["rows"][table]
            made["rows"][table] = {k: v for k, v in row.items() if v is not None or k in kept}
        assert made == frozen(name)


@pytest.mark.parametrize(("name", "frozen_in"), [("rows", "FROZEN"), ("rows-2", "FROZEN_2")])
def test_frozen_rows_are_read(name, frozen_in):
    """
    Rows of earlier releases open under their keys, every field as it was given.
    """
    script = load_script()

    found = read_back(script, name=name)

    for table, given in getattr(script, frozen_in).items():
        shown = {name: found[table.name][name] for name in given if not name.endswith("_key")}
        assert shown == {name: value for name, value in given.items() if not name.endswith("_key")}


@pytest.mark.parametrize(
    "changed", [{"used_at": 1}, {"owner": "0" * 36}, {"expires_at": 2**50}, {"employer_id": None}]
)
def test_frozen_row_does_not_open_once_edited(changed):
    """
    A frozen link with one column edited, added or emptied is refused.
    """
    script = load_script()

    with pytest.raises(RecordDamaged):
        read_back(script, {"mycvault_links": changed})


def test_frozen_leaf_is_what_the_specification_says():
    """
    The leaf follows from header, details and blinding by docs/spec/journal.md alone.
    """
    vector = frozen("journal")
    blinding = bytes.fromhex(vector["blinding"])

    def mac(key, message):
        return hmac.digest(key, message, "sha256")

    def item(value):
        raw = str(value).encode()
        return (b"i" if isinstance(value, int) else b"s") + len(raw).to_bytes(4, "big") + raw

    header = b"".join(map(item, vector["header"]))
    digests = b""
    for name, value in sorted(vector["details"].items()):
        digest = mac(mac(blinding, b"field " + name.encode()), value.encode())
        digests += item(name) + b"b" + len(digest).to_bytes(4, "big") + digest
    commitment = mac(mac(blinding, b"leaf"), header + digests)

    assert commitment.hex() == vector["commitment"]
    assert hashlib.sha256(b"\0" + header + commitment).hexdigest() == vector["leaf"]
