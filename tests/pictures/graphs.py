"""Graphs that the tests of pictures draw and step through, and copies of the built-in operations."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import scalargrad as sg
from scalargrad import Op, Value
from scalargrad.engine.ops import BUILT_IN, TABLE, ConstantPower

SVG = "{http://www.w3.org/2000/svg}"


def groups_of(svg: str, kind: str) -> dict[str, tuple[str, ...]]:
    """The lines of text in each SVG group of a class, by id; for nodes, those of the cells of grids too."""
    found = {}
    for g in ET.fromstring(svg).iter(f"{SVG}g"):
        name = g.get("id", "")
        cell = kind == "node" and name.startswith("a_n")
        if cell or (kind in g.get("class", "").split() and not name.startswith("m")):
            found[name.removeprefix("a_")] = tuple("".join(t.itertext()) for t in g.iter(f"{SVG}text"))
    return found


def labelled(label: str, node: Value) -> Value:
    node.label = label
    return node


def square_layer() -> tuple[Any, Any, Value]:
    """L = Σ (X·W)² for a 2×3×2 layer of Fractions, after backward."""
    X = sg.values([[1, 2, 3], [4, 5, 6]], "x")
    W = sg.values([[Fraction(1, 2), 1], [2, Fraction(1, 3)], [-1, 2]], "w")
    L = labelled("L", sg.sum(sg.affine.forward(X, W) ** 2))
    L.backward()
    return X, W, L


def diamond() -> Value:
    r"""   a
         /   \
        x      L     and x → L besides: three edges leave x
         \   /
           b
    """
    x = Value(3, "x")
    a, b = labelled("a", x * 2), labelled("b", x * x)
    return labelled("L", a * b + x)


def fractions() -> Value:
    x, y = Value(Fraction(1, 3), "x"), Value(Fraction(-2, 7), "y")
    return (x * y - x / y) ** 2 + y


def second_order() -> Value:
    x, y = Value(0.7, "x"), Value(-1.3, "y")
    dx: Value = sg.grad((x * y).sin() * x**3, x, create_graph=True)
    return dx


def n_ary() -> Value:
    x, y = Value(0.1, "x"), Value(0.7, "y")
    return sg.sum([x * y, y, x, y.exp(), 3.0])


def small_layer() -> Value:
    X, W = sg.values([[0.1, 2.0], [-3.0, 0.4]], "x"), sg.values([[0.5, 6.0], [7.0, -0.8]], "w")
    return labelled("L", ((X @ W) ** 2).sum())


# ---------------------------------------------------------------------------------------------------------------------
# Operations

ROWS = [TABLE[symbol] for symbol in sorted(BUILT_IN)] + [ConstantPower(3), ConstantPower(0.5)]


@contextmanager
def copied(row: Op) -> Iterator[Op]:
    """An operation of the user's own that is a built-in one under another name, and nothing else is said of it."""
    copy = Op(f"copy {row.symbol}", row.apply, row.partials)
    try:
        yield copy
    finally:
        del TABLE[copy.symbol]


def made_by(row: Op, arity: int | None) -> Value:
    """A graph with the operation twice: without a name, used by two that have one, and under a name of its own.

    An arity of None is any.
    """
    x, y, z = Value(0.75, "x"), Value(1.5, "y"), Value(2.25, "z")
    shared: Value = row(*(x * y, y, z)[: arity or 3])
    named: Value = labelled("named", row(*(shared, y, shared)[: arity or 3]))
    return labelled("L", shared * named + x)
