"""The eager engine beside micrograd, XAD, CasADi and PyTorch: build and backward of L = Σ (X·W)², time and memory.

Every engine builds the graph as its users write it, by Python's loops; ours by loops, and by `@` too. Each measurement
is a process of its own with default settings; the engines take turns, so that all meet the same state of a shared
machine. `python -m benchmarks` prints the rows.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from .table import Row, compared, is_there, peak

PAIRS = 3
"""Turns that the engines take; one where a turn takes micrograd a minute."""

OURS = {
    "scalargrad-loops": "ours by loops",
    "scalargrad": "ours by @",
    "pure-loops": "ours by loops, pure Python",
    "pure": "ours by @, pure Python",
}
"""What the rows call our engine, as it is installed and as its Python source, and how the graph is written."""


def build(engine: str, n: int) -> Callable[[], Any]:
    """L = Σ (X·W)² for random n×n matrices, written as a user of each engine would write it; returns its backward."""
    rng = random.Random(0)
    X, W = ([[rng.gauss(0, 1) for _ in range(n)] for _ in range(n)] for _ in range(2))
    if engine == "scalargrad":
        import scalargrad as sg

        loss: Any = sg.sum(y**2 for y in (sg.values(X) @ sg.values(W)).flat)
        return loss.backward  # type: ignore[no-any-return]
    number, backward = NUMBERS[engine]()
    xs, ws = ([[number(entry) for entry in row] for row in matrix] for matrix in (X, W))
    L: Any = sum(sum(xs[i][k] * ws[k][j] for k in range(n)) ** 2 for i in range(n) for j in range(n))
    return lambda: backward(L)


def of_scalargrad() -> tuple[Callable[[float], Any], Callable[[Any], Any]]:
    import scalargrad as sg

    return sg.Value, lambda L: L.backward()


def of_micrograd() -> tuple[Callable[[float], Any], Callable[[Any], Any]]:
    from micrograd.engine import Value

    sys.setrecursionlimit(10**6)  # micrograd's backward recurses
    return Value, lambda L: L.backward()


def of_torch() -> tuple[Callable[[float], Any], Callable[[Any], Any]]:
    import torch

    torch.set_default_dtype(torch.float64)
    return lambda x: torch.tensor(x, requires_grad=True), lambda L: L.backward()


def of_xad() -> tuple[Callable[[float], Any], Callable[[Any], Any]]:
    import xad.adj_1st as xad

    tape = xad.Tape()
    tape.activate()

    def number(x: float) -> Any:
        real = xad.Real(x)
        tape.registerInput(real)
        return real

    def backward(L: Any) -> None:
        tape.registerOutput(L)
        L.setDerivative(1.0)
        tape.computeAdjoints()
        tape.deactivate()

    return number, backward


def of_casadi() -> tuple[Callable[[float], Any], Callable[[Any], Any]]:
    """Symbols; its gradient is a graph of its own, so it has no time of a backward pass."""
    import casadi

    return lambda x: casadi.SX.sym("x"), lambda L: None


NUMBERS = {
    "scalargrad-loops": of_scalargrad,
    "micrograd": of_micrograd,
    "torch": of_torch,
    "xad": of_xad,
    "casadi": of_casadi,
}
"""Of each engine whose users write loops: how a number of the graph is made, and how the sweep is run."""

BOTH = "build and backward"


def times(engine: str, n: int) -> dict[str, float]:
    """Seconds of the build, of backward, and of both."""
    build(engine, 2)()  # imports
    start = time.perf_counter()
    backward = build(engine, n)
    built = time.perf_counter()
    backward()
    done = time.perf_counter()
    return {"build": built - start, "backward": done - built, BOTH: done - start}


def memory(engine: str, n: int) -> int:
    """Bytes at the peak of build and backward."""
    build(engine, 2)()  # imports
    tracemalloc.start()
    build(engine, n)()
    return tracemalloc.get_traced_memory()[1]


def verified(n: int) -> dict[str, float]:
    """Processor seconds and peak resident GiB of `verify` at n×n×n by random integers, in this process."""
    import scalargrad as sg

    start = time.process_time()
    if not sg.affine.verify_shape((n, n, n), evidence=["integers"]).verified:
        raise SystemExit(f"the affine layer at {n}×{n}×{n} was not verified")
    return {"seconds": time.process_time() - start, "GiB": peak()}


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
    env = {**os.environ, "SCALARGRAD_PURE": "1"} if engine.startswith("pure") else None
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout)


def seconds(engine: str, n: int) -> float:
    """Those of build and backward, in a fresh process."""
    return float(worker(engine, n, "times")[BOTH])


def nodes(n: int) -> int:
    """Operations of Σ (X·W)², with the chain of additions in X·W: products, sums and squares."""
    return n**2 * (2 * n - 1) + n**2


def side_by_side(n: int, pairs: int, wanted: list[tuple[str, str, str, str]]) -> list[Row]:
    """A row for each (peer, ours, what, bar), theirs / ours; all engines take turns, each measured once a turn."""
    wanted = [row for row in wanted if is_there(row[0])]
    engines = list(dict.fromkeys(engine for peer, ours, _, _ in wanted for engine in (ours, peer)))
    turns = [{engine: worker(engine, n, "times") for engine in engines} for _ in range(pairs)]
    return [
        compared(
            peer,
            f"{what} of Σ(XW)², {n}×{n}×{n}, {OURS[ours]}",
            [turn[ours][what] for turn in turns],
            [turn[peer][what] for turn in turns],
            bar,
        )
        for peer, ours, what, bar in wanted
    ]


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
    return statistics.median(times("scalargrad", n)[BOTH] for _ in range(50))


def rows(quick: bool) -> list[Row]:
    """All comparisons of the eager engine."""
    size, large, scalar, pairs = (6, 8, 4, 1) if quick else (40, 100, 20, PAIRS)
    compiled = ("scalargrad-loops", "scalargrad")
    of_size = [
        *(("micrograd", ours, what, "") for ours in compiled for what in ("build", "backward")),
        ("micrograd", "scalargrad-loops", BOTH, ""),
        ("micrograd", "scalargrad", BOTH, "≥ 8"),
        ("micrograd", "pure-loops", BOTH, "≥ 3"),
        ("micrograd", "pure", BOTH, "≥ 8"),
        ("xad", "scalargrad-loops", "build", "≥ 2"),
        ("xad", "scalargrad", "build", ""),
        ("xad", "scalargrad-loops", "backward", "≥ 0.33"),
        ("xad", "scalargrad", "backward", ""),
        *(("casadi", ours, "build", "") for ours in compiled),
    ]
    of_large = [
        ("micrograd", "scalargrad-loops", BOTH, ""),
        ("micrograd", "scalargrad", BOTH, "≥ 30"),
        ("micrograd", "pure-loops", BOTH, ""),
        ("micrograd", "pure", BOTH, "≥ 8"),
        *(("xad", ours, what, "") for ours in compiled for what in ("build", "backward")),
    ]
    our_bytes, their_bytes = ([worker(engine, size, "memory")] for engine in ("scalargrad", "micrograd"))
    found = [
        *side_by_side(size, pairs, of_size),
        *side_by_side(large, 1, of_large),
        *side_by_side(
            scalar, pairs, [("torch", ours, what, "") for ours in compiled for what in ("build", "backward")]
        ),
        compared(
            "micrograd",
            f"memory of {BOTH} of Σ(XW)², {size}×{size}×{size}",
            our_bytes,
            their_bytes,
            bar="≥ 3.4",  # at most 250 of its 860 bytes a node
        ),
    ]
    found.append(Row("itself", "bytes a node", worker("scalargrad", large, "memory") / nodes(large), bar="≤ 200"))
    found.append(growth(8, large, pairs))
    drawings = (
        ("pure", large // 3, "forward", "≤ 1"),
        ("scalargrad", large // 3, "forward", ""),
        ("scalargrad", large, "forward", ""),
        ("scalargrad", large, "@", ""),
    )
    for engine, side, how, bar in drawings:
        ratios = [worker(engine, side, how) for _ in range(pairs if side < large else 1)]
        source = ", both in pure Python" if engine == "pure" else ""
        task = f"DOT text of a {side}×{side}×{side} layer over its build by {how}{source}"
        found.append(Row("itself", task, statistics.median(ratios), min(ratios), max(ratios), bar))
    for side, bar in ((8, ""),) if quick else ((64, "≤ 1"), (200, "≤ 6")):
        cost, where = worker("scalargrad", side, "verify"), f"{side}×{side}×{side} by integers"
        found.append(Row("itself", f"peak GiB of verify, {where}", cost["GiB"], bar=bar))
        found.append(Row("itself", f"processor seconds of verify, {where}", cost["seconds"]))
    return found


def main() -> None:
    """One measurement, for `worker`."""
    engine, n, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    measurements: dict[str, Callable[[], Any]] = {
        "times": lambda: times(engine, n),
        "memory": lambda: memory(engine, n),
        "repeated": lambda: repeated(n),
        "forward": lambda: drawing_over_build(n, what),
        "@": lambda: drawing_over_build(n, what),
        "verify": lambda: verified(n),
    }
    print(json.dumps(measurements[what]()))


if __name__ == "__main__":
    main()
