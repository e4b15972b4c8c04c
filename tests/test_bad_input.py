"""
What hosts and people get wrong: every mistake has its leaf and its field, and the refusal is journaled.
"""

import datetime as dt

import pytest

import kit
from mycvault import (
    EmployeeExists,
    EmployeeMissing,
    EmployerExists,
    EmployerMissing,
    InvalidInput,
    Period,
    PortalUrls,
    SetupError,
    Vault,
)


def nir(department: str = "75") -> str:
    """Write a social security number that nobody has, with its key."""
    body = f"18501{department}999999"
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"


# ------------------------------------------------------------------ unknown, twice


def test_an_unknown_employer_is_missing(house):
    """An unknown reference is EmployerMissing, and the operator finds it in the journal."""
    with pytest.raises(EmployerMissing) as refused:
        house.vault.employer("nobody")

    assert refused.value.field == "reference"
    assert house.last_event() == ("find-employer", "employer-missing")


@pytest.mark.parametrize(
    ("verb", "call"),
    [
        ("look-up-employee", lambda acme: acme.employee("B-1")),
        ("amend", lambda acme: acme.amend("B-1", given_name="Zoé")),
        ("record-leaving", lambda acme: acme.record_leaving("B-1", dt.date(2026, 12, 31))),
        ("invite", lambda acme: acme.invite("B-1")),
        ("revoke-invitation", lambda acme: acme.revoke_invitation("B-1")),
        ("deposit", lambda acme: acme.deposit("B-1", kit.pdf(), kind="payslip")),
        ("list-deposits", lambda acme: acme.deposits(matricule="B-1")),
    ],
)
def test_an_unknown_matricule_is_missing(lite, verb, call):
    """Each verb of an employer refuses a matricule it does not have, and says so in the journal."""
    with pytest.raises(EmployeeMissing) as refused:
        call(lite.acme)

    assert refused.value.field == "matricule"
    assert lite.last_event() == (verb, "employee-missing")
    assert lite.blobs() == []


def test_the_same_matricule_twice_is_refused(house):
    """A matricule is given once; another employer may have the same."""
    house.enrolled()
    with pytest.raises(EmployeeExists) as refused:
        house.enrolled(given_name="Another")
    assert refused.value.field == "matricule"
    assert house.last_event() == ("enrol", "employee-exists")

    other = house.vault.add_employer("Other SARL", reference="other")
    other.enrol("A-0042", given_name="Another", family_name="Exemple")
    assert house.acme.employee("A-0042").given_name == kit.GIVEN


def test_the_same_employer_twice_is_refused(house):
    """An employer's reference is given once."""
    with pytest.raises(EmployerExists) as refused:
        house.vault.add_employer("Acme again", reference="acme")

    assert refused.value.field == "reference"
    assert house.last_event() == ("add-employer", "employer-exists")


def test_what_was_written_with_spaces_is_found_with_them(lite):
    """Reference and matricule are trimmed and composed when written, and when looked up."""
    lite.vault.add_employer("Café", reference=" cafe\u0301 ")
    lite.enrolled(" A-7 ", email=None)

    assert lite.vault.employer(" cafe\u0301 ").reference == "café"
    assert lite.acme.employee(" A-7 ").matricule == "A-7"
    assert lite.acme.amend(" A-7 ", given_name="Zoé").given_name == "Zoé"


# ------------------------------------------------------------------ values of the wrong form

WRONG = [
    *[
        ("email", text)
        for text in ("zelie", "zelie@", "@example.org", "a b@example.org", "", "z@@x")
    ],
    *[("phone", text) for text in ("", "12", "+33 6", "hello", "+999 123456789", "06 12 34 56 7")],
    *[("locale", text) for text in ("", "f", "fr_", "français", "fr" + "-abcdefgh" * 10)],
    *[("given_name", text) for text in ("", " ", "x" * 201, "Zé\x00lie")],
    *[("birth_date", day) for day in (dt.date(2026, 10, 6), dt.date(1850, 1, 1), "1990-01-01")],
    ("birth_date", dt.datetime(1990, 1, 1, tzinfo=dt.UTC)),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=range(len(WRONG)))
def test_a_malformed_value_of_a_person_is_refused(lite, field, value):
    """An address, number, language, name or date that is not one is InvalidInput that names its field."""
    with pytest.raises(InvalidInput) as refused:
        lite.enrolled(**{field: value})

    assert refused.value.field == field
    assert lite.last_event() == ("enrol", "invalid-input")


PERIODS = [
    "2026-13",
    "2026-1",
    "",
    "2026-00",
    "26-10",
    "2026-10-01",
    "２０２６-10",
    " 2026-10",
    "1899-12",
]


