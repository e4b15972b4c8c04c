"""
Some deposits of a payroll: sealed into one blob, entered in one act.

Each has its own outcome. What cannot be done for all alike is left without one, to be deposited by itself: what corrects another
document, what is larger than 8 MiB, a reference that stands twice among them or was used for something else, and everything when
a row of theirs was tampered with.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import attrs

from mycvault.accounts import service as accounts
from mycvault.act import Act, Look
from mycvault.contents import sealing
from mycvault.contents import service as contents
from mycvault.contents.model import Entered, Facts, Place, Swept
from mycvault.contents.packing import MOST, Pack
from mycvault.crypto.content import KEY_SIZE, content_context, sealed_size
from mycvault.desk import Call
from mycvault.directory import receiving
from mycvault.directory import rules as directory_rules
from mycvault.directory.model import EmployerRecord
from mycvault.directory.receiving import Receiver
from mycvault.documents import batches, rules
from mycvault.documents import service as documents
from mycvault.documents.model import Deposit, DocumentRecord, Outcome, Receipt
from mycvault.errors import (
    ConflictError,
    EmployeeMissing,
    InputError,
    MycvaultError,
    PaperRequired,
    TamperedError,
)
from mycvault.stories import drafting, taking_in, telling
from mycvault.values.content import Content

_TRIES = 5  # of a batch that meets others about the same people or references


class _Raced(Exception):  # noqa: N818 - a fact between two steps of one batch
    """Another call was there first: what this act wrote is undone, and all is judged again."""


@attrs.define(eq=False)
class Item:
    """
    One deposit of a batch: what is known of it before its turn, and what became of it.

    *content*: its bytes, or what it is taken from when they are many. *unfit*: why nobody's safe takes it. *key*, *offset* and
    *document_id*: what opens it, where it lies in its pack and for which document, once it is sealed; so they stay.
    """

    given: Deposit
    content: Content = attrs.field(repr=False)
    wanted: rules.Wanted | None = None
    matricule: str = attrs.field(default="", repr=False)
    facts: Facts | None = None
    reference: str = ""
    unfit: InputError | None = None
    document_id: str = ""
    offset: int = 0
    key: bytes = attrs.field(default=b"", repr=False)
    outcome: Outcome | None = None

    @classmethod
    def of(cls, given: Deposit) -> "Item":
        """Take a deposit as it was given, nothing judged or read yet."""
        return cls(given, given.content if isinstance(given, Deposit) else b"")

    @property
    def streams(self) -> bool:
        """Tell whether it is taken from a file that was not read to its end yet."""
        return hasattr(self.content, "read")

    def remaining(self) -> Deposit:
        """Give the deposit as it was given, with what its content is taken from by now."""
        given: Any = self.given  # perhaps no deposit, to be refused as that
        return attrs.evolve(given, content=self.content) if isinstance(given, Deposit) else given

    def held(self) -> int:
        """Tell how many bytes of a pack the bytes take that are in memory; 0 for what was not read yet."""
        return sealed_size(len(self.content)) if isinstance(self.content, bytes) else 0

    def take(self) -> None:
        """Read a file's bytes, if they are few."""
        with suppress(InputError):
            self.content = sealing.take_small(self.content)

    def examine(self, *, max_bytes: int) -> None:
        """Judge what was said, read and measure the content; without facts it is deposited by itself."""
        try:
            wanted = self.wanted = rules.parse_deposit(self.given)
            self.matricule = directory_rules.parse_matricule(self.given.matricule)
            self.content = sealing.take_small(self.content)
            if isinstance(self.content, bytes) and self.held() <= MOST and not wanted.corrects:
                facts = sealing.examine(self.content, max_bytes=max_bytes, accepted=rules.DEPOSITED)
                self.facts = facts
                self.reference = wanted.reference or rules.derived_reference(
                    self.matricule, wanted.kind, wanted.period, facts.sha256
                )
        except InputError as error:
            self.unfit = error

    def end(self, *, receipt: Receipt | None = None, error: MycvaultError | None = None) -> None:
        """Say what became of it, and let its bytes and its key go."""
        self.outcome = Outcome(deposit=self.given, receipt=receipt, error=error)
        self.content = self.key = b""


@attrs.frozen
class _New:
    """One that will be entered: for whom, and as what."""

    item: Item
    receiver: Receiver
    document: DocumentRecord


@attrs.frozen
class _Verdict:
    """What the records say of a batch: who is refused what, what was deposited before, and what is new, in its order."""

    refused: list[tuple[Item, Receiver | None, MycvaultError]] = attrs.field(factory=list)
    known: list[tuple[Item, Receipt]] = attrs.field(factory=list)
    new: list[_New] = attrs.field(factory=list)


def deposit(
    call: Call, employer: EmployerRecord, items: Sequence[Item], pack: Pack, *, dry_run: bool
) -> None:
    """
    Give each deposit its outcome, but for those that are left; in a dry run nothing is written but refusals.

    Raises:
        UnavailableError: An outage; nothing of this batch is visible.
    """
    blob = call.keys.fresh(16).hex()
    try:
        for _ in range(_TRIES):
            try:
                with suppress(_Raced):
                    _deposit(call, employer, items, pack, blob, dry_run=dry_run)
                    return
            except Swept:
                # A sweep took it for nobody's before it was entered: the same bytes go under another name.
                blob = call.keys.fresh(16).hex()
                call.blobs.put(blob, pack.sealed())
    except (TamperedError, ConflictError):
        # Something is wrong with one of them; with which, is found by depositing each by itself.
        pass
    if pack.size:
        taking_in.take_away(call, blob)


