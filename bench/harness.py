"""
Measuring side by side: what is compared runs in one process, in turn, round by round.

Rules: subjects are interleaved and their order rotates, so that a slow minute of the machine falls on all of them; the first
rounds warm up and are thrown away; the median speaks. A ratio is the median of one subject over the median of another; its
spread is the middle half of the same ratio taken round by round.
"""

import datetime as dt
import gc
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_PACKAGES = ("cryptography", "argon2-cffi", "SQLAlchemy", "attrs", "PyNaCl", "tink", "pyrage")


@attrs.frozen(kw_only=True)
class Subject:
    """
    One thing to measure.

    *run* takes what *before* gave and is timed; *after* takes what *run* gave. Where *run* measures itself (another process), it
    gives seconds as a float and *timed* is False. *missing* says why it cannot run here.
    """

    name: str
    run: Callable[[Any], Any] | None = None
    before: Callable[[], Any] = attrs.field(default=lambda: None)
    after: Callable[[Any], None] = attrs.field(default=lambda _given: None)
    timed: bool = True
    loops: int = 1
    missing: str = ""


@attrs.frozen
class Bar:
    """What was promised: *subject* takes at most *most* times what *against* takes."""

    subject: str
    against: str
    most: float


@attrs.frozen(kw_only=True)
class Setting:
    """How long to measure, and where vaults may lie."""

    place: pathlib.Path
    rounds: int | None = None
    quick: bool = False

    def count(self, usual: int) -> int:
        """Tell how many rounds to measure, where *usual* are worth their time."""
        return self.rounds or (max(usual // 5, 3) if self.quick else usual)

    @property
    def warm_up(self) -> int:
        """Tell how many rounds come first and are thrown away."""
        return 1 if self.quick else 3


@attrs.frozen(kw_only=True)
class Row:
    """What was measured: seconds by subject, one per round."""

    title: str
    baseline: str
    samples: dict[str, list[float]]
    missing: dict[str, str]
    bars: Sequence[Bar]

    def median(self, name: str) -> float:
        """Give a subject's median, in seconds."""
        return statistics.median(self.samples[name])

    def ratio(self, name: str, against: str | None = None) -> float:
        """Tell how many times *against* (the baseline) a subject takes."""
        return self.median(name) / self.median(against or self.baseline)

    def spread(self, name: str) -> tuple[float, float]:
        """Give the middle half of the ratio to the baseline, round by round."""
        pairs = zip(self.samples[name], self.samples[self.baseline], strict=True)
        ratios = [one / other for one, other in pairs]
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        low, _middle, high = statistics.quantiles(ratios, n=4)
        return low, high

    def judged(self) -> list[tuple[Bar, float | None]]:
        """Hold every bar against what was measured; None where one side could not run."""
        return [
            (bar, self.ratio(bar.subject, bar.against) if not self._lacks(bar) else None)
            for bar in self.bars
        ]

    @property
    def ok(self) -> bool:
        """Tell whether everything ran and every bar holds."""
        return not self.missing and all(
            found is not None and found <= bar.most for bar, found in self.judged()
        )

    def _lacks(self, bar: Bar) -> bool:
        return not {bar.subject, bar.against} <= self.samples.keys()


def compare(
    title: str,
    subjects: Sequence[Subject],
    *,
    rounds: int,
    warm_up: int,
    baseline: str,
    bars: Sequence[Bar] = (),
) -> Row:
    """Measure *subjects* in turn, *rounds* times after *warm_up*."""
    runs = [subject for subject in subjects if not subject.missing]
    samples: dict[str, list[float]] = {subject.name: [] for subject in runs}
    for number in range(-warm_up, rounds):
        turn = number % len(runs)
        gc.collect()
        for subject in runs[turn:] + runs[:turn]:
            seconds = _sample(subject)
            if number >= 0:
                samples[subject.name].append(seconds)
    missing = {subject.name: subject.missing for subject in subjects if subject.missing}
    return Row(title=title, baseline=baseline, samples=samples, missing=missing, bars=bars)


def _sample(subject: Subject) -> float:
    assert subject.run is not None
    total = 0.0
    given = subject.before()
    for _ in range(subject.loops):
        started = time.perf_counter()
        given_back = subject.run(given)
        total += time.perf_counter() - started if subject.timed else given_back
        subject.after(given_back)
    return total / subject.loops


def table(row: Row) -> str:
    """Write a row for a terminal."""
    lines = [row.title, "-" * len(row.title)]
    lines.append(f"{'':<44}{'median':>10}{'lowest':>10}{'ratio':>8}  middle half")
    for name, samples in row.samples.items():
        low, high = row.spread(name)
        lines.append(
            f"{name:<44}{_time(row.median(name)):>10}{_time(min(samples)):>10}"
            f"{row.ratio(name):>8.2f}  {low:.2f} to {high:.2f}"
        )
    lines += [f"{name:<44}could not run: {why}" for name, why in row.missing.items()]
    for bar, found in row.judged():
        held = "not measured" if found is None else f"{found:.2f}, {_verdict(found <= bar.most)}"
        lines.append(f"bar: {bar.subject} at most {bar.most:g} × {bar.against}: {held}")
    return "\n".join(lines)


def report(rows: Sequence[Row], setting: Setting) -> dict[str, Any]:
    """Write everything that was measured, for a JSON file."""
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "quick": setting.quick,
        "rows": [_told(row) for row in rows],
    }


def machine() -> dict[str, Any]:
    """Tell what the figures were measured with."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "packages": versions,
    }


def save(path: pathlib.Path, told: dict[str, Any]) -> None:
    """Write a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _told(row: Row) -> dict[str, Any]:
    subjects = {
        name: {
            "median_s": row.median(name),
            "lowest_s": min(samples),
            "ratio": row.ratio(name),
            "middle_half": row.spread(name),
            "samples_s": samples,
        }
        for name, samples in row.samples.items()
    }
    bars = [{**attrs.asdict(bar), "found": found} for bar, found in row.judged()]
    return {
        "title": row.title,
        "baseline": row.baseline,
        "subjects": subjects,
        "missing": row.missing,
        "bars": bars,
        "ok": row.ok,
    }


def _time(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.2g} µs"


def _verdict(held: bool) -> str:
    return "held" if held else "NOT HELD"
