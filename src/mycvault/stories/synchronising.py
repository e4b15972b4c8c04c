"""
An employer's file is taken in: rows in batches, one call and one act for each batch.

A bad row is refused for itself, journaled and reported; the good ones are kept. A row that the file said before, word for word,
is not even unsealed. What a row leaves out stays as it is on record, but for *left_on*: nobody in the file without one has left.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from itertools import islice
from typing import Any

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import SafeRecord
from mycvault.act import Act, Look
from mycvault.desk import Call
from mycvault.directory import rules, syncing
from mycvault.directory import service as directory
from mycvault.directory.model import (
    EmployeeRecord,
    EmployerRecord,
    Enrolment,
    Person,
    SyncReport,
)
from mycvault.directory.syncing import Known
from mycvault.errors import (
    EmployeeExists,
    InvalidInput,
    MycvaultError,
    RecordsUnavailable,
    SetupError,
    UnavailableError,
)
from mycvault.links import service as links
from mycvault.links.model import Purpose

Open = Callable[[], AbstractContextManager[Call]]
Refused = tuple[int, str, MycvaultError]
_AT_ONCE = 500  # rows in one act
_RACES = 5  # batches lost to other calls about the same people
_FIELDS = {field.name: field for field in attrs.fields(Enrolment)}
_DAYS = ("birth_date", "hired_on", "left_on")
_PERSON = tuple(field.name for field in attrs.fields(Person))


class _Raced(Exception):  # noqa: N818 - a fact between two steps of one batch
    """Another call enrolled or changed one of these people: what this act wrote is undone."""


@attrs.define
class Run:
    """What a run did so far."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rows: int = 0
    refused: list[Refused] = attrs.field(factory=list)
    ids: dict[str, str] = attrs.field(factory=dict)
    seen: set[str] = attrs.field(factory=set)

    def report(self) -> SyncReport:
        """Tell what was done."""
        self.refused.sort(key=lambda one: one[0])
        return SyncReport(
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            refused=self.refused,
            ids=self.ids,
        )


