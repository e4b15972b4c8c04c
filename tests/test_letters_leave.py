"""
Letters leave: codes first, again after an outage, never when they are dead, and nothing of them stays.
"""

import datetime as dt

import pytest

import kit
from mycvault import (
    CourierUnavailable,
    InvalidInput,
    LetterRefused,
    MemoryCourier,
    TooManyAttempts,
)


class Courier:
    """A courier that does something before it keeps a letter."""

    def __init__(self, before=None):
        self.kept = MemoryCourier()
        self.before = before or (lambda letter: None)

    def send(self, letter):
        self.before(letter)
        self.kept.send(letter)

    @property
    def to(self):
        return [letter.to for letter in self.kept.letters]


def failing(error, *templates):
    def before(letter):
        if not templates or letter.template in templates:
            raise error

    return Courier(before)


def invite_many(house, count):
    for number in range(count):
        house.enrolled(f"B-{number}", email=f"b{number}@example.org", phone=None)
        house.acme.invite(f"B-{number}")


def states(house):
    found = house.rows("SELECT state, context FROM mycvault_letters ORDER BY id")
    return [(row.state, row.context is not None) for row in found]


# ------------------------------------------------------------------ leaving


def test_letters_leave_once_and_nothing_of_them_stays(house):
    """A run says what it did; what was sent is wiped, and does not leave again."""
    invite_many(house, 3)
    assert (house.vault.outbox.pending(), house.vault.outbox.pending(due=False)) == (3, 3)

    first = house.vault.outbox.deliver(house.courier)
    second = house.vault.outbox.deliver(house.courier)

    assert (first.sent, first.postponed, first.dead, first.remaining, first.ok) == (
        3,
        0,
        0,
        0,
        True,
    )
    assert second.sent == 0
    assert [letter.to for letter in house.courier.letters] == [
        f"b{n}@example.org" for n in range(3)
    ]
    assert states(house) == [("sent", False)] * 3
    letter = house.courier.last()
    assert letter.context["link"] in letter.text
    assert letter.html is not None
    assert letter.employer == "acme"
    assert letter.to not in repr(letter)


def test_codes_leave_before_everything_else(house):
    """However many letters wait, a code is the first; a worker of its own may carry codes alone."""
    house.enrolled()
    token = house.invited_token()
    house.post()
    invite_many(house, 30)
    house.vault.joining.send_code(token)
    sent = len(house.courier.letters)

    report = house.vault.outbox.deliver(house.courier, limit=1)

    assert (report.sent, report.remaining) == (1, 30)
    assert house.courier.letters[sent].template == "activation-code"
    assert house.vault.outbox.deliver(house.courier, urgent_only=True).sent == 0
    assert house.vault.outbox.deliver(house.courier, limit=7).sent == 7
    assert house.vault.outbox.deliver(house.courier).sent == 23


