"""
Where calls and transactions begin and end; what is slow is held here.

A call goes count → look → work → act. Transactions never nest, and nothing slow is done while one is open. A refusal that
leaves the call is journaled once, in a transaction of its own; a flood of the same is one event per identifier and window.
"""

import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache

from mycvault.act import Act, Concern, Look
from mycvault.crypto.passwords import Hasher
from mycvault.errors import (
    BlobMissing,
    BlobsUnavailable,
    ConflictError,
    DeniedError,
    InputError,
    KeysUnavailable,
    MissingError,
    MycvaultError,
    RecordDamaged,
    RecordsUnavailable,
    SetupError,
    TamperedError,
    WrongKeys,
)
from mycvault.ids import Ids
from mycvault.journal import service as journal_service
from mycvault.journal.model import Entry
from mycvault.keys.model import Use
from mycvault.keys.ring import TransactionRing
from mycvault.keys.service import Keyring, PersonalKeys
from mycvault.outbox import service as outbox_service
from mycvault.policy import Policy
from mycvault.ports import Blobs, Clock, Entropy
from mycvault.storage.engine import Connection, Database
from mycvault.storage.rows import Rows
from mycvault.values.actors import Actor, Who
from mycvault.values.caller import Caller
from mycvault.values.verbs import QUIET, Verb

__all__ = ["Call", "Desk"]

_REFUSALS = (DeniedError, ConflictError, MissingError, InputError, TamperedError)


def checked(now: dt.datetime) -> dt.datetime:
    """
    Take what a clock gives, in UTC.

    Raises:
        SetupError: It gives a naive datetime.
    """
    if now.tzinfo is None:
        raise SetupError("the clock must give aware datetimes")
    return now.astimezone(dt.UTC)


class Desk:
    """One process's side of a vault: its databases, keys, blobs, hasher, clock and policy."""

    def __init__(
        self,
        *,
        records: Database,
        personal: Database,
        keys: Keyring,
        blobs: Blobs,
        hasher: Hasher,
        clock: Clock,
        entropy: Entropy,
        policy: Policy,
    ) -> None:
        self.keys = keys
        self.blobs = blobs
        self.hasher = hasher
        self.policy = policy
        self.entropy = entropy
        self._records = records
        self._personal = personal
        self._clock = clock
        self._ids = Ids(entropy.bytes)
        self._process = os.getpid()
        self._busy = threading.local()
        self._closed = False

    @contextmanager
    def call(
        self, verb: Verb, *, by: Actor, caller: Caller | None = None, concerning: str = ""
    ) -> Iterator["Call"]:
        """Open one call; journal the refusal that leaves it, if one does, where *concerning* (an account) sees it."""
        self._refuse_fork()
        call = Call(self, verb, by, caller or Caller(), Concern(concerning))
        try:
            yield call
        except _REFUSALS as refusal:
            call._journal_refusal(refusal)  # noqa: SLF001 - a call and its desk are one
            raise

    def now(self) -> dt.datetime:
        """Read the clock; SetupError when it gives a naive datetime."""
        return checked(self._clock.now())

    def new_id(self) -> str:
        """Make an id of this moment."""
        return self._ids.new(self.now())

    @contextmanager
    def rows(self, found: PersonalKeys, *, writing: bool) -> Iterator[Rows]:
        """Open a transaction; personal keys are read beside it, in its own connection where both stores are one."""
        if self.transaction_is_open():
            raise RuntimeError("transactions never nest")
        # A call may outlast its vault: an export that is still being pulled.
        self._refuse_fork()
        opened = self._records.writing() if writing else self._records.reading()
        self._busy.open = True
        try:
            with ExitStack() as beside, opened as connection:
                personal = self._beside(beside, connection)
                ring = TransactionRing(self.keys, connection, personal, found)
                yield Rows(connection, vault_id=self.keys.vault_id, ring=ring)
        finally:
            self._busy.open = False

    def transaction_is_open(self) -> bool:
        """Tell whether this thread is inside a transaction, where nothing slow may be done."""
        return getattr(self._busy, "open", False)

    def ping(self) -> dict[str, bool]:
        """Ask whether records, blobs and keys answer."""
        self._refuse_fork()
        answers = dict.fromkeys(("records", "blobs", "keys"), False)
        with suppress(RecordsUnavailable), ExitStack() as beside, self._records.reading() as one:
            # As a call does: where both stores are one, a host's pool may have one connection.
            self._beside(beside, one)()
            answers["records"] = True
        with suppress(BlobsUnavailable):
            answers["blobs"] = self._blobs_answer()
        with suppress(KeysUnavailable, WrongKeys):
            answers["keys"] = self.keys.provider_answers()
        return answers

    def _blobs_answer(self) -> bool:
        with suppress(BlobMissing):
            self.blobs.size("0" * 32)
        return True

    def close(self) -> None:
        """Close our own connections."""
        self._closed = True
        self._records.close()
        self._personal.close()

    def _beside(self, stack: ExitStack, connection: Connection) -> Callable[[], Connection]:
        if self._personal is self._records:
            return lambda: connection
        return cache(lambda: stack.enter_context(self._personal.reading()))

    def _refuse_fork(self) -> None:
        # Connections, locks and the keys' memory do not survive a fork; a child opens its own vault.
        if os.getpid() != self._process:
            raise SetupError("open the vault after forking: a forked child cannot use its parent's")
        if self._closed:
            raise SetupError("the vault is closed")


