"""
Whether it is she: names compared as people type them, the number of factors, the terms of use.
"""

import datetime as dt

import pytest

import kit
from mycvault import (
    Assurance,
    IdentityMismatch,
    InputError,
    Need,
    Policy,
    SecondFactor,
    TermsRequired,
    TooManyAttempts,
)

DAY = dt.timedelta(days=1)


def house_with(tmp_path, factor):
    policy = Policy(
        passwords=Policy.for_tests().passwords, hand_out_links=True, second_factor=factor
    )
    return kit.house_at(tmp_path, policy=policy)


# ------------------------------------------------------------------ who she is

ALIKE = [
    ("zelie", "EXEMPLAIRE DUPRE"),
    ("  Zélie ", "exemplaire-dupré"),
    ("Ze\u0301lie", "Exemplaire\u2010Dupré"),
    ("Zélie Marie", "Dupré"),
    ("Zélie", "Exemplaire"),
    ("Zélie", "Dupré Exemplaire"),
]
DIFFERENT = [
    ("Zoé", "Exemplaire-Dupré"),
    ("Zélie", "Autre"),
    ("-", "-"),
    ("Zélie", "de"),
    ("Zélie", "a b c d e Exemplaire f g h"),
    ("Exemplaire", "Zélie"),
]


@pytest.mark.parametrize(("given", "family"), ALIKE)
def test_a_name_may_be_typed_as_people_type_it(lite, given, family):
    """Accents, case, hyphens do not count; of a double name one is enough."""
    lite.enrolled(phone=None)
    assert lite.activated(given_name=given, family_name=family)


@pytest.mark.parametrize(("given", "family"), DIFFERENT)
def test_another_name_is_refused_and_counted(lite, given, family):
    """Another person's name, none, or a list to guess from does not match."""
    lite.enrolled(phone=None)
    token = lite.invited_token()
    with pytest.raises(IdentityMismatch) as refused:
        lite.activated(token=token, given_name=given, family_name=family)

    assert refused.value.field in {"given_name", "family_name"}
    assert lite.last_event() == ("activate", "identity-mismatch")
    assert lite.activated(token=token)


@pytest.mark.parametrize("typed", ["de", "la", "de la", "du", "Van", "d'"])
def test_a_particle_alone_is_no_name(lite, typed):
    """Of "de La Fontaine-Exemple" a particle is not enough; the name without it is."""
    lite.enrolled(phone=None, family_name="de La Fontaine-Exemple van d'Été")
    token = lite.invited_token()
    with pytest.raises(IdentityMismatch):
        lite.activated(token=token, family_name=typed)

    assert lite.activated(token=token, family_name="fontaine")


def test_guessing_at_names_is_slowed(lite):
    """A link that fell into other hands does not let its finder try names for ever."""
    lite.enrolled(phone=None)
    token = lite.invited_token()
    for _ in range(30):
        with pytest.raises(IdentityMismatch):
            lite.activated(token=token, given_name="Zoé")
    with pytest.raises(TooManyAttempts) as refused:
        lite.activated(token=token)

    assert refused.value.retry_after == dt.timedelta(seconds=30)
    lite.clock.advance(refused.value.retry_after)
    assert lite.activated(token=token)


@pytest.mark.parametrize("typed", ["", "Zélie\x00", "Zélie" + " \u0301" * 300])
def test_a_name_that_cannot_be_kept_is_refused_before_anything_counts(lite, typed):
    """She can mend it: no code is spent, no try counted."""
    lite.enrolled()
    token = lite.invited_token()
    lite.vault.joining.send_code(token)
    with pytest.raises((IdentityMismatch, InputError)):
        lite.activated(token=token, given_name=typed, code=lite.code())

    assert lite.rows("SELECT 1 FROM mycvault_tries") == []


# ------------------------------------------------------------------ how many factors


@pytest.mark.parametrize(
    ("factor", "phone", "needed", "assurance"),
    [
        (SecondFactor.NEVER, kit.PHONE, False, Assurance.PASSWORD),
        (SecondFactor.WHEN_AVAILABLE, kit.PHONE, True, Assurance.TWO_STEP),
        (SecondFactor.WHEN_AVAILABLE, None, False, Assurance.PASSWORD),
        (SecondFactor.ALWAYS, None, False, Assurance.PASSWORD),
    ],
)
def test_a_code_is_asked_as_the_policy_says(tmp_path, factor, phone, needed, assurance):
    """A code by SMS when there is a number and codes are not NEVER."""
    with house_with(tmp_path, factor) as house:
        house.enrolled(phone=phone)
        token = house.invited_token()
        needs = house.vault.joining.look_up(token).needs
        session = house.activated(token=token)

        assert (Need.CODE in needs) is needed
        assert session.assurance is assurance


def test_terms_must_be_accepted_in_their_current_version(house):
    """None, or an older version, is answered with the text to show; nothing is counted."""
    house.vault.publish_terms("1", "Old.", locale="en")
    house.clock.advance(DAY)
    house.vault.publish_terms("2", "New.", locale="en")
    house.enrolled(phone=None)
    token = house.invited_token()
    for version in (None, "1", ""):
        with pytest.raises(TermsRequired) as refused:
            house.activated(token=token, accept_terms=version)
        assert (refused.value.terms.version, refused.value.terms.text) == ("2", "New.")

    assert house.last_event() == ("activate", "terms-required")
    assert house.activated(token=token, accept_terms="2").pending == frozenset()
