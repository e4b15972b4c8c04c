"""A request for a code we sent."""

import datetime as dt
from enum import StrEnum

import attrs

from mycvault.values.caller import Caller
from mycvault.values.choices import Channel
from mycvault.values.secret import Secret


class CodePurpose(StrEnum):
    """What a code opens, and nothing else."""

    ACTIVATION = "activation"
    PRINTED = "printed"
    RECOVERY = "recovery"
    SIGN_IN = "sign-in"
    RECONFIRM = "reconfirm"
    PHONE = "phone"
    CONFIRM_APP = "confirm-app"


@attrs.frozen(kw_only=True)
class Challenge:
    """
    One code on its way: its secret as a digest, its code as a proof bound to challenge, purpose and address.

    *subject*: the account, or before there is one the employee record, whose tries are counted. *session*: the session that
    asked, for a purpose that needs one. Where nothing is sent (an app, a recovery code) *address* is empty, and *proof* nobody's.
    *caller*: who asked, as the host said then.
    """

    id: str
    purpose: CodePurpose
    subject: str
    session: str | None
    channel: Channel
    address: str = attrs.field(repr=False)
    proof: bytes = attrs.field(repr=False)
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None
    caller: Caller = attrs.field(default=Caller(), repr=False)


@attrs.frozen(kw_only=True)
class Sent:
    """A challenge just made: what is handed to the page, and what goes into the letter."""

    challenge: Challenge
    token: Secret
    code: Secret


@attrs.frozen(kw_only=True)
class CodeRequired:
    """
    Half way in: ask for a code.

    *challenge* names this request; it opens nothing without the code. *sent_to* is masked. *alternatives* are never weaker
    than her strongest enrolled factor.
    """

    challenge: str = attrs.field(repr=False)
    channel: Channel
    sent_to: str
    alternatives: frozenset[Channel]
    expires_at: dt.datetime
    resend_after: dt.datetime
