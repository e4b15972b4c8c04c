"""What employer and employee declared about the way payslips take, and what the declarations amount to."""

import datetime as dt
from enum import StrEnum

import attrs


class What(StrEnum):
    """What a declaration says (Labour Code, L3243-2 and D3243-7)."""

    NOTICE = "notice"
    OBJECTION = "objection"
    RETURN = "return"


@attrs.frozen(kw_only=True)
class Evidence:
    """The file that proves a declaration: its id among the contents, and its SHA-256 in hexadecimal."""

    content_id: str
    sha256: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Declaration:
    """
    One declaration as it is kept, never changed.

    *ordinal*: how many of the employment's it is, from 1: what was written down later, whatever servers' clocks say. *on*: the
    civil day it was given or notified. *effective_on*, *latest_effective_on*: an objection's. *by*: who declared it,
    the employee herself or her employer. *link_id*: the link it came by.
    """

    id: str
    record_id: str
    ordinal: int
    what: What
    on: dt.date
    means: str = attrs.field(repr=False)
    by: str
    receipt: str = attrs.field(repr=False)
    recorded_at: dt.datetime
    effective_on: dt.date | None = None
    latest_effective_on: dt.date | None = None
    link_id: str | None = None
    evidence: Evidence | None = None


@attrs.frozen(kw_only=True)
class Notice:
    """
    A notice that payslips will be electronic, and that she may object.

    *given_on*: the certain date. *means*: how it was given. *receipt*: the dated text that she was sent. *evidence_sha256*: of
    the file that proves it, in hexadecimal.
    """

    given_on: dt.date
    means: str = attrs.field(repr=False)
    receipt: str = attrs.field(repr=False)
    recorded_at: dt.datetime
    evidence_sha256: str | None = None


@attrs.frozen(kw_only=True)
class Objection:
    """
    An objection to electronic payslips.

    *notified_on*: the certain date. *effective_on*: from when on payslips are paper; *latest_effective_on*: the last day the
    law allows for that (three calendar months). *receipt*: the dated text that she was sent. *returned_on*: the day she came
    back to electronic payslips, None while she has not. *evidence_sha256*: of the file that proves it, in hexadecimal.
    """

    notified_on: dt.date
    effective_on: dt.date
    latest_effective_on: dt.date
    means: str = attrs.field(repr=False)
    receipt: str = attrs.field(repr=False)
    recorded_at: dt.datetime
    returned_on: dt.date | None = None
    evidence_sha256: str | None = None
