"""
The law's clocks: dates worked out by hand, then what holds for all dates.

Each row of a table was counted on a calendar, not by the code: a time limit in months ends on the day of the same number, or on
the month's last day (Code of Civil Procedure, art. 641).
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycvault import InvalidInput, PaperRequired
from mycvault.delivery import rules as delivery
from mycvault.delivery.model import Declaration, What
from mycvault.documents.rules import issued_on, year_span
from mycvault.legal import FR
from mycvault.legal.calendar import months_after
from mycvault.values.choices import Kind

PARIS = ZoneInfo("Europe/Paris")
RECORD = "00000000-0000-7000-8000-000000000001"
days = st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1))


def day(text):
    return None if text is None else dt.date.fromisoformat(text)


def said(what, on, effective_on=None, *, number=0):
    """Make a declaration; *number*: in which order it was written down."""
    return Declaration(
        id=f"{99 - number:036d}",
        record_id=RECORD,
        ordinal=number,
        what=What(what),
        on=day(on),
        means="letter",
        by="employer",
        receipt="",
        recorded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        effective_on=day(effective_on or (on if what == "objection" else None)),
        latest_effective_on=months_after(day(on), 3),
    )


# ------------------------------------------------------------------ the notice: one month, or at hiring


@pytest.mark.parametrize(
    ("notices", "hired_on", "lawful"),
    [
        ([], None, None),
        ([], "2026-01-05", None),
        (["2026-09-15"], None, "2026-10-15"),
        (["2026-09-30"], None, "2026-10-30"),
        (["2026-10-31"], None, "2026-11-30"),
        (["2026-01-29"], None, "2026-02-28"),
        (["2026-01-31"], None, "2026-02-28"),
        (["2028-01-31"], None, "2028-02-29"),
        (["2028-02-29"], None, "2028-03-29"),
        (["2026-12-31"], None, "2027-01-31"),
        # At hiring: on the day or before; a day late is a month's notice.
        (["2026-10-01"], "2026-10-01", "2026-10-01"),
        (["2026-09-20"], "2026-10-01", "2026-10-01"),
        (["2026-10-02"], "2026-10-01", "2026-11-02"),
        # Told long before she is hired: a month is enough.
        (["2026-05-01"], "2026-11-02", "2026-06-01"),
        # The earliest of several notices counts.
        (["2026-10-10", "2026-09-10"], None, "2026-10-10"),
    ],
)
def test_the_first_electronic_payslip(notices, hired_on, lawful):
    """One month after the notice, or the day of hiring for a notice given by then (D3243-7)."""
    given_notices = [said("notice", one, number=n) for n, one in enumerate(notices)]

    assert delivery.lawful_from(given_notices, hired_on=day(hired_on), legal=FR) == day(lawful)


# ------------------------------------------------------------------ the objection: at once, three months at most


@pytest.mark.parametrize(
    ("notified", "latest"),
    [
        ("2026-11-30", "2027-02-28"),
        ("2027-11-30", "2028-02-29"),
        ("2026-11-29", "2027-02-28"),
        ("2026-11-28", "2027-02-28"),
        ("2026-08-31", "2026-11-30"),
        ("2026-05-31", "2026-08-31"),
        ("2026-01-31", "2026-04-30"),
        ("2026-10-15", "2027-01-15"),
        ("2026-12-31", "2027-03-31"),
        ("2028-02-29", "2028-05-29"),
    ],
)
def test_the_last_day_of_an_objection(notified, latest):
    """Three calendar months, and never a day of the month that is not there (D3243-7)."""
    assert delivery.latest_effect(day(notified), FR) == day(latest)


@pytest.mark.parametrize(
    ("notified", "asked", "effective"),
    [
        ("2026-11-30", None, "2026-11-30"),
        ("2026-11-30", "2026-11-30", "2026-11-30"),
        ("2026-11-30", "2026-12-15", "2026-12-15"),
        ("2026-11-30", "2027-02-28", "2027-02-28"),
        ("2026-11-30", "2027-03-01", InvalidInput),
        ("2026-11-30", "2026-11-29", InvalidInput),
        ("2027-11-30", "2028-02-29", "2028-02-29"),
        ("2027-11-30", "2028-03-01", InvalidInput),
    ],
)
def test_an_objection_takes_effect(notified, asked, effective):
    """At once, unless the employer sets a later day within the three months."""
    if effective is InvalidInput:
        with pytest.raises(InvalidInput) as refused:
            delivery.effect(day(notified), day(asked), FR)
        assert (refused.value.field, refused.value.reason) == ("effective_on", "order")
    else:
        assert delivery.effect(day(notified), day(asked), FR) == day(effective)


# ------------------------------------------------------------------ electronic or paper, on any day

NONE = []
AT_ONCE = [("objection", "2026-03-10")]
LATER = [("objection", "2026-03-10", "2026-05-01")]
BACK = [("objection", "2026-03-10"), ("return", "2026-06-20")]
BACK_BEFORE = [("objection", "2026-03-10", "2026-05-01"), ("return", "2026-04-02")]
AGAIN = [*BACK, ("objection", "2026-09-01", "2026-10-01")]
TWICE = [("objection", "2026-03-10"), ("objection", "2026-04-01", "2026-06-01")]
SAME_DAY = [("objection", "2026-03-10"), ("return", "2026-03-10")]
SAME_DAY_AGAIN = [*SAME_DAY, ("objection", "2026-03-10")]
# HR learnt of it when she had come back already.
LATE = [("return", "2026-06-20"), ("objection", "2026-03-10")]


@pytest.mark.parametrize(
    ("story", "on", "mode"),
    [
        (NONE, "2026-03-10", "electronic"),
        (AT_ONCE, "2026-03-09", "electronic"),
        (AT_ONCE, "2026-03-10", "paper"),
        (AT_ONCE, "2066-03-10", "paper"),
        (LATER, "2026-04-30", "electronic"),
        (LATER, "2026-05-01", "paper"),
        (BACK, "2026-06-19", "paper"),
        (BACK, "2026-06-20", "electronic"),
        (BACK_BEFORE, "2026-04-01", "electronic"),
        (BACK_BEFORE, "2026-05-01", "electronic"),
        (AGAIN, "2026-09-30", "electronic"),
        (AGAIN, "2026-10-01", "paper"),
        (AGAIN, "2026-06-19", "paper"),
        (TWICE, "2026-04-15", "paper"),
        (TWICE, "2026-06-01", "paper"),
        (SAME_DAY, "2026-03-10", "electronic"),
        (SAME_DAY_AGAIN, "2026-03-10", "paper"),
        (LATE, "2026-05-01", "paper"),
        (LATE, "2026-06-20", "electronic"),
    ],
)
def test_the_mode_on_a_day(story, on, mode):
    """Her last will counts, ordered by the days it was notified; of one day by what was written down last."""
    declarations = [said(*one, number=n) for n, one in enumerate(story)]

    assert delivery.mode_on(declarations, day(on)) == mode


@st.composite
def stories(draw):
    """Give declarations in the order they were written down, their days in any."""
    told = []
    for number in range(draw(st.integers(0, 6))):
        what = draw(st.sampled_from(["objection", "return", "notice"]))
        on = draw(st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 31)))
        later = None
        if what == "objection":
            later = draw(st.dates(on, months_after(on, 3))).isoformat()
        told.append(said(what, on.isoformat(), later, number=number))
    return told


@given(stories(), st.dates(dt.date(2026, 4, 1), dt.date(2026, 12, 31)))
def test_what_a_list_is_read_by_is_what_the_history_says(story, on):
    """The one day kept beside an employment answers for every day after the last declaration."""
    kept = delivery.paper_from(story)

    assert delivery.mode_now(kept, on) is delivery.mode_on(story, on)
    in_force = delivery.in_force(story, on)
    assert (in_force is not None) is (kept is not None)
    if in_force is not None and kept <= on:
        assert in_force.effective_on <= on


@given(stories())
def test_the_history_leaves_nothing_out(story):
    """Every notice and objection is shown, in the order of their days, returned or not."""
    shown = delivery.history(story)

    told = [one for one in story if one.what is not What.RETURN]
    assert len(shown) == len(told)
    whens = [getattr(one, "given_on", None) or one.notified_on for one in shown]
    assert whens == sorted(whens)


# ------------------------------------------------------------------ handing over


@pytest.mark.parametrize(
    ("kind", "paper_from", "electronic_from", "strict", "told"),
    [
        ("payslip", None, "2026-10-01", False, set()),
        ("payslip", None, "2026-10-05", False, set()),
        ("payslip", None, "2026-10-06", False, {"no-notice"}),
        ("payslip", None, None, False, {"no-notice"}),
        ("payslip", None, None, True, PaperRequired),
        ("payslip", None, "2026-10-06", True, PaperRequired),
        ("payslip", None, "2026-10-05", True, set()),
        ("payslip", "2026-10-05", "2026-01-01", False, PaperRequired),
        ("payslip", "2026-10-06", "2026-01-01", False, set()),
        ("contract", "2026-01-01", None, True, set()),
        ("tax", "2026-01-01", None, False, set()),
    ],
)
def test_what_may_be_handed_over(kind, paper_from, electronic_from, strict, told):
    """On 5 October 2026: payslips alone are concerned, on paper they are refused, before the lawful day noted or refused."""

    def judge():
        return delivery.judge_deposit(
            Kind(kind),
            issued_on=dt.date(2026, 10, 5),
            paper_from=day(paper_from),
            electronic_from=day(electronic_from),
            refuse_without_notice=strict,
        )

    if told is PaperRequired:
        with pytest.raises(PaperRequired):
            judge()
    else:
        assert judge() == told


@pytest.mark.parametrize(
    ("deposited", "shown_from", "civil"),
    [
        ("2026-10-31T21:59:59+00:00", None, "2026-10-31"),
        ("2026-10-31T22:30:00+00:00", None, "2026-10-31"),
        ("2026-10-31T23:00:00+00:00", None, "2026-11-01"),
        ("2026-07-14T21:59:59+00:00", None, "2026-07-14"),
        ("2026-07-14T22:00:00+00:00", None, "2026-07-15"),
        ("2026-12-31T23:30:00+00:00", None, "2027-01-01"),
        ("2026-10-25T08:00:00+00:00", "2026-10-27T23:30:00+00:00", "2026-10-28"),
        ("2026-10-25T08:00:00+00:00", "2026-10-20T08:00:00+00:00", "2026-10-25"),
    ],
)
def test_legal_dates_are_days_in_paris(deposited, shown_from, civil):
    """A document reaches her on the civil day of the profile's zone; one shown later, on that later day."""
    moments = [
        None if at is None else dt.datetime.fromisoformat(at) for at in (deposited, shown_from)
    ]

    assert issued_on(*moments, PARIS) == day(civil)


def test_a_year_begins_at_midnight_in_paris():
    """Not at midnight in Greenwich."""
    begin, end = year_span(2026, PARIS)

    assert begin == dt.datetime(2025, 12, 31, 23, tzinfo=dt.UTC)
    assert end == dt.datetime(2026, 12, 31, 23, tzinfo=dt.UTC)
