"""
The deployer's documents: from facts to Markdown, in French, the language of the law that asks for them.

Rule: whatever a value contains, a document keeps its shape. Everything a template prints goes through `said`, which writes
numbers, days and lengths as French does, and makes a text inert: on one line, every mark that Markdown reads escaped
(CommonMark 0.31.2, section 2.4; GitHub's tables and bare links besides). Facts are gathered by `stories/describing.py`.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader

from mycvault import locales
from mycvault.locales.templates import shelf

_FRENCH = "fr"
_FRANCE = "FR"
_MIB = 1024 * 1024
_GROUPED_FROM = 10_000  # a year, and what else has four digits, is written in one piece
_ZERO = dt.timedelta(0)
_SIZES = (
    ("day", dt.timedelta(days=1)),
    ("hour", dt.timedelta(hours=1)),
    ("minute", dt.timedelta(minutes=1)),
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
_MARKS = re.compile(r"[\\`*_\[\]{}<>|~&#$]|(?<=:)/|(?<=[wW]{3})\.")
# What turns a text's writing direction around would show another text than the one that is there.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Markdown(str):
    """A text that is Markdown already, and is printed as it is."""

    __slots__ = ()


def render(document: str, **facts: object) -> str:
    """Write one of the documents: "information_notice" or "technical_file"."""
    return _shelf().get_template(f"{document}.md.j2").render(facts).strip() + "\n"


def inert(text: str) -> Markdown:
    """Make a text one that Markdown shows and never reads: on one line, its marks escaped."""
    line = locales.one_line(_TURNING.sub("", text))
    return Markdown(_MARKS.sub(lambda mark: "\\" + mark[0], line))


def said(value: object) -> str:
    """Put a value into words; "—" for none."""
    if isinstance(value, Markdown):
        return value
    if value is None:
        return "—"
    for kind, words in _WORDS:
        if isinstance(value, kind):
            return words(value)
    return inert(str(value))


def code(text: str) -> Markdown:
    """Show a name as code; what is no plain name is shown as a text."""
    return Markdown(f"`{text}`") if _NAME.fullmatch(text) else inert(text)


def number(value: float) -> Markdown:
    """Write a number: 65 536 in groups of three, a decimal comma."""
    if value >= _GROUPED_FROM and value == int(value):
        return Markdown(f"{int(value):,}".replace(",", "\u00a0"))
    return Markdown(f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ","))


def many(count: float, unit: str) -> Markdown:
    """Count things of a *unit* of `words.toml`: 1 jour, 15 jours."""
    grade = "one" if count < 2 else "many"  # noqa: PLR2004 - French counts 1,5 as one
    return Markdown(f"{number(count)} {_word(f'unit.{unit}.{grade}')}")


def length(span: dt.timedelta) -> Markdown:
    """Say how long, exactly: 15 jours, 1 heure 30 minutes."""
    parts = []
    for unit, size in _SIZES:
        count, span = divmod(span, size)
        if count:
            parts.append(many(count, unit))
    if span > _ZERO or not parts:
        parts.append(many(span / dt.timedelta(seconds=1), "second"))
    return Markdown(" ".join(parts))


def size(count: int) -> Markdown:
    """Say how many bytes, in whole mebibytes where it is some."""
    exact = many(count, "byte")
    return Markdown(f"{exact} ({number(count // _MIB)} Mio)") if count % _MIB == 0 else exact


def day(moment: dt.datetime, zone: str) -> Markdown:
    """Say which civil day of *zone* a moment lies in."""
    return date(moment.astimezone(ZoneInfo(zone)).date())


def date(civil: dt.date) -> Markdown:
    """Say a civil day: 1er janvier 2017, 5 octobre 2026."""
    return inert(locales.date(_FRENCH, civil))


def event(verb: str) -> Markdown:
    """Name what a verb does, as the journal says it."""
    return inert(locales.text(_FRENCH, "events", f"{verb}.text"))


def kinds(found: Iterable[str]) -> Markdown:
    """Name kinds of documents, in the order of the alphabet."""
    names = sorted(locales.text(_FRENCH, "kinds", f"{kind}.many") for kind in found)
    return inert(", ".join(names).lower())


def article(country: str, where: str) -> Markdown:
    """Cite an article, in brackets; only France's profile has the ones that our templates name."""
    return Markdown(f" ({where})" if country == _FRANCE else "")


def limit(name: str) -> Markdown:
    """Say what a limit of the policy is."""
    return inert(_word(f"limit.{name}"))


def _word(key: str) -> str:
    return locales.text(_FRENCH, "deployer/words", key)


def _yes_or_no(value: bool) -> Markdown:
    return inert(_word("yes" if value else "no"))


def _listed(values: Iterable[object]) -> Markdown:
    return Markdown(", ".join(sorted(map(said, values))))


_WORDS: tuple[tuple[type | tuple[type, ...], Callable[..., Markdown]], ...] = (
    (bool, _yes_or_no),
    (Enum, lambda value: code(str(value.value))),
    ((int, float), number),
    (dt.timedelta, length),
    (dt.date, date),
    ((frozenset, tuple, list), _listed),
)


@cache
def _shelf() -> Environment:
    made = shelf(PackageLoader("mycvault", f"locales/{_FRENCH}/deployer"), said=said)
    for words in (code, number, many, size, day, event, kinds, article, limit):
        made.filters[words.__name__] = words
    return made
