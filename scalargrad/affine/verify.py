"""The proof at given shapes: is the gradient of the scalar graph what (3), (1), (2) and the bias formula say it is?

    >>> report = verify([[1, 2], [3, 4]], [[5.5], [6.25]], loss="squares", evidence=["floats", "fractions", "integers"])
    >>> report.verified, report.nodes
    (True, 15)

Each claim is checked by up to four kinds of evidence, from the weakest to the strongest (the fifth, for all shapes, is
a derivation and not a check). A difference in a single entry makes a claim false, and the report shows the first one.
"""

from __future__ import annotations

import math
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, fill, objects
from ..display import short
from ..engine.numbers import Number, total
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import InexactError
from . import layer as affine
from . import losses
from .layer import Layer
from .report import EVIDENCE, FLOATS, FRACTIONS, INTEGERS, SYMBOLS, Difference, Finding, Report

PRODUCTS_LIMIT = {FLOATS: math.inf, FRACTIONS: 100_000, INTEGERS: math.inf, SYMBOLS: 2_000}
"""N·D·M up to which a kind of evidence is collected without being asked for by name: beyond, it takes minutes."""

LITERAL_LIMIT = 20_000
"""Terms up to which (3) and the local partials are written out with all their zeros."""

UNIT_ROUNDOFF = 2.0**-53


def same(claimed: Number, right: Number, evidence: str) -> bool:
    """Whether two results are the same number: the same float, the same exact number of one kind, or one polynomial."""
    if evidence == FLOATS:
        # all bits but the sign of a zero, which a term 0·w may have changed, and the payload of a nan after an overflow
        return float(claimed) == float(right) or (claimed != claimed and right != right)
    if evidence == SYMBOLS:
        import sympy

        return bool(claimed == right) or sympy.expand(claimed - right) == 0
    # An empty sum is the integer 0, which belongs to every kind of number
    return bool(claimed == right) and (type(claimed) is type(right) or int in (type(claimed), type(right)))


# ---------------------------------------------------------------------------------------------------------------------
# The claims: each yields what it claims beside what the graph has, entry by entry

Index = tuple[int, ...]
Pair = tuple[Index, Number, Number]


@dataclass(frozen=True)
class Claim:
    """Something that is said of the graph of an affine layer.

    Attributes
    ----------
    name, statement
        The number that the formula goes by, and the formula.
    matrix
        The matrix that is differentiated by: x, w or b.
    formula
        One of the functions of `affine`, or yours in its place, with the same arguments.
    false_if
        What would make it false.
    """

    name: str
    statement: str
    matrix: str
    formula: Callable[..., Any]
    false_if: str

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        """(index, claimed, right) for each entry that is compared."""
        raise NotImplementedError


class PartialsClaim(Claim):
    """The local partials of every y by every entry of one matrix are `formula(α, β, i, j, X, W)`."""

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        layer, entries = graph.layer, graph.layer.matrices[self.matrix]
        X, W = layer.x, layer.w
        everywhere = layer.Y.size * entries.size <= LITERAL_LIMIT
        for alpha, beta, row in graph.rows:
            present = row[self.matrix]
            for index in np.ndindex(entries.shape) if everywhere else present:
                claimed = self.formula(alpha, beta, *index, X, W)
                yield (alpha, beta, *index), claimed, present.get(index, 0)


class CountClaim(Claim):
    """Of the entries of ∂Y/∂(matrix), `formula(N, D, M)` are not zero by structure: there is a path in the graph."""

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        yield (), self.formula(*graph.layer.shape), sum(len(row[self.matrix]) for _, _, row in graph.rows)


class ChainRuleClaim(Claim):
    """(3) gives the gradient of the graph: as the literal double sum at small shapes, else without the zero terms.

    The terms that are left are ∂L/∂y_αβ times the graph's own partials of y_αβ, which costs N·D·M in place of N·M·N·D.
    """

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        layer = graph.layer
        if layer.Y.size * layer.matrices[self.matrix].size <= LITERAL_LIMIT:
            claimed = self.formula(layer.G, layer.x, layer.w)
        else:
            claimed = graph.collapsed[self.matrix]
        yield from entrywise(claimed, layer.gradient(self.matrix))


