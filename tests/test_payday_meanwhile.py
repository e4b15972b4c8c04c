"""Runs that are cut, met by others, fed by what breaks off or struck by damage: nothing acknowledged is lost, nothing is twice."""

import io
import os
import threading
import tracemalloc

import pytest

import kit
from kit import pdf
from mycvault import BlobsUnavailable, Deposit, DocumentDamaged, InvalidInput, Policy, SetupError
from payday_kit import MONTH, contents_of, enrol, matricules, read_back, slips

# ------------------------------------------------------------------ sources that end badly


def test_files_and_paths_are_taken_and_left_open(house, tmp_path):
    enrol(house, 3)
    path = tmp_path / "slip.pdf"
    path.write_bytes(pdf(mark="path"))
    large = tmp_path / "large.pdf"
    large.write_bytes(pdf(9 * 1024 * 1024, mark="large"))
    file = io.BytesIO(pdf(9 * 1024 * 1024, mark="file"))
    run = [
        Deposit("B-00000", path, kind="payslip", period=MONTH),
        Deposit("B-00001", large, kind="contract"),
        Deposit("B-00002", file, kind="contract"),
        Deposit("B-00002", tmp_path / "missing.pdf", kind="contract"),
    ]

    told = list(house.acme.deposit_each(run))

    assert [type(one.error) for one in told] == [type(None)] * 3 + [InvalidInput]
    assert not file.closed
    assert read_back(house, "B-00002") == [file.getvalue()]
    assert read_back(house, "B-00001") == [large.read_bytes()]


def test_what_came_before_a_source_breaks_off_is_deposited_and_told(house):
    enrol(house, 5)

    def source():
        yield from slips(matricules(5)[:3])
        raise LookupError("the payroll engine died")

    told = []
    with pytest.raises(LookupError):
        told.extend(house.acme.deposit_each(source()))
    assert len(told) == 3
    report = house.acme.deposit_many(slips(matricules(5)))

    assert report.replayed == 3


def test_a_run_that_nobody_goes_on_asking_ends(house):
    enrol(house, 600)
    outcomes = house.acme.deposit_each(slips(matricules(600)))
    first = next(outcomes)

    outcomes.close()

    assert first.receipt is not None
    assert not [one for one in threading.enumerate() if one.name.startswith("mycvault-payday")]
    assert house.acme.deposit_many(slips(matricules(600))).ok
    assert len(contents_of(house)) == 600


def test_an_outage_is_raised_after_what_was_done_before_it(tmp_path, lite):
    enrol(lite, 700)
    blobs = kit.UnhurriedBlobs.before(lite.vault._desk.blobs, lite.vault)
    lite.vault._desk.blobs = blobs
    run = slips(matricules(700))
    told = []

    def source():
        for number, given in enumerate(run):
            if number == 300:
                blobs.failure = BlobsUnavailable("the bucket is away")
            yield given

    with pytest.raises(BlobsUnavailable):
        told.extend(lite.acme.deposit_each(source()))
    acknowledged = len(told)
    blobs.failure = None
    report = lite.acme.deposit_many(run)

    assert acknowledged <= 512
    assert report.ok
    assert report.replayed >= acknowledged
    assert len(contents_of(lite)) == 700


def test_a_run_that_is_cut_by_a_fork_is_refused_in_the_child(lite):
    enrol(lite, 600)
    outcomes = lite.acme.deposit_each(slips(matricules(600)))
    next(outcomes)
    child = os.fork()
    if child == 0:
        try:
            for _ in outcomes:
                pass
        except SetupError:
            os._exit(7)
        os._exit(8)

    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 7
    assert sum(1 for _ in outcomes) == 599


# ------------------------------------------------------------------ others at the same time


def test_two_workers_with_one_payroll_deposit_it_once(house):
    enrol(house, 600)
    run = slips(matricules(600))
    reports, met = [], []

    def work(deposits):
        try:
            reports.append(house.acme.deposit_many(deposits))
        except Exception as error:  # noqa: BLE001 - what must never be met is told
            met.append(error)

    threads = [
        threading.Thread(target=work, args=(deposits,)) for deposits in (run, run, run[::-1])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert met == []
    assert [report.ok for report in reports] == [True] * 3
    assert sum(len(report.receipts) - report.replayed for report in reports) == 600
    found = [{one.reference: one.document_id for one in report.receipts} for report in reports]
    assert found[0] == found[1] == found[2]
    assert len(contents_of(house)) == 600
    assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_one_row_that_was_tampered_with_stops_nobody_else(house):
    enrol(house, 20)
    house.run(
        "UPDATE mycvault_employees SET paper_from = '2026-01-01' WHERE id = "
        "(SELECT min(id) FROM mycvault_employees)"
    )

    report = house.acme.deposit_many(slips(matricules(20)))

    assert [error.code for _, error in report.refused] == ["record-damaged"]
    assert len(report.receipts) == 19
    assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_a_lost_safe_key_stops_nobody_else(house):
    enrol(house, 20)
    (safe,) = house.rows("SELECT safe_id FROM mycvault_employees ORDER BY id LIMIT 1")
    house.vault._desk.keys.destroy([safe.safe_id])

    report = house.acme.deposit_many(slips(matricules(20)))

    assert len(report.receipts) == 19
    assert len(report.refused) == 1
    assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_places_in_a_pack_cannot_be_swapped(lite):
    enrol(lite, 2)
    lite.acme.deposit_many(slips(matricules(2)))
    one, other = contents_of(lite)
    assert one.length == other.length
    swap = 'UPDATE mycvault_contents SET "offset" = :offset WHERE id = :id'
    lite.run(swap, offset=other.offset, id=one.id)
    lite.run(swap, offset=one.offset, id=other.id)
    lite.acme.amend("B-00000", email="ada@example.org")
    safe = lite.activated("B-00000").safe
    (document,) = safe.documents()

    with pytest.raises(DocumentDamaged):
        safe.read(document.id)


# ------------------------------------------------------------------ memory


def test_memory_does_not_grow_with_the_run(tmp_path):
    with kit.house_at(tmp_path, policy=Policy.for_tests()) as house:
        enrol(house, 300)
        names = matricules(300)

        def source():
            for round_ in range(6):
                for name in names:
                    yield Deposit(
                        name, pdf(60_000, mark=f"{name} {round_}"), kind="contract", period=MONTH
                    )

        list(house.acme.deposit_each(slips(names)))
        tracemalloc.start()
        try:
            count = sum(
                outcome.receipt is not None for outcome in house.acme.deposit_each(source())
            )
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert count == 1800
    assert peak < 100 * 1024 * 1024
