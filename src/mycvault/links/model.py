"""A link: a secret on its way to one person, for one purpose, once."""

import datetime as dt
from enum import StrEnum

import attrs

from mycvault.values.secret import Secret


class Purpose(StrEnum):
    """What a link opens; it is part of the token and of the row."""

    INVITATION = "invite"
    CONFIRM_ADDRESS = "address"
    REFUSAL = "refuse"
    CONTEST = "contest"


@attrs.frozen(kw_only=True)
class LinkRecord:
    """
    One link as it is kept: its secret as a digest only.

    *owner*: the employee record or address it is for. *subject*: the safe or account whose history it belongs to. *sent_to*:
    the blind index of its address. *code_proof*: set when an activation code goes with it.
    """

    id: str
    purpose: Purpose
    owner: str
    subject: str
    employer_id: str | None
    channel: str
    expires_at: dt.datetime
    sent_to: bytes | None = attrs.field(repr=False)
    code_proof: bytes | None = attrs.field(repr=False)
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None


@attrs.frozen(kw_only=True)
class Link:
    """A link as it is handed out; *token* is None when it exists only in the letter."""

    token: Secret | None
    expires_at: dt.datetime


@attrs.frozen(kw_only=True)
class Invitation(Link):
    """An invitation; the activation code, if one was asked for, travels by another way than the link."""

    employee_id: str
    activation_code: Secret | None
