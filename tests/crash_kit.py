"""
Stories that are cut at one of their steps: the process is killed there, or the disk or the database fails there.

Run as a program this takes one order (JSON) and tells the story in forked children, each cut at another step (`crash_steps`),
each in a copy of the vault of its own.
"""

import datetime as dt
import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import kit
import services
from attack_worker import NAMES, VERBS, create_vault, open_vault, say
from crash_steps import arm, die, fail
from mycvault import Deposit, LocalKeys, MycvaultError, Policy, Vault
from mycvault.system import SystemClock

EMAIL = "dora@example.org"
HIRED = "A-3"  # enrolled, never invited
OLD_PASSWORD, OLD_HASH = "old password", "{SSHA}U5AhGC58VBCp3IoqTM8BU7mYVYt6r/W+"
MANY = 258  # deposits: two batches, and two workers


# ------------------------------------------------------------------ stories


def many(mark: str, count: int = MANY) -> list[Deposit]:
    """List deposits, in turn for two people."""
    return [
        Deposit(
            f"A-{number % 2 + 1}",
            kit.pdf(400, mark=f"{mark} {number}"),
            kind="other",
            reference=f"{mark}-{number}",
        )
        for number in range(count)
    ]


def pay(vault: Vault, mark: str) -> Iterator[str]:
    """Deposit many; name each document as soon as it is acknowledged."""
    for number, outcome in enumerate(vault.employer("acme").deposit_each(many(mark))):
        if outcome.error is not None:
            raise outcome.error
        yield f"{outcome.receipt.document_id} {number}"


def enrolments(count: int) -> list[dict[str, str]]:
    return [{"matricule": f"N-{number}", **NAMES} for number in range(count)]


STORIES = VERBS | {
    "pay": pay,
    "destroy": lambda vault, session, one: vault.resume(session).safe.destroy(one),
    "purge": lambda vault: vault.upkeep.purge(dry_run=False),
    "enrol_many": lambda vault: vault.employer("acme").enrol_many(enrolments(5)),
    "sync": lambda vault: vault.employer("acme").sync(enrolments(7)),
    "adopt": lambda vault: vault.employer("acme").adopt(HIRED, password_hash=OLD_HASH),
}


