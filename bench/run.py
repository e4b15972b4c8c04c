"""
Run the comparisons and print them: `python bench/run.py [ROW …] [--rounds N] [--quick]`.

Everything goes to `bench/results/` as JSON too. Exits with 1 only when asked to be strict.
"""

import argparse
import pathlib
import sys
import tempfile

import harness
import importing
import opening
import payday
import sealing
import signing_in

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results"
ROWS = {
    "importing": importing.measure,
    "signing-in": signing_in.measure,
    "opening": opening.measure,
    "payday": payday.measure,
    "sealing": sealing.measure,
}


def main() -> int:
    """Measure the rows that were asked for."""
    asked = _arguments()
    RESULTS.mkdir(exist_ok=True)
    measured = []
    with tempfile.TemporaryDirectory(prefix="vaults-", dir=asked.place or RESULTS) as place:
        setting = harness.Setting(place=pathlib.Path(place), rounds=asked.rounds, quick=asked.quick)
        told = harness.machine()
        versions = ", ".join(f"{name} {found}" for name, found in told["packages"].items())
        print(f"Python {told['python']}, {told['system']}, {told['cores']} cores; {versions}\n")
        for name in asked.rows or ROWS:
            for row in ROWS[name](setting):
                print(harness.table(row), end="\n\n", flush=True)
                measured.append(row)
    report = harness.report(measured, setting)
    name = f"{report['at'].replace(':', '-')[:19]}.json"
    harness.save(asked.json or RESULTS / name, report)
    return 1 if asked.strict and not all(row.ok for row in measured) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all by default"
    )
    parser.add_argument("--rounds", type=int, help="rounds of every row, instead of its own number")
    parser.add_argument(
        "--quick", action="store_true", help="a fifth of the rounds: a glance, no measurement"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="PATH", help="write the report there")
    parser.add_argument(
        "--place",
        type=pathlib.Path,
        metavar="DIR",
        help="where vaults are made, bench/results by default",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 when something is missing or over its bar",
    )
    asked = parser.parse_args()
    if unknown := sorted(set(asked.rows) - ROWS.keys()):
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if asked.rounds is not None and asked.rounds < 1:
        parser.error("--rounds is 1 or more")
    return asked


if __name__ == "__main__":
    sys.exit(main())
