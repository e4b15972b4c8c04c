"""
A process of its own that opens a vault and does one thing in it, at a sign, or until it is killed.

Run as a program it reads one order a line (JSON): it opens the vault, says "ready", waits for a line, does it, and says what
came of it. `outcome` is the same for a thread. The order "crash" tells a story again and again in a forked child, each child
killed one step later than the one before, each in a folder of its own.
"""

import contextlib
import datetime as dt
import json
import os
import pathlib
import shutil
import signal
import sys

import kit
from mycvault import LocalKeys, MycvaultError, Policy, Vault
from mycvault.storage import engine

MOST = 150  # steps of one story
WORKER_MODULE = pathlib.Path(__file__)
NAMES = {"given_name": "Dora", "family_name": "Exemple"}


def open_vault(order: dict) -> Vault:
    keys = LocalKeys.load(order["keyring"])
    policy = Policy.for_tests()
    return Vault.open(order["folder"], keys=keys, records=order["records"], policy=policy)


def create_vault(order: dict) -> Vault:
    keys = LocalKeys.load(order["keyring"])
    policy = Policy.for_tests()
    return Vault.create(order["folder"], keys=keys, records=order["records"], policy=policy)


def complete(vault: Vault, token: str, email: str) -> None:
    vault.joining.complete(token, password=kit.PASSWORD, email=email, **NAMES)


def deposit(vault: Vault, matricule: str, mark: str) -> str:
    employer = vault.employer("acme")
    receipt = employer.deposit(matricule, kit.pdf(mark=mark), kind="other", reference=mark)
    return "replayed" if receipt.replayed else "won"


VERBS = {
    "complete": complete,
    "confirm": lambda vault, challenge, code: vault.confirm_code(challenge, code),
    "deposit": deposit,
    "publish": lambda vault, version, text: vault.publish_terms(version, text),
    "employer": lambda vault, reference: vault.add_employer("Globex", reference=reference),
    "enrol": lambda vault, matricule: vault.employer("acme").enrol(matricule, **NAMES),
    "rotate": lambda vault: vault.upkeep.rotate_keys(),
    "hold": lambda vault, matricule: vault.upkeep.hold("acme", matricule, reason="a dispute"),
    "sweep": lambda vault: vault.upkeep.sweep(grace=dt.timedelta()),
    "compact": lambda vault: vault.upkeep.compact(),
    "nothing": lambda vault: None,
}


def outcome(vault: Vault | None, order: dict) -> str:
    """Do it; tell "won", or the code of a typed refusal, or what was raised that should not be."""
    try:
        if vault is None:
            create_vault(order).close()
            return "won"
        told = VERBS[order["verb"]](vault, *order["given"])
    except MycvaultError as error:
        cause = error.__cause__
        return error.code + (f" <- {cause!r}"[:300] if error.http_status == 503 else "")
    except Exception as error:  # noqa: BLE001 - what must never be met is told
        return repr(error)[:300]
    return told if isinstance(told, str) else "won"


def serve() -> None:
    """Take orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        if order["verb"] == "crash":
            say({"steps": crash(order)})
            continue
        opened = contextlib.nullcontext() if order["verb"] == "create" else open_vault(order)
        with opened as vault:
            say("ready")
            sys.stdin.readline()
            say(outcome(vault, order))


def say(told: object) -> None:
    print(json.dumps(told), flush=True)  # noqa: T201 - the answer


# ------------------------------------------------------------------ killed at every step


def crash(order: dict) -> int:
    """Tell the story in copies of the folder, killed at step 1, 2, 3, …, until one comes to its end; count the killed."""
    copies = pathlib.Path(order["copies"])
    for step in range(1, MOST):
        folder = copies / f"{step:03}"
        if pathlib.Path(order["folder"]).exists():
            shutil.copytree(order["folder"], folder)
        child = os.fork()
        if child == 0:
            tell({**order, "folder": str(folder)}, step)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            if status:
                raise RuntimeError(f"the story failed at step {step}")
            shutil.rmtree(folder)
            pathlib.Path(f"{folder}.told").unlink()
            return step - 1
    raise RuntimeError("the story does not end")


def tell(order: dict, last_step: int) -> None:
    """Tell one story, in a child, up to *last_step*; every verb that returned is written down."""
    try:
        told = os.open(order["folder"] + ".told", os.O_CREAT | os.O_WRONLY, 0o600)
        write = os.write
        arm(order["folder"], last_step)
        if order["story"] == "create":
            create_vault(order)
            write(told, b"create\n")
        else:
            vault = open_vault(order)
            for verb, *given in order["story"]:
                VERBS[verb](vault, *given)
                write(told, f"{verb} {' '.join(given)}\n".encode())
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - a child must not go on as its parent
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)


def arm(folder: str, last_step: int) -> None:
    """Count commits and everything that writes below *folder*; kill this process at *last_step*."""
    steps = 0

    def step(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(name: str, given: tuple) -> None:
        writes = (
            name == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if (writes or name in {"os.rename", "os.mkdir", "os.remove"}) and str(given[0]).startswith(
            folder
        ):
            step()

    say_it = engine._say

    def said(connection: object, how: str) -> None:
        if how == "COMMIT":
            step()
        say_it(connection, how)

    sys.addaudithook(audited)
    engine._say = said
    for name in ("write", "fsync"):
        setattr(os, name, before(step, getattr(os, name)))


def before(step, call):
    def both(*given):
        step()
        return call(*given)

    return both


if __name__ == "__main__":
    serve()
