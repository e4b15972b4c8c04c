"""HR's side: puts in, counts, never reads. No call here returns content."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mycvault.desk import Desk
from mycvault.directory.model import Employee, EmployerRecord, Enrolment, Person, SyncReport
from mycvault.doors.delivery import Delivery
from mycvault.doors.depositor import Depositor
from mycvault.links.model import Invitation
from mycvault.policy import PortalUrls, Retention
from mycvault.stories import adopting, counting, enrolling, inviting, synchronising
from mycvault.stories.counting import Statistics
from mycvault.values.choices import Channel, EmployeeStatus
from mycvault.values.page import Page
from mycvault.values.verbs import Verb


class Employer(Depositor):
    """
    One employer's door, from `Vault.add_employer` or `Vault.employer`.

    Every verb may raise an `UnavailableError`; each is one transaction, durable when it returns.
    """

    def __init__(self, desk: Desk, record: EmployerRecord, *, acting: str | None = None) -> None:
        super().__init__(desk, record, acting=acting)
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

    def invite_pending(self, *, by: Channel | str = Channel.EMAIL) -> int:
        """
        Invite everyone who has not activated and has no live link, by e-mail or SMS; give how many.

        Who left, and who has no such address on record (`employee`), is passed over. Run again after an interruption, it
        invites the others; two runs at once invite nobody twice.

        Raises:
            InvalidInput: *by* is neither e-mail nor SMS: links to print are handed out one by one (`invite`).
        """
        with self._call(Verb.INVITE) as call:
            return inviting.invite_pending(call, self._record, by=by)

    def remind_pending(
        self,
        *,
        before: dt.timedelta = dt.timedelta(days=3),
        by: Channel | str = Channel.EMAIL,
    ) -> int:
        """
        Remind everyone whose invitation ends within *before* (up to 366 days), by e-mail or SMS; give how many.

        The reminder carries a link of its own, good for `Policy.invitation_lifetime`, beside the live ones; an activation code
        stays good. Once for each invitation, however often this is run; who has no such address on record is passed over, and so
        is who asked for links herself until three live.

        Raises:
            InvalidInput: *before* is no such duration, or *by* is neither e-mail nor SMS.
        """
        with self._call(Verb.REMIND_INVITED) as call:
            return inviting.remind_pending(call, self._record, before=before, by=by)

    def revoke_invitation(self, matricule: str) -> None:
        """Kill her live link; none is no error. EmployeeMissing, AlreadyActivated."""
        with self._call(Verb.REVOKE_INVITATION) as call:
            inviting.revoke(call, self._record, matricule)

    # ---------------------------------------------------------------- figures

    def statistics(self) -> Statistics:
        """Count employees by where they stand, those on paper and out of reach, and deposits."""
        with self._call(Verb.COUNT) as call:
            return counting.statistics(call, self._record)

    def adopt(self, matricule: str, *, password_hash: str) -> None:
        """
        Open her safe with the password she has in another system of yours; she signs in, nobody invites her.

        The e-mail address on record is her identifier, unproved, until she proves one, by a code that comes to it for instance;
        not when another account proved it or another employer adopted it, which is never said. Terms are pending at her first
        sign-in, where a hash of ours replaces this one. A live invitation dies.

        Args:
            matricule: Somebody who never joined.

            password_hash: As Django (pbkdf2, argon2, scrypt, bcrypt), Odoo or passlib (pbkdf2, scrypt), Werkzeug (pbkdf2,
                scrypt), bcrypt (needs the `bcrypt` extra), argon2 or an LDAP directory ({SSHA}, {SSHA256}, {SSHA512}) wrote it.

        Raises:
            EmployeeMissing: No such matricule.
            AlreadyActivated: She joined, or was adopted before.
            AddressMissing: No e-mail address on record: she would have nothing to sign in with.
            InvalidInput: No hash of these, or (*reason* "costly") one that takes more work than docs/reference/policy.md says.
            SetupError: What verifies it is not installed.
        """
        with self._call(Verb.ADOPT) as call:
            adopting.adopt(call, self._record, matricule, password_hash)

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
