"""The eager engine beside micrograd and PyTorch: build and backward of L = Σ (X·W)², time and memory.

Each measurement is a process of its own with default settings; the engines take turns, so that all meet the same state
of a shared machine. `python -m benchmarks` prints the rows.
"""

from __future__ import annotations

import importlib.util
import os
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from typing import Any

from .table import Row, compared

PAIRS = 5


def build(engine: str, n: int) -> Any:
    """L = Σ (X·W)² for random n×n matrices, written as a user of each engine would write it."""
    rng = random.Random(0)
    X, W = ([[rng.gauss(0, 1) for _ in range(n)] for _ in range(n)] for _ in range(2))
    if engine == "scalargrad":
        import scalargrad as sg

        return sg.sum(y**2 for y in (sg.values(X) @ sg.values(W)).flat)
    if engine == "torch":
        import torch

        torch.set_default_dtype(torch.float64)
        xs, ws = ([[torch.tensor(x, requires_grad=True) for x in row] for row in matrix] for matrix in (X, W))
    else:
        from micrograd.engine import Value

        sys.setrecursionlimit(10**6)  # micrograd's backward recurses
        xs, ws = ([[Value(number) for number in row] for row in matrix] for matrix in (X, W))
    return sum(sum(xs[i][k] * ws[k][j] for k in range(n)) ** 2 for i in range(n) for j in range(n))


def measure(engine: str, n: int, what: str) -> float:
    """Seconds of "build", of "backward" or of both ("time"); bytes at the peak of both ("memory")."""
    build(engine, 2).backward()  # imports
    if what == "memory":
        tracemalloc.start()
    start = time.perf_counter()
    L = build(engine, n)
    built = time.perf_counter()
    L.backward()
    done = time.perf_counter()
    if what == "memory":
        return float(tracemalloc.get_traced_memory()[1])
    return {"build": built - start, "backward": done - built, "time": done - start}[what]


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


def worker(engine: str, n: int, what: str) -> float:
    """One measurement in a fresh process; "pure" is scalargrad's Python source."""
    command = [sys.executable, "-m", "benchmarks.engine", engine.replace("pure", "scalargrad"), str(n), what]
    env = {**os.environ, "SCALARGRAD_PURE": "1"} if engine == "pure" else None
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout)


def nodes(n: int) -> int:
    """Operations of Σ (X·W)², with the chain of additions in X·W: products, sums and squares."""
    return n**2 * (2 * n - 1) + n**2


def beside(peer: str, n: int, what: str, pairs: int, bar: str = "", ours: str = "scalargrad") -> Row:
    """peer / ours, by turns."""
    times = [(worker(ours, n, what), worker(peer, n, what)) for _ in range(pairs)]
    task = {"time": "build and backward", "memory": "memory of build and backward"}.get(what, what)
    source = "" if ours == "scalargrad" else ", ours as pure Python"
    return compared(peer, f"{task} of Σ(XW)², {n}×{n}×{n}{source}", [a for a, _ in times], [b for _, b in times], bar)


def growth(small: int, large: int, pairs: int) -> Row:
    """Cost per node of the large graph over that of the small one; the small one is timed over many builds."""
    ratios = []
    for _ in range(pairs):
        per_node = [worker("scalargrad", n, "time" if n == large else "repeated") / nodes(n) for n in (small, large)]
        ratios.append(per_node[1] / per_node[0])
    task = f"time per node, {nodes(large):,} nodes over {nodes(small):,}"
    return Row("itself", task, statistics.median(ratios), min(ratios), max(ratios), "≤ 2")


def repeated(n: int) -> float:
    """Median seconds of many small builds, with the same bulk settings as one."""
    return statistics.median(measure("scalargrad", n, "time") for _ in range(50))


def rows(quick: bool) -> list[Row]:
    """All comparisons of the eager engine."""
    size, large, scalar, pairs = (6, 8, 4, 1) if quick else (40, 100, 20, PAIRS)
    found = [
        beside("micrograd", size, "build", pairs),
        beside("micrograd", size, "backward", pairs),
        beside("micrograd", size, "time", pairs, "≥ 8"),
        beside("micrograd", size, "time", pairs, "≥ 2", ours="pure"),
        beside("micrograd", size, "memory", 1, "≥ 3.4"),  # at most 250 of its 860 bytes a node
        beside("micrograd", large, "time", min(pairs, 2), "≥ 30"),
        beside("micrograd", large, "time", min(pairs, 2), "≥ 8", ours="pure"),
    ]
    if importlib.util.find_spec("torch") is None:
        print('PyTorch is not installed (the extra "peers"): its rows are left out.', file=sys.stderr)
    else:
        found += [beside("torch", scalar, what, min(pairs, 3)) for what in ("build", "backward")]
    found.append(Row("itself", "bytes a node", worker("scalargrad", large, "memory") / nodes(large), bar="≤ 250"))
    found.append(growth(8, large, min(pairs, 3)))
    for side, how, bar in ((large // 3, "forward", "≤ 1"), (large, "forward", "≤ 1"), (large, "@", "")):
        ratios = [worker("scalargrad", side, how) for _ in range(min(pairs, 3))]
        task = f"DOT text of a {side}×{side}×{side} layer over its build by {how}"
        found.append(Row("itself", task, statistics.median(ratios), min(ratios), max(ratios), bar))
    if not quick:
        peak = worker("scalargrad", 64, "verify") / 1024
        found.append(Row("itself", "peak GiB of verify, 64×64×64 by integers", peak, bar="≤ 1"))
    return found


def main() -> None:
    """One measurement, for `worker`."""
    engine, n, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if what == "verify":
        print(verify_memory())
    elif what in ("forward", "@"):
        print(drawing_over_build(n, what))
    else:
        print(repeated(n) if what == "repeated" else measure(engine, n, what))


if __name__ == "__main__":
    main()
