"""
Several workers carry letters, slow ones and broken ones: no letter leaves twice, none waits for another.
"""

import threading

import pytest

import kit
from mycvault import MemoryCourier, SetupError


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


def test_two_workers_never_send_one_letter_twice(house):
    """Workers that run at the same time share the letters."""
    invite_many(house, 25)
    start, couriers = threading.Barrier(4), [Courier() for _ in range(4)]

    def work(courier):
        start.wait()
        while house.vault.outbox.deliver(courier, limit=5).sent:
            pass

    threads = [threading.Thread(target=work, args=(courier,)) for courier in couriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sent = [to for courier in couriers for to in courier.to]
    assert sorted(sent) == sorted(f"b{number}@example.org" for number in range(25))


def test_a_slow_worker_and_a_quick_one_do_not_send_a_letter_twice(lite):
    """What one worker has had in hand for longer than its turn, it does not send after another did."""
    invite_many(lite, 20)
    quick = Courier()

    def before(letter):
        lite.clock.advance(kit.MINUTE)
        if letter.to == "b12@example.org":
            lite.vault.outbox.deliver(quick)

    slow = Courier(before)
    lite.vault.outbox.deliver(slow)

    assert sorted(slow.to + quick.to) == sorted(f"b{number}@example.org" for number in range(20))


def test_a_fault_of_the_courier_is_told_and_the_letter_tried_later(house):
    """A defect passes through to the host; the letter is put off, not lost and not met again at once."""
    house.enrolled()
    house.acme.invite("A-0042")
    with pytest.raises(ZeroDivisionError):
        house.vault.outbox.deliver(failing(ZeroDivisionError()))

    assert house.vault.outbox.deliver(house.courier).sent == 0
    house.clock.advance(kit.MINUTE)
    assert house.vault.outbox.deliver(house.courier).sent == 1


def test_a_fault_holds_up_no_other_letter(lite):
    """One letter that breaks a courier does not keep codes from leaving while they are good."""
    lite.enrolled()
    token = lite.invited_token()
    lite.vault.joining.send_code(token)
    lite.enrolled("A-2", email="second@example.org", phone="06 98 76 54 32")
    lite.vault.joining.send_code(lite.acme.invite("A-2").token.reveal())
    first = [True]

    def before(letter):
        if first:
            first.clear()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lite.vault.outbox.deliver(Courier(before))

    assert lite.vault.outbox.pending() == 3
    assert lite.vault.outbox.deliver(lite.courier).sent == 3


def test_a_faulty_template_is_a_fault_of_the_deployment(tmp_path):
    """The letter is put off and the host reads which template it is."""
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "invitation.j2").write_text("{% block subject %}{{ nothing }}{% endblock %}")
    policy = kit.Policy(letters=str(folder), passwords=kit.Policy.for_tests().passwords)
    with kit.house_at(tmp_path, policy=policy) as house:
        house.enrolled()
        house.acme.invite("A-0042")
        with pytest.raises(SetupError) as refused:
            house.vault.outbox.deliver(house.courier)
        assert "invitation" in str(refused.value)
        assert kit.EMAIL not in str(refused.value)
        (folder / "invitation.j2").unlink()
        house.clock.advance(kit.MINUTE)
        assert house.vault.outbox.deliver(house.courier).sent == 1


def test_a_worker_runs_until_it_is_told_to_stop(house):
    """It carries what comes, and ends soon after the event is set."""
    invite_many(house, 3)
    stop = threading.Event()
    courier = Courier(lambda letter: stop.set() if letter.to.startswith("b2") else None)
    worker = threading.Thread(
        target=house.vault.outbox.run, args=(courier,), kwargs={"stop": stop}, daemon=True
    )
    worker.start()
    worker.join(timeout=20)

    assert not worker.is_alive()
    assert len(courier.to) == 3
