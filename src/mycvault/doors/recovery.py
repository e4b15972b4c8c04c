"""A forgotten password, or identifier. Nobody is told who exists; nothing changes before a code by another way is judged."""

from mycvault.codes.model import CodeRequired
from mycvault.desk import Desk
from mycvault.doors.session import Session
from mycvault.stories import answering, recovering
from mycvault.stories.recovering import RecoveryStep
from mycvault.values.actors import ANYONE
from mycvault.values.caller import Caller
from mycvault.values.verbs import Verb


class Recovery:
    """
    The door of `Vault.recovery`: whoever forgot may knock.

    A second factor is never removed; every other session ends; every address she proved is told.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def request(self, identifier: str, *, caller: Caller | None = None) -> None:
        """
        Ask for a link to a new password: the same answer, work and time for every identifier, known or not.

        When letters leave, somebody who proved this identifier gets a link, good for `Policy.recovery_lifetime`: to the e-mail
        address that was typed, else to the one she proved last, by SMS when she has none; her other addresses are told. A link
        that lives stays good; while three live nothing is sent.

        Raises:
            TooManyAttempts: Wait for `retry_after`; failed sign-ins do not count here.
            InvalidInput: *identifier* is no text.
        """
        with self._desk.call(Verb.REQUEST_RECOVERY, by=ANYONE, caller=caller) as call:
            answering.ask(call, Verb.REQUEST_RECOVERY, identifier)

    def remind(self, email: str, *, caller: Caller | None = None) -> None:
        """
        Ask whether an address is an identifier: only its own mailbox is told, and only when it is one.

        Raises:
            TooManyAttempts: Wait for `retry_after`.
            InvalidInput: *email* is no e-mail address.
        """
        with self._desk.call(Verb.REMIND_IDENTIFIER, by=ANYONE, caller=caller) as call:
            answering.ask_by_email(call, Verb.REMIND_IDENTIFIER, email)

    def look_up(self, token: str) -> RecoveryStep:
        """
        Show what a link asks; nothing is used, so that mail scanners may look.

        PASSWORD always; CODE when one can reach her by another way than the link: her app (or one of her recovery codes) once she
        has one, else SMS for a link that came by e-mail, e-mail for one that came by SMS.

        Raises:
            LinkDamaged: Cut or rewrapped on its way.
            LinkInvalid: Unknown, forged, made for something else, or gone to an address that is hers no more.
            LinkExpired: Its time is over.
            AlreadyActivated: It was used, or one beside it: sign in.
        """
        with self._desk.call(Verb.LOOK_UP_RECOVERY, by=ANYONE) as call:
            return recovering.look_up(call, token)

    def send_code(self, token: str, *, caller: Caller | None = None) -> CodeRequired:
        """
        Send the code, by another way than the link came; for an app nothing is sent.

        Raises:
            AddressMissing: This link asks for no code.
            TooManyAttempts: The last one left within `Policy.codes.resend_after`, or ten went unanswered today.
            LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: As `look_up`.
        """
        with self._desk.call(Verb.SEND_RECOVERY_CODE, by=ANYONE, caller=caller) as call:
            return recovering.send_code(call, token)

    def complete(
        self, token: str, *, password: str, code: str | None = None, caller: Caller | None = None
    ) -> Session:
        """
        Set a new password and sign in; every other session ends, and so does what was half way in.

        The session is `TWO_STEP` with a code, `PASSWORD` without.

        Raises:
            PasswordTooWeak, InvalidInput: She can mend it; nothing is counted.
            CodeRefused: The code is missing (counts for nothing) or wrong (`tries_left`).
            CodeExpired: Ask for a code, or a new one.
            TooManyAttempts: Five tries within the hour.
            LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: As `look_up`.
        """
        with self._desk.call(Verb.RECOVER, by=ANYONE, caller=caller) as call:
            opened = recovering.complete(call, token, password=password, code=code)
            return Session.opened(self._desk, call, *opened)
