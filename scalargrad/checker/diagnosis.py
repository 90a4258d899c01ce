"""What is wrong with a claim: the common mistake whose correction makes it right.

    >>> from .claim import problem
    >>> task = problem(lambda X: X * X, lambda X, Y, G: X * G, {"X": "N"})
    >>> diagnose(task, "X", Arithmetic(exact=True))
    'a factor 2 is missing'

A diagnosis is offered only if the corrected claim is right at every instance tried, shapes with all sizes different
among them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from ..arrays import Array, fill, objects
from ..engine.numbers import Number
from ..engine.ops import Op
from ..engine.sweep import adjoints, topological_order
from ..engine.value import Value
from ..errors import ClaimError, InexactError, UndefinedError
from .trial import Arithmetic, Instance, Problem, claimed_gradients, distinct_sizes, equal, generic, number


@dataclass(frozen=True)
class Correction:
    """A common mistake, in words, and the claim without it, as a function of an instance and of the claim there."""

    mistake: str
    corrected: Callable[[Instance, Array], Any]


def corrections(task: Problem, name: str) -> Iterator[Correction]:
    """Mistakes that can be undone knowing only what the claim returned."""
    yield Correction("the sign is wrong", lambda found, claim: -claim)
    yield Correction("it must be transposed", lambda found, claim: claim.T)
    for other in task.names:
        if other != name:
            yield Correction(f"this is the gradient of {other}", partial(claim_for, other))
    for factor in ("2", *task.free):
        yield Correction(f"a factor {factor} is missing", partial(times, factor))
        yield Correction(f"a factor 1/{factor} is missing", partial(divided, factor))
    for axes in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)):
        yield Correction(f"the sum over axis {' and '.join(map(str, axes))} is missing", partial(summed, axes))


def claim_for(name: str, found: Instance, claim: Array) -> Array:
    """What is claimed for another input."""
    return found.claims[name]


def times(factor: str, found: Instance, claim: Array) -> Array:
    """The claim times 2, or times the size of a dimension."""
    n = found.sizes.get(factor, 2)
    return fill(claim.shape, lambda *index: claim[index] * n)


def divided(factor: str, found: Instance, claim: Array) -> Array:
    """The claim over 2, or over the size of a dimension, exactly."""
    n = found.sizes.get(factor, 2)
    return fill(claim.shape, lambda *index: Fraction(x, n) if is_rational(x := claim[index]) else x / n)


def summed(axes: tuple[int, ...], found: Instance, claim: Array) -> Any:
    """The claim summed over axes; None if it does not have them."""
    return claim.sum(axis=axes) if claim.ndim > max(axes) else None


def is_rational(x: Number) -> bool:
    """Whether a number is one of Python's exact ones."""
    return isinstance(x, (int, Fraction))


def product_diagnosis(task: Problem, name: str, arithmetic: Arithmetic) -> str | None:
    """What is wrong if the claim is one product or sum of known matrices, and the right gradient is another.

    The claim may have shapes that fit only where all sizes are equal, so it is recognised there. What is right is
    recognised where all sizes differ.
    """
    rng = random.Random(2)
    square = [generic(task, arithmetic, rng, dict.fromkeys(task.free, size)) for size in (2, 3)]
    distinct = [generic(task, arithmetic, rng, distinct_sizes(task, first)) for first in (2, 3)]
    try:
        for found in square:
            found.claims = claimed_gradients(task, found, arithmetic.carrier)
    except ClaimError:
        return None
    if any(name not in found.claims for found in square):
        return None
    right = [
        e for e in expressions(task, distinct[0]) if all(equal(e.value(f), f.right[name], arithmetic) for f in distinct)
    ]
    wrong = [
        e for e in expressions(task, square[0]) if all(equal(e.value(f), f.claims[name], arithmetic) for f in square)
    ]
    pairs = [(difference_of(w, r), w, r) for w in wrong for r in right]
    words = [(text, w, r) for text, w, r in pairs if text]
    if not words:
        return None
    text, w, r = min(words, key=lambda found: len(found[0]))
    return f"{text}: {r} is right, and {w} was claimed"


@dataclass(frozen=True)
class Expression:
    """A product of two matrices, entry by entry or as matrices, the sum of one over an axis, or one as it is."""

    operation: str
    factors: tuple[tuple[str, bool], ...]

    def __str__(self) -> str:
        names = [f"{name}ᵀ" if transposed else name for name, transposed in self.factors]
        if self.operation.startswith("sum"):
            return f"the sum of {names[0]} over axis {self.operation[-1]}"
        return self.operation.join(names)

    def value(self, found: Instance) -> Any:
        """Its value at an instance; None where the shapes do not fit."""
        known = {**found.inputs, "Y": fill(found.Y.shape, lambda *i: number(found.Y[i])), "G": found.G}
        matrices = [known[name].T if transposed else known[name] for name, transposed in self.factors]
        if not self.operation:
            return matrices[0]
        if self.operation.startswith("sum"):
            return matrices[0].sum(axis=int(self.operation[-1]))
        left, right = matrices
        if self.operation == " · ":
            return left @ right if left.shape[1] == right.shape[0] else None
        return left * right if left.shape == right.shape else None


