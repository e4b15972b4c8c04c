"""A document: as it is kept, as she sees it, and the receipt its depositor gets."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

import attrs

from mycvault.errors import InvalidInput, MycvaultError
from mycvault.values.choices import Kind
from mycvault.values.content import Content
from mycvault.values.period import Period


@attrs.frozen(kw_only=True)
class DocumentRecord:
    """
    One document as it is kept.

    *safe_id*: the safe it lies in, or for her own documents her account. *employer_id*: None for her own. *keep_until*: the last
    day of the term promised at its deposit. *destroyed_at*: since when only this row is left of it, so that a payroll's retry
    still gets its receipt.
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
    keep_until: dt.date | None = None
    notes: frozenset[str] = frozenset()
    destroyed_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Outline:
    """What a document's row says in clear: enough to destroy it, without anybody's key."""

    id: str
    safe_id: str
    employer_id: str | None
    kind: Kind
    discarded_at: dt.datetime | None
    keep_until: dt.date | None
    destroyed_at: dt.datetime | None


@attrs.frozen(kw_only=True)
class Document:
    """
    A document as its owner sees it.

    *employer* is the depositor's reference, None for her own. *size* in bytes. *keep_advised*: warn before she destroys it, the
    law tells her to keep it without limit (Labour Code, R3243-5). *keep_until*: the last day it stays available at least
    (D3243-8), None where no term applies. *corrects*, *corrected_by*: ids of documents; a corrected one stays readable.
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
class ExportManifest:
    """An export as it was written: how many *documents* it holds; the ZIP's own *size* in bytes and *sha256* in hexadecimal."""

    documents: int
    size: int
    sha256: str


@attrs.frozen(kw_only=True)
class Receipt:
    """
    What a deposit is answered with; the same deposit again gets it again, with *replayed* set.

    *size* in bytes, *sha256* in hexadecimal, of the content as it was given. *notes*: what to know besides: "no-notice" for a
    payslip that came before its lawful date (`Delivery.first_electronic_payslip`).
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


@attrs.frozen(init=False)
class Deposit:
    """
    One deposit of many, for `Employer.deposit_each` and `deposit_many`; the arguments are those of `Employer.deposit`.

    Nothing is judged before its turn comes, so that one bad row of a payroll never stops the rest.
    """

    matricule: str = attrs.field(repr=False)
    content: Content = attrs.field(repr=False)
    kind: Kind
    period: Period | None
    title: str | None = attrs.field(repr=False)
    reference: str | None
    corrects: tuple[str, ...]
    available_from: dt.datetime | None

    def __init__(
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
    ) -> None:
        self.__attrs_init__(
            matricule,
            content,
            _or_as_given(Kind, kind),
            _or_as_given(Period.parse, period),
            title,
            reference,
            corrects if isinstance(corrects, str) else _or_as_given(tuple, corrects),  # type: ignore[arg-type]
            available_from,
        )


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of one deposit: its receipt, or why it was refused; in a dry run neither, when it would be taken."""

    deposit: Deposit
    receipt: Receipt | None = None
    error: MycvaultError | None = None


@attrs.frozen(kw_only=True)
class DepositReport:
    """
    What became of many deposits.

    *receipts*: of those that are in, *replayed* of them from an earlier run. *paper*: payslips to print, their recipients are on
    paper. *refused*: the others, each with its error.
    """

    receipts: list[Receipt]
    paper: list[Deposit]
    refused: list[tuple[Deposit, MycvaultError]]

    @property
    def replayed(self) -> int:
        """How many were deposited before."""
        return sum(receipt.replayed for receipt in self.receipts)

    @property
    def ok(self) -> bool:
        """Tell whether nothing was refused; paper is no refusal."""
        return not self.refused


class Why(StrEnum):
    """Why a page of a file of many people is nobody's: the words of `SplitReport.quarantined`."""

    NO_MATCH = "no-match"
    TWO_MATCHES = "two-matches"
    UNKNOWN = "unknown"
    NO_TEXT = "no-text"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"


class Quarantined(Exception):  # noqa: N818 - a fact between the steps of one call
    """A page is nobody's, and why."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


@attrs.frozen(kw_only=True)
class SplitReport:
    """
    What a file of many people comes to; nothing is deposited yet.

    *deposits*: one for each person, in the order of their first pages, to be handed to `Employer.deposit_many`.
    *quarantined*: the pages that are in none of them, each by its number from 1, and why:

    - "no-match": no matricule of this employer's stands there as a whole word, or the pattern finds nothing.
    - "two-matches": two different ones do.
    - "unknown": what the pattern finds is not, as a whole word, a matricule of this employer's.
    - "no-text": a scan, or an empty page.
    - "unreadable": damaged, more than 50,000 characters, layers to show or hide, or form fields and notes laid over it.
    - "too-large": her pages together are larger than `DocumentPolicy.max_bytes`.
    """

    deposits: list[Deposit]
    quarantined: list[tuple[int, str]]

    @property
    def ok(self) -> bool:
        """Tell whether every page found its person."""
        return not self.quarantined


@attrs.frozen(kw_only=True)
class Filter:
    """
    Which documents a list shows: of these safes, at this moment.

    *label* by its key. *year*: of the month a document is about, else of its deposit, which then lies in *year_span*.
    *words*: what its title must hold, all of them.
    """

    safes: Sequence[str]
    now: dt.datetime
    kind: Kind | None = None
    period: Period | None = None
    year: int | None = None
    year_span: tuple[dt.datetime, dt.datetime] | None = None
    employer_id: str | None = None
    label: str | None = attrs.field(default=None, repr=False)
    words: tuple[str, ...] = attrs.field(default=(), repr=False)
    archived: bool = False
    binned: bool = False
    unopened: bool = False


def _or_as_given(read: Callable[[Any], Any], given: Any) -> Any:
    """Read a value, or leave it as it was given: it is judged, and refused, when its deposit's turn comes."""
    try:
        return None if given is None else read(given)
    except (InvalidInput, ValueError, TypeError):
        return given
