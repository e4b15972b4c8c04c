"""
Who waits for whom: a device she knows, an address, a whole vault; and what an attacker at exactly the allowed rate gets.
"""

import datetime as dt
import threading
from collections import Counter

import attrs
import pytest
from sqlalchemy import func, select

import kit
from attack_kit import TABLES, rig_at
from mycvault import (
    Caller,
    MycvaultError,
    Policy,
    SignInRefused,
    ThrottlePolicy,
    Tier,
    TooManyAttempts,
)
from mycvault.throttle import familiar, rules, service
from mycvault.throttle.model import Bucket

SECOND = dt.timedelta(seconds=1)
WRONG = "wrong-password-altogether"
LIMITS = ThrottlePolicy()
COUNT = select(func.count()).select_from(TABLES["throttle"])
PHONE = Caller(address="192.0.2.7", user_agent="Her phone", device="d-7c1f9ab2e4")


def at(number):
    """An address of the attacker's."""
    return Caller(address=f"198.51.{number // 250}.{number % 250}")


def fail(house, caller, identifier=kit.EMAIL):
    with pytest.raises(SignInRefused):
        house.vault.sign_in(identifier, WRONG, caller=caller)


def waits(house, caller, identifier=kit.EMAIL, password=kit.PASSWORD):
    """How long a caller is told to wait."""
    with pytest.raises(TooManyAttempts) as refused:
        house.vault.sign_in(identifier, password, caller=caller)
    return refused.value.retry_after


@pytest.fixture
def small(tmp_path, records_url):
    """A vault whose buckets by address and for all hold six attempts."""
    tier = Tier(burst=6, every=kit.MINUTE)
    policy = attrs.evolve(Policy.for_tests(), throttle=ThrottlePolicy(address=tier, vault=tier))
    with kit.house_at(tmp_path, records_url, policy=policy) as house:
        yield house


def test_an_address_waits_whoever_it_tries(small):
    """Six identifiers from one address, then that address waits, and no other does."""
    small.joined()
    for number in range(6):
        fail(small, at(1), f"nobody{number}@example.org")

    assert waits(small, at(1)) == kit.MINUTE
    small.clock.advance(kit.MINUTE)
    fail(small, at(1))
    assert waits(small, at(1)) == kit.MINUTE


def test_the_vault_delays_only_addresses_where_nobody_succeeded(small):
    """After six failures from anywhere a new address waits; hers does not, nor does a caller without an address."""
    small.joined()
    assert small.signed_in(caller=kit.HERE)
    for number in range(6):
        fail(small, at(number), f"nobody{number}@example.org")

    assert waits(small, at(99), "nobody@example.org") == kit.MINUTE
    assert small.signed_in(caller=kit.HERE)
    fail(small, Caller(address=kit.HERE.address), "nobody@example.org")
    fail(small, None)


def test_an_address_is_forgotten_a_month_after_its_last_success(small):
    """Thirty days later it waits like any other."""
    small.joined()
    assert small.signed_in(caller=kit.HERE)
    small.clock.advance(LIMITS.address_lifetime - SECOND)
    for number in range(6):
        fail(small, at(number), f"nobody{number}@example.org")
    fail(small, kit.HERE)
    small.clock.advance(2 * SECOND)

    assert waits(small, kit.HERE) > dt.timedelta(0)


def test_a_known_device_has_a_bucket_of_its_own(house):
    """Her identifier, address and vault may be full: her device is let in; five wrong ones from it make it wait alone."""
    house.joined()
    assert house.signed_in(caller=PHONE)
    for number in range(30):
        fail(house, at(number))
    assert waits(house, at(99)) == 30 * SECOND
    assert house.signed_in(caller=attrs.evolve(PHONE, address="203.0.113.9", user_agent="Other"))

    for _ in range(5):
        fail(house, PHONE)
    assert waits(house, PHONE) == kit.MINUTE
    house.clock.advance(kit.MINUTE)
    assert house.signed_in(caller=PHONE)


def test_a_device_is_known_for_one_account_and_by_every_identifier_of_hers(house):
    """Her cookie helps her number too, and nobody else's account."""
    house.joined()
    other = "noe.modele@example.org"
    house.joined("A-2", email=other, phone="06 87 65 43 21", given_name="Noé", family_name="Modèle")
    assert house.signed_in(caller=PHONE)
    for number in range(30):
        fail(house, at(number), kit.PHONE)
        fail(house, at(number), other)

    assert house.signed_in(kit.PHONE, caller=PHONE)
    assert waits(house, PHONE, other) > dt.timedelta(0)


