"""
The keyring file: its text, its mode, and how it is replaced without ever losing a key.

Rule: a file that others may read is refused; a change is made under a lock, written beside, synced
and renamed, so that a reader sees the old file or the new one. What stands in it is read strictly
and never quoted in a message, nor kept as an error's cause. Opening and making keys is
`keys/local.py`'s. POSIX only. Format: docs/spec/keyring.md.
"""

import base64
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from mycvault.errors import SetupError

FORMAT = "mycvault keyring 1"
# What a file may ask of whoever opens it: 1 GiB, where we write 64 MiB.
_HIGHEST = {"memory_kib": 1024 * 1024, "passes": 10, "lanes": 16}
_MAX_FILE = 1024 * 1024  # bytes; thousands of keys take less

Identity = tuple[int, int, int, int]


@attrs.frozen(kw_only=True)
class Sealed:
    """Entries under a passphrase: the costs and the salt of its key, and what that key sealed."""

    costs: Mapping[str, int]
    salt: bytes
    entries: bytes


@attrs.frozen(kw_only=True)
class Ring:
    """What a keyring file says: `id:key` entries, newest first, or the same sealed; and the oldest key that each vault needs."""

    entries: tuple[str, ...] = attrs.field(default=(), repr=False)
    sealed: Sealed | None = None
    needed: Mapping[str, str] = attrs.field(factory=dict)


def read(path: str) -> tuple[Ring, Identity]:
    """
    Read a keyring file, and which file it was.

    Raises:
        SetupError: It is missing, not a file, readable by others, or malformed.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a resolved path, as text
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode) or state.st_mode & 0o077:
                raise SetupError("a keyring file that only its owner may read (mode 0600)")
            text = file.read(_MAX_FILE + 1)
    except OSError as exc:
        raise SetupError("a keyring file that can be read") from exc
    return _parse(text), _identity(state)


def identity(path: str) -> Identity:
    """
    Tell which file stands there now, without reading it; a change makes it another.

    Raises:
        SetupError: None does.
    """
    try:
        return _identity(os.stat(path))  # noqa: PTH116 - a resolved path, as text
    except OSError as exc:
        raise SetupError("a keyring file") from exc


def is_ours(path: str) -> bool:
    """Tell whether the file belongs to this process's user, in a folder that can be written."""
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - text
    try:
        owner = os.stat(path).st_uid  # noqa: PTH116 - text
    except OSError:
        return False
    return owner == os.geteuid() and os.access(folder, os.W_OK)


def create(path: str, ring: Ring) -> None:
    """
    Write a new keyring file, mode 0600.

    Raises:
        SetupError: Something stands there already, or the folder cannot be written.
    """
    _write(path, ring, place=os.link)


def replace(path: str, ring: Ring) -> None:
    """
    Replace a keyring file; called under `locked`.

    Raises:
        SetupError: The folder cannot be written.
    """
    _write(path, ring, place=os.replace)


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Keep every other thread and process from changing the file, by a lock on `<path>.lock`."""
    import fcntl  # not on Windows, where keyrings come from the environment

    try:
        lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise SetupError("a folder that can be written, for the keyring's lock") from exc
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(path: str, ring: Ring, *, place: Callable[[str, str], None]) -> None:
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - text
    try:
        handle, beside = tempfile.mkstemp(dir=folder, prefix=".keyring-")  # made with mode 0600
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor
                file.write(_compose(ring))
                file.flush()
                os.fsync(handle)
            place(beside, path)
        finally:
            if os.path.lexists(beside):
                os.unlink(beside)  # noqa: PTH108 - text
        _sync(folder)
    except OSError as exc:
        raise SetupError("a folder that can be written, with no keyring there yet") from exc


def _sync(folder: str) -> None:
    """Make a rename outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _identity(state: os.stat_result) -> Identity:
    return state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size


def _compose(ring: Ring) -> bytes:
    if ring.sealed is None:
        said: dict[str, object] = {"format": FORMAT, "keys": list(ring.entries)}
    else:
        said = {
            "format": FORMAT,
            "hash": "argon2id",
            **ring.sealed.costs,
            "salt": base64.b64encode(ring.sealed.salt).decode(),
            "sealed": base64.b64encode(ring.sealed.entries).decode(),
        }
    if ring.needed:
        said["needed"] = dict(ring.needed)
    return json.dumps(said, indent=1).encode() + b"\n"


def _parse(text: bytes) -> Ring:
    try:
        said = json.loads(text) if len(text) <= _MAX_FILE else None
        if isinstance(said, dict) and said.get("format") == FORMAT:
            ring = _plain(said) if "keys" in said else _sealed(said)
            return attrs.evolve(ring, needed=_needed(said.get("needed", {})))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # the error would carry the text along
    raise SetupError(f'a file of the form "{FORMAT}"')


def _needed(said: object) -> Mapping[str, str]:
    if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
        raise TypeError
    return said


def _plain(said: dict[str, Any]) -> Ring:
    entries = said["keys"]
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise TypeError
    return Ring(entries=tuple(entries))


def _sealed(said: dict[str, Any]) -> Ring:
    costs = {name: said[name] for name in _HIGHEST}
    bounded = all(type(cost) is int and 1 <= cost <= _HIGHEST[name] for name, cost in costs.items())
    # Argon2 itself wants 8 KiB a lane.
    if said["hash"] != "argon2id" or not bounded or costs["memory_kib"] < 8 * costs["lanes"]:
        raise ValueError
    salt, entries = (base64.b64decode(said[name], validate=True) for name in ("salt", "sealed"))
    if len(salt) < 8:  # noqa: PLR2004 - RFC 9106, 3.1
        raise ValueError
    return Ring(sealed=Sealed(costs=costs, salt=salt, entries=entries))
