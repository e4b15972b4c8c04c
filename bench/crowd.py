"""
Eight workers on one vault on PostgreSQL and S3, for minutes, one of them killed every second; then everything is judged.

`python bench/crowd.py [--minutes N] [--seed N] [--folder | --sqlite] [--place DIR]`: what they do is in `tests/crowd_worker.py`,
what must hold at the end in `tests/crowd_verdict.py`. Prints what was done a minute. S3 is moto's server, on loopback; with
*--folder* the bytes lie in a folder, with *--sqlite* the records on SQLite too. No speed is promised: workers are paused, killed
and replaced all the time, and disturb each other on purpose. Exits with a traceback when something does not hold.
"""

import argparse
import contextlib
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import crowd
import crowd_verdict
import remotes
import services


def main() -> None:
    """Run the crowd, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite and a folder")
    parser.add_argument("--folder", action="store_true", help="on PostgreSQL and a folder")
    parser.add_argument("--place", type=pathlib.Path, metavar="DIR", help="where it all lies")
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(dir=asked.place)))
        records = place = log = None
        if not asked.sqlite:
            cluster = stack.enter_context(services.postgres_cluster())
            records, log = services.fresh_database(cluster), crowd_verdict.postgres_log(cluster)
        if not asked.sqlite and not asked.folder:
            place = remotes.s3_place(stack.enter_context(remotes.s3_server()))
        house, order = stack.enter_context(crowd.house(folder, records, place, seed=asked.seed))
        seen = crowd.run(order, asked.minutes * 60)
        _print(crowd_verdict.Told(pathlib.Path(order["folder"])), seen, asked.minutes)
        began = time.monotonic()
        crowd_verdict.judge(house, order, seen, log.read_text() if log else "")
        print(f"everything holds; judged in {time.monotonic() - began:.0f} s")


def _print(told: crowd_verdict.Told, seen: dict, minutes: float) -> None:
    print(
        f"{crowd.WORKERS} workers, {minutes:g} minutes, {seen['killed']} killed, {seen['lives']} lives\n"
    )
    print(f"{'':<44}{'in all':>10}{'a minute':>10}")
    for name, count in told.figures().items():
        print(f"{name:<44}{count:>10}{count / minutes:>10.1f}")


if __name__ == "__main__":
    main()
