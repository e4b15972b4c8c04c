"""The catalogue, within a look or an act."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import attrs

from mycvault.act import Act, Look
from mycvault.documents import marks, records, rules
from mycvault.documents.model import Document, DocumentRecord, Filter, Receipt
from mycvault.errors import DepositConflict, DocumentMissing
from mycvault.ids import is_id
from mycvault.values.choices import Kind
from mycvault.values.page import check_limit, parse_after
from mycvault.values.period import Period

_LAST_ID = "g"  # above every id
_AT_ONCE = 200  # documents unsealed in one go, when titles are searched


def already_deposited(look: Look, record: DocumentRecord, matricule: str) -> Receipt | None:
    """
    Find the receipt of the same deposit made before; None when there was none.

    Raises:
        DepositConflict: The reference stands for other bytes, or for somebody else.
    """
    assert record.employer_id is not None
    assert record.reference is not None
    found = records.by_reference(look.rows, record.employer_id, record.reference)
    if found is None:
        return None
    if (found.safe_id, found.sha256) != (record.safe_id, record.sha256):
        raise DepositConflict(field="reference")
    return attrs.evolve(receipt(found, matricule), replayed=True)


def is_taken(look: Look, employer_id: str, reference: str) -> bool:
    """Tell whether the employer deposited something under this reference."""
    return records.by_reference(look.rows, employer_id, reference) is not None


def deposit(act: Act, record: DocumentRecord, *, corrects: Iterable[str] = ()) -> bool:
    """
    Write a new document into a safe; False when another call used its reference meanwhile.

    Raises:
        DocumentMissing: What it corrects is not in the same safe, or not from the same employer.
    """
    if not records.add(act.rows, record):
        return False
    wanted = list(corrects)
    check_corrected(act, record, wanted)
    for corrected in wanted:
        marks.correct(act.rows, act.new_id(), by=record, corrected=corrected)
    record_deposit(act, record)
    return True


def record_deposit(act: Act, record: DocumentRecord) -> None:
    """Write down that a document came into its safe."""
    act.record(
        record.safe_id,
        about=record.id,
        kind=str(record.kind),
        period=str(record.period or ""),
        title=record.title,
        sha256=record.sha256,
        size=str(record.size),
    )


def check_corrected(look: Look, record: DocumentRecord, corrects: Iterable[str]) -> None:
    """Make sure that what a document corrects is in the same safe and from the same employer; DocumentMissing."""
    for corrected in corrects:
        old = records.by_id(look.rows, corrected, [record.safe_id]) if is_id(corrected) else None
        if old is None or old.employer_id != record.employer_id:
            raise DocumentMissing(field="corrects")


def receipt(record: DocumentRecord, matricule: str) -> Receipt:
    """Write the receipt of a deposit."""
    return Receipt(
        document_id=record.id,
        matricule=matricule,
        kind=record.kind,
        period=record.period,
        reference=record.reference or "",
        sha256=record.sha256,
        size=record.size,
        deposited_at=record.deposited_at,
        notes=record.notes,
    )


def find(look: Look, safes: Sequence[str], document_id: str) -> DocumentRecord:
    """
    Find a document in one of these safes.

    Raises:
        DocumentMissing: There is none there now; other people's, and those not yet to be shown, are no different.
    """
    record = records.by_id(look.rows, document_id, safes) if is_id(document_id) else None
    if record is None:
        raise DocumentMissing(field="document_id")
    look.concerns(record.safe_id, about=record.id)
    if record.available_from is not None and look.now < record.available_from:
        raise DocumentMissing(field="document_id")
    if record.destroyed_at is not None:
        raise DocumentMissing(field="document_id")
    return record


def page(
    look: Look, wanted: Filter, account_id: str, *, after: str | None, limit: int
) -> tuple[list[DocumentRecord], str | None]:
    """List documents, newest first; with the place to go on from, None at the end."""
    before, count = parse_after(after) or _LAST_ID, check_limit(limit) + 1
    if wanted.words:
        found = _search(look, wanted, account_id, before=before, count=count)
    else:
        found = records.page(look.rows, wanted, account_id, before=before, count=count)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def years(look: Look, safes: Sequence[str]) -> list[int]:
    """List the years of all that is in these safes, newest first: of its month, else of its deposit."""
    zone = ZoneInfo(look.policy.legal.zone)
    found = set()
    for month, deposited_at in records.dated(look.rows, safes, look.now):
        found.add(int(month[:4]) if month else deposited_at.astimezone(zone).year)
    return sorted(found, reverse=True)


def extent(look: Look, places: Sequence[str]) -> tuple[int, str]:
    """Count all that she sees in these places, archive and bin included, and tell the newest id among it."""
    return records.extent(look.rows, places, look.now)


def to_export(
    look: Look, places: Sequence[str], *, after: str, until: str, count: int
) -> list[str]:
    """List the ids of all that she sees in these places, oldest first, above *after*, up to *until*; no row is judged."""
    return records.ids_between(look.rows, places, look.now, after=after, until=until, count=count)


def not_yet(look: Look, places: Sequence[str]) -> list[str]:
    """List the ids of what lies in these places and is not to be shown yet."""
    return records.not_yet(look.rows, places, look.now)


def count(look: Look, wanted: Filter, account_id: str) -> int:
    """Count documents."""
    return records.count(look.rows, wanted, account_id)


def deposited(
    look: Look,
    employer_id: str,
    *,
    safe_id: str | None,
    period: Period | None,
    after: str | None,
    limit: int,
) -> list[DocumentRecord]:
    """List an employer's deposits, newest first, one more than *limit* if there is one."""
    count = check_limit(limit) + 1
    return records.deposited(
        look.rows,
        employer_id,
        safe_id=safe_id,
        period=period,
        before=parse_after(after) or _LAST_ID,
        count=count,
    )


