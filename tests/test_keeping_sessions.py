"""
She sees where she is signed in, and ends what she does not know; a surer session gets another token.
"""

import datetime as dt
import threading

import pytest

import kit
from mycvault import (
    Assurance,
    Caller,
    MissingError,
    MycvaultError,
    SessionEnded,
    SessionMissing,
)
from mycvault.sessions import service as sessions
from mycvault.values.actors import ANYONE
from mycvault.values.verbs import Verb

NOBODY = "00000000-0000-7000-8000-000000000000"
LAPTOP = Caller(address="203.0.113.5", user_agent="A laptop's browser")


def test_her_sessions_are_listed_newest_first(house):
    """Each with its browser, address, beginning and last use; the one she looks from is marked."""
    first = house.joined()
    house.clock.advance(2 * kit.MINUTE)
    second = house.signed_in(caller=LAPTOP)
    first.safe.documents()
    newest, oldest = second.security.sessions()

    assert (newest.id, oldest.id) == (second.id, first.id)
    assert (newest.current, oldest.current) == (True, False)
    assert (newest.device, newest.address) == ("A laptop's browser", "203.0.113.5")
    assert (oldest.device, oldest.address) == ("", None)
    assert newest.started_at == newest.last_used_at == oldest.last_used_at == house.clock.now()
    assert oldest.started_at == kit.START
    assert [one.current for one in first.security.sessions()] == [False, True]
    assert "laptop" not in repr(newest)


def test_what_is_over_is_not_listed(lite):
    """Ended, idle and past sessions are none, and being listed keeps a session alive."""
    first = lite.joined()
    lite.signed_in().end()
    lite.signed_in()
    lite.clock.advance(20 * kit.MINUTE)
    assert len(first.security.sessions()) == 2
    lite.clock.advance(20 * kit.MINUTE)

    assert [one.id for one in first.security.sessions()] == [first.id]


def test_she_ends_one(house):
    """It is over in its next call, hers goes on, twice is no error; ending the present one is signing out."""
    other, mine = house.joined(), house.signed_in()
    mine.security.end_session(other.id)
    assert house.last_event() == ("end-session", "")
    for call in (other.safe.documents, other.security.sessions, other.end):
        with pytest.raises(SessionEnded):
            call()
    mine.security.end_session(other.id)
    mine.security.end_session(mine.id)
    with pytest.raises(SessionEnded):
        mine.safe.documents()


def test_another_persons_session_is_as_if_it_were_not(house):
    """Unknown, garbled and somebody else's ids have one answer, and hers goes on."""
    mine = house.joined()
    theirs = house.joined("A-2", email="noe.modele@example.org", phone=None)
    for wanted in (theirs.id, NOBODY, "", "x" * 999, "a\0b", None, mine.token.reveal()):
        with pytest.raises(SessionMissing) as refused:
            mine.security.end_session(wanted)
        assert (refused.value.field, str(refused.value)) == ("session_id", str(SessionMissing()))
        assert isinstance(refused.value, MissingError)

    assert theirs.safe.count() == 0
    assert [one.id for one in theirs.security.sessions()] == [theirs.id]


def test_she_ends_all_the_others(house):
    """They are over, this one is not, and the number is told."""
    others = [house.joined(), house.signed_in(), house.signed_in()]
    mine = house.signed_in()
    house.joined("A-2", email="noe.modele@example.org", phone=None)

    assert mine.security.end_other_sessions() == 3
    assert house.last_event() == ("end-other-sessions", "")
    for other in others:
        with pytest.raises(SessionEnded):
            other.safe.documents()
        with pytest.raises(SessionEnded):
            house.vault.resume(other.token.reveal())
    assert mine.security.end_other_sessions() == 0
    assert len(mine.security.sessions()) == 1


def test_none_of_it_needs_a_fresh_confirmation_or_new_terms(lite):
    """Whoever fears a stranger in her safe must not be asked anything first."""
    session = lite.joined()
    lite.vault.publish_terms("2", "Other text.", locale="en")
    stale = lite.signed_in()
    lite.clock.advance(20 * kit.MINUTE)

    assert len(stale.security.sessions()) == 2
    stale.security.end_session(session.id)
    assert stale.security.end_other_sessions() == 0


def test_two_that_end_all_others_at_once_leave_nobody_a_database_error(house):
    """Sixteen sessions each end all others: whoever is put out is told so, and nothing else."""
    house.joined()
    every = [house.signed_in() for _ in range(4)]
    told, gate = [], threading.Barrier(4)

    def run(session):
        gate.wait()
        try:
            told.append(session.security.end_other_sessions())
        except MycvaultError as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=run, args=(session,)) for session in every]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {one for one in told if isinstance(one, str)} <= {"session-ended"}
    assert len(house.rows("SELECT 1 FROM mycvault_sessions WHERE ended_at IS NULL")) <= 1


def rotated(house, session, assurance):
    with house.vault._desk.call(Verb.RECONFIRM, by=ANYONE) as call:
        with call.look() as look:
            record = sessions.admit(look, session.id)
        with call.act() as act:
            return sessions.rotate(act, record, assurance)


def test_a_surer_session_has_another_token(house):
    """The same session, the old token dead at once, the assurance never lower."""
    session = house.joined()
    record, token = rotated(house, session, Assurance.MULTI_FACTOR)
    again = house.vault.resume(token.reveal())

    assert (again.id, again.assurance) == (session.id, Assurance.MULTI_FACTOR)
    assert record.assurance is Assurance.MULTI_FACTOR
    with pytest.raises(SessionEnded):
        house.vault.resume(session.token.reveal())
    record, newest = rotated(house, session, Assurance.PASSWORD)
    assert record.assurance is Assurance.MULTI_FACTOR
    assert house.vault.resume(newest.reveal()).assurance is Assurance.MULTI_FACTOR
    with pytest.raises(SessionEnded):
        house.vault.resume(token.reveal())
    assert session.safe.count() == 0


def test_a_session_that_ended_is_not_rotated(lite):
    """Nobody brings it back to life, and a row that was edited is damage."""
    session = lite.joined()
    with lite.vault._desk.call(Verb.RECONFIRM, by=ANYONE) as call:
        with call.look() as look:
            record = sessions.admit(look, session.id)
        session.end()
        with pytest.raises(SessionEnded), call.act() as act:
            sessions.rotate(act, record, Assurance.MULTI_FACTOR)


def test_a_session_moved_to_another_account_by_hand_is_damage(house):
    """Who writes the database without keys lists and ends nobody's sessions."""
    mine = house.joined()
    theirs = house.joined("A-2", email="noe.modele@example.org", phone=None)
    house.run(
        "UPDATE mycvault_sessions SET account_id = :me WHERE id = :it",
        me=mine.account_id,
        it=theirs.id,
    )
    for call in (mine.security.sessions, lambda: mine.security.end_session(theirs.id)):
        with pytest.raises(MycvaultError) as refused:
            call()
        assert refused.value.code == "record-damaged"
    assert house.clock.now() - kit.START == dt.timedelta(0)
