"""What the explorer shows: each product as three matrices, and each of its entries term by term.

    >>> from ...affine import build
    >>> x, *_ = views(build([[1, 2]], [[3, 4], [5, 6]], G=[[26, 32]]))
    >>> x.heading, [term.product for term in x.terms[0][1]], x.result.numbers[0][1]
    ('∂L/∂X = G·Wᵀ', [130, 192], 322)

A term of (3) and a term of row · column stand side by side, and neither is made of the other: the first is a path
through the graph of scalars, and its partials are the graph's; the second is what the matrix formula multiplies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...engine.node import Node
from ...engine.numbers import Number
from ...engine.paths import paths

if TYPE_CHECKING:  # pictures load NumPy only with a layer, which has loaded it already
    from ...affine import Layer


@dataclass(frozen=True)
class Grid:
    """A matrix: what it is called, and the name and number of each entry, by rows."""

    title: str
    names: tuple[tuple[str, ...], ...]
    numbers: tuple[tuple[Number, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.names), len(self.names[0])


@dataclass(frozen=True)
class ShownTerm:
    """One path through the graph of scalars.

    Attributes
    ----------
    path
        The nodes by label, or by symbol where they have none, from the entry up to y_αβ.
    partials
        The local partials along it.
    factors
        What the formula multiplies here: an entry of a row, and an entry of a column.
    product
        The term's number, by the graph: ∂y_αβ/∂x_ij · ∂L/∂y_αβ for a gradient; x_αk · w_kβ for Y, and b_β last.
    at
        (α, β): which entry of Y the path leads to.
    """

    path: tuple[str, ...]
    partials: tuple[Number, ...]
    partial: Number
    factors: tuple[Number, ...]
    product: Number
    at: tuple[int, int]

    @property
    def formula(self) -> Number:
        """The term's number, by the formula."""
        first, *rest = self.factors
        return first * rest[0] if rest else first


@dataclass(frozen=True)
class View:
    """One product of matrices, `left` times `top` is `result`, and the terms of each entry of it.

    Attributes
    ----------
    key
        The letter of what is computed: "x", "w", "b" or "y".
    heading, formula
        The product in letters, and the entry of it.
    left, top, result, under
        The matrices; `under` is b in the forward pass, if there is one.
    stages
        The steps of the proof: what is shown, and a sentence in which {e}, {i}, {j} are the entry and its indices.
    terms
        By row and column of the result.
    """

    key: str
    heading: str
    formula: str
    left: Grid
    top: Grid
    result: Grid
    under: Grid | None
    stages: tuple[tuple[str, str], ...]
    terms: tuple[tuple[tuple[ShownTerm, ...], ...], ...]


def views(layer: Layer) -> list[View]:
    """∂L/∂X, ∂L/∂W, ∂L/∂b if there is a bias, and Y, in the order in which they are best looked at."""
    biases = [] if layer.b is None else [_by_b(layer)]
    return [_by_x(layer), _by_w(layer), *biases, _forward(layer)]


def _by_x(layer: Layer) -> View:
    N, D, M = layer.shape
    return View(
        "x",
        "∂L/∂X = G·Wᵀ",
        "(1)",
        _grid("G", "g[{},{}]", layer.G),
        _grid("Wᵀ", "wᵀ[{},{}]", layer.w.T),
        _grid("∂L/∂X", "∂L/∂x[{},{}]", layer.gradient("x")),
        None,
        _stages(
            (N, M, M),
            "x[{i},{j}]",
            "∂y[α,β]/∂x[{i},{j}] = δ[α,{i}] · w[{j},β]: only row {i} of Y is made of x[{i},{j}].",
            "Of the sum over α only α = {i} is left: {left}, g[{i},β] · w[{j},β].",
            "And w[{j},β] is wᵀ[β,{j}]: what is left is row {i} of G times column {j} of Wᵀ.",
            "∂L/∂X = G·Wᵀ (1)",
        ),
        _terms(layer, "x", lambda i, j, k: (layer.G[i, k], layer.w[j, k]), N, D),
    )


def _by_w(layer: Layer) -> View:
    N, D, M = layer.shape
    return View(
        "w",
        "∂L/∂W = Xᵀ·G",
        "(2)",
        _grid("Xᵀ", "xᵀ[{},{}]", layer.x.T),
        _grid("G", "g[{},{}]", layer.G),
        _grid("∂L/∂W", "∂L/∂w[{},{}]", layer.gradient("w")),
        None,
        _stages(
            (N, M, N),
            "w[{i},{j}]",
            "∂y[α,β]/∂w[{i},{j}] = δ[β,{j}] · x[α,{i}]: only column {j} of Y is made of w[{i},{j}].",
            "Of the sum over β only β = {j} is left: {left}, x[α,{i}] · g[α,{j}].",
            "And x[α,{i}] is xᵀ[{i},α]: what is left is row {i} of Xᵀ times column {j} of G.",
            "∂L/∂W = Xᵀ·G (2)",
        ),
        _terms(layer, "w", lambda i, j, k: (layer.x[k, i], layer.G[k, j]), D, M),
    )


