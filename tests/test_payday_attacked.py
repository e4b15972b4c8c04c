"""
A payroll meets others between its look and its act, and other payrolls on what there is one of.

Whatever happens while a pack is written: nobody gets a document under what no longer holds, nobody else is told of it, and each
refusal is one line.
"""

import attrs
import pytest

import kit
from kit import pdf
from mycvault import (
    Deposit,
    DepositConflict,
    EmployeeMissing,
    InvalidInput,
    PaperRequired,
    RecordDamaged,
    RecordsUnavailable,
    UnacceptableContent,
)
from mycvault.directory import receiving
from payday_kit import MONTH, contents_of, enrol, matricules, read_back, slips


class Meanwhile(kit.UnhurriedBlobs):
    """A store of blobs during whose first writing something else happens; what it is lent it cannot write to."""

    def __init__(self, slow):
        super().__init__(slow)
        self.happens = None

    def put(self, key, data):
        assert not isinstance(data, memoryview) or data.readonly
        super().put(key, data)
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()


def meanwhile(house, happens):
    blobs = Meanwhile.before(house.vault._desk.blobs, house.vault)
    house.vault._desk.blobs = blobs
    blobs.happens = happens


def refusals(house):
    found = house.rows(
        "SELECT outcome, subject FROM mycvault_events WHERE verb = 'deposit' AND outcome <> '' ORDER BY id"
    )
    return [tuple(row) for row in found]


def documents_of(house):
    return [row[0] for row in house.rows("SELECT safe_id FROM mycvault_documents")]


def safe_of(house, matricule):
    query = "SELECT safe_id FROM mycvault_employees WHERE id = :id"
    return house.rows(query, id=house.acme.employee(matricule).id)[0][0]


# ------------------------------------------------------------------ between the look and the act


def test_an_objection_while_the_pack_is_written_is_kept_and_told_once(house):
    enrol(house, 6)
    names = matricules(6)
    run = [*slips(names), Deposit("nobody", pdf(), kind="payslip", period=MONTH)]
    run.append(Deposit("B-00005", b"no pdf", kind="payslip", period=MONTH))
    today = house.vault.today()
    meanwhile(
        house,
        lambda: house.acme.delivery.record_objection("B-00002", on=today, means="letter"),
    )

    told = list(house.acme.deposit_each(run))

    assert [outcome.deposit for outcome in told] == run
    errors = [type(outcome.error) for outcome in told if outcome.error]
    assert errors == [PaperRequired, EmployeeMissing, UnacceptableContent]
    objector = safe_of(house, "B-00002")
    assert objector not in documents_of(house)
    outcomes = dict(refusals(house))
    assert len(refusals(house)) == 3
    assert outcomes["paper-required"] == objector
    assert outcomes["unacceptable-content"] == safe_of(house, "B-00005")
    assert len(contents_of(house)) == 5
    assert {row.blob for row in contents_of(house)} == set(house.blobs())
    assert read_back(house, "B-00003") == [pdf(mark="B-00003")]


def test_an_account_erased_while_the_pack_is_written_gets_it_into_its_new_safe(house):
    enrol(house, 3)
    house.acme.amend("B-00001", email="ada@example.org")
    session = house.activated("B-00001")
    old = safe_of(house, "B-00001")
    meanwhile(house, session.security.erase_account)

    report = house.acme.deposit_many(slips(matricules(3)))

    assert report.ok
    assert old not in documents_of(house)
    assert safe_of(house, "B-00001") in documents_of(house)
    assert house.sent("new-document") == []
    assert house.activated("B-00001").safe.count() == 1


def test_who_joins_while_the_pack_is_written_is_told(house):
    enrol(house, 3)
    house.acme.amend("B-00001", email="ada@example.org")
    meanwhile(house, lambda: house.activated("B-00001"))

    assert house.acme.deposit_many(slips(matricules(3))).ok

    assert [letter.to for letter in house.sent("new-document")] == ["ada@example.org"]


def test_she_is_told_at_the_address_she_proved_while_the_pack_was_written(house):
    house.enrolled("B-00000", phone=None, locale="en")
    house.activated("B-00000", email="private@example.org")
    link = house.post("private@example.org").context["link"].rpartition("/")[2]
    meanwhile(house, lambda: house.vault.confirm_address(link))

    assert house.acme.deposit_many(slips(["B-00000"])).ok

    assert [letter.to for letter in house.sent("new-document")] == ["private@example.org"]


