"""More functions of every kind of number, under NumPy's names and by the rules of `numbers`.

    >>> floor(-0.5), floor(Fraction(-1, 2)), hypot(Fraction(3), Fraction(4)), mod(-7, 3)
    (-1.0, Fraction(-1, 1), Fraction(5, 1), 2)
    >>> log_sigmoid(-1000.0), where(False, 1, 2), less(1.0, 2.0)
    (-1000.0, 2, 1.0)

Recorded programs compute floats by the same formulas in C (`programs/_loops.pyx`): change both.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from ..errors import DivisionByZeroError, InexactError, NumberError
from .numbers import (
    Number,
    as_nodes,
    elementary,
    exp,
    home,
    in_mpmath,
    is_zero,
    log,
    maximum,
    minimum,
    power,
    sqrt,
    unit,
    xlogy,
)

# ---------------------------------------------------------------------------------------------------------------------
# Functions of one number


# fmt: off
def tan(x: Number) -> Number: return elementary("tan", x)
def arcsin(x: Number) -> Number: return elementary("arcsin", x)
def arccos(x: Number) -> Number: return elementary("arccos", x)
def arctan(x: Number) -> Number: return elementary("arctan", x)
def sinh(x: Number) -> Number: return elementary("sinh", x)
def cosh(x: Number) -> Number: return elementary("cosh", x)
def arcsinh(x: Number) -> Number: return elementary("arcsinh", x)
def arccosh(x: Number) -> Number: return elementary("arccosh", x)
def arctanh(x: Number) -> Number: return elementary("arctanh", x)
def log1p(x: Number) -> Number: return elementary("log1p", x)
def expm1(x: Number) -> Number: return elementary("expm1", x)
def log2(x: Number) -> Number: return elementary("log2", x)
def log10(x: Number) -> Number: return elementary("log10", x)
def exp2(x: Number) -> Number: return elementary("exp2", x)
def erf(x: Number) -> Number: return elementary("erf", x)
def floor(x: Number) -> Number: return _rounded("floor", x)
def ceil(x: Number) -> Number: return _rounded("ceil", x)
def rint(x: Number) -> Number: return _rounded("rint", x)  # to the nearest integer, and of two to the even one
# fmt: on


def cbrt(x: Number) -> Number:
    """The real cube root, of negative numbers too."""
    if home(x) == "sympy":
        return sys.modules["sympy"].real_root(x, 3)
    if (home(x) == "mpmath" or isinstance(x, Decimal)) and x < 0:  # mpmath has the principal root, a complex number
        return -elementary("cbrt", -x)
    return elementary("cbrt", x)


def softplus(x: Number) -> Number:
    """log(1 + eˣ), without overflow."""
    if type(x) is float:
        return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))
    return x.softplus() if hasattr(x, "softplus") else logaddexp(x, 0 * unit(x))


def log_sigmoid(x: Number) -> Number:
    """log σ(x) = -log(1 + e⁻ˣ), which is x where σ(x) would be rounded to 0."""
    return x.log_sigmoid() if hasattr(x, "log_sigmoid") else -softplus(-x)


def sign(x: Number) -> Number:
    """1, 0 or -1; nan for nan."""
    if hasattr(x, "make_node"):
        return x.sign()
    if home(x) == "sympy":
        return sys.modules["sympy"].sign(x)
    require_real("sign", x)
    return x if x != x else unit(x) if x > 0 else -unit(x) if x < 0 else 0 * unit(x)


WHOLE: dict[str, tuple[Callable[[Any], int], str, str]] = {
    "floor": (math.floor, ROUND_FLOOR, "floor"),
    "ceil": (math.ceil, ROUND_CEILING, "ceil"),
    "rint": (round, ROUND_HALF_EVEN, "nint"),
}
"""The functions that round to an integer: Python's, decimal's and mpmath's name for each."""


