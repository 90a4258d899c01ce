"""The program of a page: it comes to the engine's numbers, and says why where it can't."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.sweep import adjoints, topological_order
from scalargrad.pictures import step_through
from scalargrad.pictures.live import Registers
from tests.pictures.graphs import (
    ROWS,
    copied,
    diamond,
    fractions,
    labelled,
    made_by,
    n_ary,
    second_order,
    small_layer,
    square_layer,
)
from tests.pictures.live.evaluation import data_in, evaluated

GRAPHS: list[Callable[[], Value]] = [diamond, fractions, second_order, n_ary, small_layer, lambda: square_layer()[2]]


def gradients(page: Any, numbers: list[Any]) -> list[Any]:
    """What each box of a page comes to have as its gradient."""
    return [numbers[t["terms"][-1][6]] if t["terms"] else numbers[t["seed"]] for t in data_in(page)["tracks"]]


def exactly(x: Any) -> tuple[type, str]:
    return type(x), repr(x)


@pytest.mark.parametrize("output", [*(build() for build in GRAPHS), *(made_by(row, row.arity) for row in ROWS)])
def test_the_program_comes_to_the_engines_numbers_in_every_bit(output: Value) -> None:
    """Forward and backward, for each row of the table."""
    page = step_through(output)
    numbers = evaluated(data_in(page)["program"])
    order, expected = topological_order(output), adjoints(output)
    assert [exactly(numbers[track["data"]]) for track in data_in(page)["tracks"]] == [exactly(x.data) for x in order]
    assert list(map(exactly, gradients(page, numbers))) == [exactly(expected[node]) for node in order]


def test_of_folded_entries_too() -> None:
    X, _, L = square_layer()
    page = step_through(L, level="entry")
    data = data_in(page)
    numbers = evaluated(data["program"])
    found = dict(zip([track["name"] for track in data["tracks"]], gradients(page, numbers), strict=True))
    assert [found[x.label] for x in X.flat] == [x.grad for x in X.flat]


def test_other_inputs_give_what_the_engine_gives_for_them() -> None:
    data = data_in(step_through(fractions()))
    inputs = {name: register for register, name in data["inputs"]}
    numbers = evaluated(data["program"], {inputs["x"]: Fraction(5, 2), inputs["y"]: Fraction(-1, 3)})
    x, y = Value(Fraction(5, 2)), Value(Fraction(-1, 3))
    L = (x * y - x / y) ** 2 + y
    by_name = {track["name"]: track for track in data["tracks"]}
    assert numbers[by_name["out"]["data"]] == L.data
    assert [numbers[by_name[name]["terms"][-1][6]] for name in "xy"] == sg.grad(L, [x, y])


def test_what_may_be_left_out_by_where_has_no_part_in_the_gradient() -> None:
    """The slope of the logarithm is infinite at 0, and 0 · ∞ is nan."""
    x = Value(0.0, "x")
    page = step_through(labelled("y", sg.ops.WHERE(x.greater(0.0), x.log(), x)))
    numbers = evaluated(data_in(page)["program"])
    (gradient,) = [
        g for t, g in zip(data_in(page)["tracks"], gradients(page, numbers), strict=True) if t["name"] == "x"
    ]
    assert gradient == 1.0


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (lambda: Value(Decimal(2), "x") * 3, "a page computes with int, float and Fraction, not with Decimal."),
        (lambda: Value(1j, "x") * 3, "a page computes with int, float and Fraction, not with complex."),
        (lambda: Value(2**2000, "x") * 3, "a page computes with int, float and Fraction, not with int."),
    ],
)
def test_what_a_page_cannot_compute_it_says_and_shows(output: Callable[[], Value], reason: str) -> None:
    data = data_in(step_through(output()))
    assert data["program"]["reason"] == f"The inputs can't be edited: {reason}"
    assert data["inputs"] == []
    assert all(isinstance(row, (str, list)) for row in data["program"]["rows"])


def test_an_operation_of_ones_own_cannot_be_run_by_a_page_and_it_says_so() -> None:
    with copied(sg.ops.TANH) as own:
        data = data_in(step_through(own(Value(2.0, "x"))))
    assert data["program"]["reason"] == "The inputs can't be edited: the operation copy tanh is not of the table."
    assert {"2.0", "0.9640275800758169"} <= set(data["program"]["rows"])


def test_stale_numbers_are_said() -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    assert "was assigned after the forward pass" in Registers(y, [x]).reason


def test_what_is_the_same_stands_in_one_register_but_inputs_do_not() -> None:
    x, y = Value(2, "x"), Value(2, "y")
    registers = Registers(x * y, [x, y])
    assert registers.add(x * y) == registers.add(y * x) == 2
    assert registers.add(x * 1) == registers.add(x)
    assert registers.add(x + x) != registers.add(y + y)
    one, two = Value(1, "one"), Value(2, "two")
    registers = Registers(one * two, [one, two])
    assert registers.add(one * two) == 2  # an input that happens to be 1 is not 1
