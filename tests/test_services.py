"""The databases of the tests: they start, they are empty, they do not see one another."""

import pytest
from sqlalchemy import create_engine, inspect, text

import remotes
import services


def test_each_test_has_an_empty_database(records_url: str):
    """A fresh database has no tables and can be written."""
    engine = create_engine(records_url)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (id INTEGER PRIMARY KEY)"))
    engine.dispose()


def test_no_table_of_another_test_is_left(records_url: str):
    """What the test before made is not here."""
    engine = create_engine(records_url)
    assert not inspect(engine).has_table("mark")
    engine.dispose()


def test_a_database_can_be_copied(postgres_url: str):
    """A template with a schema spares every test the making of it."""
    first = services.fresh_database(postgres_url)
    engine = create_engine(first)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (id INTEGER PRIMARY KEY)"))
    engine.dispose()
    second = services.fresh_database(postgres_url, template=engine.url.database)
    engine = create_engine(second)
    assert inspect(engine).get_table_names() == ["mark"]
    engine.dispose()
    services.drop_database(second)
    services.drop_database(first)


def test_the_cluster_cannot_be_reached_from_outside(postgres_url: str):
    """The server listens on its own socket alone."""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW listen_addresses")) == ""
    engine.dispose()


def test_absent_services_fail_when_they_are_required(monkeypatch: pytest.MonkeyPatch):
    """A run that must have PostgreSQL does not pass by skipping it."""
    monkeypatch.setattr(services, "find_binaries", lambda: None)
    monkeypatch.setenv("MYCVAULT_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception), services.postgres_cluster():
        pass
    monkeypatch.delenv("MYCVAULT_REQUIRE_SERVICES")
    with pytest.raises(pytest.skip.Exception), services.postgres_cluster():
        pass


def test_an_absent_server_of_blobs_fails_when_it_is_required(monkeypatch: pytest.MonkeyPatch):
    """Neither do S3 and SFTP pass by being skipped."""
    monkeypatch.setenv("MYCVAULT_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception), remotes.running("s3", needs=("no_such_package",)):
        pass
    monkeypatch.delenv("MYCVAULT_REQUIRE_SERVICES")
    with pytest.raises(pytest.skip.Exception), remotes.running("s3", needs=("no_such_package",)):
        pass