def _rounded(name: str, x: Number) -> Number:
    python, in_decimal, in_mp = WHOLE[name]
    if type(x) is float:
        return math.copysign(python(x), x) if math.isfinite(x) else x  # the zero keeps its sign
    match home(x):
        case "numpy":
            return getattr(sys.modules["numpy"], name)(x)
        case "mpmath":
            return getattr(x.context, in_mp)(x)
        case "sympy":
            sympy = sys.modules["sympy"]
            if name == "rint":  # which SymPy doesn't have
                quarter = sympy.Rational(1, 4)
                return sympy.floor(x / 2 + quarter) + sympy.ceiling(x / 2 - quarter)
            return sympy.floor(x) if name == "floor" else sympy.ceiling(x)
    if isinstance(x, (int, Fraction)):
        return type(x)(python(x)) if type(x) is not bool else int(x)
    if isinstance(x, Decimal):
        return x.to_integral_value(in_decimal)
    require_real(name, x)
    if hasattr(x, name):
        return getattr(x, name)()
    raise NumberError(f"{name} of a {type(x).__name__}: this number class has no method {name}(), and it needs one")


def require_real(name: str, x: Number) -> None:
    if isinstance(x, complex) or type(x).__name__ in ("complex64", "clongdouble", "mpc"):
        raise NumberError(f"{name} of the complex number {x}: it is a function of real numbers")


# ---------------------------------------------------------------------------------------------------------------------
# Functions of two


def arctan2(y: Number, x: Number) -> Number:
    """The angle of the point (x, y), from -π to π."""
    if nodes := as_nodes(y, x):
        return nodes[0].arctan2(nodes[1])
    both = y + x  # of the kind that both have together
    match home(both):
        case "numpy" | "sympy":
            library = sys.modules[home(both)]
            return (library.arctan2 if home(both) == "numpy" else library.atan2)(y, x)
        case "mpmath":
            return both.context.atan2(y, x)
    if isinstance(both, Fraction):
        if y == 0 and x >= 0:
            return Fraction(0)
        raise InexactError(f"arctan2({y}, {x}) is irrational and no Fraction can hold it: use floats")
    if isinstance(both, Decimal):
        return in_mpmath("atan2", Decimal(y), Decimal(x))
    require_real("arctan2", both)
    return math.atan2(y, x)


def hypot(a: Number, b: Number) -> Number:
    """√(a² + b²), of floats without overflow."""
    if nodes := as_nodes(a, b):
        return nodes[0].hypot(nodes[1])
    both = a + b
    if type(both) is float:
        try:
            return abs(complex(a, b))  # which is C's hypot; math.hypot rounds otherwise
        except OverflowError:
            return math.inf
    return sys.modules["numpy"].hypot(a, b) if home(both) == "numpy" else sqrt(a * a + b * b)


LOG_2 = math.log(2.0)


def logaddexp(a: Number, b: Number) -> Number:
    """log(eᵃ + eᵇ), without overflow."""
    if type(a) is float and type(b) is float:
        if a == b:
            return a + LOG_2
        d = a - b
        return a + math.log1p(math.exp(-d)) if d > 0 else b + math.log1p(math.exp(d)) if d < 0 else d
    if nodes := as_nodes(a, b):
        return nodes[0].logaddexp(nodes[1])
    both = a + b
    if home(both) == "numpy":
        return sys.modules["numpy"].logaddexp(a, b)
    if isinstance(both, (int, float)):
        return logaddexp(float(a), float(b))
    if home(both) == "sympy" or isinstance(both, complex):
        return log(exp(a) + exp(b))
    return maximum(a, b) + log1p(exp(-abs(difference(a, b))))


def mod(a: Number, b: Number) -> Number:
    """a - b·⌊a/b⌋, the remainder with the sign of b, as Python and NumPy have it; nan for a float modulo 0."""
    if nodes := as_nodes(a, b):
        return nodes[0].mod(nodes[1])
    both = a + b
    require_real("mod", both)
    try:
        remainder = a % b
    except (ZeroDivisionError, InvalidOperation):
        if isinstance(both, float):
            return math.nan
        raise DivisionByZeroError(
            f"{a} modulo {b}: division by zero has no {type(both).__name__} as its result"
        ) from None
    if isinstance(both, Decimal) and remainder and (remainder < 0) != (b < 0):
        remainder += b  # decimal's remainder has the sign of a
    return remainder


