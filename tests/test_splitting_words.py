"""
Whose a page is: whole words, and nothing that only looks like one.
"""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycvault import InvalidInput
from mycvault.documents.model import Quarantined
from mycvault.documents.splitting import parse_pattern, read

HERS = "net 12 345,67 EUR"
LABELLED = r"Matricule\s*:\s*(\S+)"


def owner(text, *matricules, pattern=None):
    """Whose a page is, or why nobody's, where these are the employer's matricules."""
    reading = read(text, parse_pattern(pattern))
    known = set(reading.tokens) & set(matricules)
    known |= reading.doubts(known) & set(matricules)
    try:
        return reading.owner(known)
    except Quarantined as nobodys:
        return str(nobodys.why)


@pytest.mark.parametrize(
    ("text", "matricule"),
    [
        ("Matricule 12", "12"),
        ("Matricule : 12.", "12"),
        ("Matricule:M042", "M042"),
        ("N°M042, Exemple Zélie", "M042"),
        ("[M042] «A-7»", "M042"),
        ("| M042 | Exemple |", "M042"),
        ("Exemple;M042;CDI", "M042"),
        ("Matricule A-0042 - Exemple", "A-0042"),
        ("Matricule 2024/0042", "2024/0042"),
        ("Matricule 12.345.678", "12.345.678"),
        ("Matricule 001-42", "001-42"),
        ("Matricule A 12 bis, Exemple", "A 12 bis"),
        ("Matricule A\u00a012", "A 12"),
        ("Matricule AB:12", "AB:12"),
        ("Matricule #12", "#12"),
        ("Matricule ÉTÉ-1", "ÉTÉ-1"),
        ("1001 151,67 12,50", "1001"),
        ("M042\nPage 1/2\n12 octobre 2026\nNet 12 345,67", "M042"),
        ("M042 page 12, M042 12 jours", "M042"),
    ],
)
def test_a_word_that_stands_alone_is_hers(text, matricule):
    """Between spaces, brackets, a label's colon, and at the end of a sentence; in every form in which texts are stored."""
    for form in ("NFC", "NFD"):
        assert owner(unicodedata.normalize(form, text), matricule, "12" * 9) == matricule


@pytest.mark.parametrize(
    "text",
    [
        *(
            "120",
            "012",
            "1-2",
            "12-1",
            "12/1",
            "12.50",
            "12,50",
            "-12",
            "12%",
            "12€",
            "M12",
            "12M",
            "12_",
            "é12",
        ),
        *(
            "12:30",
            "12 : 30",
            "12h30",
            "12 h 30",
            "12 345,67",
            "1 12,50",
            "12 ,50",
            "12, 50",
            "12 345",
        ),
        *("12 jours", "12 heures", "12 %", "12 €", "€ 12", "12 EUR", "12 mois"),
        *(
            "12/10/2026",
            "2026-10-12",
            "12.10.2026",
            "12 / 10 / 2026",
            "12 octobre 2026",
            "12 oct. 2026",
            "12 août",
        ),
        *("October 12, 2026", "12th October", "le 12 Octobre"),
        *("Page 12", "page 12 sur 40", "Page 1 of 12", "p. 12", "12 / 40"),
        *("2 85 12 75 116 001 42", "285127511600142", "06 12 34 56 78", "+33 6 12 34 56 78"),
        *(
            "FR76 1200 6000 0112 3456 7890 189",
            "123 456 789 00012",
            "12 456 789",
            "\u0661\u0662",
            "１２",
        ),
        *("12\u200b0", "1\u200b2", "12\x1f0", "12\ufffd"),
        *("M0\n12", "M-\n12", "A-00-\n12", "M0 12"),
    ],
)
def test_what_only_looks_like_it_is_nobodys(text):
    """A longer number, a sum, a date, a time, a page, an account, a piece of what a line broke."""
    assert owner(f"Exemple {text}\n{HERS}", "12", "M012", "A-0012") == "no-match"


@pytest.mark.parametrize("text", ["12\n0", "12 0", "1\n2\n0", "M\n12"])
def test_a_piece_of_somebody_s_is_nobodys(text):
    """What a line's end may have broken off a matricule that there is names neither."""
    assert owner(text, "12", "120", "M12") == "no-match"


@pytest.mark.parametrize(
    "text", ["M042 M043", "M042\nM043", "M042 … (M043)", "M 42 M042", "1001 1002"]
)
def test_two_are_nobodys(text):
    """Two people on one page, or one name within the other: which of them is not guessed."""
    assert owner(text, "M042", "M043", "M 42", "1001", "1002") == "two-matches"


