"""
What the monthly file costs: `sync` of 100,000 rows of which one in a hundred is bad, and the same file again.

`python bench/monthly.py [--rows N] [--place DIR]` prints the time of a row, the first time and the second, beside reading the
file alone (`csv`). Exits with 1 when the report misses a bad row, or the second run changes anything.
"""

import argparse
import csv
import io
import pathlib
import sys
import tempfile
import time

from mycvault import Enrolment, LocalKeys, Policy, Vault

_BAD = 100  # one in so many


def main() -> int:
    """Take the file in twice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--place", type=pathlib.Path, metavar="DIR", help="where the vault is made")
    asked = parser.parse_args()
    text = _file(asked.rows)
    started = time.perf_counter()
    least = sum(1 for _ in _rows(text)) and time.perf_counter() - started
    with tempfile.TemporaryDirectory(prefix="monthly-", dir=asked.place) as place:
        keys = LocalKeys.generate(pathlib.Path(place) / "keyring")
        vault = Vault.create(pathlib.Path(place) / "vault", keys=keys, policy=Policy.for_tests())
        with vault:
            employer = vault.add_employer("Bench SAS", reference="bench")
            reports, took = [], []
            for _ in range(2):
                started = time.perf_counter()
                reports.append(employer.sync(_rows(text)))
                took.append(time.perf_counter() - started)
    bad = set(range(_BAD, asked.rows + 1, _BAD))
    for report, seconds, name in zip(reports, took, ("first", "again"), strict=True):
        print(
            f"{name}: {seconds:.1f} s, {seconds / asked.rows * 1e6:.0f} µs a row,"
            f" {seconds / least:.1f} times reading the file;"
            f" {report.added:,} added, {report.changed:,} changed, {len(report.refused):,} refused"
        )
    told = all({number for number, _, _ in report.refused} == bad for report in reports)
    return 0 if told and (reports[1].added, reports[1].changed) == (0, 0) else 1


def _file(count: int) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["matricule", "given_name", "family_name", "email"])
    for number in range(1, count + 1):
        address = "no address" if number % _BAD == 0 else f"m{number:06}@example.org"
        writer.writerow([f"M-{number:06}", "Ada", "Exemple", address])
    return out.getvalue()


def _rows(text: str):
    return (Enrolment(**row) for row in csv.DictReader(io.StringIO(text)))


if __name__ == "__main__":
    sys.exit(main())
