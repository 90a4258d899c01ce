"""The losses that have a name in a verification: functions of Y = X·W + b that return a Value.

>>> from ..arrays import values
>>> sum_of_squares(values([[3, 4]], "y")).data
25
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from ..arrays import Array, objects
from ..engine.value import Value, sum


def weighted_sum(Y: Array, weights: Any) -> Value:
    """L = Σ_α Σ_β g_αβ y_αβ, summed in row-major order: the loss whose ∂L/∂Y is the given matrix.

    Parameters
    ----------
    Y, weights
        Arrays of one shape, Values and numbers.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    return sum(g * y for y, g in matched(Y, weights, "weights"))


def matched(Y: Any, T: Any, what: str) -> list[tuple[Any, Any]]:
    """Pairs of entries of Y and of what belongs to them."""
    Y, T = objects(Y), objects(T)
    if T.shape != Y.shape and not Y.size == T.size == 1:  # a single output is a Value, without an axis
        raise ValueError(f"the {what} have the shape {T.shape}, Y has {Y.shape}: give one for each entry")
    return list(zip(Y.flat, T.flat, strict=True))


def sum_of_squares(Y: Array) -> Value:
    """L = Σ_α Σ_β y_αβ²."""
    return sum(y**2 for y in Y.flat)


def softmax_cross_entropy(Y: Array, labels: Sequence[int]) -> Value:
    """L = −1/N Σ_α log softmax(y_α·) at α's label: `cross_entropy` for one-hot targets, without the zeros.

    Parameters
    ----------
    Y
        N×M Values: a row of scores for each sample.
    labels
        N integers, each from 0 to M-1.

    Raises
    ------
    ValueError
        If the number of labels is not N, or if a label names no column of Y.
    """
    N, M = Y.shape
    if N and not M:
        raise ValueError("softmax needs at least one class, and Y has no columns")
    if len(labels) != N:
        raise ValueError(f"{len(labels)} labels for {N} rows of Y: give one label for each row")
    for alpha, label in enumerate(labels):
        if label not in range(M):
            raise ValueError(
                f"labels[{alpha}] is {label!r}: with {M} columns in Y it must be an integer from 0 to {M - 1}"
            )
    losses = [log_sum_exp(row) - row[label] for row, label in zip(Y, labels, strict=True)]
    mean: Value = sum(losses) / max(N, 1)
    return mean


def log_sum_exp(row: Array) -> Value:
    """log Σ_β e^y_β, as m + log Σ_β e^(y_β - m): the largest number m among the ys changes nothing but the size.

    m is a node too, so that a recorded program finds the largest of other numbers.

    Raises
    ------
    ValueError
        If there are no numbers.
    """
    if not len(row):
        raise ValueError("softmax needs at least one class, and Y has no columns")
    m = reduce(Value.max, row)
    result: Value = sum((y - m).exp() for y in row).log() + m
    return result