def expressions(task: Problem, found: Instance) -> list[Expression]:
    """All of them that are made of G and at most one other matrix."""
    sides = [(name, t) for name in (*task.names, "Y") for t in (False, True) if found_shape(found, name) == 2]
    gs = [("G", t) for t in (False, True)] if found.G.ndim == 2 else []
    result = [Expression(operation, (g,)) for g in gs[:1] for operation in ("sum0", "sum1", "")]
    for g, other in product(gs, sides):
        for operation in (" · ", " ∘ "):
            result += [Expression(operation, (g, other)), Expression(operation, (other, g))]
    return result


def found_shape(found: Instance, name: str) -> int:
    """How many dimensions an argument of the claim has."""
    return found.Y.ndim if name == "Y" else found.inputs[name].ndim


def difference_of(wrong: Expression, right: Expression) -> str:
    """In words, what turns one expression into the other; "" if that is not one mistake."""
    if wrong == right:
        return ""
    if wrong.operation.startswith("sum") and right.operation.startswith("sum"):
        return "the sum is over the wrong axis"
    if wrong.operation.startswith("sum") and not right.operation:
        return f"the sum over axis {wrong.operation[-1]} is one too many"
    if wrong.operation != right.operation:
        same = {n for n, _ in wrong.factors} == {n for n, _ in right.factors}
        if same and wrong.operation == " ∘ ":
            return "a product entry by entry where a matrix product is needed"
        return "a matrix product where a product entry by entry is needed" if same else ""
    names_wrong, names_right = [n for n, _ in wrong.factors], [n for n, _ in right.factors]
    if names_wrong == names_right:
        turned = [n for (n, a), (_, b) in zip(wrong.factors, right.factors, strict=True) if a != b]
        return (
            f"{' and '.join(turned)} must be transposed"
            if all(not t for _, t in wrong.factors)
            else "a transpose is misplaced"
        )
    if names_wrong == names_right[::-1]:
        return "the order of the product is wrong"
    other = [(a, b) for a, b in zip(names_wrong, names_right, strict=True) if a != b]
    return f"{other[0][0]} stands where {other[0][1]} belongs" if len(other) == 1 else ""


def one_use_diagnosis(task: Problem, name: str, instances: list[Instance], arithmetic: Arithmetic) -> str | None:
    """Whether an input is used in several ways, and the claim follows one of them only, or all but one."""
    for words_for in (as_operand, in_operation):
        by_use = [gradient_by_use(found, name, words_for) for found in instances]
        uses = sorted({use for gradients in by_use for use in gradients})
        for words, only in (("follows only", True), ("misses", False)):
            for use in uses if len(uses) > 1 else ():
                parts = [
                    sum((g for u, g in gradients.items() if (u == use) is only), 0 * found.right[name])
                    for found, gradients in zip(instances, by_use, strict=True)
                ]
                if all(equal(part, f.claims[name], arithmetic) for part, f in zip(parts, instances, strict=True)):
                    return f"{name} is used more than once, and the claim {words} its use {use}"
    return None


def as_operand(node: Value, position: int) -> str:
    """The first way to tell uses apart: X·Xᵀ."""
    return "as the " + ("left" if position == 0 else "right") + " operand"


def in_operation(node: Value, position: int) -> str:
    """The second: X + tanh(X·W)."""
    return f"in {node._op!r}"


def gradient_by_use(found: Instance, name: str, words_for: Callable[[Value, int], str]) -> dict[str, Array]:
    """The gradient by one input as parts that add up to it, one for each way in which it is used."""
    outputs, seeds = outputs_and_seeds(found)
    all_adjoints = adjoints(outputs, seeds)
    entries = objects(found.leaves[name])
    where = {leaf: index for index, leaf in np.ndenumerate(entries)}
    parts: dict[str, Array] = {}
    for node in topological_order(outputs):
        for position, x in enumerate(node.inputs):
            if x in where:
                part = parts.setdefault(words_for(node, position), fill(entries.shape, lambda *_: 0))
                part[where[x]] += node.partials[position] * all_adjoints[node]
    return parts


def outputs_and_seeds(found: Instance) -> tuple[list[Value], list[Number]]:
    """Y's entries that are nodes, and G's entries for them."""
    pairs = [(y, g) for y, g in zip(found.Y.flat, found.G.flat, strict=True) if isinstance(y, Value)]
    return [y for y, _ in pairs], [g for _, g in pairs]