def test_an_address_that_is_not_proved_is_never_written_to(house):
    house.enrolled("B-00000", phone=None, locale="en")
    house.activated("B-00000", email="private@example.org")

    assert house.acme.deposit_many(slips(["B-00000"])).ok

    assert house.sent("new-document") == []


def test_a_reference_used_by_another_call_while_the_pack_is_written(house):
    enrol(house, 3)
    run = slips(matricules(3))
    run[1] = attrs.evolve(run[1], reference="taken")
    meanwhile(
        house, lambda: house.acme.deposit("B-00002", pdf(), kind="contract", reference="taken")
    )

    told = list(house.acme.deposit_each(run))

    assert [type(one.error) for one in told] == [type(None), DepositConflict, type(None)]
    assert [outcome for outcome, _ in refusals(house)] == ["deposit-conflict"]
    assert len(contents_of(house)) == 3
    assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_a_reference_withdrawn_before_its_turn_is_deposited_anew(house):
    enrol(house, 3)
    run = slips(matricules(3))
    first = house.acme.deposit_many(run[:1]).receipts[0]
    meanwhile(house, lambda: house.acme.withdraw(first.document_id, reason="Wrong month."))
    house.acme.deposit_many(run[1:])

    (again,) = house.acme.deposit_many(run[:1]).receipts

    assert not again.replayed
    assert read_back(house, "B-00000") == [pdf(mark="B-00000")]


def test_records_that_go_away_before_the_act_acknowledge_nothing_and_the_run_again_does_all(house):
    enrol(house, 4)
    bad = Deposit("nobody", pdf(), kind="payslip", period=MONTH)
    desk = house.vault._desk
    rows = desk.rows

    def gone(*given, **how):
        desk.rows = rows
        raise RecordsUnavailable

    meanwhile(house, lambda: setattr(desk, "rows", gone))
    run, told = [bad, *slips(matricules(4))], []
    with pytest.raises(RecordsUnavailable):
        told.extend(house.acme.deposit_each(run))

    assert (told, refusals(house), contents_of(house)) == ([], [], [])
    assert len(house.acme.deposit_many(run).receipts) == 4
    assert len(refusals(house)) == 1


def test_a_pack_that_a_sweep_condemned_goes_under_another_name(house):
    enrol(house, 4)

    def condemned():
        (key,) = house.blobs()
        house.run("INSERT INTO mycvault_orphans VALUES (:key, 0, 0, :seal)", key=key, seal=b"x")

    meanwhile(house, condemned)
    told = list(house.acme.deposit_each([*slips(matricules(4)), *slips(["nobody"])]))

    assert [bool(one.receipt) for one in told] == [True] * 4 + [False]
    assert len(refusals(house)) == 1
    (blob,) = {row.blob for row in contents_of(house)}
    assert len(house.blobs()) == 2
    assert blob in house.blobs()
    assert read_back(house, "B-00003") == [pdf(mark="B-00003")]


def test_a_batch_that_loses_every_race_is_deposited_one_by_one(house, monkeypatch):
    enrol(house, 3)
    monkeypatch.setattr(receiving, "keep_all", lambda act, found: False)
    run = [*slips(["nobody"]), *slips(matricules(3))]

    told = list(house.acme.deposit_each(run))

    assert [outcome.deposit for outcome in told] == run
    assert [bool(one.receipt) for one in told] == [False, True, True, True]
    assert [outcome for outcome, _ in refusals(house)] == ["employee-missing"]
    assert {row.blob for row in contents_of(house)} == set(house.blobs())
    assert len(house.blobs()) == 3


# ------------------------------------------------------------------ what was tampered with


def test_a_damaged_row_beside_what_is_no_deposit_at_all(house):
    enrol(house, 3)
    house.run("UPDATE mycvault_employees SET paper_from = '2026-01-01'")

    told = list(house.acme.deposit_each(["no deposit", *slips(matricules(1)), None]))

    assert [type(one.error) for one in told] == [InvalidInput, RecordDamaged, InvalidInput]


@pytest.mark.parametrize("table", ["safes", "accounts"])
def test_whose_rows_were_deleted_is_not_left_untold(house, table):
    enrol(house, 3)
    house.acme.amend("B-00001", email="ada@example.org")
    account = house.activated("B-00001").account_id
    of = "account_id" if table == "safes" else "id"
    house.run(f"DELETE FROM mycvault_{table} WHERE {of} = :account", account=account)

    report = house.acme.deposit_many(slips(matricules(3)))

    assert [(one.matricule, error.code) for one, error in report.refused] == [
        ("B-00001", "record-damaged")
    ]
    assert len(report.receipts) == 2
    assert {row.blob for row in contents_of(house)} == set(house.blobs())
