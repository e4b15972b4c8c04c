"""
She opens a document.

The session is admitted, the document's key unwrapped, and header, size and final chunk verified, before anything is written
down; then one event, once per session and document within ten minutes however many ranges are read; then the first byte.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import BinaryIO, TypeVar

import attrs

from mycvault.contents import reading
from mycvault.contents import service as contents
from mycvault.contents.model import Place
from mycvault.crypto.content import content_context
from mycvault.desk import Call
from mycvault.documents import rules
from mycvault.documents import service as documents
from mycvault.documents.model import DocumentRecord
from mycvault.errors import DocumentDamaged
from mycvault.stories import admitting
from mycvault.stories.admitting import Admission

T = TypeVar("T")
_ONE_EVENT = dt.timedelta(minutes=10)
_PIECE = 1 << 20  # bytes read at a time


@attrs.frozen(kw_only=True)
class _Found:
    """A document that this session may read, and what opens it."""

    admission: Admission
    document: DocumentRecord
    place: Place
    key: bytes = attrs.field(repr=False)
    context: bytes = attrs.field(repr=False)


def open_document(call: Call, session_id: str, document_id: str) -> BinaryIO:
    """Open a document as a seekable stream. DocumentMissing, DocumentDamaged, SessionEnded, TermsRequired."""
    found, stream = _fetch(call, session_id, document_id, reading.open_sealed)
    _record(call, found)
    return stream


def read(call: Call, session_id: str, document_id: str) -> bytes:
    """Read a whole document. DocumentMissing, DocumentDamaged, SessionEnded, TermsRequired."""
    found, content = _fetch(call, session_id, document_id, reading.read_sealed)
    _record(call, found)
    return content


def check(call: Call, session_id: str, document_id: str) -> DocumentRecord:
    """Read every byte again and compare its digest with the receipt's; DocumentDamaged when they differ."""
    found, opened = _fetch(call, session_id, document_id, reading.open_sealed)
    with opened as stream:
        digest = hashlib.sha256()
        while piece := stream.read(_PIECE):
            digest.update(piece)
    if digest.hexdigest() != found.document.sha256:
        raise DocumentDamaged
    with call.act() as act:
        act.record(found.document.safe_id, about=document_id, sha256=found.document.sha256)
        admitting.touch(act, found.admission)
    return found.document


def _fetch(
    call: Call, session_id: str, document_id: str, how: Callable[..., T]
) -> tuple[_Found, T]:
    """Find a document and fetch it; found again when its blob was rewritten and swept before it was fetched."""
    found = _find(call, session_id, document_id)
    while True:
        try:
            return found, how(call.blobs, found.place, key=found.key, context=found.context)
        except DocumentDamaged:
            known, found = found, _find(call, session_id, document_id)
            if found.place == known.place:
                raise


def _find(call: Call, session_id: str, document_id: str) -> _Found:
    with call.look() as look:
        admission = admitting.admit(look, session_id)
        document = documents.find(look, admission.places, document_id)
        place, key = contents.unlock(
            look.rows, document.id, key_of=document.safe_id, bound=rules.bound(document)
        )
    return _Found(
        admission=admission,
        document=document,
        place=place,
        key=key,
        context=content_context(call.keys.vault_id, document.id),
    )


def _record(call: Call, found: _Found) -> None:
    with call.act() as act:
        document = found.document
        # What was never opened has no event to look for.
        once = None if document.opened_at is None else _ONE_EVENT
        act.record(document.safe_id, about=document.id, once_within=once)
        documents.mark_opened(act, document)
        admitting.touch(act, found.admission)
