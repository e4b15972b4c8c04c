"""A legal hold, and what a destruction is answered with."""

import datetime as dt
from enum import StrEnum

import attrs


class Cause(StrEnum):
    """Why documents were destroyed."""

    OWNER = "owner"
    BIN = "bin"
    TERM = "term"
    ERASURE = "erasure"


@attrs.frozen(kw_only=True)
class Hold:
    """
    A legal hold on one employment: its documents are kept until it is released or *until* is past.

    *key_id* names the key that held documents are wrapped under should their owner erase her account.
    """

    id: str
    employer_id: str
    record_id: str
    key_id: str
    reason: str = attrs.field(repr=False)
    until: dt.date | None
    placed_at: dt.datetime
    released_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Destruction:
    """
    What was destroyed, and from when on nothing of it is left.

    *effective_on*: the day on which the last backup of the keys is gone (`Policy.backups`). *documents*: how many.
    *certificate*: a text for the person who asked, in her language; its number is the one the vault keeps.
    """

    at: dt.datetime
    effective_on: dt.date
    documents: int
    certificate: str = attrs.field(repr=False)
