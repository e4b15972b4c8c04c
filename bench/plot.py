"""
Draw what was measured: `python bench/plot.py payday|scaling REPORT.json PICTURE.svg`.

The report is one that `bench/run.py payday` or `bench/scaling.py` wrote with `--json`; the picture goes into `docs/explanation/`.
"""

import argparse
import json
import pathlib
import sys
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

_OURS, _OTHERS, _BAR = "#1f6f8b", "#b8c4cc", "#a33"


def main() -> int:
    """Draw one picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("what", choices=("payday", "scaling"))
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("picture", type=pathlib.Path)
    asked = parser.parse_args()
    rows = json.loads(asked.report.read_text(encoding="utf-8"))["rows"]
    # The same report gives the same file.
    plt.rcParams.update({"svg.hashsalt": "mycvault", "font.size": 9})
    figure = _payday(rows[0]) if asked.what == "payday" else _scaling(rows)
    figure.savefig(asked.picture, bbox_inches="tight", metadata={"Date": None})
    return 0


def _payday(row: dict[str, Any]) -> Any:
    names = list(row["subjects"])[::-1]
    ratios = [row["subjects"][name]["ratio"] for name in names]
    figure, axes = plt.subplots(figsize=(7, 2.6))
    colours = [_OURS if name.startswith("deposit_many") else _OTHERS for name in names]
    bars = axes.barh(names, ratios, color=colours)
    axes.bar_label(bars, [f" {ratio:.1f}" for ratio in ratios])
    axes.set_xlabel(f"times {row['baseline']}")
    axes.set_title(row["title"])
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _scaling(rows: list[dict[str, Any]]) -> Any:
    figure, axes = plt.subplots(figsize=(7, 3))
    for row in rows:
        sizes = [int(name.split()[0].replace(",", "")) for name in row["subjects"]]
        ratios = [subject["ratio"] for subject in row["subjects"].values()]
        axes.plot(sizes, ratios, marker="o", label=row["title"])
    axes.axhline(1.2, color=_BAR, linestyle=":", label="bar")
    axes.set_xscale("log")
    axes.set_ylim(0, 1.5)
    axes.set_xlabel("documents in the vault")
    axes.set_ylabel("times the smallest vault")
    axes.legend(frameon=False, loc="lower left")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


if __name__ == "__main__":
    sys.exit(main())
