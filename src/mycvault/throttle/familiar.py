"""
From where somebody succeeded: a device or a place of hers, an address of anybody's.

Kept under blind indexes, in sealed rows, and forgotten a while after the last success. A device is the host's own opaque text,
bound to each identifier she may type, so that it is found before anybody's account is looked at; a place is a network address
with a browser, bound to her account.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from mycvault.policy import ThrottlePolicy
from mycvault.storage.rows import Rows
from mycvault.throttle import records, rules
from mycvault.values.caller import Caller

_SWEPT = 16  # rows; a success adds one for each identifier and two more
_DEVICE, _PLACE, _ADDRESS = "device", "place", "address"


def knows_device(rows: Rows, identifier: str, device: str, *, now: dt.datetime) -> bool:
    """Tell whether the holder of an identifier succeeded from this device of late."""
    return _is_known(rows, _index(rows, _DEVICE, device, identifier), now)


def knows_address(rows: Rows, address: str, *, now: dt.datetime) -> bool:
    """Tell whether anybody succeeded from this network address of late."""
    return _is_known(rows, _index(rows, _ADDRESS, address), now)


def remember(
    rows: Rows,
    policy: ThrottlePolicy,
    account_id: str,
    caller: Caller,
    *,
    identifiers: Sequence[str],
    now: dt.datetime,
    new_id: Callable[[], str],
) -> bool:
    """
    Remember from where she succeeded, the device for each of her *identifiers*.

    Returns:
        Whether neither the device nor the place was known before; False when the host told neither.
    """
    hers = []
    if caller.device:
        hers += [_index(rows, _DEVICE, caller.device, one) for one in identifiers]
    if caller.address or caller.user_agent:
        # No caller's text holds a NUL.
        place = f"{caller.address or ''}\0{caller.user_agent or ''}"
        hers.append(_index(rows, _PLACE, place, account_id))
    lifetime = policy.device_lifetime
    known = [_keep(rows, index, account_id, lifetime, now, new_id) for index in hers]
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


def _index(rows: Rows, kind: str, text: str, whose: str = "") -> bytes:
    return rows.index(records.KNOWN, text, scope=f"{kind} {whose}")
