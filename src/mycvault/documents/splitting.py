"""
Whose a page is, by what it says: a matricule that stands there as a whole word. Pure.

Rule: never guessed. "12" is not in "120", "1-2", "12.50", "M12", nor in a date, a sum, a telephone or account number that is
written with spaces. Case counts, as in the directory; texts are compared in NFC. A piece of a matricule that a line's end or
a space broke, and a number among numbers, name nobody; but beside a matricule that stands alone they are a second one.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence

import attrs

from mycvault.documents.model import Quarantined, Why
from mycvault.errors import InvalidInput

_MATRICULE = 64  # characters, the directory's limit
_PATTERN = 500
_MOST_WORDS = 4  # of one matricule
_MOST_BROKEN = 2  # pieces that something broken is put together from, besides its own
_HYPHENS = "-‐‑\u00ad"
# Space within a line, as a PDF's text has it.
_S = "[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]"
_LINES = re.compile("[\n\r\v\f\u0085\u2028\u2029]+")
_WORD = re.compile(f"(?:(?!{_S}).)+", re.DOTALL)
_CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f]")
_OPENING, _CLOSING, _MARKS = "([{<\"'«“„‘#", ")]}>\"'»”’.,;!?…", ":;=|°º"
# Between a label and what it says; not between digits, where it is a time or an angle.
_MARK = re.compile(f"(?<![\\d{_MARKS}])[{_MARKS}]+|[{_MARKS}]++(?!\\d)")
_DANGLING = re.compile(r".*\w[-‐‑\u00ad/]")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d+")
_DECIMAL = re.compile(r"[-+(]?\d+[.,]\d+\)?")
_MONTH = (
    r"(?:janv(?:ier)?|févr?(?:ier)?|fevr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?"
    r"|nov(?:embre)?|d[ée]c(?:embre)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:tember)?|october|november|december)\.?"
)
_UNIT = (
    r"(?:%|€|\$|£|eur(?:os?)?|(?-i:h|j)|heures?|hours?|jours?|days?|mois|months?|ans?|années?|years?|semaines?|weeks?|km|kg"
    r"|parts?|enfants?)"
)
# What is written with spaces and is no matricule, nor any part of one.
_OTHER = re.compile(
    "|".join(
        [
            rf"\d{{1,3}}(?:{_S}\d{{3}})+[.,]\d+",  # 12 345,67
            rf"\d+{_S}[.,]\d+|\d+[.,]{_S}\d{{2}}(?!\d)",  # 12 ,50 and 12, 50
            rf"\d+{_S}{_UNIT}(?!\w)|[€$£]{_S}\d+",  # 12 jours
            rf"\d{{1,2}}(?:er|st|nd|rd|th|\.)?{_S}{_MONTH}(?:{_S}\d{{2,4}})?(?!\w)",  # 12 octobre 2026
            rf"{_MONTH}{_S}\d{{1,4}}(?:st|nd|rd|th)?(?:,?{_S}\d{{4}})?(?!\w)",  # octobre 2026, October 12, 2026
            rf"\d+(?:(?:{_S}[-–/:.]{_S}?|[-–/:.]{_S})\d+)+",  # 12 / 10 / 2026, 1 - 2, 12 : 30
            rf"(?:pages?|p\.)(?:{_S}?:)?{_S}?\d+(?:{_S}(?:sur|of|de|à|to){_S}\d+)?(?!\w)",  # page 1 sur 2
            rf"[1-478]{_S}\d\d{_S}\d\d{_S}\d[\dab]{_S}\d{{3}}{_S}\d{{3}}(?:{_S}\d\d)?",  # a social security number
            rf"(?:\+\d+{_S}\(?0?\)?{_S}?|0)\d(?:{_S}\d\d){{4}}",  # a telephone
            rf"[a-z]{{2}}\d\d(?:{_S}[a-z\d]{{4}}){{3,7}}(?:{_S}[a-z\d]{{1,4}})?",  # a bank account
            rf"\d{{3}}{_S}\d{{3}}{_S}\d{{3}}(?:{_S}\d{{5}})?",  # a company
        ]
    ).join((rf"(?<![^\s{re.escape(_OPENING + _MARKS)}])(?:", r")(?!\w)")),
    re.IGNORECASE,
)


@attrs.frozen
class _Piece:
    """A piece of a line without spaces or marks in it; *opens*: a space stands before it, or the line's beginning."""

    text: str
    line: int
    opens: bool
    is_other: bool