def _deposit(
    call: Call,
    employer: EmployerRecord,
    items: Sequence[Item],
    pack: Pack,
    blob: str,
    *,
    dry_run: bool,
) -> None:
    with call.look() as look:
        verdict = _judge(call, look, employer, items)
    new = [] if dry_run else verdict.new
    if new and not pack.size:
        _seal(call, new, pack)
        call.blobs.put(blob, pack.sealed())
    elif pack.size:
        # Judged again: what would be new only now lies in no pack, and is left.
        new = [one for one in new if one.item.key]
        if not new:
            taking_in.take_away(call, blob)
    if new or verdict.refused:
        with call.act() as act:
            if new:
                _enter(act, employer, new, pack, blob)
            for _, receiver, error in verdict.refused:
                subject, about = (receiver.safe_id, receiver.record_id) if receiver else ("", "")
                act.refuse(error, subject, about=about)
    for item, _, error in verdict.refused:
        item.end(error=error)
    for item, receipt in verdict.known:
        item.end(receipt=receipt)
    for one in verdict.new if dry_run else new:
        matricule = one.receiver.matricule
        one.item.end(receipt=None if dry_run else documents.receipt(one.document, matricule))


# ------------------------------------------------------------------ what the records say


def _judge(call: Call, look: Look, employer: EmployerRecord, items: Sequence[Item]) -> _Verdict:
    verdict = _Verdict()
    receivers = receiving.receivers(
        look,
        employer.id,
        sorted({item.matricule for item in items if item.matricule}),
        with_birth=drafting.depends_on_age(employer, look.policy),
    )
    fit = _fit(verdict, items, receivers)
    indexes = batches.in_order(look, employer.id, fit)
    earlier = batches.deposited(look, indexes.values())
    for reference in indexes:
        item, facts, receiver = fit[reference]
        found = earlier.get(reference)
        if found is None:
            try:
                document = _document(call, employer, item, facts, receiver)
            except PaperRequired as error:
                verdict.refused.append((item, receiver, error))
            else:
                verdict.new.append(_New(item, receiver, document))
        elif (found.safe_id, found.sha256) == (receiver.safe_id, facts.sha256):
            receipt = documents.receipt(found, receiver.matricule)
            verdict.known.append((item, attrs.evolve(receipt, replayed=True)))
    return verdict


def _fit(
    verdict: _Verdict, items: Sequence[Item], receivers: Mapping[str, Receiver]
) -> dict[str, tuple[Item, Facts, Receiver]]:
    """Find what can be entered together, by reference; refuse what nobody receives, or nobody could."""
    fit: dict[str, tuple[Item, Facts, Receiver]] = {}
    for item in items:
        receiver = receivers.get(item.matricule)
        if item.matricule and receiver is None:
            verdict.refused.append((item, None, EmployeeMissing(field="matricule")))
        elif item.unfit is not None:
            verdict.refused.append((item, receiver, item.unfit))
        elif item.facts is not None and receiver is not None and item.reference not in fit:
            fit[item.reference] = (item, item.facts, receiver)
    return fit


def _document(
    call: Call, employer: EmployerRecord, item: Item, facts: Facts, receiver: Receiver
) -> DocumentRecord:
    """Write down all that is known of a new document; PaperRequired."""
    assert item.wanted is not None
    notes = drafting.judge(
        call,
        item.wanted,
        paper_from=receiver.paper_from,
        electronic_from=receiver.electronic_from,
    )
    return drafting.deposited(
        call,
        employer,
        item.wanted,
        safe_id=receiver.safe_id,
        locale=receiver.locale,
        birth_date=receiver.birth_date,
        id=item.document_id or None,
        reference=item.reference,
        notes=notes,
        facts=facts,
    )


# ------------------------------------------------------------------ what is written


def _seal(call: Call, new: Sequence[_New], pack: Pack) -> None:
    """Seal the contents into the pack, in their order."""
    keys = call.keys.fresh(KEY_SIZE * len(new))
    for number, one in enumerate(new):
        item = one.item
        assert isinstance(item.content, bytes)
        item.document_id = one.document.id
        item.key = keys[number * KEY_SIZE : (number + 1) * KEY_SIZE]
        context = content_context(call.keys.vault_id, item.document_id)
        item.offset = pack.add(item.content, key=item.key, context=context)


def _enter(act: Act, employer: EmployerRecord, new: Sequence[_New], pack: Pack, blob: str) -> None:
    """Enter all of them into the catalogue, or none."""
    if not receiving.keep_all(act, [one.receiver for one in new]):
        raise _Raced
    if not batches.deposit_all(act, [one.document for one in new]):
        raise _Raced
    contents.keep_all(act.rows, blob, (_entered(one, pack, blob) for one in new))
    _tell(act, employer, new)


def _tell(act: Act, employer: EmployerRecord, new: Sequence[_New]) -> None:
    """Tell those whose safes are theirs already, each at the address she proved last."""
    joined = [one.receiver.safe_id for one in new if one.receiver.joined]
    mailboxes = accounts.mailboxes_of_safes(act, joined) if joined else {}
    for one in new:
        mailbox = mailboxes.get(one.receiver.safe_id)
        if mailbox is not None:
            telling.new_document(act, employer, one.document, mailbox)


def _entered(one: _New, pack: Pack, blob: str) -> Entered:
    document, item = one.document, one.item
    place = Place(
        blob=blob,
        offset=item.offset,
        length=sealed_size(document.size),
        blob_size=pack.size,
        size=document.size,
    )
    return Entered(
        id=document.id,
        place=place,
        key=item.key,
        key_of=document.safe_id,
        bound=rules.bound(document),
    )
