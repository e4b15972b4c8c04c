"""
The script that made `rows.json`, `rows-2.json` and `journal.json`, from fixed inputs: it gives the same bytes at every run.

It writes one row of each sealing kind through the library into an empty SQLite database, and freezes what came to lie there.
It refuses to overwrite: a vector is never edited, one is added. Run from the repository: `python tests/vectors/make_rows.py`.
"""

import contextlib
import datetime as dt
import hashlib
import json
import pathlib
import sys

from mycvault.accounts.records import ADDRESSES
from mycvault.crypto.commitments import commit, leaf
from mycvault.crypto.fields import Key
from mycvault.delivery.records import DECLARATIONS
from mycvault.directory.records import EMPLOYEES
from mycvault.documents.marks import CORRECTIONS
from mycvault.documents.records import DOCUMENTS
from mycvault.journal.service import header
from mycvault.links.records import LINKS
from mycvault.retention.records import DESTRUCTIONS, HOLDS
from mycvault.storage.columns import METADATA
from mycvault.storage.engine import Database
from mycvault.storage.rows import Rows

VAULT = "0190a3c4-5b6d-7e8f-9a0b-1c2d3e4f5061"
ROW, OWNER, EMPLOYER = (f"0190a3c4-5b6d-7e8f-9a0b-0000000000{n:02d}" for n in range(3))
MOMENT = dt.datetime(2026, 10, 31, 23, 30, 0, 123456, tzinfo=dt.UTC)
NAMES = ("index", "seals", "journal", OWNER)
FROZEN = {
    ADDRESSES: {
        "id": ROW,
        "account_id": OWNER,
        "kind": "email",
        "sealed_by": OWNER,
        "text": "zelie@example.org",
        "identifier_key": "email:zelie@example.org",
        "proved_at": MOMENT,
    },
    EMPLOYEES: {
        "id": ROW,
        "employer_id": EMPLOYER,
        "safe_id": OWNER,
        "sealed_by": OWNER,
        "matricule": "A-0042",
        "given_name": "Zélie",
        "family_name": "Exemplaire",
        "birth_date": dt.date(1990, 2, 28),
        "locale": "fr",
    },
    LINKS: {
        "id": ROW,
        "purpose": "invite",
        "secret": bytes(32),
        "owner": OWNER,
        "subject": OWNER,
        "employer_id": EMPLOYER,
        "channel": "email",
        "sent_to_key": "email:zelie@example.org",
        "expires_at": MOMENT,
    },
}

FROZEN_2 = {
    DECLARATIONS: {
        "id": ROW,
        "record_id": OWNER,
        "employer_id": EMPLOYER,
        "ordinal": 1,
        "what": "objection",
        "sealed_by": OWNER,
        "on": dt.date(2026, 11, 30),
        "effective_on": dt.date(2026, 12, 15),
        "latest_effective_on": dt.date(2027, 2, 28),
        "means": "letter",
        "by": "employer",
        "receipt": "Reçu le 30 novembre 2026.",
        "recorded_at": MOMENT,
    },
    HOLDS: {
        "id": ROW,
        "employer_id": EMPLOYER,
        "record_id": OWNER,
        "key_id": ROW,
        "sealed_by": OWNER,
        "reason": "a dispute",
        "until": "2027-11-30",
        "placed_at": MOMENT,
    },
    CORRECTIONS: {"id": ROW, "document_id": OWNER, "corrected_id": EMPLOYER},
    DESTRUCTIONS: {
        "id": ROW,
        "at": MOMENT,
        "cause": "owner",
        "subject": OWNER,
        "documents": 1,
        "effective_on": "2026-11-30",
    },
    DOCUMENTS: {
        "id": ROW,
        "safe_id": OWNER,
        "employer_id": EMPLOYER,
        "sealed_by": OWNER,
        "kind": "payslip",
        "period": "2026-10",
        "title": "Bulletin de paie 2026-10",
        "reference": "run 10",
        "media_type": "application/pdf",
        "size": 600,
        "sha256": "ab" * 32,
        "deposited_at": MOMENT,
        "keep_until": "2076-11-01",
        "notes": "no-notice",
    },
}


class FixedRing:
    """Keys made from their names."""

    def ready(self, key_ids):
        """Have every key at hand."""

    def key(self, key_id, version=None):
        """Make the key of that name."""
        return Key(key_id, 1, hashlib.sha256(b"mycvault vector " + key_id.encode()).digest())


def rows(frozen):
    """Write the rows, and read what lies in the database."""
    database = Database.at("sqlite://")
    made = {}
    with contextlib.closing(database), database.writing() as connection:
        METADATA.create_all(connection)
        written = Rows(connection, vault_id=VAULT, ring=FixedRing())
        for table, row in frozen.items():
            written.insert(table, row)
            found = connection.exec_driver_sql(f"SELECT * FROM {table.name}").mappings().one()
            made[table.name] = {name: packed(value) for name, value in found.items()}
    keys = {name: FixedRing().key(name).material.hex() for name in NAMES}
    return {"vault_id": VAULT, "keys": keys, "rows": made}


def journal():
    """Commit to one event."""
    entry = {
        "id": ROW,
        "at": MOMENT,
        "verb": "open",
        "outcome": "",
        "who": "employee",
        "actor": EMPLOYER,
        "subject": OWNER,
        "sequence": 7,
        "about": ROW,
    }
    details = {"address": "192.0.2.7", "device": "un navigateur"}
    blinding = hashlib.sha256(b"mycvault vector blinding").digest()
    head = header(entry, VAULT)
    commitment = commit(blinding, head, details)
    return {
        "header": head,
        "details": details,
        "blinding": blinding.hex(),
        "commitment": commitment.hex(),
        "leaf": leaf(head, commitment).hex(),
    }


def packed(value):
    """Write a stored value as JSON: bytes as hexadecimal after a mark."""
    return "hex:" + value.hex() if isinstance(value, bytes) else value


def main(folder):
    """Write the vectors that are not there yet."""
    made = {"rows": lambda: rows(FROZEN), "rows-2": lambda: rows(FROZEN_2), "journal": journal}
    for name, make in made.items():
        path = folder / f"{name}.json"
        if path.exists():
            raise SystemExit(f"{path.name} is frozen: add a vector, never edit one")
        path.write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
