"""
Many documents are deposited: one call and one act for each, so that every one has its own outcome.

A refusal of one never stops the rest; an outage is raised, and what was answered before it stays.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from mycvault.desk import Call
from mycvault.directory.model import EmployerRecord
from mycvault.documents.model import Deposit, DepositReport, Outcome
from mycvault.errors import MycvaultError, PaperRequired, SetupError, UnavailableError
from mycvault.stories import depositing


def deposit_each(
    open_call: Callable[[], AbstractContextManager[Call]],
    employer: EmployerRecord,
    deposits: Iterable[Deposit],
    *,
    dry_run: bool,
) -> Iterator[Outcome]:
    """Deposit one after the other, or in a dry run only judge; give each outcome once it is durable."""
    how = depositing.judge if dry_run else depositing.deposit
    for given in deposits:
        try:
            with open_call() as call:
                receipt = how(call, employer, given)
        except (UnavailableError, SetupError):
            raise
        except MycvaultError as error:
            yield Outcome(deposit=given, error=error)
        else:
            yield Outcome(deposit=given, receipt=receipt)


def collect(
    outcomes: Iterable[Outcome], on_progress: Callable[[int], None] | None
) -> DepositReport:
    """Collect outcomes into a report; *on_progress* is told how many there are so far."""
    report = DepositReport(receipts=[], paper=[], refused=[])
    for count, outcome in enumerate(outcomes, 1):
        if outcome.receipt is not None:
            report.receipts.append(outcome.receipt)
        elif isinstance(outcome.error, PaperRequired):
            report.paper.append(outcome.deposit)
        elif outcome.error is not None:
            report.refused.append((outcome.deposit, outcome.error))
        if on_progress is not None:
            on_progress(count)
    return report
