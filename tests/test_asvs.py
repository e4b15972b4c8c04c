"""The page of ASVS requirements names tests that exist, and leaves out nothing of authentication and sessions."""

import pathlib
import re

HERE = pathlib.Path(__file__).parent
PAGE = (HERE.parent / "docs/reference/asvs.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (\d+\.\d+\.\d+) \(\d\) \| (.*) \|$", PAGE, re.MULTILINE))
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
# How many requirements each section of V6 and V7 has.
SECTIONS = {
    "6.1": 3,
    "6.2": 12,
    "6.3": 8,
    "6.4": 6,
    "6.5": 8,
    "6.6": 4,
    "6.7": 2,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 3,
    "7.6": 2,
}


def test_every_test_it_names_exists():
    """A requirement is shown by a test that is there."""
    named = {name for answer in ROWS.values() for name in NAMED.findall(answer)}
    missing = [
        f"{file}::{test}"
        for file, test in sorted(named)
        if f"def {test}(" not in (HERE / file).read_text(encoding="utf-8")
    ]

    assert missing == []


def test_sixty_requirements_are_answered_by_a_test():
    """What is said to hold is shown, for sixty requirements at least."""
    assert sum(bool(NAMED.search(answer)) for answer in ROWS.values()) >= 60


def test_authentication_and_sessions_are_answered_whole():
    """Every requirement of V6 and V7 stands there, with an answer."""
    wanted = {f"{name}.{i}" for name, count in SECTIONS.items() for i in range(1, count + 1)}

    assert wanted <= ROWS.keys()
    assert "@" not in PAGE
