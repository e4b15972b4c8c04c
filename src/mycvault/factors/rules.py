"""
Which code of an app is accepted now, what a recovery code looks like, and which ways stand beside an app. Pure.

A step is used at most once, and never after a newer one (RFC 6238, 5.2); one step of clock error is allowed either way. A
recovery code is 80 random bits (NIST SP 800-63B-4, 4.2.1.1 asks 64) in sixteen letters and digits that are not mistaken for one
another: Crockford's base 32, where O is read as 0, I and L as 1.
"""

import datetime as dt
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from mycvault.errors import CodeRefused
from mycvault.factors.model import App, Factors
from mycvault.values.choices import Channel

DRIFT = 1  # steps of clock error allowed either way
FAR = 10  # steps within which a code tells that the phone's clock is off: five minutes
CODES = 10
CODE_SIZE = 10  # bytes
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16  # characters, in groups of four
_GROUP = 4
_READ_AS = str.maketrans("OIL", "011")
_LONGEST = 64  # characters that are looked at, however a code is typed
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def step_of(now: dt.datetime, *, length: dt.timedelta) -> int:
    """Tell which time step *now* lies in."""
    return (now - _EPOCH) // length


def steps_around(current: int) -> range:
    """List the steps whose codes are compared: those that may be accepted, and those that tell of a clock that is off."""
    return range(max(0, current - FAR), current + FAR + 1)


def accept_step(
    matched: Collection[int], *, newest_used: int | None, current: int, tries_left: int
) -> int:
    """
    Decide whether the code of an app may be used now.

    Args:
        matched: Steps that have this code, in 30-second units since 1970; nearly always one or none.

        newest_used: Newest step already accepted; None before the first.

        current: Step of the present moment, same units.

        tries_left: What a refusal says.

    Returns:
        The step to be stored as *newest_used*.

    Raises:
        CodeRefused: No code of these steps, or not newer than *newest_used*; *reason* "clock" when the phone's clock is off.
    """
    near = [step for step in matched if abs(step - current) <= DRIFT]
    # Older steps inside the drift count as used too: a code read over a shoulder must not stay good for another minute.
    unused = [step for step in near if is_newer(step, newest_used)]
    if unused:
        return max(unused)
    if matched and not near:
        raise CodeRefused(tries_left, reason="clock")
    raise CodeRefused(tries_left)


def is_newer(step: int, newest_used: int | None) -> bool:
    """Tell whether a step comes after every one that was used."""
    return newest_used is None or step > newest_used


def is_waiting(app: App, *, session: str, lifetime: dt.timedelta, now: dt.datetime) -> bool:
    """Tell whether an app may still be confirmed, by the session that began to enrol it."""
    began_here = app.confirmed_at is None and app.session == session
    return began_here and now < app.created_at + lifetime


def write_code(raw: bytes) -> str:
    """Write a recovery code (10 bytes) for a person: ABCD-EFGH-JKMN-PQRS."""
    number = int.from_bytes(raw)
    text = "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    return "-".join(text[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def read_code(typed: str) -> str | None:
    """Give a typed recovery code in the form that is compared; None when it has not the form of one."""
    text = unicodedata.normalize("NFKC", typed[:_LONGEST]) if isinstance(typed, str) else ""
    plain = "".join(char for char in text.upper() if char.isascii() and char.isalnum())
    plain = plain.translate(_READ_AS)
    is_one = len(plain) == _LENGTH and all(char in _ALPHABET for char in plain)
    return plain if is_one else None


def ways(reached: Mapping[Channel, str], held: Factors) -> dict[Channel, str]:
    """Tell every way of hers, with the address each leads to: beside an app nothing that is sent, for it would be weaker."""
    own = dict.fromkeys(_own(held), "")
    return own if Channel.APP in own else {**reached, **own}


def _own(held: Factors) -> Iterable[Channel]:
    if held.app_since is not None:
        yield Channel.APP
    if held.codes_left > 0:
        yield Channel.RECOVERY
