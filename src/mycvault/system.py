"""The real clock and the real randomness. They are read in this file and nowhere else; ruff bans them elsewhere."""

import datetime as dt
import os


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
