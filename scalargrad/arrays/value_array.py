"""What NumPy meets: arrays of Values, and the conditions that comparisons of them are.

    >>> from .entries import data, values
    >>> X = values([-1.0, 2.0], "x")
    >>> data(np.where(X > 0, X, 0.5 * X)), np.maximum(X, 0)[1].op
    (array([-0.5,  2. ]), Op('max'))

NumPy asks an operand first how its ufuncs (`np.exp`, `np.maximum`, `@`) and its functions (`np.where`, `np.sort`) are
to be done: by `__array_ufunc__` and `__array_function__`. The answers are two tables, `ufuncs.UFUNCS` and `FUNCTIONS`.
What is in neither is refused, so nothing leaves the graph without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..engine.collector import collector_paused
from ..engine.node import Node
from ..engine.numbers import asked
from ..engine.value import Value
from ..errors import UnsupportedError
from .ufuncs import BITWISE, CONDITIONS, LOGICAL, by_entries

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


class ValueArray(np.ndarray[Any, np.dtype[Any]]):
    """A NumPy array of dtype object whose entries are Values, with NumPy's behaviour.

    Plain numbers that come in, as by `X[0] = 0.5` or np.pad, become constants: leaves of the graph.
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return apply_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return apply_function(function, args, kwargs)

    def __setitem__(self, key: Any, entries: Any) -> None:
        if isinstance(key, Condition) and key.shape == self.shape and np.ndim(entries) == 0:
            key, entries = ..., np.where(key, entries, self)  # X[X < 0] = 0: on other data at other places
        if not isinstance(entries, Value):
            entries = constants(np.array(plain(entries), dtype=object))[()]
        super().__setitem__(key, entries)

    def fill(self, number: Any) -> None:
        self[...] = number

    def all(self, *args: Any, **options: Any) -> Any:
        return (self != 0).all(*args, **options)

    def any(self, *args: Any, **options: Any) -> Any:
        return (self != 0).any(*args, **options)

    def sort(self, axis: int = -1, **options: Any) -> None:  # type: ignore[override]
        self[...] = np.sort(self, axis, **options)

    def partition(self, kth: Any, axis: int = -1, **options: Any) -> None:  # type: ignore[override]
        self[...] = np.partition(self, kth, axis, **options)

    @property  # type: ignore[misc]
    def real(self) -> Any:
        return np.real(self)

    @property  # type: ignore[misc]
    def imag(self) -> Any:
        return np.imag(self)


def _method(name: str) -> Callable[..., Any]:
    """A method of arrays as NumPy's function of the same name, which is in the table."""
    return lambda self, *args, **options: getattr(np, name)(self, *args, **options)


for _name in ("argmax", "argmin", "argpartition", "argsort", "nonzero", "put", "round", "searchsorted"):
    setattr(ValueArray, _name, _method(_name))


class Condition(NDArrayOperatorsMixin):
    """Truth values that are nodes of the graph, 1 or 0: what `X > 0` is for an array of Values.

    In np.where, np.select, products, & and | it is an operation, so a recorded program decides anew. Where NumPy needs
    plain truth values, such as for X[X > 0], it becomes an array of them; so it does in an `if`. That is a branch, of
    which a recording warns.

    Parameters
    ----------
    nodes
        An array of Values.
    """

    def __init__(self, nodes: Any) -> None:
        self.nodes = array_of_values(nodes)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        truths = [bool(x) for x in self.nodes.flat]
        return np.array(truths, dtype=bool).reshape(self.shape).astype(dtype or bool)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return apply_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return apply_function(function, args, kwargs)

    def all(self, axis: Any = None, **options: Any) -> Condition:
        return Condition(np.min(self.nodes, axis, initial=1, **options))

    def any(self, axis: Any = None, **options: Any) -> Condition:
        return Condition(np.max(self.nodes, axis, initial=0, **options))

    def astype(self, dtype: Any, **options: Any) -> Any:
        """As floats, the nodes; as anything else, what NumPy makes of plain truth values."""
        return self.nodes if np.dtype(dtype).kind in "fO" else np.asarray(self).astype(dtype, **options)

    def __bool__(self) -> bool:
        return bool(np.asarray(self))

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, key: Any) -> Condition:
        return Condition(self.nodes[key])

    def __getattr__(self, name: str) -> Any:
        """The shape and its kind, sums and means, are those of the nodes; all else is that of plain truth values."""
        if name in ("nodes", "__array_interface__", "__array_struct__"):
            raise AttributeError(name)
        if name in ("shape", "ndim", "size", "sum", "mean", "prod", "cumsum"):
            return getattr(self.nodes, name)
        if name in ("T", "reshape", "ravel", "flatten", "copy", "squeeze", "transpose", "swapaxes", "repeat"):
            found = getattr(self.nodes, name)
            return (lambda *a, **k: Condition(found(*a, **k))) if callable(found) else Condition(found)
        return getattr(np.asarray(self), name)

    def __repr__(self) -> str:
        return f"Condition({np.reshape([asked(x.data != 0) for x in self.nodes.flat], self.shape).tolist()})"


# ---------------------------------------------------------------------------------------------------------------------
# In and out


def plain(x: Any) -> Any:
    """What NumPy may compute with by itself: an array of objects for Values and conditions; all else as it is."""
    if isinstance(x, Condition):
        x = x.nodes
    if isinstance(x, Node):
        return array_of_values(x).view(np.ndarray)
    return x.view(np.ndarray) if isinstance(x, ValueArray) else x


