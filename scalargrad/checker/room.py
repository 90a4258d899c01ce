"""Arrays that a user's code makes to fill in: np.zeros and its like, with room for any kind of number.

    >>> from fractions import Fraction
    >>> def doubled(X):
    ...     Y = np.zeros(len(X))
    ...     for i in range(len(X)):
    ...         Y[i] += 2 * X[i]
    ...     return Y
    >>> roomy(doubled)(values([Fraction(1, 3), 4])).tolist()
    [Value(data=2/3, grad=0), Value(data=8, grad=0)]

An array of floats holds neither a Value nor a Fraction. So where a function fails, or rounds, because it fills one in,
it is run with arrays of constants in the place of those that np.zeros, np.ones, np.empty and np.full would make.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np

from ..arrays import Array, fill, values
from ..engine.value import Value
from .exercise import Exercise
from .observed import is_users

MAKERS = ("zeros", "ones", "empty", "full")
"""NumPy's functions that make an array to be filled in."""

ONE_AT_A_TIME = threading.RLock()
"""Held while they are replaced, for all threads."""


def roomy(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, run with arrays that hold any number."""

    @functools.wraps(function)
    def run(*arguments: Any) -> Any:
        with makers_replaced([]):
            return function(*arguments)

    return run


@contextmanager
def makers_replaced(made: list[str], room: bool = True) -> Iterator[None]:
    """Meanwhile, in this thread and in code of users, NumPy's makers give arrays of constants, and `made` their names.

    Without `room` they are only noted.
    """
    thread = threading.get_ident()

    def maker(name: str, numpys: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(numpys)
        def make(*args: Any, **options: Any) -> Any:
            if threading.get_ident() != thread or not is_users(sys._getframe(1)):
                return numpys(*args, **options)
            array = numpys(*args, **options)
            if array.dtype.kind != "f":  # labels, masks and objects stay what they are
                return array
            made.append(name)
            return of_constants(np.zeros_like(array) if name == "empty" else array) if room else array

        return make

    with ONE_AT_A_TIME:
        before = {name: getattr(np, name) for name in MAKERS}
        try:
            for name, numpys in before.items():
                setattr(np, name, maker(name, numpys))
            yield
        finally:
            for name, numpys in before.items():
                setattr(np, name, numpys)


def of_constants(array: Array) -> Any:
    """An array of floats as one of Values, whole numbers as integers, which any kind of number can be added to."""
    return values(fill(array.shape, lambda *index: int(x) if (x := float(array[index])).is_integer() else x))


def with_room(exercise: Exercise, claim: bool = True) -> Exercise:
    """The exercise with functions that are run so, where they would fail otherwise, and don't fail then.

    The claim is left alone if it is float code. Both are tried on Values of floats, which can't be put into arrays of
    floats by mistake.
    """
    sizes = exercise.complete(exercise.distinct_sizes())
    rng = np.random.default_rng(0)

    def drawn(name: str) -> Any:
        shape = exercise.shape(name, sizes)
        if exercise.is_label(name):
            return np.zeros(shape, int)[()]
        return values(rng.random(shape) + 0.5) if shape else Value(rng.random() + 0.5)

    inputs = [drawn(name) for name in exercise.names]
    forward, Y = roomy_if_needed(exercise.forward, inputs)
    if Y is None or not claim:
        return replace(exercise, forward=forward)
    Y = Y[0] if isinstance(Y, tuple) and Y else Y
    shape = np.shape(Y)
    G = values(rng.random(shape)) if shape else Value(rng.random())
    gradients, _ = roomy_if_needed(exercise.gradients, [*inputs, Y, G][: len(inputs) + 1 + exercise.with_g])
    return replace(exercise, forward=forward, gradients=gradients)


def roomy_if_needed(function: Callable[..., Any], arguments: list[Any]) -> tuple[Callable[..., Any], Any]:
    """The function, run with room if that makes the difference, and what it returns; None if it fails all the same."""
    made: list[str] = []
    for room, tried in ((False, function), (True, roomy(function))):
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        with suppress(Exception), np.errstate(all="ignore"), makers_replaced(made, room):
            return tried, tried(*copies)
        if not made:
            break
    return function, None
