"""She succeeded: from where is remembered, and a device never seen before is told."""

from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.stories import alerting
from mycvault.throttle import familiar
from mycvault.values.caller import Caller
from mycvault.values.choices import Alert


def recognise(act: Act, account_id: str, caller: Caller, *, first: bool = False) -> None:
    """Remember where she is; *first*: her account is being opened there, which is no news."""
    is_new = familiar.remember(
        act.rows,
        act.policy.throttle,
        account_id,
        caller,
        identifiers=accounts.identifiers(act, account_id) if caller.device else (),
        now=act.now,
        new_id=act.new_id,
    )
    if is_new and not first:
        act.record(account_id, new_device="yes")
        alerting.alert(act, account_id, Alert.NEW_DEVICE, device=caller.user_agent or "")
