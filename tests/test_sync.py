"""
An employer's monthly file: who is new, changed, gone, back; bad rows are told one by one and the good ones kept.
"""

import csv
import datetime as dt
import io
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kit
from mycvault import (
    EmployeeExists,
    EmployeeStatus,
    Enrolment,
    InvalidInput,
    LinkInvalid,
    MycvaultError,
    RecordDamaged,
    RecordsUnavailable,
)
from mycvault.stories import synchronising

LEFT = dt.date(2026, 9, 30)


def row(matricule="B-1", **other):
    return Enrolment(matricule, **{"given_name": "Noé", "family_name": "Modèle", **other})


def file(count, **other):
    return [row(f"B-{number}", **other) for number in range(1, count + 1)]


def figures(report):
    return report.added, report.changed, report.unchanged, len(report.refused)


# ------------------------------------------------------------------ the file


def test_a_file_enrols_changes_and_marks_leavers_and_returns(house):
    """Each as the calls for one would have; the ids are those of the employees."""
    acme = house.acme
    first = acme.sync([row("B-1", email="noe@example.org"), row("B-2"), row("B-3", left_on=LEFT)])
    second = acme.sync(
        [row("B-1", email="other@example.org"), row("B-2", left_on=LEFT), row("B-3")]
    )

    assert (figures(first), first.ok) == ((3, 0, 0, 0), True)
    assert (figures(second), second.ok) == ((0, 3, 0, 0), True)
    assert first.ids == second.ids == {name: acme.employee(name).id for name in first.ids}
    assert acme.employee("B-1").email == "other@example.org"
    assert [acme.employee(one).left_on for one in ("B-1", "B-2", "B-3")] == [None, LEFT, None]
    assert acme.employee("B-2").status is EmployeeStatus.LEFT


def test_the_same_file_again_changes_nothing(house):
    """Nothing is written, not even an event."""
    house.acme.sync(file(5))
    before = house.events()

    assert figures(house.acme.sync(file(5))) == (0, 0, 5, 0)
    assert house.events() == before


def test_whoever_was_enrolled_by_hand_is_known(house):
    """A row that says what is on record changes nothing; what it leaves out stays."""
    house.enrolled("B-1", given_name="Noé", family_name="Modèle", email="noe@example.org")
    report = house.acme.sync([row("B-1", locale="en"), row("B-2")])

    assert figures(report) == (1, 0, 1, 0)
    assert house.acme.employee("B-1").email == "noe@example.org"
    assert figures(house.acme.sync([row("B-1", locale="en")])) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda acme: acme.amend("B-1", family_name="Autre"),
        lambda acme: acme.record_leaving("B-1", LEFT),
    ],
)
def test_what_was_changed_by_hand_is_seen_again(house, change):
    """The file has the last word, also where it says what it said before."""
    house.acme.sync(file(1))
    change(house.acme)

    assert figures(house.acme.sync(file(1))) == (0, 1, 0, 0)
    assert house.acme.employee("B-1").family_name == "Modèle"
    assert house.acme.employee("B-1").left_on is None


def test_who_is_not_in_the_file_stays(house):
    """A file of some of the people says nothing of the others."""
    house.acme.sync(file(3))
    house.acme.sync(file(1))

    assert len(house.acme.employees().items) == 3


def test_a_changed_address_kills_a_live_link(house):
    """Whoever reads the old mailbox does not open her safe."""
    house.acme.sync([row(email="old@example.org")])
    token = house.invited_token("B-1")
    house.acme.sync([row(email="new@example.org")])

    with pytest.raises(LinkInvalid):
        house.vault.joining.look_up(token)
    assert house.acme.employee("B-1").status is EmployeeStatus.ENROLLED


def test_somebody_taken_in_joins_and_gets_her_payslip(house):
    """A safe that a file made is a safe."""
    house.acme.sync([row(given_name=kit.GIVEN, family_name=kit.FAMILY, email=kit.EMAIL)])
    receipt = house.acme.deposit("B-1", kit.pdf(), kind="payslip")
    session = house.activated("B-1")

    assert session.safe.read(receipt.document_id) == kit.pdf()


def test_a_file_of_many_batches(lite):
    """Progress is told in rows taken in, in order."""
    told = []
    report = lite.acme.sync(iter(file(1100)), on_progress=told.append)

    assert figures(report) == (1100, 0, 0, 0)
    assert told == [500, 1000, 1100]
    assert lite.acme.statistics().enrolled == 1100


