"""
What was thought of by attacking it: bytes that stay in a log, crashes between the steps, restores, clocks that differ, crowds.
"""

import datetime as dt
import shutil
import sqlite3
import threading

import pytest

import kit
from mycvault import (
    Deposit,
    InvalidInput,
    LocalKeys,
    MycvaultError,
    Policy,
    RecordDamaged,
    SignInRefused,
    UnavailableError,
    Vault,
)

DAY = dt.timedelta(days=1)


class _Crash(BaseException):
    """The process ends here."""


def crash(*_, **__):
    raise _Crash


# ------------------------------------------------------------------ bytes that stay


def test_a_destroyed_documents_key_is_out_of_the_log(lite):
    """Neither the file nor its log holds the wrapped key or the sealed title any more, whatever is replayed of them."""
    session = lite.joined()
    receipt = kit.slip(lite, period="2026-10")
    row = lite.rows("SELECT wrapped FROM mycvault_contents")[0]
    title = lite.rows("SELECT title FROM mycvault_documents")[0][0]
    session.safe.destroy(receipt.document_id)

    for path in lite.folder.glob("records.sqlite3*"):
        held = path.read_bytes()
        assert bytes(row.wrapped) not in held, path.name
        assert bytes(title) not in held, path.name


def test_a_reader_that_stays_keeps_an_erasure_unfinished_until_it_is_gone(lite):
    """A backup that reads the keys' file does not hold anybody up; the next purge takes the bytes out, and says so."""
    session = lite.joined()
    path = lite.folder / "keys.sqlite3"
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    wrapped = [row[0] for row in reader.execute("SELECT wrapped FROM mycvault_personal_keys")]
    began = dt.datetime.now(tz=dt.UTC)
    session.security.erase_account()
    assert dt.datetime.now(tz=dt.UTC) - began < dt.timedelta(seconds=20)
    (row,) = lite.rows("SELECT forgotten_at FROM mycvault_accounts")
    assert row.forgotten_at is None
    reader.execute("COMMIT")
    reader.close()

    assert lite.vault.upkeep.purge(dry_run=False).counts["erasures_finished"] == 1
    files = [one.read_bytes() for one in lite.folder.glob("keys.sqlite3*")]
    assert not any(secret in held for secret in wrapped for held in files)
    assert lite.vault.upkeep.purge(dry_run=False).counts["erasures_finished"] == 0


def test_nobody_is_named_by_an_erased_accounts_number(house):
    """Acceptances and destructions still bear it, and no row leads from it to the employer's record."""
    house.vault.publish_terms("1", kit.TERMS, locale="en")
    session = house.joined()
    session.security.erase_account()

    (accepted,) = house.vault.acceptances()
    assert accepted.account_id == session.account_id
    query = "SELECT * FROM mycvault_safes WHERE account_id = :account"
    assert house.rows(query, account=session.account_id) == []


# ------------------------------------------------------------------ crashes


@pytest.mark.parametrize("step", ["before the receipts", "before the keys", "before the mark"])
@pytest.mark.parametrize("how", ["release", "the last day"])
def test_a_hold_that_ends_in_a_crash_is_let_go_by_a_purge(house, monkeypatch, how, step):
    """What it kept of an erased account, and the key it kept it under, go with the next purge."""
    from mycvault.retention import service as retention
    from mycvault.stories import forgetting

    session = house.joined()
    kit.slip(house, period="2026-10")
    until = None if how == "release" else house.clock.moment.date() + DAY
    house.vault.upkeep.hold("acme", "A-0042", reason="a dispute", until=until)
    session.security.erase_account()
    house.clock.advance(3 * DAY)
    where = {
        "before the receipts": (forgetting, "forget_safe"),
        "before the keys": (type(house.vault._desk.keys), "destroy"),
        "before the mark": (retention, "mark_let_go"),
    }[step]
    upkeep = house.vault.upkeep
    end = {
        "release": lambda: upkeep.release("acme", "A-0042", reason="settled"),
        "the last day": lambda: upkeep.purge(dry_run=False),
    }[how]
    with monkeypatch.context() as patched:
        patched.setattr(*where, crash)
        with pytest.raises(_Crash):
            end()

    assert house.vault.upkeep.purge(dry_run=False).ok
    assert house.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 0
    (hold,) = house.rows("SELECT key_id, let_go_at FROM mycvault_holds")
    assert hold.let_go_at is not None
    assert house.vault._desk.keys.missing([hold.key_id]) == {hold.key_id}
    assert len(house.acme.deposits()) == 1