_Span = tuple[int, int]


@attrs.frozen
class Reading:
    """
    What a page offers: texts that stand alone, and where: the first of their pieces and the one behind the last, or surely.

    *found*: a pattern found them, so that each must be known; *torn*: one of its finds is a piece of a word, or too long.
    """

    tokens: dict[str, list[_Span | None]]
    pieces: tuple[_Piece, ...] = ()
    found: bool = False
    torn: bool = False

    def doubts(self, known: Container[str]) -> set[str]:
        """List what has to be known besides: what those that are known may be pieces of."""
        spans = (span for text in self._standing(known) for span in self.tokens[text] if span)
        return {whole for span in spans for whole in _wholes(self.pieces, *span)}

    def owner(self, known: Container[str]) -> str:
        """
        Tell whose the page is, *known* being the matricules among its tokens and doubts.

        Raises:
            Quarantined: Nobody's, or perhaps another's.
        """
        standing = self._standing(known)
        if self.torn or (self.found and len(standing) < len(self.tokens)):
            raise Quarantined(Why.UNKNOWN)
        if len(standing) > 1:
            raise Quarantined(Why.TWO_MATCHES)
        if not standing or not any(self._is_sure(span, known) for span in self.tokens[standing[0]]):
            raise Quarantined(Why.NO_MATCH)
        return standing[0]

    def _standing(self, known: Container[str]) -> list[str]:
        return [text for text in self.tokens if text in known]

    def _is_sure(self, span: _Span | None, known: Container[str]) -> bool:
        if span is None:
            return True
        broken = any(whole in known for whole in _wholes(self.pieces, *span))
        return not broken and not _goes_on(self.pieces, *span)


def parse_pattern(pattern: str | None) -> re.Pattern[str] | None:
    """Take a regular expression of at most 500 characters, with one group or none; InvalidInput else."""
    if pattern is None:
        return None
    if not isinstance(pattern, str) or not pattern or len(pattern) > _PATTERN:
        raise InvalidInput(f"a pattern of 1 to {_PATTERN} characters", field="pattern")
    try:
        compiled = re.compile(unicodedata.normalize("NFC", pattern))
    except (re.error, OverflowError, RecursionError) as exc:
        raise InvalidInput("a regular expression", field="pattern") from exc
    if compiled.groups > 1:
        raise InvalidInput("one group, or none", field="pattern")
    return compiled


def read(text: str, pattern: re.Pattern[str] | None) -> Reading:
    """Read a page: whatever stands there alone, or what the pattern finds and that alone."""
    text = _CONTROLS.sub("\ufffd", unicodedata.normalize("NFC", text))
    if pattern is None:
        return _alone(text)
    tokens: dict[str, list[_Span | None]] = {}
    torn = False
    for match in pattern.finditer(text):
        found = (match[pattern.groups] or "").strip()
        if not found:
            continue
        # Within a longer word it would be a number taken for another, which begins with it.
        torn |= not (_fits(found) and _is_edge(text, match.start()) and _is_edge(text, match.end()))
        tokens[found] = [None]
    return Reading(tokens, found=True, torn=torn)


