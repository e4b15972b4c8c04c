"""
A PostgreSQL of our own for the tests: started from nothing, reached by a socket alone, gone at the end.

Durability is off here and only here: a test cluster never outlives a power cut, and with fsync each test would wait for
the disk many times. Nothing the library promises about PostgreSQL rests on a setting of this file.
"""

import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, create_engine, make_url, text

OWNER = "postgres"  # PostgreSQL refuses to run as root, then it runs as this user
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
max_connections = 100
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@contextlib.contextmanager
def postgres_cluster() -> Iterator[str]:
    """
    Run a cluster and give its SQLAlchemy URL; skip the test where PostgreSQL is not installed.

    With MYCVAULT_REQUIRE_SERVICES=1 its absence fails the test instead.
    """
    binaries = find_binaries()
    if binaries is None:
        absent("PostgreSQL's server (initdb, pg_ctl) is not installed")
    # The path of a socket has at most 107 bytes; the temporary directory of pytest may be deeper.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mycvault-pg-", dir="/tmp"))
    owner = pwd.getpwnam(OWNER) if os.geteuid() == 0 else None
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    cluster = folder / "cluster"
    try:
        run(owner, folder, binaries / "initdb", "-D", cluster, "-U", OWNER, *INIT)
        with (cluster / "postgresql.conf").open("a") as file:
            file.write(SETTINGS.format(sockets=folder))
        control = (binaries / "pg_ctl", "-D", cluster, "-w", "-t", "60")
        try:
            # `-w` returns once connections are accepted, or fails after `-t` seconds.
            run(owner, folder, *control, "-l", folder / "log", "start")
            query = {"host": str(folder), "port": "5432"}  # else PGPORT would count
            yield _text(URL.create("postgresql+psycopg", OWNER, database=OWNER, query=query))
        finally:
            run(owner, folder, *control, "-m", "immediate", "stop", check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop(url: str) -> None:
    """Stop a cluster of our own; its clients are cut off. (Not "immediate": without fsync that would lose commits.)"""
    _control(url, "stop")


def restart(url: str) -> None:
    """Stop a cluster of our own in the middle of whatever it does, and start it again."""
    _control(url, "restart")


def _control(url: str, verb: str) -> None:
    folder = pathlib.Path(str(make_url(url).query["host"]))
    owner = pwd.getpwnam(OWNER) if os.geteuid() == 0 else None
    control = (find_binaries() / "pg_ctl", "-D", folder / "cluster", "-w", "-t", "60")
    run(owner, folder, *control, "-l", folder / "log", "-m", "fast", verb)


INIT = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")


def find_binaries() -> pathlib.Path | None:
    """Find the folder of PostgreSQL's server programs, the newest one first."""
    folders = sorted(
        pathlib.Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: (len(path.parts[-2]), path),
    )[::-1]
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        folders.insert(0, pathlib.Path(told.stdout.strip()))
    needed = ("initdb", "pg_ctl", "postgres")
    return next((path for path in folders if all((path / name).exists() for name in needed)), None)


def fresh_database(url: str, *, template: str | None = None) -> str:
    """Make an empty database, or a copy of the database *template*, and give its URL."""
    name = f"test_{uuid.uuid4().hex}"
    _command(url, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    return _text(make_url(url).set(database=name))


def drop_database(url: str) -> None:
    """Drop a database made by `fresh_database`, whoever is still connected to it."""
    database = make_url(url).database
    _command(_text(make_url(url).set(database=OWNER)), f"DROP DATABASE {database} WITH (FORCE)")


def run(
    owner: pwd.struct_passwd | None, folder: pathlib.Path, *command, check: bool = True
) -> None:
    """Run a program in *folder*, as *owner* when there is one; its words are shown when it fails."""
    who = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **who,
    )
    if check and done.returncode:
        log = folder / "log"
        said = done.stdout + done.stderr + (log.read_text() if log.exists() else "")
        raise RuntimeError(f"{command[0]} failed:\n{said}")


def _command(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def absent(reason: str) -> None:
    """Skip the test, or fail it where services are required."""
    if os.environ.get("MYCVAULT_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
