"""
Sweeping beside traffic, killed in the middle, and with rows that somebody forged.
"""

import datetime as dt
import subprocess
import sys
import threading
import time

import pytest

import kit
from mycvault import LocalKeys, UnavailableError
from mycvault.stories import sweeping

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
NOW = dt.timedelta()
KEY = "ab" * 16


def deposits_until(house, stop, done, errors, mark):
    """Deposit as a payroll that tries again after an outage; write down what was acknowledged."""
    number = 0
    while not stop.is_set():
        number += 1
        content = kit.pdf(mark=f"{mark} {number}")
        try:
            done[house.acme.deposit("A-0042", content, kind="contract").document_id] = content
        except UnavailableError:
            continue
        except Exception as error:  # noqa: BLE001 - what must never be met is told
            errors.append(repr(error))
            return


class Dawdling(kit.UnhurriedBlobs):
    """A store that is slow to say that it has a blob: a sweep may come before its row does."""

    def put(self, key, data):
        super().put(key, data)
        time.sleep(0.01)


def test_nothing_acknowledged_is_lost_beside_sweeps(house):
    """Four threads deposit while two sweep without a grace, again and again: every receipt's document is read back."""
    safe = house.joined().safe
    house.vault._desk.blobs = Dawdling.before(house.vault._desk.blobs, house.vault)
    stop, done, errors, deleted = threading.Event(), {}, [], []

    def sweeps():
        while not stop.is_set():
            try:
                deleted.append(house.vault.upkeep.sweep(grace=NOW).counts["deleted"])
            except UnavailableError:
                continue
            except Exception as error:  # noqa: BLE001 - what must never be met is told
                errors.append(repr(error))
                return

    threads = [threading.Thread(target=sweeps) for _ in range(2)]
    threads += [
        threading.Thread(target=deposits_until, args=(house, stop, done, errors, mark))
        for mark in "abcd"
    ]
    for thread in threads:
        thread.start()
    for _ in range(300):
        time.sleep(0.1)
        if len(done) > 20 and sum(deleted) > 0:
            break
    stop.set()
    for thread in threads:
        thread.join(60)

    assert errors == []
    assert len(done) > 20
    assert sum(deleted) > 0
    for document, content in done.items():
        assert safe.read(document) == content
    assert house.vault.upkeep.sweep(grace=NOW).counts["restored"] == 0


def test_a_sweep_that_began_later_is_no_clock_set_back(house, monkeypatch):
    """What another sweep saw first, while this one ran, is no moment that has not come."""
    condemn = sweeping._condemn

    def another_first(call, *given):
        house.clock.advance(12 * HOUR)
        house.vault._desk.blobs.put(KEY, b"left by a crash")
        monkeypatch.setattr(sweeping, "_condemn", condemn)
        house.vault.upkeep.sweep()
        condemn(call, *given)

    monkeypatch.setattr(sweeping, "_condemn", another_first)
    report = house.vault.upkeep.sweep()

    assert list(report.findings) == []
    assert report.counts["waiting"] == 1


LOOP = """
import datetime as dt, sys, threading
from mycvault import LocalKeys, Policy, UnavailableError, Vault
folder, keyring, records = sys.argv[1:]
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
with Vault.open(folder, keys=LocalKeys.load(keyring), records=records, policy=Policy.for_tests()) as vault:
    deleted = 0
    print("ready", flush=True)
    while not stop.is_set():
        try:
            deleted += vault.upkeep.sweep(grace=dt.timedelta()).counts["deleted"]
        except UnavailableError:
            pass
print(deleted)
"""


def test_nothing_acknowledged_is_lost_beside_other_processes_that_sweep(tmp_path, records_url):
    """As with threads: what one process enters, another's sweep sees or has condemned before."""
    keyring = tmp_path / "keyring"
    with kit.house_at(tmp_path, records_url, keys=LocalKeys.generate(keyring)) as house:
        safe = house.joined().safe
        # One that a sweep surely finds; how many of the deposits' own it meets is a matter of luck.
        house.vault._desk.blobs.put("ab" * 16, b"an orphan")
        command = [sys.executable, "-c", LOOP, str(house.folder), str(keyring), records_url]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        sweepers = [subprocess.Popen(command, **pipes) for _ in range(2)]
        assert [one.stdout.readline() for one in sweepers] == ["ready\n"] * 2
        stop, done, errors = threading.Event(), {}, []
        threads = [
            threading.Thread(target=deposits_until, args=(house, stop, done, errors, mark))
            for mark in "ab"
        ]
        for thread in threads:
            thread.start()
        time.sleep(6)
        stop.set()
        for thread in threads:
            thread.join(60)
        told = [one.communicate("stop\n", timeout=60)[0] for one in sweepers]

        assert errors == []
        assert [one.returncode for one in sweepers] == [0, 0]
        assert sum(map(int, told)) > 0
        assert len(done) > 3
        for document, content in done.items():
            assert safe.read(document) == content


