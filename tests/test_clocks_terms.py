"""
Terms of availability, holds, closures, a law that changes: dates worked out by hand, then what holds for all dates.
"""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycvault import InvalidInput, Policy, Retention, SessionPolicy, locales
from mycvault.delivery import rules as delivery
from mycvault.legal import FR
from mycvault.legal.calendar import anniversary, months_after
from mycvault.retention import rules as retention
from mycvault.retention.model import Hold
from mycvault.values.choices import DeliveryMode, Kind

RECORD = "00000000-0000-7000-8000-000000000001"
days = st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1))


def day(text):
    return None if text is None else dt.date.fromisoformat(text)


# ------------------------------------------------------------------ how long payslips stay

FIFTY = Retention()
AGE = Retention(years=0, until_age=75)
BOTH = Retention(years=50, until_age=80)


@pytest.mark.parametrize(
    ("kind", "issued", "born", "choice", "until"),
    [
        ("payslip", "2026-10-31", None, FIFTY, "2076-10-31"),
        ("payslip", "2028-02-29", None, FIFTY, "2078-03-01"),
        ("payslip", "2028-02-29", None, Retention(years=52), "2080-02-29"),
        ("payslip", "2026-10-31", "1984-02-29", AGE, "2059-03-01"),
        ("payslip", "2026-10-31", "1985-02-28", AGE, "2060-02-28"),
        ("payslip", "2026-10-31", "1952-02-29", AGE, "2027-03-01"),
        # No birth date on record: fifty years.
        ("payslip", "2026-10-31", None, AGE, "2076-10-31"),
        # The later of the two, when both are given.
        ("payslip", "2026-10-31", "1960-05-05", BOTH, "2076-10-31"),
        ("payslip", "2026-10-31", "2001-05-05", BOTH, "2081-05-05"),
        # Past that age the choice promises nothing: fifty years again.
        ("payslip", "2026-10-31", "1951-10-31", AGE, "2076-10-31"),
        ("payslip", "2026-10-31", "1951-11-01", AGE, "2026-11-01"),
        ("contract", "2026-10-31", "1984-02-29", FIFTY, None),
        ("personal", "2026-10-31", None, FIFTY, None),
    ],
)
def test_a_payslip_stays_available(kind, issued, born, choice, until):
    """Fifty years from its issue, or until an age (D3243-8); the last day counts."""
    kept = retention.keep_until(
        Kind(kind), issued_on=day(issued), birth_date=day(born), retention=choice, legal=FR
    )

    assert kept == day(until)


@given(days, st.none() | days, st.integers(0, 100), st.integers(75, 120))
def test_a_term_is_never_shorter_than_the_law_asks(issued, born, years, age):
    """Whatever an employer may choose, a payslip stays fifty years or until she is 75."""
    choice = retention.check_retention(Retention(years=years, until_age=age), FR)
    kept = retention.keep_until(
        Kind.PAYSLIP, issued_on=issued, birth_date=born, retention=choice, legal=FR
    )

    by_age = None if born is None else anniversary(born, 75)
    assert kept >= anniversary(issued, 50) or (by_age is not None and kept >= by_age)
    assert kept > issued


@pytest.mark.parametrize(
    ("choice", "is_lawful"),
    [
        (Retention(), True),
        (Retention(years=49), False),
        (Retention(years=0, until_age=75), True),
        (Retention(years=10, until_age=74), False),
        (Retention(years=50, until_age=60), True),
        ("fifty", False),
    ],
)
def test_an_employer_promises_what_the_law_asks(choice, is_lawful):
    """One of the two terms of D3243-8 at least."""
    if is_lawful:
        assert retention.check_retention(choice, FR) is choice
    else:
        with pytest.raises(InvalidInput) as refused:
            retention.check_retention(choice, FR)
        assert refused.value.field == "retention"


@pytest.mark.parametrize(
    ("day_of_month", "french", "english"),
    [(1, "1er décembre 2026", "1 December 2026"), (2, "2 décembre 2026", "2 December 2026")],
)
def test_a_day_is_said_as_people_say_it(day_of_month, french, english):
    """The first of a month is "1er" in French."""
    civil = dt.date(2026, 12, day_of_month)

    assert locales.date("fr", civil) == french
    assert locales.date("en", civil) == english
    assert locales.date("", civil) == french


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: SessionPolicy(idle=20),
        lambda: Policy(backups=30),
        lambda: Policy(support_delay="72h"),
        lambda: Policy(invitation_lifetime=dt.timedelta(0)),
    ],
)
def test_a_duration_is_one(wrong):
    """A bare number says no unit: it is refused when the policy is made, not when somebody signs in."""
    with pytest.raises(InvalidInput):
        wrong()