# ------------------------------------------------------------------ a restore


def test_erasures_are_run_again_after_a_restore(tmp_path):
    """Yesterday's records beside today's keys: she stays erased, and the employer's lists and deposits answer again."""
    keys, clock, folder = LocalKeys.ephemeral(), kit.SettableClock(), tmp_path / "vault"
    policy, backup = Policy.for_tests(), tmp_path / "backup"
    with kit.make_vault(folder, None, keys=keys, clock=clock) as vault:
        house = kit.House.__new__(kit.House)
        house.vault, house.clock, house.courier = vault, clock, kit.MemoryCourier()
        house.acme = vault.add_employer("Acme", reference="acme", urls=kit.URLS)
        session = house.joined()
        house.enrolled("A-2", email="two@example.org", phone=None)
        kit.slip(house, period="2026-10")
        kit.slip(house, matricule="A-2", period="2026-10")
        token = session.token.reveal()
    shutil.copytree(folder, backup)
    with Vault.open(folder, keys=keys, policy=policy, clock=clock) as vault:
        vault.resume(token).security.erase_account()
    shutil.copy(folder / "keys.sqlite3", backup / "keys.sqlite3")

    with Vault.open(backup, keys=keys, policy=policy, clock=clock) as vault:
        house.vault, house.acme = vault, vault.employer("acme")
        with pytest.raises(RecordDamaged):
            house.acme.deposits()
        assert vault.upkeep.erase_again().counts == {"accounts": 1, "documents": 0}
        report = vault.upkeep.erase_again(dry_run=False)
        assert (report.ok, report.counts) == (True, {"accounts": 1, "documents": 1})
        assert vault.upkeep.erase_again(dry_run=False).counts == {"accounts": 0, "documents": 0}
        assert [one.matricule for one in house.acme.deposits()] == ["A-2"]
        with pytest.raises(SignInRefused):
            vault.sign_in(kit.EMAIL, kit.PASSWORD)
        assert vault.upkeep.announce_closure("acme", on=dt.date(2027, 3, 1)) == 2
        assert not kit.slip(house, period="2026-10").replayed
        assert house.activated().safe.count() == 1


# ------------------------------------------------------------------ time


@pytest.mark.parametrize("year", [1, 1900, 2199, 9999])
def test_a_moment_beyond_all_calendars_is_an_input_of_that_row(lite, year):
    """It is refused as one row's mistake, and the rest of the payroll goes in."""
    lite.enrolled()
    moment = dt.datetime(year, 12, 31, 23, tzinfo=dt.UTC)
    run = [
        Deposit("A-0042", kit.pdf(mark="one"), kind="payslip", available_from=moment),
        Deposit("A-0042", kit.pdf(mark="two"), kind="payslip"),
    ]
    report = lite.acme.deposit_many(run)

    assert [error.field for _, error in report.refused] == ["available_from"]
    assert isinstance(report.refused[0][1], InvalidInput)
    assert len(report.receipts) == 1


def test_her_last_will_counts_whatever_the_servers_clocks_say(lite):
    """Two servers, one of them slow: what was written down last on a day is what holds."""
    lite.enrolled()
    on = lite.clock.moment.date()
    lite.acme.delivery.record_objection("A-0042", on=on, means="letter")
    lite.acme.delivery.record_return_to_electronic("A-0042", on=on, means="letter")
    lite.clock.moment -= dt.timedelta(seconds=30)
    lite.acme.delivery.record_objection("A-0042", on=on, means="e-mail")

    assert lite.acme.delivery.mode("A-0042") == "paper"


# ------------------------------------------------------------------ a database without keys


