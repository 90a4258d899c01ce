"""NumPy's ufuncs as operations of the graph: one line each.

    >>> UFUNCS["logaddexp"](0.0, 0.0), CONDITIONS["greater"](2.0, 1.0)
    (0.6931471805599453, 1.0)

A row of `engine.ops` takes Values and plain numbers alike, so arrays may hold both. What has no row is made of rows. A
comparison gives 1 or 0 as a node, so that a recorded program compares anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..engine import ops
from ..engine.numbers import divide, power

Function = Callable[..., Any]

BY_ENTRIES = frozenset(
    {
        "add",
        "subtract",
        "multiply",
        "negative",
        "positive",
        "absolute",
        "square",
        "matmul",
        "vecdot",
        "matvec",
        "vecmat",
    }
)
"""Those that NumPy does itself, by + - * and abs of the entries."""


# ---------------------------------------------------------------------------------------------------------------------
# What is made of rows


def _clip(x: Any, low: Any, high: Any) -> Any:
    return ops.MIN(ops.MAX(x, low), high)


def _trunc(x: Any) -> Any:
    return ops.SIGN(x) * ops.FLOOR(abs(x))


def _modf(x: Any) -> tuple[Any, Any]:
    return x - _trunc(x), _trunc(x)


def _floor_divide(a: Any, b: Any) -> Any:
    return ops.RINT(divide(a - ops.MOD(a, b), b))  # whole, but for the rounding of the division


def _divmod(a: Any, b: Any) -> tuple[Any, Any]:
    return _floor_divide(a, b), ops.MOD(a, b)


def _fmod(a: Any, b: Any) -> Any:
    """The remainder with the sign of a, as C has it."""
    return ops.SIGN(a) * ops.MOD(abs(a), abs(b))


def _heaviside(x: Any, at_zero: Any) -> Any:
    return ops.WHERE(ops.EQUAL(x, 0), at_zero, ops.STEP(x))


def _degree(x: Any) -> Any:
    """π / 180 in x's kind of number."""
    return ops.ARCTAN(ops.unit(x)) / 45


def _deg2rad(x: Any) -> Any:
    return x * _degree(x)


def _rad2deg(x: Any) -> Any:
    return x / _degree(x)


def _logaddexp2(a: Any, b: Any) -> Any:
    log_2 = ops.LOG(2 * ops.unit(a + b))
    return ops.LOGADDEXP(a * log_2, b * log_2) / log_2


def _not(condition: Any) -> Any:
    return 1 - condition


# ---------------------------------------------------------------------------------------------------------------------
# The tables

# fmt: off
UFUNCS: dict[str, Function] = {
    "divide": divide, "reciprocal": lambda x: divide(1, x), "power": power, "float_power": power, "fabs": ops.ABS,
    "exp": ops.EXP, "exp2": ops.EXP2, "expm1": ops.EXPM1,
    "log": ops.LOG, "log2": ops.LOG2, "log10": ops.LOG10, "log1p": ops.LOG1P,
    "sqrt": ops.SQRT, "cbrt": ops.CBRT, "hypot": ops.HYPOT, "logaddexp": ops.LOGADDEXP, "logaddexp2": _logaddexp2,
    "sin": ops.SIN, "cos": ops.COS, "tan": ops.TAN, "sinh": ops.SINH, "cosh": ops.COSH, "tanh": ops.TANH,
    "arcsin": ops.ARCSIN, "arccos": ops.ARCCOS, "arctan": ops.ARCTAN, "arctan2": ops.ARCTAN2,
    "arcsinh": ops.ARCSINH, "arccosh": ops.ARCCOSH, "arctanh": ops.ARCTANH,
    "deg2rad": _deg2rad, "radians": _deg2rad, "rad2deg": _rad2deg, "degrees": _rad2deg,
    "maximum": ops.MAX, "minimum": ops.MIN, "fmax": ops.FMAX, "fmin": ops.FMIN, "clip": _clip,
    "sign": ops.SIGN, "heaviside": _heaviside,
    "floor": ops.FLOOR, "ceil": ops.CEIL, "rint": ops.RINT, "trunc": _trunc, "modf": _modf,
    "remainder": ops.MOD, "fmod": _fmod, "floor_divide": _floor_divide, "divmod": _divmod,
    "conjugate": lambda x: x.conjugate(),
    "erf": ops.ERF, "expit": ops.SIGMOID, "log_expit": ops.LOG_SIGMOID, "xlogy": ops.XLOGY,  # of scipy.special
}
"""The function of numbers that each is, by NumPy's name."""

CONDITIONS: dict[str, Function] = {
    "less": ops.LESS, "greater": lambda a, b: ops.LESS(b, a),
    "less_equal": ops.LESS_EQUAL, "greater_equal": lambda a, b: ops.LESS_EQUAL(b, a),
    "equal": ops.EQUAL, "not_equal": lambda a, b: _not(ops.EQUAL(a, b)),
    "isnan": lambda x: _not(ops.EQUAL(x, x)),
    "isinf": lambda x: ops.EQUAL(abs(x), math.inf),
    "isfinite": lambda x: ops.LESS(abs(x), math.inf),
    "logical_and": ops.MUL, "logical_or": ops.MAX, "logical_xor": lambda a, b: _not(ops.EQUAL(a, b)),
    "logical_not": _not,
    "bitwise_and": ops.MUL, "bitwise_or": ops.MAX, "bitwise_xor": lambda a, b: _not(ops.EQUAL(a, b)), "invert": _not,
}
"""Those that give truth values, as 1 and 0; with nan a comparison is false."""

LOGICAL = {"logical_and", "logical_or", "logical_xor", "logical_not"}
BITWISE = {"bitwise_and", "bitwise_or", "bitwise_xor", "invert"}
"""Those that take truth values: of numbers whether they are not 0; the second take no numbers."""
# fmt: on


@cache
def by_entries(ufunc: np.ufunc) -> Any:
    """A ufunc on arrays of objects that does what `ufunc` does on numbers; None if we don't know what that is."""
    name = ufunc.__name__
    if name in BY_ENTRIES or set("".join(ufunc.types)) <= set("O->"):  # the second are a user's, of np.frompyfunc
        return ufunc
    function = CONDITIONS.get(name) or UFUNCS.get(name)
    # identity=None says that the operation can be reduced over several axes in any order
    return function and np.frompyfunc(function, ufunc.nin, ufunc.nout, identity=None)
