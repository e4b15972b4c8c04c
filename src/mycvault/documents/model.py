"""A document: as it is kept, as she sees it, and the receipt its depositor gets."""

import datetime as dt
from collections.abc import Sequence

import attrs

from mycvault.values.choices import Kind
from mycvault.values.period import Period


@attrs.frozen(kw_only=True)
class DocumentRecord:
    """
    One document as it is kept.

    *safe_id*: the safe it lies in, or for her own documents her account. *employer_id*: None for her own.
    """

    id: str
    safe_id: str
    employer_id: str | None
    kind: Kind
    period: Period | None
    title: str = attrs.field(repr=False)
    reference: str | None = attrs.field(repr=False)
    media_type: str
    size: int
    sha256: str = attrs.field(repr=False)
    deposited_at: dt.datetime
    available_from: dt.datetime | None = None
    opened_at: dt.datetime | None = None
    archived_at: dt.datetime | None = None
    discarded_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Document:
    """
    A document as its owner sees it.

    *employer* is the depositor's reference, None for her own. *size* in bytes. *keep_advised*: warn before she destroys it, the
    law tells her to keep it without limit (Labour Code, R3243-5).
    """

    id: str
    kind: Kind
    period: Period | None
    title: str = attrs.field(repr=False)
    filename: str = attrs.field(repr=False)
    employer: str | None
    employer_name: str | None
    media_type: str
    size: int
    sha256: str
    deposited_at: dt.datetime
    opened_at: dt.datetime | None
    labels: frozenset[str] = attrs.field(repr=False)
    archived: bool
    discarded_at: dt.datetime | None
    keep_advised: bool
    keep_until: dt.date | None
    corrects: tuple[str, ...]
    corrected_by: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Receipt:
    """
    What a deposit is answered with; the same deposit again gets it again, with *replayed* set.

    *size* in bytes, *sha256* in hexadecimal, of the content as it was given. *notes*: what to know besides.
    """

    document_id: str
    matricule: str = attrs.field(repr=False)
    kind: Kind
    period: Period | None
    reference: str
    sha256: str
    size: int
    deposited_at: dt.datetime
    replayed: bool = False
    notes: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class Filter:
    """Which documents a list shows: of these safes, at this moment; *label* by its key."""

    safes: Sequence[str]
    now: dt.datetime
    kind: Kind | None = None
    period: Period | None = None
    label: str | None = attrs.field(default=None, repr=False)
    archived: bool = False
    binned: bool = False
    unopened: bool = False
