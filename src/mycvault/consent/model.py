"""Terms of use live in errors.py, which carries them; an acceptance is here."""

import datetime as dt

import attrs


@attrs.frozen(kw_only=True)
class Acceptance:
    """
    Who accepted which text, when: the digest is of the very text that was shown.

    An acceptance outlives its account: after an erasure the account's id names nobody.
    """

    account_id: str
    version: str
    locale: str
    sha256: str
    accepted_at: dt.datetime
