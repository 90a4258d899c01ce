"""Losses: scalar functions of the outputs of a layer, as graphs.

>>> from scalargrad import values, data
>>> Y = values([[1.0, 2.0]], "y")
>>> sum_of_squares(Y).data, round(softmax_cross_entropy(Y, [1]).data, 4)
(5.0, 0.3133)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .array import Array, objects
from .value import Value, sum


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
    weights = objects(weights)
    if weights.shape != Y.shape:
        raise ValueError(f"the weights have the shape {weights.shape}, Y has {Y.shape}: give one weight for each entry")
    return sum(g * y for g, y in zip(weights.flat, Y.flat, strict=True))


def sum_of_squares(Y: Array) -> Value:
    """L = Σ_α Σ_β y_αβ²."""
    return sum(y**2 for y in Y.flat)


def softmax_cross_entropy(Y: Array, labels: Sequence[int]) -> Value:
    """L = −1/N Σ_α log softmax(y_α·) at α's label, where softmax(y)_β = e^y_β / Σ_γ e^y_γ. Never overflows.

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
    """log Σ_β e^y_β, as m + log Σ_β e^(y_β - m): the largest number m among the ys changes nothing but the size."""
    m = max(y.data for y in row)
    result: Value = sum(np.exp(row - m)).log() + m
    return result