def fmax(a: Number, b: Number) -> Number:
    """The larger of two, of two equals the first, and of nan and a number the number."""
    if hasattr(a, "make_node") or hasattr(b, "make_node"):
        return a.fmax(b) if hasattr(a, "make_node") else b.fmax(a)
    return a if b != b else b if a != a else maximum(a, b)


def fmin(a: Number, b: Number) -> Number:
    """The smaller of two, of two equals the first, and of nan and a number the number."""
    if hasattr(a, "make_node") or hasattr(b, "make_node"):
        return a.fmin(b) if hasattr(a, "make_node") else b.fmin(a)
    return a if b != b else b if a != a else minimum(a, b)


def difference(a: Number, b: Number) -> Number:
    """a - b, and 0 for two equal infinities: how far a is from a maximum b."""
    if nodes := as_nodes(a, b):
        return nodes[0].difference(nodes[1])
    return 0 * unit(a + b) if a == b else a - b


def power_slope(a: Number, b: Number) -> Number:
    """b · aᵇ⁻¹, the derivative of aᵇ by a: at b = 0 it is 0 for every a, a = 0 included."""
    if nodes := as_nodes(a, b):
        return nodes[0].power_slope(nodes[1])
    return b * unit(a) if is_zero(b) else b * power(a, b - 1)


def power_log(a: Number, b: Number) -> Number:
    """aᵇ · log a, the derivative of aᵇ by b: at a = 0 it is 0 for every b > 0 (the limit)."""
    if nodes := as_nodes(a, b):
        return nodes[0].power_log(nodes[1])
    return xlogy(power(a, b), a)


# ---------------------------------------------------------------------------------------------------------------------
# Conditions, as numbers


def less(a: Number, b: Number) -> Number:
    """[a < b]: 1 where it is so, else 0, in a's kind of number. With nan it is 0, where `greater` is nan."""
    if nodes := as_nodes(a, b):
        return nodes[0].less(nodes[1])
    if "sympy" in (home(a), home(b)):
        return sys.modules["sympy"].Heaviside(b - a, 0)
    return unit(a) if a < b else 0 * unit(a)


def less_equal(a: Number, b: Number) -> Number:
    """[a ≤ b], as `less`."""
    if nodes := as_nodes(a, b):
        return nodes[0].less_equal(nodes[1])
    if "sympy" in (home(a), home(b)):
        return sys.modules["sympy"].Heaviside(b - a, 1)
    return unit(a) if a <= b else 0 * unit(a)


def equal(a: Number, b: Number) -> Number:
    """[a = b], as `less`. So [a ≠ b] is 1 - equal(a, b), and 1 with nan."""
    if nodes := as_nodes(a, b):
        return nodes[0].equal(nodes[1])
    if "sympy" in (home(a), home(b)):
        return sys.modules["sympy"].KroneckerDelta(a, b)
    return unit(a) if a == b else 0 * unit(a)


def both_zero(a: Number, b: Number) -> Number:
    """[a = b = 0], where symbols are no zeros: the point at which a formula needs another one."""
    if nodes := as_nodes(a, b):
        return nodes[0].both_zero(nodes[1])
    return unit(a) if a == 0 and b == 0 else 0 * unit(a)


def where(condition: Number, a: Number, b: Number) -> Number:
    """a if the condition is not 0, else b; like Python's `if` it takes nan for true."""
    symbolic = home(condition) == "sympy"
    if nodes := as_nodes(condition, a, b) if symbolic or hasattr(condition, "make_node") else []:
        return nodes[0].where(nodes[1], nodes[2])
    if symbolic:
        sympy = sys.modules["sympy"]
        return sympy.Piecewise((a, sympy.Ne(condition, 0)), (b, True))
    return a if condition != 0 else b


def gate(condition: Number, x: Number) -> Number:
    """x if the condition is not 0, else -0.0, which changes no float that it is added to, where 0.0 changes -0.0.

    So where(c, a, b) is gate(c, a) + gate(not c, b) in every bit, and recorded programs have it so.
    """
    return condition.gate(x) if hasattr(condition, "make_node") else where(condition, x, -(0 * unit(x)))
