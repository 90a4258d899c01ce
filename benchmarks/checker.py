"""The checker beside `torch.autograd.gradcheck` and SymPy's `diff`: time to a verdict, and wrong gradients caught.

    make bench

A verdict is timed for the affine layer Y = X·W + b, right and wrong, by turns in one process; a ratio is that of the
medians. The wrong gradients are those of `examples/layers.py`; for gradcheck each layer is a torch.autograd.Function
whose backward pass is the wrong version, in float64, at sizes 2, 3, 4…
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from rich.console import Console
from rich.table import Table

import scalargrad as sg
<<<<<<< HEAD
from scalargrad.affine import symbol
from scalargrad.checker.trial import Problem, distinct_sizes
from scalargrad.checker.verdict import check
=======
from scalargrad.affine.verify import symbol
from scalargrad.checker.exercise import Exercise
>>>>>>> checker
from scalargrad.errors import ClaimError

from .table import by_turns, compared

SHAPES = {"X": "N D", "W": "D M", "b": "M"}


def affine(X: Any, W: Any, b: Any) -> Any:
    return X @ W + b


def right(X: Any, W: Any, b: Any, Y: Any, G: Any) -> Any:
    return G @ W.T, X.T @ G, G.sum(axis=0)


def wrong(X: Any, W: Any, b: Any, Y: Any, G: Any) -> Any:
    return G @ W.T, X.T @ G, G.mean(axis=0)


def layers() -> Any:
    """The layers of `examples/layers.py`."""
    spec = importlib.util.spec_from_file_location("layers", Path(__file__).parents[1] / "examples" / "layers.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["layers"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LAYERS


# ---------------------------------------------------------------------------------------------------------------------
# The same claim before each judge


def by_us(forward: Any, gradients: Any, shapes: dict[str, str]) -> bool:
    """Whether the claim is right."""
    return sg.check(forward, gradients, shapes).correct


def by_gradcheck(forward: Any, gradients: Any, shapes: dict[str, str], sizes: dict[str, int] | None = None) -> bool:
    """The same by finite differences in float64: NumPy forward pass and gradients, inside a torch.autograd.Function."""
    import torch

    exercise = Exercise.of(forward, gradients, shapes)

    class Claim(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, *inputs: Any) -> Any:
            Y = np.asarray(forward(*[x.numpy() for x in inputs]), dtype=float)
            ctx.save_for_backward(*inputs, torch.tensor(Y))
            return torch.tensor(Y)

        @staticmethod
        def backward(ctx: Any, G: Any) -> Any:
            with np.errstate(all="ignore"):
                claims = gradients(*[x.numpy() for x in ctx.saved_tensors], G.numpy())
            if not isinstance(claims, dict):
                claims = dict(zip(exercise.names, claims if isinstance(claims, tuple) else (claims,), strict=True))
            return tuple(torch.tensor(np.asarray(claims[name])) if name in claims else None for name in exercise.names)

    rng = np.random.default_rng(0)
    sizes = sizes or exercise.distinct_sizes()
    inputs = [torch.tensor(rng.random(exercise.shape(name, sizes)) + 0.1) for name in exercise.names]
    try:
        claimed = gradients(*[x.numpy() for x in inputs], *[np.asarray(forward(*[x.numpy() for x in inputs]))] * 2)
    except ValueError:
        return False
    asked = claimed if isinstance(claimed, dict) else exercise.names
    for name, x in zip(exercise.names, inputs, strict=True):
        x.requires_grad_(name in asked)
    try:
        return bool(torch.autograd.gradcheck(Claim.apply, inputs, raise_exception=True))
    except (RuntimeError, ValueError, ClaimError):
        return False


def by_sympy(n: int, gradients: Any) -> bool:
    """The same by SymPy's derivative of the scalar loss Σ g·y by each symbol, at n×n×n."""
    X, W, G = (sympy.Matrix(n, n, lambda i, j, letter=letter: symbol(letter, (i, j))) for letter in "xwg")
    b = sympy.Matrix(1, n, lambda _, j: symbol("b", (j,)))
    Y = X * W + sympy.ones(n, 1) * b
    L = sum(G[i] * Y[i] for i in range(n * n))
    arrays = [np.array(M.tolist(), dtype=object) for M in (X, W)]
    g = np.array(G.tolist(), dtype=object)
    claims = gradients(*arrays, np.array(b.tolist()[0], dtype=object), None, g)
    return all(
        sympy.expand(sympy.diff(L, x) - claimed) == 0
        for matrix, claim in zip((X, W, b), claims, strict=True)
        for x, claimed in zip(matrix, claim.flat, strict=True)
    )


