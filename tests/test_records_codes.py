"""Challenges and tries: a challenge is used once, and tries are counted per subject and purpose whatever is sent again."""

import datetime as dt
import threading

import pytest
from sqlalchemy import event

from attack_kit import rig_at
from mycvault.codes import records
from mycvault.codes.model import Challenge, CodePurpose
from mycvault.values.choices import Channel

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        rig.subject, rig.another = rig.account(), rig.account()
        yield rig


def add(rig, challenge_id, **other):
    values = {
        "id": challenge_id,
        "purpose": CodePurpose.SIGN_IN,
        "subject": rig.subject,
        "session": None,
        "channel": Channel.SMS,
        "address": "+33612345678",
        "proof": bytes(32),
        "created_at": rig.now,
        "expires_at": rig.now + 10 * MINUTE,
        "used_at": None,
    }
    made = Challenge(**values | other)
    with rig.rows() as rows:
        records.add(rows, made, secret=challenge_id.encode() * 32)
    return made


def test_a_challenge_is_found_by_its_secret_alone(rig):
    """A challenge comes back as it was written, address included."""
    made = add(rig, "a")

    with rig.rows() as rows:
        assert records.by_secret(rows, b"a" * 32, [CodePurpose.SIGN_IN]) == made
        assert records.by_secret(rows, b"a" * 32, [CodePurpose.ACTIVATION]) is None
        assert records.by_secret(rows, b"b" * 32, [CodePurpose.SIGN_IN]) is None


def test_a_challenge_is_used_once(rig):
    """The first use wins; the second, and that of no challenge, does nothing."""
    add(rig, "a")

    with rig.rows() as rows:
        told = [records.use_once(rows, one, now=rig.now) for one in ("a", "a", "no")]

    assert told == [True, False, False]


def test_the_unanswered_are_one_subjects_young_and_unused_ones(rig):
    """Unanswered challenges come oldest first; used, older and others' ones do not."""
    add(rig, "b", created_at=rig.now + MINUTE)
    add(rig, "a")
    add(rig, "c", used_at=rig.now)
    add(rig, "d", subject=rig.another)
    add(rig, "e", created_at=rig.now - HOUR)

    with rig.rows() as rows:
        found = records.unanswered(rows, rig.subject, since=rig.now - MINUTE)

    assert [one.id for one in found] == ["a", "b"]


def count(rig, *, at, purpose=CodePurpose.SIGN_IN, subject="account"):
    with rig.rows() as rows:
        return records.count_try(rows, subject, purpose, now=at, stale=at - HOUR)


def test_tries_are_counted_per_subject_and_purpose(rig):
    """Counts rise by one, apart for each subject and purpose, and begin anew after the window or a success."""
    later = rig.now + MINUTE

    assert count(rig, at=rig.now) == (1, rig.now)
    assert count(rig, at=later) == (2, rig.now)
    assert count(rig, at=later, purpose=CodePurpose.ACTIVATION) == (1, later)
    assert count(rig, at=later, subject="another") == (1, later)
    assert count(rig, at=rig.now + HOUR) == (1, rig.now + HOUR)
    with rig.rows() as rows:
        records.reset_tries(rows, "account", CodePurpose.SIGN_IN)
    assert count(rig, at=later) == (1, later)
    assert count(rig, at=later, purpose=CodePurpose.ACTIVATION) == (2, later)


def test_a_try_counted_while_another_succeeds_is_still_counted(rig):
    """A success that forgets the tries between two statements of a count does not break the count."""
    if rig.records.dialect == "sqlite":
        return  # one writer at a time: nothing comes between
    count(rig, at=rig.now)
    began = threading.get_ident()

    @event.listens_for(rig.records.engine, "before_cursor_execute")
    def succeed_meanwhile(_connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE mycvault_tries") and threading.get_ident() == began:
            other = threading.Thread(target=forget)
            other.start()
            other.join()

    def forget():
        with rig.rows() as rows:
            records.reset_tries(rows, "account", CodePurpose.SIGN_IN)

    counted, _ = count(rig, at=rig.now)

    assert counted == 1
