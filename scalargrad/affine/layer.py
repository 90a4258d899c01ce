"""The affine layer, chopped into scalars: Y = X·W + b as a graph, and its gradients as the reverse sweep has them.

    >>> layer = build([[1, 2]], [[3, 4], [5, 6]], loss=lambda Y: (Y**2).sum())
    >>> layer.L.data, layer.G.tolist(), layer.gradient("x").tolist()
    (425, [[26, 32]], [[206, 322]])

X is N×D, W is D×M, b has M entries, Y is N×M, and G = ∂L/∂Y is N×M: the letters are those of the proof (`formulas`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, fill, objects, values
from ..engine.collector import collector_paused
from ..engine.numbers import Number, unit
from ..engine.sweep import adjoints
from ..engine.value import Value, sum
from ..errors import ArgumentError, ArgumentTypeError, EntryError, ShapeError
from .explain import Explanation, explain


def forward(X: Any, W: Any, b: Any = None) -> Any:
    """(4): y_αβ = Σ_k x_αk w_kβ, plus b_β if there is a bias.

    Parameters
    ----------
    X, W, b
        Arrays of Values (or of numbers): N×D, D×M, M.

    Returns
    -------
    Y: an N×M array of Values labelled `y[α,β]`, each a Σ node over D products.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    """
    X, W = objects(X), objects(W)
    b = None if b is None else objects(b)
    check_shapes(X, W, b)
    (N, D), M = X.shape, W.shape[1]

    def y(alpha: int, beta: int) -> Value:
        y = sum(X[alpha, k] * W[k, beta] for k in range(D))
        if b is not None:
            y = y + b[beta]
        y.label = entry_name("y", (alpha, beta))
        return y

    with collector_paused():
        return fill((N, M), y)


def check_shapes(X: Array, W: Array, b: Array | None) -> None:
    """Refuse matrices that are not N×D, D×M and M, naming both that do not fit.

    Raises
    ------
    ShapeError
        If X or W is not a matrix, or X·W or X·W + b does not exist.
    """
    for name, matrix in (("X", X), ("W", W)):
        if matrix.ndim != 2:
            raise ShapeError(f"{name} has {matrix.ndim} dimensions: it must be a matrix, with rows and columns")
    (N, D), (K, M) = X.shape, W.shape
    if D != K:
        raise ShapeError(f"X is {N}×{D}, W is {K}×{M}: X's columns ({D}) must equal W's rows ({K})")
    if b is not None and b.shape != (M,):
        raise ShapeError(
            f"W is {K}×{M}, b has the shape {b.shape}: b must have one entry for each of W's columns ({M})"
        )


@dataclass(frozen=True)
class Layer:
    """An affine layer as a graph, and the numbers that stand in it.

    Attributes
    ----------
    X, W, b, Y
        Arrays of Values, N×D, D×M, M (or None) and N×M.
    L
        The loss as a Value, or None if G was given instead.
    G
        ∂L/∂Y, an N×M array of numbers.
    adjoints
        ∂L/∂node for every node of the graph, by one reverse sweep.
    """

    X: Array
    W: Array
    b: Array | None
    Y: Array
    L: Value | None
    G: Array
    adjoints: dict[Value, Number]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N, D, M)"""
        return (*self.X.shape, self.W.shape[1])

    @property
    def x(self) -> Array:
        """X's numbers, in an array of dtype object, so that sums over them are Python's own."""
        return _numbers(self.X)

    @property
    def w(self) -> Array:
        """W's numbers."""
        return _numbers(self.W)

    @property
    def matrices(self) -> dict[str, Array]:
        """The matrices that the layer has, by letter: x, w, and b if there is a bias."""
        matrices = {"x": self.X, "w": self.W}
        return matrices if self.b is None else {**matrices, "b": self.b}

    def matrix(self, letter: str) -> Array:
        """X, W or b by its letter.

        Raises
        ------
        ArgumentError
            If the layer has no such matrix.
        """
        if letter not in self.matrices:
            raise ArgumentError(f"the layer has no matrix {letter!r}: it has {', '.join(self.matrices)}")
        return self.matrices[letter]

    def letter(self, matrix: Any) -> str:
        """The letter of `layer.X`, `layer.W` or `layer.b`, or of a letter itself.

        Raises
        ------
        ArgumentError
            If it is neither.
        """
        if isinstance(matrix, str):
            return matrix.lower()
        for letter, candidate in self.matrices.items():
            if candidate is matrix:
                return letter
        raise ArgumentError("that is none of this layer's matrices: give layer.X, layer.W or layer.b")

    def entry(self, matrix: Any, index: tuple[int, ...]) -> tuple[str, Value]:
        """The letter of a matrix, which may be given by its letter, and the node at an index.

        Raises
        ------
        ArgumentError
            If the layer has no such matrix.
        EntryError
            If the matrix has no such entry.
        """
        letter = self.letter(matrix)
        entries = self.matrix(letter)
        if len(index) != entries.ndim or not all(0 <= i < n for i, n in zip(index, entries.shape, strict=True)):
            raise EntryError(
                f"there is no {entry_name(letter, index)}: {letter} has the shape {entries.shape}, counted from 0"
            )
        return letter, entries[index]

    def gradient(self, letter: str) -> Array:
        """∂L/∂X, ∂L/∂W or ∂L/∂b as the graph's reverse sweep has it; an entry that no y uses has the integer 0.

        Raises
        ------
        ArgumentError
            If the layer has no such matrix.
        """
        matrix = self.matrix(letter)
        return fill(matrix.shape, lambda *index: self.adjoints.get(matrix[index], 0))

    def explain(self, matrix: Any, index: tuple[int, ...]) -> Explanation:
        """One entry of a gradient, term by term: `explain(self, matrix, index)`, see there."""
        return explain(self, matrix, index)


