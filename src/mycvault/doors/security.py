"""Her account's side of security; every verb that cannot be undone needs a fresh confirmation."""

from contextlib import AbstractContextManager

from mycvault.codes.model import CodeRequired
from mycvault.desk import Call, Desk
from mycvault.doors.current import Current
from mycvault.doors.erased import opened_for
from mycvault.factors.enrolment import AppEnrolment
from mycvault.retention.model import Destruction
from mycvault.sessions.model import SessionInfo
from mycvault.stories import (
    changing_address,
    changing_password,
    erasing,
    keeping_factors,
    keeping_sessions,
    reviewing,
)
from mycvault.stories.reviewing import SecurityOverview
from mycvault.values.actors import Actor
from mycvault.values.verbs import Verb


class Security:
    """The door of `Session.security`."""

    def __init__(self, desk: Desk, owner: Actor, account_id: str, current: Current) -> None:
        self._desk = desk
        self._owner = owner
        self._account_id = account_id
        self._current = current

    def overview(self) -> SecurityOverview:
        """Show her addresses, what she proves herself with, and since when she has her password. SessionEnded."""
        with self._call(Verb.REVIEW_SECURITY) as call:
            return reviewing.review(call, self._owner.id)

    def enrol_app(self) -> AppEnrolment:
        """
        Begin to set up an authenticator app: show the secret or its QR code, then ask for a code: `confirm_app`.

        It waits an hour (`Policy.codes.app_lifetime`) for its first code, in this session alone; an app she has stays until then.
        Another call begins again, with another secret.

        Raises:
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            SessionEnded: The session is over.
        """
        with self._call(Verb.ENROL_APP) as call:
            return keeping_factors.enrol_app(call, self._owner.id)

    def pending_app(self) -> AppEnrolment | None:
        """
        Show the app again that this session began to set up, for the page after a wrong code; None when there is none.

        Raises:
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            SessionEnded: The session is over.
        """
        with self._call(Verb.LOOK_UP_APP) as call:
            return keeping_factors.pending_app(call, self._owner.id)

    def confirm_app(self, code: str) -> list[str]:
        """
        Judge the first code of the app that is pending: it is hers now, and its code is asked at every sign-in.

        Give ten recovery codes to print, shown this once; each opens once where a code is asked. Earlier ones and an earlier app
        are worth nothing any more, and all her other sessions end. `Session.token` is another one when the assurance has risen.

        Raises:
            CodeRefused: Not the code, or one of minutes ago or ahead (*reason* "clock"); it stays pending.
            CodeExpired: None is pending, or no longer: `enrol_app`.
            TooManyAttempts: Five tries within the hour.
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            SessionEnded: The session is over.
        """
        with self._call(Verb.CONFIRM_APP) as call:
            confirmed = keeping_factors.confirm_app(call, self._owner.id, code)
        self._current.renewed(confirmed.session, confirmed.token)
        return confirmed.codes

    def remove_app(self) -> None:
        """
        Remove her app, or the one that is pending, and her recovery codes; codes are sent again as the policy says.

        Having none is no error.

        Raises:
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            SessionEnded: The session is over.
        """
        with self._call(Verb.REMOVE_APP) as call:
            keeping_factors.remove_app(call, self._owner.id)

    def new_recovery_codes(self) -> list[str]:
        """
        Make ten recovery codes, shown this once, in place of those she had; she may have some without an app.

        Raises:
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            SessionEnded: The session is over.
        """
        with self._call(Verb.RENEW_RECOVERY_CODES) as call:
            return keeping_factors.new_recovery_codes(call, self._owner.id)

    def add_email(self, email: str) -> None:
        """
        Ask for another e-mail address: the link in its own letter proves it (`Vault.confirm_address`), and it then signs her in.

        Every address she proved is told at once, with a link that takes it back (`Vault.contest_address`). One address waits at a
        time: a second takes its place. Whether somebody else has it is told to its mailbox alone.

        Raises:
            InvalidInput: Not an e-mail address, or one she proved before.
            TooManyAttempts: Five were asked for at once (`Policy.throttle.pair`), then one a minute.
            FreshConfirmationRequired, SessionEnded, TermsRequired: As `erase_account`.
        """
        with self._call(Verb.ADD_EMAIL) as call:
            changing_address.add_email(call, self._owner.id, email)

    def remove_email(self, email: str) -> None:
        """
        Take an e-mail address away, proved or waiting; links that were sent there die, and every address is told, this one too.

        Raises:
            InvalidInput: Not one of hers, or the last one she proved.
            FreshConfirmationRequired, SessionEnded, TermsRequired: As `erase_account`.
        """
        with self._call(Verb.REMOVE_EMAIL) as call:
            changing_address.remove_email(call, self._owner.id, email)

    def change_phone(self, phone: str) -> CodeRequired:
        """
        Send a code to a new number; `confirm_phone` answers it, and until then nothing changes.

        Raises:
            InvalidInput: Not a number of the legal profile's country, nor an international one; or hers already.
            TooManyAttempts: The last code left within `Policy.codes.resend_after`, or ten went unanswered today.
            FreshConfirmationRequired, SessionEnded, TermsRequired: As `erase_account`.
        """
        with self._call(Verb.CHANGE_PHONE) as call:
            return changing_address.change_phone(call, self._owner.id, phone)

    def confirm_phone(self, challenge: str, code: str) -> None:
        """
        Judge the code of `change_phone`: the new number takes the old one's place, and every address and the old number are told.

        Raises:
            CodeRefused: Not the code; `tries_left` says how many remain.
            CodeExpired: Over, used, unknown, or another session's.
            TooManyAttempts: Five tries within the hour.
            FreshConfirmationRequired, SessionEnded, TermsRequired: As `erase_account`.
        """
        with self._call(Verb.CONFIRM_PHONE) as call:
            changing_address.confirm_phone(call, self._owner.id, challenge, code)

    def change_password(self, current: str, new: str) -> None:
        """
        Change her password; all her other sessions end, and every code on its way is void. This session keeps its token.

        *new*: 12 to 256 characters (`Policy.passwords`; 15 at least where no code follows the password), judged as at activation.

        Raises:
            PasswordTooWeak: *new*, with every reason; `Reason.UNCHANGED` when it is *current*. Nothing is counted.
            SignInRefused: *current* is not her password; counted.
            TooManyAttempts: Wait for `retry_after`.
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            SessionEnded: The session is over.
        """
        with self._call(Verb.CHANGE_PASSWORD) as call:
            changing_password.change_password(call, self._owner.id, current, new)

    def sessions(self) -> list[SessionInfo]:
        """List her live sessions, newest first; the one she looks from is `current`. SessionEnded."""
        with self._call(Verb.LIST_SESSIONS) as call:
            return keeping_sessions.list_sessions(call, self._owner.id)

    def end_session(self, session_id: str) -> None:
        """
        End one of her sessions, this one too; it bites in that session's next call. One that is over already is no error.

        Raises:
            SessionMissing: None of hers has this id; somebody else's is no different.
            SessionEnded: This session is over.
        """
        with self._call(Verb.END_SESSION) as call:
            keeping_sessions.end_session(call, self._owner.id, session_id)

    def end_other_sessions(self) -> int:
        """End all her sessions but this one; give how many there were, idle ones among them. SessionEnded."""
        with self._call(Verb.END_OTHER_SESSIONS) as call:
            return keeping_sessions.end_others(call, self._owner.id)

    def erase_account(self) -> Destruction:
        """
        Erase her account for good (GDPR, art. 17): her addresses, password, sessions and documents.

        Her keys are destroyed: nothing of hers can be read any more, in the vault and, from `Destruction.effective_on`, in any
        backup. What a legal hold keeps stays until the hold ends, under a key that is not hers. Her employers' own records stay
        theirs: her employments get an empty safe that she may open with a new invitation.

        Raises:
            FreshConfirmationRequired: She did not confirm of late that it is she: `Session.reconfirm`.
            SessionEnded, TermsRequired: The session does not do it.
        """
        with self._call(Verb.ERASE_ACCOUNT) as call:
            return erasing.erase_account(call, self._owner.id)

    def _call(self, verb: Verb) -> AbstractContextManager[Call]:
        return opened_for(self._desk, verb, self._owner, self._account_id)
