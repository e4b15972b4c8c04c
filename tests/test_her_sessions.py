"""Her sessions are listed and ended; her password is changed by the one she has; a new device is told."""

import threading

import pytest

import kit
from mycvault import (
    Caller,
    CodeExpired,
    FreshConfirmationRequired,
    MycvaultError,
    PasswordTooWeak,
    Reason,
    SessionEnded,
    SessionMissing,
    SignInRefused,
)

NEW = "sapphire-meadow-compass-41"
PHONE = Caller(address="192.0.2.9", user_agent="Her phone", device="phone-1")


def alerts(house, what):
    return [one for one in house.sent("security-alert") if one.context["alert"] == what]


def test_she_sees_where_she_is_signed_in(house):
    """Newest first, with the browser's words, where from and since when; the one she looks from is marked."""
    first = house.joined()
    house.clock.advance(kit.MINUTE)
    asked = house.asked(caller=PHONE)
    second = house.vault.confirm_code(asked.challenge, house.code(), caller=PHONE)

    here, there = second.security.sessions()

    assert (here.id, here.current, here.device) == (second.id, True, "Her phone")
    assert (here.address, here.started_at) == ("192.0.2.9", house.clock.now())
    assert (there.id, there.current, there.device) == (first.id, False, "")
    assert "Her phone" not in repr(here)


def test_she_ends_one_and_the_others(house):
    """What ended is over at once; ending again is no error; another person's is missing, like one that never was."""
    sessions = [house.joined()]
    for _ in range(2):
        house.clock.advance(kit.MINUTE)
        sessions.append(house.signed_in())
    house.enrolled("A-2", email="noe@example.org", phone=None, given_name="Noé")
    foreign = house.activated("A-2")
    security = sessions[2].security

    for missing in (foreign.id, "00000000-0000-7000-8000-000000000000", "x"):
        with pytest.raises(SessionMissing):
            security.end_session(missing)
    security.end_session(sessions[0].id)
    security.end_session(sessions[0].id)
    with pytest.raises(SessionEnded):
        sessions[0].safe.documents()
    assert security.end_other_sessions() == 1
    with pytest.raises(SessionEnded):
        sessions[1].safe.documents()

    assert [one.id for one in security.sessions()] == [sessions[2].id]
    assert foreign.safe.count() == 0


def test_she_changes_her_password(house):
    """By the one she has; the other sessions end, a sign-in half way in dies, every address is told."""
    other = house.joined()
    house.clock.advance(kit.MINUTE)
    session = house.signed_in()
    house.clock.advance(kit.MINUTE)
    half_way, code = house.asked(), house.code()

    session.security.change_password(kit.PASSWORD, NEW)

    with pytest.raises(SessionEnded):
        other.safe.documents()
    assert list(session.safe.documents()) == []
    with pytest.raises(CodeExpired):
        house.vault.confirm_code(half_way.challenge, code)
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    assert {one.to for one in alerts(house, "password-changed")} == {kit.EMAIL, kit.PHONE_E164}
    house.clock.advance(kit.MINUTE)
    assert house.signed_in(password=NEW).id


def test_the_current_password_is_asked_and_counted(house):
    """A wrong one changes nothing, and after thirty even the right one waits."""
    session = house.joined()

    with pytest.raises(SignInRefused) as refused:
        session.security.change_password("not it", NEW)
    assert refused.value.field == "current"
    for weak, reason in (("short", Reason.TOO_SHORT), (kit.PASSWORD, Reason.UNCHANGED)):
        with pytest.raises(PasswordTooWeak) as judged:
            session.security.change_password(kit.PASSWORD, weak)
        assert reason in judged.value.reasons
    house.clock.advance(6 * kit.MINUTE)
    with pytest.raises(FreshConfirmationRequired):
        session.security.change_password(kit.PASSWORD, NEW)
    assert house.asked().challenge


def test_a_long_password_is_taken(house):
    """A phrase of more than sixty-four characters is hashed whole."""
    session = house.joined()
    phrase = "a harbour, a lantern and forty-one violet compasses in a meadow, by night and by day"

    session.security.change_password(kit.PASSWORD, phrase)

    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, phrase[:-1])
    assert house.asked(password=phrase).challenge


def test_one_of_many_changes_is_done(house):
    """Eight who change it at once from two sessions: one password stands, and it is one of those that were accepted."""
    sessions = [house.joined()]
    house.clock.advance(kit.MINUTE)
    sessions.append(house.signed_in())
    won, told, gate = [], [], threading.Barrier(8)

    def run(number):
        chosen = f"{NEW}-{number}"
        gate.wait()
        try:
            sessions[number % 2].security.change_password(kit.PASSWORD, chosen)
            won.append(chosen)
        except MycvaultError as error:
            told.append(error.code)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert set(told) <= {"sign-in-refused", "session-ended", "too-many-attempts"}
    house.clock.advance(60 * kit.MINUTE)
    assert house.asked(password=won[0]).challenge


def test_a_new_device_is_told_once(house):
    """Not the one she activated on, and not the same one again; neither a device nor a place that is known."""
    house.enrolled()
    token = house.invited_token()
    house.vault.joining.send_code(token)
    house.activated(token=token, code=house.code(), caller=kit.HERE)
    house.clock.advance(kit.MINUTE)
    for caller in (kit.HERE, PHONE, PHONE):
        asked = house.asked(caller=caller)
        house.vault.confirm_code(asked.challenge, house.code(), caller=caller)
        house.clock.advance(kit.MINUTE)

    told = alerts(house, "new-device")

    assert {one.to for one in told} == {kit.EMAIL, kit.PHONE_E164}
    assert {one.context["device"] for one in told} == {"Her phone"}
    assert len(told) == 2


def test_a_burst_of_sign_ins_waits_its_turn(tmp_path):
    """Sixty-four at once are hashed as many at a time as the policy says, and every one of them is answered."""
    with kit.house_at(tmp_path) as house:
        house.joined()
        hasher = house.vault._desk.hasher
        now, most, lock = 0, 0, threading.Lock()
        turns = hasher._turns
        acquire, release = turns.acquire, turns.release

        class Counted:
            def acquire(self, *, timeout):
                nonlocal now, most
                got = acquire(timeout=timeout)
                with lock:
                    now += got
                    most = max(most, now)
                return got

            def release(self):
                nonlocal now
                with lock:
                    now -= 1
                release()

        hasher._turns = Counted()
        told = []

        def run(number):
            try:
                house.vault.sign_in(f"nobody-{number}@example.org", "not it")
            except MycvaultError as error:
                told.append(error.code)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert told == ["sign-in-refused"] * 64
        assert 1 <= most <= house.vault.policy.passwords.concurrent
