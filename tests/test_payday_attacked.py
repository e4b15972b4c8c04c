"""
A payroll meets others between its look and its act, and files that their host closes, gives twice or lends for long.

Whatever happens while a pack is written: nobody gets a document under what no longer holds, nobody else is told of it, and each
refusal is one line.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from sqlalchemy import create_engine

import kit
import services
from kit import pdf
from mycvault import (
    Deposit,
    DepositConflict,
    EmployeeMissing,
    InvalidInput,
    LocalKeys,
    PaperRequired,
    Policy,
    RecordDamaged,
    RecordsUnavailable,
    UnacceptableContent,
    Vault,
)
from payday_kit import MONTH, contents_of, enrol, matricules, read_back, slips

MIB = 1024 * 1024


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


# ------------------------------------------------------------------ files of a host


def test_a_large_file_given_twice_is_whole_once_and_empty_then(house, tmp_path):
    enrol(house, 2)
    whole = pdf(20 * MIB, mark="large")
    path = tmp_path / "large.pdf"
    path.write_bytes(whole)
    with path.open("rb") as file:
        run = [Deposit(one, file, kind="contract") for one in matricules(2)]
        told = list(house.acme.deposit_each(run))

    assert [type(one.error) for one in told] == [type(None), UnacceptableContent]
    assert told[0].receipt.size == len(whole)
    assert read_back(house, "B-00000") == [whole]


def test_files_that_are_closed_once_the_next_is_asked_for(house, tmp_path):
    enrol(house, 4)
    sizes = [600, 9 * MIB, 9 * MIB, 700]

    def source():
        for name, size in zip(matricules(4), sizes, strict=True):
            path = tmp_path / name
            path.write_bytes(pdf(size, mark=name))
            with path.open("rb") as file:
                yield Deposit(name, file, kind="contract")
            path.unlink()

    report = house.acme.deposit_many(source())

    assert [one.size for one in report.receipts] == sizes
    assert read_back(house, "B-00002") == [pdf(9 * MIB, mark="B-00002")]


class Breaking:
    """A file that breaks off after some bytes."""

    def __init__(self, data):
        self.data = data

    def read(self, size):
        part, self.data = self.data[:size], self.data[size:]
        if not part:
            raise OSError("the share went away")
        return part


def test_a_large_file_that_breaks_off_comes_after_what_came_before_it(house):
    enrol(house, 5)
    good = slips(matricules(5))
    bad = Deposit("B-00000", Breaking(pdf(9 * MIB)), kind="contract")
    told = []

    with pytest.raises(OSError, match="the share went away"):
        told.extend(house.acme.deposit_each([*good[:3], bad, *good[3:]]))

    assert [one.deposit for one in told] == good[:3]
    assert all(one.receipt for one in told)
    assert len(contents_of(house)) == 3
    assert house.acme.deposit_many(good).replayed == 3


@pytest.mark.parametrize("most", [1 * MIB, 9 * MIB])
def test_the_limit_of_a_document_below_and_above_that_of_a_pack(tmp_path, records_url, most):
    usual = Policy.for_tests()
    policy = attrs.evolve(usual, documents=attrs.evolve(usual.documents, max_bytes=most))
    with kit.house_at(tmp_path, records_url, policy=policy) as house:
        enrol(house, 4)
        sizes = [most, most + 1]
        (tmp_path / "at").write_bytes(pdf(most, mark="at"))
        (tmp_path / "above").write_bytes(pdf(most + 1, mark="above"))
        contents = [pdf(size, mark="bytes") for size in sizes]
        with (tmp_path / "at").open("rb") as at, (tmp_path / "above").open("rb") as above:
            contents += [tmp_path / "at", tmp_path / "above", at, above]
            run = [
                Deposit("B-00000", content, kind="contract", reference=f"r-{number}")
                for number, content in enumerate(contents)
            ]
            dry = list(house.acme.deposit_each(run, dry_run=True))
            at.seek(0)
            above.seek(0)
            told = list(house.acme.deposit_each(run))

        for outcomes in (dry, told):
            errors = [getattr(one.error, "reason", None) for one in outcomes]
            assert errors == [None, "too-large"] * 3
        assert [bool(one.receipt) for one in dry] == [False] * 6
        assert [bool(one.receipt) for one in told] == [True, False] * 3
        assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_a_moment_that_is_naive_or_none_is_refused_alone(lite):
    enrol(lite, 3)
    run = slips(matricules(3))
    run[0] = attrs.evolve(run[0], available_from=lite.clock.moment.replace(tzinfo=None))
    run[1] = attrs.evolve(run[1], available_from="tomorrow")

    told = list(lite.acme.deposit_each(run))

    assert [getattr(one.error, "field", None) for one in told] == ["available_from"] * 2 + [None]


# ------------------------------------------------------------------ many at once


def runs_at_once(vault, employers, names):
    deposits = slips(names)
    with ThreadPoolExecutor(len(employers)) as pool:
        reports = list(pool.map(lambda employer: employer.deposit_many(deposits), employers))
    assert [report.ok for report in reports] == [True] * len(employers)
    assert {report.replayed for report in reports} == {0}
    assert vault.ping().ok


def two_employers(vault, count):
    rows = [
        {"matricule": one, "given_name": "Ada", "family_name": "Exemple"}
        for one in matricules(count)
    ]
    employers = [
        vault.add_employer(f"Employer {one}", reference=one, urls=kit.URLS) for one in "ab"
    ]
    for employer in employers:
        assert employer.enrol_many(rows).ok
    return employers


def test_two_employers_at_once_on_one_connection_in_memory():
    with Vault.in_memory(policy=Policy.for_tests(), clock=kit.SettableClock()) as vault:
        employers = two_employers(vault, 700)

        runs_at_once(vault, employers, matricules(700))

        assert [employer.statistics().deposits for employer in employers] == [700, 700]


def test_two_employers_at_once_on_a_hosts_only_connection(tmp_path, postgres_url):
    url = services.fresh_database(postgres_url)
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=20)
    try:
        with kit.make_vault(tmp_path / "vault", engine) as vault:
            employers = two_employers(vault, 700)

            runs_at_once(vault, employers, matricules(700))
    finally:
        engine.dispose()
        services.drop_database(url)


def test_two_vaults_on_one_file_at_once(tmp_path):
    keys = LocalKeys.generate(tmp_path / "keyring")
    with kit.house_at(tmp_path, keys=keys) as house:
        enrol(house, 700)
        with Vault.open(house.folder, keys=keys, policy=Policy.for_tests()) as other:
            employers = [house.acme, other.employer("acme")]
            with ThreadPoolExecutor(2) as pool:
                reports = list(
                    pool.map(lambda one: one.deposit_many(slips(matricules(700))), employers)
                )

        assert [report.ok for report in reports] == [True, True]
        assert sum(report.replayed for report in reports) == 700
        assert len(contents_of(house)) == 700
        assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_a_run_asked_from_several_threads_gives_each_outcome_once(lite):
    enrol(lite, 600)
    outcomes = lite.acme.deposit_each(slips(matricules(600)))
    lock, told = threading.Lock(), []

    def work():
        while True:
            with lock:
                one = next(outcomes, None)
            if one is None:
                return
            told.append(one.receipt.matricule)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == matricules(600)


def test_a_run_that_is_forgotten_leaves_no_thread(lite):
    enrol(lite, 600)
    outcomes = lite.acme.deposit_each(slips(matricules(600)))
    next(outcomes)

    del outcomes

    assert not [one for one in threading.enumerate() if one.name.startswith("mycvault-payday")]
    assert len(lite.acme.deposit_many(slips(matricules(600))).receipts) == 600
