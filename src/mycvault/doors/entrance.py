"""She signs in, or comes back with her session's token."""

from mycvault.codes.model import CodeRequired
from mycvault.desk import Desk
from mycvault.doors.session import Session
from mycvault.stories import changing_address, contesting, signing_in
from mycvault.values.actors import ANYONE
from mycvault.values.caller import Caller
from mycvault.values.choices import Channel
from mycvault.values.secret import Secret
from mycvault.values.verbs import Verb


class Entrance:
    """What a vault offers to somebody who is not signed in yet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def sign_in(
        self, identifier: str, password: str, *, caller: Caller | None = None
    ) -> Session | CodeRequired:
        """
        Sign in with an address or number she proved, and her password; adopted, with the address her employer has on record.

        Raises:
            SignInRefused: One error, the same work and the same throttle for every cause.
            TooManyAttempts: Wait for `retry_after`.
        """
        with self._desk.call(Verb.SIGN_IN, by=ANYONE, caller=caller) as call:
            opened = signing_in.sign_in(call, identifier, password)
            if isinstance(opened, CodeRequired):
                return opened
            return Session.opened(self._desk, call, *opened)

    def look_up_code(self, challenge: str) -> CodeRequired:
        """Show what the code page shows after a redirect; uses nothing. CodeExpired."""
        with self._desk.call(Verb.LOOK_UP_CODE, by=ANYONE) as call:
            return signing_in.look_up(call, challenge)

    def resend_code(
        self, challenge: str, *, channel: Channel | None = None, caller: Caller | None = None
    ) -> CodeRequired:
        """
        Send another code, by *channel* if it is one of the alternatives; what was sent before stays good.

        By Channel.APP or RECOVERY nothing is sent: it is another request, for a code she reads from her app or her list.

        Raises:
            CodeExpired: The request is over: sign in again.
            TooManyAttempts: The last code left within `Policy.codes.resend_after`, or ten went unanswered today.
            InvalidInput: *channel* is not one of the alternatives.
        """
        with self._desk.call(Verb.RESEND_CODE, by=ANYONE, caller=caller) as call:
            return signing_in.resend(call, challenge, channel)

    def confirm_code(self, challenge: str, code: str, *, caller: Caller | None = None) -> Session:
        """
        Judge the code of a sign-in: the one sent, her app's, or in place of either a recovery code of hers.

        Spaces, dashes, full-width digits and small letters are forgiven.

        Raises:
            CodeRefused: Not the code; `tries_left` says how many remain, *reason* "clock" that her phone's clock is off.
            CodeExpired: Over, used, unknown, or the answer to something else.
            TooManyAttempts: Five tries within the hour.
        """
        with self._desk.call(Verb.CONFIRM_CODE, by=ANYONE, caller=caller) as call:
            return Session.opened(self._desk, call, *signing_in.confirm(call, challenge, code))

    def resume(self, token: str, *, caller: Caller | None = None) -> Session:
        """Find the session of a token (`Session.token`); SessionEnded."""
        with self._desk.call(Verb.RESUME, by=ANYONE, caller=caller) as call:
            return Session.opened(self._desk, call, signing_in.resume(call, token), Secret(token))

    def confirm_address(self, token: str, *, caller: Caller | None = None) -> None:
        """Prove the e-mail address that this link came to. LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated."""
        with self._desk.call(Verb.CONFIRM_ADDRESS, by=ANYONE, caller=caller) as call:
            changing_address.confirm_email(call, token)

    def contest_address(self, token: str, *, caller: Caller | None = None) -> None:
        """
        Object to what an alert told her (`PortalUrls.contest`): the added address goes, and every session ends.

        The link lives for `Policy.support_delay`. Using it again is no error. Ask her to press a button: scanners open links.

        Raises:
            LinkDamaged: Cut or rewrapped on its way.
            LinkInvalid: Unknown, forged, or made for something else.
            LinkExpired: Its time is over.
        """
        with self._desk.call(Verb.CONTEST_ADDRESS, by=ANYONE, caller=caller) as call:
            contesting.contest(call, token)
