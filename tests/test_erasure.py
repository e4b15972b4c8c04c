"""
An account is erased: gone for her, for whoever looks into the records, and for nobody twice.
"""

import io
import threading

import pytest

import kit
from attack_kit import TABLES, raw_at
from mycvault import (
    DocumentMissing,
    MycvaultError,
    Policy,
    SessionEnded,
    SignInRefused,
    TermsRequired,
)

# ------------------------------------------------------------------ an account


def test_an_erased_account_is_gone(house):
    """No session, no sign-in, no document; her address is free; she is told; the employer's record stays and starts anew."""
    session = house.joined()
    kit.slip(house, period="2026-10")
    session.safe.add(b"A note.", title="Secret note")
    house.clock.advance(kit.MINUTE)
    other = house.signed_in()
    done = session.security.erase_account()

    assert done.documents == 2
    assert done.effective_on == (house.clock.moment + Policy().backups).date()
    for call in (session.safe.documents, other.safe.documents, session.security.erase_account):
        with pytest.raises(SessionEnded):
            call()
    with pytest.raises(SessionEnded):
        house.vault.resume(other.token.reveal())
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    (letter,) = house.sent("account-erased")
    assert (letter.to, letter.context["certificate"]) == (kit.EMAIL, done.certificate)
    assert house.acme.employee("A-0042").status == "enrolled"
    fresh = house.activated()
    assert fresh.account_id != session.account_id
    assert fresh.safe.documents().items == []
    assert [e.verb for e in fresh.safe.history()][-1] == "erase-account"


def test_the_employer_keeps_its_receipts_and_brings_nothing_back(house):
    """That it deposited is its own to prove: same list, same figures, and a payroll run again gets the first receipt."""
    session = house.joined()
    receipts = [kit.slip(house, period="2026-10"), kit.slip(house, "November", period="2026-11")]
    session.safe.destroy(receipts[0].document_id)
    session.security.erase_account()

    assert list(house.acme.deposits()) == receipts[::-1]
    assert list(house.acme.deposits(matricule="A-0042", period="2026-10")) == receipts[:1]
    assert house.acme.statistics().deposits == 2
    again = kit.slip(house, period="2026-10")
    assert (again.replayed, again.document_id) == (True, receipts[0].document_id)
    fresh = house.activated()
    assert fresh.safe.documents().items == []
    for receipt in receipts:
        with pytest.raises(DocumentMissing):
            fresh.safe.read(receipt.document_id)
    new = kit.slip(house, "December", period="2026-12")
    assert [one.id for one in fresh.safe.documents()] == [new.document_id]


def test_new_terms_do_not_keep_her(house):
    """To leave, to take everything along and to choose paper must not cost her an agreement."""
    house.joined()
    kit.slip(house, period="2026-10")
    house.vault.publish_terms("2", "Worse terms.", locale="en")
    session = house.signed_in()
    with pytest.raises(TermsRequired):
        session.safe.documents()
    assert session.safe.refuse_electronic("acme").effective_on
    session.safe.return_to_electronic("acme")
    assert session.safe.export(io.BytesIO()).documents == 1
    assert b"".join(session.safe.export_stream())

    assert session.security.erase_account().documents == 1


def test_the_journal_of_an_erased_account_stays_as_it_was(house):
    """Every row and its leaf commitment, while nobody reads what they say any more."""
    session = house.joined()
    kit.slip(house, period="2026-10")
    query = (
        "SELECT id, subject, sequence, details, commitment, seal FROM mycvault_events ORDER BY id"
    )
    before = [tuple(map(_plain, row)) for row in house.rows(query)]
    session.security.erase_account()
    after = [tuple(map(_plain, row)) for row in house.rows(query)]

    assert after[: len(before)] == before
    keys = house.rows("SELECT id FROM mycvault_personal_keys") if _is_postgres(house) else []
    assert session.account_id not in {row.id for row in keys}


