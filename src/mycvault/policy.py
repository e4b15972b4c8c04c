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
_LONGEST_TERM = 200  # years
_LONGEST_NAME = 64  # characters


def _positive(_: object, field: "attrs.Attribute[Any]", given: Any) -> None:
    if field.default is not attrs.NOTHING and not isinstance(given, type(field.default)):
        raise InvalidInput(f"{field.name} is a {type(field.default).__name__}", field=field.name)
    if given <= type(given)():
        raise InvalidInput(f"{field.name} is more than nothing", field=field.name)


def _at_most(most: int) -> Any:
    """Refuse more than a stored hash may cost: it would be made, and never verified."""

    def check(_: object, field: "attrs.Attribute[Any]", given: int) -> None:
        if given > most:
            raise InvalidInput(f"{field.name} is at most {most}", field=field.name, reason="costly")

    return check


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


def _whole(_: object, field: "attrs.Attribute[Any]", given: Any) -> None:
    if not isinstance(given, int) or not 0 <= given <= _LONGEST_TERM:
        raise InvalidInput(f"{field.name} is 0 to {_LONGEST_TERM} years", field=field.name)


def _name(_: object, field: "attrs.Attribute[Any]", given: Any) -> None:
    if not isinstance(given, str) or not given.strip() or len(given) > _LONGEST_NAME:
        raise InvalidInput(f"{field.name} is 1 to {_LONGEST_NAME} characters", field=field.name)
    if not given.isprintable() or ":" in given:
        raise InvalidInput(f"{field.name} has no colon and no control characters", field=field.name)


@attrs.frozen(kw_only=True)
class Retention:
    """
    How long an employer keeps payslips available: *years* from their issue, or until the day she reaches *until_age*.

    The later of the two when both are given; without a birth date on record the age does not count. What a law's profile asks
    at least (in France fifty years, or 75 years of age; D3243-8) is checked where it is applied: `Retention(years=0,
    until_age=75)` is the second choice alone, and then fifty years for whoever has no birth date on record. 0 to 200 each.
    """

    years: int = attrs.field(default=50, validator=_whole)
    until_age: int | None = attrs.field(default=None, validator=attrs.validators.optional(_whole))

    def meets(self, legal: LegalProfile) -> bool:
        """Tell whether this promises one of the two terms that *legal* asks for, at least."""
        is_long_enough = self.years >= legal.availability_years
        return is_long_enough or (self.until_age or 0) >= legal.availability_age


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
    At most 1 GiB, 10 passes, 64 lanes: no stored hash that costs more is verified. *concurrent*: hashes at the same time, so that
    a burst of sign-ins cannot exhaust memory: 4 of 64 MiB. *patience*: how long one waits for its turn, 10 s, before it is told
    to come back (`TooManyAttempts`), whoever it is.
    """

    minimum: int = attrs.field(default=12, validator=_positive)
    minimum_alone: int = attrs.field(default=15, validator=_positive)
    maximum: int = attrs.field(default=256, validator=_positive)
    minimum_guesses_log10: float = 10.0
    memory_kib: int = attrs.field(default=64 * 1024, validator=[_positive, _at_most(1024 * 1024)])
    passes: int = attrs.field(default=3, validator=[_positive, _at_most(10)])
    lanes: int = attrs.field(default=4, validator=[_positive, _at_most(64)])
    concurrent: int = attrs.field(default=4, validator=_positive)
    patience: dt.timedelta = attrs.field(default=dt.timedelta(seconds=10), validator=_positive)


@attrs.frozen(kw_only=True)
class CodePolicy:
    """
    Codes we send: six digits.

    *lifetime* 10 minutes (ASVS 5.0, 6.5.5); *tries* 5 per account and purpose, whatever is sent again (NIST 3.1.3.2), free
    again after *tries_window*; *resend_after* 60 s; *per_day* 10 unanswered codes per account and 24 hours. *app_lifetime*: an
    authenticator app that is not confirmed within an hour is to be enrolled again.
    """

    lifetime: dt.timedelta = attrs.field(default=dt.timedelta(minutes=10), validator=_positive)
    tries: int = attrs.field(default=5, validator=_positive)
    tries_window: dt.timedelta = attrs.field(default=dt.timedelta(hours=1), validator=_positive)
    resend_after: dt.timedelta = attrs.field(default=dt.timedelta(seconds=60), validator=_positive)
    per_day: int = attrs.field(default=10, validator=_positive)
    app_lifetime: dt.timedelta = attrs.field(default=dt.timedelta(hours=1), validator=_positive)


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
    Attempts to sign in, by who is tried and from where.

    *pair*, an identifier from one address: 5, then one a minute; *identifier*, from everywhere: 30, then one in 30 s; *address*:
    100, then one in 10 s; *vault*, from all addresses where nobody succeeded yet: 1,000, then three a second. *device*, instead
    of these, for a device she succeeded from (`Caller.device`): 5, then one a minute. A device is remembered for
    *device_lifetime*, 90 days from its last success, an address for *address_lifetime*, 30 days.
    Soft buckets (GCRA): nobody is locked out, everybody is told when to come back (docs/explanation/throttling.md).
    """

    pair: Tier = Tier(burst=5, every=dt.timedelta(minutes=1))
    identifier: Tier = Tier(burst=30, every=dt.timedelta(seconds=30))
    address: Tier = Tier(burst=100, every=dt.timedelta(seconds=10))
    vault: Tier = Tier(burst=1000, every=dt.timedelta(seconds=1) / 3)
    device: Tier = Tier(burst=5, every=dt.timedelta(minutes=1))
    device_lifetime: dt.timedelta = attrs.field(default=dt.timedelta(days=90), validator=_positive)
    address_lifetime: dt.timedelta = attrs.field(default=dt.timedelta(days=30), validator=_positive)


