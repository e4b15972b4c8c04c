"""An employment is found by what its employer calls it: the first thing the operator's stories do."""

import attrs

from mycvault.desk import Call
from mycvault.directory import rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.retention.rules import parse_reason


@attrs.frozen(kw_only=True)
class Case:
    """Whom support acts for, on whose word, and why."""

    employer: str
    matricule: str = attrs.field(repr=False)
    by: str
    reason: str = attrs.field(repr=False)

    def checked(self) -> "Case":
        """Give it in canonical form; InvalidInput when nobody acts, or for no reason."""
        by = rules.parse_name(self.by, field="by")
        return attrs.evolve(self, by=by, reason=parse_reason(self.reason))


def employment(call: Call, employer: str, matricule: str) -> tuple[EmployerRecord, EmployeeRecord]:
    """
    Find an employee by her employer's reference and her matricule; the employer's key is brought to hand.

    Raises:
        EmployerMissing, EmployeeMissing: There is no such.
        InvalidInput: Employer or matricule is none.
    """
    reference = rules.parse_reference(employer, field="employer")
    wanted = rules.parse_matricule(matricule)
    with call.look() as look:
        found = directory.find_employer(look, reference)
    call.keys.bring(found.id)
    with call.look() as look:
        return found, directory.find(look, found.id, wanted)
