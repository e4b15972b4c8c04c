"""
What signing in costs beyond the password hash: `Vault.sign_in` against one bare argon2id verification at the same costs.

The hash is slow on purpose and is most of a sign-in; what the vault adds (an attempt counted, rows unsealed, an event and a
letter or a session written, two durable commits) is to stay below a tenth of it. Each code that is asked for is answered,
outside the clock, since a vault sends ten unanswered codes a day at most.
"""

from collections.abc import Callable
from typing import Any

import living
from argon2 import PasswordHasher, Type
from harness import Bar, Row, Setting, Subject, compare

from mycvault import CodeRequired, Policy, SecondFactor, Session, Vault

BARE = "argon2.PasswordHasher.verify"
TO_CODE = "sign_in, up to the code (ALWAYS)"
TO_SESSION = "sign_in, up to the session (NEVER)"


def measure(setting: Setting) -> list[Row]:
    """Measure signing in."""
    costs = Policy().passwords
    hasher = PasswordHasher(
        time_cost=costs.passes,
        memory_cost=costs.memory_kib,
        parallelism=costs.lanes,
        type=Type.ID,
    )
    stored = hasher.hash(living.PASSWORD)
    asking = living.House(setting.place / "always", second_factor=SecondFactor.ALWAYS)
    trusting = living.House(setting.place / "never", second_factor=SecondFactor.NEVER)
    subjects = [
        Subject(name=BARE, run=lambda _given: hasher.verify(stored, living.PASSWORD)),
        Subject(name=TO_CODE, run=_sign_in(asking.vault, CodeRequired), after=asking.answer),
        Subject(name=TO_SESSION, run=_sign_in(trusting.vault, Session), after=Session.end),
    ]
    with asking.vault, trusting.vault:
        row = compare(
            f"Signing in (argon2id, {costs.memory_kib // 1024} MiB, {costs.passes} passes, {costs.lanes} lanes)",
            subjects,
            rounds=setting.count(40),
            warm_up=setting.warm_up,
            baseline=BARE,
            bars=[Bar(TO_CODE, BARE, 1.1), Bar(TO_SESSION, BARE, 1.1)],
        )
    return [row]


def _sign_in(vault: Vault, expected: type) -> Callable[[Any], Any]:
    def sign_in(_given: object) -> object:
        opened = vault.sign_in(living.EMAIL, living.PASSWORD)
        if not isinstance(opened, expected):
            raise TypeError(f"signing in gave {opened!r}")
        return opened

    return sign_in
