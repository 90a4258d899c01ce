"""Every row of the table, replayed on any data with its first and second derivatives: the bits of the graph."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Value, ops, record
from scalargrad.engine.op import BUILT_IN, TABLE, ConstantPower, Op

from .graphs import AS_INSTALLED, IN_NUMPY, bits, needs_c, running

ROWS = [TABLE[symbol] for symbol in sorted(BUILT_IN)] + [ConstantPower(n) for n in (0, 1, 2, 2.0, 3, -1, 0.5)]

INTERESTING = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -2.5, 1e300, -1e300, 5e-324, -1e-310, math.inf, -math.inf, math.nan)


def points(count: int) -> list[tuple[float, ...]]:
    """Interesting numbers in all pairs, and random ones of any size."""
    rng = random.Random(count)
    rows = [tuple(pair[k % 2] for k in range(count)) for pair in itertools.product(INTERESTING, repeat=min(count, 2))]
    for scale in (1, 1, 3, 30):
        rows += [tuple(rng.gauss(0, scale) for _ in range(count)) for _ in range(20)]
    return rows


def derivatives(row: Op, leaves: list[Value]) -> list[Any]:
    """A row's value, its gradient, and the gradient of each entry of that."""
    value = row(*leaves)
    first = sg.grad(value, leaves, create_graph=True)
    return [value, *first, *[x for y in first for x in sg.grad(y, leaves, create_graph=True)]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
@pytest.mark.usefixtures("_loops")
def test_replayed_as_the_graph_on_any_data(row: Op) -> None:
    count = row.arity or 3
    leaves = [Value(x, f"x{k}") for k, x in enumerate((0.7, 1.9, 1.2)[:count])]
    program = record(derivatives(row, leaves), leaves)
    data = points(count)
    batch = program(*np.array(data).T)
    for k, point in enumerate(data):
        expected = bits([x.data for x in derivatives(row, [Value(x) for x in point])])
        assert bits(program(*point)) == expected, point
        assert bits([column[k] for column in batch]) == expected, point


@needs_c
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
def test_float32_in_both_loops(row: Op) -> None:
    count = row.arity or 3
    leaves = [Value(x) for x in (0.7, 1.9, 1.2)[:count]]
    program = record(row(*leaves), leaves[:1], leaves[1:])
    with np.errstate(all="ignore"):
        first = np.array([point[0] for point in points(count)], dtype=np.float32)
    found = []
    for which in (AS_INSTALLED, IN_NUMPY):
        for others in ((-0.5, 2.0), (0.0, -1.5)):
            with running(which):
                found.append(bits(program(first, *np.array(others[: count - 1], dtype=np.float32))))
    assert found[:2] == found[2:]


def test_where_on_other_data() -> None:
    """A choice that was recorded on one side goes the other way, and no bit of either side is lost."""
    c, a, b = Value(1.0, "c"), Value(2.0, "a"), Value(3.0, "b")
    program = record(ops.WHERE(c, a, b), [c, a, b])
    numbers = (0.0, -0.0, 1.5, math.inf, math.nan)
    for condition, x, y in itertools.product((0.0, -0.0, 1.0, -2.0, math.nan, math.inf), numbers, numbers):
        assert bits(program(condition, x, y)) == bits(x if condition else y)


def test_where_with_a_plain_condition_is_the_side_itself() -> None:
    x = Value(2.0, "x")
    assert list(record(ops.WHERE(True, x * x, x), [x]).listing()) == ["r0 = x · x", "return r0"]
