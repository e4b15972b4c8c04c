"""
Importing the library is quick and loads nothing heavy; every public name is there and says what it is.
"""

import inspect
import re
import subprocess
import sys

import pytest

import mycvault

HEAVY = (
    *("sqlalchemy", "fsspec", "jinja2", "phonenumbers", "cryptography", "argon2", "zxcvbn"),
    *("email_validator", "stdnum", "passlib", "pyotp", "smtplib", "typer", "psycopg"),
)


def loaded_after(code):
    """Run *code* in a fresh process; give the packages it has loaded then."""
    shown = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_loads_nothing_heavy():
    """No database, storage, template, telephone or cryptographic package until it is needed."""
    assert loaded_after("import mycvault").isdisjoint(HEAVY)


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        ("Kind, Period, Channel, Caller, Page, Secret", set()),
        ("LinkExpired, Reason, Terms, TooManyAttempts", set()),
        ("Policy, PortalUrls, SecondFactor", set()),
    ],
)
def test_small_names_stay_small(names, allowed):
    """A form that shows kinds, errors or limits does not pay for a database."""
    assert loaded_after(f"from mycvault import {names}") & set(HEAVY) <= allowed


def test_every_public_name_is_there_and_documented():
    """What `dir` lists can be had, and its first line says what it is."""
    missing = []
    for name in dir(mycvault):
        value = getattr(mycvault, name)
        if inspect.isclass(value) and not (value.__doc__ or "").strip():
            missing.append(name)

    assert missing == []
    assert {"Vault", "Employer", "Safe", "LocalKeys", "LinkExpired"} <= set(dir(mycvault))


def test_every_public_verb_is_documented():
    """Each method of a door has a docstring."""
    doors = ("Vault", "Employer", "Joining", "Session", "Safe", "Outbox", "LocalKeys")
    bare = [
        f"{door}.{name}"
        for door in doors
        for name, member in inspect.getmembers(getattr(mycvault, door))
        if not name.startswith("_") and not inspect.getdoc(member)
    ]

    assert bare == []


def test_a_name_that_is_not_public_is_an_attribute_error():
    """As of any module."""
    with pytest.raises(AttributeError, match="Nonsense"):
        mycvault.Nonsense  # noqa: B018


def test_what_errors_carry_is_public():
    """Every leaf that a docstring of a door names can be imported from the root."""
    named = set()
    for door in ("Vault", "Employer", "Joining", "Session", "Safe", "Outbox"):
        for _, member in inspect.getmembers(getattr(mycvault, door)):
            raised = (inspect.getdoc(member) or "").partition("Raises:")[2]
            for line in raised.splitlines():
                heads = re.match(r"\s*([A-Z]\w+(?:, [A-Z]\w+)*):", line)
                named |= set(heads[1].split(", ")) if heads else set()

    assert "LinkDamaged" in named
    assert named <= set(dir(mycvault))
