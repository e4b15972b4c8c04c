"""
Eight processes on one vault, one of them killed every second: what was acknowledged is there, once.
"""

import crowd
import crowd_verdict
import services


def test_a_crowd_on_postgresql_and_s3(tmp_path, postgres_url, s3):
    """Deposits, reads, destructions, sweeps, compactions and rotations at once, for twenty seconds."""
    records = services.fresh_database(postgres_url)
    log = crowd_verdict.postgres_log(postgres_url)
    before = len(log.read_bytes())
    with crowd.house(tmp_path, records, s3) as (house, order):
        seen = crowd.run(order, 20)
        told = crowd_verdict.judge(house, order, seen, log.read_bytes()[before:].decode())
    services.drop_database(records)
    assert_busy(told, seen, kills=10)


def test_a_crowd_on_sqlite_and_a_folder(tmp_path):
    """As on PostgreSQL and S3, for ten seconds."""
    with crowd.house(tmp_path, None, seed=2) as (house, order):
        seen = crowd.run(order, 10)
        told = crowd_verdict.judge(house, order, seen)
    assert_busy(told, seen, kills=5)


def assert_busy(told, seen, *, kills):
    """A crowd that did nothing proves nothing."""
    figures = told.figures()
    assert seen["killed"] >= kills
    assert figures["documents"] > 100
    assert figures["replayed"] > 10
    assert figures["destroyed"] > 10
    assert figures["sweep: deleted"] > 0
