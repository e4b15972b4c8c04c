"""
Support helps somebody who cannot help herself: her factor or number lost, her account to be suspended.

What would let another person in waits for `Policy.support_delay`; every address she proved is told at once, and any of them stops
it. Support never chooses a password and sees no document. Who acted and why stands in her history.
"""

from collections.abc import Callable

from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.desk import Call
from mycvault.errors import InvalidInput
from mycvault.sessions import service as sessions
from mycvault.stories import alerting, asking_mailbox, finding
from mycvault.stories.finding import Case
from mycvault.support import service as support
from mycvault.support.model import What
from mycvault.values.addresses import parse_email, parse_phone
from mycvault.values.choices import Alert

_ASKED = {
    What.RESET: Alert.RESET_ASKED,
    What.NUMBER: Alert.NUMBER_ASKED,
    What.EMAIL: Alert.EMAIL_ASKED,
}


def reset_second_factor(call: Call, case: Case) -> None:
    """Remove her app and recovery codes after the delay. EmployerMissing, EmployeeMissing, InvalidInput."""
    _ask(call, case, What.RESET)


def correct_phone(call: Call, case: Case, phone: str) -> None:
    """Change her number after the delay. EmployerMissing, EmployeeMissing, InvalidInput."""
    _ask(call, case, What.NUMBER, parse_phone(phone, country=call.policy.legal.country))


def correct_email(call: Call, case: Case, email: str) -> None:
    """Ask a mailbox, after the delay, to prove an address of hers. EmployerMissing, EmployeeMissing, InvalidInput."""
    _ask(call, case, What.EMAIL, parse_email(email))


def disable(call: Call, case: Case) -> None:
    """Suspend her account: all sessions end, and it may only export. EmployerMissing, EmployeeMissing, InvalidInput."""
    _switch(call, case, Alert.ACCOUNT_DISABLED, accounts.disable)


def enable(call: Call, case: Case) -> None:
    """Restore her account. EmployerMissing, EmployeeMissing, InvalidInput."""
    _switch(call, case, Alert.ACCOUNT_ENABLED, accounts.enable)


def _ask(call: Call, case: Case, what: What, address: str = "") -> None:
    case = case.checked()
    account_id, record_id = _holder(call, case)
    with call.act() as act:
        accounts.take(act, account_id)
        asked = support.ask(act, account_id, what, address)
        act.record(account_id, about=record_id, by=case.by, reason=case.reason)
        alerting.alert(act, account_id, _ASKED[what], contest=asked.id)


def _switch(call: Call, case: Case, what: Alert, change: Callable[[Act, str], bool]) -> None:
    case = case.checked()
    account_id, record_id = _holder(call, case)
    with call.act() as act:
        accounts.take(act, account_id)
        act.record(account_id, about=record_id, by=case.by, reason=case.reason)
        if change(act, account_id):
            asking_mailbox.void(act, account_id)
            sessions.end_all(act, account_id)
            alerting.alert(act, account_id, what)


def _holder(call: Call, case: Case) -> tuple[str, str]:
    """Find the account that holds an employment's safe; InvalidInput when nobody joined."""
    _, record = finding.employment(call, case.employer, case.matricule)
    with call.look() as look:
        account_id = accounts.safe(look, record.safe_id).account_id
    if account_id is None:
        raise InvalidInput("nobody joined", field="matricule", reason="not-joined")
    return account_id, record.id
