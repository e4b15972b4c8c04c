"""
A session begins, for somebody who proved that it is she.

Her account is kept as it is until the act ends: support suspends it before, and this session may only export, or after, and
ends it.
"""

from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.consent import service as consent
from mycvault.sessions import service as sessions
from mycvault.sessions.model import EXPORT, SessionRecord
from mycvault.stories import recognising
from mycvault.values.caller import Caller
from mycvault.values.choices import Assurance
from mycvault.values.secret import Secret


def begin(
    act: Act, caller: Caller, account_id: str, assurance: Assurance
) -> tuple[SessionRecord, Secret]:
    """Start a session; SessionEnded when the account is erased."""
    accounts.keep_standing(act, account_id)
    recognising.recognise(act, account_id, caller)
    owner = accounts.account(act, account_id)
    terms = consent.pending(act, account_id, locale=owner.locale)
    return sessions.start(
        act,
        account_id,
        assurance,
        caller=caller,
        terms_pending=None if terms is None else terms.version,
        limited_to=None if owner.disabled_at is None else EXPORT,
    )
