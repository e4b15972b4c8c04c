"""
Her history, told again in an export.

It is read through once before a byte of it is written: a damaged one is left out as a whole, and the ZIP's headers need its size.
What is written later are exactly the events that were read then; of each nothing but its id is held, 16 bytes.
"""

from collections.abc import Iterator
from itertools import tee, zip_longest

import attrs

from mycvault.desk import Call
from mycvault.documents import manifest
from mycvault.documents import service as documents
from mycvault.errors import JournalBroken, TamperedError
from mycvault.journal import service as journal
from mycvault.journal.model import Event
from mycvault.stories import admitting

_AT_ONCE = 500  # events read in one look; some kilobytes each
_ID = 16  # bytes


@attrs.frozen(kw_only=True)
class History:
    """Her history as it was read through; its files are made of the same events again, *json_size* and *csv_size* bytes."""

    call: Call
    session_id: str
    locale: str
    ids: bytes = attrs.field(repr=False)
    json_size: int
    csv_size: int

    @property
    def events(self) -> int:
        """How many events it holds."""
        return len(self.ids) // _ID

    def json(self) -> Iterator[bytes]:
        """Give it for programs; JournalBroken when an event is gone since."""
        return manifest.journal_json(self._again())

    def csv(self) -> Iterator[bytes]:
        """Give it for spreadsheets; JournalBroken when an event is gone since."""
        return manifest.journal_csv(self._again(), self.locale)

    def _again(self) -> Iterator[Event]:
        place = 0
        for event in _events(self.call, self.session_id, self.locale):
            # Others were written meanwhile.
            if self.ids.startswith(_packed(event), place):
                place += _ID
                yield event
        if place != len(self.ids):
            raise JournalBroken


def read_through(call: Call, session_id: str, *, locale: str) -> History | None:
    """Read her history through; None when it is damaged. SessionEnded."""
    ids, sizes = bytearray(), [0, 0]

    def noted() -> Iterator[Event]:
        for event in _events(call, session_id, locale):
            ids.extend(_packed(event))
            yield event

    one, other = tee(noted())
    files = manifest.journal_json(one), manifest.journal_csv(other, locale)
    try:
        # Line by line in step: no more than one event waits between the two.
        for lines in zip_longest(*files, fillvalue=b""):
            sizes = [size + len(line) for size, line in zip(sizes, lines, strict=True)]
    except TamperedError:
        return None
    return History(
        call=call,
        session_id=session_id,
        locale=locale,
        ids=bytes(ids),
        json_size=sizes[0],
        csv_size=sizes[1],
    )


def _events(call: Call, session_id: str, locale: str) -> Iterator[Event]:
    after = None
    while True:
        with call.look() as look:
            places = admitting.admit_despite_terms(look, session_id, exports=True).places
            hidden = documents.not_yet(look, places)
            page = journal.history(
                look.rows, places, hidden=hidden, locale=locale, after=after, limit=_AT_ONCE
            )
        yield from page
        after = page.after
        if after is None:
            return


def _packed(event: Event) -> bytes:
    return bytes.fromhex(event.id.replace("-", ""))
