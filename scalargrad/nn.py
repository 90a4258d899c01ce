"""A small neural network library: affine layers, losses, optimisers, and a loop that trains eagerly or by replay.

    >>> model = MLP(2, [8, 1], seed=0)
    >>> X, T = [[0, 0], [0, 1], [1, 0], [1, 1]], [[-1], [1], [1], [-1]]     # exclusive or
    >>> losses = train(model, max_margin, X, T, Adam(0.05), epochs=100, replay=True)
    >>> losses[0] > 0.5, losses[-1] < 0.1
    (True, True)

A forward pass is `X @ W + b`, the layer of `affine`, built of Values; no derivative is written here. What micrograd has
goes by micrograd's names: `MLP(2, [16, 16, 1])`, `parameters()`, `zero_grad()`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .array import Array, data, grads, objects, values
from .graph import collector_paused
from .program import record_gradient
from .value import Value, sum

# ---------------------------------------------------------------------------------------------------------------------
# Layers


class Module:
    """Something with parameters, arrays of Values, that is called with numbers or Values."""

    def __call__(self, x: Any) -> Any:
        """The outputs for one sample."""
        raise NotImplementedError

    def arrays(self) -> list[Array]:
        """The parameters as arrays: each layer's W and b, in order."""
        return []

    def parameters(self) -> list[Value]:
        """The parameters one by one."""
        return [p for array in self.arrays() for p in array.flat]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, or the next backward pass adds to it."""
        for p in self.parameters():
            p.grad = 0

    def numbers(self) -> list[Array]:
        """What the parameters are now: arrays of float64."""
        return [np.asarray(data(array), dtype=float) for array in self.arrays()]

    def set(self, numbers: Sequence[Any]) -> None:
        """Give the parameters these numbers.

        Raises
        ------
        ValueError
            If there are not as many arrays as parameters, or if a shape differs.
        """
        arrays = self.arrays()
        shapes = [np.shape(one) for one in numbers]
        if shapes != [array.shape for array in arrays]:
            wanted = ", ".join(str(array.shape) for array in arrays)
            raise ValueError(f"the numbers have the shapes {', '.join(map(str, shapes))}: the parameters have {wanted}")
        for array, one in zip(arrays, numbers, strict=True):
            for p, number in zip(array.flat, np.ravel(one).tolist(), strict=True):
                p.data = number

    def save(self, path: str | Path) -> None:
        """Write the parameters to a file in NumPy's .npz format."""
        with Path(path).open("wb") as file:
            np.savez(file, *self.numbers())

    def load(self, path: str | Path) -> None:
        """Read parameters that a module of the same shape has saved.

        Raises
        ------
        ValueError
            If the file is none, or its parameters do not fit.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                numbers = [file[f"arr_{k}"] for k in range(len(file.files))]
        except OSError as error:
            raise ValueError(f"{path}: cannot be read: {error.strerror or error}") from None
        except Exception as error:  # whatever zip and NumPy say of bytes that are not theirs
            raise ValueError(f"{path}: these are no saved parameters: {error}") from None
        self.set(numbers)


class Affine(Module):
    """y = x·W + b.

    Parameters
    ----------
    inputs, outputs
        D and M: W is D×M, b is M.
    spread
        W's entries are drawn from a normal distribution of variance spread / D, so that y is about as large as x. 2
        suits a layer before relu, which halves the variance (He et al. 2015), 1 one before tanh (LeCun et al. 1998).
        b is 0.
    seed
        For the random numbers; or a generator of NumPy.
    """

    def __init__(self, inputs: int, outputs: int, spread: float = 1.0, seed: int | np.random.Generator = 0) -> None:
        rng = np.random.default_rng(seed)
        self.W = values(rng.normal(0, math.sqrt(spread / max(inputs, 1)), (inputs, outputs)), "w")
        self.b = values(np.zeros(outputs), "b")

    def __call__(self, x: Any) -> Any:
        """x·W + b for a vector of D entries, or for N×D entries, a sample in each row.

        Raises
        ------
        ValueError
            If x has another number of columns.
        """
        x = objects(x) if not isinstance(x, np.ndarray) else x
        if x.ndim not in (1, 2) or x.shape[-1] != self.W.shape[0]:
            raise ValueError(f"x has the shape {x.shape}: its last axis must be W's {self.W.shape[0]} rows")
        with collector_paused():
            return x @ self.W + self.b

    def arrays(self) -> list[Array]:
        return [self.W, self.b]


ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], float]] = {
    "relu": (lambda x: np.maximum(x, 0), 2.0),
    "tanh": (np.tanh, 1.0),
}
"""What stands between two layers, and the spread of the weights before it."""


class MLP(Module):
    """A multi-layer perceptron: affine layers, with an activation between each two.

    Parameters
    ----------
    inputs, outputs
        As in micrograd: `MLP(2, [16, 16, 1])` takes vectors of 2 and has layers of 16, 16 and 1.
    activation
        "relu" or "tanh".
    seed
        For the weights.

    Raises
    ------
    ValueError
        If the activation is another one, or if there are no outputs.
    """

    def __init__(self, inputs: int, outputs: Sequence[int], activation: str = "relu", seed: int = 0) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"there is no activation {activation!r}: choose from {', '.join(ACTIVATIONS)}")
        if not outputs:
            raise ValueError("a perceptron needs at least one layer: give its sizes, as in MLP(2, [16, 16, 1])")
        self.activation, spread = ACTIVATIONS[activation]
        rng = np.random.default_rng(seed)
        sizes = [inputs, *outputs]
        self.layers = [Affine(D, M, spread, rng) for D, M in pairwise(sizes)]

    def __call__(self, x: Any) -> Any:
        """The outputs for a vector, or for each row of a matrix. For a vector and a single output, that Value."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        y = last(x)
        return y[0] if y.shape == (1,) else y

    def arrays(self) -> list[Array]:
        return [array for layer in self.layers for array in layer.arrays()]


