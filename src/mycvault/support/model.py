"""An act of support that waits for its time."""

import datetime as dt
from enum import StrEnum

import attrs


class What(StrEnum):
    """What support changes."""

    RESET = "reset"
    NUMBER = "number"
    EMAIL = "email"


@attrs.frozen(kw_only=True)
class Intervention:
    """
    One act of support: it takes effect at *effective_at*, unless she stopped it.

    *address*: the new number or e-mail address, empty for a reset. One of *stopped_at* and *done_at* ends it.
    """

    id: str
    account_id: str
    what: What
    address: str = attrs.field(repr=False)
    asked_at: dt.datetime
    effective_at: dt.datetime
    stopped_at: dt.datetime | None = None
    done_at: dt.datetime | None = None
