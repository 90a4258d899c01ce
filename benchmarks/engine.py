"""The eager engine beside micrograd and PyTorch: build and backward of L = Σ (X·W)², time and memory.

Each measurement is a process of its own with default settings; the engines take turns, so that all meet the same state
of a shared machine. `python -m benchmarks` prints the rows.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from typing import Any

from .table import Row, compared, peak

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


def times(engine: str, n: int) -> dict[str, float]:
    """Seconds of the build, of backward, and of both."""
    build(engine, 2).backward()  # imports
    start = time.perf_counter()
    L = build(engine, n)
    built = time.perf_counter()
    L.backward()
    done = time.perf_counter()
    return {"build": built - start, "backward": done - built, "build and backward": done - start}


def memory(engine: str, n: int) -> int:
    """Bytes at the peak of build and backward."""
    build(engine, 2).backward()  # imports
    tracemalloc.start()
    build(engine, n).backward()
    return tracemalloc.get_traced_memory()[1]


def verify_memory() -> float:
    """Peak resident GiB of `verify` at 64×64×64 by random integers, in this process."""
    import scalargrad as sg

    if not sg.affine.verify_shape((64, 64, 64), evidence=["integers"]).verified:
        raise SystemExit("the affine layer at 64×64×64 was not verified")
    return peak()


def drawing_over_build(n: int, how: str) -> float:
    """Seconds to prepare the DOT text of L = Σ (X·W)², over the seconds that it took to build the graph."""
    import numpy as np

    import scalargrad as sg

    sg.draw(sg.Value(1.0))  # imports
    X, W = sg.values(np.ones((n, n)), "x"), sg.values(np.ones((n, n)), "w")
    start = time.perf_counter()
    Y = sg.affine.forward(X, W) if how == "forward" else X @ W
    L = sg.sum(y**2 for y in Y.flat)
    L.label = "L"
    built = time.perf_counter()
    sg.draw(L)
    return (time.perf_counter() - built) / (built - start)


def worker(engine: str, n: int, what: str) -> Any:
    """One measurement in a fresh process, as `main` prints it; "pure" is scalargrad's Python source."""
    command = [sys.executable, "-m", "benchmarks.engine", engine.replace("pure", "scalargrad"), str(n), what]
    env = {**os.environ, "SCALARGRAD_PURE": "1"} if engine == "pure" else None
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout)


def seconds(engine: str, n: int) -> float:
    """Those of build and backward, in a fresh process."""
    return float(worker(engine, n, "times")["build and backward"])


def nodes(n: int) -> int:
    """Operations of Σ (X·W)², with the chain of additions in X·W: products, sums and squares."""
    return n**2 * (2 * n - 1) + n**2


def beside(peer: str, n: int, bars: dict[str, str], pairs: int, ours: str = "scalargrad") -> list[Row]:
    """peer / ours, by turns: a row for each of the times that has a bar, be it empty."""
    found = [(worker(ours, n, "times"), worker(peer, n, "times")) for _ in range(pairs)]
    source = "" if ours == "scalargrad" else ", ours as pure Python"
    return [
        compared(
            peer,
            f"{what} of Σ(XW)², {n}×{n}×{n}{source}",
            [a[what] for a, _ in found],
            [b[what] for _, b in found],
            bar,
        )
        for what, bar in bars.items()
    ]


def torch_is_there() -> bool:
    """Whether PyTorch can be measured; if not, a note on standard error says so."""
    if importlib.util.find_spec("torch") is None:
        print('PyTorch is not installed (the extra "peers"): it is left out.', file=sys.stderr)
        return False
    return True


def growth(small: int, large: int, pairs: int) -> Row:
    """Cost per node of the large graph over that of the small one; the small one is timed over many builds."""
    ratios = []
    for _ in range(pairs):
        of_small = worker("scalargrad", small, "repeated") / nodes(small)
        ratios.append(seconds("scalargrad", large) / nodes(large) / of_small)
    task = f"time per node, {nodes(large):,} nodes over {nodes(small):,}"
    return Row("itself", task, statistics.median(ratios), min(ratios), max(ratios), "≤ 2")


def repeated(n: int) -> float:
    """Median seconds of many small builds, with the same bulk settings as one."""
    return statistics.median(times("scalargrad", n)["build and backward"] for _ in range(50))


def rows(quick: bool) -> list[Row]:
    """All comparisons of the eager engine."""
    size, large, scalar, pairs = (6, 8, 4, 1) if quick else (40, 100, 20, PAIRS)
    both = "build and backward"
    our_bytes, their_bytes = ([worker(engine, size, "memory")] for engine in ("scalargrad", "micrograd"))
    found = [
        *beside("micrograd", size, {"build": "", "backward": "", both: "≥ 8"}, pairs),
        *beside("micrograd", size, {both: "≥ 2"}, pairs, ours="pure"),
        compared(
            "micrograd",
            f"memory of {both} of Σ(XW)², {size}×{size}×{size}",
            our_bytes,
            their_bytes,
            bar="≥ 3.4",  # at most 250 of its 860 bytes a node
        ),
        *beside("micrograd", large, {both: "≥ 30"}, min(pairs, 2)),
        *beside("micrograd", large, {both: "≥ 8"}, min(pairs, 2), ours="pure"),
    ]
    if torch_is_there():
        found += beside("torch", scalar, {"build": "", "backward": ""}, min(pairs, 3))
    found.append(Row("itself", "bytes a node", worker("scalargrad", large, "memory") / nodes(large), bar="≤ 250"))
    found.append(growth(8, large, min(pairs, 3)))
    drawings = (
        ("pure", large // 3, "forward", "≤ 1"),
        ("scalargrad", large // 3, "forward", ""),
        ("scalargrad", large, "forward", ""),
        ("scalargrad", large, "@", ""),
    )
    for engine, side, how, bar in drawings:
        ratios = [worker(engine, side, how) for _ in range(min(pairs, 3))]
        source = ", both in pure Python" if engine == "pure" else ""
        task = f"DOT text of a {side}×{side}×{side} layer over its build by {how}{source}"
        found.append(Row("itself", task, statistics.median(ratios), min(ratios), max(ratios), bar))
    if not quick:
        gib = worker("scalargrad", 64, "verify")
        found.append(Row("itself", "peak GiB of verify, 64×64×64 by integers", gib, bar="≤ 1"))
    return found


def main() -> None:
    """One measurement, for `worker`."""
    engine, n, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    measurements = {
        "times": lambda: times(engine, n),
        "memory": lambda: memory(engine, n),
        "repeated": lambda: repeated(n),
        "forward": lambda: drawing_over_build(n, what),
        "@": lambda: drawing_over_build(n, what),
        "verify": verify_memory,
    }
    print(json.dumps(measurements[what]()))


if __name__ == "__main__":
    main()
