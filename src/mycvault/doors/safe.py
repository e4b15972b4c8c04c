"""Her safe: her documents from every employer, and her own. Every call admits its session again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import BinaryIO

from mycvault.delivery.model import Objection
from mycvault.desk import Call, Desk
from mycvault.documents import service as documents
from mycvault.documents.model import Document, ExportManifest
from mycvault.doors.erased import opened_for
from mycvault.journal.model import Event
from mycvault.retention.model import Destruction
from mycvault.stories import depositing, erasing, exporting, filing, opening, refusing
from mycvault.stories.filing import Wanted
from mycvault.values.actors import Actor
from mycvault.values.choices import Kind
from mycvault.values.content import Content
from mycvault.values.page import Page
from mycvault.values.period import Period
from mycvault.values.verbs import Verb


class Safe:
    """
    The safe of a session, from `Session.safe`.

    Every verb may raise `SessionEnded`, `TermsRequired` and an `UnavailableError`. Other people's documents are
    `DocumentMissing`.
    """

    def __init__(self, desk: Desk, owner: Actor, account_id: str) -> None:
        self._desk = desk
        self._owner = owner
        self._account_id = account_id

    # ---------------------------------------------------------------- looking

    def documents(
        self,
        *,
        kind: Kind | str | None = None,
        period: Period | str | None = None,
        year: int | None = None,
        employer: str | None = None,
        label: str | None = None,
        text: str | None = None,
        archived: bool = False,
        binned: bool = False,
        unopened: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Document]:
        """
        List documents, newest first, 1 to 1,000 a page; neither archived nor binned ones unless asked for.

        *year*: of the month a document is about, else of its deposit. *employer*: a reference; her own documents have none.
        *text*: words of its title; case and accents do not count.

        Raises:
            InvalidInput: Kind, period, year, employer, label, text, after or limit is not one.
        """
        wanted = Wanted(
            kind=kind,
            period=period,
            year=year,
            employer=employer,
            text=text,
            label=label,
            archived=archived,
            binned=binned,
            unopened=unopened,
        )
        with self._call(Verb.LIST) as call:
            return filing.page(call, self._owner.id, wanted, after=after, limit=limit)

    def payslips(
        self,
        *,
        year: int | None = None,
        employer: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Document]:
        """List payslips, newest first; InvalidInput."""
        return self.documents(
            kind=Kind.PAYSLIP, year=year, employer=employer, after=after, limit=limit
        )

    def count(self, *, kind: Kind | str | None = None, unopened: bool = False) -> int:
        """Count what `documents` would list; InvalidInput."""
        with self._call(Verb.LIST) as call:
            return filing.count(call, self._owner.id, Wanted(kind=kind, unopened=unopened))

    def years(self) -> list[int]:
        """List the years she has documents of, newest first, the archive and the bin included."""
        with self._call(Verb.LIST) as call:
            return filing.years(call, self._owner.id)

    def labels(self) -> list[str]:
        """List the labels she uses, in alphabetical order."""
        with self._call(Verb.LIST) as call:
            return filing.labels(call, self._owner.id)

    def document(self, document_id: str) -> Document:
        """Show one document; DocumentMissing."""
        with self._call(Verb.LIST) as call:
            return filing.one(call, self._owner.id, document_id)

    def history(
        self, *, locale: str | None = None, after: str | None = None, limit: int = 50
    ) -> Page[Event]:
        """Read what happened to her safe and account, refusals included, newest first, in her language unless one is named."""
        with self._call(Verb.READ_HISTORY) as call:
            return filing.history(call, self._owner.id, locale=locale, after=after, limit=limit)

    # ---------------------------------------------------------------- reading

    def open(self, document_id: str) -> BinaryIO:
        """
        Open a document: seekable, streaming, usable from any thread; decrypts only what is read.

        One event is written per session and document within ten minutes, however many ranges are read.

        Raises:
            DocumentMissing: Not in this safe.
            DocumentDamaged: Now, or from the stream when the damage is met: never wrong bytes.
        """
        with self._call(Verb.OPEN) as call:
            return opening.open_document(call, self._owner.id, document_id)

    def read(self, document_id: str) -> bytes:
        """Read a whole document at once; DocumentMissing, DocumentDamaged."""
        with self._call(Verb.OPEN) as call:
            return opening.read(call, self._owner.id, document_id)

    def check(self, document_id: str) -> Document:
        """Read every byte again and compare its digest with the receipt's; DocumentMissing, DocumentDamaged."""
        with self._call(Verb.CHECK) as call:
            opening.check(call, self._owner.id, document_id)
            return filing.one(call, self._owner.id, document_id)

    # ---------------------------------------------------------------- taking everything with her

    def export(
        self, to: BinaryIO, *, on_progress: Callable[[int, int], None] | None = None
    ) -> ExportManifest:
        """
        Write one ZIP of all her documents, archive and bin included, and of her history into *to*, which the caller closes.

        *on_progress* is called with the documents done and in all. Memory does not grow with their sizes. What is damaged is left
        out and named in the ZIP's manifest; what *to* or *on_progress* raises passes through. As often as she likes.

        Raises:
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            InvalidInput: *to* is no binary file.
            SessionEnded: Also when her session is ended meanwhile; what is in *to* then is no ZIP.
            TamperedError: Something was changed while it was being written.
        """
        with self._call(Verb.EXPORT) as call:
            return exporting.export(call, self._owner.id, to, on_progress)

    def export_stream(self) -> Iterator[bytes]:
        """
        Give the ZIP of `export` in pieces of 256 KiB; refusals come from this call, before the first piece.

        Drop the iterator, or close it, to stop. From the iterator: SessionEnded, TamperedError, UnavailableError.

        Raises:
            FreshConfirmationRequired: As for `export`.
        """
        with self._call(Verb.EXPORT) as call:
            begun = exporting.begin(call, self._owner.id)
        return exporting.pull(partial(self._call, Verb.EXPORT), begun)

    # ---------------------------------------------------------------- filing

    def add(self, content: Content, *, title: str, kind: Kind | str = Kind.PERSONAL) -> Document:
        """
        Put a document of her own into the safe: PDF, PNG, JPEG or plain text.

        Raises:
            UnacceptableContent: Empty, too large, or of another type.
            InvalidInput: Title or kind is not one, or holds a social security number.
        """
        with self._call(Verb.ADD) as call:
            return depositing.add(call, self._owner.id, content, title=title, kind=kind)

    def rename(self, document_id: str, title: str) -> Document:
        """Give a document another title, 1 to 500 characters; DocumentMissing, InvalidInput."""
        with self._call(Verb.RENAME) as call:
            return filing.rename(call, self._owner.id, document_id, title)

    def label(self, document_id: str, *labels: str) -> Document:
        """Put labels on a document, 1 to 100 characters each; DocumentMissing, InvalidInput."""
        with self._call(Verb.LABEL) as call:
            return filing.label(call, self._owner.id, document_id, labels, off=False)

    def unlabel(self, document_id: str, *labels: str) -> Document:
        """Take labels off a document; one that is not there is no error. DocumentMissing, InvalidInput."""
        with self._call(Verb.UNLABEL) as call:
            return filing.label(call, self._owner.id, document_id, labels, off=True)

    def archive(self, *document_ids: str) -> list[Document]:
        """Put documents away, all or none; DocumentMissing."""
        return self._file(Verb.ARCHIVE, document_ids, documents.archive)

    def unarchive(self, *document_ids: str) -> list[Document]:
        """Take documents out again, all or none; DocumentMissing."""
        return self._file(Verb.UNARCHIVE, document_ids, documents.unarchive)

    def discard(self, *document_ids: str) -> list[Document]:
        """Put documents into the bin, all or none; a purge destroys them after thirty days. DocumentMissing."""
        return self._file(Verb.DISCARD, document_ids, documents.discard)

    def restore(self, *document_ids: str) -> list[Document]:
        """Take documents out of the bin, all or none; DocumentMissing."""
        return self._file(Verb.RESTORE, document_ids, documents.restore)

    def destroy(self, document_id: str) -> Destruction:
        """
        Destroy a document for good, whoever deposited it; warn her first where `Document.keep_advised` is set.

        Its key is deleted at once: nobody reads it any more, and from `Destruction.effective_on` no backup does either. A stream
        that is being read goes on to its end.

        Raises:
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            LegalHold: A legal hold keeps it.
            DocumentMissing: Not in this safe.
        """
        with self._call(Verb.DESTROY) as call:
            return erasing.destroy(call, self._owner.id, document_id)

    # ---------------------------------------------------------------- electronic or paper

    def refuse_electronic(self, employer: str) -> Objection:
        """
        Refuse one employer's electronic payslips, at once; refusing again what is refused gives the same objection.

        Raises:
            EmployerMissing: No employer of hers has this reference.
            InvalidInput: It is no reference.
        """
        with self._call(Verb.REFUSE_ELECTRONIC) as call:
            return refusing.refuse_from_safe(call, self._owner.id, employer)

    def return_to_electronic(self, employer: str) -> None:
        """Come back to one employer's electronic payslips, from today; EmployerMissing, InvalidInput."""
        with self._call(Verb.RETURN_TO_ELECTRONIC) as call:
            refusing.return_from_safe(call, self._owner.id, employer)

    def _file(
        self, verb: Verb, document_ids: tuple[str, ...], how: filing.Change
    ) -> list[Document]:
        with self._call(verb) as call:
            return filing.change(call, self._owner.id, document_ids, how)

    def _call(self, verb: Verb) -> AbstractContextManager[Call]:
        return opened_for(self._desk, verb, self._owner, self._account_id)
