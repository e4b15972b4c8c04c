"""
She takes everything with her: one ZIP, streamed.

It is judged and written down before the first byte leaves. Each document is looked up, and her session admitted again, when its
turn comes: what was destroyed meanwhile is left out, and ending her sessions stops the export; the mere passing of time does
not, however slow her line. A document is read to its end before a byte of it leaves: a damaged one is named in the manifest and
never half written. No transaction is open while bytes are read or handed out. Layout: docs/spec/export.md.
"""

import hashlib
import io
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import attrs

from mycvault import locales
from mycvault.accounts import service as accounts
from mycvault.accounts.model import Account
from mycvault.act import Look
from mycvault.contents import reading
from mycvault.contents import service as contents
from mycvault.contents.model import Place
from mycvault.crypto.content import content_context
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.documents import manifest, rules
from mycvault.documents import service as documents
from mycvault.documents.archive import Archive, Names, gathered
from mycvault.documents.manifest import Manifest
from mycvault.documents.model import Document, ExportManifest
from mycvault.errors import (
    DocumentDamaged,
    DocumentMissing,
    InvalidInput,
    RecordDamaged,
    TamperedError,
)
from mycvault.stories import admitting, retelling
from mycvault.stories.retelling import History

Progress = Callable[[int, int], None]
Pieces = Generator[bytes, None, None]

_AT_ONCE = 200  # ids of documents listed in one look
_PIECE = 256 * 1024  # bytes read at a time


@attrs.frozen(kw_only=True)
class Begun:
    """An export that is written down: whose, by which session, and how much it holds, *newest* being the last document's id."""

    session_id: str
    owner: Account
    total: int
    newest: str


def begin(call: Call, session_id: str) -> Begun:
    """
    Judge an export and write it down, before its first byte.

    Raises:
        FreshConfirmationRequired: She did not confirm of late that it is she.
        SessionEnded: The session is over.
    """
    with call.look() as look:
        admission = admitting.admit_to_export(look, session_id)
        owner = accounts.account(look, admission.account_id)
        total, newest = documents.extent(look, admission.places)
    with call.act() as act:
        act.record(owner.id, documents=str(total))
        admitting.touch(act, admission)
    return Begun(session_id=session_id, owner=owner, total=total, newest=newest)


def export(
    call: Call, session_id: str, to: BinaryIO, on_progress: Progress | None
) -> ExportManifest:
    """Write an export into a file; what `begin` and `pull` raise, InvalidInput, and whatever the file itself raises."""
    _check_file(to)
    packing = _Packing(call, begin(call, session_id), on_progress)
    digest, size = hashlib.sha256(), 0
    with closing(packing.pieces()) as pieces:
        for piece in pieces:
            _write(to, piece)
            digest.update(piece)
            size += len(piece)
    return ExportManifest(documents=packing.manifest.exported, size=size, sha256=digest.hexdigest())


def pull(open_call: Callable[[], AbstractContextManager[Call]], begun: Begun) -> Pieces:
    """
    Give an export piece by piece, within a call that is opened with the first and closed with the last, or when it is dropped.

    Raises:
        SessionEnded: Her session was ended meanwhile.
        TamperedError: Something was changed after it had been found intact.
        UnavailableError: Something does not answer.
    """
    with open_call() as call:
        yield from _Packing(call, begun).pieces()


@attrs.frozen(kw_only=True)
class _Found:
    """A document whose turn has come, as far as it can be read: all of it, unless it is damaged."""

    id: str
    document: Document | None = None
    place: Place | None = None
    key: bytes = attrs.field(default=b"", repr=False)