def _plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def _is_postgres(house):
    return house._engine.dialect.name == "postgresql"


def test_nothing_of_her_lies_in_the_rows(house, records_url):
    """Of labels, addresses, passwords and codes no row is left, of documents the depositor's; letters are wiped but the last."""
    session = house.joined()
    kit.slip(house, period="2026-10")
    session.safe.label(session.safe.add(b"A note.", title="Note").id, "bank")
    house.clock.advance(kit.MINUTE)
    house.asked()
    session.security.erase_account()

    with raw_at(records_url) as raw:
        for table in ("contents", "labels", "addresses", "passwords", "challenges"):
            left = raw.rows(TABLES[table])
            if table == "challenges":
                # What an activation asked is under the employer's record of her.
                left = [row for row in left if row["subject"] == session.account_id]
            assert left == [], table
        (kept,) = raw.rows(TABLES["documents"])
        assert kept["sealed_by"] == house.acme.employee("A-0042").id
        waiting = [row for row in raw.rows(TABLES["letters"]) if row["context"] is not None]
    assert [row["about"] for row in waiting] == [None]


class _Crash(BaseException):
    """The process ends here."""


def test_an_erasure_that_was_cut_is_finished_by_a_purge(house, monkeypatch):
    """The act said that it is erased; the keys go with the next purge, and until then nobody gets in either."""
    session = house.joined()
    kit.slip(house, period="2026-10")

    def crash(*_):
        raise _Crash

    with monkeypatch.context() as patched:
        patched.setattr(type(house.vault._desk.keys), "destroy", crash)
        with pytest.raises(_Crash):
            session.security.erase_account()
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    with pytest.raises(SessionEnded):
        session.safe.documents()

    report = house.vault.upkeep.purge(dry_run=False)
    assert report.counts["erasures_finished"] == 1
    assert house.vault.upkeep.purge(dry_run=False).counts["erasures_finished"] == 0
    rows = house.rows("SELECT forgotten_at FROM mycvault_accounts WHERE erased_at IS NOT NULL")
    assert [row.forgotten_at is not None for row in rows] == [True]


def test_two_browsers_erase_it_once(house):
    """One succeeds, the other's session is over."""
    session = house.joined()
    house.clock.advance(kit.MINUTE)
    browsers, start, told = [session, house.signed_in()], threading.Barrier(2), []

    def erase(browser):
        start.wait()
        try:
            told.append(browser.security.erase_account().documents)
        except MycvaultError as error:
            told.append(error.code)

    threads = [threading.Thread(target=erase, args=(one,)) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, told)) == ["0", "session-ended"]
    assert house.acme.employee("A-0042").status == "enrolled"


def test_deposits_that_race_with_an_erasure_are_never_lost(house):
    """Each receipt given is of a document in the new safe, or of one that went with the old one; none is in between."""
    session = house.joined()
    receipts, stop = [], threading.Event()

    def pay():
        number = 0
        while not stop.is_set():
            number += 1
            try:
                receipts.append(kit.slip(house, f"{number}", period="2026-10").document_id)
            except MycvaultError as error:
                assert error.http_status == 503, error  # noqa: PT017 - a thread has nobody to raise to

    thread = threading.Thread(target=pay)
    thread.start()
    while len(receipts) < 3:
        pass
    session.security.erase_account()
    erased_after = len(receipts)
    while len(receipts) < erased_after + 3:
        pass
    stop.set()
    thread.join()

    fresh = house.activated()
    inside = {one.id for one in fresh.safe.documents(limit=1000)}
    assert set(receipts[-2:]) <= inside
    assert all(fresh.safe.read(one) for one in inside)
    rows = house.rows("SELECT id FROM mycvault_documents WHERE destroyed_at IS NULL")
    assert {row.id for row in rows} == inside
    assert {one.document_id for one in house.acme.deposits(limit=1000)} == set(receipts)
