"""A signed-in session, as it is kept."""

import datetime as dt

import attrs

from mycvault.values.choices import Assurance

EXPORT = "export"


@attrs.frozen(kw_only=True)
class SessionRecord:
    """
    One session: its token as a digest only.

    *terms_pending*: the version of the terms she has yet to accept; the safe stays shut until then. *limited_to*: the
    one thing it may do, `EXPORT` for a suspended account; None: everything.
    """

    id: str
    account_id: str
    assurance: Assurance
    started_at: dt.datetime
    last_used_at: dt.datetime
    expires_at: dt.datetime
    fresh_until: dt.datetime
    terms_pending: str | None
    ended_at: dt.datetime | None
    limited_to: str | None = None


@attrs.frozen(kw_only=True)
class SessionInfo:
    """
    One of her live sessions, for a list in which she recognises them.

    *current*: the one she looks from. *device*: the browser's own words, empty when the host did not say; untrusted text.
    *last_used_at*: to the minute.
    """

    id: str
    current: bool
    device: str = attrs.field(repr=False)
    address: str | None = attrs.field(repr=False)
    started_at: dt.datetime
    last_used_at: dt.datetime
