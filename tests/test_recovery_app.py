"""A forgotten password of somebody who has an app: nothing that is sent takes the app's place."""

import datetime as dt

import pytest

import kit
from app_kit import Phone, with_app
from mycvault import Assurance, Channel, CodeRefused, Need, TooManyAttempts
from test_recovery import NEW, asked


def test_her_app_is_asked_and_nothing_is_sent(house):
    """The code is typed at once, or after a challenge; two steps: the password was set a moment ago."""
    session, phone, _ = with_app(house)
    token = asked(house)
    assert house.vault.recovery.look_up(token).needs == {Need.PASSWORD, Need.CODE}
    house.clock.advance(kit.MINUTE)
    challenge = house.vault.recovery.send_code(token)
    assert (challenge.channel, challenge.sent_to) == (Channel.APP, "")
    assert house.sent("recovery-code") == []

    again = house.vault.recovery.complete(token, password=NEW, code=phone.next_code())

    assert again.account_id == session.account_id
    assert again.assurance is Assurance.TWO_STEP
    assert again.security.overview().app_since is not None


def test_a_code_of_the_app_is_typed_without_asking(house):
    """Nobody need send anything for it; and it is used once."""
    _, phone, _ = with_app(house)
    first, second = asked(house), asked(house)
    code = phone.next_code()
    with pytest.raises(CodeRefused) as refused:
        house.vault.recovery.complete(first, password=NEW)
    assert refused.value.tries_left == 5

    session = house.vault.recovery.complete(first, password=NEW, code=code)

    assert session.security.overview().app_since is not None
    house.clock.advance(dt.timedelta(hours=2))
    assert asked(house) not in {first, second}


def test_a_recovery_code_stands_in_for_the_app(house):
    """Once: the same one does not do it again."""
    _, _, codes = with_app(house)
    token = asked(house)
    house.vault.recovery.complete(token, password=NEW, code=codes[0])

    house.clock.advance(dt.timedelta(hours=1))
    again = asked(house)
    with pytest.raises(CodeRefused):
        house.vault.recovery.complete(again, password=kit.PASSWORD, code=codes[0])
    session = house.vault.recovery.complete(again, password=kit.PASSWORD, code=codes[1].lower())
    assert session.security.overview().recovery_codes_left == 8


def test_mailbox_and_number_together_are_not_enough(house):
    """A code that was sent before she had the app is none any more, and none is sent now."""
    session = house.joined()
    token = asked(house)
    house.clock.advance(kit.MINUTE)
    house.vault.recovery.send_code(token)
    sent = house.code()
    phone = Phone(house, session)
    session.security.confirm_app(phone.code())

    for _ in range(5):
        with pytest.raises(CodeRefused):
            house.vault.recovery.complete(token, password=NEW, code=sent)
    with pytest.raises(TooManyAttempts):
        house.vault.recovery.complete(token, password=NEW, code=sent)
    assert len(house.sent("recovery-code")) == 1
