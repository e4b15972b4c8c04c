"""
A burst of sign-ins cannot exhaust memory: so many passwords are hashed at once and no more, and nobody waits for ever.
"""

import datetime as dt
import threading

import attrs
import pytest
from argon2 import _password_hasher

import kit
from mycvault import Caller, CodeRequired, MycvaultError, Policy, TooManyAttempts
from mycvault.crypto.passwords import Hasher


class Watched:
    """Stands where argon2 verifies, counts who is inside at once, and lets them out together."""

    def __init__(self, verify, *, opened):
        self.verify = verify
        self.inside = self.most = 0
        self.lock = threading.Lock()
        self.entered, self.gate = threading.Event(), threading.Event()
        if opened:
            self.gate.set()

    def __call__(self, *given):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.entered.set()
        try:
            assert self.gate.wait(30)
            return self.verify(*given)
        finally:
            with self.lock:
                self.inside -= 1


@pytest.fixture
def watched(monkeypatch):
    """Watch every verification from now on, by whatever hasher."""

    def watch(*, opened=True):
        seen = Watched(_password_hasher.verify_secret, opened=opened)
        monkeypatch.setattr(_password_hasher, "verify_secret", seen)
        return seen

    return watch


def policy(**how):
    cheap = Policy.for_tests()
    return attrs.evolve(cheap, passwords=attrs.evolve(cheap.passwords, **how))


def many(count, run):
    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_a_burst_of_sixty_four_hashes_four_at_once(tmp_path, records_url, watched):
    """All are answered, known or not, and never more than four are at it."""
    with kit.house_at(tmp_path, records_url, policy=policy(memory_kib=2048)) as house:
        house.joined()
        seen, told = watched(), []

        def run(number):
            identifier = kit.EMAIL if number % 2 else f"nobody{number}@example.org"
            try:
                told.append(house.vault.sign_in(identifier, f"wrong-{number}"))
            except MycvaultError as refused:
                told.append(refused.code)

        for thread in many(64, run):
            thread.join()

        # Thirty of the thirty-two on her identifier are judged; all the others are of another each.
        assert sorted(told) == ["sign-in-refused"] * 62 + ["too-many-attempts"] * 2
        assert 1 < seen.most <= house.vault.policy.passwords.concurrent == 4


def test_who_waits_too_long_is_sent_away_and_nothing_is_counted(tmp_path, records_url, watched):
    """With every turn taken, known and unknown are told the same, and when they may come they have all their attempts."""
    soon = dt.timedelta(milliseconds=50)
    with kit.house_at(tmp_path, records_url, policy=policy(concurrent=1, patience=soon)) as house:
        house.joined()
        seen = watched(opened=False)
        first = many(1, lambda _: house.vault.sign_in(kit.EMAIL, kit.PASSWORD))[0]
        assert seen.entered.wait(30)
        here = Caller(address="192.0.2.9")
        for identifier in (kit.EMAIL, "nobody@example.org"):
            for _ in range(9):
                with pytest.raises(TooManyAttempts) as refused:
                    house.vault.sign_in(identifier, kit.PASSWORD, caller=here)
                assert refused.value.retry_after == soon
        seen.gate.set()
        first.join()

        assert isinstance(house.vault.sign_in(kit.EMAIL, kit.PASSWORD, caller=here), CodeRequired)


def test_a_turn_is_given_back_whatever_happens():
    """What cannot be verified takes no turn away."""
    hasher = Hasher(policy(concurrent=1, patience=dt.timedelta(milliseconds=50)).passwords)
    for _ in range(3):
        with pytest.raises(MycvaultError):
            hasher.matches("$argon2id$v=19$m=64,t=1,p=1$YWFhYWFhYWE$", "x")
    assert hasher.matches(hasher.hash("right"), "right")