class _Packing:
    """One export on its way."""

    def __init__(self, call: Call, begun: Begun, on_progress: Progress | None = None) -> None:
        self._call = call
        self._begun = begun
        self._progress = on_progress or (lambda _done, _total: None)
        self._locale = begun.owner.locale
        self._zone = ZoneInfo(call.policy.legal.zone)
        self._archive = Archive(self._zone)
        self._names = Names()
        self._employers: dict[str, tuple[str, str] | None] = {}
        self.manifest = Manifest(self._locale)

    def pieces(self) -> Pieces:
        """Give the whole ZIP, block by block."""
        return gathered(self._whole())

    def _whole(self) -> Pieces:
        yield from self._file(manifest.README, partial(manifest.readme, self._call.now, self._zone))
        yield from self._documents()
        history = retelling.read_through(self._call, self._begun.session_id, locale=self._locale)
        if history is not None:
            yield from self._journal(history)
        head = self._head(history)
        yield from self._file(manifest.MANIFEST_JSON, partial(self.manifest.json, head))
        yield from self._file(manifest.MANIFEST_CSV, self.manifest.csv)
        yield from self._file(manifest.SUMS, lambda: self._archive.sums)
        yield from self._archive.end()

    def _file(self, path: str, made: Callable[[], Iterable[bytes]]) -> Pieces:
        """Write a file that is made twice: its size stands in front of it."""
        size = sum(map(len, made()))
        yield from self._archive.file(path, made(), size=size, at=self._call.now)

    def _journal(self, history: History) -> Pieces:
        at, sizes = self._call.now, (history.json_size, history.csv_size)
        yield from self._archive.file(manifest.JOURNAL_JSON, history.json(), size=sizes[0], at=at)
        yield from self._archive.file(manifest.JOURNAL_CSV, history.csv(), size=sizes[1], at=at)

    # ---------------------------------------------------------------- documents

    def _documents(self) -> Pieces:
        done, total = 0, self._begun.total
        self._progress(done, total)
        for document_id in self._ids():
            yield from self._document(document_id)
            done += 1
            self._progress(done, max(done, total))
        if done < total:
            # Some were destroyed before they were listed.
            self._progress(done, done)

    def _ids(self) -> Iterator[str]:
        after, newest = "", self._begun.newest
        while True:
            with self._call.look() as look:
                places = admitting.admit_despite_terms(
                    look, self._begun.session_id, exports=True
                ).places
                found = documents.to_export(look, places, after=after, until=newest, count=_AT_ONCE)
            yield from found
            if len(found) < _AT_ONCE:
                return
            after = found[-1]

    def _document(self, document_id: str) -> Pieces:
        found = self._find(document_id)
        while found is not None:
            try:
                stream = self._open(found)
            except DocumentDamaged:
                # Its bytes go some time after it was destroyed or moved, which is no damage.
                known, found = found, self._find(document_id)
                if found is not None and found.place == known.place:
                    self.manifest.add(document_id, found.document, None)
                    return
            else:
                assert found.document is not None
                with stream:
                    yield from self._write_document(found.document, stream)
                return

    def _write_document(self, document: Document, stream: BinaryIO) -> Pieces:
        kind = locales.text(self._locale, "kinds", f"{document.kind}.many")
        path = self._names.take(
            (kind, str(rules.export_year(document, self._zone))),
            rules.export_stem(document, self._zone),
            rules.extension(document.media_type),
        )
        pieces = iter(lambda: stream.read(_PIECE), b"")
        digest = yield from self._archive.file(
            path, pieces, size=document.size, at=document.deposited_at, packed=False
        )
        if digest != document.sha256:
            # It was the right one a moment ago, when it was read through.
            raise DocumentDamaged
        self.manifest.add(document.id, document, path)

    def _find(self, document_id: str) -> _Found | None:
        """Find a document as it is now; None when it is gone."""
        document = None
        with self._call.look() as look:
            places = admitting.admit_despite_terms(
                look, self._begun.session_id, exports=True
            ).places
            try:
                record = documents.find(look, places, document_id)
                document = documents.shown(
                    look, [record], self._depositor(look, record.employer_id)
                )[0]
                place, key = contents.unlock(
                    look.rows, record.id, key_of=record.safe_id, bound=rules.bound(record)
                )
            except DocumentMissing:
                return None
            except TamperedError:
                return _Found(id=document_id, document=document)
        return _Found(id=document_id, document=document, place=place, key=key)

    def _depositor(self, look: Look, employer_id: str | None) -> dict[str, tuple[str, str]]:
        """Tell an employer's reference and name, by id; nothing of one whose row is damaged: her documents are not."""
        if employer_id is None:
            return {}
        if employer_id not in self._employers:
            try:
                employer = directory.employers(look, [employer_id])[employer_id]
                self._employers[employer_id] = (employer.reference, employer.name)
            except RecordDamaged:
                self._employers[employer_id] = None
        known = self._employers[employer_id]
        return {} if known is None else {employer_id: known}

    def _open(self, found: _Found) -> BinaryIO:
        """Open a document of which every byte was read and is what was deposited; DocumentDamaged."""
        if found.document is None or found.place is None:
            raise DocumentDamaged
        context = content_context(self._call.keys.vault_id, found.id)
        stream = reading.open_sealed(self._call.blobs, found.place, key=found.key, context=context)
        with ExitStack() as unless_intact:
            unless_intact.callback(stream.close)
            if _sha256(stream) == found.document.sha256:
                stream.seek(0)
                unless_intact.pop_all()
                return stream
        raise DocumentDamaged

    # ---------------------------------------------------------------- what it says of itself

    def _head(self, history: History | None) -> dict[str, object]:
        owner = self._begun.owner
        files = (manifest.JOURNAL_JSON, manifest.JOURNAL_CSV) if history else (None, None)
        return {
            "vault": self._call.keys.vault_id,
            "account": owner.id,
            "holder": {"given_name": owner.given_name, "family_name": owner.family_name},
            "exported_at": manifest.moment(self._call.now),
            "journal": {
                "json": files[0],
                "csv": files[1],
                "events": history.events if history else None,
                "proofs": None,
                "damaged": history is None,
            },
        }


def _check_file(to: Any) -> None:
    if isinstance(to, io.TextIOBase) or not hasattr(to, "write"):
        raise InvalidInput("a binary file", field="to")


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _write(to: BinaryIO, piece: bytes) -> None:
    """Write a piece whole: a file without a buffer may take less of it than it is given."""
    taken = to.write(piece)
    while isinstance(taken, int) and 0 < taken < len(piece):
        piece = piece[taken:]
        taken = to.write(piece)
