"""
Writing the journal and reading it.

An act's events are written together at its end, with sequences that follow the last of each subject. A flood of the same
refusal is one event per identifier and window.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mycvault import locales
from mycvault.crypto.commitments import BLINDING_SIZE, commit
from mycvault.crypto.encoding import Value
from mycvault.errors import JournalBroken
from mycvault.journal import records
from mycvault.journal.model import Entry, Event
from mycvault.ports import Entropy
from mycvault.storage.columns import micros
from mycvault.storage.rows import Row, Rows
from mycvault.values.page import Page, check_limit, parse_after

FLOOD_WINDOW = dt.timedelta(minutes=10)
_LAST_ID = "g"  # above every id


def write(rows: Rows, entries: Sequence[Entry], *, vault_id: str, entropy: Entropy) -> None:
    """Write the events of one act."""
    if not entries:
        return
    rows.ring.ready({entry.sealed_by for entry in entries})
    last = defaultdict(int, records.last_sequences(rows, [entry.subject for entry in entries]))
    blinding = entropy.bytes(BLINDING_SIZE * len(entries))
    records.add(rows, _rows(entries, last, vault_id, blinding))


def is_repeat(rows: Rows, entry: Entry, window: dt.timedelta = FLOOD_WINDOW) -> bool:
    """Tell whether the same actor's same event about the same thing was written within *window*."""
    return records.written_since(
        rows,
        entry.at - window,
        subject=entry.subject,
        about=entry.about,
        verb=entry.verb,
        outcome=entry.outcome,
        actor=entry.actor,
    )


def history(
    rows: Rows,
    subjects: Sequence[str],
    *,
    hidden: Sequence[str] = (),
    locale: str,
    after: str | None,
    limit: int,
) -> Page[Event]:
    """
    Read what happened to *subjects*, newest first, in words, but for events about what is *hidden* as yet.

    Raises:
        JournalBroken: An event is missing among them.
    """
    if after is None and records.has_gap(rows, subjects):
        raise JournalBroken
    count = check_limit(limit) + 1
    found = records.newest(
        rows, subjects, hidden=hidden, before=parse_after(after) or _LAST_ID, count=count
    )
    events = [_event(row, locale) for row in found[:limit]]
    return Page(events, events[-1].id if len(found) > limit else None)


def whole_after(rows: Rows, after: str, count: int) -> dict[str, bool]:
    """List subjects above *after*, and whether every event of each is there before its newest."""
    return records.whole_after(rows, after, count)


def header(row: Mapping[str, object], vault_id: str) -> list[Value]:
    """List what an event's header holds, in the order of docs/spec/journal.md."""
    at = row["at"]
    assert isinstance(at, dt.datetime)
    names = ("id", "verb", "outcome", "who", "actor", "subject", "sequence", "about")
    values = [row[name] for name in names]
    return ["mycvault event 1", vault_id, micros(at), *values]  # type: ignore[list-item]


def _rows(
    entries: Sequence[Entry], last: dict[str, int], vault_id: str, blinding: bytes
) -> Iterator[Row]:
    """Lay out each as its turn comes, with the sequence that follows the *last* of its subject."""
    for number, entry in enumerate(entries):
        last[entry.subject] += 1
        own = blinding[number * BLINDING_SIZE : (number + 1) * BLINDING_SIZE]
        yield _row(entry, last[entry.subject], vault_id, own)


def _row(entry: Entry, sequence: int, vault_id: str, blinding: bytes) -> Row:
    row: Row = {
        "id": entry.id,
        "at": entry.at,
        "verb": entry.verb,
        "outcome": entry.outcome,
        "who": entry.who,
        "actor": entry.actor,
        "subject": entry.subject,
        "sequence": sequence,
        "about": entry.about,
        "sealed_by": entry.sealed_by,
        "details": {"blinding": blinding.hex(), "fields": entry.details},
    }
    row["commitment"] = commit(blinding, header(row, vault_id), entry.details)
    return row


def _event(row: Row, locale: str) -> Event:
    fields: dict[str, str] = row["details"]["fields"]
    refused = {"refused": row["outcome"]} if row["outcome"] else {}
    key = f"{row['verb']}.{'refused' if refused else 'text'}"
    return Event(
        id=row["id"],
        at=row["at"],
        verb=row["verb"],
        actor=row["who"],
        text=locales.text(locale, "events", key),
        details=fields | refused,
    )