KILLED = """
import datetime as dt, os, signal, sys
from mycvault import LocalKeys, Policy, Vault
from mycvault.storage.blobs.local import LocalBlobs
folder, keyring, records, left = sys.argv[1:]
delete, left = LocalBlobs.delete, int(left)
def killed(self, key):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    delete(self, key)
LocalBlobs.delete = killed
with Vault.open(folder, keys=LocalKeys.load(keyring), records=records, policy=Policy.for_tests()) as vault:
    vault.upkeep.sweep(grace=dt.timedelta())
"""


@pytest.mark.parametrize("left", [0, 3])
def test_killed_between_condemning_and_deleting(tmp_path, records_url, left):
    """What was condemned is deleted by the next sweep, whatever its grace; the documents are there."""
    keyring = tmp_path / "keyring"
    with kit.house_at(tmp_path, records_url, keys=LocalKeys.generate(keyring)) as house:
        safe = house.joined().safe
        document = kit.slip(house).document_id
        for number in range(5):
            house.vault._desk.blobs.put(f"{number:032x}", b"left by a crash")
        command = [sys.executable, "-c", KILLED, str(house.folder), str(keyring), records_url]
        done = subprocess.run([*command, str(left)], check=False, timeout=60)

        assert done.returncode == -9
        assert len(house.blobs()) == 6 - left
        report = house.vault.upkeep.sweep()
        assert report.ok
        assert report.counts["deleted"] == 5 - left
        assert len(house.blobs()) == 1
        assert safe.read(document) == kit.pdf()


# ------------------------------------------------------------------ forged rows


@pytest.mark.parametrize("how", ["older", "made up", "condemned", "another's"])
def test_a_forged_sighting_shortens_no_grace(house, how):
    """Who writes the database without keys makes no blob look older: it is named, and its grace begins anew."""
    house.enrolled()
    kit.slip(house)
    (key,) = house.blobs()
    house.run("CREATE TABLE backup AS SELECT * FROM mycvault_contents")
    house.run("DELETE FROM mycvault_contents")
    if how == "another's":
        house.vault._desk.blobs.put(KEY, b"left by a crash")
        house.vault.upkeep.sweep()
        house.run("DELETE FROM mycvault_orphans WHERE id = :key", key=key)
        house.run("UPDATE mycvault_orphans SET id = :key", key=key)
        house.clock.advance(30 * DAY)
    elif how == "made up":
        house.run(
            "INSERT INTO mycvault_orphans (id, seen_at, seal) VALUES (:key, 0, :seal)",
            key=key,
            seal=b"\x01\0\0\0\x01" + bytes(32),
        )
    else:
        house.vault.upkeep.sweep()
        column = "seen_at" if how == "older" else "condemned_at"
        house.run(f"UPDATE mycvault_orphans SET {column} = 0")
    report = house.vault.upkeep.sweep()

    assert report.findings == [f"blob {key}: record-damaged"]
    assert key in house.blobs()
    house.run("INSERT INTO mycvault_contents SELECT * FROM backup")
    report = house.vault.upkeep.sweep(grace=NOW)
    assert report.ok
    assert key in house.blobs()
    assert house.activated().safe.read(house.acme.deposits().items[0].document_id) == kit.pdf()


def test_a_forged_row_never_stops_a_deposit(house):
    """A blob said to be condemned is written anew; a sighting that nobody made is taken away."""
    safe = house.joined().safe
    blobs, put = house.vault._desk.blobs, type(house.vault._desk.blobs).put
    forged = []

    class Watched(type(blobs)):
        def put(self, key, data):
            put(self, key, data)
            condemned = 0 if len(forged) == 0 else None
            forged.append(key)
            house.run(
                "INSERT INTO mycvault_orphans VALUES (:key, 0, :condemned, :seal)",
                key=key,
                condemned=condemned,
                seal=b"x",
            )

    house.vault._desk.blobs = Watched(house.folder / "blobs")

    assert safe.read(kit.slip(house).document_id) == kit.pdf()
    assert len(forged) == 2
    assert house.vault.upkeep.sweep(grace=NOW).findings == [f"blob {forged[0]}: record-damaged"]
    assert safe.read(safe.documents().items[0].id) == kit.pdf()
