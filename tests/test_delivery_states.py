"""
Notices, objections, returns and deposits in any order, on any days: the doors always agree with a model that is told in ten lines.
"""

import datetime as dt
import pathlib
import shutil
import tempfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

import kit
from mycvault import Deposit, PaperRequired
from mycvault.legal.calendar import months_after

DAY = dt.timedelta(days=1)
AGO = st.integers(0, 40)


class Choices(RuleBasedStateMachine):
    """One employee, two employers, and a clock that only moves on."""

    def __init__(self):
        super().__init__()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.opened = kit.house_at(self.folder)
        self.house = self.opened.__enter__()
        self.number = 0

    @initialize(hired_ago=st.none() | st.integers(-5, 30))
    def begin(self, hired_ago):
        hired_on = None if hired_ago is None else self.today - hired_ago * DAY
        self.hired_on = hired_on
        self.declared = {"acme": [], "other": []}
        self.doors = {
            "acme": self.house.acme,
            "other": self.house.vault.add_employer("Other", reference="other"),
        }
        for door in self.doors.values():
            door.enrol("A-1", given_name="Zoé", family_name="Exemple", hired_on=hired_on)

    @property
    def today(self):
        return (self.house.clock.moment + dt.timedelta(hours=2)).date()

    def teardown(self):
        self.opened.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    # ---------------------------------------------------------------- the model

    def is_paper(self, employer, day):
        """Walk what was notified until *day*, in its order: an objection waits for its day, a return forgets them all."""
        waiting = []
        for on, _, what, effective_on in sorted(self.declared[employer]):
            if on > day:
                break
            if what == "objection":
                waiting.append(effective_on)
            elif what == "return":
                waiting = []
        return any(effective_on <= day for effective_on in waiting)

    def lawful(self, employer):
        days = []
        for on, _, what, _ in self.declared[employer]:
            if what == "notice":
                month_later = months_after(on, 1)
                at_hiring = self.hired_on is not None and on <= self.hired_on
                days.append(min(self.hired_on, month_later) if at_hiring else month_later)
        return min(days, default=None)

    def declare(self, employer, on, what, effective_on):
        # A form that only says again what was said last is not written: the model lets it make no difference either.
        self.number += 1
        self.declared[employer].append((on, self.number, what, effective_on))

    # ---------------------------------------------------------------- what may happen

    @rule(days=st.integers(1, 45))
    def time_passes(self, days):
        self.house.clock.advance(days * DAY)

    @rule(employer=st.sampled_from(["acme", "other"]), ago=AGO)
    def notice(self, employer, ago):
        on = self.today - ago * DAY
        self.doors[employer].delivery.record_notice("A-1", on=on, means="letter")
        self.declare(employer, on, "notice", None)

    @rule(
        employer=st.sampled_from(["acme", "other"]), ago=AGO, later=st.none() | st.integers(0, 89)
    )
    def objection(self, employer, ago, later):
        on = self.today - ago * DAY
        asked = None if later is None else on + later * DAY
        told = self.doors[employer].delivery.record_objection(
            "A-1", on=on, means="letter", effective_on=asked
        )
        assert told.effective_on == (asked or on)
        assert told.notified_on <= told.effective_on <= told.latest_effective_on
        self.declare(employer, on, "objection", asked or on)

    @rule(employer=st.sampled_from(["acme", "other"]), ago=AGO)
    def return_to_electronic(self, employer, ago):
        on = self.today - ago * DAY
        self.doors[employer].delivery.record_return_to_electronic("A-1", on=on, means="letter")
        self.declare(employer, on, "return", None)

    @rule(employer=st.sampled_from(["acme", "other"]))
    def refuse_by_link(self, employer):
        token = self.doors[employer].delivery.refusal_link("A-1", by="letter").token.reveal()
        told = self.house.vault.joining.refuse_electronic(token, family_name="Exemple")
        assert told.effective_on == self.today
        self.declare(employer, self.today, "objection", self.today)

    @rule(employer=st.sampled_from(["acme", "other"]), wait=st.integers(0, 60))
    def deposit(self, employer, wait):
        self.number += 1
        shown_on = self.today + wait * DAY
        given = Deposit(
            "A-1",
            kit.pdf(mark=str(self.number)),
            kind="payslip",
            available_from=self.house.clock.moment + wait * DAY,
        )
        report = self.doors[employer].deposit_many([given])
        assert report.ok
        assert bool(report.paper) is self.is_paper(employer, shown_on)
        if report.receipts:
            lawful = self.lawful(employer)
            is_early = lawful is None or shown_on < lawful
            assert report.receipts[0].notes == ({"no-notice"} if is_early else set())

    @precondition(lambda self: self.number)
    @rule(employer=st.sampled_from(["acme", "other"]))
    def other_documents_are_never_concerned(self, employer):
        self.number += 1
        content = kit.pdf(mark=str(self.number))
        assert self.doors[employer].deposit("A-1", content, kind="contract").notes == frozenset()

    # ---------------------------------------------------------------- what always holds

    @invariant()
    def the_doors_agree_with_the_model(self):
        for employer, door in getattr(self, "doors", {}).items():
            for days in (-60, -20, -1, 0, 1, 30, 100):
                day = self.today + days * DAY
                is_paper = self.is_paper(employer, day)
                assert (door.delivery.mode("A-1", on=day) == "paper") is is_paper, (employer, day)
                assert bool(door.delivery.paper_list(on=day)) is is_paper, (employer, day)
            assert door.delivery.first_electronic_payslip("A-1") == self.lawful(employer)
            assert door.statistics().on_paper == int(self.is_paper(employer, self.today))


Choices.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestChoices = Choices.TestCase


def test_a_refusal_is_an_error_of_its_own(tmp_path):
    """What the machine counts as paper is what a single deposit raises."""
    with kit.house_at(tmp_path) as house:
        house.enrolled()
        house.acme.delivery.record_objection("A-0042", on=kit.START.date(), means="letter")
        with pytest.raises(PaperRequired) as refused:
            house.acme.deposit("A-0042", kit.pdf(), kind="payslip")

        assert refused.value.http_status == 409
