"""The kinds of evidence: what each rests on, the graph over its numbers, and when two of them are the same.

    >>> FRACTIONS.same(Fraction(1, 2), Fraction(2, 4)), FRACTIONS.same(0.5, Fraction(1, 2)), FLOATS.same(0.5, 0.5)
    (True, False, True)
    >>> list(EVIDENCE)
    ['floats', 'fractions', 'integers', 'symbols']

The loss enters the claims only through G = ∂L/∂Y. The first two kinds take G from the loss; for the last two G is as
free as X, W and b, so they speak of every loss at once. (For all shapes at once there is a derivation, not a check.)
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from importlib.util import find_spec
from random import Random
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, fill, objects
from ..display import short
from ..engine.numbers import Number, total
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import ArgumentError, InexactError, MissingExtraError, NumberError
from .layer import Layer, build, local_partials

Index = tuple[int, ...]
Pair = tuple[Index, Number, Number]
"""An index, what is claimed there, and what is right."""


# ---------------------------------------------------------------------------------------------------------------------
# What is looked at


@dataclass(frozen=True)
class Instance:
    """What is verified: the numbers of Y = X·W + b, exactly, and a loss on top.

    Attributes
    ----------
    X, W, b
        Fractions: N×D, D×M, M or None.
    float_loss, exact_loss
        The loss, an N×M array of Values to a Value, with weights of its own in float64 and in Fractions.
    random
        For what is drawn.
    """

    X: Array
    W: Array
    b: Array | None
    float_loss: Callable[[Array], Value]
    exact_loss: Callable[[Array], Value]
    random: Random

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N, D, M)"""
        return (*self.X.shape, self.W.shape[1])


@dataclass
class Graph:
    """A layer's graph over one kind of number, and what the claims read off it, each once."""

    layer: Layer
    evidence: Evidence
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
        for alpha, beta, found in local_partials(self.layer.Y):
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
# The kinds


class Evidence:
    """A kind of evidence. What it says of exact numbers here is what most kinds say.

    Attributes
    ----------
    name, rests_on
        What it is called, and what a claim rests on that holds by it.
    products_limit
        N·D·M up to which it is collected without being asked for by name: beyond, it takes minutes.
    effort
        About how many times as long it takes as with floats (measured).
    """

    name: str
    rests_on: str
    products_limit: float = math.inf
    effort: float = 1

    def graph(self, instance: Instance) -> Graph:
        """The graph of the layer over numbers of this kind.

        Raises
        ------
        ArgumentError
            If a number can't be one of this kind.
        """
        raise NotImplementedError

    def same(self, claimed: Number, right: Number) -> bool:
        """Whether two results are the same number, and of one kind: an int, such as an empty sum, is of every kind."""
        return bool(claimed == right) and (type(claimed) is type(right) or int in (type(claimed), type(right)))

    def largest(self, differences: Sequence[Number]) -> str:
        """The size of the largest of some differences, as text; "0" if there are none."""
        return short(max(map(abs, differences), default=0))

    def beside_blas(self, graph: Graph, matrix: str) -> tuple[str, Pair | None]:
        """A note on the gradient by a matrix beside NumPy's product, and where they are too far apart; floats only."""
        return "", None

    def missing(self) -> MissingExtraError | None:
        """What is not installed and would be needed."""
        return None


