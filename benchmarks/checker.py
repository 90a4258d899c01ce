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
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from rich.console import Console
from rich.table import Table

import scalargrad as sg

from .table import Row, by_turns, compared, is_there

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

Judge = Callable[[Any, Any, dict[str, str]], bool]
"""`judge(forward, gradients, shapes)`: whether the claim is right."""


def by_us(forward: Any, gradients: Any, shapes: dict[str, str]) -> bool:
    """Whether the claim is right."""
    return bool(sg.check(forward, gradients, shapes))


def sized(shapes: dict[str, str]) -> dict[str, tuple[int, ...]]:
    """Shapes with 2, 3, 4… for the dimensions that have a name, in order of appearance."""
    names = dict.fromkeys(d for text in shapes.values() for d in text.split() if not d.isdecimal())
    sizes = {name: size for size, name in enumerate(names, start=2)}
    return {name: tuple(sizes[d] if d in sizes else int(d) for d in text.split()) for name, text in shapes.items()}


def by_gradcheck(forward: Any, gradients: Any, shapes: dict[str, str]) -> bool:
    """The same by finite differences in float64: NumPy forward pass and gradients, inside a torch.autograd.Function."""
    import torch

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
                claims = dict(zip(shapes, claims if isinstance(claims, tuple) else (claims,), strict=True))
            return tuple(torch.tensor(np.asarray(claims[name])) if name in claims else None for name in shapes)

    rng = np.random.default_rng(0)
    inputs = [torch.tensor(rng.random(shape) + 0.1) for shape in sized(shapes).values()]
    try:
        claimed = gradients(*[x.numpy() for x in inputs], *[np.asarray(forward(*[x.numpy() for x in inputs]))] * 2)
    except ValueError:
        return False
    asked = claimed if isinstance(claimed, dict) else shapes
    for name, x in zip(shapes, inputs, strict=True):
        x.requires_grad_(name in asked)
    try:
        return bool(torch.autograd.gradcheck(Claim.apply, inputs, raise_exception=True))
    except (RuntimeError, ValueError):
        return False


def symbol(name: str, *index: int) -> Any:
    """A symbol for an entry of a matrix or vector."""
    return sympy.Symbol(f"{name}[{','.join(map(str, index))}]")


def by_sympy(n: int, gradients: Any) -> bool:
    """The same by SymPy's derivative of the scalar loss Σ g·y by each symbol, at n×n×n."""
    X, W, G = (sympy.Matrix(n, n, lambda i, j, letter=letter: symbol(letter, i, j)) for letter in "xwg")
    b = sympy.Matrix(1, n, lambda _, j: symbol("b", j))
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
    X, W = (sg.values([[symbol(letter, i, j) for j in range(n)] for i in range(n)], letter) for letter in "xw")
    b = sg.values([symbol("b", j) for j in range(n)], "b")
    G = np.array([[symbol("g", i, j) for j in range(n)] for i in range(n)], dtype=object)
    found = sg.grad(X @ W + b, [X, W, b], seeds=G)
    claims = gradients(sg.data(X), sg.data(W), sg.data(b), None, G)
    return all(
        sympy.expand(a - c) == 0
        for ours, claim in zip(found, claims, strict=True)
        for a, c in zip(ours.flat, claim.flat, strict=True)
    )


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def compare(task: str, ours: Callable[[], Any], theirs: Callable[[], Any], pairs: int) -> Row:
    """ours / theirs, by turns."""
    our_times, their_times = by_turns(ours, theirs, pairs)
    return compared("", task, their_times, our_times)


def times(sides: Sequence[int], symbols: int, pairs: int) -> Iterator[Row]:
    """Time to a verdict on the affine layer, right and wrong: beside gradcheck at each side, and beside SymPy."""
    for what, gradients in (("right", right), ("wrong", wrong)):
        for n in sides:
            numbers = {"X": f"{n} {n}", "W": f"{n} {n}", "b": f"{n}"}
            theirs = partial(by_gradcheck, affine, gradients, numbers)
            for shapes, where in ((SHAPES, "all shapes"), (numbers, f"{n}×{n}×{n}")):
                task = f"{what}: ours for {where} / gradcheck {n}×{n}×{n}"
                yield compare(task, partial(by_us, affine, gradients, shapes), theirs, pairs)
        task = f"{what}: our graph over symbols / SymPy's diff, {symbols}×{symbols}×{symbols}"
        yield compare(task, partial(by_our_symbols, symbols, gradients), partial(by_sympy, symbols, gradients), pairs)


def seconds_of_a_verdict(repeats: int) -> float:
    """Processor time of a right verdict on the affine layer at all shapes: the least of some after a first one."""
    spent = []
    for _ in range(repeats + 1):
        start = time.process_time()
        by_us(affine, right, SHAPES)
        spent.append(time.process_time() - start)
    return min(spent[1:])


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="smaller sizes, one pair: to see that it runs")
    chosen = options.parse_args()
    pairs, sides, symbols = (1, [3], 2) if chosen.quick else (5, [8, 16, 32], 4)
    judges: dict[str, Judge] = {"ours": by_us}
    if is_there("torch"):
        judges["gradcheck"] = by_gradcheck
    spent = seconds_of_a_verdict(pairs)
    rows = list(times(sides if "gradcheck" in judges else [], symbols, pairs))
    tried = layers()[: 3 if chosen.quick else None]
    claims = [(layer, wrong.gradients) for layer in tried for wrong in layer.wrong]
    caught = {
        judge: sum(not says(layer.forward, gradients, layer.shapes) for layer, gradients in claims)
        for judge, says in judges.items()
    }
    accepted = {
        judge: sum(says(layer.forward, layer.gradients, layer.shapes) for layer in tried)
        for judge, says in judges.items()
    }
    if chosen.json:
        found = [{"row": row.task, "ratio": row.ratio, "low": row.low, "high": row.high} for row in rows]
        print(
            json.dumps(
                {
                    "rows": found,
                    "seconds of a right verdict": spent,
                    "caught": caught,
                    "of": len(claims),
                    "accepted": accepted,
                },
                indent=2,
            )
        )
        return
    table = Table(title="time to a verdict on the affine layer, ours / theirs; less is better")
    for heading in ("task", "ratio", "spread"):
        table.add_column(heading, justify="left" if heading == "task" else "right")
    for row in rows:
        table.add_row(row.task, f"{row.ratio:.2f}", row.spread)
    console = Console(highlight=False)
    console.print(table)
    console.print(f"a right verdict on the affine layer, at all shapes: {spent:.3f} s of processor time (at most 0.1)")
    for judge in judges:
        console.print(
            f"{judge}: {caught[judge]} of {len(claims)} wrong gradients caught, "
            f"{accepted[judge]} of {len(tried)} right ones accepted"
        )


if __name__ == "__main__":
    main()
