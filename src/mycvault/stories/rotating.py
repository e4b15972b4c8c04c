"""
Keys are renewed: the vault's and the employers' get new versions under the root that wraps now, and all below them follows.

Order: the vault's key first, since its version is what proves to whoever makes an employer's key that no rotation came between;
then the key of accounts and the employers', each renewed, walked and settled before the next. A key that does not open is told
and stops nothing; a provider that does not answer stops the run, and the next one goes on.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from mycvault.desk import Call
from mycvault.errors import MycvaultError, TamperedError, WrongKeys
from mycvault.keys.model import VAULT, Use
from mycvault.keys.rotation import Rotation, Stale, Task
from mycvault.values.report import Report

_NAMES = ("vault", "employers", "uses", "accounts", "records", "safes", "left")
_BELOW = {VAULT: ("uses", "uses"), Use.ACCOUNTS: ("accounts", "accounts")}
_EMPLOYER = ("records", "safes")

Progress = Callable[[int, int], None]


def rotate_keys(call: Call, *, dry_run: bool, on_progress: Progress | None) -> Report:
    """Renew what is due, or in a dry run only count it. KeysUnavailable."""
    run = _Run(Rotation(call.keys, call.now), on_progress)
    if not dry_run:
        run.renew(VAULT)
    tasks = run.tasks()
    for task in tasks:
        if dry_run:
            run.count(task)
        else:
            run.do(task)
    if not dry_run:
        run.rotation.end()
        with call.act() as act:
            told: Any = {name: str(count) for name, count in run.counts.items()}
            act.record(**told)
    return Report(counts=dict(run.counts), findings=run.findings)


class _Run:
    """One rotation as it is told: what was counted, found, and how far it is."""

    def __init__(self, rotation: Rotation, on_progress: Progress | None) -> None:
        self.rotation = rotation
        self.counts: Counter[str] = Counter(dict.fromkeys(_NAMES, 0))
        self.findings: list[str] = []
        self._on_progress = on_progress
        self._seen = self._total = 0

    def tasks(self) -> list[Task]:
        """List what is to do."""
        found = []
        for key_id in self.rotation.key_ids():
            try:
                task = self.rotation.task(key_id)
            except TamperedError as error:
                self._found(key_id, error)
                continue
            found += [task] if task else []
        self._total = sum(task.of_records + task.personal for task in found)
        return found

    def count(self, task: Task) -> None:
        """Count what a task would do."""
        if task.due:
            self._renewed(task.key_id)
        of_records, personal = _BELOW.get(task.key_id, _EMPLOYER)
        self.counts[of_records] += task.of_records
        self.counts[personal] += task.personal
        self.counts["left"] += task.of_records + task.personal
        self._looked_at(task.of_records + task.personal)

    def do(self, task: Task) -> None:
        """Renew a key, wrap again what is under its older versions, and delete those."""
        try:
            if not self.renew(task.key_id):
                return
            for personal, name in enumerate(_BELOW.get(task.key_id, _EMPLOYER)):
                self._walk(task.key_id, name, personal=bool(personal))
            self.counts["left"] += self.rotation.settle(task.key_id)
        except Stale:
            # Another rotation, to a newer root, has taken this key over.
            self.counts["left"] += 1
        except (TamperedError, WrongKeys) as error:
            self._found(task.key_id, error)

    def renew(self, key_id: str) -> bool:
        """Give a key a new version when it is due; False when it does not open, and cannot be."""
        try:
            if self.rotation.renew(key_id):
                self._renewed(key_id)
        except (TamperedError, WrongKeys) as error:
            self._found(key_id, error)
            return False
        return True

    def _walk(self, key_id: str, name: str, *, personal: bool) -> None:
        for page in self.rotation.walk(key_id, personal=personal):
            self.counts[name] += page.done
            self.findings += [f"key {damaged}: record-damaged" for damaged in page.damaged]
            self._looked_at(page.done + len(page.damaged))

    def _renewed(self, key_id: str) -> None:
        if key_id != Use.ACCOUNTS:
            self.counts["vault" if key_id == VAULT else "employers"] += 1

    def _found(self, key_id: str, error: MycvaultError) -> None:
        finding = f"key {key_id}: {error.code}"
        if finding not in self.findings:
            self.findings.append(finding)
            self.counts["left"] += 1

    def _looked_at(self, keys: int) -> None:
        self._seen += keys
        if self._on_progress is not None:
            self._on_progress(min(self._seen, self._total), self._total)
