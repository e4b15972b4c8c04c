"""
A payroll meets people on paper.
"""

import datetime as dt
import threading

import kit
from mycvault import (
    Deposit,
)

TODAY = kit.START.date()
DAY = dt.timedelta(days=1)
LETTER = {"on": TODAY, "means": "letter"}


def slip(house, matricule="A-0042", **other):
    given = {"kind": "payslip", "period": "2026-10", **other}
    return house.acme.deposit(matricule, kit.pdf(), **given)


# ------------------------------------------------------------------ payroll


def test_a_payroll_lists_what_is_to_be_printed(house):
    """Everybody else's payslip is in; the same run again adds nothing and lists the same."""
    for number in range(4):
        house.enrolled(f"A-{number}", email=None, phone=None)
    house.acme.delivery.record_objection("A-2", **LETTER)
    run = [
        Deposit(f"A-{number}", kit.pdf(mark=str(number)), kind="payslip", period="2026-10")
        for number in range(4)
    ]
    run += [Deposit("A-9", kit.pdf(), kind="payslip"), Deposit("A-0", b"no", kind="payslip")]
    run += [Deposit("A-0", kit.pdf(), kind="novel", period="2026-13")]
    seen = []
    first = house.acme.deposit_many(run, on_progress=seen.append)
    second = house.acme.deposit_many(iter(run))

    assert seen == list(range(1, 8))
    for report, replayed in ((first, 0), (second, 3)):
        assert [one.matricule for one in report.receipts] == ["A-0", "A-1", "A-3"]
        assert report.paper == [run[2]]
        assert [(one.matricule, error.code) for one, error in report.refused] == [
            ("A-9", "employee-missing"),
            ("A-0", "unacceptable-content"),
            ("A-0", "invalid-input"),
        ]
        assert (report.replayed, report.ok) == (replayed, False)
    assert house.acme.statistics().deposits == 3


def test_a_dry_run_writes_nothing(house):
    """It says what would be refused, printed, or is there already; large files are measured, not kept."""
    house.enrolled()
    house.enrolled("A-2", email=None, phone=None)
    house.acme.delivery.record_objection("A-2", **LETTER)
    receipt = slip(house)
    before = (house.events(), house.blobs())
    run = [
        Deposit("A-0042", kit.pdf(), kind="payslip", period="2026-10"),
        Deposit("A-0042", kit.pdf(9 << 20), kind="payslip", period="2026-11"),
        Deposit("A-2", kit.pdf(), kind="payslip"),
        Deposit("A-0042", kit.pdf(mark="other"), kind="payslip", reference=receipt.reference),
    ]
    told = list(house.acme.deposit_each(run, dry_run=True))

    assert [outcome.deposit for outcome in told] == run
    assert told[0].receipt.replayed
    assert (told[1].receipt, told[1].error) == (None, None)
    assert [outcome.error.code for outcome in told[2:]] == ["paper-required", "deposit-conflict"]
    events = house.events()[len(before[0]) :]
    assert events == [("judge-deposit", "paper-required"), ("judge-deposit", "deposit-conflict")]
    assert house.blobs() == before[1]


def test_an_objection_during_a_payroll_run_is_seen_whole(house):
    """Deposits and changes of mind of one person race: each payslip is in or on the list, as the choice stood then."""
    house.enrolled()
    stop, results = threading.Event(), []

    def pay():
        number = 0
        while not stop.is_set() or number < 12:
            number += 1
            outcome = house.acme.deposit_many(
                [Deposit("A-0042", kit.pdf(mark=f"{number}"), kind="payslip")]
            )
            results.append((len(outcome.receipts), len(outcome.paper), len(outcome.refused)))

    def choose():
        for turn in range(8):
            on = TODAY - (8 - turn) * DAY
            record = house.acme.delivery.record_objection
            if turn % 2:
                record = house.acme.delivery.record_return_to_electronic
            record("A-0042", on=on, means="letter")
        stop.set()

    threads = [threading.Thread(target=pay), threading.Thread(target=choose)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(results) <= {(1, 0, 0), (0, 1, 0)}
    receipts = sum(receipt for receipt, _, _ in results)
    assert house.acme.statistics().deposits == receipts
    assert len(house.blobs()) == receipts
    assert house.acme.delivery.mode("A-0042") == "electronic"
