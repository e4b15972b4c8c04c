"""Her account's side of security; every verb that cannot be undone needs a fresh confirmation."""

from mycvault.desk import Desk
from mycvault.doors.erased import opened_for
from mycvault.retention.model import Destruction
from mycvault.stories import erasing
from mycvault.values.actors import Actor
from mycvault.values.verbs import Verb


class Security:
    """The door of `Session.security`."""

    def __init__(self, desk: Desk, owner: Actor, account_id: str) -> None:
        self._desk = desk
        self._owner = owner
        self._account_id = account_id

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
        with opened_for(self._desk, Verb.ERASE_ACCOUNT, self._owner, self._account_id) as call:
            return erasing.erase_account(call, self._owner.id)
