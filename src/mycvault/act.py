"""
What a service is handed: a moment, rows, policy, and in an act the pen that writes the journal and the letters.

A *look* reads one snapshot; an *act* writes in one transaction. Events and letters are written at the end of the act, in the
transaction of their cause: both are durable, or neither.
"""

import datetime as dt
from collections.abc import Callable

import attrs

from mycvault.errors import MycvaultError
from mycvault.outbox.model import Draft
from mycvault.policy import Policy
from mycvault.ports import Entropy
from mycvault.storage.rows import Rows


@attrs.define
class Concern:
    """Whom a call concerns, so that a refusal is written where she sees it: a safe or an account, and one thing within."""

    subject: str = ""
    about: str = ""


@attrs.frozen
class Look:
    """One snapshot of the records at one moment."""

    now: dt.datetime
    rows: Rows
    policy: Policy
    _concern: Concern

    def concerns(self, subject: str = "", *, about: str = "") -> None:
        """Name the safe or account this call is about, before judging; *about*: a document, a link, a pseudonym."""
        self._concern.subject = subject or self._concern.subject
        self._concern.about = about or self._concern.about


@attrs.frozen
class Pending:
    """What an act will write as it ends: events by subject and thing, when not to repeat them, refusals, letters by id."""

    events: dict[tuple[str, str], dict[str, str]] = attrs.field(factory=dict)
    once: dict[tuple[str, str], dt.timedelta] = attrs.field(factory=dict)
    refusals: list[tuple[Concern, MycvaultError]] = attrs.field(factory=list)
    letters: list[tuple[str, Draft]] = attrs.field(factory=list)


@attrs.frozen
class Act(Look):
    """One write transaction at one moment."""

    entropy: Entropy
    new_id: Callable[[], str]
    pending: Pending = attrs.field(factory=Pending, init=False)

    def record(
        self,
        subject: str = "",
        *,
        about: str = "",
        once_within: dt.timedelta | None = None,
        **details: str,
    ) -> None:
        """
        Write down what this act does to *subject*, a safe or an account; to nobody when left out.

        What several services say of one subject and thing becomes one event. The verb, the actor and the caller are added.
        *once_within*: not when the same actor's same event was written so shortly before.
        """
        self.pending.events.setdefault((subject, about), {}).update(details)
        if once_within is not None:
            self.pending.once[subject, about] = once_within

    def refuse(self, refusal: MycvaultError, subject: str = "", *, about: str = "") -> None:
        """Write down that one of many was refused, which leaves no call: *subject* and *about* as for `concerns`."""
        self.pending.refusals.append((Concern(subject, about), refusal))

    def tell(self, draft: Draft) -> None:
        """Queue a letter."""
        self.pending.letters.append((self.new_id(), draft))
