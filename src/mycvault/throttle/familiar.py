"""
From where somebody succeeded: a device or a place of hers, an address of anybody's.

Kept under blind indexes, bound to the account, in sealed rows, and forgotten a while after the last success. A device is the
host's own opaque text; a place is a network address with a browser.
"""

import datetime as dt
from collections.abc import Callable

from mycvault.policy import ThrottlePolicy
from mycvault.storage.rows import Rows
from mycvault.throttle import records, rules
from mycvault.values.caller import Caller

_SWEPT = 8  # rows; a success adds three at most
_DEVICE, _PLACE, _ADDRESS = "device", "place", "address"


def knows_device(rows: Rows, account_id: str, device: str, *, now: dt.datetime) -> bool:
    """Tell whether she succeeded from this device of late; the same work where there is no such account."""
    return _is_known(rows, _index(rows, _DEVICE, device, account_id), now)


def knows_address(rows: Rows, address: str, *, now: dt.datetime) -> bool:
    """Tell whether anybody succeeded from this network address of late."""
    return _is_known(rows, _index(rows, _ADDRESS, address), now)


def remember(
    rows: Rows,
    policy: ThrottlePolicy,
    account_id: str,
    caller: Caller,
    *,
    now: dt.datetime,
    new_id: Callable[[], str],
) -> bool:
    """Remember from where she succeeded; tell whether neither the device nor the place was known before."""
    hers = [(_DEVICE, caller.device)] if caller.device else []
    if caller.address or caller.user_agent:
        # No caller's text holds a NUL.
        hers.append((_PLACE, f"{caller.address or ''}\0{caller.user_agent or ''}"))
    known = []
    for kind, text in hers:
        index = _index(rows, kind, text, account_id)
        known.append(_keep(rows, index, account_id, policy.device_lifetime, now, new_id))
    if caller.address:
        index = _index(rows, _ADDRESS, caller.address)
        _keep(rows, index, None, policy.address_lifetime, now, new_id)
    if not all(known):
        records.sweep_familiars(rows, now, _SWEPT)
    return bool(known) and not any(known)


def forget(rows: Rows, account_id: str) -> None:
    """Forget every device and place of an account."""
    records.forget(rows, account_id)


def _keep(
    rows: Rows,
    index: bytes,
    account_id: str | None,
    lifetime: dt.timedelta,
    now: dt.datetime,
    new_id: Callable[[], str],
) -> bool:
    """Remember what stands under *index*, from now on; tell whether it was known."""
    found = records.familiar(rows, index)
    if found is None:
        row = {"id": new_id(), "account_id": account_id, "known": index, "until": now + lifetime}
        records.add_familiar(rows, row)
        return False
    if rules.is_worth_writing(found["until"], lifetime, now=now):
        records.prolong(rows, found["id"], now + lifetime)
    return bool(now < found["until"])


def _is_known(rows: Rows, index: bytes, now: dt.datetime) -> bool:
    found = records.familiar(rows, index)
    return found is not None and bool(now < found["until"])


def _index(rows: Rows, kind: str, text: str, account_id: str = "") -> bytes:
    return rows.index(records.KNOWN, text, scope=f"{kind} {account_id}")
