"""A signed-in session: who she is, until when, and the safe it opens. Only an entrance makes one."""

import datetime as dt

from mycvault.accounts.model import Holder
from mycvault.codes.model import CodeRequired
from mycvault.desk import Call, Desk
from mycvault.doors.current import Current
from mycvault.doors.erased import opened_for
from mycvault.doors.safe import Safe
from mycvault.doors.security import Security
from mycvault.errors import Terms
from mycvault.sessions.model import SessionRecord
from mycvault.stories import admitting, securing, signing_in
from mycvault.stories.admitting import Employment, Standing
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
        self._current = current = Current(standing, token)
        record = standing.session
        owner = Actor(Who.EMPLOYEE, record.id)
        self.safe = Safe(desk, owner, record.account_id)
        self.security = Security(desk, owner, record.account_id, current)

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
    def token(self) -> Secret:
        """The token for the host's cookie; another one, and the old one dead, whenever `assurance` has risen."""
        return self._current.token

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
        with opened_for(self._desk, Verb.ACCEPT_TERMS, self._actor, self.account_id) as call:
            record = signing_in.accept_terms(call, self.id, version, locale=locale)
            self._current.standing = admitting.standing(call, record)

    def reconfirm(self, password: str) -> CodeRequired | None:
        """
        Confirm that it is still she, for verbs that cannot be undone; good for `Policy.sessions.fresh`.

        Where a sign-in would ask for a code, so does this: one that is sent, or her app's, and `finish_reconfirm` answers it.
        Else None: `fresh_until` has moved.

        Raises:
            SignInRefused: Not her password.
            TooManyAttempts: Wait for `retry_after`.
            SessionEnded: The session is over.
        """
        with opened_for(self._desk, Verb.RECONFIRM, self._actor, self.account_id) as call:
            record, asked = securing.reconfirm(call, self.id, password)
        self._current.renewed(record, None)
        return asked

    def finish_reconfirm(self, challenge: str, code: str) -> None:
        """
        Judge the code of `reconfirm`, or a recovery code; `fresh_until` moves.

        A code of her app makes the assurance MULTI_FACTOR. When the assurance rises `token` is another one: renew the cookie.

        Raises:
            CodeRefused: Not the code; `tries_left` says how many remain.
            CodeExpired: Over, used, unknown, or another session's.
            TooManyAttempts: Five tries within the hour.
            SessionEnded: The session is over.
        """
        with opened_for(self._desk, Verb.FINISH_RECONFIRM, self._actor, self.account_id) as call:
            confirmed = securing.finish_reconfirm(call, self.id, challenge, code)
        self._current.renewed(*confirmed)

    def end(self) -> None:
        """End the session; SessionEnded when it is over already."""
        with self._desk.call(Verb.END_SESSION, by=self._actor) as call:
            signing_in.end(call, self.id)

    @property
    def _standing(self) -> Standing:
        return self._current.standing

    @property
    def _record(self) -> SessionRecord:
        return self._standing.session

    @property
    def _actor(self) -> Actor:
        return Actor(Who.EMPLOYEE, self.id)
