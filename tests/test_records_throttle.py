"""The throttle's rows: one moment a bucket, moved from what it was seen to be."""

import datetime as dt

import pytest

from attack_kit import rig_at
from mycvault.throttle import records

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def test_a_bucket_moves_from_what_was_seen(rig):
    """A bucket is made once, and moved only by whoever saw its newest moment."""
    key, now = bytes(32), rig.now

    with rig.rows() as rows:
        assert records.full_until(rows, [key]) == {}
        told = [
            records.move(rows, key, now, now + MINUTE),
            records.move(rows, key, None, now),
            records.move(rows, key, None, now + MINUTE),
            records.move(rows, key, now, now + MINUTE),
            records.move(rows, key, now, now + 2 * MINUTE),
        ]

        assert told == [False, True, False, True, False]
        assert records.full_until(rows, [key, b"1" * 32]) == {key: now + MINUTE}
        assert records.take(rows, key) == now + MINUTE
        records.lower(rows, key, MINUTE)
        assert records.take(rows, key) == now
        records.empty(rows, key)
        assert records.take(rows, key) is None


def test_empty_buckets_are_swept(rig):
    """Buckets that are empty again are deleted and counted, the others stay."""
    with rig.rows() as rows:
        for number in range(3):
            records.move(rows, bytes([number]) * 32, None, rig.now + number * MINUTE)

        assert records.sweep(rows, rig.now + MINUTE, 9) == 1
        assert records.take(rows, bytes(32)) is None
        assert records.take(rows, b"\x01" * 32) == rig.now + MINUTE
        assert records.sweep(rows, rig.now + 9 * MINUTE, 1) == 1
        assert records.take(rows, b"\x02" * 32) == rig.now + 2 * MINUTE
