"""
How long a session lives. Pure.

Absolute end and idle end both count (NIST SP 800-63B-4, 2.2.3; ASVS 5.0, 7.3.1-2). Use is written down once a minute at most:
a safe that is read all day costs no commit a read.
"""

import datetime as dt

from mycvault.policy import SessionPolicy
from mycvault.sessions.model import SessionRecord

_TOUCH_EVERY = dt.timedelta(minutes=1)


def idle_until(session: SessionRecord, policy: SessionPolicy) -> dt.datetime:
    """Tell when the session ends if nobody uses it."""
    return min(session.last_used_at + policy.idle, session.expires_at)


def is_live(session: SessionRecord, policy: SessionPolicy, *, now: dt.datetime) -> bool:
    """Tell whether the session still admits."""
    return session.ended_at is None and now < idle_until(session, policy)


def is_stale(session: SessionRecord, policy: SessionPolicy, *, now: dt.datetime) -> bool:
    """Tell whether its last use is worth writing down again."""
    return now - session.last_used_at >= min(_TOUCH_EVERY, policy.idle / 4)


def is_fresh(session: SessionRecord, *, now: dt.datetime) -> bool:
    """Tell whether a confirmation of the last minutes counts (ASVS 5.0, 7.5.1)."""
    return now < session.fresh_until
