"""A finite field: exact arithmetic in numbers that never grow, for code that only adds, multiplies and divides.

    >>> x = Residue(3, 1)
    >>> y = x / (x * x + 1)
    >>> y * 10, y.above, y.below
    (3, 1, 2)

Two quotients of polynomials that differ anywhere differ at almost every point of the field of p = 2⁶¹ − 1 elements. A
number knows the degrees of its own numerator and denominator, so that the probability can be stated. Whatever needs an
order, a root or a rounding is refused: a run that gets through was straight-line rational code.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..engine.node import Node
from ..errors import DivisionByZeroError, InexactError
from .observed import rational

PRIME = 2**61 - 1
"""A Mersenne prime."""


class Residue:
    """A number of the field, as the value of a quotient of polynomials in numbers that are drawn at random.

    Parameters
    ----------
    number
        From 0 to p − 1.
    above, below
        The degree of the numerator, and of the denominator, at most.
    """

    __slots__ = ("above", "below", "number")

    def __init__(self, number: int, above: int = 0, below: int = 0) -> None:
        self.number, self.above, self.below = number, above, below

    def unit(self) -> Residue:
        return UNIT_RESIDUE

    def conjugate(self) -> Residue:
        return self

    def __neg__(self) -> Residue:
        return Residue(-self.number % PRIME, self.above, self.below)

    def __pos__(self) -> Residue:
        return self

    def __add__(self, other: Any) -> Any:
        b = residue(other)
        if b is None:
            return NotImplemented
        above = self.above if self.above >= b.above else b.above
        if self.below or b.below:
            above = max(self.above + b.below, b.above + self.below)
        return Residue((self.number + b.number) % PRIME, above, self.below + b.below)

    def __sub__(self, other: Any) -> Any:
        b = residue(other)
        return NotImplemented if b is None else self + -b

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        b = residue(other)
        if b is None:
            return NotImplemented
        return Residue(self.number * b.number % PRIME, self.above + b.above, self.below + b.below)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Any:
        b = residue(other)
        return NotImplemented if b is None else self * b.inverse()

    def __rtruediv__(self, other: Any) -> Any:
        return self.inverse() * other

    def inverse(self) -> Residue:
        """1/x = xᵖ⁻² (Fermat).

        Raises
        ------
        DivisionByZeroError
            Of 0.
        """
        if not self.number:
            raise DivisionByZeroError("a division by zero")
        return Residue(pow(self.number, PRIME - 2, PRIME), self.below, self.above)

    def __pow__(self, n: Any) -> Any:
        if isinstance(n, Node):
            return NotImplemented
        n = rational(n)
        if n.denominator != 1:
            raise InexactError("a root is no rational function")
        k = int(n)
        x = self if k >= 0 else self.inverse()
        return Residue(pow(x.number, abs(k), PRIME), x.above * abs(k), x.below * abs(k))

    def __eq__(self, other: object) -> Any:
        b = residue(other)
        return NotImplemented if b is None else Unordered(self.number == b.number)

    def __ne__(self, other: object) -> Any:
        b = residue(other)
        return NotImplemented if b is None else Unordered(self.number != b.number)

    def refuse(self, *others: Any) -> Any:
        """What only numbers with an order, or with a size, have."""
        raise InexactError("a finite field has no order, no roots and no functions but quotients of polynomials")

    __lt__ = __le__ = __gt__ = __ge__ = __abs__ = __bool__ = __float__ = __int__ = __index__ = __hash__ = refuse
    __round__ = __floor__ = __ceil__ = __trunc__ = __mod__ = __floordiv__ = __rpow__ = refuse

    def __getattr__(self, name: str) -> Any:
        if name in NOT_ASKED or name.startswith("_"):
            raise AttributeError(name)
        return self.refuse  # x.exp(), x.max(y): as NumPy and the engine ask for functions

    def __repr__(self) -> str:
        return str(self.number)


NOT_ASKED = frozenset({"make_node", "dtype", "shape", "truth", "imag", "real", "denominator", "numerator", "data"})
"""Attributes by which other kinds of number are recognised."""


class Unordered:
    """Whether two are equal: only the engine may ask, as in Gauss's elimination, where it is no matter of chance."""

    __slots__ = ("truth",)

    def __init__(self, truth: bool) -> None:
        self.truth = truth

    def __bool__(self) -> bool:
        raise InexactError("a comparison is no rational function")


def residue(x: Any) -> Residue | None:
    """A number in the field; None if it belongs elsewhere.

    Raises
    ------
    InexactError
        If it is a float that is not short.
    """
    if type(x) is Residue:
        return x
    if type(x) is int:
        return Residue(x % PRIME)
    if isinstance(x, (int, float, Fraction, np.integer, np.floating, np.bool_)):
        quotient = rational(x.item() if isinstance(x, np.generic) else x)
        return Residue(quotient.numerator * pow(quotient.denominator, -1, PRIME) % PRIME)
    return None


UNIT_RESIDUE = Residue(1)
