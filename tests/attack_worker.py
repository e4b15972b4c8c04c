"""
A process of its own that opens a vault and does one thing in it, at a sign, or until it is killed.

Run as a program it reads one order a line (JSON): it opens the vault, says "ready", waits for a line, does it, and says what
came of it. `outcome` is the same for a thread.
"""

import contextlib
import datetime as dt
import json
import pathlib
import random
import sys

import kit
from mycvault import LocalKeys, MemoryCourier, MycvaultError, Policy, Vault

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


def recover(vault: Vault, tokens: list[str], code: str | None) -> None:
    token = random.choice(tokens)
    vault.recovery.complete(token, password=kit.PASSWORD[::-1], code=code)


def enter(vault: Vault, identifier: str, code: str) -> None:
    vault.confirm_code(vault.sign_in(identifier, kit.PASSWORD).challenge, code)


VERBS = {
    "complete": complete,
    "confirm": lambda vault, challenge, code: vault.confirm_code(challenge, code),
    "enter": enter,
    "deposit": deposit,
    "publish": lambda vault, version, text: vault.publish_terms(version, text),
    "employer": lambda vault, reference: vault.add_employer("Globex", reference=reference),
    "enrol": lambda vault, matricule: vault.employer("acme").enrol(matricule, **NAMES),
    "rotate": lambda vault: vault.upkeep.rotate_keys(),
    "hold": lambda vault, matricule: vault.upkeep.hold("acme", matricule, reason="a dispute"),
    "sweep": lambda vault: vault.upkeep.sweep(grace=dt.timedelta()),
    "compact": lambda vault: vault.upkeep.compact(),
    "recover": recover,
    "forget": lambda vault, identifier: vault.recovery.request(identifier),
    "help": lambda vault, identifier: vault.joining.request_new_link(identifier),
    "post": lambda vault: vault.outbox.deliver(MemoryCourier()),
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
        opened = contextlib.nullcontext() if order["verb"] == "create" else open_vault(order)
        with opened as vault:
            say("ready")
            sys.stdin.readline()
            say(outcome(vault, order))


def say(told: object) -> None:
    print(json.dumps(told), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    serve()
