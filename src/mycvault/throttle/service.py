"""
Counting an attempt before it is judged, by who is tried and from where.

Why these buckets, and what they hold an attacker to: docs/explanation/throttling.md. Buckets are taken in one order (pair,
identifier, address, vault), so that attempts never deadlock; a full one is refused by reading alone, so that a flood keeps
nobody from a row.
"""

import datetime as dt
from collections.abc import Sequence

from mycvault.errors import RecordsUnavailable, TooManyAttempts
from mycvault.policy import ThrottlePolicy, Tier
from mycvault.storage.rows import Rows
from mycvault.throttle import familiar, records, rules
from mycvault.throttle.model import Bucket
from mycvault.values.caller import Caller

_RACES = 64
_SWEPT = 8  # rows; an attempt adds four at most
_NOTHING = dt.timedelta(0)


def buckets(
    rows: Rows, policy: ThrottlePolicy, *, who: str, address: str | None, purpose: str = ""
) -> list[Bucket]:
    """
    List the buckets of an attempt on what a token or a session guards already: by identifier and address, by identifier.

    *who* is the canonical text that is tried, whether or not somebody has it: unknown identifiers count like known ones. No
    address: that tier is skipped, never shared. *purpose*: one word; what is tried for another purpose has buckets of its own.
    """
    found = [_bucket(rows, policy.identifier, _scope(purpose, "identifier"), who)]
    if address is not None:
        scope = _scope(purpose, "pair " + address)
        found.insert(0, _bucket(rows, policy.pair, scope, who, hers=True))
    return found


def tiers(
    rows: Rows,
    policy: ThrottlePolicy,
    *,
    who: str,
    caller: Caller,
    now: dt.datetime,
    purpose: str = "",
) -> list[Bucket]:
    """
    List the buckets of an attempt that anybody may make: as `buckets`, then by address, then of the whole vault.

    A device from which *who* succeeded of late has a bucket of its own instead. The vault's delays only addresses from which
    nobody succeeded of late; without an address there is none to tell, and it is skipped. Nobody's account is looked at: the
    work is the same whether or not somebody has the identifier.
    """
    device, address = caller.device, caller.address
    if device and familiar.knows_device(rows, who, device, now=now):
        scope = _scope(purpose, "device " + who)
        return [_bucket(rows, policy.device, scope, device, hers=True)]
    found = buckets(rows, policy, who=who, address=address, purpose=purpose)
    if address is not None:
        found.append(_bucket(rows, policy.address, _scope(purpose, "address"), address))
        if not familiar.knows_address(rows, address, now=now):
            found.append(_bucket(rows, policy.vault, _scope(purpose, "vault"), ""))
    return found


def pseudonym(rows: Rows, who: str) -> str:
    """Name *who* in the journal without telling: the same for the same text, whether or not somebody has it."""
    return rows.index(records.KEY, who, scope="identifier").hex()[:36]


def count(rows: Rows, filled: Sequence[Bucket], *, now: dt.datetime) -> None:
    """
    Count one attempt in every bucket, or in none.

    Raises:
        TooManyAttempts: One of them is full; `retry_after` says until when. The caller's transaction ends without effect.
    """
    seen = records.full_until(rows, [bucket.key for bucket in filled])
    longest = max(rules.wait(seen.get(bucket.key), bucket, now=now) for bucket in filled)
    if longest > _NOTHING:
        raise TooManyAttempts(longest)
    for bucket in filled:
        _fill(rows, bucket, seen.get(bucket.key), now)
    if len(seen) < len(filled):
        # Last, since nothing is waited for while rows of others are held.
        records.sweep(rows, now, _SWEPT)


def refund(rows: Rows, filled: Sequence[Bucket]) -> None:
    """
    Take one attempt back, because it succeeded, or because it was not judged.

    First in an act, before rows of other kinds.
    """
    for bucket in filled:
        records.lower(rows, bucket.key, bucket.every)


def succeed(rows: Rows, filled: Sequence[Bucket]) -> None:
    """
    Take the attempt back, and disregard those that failed before it from the same place (NIST SP 800-63B-4, 3.2.2).

    First in an act, before rows of other kinds.
    """
    for bucket in filled:
        if bucket.hers:
            records.empty(rows, bucket.key)
        else:
            records.lower(rows, bucket.key, bucket.every)


def sweep(rows: Rows, *, now: dt.datetime, count: int) -> int:
    """Delete what counts and what is remembered no more, *count* rows of each at most; tell how many."""
    return records.sweep(rows, now, count) + records.sweep_familiars(rows, now, count)


def _fill(rows: Rows, bucket: Bucket, old: dt.datetime | None, now: dt.datetime) -> None:
    for _ in range(_RACES):
        wait = rules.wait(old, bucket, now=now)
        if wait > _NOTHING:
            raise TooManyAttempts(wait)
        if records.move(rows, bucket.key, old, rules.next_moment(old, bucket, now=now)):
            return
        # Somebody was faster: from here on the row is kept, and the next move is ours.
        old = records.take(rows, bucket.key)
    raise RecordsUnavailable


def _bucket(rows: Rows, tier: Tier, scope: str, value: str, *, hers: bool = False) -> Bucket:
    return Bucket(rows.index(records.KEY, value, scope=scope), tier.burst, tier.every, hers)


def _scope(purpose: str, tier: str) -> str:
    return f"{purpose} {tier}" if purpose else tier
