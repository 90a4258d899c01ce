"""The eager engine beside micrograd: build and backward of L = Σ (X·W)², time and memory, as ratios from one run.

    make bench

Each measurement is a process of its own with default settings; the two engines take turns, so that both meet the same
state of a shared machine. A ratio is that of the medians; its spread is that of the pairs.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

PAIRS = 5


def build(engine: str, n: int) -> Any:
    """L = Σ (X·W)² for random n×n matrices, written as a user of each engine would write it."""
    rng = random.Random(0)
    X, W = ([[rng.gauss(0, 1) for _ in range(n)] for _ in range(n)] for _ in range(2))
    if engine == "scalargrad":
        import scalargrad as sg

        return sg.sum(y**2 for y in (sg.values(X) @ sg.values(W)).flat)
    from micrograd.engine import Value

    sys.setrecursionlimit(10**6)  # micrograd's backward recurses
    xs, ws = ([[Value(number) for number in row] for row in matrix] for matrix in (X, W))
    return sum(sum(xs[i][k] * ws[k][j] for k in range(n)) ** 2 for i in range(n) for j in range(n))


def measure(engine: str, n: int, what: str) -> float:
    """Seconds, or bytes at the peak, of one build and one backward."""
    build(engine, 2)  # imports
    if what == "memory":
        tracemalloc.start()
    start = time.perf_counter()
    build(engine, n).backward()
    seconds = time.perf_counter() - start
    return seconds if what == "time" else float(tracemalloc.get_traced_memory()[1])


def verify_memory() -> float:
    """Peak resident MiB of `verify` at 64×64×64 by random integers, in this process."""
    import resource

    from scalargrad.verify import verify_shape

    if not verify_shape((64, 64, 64), evidence=["integers"]).verified:
        raise SystemExit("the affine layer at 64×64×64 was not verified")
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def drawing_over_build(n: int, how: str) -> float:
    """Seconds to prepare the DOT text of L = Σ (X·W)², over the seconds that it took to build the graph."""
    import numpy as np

    import scalargrad as sg
    from scalargrad.affine import forward
    from scalargrad.diagram import draw

    draw(sg.Value(1.0))  # imports
    X, W = sg.values(np.ones((n, n)), "x"), sg.values(np.ones((n, n)), "w")
    start = time.perf_counter()
    Y = forward(X, W) if how == "forward" else X @ W
    L = sg.sum(y**2 for y in Y.flat)
    L.label = "L"
    built = time.perf_counter()
    draw(L)
    return (time.perf_counter() - built) / (built - start)


def worker(*arguments: Any) -> float:
    """One measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.engine", "--worker", *map(str, arguments)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def nodes(n: int) -> int:
    """Operations of Σ (X·W)², with the chain of additions in X·W: products, sums and squares."""
    return n**2 * (2 * n - 1) + n**2


def compare(n: int, what: str, pairs: int = PAIRS) -> dict[str, Any]:
    """scalargrad / micrograd, by turns."""
    ours, theirs = [], []
    for _ in range(pairs):
        theirs.append(worker("micrograd", n, what))
        ours.append(worker("scalargrad", n, what))
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    ratio = statistics.median(ours) / statistics.median(theirs)
    return {"row": f"{what}, {n}×{n}×{n}", "ratio": ratio, "low": ratios[0], "high": ratios[-1]}


def growth(small: int, large: int, pairs: int) -> dict[str, Any]:
    """Cost per node of the large graph over that of the small one; the small one is timed over many builds."""
    ratios = []
    for _ in range(pairs):
        per_node = [worker("scalargrad", n, "time" if n == large else "repeated") / nodes(n) for n in (small, large)]
        ratios.append(per_node[1] / per_node[0])
    row = f"scalargrad's time per node, {nodes(large):,} nodes over {nodes(small):,}"
    return {"row": row, "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}


def repeated(n: int) -> float:
    """Median seconds of many small builds, with the same bulk settings as one."""
    return statistics.median(measure("scalargrad", n, "time") for _ in range(50))


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="smaller sizes, one pair: to see that it runs")
    options.add_argument("--worker", nargs=3, metavar=("ENGINE", "N", "WHAT"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.worker:
        engine, n, what = chosen.worker
        if what == "verify":
            print(verify_memory())
        elif what in ("forward", "@"):
            print(drawing_over_build(int(n), what))
        else:
            print(repeated(int(n)) if what == "repeated" else measure(engine, int(n), what))
        return
    size, large, pairs = (8, 12, 1) if chosen.quick else (40, 100, PAIRS)
    rows = [
        {**compare(size, "time", pairs), "bar": 0.5},
        {**compare(size, "memory", pairs=1), "bar": 0.4},
        {**growth(8, large, pairs=min(pairs, 3)), "bar": 2.0},
    ]
    for side, how, bar in ((large // 3, "forward", 1.0), (large, "forward", 1.0), (large, "@", None)):
        ratios = [worker("scalargrad", side, how) for _ in range(min(pairs, 3))]
        row = f"DOT text of a {side}×{side}×{side} layer over its build by {how}"
        rows.append(
            {"row": row, "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios), "bar": bar}
        )
    if not chosen.quick:
        peak = worker("scalargrad", 64, "verify") / 1024
        rows.append(
            {"row": "verify 64×64×64 by integers: peak GiB", "ratio": peak, "low": peak, "high": peak, "bar": 1.0}
        )
    about = {
        "versions": {name: version(name) for name in ("scalargrad-exact", "micrograd", "numpy")},
        "python": platform.python_version(),
        "processor": platform.machine(),
    }
    if chosen.json:
        print(json.dumps({**about, "rows": rows}, indent=2))
        return
    table = Table(title="scalargrad / micrograd, build + backward of Σ(XW)²; less is better")
    for heading in ("task", "ratio", "spread", "bar"):
        table.add_column(heading, justify="left" if heading == "task" else "right")
    for row in rows:
        bar = f"≤ {row['bar']:.2f}" if row["bar"] else ""
        table.add_row(row["row"], f"{row['ratio']:.2f}", f"{row['low']:.2f}–{row['high']:.2f}", bar)
    Console().print(table)
    Console().print(", ".join(f"{name} {number}" for name, number in about["versions"].items()), about["python"])


if __name__ == "__main__":
    main()
