"""
Whether time tells who exists: signing in with identifiers of four kinds, in turn, compared by a rank test.

Unknown, pending (enrolled and invited, never joined), wrong password, and waiting (too many attempts: the same for known and
unknown). 200 samples of each, interleaved so that what else the machine does falls on all alike. A pair whose Mann-Whitney test
gives p below 0.01 in two runs in a row is worth a look. Usage: python bench/telling.py [samples]
"""

import itertools
import math
import random
import sys
import tempfile
import time

from mycvault import LocalKeys, Policy, SignInRefused, TooManyAttempts, Vault

PASSWORD = "violet-harbour-lantern-27"
NAMES = {"given_name": "Dora", "family_name": "Exemple"}


def rank_test(one: list[float], other: list[float]) -> float:
    """Give the two-sided p-value of the Mann-Whitney test, by its normal approximation (200 samples are plenty for it)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which == 0)
    count, rest = len(one), len(other)
    u = ranks - count * (count + 1) / 2
    spread = math.sqrt(count * rest * (count + rest + 1) / 12)
    return math.erfc(abs(u - count * rest / 2) / spread / math.sqrt(2))


def joined(vault: Vault, number: int) -> None:
    """Open the safe of somebody who can be tried with a wrong password."""
    acme = vault.employer("acme")
    email = f"known-{number}@example.org"
    acme.enrol(f"K-{number}", email=email, **NAMES)
    token = acme.invite(f"K-{number}").token.reveal()
    vault.joining.complete(token, password=PASSWORD, email=email, **NAMES)


def timed(vault: Vault, identifier: str, refusal: type[Exception]) -> float:
    """Time one refused sign-in, in milliseconds."""
    begun = time.perf_counter()
    try:
        vault.sign_in(identifier, "not-this-one-either-41")
    except refusal:
        return (time.perf_counter() - begun) * 1000
    raise AssertionError(identifier)


def main(samples: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Policy(hand_out_links=True)
        vault = Vault.create(f"{folder}/vault", keys=LocalKeys.ephemeral(), policy=policy)
        acme = vault.add_employer("Acme SAS", reference="acme")
        for number in range(samples):
            joined(vault, number)
            acme.enrol(f"P-{number}", email=f"pending-{number}@example.org", **NAMES)
        acme.invite_pending()
        for name in ("waiting-known", "waiting-unknown"):
            if name == "waiting-known":
                acme.enrol("W", email=f"{name}@example.org", **NAMES)
                token = acme.invite("W").token.reveal()
                vault.joining.complete(
                    token, password=PASSWORD, email=f"{name}@example.org", **NAMES
                )
            for _ in range(policy.throttle.identifier.burst):
                timed(vault, f"{name}@example.org", SignInRefused)
        found: dict[str, list[float]] = {"unknown": [], "pending": [], "wrong": []}
        found |= {"waiting, known": [], "waiting, unknown": []}
        for number in range(samples):
            turn = [
                ("unknown", f"nobody-{number}@example.org", SignInRefused),
                ("pending", f"pending-{number}@example.org", SignInRefused),
                ("wrong", f"known-{number}@example.org", SignInRefused),
                ("waiting, known", "waiting-known@example.org", TooManyAttempts),
                ("waiting, unknown", "waiting-unknown@example.org", TooManyAttempts),
            ]
            random.shuffle(turn)
            for name, identifier, refusal in turn:
                try:
                    found[name].append(timed(vault, identifier, refusal))
                except SignInRefused:
                    continue  # its bucket had room again: it is no sample of waiting
        vault.close()
    for name, times in found.items():
        middle = sorted(times)[len(times) // 2]
        print(f"{name:18} {len(times):4} samples, median {middle:8.3f} ms")
    pairs = [*itertools.combinations(("unknown", "pending", "wrong"), 2)]
    for one, other in [*pairs, ("waiting, known", "waiting, unknown")]:
        print(f"{one} / {other}: p = {rank_test(found[one], found[other]):.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
