"""
An employer's file beside its records: which rows are new, which are known as they stand, which say something else.

A row that was taken in is known again by a keyed digest of what the file said, kept beside the record: the monthly file of people
who did not change is read without unsealing anybody. Whatever else changes a record forgets the digest.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from mycvault.act import Act, Look
from mycvault.directory import records
from mycvault.directory.model import EmployeeRecord, Enrolment
from mycvault.storage.rows import Row


@attrs.frozen(kw_only=True)
class Known:
    """A record as it is kept, still sealed; *same*: the file said just this when it was last taken in."""

    id: str
    same: bool
    row: Row = attrs.field(repr=False)


def known(look: Look, employer_id: str, given: Mapping[str, Enrolment]) -> dict[str, Known]:
    """Find the records of a file's rows, by matricule."""
    found = records.known(look.rows, employer_id, list(given))
    return {
        matricule: Known(
            id=row["id"],
            same=synced is not None and synced == mark(look, employer_id, given[matricule]),
            row=row,
        )
        for matricule, (row, synced) in found.items()
    }


def opened(look: Look, one: Known) -> EmployeeRecord:
    """Unseal a record that was found."""
    return records.opened(look.rows, dict(one.row))


def mark(look: Look, employer_id: str, given: Enrolment) -> bytes:
    """Compute by what a row of the file is known again."""
    return records.synced(look.rows, employer_id, json.dumps(_said(given)))


def enrol_all(act: Act, employer_id: str, made: Sequence[tuple[EmployeeRecord, Enrolment]]) -> bool:
    """Write new records; False when another call enrolled one of them meanwhile: the act must not end then."""
    marked = {record.id: (record, mark(act, employer_id, given)) for record, given in made}
    if not records.add_all(act.rows, marked):
        return False
    for record, _ in made:
        act.record(record.safe_id, about=record.id)
    return True


def remember(act: Act, record_id: str, synced: bytes) -> None:
    """Keep by what a record's row of the file is known again."""
    records.mark(act.rows, record_id, {"synced": synced}, where={})


def _said(given: Enrolment) -> list[Any]:
    return [None if value is None else str(value) for value in attrs.astuple(given)]
