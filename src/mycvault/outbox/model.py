"""A letter before it is rendered."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

import attrs

from mycvault.values.choices import Channel


class State(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@attrs.frozen(kw_only=True)
class Draft:
    """
    What a letter will say, and to whom; sealed until it is delivered, wiped once sent.

    *cause* is the link or challenge it carries: when that is dead, so is the letter. *about*: the employee record whose address
    it goes to, or the account. *sealed_by*: the key that seals it while it waits, an account's own where it goes to one: with the
    account's key its letters are gone. *errand*: no letter, but what somebody asked of an identifier; *template* is its verb, and
    it is answered when letters leave. *urgent* letters leave before others; none leaves before *not_before*.
    """

    template: str
    channel: Channel
    to: str = attrs.field(repr=False)
    locale: str
    context: Mapping[str, str] = attrs.field(repr=False)
    employer: str | None = None
    cause: str = ""
    about: str = ""
    sealed_by: str = "outbox"
    errand: bool = False
    urgent: bool = False
    expires_at: dt.datetime | None = None
    not_before: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Claimed:
    """A letter that one worker has taken to deliver, and how often it was tried before."""

    id: str
    draft: Draft
    attempts: int


@attrs.frozen
class Settled:
    """A letter that could not be read, and was settled as dead: look for the next one."""

    id: str