class Deaths:
    """A vault, what was left of its copies when stories in them were cut, and what each had been told was done."""

    def __init__(self, root: pathlib.Path, records: str | None = None) -> None:
        self.root = root
        self.records = records
        self.keys = LocalKeys.generate(root / "keyring")
        self.template = root / "template"

    def opened(self, folder: pathlib.Path, records: str | None = None) -> Vault:
        return Vault.open(folder, keys=self.keys, records=records, policy=Policy.for_tests())

    def created(self, folder: pathlib.Path, *, clock: Any = None, exist_ok: bool = False) -> Vault:
        given = {"keys": self.keys, "records": self.records, "policy": Policy.for_tests()}
        return Vault.create(folder, **given, clock=clock, exist_ok=exist_ok)

    def make(self) -> tuple[Vault, str]:
        """Make the vault the stories begin with: one employee with a link and a document."""
        vault = self.created(self.template)
        acme = vault.add_employer("Acme SAS", reference="acme")
        acme.enrol("A-1", email=EMAIL, **NAMES)
        acme.deposit("A-1", kit.pdf(mark="first"), kind="other", reference="first")
        return vault, acme.invite("A-1").token.reveal()

    def die(self, *story: Any, how: str = "death", most: int = 30, name: str = "copies") -> None:
        """Tell the story, cut at every step, or at *most* of them, evenly spread, and after commits; "create" is told on empty ground."""
        told = {"folder": str(self.template), "keyring": str(self.root / "keyring"), "how": how}
        told |= {"records": self.records, "copies": str(self.root / name), "most": most}
        told["story"] = "create" if story == ("create",) else story
        self.copies = self.root / name
        self.copies.mkdir()
        done = subprocess.run(
            [sys.executable, __file__],
            input=json.dumps(told),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        self.count = json.loads(done.stdout)["cut"]

    def folders(self) -> Iterator[tuple[pathlib.Path, list[str]]]:
        """Give each folder that was left, a copy to work in, with what had been told."""
        for told in sorted(self.copies.glob("*.told")):
            folder = told.with_suffix("")
            work = self.root / "work"
            shutil.rmtree(work, ignore_errors=True)
            if folder.exists():
                shutil.copytree(folder, work)
            yield work, told.read_text().splitlines()

    def left(self) -> Iterator[tuple[tuple[pathlib.Path, str | None], list[str]]]:
        """Give each folder that was left and where its records lie, once, with what had been told."""
        for told in sorted(self.copies.glob("*.told")):
            folder = told.with_suffix("")
            beside = pathlib.Path(f"{folder}.records")
            records = beside.read_text() if beside.exists() else None
            yield (folder, records), told.read_text().splitlines()
            if records:
                services.drop_database(records)


# ------------------------------------------------------------------ cut at every step


def tell_all(order: dict[str, Any]) -> int:
    """Tell the story once to its end, then cut at each of its steps, or at some of them; tell how many were cut."""
    whole = copied(order, "whole")
    assert not cut_at(whole, 0)
    said = pathlib.Path(whole["folder"] + ".told").read_text().splitlines()[-1]
    total, *commits = map(int, said.split()[1:])
    remove(whole)
    spread = range(1, total + 1, max(1, -(-total // order["most"])))
    # When a commit is done but not told, and at the end: never left out.
    steps = sorted({*spread, *commits[-order["most"] :], total})
    # Every other fault lasts until the verb has ended.
    return sum(
        cut_at(copied(order, f"{step:03}") | {"lasting": place % 2 == 1}, step)
        for place, step in enumerate(steps)
    )


def copied(order: dict[str, Any], name: str) -> dict[str, Any]:
    """Copy the vault, its keyring and its database."""
    folder = pathlib.Path(order["copies"]) / name
    here = {**order, "folder": str(folder), "keyring": f"{folder}.keyring"}
    shutil.copy(order["keyring"], here["keyring"])
    if pathlib.Path(order["folder"]).exists():
        shutil.copytree(order["folder"], folder)
    if order["records"]:
        template = order["records"].partition("?")[0].rpartition("/")[2]
        here["records"] = services.fresh_database(order["records"], template=template)
        pathlib.Path(f"{folder}.records").write_text(here["records"])
    return here


def remove(here: dict[str, Any]) -> None:
    shutil.rmtree(here["folder"], ignore_errors=True)
    for beside in pathlib.Path(here["folder"]).parent.glob("whole.*"):
        beside.unlink()
    if here["records"]:
        services.drop_database(here["records"])


def cut_at(here: dict[str, Any], step: int) -> bool:
    """Tell the story in a child; tell whether it was cut (with two threads at work it may end before)."""
    child = os.fork()
    if child == 0:
        tell(here, step)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 2:
        return True
    if status:
        raise RuntimeError(f"the story failed at step {step}")
    return False


def tell(here: dict[str, Any], last: int) -> None:
    """Tell one story in a child, up to a step; every verb that returned is written down. Exit: 0 whole, 2 failed at the step."""
    try:
        told = os.open(here["folder"] + ".told", os.O_CREAT | os.O_WRONLY, 0o600)
        write, met = os.write, []

        def note(line: str) -> None:
            write(told, f"{line}\n".encode())

        def failing(driver: Any) -> None:
            met.append(driver)
            fail(driver)

        if here["how"] == "death":
            steps = arm(here["folder"], last, die)
            tell_once(here, None, note)
        else:
            vault = None if here["story"] == "create" else open_vault(here)
            steps = arm(here["folder"], last, failing, lasting=here.get("lasting", False))
            tell_once(here, vault, note, refused="!")
            steps.heal()
            if vault is not None:
                for finding in vault.upkeep.check().findings:
                    note(f"half there: {finding}")
            tell_once(here, vault, note, refused="again")
        if not last:
            note(" ".join(map(str, ("steps", steps.count, *steps.commits))))
        os._exit(2 if met else 0)
    except BaseException as error:  # noqa: BLE001 - a child must not go on as its parent
        sys.stderr.write(f"step {last}: {error!r} <- {error.__cause__!r}\n")
        os._exit(1)


def tell_once(
    here: dict[str, Any], vault: Vault | None, note: Callable[[str], None], refused: str = ""
) -> None:
    """Do what the story says; a refusal is noted as *refused*, and none is expected without."""
    allowed = MycvaultError if refused else ()
    if here["story"] == "create":
        try:
            create_vault(here).close()
            note("create")
        except allowed as error:
            note(f"{refused} {error.code}")
        return
    vault = vault or open_vault(here)
    for verb, *given in here["story"]:
        try:
            do(vault, verb, given, note)
        except allowed as error:
            note(f"{refused} {error.code}")


def do(vault: Vault, verb: str, given: list[Any], note: Callable[[str], None]) -> None:
    said = STORIES[verb](vault, *given)
    if isinstance(said, Iterator):
        for line in said:
            note(line)
    note(" ".join([verb, *map(str, given)]))


def ago(days: int) -> kit.SettableClock:
    """Give a clock that stands in the past."""
    return kit.SettableClock(SystemClock().now() - dt.timedelta(days=days))


if __name__ == "__main__":
    say({"cut": tell_all(json.loads(sys.stdin.readline()))})
