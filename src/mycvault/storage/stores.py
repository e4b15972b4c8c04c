"""
Where a vault's rows lie: the records, the personal keys' store beside them, and the mark of a local vault.

None given, a local vault keeps SQLite in its folder. The mark, `mycvault.json`, tells people and backups what the folder is; the
vault itself exists once its row is committed.
"""

import json
import os
import pathlib

import attrs

from mycvault.errors import SetupError, VaultMissing
from mycvault.storage.engine import RECORDS_FILE, Database, Engine

_MARK = "mycvault.json"
_FORMAT = 1


@attrs.frozen
class Stores:
    """The two databases of one vault; on PostgreSQL they are one."""

    records: Database
    personal: Database

    def close(self) -> None:
        """Close our own connections."""
        self.records.close()
        self.personal.close()


def open_stores(
    folder: pathlib.Path | None, records: str | Engine | None, *, create: bool
) -> Stores:
    """
    Open the records and the personal keys' store of a vault; *create* makes a local folder first.

    Raises:
        SetupError: A remote storage without records, or records that cannot be opened.
        VaultMissing: The local folder holds no records.
    """
    if records is None:
        if folder is None:
            raise SetupError(
                "a storage that is no local folder needs records: a database URL or engine"
            )
        path = folder / RECORDS_FILE
        if create:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not path.is_file():
            raise VaultMissing
        # A database file of the process's default mode would let others read times and sizes.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        records = f"sqlite:///{path}"
    database = Database.at(records)
    return Stores(database, database.beside())


def mark(folder: pathlib.Path, vault_id: str) -> None:
    """Write the mark of a local vault."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"vault": vault_id, "format": _FORMAT})
    (folder / _MARK).write_text(text + "\n", encoding="utf-8")
