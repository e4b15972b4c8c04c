"""
What support asked takes effect once its delay is over and nobody stopped it.

It happens when she next proves herself, and by `Upkeep.purge` for everybody, each in an act of its own: nothing depends on her
coming. Every session ends: whoever asked for it may not have been she.
"""

from collections.abc import Iterator

from mycvault.accounts import addressing
from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.codes import service as codes
from mycvault.desk import Call
from mycvault.factors import service as factors
from mycvault.sessions import service as sessions
from mycvault.stories import alerting, asking_mailbox
from mycvault.support import service as support
from mycvault.support.model import Intervention, What
from mycvault.values.choices import Alert

_AT_ONCE = 100
_DONE = {
    What.RESET: Alert.RESET_DONE,
    What.NUMBER: Alert.NUMBER_DONE,
    What.EMAIL: Alert.EMAIL_ADDED,
}


def settle(call: Call, account_id: str) -> int:
    """Let what is due for an account take effect; tell how much it was."""
    with call.look() as look:
        due = support.due(look, account_id)
    return sum(_take_effect(call, one) for one in due)


def accounts_due(call: Call) -> Iterator[str]:
    """List the accounts for which something is due."""
    after: str | None = ""
    while after is not None:
        with call.look() as look:
            found = support.accounts_due(look, after=after, count=_AT_ONCE)
        yield from found
        after = found[-1] if len(found) == _AT_ONCE else None


def _take_effect(call: Call, due: Intervention) -> bool:
    account_id = due.account_id
    with call.act() as act:
        accounts.take(act, account_id)
        known = accounts.reachable(act, account_id)
        act.record(account_id, about=due.id, support=str(due.what))
        if not support.finish(act, due):
            return False
        # Requests before factors: the order in which a sign-in takes them.
        codes.forget(act, account_id)
        _change(act, due)
        sessions.end_all(act, account_id)
        alerting.alert(act, account_id, _DONE[due.what], to=known)
    return True


def _change(act: Act, due: Intervention) -> None:
    if due.what is What.RESET:
        factors.forget(act, due.account_id)
        accounts.set_strongest(act, due.account_id, app=False)
    elif due.what is What.NUMBER:
        addressing.change_phone(act, due.account_id, due.address)
    elif not addressing.is_proved(act, due.account_id, due.address):
        asking_mailbox.ask(act, due.account_id, due.address)
