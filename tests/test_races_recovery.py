"""Many at once on a forgotten password: one link, links beside one another, one code, requests, and the letters they bring."""

import pytest

import kit
from attack_worker import NAMES
from test_races import ALL, code, place, processes, vault

__all__ = ["place", "processes", "vault"]  # fixtures
EMAIL = "dora@example.org"


@pytest.fixture
def joined(place, vault):
    """Dora joined, with a number."""
    place.acme.amend("A-1", phone="0612345678")
    token = place.acme.invite("A-1").token.reveal()
    vault.joining.send_code(token)
    told = {"password": kit.PASSWORD, "email": EMAIL, "code": code(place, vault)}
    return vault.joining.complete(token, **told, **NAMES)


def links(place, vault, count=1):
    for _ in range(count):
        vault.recovery.request(EMAIL)
    vault.outbox.deliver(place.courier)
    sent = [one for one in place.courier.letters if one.template == "recovery"]
    return [one.context["link"] for one in sent]


@pytest.mark.parametrize("count", [1, 3])
def test_one_link_sets_one_password(place, vault, count):
    """Of all who follow one link, or links beside one another, one sets a password; the others are told that it was used."""
    token = place.acme.invite("A-1").token.reveal()
    vault.joining.complete(token, password=kit.PASSWORD, email=EMAIL, **NAMES)
    tokens = links(place, vault, count)
    assert len(tokens) == count

    told = place.race("recover", tokens, None, vault=vault)

    assert told == {"won": 1, "already-activated": ALL - 1}
    assert place.gaps() == []
    open_sessions = "SELECT count(*) FROM mycvault_sessions WHERE ended_at IS NULL"
    assert place.rows(open_sessions)[0][0] == 1


def test_one_code_sets_one_password(place, vault, joined):
    """Of all who type one right code one is in; the others find it used, or the tries used up."""
    tokens = links(place, vault)
    place.rows("SELECT 1")
    vault.recovery.send_code(tokens[0])
    right = code(place, vault)

    told = place.race("recover", tokens, right, vault=vault)

    assert told["won"] == 1
    assert set(told) <= {"won", "already-activated", "code-expired", "too-many-attempts"}
    assert place.gaps() == []
    open_sessions = "SELECT count(*) FROM mycvault_sessions WHERE ended_at IS NULL"
    assert place.rows(open_sessions)[0][0] == 1


@pytest.mark.parametrize(("verb", "live"), [("forget", 3), ("help", 3)])
def test_three_links_live_at_most(place, vault, verb, live):
    """All ask at once, then all deliver at once: three links live, each in one letter, and nobody meets an error."""
    token = place.acme.invite("A-1").token.reveal()
    if verb == "forget":
        vault.joining.complete(token, password=kit.PASSWORD, email=EMAIL, **NAMES)

    assert place.race(verb, EMAIL, vault=vault) == {"won": ALL}
    assert place.race("post", vault=vault) == {"won": ALL}

    query = "SELECT count(*) FROM mycvault_links WHERE used_at IS NULL AND revoked_at IS NULL"
    assert place.rows(query)[0][0] == live
    assert vault.outbox.pending() == 0
    assert place.gaps() == []
