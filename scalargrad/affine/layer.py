"""The affine layer, chopped into scalars: the element-wise chain rule against the matrix formulas.

    >>> layer = build([[1, 2]], [[3, 4], [5, 6]], loss=lambda Y: (Y**2).sum())
    >>> layer.L.data, layer.G.tolist()
    (425, [[26, 32]])
    >>> G, X, W = layer.G, layer.x, layer.w
    >>> layer.gradient("x").tolist(), chain_rule_x(G, X, W).tolist(), formula_x(G, X, W).tolist()
    ([[206, 322]], [[206, 322]], [[206, 322]])

The letters are those of the proof. X is N×D, W is D×M, b has M entries, Y is N×M, and G = ∂L/∂Y is N×M. α and β run
over the entries of Y, i and j over those of the matrix that L is differentiated by. Numbers are of any kind; every sum
is taken from left to right, so that a float has the same bits wherever the same sum is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, fill, objects, values
from ..display import Shown, literal, short
from ..engine.collector import collector_paused
from ..engine.numbers import Number, total, unit
from ..engine.paths import paths
from ..engine.sweep import adjoints
from ..engine.value import Value, sum

# ---------------------------------------------------------------------------------------------------------------------
# (4) The forward pass


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
    ValueError
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
    """Refuse matrices that do not fit, naming both."""
    for name, matrix in (("X", X), ("W", W)):
        if matrix.ndim != 2:
            raise ValueError(f"{name} has {matrix.ndim} dimensions: it must be a matrix, with rows and columns")
    (N, D), (K, M) = X.shape, W.shape
    if D != K:
        raise ValueError(f"X is {N}×{D}, W is {K}×{M}: X's columns ({D}) must equal W's rows ({K})")
    if b is not None and b.shape != (M,):
        raise ValueError(
            f"W is {K}×{M}, b has the shape {b.shape}: b must have one entry for each of W's columns ({M})"
        )


# ---------------------------------------------------------------------------------------------------------------------
# The local partials: y_αβ depends on row α of X, column β of W and entry β of b, and on nothing else


def delta(a: int, b: int) -> int:
    """Kronecker's delta."""
    return 1 if a == b else 0


def dy_dx(alpha: int, beta: int, i: int, j: int, X: Array, W: Array) -> Number:
    """∂y_αβ/∂x_ij = δ_αi w_jβ"""
    return delta(alpha, i) * W[j, beta]


def dy_dw(alpha: int, beta: int, i: int, j: int, X: Array, W: Array) -> Number:
    """∂y_αβ/∂w_ij = δ_βj x_αi"""
    return delta(beta, j) * X[alpha, i]


def dy_db(alpha: int, beta: int, j: int, X: Array, W: Array) -> Number:
    """∂y_αβ/∂b_j = δ_βj"""
    return delta(beta, j)


# ---------------------------------------------------------------------------------------------------------------------
# (3) The element-wise chain rule: ∂L/∂x_ij = Σ_α Σ_β ∂L/∂y_αβ · ∂y_αβ/∂x_ij, to the letter


def chain_rule(G: Array, dy: Callable[[int, int], Number]) -> Number:
    """(3): Σ_α Σ_β g_αβ · dy(α, β), where dy(α, β) is the partial of y_αβ by the entry that is asked for."""
    N, M = G.shape
    terms = [G[alpha, beta] * dy(alpha, beta) for alpha in range(N) for beta in range(M)]
    return total(*terms) if terms else 0


def chain_rule_x(G: Array, X: Array, W: Array) -> Array:
    """(3) for every x_ij. N·M·N·D terms, most of them zero: for small shapes."""
    return fill(X.shape, lambda i, j: chain_rule(G, lambda alpha, beta: dy_dx(alpha, beta, i, j, X, W)))


def chain_rule_w(G: Array, X: Array, W: Array) -> Array:
    """(3) for every w_ij. N·M·D·M terms, most of them zero: for small shapes."""
    return fill(W.shape, lambda i, j: chain_rule(G, lambda alpha, beta: dy_dw(alpha, beta, i, j, X, W)))


def chain_rule_b(G: Array, X: Array, W: Array) -> Array:
    """(3) for every b_j. N·M·M terms, most of them zero: for small shapes."""
    return fill(W.shape[1:], lambda j: chain_rule(G, lambda alpha, beta: dy_db(alpha, beta, j, X, W)))


# ---------------------------------------------------------------------------------------------------------------------
# What is left when the deltas have done their work: the matrix formulas


def product(A: Array, B: Array) -> Array:
    """The matrix product, (A·B)_ij = Σ_k a_ik b_kj, each sum from left to right as in the textbook."""
    (height, K), (rows, width) = A.shape, B.shape
    if rows != K:
        raise ValueError(f"no product of a {height}×{K} and a {rows}×{width} matrix: {K} columns need {K} rows")
    return fill((height, width), lambda i, j: total(*[A[i, k] * B[k, j] for k in range(K)]) if K else 0)