class FormulaClaim(Claim):
    """The matrix formula gives the gradient of the graph."""

    def pairs(self, graph: Graph) -> Iterator[Pair]:
        layer = graph.layer
        yield from entrywise(self.formula(layer.G, layer.x, layer.w), layer.gradient(self.matrix))


def entrywise(claimed: Array, right: Array) -> Iterator[Pair]:
    """The entries of two arrays side by side, in row-major order."""
    if claimed.shape != right.shape:
        raise ValueError(f"the formula gives the shape {claimed.shape}, and the gradient has {right.shape}")
    for index in np.ndindex(right.shape):
        yield index, claimed[index], right[index]


CLAIMS: tuple[Claim, ...] = (
    PartialsClaim("∂y/∂x", "∂y_αβ/∂x_ij = δ_αi w_jβ", "x", affine.dy_dx, "a y_αβ used an x outside its row α"),
    PartialsClaim("∂y/∂w", "∂y_αβ/∂w_ij = δ_βj x_αi", "w", affine.dy_dw, "a y_αβ used a w outside its column β"),
    PartialsClaim("∂y/∂b", "∂y_αβ/∂b_j = δ_βj", "b", affine.dy_db, "a y_αβ used a b other than b_β"),
    CountClaim(
        "zeros",
        "∂Y/∂X: N·M·D of N·M·N·D entries are not zero",
        "x",
        lambda N, D, M: N * M * D,
        "a path led from an x to a y in another row",
    ),
    ChainRuleClaim(
        "(3) X",
        "∂L/∂x_ij = Σ_α Σ_β g_αβ ∂y_αβ/∂x_ij",
        "x",
        affine.chain_rule_x,
        "the sum over paths missed or doubled one",
    ),
    ChainRuleClaim(
        "(3) W",
        "∂L/∂w_ij = Σ_α Σ_β g_αβ ∂y_αβ/∂w_ij",
        "w",
        affine.chain_rule_w,
        "the sum over paths missed or doubled one",
    ),
    ChainRuleClaim(
        "(3) b",
        "∂L/∂b_j = Σ_α Σ_β g_αβ ∂y_αβ/∂b_j",
        "b",
        affine.chain_rule_b,
        "the sum over paths missed or doubled one",
    ),
    FormulaClaim("(1)", "∂L/∂X = G·Wᵀ", "x", affine.formula_x, "any ∂L/∂x_ij differed from Σ_β g_iβ w_jβ"),
    FormulaClaim("(2)", "∂L/∂W = Xᵀ·G", "w", affine.formula_w, "any ∂L/∂w_ij differed from Σ_α x_αi g_αj"),
    FormulaClaim("(b)", "∂L/∂b = Σ_α g_α·", "b", affine.formula_b, "any ∂L/∂b_j differed from Σ_α g_αj"),
)
"""What is verified. To see a check fail, pass `verify` a claim with a wrong formula."""


@dataclass
class Graph:
    """A layer's graph over one kind of number, and what the claims read off it, each once."""

    layer: Layer
    evidence: str
    note: str = ""
    own: Layer | None = None
    """The layer whose adjoints come from the sweep over the loss itself, if those of `layer` do not."""

    @cached_property
    def rows(self) -> list[tuple[int, int, dict[str, dict[Index, Number]]]]:
        """(α, β, {matrix: {index: ∂y_αβ/∂entry}}) for each y: the graph's Jacobian, where a path reaches y_αβ."""
        place = {
            node: (name, index)
            for name, matrix in self.layer.matrices.items()
            for index, node in np.ndenumerate(matrix)
        }
        rows = []
        for alpha, beta, found in affine.local_partials(self.layer.Y):
            row: dict[str, dict[Index, Number]] = {name: {} for name in self.layer.matrices}
            for node in found.keys() & place.keys():
                name, index = place[node]
                row[name][index] = found[node]
            rows.append((alpha, beta, row))
        return rows

    @cached_property
    def collapsed(self) -> dict[str, Array]:
        """(3) for each matrix without the terms that a delta makes zero, in the order of α, β."""
        terms: dict[str, dict[Index, list[Number]]] = {name: defaultdict(list) for name in self.layer.matrices}
        for alpha, beta, row in self.rows:
            for name, partials in row.items():
                for index, dy in partials.items():
                    terms[name][index].append(self.layer.G[alpha, beta] * dy)

        def sums(name: str) -> Array:
            return fill(self.layer.matrices[name].shape, lambda *index: total(*terms[name][index] or [0]))

        return {name: sums(name) for name in terms}


