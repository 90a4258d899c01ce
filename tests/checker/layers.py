"""Layers, claims and shapes that several test modules of the checker share."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from scalargrad.arrays import Array, fill
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.trial import Trial

S = {"X": "N D", "W": "D M"}
B = {**S, "b": "M"}
N = {"X": "N"}


def product(X: Any, W: Any) -> Any:
    return X @ W


def product_gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
    return G @ W.T, X.T @ G


def affine(X: Any, W: Any, b: Any) -> Any:
    return X @ W + b


def double(X: Any) -> Any:
    return X * 2


def failing(X: Any, Y: Any, G: Any) -> Any:
    return G.nonsense


def changing(X: Any, Y: Any, G: Any) -> Any:
    X[...] = 0 * X
    return 2 * G


def all_of(number: Any) -> Callable[[tuple[int, ...]], Array]:
    """Draws arrays of one number."""
    return lambda shape: fill(shape, lambda *_: number)


def trial_of(forward: Any, number: Any = Fraction(3), gradients: Any = lambda X, Y, G: G, n: int = 2) -> Trial:
    """A trial of a layer of one vector, all of whose numbers are the same."""
    return Trial(Exercise.of(forward, gradients, N), {"N": n}, all_of(number))


def one_of_each(*numbers: Any) -> Callable[[tuple[int, ...]], Array]:
    """Draws arrays of these numbers, in this order, and from the first again in each array."""
    return lambda shape: np.array([numbers[k % len(numbers)] for k in range(int(np.prod(shape)))], object).reshape(
        shape
    )
