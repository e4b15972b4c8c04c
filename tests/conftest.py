"""
What tests run on: an empty database of their own, on SQLite and on PostgreSQL; a vault with one employer on it.

With several workers each has its own PostgreSQL cluster, started on first use.
"""

import pathlib
from collections.abc import Iterator

import attrs
import pytest

import kit
import remotes
import services
from mycvault import Policy, Retention
from mycvault.legal import FR


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running PostgreSQL; make databases in it by `services.fresh_database`."""
    with services.postgres_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[remotes.Server]:
    """A server of the S3 protocol."""
    with remotes.s3_server() as server:
        yield server


@pytest.fixture
def s3(s3_server: remotes.Server) -> remotes.Place:
    """A place in an empty bucket."""
    return remotes.s3_place(s3_server)


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[remotes.Server]:
    """A server of SFTP."""
    with remotes.sftp_server(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@pytest.fixture
def sftp(sftp_server: remotes.Server, tmp_path: pathlib.Path) -> remotes.Place:
    """A place on it that is not made yet."""
    return remotes.sftp_place(sftp_server, tmp_path / "known_hosts")


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[str]:
    """The URL of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/records.sqlite3"
        return
    url = services.fresh_database(request.getfixturevalue("postgres_url"))
    yield url
    services.drop_database(url)


@pytest.fixture
def house(tmp_path: pathlib.Path, records_url: str) -> Iterator[kit.House]:
    """A vault with one employer, once on SQLite and once on PostgreSQL."""
    with kit.house_at(tmp_path, records_url) as house:
        yield house


@pytest.fixture
def lite(tmp_path: pathlib.Path) -> Iterator[kit.House]:
    """A vault with one employer, in a folder."""
    with kit.house_at(tmp_path) as house:
        yield house


@pytest.fixture
def short(tmp_path: pathlib.Path, records_url: str) -> Iterator[kit.House]:
    """As `house`, under a law of short terms, so that a test need not sit still for fifty years."""
    policy = attrs.evolve(Policy.for_tests(), legal=attrs.evolve(FR, availability_years=1))
    with kit.house_at(tmp_path, records_url, policy=policy) as house:
        house.acme.amend_self(retention=Retention(years=1))
        yield house
