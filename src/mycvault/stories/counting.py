"""An employer's figures: how many, who is out of reach, and what was deposited."""

import attrs

from mycvault.accounts import service as accounts
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import Employee, EmployerRecord
from mycvault.documents import service as documents
from mycvault.documents.model import Receipt
from mycvault.values.page import Page
from mycvault.values.period import Period


@attrs.frozen(kw_only=True)
class Statistics:
    """
    An employer's employees by where they stand, and what concerns payroll; everybody is in one of the first five.

    *on_paper*: whose payslips are paper today. *undelivered*: whom our letters did not reach (`Employer.undelivered`).
    *deposits*: documents deposited, those that were destroyed since included.
    """

    enrolled: int
    invited: int
    expired: int
    active: int
    left: int
    on_paper: int
    deposits: int
    undelivered: int


def statistics(call: Call, employer: EmployerRecord) -> Statistics:
    """Count, by index."""
    with call.look() as look:
        counted = directory.headcount(look, employer.id)
        made = documents.deposits_made(look, employer.id)
    return Statistics(**counted, deposits=made)


def undelivered(
    call: Call, employer: EmployerRecord, *, after: str | None, limit: int
) -> Page[Employee]:
    """List whom our letters did not reach, in the order of their enrolment. InvalidInput."""
    with call.look() as look:
        return directory.undelivered(look, employer.id, after=after, limit=limit)


def deposits(
    call: Call,
    employer: EmployerRecord,
    *,
    matricule: str | None,
    period: Period | str | None,
    after: str | None,
    limit: int,
) -> Page[Receipt]:
    """List an employer's receipts, newest first. EmployeeMissing, InvalidInput."""
    month = Period.parse(period)
    with call.look() as look:
        record = None
        if matricule is not None:
            record = directory.find(look, employer.id, directory_rules.parse_matricule(matricule))
        safe_id = None if record is None else record.safe_id
        found = documents.deposited(
            look, employer.id, safe_id=safe_id, period=month, after=after, limit=limit
        )
        homes = accounts.records_of(look, [document.safe_id for document in found])
        owners = directory.by_ids(look, homes.values())
    receipts = [
        documents.receipt(one, owners[homes[one.safe_id]].matricule) for one in found[:limit]
    ]
    return Page(receipts, receipts[-1].document_id if len(found) > limit else None)
