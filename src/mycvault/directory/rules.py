"""
What an employer may say of an employee, and where she stands. Pure.

A social security number is refused as matricule and as an employer's reference (CNIL 2013-270). Identity is compared
tolerantly: accents, case, hyphens, apostrophes and spaces do not count, and of several given or family names one is enough.
"""

import datetime as dt
import re
import unicodedata

from mycvault.directory.model import Employee, EmployeeRecord, Person
from mycvault.errors import IdentityMismatch, InvalidInput
from mycvault.policy import PortalUrls
from mycvault.values.addresses import parse_email, parse_phone
from mycvault.values.choices import EmployeeStatus
from mycvault.values.nir import refuse_nir
from mycvault.values.words import parse_word

_NAME = 200  # characters
_MATRICULE = 64
_OLDEST = dt.date(1880, 1, 1)
_LONGEST_LOCALE = 35  # characters (RFC 5646, 4.4.1)
_MOST_PARTS = 6
_PARTICLES = frozenset(
    [
        "d",
        "l",
        "de",
        "la",
        "le",
        "les",
        "du",
        "des",
        "von",
        "van",
        "der",
        "den",
        "di",
        "da",
        "dos",
        "el",
        "al",
        "ben",
    ]
)
# Letters that keyboards elsewhere lack and that Unicode does not take apart; people type these instead.
_AS_TYPED = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ı": "i",
    }
)
_LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)


def parse_matricule(text: str) -> str:
    """Take a matricule: 1 to 64 characters, no social security number; InvalidInput else."""
    return refuse_nir(parse_word(text, field="matricule", longest=_MATRICULE), field="matricule")


def parse_reference(text: str, *, field: str = "reference") -> str:
    """Take an employer's reference: 1 to 64 characters, no social security number; InvalidInput else."""
    return refuse_nir(parse_word(text, field=field, longest=_MATRICULE), field=field)


def parse_name(text: str, *, field: str) -> str:
    """Take a name: 1 to 200 characters; InvalidInput else."""
    return parse_word(text, field=field, longest=_NAME)


def check_urls(urls: PortalUrls) -> PortalUrls:
    """Take where an employer's links lead; InvalidInput for anything but a `PortalUrls`, which has checked itself."""
    if not isinstance(urls, PortalUrls):
        raise InvalidInput("a PortalUrls", field="urls")
    return urls


def parse_clerk(acting: str | None) -> str | None:
    """Take whom the host says acts for the employer: 1 to 200 characters; InvalidInput else."""
    return None if acting is None else parse_word(acting, field="acting", longest=_NAME)


def parse_siren(text: str) -> str:
    """Take a SIREN number, nine digits with a valid key; InvalidInput else."""
    from stdnum.exceptions import ValidationError
    from stdnum.fr import siren

    try:
        return str(siren.validate(parse_word(text, field="siren", longest=_MATRICULE)))
    except ValidationError:
        raise InvalidInput("a SIREN number has nine digits and a key", field="siren") from None


def parse_person(given: Person, *, country: str, today: dt.date) -> Person:
    """
    Take what an employer says of somebody, in canonical form.

    Raises:
        InvalidInput: A name, address, number, date or locale is not one; *field* says which.
    """
    if (
        given.birth_date is not None
        and not _OLDEST <= parse_day(given.birth_date, field="birth_date") < today
    ):
        raise InvalidInput("a birth date lies in the past", field="birth_date", reason="future")
    if given.hired_on is not None and parse_day(given.hired_on, field="hired_on") < _OLDEST:
        raise InvalidInput("not a date of hiring", field="hired_on", reason="past")
    return Person(
        given_name=parse_name(given.given_name, field="given_name"),
        family_name=parse_name(given.family_name, field="family_name"),
        email=None if given.email is None else parse_email(given.email),
        phone=None if given.phone is None else parse_phone(given.phone, country=country),
        birth_date=given.birth_date,
        hired_on=given.hired_on,
        locale=parse_locale(given.locale),
    )


def status(record: EmployeeRecord, *, now: dt.datetime, today: dt.date) -> EmployeeStatus:
    """Tell where she stands; having left comes first, then having joined."""
    if record.left_on is not None and record.left_on <= today:
        return EmployeeStatus.LEFT
    if record.joined_at is not None:
        return EmployeeStatus.ACTIVE
    if record.invited_until is None:
        return EmployeeStatus.ENROLLED
    return EmployeeStatus.INVITED if now < record.invited_until else EmployeeStatus.EXPIRED


def shown(record: EmployeeRecord, *, now: dt.datetime, today: dt.date) -> Employee:
    """Show a record as the employer sees it."""
    person = record.person
    return Employee(
        id=record.id,
        matricule=record.matricule,
        given_name=person.given_name,
        family_name=person.family_name,
        email=person.email,
        phone=person.phone,
        birth_date=person.birth_date,
        hired_on=person.hired_on,
        left_on=record.left_on,
        status=status(record, now=now, today=today),
        locale=person.locale,
    )


def confirm_identity(record: EmployeeRecord, *, given_name: str, family_name: str) -> None:
    """
    Compare what she typed with the employer's record, tolerantly.

    Raises:
        IdentityMismatch: It is somebody else's name, or the employer misspelt hers.
    """
    confirm_family_name(record, family_name)
    if not _alike(record.person.given_name, given_name):
        raise IdentityMismatch(field="given_name")


def confirm_family_name(record: EmployeeRecord, typed: str) -> None:
    """Compare her family name with the record's, tolerantly; IdentityMismatch when it is another."""
    if not _alike(record.person.family_name, typed):
        raise IdentityMismatch(field="family_name")


def confirm_birth_date(record: EmployeeRecord, typed: dt.date | None) -> None:
    """Compare her birth date with the record's; IdentityMismatch when it is missing or another."""
    if typed != record.person.birth_date:
        raise IdentityMismatch(field="birth_date")


def parse_status(status: EmployeeStatus | str) -> EmployeeStatus:
    """Take a status or its text; InvalidInput for another."""
    try:
        return EmployeeStatus(status)
    except ValueError:
        raise InvalidInput("no such status", field="status") from None


def parse_locale(locale: str) -> str:
    """Take a language: "fr", "en-GB"; InvalidInput else."""
    if (
        not isinstance(locale, str)
        or len(locale) > _LONGEST_LOCALE
        or not _LOCALE.fullmatch(locale)
    ):
        raise InvalidInput('a locale reads "fr" or "en-GB"', field="locale")
    return locale


def parse_day(given: dt.date, *, field: str) -> dt.date:
    """Take a civil date; InvalidInput for a moment or anything else."""
    if isinstance(given, dt.datetime) or not isinstance(given, dt.date):
        raise InvalidInput("a date, without a time", field=field)
    return given


def _alike(known: str, typed: str) -> bool:
    ours, hers = _parts(known), _parts(typed[:_NAME])
    if "".join(ours) == "".join(hers):
        return True
    # Of a double name one is enough, and one more does no harm; a list of names to guess from does.
    ours_bare, hers_bare = set(ours) - _PARTICLES, set(hers) - _PARTICLES
    if not ours_bare or not hers_bare or len(hers) > _MOST_PARTS:
        return False
    return hers_bare <= ours_bare or ours_bare <= hers_bare


def _parts(name: str) -> list[str]:
    """Split a name into its parts, in plain capital letters: "Lefèvre-d'Été" gives LEFEVRE, D, ETE."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_AS_TYPED))
    bare = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return re.findall(r"\w+", bare)
