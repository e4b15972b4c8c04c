"""
She confirms that it is she, and destroys a document: gone for her, known to payroll.
"""

import datetime as dt
import threading

import pytest

import kit
from mycvault import (
    CodeExpired,
    CodeRefused,
    DocumentMissing,
    FreshConfirmationRequired,
    MycvaultError,
    Policy,
    SecondFactor,
    SessionEnded,
    SignInRefused,
)

STALE = Policy().sessions.fresh + dt.timedelta(seconds=1)


# ------------------------------------------------------------------ she confirms that it is she


def test_a_sensitive_verb_asks_again_after_five_minutes(house):
    """The password and a code open the next five minutes, for this session alone."""
    session = house.joined()
    document = kit.slip(house, period="2026-10").document_id
    house.clock.advance(STALE)
    for call in (lambda: session.safe.destroy(document), session.security.erase_account):
        with pytest.raises(FreshConfirmationRequired):
            call()
    assert house.last_event() == ("erase-account", "fresh-confirmation-required")

    asked = session.reconfirm(kit.PASSWORD)
    assert asked.sent_to.startswith("+33 6")
    session.finish_reconfirm(asked.challenge, house.code())
    assert session.fresh_until == house.clock.moment + Policy().sessions.fresh
    assert session.safe.destroy(document).documents == 1


def test_a_confirmation_is_one_sessions_and_opens_nothing_else(lite):
    """Its request does not sign in, another session does not answer it, and a sign-in's does not confirm."""
    session = lite.joined()
    lite.clock.advance(kit.MINUTE)
    other = lite.signed_in()
    lite.clock.advance(STALE)
    asked = session.reconfirm(kit.PASSWORD)
    code = lite.code()
    signing_in = lite.asked()
    for call in (
        lambda: other.finish_reconfirm(asked.challenge, code),
        lambda: lite.vault.confirm_code(asked.challenge, code),
        lambda: lite.vault.look_up_code(asked.challenge),
        lambda: session.finish_reconfirm(signing_in.challenge, lite.code()),
    ):
        with pytest.raises(CodeExpired):
            call()
    with pytest.raises(CodeRefused):
        session.finish_reconfirm(asked.challenge, "000000" if code != "000000" else "111111")

    session.finish_reconfirm(asked.challenge, code)
    with pytest.raises(CodeExpired):
        session.finish_reconfirm(asked.challenge, code)
    with pytest.raises(SignInRefused):
        session.reconfirm("not the password")
    other.end()
    with pytest.raises(SessionEnded):
        other.reconfirm(kit.PASSWORD)


def test_a_password_alone_confirms_where_no_code_is_asked(tmp_path):
    """A policy without codes has nothing else to ask."""
    policy = Policy(hand_out_links=True, second_factor=SecondFactor.NEVER)
    with kit.house_at(tmp_path, policy=policy) as house:
        session = house.joined()
        house.clock.advance(STALE)

        assert session.reconfirm(kit.PASSWORD) is None
        assert session.fresh_until > house.clock.moment


# ------------------------------------------------------------------ one document


def test_a_destroyed_document_is_gone_for_her_and_known_to_payroll(house):
    """It opens no more and is listed nowhere; a retry of payroll gets the first receipt and brings nothing back."""
    session = house.joined()
    receipt = kit.slip(house, period="2026-10")
    kept = kit.slip(house, "November", period="2026-11")
    session.safe.label(receipt.document_id, "bank")
    done = session.safe.destroy(receipt.document_id)

    assert (done.documents, done.at) == (1, house.clock.moment)
    assert done.effective_on == (house.clock.moment + Policy().backups).date()
    for fact in (receipt.document_id, receipt.sha256, "Payslip 2026-10", "600 bytes"):
        assert fact in done.certificate
    for call in (session.safe.document, session.safe.read, session.safe.open, session.safe.destroy):
        with pytest.raises(DocumentMissing):
            call(receipt.document_id)
    for change in (session.safe.archive, session.safe.discard, session.safe.restore):
        with pytest.raises(DocumentMissing):
            change(receipt.document_id)
    assert [one.id for one in session.safe.documents()] == [kept.document_id]
    assert session.safe.labels() == []
    assert session.safe.count() == 1
    again = kit.slip(house, period="2026-10")
    assert (again.replayed, again.document_id) == (True, receipt.document_id)
    assert session.safe.count() == 1
    assert len(house.acme.deposits()) == 2
    told = [e.details.get("sha256") for e in session.safe.history() if e.verb == "destroy"]
    assert told == [None, receipt.sha256]
    assert house.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 1


def test_a_document_of_her_own_is_destroyed_like_any_other(lite):
    """Whoever deposited it."""
    session = lite.joined()
    note = session.safe.add(b"A note.", title="Note")
    session.safe.destroy(note.id)

    assert session.safe.documents().items == []


def test_a_stream_that_is_being_read_goes_on(house):
    """Destroying while somebody reads gives her the bytes that were there, never others."""
    session = house.joined()
    content = kit.pdf(2 << 20)
    receipt = house.acme.deposit("A-0042", content, kind="payslip")
    with session.safe.open(receipt.document_id) as stream:
        first = stream.read(100_000)
        session.safe.destroy(receipt.document_id)
        assert first + stream.read() == content

    with pytest.raises(DocumentMissing):
        session.safe.open(receipt.document_id)


def test_two_browsers_destroy_it_once(house):
    """One succeeds, the other is told that it is not there."""
    session = house.joined()
    house.clock.advance(kit.MINUTE)
    browsers = [session, house.signed_in()]
    receipt, start, told = kit.slip(house, period="2026-10"), threading.Barrier(2), []

    def destroy(browser):
        start.wait()
        try:
            told.append(browser.safe.destroy(receipt.document_id).documents)
        except MycvaultError as error:
            told.append(error.code)

    threads = [threading.Thread(target=destroy, args=(one,)) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, told)) == ["1", "document-missing"]
    assert house.rows("SELECT count(*) FROM mycvault_destructions")[0][0] == 1
