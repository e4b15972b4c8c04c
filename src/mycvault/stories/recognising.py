"""She succeeded: from where is remembered, and a device never seen before is told."""

from mycvault.act import Act
from mycvault.throttle import familiar
from mycvault.values.caller import Caller


def recognise(act: Act, account_id: str, caller: Caller, *, first: bool = False) -> None:
    """Remember where she is; *first*: her account is being opened there, which is no news."""
    throttle = act.policy.throttle
    is_new = familiar.remember(
        act.rows, throttle, account_id, caller, now=act.now, new_id=act.new_id
    )
    if is_new and not first:
        act.record(account_id, new_device="yes")
