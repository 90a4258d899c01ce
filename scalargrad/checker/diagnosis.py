"""What is wrong with a claim: the common mistake whose correction makes it right.

    >>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: X * G, {"X": "N"})
    >>> diagnose(square, "X", Arithmetic(exact=True))
    'a factor 2 is missing'

A diagnosis is offered only if the corrected claim is right at every trial, with all sizes different at some of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from ..arrays import Array, fill, objects
from ..engine.numbers import Number
from ..engine.ops import Op
from ..engine.own import degree, expansion
from ..engine.sweep import topological_order
from ..engine.value import Value
from ..errors import ClaimError, InexactError, OpaqueOperationError, UndefinedError
from .arithmetic import Arithmetic
from .compare import agree
from .exercise import Exercise
from .trial import Trial, map_entries, python_number


@dataclass(frozen=True)
class Tried:
    """A trial, and the claims there."""

    trial: Trial
    claims: dict[str, Array]


def diagnose(exercise: Exercise, name: str, arithmetic: Arithmetic) -> str | None:
    """The common mistake that explains the claim for one input; None if no correction is right at every trial."""
    tried = trials_of(exercise, arithmetic)
    if tried and all(agree(t.claims.get(name), t.trial.right[name], arithmetic) for t in tried):
        return None  # nothing is wrong with this one
    if len(tried) == 4 and all(name in t.claims for t in tried):
        for explain in (undone, use_forgotten, argument_mistaken, activation_mistaken):
            if text := explain(tried, name, arithmetic):
                return text
    return product_mistaken(exercise, name, arithmetic)


def trials_of(exercise: Exercise, arithmetic: Arithmetic) -> list[Tried]:
    """At two shapes with all sizes different and two with all equal; fewer where the claim or the layer fails."""
    rng = random.Random(1)
    tried = []
    equal_sizes = (dict.fromkeys(exercise.free, size) for size in (2, 3))
    for sizes in (exercise.distinct_sizes(2), exercise.distinct_sizes(3), *equal_sizes):
        try:
            trial = arithmetic.generic(exercise, rng, sizes)
            tried.append(Tried(trial, trial.claimed(arithmetic.carrier)))
        except (ClaimError, UndefinedError, InexactError):
            break
    return tried


# ---------------------------------------------------------------------------------------------------------------------
# Mistakes that can be undone knowing only what the claim returned


def undone(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """The mistake that can be undone."""
    for mistake, correct in corrections(tried[0].trial.exercise, name):
        if all(agree(correct(t, t.claims[name]), t.trial.right[name], arithmetic) for t in tried):
            return mistake
    return None


def corrections(exercise: Exercise, name: str) -> Iterator[tuple[str, Callable[[Tried, Array], Any]]]:
    """Mistakes in words, and what the claim would be without each."""
    yield "the sign is wrong", lambda tried, claim: -claim
    yield "it must be transposed", lambda tried, claim: claim.T
    for other in exercise.names:
        if other != name:
            yield f"this is the gradient of {other}", partial(claim_for, other)
    for factor in ("2", *exercise.free):
        yield f"a factor {factor} is missing", partial(times, factor)
        yield f"a factor 1/{factor} is missing", partial(divided, factor)
    for axes in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)):
        yield f"the sum over axis {' and '.join(map(str, axes))} is missing", partial(summed, axes)


def claim_for(name: str, tried: Tried, claim: Array) -> Array | None:
    """What is claimed for another input, if anything is."""
    return tried.claims.get(name)


def times(factor: str, tried: Tried, claim: Array) -> Array:
    """The claim times 2, or times the size of a dimension."""
    n = tried.trial.sizes.get(factor, 2)
    return map_entries(lambda x: x * n, claim)


def divided(factor: str, tried: Tried, claim: Array) -> Array:
    """The claim over 2, or over the size of a dimension, exactly."""
    n = tried.trial.sizes.get(factor, 2)
    return map_entries(lambda x: Fraction(x, n) if isinstance(x, (int, Fraction)) else x / n, claim)


def summed(axes: tuple[int, ...], tried: Tried, claim: Array) -> Any:
    """The claim summed over axes; None if it does not have them."""
    return claim.sum(axis=axes) if claim.ndim > max(axes) else None


# ---------------------------------------------------------------------------------------------------------------------
# An input that is used in several ways


def use_forgotten(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether an input is used in several ways, and the claim follows one of them only, or all but one."""
    for way in (as_operand, in_operation):
        by_use = [gradient_by_use(t.trial, name, way) for t in tried]
        uses = sorted({use for gradients in by_use for use in gradients})
        for words, only in (("follows only", True), ("misses", False)):
            for use in uses if len(uses) > 1 else ():
                parts = [
                    sum((g for u, g in gradients.items() if (u == use) is only), 0 * t.trial.right[name])
                    for t, gradients in zip(tried, by_use, strict=True)
                ]
                if all(agree(part, t.claims[name], arithmetic) for part, t in zip(parts, tried, strict=True)):
                    return f"{name} is used more than once, and the claim {words} its use {use}"
    return None


def as_operand(node: Value, position: int) -> str:
    """The first way to tell uses apart: X·Xᵀ."""
    return "as the " + ("left" if position == 0 else "right") + " operand"


def in_operation(node: Value, position: int) -> str:
    """The second: X + tanh(X·W)."""
    return f"in {node._op!r}"


