"""An employee is invited: a link in a letter, until she uses it or it expires."""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress

from mycvault.desk import Call
from mycvault.directory import reaching
from mycvault.directory import renewing as invited
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.errors import AddressMissing, AlreadyActivated, InvalidInput, LinkInvalid
from mycvault.links import rules
from mycvault.links import service as links
from mycvault.links.model import Invitation, Purpose
from mycvault.stories import renewing
from mycvault.values.choices import Channel, EmployeeStatus

_AT_ONCE = 100  # people listed in one look
_LONGEST_NOTICE = dt.timedelta(days=366)


def invite(
    call: Call,
    employer: EmployerRecord,
    matricule: str,
    *,
    activation_code: bool,
    by: Channel | str,
) -> Invitation:
    """
    Invite somebody; an earlier link dies in the same act.

    Raises:
        AlreadyActivated: She joined.
        AddressMissing: No address on record for *by*.
        InvalidInput: *by* is no way a letter takes.
    """
    by = rules.parse_channel(by)
    with call.look() as look:
        record = directory.to_invite(look, employer.id, directory_rules.parse_matricule(matricule))
    return _invite(call, employer, record, by, activation_code=activation_code)


def invite_pending(call: Call, employer: EmployerRecord, *, by: Channel | str) -> int:
    """Invite everyone who has not joined and has no live link, an act for each; tell how many. InvalidInput."""
    by = _sent(rules.parse_channel(by))
    count = 0
    for record in _pending(call, employer):
        # Who cannot be reached so is passed over, and who was invited, or joined, since she was listed.
        with suppress(AddressMissing, AlreadyActivated):
            _invite(call, employer, record, by, activation_code=False, only_pending=True)
            count += 1
    return count


def _invite(
    call: Call,
    employer: EmployerRecord,
    record: EmployeeRecord,
    by: Channel,
    *,
    activation_code: bool,
    only_pending: bool = False,
) -> Invitation:
    recipient, key = reaching.reach_by(record, by)
    with call.act() as act:
        code = links.draw_code(act) if activation_code else None
        link, token = renewing.issue(act, record, by, key, code=code)
        directory.mark_invited(act, record, until=link.expires_at, as_seen=only_pending)
        act.record(directory.safe_of(act, record.id), about=record.id, link=link.id, channel=by)
        if recipient is not None:
            act.tell(renewing.letter(act, employer, record, recipient, link, token))
    # Whoever holds the token can open the safe: it is handed out to be printed, or by the deployer's policy.
    handed = by is Channel.LETTER or call.policy.hand_out_links
    return Invitation(
        token=token if handed else None,
        expires_at=link.expires_at,
        employee_id=record.id,
        activation_code=code,
    )


def remind_pending(
    call: Call, employer: EmployerRecord, *, before: dt.timedelta, by: Channel | str
) -> int:
    """Remind everyone whose invitation ends within *before*, once for each invitation; tell how many. InvalidInput."""
    by = _sent(rules.parse_channel(by))
    if not isinstance(before, dt.timedelta) or not dt.timedelta(0) < before <= _LONGEST_NOTICE:
        raise InvalidInput("a timedelta of up to a year", field="before")
    reminded = 0
    for record in _ending(call, employer, before):
        # Who cannot be reached so is passed over, and who joined, or whose invitation was revoked, since she was listed.
        with suppress(AddressMissing, AlreadyActivated, LinkInvalid), call.act() as act:
            reminded += renewing.again(act, employer, record, by=by, reminder=True)
            act.record(directory.safe_of(act, record.id), about=record.id)
    return reminded


def _ending(call: Call, employer: EmployerRecord, before: dt.timedelta) -> Iterator[EmployeeRecord]:
    after: str | None = ""
    while after is not None:
        with call.look() as look:
            found = invited.ending(look, employer.id, before=before, after=after, count=_AT_ONCE)
        yield from found
        after = found[-1].id if len(found) == _AT_ONCE else None


def revoke(call: Call, employer: EmployerRecord, matricule: str) -> None:
    """Kill somebody's live invitation; EmployeeMissing, AlreadyActivated."""
    with call.look() as look:
        record = directory.to_invite(look, employer.id, directory_rules.parse_matricule(matricule))
    with call.act() as act:
        links.revoke(act, record.id, Purpose.INVITATION)
        directory.mark_invited(act, record, until=None)
        act.record(directory.safe_of(act, record.id), about=record.id)


def _sent(by: Channel) -> Channel:
    if by is Channel.LETTER:
        raise InvalidInput("links to print are handed out one by one", field="by")
    return by


def _pending(call: Call, employer: EmployerRecord) -> Iterator[EmployeeRecord]:
    for status in (EmployeeStatus.ENROLLED, EmployeeStatus.EXPIRED):
        after: str | None = ""
        while after is not None:
            with call.look() as look:
                found = directory.in_status(look, employer.id, status, after=after, count=_AT_ONCE)
            yield from found
            after = found[-1].id if len(found) == _AT_ONCE else None
