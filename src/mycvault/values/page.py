"""One page of a list, and the place to go on from."""

import re
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

import attrs

from mycvault.errors import InvalidInput

T = TypeVar("T")
LARGEST = 1000  # rows; a page is held in memory and unsealed row by row


@attrs.frozen
class Page(Generic[T]):
    """*items* in order; *after* goes into the next call, and is None on the last page."""

    items: Sequence[T]
    after: str | None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


_CURSOR = re.compile(r"[0-9a-f-]{36}", re.ASCII)


def parse_after(after: str | None) -> str:
    """
    Take the place to go on from; empty for the beginning.

    Raises:
        InvalidInput: Not the `after` of a page.
    """
    if after is None:
        return ""
    if not isinstance(after, str) or not _CURSOR.fullmatch(after):
        raise InvalidInput("the `after` of a page", field="after")
    return after


def check_limit(limit: int) -> int:
    """
    Take the size of a page as asked.

    Raises:
        InvalidInput: Not from 1 to 1,000.
    """
    if not isinstance(limit, int) or not 1 <= limit <= LARGEST:
        raise InvalidInput(f"a page holds 1 to {LARGEST} items", field="limit")
    return limit
