"""Terms and acceptances: a text is published once a version and language, an acceptance is only ever added."""

import datetime as dt

import pytest

from attack_kit import rig_at
from mycvault.consent import records
from mycvault.consent.model import Acceptance
from mycvault.errors import Terms


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def terms(rig, version, *, locale="fr", text="text", after=0):
    moment = rig.now + dt.timedelta(minutes=after)
    return Terms(version=version, text=text, locale=locale, sha256="0" * 64, published_at=moment)


def test_a_text_is_published_once(rig):
    """A second text of one version in one language is not written; other languages and versions are."""
    with rig.rows() as rows:
        told = [
            records.publish(rows, "a", terms(rig, "1")),
            records.publish(rows, "b", terms(rig, "1", text="another")),
            records.publish(rows, "c", terms(rig, "1", locale="en")),
        ]

        assert told == [True, False, True]
        assert records.of_version(rows, "1") == [terms(rig, "1"), terms(rig, "1", locale="en")]
        assert records.of_version(rows, "2") == []


def test_the_newest_version_was_published_last(rig):
    """The version that was published last is the newest, whatever its name; none before the first."""
    with rig.rows() as rows:
        before = records.newest(rows)
        records.publish(rows, "a", terms(rig, "2", after=1))
        records.publish(rows, "b", terms(rig, "10", after=2))
        records.publish(rows, "c", terms(rig, "3", after=0))

        assert before is None
        assert records.newest(rows) == "10"


def test_an_acceptance_is_of_one_account_and_version(rig):
    """Who accepted which version is told, in whichever language she read it."""
    account = rig.account()
    accepted = Acceptance(
        account_id=account, version="1", locale="en", sha256="0" * 64, accepted_at=rig.now
    )

    with rig.rows() as rows:
        records.accept(rows, "a", accepted, {"address": "192.0.2.7"})

        assert records.has_accepted(rows, account, "1")
        assert not records.has_accepted(rows, account, "2")
        assert not records.has_accepted(rows, "another", "1")
