"""
Bytes that no row refers to go, once they were seen so for the whole grace.

Crashes, lost races, destroyed documents and rewritten packs leave them. The store's listing is walked in batches, and the records
are asked of each: first sightings are written down, those of blobs that have a row again taken back. Then what waited for the
grace is condemned, batch by batch in an act that proves it once more, and its bytes deleted after: a deposit that wrote before
and enters after finds its blob condemned, and writes again. What an interrupted sweep left, the next one deletes.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from mycvault.contents import condemning, listing
from mycvault.contents.condemning import Seen
from mycvault.desk import Call
from mycvault.errors import InvalidInput
from mycvault.values.report import Report

_LEFT = 10_000  # of an interrupted sweep, deleted by one run; the rest by the next
_NAMES = ("scanned", "referenced", "first_seen", "waiting", "deleted", "restored")


def sweep(call: Call, *, grace: dt.timedelta | None) -> Report:
    """Delete the blobs that no row referred to for the whole grace; InvalidInput when it is none."""
    until = call.now - _parse_grace(call.policy.blob_grace if grace is None else grace)
    counts: Counter[str] = Counter(dict.fromkeys(_NAMES, 0))
    findings: list[str] = []
    left: list[str] = []
    for keys in listing.stored(call.blobs):
        seen = _sight(call, keys, findings)
        counts["scanned"] += len(keys)
        counts["referenced"] += len(seen.referenced)
        counts["first_seen"] += len(seen.unknown)
        counts["restored"] += len(seen.restored)
        left += sorted(seen.condemned)[: _LEFT - len(left)]
    # Never while the store is being listed: one that walks its own dictionary would stop.
    counts["deleted"] += _delete(call, left)
    _condemn(call, until, counts, findings)
    _finish(call, counts, findings)
    return Report(counts=dict(counts), findings=findings)


def _parse_grace(grace: dt.timedelta) -> dt.timedelta:
    given: object = grace  # what arrives is not always what the types say
    if not isinstance(given, dt.timedelta) or given < dt.timedelta():
        raise InvalidInput("a duration, zero or more", field="grace")
    return given


def _sight(call: Call, keys: list[str], findings: list[str]) -> Seen:
    """Ask the records of a batch; write only where there is news."""
    with call.look() as look:
        seen = condemning.look_at(look.rows, keys)
    if not seen.is_news:
        return seen
    with call.attempt() as attempt:
        seen = condemning.sight(attempt.rows, keys, call.now)
    findings += _damaged(seen)
    return seen


def _condemn(call: Call, until: dt.datetime, counts: Counter[str], findings: list[str]) -> None:
    after = ""
    while True:
        with call.look() as look:
            ripe = condemning.ripe(look.rows, until, after=after, count=listing.AT_ONCE)
        if not ripe:
            return
        with call.act() as act:
            doomed, seen = condemning.condemn(act.rows, ripe, until=until, now=call.now)
            act.record(condemned=str(len(doomed)))
        findings += _damaged(seen)
        counts["restored"] += len(seen.restored)
        counts["deleted"] += _delete(call, doomed)
        after = ripe[-1]


def _delete(call: Call, keys: Iterable[str]) -> int:
    deleted = 0
    for key in keys:
        call.blobs.delete(key)
        deleted += 1
    return deleted


def _damaged(seen: Seen) -> list[str]:
    # Somebody changed when it was seen: its grace begins anew.
    return [f"blob {blob}: record-damaged" for blob in seen.damaged]


def _finish(call: Call, counts: Counter[str], findings: list[str]) -> None:
    with call.act() as act:
        counts["waiting"], ahead = condemning.finish(act.rows, call.now)
        if ahead:
            findings.append(f"clock: {ahead} blobs were seen first at a moment that has not come")
        told: Any = {name: str(count) for name, count in counts.items()}
        act.record(**told)
