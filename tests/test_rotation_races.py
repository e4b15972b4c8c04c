"""
Rotations while others work: processes with older keys in memory, stopped in the middle of a verb, lose nothing and are not refused.

A worker is really stopped (SIGSTOP) where it holds something that was wrapped under the older keys and is not yet committed; then
the keys are rotated, the root key they were under is retired, and it is let go on.
"""

import threading

import pytest

from attack_kit import TABLES
from mycvault import InvalidInput
from rotation_kit import NOTHING, PEOPLE, Place, complete, lives_on, mailbox, worker_at

FRESH = "Keyring.newest"  # wrapped under what was newest, before the transaction that proves it


@pytest.fixture
def place(tmp_path, records_url):
    place = Place(tmp_path, records_url)
    place.made().close()
    return place


def rotate(place):
    """Rotate to a new root and retire the older one, in a process of its own as it were."""
    with place.opened() as vault:
        place.keys.add_key()
        report = vault.upkeep.rotate_keys()
    assert (report.counts["left"], report.findings) == (0, [])
    place.keys.retire(place.first)


def verbs(place):
    return {
        "enrol": ("enrol", "A-9"),
        "complete": ("complete", place.tokens["A-2"], mailbox("A-2")),
        "employer": ("employer", "fresh"),
        "hold": ("hold", "A-2"),
        "deposit": ("deposit", "A-3", "late"),
    }


@pytest.mark.parametrize("verb", ["enrol", "complete", "employer", "hold"])
def test_a_worker_that_is_stopped_before_it_commits_loses_nothing(place, verb):
    """What it wrapped under a version that is gone by then is refused by its own proof, and wrapped again under the newest."""
    with worker_at(place) as worker:
        worker.order(*verbs(place)[verb], at=FRESH)
        rotate(place)

        assert worker.goes_on() == "won"

        if verb == "complete":
            del place.tokens["A-2"]
        lives_on(place)
        assert worker.do("deposit", "A-1", "much later") == "won"


@pytest.mark.parametrize("at", ["add_personal", "add"])
def test_a_rotation_waits_for_a_worker_inside_its_transaction(place, at):
    """Once it has proved the version newest, no other comes before it has committed."""
    with worker_at(place) as worker:
        worker.order("enrol", "A-9", at=at)
        rotating = threading.Thread(target=rotate, args=(place,))
        rotating.start()
        rotating.join(timeout=1.5)
        waited = rotating.is_alive()

        assert worker.goes_on() == "won"

        rotating.join(timeout=60)
        assert waited
        assert not rotating.is_alive()
        lives_on(place)


@pytest.mark.parametrize("at", ["Keyring.open_account", "Keyring.keep_only", "Keyring.above"])
def test_an_activation_stopped_anywhere_is_finished(place, at):
    """Her safe's key, under the employer's, under both or under hers, is the same key after a rotation."""
    with worker_at(place) as worker:
        worker.order("complete", place.tokens.pop("A-2"), mailbox("A-2"), at=at)
        rotate(place)

        assert worker.goes_on() == "won"

        lives_on(place)


def test_a_deposit_that_read_older_keys_is_finished(place):
    """Keys of people stay what they were: what was read before a rotation seals after it."""
    with worker_at(place) as worker:
        worker.order(*verbs(place)["deposit"], at="Call.act")
        rotate(place)

        assert worker.goes_on() == "won"
        lives_on(place)


def test_a_worker_with_older_keys_in_memory_goes_on(place):
    """It reads again, once, what it meets under newer versions, and every verb works, whichever comes first."""
    for _ in range(2):
        with worker_at(place) as one, worker_at(place) as other, worker_at(place) as third:
            for worker in (one, other, third):
                assert worker.do("deposit", "A-3", f"{worker.process.pid} before") == "won"
            rotate(place)
            place.first = place.keys.current()

            assert one.do("enrol", f"N-{one.process.pid}") == "won"
            assert one.do("deposit", "A-1", f"{one.process.pid} after") == "won"
            assert other.do("deposit", "A-3", f"{other.process.pid} after") == "won"
            assert third.do("employer", f"fresh {third.process.pid}") == "won"
            assert third.do("hold", "A-3") == "won"
    lives_on(place)


