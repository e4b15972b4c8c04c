"""
Every verb leaves exactly one event, done or refused; looking leaves none; she reads hers in words.
"""

import pytest

import kit
from mycvault import Caller, MycvaultError
from mycvault.values.verbs import QUIET, Verb
from verb_walk import verbs_done
from verb_walk_refused import verbs_refused


def test_every_verb_that_is_done_leaves_one_event(house):
    """One event under its own name, or more of that name where more people are told; and none for looking."""
    walked, wrong = set(), []
    for verb, call in verbs_done(house):
        before = len(house.events())
        done = call()
        if verb in {Verb.OPEN, Verb.OPEN_EVIDENCE}:
            done.close()
        written = house.events()[before:]
        # A closure is told of to each, a file to each of its new rows and to the employer, and an erasure leaves a line in
        # the new safe and one for the keys; a sweep writes one for each batch of what it condemns.
        told = {
            Verb.ANNOUNCE_CLOSURE,
            Verb.ERASE_ACCOUNT,
            Verb.RELEASE,
            Verb.SWEEP,
            Verb.SYNC,
            Verb.DETACH,
        }
        if verb in told and len(written) > 1:
            written = sorted(set(written))
        if written != ([] if verb in QUIET else [(verb, "")]):
            wrong.append((verb, written))
        walked.add(verb)

    assert wrong == []
    assert walked == set(Verb)


def test_every_verb_that_is_refused_leaves_one_event(house):
    """One event with the code of the refusal, for quiet verbs too."""
    walked, wrong = set(), []
    for verb, call in verbs_refused(house):
        before = len(house.events())
        with pytest.raises(MycvaultError) as refused:
            call()
        written = house.events()[before:]
        if written != [(verb, refused.value.code)]:
            wrong.append((verb, refused.value.code, written))
        walked.add(verb)

    assert wrong == []
    looking = {Verb.READ_TERMS, Verb.DELIVER_LETTERS, Verb.DESCRIBE}
    looking |= {Verb.PURGE, Verb.ERASE_AGAIN, Verb.ROTATE_KEYS, Verb.COMPACT}
    assert walked == set(Verb) - looking


def test_sequences_have_no_gaps(house):
    """For each subject they count from one, whatever was done, refused and rolled back."""
    for _, call in verbs_done(house):
        if hasattr(done := call(), "close"):
            done.close()
    for _ in range(3):
        with pytest.raises(MycvaultError):
            house.enrolled()
        house.clock.advance(11 * kit.MINUTE)

    found = {}
    for row in house.rows("SELECT subject, sequence FROM mycvault_events ORDER BY id"):
        found.setdefault(row.subject, []).append(row.sequence)

    assert len(found) >= 4
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in found.values())


def test_opening_is_one_event_in_ten_minutes(house):
    """A viewer that asks for many ranges is one opening; after eleven minutes it is another, so is another session."""
    safe = house.joined().safe
    note = safe.add(b"A note.", title="Note").id

    def openings():
        return [event.verb for event in safe.history()].count("open")

    for _ in range(3):
        safe.open(note).close()
        safe.read(note)
    assert openings() == 1
    house.clock.advance(11 * kit.MINUTE)
    safe.open(note).close()
    assert openings() == 2
    house.signed_in().safe.read(note)
    assert openings() == 3


def test_a_flood_of_one_refusal_is_one_event(lite):
    """The same attempt on the same identifier is written once in ten minutes; another identifier is another event."""
    for _ in range(2):
        for identifier in ("a@example.org", "b@example.org"):
            for _ in range(5):
                with pytest.raises(MycvaultError):
                    lite.vault.sign_in(identifier, "wrong-password")
        lite.clock.advance(11 * kit.MINUTE)

    assert lite.events().count(("sign-in", "sign-in-refused")) == 4


def test_different_mistakes_are_different_events(lite):
    """A wrong e-mail and a wrong number, or two unknown matricules, are no repetition of one another."""
    for mistake in ({"email": "x"}, {"phone": "x"}):
        with pytest.raises(MycvaultError):
            lite.enrolled(**mistake)

    assert lite.events().count(("enrol", "invalid-input")) == 2


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("fr", ["Document déposé par l'employeur", "Dossier créé par l'employeur"]),
        ("en", ["Document deposited by the employer", "Record made by the employer"]),
        ("de", ["Document déposé par l'employeur", "Dossier créé par l'employeur"]),
    ],
)
def test_she_reads_her_history_in_words(lite, locale, texts):
    """In the language asked for, else in hers; newest first, with who and what besides."""
    lite.enrolled()
    clerk = lite.vault.employer("acme", acting="clerk 7")
    clerk.deposit("A-0042", kit.pdf(), kind="payslip", period="2026-10", title="October")
    session = lite.activated(caller=Caller(address="192.0.2.7"))

    history = session.safe.history(locale=locale)

    told = [event.text for event in history]
    assert [text for text in told if text in texts] == texts
    assert [event.at for event in history] == [kit.START] * len(history)
    (deposit,) = [event for event in history if event.verb == "deposit"]
    assert deposit.actor == "employer"
    assert deposit.details["title"] == "October"
    assert deposit.details["clerk"] == "clerk 7"
    assert session.safe.history().items[0].text == "Safe opened for the first time"


def test_no_secret_is_in_a_history(house):
    """Not a password, code, link or token, in words or details."""
    house.enrolled()
    token = house.invited_token()
    house.vault.joining.send_code(token)
    secrets = [token, kit.PASSWORD, house.code()]
    session = house.activated(token=token, code=secrets[-1])
    asked = house.asked(caller=kit.HERE)
    secrets += [asked.challenge, house.code(), session.token.reveal()]
    again = house.vault.confirm_code(asked.challenge, secrets[4])

    told = "".join(f"{event.text}{dict(event.details)}" for event in again.safe.history())

    assert "192.0.2.7" in told
    assert [secret for secret in secrets if secret in told.replace("192.0.2.7", "")] == []
