"""
Who receives a payroll's documents: of each record what its row says in clear, so that nobody's key is asked for.

In the act the rows are held still and known again by their seals: a seal covers all that gives authority, so that one that stands
says that nothing was changed since the look, neither whom a safe belongs to nor how payslips are handed over.
"""

import datetime as dt
from collections.abc import Collection, Sequence

import attrs

from mycvault.act import Act, Look
from mycvault.directory import records


@attrs.frozen(kw_only=True)
class Receiver:
    """One employment as a payroll meets it; *birth_date* only where it was asked for. *seal*: by which its row is known again."""

    record_id: str
    safe_id: str
    matricule: str = attrs.field(repr=False)
    locale: str
    joined: bool
    paper_from: dt.date | None
    electronic_from: dt.date | None
    birth_date: dt.date | None = attrs.field(repr=False)
    seal: bytes = attrs.field(repr=False)


def receivers(
    look: Look, employer_id: str, matricules: Sequence[str], *, with_birth: bool
) -> dict[str, Receiver]:
    """Find who receives, by matricule; who is not there is left out. RecordDamaged when one row of them is."""
    found = records.known(look.rows, employer_id, matricules)
    return {
        matricule: Receiver(
            record_id=row["id"],
            safe_id=row["safe_id"],
            matricule=matricule,
            locale=row["locale"],
            joined=row["joined_at"] is not None,
            paper_from=records.day(row["paper_from"]),
            electronic_from=records.day(row["electronic_from"]),
            birth_date=records.opened(look.rows, dict(row)).person.birth_date
            if with_birth
            else None,
            seal=bytes(row["seal"]),
        )
        for matricule, (row, _) in found.items()
    }


def keep_all(act: Act, found: Collection[Receiver]) -> bool:
    """Keep the rows of *found* as they are until the act ends; False when one is not as it was seen."""
    seals = {one.record_id: one.seal for one in found}
    return records.keep_all(act.rows, sorted(seals)) == seals
