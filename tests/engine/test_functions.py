"""The functions of a Value: each is its row, with the derivative of the table, and one subgradient at each bend."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Value, grad, ops
from scalargrad.engine.functions import Functions
from scalargrad.errors import DivisionByZeroError, LeavesGraphError, NumberError

INF, NAN, LOG_2 = math.inf, math.nan, math.log(2)

OF_ONE = (
    *("tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "log1p", "expm1", "log2"),
    *("log10", "exp2", "cbrt", "erf", "softplus", "log_sigmoid", "sign", "floor", "ceil", "rint"),
)
OF_TWO = (
    *("arctan2", "hypot", "logaddexp", "mod", "fmax", "fmin", "difference", "power_slope", "power_log", "less"),
    *("less_equal", "equal", "both_zero", "gate"),
)


@pytest.mark.parametrize("name", OF_ONE)
def test_of_one_number(name: str) -> None:
    x = Value(0.7)
    node = getattr(x, name)()
    assert (node.op.symbol, node.inputs) == (name, (x,))


@pytest.mark.parametrize("name", OF_TWO)
@pytest.mark.parametrize("other", [0.5, Value(0.5)], ids=["number", "Value"])
def test_of_two_numbers(name: str, other: Any) -> None:
    x = Value(0.7)
    node = getattr(x, name)(other)
    assert node.op.symbol == name
    assert {y.data for y in node.inputs} == {0.7, 0.5}


def test_none_is_forgotten() -> None:
    """What stands in the class is listed above, or an operator, or a special case below."""
    ours = {name for name in vars(Functions) if not name.startswith("__")}
    assert ours == {*OF_ONE, *OF_TWO, "where", "conjugate", "make_node"}


@pytest.mark.parametrize("name", [*OF_ONE, *OF_TWO])
def test_the_function_of_the_same_name_makes_the_same_node(name: str) -> None:
    """`sg.ops.tan` passes a Value on to its method, for rows of the user's own."""
    inputs = [Value(0.7), Value(0.5)][: ops.TABLE[name].arity]
    assert getattr(ops, name)(*inputs).op is ops.TABLE[name]


def test_operators() -> None:
    x = Value(7.5, "x")
    assert ((x % 2).data, (20 % x).data, (x % x).data) == (1.5, 5.0, 0.0)
    assert (math.floor(x).data, math.ceil(x).data, round(x).data, round(Value(1.236), 2).data) == (7.0, 8.0, 8.0, 1.24)
    assert round(Value(1250), -2).data == 1200
    y = 20 % x
    assert grad(y, x) == -2.0
    assert (x % np.array([2, 4]))[1].data == 3.5
    with pytest.raises(TypeError, match="unsupported operand"):
        x % "a"


def test_the_derivative_of_a_remainder_counts_as_the_remainder_does() -> None:
    """1 % 0.1 is 0.0999…, nine times 0.1 taken away, though 1/0.1 is rounded to 10."""
    x = Value(0.1)
    assert grad(1.0 % x, x) == -9.0


def test_conjugate_is_for_real_numbers() -> None:
    x = Value(2.0)
    assert x.conjugate() is x
    with pytest.raises(NumberError, match="conjugate of the complex number 1j"):
        Value(1j).conjugate()


class TestAtABend:
    """One subgradient, however it is written."""

    @pytest.mark.parametrize("function", [
        lambda x: x.relu(), lambda x: x.max(0), lambda x: x.max(0.0), lambda x: ops.maximum(x, 0),
        lambda x: ops.maximum(0, x), lambda x: ops.MAX(0, x), lambda x: ops.MAX(x, 0), lambda x: x.fmax(0),
        lambda x: x.min(0), lambda x: ops.MIN(0, x),
        lambda x: x.fmin(0), abs, lambda x: x.sign(), lambda x: x.step(), lambda x: x.hypot(0),
        lambda x: x.max(0).min(1), lambda x: (-x).max(0), lambda x: x.floor(), lambda x: x.rint(),
    ])  # fmt: skip
    def test_0_at_0(self, function: Callable[[Value], Value]) -> None:
        x = Value(0.0)
        y = function(x)
        assert (y.data, grad(y, x), type(y.data)) == (0.0, 0.0, float)
        assert grad(y, x, create_graph=True).data == 0.0

    @pytest.mark.parametrize("function", [np.maximum, np.minimum])
    def test_in_arrays(self, function: Any) -> None:
        X = sg.values([0.0, 0.0], "x")
        for y in (function(X, 0), function(0, X), function(X, np.zeros(2))):
            assert grad(y.sum(), X).tolist() == [0.0, 0.0]

    def test_of_two_equal_values_the_first(self) -> None:
        x, y = Value(1.0), Value(1.0)
        for function in (ops.MAX, ops.MIN, ops.FMAX, ops.FMIN):
            assert grad(function(x, y), [x, y]) == [1.0, 0.0]

    def test_replay_has_the_same(self) -> None:
        x = Value(0.7)
        y = [x.relu(), x.max(0), ops.maximum(0, x), x.min(0), abs(x), x.hypot(0)]
        program = sg.record([grad(one, x, create_graph=True) for one in y], [x])
        assert program(0.0) == [0.0] * len(y)

    def test_a_number_becomes_one_of_the_values_kind(self) -> None:
        for number, kind in ((-1.5, float), (Fraction(-1, 2), Fraction), (-2, int)):
            x = Value(number)
            for y in (x.max(0), ops.MAX(0, x), ops.WHERE(x, 1, 0), ops.WHERE(False, x, 0), x.fmin(1)):
                assert type(y.data) is kind


