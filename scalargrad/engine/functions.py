"""The functions of a Value under NumPy's names, each a row of the table. np.tan(X) is X[i].tan() for each entry.

    >>> from .value import Value
    >>> x = Value(0.0, "x"); y = x.log1p() + x.arctan2(1.0); y.backward(); y.data, x.grad
    (0.0, 2.0)

Those of the first lecture, exp, log, relu and so on, stand in `value` itself.
"""

from __future__ import annotations

from typing import Any

from . import ops
from .node import Node, not_a_number
from .op import Op
from .special import require_real


class Functions(Node):
    """What stands between a node and a Value: the functions that are called by name."""

    __slots__ = ()

    def make_node(self, op: Op, *inputs: Any) -> Any:
        """A node of the operation, as `Value` makes it."""
        raise NotImplementedError

    # fmt: off
    def tan(self) -> Any: return self.make_node(ops.TAN, self)
    def arcsin(self) -> Any: return self.make_node(ops.ARCSIN, self)
    def arccos(self) -> Any: return self.make_node(ops.ARCCOS, self)
    def arctan(self) -> Any: return self.make_node(ops.ARCTAN, self)
    def sinh(self) -> Any: return self.make_node(ops.SINH, self)
    def cosh(self) -> Any: return self.make_node(ops.COSH, self)
    def arcsinh(self) -> Any: return self.make_node(ops.ARCSINH, self)
    def arccosh(self) -> Any: return self.make_node(ops.ARCCOSH, self)
    def arctanh(self) -> Any: return self.make_node(ops.ARCTANH, self)
    def log1p(self) -> Any: return self.make_node(ops.LOG1P, self)  # log(1 + x), exact near 0
    def expm1(self) -> Any: return self.make_node(ops.EXPM1, self)  # eˣ - 1, exact near 0
    def log2(self) -> Any: return self.make_node(ops.LOG2, self)
    def log10(self) -> Any: return self.make_node(ops.LOG10, self)
    def exp2(self) -> Any: return self.make_node(ops.EXP2, self)  # 2ˣ
    def cbrt(self) -> Any: return self.make_node(ops.CBRT, self)  # the real cube root
    def erf(self) -> Any: return self.make_node(ops.ERF, self)
    def softplus(self) -> Any: return self.make_node(ops.SOFTPLUS, self)  # log(1 + eˣ), without overflow
    def log_sigmoid(self) -> Any: return self.make_node(ops.LOG_SIGMOID, self)

    # Piecewise constant: the gradient is 0
    def sign(self) -> Any: return self.make_node(ops.SIGN, self)
    def floor(self) -> Any: return self.make_node(ops.FLOOR, self)
    def ceil(self) -> Any: return self.make_node(ops.CEIL, self)
    def rint(self) -> Any: return self.make_node(ops.RINT, self)  # to the nearest, and of two to the even one

    # Of two numbers
    def arctan2(self, x: Any) -> Any: return self.make_node(ops.ARCTAN2, self, x)  # the angle of the point (x, self)
    def hypot(self, other: Any) -> Any: return self.make_node(ops.HYPOT, self, other)  # √(a² + b²)
    def logaddexp(self, other: Any) -> Any: return self.make_node(ops.LOGADDEXP, self, other)
    def mod(self, other: Any) -> Any: return self.make_node(ops.MOD, self, other)  # with the sign of the divisor
    def fmax(self, other: Any) -> Any: return ops.FMAX(self, other)  # as max, but of nan and a number the number
    def fmin(self, other: Any) -> Any: return ops.FMIN(self, other)
    def difference(self, other: Any) -> Any: return self.make_node(ops.DIFFERENCE, self, other)  # ∞ - ∞ = 0
    def power_slope(self, b: Any) -> Any: return self.make_node(ops.POWER_SLOPE, self, b)  # b · aᵇ⁻¹
    def power_log(self, b: Any) -> Any: return self.make_node(ops.POWER_LOG, self, b)  # aᵇ · log a

    # Conditions: 1 or 0, as a node, so that replay asks again
    def less(self, other: Any) -> Any: return self.make_node(ops.LESS, self, other)
    def less_equal(self, other: Any) -> Any: return self.make_node(ops.LESS_EQUAL, self, other)
    def equal(self, other: Any) -> Any: return self.make_node(ops.EQUAL, self, other)
    def both_zero(self, other: Any) -> Any: return self.make_node(ops.BOTH_ZERO, self, other)
    def where(self, a: Any, b: Any) -> Any: return ops.WHERE(self, a, b)  # a where this is not 0, else b
    def gate(self, x: Any) -> Any: return self.make_node(ops.GATE, self, x)  # x where this is not 0, else -0.0

    # The operators that Python has for some of them
    def __mod__(self, other: Any) -> Any: return self.mod(other) if fits(other) else NotImplemented
    def __rmod__(self, other: Any) -> Any: return ops.MOD(other, self) if fits(other) else NotImplemented
    def __floor__(self) -> Any: return self.make_node(ops.FLOOR, self)
    def __ceil__(self) -> Any: return self.make_node(ops.CEIL, self)
    # fmt: on

    def __round__(self, digits: int | None = None) -> Any:
        """To a number of decimal digits, as NumPy rounds: a node too, where Python makes an int of a float."""
        if not digits:
            return self.make_node(ops.RINT, self)
        scaled: Any = self
        scale = 10 ** abs(digits)
        return (scaled * scale).rint() / scale if digits > 0 else (scaled / scale).rint() * scale

    def conjugate(self) -> Any:
        """Itself: a function of real numbers, as sums of squares in NumPy need it.

        Raises
        ------
        NumberError
            If the number is complex: z̄ has no complex derivative.
        """
        require_real("conjugate", self.data)
        return self


def fits(other: Any) -> bool:
    """Whether an operator takes it; else Python asks the other side, and Value % array is an array."""
    return isinstance(other, Node) or not not_a_number(other)
