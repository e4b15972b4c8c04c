"""Counting an attempt before it is judged, by who is tried and from where."""

import datetime as dt
from collections.abc import Sequence

from mycvault.errors import RecordsUnavailable, TooManyAttempts
from mycvault.policy import ThrottlePolicy, Tier
from mycvault.storage.rows import Rows
from mycvault.throttle import records, rules
from mycvault.throttle.model import Bucket

_RACES = 64


def buckets(rows: Rows, policy: ThrottlePolicy, *, who: str, address: str | None) -> list[Bucket]:
    """
    List the buckets an attempt on *who* from *address* fills.

    *who* is the canonical text that is tried, whether or not somebody has it: unknown identifiers count like known ones. No
    address: that tier is skipped, never shared.
    """
    tiers: list[tuple[Tier, str, str]] = [(policy.identifier, "identifier", who)]
    if address is not None:
        tiers.insert(0, (policy.pair, "pair " + address, who))
    return [
        Bucket(rows.index(records.KEY, value, scope=scope), tier.burst, tier.every)
        for tier, scope, value in tiers
    ]


def count(rows: Rows, filled: Sequence[Bucket], *, now: dt.datetime) -> None:
    """
    Count one attempt in every bucket, or in none.

    Raises:
        TooManyAttempts: One of them is full; `retry_after` says until when. The caller's transaction ends without effect.
    """
    waits = [_count_one(rows, bucket, now) for bucket in filled]
    longest = max(waits)
    if longest > dt.timedelta(0):
        raise TooManyAttempts(longest)


def refund(rows: Rows, filled: Sequence[Bucket]) -> None:
    """Take one attempt back, because it succeeded."""
    for bucket in filled:
        for _ in range(_RACES):
            old = records.full_until(rows, bucket.key)
            if old is None or records.move(rows, bucket.key, old, rules.refunded(old, bucket)):
                break


def _count_one(rows: Rows, bucket: Bucket, now: dt.datetime) -> dt.timedelta:
    for _ in range(_RACES):
        old = records.full_until(rows, bucket.key)
        wait = rules.wait(old, bucket, now=now)
        if wait > dt.timedelta(0):
            return wait
        if records.move(rows, bucket.key, old, rules.next_moment(old, bucket, now=now)):
            return dt.timedelta(0)
    raise RecordsUnavailable