# ---------------------------------------------------------------------------------------------------------------------
# Checking a claim


def check(claim: Claim, graph: Graph) -> Finding:
    """Compare every entry that a claim speaks of, and remember the first that differs."""
    compared, note, first, differences = 0, graph.note, None, []
    try:
        for index, claimed, right in claim.pairs(graph):
            compared += 1
            if not same(claimed, right, graph.evidence):
                first = first or difference(claim, graph, index, claimed, right)
                differences.append(claimed - right)
    except ValueError as error:  # the formula's shapes do not fit, which is one way of being false
        first = Difference("", str(error), "")
    if first is None and graph.evidence == FLOATS and isinstance(claim, FormulaClaim):
        note, first = against_blas(claim, graph)
    largest = "≠ 0" if differences and graph.evidence == SYMBOLS else short(max(map(abs, differences), default=0))
    fields = (claim.name, claim.statement, claim.false_if, graph.evidence)
    return Finding(*fields, first is None, compared, largest, note, first)


def difference(claim: Claim, graph: Graph, index: Index, claimed: Number, right: Number) -> Difference:
    """What a claim says of an entry, what is right, and, for an entry of a gradient, why."""
    if isinstance(claim, CountClaim):
        return Difference("the count", str(claimed), str(right))
    if isinstance(claim, PartialsClaim):
        y, entry = entry_name("y", index[:2]), entry_name(claim.matrix, index[2:])
        return Difference(f"∂{y}/∂{entry}", short(claimed), short(right))
    explanation = affine.explain(graph.layer, claim.matrix, index)
    terms = [
        f"∂{t.y}/∂{explanation.entry} · ∂L/∂{t.y} = {short(t.partial)} · {short(t.upstream)}" for t in explanation.terms
    ]
    if len(terms) > TERMS_SHOWN:
        terms[TERMS_SHOWN:] = [f"… and {len(terms) - TERMS_SHOWN} more"]
    return Difference(f"∂L/∂{explanation.entry}", short(claimed), short(right), tuple(terms))


TERMS_SHOWN = 12


def against_blas(claim: Claim, graph: Graph) -> tuple[str, Difference | None]:
    """The float64 gradient of the loss beside the formula by NumPy's matrix product, which sums in BLAS's order.

    A computed sum of n products is within γ_n Σ|g||w| of the exact one, γ_n = n·u / (1 − n·u), in any order (Higham,
    *Accuracy and Stability of Numerical Algorithms*, §3.1), so two of them are within 2γ_n Σ|g||w| of each other.
    """
    layer = graph.own or graph.layer
    X, W, G = (matrix.astype(float) for matrix in (layer.x, layer.w, layer.G))
    A, B = {"x": (G, W.T), "w": (X.T, G), "b": (np.ones((1, len(G))), G)}[claim.matrix]
    with np.errstate(all="ignore"):
        computed = (A @ B).reshape(layer.matrices[claim.matrix].shape)
        n = A.shape[1]
        gamma = n * UNIT_ROUNDOFF / (1 - n * UNIT_ROUNDOFF)
        bound = (2 * gamma * (abs(A) @ abs(B)) + n * SMALLEST).reshape(computed.shape)  # + what underflow may lose
        off = abs(computed - layer.gradient(claim.matrix).astype(float))
    if not computed.size or not np.isfinite(bound).all():
        return "", None
    beyond = np.argwhere(off > bound)
    worst = off.argmax()
    limit = f"bound 2γ_n Σ|a||b| = {bound.flat[worst]:.2g}"
    note = f"{claim.name} of the loss and by BLAS differ by at most {off.flat[worst]:.2g}; {limit}"
    if not len(beyond):
        return note, None
    index = tuple(int(i) for i in beyond[0])
    return note, difference(claim, graph, index, computed[index], layer.gradient(claim.matrix)[index])


