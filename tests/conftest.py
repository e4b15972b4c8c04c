"""
The databases that tests run on: each test gets an empty one of its own.

With several workers each has its own PostgreSQL cluster, started on first use.
"""

import pathlib
from collections.abc import Iterator

import pytest

import services


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running PostgreSQL; make databases in it by `services.fresh_database`."""
    with services.postgres_cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[str]:
    """The URL of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/records.sqlite3"
        return
    url = services.fresh_database(request.getfixturevalue("postgres_url"))
    yield url
    services.drop_database(url)
