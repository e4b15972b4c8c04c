"""
Terms of use by version: shown, accepted, and asked again when they change.
"""

import datetime as dt

import pytest

import kit
from mycvault import InvalidInput, Need, SessionEnded, TermsRequired

DAY = dt.timedelta(days=1)


def test_new_terms_shut_the_safe_until_they_are_accepted(house):
    """They are pending at the next sign-in, every verb of the safe carries the text, acceptance opens it for good."""
    house.joined()
    receipt = house.acme.deposit("A-0042", kit.pdf(), kind="payslip")
    published = house.vault.publish_terms("2026-10", kit.TERMS, locale="en")
    session = house.signed_in()
    assert (session.pending, session.terms) == ({Need.TERMS}, published)

    for call in (
        session.safe.documents,
        session.safe.count,
        session.safe.labels,
        session.safe.history,
        lambda: session.safe.read(receipt.document_id),
        lambda: session.safe.add(b"A note.", title="Note"),
        lambda: session.safe.archive(receipt.document_id),
    ):
        with pytest.raises(TermsRequired) as refused:
            call()
        assert refused.value.terms == published
    assert ("archive", "terms-required") in house.events()

    session.accept_terms("2026-10", locale="en")
    assert (session.pending, session.terms) == (frozenset(), None)
    assert session.safe.read(receipt.document_id) == kit.pdf()
    assert house.vault.resume(session.token.reveal()).pending == frozenset()
    assert house.signed_in().pending == frozenset()
    verbs = [event.verb for event in session.safe.history()]
    assert verbs.count("accept-terms") == 1


def test_only_the_current_version_can_be_accepted(house):
    """An older or an invented one is answered with the text to show."""
    house.vault.publish_terms("1", "Old.", locale="en")
    house.joined()
    house.clock.advance(DAY)
    house.vault.publish_terms("2", "New.", locale="en")
    session = house.signed_in()
    for version in ("1", "3", ""):
        with pytest.raises(TermsRequired) as refused:
            session.accept_terms(version)
        assert refused.value.terms.text == "New."
        assert refused.value.field == "accept_terms"

    assert house.last_event() == ("accept-terms", "terms-required")
    session.accept_terms("2")
    assert session.safe.count() == 0


def test_terms_published_while_she_is_inside_wait_for_the_next_sign_in(lite):
    """Nobody is thrown out of an open safe."""
    session = lite.joined()
    lite.vault.publish_terms("1", "New.", locale="en")

    assert session.safe.count() == 0
    assert lite.signed_in().pending == {Need.TERMS}


def test_newer_terms_take_the_place_of_pending_ones(lite):
    """Accepting what was current a moment ago is not enough."""
    lite.joined()
    lite.vault.publish_terms("1", "First.", locale="en")
    session = lite.signed_in()
    lite.clock.advance(kit.MINUTE)
    lite.vault.publish_terms("2", "Second.", locale="en")
    with pytest.raises(TermsRequired) as refused:
        session.accept_terms("1")

    assert refused.value.terms.text == "Second."
    session.accept_terms("2")
    assert session.safe.count() == 0


def test_the_same_text_again_changes_nothing(house):
    """Publishing is safe in a deployment script; another text under the same name is not taken."""
    first = house.vault.publish_terms("1", "Text.", locale="en")
    before = house.events()
    house.clock.advance(DAY)
    assert house.vault.publish_terms("1", "Text.", locale="en") == first
    assert house.events() == before

    with pytest.raises(InvalidInput) as refused:
        house.vault.publish_terms("1", "Another text.", locale="en")
    assert (refused.value.field, refused.value.reason) == ("version", "taken")
    assert house.last_event() == ("publish-terms", "invalid-input")
    assert house.vault.terms(version="1", locale="en") == first


def test_terms_are_shown_in_her_language(house):
    """Hers, else French, else whatever there is; a version of one's own can be asked for."""
    assert house.vault.terms() is None
    house.vault.publish_terms("1", "English.", locale="en")
    assert house.vault.terms(locale="de").text == "English."
    house.vault.publish_terms("1", "Français.", locale="fr")
    house.clock.advance(DAY)
    house.vault.publish_terms("2", "Deux.", locale="fr")

    assert house.vault.terms(version="1", locale="en").text == "English."
    assert house.vault.terms(version="1", locale="de").text == "Français."
    assert house.vault.terms(locale="en").text == "Deux."
    assert house.vault.terms(version="3") is None
    house.enrolled()
    welcome = house.vault.joining.look_up(house.invited_token())
    assert welcome.terms.text == "Deux."


def test_translating_old_terms_does_not_make_them_current_again(lite):
    """A text added to an earlier version takes nothing back."""
    lite.vault.publish_terms("1", "Un.", locale="fr")
    lite.clock.advance(DAY)
    lite.vault.publish_terms("2", "Deux.", locale="fr")
    lite.clock.advance(DAY)
    lite.vault.publish_terms("1", "One.", locale="en")

    assert lite.vault.terms(locale="fr").version == "2"


def test_accepting_ends_with_the_session(lite):
    """A session that is over accepts nothing."""
    lite.joined()
    lite.vault.publish_terms("1", "New.", locale="en")
    session = lite.signed_in()
    session.end()
    with pytest.raises(SessionEnded):
        session.accept_terms("1")

    assert lite.signed_in().pending == {Need.TERMS}


@pytest.mark.parametrize(
    ("version", "text", "locale", "field"),
    [
        ("", "Text.", "fr", "version"),
        ("x" * 65, "Text.", "fr", "version"),
        ("1", "", "fr", "text"),
        ("1", " \n", "fr", "text"),
        ("1", "x" * 1_000_001, "fr", "text"),
        ("1", "Text.", "français", "locale"),
    ],
)
def test_terms_have_a_version_a_text_and_a_language(lite, version, text, locale, field):
    """What is missing or too long is named."""
    with pytest.raises(InvalidInput) as refused:
        lite.vault.publish_terms(version, text, locale=locale)

    assert refused.value.field == field
    assert lite.last_event() == ("publish-terms", "invalid-input")
