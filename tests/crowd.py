"""
A crowd of workers on one vault, of whom one is killed every second and one paused, and a watch over them.

As a program it reads an order (JSON) from its standard input, forks the workers, kills and replaces them by a seed, and says
what it saw; it never opens the vault itself, so that a fork costs nothing and inherits nothing. `run` makes the vault before, and
runs the program.
"""

import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import create_engine, text

import crowd_worker
import kit
from mycvault import LocalKeys, Vault

WORKERS = 8
STALLED = 30.0  # seconds without a line from a worker
LAST = 90.0  # seconds to end what was begun
JOINED = [f"J-{number:02}" for number in range(12)]
OTHERS = [f"K-{number:02}" for number in range(8)]
PROGRAM = pathlib.Path(__file__)
_WAITS = text(
    "SELECT pid, state, wait_event_type, wait_event, pg_blocking_pids(pid), left(query, 300)"
    " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


# ------------------------------------------------------------------ the vault, and the run


@contextlib.contextmanager
def house(
    folder: pathlib.Path, records: str | None, place: Any = None, *, seed: int = 1
) -> Iterator[tuple[kit.House, dict[str, Any]]]:
    """Make a vault with its people, in a folder or at a remote place; give it with the order for a crowd."""
    keys = LocalKeys.generate(folder / "keyring")
    storage, options = (place.url, place.options) if place else (str(folder / "vault"), None)
    told = folder / "told"
    told.mkdir()
    url = records or f"sqlite:///{folder}/vault/records.sqlite3"
    with Vault.create(
        storage,
        keys=keys,
        records=records,
        policy=crowd_worker.policy(),
        storage_options=options,
    ) as vault:
        engine = create_engine(url)
        try:
            made = kit.House(vault, None, engine, folder / "vault")
            people = {who: _joined(made, who).token.reveal() for who in JOINED}
            for who in OTHERS:
                made.enrolled(who, **_reached(who))
            yield (
                made,
                {
                    "storage": storage,
                    "options": options,
                    "records": records,
                    "keyring": str(folder / "keyring"),
                    "folder": str(told),
                    "people": people,
                    "staff": JOINED + OTHERS,
                    "seed": seed,
                },
            )
        finally:
            engine.dispose()


def run(order: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Let the crowd work for so long; tell what the supervisor saw."""
    order = {**order, "began": time.time(), "seconds": seconds}
    done = subprocess.run(
        [sys.executable, PROGRAM],
        input=json.dumps(order) + "\n",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=seconds + 2 * (STALLED + LAST),
    )
    return json.loads(done.stdout)


def _joined(made: kit.House, who: str) -> Any:
    return made.joined(who, **_reached(who))


def _reached(who: str) -> dict[str, Any]:
    return {"email": f"{who.lower()}@example.org", "phone": None}


# ------------------------------------------------------------------ the supervisor


class Supervisor:
    """Forks workers, kills one every second, and sees whether the others go on."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.folder = pathlib.Path(order["folder"])
        self.dice = random.Random(order["seed"])
        self.lives = 0
        self.workers: dict[int, tuple[int, float]] = {}  # by process: its life, and since when
        self.killed = 0
        self.stalled: list[str] = []
        self.failed: list[str] = []

    def run(self) -> dict[str, Any]:
        """Keep the crowd full until its time is over, then let it end."""
        self.began = time.monotonic()
        end = self.began + self.order["seconds"]
        for _ in range(WORKERS):
            self._start()
        while time.monotonic() < end and not self.stalled:
            # One stands still for most of a second, wherever it is, while the others go on; then one is killed.
            slow, victim = self.dice.sample(sorted(self.workers), 2)
            os.kill(slow, signal.SIGSTOP)
            time.sleep(self.dice.uniform(0.1, 0.9))
            os.kill(slow, signal.SIGCONT)
            time.sleep(max(0.0, self._next() - time.monotonic()))
            self._kill(victim)
            self._reap()
            while len(self.workers) < WORKERS:
                self._start()
            self._watch(STALLED)
        (self.folder / crowd_worker.STOP).touch()
        last = time.monotonic() + LAST
        while self.workers and time.monotonic() < last and not self.stalled:
            time.sleep(0.1)
            self._reap()
            self._watch(STALLED)
        self._end()
        return {
            "lives": self.lives,
            "killed": self.killed,
            "stalled": self.stalled,
            "failed": self.failed,
        }

    def _next(self) -> float:
        """Tell when the next one is killed: one a second."""
        return self.began + self.killed + 1

    def _start(self) -> None:
        life = self.lives
        self.lives += 1
        pid = os.fork()
        if pid:
            self.workers[pid] = (life, time.time())
            return
        status = 1
        try:
            crowd_worker.live(self.order, life)
            status = 0
        except BaseException as error:  # noqa: BLE001 - a child must not go on as its parent
            told = crowd_worker.told_by(self.order, life)
            line = json.dumps(crowd_worker.complaint("life", error))
            os.write(told, line.encode() + b"\n")
        finally:
            os._exit(status)

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self._ended(pid, os.waitpid(pid, 0)[1])
        self.killed += 1

    def _reap(self) -> None:
        for pid in sorted(self.workers):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._ended(pid, status)

    def _ended(self, pid: int, status: int) -> None:
        life, _ = self.workers.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        if code not in {0, -signal.SIGKILL}:
            self.failed.append(f"life {life} ended with {code}")

    def _watch(self, patience: float) -> None:
        """Find who has not written a line for so long, and write down what everybody waits for."""
        now = time.time()
        for pid, (life, since) in self.workers.items():
            told = self.folder / f"{life:05}.told"
            last = max(since, told.stat().st_mtime if told.exists() else 0)
            if now - last > patience:
                os.kill(pid, signal.SIGUSR1)
                time.sleep(0.5)
                where = (self.folder / f"{life:05}.err").read_text()
                self.stalled.append(f"life {life}, {now - last:.0f} s without a line:\n{where}")
        if self.stalled:
            self.stalled += self._waits()

    def _waits(self) -> list[str]:
        records = self.order["records"] or ""
        if not records.startswith("postgresql"):
            return []
        engine = create_engine(records)
        try:
            with engine.connect() as connection:
                return [str(tuple(row)) for row in connection.execute(_WAITS)]
        finally:
            engine.dispose()

    def _end(self) -> None:
        """Kill who is left: a crowd leaves nobody behind."""
        for pid, (life, _) in sorted(self.workers.items()):
            self._kill(pid)
            if not self.stalled:
                self.stalled.append(f"life {life} did not end")


def main() -> None:
    """Supervise one crowd; what its workers need is imported before they are forked."""
    order = json.loads(sys.stdin.readline())
    if order["options"]:
        import s3fs  # noqa: F401
    print(json.dumps(Supervisor(order).run()))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
