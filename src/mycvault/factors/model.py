"""Her authenticator app and her recovery codes, as they are kept, and what answers for them."""

import datetime as dt

import attrs

from mycvault.values.choices import Channel


@attrs.frozen(kw_only=True)
class App:
    """
    An authenticator app: pending until its first code is confirmed.

    *secret*: 20 bytes. *session*: the one that began to enrol it, and may see it until then. *newest_step*: of the newest code
    that was accepted, in 30 seconds since 1970.
    """

    id: str
    account_id: str
    session: str
    secret: bytes = attrs.field(repr=False)
    created_at: dt.datetime
    confirmed_at: dt.datetime | None
    newest_step: int | None


@attrs.frozen(kw_only=True)
class RecoveryCode:
    """One recovery code: a proof bound to its row and her account, used once."""

    id: str
    account_id: str
    proof: bytes = attrs.field(repr=False)
    used_at: dt.datetime | None


@attrs.frozen(kw_only=True)
class Factors:
    """What she has: since when an app, and how many recovery codes nobody used."""

    app_since: dt.datetime | None
    codes_left: int


@attrs.frozen(kw_only=True)
class Answer:
    """
    What was typed right, to be used in the act it allows.

    *channel*: APP or RECOVERY. *row*: the app's or the code's. *step*: of an app's code. *tries_left*: for whom another call was
    faster.
    """

    channel: Channel
    row: str
    step: int | None
    tries_left: int
