"""A claim that fails for one input is judged for the others: arrays whose operations fail without ending the claim.

    >>> G, W = lenient(np.ones((2, 3), object)), lenient(np.ones((3, 3), object))
    >>> isinstance((W @ G).T, Failed), (G @ W).shape
    (True, (2, 3))

What fails stands for itself in all that is computed with it, and the rest of the claim goes on.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Failed:
    """What an operation that failed gives, and everything that is made of it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __array_ufunc__(self, *args: Any, **options: Any) -> Failed:
        return self

    def __array_function__(self, *args: Any) -> Failed:
        return self

    def __getattr__(self, name: str) -> Failed:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __bool__(self) -> bool:
        raise self.error

    def __repr__(self) -> str:
        return f"failed: {self.error}"


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow"):
    for _operator in (f"__{_name}__", f"__r{_name}__"):
        setattr(Failed, _operator, lambda self, other: self)
for _name in ("neg", "pos", "abs"):
    setattr(Failed, f"__{_name}__", lambda self: self)
for _name in ("getitem", "call"):
    setattr(Failed, f"__{_name}__", lambda self, *args, **options: self)


class Lenient(np.ndarray[Any, np.dtype[Any]]):
    """An array of objects whose ufuncs and functions give `Failed` where NumPy raises."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(x, Failed) for x in inputs):
            return next(x for x in inputs if isinstance(x, Failed))
        try:
            if out := options.get("out"):
                options["out"] = tuple(map(unlenient, out))
            return lenient(getattr(ufunc, method)(*map(unlenient, inputs), **options))
        except Exception as error:
            return Failed(error)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        try:
            return lenient(super().__array_function__(function, types, args, kwargs))
        except Exception as error:
            return Failed(error)


def unlenient(x: Any) -> Any:
    """The same numbers in an array of NumPy's own."""
    return x.view(np.ndarray) if isinstance(x, Lenient) else x


def lenient(x: Any) -> Any:
    """An array as one that is lenient; anything else as it is."""
    return x.view(Lenient) if type(x) is np.ndarray else x
