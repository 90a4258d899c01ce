"""Recorded programs beside CasADi, heyoka, micrograd and BLAS: recording, a gradient, a training step, a batch.

Contestants take turns in one process, and a ratio is that of the medians; its spread is that of the pairs. A single
sample is the gradient of L = Σ (X·W)² by X and W. The training step is that of micrograd's demo: a perceptron 2-16-16-1
with relu, 100 points of two moons, max-margin loss and L2 regularisation, all points in each step. BLAS computes the
matrix formulas themselves, which is the limit for any graph of scalars. heyoka compiles its functions to machine code,
which takes seconds: they stand beside our recording. `python -m benchmarks` prints the rows.
"""

from __future__ import annotations

import gc
import random
import statistics
import subprocess
import sys
import time
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

import scalargrad as sg

from .table import Row, by_turns, compared, is_there, seconds

REPEATS = 9
BUILDS = 3
"""Repeats of what takes long: recordings, and micrograd's steps."""


def recorded(n: int, shared: bool = False) -> sg.Program:
    """L and its gradients by X and W, from the first Value to the program; for batches W may be shared."""
    rng = np.random.default_rng(0)
    X, W = sg.values(rng.normal(size=(n, n)), "x"), sg.values(rng.normal(size=(n, n)), "w")
    L = sg.sum(y**2 for y in (X @ W).flat)
    by_X, by_W = sg.grad(L, [X, W], create_graph=True)
    return sg.record([L, by_X], [X], [W], [by_W]) if shared else sg.record([L, by_X, by_W], [X, W])


def by_casadi(n: int) -> tuple[Any, float]:
    """The same by CasADi: scalar operations in Python, its gradient, its function; and the seconds of the first."""
    import casadi

    start = time.perf_counter()
    X, W = casadi.SX.sym("x", n, n), casadi.SX.sym("w", n, n)
    xs, ws = ([[matrix[i, j] for j in range(n)] for i in range(n)] for matrix in (X, W))
    L: Any = 0
    for i in range(n):
        for j in range(n):
            y = xs[i][0] * ws[0][j]
            for k in range(1, n):
                y = y + xs[i][k] * ws[k][j]
            L = L + y**2
    built = time.perf_counter() - start
    gradients = casadi.gradient(L, casadi.vertcat(casadi.vec(X), casadi.vec(W)))
    return casadi.Function("gradient", [X, W], [L, gradients]), built


def by_heyoka(n: int, compact: bool) -> Any:
    """The same by heyoka: a function of the entries of X and W as a vector, or as a matrix with columns of samples."""
    import heyoka

    xs, ws = ([[heyoka.make_vars(f"{name}{i}_{j}") for j in range(n)] for i in range(n)] for name in "xw")
    L: Any = sum(sum(xs[i][k] * ws[k][j] for k in range(n)) ** 2 for i in range(n) for j in range(n))
    entries = [entry for matrix in (xs, ws) for row in matrix for entry in row]
    gradients = heyoka.diff_tensors([L], entries, diff_order=1).gradient
    return heyoka.cfunc([L, *gradients], entries, compact_mode=compact)


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
        self.margin = sg.record_gradient((1 - y * h[0]).relu(), [x, y], parameters)
        self.decay = sg.record_gradient(sg.sum(p * p for array in parameters for p in array.flat), [], parameters)

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


def gradients(n: int, program: sg.Program, function: Any, repeats: int) -> tuple[list[float], list[float]]:
    """Seconds of one gradient of Σ (X·W)² by turns, ours and that of another."""
    X, W = np.random.default_rng(1).normal(size=(2, n, n))
    return by_turns(lambda: program(X, W), lambda: function(X, W), repeats)


def single_sample(n: int, repeats: int, builds: int) -> tuple[list[Row], list[float]]:
    """Recording and replaying the gradient of Σ (X·W)² beside CasADi and BLAS; CasADi's nanoseconds per operation."""
    recording, building = [], []
    for _ in range(builds):
        start = time.perf_counter()
        program = recorded(n)
        recording.append(time.perf_counter() - start)
        function, built = by_casadi(n)
        building.append(built)
    times, formulas = (gradients(n, program, other, repeats) for other in (function, by_blas))
    task = f"recording the gradient, beside its build of L alone, {n}×{n}×{n}"
    found = [
        compared("casadi", f"replay: one gradient of Σ(XW)², {n}×{n}×{n}", *times, bar="≥ 2"),
        compared("casadi", task, recording, building, bar="≥ 1"),
        compared("numpy", f"replay: one gradient of Σ(XW)², beside BLAS, {n}×{n}×{n}", *formulas),
    ]
    return found, [time / function.n_instructions() * 1e9 for time in times[1]]


def beside_heyoka(n: int, samples: int, compact: bool, repeats: int, bar: str) -> list[Row]:
    """Recording, and the gradient for one sample or for many, beside heyoka's compilation and its function.

    `compact` is heyoka's mode for large functions, which compiles them in a fraction of the time.
    """
    start = time.perf_counter()
    program = recorded(n)
    between = time.perf_counter()
    function = by_heyoka(n, compact)
    recording, compiling = between - start, time.perf_counter() - between
    X, W = np.random.default_rng(1).normal(size=(2, samples, n, n))
    entries = np.ascontiguousarray(np.concatenate([X.reshape(samples, -1), W.reshape(samples, -1)], axis=1).T)
    off = np.abs(program(X, W)[1] - function(entries)[1 : 1 + n * n].T.reshape(samples, n, n)).max()
    if off > 1e-9:
        raise SystemExit(f"heyoka's gradient differs from ours by {off}")
    what = f"Σ(XW)², {n}×{n}×{n}"
    if samples == 1:
        X, W, entries = X[0], W[0], entries[:, 0].copy()
    else:
        what += f", {samples} samples"
    calls = 10_000 // samples
    times = by_turns(
        lambda: [program(X, W) for _ in range(calls)], lambda: [function(entries) for _ in range(calls)], repeats
    )
    task = f"recording the gradient, beside its compilation in {compiling:.1f} s, {n}×{n}×{n}"
    return [
        compared("heyoka", f"{'replay: one' if samples == 1 else 'batch:'} gradient of {what}", *times, bar=bar),
        compared("heyoka", task, [recording], [compiling]),
    ]


