"""An employer's documents: deposits, alone and many at once. No call here returns content."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from mycvault.desk import Call, Desk
from mycvault.directory.model import EmployerRecord
from mycvault.documents.model import Deposit, DepositReport, Outcome, Receipt, SplitReport
from mycvault.stories import counting, depositing, payday, withdrawing
from mycvault.values.actors import Actor, Who
from mycvault.values.choices import Kind
from mycvault.values.content import Content
from mycvault.values.page import Page
from mycvault.values.period import Period
from mycvault.values.verbs import Verb


class Depositor:
    """What an employer does with documents; `Employer` is one."""

    def __init__(self, desk: Desk, record: EmployerRecord, *, acting: str | None) -> None:
        self._desk = desk
        self._record = record
        self._clerk = Actor(Who.EMPLOYER, record.id, acting)

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
        is written: an outcome without receipt and error would be taken. A file is read before the next deposit is asked for, a
        path when its turn comes: it must stand until its outcome is given.

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

    def split(
        self,
        content: Content,
        *,
        kind: Kind | str,
        period: Period | str | None = None,
        pattern: str | None = None,
    ) -> SplitReport:
        r"""
        Make of one PDF of many people a deposit for each. Nothing is deposited: look at the report, then at `deposit_many`.

        A page is hers on which her matricule stands as a whole word, case and all, and no other one of this employer's; also when
        she has left. Her pages, also such as do not follow each other, are joined in their order; a page without a matricule is
        nobody's, also after one of hers. What is not sure is quarantined (`SplitReport`), never guessed. Whoever's matricule is a
        short number that may stand on a page for something else gives a *pattern*.

        *pattern*: a regular expression of at most 500 characters for the page's text, with one group or none; it must find, as a
        whole word, a matricule, and only what it finds counts: r"Matricule\s*:\s*(\S+)". It runs over 50,000 characters a page
        at most, without a limit of time: write it yourself, and never take one from a stranger.

        A part holds what its pages are drawn with and nothing else of the file: no other pages, outlines, attachments, metadata,
        notes or links. The same file gives the same parts, so that a second run deposits nothing new. The file and its parts are
        held in memory: at most 256 MiB and 20,000 pages, and parts of 1 GiB in all.

        Raises:
            SetupError: The `pdf` extra is not installed.
            UnacceptableContent: Empty, too large, no PDF, damaged, or encrypted, be it without a password.
            InvalidInput: Kind, period, content or *pattern* is not one.
        """
        # Only who splits pays for importing what reads pages.
        from mycvault.stories import splitting

        with self._call(Verb.SPLIT) as call:
            return splitting.split(
                call, self._record, content, kind=kind, period=period, pattern=pattern
            )

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

    def _call(self, verb: Verb) -> AbstractContextManager[Call]:
        return self._desk.call(verb, by=self._clerk)
