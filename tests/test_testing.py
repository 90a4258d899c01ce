"""The tools for other people's test suites."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from scalargrad import Op, Value, grad
from scalargrad.ops import ADD, MUL, SUM
from scalargrad.testing import KINDS, assert_gradients, expressions, matrices, numbers, shapes

S = {"X": "N D", "W": "D M"}


def simplest(strategy: Any, condition: Callable[[Any], bool]) -> Any:
    return find(strategy, condition, settings=settings(database=None, max_examples=500))


class TestAssertion:
    def test_right_gradients_pass(self) -> None:
        assert_gradients(lambda X, W: X @ W, lambda X, W, Y, G: (G @ W.T, X.T @ G), S)

    def test_wrong_ones_fail_with_the_verdict(self) -> None:
        with pytest.raises(
            AssertionError, match=r"(?s)✗ ∂L/∂W\[0,0\]: -1 is claimed.*the sign is wrong.*W = \[\[0\]\]"
        ):
            assert_gradients(lambda X, W: X @ W, lambda X, W, Y, G: (G @ W.T, -X.T @ G), S)

    def test_the_tolerance_is_passed_on(self) -> None:
        assert_gradients(np.exp, lambda X, Y, G: G * np.exp(X), {"X": "N"}, tolerance="ulp:4")


class TestStrategies:
    @pytest.mark.parametrize("kind", KINDS)
    def test_numbers_are_of_their_kind_and_shrink_to_zero(self, kind: type) -> None:
        found = simplest(numbers(kind), lambda x: True)
        assert found == 0
        assert type(found) is kind
        assert simplest(numbers(kind), lambda x: x != 0) in (1, 1j)

    def test_other_kinds_are_refused(self) -> None:
        with pytest.raises(
            ValueError, match="there are no numbers of kind 'str' here: choose from int, float, complex"
        ):
            numbers(str)

    def test_shapes_shrink_to_the_smallest(self) -> None:
        assert simplest(shapes(), lambda shape: True) == (0, 0)
        assert simplest(shapes(3, smallest=1), lambda shape: shape[1] > 1) == (1, 2, 1)

    @given(matrices(shapes(), numbers(Decimal)))
    def test_matrices_are_plain_arrays(self, X: Any) -> None:
        assert type(X) is np.ndarray
        assert (X.dtype, X.ndim) == (object, 2)
        assert all(type(x) is Decimal for x in X.flat)

    def test_matrices_of_one_shape_shrink_to_zeros(self) -> None:
        assert simplest(matrices((2, 2)), lambda X: bool(X[1, 1])).tolist() == [[0, 0], [0, 1]]


@given(expressions({ADD: 2, MUL: 2, SUM: 3}, leaves=2), numbers(), numbers())
def test_expressions_are_graphs_of_values_and_numbers_of_numbers(expression: Any, a: Fraction, b: Fraction) -> None:
    x, y = Value(a), Value(b)
    node = expression(x, y)
    assert node.data == expression(a, b)
    assert type(node.data) is Fraction
    assert len(grad(node, [x, y])) == 2


def test_they_shrink_to_the_graph_that_shows_a_mistake() -> None:
    """A product rule that forgets one factor is shown by a single product."""
    wrong = Op("test wrong product", lambda a, b: a * b, lambda out, a, b: (b, 0))
    cases = st.tuples(expressions({ADD: 2, wrong: 2}, leaves=1), numbers())

    def mistaken(case: Any) -> bool:
        expression, number = case
        x, h = Value(number), Fraction(1, 10**6)
        slope = (expression(number + h) - expression(number - h)) / (2 * h)
        return bool(abs(grad(expression(x), x) - slope) > Fraction(1, 10))

    expression, number = simplest(cases, mistaken)
    x = Value(number)
    node = expression(x)
    assert (number, node.op.symbol, node.inputs) == (1, "test wrong product", (x, x))