def test_one_that_is_not_sure_is_a_second_one_all_the_same():
    """A number among numbers may be somebody: a page that has another for sure is not hers for sure."""
    assert owner("1003\n1001 1002", "1003", "1001") == "two-matches"
    assert owner("1003\n1001 1002", "1001") == "no-match"
    assert owner("M042 M0 12", "12", "M042", "M012") == "two-matches"


def test_case_counts():
    """As in the directory, where "m042" may be somebody else."""
    assert owner("Matricule m042", "M042") == "no-match"
    assert owner("Matricule m042", "M042", "m042") == "m042"


# ------------------------------------------------------------------ a pattern


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("Matricule : M042 chez M043", LABELLED, "M042"),
        ("Matricule : M042\nMatricule : M042", LABELLED, "M042"),
        ("Matricule : M042\nMatricule : M043", LABELLED, "two-matches"),
        ("Matricule : M099 M042", LABELLED, "unknown"),
        ("Matricule : M042 Matricule : M099", LABELLED, "unknown"),
        ("M042", LABELLED, "no-match"),
        ("Matricule :\nM042", LABELLED, "M042"),
        ("Mat. 12.", r"Mat\. (\d+)", "12"),
        ("Mat. 12", r"\d+", "12"),
        ("Mat. (12)", r"\d+", "12"),
        ("Mat:12", r"\d+", "12"),
        ("Mat. 120", r"Mat\. (\d\d)", "unknown"),
        ("Mat. 12B", r"Mat\. (\d+)", "unknown"),
        ("Mat. 12.50", r"Mat\. (\d+)", "unknown"),
        ("Mat. 12-B", r"Mat\. (\d+)", "unknown"),
        ("M12", r"\d+", "unknown"),
        ("12:30", r"\d\d", "unknown"),
        # What the pattern names itself is no word that goes on.
        ("MatriculeM042Nom", r"Matricule(M\d+)Nom", "M042"),
        ("MatriculeM042 Nom", r"Matricule(M\d+)", "M042"),
        ("Matricule : ", r"Matricule : (\S*)", "no-match"),
        ("Mat. 12", r"Mat\. (\d+)?(?:x)?", "12"),
        ("Mat. " + "1" * 65, r"Mat\. (\d+)", "unknown"),
        ("Matricule : E\u0301-1", r"Matricule : (É-1)", "É-1"),
    ],
)
def test_only_what_a_pattern_finds_counts(text, pattern, expected):
    """It must be a whole word, and exactly a matricule; whose else it may be is not told."""
    assert owner(text, "M042", "M043", "12", "É-1", pattern=pattern) == expected


@pytest.mark.parametrize(
    "pattern", ["(", "(a)(b)", "", "x" * 501, 7, b"x", "a{99999999999}", "(?P<n>a)(b)"]
)
def test_a_pattern_that_is_none_is_refused(pattern):
    """No expression, more than one group, or longer than 500 characters."""
    with pytest.raises(InvalidInput) as refused:
        parse_pattern(pattern)

    assert refused.value.field == "pattern"


# ------------------------------------------------------------------ any text


GLUE = re.compile(r"[^\s:;=|°º()\[\]{}<>\"'«»“”„‘’.,!?…#]")
MATRICULES = ("1", "12", "120", "M12", "1-2", "12.5", "A 12", "M-", "é1")
PIECES = [
    *MATRICULES,
    "0",
    "M",
    "A",
    "-",
    ".",
    ",",
    "/",
    ":",
    " ",
    "  ",
    "\n",
    "é",
    "€",
    "(",
    ")",
    "\u0301",
    "octobre",
    "\u00a0",
]


def stands(text, matricule):
    """Tell, more simply than the library does, whether somewhere no letter, digit or dash touches the matricule."""
    text = re.sub("[ \u00a0]+", " ", unicodedata.normalize("NFC", text))
    for match in re.finditer(f"(?={re.escape(matricule)})", text):
        before, after = text[: match.start()][-1:], text[match.start() + len(matricule) :][:1]
        if not GLUE.match(before) and not GLUE.match(after):
            return True
    return False


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_page_is_ever_given_to_who_is_not_there(text):
    """Whatever is on it: the matricule stands there alone, and no other stands there alone between spaces."""
    found = owner(text, *MATRICULES)

    if found in MATRICULES:
        assert stands(text, found)
        words = unicodedata.normalize("NFC", text).split()
        assert set(words) & set(MATRICULES) <= {found}
    else:
        assert found in {"no-match", "two-matches"}


@given(st.text(max_size=200), st.sampled_from(MATRICULES))
def test_any_text_is_read(text, matricule):
    """Controls, lone accents and other scripts too; beside them a whole word of its own line is still found."""
    assert owner(text, matricule) in {matricule, "no-match"}
    assert owner(f"{text}\n\u00b6\nX{matricule}X\n", f"X{matricule}X") == f"X{matricule}X"
