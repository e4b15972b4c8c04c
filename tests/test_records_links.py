"""The links' rows: found by their secret's digest, used once, revoked only while unused."""

import datetime as dt

import pytest

from attack_kit import rig_at
from mycvault.links import records
from mycvault.links.model import LinkRecord, Purpose

LATER = dt.timedelta(days=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def link(rig, link_id, **other):
    values = {
        "id": link_id,
        "purpose": Purpose.INVITATION,
        "owner": "record",
        "subject": "safe",
        "employer_id": "employer",
        "channel": "email",
        "expires_at": rig.now + LATER,
        "sent_to": None,
        "code_proof": None,
        "used_at": None,
        "revoked_at": None,
    }
    return LinkRecord(**values | other)


def add(rig, link_id, **other):
    made = link(rig, link_id, **other)
    with rig.rows() as rows:
        records.add(rows, made, secret=link_id.encode() * 32, sent_to_key="email:a@example.org")
    return made


def test_a_link_is_found_by_its_secret_alone(rig):
    """A link comes back as it was written, by its secret's digest and by its id, with where it was sent as an index."""
    made = add(rig, "a", code_proof=bytes(32))

    with rig.rows() as rows:
        found = records.by_secret(rows, b"a" * 32)
        index = records.address_index(rows, found, "email:a@example.org")
        nothing = records.by_secret(rows, b"b" * 32)

        assert records.by_ids(rows, ["a", "no"]) == [found]
    assert nothing is None
    assert found.sent_to == index
    assert (found.code_proof, found.expires_at) == (made.code_proof, made.expires_at)


def test_a_link_is_used_once(rig):
    """The first use wins; the second, and that of no link, does nothing."""
    add(rig, "a")

    with rig.rows() as rows:
        told = [records.use_once(rows, link_id, now=rig.now) for link_id in ("a", "a", "no")]
        (found,) = records.by_ids(rows, ["a"])

    assert told == [True, False, False]
    assert found.used_at == rig.now


def test_revoking_meets_the_unused_of_one_owner_and_purpose(rig):
    """Links of another owner or purpose, used ones and revoked ones stay as they were; a revoked one is not used."""
    add(rig, "a")
    add(rig, "b", used_at=rig.now)
    add(rig, "c", owner="another")
    add(rig, "d", purpose=Purpose.CONFIRM_ADDRESS)
    add(rig, "e", revoked_at=rig.now)

    with rig.rows() as rows:
        count = records.revoke_all(rows, "record", Purpose.INVITATION, now=rig.now + LATER)
        used = records.use_once(rows, "a", now=rig.now)
        found = {one.id: one.revoked_at for one in records.by_ids(rows, list("abcde"))}

    assert count == 1
    assert not used
    assert found == {"a": rig.now + LATER, "b": None, "c": None, "d": None, "e": rig.now}
