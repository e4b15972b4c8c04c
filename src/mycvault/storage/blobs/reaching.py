"""
How a file system of fsspec is reached: made, made again, asked again; the only file that imports fsspec.

* No listings cache and an instance of our own: stale listings have hidden objects (fsspec/s3fs#851, fsspec/s3fs#879). A new one
  is made after a fork, where the old one would hang (fsspec/filesystem_spec#517, fsspec/s3fs#914), and after a call that failed,
  for not all reconnect; on SFTP, which is one connection for all calls, after every try.
* A call that failed for want of an answer is asked again: six times in all, 0.2 to 3.2 s apart, nothing begun after 30 s. Every
  verb may be: a blob is put whole under a fresh key, and deleting twice is deleting. botocore and s3fs are told to ask once: five
  times five times would hold a call for minutes, and neither repeats all that may pass.
* A call that gets no answer ends after a minute; aiohttp alone would wait for ever for leave to send (`Expect: 100-continue`).
* Foreign errors are of any kind (those of botocore are not even OSError), so all are caught, around foreign calls alone. Neither
  the address nor the options, which may hold a password, are told.
"""

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import fsspec
from fsspec.core import url_to_fs

from mycvault.errors import BlobMissing, BlobsUnavailable, SetupError
from mycvault.system import pause, ticks

_EXTRAS = {"s3": "s3", "s3a": "s3", "ssh": "sftp", "sftp": "sftp"}
# sshfs hands what it does not know to asyncssh, which refuses it; and it trusts every host unless
# told otherwise: the empty tuple means the user's own known_hosts file. A peer that went away
# without a word is noticed after three questions of ten seconds each.
_SSH: Mapping[str, Any] = {"known_hosts": (), "connect_timeout": 10, "keepalive_interval": 10}
_USUAL: Mapping[str, Any] = {"use_listings_cache": False}
# Sixteen threads put packs at once, each with a request of its own (botocore's pool has ten places).
_S3_CALLS: Mapping[str, Any] = {
    "retries": {"total_max_attempts": 1},
    "max_pool_connections": 50,
}
# It accepts any host key, and cannot be told not to.
_REFUSED = "fsspec.implementations.sftp"
_TRIES = 6
_HOME_TRIES = 4  # within 1.4 s
_FIRST_PAUSE = 0.2  # seconds, doubled each time
_PATIENCE = 30.0  # seconds
_LONGEST = 60.0  # seconds; and what travels has more time, at
_SLOWEST = 256 * 1024  # bytes a second
# What stays so, however often one asks.
_FINAL_ERRNOS = {errno.EACCES, errno.EINVAL, errno.ENAMETOOLONG, errno.ENOSYS, errno.EPERM}
_FINAL = (PermissionError, FileExistsError, IsADirectoryError, NotADirectoryError, TypeError)

_T = TypeVar("_T")


