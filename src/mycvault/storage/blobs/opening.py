"""
Which store of blobs an address means.

A plain path or a `file://` address is a local folder, written by our own durable writer in its
`blobs/`; any other address with a protocol goes to fsspec; an object is used as it is. Options may
hold passwords and addresses too: no error here repeats either.
"""

import os
import pathlib
import urllib.request
from collections.abc import Mapping
from typing import Any

from mycvault.errors import SetupError
from mycvault.ports import Blobs
from mycvault.storage.blobs.local import LocalBlobs

_LOCAL = ("file", "local")
_HERE = ("", "localhost")


def open_blobs(
    storage: str | os.PathLike[str] | Blobs,
    *,
    options: Mapping[str, Any] | None,
    create: bool,
) -> Blobs:
    """
    Open the blobs of the vault in *storage*; *create* makes their folder first.

    Raises:
        SetupError: The address or *options* cannot be used here, or a package is missing.
        BlobsUnavailable: The store does not answer.
    """
    remote = isinstance(storage, str) and local_folder(storage) is None
    if options and not remote:
        raise SetupError("storage options belong to a remote storage given by its address")
    if isinstance(storage, str) and remote:
        # Only a remote vault pays for importing fsspec.
        from mycvault.storage.blobs.remote import FsspecBlobs

        return FsspecBlobs.create(storage, options) if create else FsspecBlobs(storage, options)
    folder = local_folder(storage)
    if folder is not None:
        blobs = folder / "blobs"
        return LocalBlobs.create(blobs) if create else LocalBlobs(blobs)
    if not isinstance(storage, Blobs):
        raise SetupError(
            "the storage must be a folder, an address or an object with `Blobs`' verbs"
        )
    return storage


def local_folder(storage: str | os.PathLike[str] | Blobs) -> pathlib.Path | None:
    """
    Give the folder of a local vault; None when the storage is remote or an object.

    Raises:
        SetupError: The address is empty, or a `file://` address of another machine.
    """
    if isinstance(storage, os.PathLike):
        return pathlib.Path(storage)
    if not isinstance(storage, str):
        return None
    if not storage:
        raise SetupError("the storage must be a folder or an address")
    protocol, separator, rest = storage.partition("://")
    if not separator:
        return pathlib.Path(storage)
    if protocol.lower() not in _LOCAL:
        return None
    host, slash, path = rest.partition("/")
    if host.lower() not in _HERE or not path:
        raise SetupError("a local address must be of the form file:///folder")
    return pathlib.Path(urllib.request.url2pathname(slash + path))


def kind_of(blobs: Blobs) -> tuple[str, str]:
    """Name a store's class, and the protocol of one that fsspec reaches ("" for others): never where it is."""
    name = type(blobs).__name__
    if isinstance(blobs, LocalBlobs):
        return name, ""
    from mycvault.storage.blobs.remote import FsspecBlobs

    return name, blobs.protocol if isinstance(blobs, FsspecBlobs) else ""
