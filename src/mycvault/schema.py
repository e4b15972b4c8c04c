"""
All tables together: their version, their making, the check at open, and the steps from one version to the next.

A vault exists once its row is written, in the same transaction as its tables and keys. Upgrading runs each step above the stored
version in one transaction of its own, so that a run that was cut goes on where it stopped.
"""

import datetime as dt
from collections.abc import Callable

import attrs
from sqlalchemy import Column, Integer, String, Table, inspect, select, text, update

from mycvault.accounts import records as _accounts
from mycvault.codes import records as _codes
from mycvault.consent import records as _consent
from mycvault.contents import orphans as _orphans
from mycvault.contents import records as _contents
from mycvault.credentials import records as _credentials
from mycvault.delivery import records as _delivery
from mycvault.directory import employer_records as _employers
from mycvault.directory import records as _directory
from mycvault.documents import records as _documents
from mycvault.errors import SchemaMismatch, VaultMissing
from mycvault.factors import records as _factors
from mycvault.journal import records as _journal
from mycvault.keys import records as _keys
from mycvault.links import records as _links
from mycvault.outbox import records as _outbox
from mycvault.retention import records as _retention
from mycvault.sessions import records as _sessions
from mycvault.storage.columns import METADATA, moment, table
from mycvault.storage.engine import Connection, Database
from mycvault.support import records as _support
from mycvault.throttle import records as _throttle

VERSION = 2
VAULT = table(
    "vault",
    Column("id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    moment("created_at", nullable=False),
)

# Naming them here is what makes their tables known.
_ROOMS = (
    _accounts,
    _codes,
    _consent,
    _contents,
    _credentials,
    _delivery,
    _directory,
    _employers,
    _documents,
    _factors,
    _journal,
    _keys,
    _links,
    _orphans,
    _outbox,
    _retention,
    _sessions,
    _support,
    _throttle,
)


@attrs.frozen
class Step:
    """One step of an upgrade: to which version, what it does in words, and its doing."""

    version: int
    name: str
    run: Callable[[Connection], None]


def _nothing(_connection: Connection) -> None:
    """Change nothing: the first release's tables are the ones `create` makes."""


def _consent_and_clocks(connection: Connection) -> None:
    """Add declarations, holds, destructions and corrections, and the days that lists are read by."""
    added = ("declarations", "holds", "destructions", "corrections", "orphans", "familiars")
    _add_tables(connection, *added, "apps", "recovery_codes", "interventions")
    for name, columns in _ADDED_2.items():
        _add_columns(connection, METADATA.tables[f"mycvault_{name}"], columns)


_ADDED_2 = {
    "acceptances": (),
    "challenges": ("caller",),
    "accounts": ("erased_at", "forgotten_at"),
    "contents": (),
    "documents": ("keep_until", "notes", "destroyed_at"),
    "employees": (
        *("paper_from", "electronic_from", "declarations", "holds"),
        *("undelivered_at", "closing_told", "synced"),
        *("email_index", "phone_index", "reminded_at"),
    ),
    "employers": ("retention", "closes_on"),
    "letters": ("about",),
    "links": ("code_of",),
    "sessions": ("limited_to",),
}
STEPS = (
    Step(1, "the first release", _nothing),
    Step(2, "electronic or paper, terms, holds, erasure", _consent_and_clocks),
)


def create_personal(personal: Database) -> None:
    """Make the tables of the personal keys' store."""
    with personal.writing() as connection:
        _take_turn(connection)
        METADATA.create_all(connection, tables=_tables(personal=True))


def create(connection: Connection, vault_id: str, now: dt.datetime) -> bool:
    """Make the tables of the records, and the vault's row; False when another call was faster."""
    _take_turn(connection)
    METADATA.create_all(connection, tables=_tables(personal=False))
    if exists(connection):
        return False
    connection.execute(VAULT.insert(), {"id": vault_id, "version": VERSION, "created_at": now})
    return True


def exists(connection: Connection) -> bool:
    """Tell whether a vault lives in these records."""
    if not inspect(connection).has_table(VAULT.name):
        return False
    return connection.execute(select(VAULT.c.id)).first() is not None


def check(connection: Connection) -> str:
    """
    Give the id of the vault in these records.

    Raises:
        VaultMissing: There is none.
        SchemaMismatch: It was made by a newer version, or `Vault.upgrade` has not run.
    """
    vault_id, version = stored(connection)
    if version > VERSION:
        raise SchemaMismatch(
            f"the records are of schema {version}, newer than this release's {VERSION}"
        )
    if version < VERSION:
        raise SchemaMismatch(
            f"the records are of schema {version}: run Vault.upgrade to reach {VERSION}"
        )
    return vault_id


def upgrade(records: Database, *, dry_run: bool) -> tuple[str, ...]:
    """Run the steps that are missing, or only name them; SchemaMismatch when the records are newer than we are."""
    with records.reading() as connection:
        _, version = stored(connection)
    if version > VERSION:
        raise SchemaMismatch(
            f"the records are of schema {version}, newer than this release's {VERSION}"
        )
    missing = [step for step in STEPS if step.version > version]
    for step in () if dry_run else missing:
        with records.writing() as connection:
            _take_turn(connection)
            # Another process may have run it while we waited for our turn.
            if stored(connection)[1] < step.version:
                step.run(connection)
                connection.execute(update(VAULT).values(version=step.version))
    return tuple(step.name for step in missing)


def stored(connection: Connection) -> tuple[str, int]:
    """Read the vault's id and the schema version; VaultMissing."""
    found = (
        connection.execute(select(VAULT.c.id, VAULT.c.version)).first()
        if exists(connection)
        else None
    )
    if found is None:
        raise VaultMissing
    if not isinstance(found.version, int):
        raise SchemaMismatch("the records say no schema we know")
    return found.id, found.version


def _take_turn(connection: Connection) -> None:
    # PostgreSQL lets two transactions make the same table until one of them breaks; SQLite has one writer anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('mycvault schema', 0))")
        )


def _add_tables(connection: Connection, *names: str) -> None:
    METADATA.create_all(connection, tables=[METADATA.tables[f"mycvault_{name}"] for name in names])


def _add_columns(connection: Connection, added: Table, columns: tuple[str, ...]) -> None:
    """Add the columns that are missing, NULL in every row that is there, and the indexes that hold them."""
    known = {column["name"] for column in inspect(connection).get_columns(added.name)}
    for name in (name for name in columns if name not in known):
        kind = added.c[name].type.compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {added.name} ADD COLUMN {name} {kind}"))
    for index in added.indexes:
        index.create(connection, checkfirst=True)


def _tables(*, personal: bool) -> list[Table]:
    return [t for t in METADATA.sorted_tables if (t.info.get("store") == "personal") is personal]
