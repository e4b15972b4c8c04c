"""
Many deposits: packed into blobs and entered in acts, each with its own outcome, in order, once, whatever else goes on.
"""

import attrs

import kit
from kit import pdf
from mycvault import (
    Deposit,
    DepositConflict,
    DocumentMissing,
    EmployeeMissing,
    InvalidInput,
    PaperRequired,
    UnacceptableContent,
)
from payday_kit import MONTH, contents_of, enrol, matricules, read_back, slips

# ------------------------------------------------------------------ one run


def test_a_payroll_lies_in_one_blob_and_every_payslip_reads_back(house):
    names = matricules(40)
    enrol(house, 40)

    report = house.acme.deposit_many(slips(names))

    assert [one.matricule for one in report.receipts] == names
    assert report.ok
    assert report.replayed == 0
    assert len(house.blobs()) == 1
    assert [read_back(house, one) for one in names[:3]] == [[pdf(mark=one)] for one in names[:3]]


def test_the_same_payroll_again_writes_nothing(house):
    enrol(house, 30)
    run = slips(matricules(30))
    first = house.acme.deposit_many(run)
    before = house.blobs(), house.events()

    again = house.acme.deposit_many(run)

    assert again.replayed == 30
    assert again.receipts == [attrs.evolve(one, replayed=True) for one in first.receipts]
    assert (house.blobs(), house.events()) == before


def test_a_run_that_was_cut_is_completed(house):
    enrol(house, 30)
    run = slips(matricules(30))
    house.acme.deposit_many(run[10:20])

    report = house.acme.deposit_many(run)

    assert report.replayed == 10
    assert len(report.receipts) == 30
    assert len(contents_of(house)) == 30


def test_ids_and_places_do_not_tell_the_order_of_a_payroll(lite):
    names = matricules(60)
    enrol(lite, 60)

    report = lite.acme.deposit_many(slips(names))

    by_id = [one.matricule for one in sorted(report.receipts, key=lambda one: one.document_id)]
    places = [row.offset for row in contents_of(lite)]
    assert sorted(by_id) == names
    assert by_id != names
    assert places == sorted(places)


def test_a_pack_holds_contents_side_by_side_and_nothing_else(lite):
    enrol(lite, 20)

    lite.acme.deposit_many(slips(matricules(20), size=5000))

    rows = contents_of(lite)
    ends = [row.offset + row.length for row in rows]
    assert [row.offset for row in rows] == [0, *ends[:-1]]
    assert {row.blob_size for row in rows} == {ends[-1]}
    (path,) = [one for one in (lite.folder / "blobs").rglob("*") if one.is_file()]
    assert path.stat().st_size == ends[-1]


def test_packs_stay_below_eight_mebibytes(lite):
    enrol(lite, 7)

    report = lite.acme.deposit_many(slips(matricules(7), size=3 * 1024 * 1024))

    assert report.ok
    sizes = {row.blob: row.blob_size for row in contents_of(lite)}
    assert len(sizes) == 4
    assert max(sizes.values()) <= 8 * 1024 * 1024


def test_each_has_its_own_outcome_in_order(house):
    enrol(house, 4)
    house.acme.delivery.record_objection("B-00002", on=house.vault.today(), means="letter")
    first = house.acme.deposit("B-00003", pdf(mark="first"), kind="contract", reference="taken")
    large = pdf(9 * 1024 * 1024, mark="large")
    run = [
        Deposit("B-00000", pdf(mark="one"), kind="payslip", period=MONTH),
        Deposit("nobody", pdf(mark="two"), kind="payslip", period=MONTH),
        Deposit("B-00001", b"no pdf", kind="payslip", period=MONTH),
        Deposit("B-00001", pdf(mark="four"), kind="of no kind"),
        Deposit("B-00002", pdf(mark="five"), kind="payslip", period=MONTH),
        Deposit("B-00003", pdf(mark="six"), kind="contract", reference="taken"),
        Deposit("B-00003", pdf(mark="first"), kind="contract", reference="taken"),
        Deposit("B-00003", pdf(mark="b"), kind="contract", corrects=[first.document_id]),
        Deposit("B-00003", pdf(mark="c"), kind="contract", corrects=[kit.pdf().hex()[:36]]),
        Deposit("B-00001", large, kind="contract", reference="large"),
        Deposit("B-00000", pdf(mark="one"), kind="payslip", period=MONTH),
        Deposit("", pdf(), kind="payslip"),
        "no deposit",
    ]

    told = list(house.acme.deposit_each(run))

    assert [outcome.deposit for outcome in told] == run
    assert [type(outcome.error) for outcome in told] == [
        type(None),
        EmployeeMissing,
        UnacceptableContent,
        InvalidInput,
        PaperRequired,
        DepositConflict,
        type(None),
        type(None),
        DocumentMissing,
        type(None),
        type(None),
        InvalidInput,
        InvalidInput,
    ]
    replayed = [outcome.receipt.replayed for outcome in told if outcome.receipt]
    assert replayed == [False, True, False, False, True]


def test_refusals_stand_in_her_history_and_in_the_employers(house):
    enrol(house, 2)
    run = [
        Deposit("B-00000", b"no pdf", kind="payslip", period=MONTH),
        Deposit("nobody", pdf(), kind="payslip", period=MONTH),
        Deposit("B-00001", pdf(), kind="payslip", period=MONTH),
    ]

    house.acme.deposit_many(run)

    told = house.rows(
        "SELECT outcome, subject FROM mycvault_events WHERE verb = 'deposit' ORDER BY outcome"
    )
    assert [row.outcome for row in told] == ["", "employee-missing", "unacceptable-content"]
    of_people = {row[0] for row in house.rows("SELECT safe_id FROM mycvault_employees")}
    assert [row.subject in of_people for row in told] == [True, False, True]


def test_a_dry_run_judges_everything_and_writes_nothing_but_refusals(house):
    enrol(house, 10)
    run = [*slips(matricules(10)), *slips(["nobody"])]
    house.acme.deposit_many(run[:2])
    before = house.blobs(), contents_of(house)

    told = list(house.acme.deposit_each(run, dry_run=True))

    assert [bool(one.receipt) for one in told] == [True, True] + [False] * 9
    assert [type(one.error) for one in told] == [type(None)] * 10 + [EmployeeMissing]
    assert (house.blobs(), contents_of(house)) == before
    assert house.last_event() == ("judge-deposit", "employee-missing")


def test_whoever_joined_is_told_once_for_each_document(house):
    enrol(house, 3)
    house.acme.amend("B-00001", email="ada@example.org")
    house.activated("B-00001")

    house.acme.deposit_many(slips(matricules(3)))
    house.acme.deposit_many(slips(matricules(3)))

    assert [letter.to for letter in house.sent("new-document")] == ["ada@example.org"]


def test_what_is_deposited_on_the_25th_is_seen_on_the_28th(house):
    enrol(house, 2)
    house.acme.amend("B-00001", email="ada@example.org")
    session = house.activated("B-00001")
    moment = house.clock.moment + 3 * 24 * 60 * kit.MINUTE

    assert house.acme.deposit_many(slips(matricules(2), available_from=moment)).ok

    assert session.safe.count() == 0
    assert "deposit" not in [event.verb for event in session.safe.history()]
    house.clock.moment = moment
    safe = house.signed_in("ada@example.org").safe
    assert safe.count() == 1
    assert "deposit" in [event.verb for event in safe.history()]
