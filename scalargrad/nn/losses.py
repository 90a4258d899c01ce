"""Losses of samples and their targets; those that a verification names are in `affine.losses`.

>>> from ..arrays import values
>>> max_margin(values([0.5, 2.0], "y"), [1, 1]).data
0.25
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..affine.losses import log_sum_exp, matched
from ..arrays import Array, objects
from ..engine.special import gate
from ..engine.value import Value, sum
from ..errors import EntryError


def mean_squared(Y: Any, T: Any) -> Value:
    """L = mean of (y − t)² over all entries; Y and the targets T have one shape.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    pairs = matched(Y, T, "targets")
    return sum((y - t) ** 2 for y, t in pairs) / max(len(pairs), 1)


def max_margin(Y: Any, T: Any) -> Value:
    """L = mean of relu(1 − t y), the hinge loss of support vector machines: targets are 1 and −1.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    pairs = matched(Y, T, "targets")
    return sum((1 - t * y).relu() for y, t in pairs) / max(len(pairs), 1)


def cross_entropy(Y: Any, T: Any) -> Value:
    """L = mean over the samples of −Σ_β t_β log softmax(y)_β, where softmax(y)_β = e^y_β / Σ_γ e^y_γ. Never overflows.

    Parameters
    ----------
    Y, T
        Scores and probabilities of each class, such as one_hot's: M for one sample, or N×M.

    Raises
    ------
    ShapeError
        If the shapes differ, or if there are no classes.
    """
    Y, T = np.atleast_2d(objects(Y)), np.atleast_2d(objects(T))
    matched(Y, T, "targets")
    losses = []
    for row, ts in zip(Y, T, strict=True):
        total = log_sum_exp(row)
        # By the gate 0·∞ is 0: a class of probability 0 may have the score -∞, as one that is masked has
        losses.append(sum(t * gate(t, total - y) for y, t in zip(row, ts, strict=True)))
    return sum(losses) / max(len(losses), 1)


def one_hot(labels: Sequence[int], classes: int) -> Array:
    """N labels as N×classes probabilities: rows of one 1 and else 0.

    Raises
    ------
    EntryError
        If a label is not an integer from 0 to classes-1.
    """
    for position, label in enumerate(labels):
        if label not in range(classes):
            raise EntryError(
                f"labels[{position}] is {label!r}: with {classes} classes it must be an integer from 0 to {classes - 1}"
            )
    rows: Array = np.eye(classes)[np.asarray(labels, dtype=int)]
    return rows
