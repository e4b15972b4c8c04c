"""Her account's side of security; every verb that cannot be undone needs a fresh confirmation."""

from contextlib import AbstractContextManager

from mycvault.desk import Call, Desk
from mycvault.doors.erased import opened_for
from mycvault.retention.model import Destruction
from mycvault.sessions.model import SessionInfo
from mycvault.stories import changing_password, erasing, keeping_sessions
from mycvault.values.actors import Actor
from mycvault.values.verbs import Verb


class Security:
    """The door of `Session.security`."""

    def __init__(self, desk: Desk, owner: Actor, account_id: str) -> None:
        self._desk = desk
        self._owner = owner
        self._account_id = account_id

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
