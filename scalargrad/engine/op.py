"""What an operation is: one row of the table that `ops` fills.

    >>> CUBE = Op("cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))
    >>> CUBE(2), CUBE.partials(8, 2), CUBE.written("x"), CUBE.arity
    (8, (12,), 'cube(x)', 1)

A row that you add is as good as ours: what you don't say of it is found out by running `apply` on nodes (`own`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ..errors import ArgumentError, UnknownOperationError
from .numbers import Number, alike, is_zero, power

TABLE: dict[str, Op] = {}
"""Every operation by its symbol. Powers with a constant exponent are a family (`ConstantPower`) and not listed."""

BUILT_IN: set[str] = set()
"""The symbols of our own rows; `ops` closes it when they are made."""


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


class Choice(Op):
    """An operation that gives one of its two operands, and of equal ones the first, as max does; where has a condition.

    Of two that are equal a plain number is put before a node. So x has the gradient 0 where `x.max(0)` bends, as in
    `np.maximum(0, x)`, in `np.clip(x, 0, 1)` and in `x.relu()`. A plain integer becomes a number of the node's kind.
    """

    __slots__ = ()

    def __call__(self, *inputs: Any) -> Any:
        *condition, a, b = alike(*inputs)
        if hasattr(a, "make_node") and not hasattr(b, "make_node") and not condition:
            a, b = b, a
        return super().__call__(*condition, a, b)


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
