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
from collections.abc import Callable
from decimal import Decimal, InvalidOperation, localcontext as decimal_context
from fractions import Fraction
from importlib import import_module
from typing import Any, TypeAlias

from ..errors import DivisionByZeroError, DomainError, InexactError, MissingExtraError, NumberError

Number: TypeAlias = Any
"""A number of any commutative ring: there is no type for "has + and *" that float, Fraction and SymPy share."""


# ---------------------------------------------------------------------------------------------------------------------
# Which library answers for a number


def home(x: Number) -> str:
    """The top-level package that defines the kind of `x`: "builtins", "fractions", "numpy", "sympy"…"""
    return type(x).__module__.partition(".")[0]


ELSEWHERE = {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
"""Functions that have another name in math, cmath, mpmath and SymPy than in NumPy."""

FORMULAS = {
    "log1p": lambda x: log(1 + x),
    "expm1": lambda x: exp(x) - 1,
    "log2": lambda x: log(x) / log(2 * unit(x)),
    "log10": lambda x: log(x) / log(10 * unit(x)),
    "exp2": lambda x: exp(x * log(2 * unit(x))),
}
"""Functions that some library doesn't have. (Floats have them all.)"""


def elementary(name: str, x: Number) -> Number:
    """`name`(x), for a function of one number that the standard library has, in the arithmetic of x's own kind."""
    if type(x) is float:  # the commonest kind first
        return _real(name, x)
    package = home(x)
    if package in ("numpy", "sympy", "mpmath"):
        library = x.context if package == "mpmath" else sys.modules[package]
        function = getattr(library, name, None) or getattr(library, ELSEWHERE.get(name, ""), None)
        if function is None and name not in FORMULAS:
            return type(x)(_real(name, float(x)))  # NumPy has no erf
        return (function or FORMULAS[name])(x)
    if isinstance(x, (int, float)):
        return _real(name, x)
    if isinstance(x, complex):
        return _complex(name, x)
    if isinstance(x, Fraction):
        return _fraction(name, x)
    if isinstance(x, Decimal):
        return _decimal(name, x)
    if hasattr(x, name):
        return getattr(x, name)()
    raise NumberError(f"{name} of a {type(x).__name__}: this number class has no method {name}(), and it needs one")


DOMAINS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "log": (lambda x: x > 0, "positive"),
    "log2": (lambda x: x > 0, "positive"),
    "log10": (lambda x: x > 0, "positive"),
    "log1p": (lambda x: x > -1, "greater than -1"),
    "sqrt": (lambda x: x >= 0, "non-negative"),
    "arcsin": (lambda x: abs(x) <= 1, "from -1 to 1"),
    "arccos": (lambda x: abs(x) <= 1, "from -1 to 1"),
    "arccosh": (lambda x: x >= 1, "at least 1"),
    "arctanh": (lambda x: abs(x) < 1, "between -1 and 1"),
}
"""Where a function has a finite real result, if that is not everywhere."""


def _require_domain(name: str, x: Number) -> None:
    """Exact numbers have no nan and no infinity: outside the domain there is nothing to return."""
    inside, domain = DOMAINS.get(name, (lambda x: True, ""))
    if not inside(x):
        raise DomainError(f"{name} of {x}: the {type(x).__name__} must be {domain}")


def _real(name: str, x: float) -> float:
    if isinstance(x, int):
        _require_domain(name, x)
    try:
        return float(getattr(math, ELSEWHERE.get(name, name))(x))
    except OverflowError:  # exp of a large number, or an int that is too large for a float
        return float(math.isqrt(int(x))) if name == "sqrt" else _real(name, math.inf if x > 0 else -math.inf)
    except ValueError:  # outside the domain, where IEEE 754 has an answer and Python's math module has an exception
        if name == "arctanh" and abs(x) == 1:
            return math.copysign(math.inf, x)
        return -math.inf if x == {"log": 0, "log2": 0, "log10": 0, "log1p": -1}.get(name) else math.nan


def _complex(name: str, x: complex) -> complex:
    function = getattr(cmath, ELSEWHERE.get(name, name), None) or FORMULAS.get(name)
    if function is None:
        raise NumberError(f"{name} of the complex number {x}: it is a function of real numbers here")
    try:
        return complex(function(x))
    except (ValueError, OverflowError):
        return complex(math.nan, math.nan)


RATIONAL_AT = {"exp": (0, 1), "cos": (0, 1), "cosh": (0, 1), "log": (1, 0), "arccos": (1, 0), "arccosh": (1, 0)}
"""The one rational point of a transcendental function, and its value there (Lindemann, Weierstrass, Siegel).

Of those that are not listed it is the origin.
"""


def _fraction(name: str, x: Fraction) -> Fraction:
    _require_domain(name, x)
    if name in ("sqrt", "cbrt"):
        k = 2 if name == "sqrt" else 3
        root = Fraction(_whole_root(abs(x.numerator), k), _whole_root(x.denominator, k)) * (1 if x >= 0 else -1)
        if root**k == x:
            return root
    elif name == "exp2":
        if x.denominator == 1:
            return Fraction(2) ** x.numerator
    elif name in ("log2", "log10"):
        base, whole = int(name[3:]), max(x.numerator, x.denominator)
        k = round(math.log(whole, base))
        if Fraction(base) ** (k if x >= 1 else -k) == x:
            return Fraction(k if x >= 1 else -k)
    elif x == RATIONAL_AT.get(name, (0, 0))[0]:
        return Fraction(RATIONAL_AT.get(name, (0, 0))[1])
    raise InexactError(f"{name}({x}) is irrational and no Fraction can hold it: use float, mpmath or SymPy numbers")


