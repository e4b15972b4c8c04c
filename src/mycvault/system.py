"""The real clock and the real randomness. They are read in this file and nowhere else; ruff bans them elsewhere."""

import datetime as dt
import os
import time


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> dt.datetime:
        """Read the clock."""
        return dt.datetime.now(dt.UTC)


class SystemEntropy:
    """The operating system's randomness."""

    def bytes(self, size: int) -> bytes:
        """Draw *size* bytes."""
        return os.urandom(size)


def ticks() -> float:
    """Read the clock that only goes forward, in seconds from nowhere."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait, half of *seconds* at least and all of it at most, so that those who failed together do not come back together."""
    time.sleep(seconds * (1 + os.urandom(1)[0] / 255) / 2)
