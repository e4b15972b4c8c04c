"""She reviews how her account is secured: what reaches her, what she proves herself with, since when."""

import datetime as dt

import attrs

from mycvault.accounts import addressing
from mycvault.accounts import service as accounts
from mycvault.credentials import service as credentials
from mycvault.desk import Call
from mycvault.factors import service as factors
from mycvault.stories import admitting


@attrs.frozen(kw_only=True)
class SecurityOverview:
    """
    How an account is secured.

    *emails*: proved, oldest first; *pending_email*: the newest one that is not. *app_since*: when her authenticator app was
    confirmed. *recovery_codes_left*: 0 to 10.
    """

    emails: tuple[str, ...] = attrs.field(repr=False)
    pending_email: str | None = attrs.field(repr=False)
    phone: str | None = attrs.field(repr=False)
    app_since: dt.datetime | None
    recovery_codes_left: int
    password_changed_at: dt.datetime


def review(call: Call, session_id: str) -> SecurityOverview:
    """Tell how her account is secured. SessionEnded."""
    with call.look() as look:
        admission = admitting.admit_despite_terms(look, session_id)
        account_id = admission.account_id
        holder = accounts.holder(look, account_id)
        held = factors.held(look, account_id)
        waiting = addressing.waiting(look, account_id)
        overview = SecurityOverview(
            emails=holder.emails,
            pending_email=None if waiting is None else waiting.text,
            phone=holder.phone,
            app_since=held.app_since,
            recovery_codes_left=held.codes_left,
            password_changed_at=credentials.changed_at(look, account_id),
        )
    admitting.keep_alive(call, admission)
    return overview
