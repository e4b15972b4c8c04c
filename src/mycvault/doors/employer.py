"""HR's side: puts in, counts, never reads. No call here returns content."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from mycvault.desk import Call, Desk
from mycvault.directory.model import Employee, EmployerRecord, Enrolment, Person, SyncReport
from mycvault.documents.model import Deposit, DepositReport, Outcome, Receipt
from mycvault.doors.delivery import Delivery
from mycvault.links.model import Invitation
from mycvault.policy import PortalUrls, Retention
from mycvault.stories import (
    counting,
    depositing,
    enrolling,
    inviting,
    payday,
    synchronising,
    withdrawing,
)
from mycvault.stories.counting import Statistics
from mycvault.values.actors import Actor, Who
from mycvault.values.choices import Channel, EmployeeStatus, Kind
from mycvault.values.content import Content
from mycvault.values.page import Page
from mycvault.values.period import Period
from mycvault.values.verbs import Verb


class Employer:
    """
    One employer's door, from `Vault.add_employer` or `Vault.employer`.

    Every verb may raise an `UnavailableError`; each is one transaction, durable when it returns.
    """

    def __init__(self, desk: Desk, record: EmployerRecord, *, acting: str | None = None) -> None:
        self._desk = desk
        self._record = record
        self._clerk = Actor(Who.EMPLOYER, record.id, acting)
        self.delivery = Delivery(desk, record, self._clerk)

    @property
    def reference(self) -> str:
        """The host's name for this employer."""
        return self._record.reference

    @property
    def name(self) -> str:
        """The employer's name, as letters and portals show it."""
        return self._record.name

    def __repr__(self) -> str:
        return f"Employer({self._record.id!r})"

    def amend_self(
        self,
        *,
        name: str | None = None,
        siren: str | None = None,
        urls: PortalUrls | None = None,
        retention: Retention | None = None,
    ) -> None:
        """
        Change what is given: name, SIREN number, where links lead, how long payslips stay available.

        *retention* counts for deposits from now on: what was promised before is kept.

        Raises:
            InvalidInput: One of them is not one, or *retention* promises less than the law asks.
        """
        with self._call(Verb.AMEND_EMPLOYER) as call:
            self._record = enrolling.amend_employer(
                call, self._record, name=name, siren=siren, urls=urls, retention=retention
            )
        self.delivery = Delivery(self._desk, self._record, self._clerk)

    # ---------------------------------------------------------------- people

    def enrol(
        self,
        matricule: str,
        *,
        given_name: str,
        family_name: str,
        email: str | None = None,
        phone: str | None = None,
        birth_date: dt.date | None = None,
        hired_on: dt.date | None = None,
        locale: str = "fr",
    ) -> Employee:
        """
        Write down an employee, and make the place for her documents; deposits may follow at once.

        The phone is read as people of the legal profile's country write it. Whether she has a safe elsewhere is never said.

        Raises:
            EmployeeExists: The matricule is taken.
            InvalidInput: A name, address, number, date or locale is not one, or the matricule is a social security number.
        """
        person = Person(
            given_name=given_name,
            family_name=family_name,
            email=email,
            phone=phone,
            birth_date=birth_date,
            hired_on=hired_on,
            locale=locale,
        )
        with self._call(Verb.ENROL) as call:
            return enrolling.enrol(call, self._record, matricule, person)

    def sync(
        self,
        rows: Iterable[Enrolment],
        *,
        dry_run: bool = False,
        on_progress: Callable[[int], None] | None = None,
    ) -> SyncReport:
        """
        Take in the monthly file: enrols, changes, marks leavers and returns; bad rows are reported, good ones kept.

        What a row leaves out stays on record, but for *left_on*: without it she is there. Who is not in the file stays as she is.
        A changed address kills live links. The same file again changes nothing, quickly. *on_progress* is told how many rows.

        Raises:
            RecordsUnavailable, KeysUnavailable: An outage; what was taken in stays, and the same run again does the rest.
            RecordDamaged: A row was changed in the database by somebody without the keys; its batch of 500 is not taken in.
        """
        return self._take_in(rows, amending=True, dry_run=dry_run, on_progress=on_progress)

    def enrol_many(self, rows: Iterable[Enrolment | Mapping[str, Any]]) -> SyncReport:
        """
        Enrol many, from `Enrolment`s or the rows of a table (`csv.DictReader`); who is on record otherwise is EmployeeExists.

        Raises:
            RecordsUnavailable, KeysUnavailable: As `sync`.
        """
        return self._take_in(rows, amending=False)

    def employee(self, matricule: str) -> Employee:
        """Give one employee; EmployeeMissing."""
        with self._call(Verb.LOOK_UP_EMPLOYEE) as call:
            return enrolling.find(call, self._record, matricule)

    def employees(
        self,
        *,
        status: EmployeeStatus | str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Employee]:
        """List employees in the order of their enrolment, 1 to 1,000 a page; InvalidInput."""
        with self._call(Verb.LOOK_UP_EMPLOYEE) as call:
            return enrolling.page(call, self._record, status=status, after=after, limit=limit)

    def amend(
        self,
        matricule: str,
        *,
        given_name: str | None = None,
        family_name: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        birth_date: dt.date | None = None,
        locale: str | None = None,
    ) -> Employee:
        """
        Change what this employer says of somebody; what is None stays.

        A changed address kills live links. Her account's own addresses are hers and do not change.

        Raises:
            EmployeeMissing: No such matricule.
            InvalidInput: A value is not one.
        """
        given = {
            "given_name": given_name,
            "family_name": family_name,
            "email": email,
            "phone": phone,
            "birth_date": birth_date,
            "locale": locale,
        }
        with self._call(Verb.AMEND) as call:
            changes = {name: value for name, value in given.items() if value is not None}
            return enrolling.amend(call, self._record, matricule, changes)

    def record_leaving(self, matricule: str, on: dt.date) -> Employee:
        """Write down the day she leaves; nothing in her safe changes. EmployeeMissing, InvalidInput."""
        with self._call(Verb.RECORD_LEAVING) as call:
            return enrolling.record_leaving(call, self._record, matricule, on)

    def invite(
        self, matricule: str, *, activation_code: bool = False, by: Channel | str = Channel.EMAIL
    ) -> Invitation:
        """
        Queue a letter with a personal link, good for `Policy.invitation_lifetime`; an earlier link dies.

        The token is handed out for `Channel.LETTER` only, to be printed, or when `Policy.hand_out_links` is set. With
        *activation_code* ten characters come back that must reach her by another way than the link.

        Raises:
            EmployeeMissing: No such matricule.
            AlreadyActivated: She opened her safe.
            AddressMissing: No address on record for *by*.
            InvalidInput: *by* is not e-mail, SMS or letter.
        """
        with self._call(Verb.INVITE) as call:
            return inviting.invite(
                call, self._record, matricule, activation_code=activation_code, by=by
            )

    def revoke_invitation(self, matricule: str) -> None:
        """Kill her live link; none is no error. EmployeeMissing, AlreadyActivated."""
        with self._call(Verb.REVOKE_INVITATION) as call:
            inviting.revoke(call, self._record, matricule)

    # ---------------------------------------------------------------- documents

    def deposit(
        self,
        matricule: str,
        content: Content,
        *,
        kind: Kind | str,
        period: Period | str | None = None,
        title: str | None = None,
        reference: str | None = None,
        corrects: Iterable[str] = (),
        available_from: dt.datetime | None = None,
    ) -> Receipt:
        """
        Put a PDF into her safe.

        *content*: bytes, a path, or a binary file, read from where it stands and left open; at most
        `Policy.documents.max_bytes`. *reference* is unique per employer; none given, one is derived from matricule, kind,
        period and content, so that any retry is safe: same reference, same bytes give the first receipt again, `replayed`.
        *corrects*: ids of up to 100 documents of hers that this one corrects; they stay readable, and are marked. A payslip
        before its lawful day bears the note "no-notice" (`Delivery.first_electronic_payslip`).

        Raises:
            EmployeeMissing: No such matricule.
            PaperRequired: She receives payslips on paper; or `Policy.refuse_without_notice`, before the lawful day.
            DocumentMissing: One of *corrects* is no deposit of this employer's for her.
            DepositConflict: Other bytes were deposited under this reference.
            UnacceptableContent: Empty, too large, or no PDF; found on the way, nothing is left behind.
            InvalidInput: Kind, period, title, reference or moment is not one, or holds a social security number.
            BlobsUnavailable: The storage does not answer or is full; nothing is visible.
        """
        given = Deposit(
            matricule,
            content,
            kind=kind,
            period=period,
            title=title,
            reference=reference,
            corrects=corrects,
            available_from=available_from,
        )
        with self._call(Verb.DEPOSIT) as call:
            return depositing.deposit(call, self._record, given)

    def deposit_each(
        self, deposits: Iterable[Deposit], *, dry_run: bool = False
    ) -> Iterator[Outcome]:
        """
        Deposit many, each as `deposit` does; one outcome for each, in order, given once it is durable.

        A refusal of one is its outcome and never stops the rest. With *dry_run* each is judged, its content read, and nothing
        is written: an outcome without receipt and error would be taken.

        Raises:
            RecordsUnavailable, BlobsUnavailable, KeysUnavailable: An outage; what was given before it stays, and the same run
                started again adds what is missing.
        """
        verb = Verb.JUDGE_DEPOSIT if dry_run else Verb.DEPOSIT
        return payday.deposit_each(
            lambda: self._call(verb), self._record, deposits, dry_run=dry_run
        )

    def deposit_many(
        self, deposits: Iterable[Deposit], *, on_progress: Callable[[int], None] | None = None
    ) -> DepositReport:
        """
        Deposit many, and report: receipts, payslips to print, refusals. *on_progress* is told how many were dealt with.

        Raises:
            RecordsUnavailable, BlobsUnavailable, KeysUnavailable: An outage, as for `deposit_each`.
        """
        return payday.collect(self.deposit_each(deposits), on_progress)

    def withdraw(self, document_id: str, *, reason: str) -> None:
        """
        Withdraw a document that was deposited in error, before she joined; its reference is free again.

        *reason*: 1 to 500 characters; once she joins she reads it in her history. Somebody who was invited is told.

        Raises:
            DocumentMissing: No deposit of this employer's.
            WithdrawalRefused: She joined: the document is hers; deposit one that corrects it.
            LegalHold: A legal hold keeps it.
            InvalidInput: *reason* is none.
        """
        with self._call(Verb.WITHDRAW) as call:
            withdrawing.withdraw(call, self._record, document_id, reason=reason)

    def deposits(
        self,
        *,
        matricule: str | None = None,
        period: Period | str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Receipt]:
        """List receipts, newest first, 1 to 1,000 a page. EmployeeMissing, InvalidInput."""
        with self._call(Verb.LIST_DEPOSITS) as call:
            return counting.deposits(
                call, self._record, matricule=matricule, period=period, after=after, limit=limit
            )

    # ---------------------------------------------------------------- figures

    def statistics(self) -> Statistics:
        """Count employees by where they stand, those on paper and out of reach, and deposits."""
        with self._call(Verb.COUNT) as call:
            return counting.statistics(call, self._record)

    def undelivered(self, *, after: str | None = None, limit: int = 100) -> Page[Employee]:
        """
        List who has not joined and whom our letters did not reach: given up by a courier, or reported so by `Outbox.report`.

        In the order of their enrolment, 1 to 1,000 a page; a new invitation or address takes somebody off the list. InvalidInput.
        """
        with self._call(Verb.COUNT) as call:
            return counting.undelivered(call, self._record, after=after, limit=limit)

    def _take_in(self, rows: Iterable[Any], *, amending: bool, **how: Any) -> SyncReport:
        return synchronising.take_in(
            lambda: self._call(Verb.SYNC), self._record, rows, amending=amending, **how
        )

    def _call(self, verb: Verb) -> AbstractContextManager[Call]:
        return self._desk.call(verb, by=self._clerk)
