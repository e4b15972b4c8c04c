"""
The generic cell rate algorithm (GCRA): one moment per bucket says all.

The bucket's moment is when it would be empty again. An attempt pushes it on by *every*; it is refused when that would lead
more than *burst* attempts ahead of now. Soft by design: a refused attempt never advances it, so that an attacker delays
himself, not her. Source: ITU-T I.371, annex A.

A moment further ahead than a full bucket's was written by a clock that has since gone back: it counts as a bucket with room for
one more, which is then written down by the clock of today, so that nobody waits for longer than the policy says.
"""

import datetime as dt

from mycvault.throttle.model import Bucket

SKEW = dt.timedelta(seconds=5)  # by which clocks of several machines may differ unpunished


def next_moment(full_until: dt.datetime | None, bucket: Bucket, *, now: dt.datetime) -> dt.datetime:
    """Tell the bucket's moment after one more attempt at *now*."""
    full = now + bucket.burst * bucket.every
    if full_until is not None and full_until > full + SKEW:
        return full
    return max(full_until or now, now) + bucket.every


def wait(full_until: dt.datetime | None, bucket: Bucket, *, now: dt.datetime) -> dt.timedelta:
    """Tell how long to wait before one more attempt; nothing or less when it may come now."""
    return next_moment(full_until, bucket, now=now) - bucket.burst * bucket.every - now


def is_worth_writing(until: dt.datetime, lifetime: dt.timedelta, *, now: dt.datetime) -> bool:
    """Tell whether what is remembered *until* should be remembered anew: once in a tenth of its lifetime is enough."""
    return not now + lifetime * 0.9 <= until <= now + lifetime
