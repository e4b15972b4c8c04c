"""
One more link for somebody invited: beside the live ones, and only to the address on record.

Rule: whoever asks without being known, or holds a link that is over, never kills a live link and never names an address; three
live at most, then nothing is sent. An activation code that was printed for the first link is asked for the later ones too.
"""

from typing import Any

from mycvault.act import Act
from mycvault.desk import Call
from mycvault.directory import reaching, renewing
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.errors import AddressMissing, LinkInvalid
from mycvault.links import rules
from mycvault.links import service as links
from mycvault.links.model import LinkRecord, Purpose
from mycvault.links.rules import Standing
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Carried, Recipient
from mycvault.outbox.model import Draft
from mycvault.throttle import service as throttle
from mycvault.values.choices import Channel
from mycvault.values.secret import Secret


def renew(call: Call, token: str) -> None:
    """Send a new link for one that expired; for one that lives there is nothing to send. The link's errors, AddressMissing."""
    with call.look() as look:
        link = links.find(look, token, Purpose.INVITATION)
    with call.attempt() as attempt:
        buckets = throttle.buckets(
            attempt.rows,
            call.policy.throttle,
            who="renew:" + link.id,
            address=call.caller.address,
        )
        throttle.count(attempt.rows, buckets, now=call.now)
    assert link.employer_id is not None
    call.keys.bring(link.employer_id)
    with call.look() as look:
        if rules.standing(link, now=look.now) is not Standing.EXPIRED:
            links.judge(look, link)
        employer = directory.employers(look, [link.employer_id])[link.employer_id]
        record = directory.by_ids(look, [link.owner])[link.owner]
    if reaching.reach(record) is None:
        raise AddressMissing(field="email")
    with call.act() as act:
        if rules.standing(link, now=act.now) is Standing.EXPIRED:
            again(act, employer, record)
        act.record(directory.safe_of(act, record.id), about=record.id)


def again(
    act: Act,
    employer: EmployerRecord,
    record: EmployeeRecord,
    *,
    by: Channel | None = None,
    reminder: bool = False,
) -> bool:
    """
    Send one more link to the address on record, e-mail before SMS unless *by* says; False when three live already.

    Raises:
        AddressMissing: There is no such address.
        AlreadyActivated, LinkInvalid: She joined meanwhile, or her invitation was revoked.
    """
    found = reaching.reach(record)
    by = by or (None if found is None else found.channel) or Channel.EMAIL
    recipient, key = reaching.reach_by(record, by)
    has_room = links.has_room(act, record.id, Purpose.INVITATION)
    earlier = links.newest(act, record.id, Purpose.INVITATION)
    until = act.now + act.policy.invitation_lifetime if has_room else act.now
    renewing.mark_renewed(act, record, until=until, reminded=reminder)
    if earlier is None:
        raise LinkInvalid
    if recipient is None or not has_room:
        return False
    link, token = issue(act, record, by, key, code_of=earlier, beside=True)
    safe_id = directory.safe_of(act, record.id)
    act.record(safe_id, about=record.id, link=link.id, channel=by)
    act.tell(letter(act, employer, record, recipient, link, token, reminder=reminder))
    return True


def issue(
    act: Act, record: EmployeeRecord, by: Channel, sent_to_key: str | None, **how: Any
) -> tuple[LinkRecord, Secret]:
    """Make an invitation's link for an employment; *how*: a code besides it, or beside which links, as `links.issue`."""
    return links.issue(
        act,
        Purpose.INVITATION,
        owner=record.id,
        subject=record.safe_id,
        channel=by,
        lifetime=act.policy.invitation_lifetime,
        employer_id=record.employer_id,
        sent_to_key=sent_to_key,
        **how,
    )


def letter(
    act: Act,
    employer: EmployerRecord,
    record: EmployeeRecord,
    recipient: Recipient,
    link: LinkRecord,
    token: Secret,
    *,
    reminder: bool = False,
) -> Draft:
    """Write the letter that carries an invitation's link."""
    carried = Carried(
        token=token, link_id=link.id, expires_at=link.expires_at, zone=act.policy.legal.zone
    )
    sender, known = reaching.sender(act, employer), record.person.email or ""
    return drafts.invitation(recipient, sender, carried, identifier=known, reminder=reminder)