def test_a_policy_promises_what_its_law_asks():
    """The choice of an employer that made none is held to the same."""
    with pytest.raises(InvalidInput) as refused:
        Policy(retention=Retention(years=10, until_age=20))

    assert (refused.value.field, refused.value.reason) == ("retention", "too-short")
    assert Policy(retention=Retention(years=0, until_age=75)).retention.until_age == 75


@pytest.mark.parametrize(
    ("field", "value"), [("years", -1), ("years", 201), ("until_age", 300), ("years", "x")]
)
def test_a_term_is_a_number_of_years(field, value):
    """From 0 to 200."""
    with pytest.raises(InvalidInput) as refused:
        Retention(**{field: value})

    assert refused.value.field == field


# ------------------------------------------------------------------ holds, closures, a law that changes


@pytest.mark.parametrize(
    ("until", "released", "today", "is_live"),
    [
        (None, False, "2099-01-01", True),
        ("2026-10-31", False, "2026-10-31", True),
        ("2026-10-31", False, "2026-11-01", False),
        (None, True, "2026-10-31", False),
    ],
)
def test_a_hold_counts_its_last_day(until, released, today, is_live):
    """A hold keeps until its last day is over or it is released."""
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    hold = Hold(
        id=RECORD,
        employer_id=RECORD,
        record_id=RECORD,
        key_id=RECORD,
        reason="",
        until=day(until),
        placed_at=moment,
        released_at=moment if released else None,
    )

    assert retention.is_live(hold, today=day(today)) is is_live


@pytest.mark.parametrize(
    ("today", "on", "retrieval_until"),
    [
        ("2026-11-30", "2027-02-28", "2028-02-28"),
        ("2027-11-30", "2028-02-29", "2029-02-28"),
        ("2026-10-05", "2027-01-05", "2028-01-05"),
        ("2026-10-05", "2027-01-04", None),
        ("2026-11-30", "2027-02-27", None),
    ],
)
def test_a_closure_is_announced_three_months_before(today, on, retrieval_until):
    """And everything can be retrieved for twelve months after it (D3243-8, D541)."""
    if retrieval_until is None:
        with pytest.raises(InvalidInput) as refused:
            retention.check_closure(day(on), today=day(today), legal=FR)
        assert (refused.value.field, refused.value.reason) == ("on", "soon")
    else:
        told = retention.check_closure(day(on), today=day(today), legal=FR)
        assert told == day(retrieval_until)


def test_a_new_law_takes_effect_on_its_day():
    """The law of the day on which something was declared counts, and the one before until then."""
    shorter = attrs.evolve(FR, valid_from=dt.date(2027, 1, 1), objection_months=1, successor=None)
    law = attrs.evolve(FR, successor=shorter)

    assert delivery.latest_effect(dt.date(2026, 12, 31), law) == dt.date(2027, 3, 31)
    assert delivery.latest_effect(dt.date(2027, 1, 1), law) == dt.date(2027, 2, 1)
    assert law.on(dt.date(2026, 12, 31)) is law
    assert law.on(dt.date(2027, 1, 1)) is shorter


# ------------------------------------------------------------------ counting months and years


@given(days, st.integers(0, 48))
def test_months_keep_the_number_of_the_day_or_the_last_one(start, months):
    """The month is right, and the day is the same or the month's last."""
    end = months_after(start, months)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + dt.timedelta(1)).day == 1)


@given(days, st.integers(0, 120))
def test_years_are_never_cut_short(start, years):
    """The same day of the year, or for 29 February the day after where there is none."""
    end = anniversary(start, years)

    assert end.year == start.year + years
    assert (end.month, end.day) in {(start.month, start.day), (3, 1)}
    assert (end.month, end.day) >= (start.month, start.day)


def test_the_mode_is_one_of_two():
    """Nothing else is ever answered."""
    assert {delivery.mode_now(None, dt.date(2026, 1, 1))} <= set(DeliveryMode)