@pytest.mark.parametrize("period", PERIODS)
def test_a_malformed_period_is_refused(lite, period):
    """A period is a year and a month; anything else is InvalidInput before anything is written."""
    lite.enrolled()
    with pytest.raises(InvalidInput) as refused:
        Period(period)
    assert refused.value.field == "period"

    with pytest.raises(InvalidInput) as refused:
        lite.acme.deposit("A-0042", kit.pdf(), kind="payslip", period=period)
    assert refused.value.field == "period"
    assert lite.last_event() == ("deposit", "invalid-input")
    assert lite.blobs() == []


SPELLINGS = {
    "plain": nir(),
    "spaces": "1 85 01 75 999 999 {key}",
    "dots": "1.85.01.75.999.999.{key}",
    "no-break spaces": "1\u00a085\u00a001\u00a075\u00a0999\u00a0999\u202f{key}",
    "dashes": "1-85-01-75-999-999-{key}",
    "inside": "slip of {nir} for October",
    "corsica": nir("2A"),
    "corsica, small": nir("2B").lower(),
    "no-break hyphens": "1\u201185\u201101\u201175\u2011999\u2011999\u2011{key}",
    "en dashes": "1\u201385\u201301\u201375\u2013999\u2013999\u2013{key}",
    "full width": nir().translate({ord(d): 0xFF10 + int(d) for d in "0123456789"}),
    "zero width": "1\u200b85\u200b01\u200b75\u200b999\u200b999\u200b{key}",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_social_security_number_is_refused_wherever_it_would_route_or_name(lite, spelling):
    """However its digits are parted, it is no matricule, reference, title or label, and it is never quoted."""
    text = SPELLINGS[spelling].format(nir=nir(), key=nir()[-2:])
    session = lite.joined()
    own = session.safe.add(b"A note.", title="Note")

    def deposit(**given):
        return lambda: lite.acme.deposit("A-0042", kit.pdf(), kind="payslip", **given)

    calls = {
        "matricule": lambda: lite.enrolled(text, email=None),
        "employer's reference": lambda: lite.vault.add_employer("Other", reference=text),
        "title": deposit(title=text),
        "reference": deposit(reference=text),
        "her title": lambda: session.safe.rename(own.id, text),
        "her note": lambda: session.safe.add(b"A note.", title=text),
        "label": lambda: session.safe.label(own.id, text),
    }
    for name, call in calls.items():
        with pytest.raises(InvalidInput) as refused:
            pytest.fail(f"taken as {name}: {call()!r}")
        assert refused.value.reason == "nir"
        assert refused.value.field == name.split()[-1].replace("note", "title")
        assert nir()[:9] not in str(refused.value) + refused.value.message("en")
        assert lite.last_event()[1] == "invalid-input"


def test_fifteen_digits_without_a_valid_key_are_an_ordinary_reference(lite):
    """A long number is no social security number unless its key fits."""
    lite.enrolled()
    wrong_key = nir()[:-2] + f"{(int(nir()[-2:]) % 97) + 1:02d}"

    receipt = lite.acme.deposit("A-0042", kit.pdf(), kind="payslip", reference=wrong_key)

    assert receipt.reference == wrong_key


def test_a_naive_moment_is_refused(tmp_path, lite):
    """A clock without a zone is a fault of the deployment; a moment without one is asked again."""
    lite.enrolled()
    naive = kit.SettableClock(dt.datetime(2026, 10, 5))

    with pytest.raises(SetupError):
        kit.make_vault(tmp_path / "other", None, clock=naive)
    with pytest.raises(InvalidInput) as refused:
        lite.acme.deposit(
            "A-0042", kit.pdf(), kind="payslip", available_from=dt.datetime(2026, 11, 1)
        )

    assert (refused.value.field, refused.value.reason) == ("available_from", "naive")
    assert lite.last_event() == ("deposit", "invalid-input")
    with Vault.in_memory(clock=kit.SettableClock()) as vault:
        assert vault.ping().ok


@pytest.mark.parametrize(
    "before", ["https://x.example/a?t={token}", "https://x.example/{token}?t={token}"]
)
def test_a_token_never_stands_in_a_query(before):
    """A template with the token after a question mark is refused: servers write queries down."""
    with pytest.raises(InvalidInput) as refused:
        PortalUrls(activate=before)

    assert (refused.value.field, refused.value.reason) == ("activate", "query")
    assert PortalUrls(activate="https://x.example/#/{token}").activate


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_one_to_a_thousand_items(lite, limit):
    """A page of another size is refused, in every list."""
    session = lite.joined()
    for call in (
        lite.acme.employees,
        lite.acme.deposits,
        session.safe.documents,
        session.safe.payslips,
        session.safe.history,
    ):
        with pytest.raises(InvalidInput) as refused:
            call(limit=limit)
        assert refused.value.field == "limit"
