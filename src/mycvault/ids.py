"""
Ids of everything: the text of a UUIDv7, 36 characters, in the order of their making.

Within one process ids only rise: the 12 bits after the millisecond hold its fraction, and a standing clock counts on from
the last id (RFC 9562, 5.7 and 6.2, methods 1 and 3), so that a list by id is a list by time.
"""

import datetime as dt
import re
import threading
from collections.abc import Callable

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DRAWN = 64  # tails at once
_MICROSECOND = dt.timedelta(microseconds=1)
_MILLISECOND = dt.timedelta(milliseconds=1)
_RANDOM = (1 << 62) - 1  # the bits of an id's last eight bytes that are drawn
_VARIANT = 0b10 << 62
_BACKWARDS = 4096 * 1000  # a clock set back by more than a second is followed


_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def is_id(text: object) -> bool:
    """Tell whether *text* has the form of an id; what has not names nothing, whatever a database makes of it."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None


def first_id(moment: dt.datetime) -> str:
    """Give a text below every id made from *moment* on, as far as clocks agree."""
    return f"{(moment - _EPOCH) // _MILLISECOND:012x}"[:8]


class Ids:
    """Makes ids; thread-safe, one per process."""

    def __init__(self, randomness: Callable[[int], bytes]) -> None:
        self._randomness = randomness
        self._lock = threading.Lock()
        self._last = 0
        self._tails = (
            b""  # drawn many at once: asking the system for each costs more than all the rest
        )

    def new(self, now: dt.datetime) -> str:
        """Make the next id, of the moment *now*."""
        millis, micros = divmod((now - _EPOCH) // _MICROSECOND, 1000)
        stamp = millis << 12 | micros * 4096 // 1000
        with self._lock:
            if self._last - _BACKWARDS < stamp <= self._last:
                stamp = self._last + 1
            self._last = stamp
            if not self._tails:
                self._tails = self._randomness(8 * _DRAWN)
            tail, self._tails = self._tails[:8], self._tails[8:]
        time, rest = f"{stamp:015x}", f"{int.from_bytes(tail) & _RANDOM | _VARIANT:x}"
        return f"{time[:8]}-{time[8:12]}-7{time[12:]}-{rest[:4]}-{rest[4:]}"
