"""Recorded programs beside CasADi and micrograd: recording, a gradient, a training step, a batch, as ratios of one run.

    make bench

Contestants take turns in one process, and a ratio is that of the medians; its spread is that of the pairs. A single
sample is the gradient of L = Σ (X·W)² by X and W. The training step is that of micrograd's demo: a perceptron 2-16-16-1
with relu, 100 points of two moons, max-margin loss and L2 regularisation, all points in each step.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import scalargrad as sg
from scalargrad.program import Program, record, record_gradient

REPEATS = 9


def recorded(n: int) -> Program:
    """L and its gradients by X and W, from the first Value to the program."""
    rng = np.random.default_rng(0)
    X, W = sg.values(rng.normal(size=(n, n)), "x"), sg.values(rng.normal(size=(n, n)), "w")
    L = sg.sum(y**2 for y in (X @ W).flat)
    return record([L, *sg.grad(L, [X, W], create_graph=True)], [X, W])


def by_casadi(n: int) -> tuple[Any, float]:
    """The same by CasADi: scalar operations in Python, its gradient, its function; and the seconds of the first."""
    import casadi

    start = time.perf_counter()
    X, W = casadi.SX.sym("x", n, n), casadi.SX.sym("w", n, n)
    xs, ws = ([[matrix[i, j] for j in range(n)] for i in range(n)] for matrix in (X, W))
    L = 0
    for i in range(n):
        for j in range(n):
            y = xs[i][0] * ws[0][j]
            for k in range(1, n):
                y = y + xs[i][k] * ws[k][j]
            L = L + y**2
    built = time.perf_counter() - start
    gradients = casadi.gradient(L, casadi.vertcat(casadi.vec(X), casadi.vec(W)))
    return casadi.Function("gradient", [X, W], [L, gradients]), built


# ---------------------------------------------------------------------------------------------------------------------
# micrograd's demo

SIZES = (2, 16, 16, 1)
RATE, DECAY = 0.05, 1e-4


def two_moons(count: int = 100) -> tuple[Any, Any]:
    """Points on two half circles with noise, and on which of them each is: -1 or 1."""
    rng = np.random.default_rng(0)
    t = np.linspace(0, np.pi, count // 2)
    points = np.concatenate([np.c_[np.cos(t), np.sin(t)], np.c_[1 - np.cos(t), 0.5 - np.sin(t)]])
    return points + rng.normal(0, 0.1, points.shape), np.repeat([-1.0, 1.0], count // 2)


def starting_parameters() -> list[Any]:
    """Weights and biases, layer by layer, as micrograd draws them."""
    rng = random.Random(0)
    return [
        array
        for a, b in pairwise(SIZES)
        for array in (np.array([[rng.uniform(-1, 1) for _ in range(b)] for _ in range(a)]), np.zeros(b))
    ]


class Ours:
    """The demo with recorded programs: the loss of a sample, and the regularisation, each with its gradients."""

    def __init__(self, points: Any, signs: Any) -> None:
        self.points, self.signs, self.parameters = points, signs, starting_parameters()
        x, y = sg.values(points[0], "x"), sg.Value(signs[0], "y")
        parameters = [sg.values(p, f"p{k}") for k, p in enumerate(self.parameters)]
        h = x
        for k in range(0, len(parameters), 2):
            h = h @ parameters[k] + parameters[k + 1]
            h = np.maximum(h, 0) if k < len(parameters) - 2 else h
        self.margin = record_gradient((1 - y * h[0]).relu(), [x, y], parameters)
        self.decay = record_gradient(sg.sum(p * p for array in parameters for p in array.flat), [], parameters)

    def step(self) -> float:
        losses, gradients = self.margin(self.points, self.signs, *self.parameters)
        decay, decays = self.decay(*self.parameters)
        self.parameters = [
            p - RATE * (g / len(losses) + DECAY * d) for p, g, d in zip(self.parameters, gradients, decays, strict=True)
        ]
        return float(losses.mean() + DECAY * decay)


class Micrograd:
    """The demo as its notebook has it, with the same starting parameters."""

    def __init__(self, points: Any, signs: Any) -> None:
        from micrograd.engine import Value
        from micrograd.nn import MLP

        self.value, self.points, self.signs = Value, points.tolist(), signs.tolist()
        self.model = MLP(SIZES[0], list(SIZES[1:]))
        arrays = starting_parameters()
        for layer, W, b in zip(self.model.layers, arrays[::2], arrays[1::2], strict=True):
            for j, neuron in enumerate(layer.neurons):
                neuron.b.data = float(b[j])
                for i, w in enumerate(neuron.w):
                    w.data = float(W[i, j])

    def step(self) -> float:
        scores = [self.model(list(map(self.value, point))) for point in self.points]
        losses = [(1 + -sign * score).relu() for sign, score in zip(self.signs, scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in self.model.parameters())
        self.model.zero_grad()
        total.backward()
        for p in self.model.parameters():
            p.data -= RATE * p.grad
        return float(total.data)


# ---------------------------------------------------------------------------------------------------------------------
# Rows

Row = dict[str, Any]


def seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def by_turns(ours: Callable[[], Any], theirs: Callable[[], Any], repeats: int) -> tuple[list[float], list[float]]:
    """Seconds of each, after one call that is not counted."""
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(repeats)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def figure(task: str, ratio: float, bar: str = "", spread: str = "") -> Row:
    return {"task": task, "ratio": ratio, "spread": spread, "bar": bar}


def faster(task: str, ours: list[float], theirs: list[float], bar: str) -> Row:
    """How many times faster we are."""
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    ratio = statistics.median(theirs) / statistics.median(ours)
    return figure(task, ratio, bar, f"{ratios[0]:.3g}–{ratios[-1]:.3g}")


def single_sample(n: int, repeats: int) -> tuple[list[Row], float]:
    """Recording and replaying the gradient of Σ (X·W)² beside CasADi, and CasADi's nanoseconds per operation."""
    start = time.perf_counter()
    program = recorded(n)
    ours = time.perf_counter() - start
    function, built = by_casadi(n)
    X, W = np.random.default_rng(1).normal(size=(2, n, n))
    times = by_turns(lambda: program(X, W), lambda: function(X, W), repeats)
    rows = [
        faster(f"CasADi / ours, one gradient of Σ(XW)², {n}×{n}×{n}", *times, bar="≥ 2"),
        faster(f"CasADi's build of L / our build, gradient and recording, {n}×{n}×{n}", [ours], [built], bar="≥ 1"),
    ]
    return rows, statistics.median(times[1]) / function.n_instructions() * 1e9


