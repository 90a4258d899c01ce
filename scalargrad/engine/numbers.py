"""Elementary functions for every kind of number: what `ops` calls where the standard library has no single answer.

    >>> exp(0.0), exp(0), exp(Fraction(0))
    (1.0, 1.0, Fraction(1, 1))
    >>> sqrt(Fraction(4, 9))
    Fraction(2, 3)

A number keeps its kind. Four rules say what that means:

* `float` and `complex` follow IEEE 754, as in C or NumPy: an overflow is `inf`, `log(0.0)` is `-inf`, `log(-1.0)` is
  `nan`, `1.0 / 0.0` is `inf`. An `int` goes to `float` where Python's own arithmetic sends it (`1 / 2`, `exp(1)`).
* Exact numbers (`int`, `Fraction`, `Decimal`) have no `nan`, so a result that does not exist is an error that says so,
  and a `Fraction` never turns into a `float`: `exp(Fraction(1, 2))` is irrational and raises `InexactError`.
* NumPy scalars, mpmath and SymPy numbers go to NumPy, mpmath and SymPy. None of the three is imported here: whoever
  holds such a number has imported its library already.
* Any other number answers for itself by a method of the same name, `x.exp()`, which is also NumPy's rule for arrays of
  objects. It is how `Value` passes through the same formulas, and how a number class of your own does.
"""

from __future__ import annotations

import cmath
import math
import sys
from decimal import Decimal, InvalidOperation, localcontext as decimal_context
from fractions import Fraction
from importlib import import_module
from typing import Any, TypeAlias

from ..errors import DivisionByZeroError, DomainError, InexactError, MissingExtraError, NumberError

Number: TypeAlias = Any
"""A number of any commutative ring: there is no type for "has + and *" that float, Fraction and SymPy share."""


# ---------------------------------------------------------------------------------------------------------------------
# Which library answers for a number


def _home(x: Number) -> str:
    """The top-level package that defines the kind of `x`: "builtins", "fractions", "numpy", "sympy"…"""
    return type(x).__module__.partition(".")[0]


def _function(name: str, x: Number) -> Number:
    """`name`(x) for one of exp, log, sqrt, sin, cos, tanh, in the arithmetic of x's own kind."""
    if type(x) is float:  # the commonest kind first
        return _real(name, x)
    home = _home(x)
    if home in ("numpy", "sympy"):
        return getattr(sys.modules[home], name)(x)
    if home == "mpmath":
        return getattr(x.context, name)(x)
    if isinstance(x, (int, float)):
        return _real(name, x)
    if isinstance(x, complex):
        try:
            return getattr(cmath, name)(x)
        except (ValueError, OverflowError):
            return complex(math.nan, math.nan)
    if isinstance(x, Fraction):
        return _fraction(name, x)
    if isinstance(x, Decimal):
        return _decimal(name, x)
    if hasattr(x, name):
        return getattr(x, name)()
    raise NumberError(f"{name} of a {type(x).__name__}: this number class has no method {name}(), and it needs one")


def _require_domain(name: str, x: Number) -> None:
    """Exact numbers have no nan and no infinity: outside the domain there is nothing to return."""
    if (name == "log" and x <= 0) or (name == "sqrt" and x < 0):
        domain = "positive" if name == "log" else "non-negative"
        raise DomainError(f"{name} of {x}: the {type(x).__name__} must be {domain}")


def _real(name: str, x: float) -> float:
    if isinstance(x, int):
        _require_domain(name, x)
    try:
        return float(getattr(math, name)(x))
    except OverflowError:  # exp of a large number, or an int that is too large for a float
        if name == "sqrt":
            return float(math.isqrt(int(x)))
        if x < 0:
            return -1.0 if name == "tanh" else 0.0 if name == "exp" else math.nan
        return 1.0 if name == "tanh" else math.nan if name in ("sin", "cos") else math.inf
    except ValueError:  # outside the domain, where IEEE 754 has an answer and Python's math module has an exception
        return -math.inf if name == "log" and x == 0 else math.nan


_RATIONAL_AT = {"exp": (0, 1), "log": (1, 0), "sin": (0, 0), "cos": (0, 1), "tanh": (0, 0)}
"""The one rational point of each transcendental function, and its value there (Lindemann and Weierstrass)."""


