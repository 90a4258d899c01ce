"""The table of operations: every row's partials are right, their own derivatives too, and a row of yours is as good."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from scalargrad import Op, Value, grad
from scalargrad.engine.ops import BUILT_IN, TABLE, ConstantPower, named
from scalargrad.errors import InexactError

POINTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Σ": (("0.7", "-1.3", "2.1"), ("0.4",)),
    "**": (("1.7", "2.3"), ("0.6", "-1.4"), ("23", "0")),
    "xlogy": (("1.7", "2.3"), ("-0.6", "0.2")),
    **dict.fromkeys(("log", "log2", "log10", "sqrt"), (("0.3",), ("2.9",))),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), (("0.3",), ("-0.9",))),
    "log1p": (("0.3",), ("-0.9",)),
    "arccosh": (("1.3",), ("2.9",)),
    "where": (("1", "0.8", "-1.9"), ("0", "0.8", "-1.9")),
    "power_slope": (("1.7", "2.3"), ("0.6", "-1.4"), ("23", "0")),
    "power_log": (("1.7", "2.3"), ("0.6", "-1.4"), ("23", "0")),
}
"""Points where the operation is smooth; operations that are not listed are tried at UNARY or BINARY points."""

UNARY, BINARY = (("0.8",), ("-1.9",)), (("0.8", "-1.9"), ("-2.7", "-0.4"))

ROWS = [op for symbol, op in TABLE.items() if symbol in BUILT_IN] + [ConstantPower(n) for n in (-2, 0, 1, 2, 3, 0.5)]


def points(op: Op) -> tuple[tuple[Any, ...], ...]:
    """Where to try an operation, in mpmath numbers."""
    if isinstance(op, ConstantPower):
        chosen: Any = (("0.8",), ("1.9",))
    elif op.symbol in POINTS:
        chosen = POINTS[op.symbol]
    else:
        chosen = UNARY if op.arity == 1 else BINARY
    return tuple(tuple(map(mpmath.mpf, point)) for point in chosen)


def central_difference(function: Callable[..., Any], point: tuple[Any, ...], position: int) -> Any:
    """∂function/∂(its argument at position), with an error of about h² = 10⁻⁴⁰."""
    h = mpmath.mpf(10) ** -20
    up, down = list(point), list(point)
    up[position] += h
    down[position] -= h
    if function is TABLE["where"].apply and position == 0:
        return 0  # of a condition only its truth matters, and it is known on one side alone where it is 0
    return (function(*up) - function(*down)) / (2 * h)


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.symbol)
def test_partials_and_their_derivatives_agree_with_differences(op: Op) -> None:
    """Each row at 80 digits: the partials, and by create_graph the partials of the partials."""
    with mpmath.workdps(80):
        for numbers in points(op):
            inputs = [Value(x) for x in numbers]
            output = op(*inputs)
            for position, x in enumerate(inputs):
                expected = central_difference(op.apply, numbers, position)
                assert abs(output.partials[position] - expected) < mpmath.mpf(10) ** -35
                first = grad(output, x, create_graph=True)
                assert first.data == output.partials[position]
                for other, y in enumerate(inputs):

                    def partial(*point: Any, position: int = position) -> Any:
                        return op.partials(op.apply(*point), *point)[position]

                    second = central_difference(partial, numbers, other)
                    assert abs(grad(first, y) - second) < mpmath.mpf(10) ** -30


def test_every_row_has_one_partial_for_each_input() -> None:
    for op in ROWS:
        for point in points(op):
            assert len(op.partials(op.apply(*point), *point)) == len(point)


class TestYourOwnRow:
    CUBE = Op("test cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))

    def test_it_works_on_numbers_and_on_values_to_any_order(self) -> None:
        x = Value(Fraction(2, 3), "x")
        y = self.CUBE(x)
        first = grad(y, x, create_graph=True)
        second = grad(first, x, create_graph=True)
        assert self.CUBE(Fraction(2, 3)) == y.data == Fraction(8, 27)
        assert (first.data, second.data, grad(second, x)) == (Fraction(4, 3), 4, 6)
        assert type(first.data) is Fraction

    def test_it_may_be_defined_again_as_a_notebook_cell_is(self) -> None:
        again = Op("test cube", self.CUBE.apply, self.CUBE.partials)
        assert TABLE["test cube"] is again

    def test_the_symbols_of_the_table_are_taken(self) -> None:
        with pytest.raises(ValueError, match=r"the symbol '\+' is taken by a built-in operation"):
            Op("+", lambda x: x, lambda out, x: (1,))

    def test_a_wrong_number_of_partials_is_refused(self) -> None:
        careless = Op("test careless", lambda x, y: x, lambda out, x, y: (1,))
        with pytest.raises(TypeError, match="'test careless' gave 1 partials for 2 inputs: it owes one for each"):
            careless(Value(1), 2)

    def test_a_result_that_is_no_number_is_refused(self) -> None:
        silent = Op("test silent", lambda x: None, lambda out, x: (1,))
        with pytest.raises(TypeError, match="'test silent' gave no number: a Value needs a number, and got None"):
            silent(Value(1))

    def test_a_wrong_derivative_is_found_by_the_test_above(self) -> None:
        """The check of the rows is itself checked."""
        wrong = Op("test wrong", lambda x: x * x, lambda out, x: (x,))
        point = (mpmath.mpf("0.8"),)
        assert abs(wrong.partials(wrong.apply(*point), *point)[0] - central_difference(wrong.apply, point, 0)) > 0.1


class TestPickling:
    @pytest.mark.parametrize("op", ROWS, ids=lambda op: op.symbol)
    def test_rows_are_pickled_by_name(self, op: Op) -> None:
        again = pickle.loads(pickle.dumps(op))
        assert again is op or (again.symbol, again.exponent) == (op.symbol, op.exponent)  # type: ignore[attr-defined]
        assert copy.deepcopy(op) is op

    def test_an_unknown_row_is_named(self) -> None:
        code = (
            "import pickle\nfrom scalargrad import Op, Value\n"
            "print(pickle.dumps(Op('test far', lambda x: x, lambda out, x: (1,))(Value(1))).hex())"
        )
        pickled = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        with pytest.raises(
            LookupError, match="no operation 'test far' in the table: import the module that defines it"
        ):
            pickle.loads(bytes.fromhex(pickled))

    def test_repr(self) -> None:
        assert repr(named("+")) == "Op('+')"


class TestPowers:
    @pytest.mark.parametrize("n", [0, 1, 2, 5])
    def test_a_constant_power_of_zero(self, n: int) -> None:
        for zero in (0, 0.0, Fraction(0)):
            x = Value(zero)
            y = x**n
            y.backward()
            assert (y.data, x.grad) == (zero**n, 1 if n == 1 else 0)

    def test_a_constant_power_of_a_negative_number_is_exact(self) -> None:
        x = Value(Fraction(-2, 3))
        (x**3).backward()
        assert x.grad == Fraction(4, 3)
        assert type(x.grad) is Fraction

    def test_a_negative_base_under_a_value_as_exponent(self) -> None:
        """(-2)³ is -8 and its derivative by the base 12; by the exponent there is none: nan, or an error if exact."""
        base, exponent = Value(-2.0), Value(3.0)
        y = base**exponent
        y.backward()
        assert (y.data, base.grad) == (-8.0, 12.0)
        assert exponent.grad != exponent.grad
        for number in (-2, Fraction(-2)):
            with pytest.raises(ValueError, match=r"log of -2: the .* must be positive"):
                Value(number) ** Value(3)
        with pytest.raises(InexactError, match=r"log\(2\) is irrational"):
            Value(Fraction(2)) ** Value(3)

    def test_a_base_of_zero_has_a_limit(self) -> None:
        base, exponent = Value(0.0), Value(2.0)
        (base**exponent).backward()
        assert (base.grad, exponent.grad) == (0.0, 0.0)
        base, exponent = Value(0.0), Value(0.0)
        (base**exponent).backward()
        assert base.grad == 0.0

    @pytest.mark.parametrize(
        "zero",
        [
            *(0, 0.0, 0j, Fraction(0), Decimal(0), mpmath.mpf(0)),
            *(sympy.Integer(0), np.float32(0)),
        ],
        ids=lambda x: type(x).__name__,
    )
    def test_constant_powers_of_every_kind_of_zero(self, zero: Any) -> None:
        """0⁰ = 1 with the derivative 0; 0¹ = 0 with the derivative 1; and the kind is kept."""
        for n, value, slope in ((0, 1, 0), (1, 0, 1), (2, 0, 0)):
            x = Value(zero)
            y = x**n
            found = (y.data, grad(y, x))
            assert found == (value, slope)
            for result in found:
                assert isinstance(result, sympy.Expr) if isinstance(zero, sympy.Expr) else type(result) is type(zero)

    def test_a_negative_float_on_the_left(self) -> None:
        x = Value(3.0)
        y = (-2.0) ** x
        assert y.data == -8.0
        assert math.isnan(grad(y, x))
        with pytest.raises(ValueError, match="log of -2: the int must be positive"):
            (-2) ** Value(3)


class TestPiecewiseAtInfinity:
    @pytest.mark.parametrize("name", ["max", "min"])
    def test_of_two_equal_infinities_the_first_takes_the_gradient(self, name: str) -> None:
        a, b = Value(math.inf), Value(math.inf)
        assert grad(getattr(a, name)(b), [a, b]) == [1.0, 0.0]

    def test_one_infinity_is_no_tie(self) -> None:
        a, b = Value(math.inf), Value(1.0)
        assert grad(a.max(b), [a, b]) == [1.0, 0.0]
        assert grad(a.min(b), [a, b]) == [0.0, 1.0]

    def test_both_zeros_tie_and_the_first_is_taken(self) -> None:
        a, b = Value(-0.0), Value(0.0)
        assert math.copysign(1.0, a.max(b).data) == -1.0
        assert grad(a.max(b), [a, b]) == grad(a.min(b), [a, b]) == [1.0, 0.0]


class TestKindOfTheExponent:
    """2ˣ for a plain 2: log 2 has to be one of x's kind, not of int's, or a float creeps in."""

    def test_mpmath(self) -> None:
        with mpmath.workdps(50):
            x = Value(mpmath.mpf(3))
            assert abs(grad(2**x, x) - 8 * mpmath.log(2)) < mpmath.mpf(10) ** -45

    def test_sympy(self) -> None:
        t = sympy.Symbol("t")
        x = Value(t)
        assert grad(2**x, x) == 2**t * sympy.log(2)

    def test_decimal(self) -> None:
        x = Value(Decimal(3))
        assert grad(2**x, x) == 8 * Decimal(2).ln()

    def test_fraction(self) -> None:
        with pytest.raises(InexactError, match="2"):
            2 ** Value(Fraction(3, 2))


class TestCarelessPartials:
    def test_a_bare_number_in_place_of_a_tuple_is_named(self) -> None:
        bare = Op("test bare", lambda x: x, lambda out, x: 1)  # type: ignore[arg-type,return-value]
        with pytest.raises(TypeError, match="test bare"):
            bare(Value(1))

    @pytest.mark.parametrize("partial", [None, "a"])
    def test_a_partial_that_is_no_number_is_named(self, partial: Any) -> None:
        careless = Op("test no number", lambda x: x, lambda out, x: (partial,))
        with pytest.raises(TypeError, match="test no number"):
            careless(Value(1))
