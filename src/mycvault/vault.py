"""
One vault: create it, open it, close it, and the doors it hands out.

A local vault's folder holds `mycvault.json` (vault id, format), `records.sqlite3`, `keys.sqlite3` and `blobs/`.
"""

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from mycvault import schema
from mycvault.consent.model import Acceptance
from mycvault.desk import Desk
from mycvault.doors.employer import Employer
from mycvault.doors.entrance import Entrance
from mycvault.doors.joining import Joining
from mycvault.doors.journal import Journal
from mycvault.doors.outbox import Outbox
from mycvault.doors.recovery import Recovery
from mycvault.doors.upkeep import Upkeep
from mycvault.errors import SetupError, Terms, VaultExists
from mycvault.policy import Policy, PortalUrls
from mycvault.ports import Clock, KeyProvider
from mycvault.storage.blobs.opening import local_folder, open_blobs
from mycvault.storage.engine import Engine
from mycvault.stories import enrolling, publishing
from mycvault.system import SystemClock
from mycvault.values.actors import OPERATOR
from mycvault.values.page import Page
from mycvault.values.report import Health, UpgradeReport
from mycvault.values.verbs import Verb
from mycvault.wiring import Parts, Storage, opened

_VARIABLES = ("STORAGE", "RECORDS", "KEYS", "KEYS_FILE", "PASSPHRASE")