def gradient_by_use(trial: Trial, name: str, way: Callable[[Value, int], str]) -> dict[str, Array]:
    """The gradient by one input as parts that add up to it, one for each way in which it is used."""
    entries = objects(trial.leaves[name])
    index_of = {leaf: index for index, leaf in np.ndenumerate(entries)}
    parts: dict[str, Array] = {}

    def add_to_part(node: Value, position: int, term: Number, adjoint: Number) -> None:
        index = index_of.get(node.inputs[position])
        if index is not None:
            part = parts.setdefault(way(node, position), fill(entries.shape, lambda *_: 0))
            part[index] += term

    trial.gradients(watch=add_to_part)
    return parts


# ---------------------------------------------------------------------------------------------------------------------
# An argument of the claim, or of a derivative in it, that should be another


def argument_mistaken(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is right with one of its arguments replaced: by another, or by Y's pre-activation Z."""
    names = [*tried[0].trial.exercise.names, "Y"]
    for old, new in product(names, [*names, "Z"]):
        if old != new and all(right_with(t.trial, name, old, new, arithmetic) for t in tried):
            if (old, new) == ("Y", "Z"):
                return "the activation Y is used where the pre-activation belongs"
            return f"{old} is used where {new} belongs"
    return None


def right_with(trial: Trial, name: str, old: str, new: str, arithmetic: Arithmetic) -> bool:
    """Whether the claim for one input is right if the argument `new` stands where `old` does."""
    exercise, Z = trial.exercise, pre_activation(trial)
    if new == "Z" and Z is None:
        return False

    def replaced(*arguments: Any) -> Any:
        named = dict(zip([*exercise.names, "Y", "G"], arguments, strict=True))
        named[old] = arithmetic.carrier(Z) if Z is not None and new == "Z" else named[new]
        return exercise.gradients(*named.values())

    try:
        claims = trial.claimed(arithmetic.carrier, replaced)
    except ClaimError:
        return False
    return agree(claims.get(name), trial.right[name], arithmetic)


def pre_activation(trial: Trial) -> Array | None:
    """What Y's entries are functions of, if each is a function of one number."""
    if len(trial.outputs) < trial.Y.size or any(len(y.inputs) != 1 for y in trial.outputs):
        return None
    return map_entries(lambda y: y.inputs[0].data, trial.Y)


MISTAKEN_PARTIALS: dict[str, Callable[[Op, Value, Value], Sequence[Number]]] = {
    "the pre-activation stands where the activation belongs": lambda op, z, y: op.partials(z.data, z.data),
    "the activation stands where the pre-activation belongs": lambda op, z, y: op.partials(op(y.data), y.data),
}
"""Local partials of y = f(z) with one of the two for both."""


def activation_mistaken(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim takes some function's derivative with its pre-activation for its activation, or vice versa."""
    for function in sorted({node._op for t in tried for node in t.trial.order if is_activation(node)}):
        for words, mistaken in MISTAKEN_PARTIALS.items():

            def partials(node: Value, function: str = function, mistaken: Any = mistaken) -> Sequence[Number]:
                return mistaken(node.op, *node.inputs, node) if node._op == function else node.partials

            try:
                swept = (t.trial.gradients(partials_of=partials)[name] for t in tried)
                if all(agree(right, t.claims[name], arithmetic) for right, t in zip(swept, tried, strict=True)):
                    return f"in the derivative of {function}, {words}"
            except (ArithmeticError, ValueError):  # outside the function's domain
                continue
    return None


def is_activation(node: Value) -> bool:
    """Whether a node's operation is a smooth function of one number, and not a polynomial."""
    return len(node.inputs) == 1 and is_smooth(node) and degree(node, [1]) is None


def is_smooth(node: Value) -> bool:
    """Whether a node's operation bends nowhere, as far as that is known."""
    op = node.op
    if op is None or op.built_in or op.bends is not None:
        return op is None or op.bends is None
    try:
        return all(map(is_smooth, topological_order(expansion(node)[1])))
    except OpaqueOperationError:
        return True


# ---------------------------------------------------------------------------------------------------------------------
# A product or a sum of known matrices in place of another


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


def product_mistaken(exercise: Exercise, name: str, arithmetic: Arithmetic) -> str | None:
    """What is wrong if the claim is one product or sum of known matrices, and the right gradient is another.

    The claim may have shapes that fit only where all sizes are equal, so it is recognised there. What is right is
    recognised where all sizes differ.
    """
    rng = random.Random(2)
    try:
        square = [arithmetic.generic(exercise, rng, dict.fromkeys(exercise.free, size)) for size in (2, 3)]
        distinct = [arithmetic.generic(exercise, rng, exercise.distinct_sizes(first)) for first in (2, 3)]
        claims = [trial.claimed(arithmetic.carrier)[name] for trial in square]
    except (ClaimError, UndefinedError, KeyError):
        return None
    right = candidates_for(distinct, [trial.right[name] for trial in distinct], arithmetic)
    wrong = candidates_for(square, claims, arithmetic)
    found = [(text, w, r) for w, r in product(wrong, right) if (text := difference_of(w, r))]
    if not found:
        return None
    text, w, r = min(found, key=lambda difference: len(difference[0]))
    return f"{text}: {r} is right, and {w} was claimed"


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
