"""
Every limit a host may set, with its unit, its default and its source.

A policy is a frozen value: hosts pass one to `Vault.open`, and portals read form hints from `vault.policy`. Values that
cannot work are refused when the policy is made.
"""

import datetime as dt
from typing import Any

import attrs

from mycvault.errors import InvalidInput
from mycvault.legal import FR, LegalProfile
from mycvault.values.choices import SecondFactor

_MIB = 1024 * 1024
_ACCEPTED = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})


def _positive(_: object, field: "attrs.Attribute[Any]", given: Any) -> None:
    if given <= type(given)():
        raise InvalidInput(f"{field.name} is more than nothing", field=field.name)


def _template(_: object, field: "attrs.Attribute[Any]", given: str) -> None:
    """Refuse a template without its token, or with it in the query, where servers and Referer headers write it down."""
    before_fragment = given.partition("#")[0]
    if "{token}" not in given and field.name not in {"sign_in", "help"}:
        raise InvalidInput("a URL template holds {token}", field=field.name)
    if "{token}" in before_fragment.partition("?")[2]:
        raise InvalidInput("a token never stands in a query", field=field.name, reason="query")


@attrs.frozen(kw_only=True)
class PortalUrls:
    """
    Where links lead: templates with `{token}`, in the path or after the `#`, never after a `?`.

    The default is the token alone, for a host that builds the address itself.
    """

    activate: str = attrs.field(default="{token}", validator=_template)
    recover: str = attrs.field(default="{token}", validator=_template)
    sign_in: str = attrs.field(default="", validator=_template)
    confirm_address: str = attrs.field(default="{token}", validator=_template)
    contest: str = attrs.field(default="{token}", validator=_template)
    refuse: str = attrs.field(default="{token}", validator=_template)
    help: str = attrs.field(default="", validator=_template)


@attrs.frozen(kw_only=True)
class DocumentPolicy:
    """
    What is taken as a document.

    *max_bytes*: 50 MiB, far above any payslip. *accepted*: media types an employee may add; an employer deposits PDF only.
    *bin_lifetime*: 30 days between discarding and the end.
    """

    max_bytes: int = attrs.field(default=50 * _MIB, validator=_positive)
    accepted: frozenset[str] = _ACCEPTED
    bin_lifetime: dt.timedelta = attrs.field(default=dt.timedelta(days=30), validator=_positive)


@attrs.frozen(kw_only=True)
class PasswordPolicy:
    """
    What a password must be, and what its hash costs.

    *minimum* characters with a second factor, *minimum_alone* without one (NIST SP 800-63B-4, 3.1.1.2: 15 alone), at most
    *maximum*. *minimum_guesses_log10*: what zxcvbn must estimate (10: out of reach online and slow offline).
    Hash: argon2id, RFC 9106 second profile (64 MiB, 3 passes, 4 lanes); OWASP's minimum (19 MiB, 2, 1) is the floor.
    *concurrent*: hashes at the same time, so that a burst of sign-ins cannot exhaust memory.
    """

    minimum: int = attrs.field(default=12, validator=_positive)
    minimum_alone: int = attrs.field(default=15, validator=_positive)
    maximum: int = attrs.field(default=256, validator=_positive)
    minimum_guesses_log10: float = 10.0
    memory_kib: int = attrs.field(default=64 * 1024, validator=_positive)
    passes: int = attrs.field(default=3, validator=_positive)
    lanes: int = attrs.field(default=4, validator=_positive)
    concurrent: int = attrs.field(default=4, validator=_positive)


@attrs.frozen(kw_only=True)
class CodePolicy:
    """
    Codes we send: six digits.

    *lifetime* 10 minutes (ASVS 5.0, 6.5.5); *tries* 5 per account and purpose, whatever is sent again (NIST 3.1.3.2), free
    again after *tries_window*; *resend_after* 60 s; *per_day* 10 unanswered codes per account and 24 hours.
    """

    lifetime: dt.timedelta = attrs.field(default=dt.timedelta(minutes=10), validator=_positive)
    tries: int = attrs.field(default=5, validator=_positive)
    tries_window: dt.timedelta = attrs.field(default=dt.timedelta(hours=1), validator=_positive)
    resend_after: dt.timedelta = attrs.field(default=dt.timedelta(seconds=60), validator=_positive)
    per_day: int = attrs.field(default=10, validator=_positive)


@attrs.frozen(kw_only=True)
class SessionPolicy:
    """
    How long a session lives.

    *idle* 30 min since its last use, *absolute* 12 h (NIST SP 800-63B-4, AAL2: 24 h and 1 h at most); *fresh* 5 min in
    which a confirmation counts for sensitive verbs.
    """

    idle: dt.timedelta = attrs.field(default=dt.timedelta(minutes=30), validator=_positive)
    absolute: dt.timedelta = attrs.field(default=dt.timedelta(hours=12), validator=_positive)
    fresh: dt.timedelta = attrs.field(default=dt.timedelta(minutes=5), validator=_positive)


@attrs.frozen(kw_only=True)
class Tier:
    """A bucket of *burst* attempts that refills by one every *every*."""

    burst: int = attrs.field(validator=_positive)
    every: dt.timedelta = attrs.field(validator=_positive)


@attrs.frozen(kw_only=True)
class ThrottlePolicy:
    """
    Attempts per identifier and address (5, then one a minute) and per identifier (30, then one in 30 s).

    Soft buckets (GCRA): nobody is locked out, everybody is told when to come back (docs/explanation/throttling.md).
    """

    pair: Tier = Tier(burst=5, every=dt.timedelta(minutes=1))
    identifier: Tier = Tier(burst=30, every=dt.timedelta(seconds=30))


@attrs.frozen(kw_only=True)
class Policy:
    """
    All limits of one vault.

    *second_factor*: ALWAYS asks for a code at every sign-in (app, else SMS, else e-mail). *invitation_lifetime*: 15 days,
    as the field does; NIST's 24 hours for mailed codes do not fit a letter read on holiday. *hand_out_links*: give HR the
    token of an e-mailed link. *refuse_without_notice*: refuse, instead of noting, a payslip before its lawful date.
    *support_delay*: what support changes takes effect after 72 h. *letters*: a folder of Jinja2 templates that replace ours.
    """

    urls: PortalUrls = PortalUrls()
    second_factor: SecondFactor = attrs.field(default=SecondFactor.ALWAYS, converter=SecondFactor)
    invitation_lifetime: dt.timedelta = attrs.field(
        default=dt.timedelta(days=15), validator=_positive
    )
    hand_out_links: bool = False
    refuse_without_notice: bool = False
    support_delay: dt.timedelta = attrs.field(default=dt.timedelta(hours=72), validator=_positive)
    documents: DocumentPolicy = DocumentPolicy()
    passwords: PasswordPolicy = PasswordPolicy()
    codes: CodePolicy = CodePolicy()
    sessions: SessionPolicy = SessionPolicy()
    throttle: ThrottlePolicy = ThrottlePolicy()
    legal: LegalProfile = FR
    letters: str | None = None

    @classmethod
    def for_tests(cls) -> "Policy":
        """Make a policy for a host's test suite: hashes are cheap and links are handed out. Never in production."""
        cheap = PasswordPolicy(memory_kib=64, passes=1, lanes=1)
        return cls(passwords=cheap, hand_out_links=True)
