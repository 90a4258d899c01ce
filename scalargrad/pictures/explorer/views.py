"""What the explorer shows: each product as three matrices, and each of its entries term by term.

    >>> from ...affine import build
    >>> layer = build([[1, 2]], [[3, 4], [5, 6]], G=[[26, 32]])
    >>> x, *_ = views(LayerNumbers(layer))
    >>> x.heading, [term.product for term in x.terms[0][1]], x.result.numbers[0][1]
    ('∂L/∂X = G·Wᵀ', [130, 192], 322)

A term of (3) and a term of row · column stand side by side, and neither is made of the other: the first is a path
through the graph of scalars, and its partials are the graph's; the second is what the matrix formula multiplies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...engine.node import Node
from ...engine.numbers import Number, unit
from ...engine.paths import Edge, paths
from ...engine.sweep import swept, topological_order
from ...engine.value import Value
from ..live import Registers

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


class LayerNumbers:
    """The numbers of a layer as they are, or as nodes that a page computes again.

    Attributes
    ----------
    registers
        Of the page; None for the numbers as they are.
    x, w, b, y, G
        By rows; b is a list, or None.
    """

    def __init__(self, layer: Layer, on_page: bool = False) -> None:
        self.layer = layer
        self.G: Any = layer.G
        self.adjoints: Any = layer.adjoints
        self.registers: Registers | None = None
        if on_page:
            entries = [node for matrix in layer.matrices.values() for node in matrix.flat]
            outputs = list(layer.Y.flat) if layer.L is None else layer.L
            inputs = entries if layer.L is not None else [*entries, *self._weights()]
            self.registers = Registers(outputs, inputs)
            if not self.registers.reason:
                self._lift(outputs)
        self.x, self.w, self.y = self._rows(layer.X), self._rows(layer.W), self._rows(layer.Y)
        self.b = None if layer.b is None else [self.data(node) for node in layer.b]

    def _weights(self) -> list[Value]:
        """G as leaves, where it is given and no loss is."""
        N, _, M = self.layer.shape
        self.G = [[Value(self.layer.G[i, j], f"g[{i},{j}]") for j in range(M)] for i in range(N)]
        return [node for row in self.G for node in row]

    def _lift(self, outputs: Any) -> None:
        """The backward pass as nodes."""
        given = None if self.layer.L is not None else [node for row in self.G for node in row]
        order, found = swept(outputs, given, create_graph=True)
        self.adjoints = dict(zip(order, found, strict=True))
        if self.layer.L is not None:
            self.G = [
                [self.adjoints.get(y, zero) for y, zero in zip(row, zeros, strict=True)]
                for row, zeros in zip(self.layer.Y, self.layer.G, strict=True)
            ]

    def _rows(self, matrix: Any) -> list[list[Any]]:
        return [[self.data(node) for node in row] for row in matrix]

    def data(self, node: Any) -> Any:
        return node.data if self.registers is None else self.registers.data(node)

    def partial(self, edge: Edge) -> Any:
        """The local partial along an edge."""
        partials = edge.output.partials if self.registers is None else self.registers.partials(edge.output)
        return partials[edge.position]

    def along(self, path: Sequence[Edge]) -> Any:
        """The product of the local partials along a path, from its end down."""
        one = unit(path[-1].output.data)
        product = one if self.registers is None else self.registers.given(one)
        for edge in reversed(path):
            product = self.partial(edge) * product
        return product

    def gradient(self, letter: str) -> list[Any]:
        """∂L/∂X, ∂L/∂W or ∂L/∂b, by rows."""
        matrix = self.layer.matrix(letter)
        if letter == "b":
            return [self.adjoints.get(node, 0) for node in matrix]
        return [[self.adjoints.get(node, 0) for node in row] for row in matrix]

    @property
    def inputs(self) -> list[Any]:
        """The leaves that a reader may change, in their order."""
        return [] if self.registers is None or self.registers.reason else list(self.registers.inputs)


def views(numbers: LayerNumbers) -> list[View]:
    """∂L/∂X, ∂L/∂W, ∂L/∂b if there is a bias, and Y, in the order in which they are best looked at."""
    biases = [] if numbers.b is None else [_by_b(numbers)]
    return [_by_x(numbers), _by_w(numbers), *biases, _forward(numbers)]


def _by_x(numbers: LayerNumbers) -> View:
    N, D, M = numbers.layer.shape
    return View(
        "x",
        "∂L/∂X = G·Wᵀ",
        "(1)",
        _grid("G", "g[{},{}]", numbers.G),
        _grid("Wᵀ", "wᵀ[{},{}]", _transposed(numbers.w)),
        _grid("∂L/∂X", "∂L/∂x[{},{}]", numbers.gradient("x")),
        None,
        _stages(
            (N, M, M),
            "x[{i},{j}]",
            "∂y[α,β]/∂x[{i},{j}] = δ[α,{i}] · w[{j},β]: only row {i} of Y is made of x[{i},{j}].",
            "Of the sum over α only α = {i} is left: {left}, g[{i},β] · w[{j},β].",
            "And w[{j},β] is wᵀ[β,{j}]: what is left is row {i} of G times column {j} of Wᵀ.",
            "∂L/∂X = G·Wᵀ (1)",
        ),
        _terms(numbers, "x", lambda i, j, k: (numbers.G[i][k], numbers.w[j][k]), N, D),
    )


def _by_w(numbers: LayerNumbers) -> View:
    N, D, M = numbers.layer.shape
    return View(
        "w",
        "∂L/∂W = Xᵀ·G",
        "(2)",
        _grid("Xᵀ", "xᵀ[{},{}]", _transposed(numbers.x)),
        _grid("G", "g[{},{}]", numbers.G),
        _grid("∂L/∂W", "∂L/∂w[{},{}]", numbers.gradient("w")),
        None,
        _stages(
            (N, M, N),
            "w[{i},{j}]",
            "∂y[α,β]/∂w[{i},{j}] = δ[β,{j}] · x[α,{i}]: only column {j} of Y is made of w[{i},{j}].",
            "Of the sum over β only β = {j} is left: {left}, x[α,{i}] · g[α,{j}].",
            "And x[α,{i}] is xᵀ[{i},α]: what is left is row {i} of Xᵀ times column {j} of G.",
            "∂L/∂W = Xᵀ·G (2)",
        ),
        _terms(numbers, "w", lambda i, j, k: (numbers.x[k][i], numbers.G[k][j]), D, M),
    )


def _by_b(numbers: LayerNumbers) -> View:
    N, _, M = numbers.layer.shape
    return View(
        "b",
        "∂L/∂b = 1ᵀ·G",
        "(b)",
        Grid("1ᵀ", (("1",) * N,), ((1,) * N,)),
        _grid("G", "g[{},{}]", numbers.G),
        Grid("∂L/∂b", (tuple(f"∂L/∂b[{j}]" for j in range(M)),), (tuple(numbers.gradient("b")),)),
        None,
        _stages(
            (N, M, N),
            "b[{j}]",
            "∂y[α,β]/∂b[{j}] = δ[β,{j}]: b[{j}] is added to column {j} of Y alone.",
            "Of the sum over β only β = {j} is left: {left}, g[α,{j}].",
            "What is left is the sum of column {j} of G, or a row of ones times that column.",
            "∂L/∂b = Σ_α g[α,·] (b)",
        ),
        _terms(numbers, "b", lambda _, j, k: (1, numbers.G[k][j]), 1, M),
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


def _forward(numbers: LayerNumbers) -> View:
    """Y = X·W, or X·W + b, with the products that each y_αβ is the sum of."""
    layer, bias = numbers.layer, None
    N, D, M = layer.shape
    if numbers.b is not None:
        bias = Grid("b", (tuple(f"b[{j}]" for j in range(M)),), (tuple(numbers.b),))

    def term(start: Node, y: Node, factors: tuple[Any, ...], at: tuple[int, int]) -> Iterator[ShownTerm]:
        for path, _ in paths(start, y):
            product = numbers.data(path[0].output) if len(factors) == 2 else factors[0]  # the node x·w of the graph
            partials = tuple(map(numbers.partial, path))
            yield ShownTerm(_names(start, path), partials, numbers.along(path), factors, product, at)

    def entry(alpha: int, beta: int) -> Iterator[ShownTerm]:
        y, at = layer.Y[alpha, beta], (alpha, beta)
        for k in range(D):
            yield from term(layer.X[alpha, k], y, (numbers.x[alpha][k], numbers.w[k][beta]), at)
        if layer.b is not None and numbers.b is not None:
            yield from term(layer.b[beta], y, (numbers.b[beta],), at)

    plus, more = (" + b", ", plus b[{j}]") if bias else ("", "")
    return View(
        "y",
        f"Y = X·W{plus}",
        "(4)",
        _grid("X", "x[{},{}]", numbers.x),
        _grid("W", "w[{},{}]", numbers.w),
        _grid("Y", "y[{},{}]", numbers.y),
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
    numbers: LayerNumbers,
    letter: str,
    factors: Callable[[int, int, int], tuple[Any, Any]],
    rows: int,
    columns: int,
) -> tuple[tuple[tuple[ShownTerm, ...], ...], ...]:
    """The terms of (3) that are not zero, for each entry of a gradient: its paths to the entries of Y."""
    layer = numbers.layer
    made_of = [[set(topological_order(y)) for y in row] for row in layer.Y]

    def entry(i: int, j: int) -> Iterator[ShownTerm]:
        start: Node = layer.matrix(letter)[(j,) if letter == "b" else (i, j)]
        for alpha, row in enumerate(layer.Y):
            for beta, y in enumerate(row):
                for path, _ in paths(start, y) if start in made_of[alpha][beta] else ():
                    partial = numbers.along(path)
                    product = partial * numbers.G[alpha][beta]
                    row_and_column = factors(i, j, beta if letter == "x" else alpha)
                    partials = tuple(map(numbers.partial, path))
                    yield ShownTerm(_names(start, path), partials, partial, row_and_column, product, (alpha, beta))

    return tuple(tuple(tuple(entry(i, j)) for j in range(columns)) for i in range(rows))


def _names(start: Node, path: Any) -> tuple[str, ...]:
    return (start.label, *(edge.output.label or edge.output._op for edge in path))


def _transposed(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _grid(title: str, name: str, numbers: Any) -> Grid:
    names = tuple(tuple(name.format(i, j) for j in range(len(row))) for i, row in enumerate(numbers))
    return Grid(title, names, tuple(tuple(row) for row in numbers))


def _count(number: int) -> str:
    return f"{number} term{'s' * (number != 1)}"
