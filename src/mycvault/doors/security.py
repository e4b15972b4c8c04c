"""Her account's side of security; every verb that cannot be undone needs a fresh confirmation."""

from contextlib import AbstractContextManager

from mycvault.desk import Call, Desk
from mycvault.doors.current import Current
from mycvault.doors.erased import opened_for
from mycvault.factors.enrolment import AppEnrolment
from mycvault.retention.model import Destruction
from mycvault.stories import erasing, keeping_factors, reviewing
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