def formula_x(G: Array, X: Array, W: Array) -> Array:
    """(1): ∂L/∂X = G · Wᵀ, which is N×D."""
    return product(G, W.T)


def formula_w(G: Array, X: Array, W: Array) -> Array:
    """(2): ∂L/∂W = Xᵀ · G, which is D×M."""
    return product(X.T, G)


def formula_b(G: Array, X: Array, W: Array) -> Array:
    """(b): ∂L/∂b = Σ_α g_α·, which has M entries."""
    N, M = G.shape
    return fill((M,), lambda j: total(*G[:, j]) if N else 0)


# ---------------------------------------------------------------------------------------------------------------------
# The graph's side: the same gradients, read off the scalar graph


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
        return numbers(self.X)

    @property
    def w(self) -> Array:
        """W's numbers."""
        return numbers(self.W)

    @property
    def matrices(self) -> dict[str, Array]:
        """The matrices that the layer has, by letter: x, w, and b if there is a bias."""
        matrices = {"x": self.X, "w": self.W}
        return matrices if self.b is None else {**matrices, "b": self.b}

    def matrix(self, name: str) -> Array:
        """X, W or b by its letter."""
        if name not in self.matrices:
            raise ValueError(f"the layer has no matrix {name!r}: it has {', '.join(self.matrices)}")
        return self.matrices[name]

    def letter(self, matrix: Any) -> str:
        """The letter of `layer.X`, `layer.W` or `layer.b`, or of a letter itself."""
        if isinstance(matrix, str):
            return matrix.lower()
        for name, candidate in self.matrices.items():
            if candidate is matrix:
                return name
        raise ValueError("that is none of this layer's matrices: give layer.X, layer.W or layer.b")

    def gradient(self, name: str) -> Array:
        """∂L/∂X, ∂L/∂W or ∂L/∂b as the graph's reverse sweep has it."""
        matrix = self.matrix(name)
        return fill(matrix.shape, lambda *index: self.adjoints.get(matrix[index], 0))  # 0: no y at all uses it

    def explain(self, matrix: Any, index: tuple[int, ...]) -> Explanation:
        """See `explain`."""
        return explain(self, matrix, index)


def build(X: Any, W: Any, b: Any = None, loss: Callable[[Array], Any] | None = None, G: Any = None) -> Layer:
    """The layer's graph for given numbers, with a loss on top or with a given ∂L/∂Y.

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
    TypeError
        If the loss does not return a Value, or if neither or both of loss and G are given.
    ValueError
        If shapes do not fit.
    """
    if (loss is None) == (G is None):
        raise TypeError("give either a loss or G = ∂L/∂Y")
    with collector_paused():
        X, W, b = values(X, "x"), values(W, "w"), None if b is None else values(b, "b")
        Y = forward(X, W, b)
        if loss is None:
            G = objects(G)
            if G.shape != Y.shape:
                raise ValueError(f"G has the shape {G.shape}, Y has {Y.shape}: G = ∂L/∂Y has one entry for each of Y's")
            return Layer(X, W, b, Y, None, G, adjoints(Y, G))
        L = loss(Y.copy())  # whatever it does to its argument, Y stays as it is
        if not isinstance(L, Value):
            raise TypeError(f"the loss must return a Value made from Y, and returned a {type(L).__name__}")
        L.label = L.label or "L"
        found = adjoints(L)
        G = fill(Y.shape, lambda alpha, beta: found.get(Y[alpha, beta], 0 * unit(L.data)))
        return Layer(X, W, b, Y, L, G, found)


def numbers(X: Array) -> Array:
    """The numbers of an array of Values, in an array of dtype object."""
    return fill(X.shape, lambda *index: X[index].data)


def local_partials(Y: Array) -> Any:
    """(α, β, {node: ∂y_αβ/∂node}) for each y_αβ, from a reverse sweep of its own over its D products.

    This is ∂Y/∂X, ∂Y/∂W and ∂Y/∂b without their zeros: N·M·D entries each at the most, which is the cost too.
    """
    for (alpha, beta), y in np.ndenumerate(Y):
        yield alpha, beta, adjoints(y)


# ---------------------------------------------------------------------------------------------------------------------
# One entry, term by term: why the transpose?


