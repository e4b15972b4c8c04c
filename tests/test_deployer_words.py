"""What a deployer's document prints: values in French, and texts that Markdown shows and never reads."""

import datetime as dt
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from mycvault import Kind, SecondFactor, locales
from mycvault.locales import deployer

MARKS = set("\\`*_[]{}<>|~&#$")
HOSTILE = (
    "a | b |",
    "<script>alert(1)</script>",
    "`code` ``more``",
    "{{ 7 * 7 }}{% raw %}",
    "[click](http://evil.example) ![x](y)",
    "<http://evil.example> http://evil.example www.evil.example",
    "*bold* __strong__ ~~gone~~ $x$",
    "&lt;b&gt; &#124;",
    "ends with \\",
    "\\| \\\\| \\",
    "one\n# two\r\n| three |\u2028- four\u2029> five\x85six",
    "\u202egnp.exe\u2066",
)


def shown(escaped: str) -> str:
    """Take the escapes away, as a reader of Markdown does."""
    return re.sub(r"\\(.)", r"\1", escaped)


@given(st.text())
@example("\\")
@example("a\n\n| b")
@example("http://x")
@example("WWW.x")
def test_a_text_is_shown_and_never_read(text):
    """Whatever a text holds, its marks are escaped, it stays on one line, and a reader sees all of it."""
    escaped = deployer.inert(text)
    bare = re.sub(r"\\.", "", escaped)

    assert locales.one_line(deployer._TURNING.sub("", text)) == shown(escaped)
    assert not MARKS & set(bare)
    assert "://" not in escaped
    assert len(f"<{escaped}>".splitlines()) == 1


@given(st.text())
def test_a_text_in_words_is_final(text):
    """What is Markdown already is printed as it is, so that nothing is escaped twice."""
    assert deployer.said(deployer.inert(text)) == deployer.inert(text) == deployer.said(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_reader_of_markdown_sees_the_text_alone(text):
    """In a cell of a table no text makes a link, code, markup or another cell."""
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark")
    page = f"| a | b |\n|---|---|\n| {deployer.inert(text)} | end |\n"

    tokens = markdown.enable(["table", "strikethrough"]).parse(page)

    cells = [token for token in tokens if token.type == "inline"]
    assert [cell.content for cell in (*cells[:2], cells[3])] == ["a", "b", "end"]
    assert len(cells) == 4
    assert {child.type for child in cells[2].children} <= {"text"}
    said = "".join(child.content for child in cells[2].children)
    assert said == locales.one_line(deployer._TURNING.sub("", text))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "—"),
        (True, "oui"),
        (False, "non"),
        (0, "0"),
        (2026, "2026"),
        (65_536, "65\u00a0536"),
        (52_428_800, "52\u00a0428\u00a0800"),
        (10.0, "10"),
        (10.5, "10,5"),
        (dt.timedelta(days=15), "15 jours"),
        (dt.timedelta(days=1), "1 jour"),
        (dt.timedelta(hours=36), "1 jour 12 heures"),
        (dt.timedelta(minutes=90), "1 heure 30 minutes"),
        (dt.timedelta(seconds=60), "1 minute"),
        (dt.timedelta(seconds=2.5), "2,5 secondes"),
        (dt.timedelta(microseconds=1), "0,000001 seconde"),
        (dt.timedelta(0), "0 seconde"),
        (dt.date(2026, 10, 5), "5 octobre 2026"),
        (dt.date(2017, 1, 1), "1er janvier 2017"),
        (dt.date(2026, 12, 11), "11 décembre 2026"),
        (SecondFactor.WHEN_AVAILABLE, "`when-available`"),
        (frozenset({"b/c", "a_b"}), "a\\_b, b/c"),
        (deployer.Markdown("**b**"), "**b**"),
    ],
)
def test_a_value_is_said_as_french_does(value, words):
    """Numbers, days and lengths are exact; a name is code; none is a dash."""
    assert deployer.said(value) == words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (deployer.many(1, "year"), "1 an"),
        (deployer.many(0, "month"), "0 mois"),
        (deployer.many(2, "day"), "2 jours"),
        (deployer.size(50 * 1024 * 1024), "52\u00a0428\u00a0800 octets (50 Mio)"),
        (deployer.size(1_000_000), "1\u00a0000\u00a0000 octets"),
        (deployer.code("k1-0a1b"), "`k1-0a1b`"),
        (deployer.code("a`b"), "a\\`b"),
        (deployer.code(""), ""),
        (deployer.kinds({Kind.TAX, Kind.PAYSLIP}), "bulletins de paie, documents fiscaux"),
        (deployer.article("FR", "CPCE, art. D541"), " (CPCE, art. D541)"),
        (deployer.article("BE", "CPCE, art. D541"), ""),
        (
            deployer.day(dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC), "Europe/Paris"),
            "1er janvier 2027",
        ),
    ],
)
def test_words_of_the_templates(words, expected):
    """Units agree with their number, names are code only when they are plain, articles are France's alone."""
    assert words == expected


def test_a_fact_that_is_missing_is_an_error():
    """A template never leaves a gap where a fact should stand."""
    with pytest.raises(UndefinedError):
        deployer.render("information_notice")