class Call:
    """One call: what a story is handed."""

    def __init__(self, desk: Desk, verb: Verb, by: Actor, caller: Caller, concern: Concern) -> None:
        self._desk = desk
        self._verb = verb
        self._by = by
        self._concern = concern
        self._found: PersonalKeys = {}
        known = {"clerk": by.clerk, "address": caller.address, "device": caller.user_agent}
        self._known = {name: text for name, text in known.items() if text}
        self.caller = caller
        self.now = desk.now()
        self.policy = desk.policy
        self.keys = desk.keys
        self.blobs = desk.blobs
        self.hasher = desk.hasher
        self.new_id = desk.new_id

    @contextmanager
    def attempt(self) -> Iterator[Look]:
        """Open the counters; what is counted stays counted when the call is refused later."""
        with self._desk.rows(self._found, writing=True) as rows:
            yield Look(self.now, rows, self.policy, self._concern)

    @contextmanager
    def look(self, *, afresh: bool = False) -> Iterator[Look]:
        """Open a read-only snapshot; *afresh*: no personal key found so far is kept, for a walk through everybody's rows."""
        if afresh:
            self._found.clear()
        with self._desk.rows(self._found, writing=False) as rows:
            yield Look(self.now, rows, self.policy, self._concern)

    @contextmanager
    def act(self) -> Iterator[Act]:
        """Open a write transaction; its events and letters are written as it ends."""
        with self._desk.rows(self._found, writing=True) as rows:
            act = Act(self.now, rows, self.policy, self._concern, self._desk.entropy, self.new_id)
            yield act
            self._finish(act)

    def _finish(self, act: Act) -> None:
        pending = act.pending
        if not (pending.events or pending.refusals) and self._verb not in QUIET:
            raise RuntimeError(f"{self._verb} records no event")
        entries = [self._entry(*key, details) for key, details in pending.events.items()]
        new = [entry for entry in entries if not self._is_repeat(act, entry)]
        new += [self._refusal(concern, refusal) for concern, refusal in pending.refusals]
        self._write(act.rows, new)
        outbox_service.queue(act.rows, pending.letters, now=self.now)

    def _is_repeat(self, act: Act, entry: Entry) -> bool:
        window = act.pending.once.get((entry.subject, entry.about))
        return window is not None and journal_service.is_repeat(act.rows, entry, window)

    def _journal_refusal(self, refusal: MycvaultError) -> None:
        concern = self._concern
        try:
            self._write_once(self._refusal(concern, refusal))
        except (RecordDamaged, KeysUnavailable):
            # Her key is not to be had: the refusal is written where the operator sees it.
            hidden = Concern("", concern.about or concern.subject)
            self._write_once(self._refusal(hidden, refusal))

    def _refusal(self, concern: Concern, refusal: MycvaultError) -> Entry:
        told = {"field": refusal.field} if refusal.field else {}
        return self._entry(concern.subject, concern.about, told, outcome=refusal.code)

    def _write_once(self, entry: Entry) -> None:
        with self._desk.rows(self._found, writing=True) as rows:
            # A flood comes from those who knock; what a clerk or an operator gets wrong is each time a line.
            known = entry.who in {Who.EMPLOYER, Who.OPERATOR}
            if known or not journal_service.is_repeat(rows, entry):
                self._write(rows, [entry])

    def _write(self, rows: Rows, entries: list[Entry]) -> None:
        journal_service.write(
            rows, entries, vault_id=self.keys.vault_id, entropy=self._desk.entropy
        )

    def _entry(
        self, subject: str, about: str, details: dict[str, str], *, outcome: str = ""
    ) -> Entry:
        nobody = self._by.id if self._by.who is Who.EMPLOYER else self.keys.vault_id
        return Entry(
            id=self.new_id(),
            at=self.now,
            verb=self._verb,
            outcome=outcome,
            who=self._by.who,
            actor=self._by.id,
            subject=subject or nobody,
            about=about,
            sealed_by=subject or Use.JOURNAL,
            details=self._known | details if self._known else details,
        )