def activation_diagnosis(task: Problem, name: str, instances: list[Instance], arithmetic: Arithmetic) -> str | None:
    """Whether the claim takes some function's derivative with its pre-activation for its activation, or vice versa."""
    nodes = [node for found in instances for node in topological_order(outputs_and_seeds(found)[0])]
    for symbol in sorted({node._op for node in nodes} & set(FUNCTIONS)):
        for words, mistaken in MISTAKEN_PARTIALS.items():

            def partials(node: Value, symbol: str = symbol, mistaken: Any = mistaken) -> Sequence[Number]:
                return mistaken(node.op, *node.inputs, node) if node._op == symbol else node.partials

            try:
                if all(equal(swept(found, name, partials), found.claims[name], arithmetic) for found in instances):
                    return f"in the derivative of {symbol}, {words}"
            except (ArithmeticError, ValueError):  # outside the function's domain
                continue
    return None


def swept(found: Instance, name: str, partials: Callable[[Value], Sequence[Number]]) -> Array:
    """The gradient by one input that a reverse sweep with these local partials gives."""
    outputs, seeds = outputs_and_seeds(found)
    sums: dict[Value, Any] = {}
    for node, seed in zip(outputs, seeds, strict=True):
        sums[node] = sums[node] + seed if node in sums else seed
    for node in reversed(topological_order(outputs)):
        for x, slope in zip(node.inputs, partials(node), strict=True):
            sums[x] = sums.get(x, 0) + slope * sums[node]
    entries = objects(found.leaves[name])
    return fill(entries.shape, lambda *index: sums.get(entries[index], 0))


MISTAKEN_PARTIALS: dict[str, Callable[[Op, Value, Value], Sequence[Number]]] = {
    "the pre-activation stands where the activation belongs": lambda op, z, y: op.partials(z.data, z.data),
    "the activation stands where the pre-activation belongs": lambda op, z, y: op.partials(op(y.data), y.data),
}
"""Local partials of y = f(z) with one of the two for both."""

FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid")
"""Operations that are activations, or might be."""


def diagnose(task: Problem, name: str, arithmetic: Arithmetic) -> str | None:
    """The common mistake that explains the claim for one input; None if no correction is right at every instance."""
    rng = random.Random(1)
    instances = []
    for sizes in (
        distinct_sizes(task),
        distinct_sizes(task, 3),
        dict.fromkeys(task.free, 2),
        dict.fromkeys(task.free, 3),
    ):
        try:
            found = generic(task, arithmetic, rng, sizes)
            found.claims = claimed_gradients(task, found, arithmetic.carrier)
            instances.append(found)
        except (ClaimError, UndefinedError, InexactError):
            break
    if all(equal(f.claims.get(name), f.right[name], arithmetic) for f in instances) and instances:
        return None  # nothing is wrong with this one
    if len(instances) == 4:
        for correction in corrections(task, name):
            try:
                if all(equal(correction.corrected(f, f.claims[name]), f.right[name], arithmetic) for f in instances):
                    return correction.mistake
            except (KeyError, ValueError):
                continue
        if text := one_use_diagnosis(task, name, instances, arithmetic):
            return text
        for old in (*task.names, "Y"):
            for new in (*task.names, "Y", "Z"):
                if old != new and substituted(task, name, old, new, instances, arithmetic):
                    return USED_INSTEAD.get((old, new), f"{old} is used where {new} belongs")
        if text := activation_diagnosis(task, name, instances, arithmetic):
            return text
    return product_diagnosis(task, name, arithmetic)


USED_INSTEAD = {("Y", "Z"): "the activation Y is used where the pre-activation belongs"}


def substituted(
    task: Problem, name: str, old: str, new: str, instances: list[Instance], arithmetic: Arithmetic
) -> bool:
    """Whether the claim is right if one of its arguments is replaced: by another, or by Y's pre-activation Z."""
    for found in instances:
        replacement = pre_activation(found) if new == "Z" else None
        if new == "Z" and replacement is None:
            return False

        def replaced(*arguments: Any, replacement: Array | None = replacement) -> Any:
            named = dict(zip([*task.names, "Y", "G"], arguments, strict=True))
            named[old] = named[new] if replacement is None else arithmetic.carrier(replacement)
            return task.gradients(*named.values())

        try:
            claims = claimed_gradients(Problem(task.forward, replaced, task.dimensions), found, arithmetic.carrier)
        except ClaimError:
            return False
        if name not in claims or not equal(claims[name], found.right[name], arithmetic):
            return False
    return True


def pre_activation(found: Instance) -> Array | None:
    """What Y's entries are functions of, if each is a function of one number."""
    nodes = [y for y in found.Y.flat if isinstance(y, Value) and len(y.inputs) == 1]
    if len(nodes) < found.Y.size:
        return None
    return fill(found.Y.shape, lambda *index: found.Y[index].inputs[0].data)
