"""Errors: each has a stable code, its branch's status, and a text for people in every language."""

import datetime as dt
import pathlib
import re

import pytest

from mycvault import errors, locales
from mycvault.errors import (
    CodeRefused,
    InvalidInput,
    LinkExpired,
    MycvaultError,
    PasswordTooWeak,
    Reason,
    Terms,
    TermsRequired,
    TooManyAttempts,
    UnacceptableContent,
)

TERMS = Terms(
    version="2026-05",
    text="Le texte",
    locale="fr",
    sha256="0" * 64,
    published_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
)
STATUSES = {
    errors.DeniedError: {401, 403, 410, 429},
    errors.ConflictError: {409},
    errors.MissingError: {404},
    errors.InputError: {422},
    errors.TamperedError: {500},
    errors.UnavailableError: {503},
    errors.SetupError: {500},
}
INPUT_REASONS = (
    "malformed", "nir", "query", "missing", "too-long", "empty", "past", "future", "order", "naive",
    "too-short", "soon", "taken", "needed", "costly", "known", "unknown", "last", "not-joined",
)  # fmt: skip
CONTENT_REASONS = ("empty", "too-large", "type", "encrypted", "damaged")
CODE_REASONS = ("wrong", "clock")


def test_every_reason_that_is_given_has_a_text():
    """A word given as a reason anywhere in the library is one of the texts."""
    source = pathlib.Path(errors.__file__).parent
    given = {
        reason
        for path in source.rglob("*.py")
        for reason in re.findall(r'reason="([a-z-]+)"', path.read_text(encoding="utf-8"))
    }

    assert given <= {*INPUT_REASONS, *CONTENT_REASONS, *CODE_REASONS}
    assert len(given) > 5


def every_class():
    """Every class of errors.py, branches included."""
    return [
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, MycvaultError)
    ]


def an_instance(kind):
    """One instance as the library would raise it."""
    made = {
        LinkExpired: lambda: LinkExpired("Boulangerie Zoé"),
        CodeRefused: lambda: CodeRefused(3),
        TooManyAttempts: lambda: TooManyAttempts(dt.timedelta(seconds=61)),
        TermsRequired: lambda: TermsRequired(TERMS),
        errors.PaperRequired: errors.PaperRequired,
        PasswordTooWeak: lambda: PasswordTooWeak((Reason.TOO_SHORT, Reason.COMMON)),
    }
    return made.get(kind, kind)()


@pytest.mark.parametrize("locale", locales.AVAILABLE)
@pytest.mark.parametrize("kind", every_class())
def test_every_error_has_a_text(kind, locale):
    """Every error, branches included, says something whole in every language."""
    said = an_instance(kind).message(locale)

    assert said.endswith(".")
    assert said[0].isupper()
    assert not re.search(r"[{}]| {2}| \.", said)


@pytest.mark.parametrize("kind", every_class())
def test_code_is_the_class_name(kind):
    """A code is its class name without "Error", in lower case with hyphens."""
    joined = kind.__name__.removesuffix("Error").lower()

    assert kind.code.replace("-", "") == joined
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)


def test_codes_are_unique():
    """No two errors share a code."""
    codes = [kind.code for kind in every_class()]

    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("kind", every_class())
def test_status_belongs_to_the_branch(kind):
    """An error answers with a status its branch promises."""
    promised = [statuses for branch, statuses in STATUSES.items() if issubclass(kind, branch)]

    assert kind.http_status in (promised[0] if promised else {500})
    assert len(promised) <= 1


@pytest.mark.parametrize("kind", every_class())
def test_developers_read_something(kind):
    """str() of an error is never empty."""
    assert str(an_instance(kind)).strip()


@pytest.mark.parametrize("locale", locales.AVAILABLE)
@pytest.mark.parametrize("reason", INPUT_REASONS)
def test_every_reason_of_invalid_input_has_a_text(reason, locale):
    """Each reason of an invalid input says what to do."""
    told = InvalidInput("for developers", field="email", reason=reason).message(locale)

    assert told == locales.text(locale, "errors", f"invalid-input.{reason}")


@pytest.mark.parametrize("locale", locales.AVAILABLE)
@pytest.mark.parametrize("reason", CODE_REASONS)
def test_every_reason_of_a_refused_code_has_a_text(reason, locale):
    """Each reason is told, with how many tries remain."""
    told = CodeRefused(3, reason=reason).message(locale)

    assert told.startswith(locales.text(locale, "errors", f"code-refused.{reason}"))
    assert "3" in told


@pytest.mark.parametrize("locale", locales.AVAILABLE)
@pytest.mark.parametrize("reason", CONTENT_REASONS)
def test_every_reason_of_unacceptable_content_has_a_text(reason, locale):
    """Each reason of a refused file is told."""
    why = locales.text(locale, "errors", f"unacceptable-content.{reason}")

    assert UnacceptableContent(reason=reason).message(locale).endswith(why)


@pytest.mark.parametrize("locale", locales.AVAILABLE)
def test_every_reason_of_a_weak_password_is_told_at_once(locale):
    """A password refused for several reasons is told all of them."""
    told = PasswordTooWeak(tuple(Reason)).message(locale)

    for reason in Reason:
        assert locales.text(locale, "errors", f"password-too-weak.{reason.value}") in told


@pytest.mark.parametrize("locale", locales.AVAILABLE)
def test_expired_link_names_the_employer_if_it_is_known(locale):
    """An expired link names the employer, and reads well without one."""
    assert "Boulangerie Zoé" in LinkExpired("Boulangerie Zoé").message(locale)
    assert re.fullmatch(r"[^;{}]+\. [^;{}]+\.", LinkExpired().message(locale))


@pytest.mark.parametrize(
    ("wait", "french", "english"),
    [
        (dt.timedelta(0), "1 seconde", "1 second"),
        (dt.timedelta(milliseconds=1), "1 seconde", "1 second"),
        (dt.timedelta(seconds=59), "59 secondes", "59 seconds"),
        (dt.timedelta(seconds=60), "1 minute", "1 minute"),
        (dt.timedelta(seconds=61), "2 minutes", "2 minutes"),
        (dt.timedelta(hours=1), "1 heure", "1 hour"),
        (dt.timedelta(minutes=61), "2 heures", "2 hours"),
    ],
)
def test_waiting_is_told_in_words(wait, french, english):
    """How long to wait is told in whole units, never too short."""
    assert f"dans {french}." in TooManyAttempts(wait).message("fr")
    assert f"in {english}." in TooManyAttempts(wait).message("en")


def test_unknown_language_gets_french():
    """A language we do not have gets the law's."""
    assert CodeRefused(2).message("de") == CodeRefused(2).message("fr")


def test_facts_are_not_read_as_placeholders():
    """An employer's name with braces is shown as it is."""
    assert "{tries}" in LinkExpired("{tries}").message("fr")