def array_of_values(x: Any) -> Any:
    """A Value as an array without a dimension; an array of objects as a ValueArray."""
    if isinstance(x, np.ndarray):
        return constants(x).view(ValueArray)
    result = np.empty((), dtype=object)
    result[()] = x
    return constants(result).view(ValueArray)


def constants(entries: Array) -> Array:
    """The same array of objects, in which plain numbers have become Values."""
    if {*map(type, entries.ravel().tolist())} <= {Value}:
        return entries
    if not entries.flags.writeable:
        entries = entries.copy()
    entries = plain(entries)
    for index in np.ndindex(entries.shape):
        if not isinstance(entries[index], Node):
            entries[index] = Value(entries[index])
    return entries


def wrapped(result: Any) -> Any:
    """What NumPy gave, with arrays of objects as arrays of Values."""
    if isinstance(result, np.ndarray) and result.dtype == object:
        return array_of_values(result)
    if isinstance(result, (list, tuple)):
        parts = [wrapped(x) for x in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


# ---------------------------------------------------------------------------------------------------------------------
# Ufuncs


def apply_ufunc(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What `ufunc(*inputs)` is, or `ufunc.reduce` and the like, where an operand holds Values.

    Raises
    ------
    UnsupportedError
        If no operation of the graph does it.
    """
    name = ufunc.__name__
    if all(map(is_truth, inputs)):
        if method == "__call__":  # as NumPy does with truth values; reduced, they are counted
            name = {"add": "logical_or", "multiply": "logical_and"}.get(name, name)
    elif name in BITWISE:
        raise unsupported(ufunc)
    if name in LOGICAL or name in BITWISE:
        ufunc, inputs = getattr(np, name), tuple(map(truths, inputs))
    if name in CONDITIONS and method != "__call__":
        return getattr(ufunc, method)(*map(np.asarray, inputs), **options)
    function = by_entries(ufunc)
    if function is None:
        raise unsupported(ufunc)
    out, where = options.pop("out", ()), options.pop("where", True)
    if "dtype" in options and (np.dtype(options["dtype"]).kind in "fb" or isinstance(inputs[0], Condition)):
        options["dtype"] = None  # the kind of number is that of the Values
    if method == "reduce" and where is not True:
        inputs = (np.where(where, inputs[0], options.get("initial", ufunc.identity)),)
    with collector_paused(), np.errstate(all="ignore"):  # floats in a graph overflow to inf without a warning
        result = getattr(function, method)(*map(plain, inputs), **options)
    if name in CONDITIONS:
        result = Condition(result)
    elif method == "__call__" and where is not True:
        result = np.where(where, result, out[0] if out else 0)
    elif isinstance(result, np.ndarray):  # with plain numbers among its entries only where something is summed up
        result = result.view(ValueArray) if method == "__call__" and ufunc.signature is None else wrapped(result)
    elif isinstance(result, tuple):
        result = wrapped(result)
    return stored(result, out)


def stored(result: Any, out: tuple[Any, ...]) -> Any:
    """The result, in the array that was given for it, if one was."""
    if not out or out[0] is None:
        return result
    if isinstance(result, tuple):
        return tuple(map(lambda one, place: stored(one, (place,)), result, out))
    out[0][...] = result
    return out[0]


def is_truth(x: Any) -> bool:
    """Whether x is a condition, or plain truth values."""
    return isinstance(x, (Condition, bool)) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "b")


def truths(x: Any) -> Any:
    """A condition as it is, or of numbers whether they are not 0."""
    if isinstance(x, (ValueArray, Node)):
        return apply_ufunc(np.not_equal, "__call__", (x, 0), {})
    return x if isinstance(x, Condition) else np.asarray(x, dtype=bool)


# ---------------------------------------------------------------------------------------------------------------------
# Functions

FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""How each of NumPy's functions is done for arrays of Values. `functions` and `linalg` fill it in."""

REMEDIES: dict[Any, str] = {}
"""What to use in place of a function that is refused, where there is something."""


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function of ours in the table, in place of NumPy's."""

    def enter(ours: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS.update(dict.fromkeys(functions, ours))
        return ours

    return enter


def apply_function(function: Any, args: Any, kwargs: Any) -> Any:
    """What `function(*args, **kwargs)` is, where an argument holds Values.

    Raises
    ------
    UnsupportedError
        If no operations of the graph do it.
    """
    if function not in FUNCTIONS:
        raise unsupported(function)
    with collector_paused(), np.errstate(all="ignore"):
        return wrapped(FUNCTIONS[function](*args, **kwargs))


def numpys_own(function: Any) -> Callable[..., Any]:
    """NumPy's implementation, where that moves entries about, or computes with ufuncs."""

    def own(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = map_arguments(as_array, args, kwargs)
        return np.ndarray.__array_function__(np.empty(0), function, (ValueArray,), args, kwargs)

    return own


def as_array(x: Any) -> Any:
    """A Value or a condition as an array of Values; anything else as it is."""
    return x.nodes if isinstance(x, Condition) else array_of_values(x) if isinstance(x, Node) else x


def map_arguments(convert: Callable[[Any], Any], args: Any, kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments with each of them converted, and what lists and tuples hold."""

    def each(x: Any) -> Any:
        return type(x)(map(each, x)) if type(x) in (list, tuple) else convert(x)

    return tuple([each(x) for x in args]), {name: each(x) for name, x in kwargs.items()}


def unsupported(function: Any) -> UnsupportedError:
    """One sentence: what is not there, and what to use instead."""
    module = getattr(function, "__module__", "numpy") or "numpy"
    name = f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
    remedy = REMEDIES.get(function, "give it the numbers sg.data(X), of which no gradient is taken")
    return UnsupportedError(f"{name} is not made of operations of the graph: {remedy}")
