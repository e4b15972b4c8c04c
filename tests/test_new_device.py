"""
A sign-in from where she never was is told to every address she proved; from where she was it is no news.
"""

import attrs
import pytest

import kit
from mycvault import Caller, SignInRefused

LAPTOP = Caller(address="203.0.113.5", user_agent="A laptop", device="d-laptop-91ab")


def told(house):
    return len(house.sent("security-alert"))


def test_the_first_device_is_known_and_the_next_is_told_once(house):
    """The activation's is hers; another one is an event and letters, and from then on it is known."""
    session = house.joined()
    house.signed_in(caller=LAPTOP)
    first = told(house)
    house.signed_in(caller=LAPTOP)
    (letter, *_) = house.sent("security-alert")

    assert first > 0
    assert told(house) == first
    assert "A laptop" in letter.text
    assert kit.EMAIL in [one.to for one in house.sent("security-alert")]
    details = [event.details for event in session.safe.history() if event.verb == "confirm-code"]
    assert [one.get("new_device") for one in details] == [None, "yes"]


def test_where_she_activated_is_known(house):
    """Same browser and address, cookie or not."""
    house.enrolled()
    token = house.invited_token()
    house.vault.joining.send_code(token)
    answers = {"password": kit.PASSWORD, "given_name": kit.GIVEN, "family_name": kit.FAMILY}
    house.vault.joining.complete(
        token, **answers, email=kit.EMAIL, code=house.code(), caller=LAPTOP
    )
    house.signed_in(caller=LAPTOP)
    house.signed_in(caller=attrs.evolve(LAPTOP, address="198.51.100.4", user_agent="Updated"))
    house.signed_in(caller=attrs.evolve(LAPTOP, device=None))
    assert told(house) == 0

    house.signed_in(caller=attrs.evolve(LAPTOP, device=None, user_agent="Another"))
    assert told(house) > 0


def test_who_says_it_with_the_code_alone_is_heard_as_well(lite):
    """The host may tell who calls at the password, at the code, or both."""
    lite.joined()
    asked = lite.asked()
    session = lite.vault.confirm_code(asked.challenge, lite.code(), caller=LAPTOP)

    assert told(lite) > 0
    assert session.security.sessions()[0].device == "A laptop"


def test_a_host_that_says_nothing_sends_nothing(lite):
    """Nothing is known, so nothing is new."""
    lite.joined()
    lite.signed_in()
    assert told(lite) == 0


def test_a_password_without_its_code_is_no_visit(lite):
    """Neither makes a device known nor tells of one."""
    lite.joined()
    lite.asked(caller=LAPTOP)
    with pytest.raises(SignInRefused):
        lite.vault.sign_in(kit.EMAIL, "wrong-password", caller=LAPTOP)
    assert told(lite) == 0
    lite.signed_in(caller=LAPTOP)
    assert told(lite) > 0
