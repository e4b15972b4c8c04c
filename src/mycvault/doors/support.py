"""What support may do for somebody who cannot help herself; part of the operator's door."""

from contextlib import AbstractContextManager

from mycvault.desk import Call, Desk
from mycvault.stories import detaching, supporting
from mycvault.stories.finding import Case
from mycvault.values.actors import OPERATOR
from mycvault.values.verbs import Verb


class Support:
    """
    Acts of support, for the account that holds an employment's safe.

    *by*: who acts, 1 to 200 characters; *reason*: why, 1 to 500; both stand in her history. Every address she proved is told.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def reset_second_factor(self, employer: str, matricule: str, *, by: str, reason: str) -> None:
        """
        Remove her authenticator app and recovery codes after `Policy.support_delay`, unless she objects; SMS and e-mail stay.

        Her alert carries a link for `Vault.contest_address`. Asked again, the delay begins again. It takes effect when she next
        signs in, confirms or recovers, or by `Upkeep.purge`; then every session ends.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            InvalidInput: Nobody joined (*reason* "not-joined"), or *by* or *reason* is none.
        """
        with self._call(Verb.RESET_SECOND_FACTOR) as call:
            supporting.reset_second_factor(call, _case(employer, matricule, by, reason))

    def correct_phone(
        self, employer: str, matricule: str, phone: str, *, by: str, reason: str
    ) -> None:
        """
        Put another number in the place of hers after `Policy.support_delay`, unless she objects; as `reset_second_factor`.

        It counts as proved by your word: codes go there from then on, and it signs her in unless it is another account's.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            InvalidInput: Not a number, nobody joined, or *by* or *reason* is none.
        """
        with self._call(Verb.CORRECT_PHONE) as call:
            supporting.correct_phone(call, _case(employer, matricule, by, reason), phone)

    def correct_email(
        self, employer: str, matricule: str, email: str, *, by: str, reason: str
    ) -> None:
        """
        Ask a mailbox, after `Policy.support_delay` and unless she objects, to prove an address of hers; as `reset_second_factor`.

        For somebody whose only mailbox is dead, or whose typed address was never confirmed. The address signs her in once the
        link in its own letter was used; the addresses she had stay.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            InvalidInput: Not an address, nobody joined, or *by* or *reason* is none.
        """
        with self._call(Verb.CORRECT_EMAIL) as call:
            supporting.correct_email(call, _case(employer, matricule, by, reason), email)

    def disable_account(self, employer: str, matricule: str, *, by: str, reason: str) -> None:
        """
        Suspend her account, at once: every session ends, and she may sign in, confirm, and export (GDPR, art. 20) alone.

        Every other verb of hers is `AccountDisabled`. Her employers deposit as before. Suspending twice is no error.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            InvalidInput: Nobody joined, or *by* or *reason* is none.
        """
        with self._call(Verb.DISABLE_ACCOUNT) as call:
            supporting.disable(call, _case(employer, matricule, by, reason))

    def enable_account(self, employer: str, matricule: str, *, by: str, reason: str) -> None:
        """Restore her account: she signs in anew. Restoring twice is no error. EmployerMissing, EmployeeMissing, InvalidInput."""
        with self._call(Verb.ENABLE_ACCOUNT) as call:
            supporting.enable(call, _case(employer, matricule, by, reason))

    def detach(self, employer: str, matricule: str, *, by: str, reason: str) -> None:
        """
        Take an employment off the account that opened its safe, at once: the wrong person had.

        The employment gets an empty safe that nobody joined; invite her again. What lay in the old one stays with the account
        that opened it and becomes readable to nobody else. Its references are free: deposit again what she is to have.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            InvalidInput: Nobody joined (*reason* "not-joined"), or *by* or *reason* is none.
        """
        with self._call(Verb.DETACH) as call:
            detaching.detach(call, _case(employer, matricule, by, reason))

    def _call(self, verb: Verb) -> AbstractContextManager[Call]:
        return self._desk.call(verb, by=OPERATOR)


def _case(employer: str, matricule: str, by: str, reason: str) -> Case:
    return Case(employer=employer, matricule=matricule, by=by, reason=reason)
