"""
What taking everything along costs: `Safe.export` of a safe of 300 MiB, in a process of its own.

`python bench/exporting.py [--mib N] [--place DIR]` fills a vault with payslips of 60 kB, scans of 5 MiB and documents of 48 MiB,
a third of it each, then lets a fresh process open the vault, list a page (that is *idle*), and export. Printed are the peak of
its memory above idle (Linux: VmHWM, by page, whoever holds it), and the time beside the least that can be done: reading the
same documents one after another by `Safe.read`. The ZIP is then judged by `unzip -t`. Exits with 1 when the memory is over
64 MiB, or the ZIP is not whole.
"""

import argparse
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import living
import memory

from mycvault import LocalKeys, SecondFactor, Vault

BAR = 64  # MiB above idle
_MIB = 1 << 20
_SMALL, _SCAN, _LARGE = 60_000, 5 * _MIB, 48 * _MIB


def main() -> int:
    """Fill a vault, export it, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument(
        "--mib", type=int, default=300, help="size of all documents, 300 by default"
    )
    parser.add_argument("--place", type=pathlib.Path, metavar="DIR", help="where the vault is made")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        return _export(pathlib.Path(asked.child[0]), asked.child[1])
    with tempfile.TemporaryDirectory(prefix="export-", dir=asked.place) as place:
        folder = pathlib.Path(place) / "house"
        token = _fill(folder, asked.mib * _MIB)
        done = subprocess.run([sys.executable, __file__, "--child", folder, token], check=False)
        return done.returncode or _judge(folder / "export.zip")


def _fill(folder: pathlib.Path, size: int) -> str:
    """Deposit *size* bytes; give the token of a session that is fresh."""
    house = living.House(folder, second_factor=SecondFactor.NEVER)
    with house.vault as vault:
        counts = {each: max(size // 3 // each, 1) for each in (_LARGE, _SCAN, _SMALL)}
        for number in range(counts[_SMALL]):
            house.deposit(_SMALL)
            for each in (_LARGE, _SCAN):
                if number < counts[each]:
                    content = _document(each, number)
                    house.employer.deposit(living.MATRICULE, content, kind="contract")
        print(
            ", ".join(f"{count} of {each / 1e6:g} MB" for each, count in counts.items()), flush=True
        )
        return vault.sign_in(living.EMAIL, living.PASSWORD).token.reveal()


def _document(size: int, number: int) -> io.BytesIO:
    block = living.payslip(_MIB, number=number)
    head, tail = block[: _MIB - 7], block[-7:]
    content = io.BytesIO()
    while content.tell() < size - _MIB:
        content.write(head)
    content.write(tail)
    content.seek(0)
    return content


def _export(folder: pathlib.Path, token: str) -> int:
    with Vault.open(folder / "vault", keys=LocalKeys.load(folder / "keyring")) as vault:
        safe = vault.resume(token).safe
        first = safe.documents()
        safe.read(first.items[-1].id)
        memory.forget_peak()
        idle = memory.now()
        started = time.perf_counter()
        with (folder / "export.zip").open("wb") as file:
            written = safe.export(file)
        took, peak = time.perf_counter() - started, memory.peak()
        least = _read_all(safe)
    above = (peak - idle) / 1024
    print(f"exported {written.documents} documents, {written.size / _MIB:.0f} MiB in {took:.1f} s")
    print(
        f"speed    {written.size / _MIB / took:.0f} MiB/s, {took / written.documents * 1e3:.2f} ms a document"
    )
    print(f"beside   {least:.1f} s for reading them one by one: {took / least:.2f} times that")
    print(f"memory   idle {idle / 1024:.0f} MiB, peak {above:.1f} MiB above, bar {BAR} MiB")
    return 0 if above <= BAR else 1


def _read_all(safe) -> float:
    started, after = time.perf_counter(), None
    while True:
        page = safe.documents(after=after, limit=1000)
        for document in page:
            with safe.open(document.id) as stream:
                while stream.read(256 * 1024):
                    pass
        after = page.after
        if after is None:
            return time.perf_counter() - started


def _judge(path: pathlib.Path) -> int:
    unzip = shutil.which("unzip")
    if unzip is None:
        print("unzip    not installed: the ZIP was not judged")
        return 1
    done = subprocess.run([unzip, "-tqq", path], check=False)
    print(f"unzip -t {'whole' if done.returncode == 0 else 'NOT WHOLE'}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
