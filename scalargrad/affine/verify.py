"""The proof at given shapes: is the gradient of the scalar graph what (3), (1), (2) and the bias formula say it is?

    >>> report = verify([[1, 2], [3, 4]], [[5.5], [6.25]], loss="squares", evidence=["floats", "fractions", "integers"])
    >>> bool(report), report.nodes
    (True, 15)

Each of `CLAIMS` is checked by up to four kinds of evidence, from the weakest to the strongest. A difference in a single
entry makes a claim false, and the report shows the first one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from ..arrays import Array, fill
from ..display import short
from ..engine.collector import collector_paused
from ..engine.numbers import Number
from ..engine.value import Value
from ..errors import ArgumentError, ShapeError, TooLargeError
from ..proofs import affine_theorem
from .claims import CLAIMS, Claim
from .evidence import Evidence, Graph, Index, Instance, as_fractions, kinds_of_evidence
from .layer import check_shapes
from .losses import named_loss
from .report import Difference, Finding, Report

if TYPE_CHECKING:
    from concurrent.futures import Executor  # slow to load


@collector_paused()
def verify(
    X: Any,
    W: Any,
    b: Any = None,
    loss: str | Callable[[Array], Value] = "weighted-sum",
    labels: Sequence[Any] | None = None,
    evidence: Sequence[str] | None = None,
    seed: int = 0,
    claims: Sequence[Claim] = CLAIMS,
    source: str = "matrices given",
    progress: Callable[[str, float], None] = lambda step, done: None,
) -> Report:
    """Check what is claimed of the affine layer Y = X·W + b, by every kind of evidence.

    Above all: ∂L/∂X = G·Wᵀ (1), ∂L/∂W = Xᵀ·G (2) and ∂L/∂b = Σ_α g_α· (b), where G = ∂L/∂Y.

    Parameters
    ----------
    X, W, b
        Real rational numbers: floats, ints, Fractions, Decimals; N×D, D×M, M. Sizes of zero are fine.
    loss
        One of `LOSSES`, or any function of Y (an N×M array of Values) that returns a Value. If it is not rational, as
        with exp and log, G = ∂L/∂Y is computed in float64 and taken as exact from there: the note says so.
    labels
        For "cross-entropy": N integers from 0 to M-1, or names, which are numbered in alphabetical order.
    evidence
        Kinds of evidence from `EVIDENCE`. If not given, all that need no patience at this shape and are installed.
    seed
        For what is drawn at random.
    claims
        What to verify; `CLAIMS` if not given.
    source
        Where the numbers come from, for the report.
    progress
        Is called at each step, with a word on it and the part of the work that is done before, from 0 to 1 (about).

    Raises
    ------
    ShapeError
        If shapes do not fit.
    NumberError
        If an entry is not a real rational number.
    ArgumentError
        If an entry is nan or infinite, labels are wrong, or a name is unknown.
    ArgumentTypeError
        If the loss does not return a Value.
    MissingExtraError
        If symbols are asked for by name and SymPy is not installed.
    TooLargeError
        If the graph would not fit into this machine's memory.
    """
    X, W = as_fractions(X, "X"), as_fractions(W, "W")
    b = None if b is None else as_fractions(b, "b")
    check_shapes(X, W, b)
    N, D, M = shape = (*X.shape, W.shape[1])
    kinds = kinds_of_evidence(evidence)
    check_memory(shape)
    if not claims:
        raise ArgumentError("there are no claims to verify: give some of CLAIMS, or leave claims out")
    claims = [claim for claim in claims if claim.matrix != "b" or b is not None]
    random = Random(f"{seed} {shape}")
    weights = fill((N, M), lambda *_: random.gauss(0, 1))
    exact_weights = fill((N, M), lambda *index: Fraction(weights[index]))
    losses = named_loss(loss, labels, weights), named_loss(loss, labels, exact_weights)
    instance = Instance(X, W, b, *losses, random)
    findings: list[Finding] = []
    why_not = {kind: "" if evidence else _not_collected(kind, N * D * M) for kind in kinds}
    step = _steps([kind for kind in kinds if not why_not[kind]], claims, progress)
    nodes = 0
    for kind in kinds:
        if why_not[kind]:
            findings += [Finding(c.name, c.statement, c.false_if, kind.name, None, note=why_not[kind]) for c in claims]
            continue
        step(kind, BUILDING)
        graph = kind.graph(instance)
        nodes = max(nodes, len((graph.own or graph.layer).adjoints))
        for claim in claims:
            step(kind, claim.name)
            findings.append(finding_for(claim, graph))
        del graph  # before the next one is built
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", "a function of Y")
    record = affine_theorem()  # only if Coq accepted the very text that is installed
    return Report(shape, source, name, nodes, tuple(findings), record.sentence if record else "")


def finding_for(claim: Claim, graph: Graph) -> Finding:
    """Compare every entry that a claim speaks of, and remember the first that differs.

    A formula whose shapes do not fit is false; whatever else a formula raises is passed on.
    """
    evidence, note, compared, differences = graph.evidence, graph.note, 0, []
    first: Difference | None = None

    def difference(index: Index, claimed: Number, right: Number) -> Difference:
        return Difference(claim.entry(index), short(claimed), short(right), claim.terms(graph, index))

    try:
        for index, claimed, right in claim.pairs(graph):
            compared += 1
            if not evidence.same(claimed, right):
                first = first or difference(index, claimed, right)
                differences.append(claimed - right)
    except ShapeError as error:
        first = Difference("", str(error), "")
    if first is None:
        remark, beyond = claim.cross_check(graph)
        note, first = remark or note, difference(*beyond) if beyond else None
    fields = claim.name, claim.statement, claim.false_if, evidence.name
    return Finding(*fields, first is None, compared, evidence.largest(differences), note, first)


def _steps(
    kinds: Sequence[Evidence], claims: Sequence[Claim], progress: Callable[[str, float], None]
) -> Callable[[Evidence, str], None]:
    """A function that tells of the steps, one after the other, with what is done before as a part of the whole."""
    whole = sum(kind.effort * effort(name) for kind in kinds for name in (BUILDING, *(claim.name for claim in claims)))
    done = 0.0

    def step(kind: Evidence, name: str) -> None:
        nonlocal done
        progress(f"{kind.name}: {name}", done / whole)
        done += kind.effort * effort(name)

    return step


BUILDING = "building the graph"


def effort(step: str) -> float:
    """About how long a step takes beside others of the same kind of evidence, in μs for each of N·D·M (measured)."""
    return {BUILDING: 2.5, "∂y/∂x": 2.5, "∂y/∂w": 0.8, "(3) X": 1.1, "(1)": 0.4, "(2)": 0.4}.get(step, 0.1)


def _not_collected(kind: Evidence, products: int) -> str:
    """Why a kind of evidence is left out when nobody asked for it by name; "" if it is not."""
    if products > kind.products_limit:
        return f"not collected, since N·D·M = {products:,} is above {kind.products_limit:,}: ask for it by name"
    return f"not collected: {missing}" if (missing := kind.missing()) else ""


def check_memory(shape: tuple[int, int, int]) -> None:
    """Refuse a shape (N, D, M) whose graph would not fit into this machine's memory.

    Raises
    ------
    TooLargeError
        With the number of nodes and the memory that they would need.
    """
    N, D, M = shape
    nodes = N * D * M + 3 * N * M + N * D + D * M
    try:
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # where the system does not tell, nothing is refused
        return
    if nodes * BYTES_PER_NODE > available:
        raise TooLargeError(
            f"N,D,M = {N},{D},{M} needs a graph of {nodes:,} nodes, about {nodes * BYTES_PER_NODE / 2**30:,.0f} GiB, "
            f"and this machine has {available / 2**30:,.0f} GiB: choose a smaller shape"
        )


BYTES_PER_NODE = 1000
"""What a node takes at the peak of a verification, with its adjoint and its share of the Jacobian (measured)."""


# ---------------------------------------------------------------------------------------------------------------------
# Shapes in place of numbers


def verify_shape(shape: tuple[int, int, int], seed: int = 0, **options: Any) -> Report:
    """`verify` for a shape (N, D, M), with random numbers (and labels) that depend on the seed and the shape only.

    Parameters
    ----------
    shape, seed
        X is N×D, W is D×M, b has M entries: normal random numbers.
    options
        As for `verify`.

    Raises
    ------
    ShapeError
        If that is not a shape.
    ArgumentError, ArgumentTypeError, MissingExtraError, TooLargeError
        As for `verify`.
    """
    _require_sizes(shape)
    check_memory(shape)
    random = Random(f"{seed} {shape} entries")
    N, D, M = shape
    X, W, b = (fill(size, lambda *_: random.gauss(0, 1)) for size in ((N, D), (D, M), (M,)))
    labels = [random.randrange(M) for _ in range(N)] if M else []
    return verify(X, W, b, labels=labels, seed=seed, source=f"normal random numbers, seed {seed}", **options)


def verify_shapes(
    shapes: Iterable[tuple[int, int, int]],
    loss: str = "weighted-sum",
    evidence: Sequence[str] | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Callable[[Report], None] = lambda report: None,
    steps: Callable[[str, float], None] = lambda step, done: None,
) -> list[Report]:
    """A report for each shape (N, D, M), in the order given.

    Parameters
    ----------
    shapes, loss, evidence, seed
        As for `verify_shape`.
    executor
        Any `concurrent.futures.Executor`, such as a ProcessPoolExecutor, or that of a dask cluster,
        `client.get_executor()`. The reports do not depend on it.
    progress
        Is called with each report as it comes, in the order given.
    steps
        Is called as the `progress` of `verify` is; where there is an executor, before each report.

    Raises
    ------
    ShapeError
        If one is not a shape, before any work begins.
    ArgumentError, ArgumentTypeError, MissingExtraError, TooLargeError
        As for `verify`.
    """
    shapes = list(shapes)
    for shape in shapes:
        _require_sizes(shape)
    task = partial(verify_shape, seed=seed, loss=loss, evidence=evidence)
    efforts = [100 + N * D * M for N, D, M in shapes]

    def step(k: int, words: str, done: float = 0) -> None:
        steps(words, (sum(efforts[:k]) + done * efforts[k]) / sum(efforts))

    def here() -> Iterator[Report]:
        for k, shape in enumerate(shapes):
            name = ",".join(map(str, shape))
            yield task(shape, progress=lambda words, done, k=k, name=name: step(k, f"{name}, {words}", done))

    def by(executor: Executor) -> Iterator[Report]:
        found = executor.map(task, shapes)
        for k in range(len(shapes)):
            step(k, f"{k} of {len(shapes)} shapes done")
            yield next(found)

    reports = []
    for report in here() if executor is None else by(executor):
        progress(report)
        reports.append(report)
    return reports


def _require_sizes(shape: Any) -> None:
    """Refuse what is not a shape (N, D, M)."""
    if len(shape) != 3 or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ShapeError(f"{shape!r} is not a shape: it takes three sizes N, D, M, none negative")
