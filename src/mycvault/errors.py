"""
Every error of the library: branches say what to do, leaves state the fact. Neither ever holds a secret or a person.

A host catches a branch (`DeniedError`: show it; `UnavailableError`: try again) and shows `message(locale)`; `str(error)` is for
developers. Codes are made from class names and are stable.
"""

import datetime as dt
import re
from enum import StrEnum
from typing import ClassVar

import attrs

from mycvault import locales


class Reason(StrEnum):
    """Why a password was refused; a password may be refused for several reasons at once."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"
    GUESSABLE = "guessable"
    PERSONAL = "personal"
    UNCHANGED = "unchanged"


@attrs.frozen(kw_only=True)
class Terms:
    """One version of the terms of use, in one language, as it was published."""

    version: str
    text: str = attrs.field(repr=False)
    locale: str
    sha256: str
    published_at: dt.datetime


class MycvaultError(Exception):
    """The root of all: catch it to catch everything the library raises on purpose."""

    code: ClassVar[str] = "mycvault"
    http_status: ClassVar[int] = 500
    field: str | None
    reason: str = ""

    def __init__(self, detail: str = "", *, field: str | None = None, reason: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or self.code).strip().partition("\n")[0])
        self.field = field
        self.reason = reason or self.reason

    def __init_subclass__(cls) -> None:
        """Name the code after the class: LinkExpired is "link-expired"."""
        super().__init_subclass__()
        words = re.findall(r"[A-Z][a-z0-9]*", cls.__name__.removesuffix("Error"))
        cls.code = "-".join(words).lower()

    def message(self, locale: str = "fr") -> str:
        """Put the fact into words that may be shown to a person; an unknown *locale* gets French."""
        return locales.text(locale, "errors", self.code, **self._facts(locale))

    def _facts(self, locale: str) -> dict[str, str]:
        key = f"{self.code}.{self.reason}"
        return {"why": locales.text(locale, "errors", key)} if self.reason else {}


# ------------------------------------------------------------------ show it


class DeniedError(MycvaultError):
    """The caller may not do this, or not now."""

    http_status = 403


class LinkInvalid(DeniedError):
    """The link is unknown, revoked, forged or made for another purpose: which one is not told."""


class LinkDamaged(DeniedError):
    """The link's checksum does not match: it was cut or rewrapped on its way."""


class LinkExpired(DeniedError):
    """The link was good and its time is over."""

    http_status = 410

    def __init__(self, employer_name: str = "", *, field: str | None = None) -> None:
        super().__init__(field=field)
        self.employer_name = employer_name

    def _facts(self, _locale: str) -> dict[str, str]:
        return {"employer": self.employer_name}


class AlreadyActivated(DeniedError):
    """The safe is open already: sign in."""

    http_status = 410


class SignInRefused(DeniedError):
    """One answer for every cause: unknown identifier, wrong password, pending, locked."""

    http_status = 401


class CodeRefused(DeniedError):
    """The code is missing or not the right one: *reason* is "wrong", or "clock" (that of a phone whose clock is off)."""

    http_status = 401
    reason = "wrong"

    def __init__(self, tries_left: int = 0, *, field: str = "code", reason: str = "") -> None:
        super().__init__(field=field, reason=reason)
        self.tries_left = tries_left

    def _facts(self, locale: str) -> dict[str, str]:
        return {**super()._facts(locale), "tries": str(self.tries_left)}


class CodeExpired(DeniedError):
    """The code request is over, used or unknown: ask for a new code."""

    http_status = 410


class TooManyAttempts(DeniedError):
    """Too many attempts: wait."""

    http_status = 429

    def __init__(self, retry_after: dt.timedelta, *, field: str | None = None) -> None:
        super().__init__(field=field)
        self.retry_after = retry_after

    def _facts(self, locale: str) -> dict[str, str]:
        return {"wait": locales.duration(locale, self.retry_after)}


class SessionEnded(DeniedError):
    """The session is over or was never one: sign in again."""

    http_status = 401


class AccountDisabled(DeniedError):
    """The account is disabled: it signs in and may only export."""


class FreshConfirmationRequired(DeniedError):
    """This verb needs a confirmation of the last minutes: `Session.reconfirm`."""


