"""Numbers into arrays of Values, and out again: values, data, grads, jacobian.

>>> X = values([[1.0, 2.0]], "x"); (X * X).sum().backward()
>>> X[0, 1].label, data(X), grads(X)
('x[0,1]', array([[1., 2.]]), array([[2., 4.]]))
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ..engine.collector import collector_paused
from ..engine.numbers import Number, unit
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import ArgumentError, ArgumentTypeError, NumberError, ShapeError
from .value_array import Array, ValueArray


def values(numbers: Any, label: str = "") -> Any:
    """An array of Values of the same shape, its entries labelled `x[0,1]`; a Value for a single number.

    float64, complex128 and integer arrays become Python's float, complex and int (which never overflows); all other
    numbers are kept as they are.

    Parameters
    ----------
    numbers
        An array, or nested lists, of any shape; sizes of zero are fine.
    label
        The name of the array, if it has one.

    Raises
    ------
    NumberError
        If an entry is not a number; the message names its index.
    ShapeError
        If nested lists are ragged.
    """
    entries = objects(numbers)
    result = np.empty(entries.shape, dtype=object)
    with collector_paused():
        for index in product(*map(range, entries.shape)):
            name = entry_name(label, index) if label else ""
            try:
                result[index] = Value(entries[index], name)
            except NumberError as error:
                raise NumberError(f"{entry_name(label, index)}: {error}") from None
    return result.view(ValueArray) if entries.shape else result[()]


def label(results: Any, name: str) -> Any:
    """The same Values, with a name: `values` gives one to what goes in, and this to what was computed.

    >>> Y = label(values([[1, 2]], "x") @ values([[3], [4]], "w"), "y"); Y[0, 0].label
    'y[0,0]'

    Parameters
    ----------
    results
        A Value, or an array of Values; entries that are plain numbers are left as they are.
    name
        The name of the array.

    Raises
    ------
    ArgumentError
        If an entry has another label, or stands at two places: it is an entry of another array, such as X.T's of X.
    """
    entries = objects(results)
    places: dict[Value, str] = {}
    for index in np.ndindex(entries.shape):
        entry, new = entries[index], entry_name(name, index)
        if isinstance(entry, Value):
            before = places.setdefault(entry, new)
            if entry.label not in ("", new) or before != new:
                raise ArgumentError(
                    f"{new} has the name {before if before != new else entry.label} already: an entry has one name; "
                    "set its .label to give it another"
                )
    for node, new in places.items():
        node.label = new
    return results


def objects(numbers: Any) -> Array:
    """Numbers (or Values, or whatever stands there) as a NumPy array of dtype object.

    Raises
    ------
    ShapeError
        If nested lists are ragged.
    """
    if isinstance(numbers, np.ndarray) and numbers.dtype.kind in "fc" and numbers.dtype not in (float, complex):
        result = np.empty(numbers.shape, dtype=object)  # float32, longdouble…: their scalars are a kind of their own
        for index in np.ndindex(numbers.shape):
            result[index] = numbers[index]
        return result
    ragged = ShapeError("the rows have different lengths: an array needs rows of one length")
    try:
        result = np.array(numbers, dtype=object)
    except ValueError:
        raise ragged from None
    if any(issubclass(kind, (list, tuple)) for kind in {*map(type, result.flat)}):
        raise ragged
    return result


def entry_name(name: str, index: tuple[int, ...]) -> str:
    """`x[0,1]`, or `x` for the empty index."""
    return f"{name}[{','.join(map(str, index))}]" if index else name


def data(X: Any) -> Any:
    """The numbers that X's Values hold, in a plain array of their own kind: float64 for floats, object for Fractions.

    Integers stay Python's, in an array of dtype object, since int64 would overflow without a word. For a single Value,
    its number. Entries that are plain numbers are kept.
    """
    if isinstance(X, Value):
        return X.data
    entries = objects(X)
    return packed([v.data if isinstance(v, Value) else v for v in entries.flat], entries.shape)


def grads(X: Any) -> Any:
    """The adjoints `.grad` of X's Values, as `data` returns the numbers; zeros of the numbers' kind where none came.

    Raises
    ------
    ArgumentTypeError
        If an entry is not a Value.
    """
    if isinstance(X, Value):
        return X.grad if type(X.grad) is not int else X.grad * unit(X.data)
    entries = objects(X)
    for index in np.ndindex(entries.shape):
        if not isinstance(entries[index], Value):
            raise ArgumentTypeError(f"entry {list(index)} is a {type(entries[index]).__name__} and has no gradient")
    return packed([grads(v) for v in entries.flat], entries.shape)


def packed(numbers: list[Number], shape: tuple[int, ...]) -> Array:
    """Numbers in row-major order as an array of the tightest dtype that changes none of them."""
    kinds = {type(x) for x in numbers}
    if kinds <= {int, float, complex} and kinds != {int}:
        return np.array(numbers, dtype=complex if complex in kinds else float).reshape(shape)
    if len(kinds) == 1 and issubclass(kind := kinds.pop(), np.generic):
        return np.array(numbers, dtype=kind).reshape(shape)
    result = np.empty(len(numbers), dtype=object)
    one = next((unit(x) for x in numbers if type(x) is not int), 1)
    result[:] = [x * one if type(x) is int else x for x in numbers]
    return result.reshape(shape)


def jacobian(A: Any, B: Any) -> Any:
    """(∂A/∂B)[i…, j…] = ∂a_i…/∂b_j…, so shape(∂A/∂B) = shape(A) + shape(B): one rule for all nine cases.

    Parameters
    ----------
    A, B
        Values: one, or an array of any number of dimensions. Entries of A that are plain numbers have the derivative 0.

    Returns
    -------
    A plain array of that shape, of the numbers' own kind; a number for a Value by a Value. It is dense: for an affine
    layer Y = X·W, ∂Y/∂X has N·M·N·D entries, though at most N·M·D are not zero.
    """
    outputs, inputs = objects(A), objects(B)
    numbers: list[Number] = []
    for a in outputs.flat:
        row = adjoints(a) if isinstance(a, Value) else {}
        numbers += [row[b] if b in row else 0 * unit(b.data) for b in inputs.flat]
    shape = outputs.shape + inputs.shape
    return packed(numbers, shape) if shape else numbers[0]


def fill(shape: tuple[int, ...], entry: Callable[..., Any]) -> Array:
    """The array whose entry at each index (i, j…) is `entry(i, j…)`, of dtype object."""
    indices = product(*map(range, shape))
    return np.fromiter((entry(*index) for index in indices), object, prod(shape)).reshape(shape)