def test_a_device_is_known_after_a_whole_sign_in_alone(house):
    """The password without the code makes no device known; after ninety days without her it is a stranger again."""
    house.joined()
    house.asked(caller=PHONE)
    for number in range(30):
        fail(house, at(number))
    assert waits(house, PHONE) > dt.timedelta(0)
    house.clock.advance(kit.MINUTE)
    assert house.signed_in(caller=PHONE)

    house.clock.advance(LIMITS.device_lifetime)
    for number in range(30):
        fail(house, at(number))
    assert waits(house, PHONE) > dt.timedelta(0)


def test_who_writes_the_database_makes_no_device_known(house):
    """A row made up, copied to another account, or kept beyond its day is damage or nothing, and never a bucket."""
    session = house.joined()
    other = house.joined("A-2", email="noe.modele@example.org", phone=None)
    assert house.signed_in(caller=PHONE)
    rows = house.rows(
        "SELECT * FROM mycvault_familiars WHERE account_id = :her", her=session.account_id
    )
    assert rows
    house.run("UPDATE mycvault_familiars SET account_id = :other", other=other.account_id)

    with pytest.raises(MycvaultError) as refused:
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD, caller=PHONE)
    assert refused.value.code == "record-damaged"
    assert all(PHONE.device.encode() not in bytes(row.known) for row in rows)


def test_a_day_of_attack_at_exactly_the_allowed_rate(tmp_path):
    """From ever new addresses, whenever one more attempt is allowed: she gets in from her device at every moment."""
    rate = 5 * kit.MINUTE  # the real identifier's is ten times faster, and this test slower
    throttle = ThrottlePolicy(
        identifier=Tier(burst=30, every=rate), vault=Tier(burst=40, every=rate)
    )
    policy = attrs.evolve(Policy.for_tests(), throttle=throttle)
    with kit.house_at(tmp_path, policy=policy) as house:
        house.joined()
        assert house.signed_in(caller=PHONE)
        number, judged = 0, 0
        for step in range(24 * 12):
            while True:
                number += 1
                try:
                    house.vault.sign_in(kit.EMAIL, WRONG, caller=at(number))
                except SignInRefused:
                    judged += 1
                except TooManyAttempts:
                    break
            if step % 8 == 0:
                assert waits(house, at(number + 1)) <= rate
                assert house.signed_in(caller=PHONE)
            house.clock.advance(rate)

        assert judged == 30 + 24 * 12 - 1
        assert house.rows("SELECT count(*) FROM mycvault_throttle")[0][0] < 40


def test_the_vault_bucket_at_its_real_size_lets_her_in():
    """A thousand at once, then three a second, for a day: her address and her device are never in it."""
    full, now = None, kit.START
    bucket = Bucket(b"", LIMITS.vault.burst, LIMITS.vault.every)
    for _ in range(1000):
        full = rules.next_moment(full, bucket, now=now)
    assert rules.wait(full, bucket, now=now) == LIMITS.vault.every
    for _ in range(3 * 24 * 3600):
        now += LIMITS.vault.every
        assert rules.wait(full, bucket, now=now) <= dt.timedelta(0)
        full = rules.next_moment(full, bucket, now=now)
        assert rules.wait(full, bucket, now=now) == LIMITS.vault.every


def test_another_purpose_has_buckets_of_its_own(records_url):
    """What failed at sign-in never keeps a recovery from being asked for; each purpose counts its own."""
    with rig_at(records_url) as rig, rig.rows() as rows:
        who = {"who": "email:her", "caller": at(1), "now": rig.now}
        signing_in = service.tiers(rows, LIMITS, **who)
        recovering = service.tiers(rows, LIMITS, **who, purpose="recovery")
        for _ in range(5):
            service.count(rows, signing_in, now=rig.now)
        with pytest.raises(TooManyAttempts):
            service.count(rows, signing_in, now=rig.now)
        service.count(rows, recovering, now=rig.now)

        assert len(signing_in) == len(recovering) == 4
        assert not {one.key for one in signing_in} & {one.key for one in recovering}


