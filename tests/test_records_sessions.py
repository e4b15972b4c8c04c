"""The sessions' rows: found by token or id, changed only while they have not ended."""

import datetime as dt

import attrs
import pytest

from attack_kit import rig_at
from mycvault.sessions import records
from mycvault.sessions.model import SessionRecord
from mycvault.values.choices import Assurance

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


@pytest.fixture
def session(rig):
    made = SessionRecord(
        id=rig.new_id(),
        account_id=rig.account(),
        assurance=Assurance.TWO_STEP,
        started_at=rig.now,
        last_used_at=rig.now,
        expires_at=rig.now + HOUR,
        fresh_until=rig.now,
        terms_pending="2026-10",
        ended_at=None,
    )
    with rig.rows() as rows:
        records.add(rows, made, secret=b"s" * 32, device={"address": "192.0.2.7"})
    return made


def test_a_session_is_found_by_token_and_by_id(rig, session):
    """A session comes back as it was written, and nothing for another token or id."""
    with rig.rows() as rows:
        assert records.by_secret(rows, b"s" * 32) == session
        assert records.by_id(rows, session.id) == session
        assert records.by_secret(rows, b"t" * 32) is None
        assert records.by_id(rows, "no") is None


def test_a_session_is_touched_and_changed(rig, session):
    """What is changed is changed, and all else stays."""
    with rig.rows() as rows:
        touched = records.touch(rows, session.id, rig.now + HOUR)
        changed = records.change(rows, session.id, terms_pending=None)
        found = records.by_id(rows, session.id)

    assert touched
    assert changed
    assert found == attrs.evolve(session, last_used_at=rig.now + HOUR, terms_pending=None)


def test_an_ended_session_stays_as_it_ended(rig, session):
    """A session that ended is neither touched, nor changed, nor ended again."""
    with rig.rows() as rows:
        told = [
            records.change(rows, session.id, ended_at=rig.now),
            records.touch(rows, session.id, rig.now + HOUR),
            records.change(rows, session.id, ended_at=rig.now + HOUR),
            records.change(rows, "no", ended_at=rig.now),
        ]

        assert told == [True, False, False, False]
        assert records.by_id(rows, session.id) == attrs.evolve(session, ended_at=rig.now)
