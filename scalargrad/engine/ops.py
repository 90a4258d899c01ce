"""The table of primitive operations. A derivative is written here, and nowhere else in the project.

    >>> MUL.apply(2, 3), MUL.partials(6, 2, 3), MUL.written("a", "b"), MUL.degree(1, 2)
    (6, (3, 2), 'a · b', 3)
    >>> CUBE = Op("cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))

A row has a symbol, `apply`, which makes a number of numbers, and `partials`, which makes the local derivatives
`(∂out/∂x₁, …, ∂out/∂xₙ)` of the output and the inputs. Both are written with `+ - *` and the functions of `numbers`, so
one row serves numbers (the forward pass), `Value`s (the backward pass as a graph, for higher derivatives) and whatever
else adds and multiplies. What else the project needs to know of an operation stands in its row too. A row that you
add, like CUBE above, is as good as ours: what you don't say of it is found out by running `apply` on nodes (`own`).

    >>> CUBE(2), CUBE.written("x")
    (8, 'cube(x)')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import add, mul, neg, sub
from typing import Any

from ..errors import ArgumentError, UnknownOperationError

# Your own rows are written with these functions too: sg.ops.relu(x)
from .numbers import (
    Number,
    absolute as absolute,
    cos as cos,
    divide as divide,
    exp as exp,
    greater as greater,
    is_zero,
    log as log,
    maximum as maximum,
    minimum as minimum,
    power as power,
    relu as relu,
    sigmoid as sigmoid,
    sin as sin,
    sqrt as sqrt,
    step as step,
    tanh as tanh,
    total,
    unit as unit,
    xlogy as xlogy,
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
    notation
        The text before, between and after the operands where it is written down: `("", " + ", "")` for a + b. Of an
        operation without one it is `("symbol(", ", ", ")")`.
    degree
        `degree(*degrees) -> degree` as a polynomial of inputs that are polynomials. None if it is none, or not said.
    bends
        `bends(*inputs)`: whether it has no derivative there, and `partials` gives one of several. None if not said.

    Attributes
    ----------
    arity
        How many inputs it takes; None for any number.
    opcode
        The number by which recorded programs know it; None for what is made of other operations there.
    built_in
        Whether it is a row of ours.

    Raises
    ------
    ArgumentError
        If the symbol is one of ours: an operation of your own needs a name of its own. (Redefining your own is fine: a
        notebook cell runs twice. Graphs that exist keep the row that they were built with.)
    """

    __slots__ = ("apply", "arity", "bends", "built_in", "degree", "notation", "opcode", "partials", "symbol")

    apply: Callable[..., Number]
    partials: Callable[..., Sequence[Number]]
    opcode: int | None

    def __init__(
        self,
        symbol: str,
        apply: Callable[..., Number],
        partials: Callable[..., Sequence[Number]],
        notation: tuple[str, str, str] | None = None,
        degree: Callable[..., int] | None = None,
        bends: Callable[..., bool] | None = None,
    ) -> None:
        if symbol in BUILT_IN:
            raise ArgumentError(f"the symbol {symbol!r} is taken by a built-in operation: give yours another one")
        self.symbol, self.apply, self.partials = symbol, apply, partials
        self.notation = notation or (f"{symbol}(", ", ", ")")
        self.degree, self.bends = degree, bends
        self.arity, self.opcode, self.built_in = arity(partials), None, not BUILT_IN
        TABLE[symbol] = self

    def __call__(self, *inputs: Any) -> Any:
        """A number of numbers; a node of Values."""
        for x in inputs:
            if hasattr(x, "make_node"):  # a Value; this module comes before `value` and does not know it by name
                return x.make_node(self, *inputs)
        return self.apply(*inputs)

    def written(self, *operands: str) -> str:
        """The operation on operands, as one writes it: a + b, −a, |a|, exp(a)."""
        before, between, after = self.notation
        return before + between.join(operands) + after

    def __repr__(self) -> str:
        return f"Op({self.symbol!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return named, (self.symbol,)  # pickled by name: its functions may be lambdas

    def __deepcopy__(self, memo: dict[int, Any]) -> Op:
        return self


def arity(partials: Callable[..., Any]) -> int | None:
    """How many inputs an operation takes, by the parameters of its `partials(out, x, …)`; None if any number."""
    code = getattr(partials, "__code__", None)
    if code is None or code.co_flags & 0x04:  # the flag for *xs, see `inspect.CO_VARARGS`
        return None
    count: int = code.co_argcount - 1
    return count - hasattr(partials, "__self__")  # of a bound method, which has `self` besides


def named(symbol: str) -> Op:
    """The operation with this symbol.

    Raises
    ------
    UnknownOperationError
        If there is none, as when a graph is unpickled before the module that defines one of its operations is imported.
    """
    if symbol not in TABLE:
        raise UnknownOperationError(f"no operation {symbol!r} in the table: import the module that defines it first")
    return TABLE[symbol]


