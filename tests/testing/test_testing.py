"""The tools for other people's test suites."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings, strategies as st

from scalargrad import Op, Value, grad
from scalargrad.engine.ops import ADD, MUL, SUM
from scalargrad.testing.assertions import (
    KINDS,
    assert_engine,
    assert_gradients,
    engine_report,
    expressions,
    matrices,
    numbers,
    shapes,
)

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


class Micro:
    """An engine as in a first lecture, with switches for what such engines get wrong."""

    def __init__(self, data: Any, inputs: tuple[Any, ...] = (), partials: tuple[Any, ...] = ()) -> None:
        self.data, self.grad, self.inputs, self.partials = data, 0, inputs, partials

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Micro) else type(self)(other)
        return type(self)(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Micro) else type(self)(other)
        return type(self)(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__

    def order(self) -> list[Any]:
        placed: dict[int, Any] = {}
        stack = [(self, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                placed.setdefault(id(node), node)
            elif id(node) not in placed:
                stack += [(node, True), *((x, False) for x in node.inputs)]
        return list(placed.values())

    def backward(self) -> None:
        order = self.order()
        for node in order:
            if node.inputs:
                node.grad = 0
        self.grad = 1
        for node in reversed(order):
            for x, partial in zip(node.inputs, node.partials, strict=True):
                x.grad += partial * node.grad


class Overwrites(Micro):
    def backward(self) -> None:
        self.grad = 1
        for node in reversed(self.order()):
            for x, partial in zip(node.inputs, node.partials, strict=True):
                x.grad = partial * node.grad


class Recursive(Micro):
    def backward(self, seed: Any = 1) -> None:
        self.grad += seed
        for x, partial in zip(self.inputs, self.partials, strict=True):
            x.backward(partial * seed)


class NaiveRecursive(Micro):
    def backward(self, first: bool = True) -> None:
        if first:
            self.grad = 1
        for x, partial in zip(self.inputs, self.partials, strict=True):
            x.grad += partial * self.grad
            x.backward(False)


class NeverReset(Micro):
    def backward(self) -> None:
        self.grad = 1
        for node in reversed(self.order()):
            for x, partial in zip(node.inputs, node.partials, strict=True):
                x.grad += partial * node.grad


class NoReflected(Micro):
    __radd__ = __rmul__ = None  # type: ignore[assignment]


class Empty:
    def __init__(self, data: Any) -> None:
        pass


class TestEngines:
    @pytest.mark.parametrize("engine", [Value, Micro])
    def test_complete_engines_pass(self, engine: Any) -> None:
        report = engine_report(engine)
        assert report.passed, report
        assert str(report).count("✓") == len(report.findings)
        assert_engine(engine, deep=10)

    @pytest.mark.parametrize(
        ("engine", "test", "sentence"),
        [
            (Overwrites, "adds over the uses of a node", "∂(x·x)/∂x at x = 3 is 3, and 6 is right: x is used twice"),
            (Recursive, "goes deep without recursion", "a RecursionError: follow the inputs with a list of your own"),
            (
                NaiveRecursive,
                "takes nodes in the right order",
                "and 96 is right: y must wait until z has added its term",
            ),
            (NaiveRecursive, "agrees on random graphs", "the value, ∂/∂x and ∂/∂y of "),
            (NeverReset, "accumulates over backward passes", "and 54 is right: leaves keep what they had"),
            (NoReflected, "takes plain numbers, on both sides", "TypeError"),
            (Empty, "holds a number", "AttributeError: 'Empty' object has no attribute 'data'"),
        ],
    )
    def test_what_is_missing_is_said(self, engine: Any, test: str, sentence: str) -> None:
        findings = dict(engine_report(engine, deep=20_000).findings)
        assert sentence in findings[test]
        with pytest.raises(AssertionError, match="the engine is not complete yet"):
            assert_engine(engine, deep=20_000)
