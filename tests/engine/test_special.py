"""The functions of `special`: right for every kind of number, IEEE for floats, exact where the result is rational."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, strategies as st

from scalargrad.engine import special
from scalargrad.engine.special import (
    arctan2,
    both_zero,
    cbrt,
    ceil,
    difference,
    equal,
    floor,
    fmax,
    fmin,
    gate,
    hypot,
    less,
    less_equal,
    log_sigmoid,
    logaddexp,
    mod,
    rint,
    sign,
    softplus,
    where,
)
from scalargrad.errors import DivisionByZeroError, DomainError, InexactError, NumberError

INF, NAN = math.inf, math.nan

MPMATH = {
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("tan", "sinh", "cosh", "log1p", "expm1", "log10", "cbrt", "erf")},
}
RIGHT = {
    **{ours: getattr(mpmath, theirs) for ours, theirs in MPMATH.items()},
    "log2": lambda x: mpmath.log(x, 2),
    "exp2": lambda x: mpmath.power(2, x),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "log_sigmoid": lambda x: -mpmath.log(1 + mpmath.exp(-x)),
}
"""Each function of one number, as mpmath has it."""

IN_COMPLEX = set(RIGHT) - {"cbrt", "erf"}

KINDS = [
    0.75,
    0.75 + 0.5j,
    Decimal("0.75"),
    mpmath.mpf("0.75"),
    sympy.Rational(3, 4),
    np.float32(0.75),
    np.float64(0.75),
]


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("x", KINDS, ids=lambda x: type(x).__name__)
def test_values_are_right_and_the_kind_is_kept(name: str, x: Any) -> None:
    if name == "arccosh":
        x = x + type(x)(1)
    if isinstance(x, complex) and name not in IN_COMPLEX:
        with pytest.raises(NumberError, match=f"{name} of the complex number"):
            getattr(special, name)(x)
        return
    result = getattr(special, name)(x)
    right = RIGHT[name](complex(x) if isinstance(x, complex) else mpmath.mpf(str(float(x))))
    assert complex(result) == pytest.approx(complex(right), rel=1e-6 if isinstance(x, np.float32) else 1e-14)
    assert isinstance(result, sympy.Expr) if isinstance(x, sympy.Expr) else type(result) is type(x)


@pytest.mark.parametrize(("name", "x", "right"), [
    *((name, 0, 0) for name in ("tan", "arcsin", "arctan", "sinh", "arcsinh", "arctanh", "log1p", "expm1", "erf")),
    ("arccos", 1, 0), ("arccosh", 1, 0), ("cosh", 0, 1), ("exp2", 5, 32), ("exp2", -3, Fraction(1, 8)),
    ("log2", 32, 5), ("log2", Fraction(1, 8), -3), ("log10", 1000, 3), ("log10", Fraction(1, 100), -2), ("log2", 1, 0),
    ("cbrt", Fraction(-8, 27), Fraction(-2, 3)), ("cbrt", 10**300, 10**100), ("cbrt", 0, 0),
])  # fmt: skip
def test_fractions_are_exact_where_the_result_is_rational(name: str, x: Any, right: Any) -> None:
    result = getattr(special, name)(Fraction(x))
    assert result == right
    assert type(result) is Fraction


@pytest.mark.parametrize("name", RIGHT)
def test_an_irrational_result_is_refused_and_never_a_float(name: str) -> None:
    x = Fraction(3, 2) if name == "arccosh" else Fraction(1, 3)
    with pytest.raises(InexactError, match="is irrational and no Fraction can hold it"):
        getattr(special, name)(x)


@pytest.mark.parametrize(("name", "x", "domain"), [
    ("arcsin", 2, "from -1 to 1"), ("arccos", -2, "from -1 to 1"), ("arccosh", 0, "at least 1"),
    ("log2", 0, "positive"),
    ("arctanh", 1, "between -1 and 1"), ("log1p", -1, "greater than -1"), ("log10", -1, "positive"),
])  # fmt: skip
@pytest.mark.parametrize("kind", [int, Fraction, Decimal])
def test_exact_numbers_outside_the_domain_are_refused(name: str, x: int, domain: str, kind: Any) -> None:
    with pytest.raises(DomainError, match=f"{name} of {x}: the {kind.__name__} must be {domain}"):
        getattr(special, name)(kind(x))


@pytest.mark.parametrize(("name", "x", "right"), [
    ("sinh", 1000.0, INF), ("sinh", -1000.0, -INF), ("cosh", -1000.0, INF), ("expm1", 1000.0, INF),
    ("expm1", -INF, -1.0),
    ("exp2", 5000.0, INF), ("exp2", -5000.0, 0.0), ("log1p", -1.0, -INF), ("log1p", -2.0, NAN), ("log2", 0.0, -INF),
    ("log10", -1.0, NAN), ("arcsin", 2.0, NAN), ("arccosh", 0.5, NAN), ("arctanh", 1.0, INF), ("arctanh", -1.0, -INF),
    ("arctanh", 2.0, NAN), ("tan", INF, NAN), ("arctan", INF, math.pi / 2), ("cbrt", -8.0, -2.0), ("erf", -INF, -1.0),
    ("softplus", 1000.0, 1000.0), ("softplus", -1000.0, 0.0), ("log_sigmoid", -1000.0, -1000.0), ("softplus", INF, INF),
    ("log_sigmoid", 1000.0, -0.0), ("log_sigmoid", -INF, -INF), ("floor", -INF, -INF), ("ceil", NAN, NAN),
    ("sinh", 10**400, INF), ("exp2", -(10**400), 0.0), ("log1p", 10**400, INF),
])  # fmt: skip
def test_floats_follow_ieee_754(name: str, x: float, right: float) -> None:
    assert repr(getattr(special, name)(x)) == repr(right)


class TestRounding:
    @pytest.mark.parametrize("function", [floor, ceil, rint])
    @given(x=st.floats(allow_nan=False) | st.sampled_from([-0.0, -0.5, 0.5, 1.5, -2.5, 2.0**53 + 1]))
    def test_floats_as_in_numpy(self, function: Any, x: float) -> None:
        assert repr(function(x)) == repr(float(getattr(np, function.__name__)(x)))

    @pytest.mark.parametrize("x", [Fraction(-7, 2), Fraction(5, 2), Decimal("-3.5"), Decimal("2.5"), mpmath.mpf("-3.5"),
        mpmath.mpf("2.5"), sympy.Rational(-7, 2), sympy.Rational(5, 2), np.float32(-3.5),
        np.float64(2.5), -3, 4])  # fmt: skip
    def test_every_kind(self, x: Any) -> None:
        for function, right in ((floor, math.floor(float(x))), (ceil, math.ceil(float(x))), (rint, round(float(x)))):
            assert function(x) == right
            assert isinstance(function(x), sympy.Expr) if isinstance(x, sympy.Expr) else type(function(x)) is type(x)

    def test_symbols(self) -> None:
        x = sympy.Symbol("x", real=True)
        assert floor(x) == sympy.floor(x)
        for k in range(-8, 9):
            assert rint(x).subs(x, sympy.Rational(k, 4)) == round(Fraction(k, 4))

    @pytest.mark.parametrize("function", [floor, ceil, rint, sign])
    def test_complex_numbers_are_refused(self, function: Any) -> None:
        with pytest.raises(
            NumberError, match=f"{function.__name__} of the complex number 1j: it is a function of real"
        ):
            function(1j)


class TestOfTwo:
    @pytest.mark.parametrize("function", [mod, hypot, arctan2, logaddexp, fmax, fmin])
    @given(a=st.floats(-1e6, 1e6), b=st.floats(-1e6, 1e6))
    def test_floats_as_in_numpy(self, function: Any, a: float, b: float) -> None:
        with np.errstate(all="ignore"):
            assert function(a, b) == pytest.approx(float(getattr(np, function.__name__)(a, b)), rel=1e-14, nan_ok=True)

    def test_hypot(self) -> None:
        assert hypot(Fraction(3, 5), Fraction(4, 5)) == 1
        assert hypot(3, 4) == 5.0
        assert hypot(1e200, 1e200) == pytest.approx(math.sqrt(2) * 1e200)
        assert hypot(1.7e308, 1.7e308) == hypot(-INF, NAN) == INF
        assert hypot(mpmath.mpf(3), 4) == 5
        with pytest.raises(InexactError, match="irrational"):
            hypot(Fraction(1), Fraction(1))

    def test_the_remainder_has_the_sign_of_the_divisor(self) -> None:
        for kind in (int, float, Fraction, Decimal, mpmath.mpf, sympy.Integer, np.float64):
            found = [mod(kind(a), kind(b)) for a, b in ((7, 3), (-7, 3), (7, -3), (-7, -3), (6, -3))]
            assert found == [1, 2, -2, -1, 0], kind
        assert math.isnan(mod(1.0, 0.0))
        assert mod(-5.0, INF) == INF
        with pytest.raises(DivisionByZeroError, match="1 modulo 0: division by zero has no Fraction as its result"):
            mod(Fraction(1), 0)

    def test_logaddexp(self) -> None:
        assert logaddexp(1000.0, 1000.0) == 1000.0 + math.log(2)
        assert logaddexp(-INF, -INF) == -INF
        assert logaddexp(INF, INF) == logaddexp(INF, 1.0) == INF
        assert logaddexp(-INF, 1.0) == 1.0
        assert abs(logaddexp(mpmath.mpf(1), 2) - mpmath.log(mpmath.e + mpmath.e**2)) < 1e-14
        with pytest.raises(InexactError, match="irrational"):
            logaddexp(Fraction(1), Fraction(2))

    def test_arctan2(self) -> None:
        assert arctan2(Fraction(0), Fraction(2)) == 0
        assert float(arctan2(Decimal(1), Decimal(-1))) == pytest.approx(3 * math.pi / 4)
        assert arctan2(sympy.Integer(1), 1) == sympy.pi / 4
        with pytest.raises(InexactError, match=r"arctan2\(1, 1\) is irrational"):
            arctan2(Fraction(1), Fraction(1))

    def test_of_nan_and_a_number_the_number(self) -> None:
        assert fmax(NAN, 1.0) == fmax(1.0, NAN) == fmin(NAN, 1.0) == fmin(1.0, NAN) == 1.0
        assert math.isnan(fmax(NAN, NAN))

    def test_equal_infinities_differ_by_0(self) -> None:
        assert difference(INF, INF) == difference(-INF, -INF) == difference(Decimal("inf"), Decimal("inf")) == 0
        assert difference(INF, -INF) == INF
        assert difference(3, 5) == -2
        assert math.isnan(difference(NAN, INF))


class TestConditions:
    @pytest.mark.parametrize(("function", "right"), [(less, lambda a, b: a < b), (less_equal, lambda a, b: a <= b),
        (equal, lambda a, b: a == b), (both_zero, lambda a, b: a == b == 0)])  # fmt: skip
    def test_they_are_what_python_says_as_a_number(self, function: Any, right: Any) -> None:
        for a in (-1.0, -0.0, 0.0, 2.0, INF, NAN):
            for b in (-1.0, -0.0, 0.0, 2.0, INF, NAN):
                assert repr(function(a, b)) == repr(float(right(a, b)))
        assert type(function(Fraction(1), 2)) is Fraction

    def test_symbols(self) -> None:
        x = sympy.Symbol("x", real=True)
        for at in (-1, 0, 1):
            assert less(x, 0).subs(x, at) == (at < 0)
            assert less_equal(x, 0).subs(x, at) == (at <= 0)
            assert equal(x, 0).subs(x, at) == (at == 0)
            assert where(x, 5, 7).subs(x, at) == (5 if at else 7)
        assert both_zero(x, x) == 0

    def test_where_is_pythons_if(self) -> None:
        for condition in (True, False, 0.0, -0.0, 2, NAN, Fraction(0), np.bool_(True), Decimal(1)):
            assert where(condition, "a", "b") == ("a" if condition else "b")

    def test_a_gate_adds_nothing_where_it_is_shut(self) -> None:
        assert gate(1.0, 5.0) == 5.0
        for x in (-0.0, 0.0, INF, -INF, 1.0):
            assert repr(x + gate(0.0, 7.0)) == repr(x)
        assert gate(0, Fraction(3)) == 0

    def test_sign(self) -> None:
        assert [sign(x) for x in (-2.5, -0.0, 0.0, 3, Fraction(-1, 2), Decimal(7))] == [-1, 0, 0, 1, -1, 1]
        assert type(sign(Fraction(-1, 2))) is Fraction
        assert math.isnan(sign(NAN))


def test_the_cube_root_is_real() -> None:
    for x in (-8.0, mpmath.mpf(-8), np.float64(-8), sympy.Integer(-8)):
        assert cbrt(x) == -2
    assert cbrt(Decimal(-8)) == -2


def test_a_number_class_answers_by_its_own_methods() -> None:
    class Named:
        def floor(self) -> str:
            return "its own floor"

        def tan(self) -> str:
            return "its own tan"

    assert floor(Named()) == "its own floor"
    assert special.tan(Named()) == "its own tan"
    assert softplus(1.0) == softplus(np.float64(1.0)) == -log_sigmoid(-1.0)
    with pytest.raises(TypeError, match=r"ceil of a Named: this number class has no method ceil\(\)"):
        ceil(Named())
