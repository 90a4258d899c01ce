"""Matrices of Values: NumPy arrays whose entries are nodes, so NumPy's own operations build the graph.

    >>> X = values([[1.0, 2.0]], "x"); W = values([[3.0], [4.0]], "w")
    >>> L = (X @ W).sum(); L.backward()
    >>> X[0, 1].label, data(X @ W), grads(X)
    ('x[0,1]', array([[11.]]), array([[3., 4.]]))

`X @ W`, `X.T`, slices, broadcasting, `np.exp(X)`, `X.sum()` and `X.mean(axis=0)` are NumPy's, entry by entry.
`value_array` says what NumPy meets, `ufuncs`, `functions` and `linalg` how each function is done, and `entries` how
numbers go in and come out.
"""

from . import functions as functions, linalg as linalg
from .entries import data, entry_name, fill, grads, jacobian, label, objects, packed, values
from .value_array import Array, Condition, ValueArray, apply_function, apply_ufunc

__all__ = [
    "Array",
    "Condition",
    "ValueArray",
    "apply_function",
    "apply_ufunc",
    "data",
    "entry_name",
    "fill",
    "grads",
    "jacobian",
    "label",
    "objects",
    "packed",
    "values",
]
