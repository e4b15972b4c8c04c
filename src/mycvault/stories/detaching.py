"""
An employment is taken off the account that opened its safe: the wrong person had.

The employment begins anew with an empty safe and another invitation. What lay in the old safe stays with the account that opened
it, and nobody else ever reads it: so that talking support into it gains nothing. The employer may deposit the same again, under
the same references.
"""

from mycvault.accounts import service as accounts
from mycvault.accounts.model import SafeRecord
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.documents import removal
from mycvault.errors import InvalidInput
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.stories import alerting, finding
from mycvault.stories.finding import Case
from mycvault.values.choices import Alert


def detach(call: Call, case: Case) -> None:
    """Give an employment a new, empty safe. EmployerMissing, EmployeeMissing, InvalidInput."""
    case = case.checked()
    employer, record = finding.employment(call, case.employer, case.matricule)
    with call.look() as look:
        old = accounts.safe(look, record.safe_id)
    if old.account_id is None:
        raise _nobody()
    new = SafeRecord(id=call.new_id(), employer_id=employer.id, record_id=record.id)
    call.keys.make_personal_key(new.id, employer.id, call.now)
    with call.act() as act:
        links.revoke(act, record.id, Purpose.INVITATION)
        if directory.keep(act, record, to_change=True).safe_id != old.id:
            raise _nobody()
        directory.start_again(act, record.id, old.id, new.id)
        accounts.add_safe(act, new)
        freed = removal.free_references(act, old.id)
        act.record(new.id, about=record.id, by=case.by, reason=case.reason)
        act.record(
            old.account_id, about=record.id, by=case.by, reason=case.reason, freed=str(freed)
        )
        alerting.alert(act, old.account_id, Alert.DETACHED)


def _nobody() -> InvalidInput:
    return InvalidInput("nobody joined", field="matricule", reason="not-joined")