def _by_b(layer: Layer) -> View:
    N, _, M = layer.shape
    return View(
        "b",
        "∂L/∂b = 1ᵀ·G",
        "(b)",
        Grid("1ᵀ", (("1",) * N,), ((1,) * N,)),
        _grid("G", "g[{},{}]", layer.G),
        Grid("∂L/∂b", (tuple(f"∂L/∂b[{j}]" for j in range(M)),), (tuple(layer.gradient("b")),)),
        None,
        _stages(
            (N, M, N),
            "b[{j}]",
            "∂y[α,β]/∂b[{j}] = δ[β,{j}]: b[{j}] is added to column {j} of Y alone.",
            "Of the sum over β only β = {j} is left: {left}, g[α,{j}].",
            "What is left is the sum of column {j} of G, or a row of ones times that column.",
            "∂L/∂b = Σ_α g[α,·] (b)",
        ),
        _terms(layer, "b", lambda _, j, k: (1, layer.G[k, j]), 1, M),
    )


def _stages(
    sizes: tuple[int, int, int], entry: str, delta: str, left: str, product: str, formula: str
) -> tuple[tuple[str, str], ...]:
    """The proof in four sentences, for N·M terms of (3) of which so many are left."""
    N, M, number = sizes
    every = f"(3): {{e}} is a sum over all entries of Y, {N}·{M} = {_count(N * M)} ∂L/∂y · ∂y/∂{entry}."
    zeros = N * M - number
    rest = f"The other {_count(zeros)} {'is' if zeros == 1 else 'are'} 0." if zeros else "No other term is there."
    return (
        ("all", every),
        ("delta", f"{delta} {rest}"),
        ("left", left.replace("{left}", _count(number))),
        ("product", f"{product} So it is for every entry: {formula}."),
    )


def _forward(layer: Layer) -> View:
    """Y = X·W, or X·W + b, with the products that each y_αβ is the sum of."""
    N, D, M = layer.shape
    bias = None
    if layer.b is not None:
        bias = Grid("b", (tuple(f"b[{j}]" for j in range(M)),), (tuple(b.data for b in layer.b),))

    def entry(alpha: int, beta: int) -> Iterator[ShownTerm]:
        y, at = layer.Y[alpha, beta], (alpha, beta)
        for k in range(D):
            x, w = layer.X[alpha, k], layer.W[k, beta]
            for path, partial in paths(x, y):
                product = path[0].output.data  # the node x·w of the graph
                yield ShownTerm(_names(x, path), _partials(path), partial, (x.data, w.data), product, at)
        if layer.b is not None:
            b = layer.b[beta]
            for path, partial in paths(b, y):
                yield ShownTerm(_names(b, path), _partials(path), partial, (b.data,), b.data, at)

    plus, more = (" + b", ", plus b[{j}]") if bias else ("", "")
    return View(
        "y",
        f"Y = X·W{plus}",
        "(4)",
        _grid("X", "x[{},{}]", layer.x),
        _grid("W", "w[{},{}]", layer.w),
        _grid("Y", "y[{},{}]", _data(layer.Y)),
        bias,
        (
            ("left", f"{{e}} is the sum of {D} product{'s' * (D != 1)} of scalars, Σ_k x[{{i}},k] · w[k,{{j}}]{more}."),
            (
                "product",
                f"That is row {{i}} of X times column {{j}} of W{more}. So it is for every entry: Y = X·W{plus} (4).",
            ),
        ),
        tuple(tuple(tuple(entry(alpha, beta)) for beta in range(M)) for alpha in range(N)),
    )


def _terms(
    layer: Layer, letter: str, factors: Callable[[int, int, int], tuple[Number, Number]], rows: int, columns: int
) -> tuple[tuple[tuple[ShownTerm, ...], ...], ...]:
    """The terms of (3) that are not zero, for each entry of a gradient: its paths to the entries of Y."""

    def entry(i: int, j: int) -> Iterator[ShownTerm]:
        start: Node = layer.matrix(letter)[(j,) if letter == "b" else (i, j)]
        for alpha, row in enumerate(layer.Y):
            for beta, y in enumerate(row):
                for path, partial in paths(start, y):
                    product = partial * layer.G[alpha, beta]
                    row_and_column = factors(i, j, beta if letter == "x" else alpha)
                    yield ShownTerm(
                        _names(start, path), _partials(path), partial, row_and_column, product, (alpha, beta)
                    )

    return tuple(tuple(tuple(entry(i, j)) for j in range(columns)) for i in range(rows))


def _names(start: Node, path: Any) -> tuple[str, ...]:
    return (start.label, *(edge.output.label or edge.output._op for edge in path))


def _partials(path: Any) -> tuple[Number, ...]:
    return tuple(edge.partial for edge in path)


def _data(matrix: Any) -> Any:
    """The numbers of an array of Values, by rows."""
    return [[node.data for node in row] for row in matrix]


def _grid(title: str, name: str, numbers: Any) -> Grid:
    names = tuple(tuple(name.format(i, j) for j in range(len(row))) for i, row in enumerate(numbers))
    return Grid(title, names, tuple(tuple(row) for row in numbers))


def _count(number: int) -> str:
    return f"{number} term{'s' * (number != 1)}"
