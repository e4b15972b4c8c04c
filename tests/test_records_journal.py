"""The events' rows: numbered per subject without gaps, never changed, found newest first."""

import datetime as dt

import pytest

from attack_kit import TABLES, raw_at, rig_at
from mycvault.errors import TamperedError
from mycvault.journal import records, service
from mycvault.journal.model import Entry
from mycvault.system import SystemEntropy
from mycvault.values.actors import Who

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def entry(rig, subject, **other):
    values = {
        "id": rig.new_id(),
        "at": rig.now,
        "verb": "open",
        "outcome": "",
        "who": Who.EMPLOYEE,
        "actor": "session",
        "subject": subject,
        "about": "document",
        "sealed_by": "journal",
        "details": {"address": "192.0.2.7"},
    }
    return Entry(**values | other)


def write(rig, *entries):
    with rig.rows() as rows:
        service.write(rows, entries, vault_id=rig.vault_id, entropy=SystemEntropy())


def test_sequences_rise_without_gaps(rig):
    """Every subject's events are numbered from one, whether written together or apart."""
    write(rig, entry(rig, "a"), entry(rig, "b"), entry(rig, "a"))
    write(rig, entry(rig, "a"))

    with rig.rows() as rows:
        assert records.last_sequences(rows, ["a", "b"]) == {"a": 3, "b": 1}
        assert records.last_sequences(rows, ["a"]) == {"a": 3}
        assert not any(records.last_sequences(rows, ["c"]).values())


def test_the_newest_come_first(rig):
    """Events of several subjects come newest first, below an id, as many as were asked for."""
    written = [entry(rig, subject) for subject in ("a", "b", "c", "a")]
    write(rig, *written)

    with rig.rows() as rows:
        found = records.newest(rows, ["a", "b"], before="g", count=2)
        older = records.newest(rows, ["a", "b"], before=found[-1]["id"], count=2)

    assert [row["id"] for row in (*found, *older)] == [written[n].id for n in (3, 1, 0)]
    assert found[0]["details"]["fields"] == {"address": "192.0.2.7"}


def test_a_repeat_is_the_same_in_everything(rig):
    """Another subject, thing, verb, outcome or actor, or an older event, is no repeat."""
    write(rig, entry(rig, "a"))
    same = {"subject": "a", "about": "document", "verb": "open", "outcome": "", "actor": "session"}

    with rig.rows() as rows:
        assert records.written_since(rows, rig.now - MINUTE, **same)
        assert not records.written_since(rows, rig.now, **same)
        for name in same:
            assert not records.written_since(rows, rig.now - MINUTE, **same | {name: "x"})


@pytest.mark.parametrize("removed", [0, 1], ids=["first", "middle"])
def test_a_missing_event_shows(rig, records_url, removed):
    """A history with an event cut out is refused as broken: sequences have no gaps."""
    write(rig, *[entry(rig, "a") for _ in range(3)])
    with raw_at(records_url) as raw:
        raw.remove(TABLES["events"], raw.rows(TABLES["events"])[removed])
    write(rig, entry(rig, "a"))

    with pytest.raises(TamperedError), rig.rows() as rows:
        service.history(rows, ["a"], locale="en", after=None, limit=10)
