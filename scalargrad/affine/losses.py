"""The losses that have a name in a verification: functions of Y = X·W + b that return a Value.

>>> from ..arrays import values
>>> sum_of_squares(values([[3, 4]], "y")).data
25
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

from ..arrays import Array, objects
from ..engine.numbers import exp, maximum
from ..engine.special import difference
from ..engine.value import Value, sum
from ..errors import ArgumentError, ShapeError

LOSSES = ("weighted-sum", "squares", "cross-entropy")
"""The losses that have a name; any other is a function of Y."""


def named_loss(
    loss: str | Callable[[Array], Value], labels: Sequence[Any] | None, weights: Any
) -> Callable[[Array], Value]:
    """The loss of a name, as a function of Y (an N×M array of Values); a function is its own name.

    Parameters
    ----------
    loss
        One of `LOSSES`, or any function of Y.
    labels
        For "cross-entropy": N integers from 0 to M-1, or names, which are numbered in alphabetical order.
    weights
        For "weighted-sum": N×M numbers.

    Raises
    ------
    ArgumentError
        If there is no such loss, or if it needs labels and there are none.
    """
    if callable(loss):
        return loss
    match loss:
        case "weighted-sum":
            return partial(weighted_sum, weights=weights)
        case "squares":
            return sum_of_squares
        case "cross-entropy":
            if labels is None:
                raise ArgumentError("the loss cross-entropy needs labels: one integer from 0 to M-1 for each row of X")
            return partial(softmax_cross_entropy, labels=numbered(labels))
    raise ArgumentError(f"there is no loss {loss!r}: choose from {', '.join(LOSSES)}, or give a function of Y")


def numbered(labels: Sequence[Any]) -> Sequence[int]:
    """The classes of samples by number: names in alphabetical order; what are not all names stays as it is.

    >>> numbered(["b", "a", "b"])
    [1, 0, 1]
    """
    if not all(isinstance(label, str) for label in labels):
        return labels
    names = sorted(set(labels))
    return [names.index(label) for label in labels]


def weighted_sum(Y: Array, weights: Any) -> Value:
    """L = Σ_α Σ_β g_αβ y_αβ, summed in row-major order: the loss whose ∂L/∂Y is the given matrix.

    Parameters
    ----------
    Y, weights
        Arrays of one shape, Values and numbers.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    return sum(g * y for y, g in matched(Y, weights, "weights"))


def matched(Y: Any, T: Any, what: str) -> list[tuple[Any, Any]]:
    """Pairs of entries of Y and of what belongs to them, in row-major order; `what` it is stands in the error.

    Raises
    ------
    ShapeError
        If the shapes differ. (A single output may be a Value, without an axis.)
    """
    Y, T = objects(Y), objects(T)
    if T.shape != Y.shape and not Y.size == T.size == 1:
        raise ShapeError(f"the {what} have the shape {T.shape}, Y has {Y.shape}: give one for each entry")
    return list(zip(Y.flat, T.flat, strict=True))


def sum_of_squares(Y: Array) -> Value:
    """L = Σ_α Σ_β y_αβ², for an array Y of Values of any shape. It raises nothing."""
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
    ShapeError
        If the number of labels is not N, or if Y has no columns.
    ArgumentError
        If a label names no column of Y.
    """
    N, M = Y.shape
    if N and not M:
        raise ShapeError("softmax needs at least one class, and Y has no columns")
    if len(labels) != N:
        raise ShapeError(f"{len(labels)} labels for {N} rows of Y: give one label for each row")
    for alpha, label in enumerate(labels):
        if not hasattr(label, "__index__") or label not in range(M):
            raise ArgumentError(
                f"labels[{alpha}] is {label!r}: with {M} columns in Y it must be an integer from 0 to {M - 1}"
            )
    losses = [log_sum_exp(row) - row[label] for row, label in zip(Y, labels, strict=True)]
    mean: Value = sum(losses) / max(N, 1)
    return mean


def log_sum_exp(row: Array) -> Value:
    """log Σ_β e^y_β, as m + log Σ_β e^(y_β - m): the largest number m among the ys changes nothing but the size.

    m is a node too, so that a recorded program finds the largest of other numbers. Infinities are no exception: equal
    ones differ by 0, so that it is -∞ for scores that are all -∞, with the gradient 1/M for each, and ∞ for a score ∞.

    Raises
    ------
    ShapeError
        If there are no numbers.
    """
    if not len(row):
        raise ShapeError("softmax needs at least one class, and Y has no columns")
    m = reduce(maximum, row)
    result: Value = sum(exp(difference(y, m)) for y in row).log() + m
    return result