def shown(
    look: Look, found: Sequence[DocumentRecord], employers: Mapping[str, tuple[str, str]]
) -> list[Document]:
    """Show documents as their owner sees them; *employers*: id to reference and name."""
    ids = [record.id for record in found]
    labels = marks.labels_of(look.rows, ids)
    corrects, corrected = marks.corrections(look.rows, ids, look.now)
    return [
        attrs.evolve(
            _shown(record, labels[record.id], employers),
            corrects=tuple(corrects.get(record.id, ())),
            corrected_by=tuple(corrected.get(record.id, ())),
        )
        for record in found
    ]


def mark_opened(act: Act, record: DocumentRecord) -> None:
    """Write down that a document was opened."""
    if record.opened_at is None:
        records.mark_opened(act.rows, record.id, act.now)


def rename(act: Act, record: DocumentRecord, title: str) -> None:
    """Give a document another title."""
    _change(act, record, {"title": title})


def archive(act: Act, record: DocumentRecord) -> None:
    """Put a document away; one that is away already keeps its day."""
    _change(act, record, {"archived_at": record.archived_at or act.now})


def unarchive(act: Act, record: DocumentRecord) -> None:
    """Take a document out again."""
    _change(act, record, {"archived_at": None})


def discard(act: Act, record: DocumentRecord) -> None:
    """Put a document into the bin; one that is there already keeps its day."""
    _change(act, record, {"discarded_at": record.discarded_at or act.now})


def restore(act: Act, record: DocumentRecord) -> None:
    """Take a document out of the bin."""
    _change(act, record, {"discarded_at": None})


def deposits_made(look: Look, employer_id: str) -> int:
    """Count an employer's deposits."""
    return records.deposits_made(look.rows, employer_id)


def label(act: Act, record: DocumentRecord, account_id: str, names: Sequence[str]) -> None:
    """Put labels on a document; one that is there already stays."""
    for name in names:
        key = rules.label_key(name)
        marks.label(
            act.rows, act.new_id(), document_id=record.id, account_id=account_id, name=name, key=key
        )
    act.record(record.safe_id, about=record.id, labels=", ".join(names))


def unlabel(act: Act, record: DocumentRecord, account_id: str, names: Sequence[str]) -> None:
    """Take labels off a document; one that is not there is no error."""
    for name in names:
        key = rules.label_key(name)
        marks.unlabel(act.rows, document_id=record.id, account_id=account_id, key=key)
    act.record(record.safe_id, about=record.id, labels=", ".join(names))


def labels(look: Look, account_id: str) -> list[str]:
    """List the labels somebody uses."""
    return marks.labels_by(look.rows, account_id)


def _search(
    look: Look, wanted: Filter, account_id: str, *, before: str, count: int
) -> list[DocumentRecord]:
    """Read titles, which are sealed, until enough of them hold the words; it costs what her own safe holds."""
    found: list[DocumentRecord] = []
    while len(found) < count:
        some = records.page(look.rows, wanted, account_id, before=before, count=_AT_ONCE)
        found += [record for record in some if rules.mentions(record.title, wanted.words)]
        if len(some) < _AT_ONCE:
            break
        before = some[-1].id
    return found[:count]


def _change(act: Act, record: DocumentRecord, changes: dict[str, object]) -> None:
    if not records.change(act.rows, record.id, changes):
        raise DocumentMissing(field="document_id")
    act.record(record.safe_id, about=record.id)


def _shown(
    record: DocumentRecord, labels: frozenset[str], employers: Mapping[str, tuple[str, str]]
) -> Document:
    employer, employer_name = employers.get(record.employer_id or "", (None, None))
    return Document(
        id=record.id,
        kind=record.kind,
        period=record.period,
        title=record.title,
        filename=rules.filename(record),
        employer=employer,
        employer_name=employer_name,
        media_type=record.media_type,
        size=record.size,
        sha256=record.sha256,
        deposited_at=record.deposited_at,
        opened_at=record.opened_at,
        labels=labels,
        archived=record.archived_at is not None,
        discarded_at=record.discarded_at,
        keep_advised=record.kind is Kind.PAYSLIP,
        keep_until=record.keep_until,
        corrects=(),
        corrected_by=(),
    )
