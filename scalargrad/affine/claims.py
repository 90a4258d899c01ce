"""What is claimed of the graph of an affine layer: each claim says what it claims beside what the graph has.

>>> from dataclasses import replace
>>> from .verify import verify
>>> wrong = [replace(claim, formula=lambda G, X, W: G @ W) for claim in CLAIMS if claim.name == "(1)"]
>>> verify([[1, 2]], [[3, 4], [5, 6]], claims=wrong).verified
False
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, entry_name
from ..display import short
from ..errors import ShapeError
from .evidence import Graph, Index, Pair
from .explain import explain
from .formulas import (
    chain_rule_b,
    chain_rule_w,
    chain_rule_x,
    dy_db,
    dy_dw,
    dy_dx,
    formula_b,
    formula_w,
    formula_x,
)

LITERAL_LIMIT = 20_000
"""Terms up to which (3) and the local partials are written out with all their zeros."""

TERMS_SHOWN = 12
"""How many terms of (3) are shown for an entry where a claim is false."""


@dataclass(frozen=True)
class Claim:
    """Something that is said of the graph of an affine layer.

    Attributes
    ----------
    name, statement
        The number that the formula goes by, and the formula.
    matrix
        The letter of the matrix that is differentiated by: x, w or b.
    formula
        One of the functions of `formulas`, or yours in its place, with the same arguments.
    false_if
        What would make it false.
    """

    name: str
    statement: str
    matrix: str
    formula: Callable[..., Any]
    false_if: str

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        """(index, claimed, right) for each entry that is compared.

        Raises
        ------
        ShapeError
            If the formula's shapes do not fit, which is one way of being false.
        """
        raise NotImplementedError

    def entry(self, index: Index) -> str:
        """What the numbers at an index are."""
        raise NotImplementedError

    def terms(self, graph: Graph, index: Index) -> tuple[str, ...]:
        """The terms of (3) that make up the right number at an index, if it is an entry of a gradient."""
        return ()

    def cross_check(self, graph: Graph) -> tuple[str, Pair | None]:
        """What else there is to compare where all pairs are the same: a note on it, and the first pair that is not."""
        return "", None


class PartialsClaim(Claim):
    """The local partials of every y by every entry of one matrix are `formula(α, β, i, j, X, W)`: N×M×N×D numbers."""

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        layer, entries = graph.layer, graph.layer.matrices[self.matrix]
        X, W = layer.x, layer.w
        everywhere = layer.Y.size * entries.size <= LITERAL_LIMIT
        for alpha, beta, row in graph.rows:
            present = row[self.matrix]
            for index in np.ndindex(entries.shape) if everywhere else present:
                claimed = self.formula(alpha, beta, *index, X, W)
                yield (alpha, beta, *index), claimed, present.get(index, 0)

    def entry(self, index: Index) -> str:
        return f"∂{entry_name('y', index[:2])}/∂{entry_name(self.matrix, index[2:])}"


class CountClaim(Claim):
    """Of the entries of ∂Y/∂(matrix), `formula(N, D, M)` are not zero by structure: there is a path in the graph."""

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        yield (), self.formula(*graph.layer.shape), sum(len(row[self.matrix]) for _, _, row in graph.rows)

    def entry(self, index: Index) -> str:
        return "the count"


class GradientClaim(Claim):
    """`formula(G, X, W)` gives the gradient of the graph by one matrix, in that matrix's shape."""

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        claimed, right = self.claimed(graph), graph.layer.gradient(self.matrix)
        if claimed.shape != right.shape:
            raise ShapeError(f"the formula gives the shape {claimed.shape}, and the gradient has {right.shape}")
        for index in np.ndindex(right.shape):
            yield index, claimed[index], right[index]

    def claimed(self, graph: Graph) -> Array:
        """The gradient by the formula.

        Raises
        ------
        ShapeError
            If the formula's shapes do not fit.
        """
        layer = graph.layer
        try:
            claimed: Array = self.formula(layer.G, layer.x, layer.w)
        except ValueError as error:  # how NumPy says it, in a formula of yours such as G @ W
            raise ShapeError(str(error)) from error
        return claimed

    def entry(self, index: Index) -> str:
        return f"∂L/∂{entry_name(self.matrix, index)}"

    def terms(self, graph: Graph, index: Index) -> tuple[str, ...]:
        found = explain(graph.layer, self.matrix, index)
        terms = [f"∂{t.y}/∂{found.entry} · ∂L/∂{t.y} = {short(t.partial)} · {short(t.upstream)}" for t in found.terms]
        if len(terms) > TERMS_SHOWN:
            terms[TERMS_SHOWN:] = [f"… and {len(terms) - TERMS_SHOWN} more"]
        return tuple(terms)


class ChainRuleClaim(GradientClaim):
    """(3) gives the gradient of the graph: as the literal double sum at small shapes, else without the zero terms.

    The terms that are left are g_αβ times the graph's own partials of y_αβ, which costs N·D·M in place of N·M·N·D.
    """

    def claimed(self, graph: Graph) -> Array:
        literal = graph.layer.Y.size * graph.layer.matrices[self.matrix].size <= LITERAL_LIMIT
        return super().claimed(graph) if literal else graph.collapsed[self.matrix]


class FormulaClaim(GradientClaim):
    """(1), (2) or (b) gives the gradient of the graph; in float64 BLAS, too, within its forward error bound."""

    def cross_check(self, graph: Graph) -> tuple[str, Pair | None]:
        note, beyond = graph.evidence.beside_blas(graph, self.matrix)
        return f"{self.name} {note}" if note else "", beyond


_A_PATH_MISSED = "the sum over paths missed or doubled one"

# fmt: off
CLAIMS: tuple[Claim, ...] = (
    PartialsClaim("∂y/∂x", "∂y_αβ/∂x_ij = δ_αi w_jβ", "x", dy_dx, "a y_αβ used an x outside its row α"),
    PartialsClaim("∂y/∂w", "∂y_αβ/∂w_ij = δ_βj x_αi", "w", dy_dw, "a y_αβ used a w outside its column β"),
    PartialsClaim("∂y/∂b", "∂y_αβ/∂b_j = δ_βj", "b", dy_db, "a y_αβ used a b other than b_β"),
    CountClaim("zeros", "∂Y/∂X: N·M·D of N·M·N·D entries are not zero", "x", lambda N, D, M: N * M * D,
               "a path led from an x to a y in another row"),
    ChainRuleClaim("(3) X", "∂L/∂x_ij = Σ_α Σ_β g_αβ ∂y_αβ/∂x_ij", "x", chain_rule_x, _A_PATH_MISSED),
    ChainRuleClaim("(3) W", "∂L/∂w_ij = Σ_α Σ_β g_αβ ∂y_αβ/∂w_ij", "w", chain_rule_w, _A_PATH_MISSED),
    ChainRuleClaim("(3) b", "∂L/∂b_j = Σ_α Σ_β g_αβ ∂y_αβ/∂b_j", "b", chain_rule_b, _A_PATH_MISSED),
    FormulaClaim("(1)", "∂L/∂X = G·Wᵀ", "x", formula_x, "any ∂L/∂x_ij differed from Σ_β g_iβ w_jβ"),
    FormulaClaim("(2)", "∂L/∂W = Xᵀ·G", "w", formula_w, "any ∂L/∂w_ij differed from Σ_α x_αi g_αj"),
    FormulaClaim("(b)", "∂L/∂b = Σ_α g_α·", "b", formula_b, "any ∂L/∂b_j differed from Σ_α g_αj"),
)
# fmt: on
"""What is verified. To see a check fail, pass `verify` a claim with a wrong formula."""
