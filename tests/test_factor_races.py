"""Many at once on one app's step, one recovery code, one first code: one is in, the others get a typed refusal."""

import datetime as dt

import attrs
import pytest

import kit
import test_races
from app_kit import Phone, app_code, with_app
from mycvault import CodePolicy, MycvaultError, Policy
from racing import at_once

processes, place, vault = test_races.processes, test_races.place, test_races.vault
MAIL = "dora@example.org"


@pytest.fixture
def busy(tmp_path, records_url):
    """A house where tries do not run out before the race is decided."""
    policy = attrs.evolve(Policy.for_tests(), codes=CodePolicy(tries=100))
    with kit.house_at(tmp_path, records_url, policy=policy) as house:
        yield house


@pytest.mark.parametrize("what", ["app", "recovery"])
def test_one_code_in_sixteen_requests_opens_one(busy, what):
    """Each has a request of his own: the step and the recovery code are used once all the same."""
    _, phone, codes = with_app(busy)
    code = phone.next_code() if what == "app" else codes[0]
    asked = [busy.asked().challenge for _ in range(16)]

    told = at_once(*(lambda one=one: busy.vault.confirm_code(one, code) for one in asked))

    assert told == {"won": 1, "code-refused": 15}
    used = busy.rows("SELECT count(*) FROM mycvault_recovery_codes WHERE used_at IS NOT NULL")
    assert used[0][0] == (what == "recovery")


def test_two_steps_at_once_never_go_back(busy):
    """Of an older and a newer code the newest step is what stands, whoever was first."""
    _, phone, _ = with_app(busy)
    busy.clock.advance(dt.timedelta(minutes=5))
    for _ in range(10):
        older, newer = phone.code(), phone.code(1)
        one, other = busy.asked().challenge, busy.asked().challenge

        told = at_once(
            lambda one=one, code=older: busy.vault.confirm_code(one, code),
            lambda other=other, code=newer: busy.vault.confirm_code(other, code),
        )

        assert told["won"] >= 1
        assert set(told) <= {"won", "code-refused"}
        with pytest.raises(MycvaultError):
            busy.vault.confirm_code(busy.asked().challenge, older)
        busy.clock.advance(dt.timedelta(minutes=1))


def test_one_first_code_confirms_once(busy):
    """Sixteen tabs of one session: one gets ten recovery codes, and these are the ones that stand."""
    session = busy.joined()
    phone = Phone(busy, session)
    code, given = phone.code(), []

    told = at_once(*[lambda: given.append(session.security.confirm_app(code))] * 16)

    assert told == {"won": 1, "code-expired": 15}
    assert busy.rows("SELECT count(*) FROM mycvault_recovery_codes")[0][0] == 10
    assert busy.vault.confirm_code(busy.asked().challenge, given[0][3])


def test_a_first_code_against_another_sessions_new_app(busy):
    """One session confirms while another begins anew: whoever is first, one app at most is hers, and it lets her in."""
    first = busy.joined(phone=None)
    for _ in range(8):
        second = busy.vault.confirm_code(busy.asked().challenge, busy.code())
        phone = Phone(busy, first)
        code = phone.code()

        told = at_once(
            lambda code=code: first.security.confirm_app(code), second.security.enrol_app
        )

        assert set(told) <= {"won", "code-expired", "session-ended"}
        confirmed = busy.rows("SELECT id FROM mycvault_apps WHERE confirmed_at IS NOT NULL")
        assert len(confirmed) <= 1
        if confirmed:
            busy.vault.confirm_code(busy.asked().challenge, phone.next_code())
        first.security.remove_app()
        busy.clock.advance(dt.timedelta(seconds=10))


def test_everything_of_hers_at_once(busy):
    """Enrolling, renewing, removing and signing in over each other: nothing but done or typed refusals, no outage."""
    session, phone, codes = with_app(busy)
    security = session.security
    for number in range(6):
        asked = [busy.asked().challenge for _ in range(2)]
        told = at_once(
            security.enrol_app,
            security.new_recovery_codes,
            security.enrol_app,
            security.overview,
            security.pending_app,
            lambda asked=asked, n=number: busy.vault.confirm_code(asked[0], codes[n]),
            lambda asked=asked: busy.vault.confirm_code(asked[1], phone.code(1)),
        )
        assert set(told) <= {"won", "code-refused", "code-expired"}
        busy.clock.advance(dt.timedelta(seconds=40))
    assert set(at_once(security.remove_app, security.remove_app, security.enrol_app)) <= {"won"}
    assert security.overview().recovery_codes_left == 0


def test_a_new_app_while_the_old_one_signs_in(busy):
    """What is confirmed and what is used cross each other in every order: done or refused, never an outage."""
    session, phone, codes = with_app(busy)
    for _ in range(10):
        phone, codes = replaced(busy, session, phone, codes)
        session = busy.vault.confirm_code(busy.asked().challenge, phone.next_code())


def replaced(busy, session, phone, codes):
    """Confirm a new app while the old one and its recovery codes are used."""
    asked = [busy.asked().challenge for _ in range(3)]
    new, code, given = Phone(busy, session), phone.next_code(), []
    first = new.code()

    told = at_once(
        lambda: given.extend(session.security.confirm_app(first)),
        lambda: busy.vault.confirm_code(asked[0], code),
        lambda: busy.vault.confirm_code(asked[1], codes[0]),
        lambda: busy.vault.confirm_code(asked[2], codes[1]),
    )

    assert set(told) <= {"won", "code-expired", "code-refused"}
    assert len(given) == 10
    return new, given


@pytest.mark.parametrize("what", ["app", "recovery"])
def test_processes_and_threads_on_one_code(place, vault, what):
    """Sixteen threads and eight processes, each with its own sign-in: one is in."""
    place.acme.amend("A-1", phone=None)
    token = place.acme.invite("A-1").token.reveal()
    session = vault.joining.complete(token, password=kit.PASSWORD, email=MAIL, **test_races.NAMES)
    secret = session.security.enrol_app().secret.reveal()
    now = dt.datetime.now(dt.UTC)
    codes = session.security.confirm_app(app_code(secret, now))
    code = app_code(secret, now + dt.timedelta(seconds=30)) if what == "app" else codes[0]

    told = place.race("enter", MAIL, code, vault=vault)

    assert told["won"] == 1
    assert set(told) <= {"won", "code-refused", "too-many-attempts"}
    assert place.gaps() == []
