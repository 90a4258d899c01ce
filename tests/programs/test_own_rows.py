"""A copy of a built-in row under another symbol is recorded as the row itself: the same tapes, the same bits.

Its function is run on nodes (`engine.own.expansion`), and what it makes of them is what is recorded.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Op, Value, record
from scalargrad.engine.ops import BUILT_IN, TABLE, ConstantPower
from scalargrad.programs import Program

from .graphs import bits

ROWS = [TABLE[symbol] for symbol in sorted(BUILT_IN)] + [ConstantPower(n) for n in (0, 1, 2, 3, -1, 0.5)]
POINTS = (0.3, -1.7, 2.0, 0.0, math.inf, math.nan)


def copy_of(row: Op) -> Op:
    return Op(f"copy of {row.symbol}", row.apply, row.partials)


def leaves_of(row: Op) -> list[Value]:
    """Operands for it; three for one that takes any number."""
    return [Value(x, f"x{k}") for k, x in enumerate((0.7, 1.9, 1.2)[: row.arity or 3])]


def differentiated(row: Op, leaves: list[Value], shared: int) -> Program:
    """The operation, its gradient and a second derivative of it; the last `shared` operands are parameters."""
    output = row(*leaves)
    gradient = sg.grad(output, leaves, create_graph=True)
    second = sg.grad(sg.sum(gradient) * leaves[0], leaves, create_graph=True)
    n = len(leaves) - shared
    return record([output, *gradient], leaves[:n], leaves[n:], summed=[output * output, *second])


def parts(program: Program) -> list[Any]:
    tapes = [(t.instructions.tolist(), t.registers, t.results.tolist()) for t in program.parts[2:]]
    return [program.signature, bits(program.constants), *tapes]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
@pytest.mark.parametrize("shared", [0, 1])
def test_a_copy_is_recorded_as_the_row_itself(row: Op, shared: int) -> None:
    own, built_in = (differentiated(one, leaves_of(row), shared) for one in (copy_of(row), row))
    assert parts(own) == parts(built_in)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
def test_its_numbers_are_those_of_the_graph(row: Op) -> None:
    leaves = leaves_of(row)
    program = record(copy_of(row)(*leaves), leaves)
    points = list(itertools.product(POINTS, repeat=len(leaves)))
    batch = program(*[np.array(column) for column in zip(*points, strict=True)])
    for point, batched in zip(points, batch, strict=True):
        expected = bits(row(*map(Value, point)).data)
        assert bits(program(*point)) == expected, point
        assert bits(batched) == expected, point


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
def test_a_function_that_uses_it_is_recorded_without_a_warning(row: Op) -> None:
    own = copy_of(row)
    leaves = leaves_of(row)
    assert parts(record(own, leaves)) == parts(record(row, leaves))


def test_one_of_another() -> None:
    half = Op("test half", lambda x: x / 2, lambda out, x: (0.5,))
    quarter = Op("test quarter", lambda x: half(half(x)), lambda out, x: (0.25,))
    x = Value(3.0, "x")
    assert list(record(quarter(x), [x]).listing()) == ["r0 = x / 2", "r1 = r0 / 2", "return r1"]
