"""The month a document is about."""

import datetime as dt
import re
from functools import lru_cache
from typing import Any

import attrs

from mycvault.errors import InvalidInput

_YEARS = range(1900, 2200)
_FORM = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


@attrs.frozen(order=True, init=False, repr=False)
class Period:
    """
    A month: `Period("2026-10")`. Ordered; `str()` gives the text back.

    Raises:
        InvalidInput: *text* is not a year from 1900 to 2199, a dash and a month from 01 to 12.
    """

    year: int
    month: int

    def __init__(self, text: str) -> None:
        found = _FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None or int(found[1]) not in _YEARS:
            raise InvalidInput("a period is a year and a month: 2026-10", field="period")
        self.__attrs_init__(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: dt.date) -> "Period":
        """Take the month *day* lies in."""
        return cls(f"{day.year:04d}-{day.month:02d}")

    @classmethod
    def parse(cls, given: Any) -> "Period | None":
        """Take a period as a host gives it: a `Period`, its text, or None."""
        if given is None or isinstance(given, cls):
            return given
        # A payroll's thousands of documents are about the same month.
        return _read(given) if isinstance(given, str) else cls(given)

    def __str__(self) -> str:
        return _text(self.year, self.month)

    def __repr__(self) -> str:
        return f"Period({str(self)!r})"


@lru_cache
def _text(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}"


@lru_cache
def _read(text: str) -> Period:
    return Period(text)