class TermsRequired(DeniedError):
    """The current terms of use must be accepted first."""

    def __init__(self, terms: Terms, *, field: str | None = "accept_terms") -> None:
        super().__init__(field=field)
        self.terms = terms

    def _facts(self, _locale: str) -> dict[str, str]:
        return {"version": self.terms.version}


class IdentityMismatch(DeniedError):
    """What was typed is not the identity on record: the employer can correct it."""


# ------------------------------------------------------------------ reload and decide


class ConflictError(MycvaultError):
    """The state of things does not allow this."""

    http_status = 409


class VaultExists(ConflictError):
    """A vault lives there already."""


class EmployerExists(ConflictError):
    """An employer with this reference exists."""


class EmployeeExists(ConflictError):
    """This employer has an employee with this matricule."""


class DepositConflict(ConflictError):
    """Other bytes were deposited under this reference."""


class PaperRequired(ConflictError):
    """Hand this payslip over on paper: *reason* is "objection", or "no-notice" (not a month ago, or never)."""

    reason = "objection"


class WithdrawalRefused(ConflictError):
    """The document belongs to the employee by now."""


class LegalHold(ConflictError):
    """A legal hold keeps the document."""


class NotYetSealed(ConflictError):
    """The event is not under a checkpoint yet."""


# ------------------------------------------------------------------ no such thing for this caller


class MissingError(MycvaultError, LookupError):
    """There is no such thing for this caller."""

    http_status = 404


class EmployerMissing(MissingError):
    """There is no employer with this reference."""


class EmployeeMissing(MissingError):
    """This employer has no employee with this matricule."""


class DocumentMissing(MissingError):
    """There is no such document in this safe."""


class EventMissing(MissingError):
    """There is no such event in this history."""


class SessionMissing(MissingError):
    """There is no such session of this account."""


class BlobMissing(MissingError):
    """The storage holds nothing under this key; raised by a `Blobs`."""


# ------------------------------------------------------------------ ask again


class InputError(MycvaultError, ValueError):
    """What was given cannot be used; *reason* is a word of the texts in `locales/`."""

    http_status = 422


class InvalidInput(InputError):
    """A value is not of the form that was expected."""

    reason = "malformed"


class UnacceptableContent(InputError):
    """The content is empty, too large, not of an accepted type, encrypted or damaged."""

    reason = "type"


class AddressMissing(InputError):
    """There is no address on record for this channel."""


class PasswordTooWeak(InputError):
    """The password does not meet the policy; *reasons* says how."""

    def __init__(self, reasons: tuple[Reason, ...], *, field: str | None = "password") -> None:
        super().__init__("password refused: " + ", ".join(reasons), field=field)
        self.reasons = reasons

    def _facts(self, locale: str) -> dict[str, str]:
        keys = [f"{self.code}.{reason}" for reason in self.reasons]
        return {"reasons": " ".join(locales.text(locale, "errors", key) for key in keys)}


# ------------------------------------------------------------------ wake somebody


class TamperedError(MycvaultError):
    """Stored bytes are not what was stored."""


class DocumentDamaged(TamperedError):
    """A document's bytes, or the row that says where they are, were changed or cut."""


class RecordDamaged(TamperedError):
    """A row was changed, swapped or inserted by somebody without the keys."""


class JournalBroken(TamperedError):
    """The journal does not add up."""


# ------------------------------------------------------------------ retry


class UnavailableError(MycvaultError):
    """Something the vault stands on does not answer."""

    http_status = 503


class RecordsUnavailable(UnavailableError):
    """The database does not answer."""


class BlobsUnavailable(UnavailableError):
    """The storage does not answer, or is full."""


class KeysUnavailable(UnavailableError):
    """The key provider does not answer."""


class CourierUnavailable(UnavailableError):
    """The courier cannot send now; raised by a `Courier`."""


class LetterRefused(MycvaultError):
    """The letter will never be delivered; raised by a `Courier`."""


# ------------------------------------------------------------------ fix the deployment


class SetupError(MycvaultError):
    """The deployment is not as it must be."""


class VaultMissing(SetupError):
    """There is no vault there."""


class WrongKeys(SetupError):
    """These keys do not open this vault."""


class SchemaMismatch(SetupError):
    """The records were made by another version: `Vault.upgrade`."""