def of_a_call() -> Row:
    """Microseconds of calling a program that has next to nothing to do."""
    program, x = recorded(1), np.ones((1, 1))
    times = [seconds(lambda: [program(x, x) for _ in range(1000)]) / 1000 for _ in range(REPEATS)]
    return Row(
        "itself",
        f"replay: μs to call a program of {len(program)} operations",
        statistics.median(times) * 1e6,
        bar="≤ 4",
    )


def per_operation(program: sg.Program, arrays: list[Any], repeats: int) -> list[float]:
    """Nanoseconds of a program per operation and sample, after one call that is not counted; `arrays[0]` is a batch."""
    program(*arrays)
    times = [seconds(lambda: program(*arrays)) for _ in range(repeats)]
    return [time / len(arrays[0]) / len(program) * 1e9 for time in times]


def batch(n: int, samples: int, casadi: list[float]) -> Row:
    """The gradient for many X and one W: our nanoseconds per operation and sample beside CasADi's per operation."""
    rng = np.random.default_rng(1)
    X, W = rng.normal(size=(samples, n, n)), rng.normal(size=(n, n))
    ours = per_operation(recorded(n, shared=True), [X, W], 10 * len(casadi))
    task = f"batch: per operation and sample, gradient of Σ(XW)², {n}×{n}×{n}, {samples} samples"
    return compared("casadi", task, ours, 10 * casadi, bar="≥ 8")


def by_blas(X: Any, W: Any) -> tuple[Any, Any, Any]:
    """The same by the matrix formulas (1) and (2)."""
    Y = X @ W
    G = 2 * Y
    return (Y * Y).sum(), G @ W.T, X.T @ G


def training(samples: int, steps: int, repeats: int, casadi: list[float]) -> list[Row]:
    """The demo beside micrograd, and its nanoseconds per operation and sample beside CasADi's per operation."""
    points, signs = two_moons(samples)
    ours, theirs = Ours(points, signs), Micrograd(points, signs)
    for _ in range(steps):
        losses = ours.step(), theirs.step()
    off = abs(losses[0] / losses[1] - 1)
    pairs = [(statistics.median(seconds(ours.step) for _ in range(30)), seconds(theirs.step)) for _ in range(repeats)]
    each = per_operation(ours.margin, [points, signs, *ours.parameters], 30 * len(casadi))
    step, slow = [a for a, _ in pairs], [b for _, b in pairs]
    return [
        compared("micrograd", "replay: one training step of its demo", step, slow, bar="≥ 3000"),
        Row("micrograd", f"relative difference of the losses after {steps} steps", off, bar="≤ 1e-9"),
        compared("casadi", f"batch: per operation and sample, the demo's {samples} points", each, 30 * casadi),
    ]


def chain(operations: int) -> sg.Program:
    """A graph of so many operations, none of which can be dropped."""
    xs = [sg.Value(1.0 + 1e-9 * k) for k in range(10)]
    y = xs[0]
    gc.disable()  # ten million nodes without a cycle among them, which Python would look for again and again
    for k in range(operations // 2):
        y = y * xs[k % 7] + xs[k % 10]
    gc.enable()
    return sg.record(y, xs)


def growth(largest: int) -> Row:
    """Seconds per operation of the largest program over the least of any that is smaller, by powers of ten."""
    costs = []
    for operations in (10**power for power in range(3, len(str(largest)))):
        program, arguments = chain(operations), [0.5] * 10
        program(*arguments)
        times = [seconds(partial(program, *arguments)) for _ in range(max(3, 10**6 // operations))]
        costs.append(statistics.median(times) / operations)
    task = f"replay: time per operation of {largest:,}, over the least from 1,000 on"
    return Row("itself", task, costs[-1] / min(costs), bar="≤ 2")


def memory(operations: int) -> Row:
    """Peak GiB of a process that builds and records a graph of so many nodes."""
    code = f"from benchmarks import replay, table; replay.chain({operations}); print(table.peak())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return Row("itself", f"GiB to build and record {operations:,} nodes", float(done.stdout), bar="≤ 4")


def rows(quick: bool) -> list[Row]:
    """All comparisons of recorded programs."""
    repeats, builds, sizes, operations = (2, 1, (6,), 10**5) if quick else (REPEATS, BUILDS, (30, 63), 10**7)
    singles = [single_sample(n, repeats, builds if n < 63 else 1) for n in sizes]
    casadi = singles[0][1]
    heyoka = ((3, 1, False, ""), (4, 16, True, "")) if quick else ((8, 1, False, ""), (16, 128, True, "≥ 0.5"))
    return [
        *(row for found, _ in singles for row in found),
        of_a_call(),
        *(row for case in heyoka if is_there("heyoka") for row in beside_heyoka(*case[:3], repeats, case[3])),
        *(batch(n, 100, casadi) for n in (sizes[0] // 3, sizes[0])),
        *training(*((10, 1) if quick else (100, 25)), builds, casadi),
        growth(operations // 10),
        memory(operations),
    ]