class Vault(Entrance):
    """
    One installation: thread-safe, one per process, opened after forking. A context manager.

    Made by `create`, `open` or `in_memory`; it is also the entrance of those who sign in.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.id = desk.keys.vault_id
        self.policy = desk.policy
        self.joining = Joining(desk)
        self.journal = Journal(desk)
        self.recovery = Recovery(desk)
        self.outbox = Outbox(desk)
        self.upkeep = Upkeep(desk)

    # ---------------------------------------------------------------- opening and closing

    @classmethod
    def create(
        cls,
        storage: Storage,
        *,
        keys: KeyProvider,
        records: str | Engine | None = None,
        policy: Policy | None = None,
        clock: Clock | None = None,
        storage_options: Mapping[str, Any] | None = None,
        exist_ok: bool = False,
    ) -> Self:
        """
        Make a vault and open it.

        Args:
            storage: A local folder, an fsspec URL ("s3://bucket/prefix", "memory://x") or a `Blobs` of yours.

            keys: The root keys; losing them loses everything.

            records: A SQLAlchemy URL or Engine (its pool is used, never disposed of); None: SQLite in a local folder.

            policy: The limits; defaults have their sources in `docs/reference/`.

            clock: The time; the machine's own when None.

            storage_options: For fsspec: credentials and the like.

            exist_ok: Open a vault that is there already.

        Raises:
            VaultExists: A vault lives there, and not *exist_ok*.
            SetupError: A remote storage without *records*, an address that cannot be used, or a folder that cannot be written.
        """
        parts = Parts(keys, policy or Policy(), clock or SystemClock())
        with opened(storage, records, create=True) as found:
            blobs = open_blobs(storage, options=storage_options, create=True)
            if not parts.found(found, local_folder(storage)) and not exist_ok:
                raise VaultExists
            return cls(parts.desk(found, blobs))

    @classmethod
    def open(
        cls,
        storage: Storage,
        *,
        keys: KeyProvider,
        records: str | Engine | None = None,
        policy: Policy | None = None,
        clock: Clock | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> Self:
        """
        Open a vault; the arguments are those of `create`.

        Raises:
            VaultMissing: There is none.
            WrongKeys: These are not its keys; nothing was read.
            SchemaMismatch: Another release made it: `upgrade`, or install that release.
            SetupError: A remote storage without *records*, or an address that cannot be used.
        """
        parts = Parts(keys, policy or Policy(), clock or SystemClock())
        with opened(storage, records, create=False) as found:
            return cls(
                parts.desk(found, open_blobs(storage, options=storage_options, create=False))
            )

    @classmethod
    def in_memory(cls, *, policy: Policy | None = None, clock: Clock | None = None) -> Self:
        """Make a vault that lives as long as the process, for tests; its keys are ephemeral."""
        from mycvault.keys.local import LocalKeys
        from mycvault.storage.blobs.memory import MemoryBlobs

        return cls.create(
            MemoryBlobs(),
            keys=LocalKeys.ephemeral(),
            records="sqlite://",
            policy=policy,
            clock=clock,
        )

    @classmethod
    def from_env(cls, prefix: str = "MYCVAULT_") -> Self:
        """
        Open the vault that environment variables name, each after *prefix*.

        STORAGE and RECORDS as in `open`; RECORDS may be left out for a local folder. The root keys are KEYS, a keyring's entries,
        or KEYS_FILE, the path of a keyring file, with its PASSPHRASE if it has one.

        Raises:
            SetupError: STORAGE is missing, or the keys are, or both forms of keys are given.
            VaultMissing, WrongKeys, SchemaMismatch: As `open`.
        """
        from mycvault.keys.local import LocalKeys

        named = {name: os.environ.get(prefix + name) for name in _VARIABLES}
        storage, file = named["STORAGE"], named["KEYS_FILE"]
        if not storage or bool(file) == bool(named["KEYS"]):
            raise SetupError(f"{prefix}STORAGE, and {prefix}KEYS or {prefix}KEYS_FILE")
        passphrase, records = named["PASSPHRASE"] or None, named["RECORDS"] or None
        entries = prefix + "KEYS"
        keys = LocalKeys.load(file, passphrase=passphrase) if file else LocalKeys.from_env(entries)
        return cls.open(storage, keys=keys, records=records)

    @classmethod
    def upgrade(
        cls,
        storage: str | os.PathLike[str],
        *,
        keys: KeyProvider,
        records: str | Engine | None = None,
        dry_run: bool = False,
    ) -> UpgradeReport:
        """
        Bring the records to this release's schema, step by step; the cure for `SchemaMismatch`.

        Raises:
            VaultMissing: There is no vault.
            WrongKeys: These are not its keys.
            SchemaMismatch: A newer release made it.
        """
        parts = Parts(keys, Policy(), SystemClock())
        with opened(storage, records, create=False) as found, closing(found):
            with found.records.reading() as connection:
                parts.keyring(schema.stored(connection)[0], found).load(connection)
            return UpgradeReport(schema.upgrade(found.records, dry_run=dry_run))

    def close(self) -> None:
        """Close our own connections, for good: every call after it is a SetupError. The host's engine stays open."""
        self._desk.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Vault({self.id!r})"

    def ping(self) -> Health:
        """Ask whether records, blobs and keys answer."""
        return Health(**self._desk.ping())

    def today(self) -> dt.date:
        """Tell the civil day in the legal profile's zone, on which legal dates are counted; a server's own may differ."""
        return self._desk.now().astimezone(ZoneInfo(self.policy.legal.zone)).date()

    # ---------------------------------------------------------------- employers and terms

    def add_employer(
        self, name: str, *, reference: str, siren: str | None = None, urls: PortalUrls | None = None
    ) -> Employer:
        """
        Add an employer; *reference* is your own name for it, *urls* where its letters lead.

        Raises:
            EmployerExists: The reference is taken.
            InvalidInput: Name, reference or SIREN is not one.
        """
        with self._desk.call(Verb.ADD_EMPLOYER, by=OPERATOR) as call:
            record = enrolling.add_employer(
                call, name=name, reference=reference, siren=siren, urls=urls
            )
        return Employer(self._desk, record)

    def employer(self, reference: str, *, acting: str | None = None) -> Employer:
        """Give an employer's door; *acting* is the clerk, for the journal. EmployerMissing, InvalidInput."""
        with self._desk.call(Verb.FIND_EMPLOYER, by=OPERATOR) as call:
            record, clerk = enrolling.find_employer(call, reference, acting=acting)
        return Employer(self._desk, record, acting=clerk)

    def employers(self) -> Iterator[Employer]:
        """Give every employer's door, oldest first."""
        after = ""
        while True:
            with self._desk.call(Verb.FIND_EMPLOYER, by=OPERATOR) as call:
                found = enrolling.employers_after(call, after)
            if not found:
                return
            yield from (Employer(self._desk, record) for record in found)
            after = found[-1].id

    def publish_terms(self, version: str, text: str, *, locale: str = "fr") -> Terms:
        """Publish a version of the terms of use; the same text again is a no-op. InvalidInput."""
        with self._desk.call(Verb.PUBLISH_TERMS, by=OPERATOR) as call:
            return publishing.publish_terms(call, version, text, locale=locale)

    def terms(self, *, version: str | None = None, locale: str = "fr") -> Terms | None:
        """Give the text to show, of a version or the current one, in *locale* if it exists; None when there is none."""
        with self._desk.call(Verb.READ_TERMS, by=OPERATOR) as call:
            return publishing.read_terms(call, version=version, locale=locale)

    def acceptances(
        self, *, version: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Acceptance]:
        """List who accepted which text of the terms when, oldest first, 1 to 1,000 a page; InvalidInput."""
        with self._desk.call(Verb.LIST_ACCEPTANCES, by=OPERATOR) as call:
            return publishing.acceptances(call, version=version, after=after, limit=limit)