def _fraction(name: str, x: Fraction) -> Fraction:
    _require_domain(name, x)
    if name == "sqrt":
        root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
        if root * root == x:
            return root
    elif x == _RATIONAL_AT[name][0]:
        return Fraction(_RATIONAL_AT[name][1])
    raise InexactError(f"{name}({x}) is irrational and no Fraction can hold it: use float, mpmath or SymPy numbers")


def _decimal(name: str, x: Decimal) -> Decimal:
    _require_domain(name, x)
    if name in ("sin", "cos") and not x.is_finite():
        raise DomainError(f"{name} of {x}: the Decimal must be finite")
    if name in ("exp", "log", "sqrt"):
        return Decimal(getattr(x, "ln" if name == "log" else name)())
    try:
        mpmath = import_module("mpmath")
    except ModuleNotFoundError:
        raise MissingExtraError(f"{name} of a Decimal needs mpmath", "symbolic") from None
    with decimal_context() as context:
        # The digits of x before its point, and those that cancel where x is near a zero of the sine
        extra = max(x.adjusted(), 0) + len(x.as_tuple().digits) + 10 if x.is_finite() else 0
        with mpmath.workdps(context.prec + extra):
            result = Decimal(str(getattr(mpmath, name)(mpmath.mpf(str(x)))))
        return +result  # + rounds to the context's precision


# ---------------------------------------------------------------------------------------------------------------------
# The functions


def exp(x: Number) -> Number:
    return _function("exp", x)


def log(x: Number) -> Number:
    return _function("log", x)


def sqrt(x: Number) -> Number:
    return _function("sqrt", x)


def sin(x: Number) -> Number:
    return _function("sin", x)


def cos(x: Number) -> Number:
    return _function("cos", x)


def tanh(x: Number) -> Number:
    return _function("tanh", x)


def sigmoid(x: Number) -> Number:
    """1 / (1 + e⁻ˣ), by the one of its two forms that does not overflow."""
    if isinstance(x, Fraction) and x == 0:
        return Fraction(1, 2)
    if hasattr(x, "sigmoid"):  # a node
        return x.sigmoid()
    real: Number = getattr(x, "real", x)
    if _home(x) == "sympy" or real >= 0:
        return 1 / (1 + exp(-x))
    e = exp(x)
    return e / (1 + e)


def unit(x: Number) -> Number:
    """The number 1 of x's own kind.

    >>> unit(0.5), unit(Fraction(1, 2))
    (1.0, Fraction(1, 1))
    """
    if type(x) is float:
        return 1.0
    if _home(x) == "sympy":
        return sys.modules["sympy"].Integer(1)
    if _home(x) in ("builtins", "fractions", "decimal", "numpy", "mpmath"):
        return 1 if isinstance(x, bool) else type(x)(1)
    if hasattr(x, "unit"):
        return x.unit()
    try:
        return x**0
    except TypeError:  # a number class without powers: every ring understands the integer 1
        return 1


def step(x: Number) -> Number:
    """Heaviside's step function, [x > 0]: the derivative of relu, with the value 0 at 0."""
    if type(x) is float:
        return x if x != x else 1.0 if x > 0 else 0.0
    if hasattr(x, "step"):  # a node
        return x.step()
    if _home(x) == "sympy":
        return sys.modules["sympy"].Heaviside(x, 0)
    if x != x:
        return x
    return unit(x) if x > 0 else 0 * unit(x)


def relu(x: Number) -> Number:
    """max(0, x)."""
    if type(x) is float:
        return 0.0 if x <= 0 else x
    if hasattr(x, "relu"):  # a node
        return x.relu()
    return maximum(0 * unit(x), x)


def absolute(x: Number) -> Number:
    if isinstance(x, complex):
        raise NumberError(f"abs of the complex number {x}: |z| has no complex derivative; use real numbers")
    return abs(x)


def maximum(a: Number, b: Number) -> Number:
    """The larger of two; of two equals the first; nan if either is nan."""
    if type(a) is float and type(b) is float:
        return a if a != a or a >= b else b
    if nodes := _as_nodes(a, b):
        return nodes[0].max(nodes[1])
    if "sympy" in (_home(a), _home(b)):
        return sys.modules["sympy"].Max(a, b)
    return a if a != a or a >= b else b


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two; of two equals the first; nan if either is nan."""
    if type(a) is float and type(b) is float:
        return a if a != a or a <= b else b
    if nodes := _as_nodes(a, b):
        return nodes[0].min(nodes[1])
    if "sympy" in (_home(a), _home(b)):
        return sys.modules["sympy"].Min(a, b)
    return a if a != a or a <= b else b


def greater(a: Number, b: Number) -> Number:
    """[a > b]: 1 where it is so, else 0, in a's kind of number; nan if either is nan."""
    if nodes := _as_nodes(a, b):
        return nodes[0].greater(nodes[1])
    if "sympy" in (_home(a), _home(b)):
        return sys.modules["sympy"].Heaviside(a - b, 0)
    if a != a or b != b:
        return a if a != a else b
    return unit(a) if a > b else 0 * unit(a)