def test_a_silent_courier_is_tried_again_with_growing_pauses(house):
    """An outage postpones; each failure waits longer; once it answers, the letter leaves."""
    house.enrolled()
    house.acme.invite("A-0042")
    silent, waits = failing(CourierUnavailable("no answer")), []
    for _ in range(4):
        report = house.vault.outbox.deliver(silent)
        assert (report.sent, report.postponed, report.ok) == (0, 1, False)
        began = house.clock.now()
        assert house.vault.outbox.pending() == 0
        assert house.vault.outbox.pending(due=False) == 1
        while not house.vault.outbox.pending():
            house.clock.advance(kit.MINUTE)
        waits.append((house.clock.now() - began) // kit.MINUTE)

    assert waits == sorted(waits)
    assert waits[0] == 1
    assert waits[-1] > 5
    assert house.vault.outbox.deliver(house.courier).sent == 1


def test_a_letter_that_nobody_takes_for_days_is_given_up(lite):
    """It is dead and wiped in the end, not tried for ever."""
    lite.joined()
    silent = failing(CourierUnavailable("no answer"))
    for _ in range(200):
        lite.vault.outbox.deliver(silent)
        lite.clock.advance(dt.timedelta(hours=1))

    assert lite.vault.outbox.pending(due=False) == 0
    assert states(lite)[-1] == ("dead", False)


def test_a_refused_letter_is_dead_and_wiped(house):
    """What a courier will never take is given up at once, and others are not kept waiting."""
    invite_many(house, 2)
    picky = Courier(lambda letter: refuse() if letter.to.startswith("b0") else None)

    def refuse():
        raise LetterRefused("no such mailbox")

    report = house.vault.outbox.deliver(picky)

    assert (report.sent, report.dead, report.remaining, report.ok) == (1, 1, 0, False)
    assert sorted(states(house)) == [("dead", False), ("sent", False)]


def test_one_silent_channel_does_not_hold_the_other(house):
    """SMS that do not leave keep no e-mail waiting, and the silent gateway is asked once a run."""
    house.enrolled()
    token = house.invited_token()
    house.vault.joining.send_code(token)
    house.enrolled("A-2", email="second@example.org", phone="06 98 76 54 32")
    house.vault.joining.send_code(house.acme.invite("A-2").token.reveal())
    asked = []

    def before(letter):
        if letter.channel == "sms":
            asked.append(letter.to)
            raise CourierUnavailable

    report = house.vault.outbox.deliver(Courier(before))

    assert (report.sent, report.postponed) == (2, 2)
    assert len(asked) == 1


# ------------------------------------------------------------------ what must not leave


def test_an_expired_code_never_leaves(house):
    """A code that waited too long is dead, and no use to whoever finds it."""
    house.enrolled()
    token = house.invited_token()
    house.post()
    house.vault.joining.send_code(token)
    house.clock.advance(10 * kit.MINUTE)

    report = house.vault.outbox.deliver(house.courier)

    assert (report.sent, report.dead) == (0, 1)
    assert house.sent("activation-code") == []
    assert states(house)[-1] == ("dead", False)


def test_a_link_that_dies_during_a_run_does_not_leave(lite):
    """HR takes an invitation back while letters are being carried."""
    invite_many(lite, 3)
    courier = Courier(lambda letter: lite.acme.revoke_invitation("B-2"))
    lite.vault.outbox.deliver(courier)

    assert courier.to == ["b0@example.org", "b1@example.org"]


def test_a_code_that_expires_during_a_run_does_not_leave(lite):
    """A slow courier takes minutes for the letter before."""
    for matricule, phone in (("A-1", "06 12 34 56 78"), ("A-2", "06 98 76 54 32")):
        lite.enrolled(matricule, email=f"{matricule.lower()}@example.org", phone=phone)
        lite.vault.joining.send_code(lite.invited_token(matricule))
    courier = Courier(lambda letter: lite.clock.advance(11 * kit.MINUTE))
    lite.vault.outbox.deliver(courier)

    assert [to for to in courier.to if to.startswith("+")] == ["+33612345678"]


# ------------------------------------------------------------------ what becomes of them


def test_a_host_reports_what_became_of_a_letter(house):
    """One word, for a letter there is; the report is journaled, other words are refused."""
    house.enrolled()
    house.acme.invite("A-0042")
    letter = house.post()
    house.vault.outbox.report(letter.id, "bounced")
    assert house.last_event() == ("report-letter", "")
    for letter_id, outcome, field in (
        (letter.id, "", "outcome"),
        (letter.id, "two words", "outcome"),
        (letter.id, "x" * 65, "outcome"),
        ("nothing", "bounced", "letter_id"),
    ):
        with pytest.raises(InvalidInput) as refused:
            house.vault.outbox.report(letter_id, outcome)
        assert refused.value.field == field
    assert house.last_event() == ("report-letter", "invalid-input")


def test_letters_go_with_their_cause(house):
    """What is refused writes no letter."""
    house.joined()
    for _ in range(10):
        house.asked()
    house.post()
    with pytest.raises(TooManyAttempts):
        house.asked()

    assert house.vault.outbox.pending(due=False) == 0