def build(X: Any, W: Any, b: Any = None, loss: Callable[[Array], Any] | None = None, G: Any = None) -> Layer:
    """The graph of Y = X·W + b for given numbers, with a loss L = f(Y) on top or with a given G = ∂L/∂Y.

    Parameters
    ----------
    X, W, b
        Numbers of any kind: N×D, D×M, M.
    loss
        Any function of Y, an N×M array of Values, that returns a Value.
    G
        ∂L/∂Y in place of a loss: N×M numbers.

    Raises
    ------
    ArgumentTypeError
        If the loss does not return a Value, or if neither or both of loss and G are given.
    NumberError
        If an entry is not a number.
    ShapeError
        If shapes do not fit.
    """
    if (loss is None) == (G is None):
        raise ArgumentTypeError("give either a loss or G = ∂L/∂Y")
    with collector_paused():
        X, W, b = values(X, "x"), values(W, "w"), None if b is None else values(b, "b")
        Y = forward(X, W, b)
        if loss is None:
            G = objects(G)
            if G.shape != Y.shape:
                raise ShapeError(f"G has the shape {G.shape}, Y has {Y.shape}: G = ∂L/∂Y has one entry for each of Y's")
            return Layer(X, W, b, Y, None, G, adjoints(Y, G))
        L = loss(Y.copy())  # whatever it does to its argument, Y stays as it is
        if not isinstance(L, Value):
            raise ArgumentTypeError(f"the loss must return a Value made from Y, and returned a {type(L).__name__}")
        L.label = L.label or "L"
        found = adjoints(L)
        G = fill(Y.shape, lambda alpha, beta: found.get(Y[alpha, beta], 0 * unit(L.data)))
        return Layer(X, W, b, Y, L, G, found)


def local_partials(Y: Array) -> Iterator[tuple[int, int, dict[Value, Number]]]:
    """(α, β, {node: ∂y_αβ/∂node}) for each y_αβ, from a reverse sweep of its own over its D products.

    Y is N×M, of Values. This is ∂Y/∂X, ∂Y/∂W and ∂Y/∂b without their zeros: N·M·D entries each at the most, which is
    the cost too.

    Raises
    ------
    ArgumentTypeError
        If an entry of Y is not a Value.
    """
    for (alpha, beta), y in np.ndenumerate(Y):
        yield alpha, beta, adjoints(y)


def _numbers(X: Array) -> Array:
    """The numbers of an array of Values, in an array of dtype object."""
    return fill(X.shape, lambda *index: X[index].data)
