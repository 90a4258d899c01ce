"""A node of a graph: a number, how it was made, and what the chain rule needs to know of that.

    >>> from .value import Value
    >>> y = Value(3) * Value(4)
    >>> y.data, y.op, [x.data for x in y.inputs], y.partials
    (12, Op('*'), [3, 4], (4, 3))

Here is what can be asked of a node, and what is a number that it can hold; `value` adds how nodes are made, `sweep` how
the chain rule runs over them.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..errors import NumberError
from .numbers import Number
from .slots import Slots


class Node(Slots):
    """What every node can be asked; the attributes are described in `Value`."""

    __slots__ = ()

    @property
    def data(self) -> Number:
        return self._data

    @data.setter
    def data(self, number: Number) -> None:
        self._data = checked_number(number)

    @property
    def grad(self) -> Number:
        return self._grad

    @grad.setter
    def grad(self, number: Number) -> None:
        self._grad = 0 if number is None else checked_number(number)  # None is how other engines say 0

    @property
    def _op(self) -> str:
        """The symbol of the operation, "" for a leaf, as helpers written for micrograd read it."""
        return self.op.symbol if self.op else ""

    @property
    def _prev(self) -> set[Any]:
        """The inputs, for the same helpers."""
        return set(self.inputs)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """How NumPy does np.maximum(x, 0): as for an array of Values."""
        from ..arrays import apply_ufunc

        return apply_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """The same for np.clip(x, 0, 1), and for np.stack([x, y]), which makes an array of Values."""
        from ..arrays import apply_function

        return apply_function(function, args, kwargs)


PLAIN_NUMBERS = frozenset({int, float, complex, Fraction, Decimal})
"""Kinds of number that need no second look."""


def checked_number(x: Any) -> Number:
    """A number as a node holds it: NumPy's numbers that Python has too, such as float64, as Python's own.

    Raises
    ------
    NumberError
        If it is not a number: a Value, text, None, a list or an array.
    """
    if type(x) in PLAIN_NUMBERS:
        return x
    if problem := not_a_number(x):
        raise NumberError(problem)
    if hasattr(x, "dtype") and x.dtype.char in NUMPY_NUMBERS_OF_PYTHON:
        return x.item()
    return x


NUMPY_NUMBERS_OF_PYTHON = "?bBhHiIlLqQdD"
"""Characters of NumPy's truth values, whole numbers, float64 and complex128. (float32 and longdouble are others.)

With NumPy's, True + True is True, int64 overflows without a word, and float64 warns where IEEE 754 has an answer.
"""


def not_a_number(data: Any) -> str:
    """What is wrong with `data` as a number; "" if nothing is."""
    kind = type(data).__name__
    if isinstance(data, Node):
        return (
            "a Value cannot hold another Value: give its .data, and for higher derivatives call "
            "grad(..., create_graph=True)"
        )
    if data is None:
        return "a Value needs a number, and got None"
    if isinstance(data, (str, bytes)):
        return f"a Value needs a number, and got the text {data!r}"
    if isinstance(data, type):
        return f"a Value needs a number, and got the class {data.__name__}"
    if hasattr(data, "__iter__") or getattr(data, "shape", ()) != ():
        return f"a Value holds one number, and got a {kind}: values(...) makes an array of Values"
    if not (hasattr(data, "__add__") and hasattr(data, "__mul__")):
        return f"a Value needs a number, and a {kind} has no + and *"
    return ""


def number(x: Any) -> Number:
    """The number that a node holds, or x itself."""
    return x.data if isinstance(x, Node) else x
