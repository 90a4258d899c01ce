"""One entry of a gradient, term by term: why the transpose?

    >>> from .layer import build
    >>> found = explain(build([[1, 2]], [[3, 4], [5, 6]], G=[[1, -1]]), "x", (0, 1))
    >>> [(t.path, t.product, t.factors) for t in found.terms[:1]], found.total
    ([(('x[0,1]', '*', 'y[0,0]'), 5, (('g[0,0]', 1), ('wᵀ[0,1]', 5)))], -1)

Each non-zero term of (3) is a path through the graph, and stands beside the term of (1), (2) or (b) that it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..arrays import Array, entry_name
from ..display import Shown, literal, short
from ..engine.numbers import Number, total
from ..engine.paths import paths
from ..engine.value import Value


@dataclass(frozen=True)
class PathTerm:
    """One non-zero term of (3), and the term of the matrix formula that it is.

    Attributes
    ----------
    path
        The nodes from the entry up to y_αβ, by label, or by symbol where they have none.
    partial, upstream
        ∂y_αβ/∂x_ij, the product of the local partials along the path, and g_αβ = ∂L/∂y_αβ.
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

    Attributes
    ----------
    entry
        The entry that L is differentiated by, such as `x[0,1]`.
    terms
        The terms of (3) that are not zero, in the order of α, β.
    zeros
        How many terms of (3) a delta makes zero.
    row_and_column
        What the formula adds up.
    """

    entry: str
    terms: tuple[PathTerm, ...]
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


class Explainable(Protocol):
    """What `explain` asks of a layer: its matrices, and which entry is meant. `build` makes one that has it all."""

    @property
    def X(self) -> Array: ...
    @property
    def W(self) -> Array: ...
    @property
    def Y(self) -> Array: ...
    @property
    def G(self) -> Array: ...
    def entry(self, matrix: Any, index: tuple[int, ...]) -> tuple[str, Value]: ...


def explain(layer: Explainable, matrix: Any, index: tuple[int, ...]) -> Explanation:
    """Every non-zero term of (3), Σ_α Σ_β g_αβ ∂y_αβ/∂x_ij, as a path, beside the terms of (1), (2) or (b).

    >>> from .layer import build
    >>> explanation = explain(build([[1, 2]], [[3, 4], [5, 6]], G=[[1, -1]]), "x", (0, 1))
    >>> [(t.y, t.partial, t.upstream, t.product) for t in explanation.terms], explanation.total
    ([('y[0,0]', 5, 1, 5), ('y[0,1]', 6, -1, -6)], -1)

    Parameters
    ----------
    layer
        From `build`: X is N×D, W is D×M, Y and G = ∂L/∂Y are N×M.
    matrix, index
        Which entry: `layer.X`, `layer.W` or `layer.b`, or its letter, and the indices i, j of the entry.

    Raises
    ------
    ArgumentError
        If the layer has no such matrix.
    EntryError
        If the matrix has no such entry.
    """
    index = tuple(index)
    letter, start = layer.entry(matrix, index)
    terms = []
    for (alpha, beta), y in np.ndenumerate(layer.Y):
        for path, partial in paths(start, y):
            nodes = (start, *(edge.output for edge in path))
            names = tuple(node.label or node._op for node in nodes)
            terms.append(PathTerm(names, partial, layer.G[alpha, beta], _factors(layer, letter, index, alpha, beta)))
    row_and_column = ROW_AND_COLUMN[letter].format(*index)
    return Explanation(entry_name(letter, index), tuple(terms), layer.Y.size - len(terms), row_and_column)


ROW_AND_COLUMN = {
    "x": "row {} of G times column {} of Wᵀ, formula (1)",
    "w": "row {} of Xᵀ times column {} of G, formula (2)",
    "b": "the sum of column {} of G, formula (b)",
}
"""What the formula for each matrix adds up."""


def _factors(
    layer: Explainable, letter: str, index: tuple[int, ...], alpha: int, beta: int
) -> tuple[tuple[str, Number], ...]:
    """The factors that (1), (2) or (b) multiply where (3) has the term of y_αβ, by name and number."""
    g = (f"g[{alpha},{beta}]", layer.G[alpha, beta])
    match letter, index:
        case "x", (_, j):
            return g, (f"wᵀ[{beta},{j}]", layer.W[j, beta].data)
        case "w", (i, _):
            return (f"xᵀ[{i},{alpha}]", layer.X[alpha, i].data), g
    return (g,)
