"""Texts for people: the same ones in every language, and one for every kind and verb."""

import re
import tomllib
from importlib import resources

import pytest

from mycvault import locales
from mycvault.values.choices import Alert, Kind
from mycvault.values.verbs import Verb

every_language = pytest.mark.parametrize("locale", locales.AVAILABLE)


def held(locale, domain):
    folder = resources.files("mycvault.locales").joinpath(locale)
    return tomllib.loads(folder.joinpath(f"{domain}.toml").read_text(encoding="utf-8"))


def keys(table, path=""):
    found = set()
    for key, value in table.items():
        found |= keys(value, f"{path}{key}.") if isinstance(value, dict) else {path + key}
    return found


@pytest.mark.parametrize("domain", ["errors", "events", "kinds", "export", "alerts"])
def test_every_language_says_the_same_things(domain):
    """A text that exists in one language exists in the other."""
    french, english = (keys(held(locale, domain)) for locale in ("fr", "en"))

    assert french == english


@every_language
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_names(kind, locale):
    """A kind of document has a name for one and for many."""
    one = locales.text(locale, "kinds", kind.value)

    assert one[0].isupper()
    assert locales.text(locale, "kinds", f"{kind.value}.many") != one


@every_language
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_its_texts(verb, locale):
    """A verb reads differently when it was done and when it was refused."""
    done = locales.text(locale, "events", verb.value)
    refused = locales.text(locale, "events", f"{verb.value}.refused")

    assert done != refused
    assert done[0].isupper()
    assert "refus" in refused


@every_language
def test_no_text_is_left_for_what_is_no_more(locale):
    """Kinds and events hold no text that no kind or verb asks for."""
    for domain, values in (("kinds", Kind), ("events", Verb), ("alerts", Alert)):
        assert set(held(locale, domain)) == {value.value for value in values}


def test_french_keeps_its_signs_with_their_words():
    """In what an export says no line breaks before a colon, a semicolon or a closing quotation mark."""
    folder = resources.files("mycvault.locales").joinpath("fr")
    text = folder.joinpath("export.toml").read_text(encoding="utf-8")

    assert "\u00a0:" in text
    assert re.findall(r"[^\u00a0/\w][:;!?»](?=\s|$)|« ", text) == []