def take_in(
    open_call: Open,
    employer: EmployerRecord,
    rows: Iterable[Enrolment | Mapping[str, Any]],
    *,
    amending: bool,
    dry_run: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> SyncReport:
    """
    Take in an employer's file; without *amending*, somebody on record whom a row describes otherwise is EmployeeExists.

    Raises:
        UnavailableError: An outage; what was taken in stays, and the same run started again does the rest.
    """
    run, source = Run(), iter(rows)
    while batch := list(islice(source, _AT_ONCE)):
        first, told = run.rows + 1, len(run.refused)
        run.rows += len(batch)
        good = _read(run, batch, first)
        _take_batch(open_call, employer, run, good, amending=amending, dry_run=dry_run)
        _journal(open_call, run.refused[told:])
        if on_progress is not None:
            on_progress(run.rows)
    return run.report()


def _read(run: Run, batch: list[Any], first: int) -> dict[str, tuple[int, Enrolment]]:
    """Read rows as far as a matricule names each; what cannot be read, or stands in the file twice, is refused."""
    good: dict[str, tuple[int, Enrolment]] = {}
    for number, given in enumerate(batch, first):
        try:
            row = given if isinstance(given, Enrolment) else _from_mapping(given)
            matricule = rules.parse_matricule(row.matricule)
            if matricule in run.seen:
                raise InvalidInput("a matricule stands in a file once", field="matricule")
        except MycvaultError as error:
            run.refused.append((number, _named(given), error))
            continue
        run.seen.add(matricule)
        good[matricule] = (number, row)
    return good


def _take_batch(
    open_call: Open,
    employer: EmployerRecord,
    run: Run,
    good: dict[str, tuple[int, Enrolment]],
    *,
    amending: bool,
    dry_run: bool,
) -> None:
    for _ in range(_RACES):
        with suppress(_Raced), open_call() as call:
            batch = _Batch(call, employer, good, amending=amending)
            if not dry_run:
                batch.write()
            batch.count(run, dry_run=dry_run)
            return
    raise RecordsUnavailable


class _Batch:
    """Some rows of a file, and what each of them comes to."""

    def __init__(
        self,
        call: Call,
        employer: EmployerRecord,
        good: dict[str, tuple[int, Enrolment]],
        *,
        amending: bool,
    ) -> None:
        self._call, self._employer = call, employer
        self.refused: list[Refused] = []
        self.new: list[tuple[EmployeeRecord, Enrolment]] = []
        self.changed: list[tuple[EmployeeRecord, Person, Enrolment]] = []
        self.same: dict[str, str] = {}
        self.remembered: dict[str, tuple[EmployeeRecord, Enrolment]] = {}
        with call.look() as look:
            self._today = directory.today(look)
            given = {matricule: row for matricule, (_, row) in good.items()}
            found = syncing.known(look, employer.id, given)
            for matricule, (number, row) in good.items():
                try:
                    self._judge(look, matricule, row, found.get(matricule), amending=amending)
                except (UnavailableError, SetupError):
                    raise
                except MycvaultError as error:
                    self.refused.append((number, matricule, error))

    def _judge(
        self, look: Look, matricule: str, row: Enrolment, known: Known | None, *, amending: bool
    ) -> None:
        if known is not None and known.same:
            self.same[matricule] = known.id
            return
        record = None if known is None else syncing.opened(look, known)
        person, left_on = self._said(row, record)
        if record is None:
            self.new.append((self._made(matricule, person, left_on), row))
        elif (person, left_on) == (record.person, record.left_on):
            self.same[matricule] = record.id
            self.remembered[record.id] = (record, row)
        elif not amending:
            raise EmployeeExists(field="matricule")
        else:
            self.changed.append((record, person, row))

    def _said(self, row: Enrolment, record: EmployeeRecord | None) -> tuple[Person, dt.date | None]:
        """Read what a row says of somebody, in canonical form; what it leaves out stays. InvalidInput."""
        said = {name: getattr(row, name) for name in _PERSON}
        if record is not None:
            kept = attrs.asdict(record.person)
            said = {name: kept[name] if value is None else value for name, value in said.items()}
        country = self._call.policy.legal.country
        person = rules.parse_person(Person(**said), country=country, today=self._today)
        left_on = None if row.left_on is None else rules.parse_day(row.left_on, field="left_on")
        return person, left_on

    def _made(self, matricule: str, person: Person, left_on: dt.date | None) -> EmployeeRecord:
        return EmployeeRecord(
            id=self._call.new_id(),
            employer_id=self._employer.id,
            safe_id=self._call.new_id(),
            matricule=matricule,
            person=person,
            left_on=left_on,
            invited_until=None,
            joined_at=None,
        )

    def write(self) -> None:
        """Write what is new or changed, in one act; nothing where there is nothing."""
        self.new.sort(key=lambda one: one[0].matricule)
        if self.new:
            pairs = {record.id: record.safe_id for record, _ in self.new}
            self._call.keys.make_record_keys(pairs, self._employer.id, self._call.now)
        if not (self.new or self.changed or self.remembered):
            return
        with self._call.act() as act:
            if not syncing.enrol_all(act, self._employer.id, self.new):
                raise _Raced
            safes = [
                SafeRecord(id=r.safe_id, employer_id=r.employer_id, record_id=r.id)
                for r, _ in self.new
            ]
            if safes:
                accounts.add_safe(act, *safes)
            # In one order, as in every run: two runs in other orders would wait for each other.
            changed = {record.id: (record, person, row) for record, person, row in self.changed}
            for record_id in sorted({*changed, *self.remembered}):
                if record_id in changed:
                    self._change(act, *changed[record_id])
                else:
                    record, row = self.remembered[record_id]
                    self._prove(act, record)
                    syncing.remember(act, record_id, syncing.mark(act, self._employer.id, row))
            added, altered = str(len(self.new)), str(len(self.changed))
            act.record(about=self._employer.id, added=added, changed=altered)

    def _change(self, act: Act, record: EmployeeRecord, person: Person, row: Enrolment) -> None:
        before = record.person
        if (person.email, person.phone) != (before.email, before.phone):
            # Links before records, as in every act.
            links.revoke(act, record.id, Purpose.INVITATION)
            links.revoke(act, record.id, Purpose.REFUSAL)
        self._prove(act, record)
        if (person.email, person.phone) != (before.email, before.phone):
            directory.mark_uninvited(act, record)
        if person != before:
            directory.amend(act, record, person)
        if row.left_on is not None and row.left_on != record.left_on:
            directory.mark_left(act, record, row.left_on)
        elif row.left_on is None and record.left_on is not None:
            directory.mark_back(act, record)
        syncing.remember(act, record.id, syncing.mark(act, self._employer.id, row))

    def _prove(self, act: Act, record: EmployeeRecord) -> None:
        """Make sure that nobody changed since the look what the file was held against; or its mark would hide the change."""
        directory.keep_row(act, record.id, to_change=True)
        held = directory.by_ids(act, [record.id])[record.id]
        if (held.person, held.left_on) != (record.person, record.left_on):
            raise _Raced

    def count(self, run: Run, *, dry_run: bool) -> None:
        """Add what was done, or would be, to the run."""
        run.added += len(self.new)
        run.changed += len(self.changed)
        run.unchanged += len(self.same)
        run.refused += self.refused
        run.ids.update(self.same)
        run.ids.update({record.matricule: record.id for record, _, _ in self.changed})
        if not dry_run:
            run.ids.update({record.matricule: record.id for record, _ in self.new})


def _journal(open_call: Open, refused: list[Refused]) -> None:
    """Write down the refusals of one batch, in one act."""
    if refused:
        with open_call() as call, call.act() as act:
            for _, _, error in refused:
                act.refuse(error)


def _from_mapping(given: Any) -> Enrolment:
    """Read a row of a table, its cells perhaps texts: an empty one says nothing, a day reads 2026-10-31. InvalidInput."""
    if not isinstance(given, Mapping):
        raise InvalidInput("an Enrolment, or a mapping of its fields", field="rows")
    unknown = set(given) - set(_FIELDS)
    missing = {"matricule", "given_name", "family_name"} - set(given)
    if unknown or missing:
        raise InvalidInput("the fields of an Enrolment", field="rows", reason="missing")
    said = {name: value for name, value in given.items() if value not in (None, "")}
    for name in ("matricule", "given_name", "family_name"):
        said.setdefault(name, "")
    for name in _DAYS:
        if isinstance(said.get(name), str):
            said[name] = _day(said[name], name)
    return Enrolment(**said)


def _day(text: str, field: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("a day reads 2026-10-31", field=field) from None


def _named(given: Any) -> str:
    found = (
        given.get("matricule") if isinstance(given, Mapping) else getattr(given, "matricule", "")
    )
    return found if isinstance(found, str) else ""
