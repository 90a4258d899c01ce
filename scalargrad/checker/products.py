"""A claim that is one product or sum of known matrices, where the right gradient is another one.

>>> print(MatrixProduct(Operand("G"), Operand("W", transposed=True)))
G · Wᵀ
>>> difference_of(MatrixProduct(Operand("G"), Operand("W")), MatrixProduct(Operand("G"), Operand("W", True)))
'W must be transposed'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from ..arrays import Array
from .arithmetic import Arithmetic
from .compare import agree
from .trial import Trial, map_entries, python_number
from .tried import Tried


@dataclass(frozen=True)
class Operand:
    """One of the matrices that a claim is made of, or its transpose."""

    name: str
    transposed: bool = False

    def __str__(self) -> str:
        return f"{self.name}ᵀ" if self.transposed else self.name

    def value(self, trial: Trial) -> Any:
        """Its numbers at a trial."""
        known = {**trial.inputs, "Y": map_entries(python_number, trial.Y), "G": trial.G}
        return known[self.name].T if self.transposed else known[self.name]


@dataclass(frozen=True)
class AxisSum:
    """The sum of a matrix over an axis."""

    matrix: Operand
    axis: int

    def __str__(self) -> str:
        return f"the sum of {self.matrix} over axis {self.axis}"

    def value(self, trial: Trial) -> Any:
        """Its numbers at a trial."""
        return self.matrix.value(trial).sum(axis=self.axis)


@dataclass(frozen=True)
class TwoFactors:
    """A product of two matrices, of one kind or the other."""

    left: Operand
    right: Operand

    @property
    def names(self) -> tuple[str, str]:
        """The names of both factors, in order."""
        return self.left.name, self.right.name

    def value(self, trial: Trial) -> Any:
        """Its numbers at a trial; None where the shapes do not fit."""
        raise NotImplementedError


class MatrixProduct(TwoFactors):
    """The product of rows and columns."""

    def __str__(self) -> str:
        return f"{self.left} · {self.right}"

    def value(self, trial: Trial) -> Any:
        left, right = self.left.value(trial), self.right.value(trial)
        return left @ right if left.shape[1] == right.shape[0] else None


class EntrywiseProduct(TwoFactors):
    """The product entry by entry, Hadamard's."""

    def __str__(self) -> str:
        return f"{self.left} ∘ {self.right}"

    def value(self, trial: Trial) -> Any:
        left, right = self.left.value(trial), self.right.value(trial)
        return left * right if left.shape == right.shape else None


Candidate = Operand | AxisSum | TwoFactors


def product_mistaken(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """What is wrong if the claim is one product or sum of known matrices, and the right gradient is another.

    The claim may have shapes that fit only where all sizes are equal, so it is recognised there. What is right is
    recognised where all sizes differ.
    """
    square = [t for t in tried if len({*t.trial.sizes.values()}) <= 1 and name in t.claims]
    distinct = [t.trial for t in tried if len({*t.trial.sizes.values()}) == len(t.trial.sizes)]
    if not square or not distinct:
        return None
    right = candidates_for(distinct, [trial.right[name] for trial in distinct], arithmetic)
    if not right:
        return None
    wrong = candidates_for([t.trial for t in square], [t.claims[name] for t in square], arithmetic)
    found = [(text, w, r) for w, r in product(wrong, right) if (text := difference_of(w, r))]
    if not found:
        return None
    text, w, r = min(found, key=lambda difference: len(difference[0]))
    return f"{text}: {r} is right, and {w} was claimed"


def recognised(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str:
    """The right gradient, if it is one product or sum of known matrices wherever all sizes differ; else ""."""
    distinct = [t.trial for t in tried if len({*t.trial.sizes.values()}) == len(t.trial.sizes)]
    found = candidates_for(distinct, [t.right[name] for t in distinct], arithmetic) if len(distinct) > 1 else []
    return str(found[0]) if found else ""


def candidates_for(trials: list[Trial], gradients: list[Array], arithmetic: Arithmetic) -> list[Candidate]:
    """Those candidates that give the gradient at each trial."""
    pairs = list(zip(trials, gradients, strict=True))
    return [f for f in candidates(trials[0]) if all(agree(f.value(trial), g, arithmetic) for trial, g in pairs)]


def candidates(trial: Trial) -> Iterable[Candidate]:
    """All that are made of G and at most one other matrix."""
    shapes = {name: np.shape(matrix) for name, matrix in {**trial.inputs, "Y": trial.Y}.items()}
    others = [Operand(name, turned) for name, shape in shapes.items() if len(shape) == 2 for turned in (False, True)]
    if trial.G.ndim != 2:
        return
    G = Operand("G")
    yield from (AxisSum(G, 0), AxisSum(G, 1), G)
    for g, other in product((G, Operand("G", True)), others):
        for kind in (MatrixProduct, EntrywiseProduct):
            yield from (kind(g, other), kind(other, g))


def difference_of(wrong: Candidate, right: Candidate) -> str:
    """In words, what turns one formula into the other; "" if that is not one mistake."""
    match wrong, right:
        case AxisSum(), AxisSum():
            return "the sum is over the wrong axis" if wrong != right else ""
        case AxisSum(_, axis), Operand():
            return f"the sum over axis {axis} is one too many"
        case Operand(), AxisSum(_, axis):
            return f"the sum over axis {axis} is missing"
        case TwoFactors() as w, TwoFactors() as r if type(w) is type(r):
            return factors_mistaken(w, r)
        case EntrywiseProduct() as w, MatrixProduct() as r if set(w.names) == set(r.names):
            return "a product entry by entry where a matrix product is needed"
        case MatrixProduct() as w, EntrywiseProduct() as r if set(w.names) == set(r.names):
            return "a matrix product where a product entry by entry is needed"
    return ""


def factors_mistaken(wrong: TwoFactors, right: TwoFactors) -> str:
    """In words, how the factors of two products of one kind differ; "" if not by one mistake, or not at all."""
    factors = list(zip((wrong.left, wrong.right), (right.left, right.right), strict=True))
    if wrong.names == right.names:
        turned = [w.name for w, r in factors if w.transposed != r.transposed]
        if any(w.transposed for w, _ in factors):
            return "a transpose is misplaced" if turned else ""
        return f"{' and '.join(turned)} must be transposed" if turned else ""
    if wrong.names == right.names[::-1]:
        return "the order of the product is wrong"
    others = [f"{w.name} stands where {r.name} belongs" for w, r in factors if w.name != r.name]
    return others[0] if len(others) == 1 else ""