def _is_edge(text: str, place: int) -> bool:
    """Tell whether no word goes on from one side of *place* to the other."""
    before, after = text[max(place - 4, 0) : place], text[place : place + 4]
    for side, last, stripped in (
        (before, before[-1:], before.rstrip(_OPENING)[-1:]),
        (after, after[:1], after.lstrip(_CLOSING)[:1]),
    ):
        if not side or last.isspace() or not stripped or (stripped.isspace() and stripped != last):
            return True
    in_mark = before[-1] in _MARKS or after[0] in _MARKS
    beyond = (before.rstrip(_MARKS)[-1:], after.lstrip(_MARKS)[:1])
    return in_mark and not all(char.isdigit() for char in beyond)


# ------------------------------------------------------------------ what stands alone


def _alone(text: str) -> Reading:
    pieces: list[_Piece] = []
    tokens: dict[str, list[_Span | None]] = {}
    for number, line in enumerate(_LINES.split(text)):
        others = [match.span() for match in _OTHER.finditer(line)]
        for word in _WORD.finditer(line):
            is_other = any(start < word.end() and word.start() < end for start, end in others)
            parts = [part for part in _MARK.split(word[0]) if part]
            pieces += [_Piece(p, number, not n, is_other) for n, p in enumerate(parts)]
            if len(parts) > 1 and not is_other:
                # A matricule may hold a mark itself.
                tokens.update((whole, [None]) for whole in {word[0], _bare(word[0])})
    for first in range(len(pieces)):
        for token, end in _from(pieces, first):
            tokens.setdefault(token, []).append((first, end))
    return Reading({token: spans for token, spans in tokens.items() if _fits(token)}, tuple(pieces))


def _from(pieces: Sequence[_Piece], first: int) -> Iterator[tuple[str, int]]:
    """Give what stands alone from one piece on: itself, and with up to three more of its line what has spaces in it."""
    for end in range(first + 1, min(first + _MOST_WORDS, len(pieces)) + 1):
        last = pieces[end - 1]
        if last.is_other or last.line != pieces[first].line:
            return
        if end - first == 1:
            yield from ((text, end) for text in {last.text, _bare(last.text)})
        elif last.opens:
            text = _bare(" ".join(piece.text for piece in pieces[first:end]))
            if _DIGIT.search(text):
                yield text, end
        else:
            return


def _wholes(pieces: Sequence[_Piece], first: int, end: int) -> Iterator[str]:
    """Put together what these may be a piece of, which a space or a line's end broke."""
    own = " ".join(piece.text for piece in pieces[first:end])
    for before in range(_MOST_BROKEN + 1):
        for after in range(_MOST_BROKEN + 1 - before):
            added = pieces[max(first - before, 0) : first], pieces[end : end + after]
            if not any(added) or any(_DECIMAL.fullmatch(p.text) for side in added for p in side):
                continue
            head, tail = ("".join(piece.text for piece in side) for side in added)
            for whole in {head + own + tail, head.rstrip(_HYPHENS) + own + tail}:
                if _fits(_bare(whole)) and _DIGIT.search(whole):
                    yield _bare(whole)


def _goes_on(pieces: Sequence[_Piece], first: int, end: int) -> bool:
    """Tell whether this may go on beyond itself: a number beside a number, or after a hyphen that leads to it."""
    before = pieces[first - 1] if first else None
    after = pieces[end] if end < len(pieces) else None
    if before is not None and _DANGLING.fullmatch(before.text):
        return True
    return _are_numbers(before, pieces[first]) or _are_numbers(pieces[end - 1], after)


def _are_numbers(left: _Piece | None, right: _Piece | None) -> bool:
    if left is None or right is None or left.line != right.line:
        return False
    return all(_NUMBER.fullmatch(_bare(piece.text)) for piece in (left, right))


def _bare(text: str) -> str:
    """Take off what a text stands in: brackets, quotation marks, the end of a sentence."""
    return text.lstrip(_OPENING).rstrip(_CLOSING)


def _fits(text: str) -> bool:
    return 0 < len(text) <= _MATRICULE