def test_a_dry_run_writes_nothing(house):
    """It tells what the run would do."""
    house.acme.sync(file(2))
    before = house.events()
    report = house.acme.sync(
        [row("B-1"), row("B-2", family_name="Autre"), row("B-3")], dry_run=True
    )

    assert figures(report) == (1, 1, 1, 0)
    assert set(report.ids) == {"B-1", "B-2"}
    assert house.events() == before
    assert house.acme.employee("B-2").family_name == "Modèle"


# ------------------------------------------------------------------ bad rows


BAD = [
    (row(email="not an address"), "email"),
    (row(given_name=" "), "given_name"),
    (row(birth_date=dt.date(2126, 1, 1)), "birth_date"),
    (row(left_on="2026-09-30"), "left_on"),
    (row(family_name=None), "family_name"),
    (row(family_name="\ud800"), "family_name"),
    (row(" "), "matricule"),
    (row("185057800608491"), "matricule"),
    (row(None), "matricule"),
    ("B-1", "rows"),
    (None, "rows"),
    ({"matricule": "B-1"}, "rows"),
    ({"matricule": "B-1", "given_name": "Noé", "family_name": "Modèle", "wage": "1"}, "rows"),
    (
        {"matricule": "B-1", "given_name": "Noé", "family_name": "Modèle", "hired_on": "1/9"},
        "hired_on",
    ),
]


@pytest.mark.parametrize(("bad", "field"), BAD)
def test_a_bad_row_is_told_and_the_others_are_kept(house, bad, field):
    """By its number, its matricule as given, and an error that names the field; journaled once."""
    report = house.acme.sync([row("B-0"), bad, row("B-2")])
    ((number, matricule, error),) = report.refused

    assert (report.added, report.ok, number) == (2, False, 2)
    assert isinstance(error, InvalidInput)
    assert error.field == field
    assert isinstance(matricule, str)
    assert "Mod" not in repr(report) + str(error) + repr(error)
    assert set(report.ids) == {"B-0", "B-2"}
    assert house.last_event() == ("sync", "invalid-input")


def test_a_matricule_stands_in_a_file_once(house):
    """The first row counts, in whatever batch the second comes."""
    report = house.acme.sync([*file(501), row("B-1", family_name="Autre")])

    assert figures(report) == (501, 0, 0, 1)
    assert report.refused[0][:2] == (502, "B-1")
    assert house.acme.employee("B-1").family_name == "Modèle"


def test_refusals_are_told_in_the_order_of_the_file(lite):
    """Whether they were found on reading a row or on judging it."""
    bad = [row("B-1", email="x"), row(" "), row("B-3", email="x"), None]
    told = lite.acme.sync(bad).refused

    assert [number for number, _, _ in told] == [1, 2, 3, 4]
    assert lite.events()[-4:] == [("sync", error.code) for _, _, error in told]


def test_a_row_changed_in_the_database_stops_the_run(house):
    """Somebody writes the database: nothing more is taken in before a person has looked, and the journal says so."""
    house.acme.sync([row("B-1"), row("B-2", left_on=LEFT)])
    house.run("UPDATE mycvault_employees SET synced = NULL")
    with pytest.raises(RecordDamaged):
        house.acme.sync(file(3))

    assert house.acme.statistics().enrolled == 1
    assert house.last_event() == ("sync", "record-damaged")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    said=st.dictionaries(
        st.sampled_from(["matricule", "given_name", "family_name", "email", "phone", "left_on"]),
        st.none() | st.text(max_size=12) | st.integers() | st.dates(),
    )
)
def test_whatever_stands_in_a_row_it_is_taken_in_or_told(lite, said):
    """Nothing but an error of ours comes of a strange row."""
    report = lite.acme.enrol_many([said])

    assert sum(figures(report)) == 1
    assert all(isinstance(error, MycvaultError) for _, _, error in report.refused)


# ------------------------------------------------------------------ a table


def test_the_rows_of_a_table_are_enrolled(house):
    """As `csv.DictReader` gives them: empty cells say nothing, days are texts."""
    table = io.StringIO(
        "matricule,given_name,family_name,email,birth_date,left_on\n"
        "B-1,Noé,Modèle,noe@example.org,1990-02-28,\n"
        "B-2,Ève,Modèle,,,2026-09-30\n"
        "B-3,,Modèle,,,\n"
    )
    report = house.acme.enrol_many(csv.DictReader(table))

    assert figures(report) == (2, 0, 0, 1)
    assert house.acme.employee("B-1").birth_date == dt.date(1990, 2, 28)
    assert house.acme.employee("B-2").left_on == LEFT


