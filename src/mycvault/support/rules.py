"""When an act of support takes effect, and until when it is stopped. Pure."""

import datetime as dt

from mycvault.support.model import Intervention


def is_due(one: Intervention, *, now: dt.datetime) -> bool:
    """Tell whether its time has come; nobody stops it any more."""
    return is_open(one) and one.effective_at <= now


def is_open(one: Intervention) -> bool:
    """Tell whether it was neither stopped nor done."""
    return one.stopped_at is None and one.done_at is None