class Reach:
    """A file system of fsspec under one address; thread-safe."""

    def __init__(self, url: str, options: Mapping[str, Any] | None) -> None:
        """SetupError, BlobsUnavailable: as for `FsspecBlobs`."""
        self.protocol = url.partition("://")[0]
        self._url = url
        self._options = dict(options or {})
        self._is_one_connection = _EXTRAS.get(self.protocol) == "sftp"
        self._lock, self._pid = threading.Lock(), os.getpid()
        self._system, self.root = _connect(url, self._options)

    def ask(
        self, verb: str, call: Callable[[Any], _T], *, size: int = 0, at_home: bool = True
    ) -> _T:
        """
        Call with the file system, again while that may help; *verb* is for the message, *size* the bytes that travel.

        *at_home*: the bucket or folder is there, unless something is wrong with it.

        Raises:
            BlobMissing: It found nothing, in a bucket or folder that is there.
            BlobsUnavailable: It does not answer, or refuses.
        """
        until = ticks() + _PATIENCE
        for turn in range(1, _TRIES + 1):
            system = None
            try:
                system = self._lend()
                return call(_Timed(system, _LONGEST + size / _SLOWEST))
            except FileNotFoundError as exc:
                if at_home:
                    self._check_home(system)
                raise BlobMissing(f"the storage found nothing to {verb}") from exc
            except SetupError:
                raise
            except Exception as exc:
                if _is_final(exc) or turn == _TRIES or ticks() >= until:
                    self._drop(system)
                    if isinstance(exc, BlobsUnavailable):
                        raise
                    raise BlobsUnavailable(f"the storage did not {verb}") from exc
                if self._is_one_connection:
                    self._drop(system)
            pause(_FIRST_PAUSE * 2 ** (turn - 1))
        raise AssertionError(verb)

    def _lend(self) -> Any:
        if self._pid != os.getpid():  # its lock may have been held as the process forked
            self._lock, self._pid, self._system = threading.Lock(), os.getpid(), None
        with self._lock:
            if self._system is None:
                self._system, _ = _connect(self._url, self._options)
            return self._system

    def _drop(self, system: Any) -> None:
        """Drop the connection that failed, not one that another thread has made since."""
        with self._lock:
            if self._system is system:
                self._system = None

    def _check_home(self, system: Any) -> None:
        """Refuse to call a blob missing when the whole bucket, or the folder, is not there."""
        scheme, _, path = self.root.rpartition("://")
        home = self.root if scheme or path.startswith("/") else path.partition("/")[0]
        for turn in range(_HOME_TRIES):
            # A store that cannot tell has not told that it is there; nor has one that stumbled over this question.
            with contextlib.suppress(Exception):
                if _Timed(system, _LONGEST).exists(home):
                    return
            if turn + 1 < _HOME_TRIES:
                pause(_FIRST_PAUSE * 2**turn)
        raise BlobsUnavailable("the bucket or folder of the storage is not there")


class _Timed:
    """A file system whose verbs end after some seconds, where it is one that can be told so."""

    def __init__(self, system: Any, seconds: float) -> None:
        self._system = system
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._system, name)
        if name == "open" or not self._system.async_impl:
            return verb
        return partial(verb, timeout=self._seconds)


def _is_final(exc: Exception) -> bool:
    refused = isinstance(exc, OSError) and exc.errno in _FINAL_ERRNOS
    return refused or isinstance(exc, _FINAL)


def _connect(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Make a file system of our own, and give it with the root path inside it."""
    protocol, separator, _ = url.partition("://")
    if not separator or "::" in url:
        raise SetupError("the storage must be one address: a chain of them may cache")
    _check_protocol(protocol)
    try:
        system, root = url_to_fs(url, **_settings(protocol, options))
    except (TypeError, ValueError) as exc:
        raise SetupError(f"the options are not those of {protocol!r} storage") from exc
    except Exception as exc:
        raise BlobsUnavailable("the storage cannot be connected to") from exc
    if _EXTRAS.get(protocol) == "s3":
        system.retries = 1
    return system, str(root).rstrip("/")


def _settings(protocol: str, options: Mapping[str, Any]) -> dict[str, Any]:
    extra = _EXTRAS.get(protocol)
    found = {**(_SSH if extra == "sftp" else _USUAL), **options, "skip_instance_cache": True}
    if extra == "s3":
        found["config_kwargs"] = {**_S3_CALLS, **options.get("config_kwargs", {})}
    return found


def _check_protocol(protocol: str) -> None:
    extra = _EXTRAS.get(protocol)
    advice = f"install mycvault[{extra}]" if extra else "install its fsspec package"
    try:
        found = fsspec.get_filesystem_class(protocol)
    except ValueError as exc:
        raise SetupError(f"no storage is known by the protocol {protocol!r}") from exc
    except ImportError as exc:
        raise SetupError(f"{protocol!r} storage needs a package: {advice}") from exc
    if found.__module__ == _REFUSED:
        raise SetupError(f"{protocol!r} storage needs a package that checks host keys: {advice}")