SMALLEST = 2.0**-1074
"""The smallest positive float64."""


# ---------------------------------------------------------------------------------------------------------------------
# The graphs to check on


LOSSES = ("weighted-sum", "squares", "cross-entropy")
"""The losses that have a name; any other is a function of Y."""


def verify(
    X: Any,
    W: Any,
    b: Any = None,
    loss: str | Callable[[Array], Value] = "weighted-sum",
    labels: Sequence[int] | None = None,
    evidence: Sequence[str] | None = None,
    seed: int = 0,
    claims: Sequence[Claim] = CLAIMS,
    source: str = "matrices given",
    progress: Callable[[str], None] = lambda step: None,
) -> Report:
    """Check every claim about the affine layer Y = X·W + b by every kind of evidence.

    Parameters
    ----------
    X, W, b
        Real rational numbers: floats, ints, Fractions, Decimals; N×D, D×M, M. Sizes of zero are fine.
    loss
        One of `LOSSES`, or any function of Y (an N×M array of Values) that returns a Value. If it is not rational, as
        with exp and log, G = ∂L/∂Y is computed in float64 and taken as exact from there: the note says so.
    labels
        For "cross-entropy": N integers from 0 to M-1.
    evidence
        Kinds of evidence from `EVIDENCE`. If not given, all that need no patience at this shape and are installed.
    seed
        For what is drawn at random.
    claims
        What to verify; `CLAIMS` if not given.
    source
        Where the numbers come from, for the report.
    progress
        Is called with a word on each step.

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is nan or infinite, labels are wrong, or a name is unknown.
    TypeError
        If an entry is not a real rational number, or the loss does not return a Value.
    ModuleNotFoundError
        If symbols are asked for by name and SymPy is not installed.
    MemoryError
        If the graph would not fit into this machine's memory.
    """
    X, W = rational(X, "X"), rational(W, "W")
    b = None if b is None else rational(b, "b")
    affine.check_shapes(X, W, b)
    N, D, M = shape = (*X.shape, W.shape[1])
    rng = random.Random(f"{seed} {shape}")
    weights = fill((N, M), lambda *_: Fraction(rng.gauss(0, 1)))
    chosen = check_evidence(evidence)
    check_memory(shape)
    if not claims:
        raise ValueError("there are no claims to verify: give some of CLAIMS, or leave claims out")
    claims = [claim for claim in claims if claim.matrix != "b" or b is not None]
    float_loss = named_loss(loss, labels, as_kind(float, weights))
    make_graph: dict[str, Callable[[], Graph]] = {
        FLOATS: lambda: float_graph(X, W, b, float_loss),
        FRACTIONS: lambda: fraction_graph(X, W, b, named_loss(loss, labels, weights), make_graph[FLOATS]),
        INTEGERS: lambda: Graph(free_layer(shape, b is not None, lambda *_: rng.getrandbits(64) - 2**63), INTEGERS),
        SYMBOLS: lambda: Graph(free_layer(shape, b is not None, symbol), SYMBOLS),
    }
    findings: list[Finding] = []
    nodes = 0
    for kind in chosen:
        why_not = "" if evidence else not_collected(kind, N * D * M)
        if why_not:
            findings += [Finding(c.name, c.statement, c.false_if, kind, None, note=why_not) for c in claims]
            continue
        progress(f"{kind}: building the graph")
        graph = make_graph[kind]()
        nodes = max(nodes, len((graph.own or graph.layer).adjoints))
        for claim in claims:
            progress(f"{kind}: {claim.name}")
            findings.append(check(claim, graph))
        del graph  # before the next one is built
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", "a function of Y")
    return Report(shape, source, name, nodes, tuple(findings))


