"""
She changes her password: what was begun with the old one leads nowhere.
"""

import threading
from collections import Counter

import attrs
import pytest

import kit
from mycvault import (
    Caller,
    CodeExpired,
    FreshConfirmationRequired,
    MycvaultError,
    PasswordTooWeak,
    Policy,
    Reason,
    SecondFactor,
    SessionEnded,
    SignInRefused,
    TooManyAttempts,
)

NEW = "sapphire-meadow-compass-41"


@pytest.fixture
def alone(tmp_path, records_url):
    """A vault where the password is all that is asked."""
    policy = attrs.evolve(Policy.for_tests(), second_factor=SecondFactor.NEVER)
    with kit.house_at(tmp_path, records_url, policy=policy) as house:
        yield house


def test_the_new_one_opens_and_the_old_one_does_not(house):
    """This session stays, the others end, and she reads it in her history."""
    other, mine = house.joined(), house.signed_in()
    mine.security.change_password(kit.PASSWORD, NEW)

    assert house.last_event() == ("change-password", "")
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    assert house.signed_in(password=NEW)
    with pytest.raises(SessionEnded):
        other.safe.documents()
    assert house.vault.resume(mine.token.reveal()).id == mine.id
    assert "change-password" in [event.verb for event in mine.safe.history()]


def test_every_address_of_hers_is_told(house):
    """A letter to her mailbox, without either password in it."""
    session = house.joined()
    session.security.change_password(kit.PASSWORD, NEW)
    letters = house.sent("security-alert")

    assert kit.EMAIL in [letter.to for letter in letters]
    assert not [one for one in letters if NEW in one.text or kit.PASSWORD in one.text]


def test_a_code_that_was_on_its_way_is_void(house):
    """Whoever knew the old password and waits for the code waits for nothing."""
    session = house.joined()
    asked = house.asked()
    code = house.code()
    session.security.change_password(kit.PASSWORD, NEW)

    with pytest.raises(CodeExpired):
        house.vault.confirm_code(asked.challenge, code)


def test_it_needs_a_fresh_confirmation(lite):
    """Six minutes later she is asked again; nothing has changed."""
    session = lite.joined()
    lite.clock.advance(6 * kit.MINUTE)
    with pytest.raises(FreshConfirmationRequired):
        session.security.change_password(kit.PASSWORD, NEW)
    assert lite.asked()


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("short", Reason.TOO_SHORT),
        ("password12345", Reason.GUESSABLE),
        (kit.PASSWORD, Reason.UNCHANGED),
        (f"{kit.FAMILY}-{kit.GIVEN}", Reason.PERSONAL),
        ("Acme SAS Acme SAS", Reason.PERSONAL),
        ("x" * 257, Reason.TOO_LONG),
    ],
)
def test_a_weak_new_one_is_told_why_and_counts_for_nothing(lite, new, reason):
    """Whatever the current one is: forty times, and she still may."""
    session = lite.joined()
    for number in range(40):
        typed = kit.PASSWORD if reason is Reason.UNCHANGED else f"wrong-{number}"
        with pytest.raises(PasswordTooWeak) as refused:
            session.security.change_password(typed, new)
        assert reason in refused.value.reasons
    session.security.change_password(kit.PASSWORD, NEW)


def test_alone_it_must_be_longer(alone):
    """Fifteen characters where no code follows it."""
    session = alone.joined()
    with pytest.raises(PasswordTooWeak) as refused:
        session.security.change_password(kit.PASSWORD, "Vq7#kTz9!xLp2")
    assert refused.value.reasons == (Reason.TOO_SHORT,)


def test_the_current_one_is_counted_and_judged(house):
    """Thirty wrong ones, then a wait; her sign-in is not kept waiting by them."""
    session = house.joined()
    for _ in range(30):
        with pytest.raises(SignInRefused) as refused:
            session.security.change_password("not it", NEW)
        assert refused.value.field == "current"
    with pytest.raises(TooManyAttempts):
        session.security.change_password(kit.PASSWORD, NEW)
    assert house.signed_in(caller=kit.HERE)


def test_sixteen_change_it_at_once_and_one_wins(house):
    """The others are told that theirs is not the password any more, or that they are put out."""
    sessions = [house.joined(), *(house.signed_in() for _ in range(7))]
    told, gate = [], threading.Barrier(16)

    def run(number):
        gate.wait()
        try:
            sessions[number % 8].security.change_password(kit.PASSWORD, f"{NEW}-{number}")
            told.append(number)
        except MycvaultError as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [one for one in told if isinstance(one, int)]

    assert set(Counter(told)) <= {winner, "sign-in-refused", "session-ended"}
    assert house.asked(password=f"{NEW}-{winner}")


def test_signing_in_while_it_changes_leaves_no_session_of_the_old_one(alone):
    """What was verified against the old hash is proved again in the act that opens the session."""
    session = alone.joined()
    told, gate = [], threading.Barrier(9)

    def sign_in(number):
        gate.wait()
        try:
            told.append(
                alone.vault.sign_in(
                    kit.EMAIL, kit.PASSWORD, caller=Caller(address=f"192.0.2.{number}")
                )
            )
        except MycvaultError as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=sign_in, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    gate.wait()
    session.security.change_password(kit.PASSWORD, NEW)
    for thread in threads:
        thread.join()

    assert [one.id for one in session.security.sessions()] == [session.id]
    assert {one for one in told if isinstance(one, str)} <= {"sign-in-refused"}


def test_an_older_hash_put_back_by_hand_belongs_to_its_row(house):
    """Another account's hash copied over hers is damage, not a way in."""
    session = house.joined()
    other = house.joined("A-2", email="noe.modele@example.org", phone=None)
    house.run(
        "UPDATE mycvault_passwords SET hash = (SELECT hash FROM mycvault_passwords WHERE id = :o) WHERE id = :h",
        o=other.account_id,
        h=session.account_id,
    )
    with pytest.raises(MycvaultError) as refused:
        session.security.change_password(kit.PASSWORD, NEW)
    assert refused.value.code == "record-damaged"


def test_a_long_password_is_taken(house):
    """A phrase of more than sixty-four characters is hashed whole."""
    session = house.joined()
    phrase = "a harbour, a lantern and forty-one violet compasses in a meadow, by night and by day"

    session.security.change_password(kit.PASSWORD, phrase)

    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, phrase[:-1])
    assert house.asked(password=phrase).challenge
