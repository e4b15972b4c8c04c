"""A password, as little of it as is kept."""

import datetime as dt

import attrs


@attrs.frozen(kw_only=True)
class Credential:
    """The hash of one account's password, sealed to its row."""

    id: str
    hash: str = attrs.field(repr=False)
    changed_at: dt.datetime
