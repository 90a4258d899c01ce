"""The recorder: what becomes an instruction, what is folded, and what can't be recorded."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import pytest

import scalargrad as sg
from scalargrad import Op, Value, record, values
from scalargrad.errors import ProgramError

from .graphs import bits


def test_duplicates_dead_nodes_and_constants_go() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    dead = x.exp()
    output = (x * y + y * x) * 1 + Value(2.0) * Value(5.0)
    program = record(output, [x, y])
    assert len(program) == 3
    assert list(program.listing()) == ["r0 = x · y", "r1 = r0 + r0", "r0 = 10 + r1", "return r0"]
    assert dead.data > 0


def test_nothing_else_is_simplified() -> None:
    x = Value(2.0)
    program = record([x + 0.0, x * 0.0, x - x, x / x], [x])
    assert [math.copysign(1, y) for y in program(-0.0)[:2]] == [1.0, -1.0]
    assert all(math.isnan(y) for y in program(math.nan))


def test_sums_from_left_to_right() -> None:
    rng = random.Random(0)
    numbers = [rng.gauss(0, 1) * 10 ** rng.randint(-8, 8) for _ in range(50)]
    xs = values(numbers, "x")
    assert record(sg.sum(xs), [xs])(numbers) == sum(numbers)


def test_numbers_of_other_kinds_become_floats() -> None:
    x = Value(Fraction(1, 3), "x")
    assert record(x * Fraction(1, 4) + 2, [x])(0.5) == 2.125


def test_an_operation_of_the_users_own() -> None:
    cube = Op("test cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))
    x = Value(2.0)
    program = record([cube(x), sg.grad(cube(x), x, create_graph=True)], [x])
    assert program(5.0) == [125.0, 75.0]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: math.erf(x), "an operation can't be recorded: the function of 'test erf' fails on Values"),
        (lambda x: 3.0, "an operation can't be recorded: the function of 'test erf' returns a float on Values"),
    ],
)
def test_one_that_does_not_run_on_values(function: Any, message: str) -> None:
    x = Value(2.0)
    erf = Op("test erf", function, lambda out, x: (1.0,))
    with pytest.raises(ProgramError, match=message):
        record(erf(x), [x])


def test_powers_with_the_exponent_0() -> None:
    """Recorded at 0, where a formula that multiplies would need another one, and replayed elsewhere, and back."""

    def graph(x: Value, n: Value) -> list[Any]:
        first = sg.grad(x**n, [x, n], create_graph=True)
        return [
            x**n,
            *first,
            *sg.grad(first[0], [x, n], create_graph=True),
            *sg.grad(first[1], [x, n], create_graph=True),
        ]

    x, n = Value(2.0), Value(0.0)
    program = record(graph(x, n), [x, n])
    for point in ((2.0, 0.0), (23.0, 0.0), (0.0, 2.0), (0.0, 0.0), (1.5, -2.25), (-1.0, 3.0), (3.0, 2.0)):
        assert bits(program(*point)) == bits([y.data for y in graph(*map(Value, point))]), point
