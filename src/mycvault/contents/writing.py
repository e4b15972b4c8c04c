"""
A content is sealed and written into a blob of its own; no row knows of it yet.

Small contents are measured before anything is written; large ones while they are sealed and sent, piece by piece.
"""

import io
from typing import BinaryIO

from mycvault.contents.model import Facts, Place
from mycvault.contents.sealing import SealingStream
from mycvault.crypto.content import KEY_SIZE, seal, sealed_size
from mycvault.ports import Blobs


def write_bytes(blobs: Blobs, blob: str, content: bytes, *, key: bytes, context: bytes) -> Place:
    """Seal a content that is at hand, and write it under *blob*; BlobsUnavailable."""
    sealed = seal(content, key=key, context=context)
    blobs.put(blob, sealed)
    return _place(blob, len(content))


def write_stream(
    blobs: Blobs,
    blob: str,
    content: BinaryIO,
    *,
    key: bytes,
    context: bytes,
    max_bytes: int,
    accepted: frozenset[str],
) -> tuple[Facts, Place]:
    """Seal a content while it is read, and write it under *blob*; UnacceptableContent, BlobsUnavailable."""
    stream = SealingStream(
        content, key=key, context=context, max_bytes=max_bytes, accepted=accepted
    )
    # A buffer makes it the binary file that stores expect: read(n) gives n bytes until the end.
    with io.BufferedReader(stream, buffer_size=1 << 20) as buffered:
        blobs.put(blob, buffered)
        facts = stream.facts
    return facts, _place(blob, facts.size)


def measure_stream(content: BinaryIO, *, max_bytes: int, accepted: frozenset[str]) -> Facts:
    """Measure a content without keeping anything of it, piece by piece; UnacceptableContent."""
    nowhere = bytes(KEY_SIZE)
    stream = SealingStream(
        content, key=nowhere, context=nowhere, max_bytes=max_bytes, accepted=accepted
    )
    with io.BufferedReader(stream, buffer_size=1 << 20) as buffered:
        while buffered.read(1 << 20):
            pass
        return stream.facts


def _place(blob: str, size: int) -> Place:
    length = sealed_size(size)
    return Place(blob=blob, offset=0, length=length, blob_size=length, size=size)
