"""Elementary functions of every kind of number: right, of the same kind, and a sentence where there is no result."""

from __future__ import annotations

import math
import sys
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from scalargrad.engine import numbers
from scalargrad.engine.numbers import divide, maximum, minimum, power, relu, sigmoid, step, unit, xlogy
from scalargrad.errors import InexactError

FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tanh")

KINDS = [1.5, 1.5 + 0.5j, Decimal("1.5"), mpmath.mpf("1.5"), sympy.Rational(3, 2), np.float32(1.5), np.float64(1.5)]


@pytest.mark.parametrize("name", [*FUNCTIONS, "sigmoid"])
@pytest.mark.parametrize("x", KINDS, ids=lambda x: type(x).__name__)
def test_values_are_right_and_the_kind_is_kept(name: str, x: Any) -> None:
    result = getattr(numbers, name)(x)
    right = 1 / (1 + mpmath.exp(-complex(x))) if name == "sigmoid" else getattr(mpmath, name)(complex(x))
    assert complex(result) == pytest.approx(complex(right), rel=1e-6 if isinstance(x, np.float32) else 1e-14)
    assert isinstance(result, sympy.Expr) if isinstance(x, sympy.Expr) else type(result) is type(x)


@pytest.mark.parametrize(("x", "name", "right"), [
    (0, "exp", 1), (1, "log", 0), (0, "sin", 0), (0, "cos", 1), (0, "tanh", 0),
    (Fraction(4, 9), "sqrt", Fraction(2, 3)),
])  # fmt: skip
def test_fractions_are_exact_where_the_result_is_rational(x: Any, name: str, right: Any) -> None:
    result = getattr(numbers, name)(Fraction(x))
    assert result == right
    assert type(result) is Fraction


def test_sigmoid_of_zero_is_a_half_among_fractions() -> None:
    assert sigmoid(Fraction(0)) == Fraction(1, 2)


@pytest.mark.parametrize("name", [*FUNCTIONS, "sigmoid"])
def test_an_irrational_result_is_refused_and_never_a_float(name: str) -> None:
    with pytest.raises(InexactError, match=r"is irrational and no Fraction can hold it: use float, mpmath or SymPy"):
        getattr(numbers, name)(Fraction(1, 2))


@pytest.mark.parametrize("kind", [int, Fraction, Decimal])
def test_exact_numbers_outside_the_domain_are_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match=f"log of -2: the {kind.__name__} must be positive"):
        numbers.log(kind(-2))
    with pytest.raises(ValueError, match=f"log of 0: the {kind.__name__} must be positive"):
        numbers.log(kind(0))
    with pytest.raises(ValueError, match=f"sqrt of -2: the {kind.__name__} must be non-negative"):
        numbers.sqrt(kind(-2))


def test_floats_follow_ieee_754() -> None:
    assert numbers.exp(1000.0) == math.inf
    assert numbers.log(0.0) == -math.inf
    assert math.isnan(numbers.log(-1.0))
    assert math.isnan(numbers.sqrt(-1.0))
    assert math.isnan(numbers.sin(math.inf))
    assert divide(1.0, 0.0) == divide(1, 0.0) == divide(-1.0, -0.0) == math.inf
    assert divide(-1.0, 0.0) == divide(1.0, -0.0) == -math.inf
    assert math.isnan(divide(0.0, 0.0))
    assert power(0.0, -1) == math.inf
    assert power(-0.0, -1) == -math.inf
    assert power(-0.0, -2) == math.inf
    assert power(10.0, 400) == math.inf
    assert power(-10.0, 401) == -math.inf
    assert math.isnan(power(-8.0, 1 / 3))


def test_complex_numbers_without_a_result_are_nan() -> None:
    for result in (numbers.log(0j), numbers.exp(1000 + 1j), divide(1 + 1j, 0j)):
        assert isinstance(result, complex)
        assert math.isnan(result.real)


def test_ints_go_to_float_where_python_sends_them() -> None:
    assert numbers.exp(1) == math.e
    assert numbers.sqrt(9) == 3.0
    assert divide(1, 2) == 0.5
    assert power(2, -1) == 0.5
    assert numbers.exp(10**400) == math.inf


