"""A typed password is held against a stored hash; what could not be judged counts for nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mycvault.credentials import rules
from mycvault.desk import Call
from mycvault.errors import TooManyAttempts
from mycvault.throttle import service as throttle
from mycvault.throttle.model import Bucket


def matches(call: Call, filled: Sequence[Bucket], stored: str | None, password: str) -> bool:
    """
    Tell whether *password* is the one that was hashed, as slowly when nothing is *stored*.

    Raises:
        TooManyAttempts: Too many passwords wait to be judged; the attempt that *filled* these buckets is given back.
    """
    typed = rules.attempted(password, call.policy.passwords)
    with given_back_when_busy(call, filled):
        return call.hasher.matches(stored, typed)


def renewed(call: Call, filled: Sequence[Bucket], stored: str, password: str) -> str | None:
    """Hash a password anew that was right, where its hash should cost more by now; TooManyAttempts, as `matches`."""
    typed = rules.attempted(password, call.policy.passwords)
    with given_back_when_busy(call, filled):
        return call.hasher.renewed(stored, typed)


@contextmanager
def given_back_when_busy(call: Call, filled: Sequence[Bucket]) -> Iterator[None]:
    """Hash or verify; when too many wait for that, give the attempt that *filled* these buckets back."""
    try:
        yield
    except TooManyAttempts:
        with call.attempt() as attempt:
            throttle.refund(attempt.rows, filled)
        raise
