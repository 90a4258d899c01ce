"""The strategies: what they draw, and what they shrink to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings, strategies as st

import scalargrad as sg
from scalargrad.errors import ArgumentError, MissingExtraError
from scalargrad.testing import expressions, matrices, numbers, shapes


def simplest(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    return find(strategy, condition, settings=settings(database=None, max_examples=500))


@pytest.mark.parametrize("kind", [int, float, complex, Fraction, Decimal])
def test_numbers_are_of_their_kind_and_shrink_to_zero(kind: type) -> None:
    found = simplest(numbers(kind), lambda x: True)
    assert found == 0
    assert type(found) is kind
    assert simplest(numbers(kind), lambda x: x != 0) in (1, 1j)


def test_other_kinds_are_refused() -> None:
    with pytest.raises(ArgumentError, match="there are no numbers of kind 'str' here: choose from int, float, complex"):
        numbers(str)


def test_shapes_shrink_to_the_smallest() -> None:
    assert simplest(shapes(), lambda shape: True) == (0, 0)
    assert simplest(shapes(3, smallest=1), lambda shape: shape[1] > 1) == (1, 2, 1)


@given(matrices(shapes(), numbers(Decimal)))
def test_matrices_are_plain_arrays(X: Any) -> None:
    assert type(X) is np.ndarray
    assert (X.dtype, X.ndim) == (object, 2)
    assert all(type(x) is Decimal for x in X.flat)


def test_matrices_of_one_shape_shrink_to_zeros() -> None:
    assert simplest(matrices((2, 2)), lambda X: bool(X[1, 1])).tolist() == [[0, 0], [0, 1]]


@given(expressions({sg.ops.ADD: 2, sg.ops.MUL: 2, sg.ops.SUM: 3}, leaves=2), numbers(), numbers())
def test_expressions_are_graphs_of_values_and_numbers_of_numbers(expression: Any, a: Fraction, b: Fraction) -> None:
    x, y = sg.Value(a), sg.Value(b)
    node = expression(x, y)
    assert node.data == expression(a, b)
    assert type(node.data) is Fraction
    assert len(sg.grad(node, [x, y])) == 2


def test_they_shrink_to_the_graph_that_shows_a_mistake() -> None:
    """A product rule that forgets one factor is shown by a single product."""
    wrong = sg.Op("test wrong product", lambda a, b: a * b, lambda out, a, b: (b, 0))
    cases = st.tuples(expressions({sg.ops.ADD: 2, wrong: 2}, leaves=1), numbers())

    def mistaken(case: Any) -> bool:
        expression, number = case
        x, h = sg.Value(number), Fraction(1, 10**6)
        slope = (expression(number + h) - expression(number - h)) / (2 * h)
        return bool(abs(sg.grad(expression(x), x) - slope) > Fraction(1, 10))

    expression, number = simplest(cases, mistaken)
    x = sg.Value(number)
    node = expression(x)
    assert (number, node.op.symbol, node.inputs) == (1, "test wrong product", (x, x))


@pytest.mark.parametrize("call", [shapes, numbers, lambda: matrices((1, 2)), lambda: expressions({}, 1)])
def test_without_hypothesis_the_command_to_run_is_given(
    call: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(MissingExtraError, match=r"the tools for tests need Hypothesis: run pip install '\.\[check\]'"):
        call()


def test_the_package_is_imported_without_hypothesis() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import scalargrad as sg; print(sg.testing.assert_engine)"
    assert b"function" in subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
