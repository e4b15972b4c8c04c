"""
A content is taken in: sealed and written into a blob, before any row knows of it.

Payslips, her own documents and the evidence of a declaration come in alike. Work of a call, never done inside a transaction.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, TypeVar

import attrs

from mycvault.contents import sealing, writing
from mycvault.contents.model import Facts, Place, Swept
from mycvault.crypto.content import content_context
from mycvault.desk import Call
from mycvault.errors import BlobsUnavailable, RecordsUnavailable
from mycvault.values.content import Content

T = TypeVar("T")
_TRIES = 4  # of what meets a sweep; then it is told as an outage


@attrs.frozen(kw_only=True)
class Written:
    """A content that lies in a blob, and the key that opens it; no row knows of it yet."""

    place: Place
    key: bytes = attrs.field(repr=False)


def write(
    call: Call, content_id: str, content: Content, accepted: frozenset[str]
) -> tuple[Facts, Written]:
    """Measure a content and write it; UnacceptableContent, InvalidInput, BlobsUnavailable."""
    with sealing.take(content) as taken:
        if not isinstance(taken, bytes):
            return write_stream(call, content_id, taken, accepted)
        facts = sealing.examine(taken, max_bytes=call.policy.documents.max_bytes, accepted=accepted)
        return facts, write_bytes(call, content_id, taken)


def write_bytes(call: Call, content_id: str, content: bytes) -> Written:
    """Write a content that was measured; BlobsUnavailable."""
    key, blob, context = _fresh(call, content_id)
    place = writing.write_bytes(call.blobs, blob, content, key=key, context=context)
    return Written(place=place, key=key)


def write_stream(
    call: Call, content_id: str, content: BinaryIO, accepted: frozenset[str]
) -> tuple[Facts, Written]:
    """Measure a content as it is written, piece by piece; UnacceptableContent, BlobsUnavailable."""
    key, blob, context = _fresh(call, content_id)
    max_bytes = call.policy.documents.max_bytes
    facts, place = writing.write_stream(
        call.blobs, blob, content, key=key, context=context, max_bytes=max_bytes, accepted=accepted
    )
    return facts, Written(place=place, key=key)


def again_if_swept(content: Content, attempt: Callable[[], T]) -> T:
    """
    Have a content written and entered; once more when a sweep condemned its blob between the two.

    Raises:
        RecordsUnavailable: It is a file, which was read and cannot be again; or it met a sweep each time.
    """
    for _ in range(1 if hasattr(content, "read") else _TRIES):
        with suppress(Swept):
            return attempt()
    raise RecordsUnavailable


def take_away(call: Call, blob: str) -> None:
    """Delete what was written, where it is certain that no row refers to it; what cannot be deleted now is swept later."""
    with suppress(BlobsUnavailable):
        call.blobs.delete(blob)


def _fresh(call: Call, content_id: str) -> tuple[bytes, str, bytes]:
    context = content_context(call.keys.vault_id, content_id)
    return call.keys.fresh(), call.keys.fresh(16).hex(), context