@attrs.frozen(kw_only=True)
class Policy:
    """
    All limits of one vault.

    *second_factor*: ALWAYS asks for a code at every sign-in (app, else SMS, else e-mail). *invitation_lifetime*: 15 days,
    as the field does; NIST's 24 hours for mailed codes do not fit a letter read on holiday. *hand_out_links*: give HR the
    token of an e-mailed link. *refuse_without_notice*: refuse, instead of noting, a payslip before its lawful date.
    *support_delay*: what support changes takes effect after 72 h. *letters*: a folder of Jinja2 templates that replace ours.
    *retention*: of an employer that chose none. *refusal_lifetime*: 92 days, so that a link that came with the notice outlives
    the three months an objection may take. *recovery_lifetime*: of a link for a forgotten password, 1 hour, as Kratos has it
    (NIST SP 800-63B-4, 4.2.1.2: 24 hours at most by e-mail). *backups*: for how long backups are kept, 30 days; what is
    destroyed is gone from them after that (`Destruction.effective_on`). *blob_grace*: bytes that no row refers to are deleted
    once a sweep has seen them so for 30 days, not shorter than *backups*, so that an older database still finds its bytes.
    *issuer*: the name under which an authenticator app lists her safe, 1 to 64 characters.
    """

    urls: PortalUrls = PortalUrls()
    second_factor: SecondFactor = attrs.field(default=SecondFactor.ALWAYS, converter=SecondFactor)
    invitation_lifetime: dt.timedelta = attrs.field(
        default=dt.timedelta(days=15), validator=_positive
    )
    refusal_lifetime: dt.timedelta = attrs.field(default=dt.timedelta(days=92), validator=_positive)
    recovery_lifetime: dt.timedelta = attrs.field(
        default=dt.timedelta(hours=1), validator=_positive
    )
    hand_out_links: bool = False
    refuse_without_notice: bool = False
    support_delay: dt.timedelta = attrs.field(default=dt.timedelta(hours=72), validator=_positive)
    backups: dt.timedelta = attrs.field(default=dt.timedelta(days=30), validator=_positive)
    blob_grace: dt.timedelta = attrs.field(default=dt.timedelta(days=30), validator=_positive)
    retention: Retention = Retention()
    documents: DocumentPolicy = DocumentPolicy()
    passwords: PasswordPolicy = PasswordPolicy()
    codes: CodePolicy = CodePolicy()
    sessions: SessionPolicy = SessionPolicy()
    throttle: ThrottlePolicy = ThrottlePolicy()
    legal: LegalProfile = FR
    letters: str | None = None
    issuer: str = attrs.field(default="mycvault", validator=_name)

    def __attrs_post_init__(self) -> None:
        """Refuse a term that is shorter than the law's."""
        if not self.retention.meets(self.legal):
            raise InvalidInput("the law asks for more", field="retention", reason="too-short")

    @classmethod
    def for_tests(cls) -> "Policy":
        """Make a policy for a host's test suite: hashes are cheap and links are handed out. Never in production."""
        cheap = PasswordPolicy(memory_kib=64, passes=1, lanes=1)
        return cls(passwords=cheap, hand_out_links=True)