# ---------------------------------------------------------------------------------------------------------------------
# Losses


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


def mean_squared(Y: Any, T: Any) -> Value:
    """L = mean of (y − t)² over all entries; Y and the targets T have one shape.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    pairs = matched(Y, T, "targets")
    return sum((y - t) ** 2 for y, t in pairs) / max(len(pairs), 1)


def max_margin(Y: Any, T: Any) -> Value:
    """L = mean of relu(1 − t y), the hinge loss of support vector machines: targets are 1 and −1.

    Raises
    ------
    ValueError
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
    ValueError
        If the shapes differ, or if there are no classes.
    """
    Y, T = np.atleast_2d(objects(Y)), np.atleast_2d(objects(T))
    matched(Y, T, "targets")
    losses = []
    for row, ts in zip(Y, T, strict=True):
        total = log_sum_exp(row)
        losses.append(sum(t * (total - y) for y, t in zip(row, ts, strict=True)))
    return sum(losses) / max(len(losses), 1)


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


def one_hot(labels: Sequence[int], classes: int) -> Array:
    """Labels from 0 to classes-1 as rows of one 1 and else 0."""
    rows: Array = np.eye(classes)[np.asarray(labels, dtype=int)]
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# Optimisers: from numbers and gradients to the next numbers


class Optimiser(Protocol):
    """What `train` asks of one."""

    def step(self, numbers: Sequence[Array], gradients: Sequence[Array]) -> list[Array]:
        """The next numbers."""


class SGD:
    """Stochastic gradient descent with momentum: v ← μ v + g, p ← p − rate v (Polyak 1964)."""

    def __init__(self, rate: float = 0.1, momentum: float = 0.0) -> None:
        self.rate, self.momentum = rate, momentum
        self.velocities: list[Array] = []

    def step(self, numbers: Sequence[Array], gradients: Sequence[Array]) -> list[Array]:
        """The next numbers of the parameters."""
        old = self.velocities or [np.zeros_like(g) for g in gradients]
        self.velocities = [self.momentum * v + g for v, g in zip(old, gradients, strict=True)]
        return [p - self.rate * v for p, v in zip(numbers, self.velocities, strict=True)]


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1): steps of about `rate`, whatever the size of the gradient."""

    def __init__(self, rate: float = 0.001, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> None:
        self.rate, self.betas, self.epsilon = rate, betas, epsilon
        self.count = 0
        self.means: list[Array] = []
        self.squares: list[Array] = []

    def step(self, numbers: Sequence[Array], gradients: Sequence[Array]) -> list[Array]:
        """The next numbers of the parameters."""
        (b1, b2), zeros = self.betas, [np.zeros_like(g) for g in gradients]
        self.count += 1
        self.means = [b1 * m + (1 - b1) * g for m, g in zip(self.means or zeros, gradients, strict=True)]
        self.squares = [b2 * v + (1 - b2) * g * g for v, g in zip(self.squares or zeros, gradients, strict=True)]
        m_scale, v_scale = 1 - b1**self.count, 1 - b2**self.count  # both begin at 0, which is corrected for
        return [
            p - self.rate * (m / m_scale) / (np.sqrt(v / v_scale) + self.epsilon)
            for p, m, v in zip(numbers, self.means, self.squares, strict=True)
        ]


# ---------------------------------------------------------------------------------------------------------------------
# Training


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
        Samples and targets: N rows each.
    optimiser
        `SGD(…)` or `Adam(…)`.
    epochs
        How often all samples are gone through, in random order.
    batch
        Samples in each step; all of them if not given.
    replay
        Record the loss of one sample and its gradient once, and replay them, in place of building a graph for each
        sample: the same numbers up to the order of sums, many times faster.
    decay
        Adds decay · Σ p² over all parameters to the loss (L2 regularisation).
    seed
        For the order of the samples.
    progress
        Show a bar on the terminal, or in a notebook.

    Raises
    ------
    ValueError
        If there are no samples, not as many targets, or the batch is not positive.
    """
    X, T = np.asarray(X, dtype=float), np.asarray(T, dtype=float)
    if not len(X) or len(X) != len(T):
        raise ValueError(f"there are {len(X)} samples and {len(T)} targets: give one target for each of some samples")
    batch = len(X) if batch is None else batch
    if batch < 1:
        raise ValueError(f"the batch is {batch}: give the number of samples in a step, 1 or more")
    gradient = replayed(model, loss, X[0], T[0]) if replay else eager(model, loss)
    rng = np.random.default_rng(seed)
    means = []
    for _ in bar(epochs) if progress else range(epochs):
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


Gradient = Callable[[Array, Array], tuple[float, list[Array]]]
"""The sum of the losses of some samples, and its gradient by each array of parameters."""


def eager(model: Module, loss: Callable[[Any, Any], Value]) -> Gradient:
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


def replayed(model: Module, loss: Callable[[Any, Any], Value], x: Array, t: Array) -> Gradient:
    """By a program, recorded from one sample."""
    inputs = [values(x, "x"), values(t, "t")]
    program = record_gradient(loss(model(inputs[0]), inputs[1]), inputs, model.arrays())

    def gradient(X: Array, T: Array) -> tuple[float, list[Array]]:
        losses, gradients = program(X, T, *model.numbers())
        return float(losses.sum()), gradients

    return gradient


def bar(epochs: int) -> Iterator[int]:
    """Epochs, with a progress bar."""
    from rich.progress import track

    yield from track(range(epochs), description="training", transient=True)