def test_enrolling_many_does_not_change_who_is_there(house):
    """Whom a row describes otherwise is EmployeeExists; the same row again is no news."""
    house.acme.enrol_many([row("B-1")])
    report = house.acme.enrol_many([row("B-1", family_name="Autre"), row("B-2")])

    assert figures(report) == (1, 0, 0, 1)
    assert isinstance(report.refused[0][2], EmployeeExists)
    assert figures(house.acme.enrol_many([row("B-1"), row("B-2")])) == (0, 0, 2, 0)


# ------------------------------------------------------------------ attacks


def at_once(house, *files):
    """Take files in, each in a thread of its own; give the reports of those that came through."""
    reports = []
    threads = [
        threading.Thread(target=lambda given=given: reports.append(house.acme.sync(given)))
        for given in files
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return reports


def test_two_runs_of_a_file_at_once_enrol_everybody_once(house):
    """Nobody is lost or there twice, and nobody's report is wrong about who she is."""
    reports = at_once(house, *[file(60)] * 3)

    assert len(reports) == 3
    assert house.acme.statistics().enrolled == 60
    assert sum(report.added for report in reports) == 60
    assert len({tuple(sorted(report.ids.items())) for report in reports}) == 1


def test_two_files_at_once_in_other_orders(house):
    """They take turns; neither waits for the other for ever, and nobody is half changed."""
    house.acme.sync(file(40))
    rows = [row(f"B-{n}", email=f"b{n}@example.org") for n in range(1, 81)]

    assert len(at_once(house, rows, rows[::-1])) == 2
    shown = house.acme.employees(limit=100).items
    assert {one.matricule: one.email for one in shown} == {one.matricule: one.email for one in rows}


@pytest.mark.parametrize("said", [{"email": "new@example.org"}, {"locale": "en"}])
def test_a_change_between_look_and_act_is_not_hidden(house, monkeypatch, said):
    """HR amends her while the file is taken in: the file is held against what is there then, and has the last word."""
    house.enrolled("B-1", given_name="Noé", family_name="Modèle", email="old@example.org")
    write, left = synchronising._Batch.write, ["Autre"]

    def write_late(batch):
        while left:
            house.acme.amend("B-1", family_name=left.pop())
        write(batch)

    monkeypatch.setattr(synchronising._Batch, "write", write_late)
    report = house.acme.sync([row("B-1", **said)])

    assert (figures(report), left) == ((0, 1, 0, 0), [])
    assert house.acme.employee("B-1").family_name == "Modèle"
    assert figures(house.acme.sync([row("B-1", **said)])) == (0, 0, 1, 0)


def test_a_row_that_is_changed_again_and_again_ends_as_an_outage(house, monkeypatch):
    """It does not go round for ever, and nothing of the batch is kept."""
    house.acme.sync([row("B-1")])
    write, names = synchronising._Batch.write, iter("ABCDEFGH")

    def write_late(batch):
        house.acme.amend("B-1", given_name=next(names))
        write(batch)

    monkeypatch.setattr(synchronising._Batch, "write", write_late)
    with pytest.raises(RecordsUnavailable):
        house.acme.sync([row("B-1", email="new@example.org"), row("B-2")])

    assert house.acme.employee("B-1").email is None
    assert house.acme.statistics().enrolled == 1


def test_a_file_stays_within_its_employer(house):
    """The same matricule elsewhere is somebody else."""
    other = house.vault.add_employer("Other", reference="other")
    ids = [employer.sync(file(1)).ids["B-1"] for employer in (house.acme, other)]

    assert ids[0] != ids[1]
    assert house.acme.statistics().enrolled == other.statistics().enrolled == 1


def test_what_a_row_is_known_by_tells_nothing(house):
    """The same words under two employers and of two people are kept as different digests."""
    other = house.vault.add_employer("Other", reference="other")
    for employer in (house.acme, other):
        employer.sync(file(2))
    kept = [bytes(one.synced) for one in house.rows("SELECT synced FROM mycvault_employees")]

    assert len(set(kept)) == 4
    assert {len(one) for one in kept} == {32}
