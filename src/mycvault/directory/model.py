"""Employers and employee records, as their tables keep them and as employers see them."""

import datetime as dt
from collections.abc import Mapping, Sequence

import attrs

from mycvault.errors import MycvaultError
from mycvault.policy import PortalUrls, Retention
from mycvault.values.choices import EmployeeStatus


@attrs.frozen(kw_only=True)
class EmployerRecord:
    """
    One employer (a tenant): *reference* is the host's name for it.

    *retention*: how long its payslips stay available, the policy's when None. *closes_on*: the day its service was announced to
    close.
    """

    id: str
    reference: str
    name: str
    siren: str | None
    urls: PortalUrls | None
    created_at: dt.datetime
    retention: Retention | None = None
    closes_on: dt.date | None = None


@attrs.frozen(kw_only=True)
class Person:
    """What an employer says of somebody; `repr` hides it."""

    given_name: str = attrs.field(repr=False)
    family_name: str = attrs.field(repr=False)
    email: str | None = attrs.field(default=None, repr=False)
    phone: str | None = attrs.field(default=None, repr=False)
    birth_date: dt.date | None = attrs.field(default=None, repr=False)
    hired_on: dt.date | None = attrs.field(default=None, repr=False)
    locale: str = "fr"


@attrs.frozen(kw_only=True)
class EmployeeRecord:
    """
    One employment, the employer's side of it.

    *safe_id*: where its documents go. *invited_until*: the end of the newest invitation. *joined_at*: when she opened the
    safe, or joined it to hers. *paper_from*: from when on payslips are paper. *electronic_from*: from when on electronic ones
    are lawful. *declarations*, *holds*: how many there are, holds in force or over but not ended, so that one that somebody
    deleted is missed. *undelivered_at*: when a letter to the address on record came to nothing.
    """

    id: str
    employer_id: str
    safe_id: str
    matricule: str = attrs.field(repr=False)
    person: Person
    left_on: dt.date | None
    invited_until: dt.datetime | None
    joined_at: dt.datetime | None
    paper_from: dt.date | None = None
    electronic_from: dt.date | None = None
    declarations: int = 0
    holds: int = 0
    undelivered_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Employee:
    """An employee as her employer sees her; `repr` shows only the id and the status."""

    id: str
    matricule: str = attrs.field(repr=False)
    given_name: str = attrs.field(repr=False)
    family_name: str = attrs.field(repr=False)
    email: str | None = attrs.field(repr=False)
    phone: str | None = attrs.field(repr=False)
    birth_date: dt.date | None = attrs.field(repr=False)
    hired_on: dt.date | None = attrs.field(repr=False)
    left_on: dt.date | None = attrs.field(repr=False)
    status: EmployeeStatus
    locale: str


@attrs.frozen
class Enrolment:
    """
    One row of an employer's file, for `Employer.sync` and `enrol_many`; `repr` hides it.

    Nothing is judged before its turn, so that one bad row never stops the rest. *left_on*: her last day; None: she is there.
    *locale*: of her letters; a file without it says "fr".
    """

    matricule: str = attrs.field(repr=False)
    given_name: str = attrs.field(kw_only=True, repr=False)
    family_name: str = attrs.field(kw_only=True, repr=False)
    email: str | None = attrs.field(kw_only=True, default=None, repr=False)
    phone: str | None = attrs.field(kw_only=True, default=None, repr=False)
    birth_date: dt.date | None = attrs.field(kw_only=True, default=None, repr=False)
    hired_on: dt.date | None = attrs.field(kw_only=True, default=None, repr=False)
    left_on: dt.date | None = attrs.field(kw_only=True, default=None, repr=False)
    locale: str = attrs.field(kw_only=True, default="fr")


@attrs.frozen(kw_only=True)
class SyncReport:
    """
    What became of an employer's file.

    *refused*: for each bad row its number in the file, from 1, its matricule as it was given, and why. *ids*: of the employees in
    the good rows, by matricule; in a dry run only of those who were there before.
    """

    added: int
    changed: int
    unchanged: int
    refused: Sequence[tuple[int, str, MycvaultError]] = attrs.field(repr=False)
    ids: Mapping[str, str] = attrs.field(repr=False)

    @property
    def ok(self) -> bool:
        """Tell whether no row was refused."""
        return not self.refused
