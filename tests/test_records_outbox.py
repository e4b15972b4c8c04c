"""The letters' rows: claimed by one worker at a time, urgent ones first, wiped when they end."""

import datetime as dt

import pytest

from attack_kit import TABLES, raw_at, rig_at
from mycvault.outbox import records, service
from mycvault.outbox.model import Claimed, Draft, State
from mycvault.values.choices import Channel

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def queue(rig, *ids, **other):
    values = {
        "template": "invitation",
        "channel": Channel.EMAIL,
        "to": "zelie@example.org",
        "locale": "fr",
        "context": {"link": "https://safe.example.org/secret"},
        "employer": "acme",
        "cause": "link",
    }
    draft = Draft(**values | other)
    with rig.rows() as rows:
        service.queue(rows, [(one, draft) for one in ids], now=rig.now)
    return draft


def claim(rig, *, at=None, urgency=0):
    """Claim letters one by one until there is none; those that were settled instead are left out."""
    now = at or rig.now
    with rig.rows() as rows:
        found = iter(
            lambda: records.claim(rows, now=now, until=now + MINUTE, urgency=urgency), None
        )
        return [one for one in found if isinstance(one, Claimed)]


def test_a_letter_is_claimed_by_one_worker(rig):
    """A claimed letter comes back as it was queued, to nobody else until its lease is over."""
    draft = queue(rig, "a", "b")

    first = claim(rig)
    second = claim(rig)
    third = claim(rig, at=rig.now + MINUTE)

    assert [(one.id, one.draft, one.attempts) for one in first] == [
        ("a", draft, 1),
        ("b", draft, 1),
    ]
    assert second == []
    assert [(one.id, one.attempts) for one in third] == [("a", 2), ("b", 2)]


def test_urgent_letters_come_first(rig):
    """Codes leave before everything else, and alone when only they are asked for."""
    queue(rig, "a")
    queue(rig, "b", urgent=True)

    assert [one.id for one in claim(rig, urgency=1)] == ["b"]
    assert [one.id for one in claim(rig, at=rig.now + MINUTE)] == ["b", "a"]


def test_a_settled_letter_is_wiped_and_stays_settled(rig, records_url):
    """Nothing of what a letter said is kept once it was sent or given up, and neither is claimed or settled again."""
    queue(rig, "a", "b", "c")
    claim(rig)

    with rig.rows() as rows:
        records.settle(rows, "a", State.SENT, rig.now)
        records.settle(rows, "b", State.DEAD, None)
        records.settle(rows, "a", State.DEAD, None)
        records.postpone(rows, "a", rig.now)
        records.postpone(rows, "c", rig.now + 2 * MINUTE)

        assert records.waiting(rows, now=None) == 1
        assert records.waiting(rows, now=rig.now) == 0
    with raw_at(records_url) as raw:
        found = {row["id"]: (row["state"], row["context"]) for row in raw.rows(TABLES["letters"])}
    assert (found["a"], found["b"]) == (("sent", None), ("dead", None))
    assert [one.id for one in claim(rig, at=rig.now + 2 * MINUTE)] == ["c"]


def test_an_outcome_is_written_on_a_letter_that_is_there(rig):
    """Whom a letter was about is given back, nobody here; a bounce of no letter is told."""
    queue(rig, "a")

    with rig.rows() as rows:
        assert records.report(rows, "a", "bounced") == ""
        assert records.report(rows, "no", "bounced") is None


def test_one_damaged_letter_does_not_stop_the_others(rig, records_url):
    """A letter that somebody damaged is left aside; those beside it still leave."""
    queue(rig, "a", "b")
    with raw_at(records_url) as raw:
        first = raw.rows(TABLES["letters"])[0]
        raw.write(TABLES["letters"], first, {"context": b"\x01\0\0\0\x01" + bytes(40)})

    assert [one.id for one in claim(rig)] == ["b"]


def test_a_wiped_letter_that_is_said_to_wait_stops_nothing(rig, records_url):
    """A letter that was sent and is set back to waiting has nothing to say: it is left aside, the others leave."""
    queue(rig, "a", "b")
    claim(rig)
    with rig.rows() as rows:
        records.settle(rows, "a", State.SENT, rig.now)
    with raw_at(records_url) as raw:
        first = raw.rows(TABLES["letters"])[0]
        raw.write(TABLES["letters"], first, {"state": "waiting"})

    assert [one.id for one in claim(rig, at=rig.now + MINUTE)] == ["b"]