class ConstantPower(Op):
    """xⁿ for a plain number n, which is a part of the operation and not an input: nothing is differentiated by it.

    So x² is exact for every ring and every sign of x, where `Value ** Value` needs log x for the exponent's partial.
    """

    __slots__ = ("exponent",)

    def __init__(self, exponent: Number) -> None:
        n = self.exponent = exponent
        self.symbol = f"**{n}"
        self.apply = lambda x: power(x, n)
        # x⁰ = 1 has the derivative 0, at x = 0 too
        self.partials = lambda out, x: (0 if is_zero(n) else n * power(x, n - 1),)
        whole = re.fullmatch(r"-?\d+", str(n))
        bare = re.fullmatch(r"[\w.]+", str(n))
        self.notation = "", "", str(n).translate(SUPERSCRIPTS) if whole else f" ^ {n}" if bare else f" ^ ({n})"
        self.degree = (lambda degree: degree * n) if type(n) is int and n >= 0 else None
        self.bends, self.arity, self.opcode, self.built_in = None, 1, None, True

    def __reduce__(self) -> tuple[Any, ...]:
        return ConstantPower, (self.exponent,)


def constant_power(exponent: Number) -> ConstantPower:
    """The operation xⁿ; for an int or a float n it is made once."""
    return _constant_power(exponent) if type(exponent) in (int, float) else ConstantPower(exponent)


_constant_power = lru_cache(maxsize=1000, typed=True)(ConstantPower)  # typed: x^2 and x^2.0 are two

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

BUILT_IN: frozenset[str] = frozenset()


def infix(text: str) -> tuple[str, str, str]:
    """The notation of an operation that is written between its operands."""
    return "", f" {text} ", ""


# fmt: off
def largest(*degrees: int) -> int: return max(degrees)
def at_zero(x: Number) -> bool: return bool(x == 0)
def at_a_tie(a: Number, b: Number) -> bool: return bool(a == b)
# fmt: on

# Arithmetic
ADD = Op("+", add, lambda out, a, b: (1, 1), infix("+"), largest)
SUB = Op("-", sub, lambda out, a, b: (1, -1), infix("−"), largest)
MUL = Op("*", mul, lambda out, a, b: (b, a), infix("·"), lambda p, q: p + q)
DIV = Op("/", divide, lambda out, a, b: (divide(unit(out), b), divide(-out, b)), infix("/"))  # 1/b is of out's kind
NEG = Op("neg", neg, lambda out, x: (-1,), ("−", "", ""), largest)
SUM = Op("Σ", total, lambda out, *xs: (1,) * len(xs), infix("+"), largest)

# Piecewise linear functions, with a subgradient where they bend: 0 for relu and abs at 0; of two equals, max and min
# take the first. The derivatives of step and greater are 0 wherever they have one.
MAX = Op("max", maximum, lambda out, a, b: (1 - greater(b, a), greater(b, a)), bends=at_a_tie)
MIN = Op("min", minimum, lambda out, a, b: (1 - greater(a, b), greater(a, b)), bends=at_a_tie)
STEP = Op("step", step, lambda out, x: (0,), ("[", "", " > 0]"), bends=at_zero)
GREATER = Op("greater", greater, lambda out, a, b: (0, 0), ("[", " > ", "]"), bends=at_a_tie)
RELU = Op("relu", relu, lambda out, x: (step(x),), bends=at_zero)
ABS = Op("abs", absolute, lambda out, x: (step(x) - step(-x),), ("|", "", "|"), bends=at_zero)

# Functions, some with a derivative that is best said by their own value
EXP = Op("exp", exp, lambda out, x: (out,))
LOG = Op("log", log, lambda out, x: (divide(1, x),))
SQRT = Op("sqrt", sqrt, lambda out, x: (divide(1, 2 * out),))
SIN = Op("sin", sin, lambda out, x: (cos(x),))
COS = Op("cos", cos, lambda out, x: (-sin(x),))
TANH = Op("tanh", tanh, lambda out, x: (1 - out * out,))
SIGMOID = Op("sigmoid", sigmoid, lambda out, x: (out * (1 - out),))

# d(aᵇ) = b·aᵇ⁻¹ da + aᵇ·log(a) db, and at b = 0 the first is 0 for every a, a = 0 included
POW = Op("**", power, lambda out, a, b: (0 * b if is_zero(b) else b * power(a, b - 1), xlogy(out, a)), infix("^"))
XLOGY = Op("xlogy", xlogy, lambda out, x, y: (log(y), divide(x, y)))

BUILT_IN = frozenset(TABLE)

for code, row in enumerate(row for row in TABLE.values() if row.arity):  # not Σ, which programs add up by +
    row.opcode = code
