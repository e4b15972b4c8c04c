"""An event: its header in clear, its details sealed under the key of the person it is about."""

import datetime as dt
from collections.abc import Mapping

import attrs

from mycvault.values.actors import Who


@attrs.frozen(kw_only=True)
class Entry:
    """
    One event as it is written and read.

    *subject*: the safe or account it is about, else an employer or the vault. *about*: the one thing within, if any (a
    document, a link, or the pseudonym of an identifier nobody has). *outcome*: empty, or the code of a refusal.
    *sealed_by*: whose key seals the details.
    """

    id: str
    at: dt.datetime
    verb: str
    outcome: str
    who: Who
    actor: str
    subject: str
    about: str
    sealed_by: str
    details: Mapping[str, str] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Event:
    """One line of a history: *text* is the event in words, *details* what is known besides."""

    id: str
    at: dt.datetime
    verb: str
    actor: str
    text: str
    details: Mapping[str, str] = attrs.field(repr=False)
