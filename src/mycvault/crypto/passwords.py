"""
Password hashes: argon2id, a bounded number at a time.

Parameters: RFC 9106, second profile; OWASP's minimum is the floor a policy should not go below. A stored hash is verified with
its own costs, which are bounded first: a hostile row must not take 8 GiB. A missing hash costs what a real one does, so that
time tells nobody who exists. A hash another system made (`foreign.py`), or of lower cost than the policy's, is made anew upwards.
Who waits too long for a turn is sent away, before any work is done.
"""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from argon2.low_level import Type

from mycvault.crypto import foreign
from mycvault.errors import RecordDamaged, TooManyAttempts
from mycvault.policy import PasswordPolicy


class Hasher:
    """Hashes and verifies passwords by one policy; thread-safe, slow on purpose."""

    def __init__(self, policy: PasswordPolicy) -> None:
        self._policy = policy
        self._turns = threading.BoundedSemaphore(policy.concurrent)
        self._argon2 = self._made(policy.memory_kib, policy.passes)
        self._dummy: str | None = None

    def hash(self, password: str) -> str:
        """Hash *password* with a fresh salt; TooManyAttempts when its turn does not come within `PasswordPolicy.patience`."""
        with self._turn():
            return self._argon2.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """
        Tell whether *password* is the one that was hashed; with nothing *stored*, work as long and say no.

        It is tried as typed, then in NFC when that is another text: other systems hashed what was typed, we hash NFC.

        Raises:
            RecordDamaged: What is stored is no hash, or one of outrageous cost.
            TooManyAttempts: Its turn did not come within `PasswordPolicy.patience`; nothing was judged.
            SetupError: What verifies a hash of this kind is not installed any more.
        """
        hashed = self._stand_in() if stored is None else stored
        tried = dict.fromkeys([password, _nfc(password)])
        # An empty text, which stands for one too long to be anybody's, is nobody's either.
        return any(self._verify(hashed, text) for text in tried) and bool(stored and password)

    def renewed(self, stored: str, password: str) -> str | None:
        """
        Hash anew the *password* that *stored* matched; None when that hash is as good as the policy asks.

        Anew means upwards: no cost is lower than it was, nor lower than the policy's. Lanes are no cost: fewer take an attacker
        as much work. TooManyAttempts, as `hash`.
        """
        text, old = _nfc(password), foreign.costs(stored)
        if old is not None and self._suffices(old):
            # Another system's hash may be of what was typed, before NFC: other keyboards would never match it.
            return (
                None if text == password or self._verify(stored, text) else self._raised(text, old)
            )
        return self._raised(text, old)

    def warm_up(self) -> None:
        """Make the stand-in for missing hashes now, so that the first unknown name takes no longer than the next."""
        self._stand_in()

    def _verify(self, stored: str, password: str) -> bool:
        try:
            matches = foreign.reader(stored)
            with self._turn():
                return matches(password)
        except (foreign.NotReadable, Argon2Error) as exc:
            raise RecordDamaged from exc

    def _suffices(self, old: foreign.Costs) -> bool:
        policy = self._policy
        return old.memory_kib >= policy.memory_kib and old.passes >= policy.passes

    def _raised(self, password: str, old: foreign.Costs | None) -> str:
        if old is None:
            return self.hash(password)
        policy = self._policy
        raised = self._made(max(policy.memory_kib, old.memory_kib), max(policy.passes, old.passes))
        with self._turn():
            return raised.hash(password)

    def _made(self, memory_kib: int, passes: int) -> PasswordHasher:
        return PasswordHasher(
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=self._policy.lanes,
            type=Type.ID,
        )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        patience = self._policy.patience
        if not self._turns.acquire(timeout=patience.total_seconds()):
            raise TooManyAttempts(patience)
        try:
            yield
        finally:
            self._turns.release()

    def _stand_in(self) -> str:
        if self._dummy is None:
            self._dummy = self._argon2.hash("a password that nobody has")
        return self._dummy


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
