"""
Password hashes: argon2id, a bounded number at a time.

Parameters: RFC 9106, second profile; OWASP's minimum is the floor a policy should not go below. A stored hash is verified with
its own costs, which are bounded first: a hostile row must not take 8 GiB. A missing hash costs what a real one does, so that
time tells nobody who exists. Who waits too long for a turn is sent away, before any work is done.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

from mycvault.errors import RecordDamaged, TooManyAttempts
from mycvault.policy import PasswordPolicy

_MOST_MEMORY_KIB = 1024 * 1024
_MOST_PASSES = 10


class Hasher:
    """Hashes and verifies passwords by one policy; thread-safe, slow on purpose."""

    def __init__(self, policy: PasswordPolicy) -> None:
        self._argon2 = PasswordHasher(
            time_cost=policy.passes,
            memory_cost=policy.memory_kib,
            parallelism=policy.lanes,
            type=Type.ID,
        )
        self._turns = threading.BoundedSemaphore(policy.concurrent)
        self._patience = policy.patience
        self._dummy: str | None = None

    def hash(self, password: str) -> str:
        """Hash *password* with a fresh salt; TooManyAttempts when its turn does not come within `PasswordPolicy.patience`."""
        with self._turn():
            return self._argon2.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """
        Tell whether *password* is the one that was hashed; with nothing *stored*, work as long and say no.

        Raises:
            RecordDamaged: What is stored is no hash, or one of outrageous cost.
            TooManyAttempts: Its turn did not come within `PasswordPolicy.patience`; nothing was judged.
        """
        hashed = self._stand_in() if stored is None else _bounded(stored)
        with self._turn():
            try:
                return self._argon2.verify(hashed, password) and stored is not None
            except VerifyMismatchError:
                return False
            except (VerificationError, InvalidHashError) as exc:
                raise RecordDamaged from exc

    def warm_up(self) -> None:
        """Make the stand-in for missing hashes now, so that the first unknown name takes no longer than the next."""
        self._stand_in()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._patience.total_seconds()):
            raise TooManyAttempts(self._patience)
        try:
            yield
        finally:
            self._turns.release()

    def _stand_in(self) -> str:
        if self._dummy is None:
            self._dummy = self._argon2.hash("a password that nobody has")
        return self._dummy


def _bounded(stored: str) -> str:
    try:
        costs = extract_parameters(stored)
    except InvalidHashError as exc:
        raise RecordDamaged from exc
    if costs.memory_cost > _MOST_MEMORY_KIB or costs.time_cost > _MOST_PASSES:
        raise RecordDamaged
    return stored
