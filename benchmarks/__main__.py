"""One table of all peers and tasks, as ratios of one run, and a plot of time against nodes.

`make bench` prints the table, `python -m benchmarks --json` its rows, and `python -m benchmarks --plot FILE.svg` makes
the plot.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from . import engine, replay
from .table import is_there, show

CURVES = {
    "micrograd": ("micrograd", (5, 10, 20, 40, 63)),
    "torch": ("PyTorch, tensors of one number", (5, 10, 20, 40)),
    "xad": ("XAD", (5, 10, 20, 40, 63, 100)),
    "pure": ("scalargrad by @, pure Python", (5, 10, 20, 40, 63)),
    "scalargrad-loops": ("scalargrad by loops, compiled", (5, 10, 20, 40, 63, 100)),
    "scalargrad": ("scalargrad by @, compiled", (5, 10, 20, 40, 63, 100)),
}
"""Of each engine: what the legend calls it, and the sides n of its graphs."""

REPLAYED = (5, 10, 20, 40, 63)
"""Sides n of the graphs whose gradient is replayed."""


def plot(path: Path, pairs: int = 3) -> None:
    """Build and backward of Σ (X·W)², and its gradient replayed, against its nodes; in units of our smallest build."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "scalargrad", "svg.fonttype": "none", "font.size": 12})
    from matplotlib import pyplot as plt

    times = {
        name: [statistics.median(engine.seconds(name, n) for _ in range(pairs)) for n in sides]
        for name, (_, sides) in CURVES.items()
        if name in engine.OURS or is_there(name)
    }
    curves = {CURVES[name][0]: (CURVES[name][1], measured) for name, measured in times.items()}
    replays = [replay.gradients(n, replay.recorded(n), replay.by_casadi(n)[0], pairs) for n in REPLAYED]
    for k, label in ((1, "CasADi, gradient replayed"), (0, "scalargrad, replayed")):
        curves[label] = REPLAYED, [statistics.median(both[k]) for both in replays]
    unit = times["scalargrad"][0]
    figure, axes = plt.subplots(figsize=(7, 4.6))
    for label, (sides, measured) in curves.items():
        style = "s--" if "replayed" in label else "o-"
        axes.loglog([engine.nodes(n) for n in sides], [time / unit for time in measured], style, label=label)
    axes.set_xlabel("scalar operations of Σ (X·W)²")
    axes.set_ylabel("time, in units of our smallest build")
    axes.set_title("build and backward of Σ (X·W)²; its gradient replayed")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")


def main() -> None:
    """Print the table, or make the plot."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    options.add_argument("--json", action="store_true", help="the rows as JSON")
    options.add_argument("--quick", action="store_true", help="smaller sizes, few repeats: to see that it runs")
    options.add_argument("--plot", type=Path, metavar="SVG", help="make the plot and no table")
    chosen = options.parse_args()
    if chosen.plot:
        plot(chosen.plot)
    else:
        show([*engine.rows(chosen.quick), *replay.rows(chosen.quick)], chosen.json)


if __name__ == "__main__":
    main()
