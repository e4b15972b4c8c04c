"""
What the tests of the deployer's documents share: an unusual policy, and Markdown taken apart.
"""

import contextlib
import datetime as dt
import re

import attrs
import pytest

from mycvault import (
    CodePolicy,
    DocumentPolicy,
    Policy,
    Retention,
    SecondFactor,
    SessionPolicy,
    Vault,
)

DOCUMENTS = ("information_notice", "technical_file")
both = pytest.mark.parametrize("document", DOCUMENTS)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
HOSTILE = 'x" | y <b>{{ 7*7 }}</b> `z` [a](http://evil.example) \\'
UNUSUAL = attrs.evolve(
    Policy.for_tests(),
    invitation_lifetime=11 * DAY,
    refusal_lifetime=97 * DAY,
    backups=23 * DAY,
    refuse_without_notice=True,
    second_factor=SecondFactor.WHEN_AVAILABLE,
    retention=Retention(years=51, until_age=77),
    documents=DocumentPolicy(max_bytes=3 * 1024 * 1024, bin_lifetime=17 * DAY),
    codes=CodePolicy(lifetime=9 * MINUTE, tries=4),
    sessions=SessionPolicy(idle=41 * MINUTE, absolute=13 * 60 * MINUTE, fresh=7 * MINUTE),
)


@contextlib.contextmanager
def in_memory(policy=None, **other):
    with Vault.in_memory(policy=policy or Policy.for_tests(), **other) as vault:
        yield vault


def written(vault, document):
    return getattr(vault.upkeep, document)()


def tables(text):
    """Give every table as its rows of cells, the line of dashes left out."""
    found = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif found[-1]:
            found.append([])
    return [[row for row in table if set(row) != {"---"}] for table in found if table]


def table(text, heading):
    """Give the first table under a heading."""
    return tables(text.partition(f"# {heading}\n")[2])[0]


def shape(text):
    """Give what Markdown makes of each line, without its words."""
    lines = [re.sub(r"\\.", "", line) for line in text.splitlines()]
    return [(line.count("|"), re.match(r"[#\-\s]*", line)[0].strip()) for line in lines]
