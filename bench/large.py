"""
What memory a payroll and a large document take: each in a process of its own that opened a vault and read a page (*idle*).

`python bench/large.py [--place DIR] [--mib N] [--payslips N]` deposits one document of 1 GiB and reads it back to the end, then a
payroll of 20,000 payslips of 60 kB by `deposit_each`. Printed is the highest that the process held above idle (Linux: VmHWM).
Exits with 1 when the document took more than 64 MiB, the payroll more than 200 MiB.
"""

import argparse
import io
import pathlib
import subprocess
import sys
import tempfile
import time

import living
import memory

from mycvault import Deposit, LocalKeys, Policy, SecondFactor, Vault
from mycvault.policy import DocumentPolicy

_MIB = 1 << 20
_BARS = {"document": 64, "payroll": 200}  # MiB above idle


def main() -> int:
    """Make a vault, and measure a process for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--place", type=pathlib.Path, metavar="DIR", help="where vaults are made")
    parser.add_argument("--mib", type=int, default=1024, help="size of the document")
    parser.add_argument("--payslips", type=int, default=20_000, help="how many")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        return _measure(*asked.child)
    worst = 0
    for what, count in (("document", asked.mib), ("payroll", asked.payslips)):
        with tempfile.TemporaryDirectory(prefix="large-", dir=asked.place) as place:
            folder = pathlib.Path(place) / "house"
            house = living.House(folder, second_factor=SecondFactor.NEVER)
            with house.vault as vault:
                house.deposit(60_000)
                token = vault.sign_in(living.EMAIL, living.PASSWORD).token.reveal()
            call = [sys.executable, __file__, "--child", what, str(count), str(folder), token]
            worst |= subprocess.run(call, check=False).returncode
    return worst


class _Source(io.RawIOBase):
    """A PDF of *size* bytes that is made as it is read."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._block = living.payslip(_MIB)
        self._begun = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = min(size if size >= 0 else self._left, self._left, _MIB - 8)
        self._left -= size
        if self._left == 0:
            return self._block[-size:] if size else b""
        return self._block[:size]


def _measure(what: str, count: str, folder: str, token: str) -> int:
    place = pathlib.Path(folder)
    policy = Policy(documents=DocumentPolicy(max_bytes=2 << 30))
    keys = LocalKeys.load(place / "keyring")
    with Vault.open(place / "vault", keys=keys, policy=policy) as vault:
        employer, safe = vault.employer("acme"), vault.resume(token).safe
        safe.read(safe.documents().items[0].id)
        memory.forget_peak()
        idle, started = memory.now(), time.perf_counter()
        how = {"document": _document, "payroll": _payroll}[what]
        how(employer, safe, int(count))
        took, above = time.perf_counter() - started, (memory.peak() - idle) / 1024
    print(
        f"{what:<9}{count:>7}: {took:.1f} s, idle {idle / 1024:.0f} MiB,"
        f" peak {above:.1f} MiB above, bar {_BARS[what]} MiB"
    )
    return int(above > _BARS[what])


def _document(employer, safe, mib: int) -> None:
    receipt = employer.deposit(living.MATRICULE, _Source(mib * _MIB), kind="contract")
    size = 0
    with safe.open(receipt.document_id) as stream:
        while piece := stream.read(_MIB):
            size += len(piece)
    if size != mib * _MIB:
        raise ValueError("not what was deposited")


def _payroll(employer, _safe, count: int) -> None:
    run = (
        Deposit(
            living.MATRICULE,
            living.payslip(60_000, number=number),
            kind="payslip",
            period="2026-10",
        )
        for number in range(1, count + 1)
    )
    if sum(outcome.error is None for outcome in employer.deposit_each(run)) != count:
        raise ValueError("not everything was deposited")


if __name__ == "__main__":
    sys.exit(main())