class Floats(Evidence):
    """float64. G comes from the loss.

    A sweep over the loss adds the terms of a gradient in an order that depends on the loss. Bit for bit, the claims are
    about L = Σ_α Σ_β g_αβ y_αβ, in row-major order: about the sweep that starts from Y with the adjoints G.
    """

    name = "floats"
    rests_on = "float64, bit for bit the sums taken from left to right; BLAS within its forward error bound"

    def graph(self, instance: Instance) -> Graph:
        X, W = _as_floats(instance.X, "X"), _as_floats(instance.W, "W")
        own = build(X, W, None if instance.b is None else _as_floats(instance.b, "b"), loss=instance.float_loss)
        for index, g in np.ndenumerate(own.G):
            if not math.isfinite(g):
                raise ArgumentError(
                    f"∂L/∂{entry_name('y', index)} is {g} in float64: exact verification needs finite numbers; "
                    "scale X or W"
                )
        return Graph(replace(own, L=None, adjoints=adjoints(own.Y, own.G)), self, own=own)

    def same(self, claimed: Number, right: Number) -> bool:
        """All bits but the sign of a zero, which a term 0·w may have changed, and the payload of nan after overflow."""
        return float(claimed) == float(right) or (claimed != claimed and right != right)

    def beside_blas(self, graph: Graph, matrix: str) -> tuple[str, Pair | None]:
        """The gradient of the loss itself beside the formula by NumPy's matrix product, which sums in BLAS's order.

        A computed sum of n products is within γ_n Σ|g||w| of the exact one, γ_n = n·u / (1 − n·u), in any order
        (Higham, *Accuracy and Stability of Numerical Algorithms*, §3.1), so two are within 2γ_n Σ|g||w| of each other.
        """
        layer = graph.own or graph.layer
        X, W, G = (numbers.astype(float) for numbers in (layer.x, layer.w, layer.G))
        A, B = {"x": (G, W.T), "w": (X.T, G), "b": (np.ones((1, len(G))), G)}[matrix]
        gradient = layer.gradient(matrix)
        n = A.shape[1]
        gamma = n * UNIT_ROUNDOFF / (1 - n * UNIT_ROUNDOFF)
        with np.errstate(all="ignore"):
            computed = (A @ B).reshape(gradient.shape)
            bound = 2 * gamma * (abs(A) @ abs(B)).reshape(gradient.shape) + n * SMALLEST  # + what underflow may lose
            off = abs(computed - gradient.astype(float))
        if not computed.size or not np.isfinite(bound).all():
            return "", None
        worst = off.argmax()
        limit = f"bound 2γ_n Σ|a||b| = {bound.flat[worst]:.2g}"
        note = f"of the loss and by BLAS differ by at most {off.flat[worst]:.2g}; {limit}"
        for beyond in np.argwhere(off > bound):
            index = tuple(int(i) for i in beyond)
            return note, (index, computed[index], gradient[index])
        return note, None


UNIT_ROUNDOFF = 2.0**-53

SMALLEST = 2.0**-1074
"""The smallest positive float64."""


class Fractions(Evidence):
    """The very numbers that were given, with the loss on top if it is rational, and else with G from the floats."""

    name = "fractions"
    rests_on = "exact rational arithmetic on the very numbers that were given"
    products_limit = 100_000
    effort = 7

    def graph(self, instance: Instance) -> Graph:
        X, W, b = instance.X, instance.W, instance.b
        try:
            layer = build(X, W, b, loss=instance.exact_loss)
            if all(type(g) in (int, Fraction) for g in layer.G.flat):
                return Graph(layer, self)
        except InexactError:
            pass
        G = FLOATS.graph(instance).layer.G
        exact = build(X, W, b, G=fill(G.shape, lambda *index: Fraction(G[index])))
        return Graph(exact, self, note=G_FROM_FLOATS)


G_FROM_FLOATS = (
    "the loss is not rational: G = ∂L/∂Y was computed in float64, and the claims are exact for those very numbers"
)


class Integers(Evidence):
    """Random integers in X, W, b and G: two polynomials that agree there are equal, almost surely (Schwartz–Zippel)."""

    name = "integers"
    rests_on = "X, W, b, G drawn from 2⁶⁴ integers: a false identity of degree ≤ 3 passes with probability ≤ 3/2⁶⁴"

    def graph(self, instance: Instance) -> Graph:
        def entry(name: str, index: Index) -> int:
            return instance.random.getrandbits(64) - 2**63

        return Graph(free_layer(instance.shape, instance.b is not None, entry), self)


class Symbols(Evidence):
    """SymPy symbols in X, W, b and G."""

    name = "symbols"
    rests_on = "SymPy symbols for X, W, b, G: a proof at this shape for all numbers"
    products_limit = 2_000
    effort = 30

    def graph(self, instance: Instance) -> Graph:
        def entry(name: str, index: Index) -> Any:
            return Terms((symbol(name, index),)) if name == "g" else symbol(name, index)

        layer = free_layer(instance.shape, instance.b is not None, entry)
        G = fill(layer.G.shape, lambda *index: layer.G[index].sum())
        return Graph(replace(layer, G=G, adjoints={node: x.sum() for node, x in layer.adjoints.items()}), self)

    def same(self, claimed: Number, right: Number) -> bool:
        """Whether two results are one polynomial."""
        import sympy

        return bool(claimed == right) or sympy.expand(claimed - right) == 0

    def largest(self, differences: Sequence[Number]) -> str:
        """No polynomial is larger than another."""
        return "≠ 0" if differences else "0"

    def missing(self) -> MissingExtraError | None:
        return None if find_spec("sympy") else MissingExtraError("evidence by symbols needs SymPy", "symbolic")


