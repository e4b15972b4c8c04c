"""Everyone who is still to be invited is, once, whoever else does the same."""

import datetime as dt
import threading

import pytest

from mycvault import InvalidInput
from payday_kit import enrol

LIFETIME = dt.timedelta(days=15)


def addressed(house, count):
    enrol(house, count)
    for number in range(count):
        house.acme.amend(f"B-{number:05}", email=f"b{number}@example.org")


def invited(house):
    return sorted(letter.to for letter in house.sent("invitation"))


def test_everyone_without_a_live_link_is_invited_once(house):
    addressed(house, 4)
    house.acme.invite("B-00001")
    house.joined("A-1", email="ada@example.org", phone=None)

    assert house.acme.invite_pending() == 3
    assert house.acme.invite_pending() == 0

    assert invited(house) == [f"b{n}@example.org" for n in range(4)]


def test_an_expired_link_is_replaced_by_a_new_one(house):
    addressed(house, 2)
    house.acme.invite_pending()
    house.clock.advance(LIFETIME + dt.timedelta(days=1))

    assert house.acme.invite_pending() == 2
    assert house.acme.statistics().invited == 2


def test_who_left_or_has_no_address_is_passed_over(house):
    addressed(house, 2)
    enrol_only = house.acme.enrol(
        "C-1", given_name="Noé", family_name="Modèle", phone="06 12 34 56 78"
    )
    house.acme.record_leaving("B-00000", house.vault.today())

    assert house.acme.invite_pending() == 1
    assert house.acme.invite_pending(by="sms") == 1
    assert house.acme.employee("C-1").status == "invited"
    assert enrol_only.status == "enrolled"


@pytest.mark.parametrize("by", ["letter", "app", "pigeon"])
def test_a_way_that_hands_nothing_over_is_refused(house, by):
    with pytest.raises(InvalidInput) as met:
        house.acme.invite_pending(by=by)

    assert met.value.field == "by"
    assert house.last_event() == ("invite", "invalid-input")


def test_two_runs_at_once_invite_nobody_twice(house):
    addressed(house, 30)
    counts, met = [], []

    def work():
        try:
            counts.append(house.acme.invite_pending())
        except Exception as error:  # noqa: BLE001 - what must never be met is told
            met.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert met == []
    assert sum(counts) == 30
    assert len(invited(house)) == 30
