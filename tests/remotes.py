"""
Remote stores of blobs for the tests: an S3 server and an SFTP server of our own, reached over loopback.

A `Place` is what a deployment names: an address with its options. The secrets in them are looked for in what errors say.
"""

import contextlib
import importlib.util
import json
import pathlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import attrs

from services import absent

SERVERS = pathlib.Path(__file__).with_name("remote_servers.py")
SECRET = "hunter2-very-secret"
ACCESS = "AKIAOFTHETESTS"
USER = "payroll"


@attrs.frozen
class Server:
    """A running server: where it listens, its process, and its public key if it has one."""

    port: int
    process: subprocess.Popen[str]
    key: str = ""


@attrs.frozen
class Place:
    """Where blobs may lie: an address and its options."""

    url: str
    options: dict[str, Any]

    def changed(self, **options: Any) -> "Place":
        return Place(self.url, {**self.options, **options})


@contextlib.contextmanager
def running(*words: object, needs: tuple[str, ...]) -> Iterator[Server]:
    """Run one server; skip, or fail where services are required, when its package is not installed."""
    for package in needs:
        if importlib.util.find_spec(package) is None:
            absent(f"{package} is not installed")
    process = subprocess.Popen(
        [sys.executable, SERVERS, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        told = process.stdout.readline()
        if not told:
            raise RuntimeError(f"the server of {words[0]} did not start")
        yield Server(process=process, **json.loads(told))
    finally:
        process.kill()
        process.communicate()


def s3_server(port: int = 0) -> contextlib.AbstractContextManager[Server]:
    return running("s3", port, needs=("moto", "flask", "s3fs"))


def sftp_server(folder: pathlib.Path, port: int = 0) -> contextlib.AbstractContextManager[Server]:
    return running("sftp", folder, USER, SECRET, port, needs=("asyncssh", "sshfs"))


def s3_options(port: int) -> dict[str, Any]:
    """The options of s3fs for a server on *port*."""
    return {"key": ACCESS, "secret": SECRET, "endpoint_url": f"http://127.0.0.1:{port}"}


def s3_place(server: Server, *, bucket: str = "") -> Place:
    """Name a place in a bucket of its own, which is made."""
    import s3fs

    bucket = bucket or f"bucket-{uuid.uuid4().hex}"
    s3fs.S3FileSystem(**s3_options(server.port), skip_instance_cache=True).mkdir(bucket)
    return Place(f"s3://{bucket}/vault", s3_options(server.port))


def sftp_place(server: Server, known_hosts: pathlib.Path) -> Place:
    """Name a fresh place on the server, whose key is written into *known_hosts*."""
    trust(server, known_hosts)
    options = {"username": USER, "password": SECRET, "port": server.port}
    options |= {"known_hosts": str(known_hosts), "client_keys": None, "config": None}
    return Place(f"sftp://127.0.0.1/{uuid.uuid4().hex}", options)


def trust(server: Server, known_hosts: pathlib.Path) -> None:
    known_hosts.write_text(f"[127.0.0.1]:{server.port} {server.key}")