@dataclass(frozen=True)
class Term:
    """One non-zero term of (3), and the term of the matrix formula that it is.

    Attributes
    ----------
    path
        The nodes from the entry up to y_αβ, by label, or by symbol where they have none.
    partial, upstream
        ∂y_αβ/∂x_ij, the product of the local partials along the path, and ∂L/∂y_αβ.
    factors
        The factors of the formula's term, by name and number: `(("g[0,1]", 2), ("wᵀ[1,0]", 3))`.
    """

    path: tuple[str, ...]
    partial: Number
    upstream: Number
    factors: tuple[tuple[str, Number], ...]

    @property
    def y(self) -> str:
        """The entry of Y that the path leads to."""
        return self.path[-1]

    @property
    def product(self) -> Number:
        """The term of (3)."""
        return self.partial * self.upstream

    @property
    def formula(self) -> Number:
        """The term of the formula."""
        first, *rest = (number for _, number in self.factors)
        return first * rest[0] if rest else first


@dataclass(frozen=True)
class Explanation(Shown):
    """One entry of a gradient: the non-zero terms of (3) beside the terms of the matrix formula.

    `zeros` counts the terms of (3) that a delta makes zero; `row_and_column` says what the formula adds up.
    """

    entry: str
    terms: tuple[Term, ...]
    zeros: int
    row_and_column: str

    @property
    def total(self) -> Number:
        """The gradient, by (3): the sum of the terms in their own arithmetic."""
        return total(*[term.product for term in self.terms]) if self.terms else 0

    @property
    def formula(self) -> Number:
        """The gradient, by the matrix formula."""
        return total(*[term.formula for term in self.terms]) if self.terms else 0

    def __rich__(self) -> Any:
        from rich.box import SIMPLE_HEAD
        from rich.console import Group
        from rich.table import Table

        letter = self.entry[0]
        table = Table(box=SIMPLE_HEAD, show_footer=True)
        table.add_column("path in the graph", footer="sum")
        table.add_column(f"∂y/∂{letter}", justify="right")
        table.add_column("∂L/∂y", justify="right")
        table.add_column("term of (3)", footer=literal(short(self.total)), justify="right")
        table.add_column("in the formula")
        table.add_column("its value", footer=literal(short(self.formula)), justify="right")
        for term in self.terms:
            cells = (" → ".join(term.path), short(term.partial), short(term.upstream), short(term.product))
            table.add_row(*map(literal, (*cells, " · ".join(name for name, _ in term.factors), short(term.formula))))
        return Group(
            literal(f"∂L/∂{self.entry} by the element-wise chain rule (3), and as {self.row_and_column}"),
            table,
            literal(f"  {self.zeros} more terms of (3) are zero: the other ys do not contain {self.entry}."),
        )


def explain(layer: Layer, matrix: Any, index: tuple[int, ...]) -> Explanation:
    """Every non-zero term of (3) for one entry, as paths through the graph, beside the terms of (1), (2) or (b).

    >>> explanation = explain(build([[1, 2]], [[3, 4], [5, 6]], G=[[1, -1]]), "x", (0, 1))
    >>> [(t.y, t.partial, t.upstream, t.product) for t in explanation.terms], explanation.total
    ([('y[0,0]', 5, 1, 5), ('y[0,1]', 6, -1, -6)], -1)

    Parameters
    ----------
    layer
        From `build`.
    matrix, index
        Which entry: `layer.X`, `layer.W` or `layer.b`, or its letter, and the indices i, j of the entry.

    Raises
    ------
    ValueError
        If the layer has no such matrix.
    IndexError
        If the matrix has no such entry.
    """
    name = layer.letter(matrix)
    entries = layer.matrix(name)
    index = tuple(index)
    if len(index) != entries.ndim or not all(0 <= i < n for i, n in zip(index, entries.shape, strict=True)):
        raise IndexError(f"there is no {entry_name(name, index)}: {name} has the shape {entries.shape}, counted from 0")
    start = entries[index]
    terms = []
    for (alpha, beta), y in np.ndenumerate(layer.Y):
        for path, partial in paths(start, y):
            nodes = (start, *(edge.output for edge in path))
            names = tuple(node.label or node._op for node in nodes)
            terms.append(Term(names, partial, layer.G[alpha, beta], formula_term(layer, name, index, alpha, beta)))
    row_and_column = {
        "x": "row {} of G times column {} of Wᵀ, formula (1)",
        "w": "row {} of Xᵀ times column {} of G, formula (2)",
        "b": "the sum of column {} of G, formula (b)",
    }[name].format(*index)
    return Explanation(entry_name(name, index), tuple(terms), layer.Y.size - len(terms), row_and_column)


def formula_term(
    layer: Layer, name: str, index: tuple[int, ...], alpha: int, beta: int
) -> tuple[tuple[str, Number], ...]:
    """The factors that (1), (2) or (b) multiply where (3) has the term of y_αβ, by name and number."""
    g = (f"g[{alpha},{beta}]", layer.G[alpha, beta])
    if name == "x":
        return g, (f"wᵀ[{beta},{index[1]}]", layer.w.T[beta, index[1]])
    if name == "w":
        return (f"xᵀ[{index[0]},{alpha}]", layer.x.T[index[0], alpha]), g
    return (g,)