def test_what_counts_no_more_is_swept_by_those_who_come(records_url):
    """A thousand failed attempts at two a second: a few hundred rows at most, for none of them is of use later."""
    with rig_at(records_url) as rig:
        most, now = 0, rig.now
        for number in range(1000):
            now += SECOND / 2
            with rig.rows() as rows:
                caller = Caller(address=f"198.51.{number % 97}.{number % 89}")
                filled = service.tiers(rows, LIMITS, who=f"email:{number}", caller=caller, now=now)
                service.count(rows, filled, now=now)
                if number % 100 == 99:
                    most = max(most, rows.values(COUNT)[0][0])

        assert 100 < most < 400


def test_purge_sweeps_what_is_left(house):
    """When nobody comes any more the operator's purge takes the rest."""
    house.joined()
    for number in range(20):
        fail(house, at(number))
    house.clock.advance(dt.timedelta(days=100))
    house.vault.upkeep.purge(dry_run=False)

    assert house.rows("SELECT * FROM mycvault_throttle") == []
    assert house.rows("SELECT * FROM mycvault_familiars") == []


@pytest.mark.parametrize("back", [kit.MINUTE, dt.timedelta(days=400)])
def test_a_clock_set_back_locks_nobody_for_longer(house, back):
    """Whatever the clock said when she failed, she waits as long as the policy says and no longer."""
    house.joined()
    for _ in range(5):
        fail(house, kit.HERE)
    house.clock.advance(-back)
    waited = dt.timedelta(0)
    while True:
        try:
            house.asked(caller=kit.HERE)
            break
        except TooManyAttempts as refused:
            waited += refused.retry_after
            house.clock.advance(refused.retry_after)

    assert waited <= kit.MINUTE


def test_clocks_that_differ_a_little_give_nobody_an_attempt():
    """A full bucket stays full for a machine whose clock is five seconds late."""
    bucket = Bucket(b"", 5, kit.MINUTE)
    full = kit.START + 5 * kit.MINUTE

    assert rules.wait(full, bucket, now=kit.START - rules.SKEW) == kit.MINUTE + rules.SKEW
    assert rules.wait(full, bucket, now=kit.START - rules.SKEW - SECOND) <= dt.timedelta(0)


def test_sixteen_fail_at_once_and_five_are_judged(house):
    """Exactly five, the others are told to wait; from sixteen addresses all are judged; nobody meets a database error."""
    house.joined()

    def outcomes(callers):
        told, gate = [], threading.Barrier(len(callers))

        def run(caller):
            gate.wait()
            try:
                house.vault.sign_in(kit.EMAIL, WRONG, caller=caller)
            except MycvaultError as refused:
                told.append(refused.code)

        threads = [threading.Thread(target=run, args=(caller,)) for caller in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Counter(told)

    assert outcomes([kit.HERE] * 16) == {"sign-in-refused": 5, "too-many-attempts": 11}
    assert outcomes([at(n) for n in range(16)]) == {"sign-in-refused": 16}
    assert outcomes([at(100 + n) for n in range(16)]) == {
        "sign-in-refused": 9,
        "too-many-attempts": 7,
    }


def test_a_refused_attempt_moves_no_bucket(house):
    """While one tier refuses, the others stand still: nothing of a hundred refused attempts is left."""
    house.joined()
    for _ in range(5):
        fail(house, kit.HERE)
    before = house.rows("SELECT * FROM mycvault_throttle ORDER BY full_until")
    for _ in range(100):
        waits(house, kit.HERE)

    assert house.rows("SELECT * FROM mycvault_throttle ORDER BY full_until") == before


def test_what_is_remembered_goes_with_her_account(lite):
    """Erasing the account forgets its devices and places."""
    session = lite.joined()
    lite.signed_in(caller=PHONE).security.erase_account()

    assert (
        lite.rows(
            "SELECT * FROM mycvault_familiars WHERE account_id = :her", her=session.account_id
        )
        == []
    )


def test_many_remember_the_same_at_once(records_url):
    """A device remembered twice is one row, known from the second time on."""
    with rig_at(records_url) as rig:
        her = rig.account()
        told = []
        for _ in range(3):
            with rig.rows() as rows:
                told.append(
                    familiar.remember(
                        rows,
                        LIMITS,
                        her,
                        PHONE,
                        identifiers=["email:her"],
                        now=rig.now,
                        new_id=rig.new_id,
                    )
                )

        assert told == [True, False, False]
