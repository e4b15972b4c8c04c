"""
A file of many people becomes a deposit for each; nothing is written.

Pages are read some at a time, and only what they say is looked up: an employer's people are never listed. A page that is not
surely somebody's is quarantined, and so are all pages of a person whose part cannot be made.
"""

import re
from typing import BinaryIO

from mycvault.contents import sealing
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.directory.model import EmployerRecord
from mycvault.documents import rules, splitting
from mycvault.documents.model import Deposit, Quarantined, SplitReport, Why
from mycvault.documents.pages import Pages
from mycvault.documents.splitting import Reading
from mycvault.errors import UnacceptableContent
from mycvault.values.choices import Kind
from mycvault.values.content import Content
from mycvault.values.period import Period

_LARGEST = 256 << 20  # bytes: both the file and its parts lie in memory
_LARGEST_PARTS = 1 << 30  # together: what pages share is in each person's part
_PIECE = 1 << 20
_AT_ONCE = 32  # pages read before they are looked up
_REMEMBERED = 200_000  # texts, of which most stand on every page


def split(
    call: Call,
    employer: EmployerRecord,
    content: Content,
    *,
    kind: Kind | str,
    period: Period | str | None,
    pattern: str | None,
) -> SplitReport:
    """
    Find whose each page is, and write each person's pages into a PDF of their own.

    Raises:
        SetupError: The `pdf` extra is not installed.
        UnacceptableContent: Empty, too large, no PDF, encrypted or damaged.
        InvalidInput: Kind, period, content or pattern is not one.
    """
    kind, period = rules.parse_kind(kind), Period.parse(period)
    finder = splitting.parse_pattern(pattern)
    whole = _whole(content)
    sealing.examine(whole, max_bytes=_LARGEST, accepted=rules.DEPOSITED)
    file = _Split(call, employer, Pages(whole))
    file.find(finder)
    return file.report(kind, period)


def _whole(content: Content) -> bytes:
    """Read the file, up to what is too much of it. InvalidInput."""
    with sealing.take(content) as taken:
        if isinstance(content, bytes):
            return content
        return taken if isinstance(taken, bytes) else _read(taken)


def _read(file: BinaryIO) -> bytes:
    whole = bytearray()
    while len(whole) <= _LARGEST and (piece := file.read(_PIECE)):
        whole += piece
    return bytes(whole)


class _Split:
    """One file on its way: whose pages were found, and which are nobody's."""

    def __init__(self, call: Call, employer: EmployerRecord, pages: Pages) -> None:
        self._call, self._employer, self._pages = call, employer, pages
        self._owned: dict[str, list[int]] = {}
        self._quarantined: dict[int, Why] = {}
        self._answers: dict[str, bool] = {}

    def find(self, finder: re.Pattern[str] | None) -> None:
        """Find whose each page is."""
        for first in range(1, len(self._pages) + 1, _AT_ONCE):
            readings: dict[int, Reading] = {}
            for number in range(first, min(first + _AT_ONCE, len(self._pages) + 1)):
                try:
                    readings[number] = splitting.read(self._pages.text(number), finder)
                except Quarantined as nobodys:
                    self._quarantined[number] = nobodys.why
            self._judge(readings)
            self._pages.forget()

    def _judge(self, readings: dict[int, Reading]) -> None:
        known = self._known(set().union(*(reading.tokens for reading in readings.values())))
        known |= self._known(set().union(*(one.doubts(known) for one in readings.values())))
        for number, reading in readings.items():
            try:
                self._owned.setdefault(reading.owner(known), []).append(number)
            except Quarantined as nobodys:
                self._quarantined[number] = nobodys.why

    def _known(self, asked: set[str]) -> set[str]:
        """Tell which of these are matricules of the employer's; each is asked for once."""
        new = asked - self._answers.keys()
        if len(self._answers) + len(new) > _REMEMBERED:
            self._answers.clear()
            new = asked
        if new:
            with self._call.look() as look:
                found = directory.matricules(look, self._employer.id, new)
            self._answers.update((text, text in found) for text in new)
        return {text for text in asked if self._answers[text]}

    def report(self, kind: Kind, period: Period | None) -> SplitReport:
        """Write the parts, and tell what is in none. UnacceptableContent when they are more than can be held."""
        deposits, size = [], 0
        for matricule, numbers in self._owned.items():
            try:
                part = self._part(numbers)
            except Quarantined as nobodys:
                self._quarantined.update(dict.fromkeys(numbers, nobodys.why))
                continue
            size += len(part)
            if size > _LARGEST_PARTS:
                limit = f"parts of at most {_LARGEST_PARTS} bytes together"
                raise UnacceptableContent(limit, field="content", reason="too-large")
            deposits.append(Deposit(matricule, part, kind=kind, period=period))
            self._pages.forget()
        told = [(number, str(why)) for number, why in sorted(self._quarantined.items())]
        return SplitReport(deposits=deposits, quarantined=told)

    def _part(self, numbers: list[int]) -> bytes:
        part = self._pages.part(numbers)
        if len(part) > self._call.policy.documents.max_bytes:
            raise Quarantined(Why.TOO_LARGE)
        return part