def test_a_document_whose_safe_is_gone_is_not_purged_as_if_nothing_held_it(house):
    """Whoever deletes the row that leads to its hold gets a finding, and no lawful destruction."""
    session = house.joined()
    receipt = kit.slip(house, period="2026-10")
    session.safe.discard(receipt.document_id)
    house.vault.upkeep.hold("acme", "A-0042", reason="a dispute")
    house.clock.advance(31 * DAY)
    house.run("DELETE FROM mycvault_safes")
    report = house.vault.upkeep.purge(dry_run=False)

    assert report.findings == [f"document {receipt.document_id}: record-damaged"]
    assert house.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 1


def test_a_damaged_document_does_not_keep_her(house):
    """One row that somebody broke must not stand between her and her erasure."""
    session = house.joined()
    kit.slip(house, period="2026-10")
    broken = kit.slip(house, "broken", period="2026-11")
    house.run(
        "UPDATE mycvault_documents SET size = 1 WHERE id = :broken", broken=broken.document_id
    )

    assert session.security.erase_account().documents == 2
    assert len(house.acme.deposits()) == 1


# ------------------------------------------------------------------ crowds


class Crowd:
    """Everybody does everything to three people at once, and writes down what they met."""

    def __init__(self, house):
        self.house, self.met, self.receipts = house, [], set()
        self.people = [f"A-{number}" for number in range(3)]
        for number, matricule in enumerate(self.people):
            house.joined(matricule, email=f"p{number}@example.org", phone=None)
        delivery = house.acme.delivery
        self.tokens = [delivery.refusal_link(one).token.reveal() for one in self.people]
        self.sessions = [self._signed_in(f"p{n}@example.org") for n in range(3)]

    def _signed_in(self, email):
        asked = self.house.asked(email)
        return self.house.vault.confirm_code(asked.challenge, self.house.code())

    def pay(self, turn):
        run = [Deposit(one, kit.pdf(mark=f"{turn}{one}"), kind="payslip") for one in self.people]
        report = self.house.acme.deposit_many(run)
        self.receipts |= {receipt.document_id for receipt in report.receipts}

    def hold(self, turn):
        self.house.vault.upkeep.hold("acme", self.people[turn % 3], reason="a dispute")
        self.house.vault.upkeep.release("acme", self.people[turn % 3], reason="settled")

    def erase(self, turn):
        self.sessions[turn % 3].security.erase_account()

    def refuse(self, turn):
        token, on = self.tokens[turn % 3], self.house.clock.moment.date()
        self.house.vault.joining.refuse_electronic(token, family_name=kit.FAMILY)
        self.house.acme.delivery.record_return_to_electronic(
            self.people[turn % 3], on=on, means=f"letter {turn}"
        )

    def tidy(self, turn):
        self.house.vault.upkeep.purge(dry_run=False)
        self.house.vault.upkeep.announce_closure("acme", on=dt.date(2027, 3, 1) + turn * DAY)

    def look(self, turn):
        self.sessions[turn % 3].safe.history()
        self.sessions[turn % 3].safe.documents()

    def run(self, what):
        for turn in range(6):
            try:
                what(turn)
            except MycvaultError as error:
                self.met.append((what.__name__, error.code, repr(error.__cause__)))
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
                self.met.append((what.__name__, "untyped", repr(error)))


def test_a_crowd_meets_typed_errors_alone(house):
    """Payroll, HR, links, erasures, holds and purges of the same people: no deadlock, no alarm, nothing half done."""
    crowd = Crowd(house)
    doing = (crowd.pay, crowd.hold, crowd.erase, crowd.refuse, crowd.tidy, crowd.look, crowd.pay)
    threads = [threading.Thread(target=crowd.run, args=(what,)) for what in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    allowed = {"session-ended", "too-many-attempts"}
    assert [one for one in crowd.met if one[1] not in allowed] == []
    assert {one.document_id for one in house.acme.deposits(limit=1000)} == crowd.receipts
    assert house.vault.upkeep.purge(dry_run=False).ok


def test_outages_are_the_only_errors_that_stop_a_payroll(lite):
    """Every refusal is an outcome of its own."""
    assert issubclass(UnavailableError, MycvaultError)
    lite.enrolled()
    odd = [7, None, "A-0042", Deposit(None, None, kind=None), Deposit("A-0042", 7, kind="payslip")]
    told = list(lite.acme.deposit_each(odd))

    assert [outcome.error.code for outcome in told] == ["invalid-input"] * 5