def check_memory(shape: tuple[int, int, int]) -> None:
    """Refuse a shape whose graph would not fit into this machine's memory.

    Raises
    ------
    MemoryError
        With the number of nodes and the memory that they would need.
    """
    N, D, M = shape
    nodes = N * D * M + 3 * N * M + N * D + D * M
    try:
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # where the system does not tell, nothing is refused
        return
    if nodes * BYTES_PER_NODE > available:
        raise MemoryError(
            f"N,D,M = {N},{D},{M} needs a graph of {nodes:,} nodes, about {nodes * BYTES_PER_NODE / 2**30:,.0f} GiB, "
            f"and this machine has {available / 2**30:,.0f} GiB: choose a smaller shape"
        )


BYTES_PER_NODE = 1000
"""What a node takes at the peak of a verification, with its adjoint and its share of the Jacobian (measured)."""


def check_evidence(evidence: Sequence[str] | None) -> list[str]:
    """The kinds of evidence to collect, in the order of `EVIDENCE`; all for None."""
    if isinstance(evidence, str):
        evidence = [evidence]
    if evidence is not None and not evidence:
        raise ValueError(f"no kind of evidence is given: choose from {', '.join(EVIDENCE)}, or leave evidence out")
    for kind in evidence or ():
        if kind not in EVIDENCE:
            raise ValueError(f"there is no evidence {kind!r}: choose from {', '.join(EVIDENCE)}")
        if kind == SYMBOLS and not find_spec("sympy"):
            raise ModuleNotFoundError('evidence by symbols needs SymPy: install the extra "symbolic"')
    return [kind for kind in EVIDENCE if not evidence or kind in evidence]


def not_collected(kind: str, products: int) -> str:
    """Why a kind of evidence is left out when nobody asked for it by name; "" if it is not."""
    if products > PRODUCTS_LIMIT[kind]:
        return f"not collected, since N·D·M = {products:,} is above {PRODUCTS_LIMIT[kind]:,}: ask for it by name"
    if kind == SYMBOLS and not find_spec("sympy"):
        return 'not collected: it needs SymPy, from the extra "symbolic"'
    return ""


def rational(matrix: Any, name: str) -> Array:
    """The entries as Fractions, which hold every float exactly."""
    matrix = objects(matrix)

    def entry(*index: int) -> Fraction:
        x = matrix[index]
        try:
            if isinstance(x, np.floating):
                return Fraction(*x.as_integer_ratio())
            return Fraction(x.item() if isinstance(x, np.generic) else "text" if isinstance(x, str) else x)
        except (ValueError, TypeError, OverflowError):
            where = entry_name(name, index)
            if isinstance(x, (float, np.floating)):
                raise ValueError(f"{where} is {x}: exact verification needs finite numbers") from None
            raise TypeError(
                f"{where} is {x!r}: it must be a real rational number, such as a float or Fraction"
            ) from None

    return fill(matrix.shape, entry)


def as_float(matrix: Array, name: str) -> Array:
    """Each entry as the nearest float64."""

    def entry(*index: int) -> float:
        try:
            return float(matrix[index])
        except OverflowError:
            raise ValueError(
                f"{entry_name(name, index)} is too large for float64: ask for other evidence, fractions or integers"
            ) from None

    return fill(matrix.shape, entry)


def as_kind(kind: Callable[[Any], Number], matrix: Array) -> Array:
    """Each entry converted."""
    return fill(matrix.shape, lambda *index: kind(matrix[index]))


def named_loss(
    loss: str | Callable[[Array], Value], labels: Sequence[int] | None, weights: Array
) -> Callable[..., Value]:
    """The loss function of a name."""
    if callable(loss):
        return loss
    if loss == "weighted-sum":
        return partial(losses.weighted_sum, weights=weights)
    if loss == "squares":
        return losses.sum_of_squares
    if loss == "cross-entropy":
        if labels is None:
            raise ValueError("the loss cross-entropy needs labels: one integer from 0 to M-1 for each row of X")
        return partial(losses.softmax_cross_entropy, labels=labels)
    raise ValueError(f"there is no loss {loss!r}: choose from {', '.join(LOSSES)}, or give a function of Y")