def by_our_symbols(n: int, gradients: Any) -> bool:
    """The same by the scalar graph over the same symbols."""
    X, W = (sg.values([[symbol(letter, (i, j)) for j in range(n)] for i in range(n)], letter) for letter in "xw")
    b = sg.values([symbol("b", (j,)) for j in range(n)], "b")
    G = np.array([[symbol("g", (i, j)) for j in range(n)] for i in range(n)], dtype=object)
    found = sg.grad(X @ W + b, [X, W, b], seeds=G)
    claims = gradients(sg.data(X), sg.data(W), sg.data(b), None, G)
    return all(
        sympy.expand(a - c) == 0
        for ours, claim in zip(found, claims, strict=True)
        for a, c in zip(ours.flat, claim.flat, strict=True)
    )


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def compare(row: str, ours: Callable[[], Any], theirs: Callable[[], Any], pairs: int) -> dict[str, Any]:
    """ours / theirs, by turns, after one call of each that is not counted."""
    our_times, their_times = by_turns(ours, theirs, pairs)
    found = compared("", row, their_times, our_times)
    return {"row": found.task, "ratio": found.ratio, "low": found.low, "high": found.high}


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="smaller sizes, one pair: to see that it runs")
    chosen = options.parse_args()
    pairs, sides, symbols = (1, (3,), 2) if chosen.quick else (5, (8, 16), 4)
    rows = []
    try:
        import torch
    except ModuleNotFoundError:
        torch = None
        print('PyTorch is not installed (the extra "peers"): its rows are left out.', file=sys.stderr)
    for what, gradients in (("right", right), ("wrong", wrong)):
        for n in sides if torch else ():
            numbers = {"X": f"{n} {n}", "W": f"{n} {n}", "b": f"{n}"}

            def theirs(gradients: Any = gradients, numbers: Any = numbers) -> bool:
                return by_gradcheck(affine, gradients, numbers)

            for shapes, where in ((SHAPES, "all shapes"), (numbers, f"{n}×{n}×{n}")):
                row = f"{what}: ours for {where} / gradcheck {n}×{n}×{n}"
                rows.append(compare(row, lambda s=shapes, g=gradients: by_us(affine, g, s), theirs, pairs))
        row = f"{what}: our graph over symbols / SymPy's diff, {symbols}×{symbols}×{symbols}"
        rows.append(
            compare(
                row, lambda g=gradients: by_our_symbols(symbols, g), lambda g=gradients: by_sympy(symbols, g), pairs
            )
        )
    judges = {"ours": by_us, **({"gradcheck": by_gradcheck} if torch else {})}
    tried = layers()[: 3 if chosen.quick else None]
    claims = [(layer, wrong.gradients) for layer in tried for wrong in layer.wrong]
    caught, accepted = {}, {}
    for judge, says in judges.items():
        caught[judge] = sum(not says(layer.forward, gradients, layer.shapes) for layer, gradients in claims)
        accepted[judge] = sum(says(layer.forward, layer.gradients, layer.shapes) for layer in tried)
    if chosen.json:
        print(json.dumps({"rows": rows, "caught": caught, "of": len(claims), "accepted": accepted}, indent=2))
        return
    table = Table(title="time to a verdict on the affine layer, ours / theirs; less is better")
    for heading in ("task", "ratio", "spread"):
        table.add_column(heading, justify="left" if heading == "task" else "right")
    for row in rows:
        table.add_row(row["row"], f"{row['ratio']:.2f}", f"{row['low']:.2f}–{row['high']:.2f}")
    console = Console(highlight=False)
    console.print(table)
    for judge in judges:
        console.print(
            f"{judge}: {caught[judge]} of {len(claims)} wrong gradients caught, "
            f"{accepted[judge]} of {len(tried)} right ones accepted"
        )


if __name__ == "__main__":
    main()
