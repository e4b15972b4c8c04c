"""
Texts for people, by language: the only place where they live.

Each language is a folder: `errors.toml`, `events.toml`, `kinds.toml`, `receipts.toml`, `export.toml`, `alerts.toml` and
`letters/`; in French alone the deployer's documents (`deployer/`). An entry is a text, or a table whose "text" is the entry itself,
"bare" what is said when one of its facts is empty, and whose other keys are its details. A language we do not have gets French,
the law's.
"""

import datetime as dt
import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

DEFAULT = "fr"
AVAILABLE = ("fr", "en")
_BREAKING = frozenset(
    {"Cc", "Zl", "Zp", "Cs"}
)  # controls, line and paragraph separators, lone surrogates


def choose(locale: str | None) -> str:
    """Choose the language we have for *locale* ("en-GB" gets "en"); French when we have none, or none is named."""
    if not isinstance(locale, str):
        return DEFAULT
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in AVAILABLE else DEFAULT


def text(locale: str, domain: str, key: str, **facts: str) -> str:
    """
    Say *key* of *domain* in the language of *locale*, with its *facts* filled in.

    Raises:
        KeyError: There is no such entry; a test walks every entry in every language.
    """
    entry: Any = _load(choose(locale), domain)
    for part in key.split("."):
        entry = entry[part]
    if isinstance(entry, dict):
        entry = entry["bare"] if "bare" in entry and not all(facts.values()) else entry["text"]
    return str(entry).format_map(facts)


def one_line(text: str) -> str:
    """Put *text* on one line, fit for a header: breaks and control characters become spaces."""
    cleaned = "".join(" " if unicodedata.category(char) in _BREAKING else char for char in text)
    return re.sub(" {2,}", " ", cleaned).strip()


def day(locale: str, moment: dt.datetime, zone: str) -> str:
    """Say which civil day of *zone* a moment lies in: "8 décembre 2026", "8 December 2026"."""
    return date(locale, moment.astimezone(ZoneInfo(zone)).date())


def date(locale: str, civil: dt.date) -> str:
    """Say a civil day: "1er décembre 2026", "1 December 2026"."""
    month = text(locale, "dates", f"months.{civil.month}")
    number = text(locale, "dates", "first") if civil.day == 1 else str(civil.day)
    return text(locale, "dates", "date", day=number, month=month, year=str(civil.year))


def moment(locale: str, when: dt.datetime, zone: str) -> str:
    """Say a moment by the clock of *zone*: "8 décembre 2026, 14:05"."""
    return f"{day(locale, when, zone)}, {when.astimezone(ZoneInfo(zone)):%H:%M}"


def duration(locale: str, length: dt.timedelta) -> str:
    """Say how long, rounded up to whole seconds, minutes or hours."""
    seconds = -(-length // dt.timedelta(seconds=1))
    for unit, size in (("hours", 3600), ("minutes", 60), ("seconds", 1)):
        if seconds >= size or unit == "seconds":
            count = max(1, -(-seconds // size))
            number = "one" if count == 1 else "many"
            return text(locale, "errors", f"duration.{unit}.{number}", count=str(count))
    raise AssertionError


@cache
def _load(language: str, domain: str) -> dict[str, Any]:
    source = resources.files(__name__).joinpath(language, f"{domain}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
