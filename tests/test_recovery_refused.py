"""A forgotten password, refused: dead links, other people's addresses, clocks, floods."""

import datetime as dt

import pytest

import kit
from mycvault import (
    AlreadyActivated,
    InvalidInput,
    LinkDamaged,
    LinkExpired,
    LinkInvalid,
    TooManyAttempts,
)
from recovery_kit import NEW, UNKNOWN, asked, recovered


def test_a_link_to_an_address_that_is_hers_no_more_is_dead(house):
    """Whoever keeps an old mailbox has nothing in it."""
    house.joined()
    token = asked(house)
    house.run("DELETE FROM mycvault_addresses WHERE kind = 'email'")

    for verb in (
        lambda: house.vault.recovery.look_up(token),
        lambda: house.vault.recovery.send_code(token),
        lambda: house.vault.recovery.complete(token, password=NEW, code="1"),
    ):
        with pytest.raises(LinkInvalid):
            verb()


def test_an_erased_account_is_not_recovered(house):
    """Its link opens nothing, and another request sends nothing."""
    session = house.joined()
    token = asked(house)
    house.vault.recovery.request(kit.EMAIL)
    session.security.erase_account()
    sent = len(house.sent("recovery"))

    with pytest.raises((LinkInvalid, LinkExpired)):
        house.vault.recovery.look_up(token)
    house.vault.recovery.request(kit.EMAIL)
    assert len(house.sent("recovery")) == sent


def test_a_mailbox_is_told_its_identifier_when_it_is_one(house):
    """Proved: a letter, in whatever case it was typed; invited or unknown: nothing. No e-mail address: said at once."""
    house.joined("A-1")
    house.enrolled("A-2", email="invited@example.org")
    house.acme.invite("A-2")
    for typed in (kit.EMAIL.upper(), UNKNOWN, "invited@example.org"):
        assert house.vault.recovery.remind(typed) is None

    assert [one.to for one in house.sent("identifier-reminder")] == [kit.EMAIL]
    assert house.sent("identifier-reminder")[0].context["identifier"] == kit.EMAIL
    with pytest.raises(InvalidInput):
        house.vault.recovery.remind("no address")


@pytest.mark.parametrize(
    "typed", [" Zelie.Exemplaire@EXAMPLE.org ", "ｚelie.exemplaire@example.org"]
)
def test_case_and_width_of_letters_do_not_count(house, typed):
    """An address is found however it is written; its link goes to the one she proved."""
    house.joined()
    asked(house, typed)

    assert house.sent("recovery")[0].to == kit.EMAIL


@pytest.mark.parametrize(
    "typed",
    [
        "zеlie.exemplaire@example.org",
        "zelie.exemplaire@exаmple.org",
        "zelie.exemplaire@example.org.evil.example",
    ],
)
def test_letters_that_only_look_alike_do_count(house, typed):
    """A Cyrillic е or а makes another address: nothing is sent, to neither."""
    house.joined()
    house.vault.recovery.request(typed)
    house.vault.recovery.remind(typed)

    assert house.sent("recovery") == house.sent("identifier-reminder") == []


def test_a_cut_token_is_told(house):
    """A mail client that cuts a link is told from a wrong one."""
    house.joined()
    token = asked(house)

    for cut in (token[:-1], token[:20], "x", ""):
        with pytest.raises((LinkDamaged, LinkInvalid)):
            house.vault.recovery.look_up(cut)
    with pytest.raises(LinkDamaged):
        house.vault.recovery.look_up(token[:-1])


def test_a_clock_that_goes_back_opens_nothing(house):
    """A used link stays used, whatever time it is; a live one is no longer live than its hour."""
    house.joined()
    token = asked(house)
    recovered(house, token)
    house.clock.advance(-dt.timedelta(hours=3))

    with pytest.raises(AlreadyActivated):
        house.vault.recovery.complete(token, password=NEW, code="123456")


def test_a_host_that_tells_no_address_is_not_kept_apart(house):
    """Without the caller's address only the identifier's own bucket counts, and nobody shares one."""
    house.joined()
    for number in range(40):
        house.vault.recovery.request(f"somebody.{number}@example.org")
    for _ in range(30):
        house.vault.recovery.request(kit.EMAIL)
    with pytest.raises(TooManyAttempts):
        house.vault.recovery.request(kit.EMAIL)
    house.vault.recovery.request(UNKNOWN)

    assert len(house.sent("recovery")) == 3


def test_an_address_that_waits_to_be_proved_waits_no_more(house):
    """Whoever was in with her old password and began to add a mailbox of his does not prove it afterwards."""
    house.enrolled(email=None)
    house.activated(token=house.invited_token(by="letter"), email="his@example.org")
    link = house.sent("confirm-address")[0].context["link"].rpartition("/")[2]
    house.vault.recovery.complete(asked(house, kit.PHONE), password=NEW)

    with pytest.raises(LinkInvalid):
        house.vault.confirm_address(link)
    assert house.vault.recovery.request("his@example.org") is None
    assert len(house.sent("recovery")) == 1
