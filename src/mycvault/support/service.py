"""Acts of support, within a look or an act."""

from mycvault.act import Act, Look
from mycvault.support import records, rules
from mycvault.support.model import Intervention, What


def ask(act: Act, account_id: str, what: What, address: str = "") -> Intervention:
    """Write down what support will change after `Policy.support_delay`; an earlier request of the same kind is stopped by it."""
    for one in records.open_of(act.rows, account_id):
        if one.what is what:
            records.end(act.rows, one.id, stopped_at=act.now)
    asked = Intervention(
        id=act.new_id(),
        account_id=account_id,
        what=what,
        address=address,
        asked_at=act.now,
        effective_at=act.now + act.policy.support_delay,
    )
    records.add(act.rows, asked)
    return asked


def due(look: Look, account_id: str) -> list[Intervention]:
    """List what is due for an account, oldest first."""
    return [
        one for one in records.open_of(look.rows, account_id) if rules.is_due(one, now=look.now)
    ]


def accounts_due(look: Look, *, after: str, count: int) -> list[str]:
    """List accounts for which something is due, ids above *after*; each is proved when it is looked at."""
    return records.due(look.rows, now=look.now, after=after, count=count)


def finish(act: Act, intervention: Intervention) -> bool:
    """Write down that it took effect; False when it did before, or she stopped it meanwhile."""
    return records.end(act.rows, intervention.id, done_at=act.now)


def stop(act: Act, account_id: str, intervention_id: str) -> bool:
    """Stop an act of support of hers; False when there is none that waits still."""
    found = records.find(act.rows, intervention_id)
    if found is None or found.account_id != account_id:
        return False
    # Whoever objects to a request objects to the one that took its place, too.
    waiting = [one for one in records.open_of(act.rows, account_id) if one.what is found.what]
    return any(
        records.end(act.rows, one.id, stopped_at=act.now)
        for one in waiting
        if not rules.is_due(one, now=act.now)
    )


def forget(act: Act, account_id: str) -> None:
    """Forget an account's acts of support."""
    records.forget(act.rows, account_id)