def float_graph(X: Array, W: Array, b: Array | None, loss: Callable[..., Value]) -> Graph:
    """The graph over float64, with G from the loss.

    A sweep over the loss adds the terms of a gradient in an order that depends on the loss. Bit for bit, the claims are
    about L = Σ g_αβ y_αβ, in row-major order: about the sweep that starts from Y with the adjoints G.
    """
    own = affine.build(as_float(X, "X"), as_float(W, "W"), None if b is None else as_float(b, "b"), loss=loss)
    for index, g in np.ndenumerate(own.G):
        if not math.isfinite(g):
            raise ValueError(
                f"∂L/∂{entry_name('y', index)} is {g} in float64: exact verification needs finite numbers; scale X or W"
            )
    return Graph(replace(own, L=None, adjoints=adjoints(own.Y, own.G)), FLOATS, own=own)


def fraction_graph(
    X: Array, W: Array, b: Array | None, loss: Callable[..., Value], floats: Callable[[], Graph]
) -> Graph:
    """The graph over Fractions, with the loss on top if it is rational, and else with G from the graph over floats."""
    try:
        layer = affine.build(X, W, b, loss=loss)
        if all(type(g) in (int, Fraction) for g in layer.G.flat):
            return Graph(layer, FRACTIONS)
    except InexactError:
        pass
    note = (
        "the loss is not rational: G = ∂L/∂Y was computed in float64, and the claims are exact for those very numbers"
    )
    return Graph(affine.build(X, W, b, G=as_kind(Fraction, floats().layer.G)), FRACTIONS, note)


def free_layer(shape: tuple[int, int, int], bias: bool, entry: Callable[[str, Index], Number]) -> Layer:
    """A layer whose X, W, b and G = ∂L/∂Y all consist of free entries, `entry(name, index)`."""

    def matrix(name: str, *size: int) -> Array:
        return fill(size, lambda *index: entry(name, index))

    N, D, M = shape
    X, W, b, G = matrix("x", N, D), matrix("w", D, M), matrix("b", M), matrix("g", N, M)
    return affine.build(X, W, b if bias else None, G=G)


def symbol(name: str, index: Index) -> Any:
    """A SymPy symbol for an entry."""
    import sympy

    return sympy.Symbol(entry_name(name, index))


# ---------------------------------------------------------------------------------------------------------------------
# Many shapes


def verify_shape(shape: tuple[int, int, int], seed: int = 0, **options: Any) -> Report:
    """`verify` for a shape (N, D, M), with random numbers (and labels) that depend on the seed and the shape only."""
    check_shape(shape)
    check_memory(shape)
    rng = random.Random(f"{seed} {shape} entries")
    N, D, M = shape
    X, W, b = (fill(size, lambda *_: rng.gauss(0, 1)) for size in ((N, D), (D, M), (M,)))
    labels = [rng.randrange(M) for _ in range(N)] if M else []
    return verify(X, W, b, labels=labels, seed=seed, source=f"normal random numbers, seed {seed}", **options)


def check_shape(shape: Any) -> None:
    """Refuse what is not a shape (N, D, M)."""
    if len(shape) != 3 or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError(f"{shape!r} is not a shape: it takes three sizes N, D, M, none negative")


def sweep(
    shapes: Iterable[tuple[int, int, int]],
    loss: str = "weighted-sum",
    evidence: Sequence[str] | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Callable[[Report], None] = lambda report: None,
) -> list[Report]:
    """A report for each shape (N, D, M), in the order given.

    Parameters
    ----------
    shapes, loss, evidence, seed
        As for `verify`.
    executor
        Any `concurrent.futures.Executor`, such as a ProcessPoolExecutor, or that of a dask cluster,
        `client.get_executor()`. The reports do not depend on it.
    progress
        Is called with each report as it comes, in the order given.
    """
    shapes = list(shapes)
    for shape in shapes:
        check_shape(shape)
    task = partial(verify_shape, seed=seed, loss=loss, evidence=evidence)
    reports = []
    for report in map(task, shapes) if executor is None else executor.map(task, shapes):
        progress(report)
        reports.append(report)
    return reports