def _whole_root(n: int, k: int) -> int:
    """The largest r with rᵏ ≤ n, by Newton's method from above."""
    r = 1 << -(-n.bit_length() // k)
    while r**k > n:
        r = ((k - 1) * r + n // r ** (k - 1)) // k
    return r


def _decimal(name: str, x: Decimal) -> Decimal:
    _require_domain(name, x)
    if name in ("sin", "cos", "tan") and not x.is_finite():
        raise DomainError(f"{name} of {x}: the Decimal must be finite")
    if name in ("exp", "log", "log10", "sqrt"):
        return Decimal(getattr(x, "ln" if name == "log" else name)())
    return in_mpmath(name, x)


def in_mpmath(name: str, *xs: Decimal) -> Decimal:
    """A function of Decimals by way of mpmath, to the precision of the context."""
    try:
        mpmath = import_module("mpmath")
    except ModuleNotFoundError:
        raise MissingExtraError(f"{name} of a Decimal needs mpmath", "symbolic") from None
    with decimal_context() as context:
        # The digits of x before its point, and those that cancel where x is near a zero of the sine
        extra = max([max(x.adjusted(), 0) + len(x.as_tuple().digits) + 10 for x in xs if x.is_finite()], default=0)
        with mpmath.workdps(context.prec + extra):
            numbers = [mpmath.mpf(str(x)) for x in xs]
            result = Decimal(str(elementary(name, *numbers) if len(xs) == 1 else getattr(mpmath, name)(*numbers)))
        return +result  # + rounds to the context's precision


# ---------------------------------------------------------------------------------------------------------------------
# The functions


def exp(x: Number) -> Number:
    return elementary("exp", x)


def log(x: Number) -> Number:
    return elementary("log", x)


def sqrt(x: Number) -> Number:
    return elementary("sqrt", x)


def sin(x: Number) -> Number:
    return elementary("sin", x)


def cos(x: Number) -> Number:
    return elementary("cos", x)


def tanh(x: Number) -> Number:
    return elementary("tanh", x)


def sigmoid(x: Number) -> Number:
    """1 / (1 + e⁻ˣ), by the one of its two forms that does not overflow."""
    if isinstance(x, Fraction) and x == 0:
        return Fraction(1, 2)
    if hasattr(x, "sigmoid"):  # a node
        return x.sigmoid()
    real: Number = getattr(x, "real", x)
    if home(x) == "sympy" or real >= 0:
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
    if home(x) == "sympy":
        return sys.modules["sympy"].Integer(1)
    if home(x) in ("builtins", "fractions", "decimal", "numpy", "mpmath"):
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
    if home(x) == "sympy":
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
    if hasattr(a, "make_node") or hasattr(b, "make_node"):
        return a.max(b) if hasattr(a, "make_node") else b.max(a)
    if "sympy" in (home(a), home(b)):
        return sys.modules["sympy"].Max(a, b)
    return a if a != a or a >= b else b


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two; of two equals the first; nan if either is nan."""
    if type(a) is float and type(b) is float:
        return a if a != a or a <= b else b
    if hasattr(a, "make_node") or hasattr(b, "make_node"):
        return a.min(b) if hasattr(a, "make_node") else b.min(a)
    if "sympy" in (home(a), home(b)):
        return sys.modules["sympy"].Min(a, b)
    return a if a != a or a <= b else b


def greater(a: Number, b: Number) -> Number:
    """[a > b]: 1 where it is so, else 0, in a's kind of number; nan if either is nan."""
    if nodes := as_nodes(a, b):
        return nodes[0].greater(nodes[1])
    if "sympy" in (home(a), home(b)):
        return sys.modules["sympy"].Heaviside(a - b, 0)
    if a != a or b != b:
        return a if a != a else b
    return unit(a) if a > b else 0 * unit(a)


def as_nodes(*numbers: Number) -> list[Any]:
    """The numbers as nodes of a graph, if any of them is one; else nothing."""
    for x in numbers:
        if hasattr(x, "make_node"):
            return [y if hasattr(y, "make_node") else type(x)(y) for y in numbers]
    return []


def alike(*numbers: Number) -> list[Any]:
    """The same numbers; beside a node, plain integers as numbers of its kind: 0 as 0.0, or as a Fraction."""
    node = next((x for x in numbers if hasattr(x, "make_node")), None)
    return [x * unit(node) if node is not None and type(x) in (int, bool) else x for x in numbers]


def total(*terms: Number) -> Number:
    """((t₁ + t₂) + t₃) + …, from left to right: the order of the textbook, which fixes every bit of a float sum."""
    result = terms[0]
    if home(result) == "sympy":
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
    if type(comparison) is bool:
        return comparison
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
    if type(a) is float and type(n) in (int, float):
        if n == 2:
            return a * a  # rounded once, as pow need not be; recorded programs multiply, too
        if n == 1:
            return a
    try:
        result = a**n
    except (OverflowError, ZeroDivisionError) as error:
        if isinstance(a, complex) or isinstance(n, complex):
            return complex(math.nan, math.nan)
        if isinstance(error, OverflowError):
            if a < 0 and n % 1 != 0:
                return math.nan
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
    if nodes := as_nodes(x, y):
        return nodes[0].xlogy(nodes[1])
    if home(x) != "sympy" and x == 0 and y == 0:
        return x
    return x * log(y)
