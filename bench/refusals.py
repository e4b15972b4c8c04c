"""
Whether time tells who exists: refused sign-ins of every cause, in turn, held against each other by a rank test.

Wrong passwords of somebody who joined, of somebody enrolled who has not, and of nobody: each cause two hundred times,
interleaved, with the real costs of a password hash; and the same for identifiers that are told to wait. Each sample has an
identifier of its own, so that none is throttled before it should be, and no refusal repeats another in the journal. The
Mann-Whitney test (normal approximation, ties corrected) says how likely two sets of samples this far apart are of one
distribution; below 0.01 they differ.

Run: `python bench/refusals.py [--samples 200] [--records URL]`.
"""

import argparse
import itertools
import math
import pathlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable

from mycvault import Caller, LocalKeys, MemoryCourier, MycvaultError, Policy, SecondFactor, Vault

PASSWORD = "violet-harbour-lantern-27"
WRONG = "amber-harbour-lantern-27"
DIFFERENT = 0.01
_NAMES = {"given_name": "Zélie", "family_name": "Exemplaire-Dupré"}


class Town:
    """A vault in which *count* people joined and as many were enrolled alone."""

    def __init__(self, folder: pathlib.Path, records: str | None, count: int) -> None:
        policy = Policy(second_factor=SecondFactor.NEVER, hand_out_links=True)
        self.vault = Vault.create(
            folder, keys=LocalKeys.ephemeral(), records=records, policy=policy
        )
        self.courier = MemoryCourier()
        acme = self.vault.add_employer("Acme SAS", reference="acme")
        for number in range(count):
            acme.enrol(f"J-{number}", email=_joined(number), **_NAMES)
            acme.enrol(f"P-{number}", email=_pending(number), **_NAMES)
            token = acme.invite(f"J-{number}").token
            assert token is not None
            self.vault.joining.complete(
                token.reveal(), password=PASSWORD, email=_joined(number), **_NAMES
            )

    def refused(self, identifier: str, address: str | None = None) -> float:
        """Sign in wrongly; give the seconds it took."""
        caller = Caller(address=address)
        started = time.perf_counter()
        try:
            self.vault.sign_in(identifier, WRONG, caller=caller)
        except MycvaultError:
            return time.perf_counter() - started
        raise ValueError("that was her password")

    def fill(self, identifier: str, address: str) -> None:
        """Try an identifier until it waits."""
        while True:
            try:
                self.vault.sign_in(identifier, WRONG, caller=Caller(address=address))
            except MycvaultError as refused:
                if refused.code == "too-many-attempts":
                    return


def main() -> None:
    """Measure, and print medians and every pair's p-value."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--records", help="a SQLAlchemy URL; SQLite in a folder by default")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        town = Town(pathlib.Path(place) / "vault", asked.records, asked.samples)
        kinds: dict[str, Callable[[int], str]] = {
            "wrong password": _joined,
            "enrolled, not activated": _pending,
            "unknown": "nobody{}@example.org".format,
        }
        judged = _interleaved(kinds, asked.samples, town.refused)
        _told("Refused after the hash", judged)
        address, names = "192.0.2.9", {"known": _joined(0), "unknown": "nobody@example.org"}
        for who in names.values():
            town.fill(who, address)
        told_to_wait = _interleaved(
            {name: (lambda _n, who=who: who) for name, who in names.items()},
            asked.samples,
            lambda who: town.refused(who, address),
        )
        _told("Told to wait", told_to_wait)
        town.vault.close()


def _interleaved(
    kinds: dict[str, Callable[[int], str]], samples: int, run: Callable[[str], float]
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(samples):
        order = random.sample(list(kinds), len(kinds))
        for name in order:
            found[name].append(run(kinds[name](number)))
    return found


def _told(title: str, found: dict[str, list[float]]) -> None:
    print(title)
    for name, samples in found.items():
        low, middle, high = statistics.quantiles(samples, n=4)
        print(f"  {name:<26}{middle * 1e3:>9.3f} ms  ({low * 1e3:.3f} to {high * 1e3:.3f})")
    for one, other in itertools.combinations(found, 2):
        p = mann_whitney(found[one], found[other])
        verdict = "DIFFERENT" if p < DIFFERENT else "alike"
        print(f"  {one} / {other}: p = {p:.3f}, {verdict}")


def mann_whitney(ones: list[float], others: list[float]) -> float:
    """Tell how likely two samples so different are when they are of one distribution; two-sided."""
    ranked = sorted([(value, 0) for value in ones] + [(value, 1) for value in others])
    ranks, ties, place = [0.0, 0.0], 0.0, 0
    for _value, group in itertools.groupby(ranked, key=lambda pair: pair[0]):
        equal = list(group)
        size = len(equal)
        for _same, side in equal:
            ranks[side] += place + (size + 1) / 2
        ties += size**3 - size
        place += size
    n, m = len(ones), len(others)
    u = ranks[0] - n * (n + 1) / 2
    variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    return math.erfc(abs(u - n * m / 2) / math.sqrt(2 * variance))


def _joined(number: int) -> str:
    return f"joined{number}@example.org"


def _pending(number: int) -> str:
    return f"pending{number}@example.org"


if __name__ == "__main__":
    main()
