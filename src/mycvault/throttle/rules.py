"""
The generic cell rate algorithm (GCRA): one moment per bucket says all.

The bucket's moment is when it would be empty again. An attempt pushes it on by *every*; it is refused when that would lead
more than *burst* attempts ahead of now. Soft by design: a refused attempt never advances it, so that an attacker delays
himself, not her. Source: ITU-T I.371, annex A.
"""

import datetime as dt

from mycvault.throttle.model import Bucket


def next_moment(full_until: dt.datetime | None, bucket: Bucket, *, now: dt.datetime) -> dt.datetime:
    """Tell the bucket's moment after one more attempt at *now*."""
    return max(full_until or now, now) + bucket.every


def wait(full_until: dt.datetime | None, bucket: Bucket, *, now: dt.datetime) -> dt.timedelta:
    """Tell how long to wait before one more attempt; nothing or less when it may come now."""
    return next_moment(full_until, bucket, now=now) - bucket.burst * bucket.every - now


def refunded(full_until: dt.datetime, bucket: Bucket) -> dt.datetime:
    """Tell the bucket's moment with one attempt taken back, because it succeeded."""
    return full_until - bucket.every