@dataclass(frozen=True)
class Terms:
    """A sum of SymPy's expressions that is not added up yet, since SymPy's own + sorts the whole sum at each term.

    A sweep that starts with such sums adds and multiplies as the chain rule says, and each adjoint is sorted once.
    """

    terms: tuple[Any, ...]
    _op_priority = 20.0  # above that of SymPy's expressions: they leave an operator to this class at once

    def __add__(self, other: Terms) -> Terms:
        return Terms(self.terms + other.terms)

    def __mul__(self, factor: Any) -> Terms:
        return Terms(tuple(term * factor for term in self.terms))

    __rmul__ = __mul__

    def sum(self) -> Any:
        """The expression."""
        return total(*self.terms)


FLOATS, FRACTIONS, INTEGERS, SYMBOLS = Floats(), Fractions(), Integers(), Symbols()

EVIDENCE: dict[str, Evidence] = {kind.name: kind for kind in (FLOATS, FRACTIONS, INTEGERS, SYMBOLS)}
"""The kinds of evidence by name, from the weakest to the strongest."""


def kinds_of_evidence(names: Sequence[str] | None) -> list[Evidence]:
    """The kinds of evidence of these names (or of this one), in the order of `EVIDENCE`; all for None.

    Raises
    ------
    ArgumentError
        If there are no names, or if one is unknown.
    MissingExtraError
        If one needs what is not installed.
    """
    if names is None:
        return list(EVIDENCE.values())
    names = [names] if isinstance(names, str) else names
    if not names:
        raise ArgumentError(f"no kind of evidence is given: choose from {', '.join(EVIDENCE)}, or leave evidence out")
    for name in names:
        if name not in EVIDENCE:
            raise ArgumentError(f"there is no evidence {name!r}: choose from {', '.join(EVIDENCE)}")
        if missing := EVIDENCE[name].missing():
            raise missing
    return [kind for kind in EVIDENCE.values() if kind.name in names]


# ---------------------------------------------------------------------------------------------------------------------
# Numbers of each kind


def as_fractions(matrix: Any, name: str) -> Array:
    """The entries of an array of any shape as Fractions, which hold every float exactly; `name` stands in errors.

    Raises
    ------
    ArgumentError
        If an entry is nan or infinite.
    NumberError
        If an entry is not a real rational number.
    ShapeError
        If nested lists are ragged.
    """
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
                raise ArgumentError(f"{where} is {x}: exact verification needs finite numbers") from None
            raise NumberError(
                f"{where} is {x!r}: it must be a real rational number, such as a float or Fraction"
            ) from None

    return fill(matrix.shape, entry)


def _as_floats(matrix: Array, name: str) -> Array:
    """Each entry as the nearest float64."""

    def entry(*index: int) -> float:
        try:
            return float(matrix[index])
        except OverflowError:
            raise ArgumentError(
                f"{entry_name(name, index)} is too large for float64: ask for other evidence, fractions or integers"
            ) from None

    return fill(matrix.shape, entry)


def free_layer(shape: tuple[int, int, int], bias: bool, entry: Callable[[str, Index], Number]) -> Layer:
    """A layer of shape (N, D, M) whose X, W, b and G = ∂L/∂Y all consist of free entries, `entry(name, index)`.

    What `entry` raises is passed on.
    """

    def matrix(name: str, *size: int) -> Array:
        return fill(size, lambda *index: entry(name, index))

    N, D, M = shape
    X, W, b, G = matrix("x", N, D), matrix("w", D, M), matrix("b", M), matrix("g", N, M)
    return build(X, W, b if bias else None, G=G)


def symbol(name: str, index: Index = ()) -> Any:
    """The SymPy symbol of an entry, such as x[0,1].

    Raises
    ------
    MissingExtraError
        If SymPy is not installed.
    """
    try:
        import sympy
    except ModuleNotFoundError:
        raise MissingExtraError("symbols need SymPy", "symbolic") from None
    return sympy.Symbol(entry_name(name, index))