def test_a_vault_that_stays_open_reads_and_admits_after_a_rotation(place):
    """Sessions, documents and activations of a process that opened the vault before go on in it."""
    with place.opened() as older:
        older.employer("acme")
        rotate(place)
        safe = older.resume(place.session).safe
        read = [safe.read(one.id) for one in safe.documents()]
        arrived = older.resume(complete(older, "A-2", place.tokens.pop("A-2"))).safe

        assert (len(read), arrived.count()) == (1, 1)
        assert {one.matricule for one in older.employer("acme").employees()} == set(PEOPLE)
    lives_on(place)


@pytest.mark.parametrize(
    "at",
    [
        "Rotation.renew",
        "Wrapping.under_root",
        "Rotation.walk",
        "Rotation._rewrap",
        "Rotation.settle",
        "Rotation.end",
    ],
)
def test_two_rotations_do_not_undo_one_another(place, at):
    """One that was stopped and overtaken, to a newer root even, changes nothing that is newer than what it knew."""
    with worker_at(place) as worker:
        place.keys.add_key()
        worker.order("rotate", at=at)
        rotate(place)
        assert worker.goes_on() == "won"

    with place.opened() as vault:
        last = vault.upkeep.rotate_keys()
        assert (last.counts, last.findings) == (NOTHING, [])
        for key_id in place.keys._keys[1:]:
            place.keys.retire(key_id.id)
    lives_on(place)


def test_an_employer_that_came_between_list_and_renewal_is_not_forgotten(place):
    """The vault's key is renewed before keys are listed: one made under the older root is in the list, or made again."""
    with worker_at(place) as worker, worker_at(place) as rotating:
        worker.order("employer", "fresh", at=FRESH)
        place.keys.add_key()
        rotating.order("rotate", at="_Run.do")
        assert worker.goes_on() == "won"
        assert rotating.goes_on() == "won"

    place.keys.retire(place.first)
    with place.opened() as vault:
        assert vault.upkeep.rotate_keys().counts == NOTHING
    lives_on(place)


def test_many_rotations_beside_traffic(place):
    """Three rotations in a row while three processes enrol and deposit: nobody is refused, and every key opens."""
    with worker_at(place) as one, worker_at(place) as other, worker_at(place) as third:
        told, stop = [], threading.Event()

        def work(worker):
            number = 0
            while not stop.is_set():
                number += 1
                matricule = f"W-{worker.process.pid}-{number}"
                told.append(worker.do("enrol", matricule))
                told.append(worker.do("deposit", matricule, f"slip {matricule}"))

        threads = [threading.Thread(target=work, args=(worker,)) for worker in (one, other, third)]
        for thread in threads:
            thread.start()
        reports = []
        with place.opened() as vault:
            for _ in range(3):
                place.keys.add_key()
                reports.append(vault.upkeep.rotate_keys())
        stop.set()
        for thread in threads:
            thread.join()

    assert set(told) == {"won"}
    assert len(told) > 6
    assert [(one.counts["left"], one.findings) for one in reports] == [(0, [])] * 3
    lives_on(place)


def test_a_root_is_not_retired_while_a_rotation_is_under_way(place):
    """Half way, in any process, the older root is needed."""
    with worker_at(place) as worker:
        place.keys.add_key()
        worker.order("rotate", at="Rotation.settle")
        with pytest.raises(InvalidInput) as refused:
            place.keys.retire(place.first)
        assert refused.value.reason == "needed"
        assert worker.goes_on() == "won"

    place.keys.retire(place.first)
    raw = place.raw()
    roots = {row["wrapped_by"] for row in raw.rows(TABLES["keys"]) if row["id"] == "vault"}
    raw.close()
    assert roots == {place.keys.current()}
