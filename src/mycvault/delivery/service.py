"""What was declared about one employment's payslips, within a look or an act."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import attrs

from mycvault.act import Act, Look
from mycvault.delivery import records, rules
from mycvault.delivery.model import Declaration, Objection, What
from mycvault.errors import RecordDamaged


@attrs.frozen(kw_only=True)
class Standing:
    """What the declarations amount to: from when on paper (None: electronic), and from when on electronic is lawful."""

    paper_from: dt.date | None
    electronic_from: dt.date | None


def declarations(look: Look, record_id: str, *, expected: int) -> list[Declaration]:
    """List what was declared, as it was written down; RecordDamaged when one of the *expected* number is missing."""
    found = records.of_record(look.rows, record_id)
    if len(found) != expected:
        raise RecordDamaged
    return found


def objections_in_force(
    look: Look, expected: Mapping[str, int], today: dt.date
) -> dict[str, Objection]:
    """Find the objection of each employment whose payslips are paper on *today*, or will be; *expected*: as `declarations`."""
    found = {
        record_id: rules.in_force(declarations(look, record_id, expected=count), today)
        for record_id, count in expected.items()
    }
    return {key: rules.objection(one) for key, one in found.items() if one is not None}


def ever_objected(look: Look, employer_id: str, *, after: str, count: int) -> list[str]:
    """List the employments in which somebody ever objected, in the order of their ids."""
    return records.who(look.rows, employer_id, What.OBJECTION, after=after, count=count)


def evidence(look: Look, content_ids: Collection[str]) -> dict[str, str]:
    """Tell which of these contents are evidence, each with its employer's id; nothing is proved."""
    return records.proving(look.rows, content_ids)


def proved_by(look: Look, content_id: str) -> tuple[Declaration, str] | None:
    """Find the declaration that a content is the evidence of, and its employer's id. RecordDamaged."""
    return records.proved_by(look.rows, content_id)


def declare(
    act: Act,
    wanted: Declaration,
    *,
    employer_id: str,
    safe_id: str,
    hired_on: dt.date | None,
    expected: int,
) -> tuple[Declaration, Standing | None]:
    """
    Write a declaration, and tell what the employment's declarations amount to now.

    The employment's row is held by this act. A declaration that only says again what was said last is not written: the
    earlier one is given back, and nothing changes. *expected*: how many there are before it.
    """
    known = declarations(act, wanted.record_id, expected=expected)
    said = rules.repeats(known, wanted)
    told: dict[str, Any] = {"on": wanted.on.isoformat(), "means": wanted.means}
    if wanted.effective_on is not None:
        told["effective_on"] = wanted.effective_on.isoformat()
    if wanted.evidence is not None:
        told["evidence_sha256"] = wanted.evidence.sha256
    act.record(safe_id, about=wanted.record_id, **told)
    if said is not None:
        return said, None
    records.add(act.rows, employer_id, wanted)
    known.append(wanted)
    standing = Standing(
        paper_from=rules.paper_from(known),
        electronic_from=rules.lawful_from(known, hired_on=hired_on, legal=act.policy.legal),
    )
    return wanted, standing
