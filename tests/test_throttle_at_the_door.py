"""
Attempts to sign in are counted by identifier and address: the attacker waits, she does not.
"""

import datetime as dt

import pytest

import kit
from mycvault import Caller, SignInRefused, TooManyAttempts


def fail(house, *, times=1, identifier=kit.EMAIL, caller=kit.HERE):
    for _ in range(times):
        with pytest.raises(SignInRefused):
            house.vault.sign_in(identifier, "wrong-password-altogether", caller=caller)


@pytest.mark.parametrize("identifier", [kit.EMAIL, "nobody@example.org"])
def test_the_sixth_attempt_from_one_address_waits(house, identifier):
    """Five at once, then one a minute, whether or not somebody has the identifier; asking early costs nothing."""
    house.joined()
    fail(house, times=5, identifier=identifier)
    for _ in range(20):
        with pytest.raises(TooManyAttempts) as refused:
            house.vault.sign_in(identifier, kit.PASSWORD, caller=kit.HERE)
        assert refused.value.retry_after == kit.MINUTE
    assert house.last_event() == ("sign-in", "too-many-attempts")

    house.clock.advance(kit.MINUTE)
    fail(house, identifier=identifier)
    with pytest.raises(TooManyAttempts):
        house.vault.sign_in(identifier, kit.PASSWORD, caller=kit.HERE)


def test_an_attacker_elsewhere_does_not_lock_her_out(house):
    """His address waits, hers does not; a caller without an address shares no bucket with anybody."""
    house.joined()
    fail(house, times=5, caller=Caller(address="198.51.100.9"))
    with pytest.raises(TooManyAttempts):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD, caller=Caller(address="198.51.100.9"))

    assert house.signed_in(caller=kit.HERE)
    fail(house, times=10, caller=None)
    assert house.signed_in(caller=None)


def test_a_success_gives_its_attempt_back(lite):
    """Whoever signs in rightly all day is never told to wait, and what failed before from there counts no more."""
    lite.joined()
    fail(lite, times=4)
    for _ in range(9):
        assert lite.signed_in(caller=kit.HERE)
    fail(lite, times=5)
    with pytest.raises(TooManyAttempts):
        lite.vault.sign_in(kit.EMAIL, kit.PASSWORD, caller=kit.HERE)


def test_a_success_gives_other_buckets_one_attempt_back_alone(lite):
    """Twenty-eight strangers' failures stay counted on her identifier, whatever she does."""
    lite.joined()
    for number in range(28):
        fail(lite, caller=Caller(address=f"198.51.100.{number}"))
    for _ in range(9):
        assert lite.signed_in(caller=kit.HERE)
    fail(lite, times=2, caller=Caller(address="198.51.100.99"))
    with pytest.raises(TooManyAttempts):
        lite.vault.sign_in(kit.EMAIL, kit.PASSWORD, caller=kit.HERE)


def test_an_identifier_is_throttled_from_everywhere_together(lite):
    """Many addresses trying one identifier wait after thirty attempts."""
    lite.joined()
    for number in range(30):
        fail(lite, caller=Caller(address=f"198.51.100.{number}"))
    with pytest.raises(TooManyAttempts) as refused:
        lite.vault.sign_in(kit.EMAIL, kit.PASSWORD, caller=kit.HERE)

    assert refused.value.retry_after == dt.timedelta(seconds=30)
