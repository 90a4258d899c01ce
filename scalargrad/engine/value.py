"""A scalar that remembers how it was made.

    >>> x, y = Value(2.0, "x"), Value(-3.0, "y")
    >>> z = x * y + x**2
    >>> z.backward(); x.grad, y.grad
    (1.0, 2.0)

Each operation makes a node that holds its result, its inputs, and the local partials ∂result/∂input as numbers, taken
from the table in `ops`. That is the whole forward pass; the backward pass is `sweep`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from ..errors import ArgumentTypeError, LeavesGraphError, NumberError
from . import copies, ops, sweep
from .functions import Functions
from .nested import flat
from .node import PLAIN_NUMBERS, checked_number, not_a_number, number
from .numbers import Number, unit
from .op import Op, constant_power
from .ops import ADD, DIV, MUL, NEG, POW, SUB
from .slots import hold


class Value(Functions):
    """A number, the operation that made it, and what the chain rule needs to know of that operation.

    Parameters
    ----------
    data
        The number: int, float, complex, Fraction, Decimal, an mpmath or SymPy number, or any other that adds and
        multiplies. Arithmetic on Values is the arithmetic of their numbers, and never changes their kind.
    label
        A name for diagrams and messages.

    Attributes
    ----------
    data, label
        As given.
    grad
        The adjoint ∂L/∂self. On a leaf it accumulates over sweeps, until you set it to 0; on any other node it is that
        of the latest sweep.
    op, inputs, partials
        The operation, the Values that it took, in order, and ∂self/∂input for each, as numbers. A leaf has none.

    Raises
    ------
    NumberError
        If the data is not a number: a Value, text, None, a list or an array. So on assignment to `data` or `grad`.
    ArgumentTypeError
        If the label is not text.
    """

    __slots__ = ()

    def __init__(self, data: Number, label: str = "") -> None:
        if type(label) is not str:
            raise ArgumentTypeError(
                f"a label is text, and this one is a {type(label).__name__}; inputs are not given: nodes are made "
                "by operations, and one of your own is a row, Op(symbol, apply, partials)"
            )
        hold(self, data if type(data) in PLAIN_NUMBERS else checked_number(data), None, (), ())
        self.label = label

    def backward(self) -> None:
        """Set or add to `grad` on every node that this one is made of: `sweep.backward(self)`, see there."""
        sweep.backward(self)

    # fmt: off
    # The operators, each a row of the table; the reflected forms are for a number on the left: 2 + x, 1 / x
    def __add__(self, other: Any) -> Value: return binary(ADD, self, other)
    def __radd__(self, other: Any) -> Value: return binary(ADD, other, self)
    def __sub__(self, other: Any) -> Value: return binary(SUB, self, other)
    def __rsub__(self, other: Any) -> Value: return binary(SUB, other, self)
    def __mul__(self, other: Any) -> Value: return binary(MUL, self, other)
    def __rmul__(self, other: Any) -> Value: return binary(MUL, other, self)
    def __truediv__(self, other: Any) -> Value: return binary(DIV, self, other)
    def __rtruediv__(self, other: Any) -> Value: return binary(DIV, other, self)
    def __neg__(self) -> Value: return unary(NEG, self)
    def __pos__(self) -> Value: return self
    def __abs__(self) -> Value: return unary(ops.ABS, self)

    # The functions. NumPy calls them by these names: np.exp(X) is X[i].exp() for each entry
    def exp(self) -> Value: return unary(ops.EXP, self)
    def log(self) -> Value: return unary(ops.LOG, self)
    def sqrt(self) -> Value: return unary(ops.SQRT, self)
    def sin(self) -> Value: return unary(ops.SIN, self)
    def cos(self) -> Value: return unary(ops.COS, self)
    def tanh(self) -> Value: return unary(ops.TANH, self)
    def sigmoid(self) -> Value: return unary(ops.SIGMOID, self)  # 1 / (1 + e⁻ˣ), without overflow
    def relu(self) -> Value: return unary(ops.RELU, self)  # max(0, x), with the subgradient 0 at 0
    def abs(self) -> Value: return unary(ops.ABS, self)  # |x|, with the subgradient 0 at 0
    def step(self) -> Value: return unary(ops.STEP, self)  # [x > 0], the derivative of relu
    def greater(self, other: Any) -> Value: return apply(ops.GREATER, self, other)  # [x > y]
    def max(self, other: Any) -> Value: return ops.MAX(self, other)  # type: ignore[no-any-return]  # at a tie, see there
    def min(self, other: Any) -> Value: return ops.MIN(self, other)  # type: ignore[no-any-return]
    def xlogy(self, other: Any) -> Value: return apply(ops.XLOGY, self, other)  # x · log y, with 0 · log 0 = 0

    # Comparisons are those of the data. As a key of a dict or a member of a set, a node is itself and no other
    def __eq__(self, other: object) -> Any: return self._data == number(other)
    def __ne__(self, other: object) -> Any: return self._data != number(other)
    def __lt__(self, other: Any) -> Any: return self._data < number(other)
    def __le__(self, other: Any) -> Any: return self._data <= number(other)
    def __gt__(self, other: Any) -> Any: return self._data > number(other)
    def __ge__(self, other: Any) -> Any: return self._data >= number(other)
    def __hash__(self) -> int: return object.__hash__(self)
    def __bool__(self) -> bool: return bool(self._data)

    # What other code asks of a number that is a node: to apply a row of the table, the 1 of its kind, copies, a picture
    def make_node(self, op: Op, *inputs: Any) -> Value: return apply(op, *inputs)
    def unit(self) -> Number: return unit(self._data)
    def __copy__(self) -> Any: return copies.shallow_copy(self)
    def __deepcopy__(self, memo: dict[int, Any]) -> Any: return copies.deep_copy(self, memo)
    def __reduce__(self) -> tuple[Any, ...]: return copies.reduced(self)
    # fmt: on

    def __pow__(self, other: Any) -> Value:
        if isinstance(other, Value):
            return binary(POW, self, other)
        if type(other) not in PLAIN_NUMBERS:
            if not_a_number(other):
                return NotImplemented
            other = checked_number(other)
        return unary(constant_power(other), self)

    def __rpow__(self, other: Any) -> Value:
        # log 2 for the exponent's partial is taken in the exponent's kind: of 50 digits, or a symbol, if that is one
        return binary(POW, other * unit(self._data) if type(other) is int else other, self)

    def __float__(self) -> NoReturn:
        raise leaves_graph("float")

    def __int__(self) -> NoReturn:
        raise leaves_graph("int")

    def _sympy_(self) -> NoReturn:
        raise sys.modules["sympy"].SympifyError(self)  # and so SymPy's number * Value is asked of the Value

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data}, grad={self.grad}{label})"

    def __format__(self, form: str) -> str:
        return format(self._data, form) if form else repr(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """How a notebook shows it: as a diagram, where one can be drawn."""
        from ..pictures import mimebundle

        return mimebundle(self)


def leaves_graph(kind: str) -> LeavesGraphError:
    """What `float(x)`, `math.exp(x)`, a cast of the dtype… meet: the gradient would stop there without a word."""
    return LeavesGraphError(
        f"a Value can't become a {kind}, which would leave the graph: use .data for its number, and for functions "
        "those that Values have, such as x.exp() or np.exp(x)"
    )


# ---------------------------------------------------------------------------------------------------------------------
# The forward pass: one node for each operation


def make(data: Number, op: Op | None, inputs: tuple[Value, ...], partials: Sequence[Number]) -> Value:
    """The node of an operation, with no questions asked."""
    node = Value.__new__(Value)
    hold(node, data, op, inputs, partials)
    return node


def apply(op: Op, *operands: Any) -> Value:
    """A new node: `op` applied to Values, or to plain numbers, which become leaves.

    Raises
    ------
    NumberError
        If an operand is not a number, or an operation of your own gives something else.
    ArgumentTypeError
        If an operation of your own does not give one local partial for each input.
    """
    inputs = tuple([x if isinstance(x, Value) else Value(x) for x in operands])
    numbers = [x.data for x in inputs]
    data = op.apply(*numbers)
    partials = op.partials(data, *numbers)
    if not op.built_in:
        data, partials = checked_results(op, data, partials, len(inputs))
    return make(data, op, inputs, partials)


def unary(op: Op, x: Value) -> Value:
    """`apply` for the functions of one Value."""
    data = op.apply(x._data)
    return make(data, op, (x,), op.partials(data, x._data))


def binary(op: Op, a: Any, b: Any) -> Value:
    """`apply` for the operators, which are most of any graph: two operands, and others may know what we don't."""
    if not isinstance(b, Value):
        if type(b) not in PLAIN_NUMBERS and not_a_number(b):
            return NotImplemented  # type: ignore[no-any-return]  # Python asks b, and so Value * array is an array
        b = Value(b)
    elif not isinstance(a, Value):
        if type(a) not in PLAIN_NUMBERS and not_a_number(a):
            return NotImplemented  # type: ignore[no-any-return]
        a = Value(a)
    left, right = a, b
    x, y = left._data, right._data
    data = op.apply(x, y)
    return make(data, op, (a, b), op.partials(data, x, y))


