"""A loop that trains, eagerly or by replay.

>>> from . import MLP, Adam, max_margin
>>> losses = train(MLP(1, [1]), max_margin, [[-1.0], [1.0]], [[-1], [1]], Adam(0.1), epochs=20, replay=True)
>>> losses[-1] < losses[0]
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..arrays import Array, grads, values
from ..engine.value import Value
from ..errors import ArgumentError, LeavesGraphError
from ..programs import record_gradient, watched
from .layers import Module
from .optimisers import Optimiser


def train(
    model: Module,
    loss: Callable[[Any, Any], Value],
    X: Any,
    T: Any,
    optimiser: Optimiser,
    epochs: int,
    batch: int | None = None,
    replay: bool = False,
    decay: float = 0.0,
    seed: int = 0,
    progress: bool = False,
) -> list[float]:
    """Fit the parameters to samples, and return the mean loss of each epoch.

    Parameters
    ----------
    model
        Called with the entries of one sample.
    loss
        `loss(outputs, targets)` of one sample, such as `max_margin`. A batch's loss is the mean of its samples'.
    X, T
        Samples and targets: N rows each, or N numbers. N whole numbers are labels, and stay whole.
    optimiser
        `SGD(…)` or `Adam(…)`.
    epochs
        How often all samples are gone through, in random order.
    batch
        Samples in each step; all of them if not given.
    replay
        Record the loss of one sample and its gradient once, and replay them, in place of building a graph for each
        sample: the same numbers up to the order of sums, many times faster. A loss with a Python `if` on its numbers
        can't be recorded: a `BranchWarning` names the line. (np.where and np.maximum can.)
    decay
        Adds decay · Σ p² over all parameters to the loss (L2 regularisation).
    seed
        For the order of the samples.
    progress
        Show a bar on the terminal, or in a notebook.

    Raises
    ------
    ArgumentError
        If there are no samples, not as many targets, or the batch is not positive; with replay, if the loss needs a
        target as a plain number.
    """
    X, T = np.asarray(X, dtype=float), np.asarray(T)
    if T.ndim != 1 or T.dtype.kind not in "iu":  # labels stay whole numbers
        T = T.astype(float)
    if not len(X) or len(X) != len(T):
        raise ArgumentError(
            f"there are {len(X)} samples and {len(T)} targets: give one target for each of some samples"
        )
    batch = len(X) if batch is None else batch
    if batch < 1:
        raise ArgumentError(f"the batch is {batch}: give the number of samples in a step, 1 or more")
    gradient = _by_replay(model, loss, X[0], T[0]) if replay else _by_graphs(model, loss)
    rng = np.random.default_rng(seed)
    means = []
    for _ in _bar(epochs) if progress else range(epochs):
        order, total = rng.permutation(len(X)), 0.0
        for start in range(0, len(X), batch):
            chosen = order[start : start + batch]
            numbers = model.numbers()
            losses, gradients = gradient(X[chosen], T[chosen])
            squares = math.fsum(float((p * p).sum()) for p in numbers)
            total += losses + len(chosen) * decay * squares
            full = [g / len(chosen) + 2 * decay * p for g, p in zip(gradients, numbers, strict=True)]
            model.set(optimiser.step(numbers, full))
        means.append(total / len(X))
    return means


_Gradient = Callable[[Array, Array], tuple[float, list[Array]]]
"""The sum of the losses of some samples, and its gradient by each array of parameters."""


def _by_graphs(model: Module, loss: Callable[[Any, Any], Value]) -> _Gradient:
    """By a graph for each sample, and a sweep over each."""

    def gradient(X: Array, T: Array) -> tuple[float, list[Array]]:
        model.zero_grad()
        total = 0.0
        for x, t in zip(X, T, strict=True):
            L = loss(model(x), t)
            L.backward()
            total += L.data
        return total, [np.asarray(grads(array), dtype=float) for array in model.arrays()]

    return gradient


def _by_replay(model: Module, loss: Callable[[Any, Any], Value], x: Array, t: Array) -> _Gradient:
    """By a program, recorded from one sample."""
    inputs = [values(x, "x"), values(t, "t")]
    with watched([leaf for array in (*inputs, *model.arrays()) for leaf in np.ravel(array)]):
        try:
            L = loss(model(inputs[0]), inputs[1])
        except (LeavesGraphError, IndexError) as error:
            raise ArgumentError(
                "the loss takes a target as a plain number, such as a label, and a program has one way for all of "
                "them: give the rows of nn.one_hot(labels, classes) as targets, or say replay=False"
            ) from error
        program = record_gradient(L, inputs, model.arrays())

    def gradient(X: Array, T: Array) -> tuple[float, list[Array]]:
        losses, gradients = program(X, T, *model.numbers())
        return float(losses.sum()), gradients

    return gradient


def _bar(epochs: int) -> Iterator[int]:
    """Epochs, with a progress bar."""
    from rich.progress import track

    yield from track(range(epochs), description="training", transient=True)