def _as_nodes(*numbers: Number) -> list[Any]:
    """The numbers as nodes of a graph, if any of them is one; else nothing."""
    for x in numbers:
        if hasattr(x, "make_node"):
            return [y if hasattr(y, "make_node") else type(x)(y) for y in numbers]
    return []


def total(*terms: Number) -> Number:
    """((t₁ + t₂) + t₃) + …, from left to right: the order of the textbook, which fixes every bit of a float sum."""
    result = terms[0]
    if _home(result) == "sympy":
        return sys.modules["sympy"].Add(*terms)  # in one step: SymPy's + sorts the whole sum again at each term
    for term in terms[1:]:
        result = result + term
    return result


def divide(a: Number, b: Number) -> Number:
    """a / b, with IEEE 754's answer to a float's division by zero: infinity, or nan for 0/0."""
    try:
        return a / b
    except (ZeroDivisionError, InvalidOperation):  # the second is decimal's for 0/0
        if isinstance(a, complex) or isinstance(b, complex):
            return complex(math.nan, math.nan)
        if isinstance(a, float) or isinstance(b, float):
            return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
        raise DivisionByZeroError(f"{a} / {b}: division by zero has no {type(b).__name__} as its result") from None


def is_zero(x: Number) -> bool:
    """Whether x = 0."""
    return asked(x == 0)


def differ(x: Number, y: Number) -> bool:
    """Whether two numbers differ; nan differs from itself, and does not count."""
    return asked(x != y) and (asked(x == x) or asked(y == y))


def asked(comparison: Any) -> bool:
    """Its truth, asked for by the engine: what watches a user's `if`, as a recording does, says it here unasked."""
    return comparison.truth if hasattr(comparison, "truth") else bool(comparison)


def power(a: Number, n: Number) -> Number:
    """aⁿ, with a⁰ = 1 for every a, and no change of kind: (-8.0)**0.5 is nan, not complex.

    Raises
    ------
    InexactError
        For an exact number to a fractional power, which Python would make a float.
    DivisionByZeroError, DomainError
        For a power of exact numbers that does not exist.
    """
    if type(a) is float and type(n) is int and n == 2:
        return a * a  # rounded once, as pow need not be; recorded programs multiply, too
    try:
        result = a**n
    except (OverflowError, ZeroDivisionError) as error:
        if isinstance(a, complex) or isinstance(n, complex):
            return complex(math.nan, math.nan)
        if isinstance(error, OverflowError):
            vanishes = (abs(a) < 1) == (n > 0)
            return 0.0 if vanishes else -math.inf if a < 0 and n % 2 == 1 else math.inf
        if isinstance(a, float) or isinstance(n, float):
            return math.copysign(math.inf, a) if n % 2 == 1 else math.inf
        raise DivisionByZeroError(f"0 ** {n}: zero has no negative powers among {type(a).__name__}s") from None
    except InvalidOperation:  # what decimal makes of 0 ** 0, and of a negative base with a fractional exponent
        if n == 0:
            return unit(a)
        raise DomainError(f"{a} ** {n} is not a real number") from None
    if isinstance(a, (int, Fraction)) and isinstance(n, Fraction) and isinstance(result, (float, complex)):
        raise InexactError(f"({a}) ** ({n}) is not a whole power, and a Fraction can't hold it: use sqrt() or floats")
    if isinstance(result, complex) and not isinstance(a, complex) and not isinstance(n, complex):
        return math.nan
    return result


def xlogy(x: Number, y: Number) -> Number:
    """x · log y, with 0 · log 0 = 0 (the limit): the derivative of yᵗ by t is xlogy(yᵗ, y)."""
    if hasattr(x, "xlogy"):
        return x.xlogy(y)
    if nodes := _as_nodes(x, y):
        return nodes[0].xlogy(nodes[1])
    if _home(x) != "sympy" and x == 0 and y == 0:
        return x
    return x * log(y)