def training(steps: int, repeats: int, casadi: float) -> list[Row]:
    """The demo beside micrograd, and its nanoseconds per operation and sample beside CasADi's per operation."""
    points, signs = two_moons()
    ours, theirs = Ours(points, signs), Micrograd(points, signs)
    for _ in range(steps):
        losses = ours.step(), theirs.step()
    count = 30 * repeats
    step = [seconds(ours.step) for _ in range(count)]
    slow = [seconds(theirs.step) for _ in range(repeats)]
    batch = [seconds(lambda: ours.margin(points, signs, *ours.parameters)) for _ in range(count)]
    each = statistics.median(batch) / len(points) / len(ours.margin) * 1e9
    ratio = statistics.median(slow) / statistics.median(step)
    off = abs(losses[0] / losses[1] - 1)
    return [
        figure("micrograd / ours, one training step of its demo", ratio, "≥ 3000"),
        figure(f"relative difference of the two losses after {steps} steps", off, "≤ 1e-9"),
        figure("CasADi per operation / ours per operation and sample, the demo's batch of 100", casadi / each, "≥ 8"),
    ]


def chain(operations: int) -> Program:
    """A graph of so many operations, none of which can be dropped."""
    xs = [sg.Value(1.0 + 1e-9 * k) for k in range(10)]
    with sg.graph.collector_paused():
        y = xs[0]
        for k in range(operations // 2):
            y = y * xs[k % 7] + xs[k % 10]
    return record(y, xs)


def growth(small: int, large: int) -> Row:
    """Seconds per operation of a large program over those of a small one."""
    costs = []
    for operations in (small, large):
        program, arguments = chain(operations), [0.5] * 10
        program(*arguments)
        times = [seconds(lambda p=program, a=arguments: p(*a)) for _ in range(max(3, 10**6 // operations))]
        costs.append(statistics.median(times) / operations)
    return figure(f"time per operation, {large:,} operations over {small:,}", costs[1] / costs[0], "≤ 2")


def memory(operations: int) -> Row:
    """Peak GiB of a process that builds and records a graph of so many nodes."""
    code = f"from benchmarks import replay as r; r.chain({operations}); print(r.peak())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return figure(f"GiB to build and record {operations:,} nodes", float(done.stdout), "≤ 4")


def peak() -> float:
    """The largest size that this process has had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**30


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="smaller sizes, few repeats: to see that it runs")
    chosen = options.parse_args()
    repeats, sizes, operations = (2, (6,), 10**5) if chosen.quick else (REPEATS, (30, 100), 10**7)
    rows, costs = [], []
    for n in sizes:
        more, cost = single_sample(n, repeats)
        rows += more
        costs.append(cost)
    rows += training(5 if chosen.quick else 100, min(repeats, 3), costs[0])
    rows += [growth(1000, operations), memory(operations)]
    about = {
        "engine": sg.build_info(),
        "versions": {name: version(name) for name in ("scalargrad-exact", "casadi", "micrograd", "numpy")},
        "python": platform.python_version(),
        "processor": platform.machine(),
    }
    if chosen.json:
        print(json.dumps({**about, "rows": rows}, indent=2, ensure_ascii=False))
        return
    table = Table(title="recorded programs")
    for heading in ("task", "ratio", "spread", "bar"):
        table.add_column(heading, justify="left" if heading == "task" else "right")
    for row in rows:
        table.add_row(row["task"], f"{row['ratio']:.3g}", row["spread"], row["bar"])
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{about['engine']}; Python {about['python']};", ", ".join(map(" ".join, about["versions"].items())))


if __name__ == "__main__":
    main()
