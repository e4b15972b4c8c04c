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

    def check(self) -> None:
        """
        Make sure that records that hold a vault have their personal keys beside them.

        Raises:
            SetupError: Their file is missing, as after half a restore: without it nothing of anybody opens.
        """
        if _is_missing(self.personal):
            raise SetupError("the store of personal keys is missing: restore it beside the records")

    def close(self) -> None:
        """Close our own connections."""
        self.records.close()
        self.personal.close()


def open_stores(
    folder: pathlib.Path | None, records: str | Engine | None, *, create: bool
) -> Stores:
    """
    Open the records and the personal keys' store of a vault; *create* makes folder and files first, for their owner alone.

    Raises:
        SetupError: A remote storage without records, or records that cannot be opened or made.
        VaultMissing: There is no such file, and none is made.
    """
    if records is None:
        if folder is None:
            raise SetupError(
                "a storage that is no local folder needs records: a database URL or engine"
            )
        if create:
            _make_folder(folder)
        records = f"sqlite:///{folder / RECORDS_FILE}"
    database = Database.at(records)
    found = Stores(database, database.beside())
    if create:
        _make(found.records)
        _make(found.personal)
    elif _is_missing(database):
        raise VaultMissing
    return found


def _is_missing(database: Database) -> bool:
    return database.file is not None and not database.file.is_file()


def _make(database: Database) -> None:
    # SQLite's own mode would let others read times and sizes; what stands beside the file takes its mode.
    if database.file is not None:
        try:
            # Only a file that is new: closing one that stands takes SQLite's locks on it from every thread of this process.
            os.close(os.open(database.file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            pass
        except OSError as exc:
            raise SetupError("the records' file cannot be made") from exc


def mark(folder: pathlib.Path, vault_id: str) -> None:
    """
    Write the mark of a local vault.

    Raises:
        SetupError: The folder cannot be written.
    """
    _make_folder(folder)
    text = json.dumps({"vault": vault_id, "format": _FORMAT})
    written = folder / f".{_MARK}"
    try:
        with written.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        written.replace(folder / _MARK)
    except OSError as exc:
        raise SetupError("the vault's folder cannot be written") from exc


def _make_folder(folder: pathlib.Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise SetupError("the vault's folder cannot be made") from exc
