"""
How long a session lives, and what its token is worth.
"""

import datetime as dt

import pytest

import kit
from mycvault import Assurance, LocalKeys, SessionEnded, Vault

HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)


def is_over(house, session):
    """Every door of the session is shut, and the token finds nothing."""
    for call in (
        session.safe.documents,
        session.safe.history,
        session.safe.labels,
        session.safe.count,
        session.end,
        lambda: session.safe.read("00000000-0000-7000-8000-000000000000"),
        lambda: session.safe.add(b"A note.", title="Note"),
        lambda: session.accept_terms("1"),
        lambda: house.vault.resume(session.token.reveal()),
    ):
        with pytest.raises(SessionEnded):
            call()
    return True


def test_a_session_nobody_uses_ends_after_half_an_hour(house):
    """A second before it still admits, then it is over everywhere, and that is written down."""
    session = house.joined()
    assert session.idle_until == kit.START + 30 * kit.MINUTE
    house.clock.advance(30 * kit.MINUTE - SECOND)
    assert (
        house.vault.resume(session.token.reveal()).idle_until == house.clock.now() + 30 * kit.MINUTE
    )
    house.clock.advance(30 * kit.MINUTE)

    assert is_over(house, session)
    assert ("list", "session-ended") in house.events()
    assert ("resume", "session-ended") in house.events()


USES = {
    "documents": lambda safe: safe.documents(),
    "payslips": lambda safe: safe.payslips(),
    "history": lambda safe: safe.history(),
    "count": lambda safe: safe.count(),
    "labels": lambda safe: safe.labels(),
    "document": lambda safe: safe.document(safe.documents().items[0].id),
    "add": lambda safe: safe.add(b"A note.", title="Note"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_whatever_she_does_in_her_safe_keeps_the_session_alive(lite, use):
    """A session is idle when nobody uses it: every verb of the safe is a use."""
    session = lite.joined()
    session.safe.add(b"A note.", title="Note")
    for _ in range(5):
        lite.clock.advance(20 * kit.MINUTE)
        use(session.safe)


def test_a_session_ends_after_twelve_hours_however_busy(house):
    """Its absolute end stands from the beginning."""
    session = house.joined()
    for _ in range(35):
        house.clock.advance(20 * kit.MINUTE)
        session.safe.documents()
    house.clock.advance(20 * kit.MINUTE - SECOND)
    assert session.safe.documents().items == []
    house.clock.advance(SECOND)

    assert session.expires_at == kit.START + 12 * HOUR == house.clock.now()
    assert is_over(house, session)


def test_she_ends_it_herself(house):
    """Signing out ends this session and no other."""
    other = house.joined()
    session = house.signed_in()
    session.end()

    assert house.last_event() == ("end-session", "")
    assert is_over(house, session)
    assert other.safe.count() == 0


def test_another_process_resumes_it(tmp_path, records_url):
    """A token is worth the same in a second vault object on the same storage."""
    keys = LocalKeys.ephemeral()
    with kit.house_at(tmp_path, records_url, keys=keys) as house:
        session = house.joined()
        receipt = house.acme.deposit("A-0042", kit.pdf(), kind="payslip")
        with Vault.open(house.folder, keys=keys, records=records_url, clock=house.clock) as second:
            again = second.resume(session.token.reveal(), caller=kit.HERE)

            assert (again.id, again.account_id) == (session.id, session.account_id)
            assert again.assurance is Assurance.TWO_STEP
            assert again.holder == session.holder
            assert again.employments == session.employments
            assert again.token == session.token
            assert again.safe.read(receipt.document_id) == kit.pdf()
            again.end()
        assert is_over(house, session)


@pytest.mark.parametrize("token", ["", "x", "mcv_session_", "mcv_session_" + "a" * 55, "é" * 900])
def test_a_garbage_token_is_no_session(lite, token):
    """Whatever a cookie holds, the answer is to sign in again, and the operator can count it."""
    with pytest.raises(SessionEnded):
        lite.vault.resume(token)
    assert lite.last_event() == ("resume", "session-ended")


def test_the_token_is_nowhere_in_clear(house):
    """What is stored opens nothing, what is shown hides it, and the session's id is no token."""
    session = house.joined()
    token = session.token.reveal()

    stored = [bytes(row[0]) for row in house.rows("SELECT secret FROM mycvault_sessions")]

    assert all(token.encode() not in one and len(one) == 32 for one in stored)
    assert token not in repr(session) + str(session.token) + repr(session.token)
    with pytest.raises(SessionEnded):
        house.vault.resume(session.id)


def test_a_session_says_who_holds_it(house):
    """Her names as she typed them, the addresses she proved, her employers."""
    session = house.joined()
    (employment,) = session.employments

    assert (session.holder.given_name, session.holder.locale) == (kit.GIVEN, "en")
    assert (session.holder.emails, session.holder.phone) == ((kit.EMAIL,), kit.PHONE_E164)
    assert (employment.employer, employment.employer_name) == ("acme", "Acme SAS")
    assert employment.employee_id == house.acme.employee("A-0042").id
    assert session.fresh_until == kit.START + 5 * kit.MINUTE
    assert session.pending == frozenset()
    assert session.terms is None
