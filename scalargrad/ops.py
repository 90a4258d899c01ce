"""The table of primitive operations. A derivative is written here, and nowhere else in the project.

    >>> MUL.apply(2, 3), MUL.partials(6, 2, 3)
    (6, (3, 2))
    >>> CUBE = Op("cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))

A row has a symbol, `apply`, which makes a number of numbers, and `partials`, which makes the local derivatives
`(∂out/∂x₁, …, ∂out/∂xₙ)` of the output and the inputs. Both are written with `+ - *` and the functions of `elementary`,
so one row serves numbers (the forward pass), `Value`s (the backward pass as a graph, for higher derivatives) and
whatever else adds and multiplies. A row that you add, like CUBE above, is as good as ours:

    >>> CUBE(2)
    8
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import add, mul, neg, sub
from typing import Any

from .elementary import (
    Number,
    absolute,
    cos,
    divide,
    exp,
    is_zero,
    log,
    maximum,
    minimum,
    power,
    relu,
    sigmoid,
    sin,
    sqrt,
    step,
    tanh,
    total,
    unit,
    xlogy,
)

TABLE: dict[str, Op] = {}
"""Every operation by its symbol. Powers with a constant exponent are a family (`ConstantPower`) and not listed."""


class Op:
    """A primitive operation: one row of the table. Making one enters it.

    Parameters
    ----------
    symbol
        How the operation is named in the table, in diagrams and in pickles.
    apply
        `apply(*inputs) -> output`, on numbers.
    partials
        `partials(output, *inputs) -> (∂output/∂input₁, …)`, one for each input, in ring operations.

    Raises
    ------
    ValueError
        If the symbol is one of ours: an operation of your own needs a name of its own. (Redefining your own is fine: a
        notebook cell runs twice. Graphs that exist keep the row that they were built with.)
    """

    __slots__ = ("apply", "partials", "symbol")

    apply: Callable[..., Number]
    partials: Callable[..., Sequence[Number]]

    def __init__(self, symbol: str, apply: Callable[..., Number], partials: Callable[..., Sequence[Number]]) -> None:
        if symbol in BUILT_IN:
            raise ValueError(f"the symbol {symbol!r} is taken by a built-in operation: give yours another one")
        self.symbol = symbol
        self.apply = apply
        self.partials = partials
        TABLE[symbol] = self

    def __call__(self, *inputs: Any) -> Any:
        """A number of numbers; a node of Values."""
        for x in inputs:
            if hasattr(x, "make_node"):  # a Value; this module comes before `value` and does not know it by name
                return x.make_node(self, *inputs)
        return self.apply(*inputs)

    def __repr__(self) -> str:
        return f"Op({self.symbol!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return named, (self.symbol,)  # pickled by name: its functions may be lambdas

    def __deepcopy__(self, memo: dict[int, Any]) -> Op:
        return self


def named(symbol: str) -> Op:
    """The operation with this symbol.

    Raises
    ------
    LookupError
        If there is none, as when a graph is unpickled before the module that defines one of its operations is imported.
    """
    if symbol not in TABLE:
        raise LookupError(f"no operation {symbol!r} in the table: import the module that defines it first")
    return TABLE[symbol]


class ConstantPower(Op):
    """xⁿ for a plain number n, which is a part of the operation and not an input: nothing is differentiated by it.

    So x² is exact for every ring and every sign of x, where `Value ** Value` needs log x for the exponent's partial.
    """

    __slots__ = ("exponent",)

    def __init__(self, exponent: Number) -> None:
        self.symbol = f"**{exponent}"
        self.exponent = exponent

    def apply(self, x: Number) -> Number:
        return power(x, self.exponent)

    def partials(self, out: Number, x: Number) -> Sequence[Number]:
        n = self.exponent
        return (0 if is_zero(n) else n * power(x, n - 1),)  # x⁰ = 1 has the derivative 0, at x = 0 too

    def __reduce__(self) -> tuple[Any, ...]:
        return ConstantPower, (self.exponent,)


BUILT_IN: frozenset[str] = frozenset()

# Arithmetic                                            local partials
ADD = Op("+", add, lambda out, a, b: (1, 1))
SUB = Op("-", sub, lambda out, a, b: (1, -1))
MUL = Op("*", mul, lambda out, a, b: (b, a))
DIV = Op(
    "/", divide, lambda out, a, b: (divide(unit(out), b), divide(-out, b))
)  # 1/b in out's kind: 1/3 of ints is a float
NEG = Op("neg", neg, lambda out, x: (-1,))
SUM = Op("Σ", total, lambda out, *xs: (1,) * len(xs))

# d(aᵇ) = b·aᵇ⁻¹ da + aᵇ·log(a) db, and at b = 0 the first is 0 for every a, a = 0 included
POW = Op("**", power, lambda out, a, b: (0 * b if is_zero(b) else b * power(a, b - 1), xlogy(out, a)))
XLOGY = Op("xlogy", xlogy, lambda out, x, y: (log(y), divide(x, y)))

# Functions whose derivative is best said by their own value
EXP = Op("exp", exp, lambda out, x: (out,))
SQRT = Op("sqrt", sqrt, lambda out, x: (divide(1, 2 * out),))
TANH = Op("tanh", tanh, lambda out, x: (1 - out * out,))
SIGMOID = Op("sigmoid", sigmoid, lambda out, x: (out * (1 - out),))

LOG = Op("log", log, lambda out, x: (divide(1, x),))
SIN = Op("sin", sin, lambda out, x: (cos(x),))
COS = Op("cos", cos, lambda out, x: (-sin(x),))

# Piecewise linear functions, with a subgradient where they bend: 0 for relu and abs at 0; of two equals, max and min
# take the first. The step's own derivative is 0 wherever it has one.
STEP = Op("step", step, lambda out, x: (0,))
RELU = Op("relu", relu, lambda out, x: (step(x),))
ABS = Op("abs", absolute, lambda out, x: (step(x) - step(-x),))
MAX = Op("max", maximum, lambda out, a, b: (1 - step(b - a), step(b - a)))
MIN = Op("min", minimum, lambda out, a, b: (1 - step(a - b), step(a - b)))

BUILT_IN = frozenset(TABLE)
