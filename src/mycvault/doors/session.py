"""A signed-in session: who she is, until when, and the safe it opens. Only an entrance makes one."""

import datetime as dt

from mycvault.accounts.model import Employment, Holder
from mycvault.desk import Call, Desk
from mycvault.doors.safe import Safe
from mycvault.errors import Terms
from mycvault.sessions.model import SessionRecord
from mycvault.stories import admitting, signing_in
from mycvault.stories.admitting import Standing
from mycvault.values.actors import Actor, Who
from mycvault.values.choices import Assurance, Need
from mycvault.values.secret import Secret
from mycvault.values.verbs import Verb


class Session:
    """
    One signed-in session.

    What it shows was true when it was opened or resumed; every call of its safe asks again whether it still lives.
    """

    def __init__(self, desk: Desk, standing: Standing, token: Secret) -> None:
        self._desk = desk
        self._standing = standing
        self.token = token
        record = standing.session
        self.safe = Safe(desk, Actor(Who.EMPLOYEE, record.id), record.account_id)

    @classmethod
    def opened(cls, desk: Desk, call: Call, record: SessionRecord, token: Secret) -> "Session":
        """Make the door of a session that an entrance has just opened or found."""
        return cls(desk, admitting.standing(call, record), token)

    @property
    def id(self) -> str:
        """The session's id; it opens nothing."""
        return self._record.id

    @property
    def account_id(self) -> str:
        """Her account's id."""
        return self._record.account_id

    @property
    def assurance(self) -> Assurance:
        """How sure it is that it is she."""
        return self._record.assurance

    @property
    def expires_at(self) -> dt.datetime:
        """The absolute end."""
        return self._record.expires_at

    @property
    def idle_until(self) -> dt.datetime:
        """The end if nobody uses it."""
        return self._standing.idle_until

    @property
    def fresh_until(self) -> dt.datetime:
        """Until when a confirmation counts for sensitive verbs."""
        return self._record.fresh_until

    @property
    def holder(self) -> Holder:
        """Her name and the addresses she proved."""
        return self._standing.holder

    @property
    def employments(self) -> tuple[Employment, ...]:
        """Her employers, oldest first."""
        return self._standing.employments

    @property
    def terms(self) -> Terms | None:
        """The text she has yet to accept; None when there is none."""
        return self._standing.terms

    @property
    def pending(self) -> frozenset[Need]:
        """What is still asked of her; with `Need.TERMS` the safe stays shut (`TermsRequired`)."""
        return frozenset() if self.terms is None else frozenset({Need.TERMS})

    def __repr__(self) -> str:
        return f"Session({self.id!r})"

    def accept_terms(self, version: str, *, locale: str = "fr") -> None:
        """
        Accept the terms that are pending; *locale* is the language they were shown in.

        Raises:
            TermsRequired: *version* is not the current one; carries the text to show.
            SessionEnded: The session is over.
        """
        with self._desk.call(Verb.ACCEPT_TERMS, by=self._actor) as call:
            record = signing_in.accept_terms(call, self.id, version, locale=locale)
            self._standing = admitting.standing(call, record)

    def end(self) -> None:
        """End the session; SessionEnded when it is over already."""
        with self._desk.call(Verb.END_SESSION, by=self._actor) as call:
            signing_in.end(call, self.id)

    @property
    def _record(self) -> SessionRecord:
        return self._standing.session

    @property
    def _actor(self) -> Actor:
        return Actor(Who.EMPLOYEE, self.id)