def checked_results(op: Op, data: Any, partials: Any, inputs: int) -> tuple[Number, tuple[Number, ...]]:
    """What an operation of the user's own gave, if it is a number and one local partial for each input."""
    if problem := not_a_number(data):
        raise NumberError(f"the operation {op.symbol!r} gave no number: {problem}")
    if not isinstance(partials, (tuple, list)):
        raise ArgumentTypeError(f"the operation {op.symbol!r} gave the partials {partials!r}: it owes a tuple of them")
    if len(partials) != inputs:
        raise ArgumentTypeError(
            f"the operation {op.symbol!r} gave {len(partials)} partials for {inputs} inputs: it owes one for each"
        )
    for partial in partials:
        if problem := not_a_number(partial):
            raise NumberError(f"the operation {op.symbol!r} gave a partial that is not a number: {problem}")
    return checked_number(data), tuple(map(checked_number, partials))


def sum(terms: Any) -> Value:
    """Σ terms as one node with any number of inputs, where Python's own `sum` makes a chain of additions.

    The numbers are the same in every bit: both add from left to right. Terms are Values or plain numbers, in a list or
    an array of any shape; the sum of no terms is a leaf that holds 0.

    >>> sum([Value(1), Value(2), 3])
    Value(data=6, grad=0)
    """
    terms = tuple(flat(terms))
    return apply(ops.SUM, *terms) if terms else Value(0)