@pytest.mark.parametrize("digits", [10, 28, 60])
@pytest.mark.parametrize("name", [*FUNCTIONS, "sigmoid"])
def test_decimals_are_right_to_the_precision_of_their_context(name: str, digits: int) -> None:
    with localcontext() as context:
        context.prec = digits
        result = getattr(numbers, name)(Decimal("1.25"))
    with mpmath.workdps(digits + 20):
        x = mpmath.mpf("1.25")
        right = 1 / (1 + mpmath.exp(-x)) if name == "sigmoid" else getattr(mpmath, name)(x)
        assert abs(mpmath.mpf(str(result)) - right) <= 3 * abs(right) * mpmath.mpf(10) ** (1 - digits)
    assert len(result.as_tuple().digits) <= digits


def test_decimals_need_mpmath_for_some_functions_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpmath", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"sin of a Decimal needs mpmath: run pip install '\.\[symbolic\]' in the checkout"
    ):
        numbers.sin(Decimal(1))


def test_a_number_class_answers_by_its_own_methods() -> None:
    class Named:
        def exp(self) -> str:
            return "its own exp"

        def step(self) -> str:
            return "its own step"

        def xlogy(self, other: object) -> str:
            return "its own xlogy"

    assert numbers.exp(Named()) == "its own exp"
    assert step(Named()) == "its own step"
    assert xlogy(Named(), 1) == "its own xlogy"
    with pytest.raises(TypeError, match=r"log of a Named: this number class has no method log\(\)"):
        numbers.log(Named())


@pytest.mark.parametrize("kind", [int, float, complex, Fraction, Decimal, mpmath.mpf, np.float32, np.int64])
def test_unit_is_the_one_of_each_kind(kind: Any) -> None:
    assert unit(kind(3)) == 1
    assert type(unit(kind(3))) is kind


def test_unit_of_other_kinds() -> None:
    from tests.numbers import Dual, Modulo7

    assert unit(sympy.Symbol("x")) == sympy.Integer(1)
    assert type(unit(True)) is int
    assert unit(Modulo7(3)) == 1  # it has no powers, so the integer stands in
    assert unit(Dual(5, 1)).a == 1


class TestPiecewise:
    def test_step_and_relu(self) -> None:
        assert [step(x) for x in (-2.0, 0.0, 3.0)] == [0.0, 0.0, 1.0]
        assert [relu(x) for x in (Fraction(-2), Fraction(0), Fraction(3))] == [0, 0, 3]
        assert type(relu(Fraction(-2))) is Fraction
        assert math.isnan(step(math.nan))
        assert math.isnan(relu(math.nan))

    def test_of_two_equals_the_first(self) -> None:
        first, second = Fraction(1, 3), Fraction(1, 3)
        assert maximum(first, second) is first
        assert minimum(first, second) is first
        assert math.isnan(maximum(math.nan, 1.0))
        assert math.isnan(minimum(math.nan, 1.0))

    def test_symbols(self) -> None:
        x = sympy.Symbol("x", real=True)
        assert maximum(x, 2) == sympy.Max(x, 2)
        assert minimum(x, 2) == sympy.Min(x, 2)
        assert relu(x) == sympy.Max(0, x)
        assert step(x) == sympy.Heaviside(x, 0)
        assert numbers.absolute(x) == sympy.Abs(x)

    def test_complex_absolute_values_are_refused(self) -> None:
        with pytest.raises(TypeError, match=r"abs of the complex number 1j: \|z\| has no complex derivative"):
            numbers.absolute(1j)


@pytest.mark.parametrize("zero", [0, 0.0, 0j, Fraction(0), Decimal(0), mpmath.mpf(0), sympy.Integer(0), np.float64(0)])
def test_zero_to_the_zero_is_one_of_its_kind(zero: Any) -> None:
    result = power(zero, 0)
    assert result == 1
    assert isinstance(result, sympy.Expr) if isinstance(zero, sympy.Expr) else type(result) is type(zero)