class TestNan:
    def test_where_keeps_the_side_that_is_not_taken_out(self) -> None:
        c, a, b = Value(0.0), Value(NAN), Value(2.0)
        assert grad(c.where(a, b), [c, a, b]) == [0, 0.0, 1.0]
        assert grad((1 - c).where(b, a), [a, b]) == [0.0, 1.0]

    def test_fmax_and_fmin_give_the_number_and_its_gradient(self) -> None:
        x, y = Value(NAN), Value(2.0)
        for function in (ops.FMAX, ops.FMIN):
            assert function(x, y).data == function(y, x).data == 2.0
            assert grad(function(x, y), [x, y]) == [0.0, 1.0]
            assert grad(function(y, x), [x, y]) == [0.0, 1.0]

    def test_equal_infinities(self) -> None:
        a, b = Value(-INF), Value(-INF)
        assert grad(a.logaddexp(b), [a, b]) == [0.5, 0.5]
        assert grad(a.difference(b), [a, b]) == [1, -1]
        assert (a.max(b).data, grad(a.max(b), [a, b])) == (-INF, [1.0, 0.0])

    def test_the_slopes_of_saturated_functions(self) -> None:
        for x in (-1000.0, -INF):
            y = Value(x)
            assert (y.log_sigmoid().data, grad(y.log_sigmoid(), y)) == (x, 1.0)
            assert (y.softplus().data, grad(y.softplus(), y)) == (0.0, 0.0)


class TestPowers:
    """d(aᵇ) where a formula that multiplies would be 0·∞."""

    @pytest.mark.parametrize(("a", "b", "gradient", "hessian"), [
        (23.0, 0.0, [0.0, math.log(23)], [[0.0, 1 / 23], [1 / 23, math.log(23) ** 2]]),
        (0.0, 1.0, [1.0, 0.0], [[0.0, -INF], [-INF, 0.0]]),
        (0.0, 2.0, [0.0, 0.0], [[2.0, 0.0], [0.0, 0.0]]),
        (0.0, 3.0, [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
        (1.0, 0.0, [0.0, 0.0], [[0.0, 1.0], [1.0, 0.0]]),
        (0.0, 0.0, [0.0, -INF], [[0.0, NAN], [NAN, INF]]),  # 0ᵇ jumps there
        (2.0, 3.0, [12.0, 8 * LOG_2], [[12.0, 4 + 12 * LOG_2], [4 + 12 * LOG_2, 8 * LOG_2**2]]),
    ])  # fmt: skip
    def test_first_and_second_derivatives(self, a: float, b: float, gradient: Any, hessian: Any) -> None:
        x, y = Value(a), Value(b)
        first = grad(x**y, [x, y], create_graph=True)
        assert [one.data for one in first] == pytest.approx(gradient)
        second = [grad(one, [x, y]) for one in first]
        for row, right in zip(second, hessian, strict=True):
            assert row == pytest.approx(right, nan_ok=True)
        assert repr(second[0][1]) == repr(second[1][0])  # in every bit

    def test_of_fractions(self) -> None:
        """Exact, where the logarithm is."""
        x, y = Value(Fraction(0)), Value(Fraction(2))
        first = grad(x**y, [x, y], create_graph=True)
        assert [grad(one, [x, y]) for one in first] == [[2, 0], [0, 0]]
        x, y = Value(Fraction(1)), Value(Fraction(0))
        first = grad(x**y, [x, y], create_graph=True)
        assert [grad(one, [x, y]) for one in first] == [[0, 1], [1, 0]]

    def test_a_negative_base_never_overflows_to_a_number(self) -> None:
        assert math.isnan((Value(-1e300) ** 1.5).data)
        assert math.isnan((Value(-1e300) ** Value(1.5)).data)
        assert (Value(-1e300) ** 3).data == -INF
        assert (Value(-1e300) ** 2).data == INF


class TestMessages:
    @pytest.mark.parametrize("name", ["sqrt", "cbrt"])
    @pytest.mark.parametrize("zero", [Fraction(0)], ids=["Fraction"])
    def test_an_infinite_slope_of_exact_numbers(self, name: str, zero: Any) -> None:
        with pytest.raises(
            DivisionByZeroError,
            match=f"^{name} has no derivative at 0: the slope is infinite, and no Fraction is; use floats$",
        ):
            getattr(Value(zero), name)()

    def test_floats_have_it(self) -> None:
        for name in ("sqrt", "cbrt"):
            x = Value(0.0)
            assert grad(getattr(x, name)(), x) == INF

    def test_own_partials_that_need_plain_numbers_are_named(self) -> None:
        own = sg.Op("test own exp", lambda x: math.exp(x), lambda out, x: (math.exp(x),))
        x = Value(1.0)
        assert grad(own(x), x) == math.e
        with pytest.raises(
            LeavesGraphError, match="the partials of the operation 'test own exp' need plain numbers: a V"
        ):
            grad(own(x), x, create_graph=True)
