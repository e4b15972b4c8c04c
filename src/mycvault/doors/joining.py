"""She arrives: from a personal link to an open safe. Looking is pure; only her own input uses a link."""

import datetime as dt

from mycvault.codes.model import CodeRequired
from mycvault.delivery.model import Objection
from mycvault.desk import Desk
from mycvault.doors.erased import opened_for
from mycvault.doors.session import Session
from mycvault.stories import activating, answering, joining, refusing, renewing
from mycvault.stories.activating import Answers, Welcome
from mycvault.stories.refusing import Refusal
from mycvault.values.actors import ANYONE, Actor, Who
from mycvault.values.caller import Caller
from mycvault.values.verbs import Verb


class Joining:
    """The door of `Vault.joining`: whoever holds a link may knock."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def look_up(self, token: str) -> Welcome:
        """
        Show where a link leads and what it asks; nothing is used, so that mail scanners may look.

        Raises:
            LinkDamaged: Cut or rewrapped on its way.
            LinkInvalid: Unknown, forged, revoked, or made for something else.
            LinkExpired: Its time is over.
            AlreadyActivated: It was used: sign in.
        """
        with self._desk.call(Verb.LOOK_UP_LINK, by=ANYONE) as call:
            return activating.look_up(call, token)

    def send_code(self, token: str, *, caller: Caller | None = None) -> CodeRequired:
        """
        Send the activation code by SMS to the number on record.

        Raises:
            AddressMissing: No code is asked for this activation.
            TooManyAttempts: The last one left within `Policy.codes.resend_after`, or ten went unanswered today.
            LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: As `look_up`.
        """
        with self._desk.call(Verb.SEND_CODE, by=ANYONE, caller=caller) as call:
            return activating.send_code(call, token)

    def complete(
        self,
        token: str,
        *,
        password: str,
        given_name: str,
        family_name: str,
        email: str,
        accept_terms: str | None = None,
        birth_date: dt.date | None = None,
        activation_code: str | None = None,
        code: str | None = None,
        caller: Caller | None = None,
    ) -> Session:
        """
        Meet `Welcome.needs` and open the safe.

        The typed *email* is an identifier at once if the link came to it, else when its own confirmation link is used.
        *accept_terms* is the version that was shown.

        Raises:
            PasswordTooWeak, TermsRequired, InvalidInput: She can mend it; nothing is counted.
            IdentityMismatch: Not the name or birth date on record; HR can correct it.
            CodeRefused: The code is missing (counts for nothing) or wrong (`tries_left`).
            CodeExpired: Ask for a new code.
            TooManyAttempts: Wait for `retry_after`.
            LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: As `look_up`.
        """
        answers = Answers(
            password=password,
            given_name=given_name,
            family_name=family_name,
            email=email,
            accept_terms=accept_terms,
            birth_date=birth_date,
            activation_code=activation_code,
            code=code,
        )
        with self._desk.call(Verb.ACTIVATE, by=ANYONE, caller=caller) as call:
            opened = activating.complete(call, token, answers)
            return Session.opened(self._desk, call, *opened)

    def join_existing(
        self,
        token: str,
        session: Session,
        *,
        family_name: str,
        birth_date: dt.date | None = None,
        activation_code: str | None = None,
        code: str | None = None,
        caller: Caller | None = None,
    ) -> Session:
        """
        Join a second employer's documents to the safe she has; give the session with its new employment.

        Asked is what `Welcome.needs` says, but for a password and the terms, which are hers already. Her new employer learns
        that she joined, as after any activation, and not that she had a safe before.

        Raises:
            FreshConfirmationRequired: *session* was not confirmed of late, or rests on a password alone (`Session.assurance`).
            SessionEnded, TermsRequired: *session* does not do it.
            IdentityMismatch: Not the name or birth date on this employer's record; HR can correct it.
            InvalidInput, CodeRefused, CodeExpired, TooManyAttempts: As `complete`.
            LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: As `look_up`.
        """
        owner = Actor(Who.EMPLOYEE, session.id)
        with opened_for(
            self._desk, Verb.JOIN_EXISTING, owner, session.account_id, caller=caller
        ) as call:
            record = joining.join(
                call,
                token,
                session.id,
                family_name=family_name,
                birth_date=birth_date,
                activation_code=activation_code,
                code=code,
            )
            return Session.opened(self._desk, call, record, session.token)

    def renew(self, token: str, *, caller: Caller | None = None) -> None:
        """
        Send a new link for one that expired, to the address on record now; an activation code that was asked stays good.

        Nothing is sent for a link that still lives, nor while three live; none is killed.

        Raises:
            AddressMissing: There is no address on record: HR prints another letter.
            TooManyAttempts: Wait for `retry_after`.
            LinkDamaged: Cut or rewrapped on its way.
            LinkInvalid: Unknown, forged, revoked, or made for something else.
            AlreadyActivated: She opened her safe: sign in.
        """
        with self._desk.call(Verb.RENEW_LINK, by=ANYONE, caller=caller) as call:
            renewing.renew(call, token)

    def request_new_link(self, identifier: str, *, caller: Caller | None = None) -> None:
        """
        Ask for a new link from the help page: the same answer, work and time for every address, known or not.

        When letters leave, everybody invited who has not joined and whose e-mail address or number on record is *identifier*
        gets one more link (to the e-mail address on record, else the number) beside the live ones, three at most; somebody who
        joined is reminded that it is her identifier, in a mailbox she proved.

        Raises:
            TooManyAttempts: Wait for `retry_after`.
            InvalidInput: *identifier* is no text.
        """
        with self._desk.call(Verb.REQUEST_NEW_LINK, by=ANYONE, caller=caller) as call:
            answering.ask(call, Verb.REQUEST_NEW_LINK, identifier)

    def look_up_refusal(self, token: str) -> Refusal:
        """
        Show where a refusal link leads; nothing is used, and a link that was used shows the day it was.

        Raises:
            LinkDamaged: Cut or rewrapped on its way.
            LinkInvalid: Unknown, forged, revoked, or made for something else.
            LinkExpired: Its time is over.
        """
        with self._desk.call(Verb.LOOK_UP_REFUSAL, by=ANYONE) as call:
            return refusing.look_up(call, token)

    def refuse_electronic(
        self, token: str, *, family_name: str, caller: Caller | None = None
    ) -> Objection:
        """
        Refuse an employer's electronic payslips by a link, without an account, at once.

        Her family name is asked because scanners follow links. A form that is sent twice gives the same objection.

        Raises:
            IdentityMismatch: Not the family name on record; HR can correct it.
            TooManyAttempts: Wait for `retry_after`.
            InvalidInput: The family name is no name.
            LinkDamaged, LinkInvalid, LinkExpired: As `look_up_refusal`.
        """
        with self._desk.call(Verb.REFUSE_ELECTRONIC, by=ANYONE, caller=caller) as call:
            return refusing.refuse_by_link(call, token, family_name)
