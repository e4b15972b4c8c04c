"""
Which blobs may go, within a look or an act: seen without a row, waiting for the whole grace, condemned, deleted.

A blob is condemned in one act that proves once more that no row refers to it; its bytes are deleted after. Acts that enter
contents refuse a condemned blob and end what was seen of another (`service.refuse_condemned`), so that neither loses what the
other did. What is condemned is remembered for thirty days, longer than any deposit takes: docs/decisions/0013-sweeping.md.
"""

import datetime as dt
from collections.abc import Collection

import attrs

from mycvault.contents import orphans, records
from mycvault.contents.model import Orphan
from mycvault.storage.rows import Rows

_REMEMBERED = dt.timedelta(days=30)  # how long an act may come after the writing of its blob
_BESIDE = dt.timedelta(days=1)  # how much later another sweep may have begun that runs beside this


@attrs.frozen(kw_only=True)
class Seen:
    """
    What is known of some blobs.

    *referenced*: by a row. *unknown*: by none, seen so for the first time. *restored*: referenced, though seen otherwise before.
    *condemned*: still there, though a sweep before condemned them. *damaged*: what was written of them is not.
    """

    referenced: frozenset[str]
    unknown: frozenset[str]
    restored: frozenset[str]
    condemned: frozenset[str]
    damaged: tuple[str, ...] = ()

    @property
    def is_news(self) -> bool:
        """Tell whether anything is to be written or deleted."""
        return bool(self.unknown or self.restored or self.condemned)


def look_at(rows: Rows, blobs: Collection[str]) -> Seen:
    """Tell what is known of blobs; nothing is proved, nothing written."""
    return _seen(rows, blobs, orphans.states(rows, blobs))


def unreferenced(rows: Rows, blobs: Collection[str]) -> int:
    """Count those of *blobs* that no row refers to."""
    return len(set(blobs)) - len(records.referenced(rows, blobs))


def sight(rows: Rows, blobs: Collection[str], now: dt.datetime) -> Seen:
    """Write down which blobs were seen without a row for the first time, and end what was seen of those that have one."""
    orphans.take_turn(rows)
    known, damaged = orphans.proved(rows, blobs)
    states = {blob: orphan.condemned_at is not None for blob, orphan in known.items()}
    seen = attrs.evolve(_seen(rows, blobs, states), damaged=tuple(damaged))
    orphans.forget(rows, *seen.restored)
    # One whose row somebody changed begins anew: it is seen now.
    orphans.write(rows, (Orphan(blob=blob, seen_at=now) for blob in seen.unknown))
    return seen


def ripe(rows: Rows, until: dt.datetime, *, after: str, count: int) -> list[str]:
    """List what was seen first at *until* or before, ids above *after*."""
    return orphans.ripe(rows, until, after=after, count=count)


def condemn(
    rows: Rows, blobs: Collection[str], *, until: dt.datetime, now: dt.datetime
) -> tuple[list[str], Seen]:
    """Condemn those of *blobs* that no row refers to and that were seen first at *until* or before; name them."""
    seen = sight(rows, blobs, now)
    known, _ = orphans.proved(rows, blobs)
    doomed = [
        attrs.evolve(orphan, condemned_at=now)
        for orphan in known.values()
        if orphan.condemned_at is None and orphan.seen_at <= until
    ]
    orphans.write(rows, doomed)
    return sorted(orphan.blob for orphan in doomed), seen


def finish(rows: Rows, now: dt.datetime) -> tuple[int, int]:
    """Forget what was condemned long ago; count what waits, and what of it was seen at a moment that has not come yet."""
    orphans.forget_condemned(rows, now - _REMEMBERED)
    return orphans.waiting(rows, now + _BESIDE)


def _seen(rows: Rows, blobs: Collection[str], states: dict[str, bool]) -> Seen:
    referenced = records.referenced(rows, blobs)
    return Seen(
        referenced=frozenset(referenced),
        unknown=frozenset(set(blobs) - referenced - states.keys()),
        restored=frozenset(referenced & states.keys()),
        condemned=frozenset(
            blob for blob, condemned in states.items() if condemned and blob not in referenced
        ),
    )
