"""A scalar autograd engine that proves, exactly, that the element-wise chain rule gives the matrix formulas.

    >>> import scalargrad as sg
    >>> X, W = sg.values([[1, 2]], "x"), sg.values([[3], [4]], "w")
    >>> L = ((X @ W) ** 2).sum(); L.backward(); sg.grads(X).tolist()
    [[66, 88]]

`value` and `ops` are the engine, `affine` is the mission, `verify` is the proof; each file opens with what it is about.
"""

from ._build import build_info
from .array import data, grads, jacobian, values
from .elementary import InexactError
from .ops import Op
from .value import Value, backward, grad, sum

__all__ = [
    "InexactError",
    "Op",
    "Value",
    "backward",
    "build_info",
    "data",
    "grad",
    "grads",
    "jacobian",
    "sum",
    "values",
]
