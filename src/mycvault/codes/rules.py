"""
What a code looks like, and when it may be sent, tried and used. Pure.

Six digits, typed with whatever spaces, dashes or full-width digits people type. Tries count per account and purpose whatever
is sent again (NIST SP 800-63B-4, 3.1.3.2); they are free again after success or an hour.
"""

import datetime as dt
import unicodedata
from collections.abc import Collection

from mycvault.codes.model import Challenge
from mycvault.errors import InvalidInput
from mycvault.policy import CodePolicy
from mycvault.values.choices import Channel, SecondFactor

DIGITS = 6
_DAY = dt.timedelta(days=1)


def typed(code: str) -> str:
    """Give the digits of a typed code; other marks fall away."""
    text = unicodedata.normalize("NFKC", code[:64]) if isinstance(code, str) else ""
    return "".join(char for char in text if char.isascii() and char.isdigit())


def is_sent(channel: Channel) -> bool:
    """Tell whether a code travels by this channel; an app makes its own, and a recovery code is in her hands."""
    return channel not in {Channel.APP, Channel.RECOVERY}


def is_live(challenge: Challenge, *, now: dt.datetime) -> bool:
    """Tell whether a challenge may still be answered."""
    return challenge.used_at is None and now < challenge.expires_at


def resend_at(challenge: Challenge, policy: CodePolicy) -> dt.datetime:
    """Tell from when on a new code may be asked for."""
    return challenge.created_at + policy.resend_after


def wait_for_next(
    sent: list[Challenge], policy: CodePolicy, *, now: dt.datetime, cooled: bool
) -> dt.timedelta:
    """
    Tell how long to wait before one more code is sent; nothing or less when it may go now.

    Args:
        sent: The subject's challenges of the last 24 hours that nobody answered, oldest first.

        policy: The limits.

        now: The present moment.

        cooled: Whether the pause between two codes applies, as it does to a request for another one.
    """
    waits = [dt.timedelta(0)]
    if cooled and sent:
        waits.append(resend_at(sent[-1], policy) - now)
    if len(sent) >= policy.per_day:
        waits.append(sent[-policy.per_day].created_at + _DAY - now)
    return max(waits)


def window_start(since: dt.datetime | None, policy: CodePolicy, *, now: dt.datetime) -> dt.datetime:
    """Tell since when tries are counted: from the first one of the last hour."""
    return now if since is None or since + policy.tries_window <= now else since


def parse_way(channel: Channel | str, ways: Collection[Channel]) -> Channel:
    """Take the channel asked for; InvalidInput when it is not one of *ways*."""
    if channel not in list(ways):
        raise InvalidInput("not one of the alternatives", field="channel")
    return Channel(channel)


def second_step(asked: SecondFactor, ways: frozenset[Channel]) -> Channel | None:
    """
    Choose how the code after a password travels; None when there is none.

    An app of hers is asked whatever the policy: she chose it herself. Else SMS before e-mail; an e-mail code only when codes are
    asked ALWAYS, for a mailbox alone is not a factor of hers (NIST SP 800-63B-4, 3.1.3.1).
    """
    if Channel.APP in ways:
        return Channel.APP
    if asked is SecondFactor.NEVER:
        return None
    if Channel.SMS in ways:
        return Channel.SMS
    return Channel.EMAIL if asked is SecondFactor.ALWAYS and Channel.EMAIL in ways else None


def recovery_step(came_by: Channel, ways: frozenset[Channel]) -> Channel | None:
    """
    Choose how the code of a recovery travels: never as its link did, and by an app once she has one; None when there is no way.

    A mailbox is no second way beside a mailbox (NIST SP 800-63B-4, 4.2.2.2: two codes by different methods, or one and a factor).
    """
    if Channel.APP in ways:
        return Channel.APP
    other = Channel.SMS if came_by is Channel.EMAIL else Channel.EMAIL
    return other if other in ways else None
