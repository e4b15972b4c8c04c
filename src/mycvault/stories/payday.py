"""
Many documents are deposited: in batches, cut into packs of one blob and one act each, every deposit with its own outcome.

Workers take a batch each, read it, seal, write and enter it pack by pack: while one waits for the disk, another computes. Memory
holds a few batches, however many deposits there are. Outcomes are given in order, each once it is durable. A refusal of one never
stops the rest; an outage is raised, and what was answered before it stays.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager

import attrs

from mycvault.contents.packing import MOST, Pack
from mycvault.desk import Call
from mycvault.directory.model import EmployerRecord
from mycvault.documents.model import Deposit, DepositReport, Outcome
from mycvault.errors import MycvaultError, PaperRequired, SetupError, UnavailableError
from mycvault.stories import depositing, packing
from mycvault.stories.packing import Item

Ended = tuple[list[Outcome], Exception | None]
Open = Callable[[], AbstractContextManager[Call]]
_AT_ONCE = 256  # deposits in one batch
_WORKERS = 2  # batches on their way at once


@attrs.frozen
class _Run:
    """What is the same for every batch of a run; *packs* are used in turn."""

    open_call: Open
    employer: EmployerRecord
    dry_run: bool
    max_bytes: int
    packs: deque[Pack] = attrs.field(factory=deque)
    process: int = attrs.field(factory=os.getpid)

    def refuse_fork(self) -> None:
        """Refuse to go on in a forked child, where no worker would ever answer; SetupError."""
        if os.getpid() != self.process:
            with self.open_call():
                pass

    def batch(self, items: list[Item]) -> Ended:
        """Deposit a batch; give the outcomes up to the first that an outage or its own file kept from us, and that error."""
        pack = self._pack()
        try:
            for some in self._fitting(items):
                pack.clear()
                with self.open_call() as call:
                    packing.deposit(call, self.employer, some, pack, dry_run=self.dry_run)
                for item in some:
                    if item.outcome is None:
                        self._alone(item)
        except Exception as error:  # noqa: BLE001 - an outage, or a file's own: raised after what came before it
            return self._ended(items), error
        finally:
            self.packs.append(pack)
        return self._ended(items), None

    def _pack(self) -> Pack:
        try:
            return self.packs.popleft()
        except IndexError:
            return Pack()

    def _fitting(self, items: list[Item]) -> Iterator[list[Item]]:
        """Read and measure them; give as many at a time as one pack takes, and before a source breaks off what came before it."""
        some: list[Item] = []
        room = MOST
        try:
            for item in items:
                item.examine(max_bytes=self.max_bytes)
                if some and item.held() > room:
                    yield some
                    some, room = [], MOST
                some.append(item)
                room -= item.held()
        except Exception:
            if some:
                yield some
            raise
        yield some

    def _alone(self, item: Item) -> None:
        how = depositing.judge if self.dry_run else depositing.deposit
        try:
            with self.open_call() as call:
                item.end(receipt=how(call, self.employer, item.remaining()))
        except (UnavailableError, SetupError):
            raise
        except MycvaultError as error:
            item.end(error=error)

    @staticmethod
    def _ended(items: list[Item]) -> list[Outcome]:
        ended = []
        for item in items:
            if item.outcome is None:
                break
            ended.append(item.outcome)
        return ended


def deposit_each(
    open_call: Open, employer: EmployerRecord, deposits: Iterable[Deposit], *, dry_run: bool
) -> Iterator[Outcome]:
    """Deposit them, or in a dry run only judge; give each outcome once it is durable."""
    with open_call() as call:
        run = _Run(open_call, employer, dry_run, call.policy.documents.max_bytes)
    workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="mycvault-payday")
    try:
        for batch in _batches(run, workers, deposits):
            run.refuse_fork()
            outcomes, outage = batch.result()
            for outcome in outcomes:
                run.refuse_fork()
                yield outcome
            if outage is not None:
                raise outage
    finally:
        workers.shutdown(cancel_futures=True)


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


def _batches(
    run: _Run, workers: ThreadPoolExecutor, deposits: Iterable[Deposit]
) -> Iterator[Future[Ended]]:
    """Hand batches to the workers, and give them in order; when the deposits themselves break off, after what came before."""
    waiting: deque[Future[Ended]] = deque()
    try:
        for items in _read(deposits):
            waiting.append(workers.submit(run.batch, items))
            if items[-1].streams:
                # Read to its end before the host goes on, who may close it, or give it again.
                run.refuse_fork()
                wait(waiting)
            if len(waiting) > _WORKERS:
                yield waiting.popleft()
    except Exception:
        yield from waiting
        raise
    yield from waiting


def _read(deposits: Iterable[Deposit]) -> Iterator[list[Item]]:
    """Gather deposits into batches; files are read here, in order, and no more bytes are held than one pack takes."""
    items: list[Item] = []
    room = MOST
    try:
        for given in deposits:
            item = Item.of(given)
            if item.streams:
                item.take()
            if items and (len(items) == _AT_ONCE or item.held() > room or item.streams):
                yield items
                items, room = [], MOST
            items.append(item)
            room -= item.held()
            if item.streams:
                yield items
                items, room = [], MOST
    except Exception:
        if items:
            yield items
        raise
    if items:
        yield items