def test_powers_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ZeroDivisionError, match="zero has no negative powers among Fractions"):
        power(Fraction(0), -1)
    with pytest.raises(ValueError, match=r"-8 \*\* 0.5 is not a real number"):
        power(Decimal(-8), Decimal("0.5"))
    with pytest.raises(InexactError, match=r"\(2\) \*\* \(1/2\) is not a whole power"):
        power(Fraction(2), Fraction(1, 2))
    with pytest.raises(ZeroDivisionError, match="1 / 0: division by zero has no Fraction as its result"):
        divide(Fraction(1), Fraction(0))


def test_xlogy_has_its_limit_at_zero() -> None:
    assert xlogy(0.0, 0.0) == 0.0
    assert xlogy(Fraction(0), Fraction(0)) == 0
    assert xlogy(2.0, math.e) == 2.0
    assert math.isnan(xlogy(2.0, -1.0))


def test_a_total_is_taken_from_left_to_right() -> None:
    terms = [1e16, 1.0, -1e16, 1.0]
    assert numbers.total(*terms) == ((1e16 + 1.0) - 1e16) + 1.0 != math.fsum(terms)


class TestHugeIntegers:
    """An int beyond the range of float is still a number, and so the result is the one of its limit."""

    @pytest.mark.parametrize(
        ("name", "x", "right"),
        [("exp", -(10**400), 0.0), ("tanh", 10**400, 1.0), ("tanh", -(10**400), -1.0)],
        ids=["exp of -", "tanh of +", "tanh of -"],
    )
    def test_functions(self, name: str, x: int, right: float) -> None:
        assert getattr(numbers, name)(x) == right

    def test_a_root(self) -> None:
        assert numbers.sqrt(10**400) == 1e200

    @pytest.mark.parametrize(("base", "exponent"), [(10**400, -1), (0.5, 10**400)], ids=["base", "exponent"])
    def test_powers_that_vanish(self, base: Any, exponent: int) -> None:
        assert power(base, exponent) == 0.0


class TestNoChangeOfKind:
    @pytest.mark.parametrize("base", [Fraction(-8), -8], ids=["Fraction", "int"])
    def test_exact_powers_that_are_not_real_are_refused(self, base: Any) -> None:
        with pytest.raises((ValueError, InexactError), match="-8"):
            power(base, Fraction(1, 3))

    def test_a_complex_zero_s_inverse_is_nan_in_both_spellings(self) -> None:
        assert math.isnan(divide(1, 0j).real)
        assert math.isnan(power(0j, -1).real)

    def test_a_complex_power_that_overflows_is_nan(self) -> None:
        assert math.isnan(power(1e200j, 2).real)

    def test_zero_to_an_imaginary_power_is_nan(self) -> None:
        assert math.isnan(power(0.0, 1j).real)


class TestDecimalMessages:
    def test_a_division_by_zero_is_named(self) -> None:
        with pytest.raises(ZeroDivisionError, match="1 / 0: division by zero has no Decimal as its result"):
            divide(Decimal(1), Decimal(0))

    def test_zero_by_zero_is_named_too(self) -> None:
        with pytest.raises(ZeroDivisionError, match="0 / 0: division by zero has no Decimal as its result"):
            divide(Decimal(0), Decimal(0))

    def test_the_sine_of_infinity_is_named(self) -> None:
        with pytest.raises(ValueError, match="sin of Infinity"):
            numbers.sin(Decimal("Infinity"))


@pytest.mark.parametrize("digits", [10, 28])
@pytest.mark.parametrize(
    "x",
    [
        *("1E+20", "12345678901234567890123.4567", "-7.5", "1.25E-40"),
        "3.141592653589793238462643383",
    ],
)
def test_sine_of_a_decimal_is_right_near_its_zeros_and_far_out(x: str, digits: int) -> None:
    """Where digits cancel: as many right ones as the context has, of the sine of the number as it was given."""
    with localcontext() as context:
        context.prec = digits
        result = numbers.sin(Decimal(x))
    with mpmath.workdps(120):
        right = mpmath.sin(mpmath.mpf(x))
        assert abs(mpmath.mpf(str(result)) - right) <= abs(right) * mpmath.mpf(10) ** (1 - digits)
