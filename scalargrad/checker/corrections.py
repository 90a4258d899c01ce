"""Mistakes that can be undone from outside: in what a claim returns, or in what it is called with.

>>> from .arithmetic import Arithmetic
>>> from .exercise import Exercise
>>> from .tried import trials_of
>>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: 2 * X, {"X": "N"})
>>> undone(trials_of(square, Arithmetic(exact=True)), "X", Arithmetic(exact=True))
'G is missing: the claim is right only where each entry of G is 1'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from ..arrays import Array, objects
from ..errors import Error
from .arithmetic import Arithmetic
from .compare import largest_entry
from .exercise import Exercise
from .trial import Trial, map_entries, python_number
from .tried import Tried, claimed_is, constant, everywhere, ones, quotient, ratio, with_upstream
from .uses import Names, UseGraph

# ---------------------------------------------------------------------------------------------------------------------
# What the claim returns


def undone(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """The mistake that is undone knowing only what the claim returned."""
    if not all(name in t.claims for t in tried):
        return None
    for mistake, _, correct in corrections(tried[0].trial.exercise, name):
        if everywhere(tried, name, arithmetic, partial(of_claim, correct, name)):
            return mistake
    return (
        is_gradient_of(tried, name, arithmetic)
        or factor_missing(tried, name, arithmetic)
        or upstream_missing(tried, name, arithmetic)
    )


def corrections(exercise: Exercise, name: str) -> Iterator[tuple[str, str, Callable[[Tried, Array], Any]]]:
    """Mistakes in words, and the claim without each: as it is written, and as it is computed."""
    yield "the sign is wrong", "−claim", lambda tried, claim: -claim
    yield "it must be transposed", "claimᵀ", lambda tried, claim: claim.T
    yield (
        "its shape has axes of size 1 that do not belong there",
        f"claim in the shape of {name}",
        partial(reshaped, name),
    )
    for axes in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)):
        where = " and ".join(map(str, axes))
        yield f"the sum over axis {where} is missing", f"the sum of claim over axis {where}", partial(summed, axes)
    for axis in range(len(exercise.dimensions[name])):
        yield f"axis {axis} is reversed", f"np.flip(claim, {axis})", partial(reversed_along, axis)
        yield f"it must be repeated along axis {axis}", f"claim along axis {axis}", partial(repeated, axis, name)


def corrected(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str:
    """The right gradient, written with what is claimed, where one of these corrections or a factor makes it right."""
    if not tried or not all(name in t.claims for t in tried):
        return ""
    for _, right, correct in corrections(tried[0].trial.exercise, name):
        if everywhere(tried, name, arithmetic, partial(of_claim, correct, name)):
            return right
    factors = [ratio(t.trial.right[name], objects(t.claims[name]), arithmetic) for t in tried]
    factor = constant(factors, tried, arithmetic.near)
    return "" if factor in (None, "0", "1") else f"{factor} · claim"


def of_claim(correct: Callable[[Tried, Array], Any], name: str, tried: Tried) -> Any:
    """What a correction makes of the claim for one input."""
    return correct(tried, tried.claims[name])


def is_gradient_of(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is what is right for another input."""
    for other in tried[0].trial.exercise.differentiated:
        if other != name and claimed_is(tried, name, arithmetic, lambda t, other=other: t.trial.right[other]):  # type: ignore[misc]
            return f"this is the gradient of {other}"
    return None


def summed(axes: tuple[int, ...], tried: Tried, claim: Array) -> Any:
    """The claim summed over axes; None if it does not have them."""
    if claim.ndim <= max(axes):
        return None
    with np.errstate(all="ignore"):  # a claim may be infinite, or nan
        return claim.sum(axis=axes)


def reversed_along(axis: int, tried: Tried, claim: Array) -> Any:
    """The claim with its entries along an axis from last to first; None if it has no such axis."""
    return np.flip(claim, axis) if claim.ndim > axis else None


def repeated(axis: int, name: str, tried: Tried, claim: Array) -> Any:
    """The claim once for each place along a new axis; None if it has that axis already."""
    shape = tried.trial.right[name].shape
    without = shape[:axis] + shape[axis + 1 :]
    kept = (*shape[:axis], 1, *shape[axis + 1 :])
    return np.broadcast_to(claim.reshape(kept), shape) if claim.shape in (without, kept) else None


def reshaped(name: str, tried: Tried, claim: Array) -> Any:
    """The claim without axes of size 1, as keepdims=True leaves them, or with those that were dropped."""
    shape = tried.trial.right[name].shape
    real = tuple(n for n in shape if n != 1)
    return claim.reshape(shape) if tuple(n for n in claim.shape if n != 1) == real else None


def factor_missing(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """The constant that the claim must be multiplied by, perhaps after a sum over an axis."""
    tried = [t for t in tried if largest_entry(t.claims[name]) or largest_entry(t.trial.right[name])] or tried
    for axis in (None, 0, 1):
        claims = [t.claims[name] if axis is None else summed((axis,), t, t.claims[name]) for t in tried]
        if any(claim is None for claim in claims):
            continue
        rounded = None if axis is not None else rounding(tried, name)
        if rounded:
            return rounded
        factors = [ratio(t.trial.right[name], objects(c), arithmetic) for t, c in zip(tried, claims, strict=True)]
        if (factor := constant(factors, tried, arithmetic.near)) not in (None, "0"):
            assert factor is not None
            text = f"the sign is wrong, and a factor {factor[1:]}" if factor[0] == "−" else f"a factor {factor}"
            if axis is None:
                return f"{text} is missing" if factor != "1" else None
            return f"the sum over axis {axis} is missing" + (f", and {text}" if factor != "1" else "")
    return None


def rounding(tried: list[Tried], name: str) -> str | None:
    """Whether the claim is nearly right at every trial: then it is a constant that is wrong, and not the formula."""
    worst = 0.0
    for t in tried:
        claim, right = t.claims[name], t.trial.right[name]
        scale = largest_entry(right)
        if claim.shape != right.shape or not scale:
            return None
        worst = max(worst, *(float(abs(a - b) / scale) for a, b in zip(claim.flat, right.flat, strict=True)), 0.0)
    if not 0 < worst < 1e-4:
        return None
    return f"the formula is right up to {worst:.0e} of it: a constant is rounded, or a small one such as ε is missing"


def upstream_missing(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is the gradient of the plain sum of Y's entries, or has G squared."""
    with_ones = {id(t): with_upstream(t.trial, ones(t.trial.G.shape)).right[name] for t in tried}
    if claimed_is(tried, name, arithmetic, lambda t: with_ones[id(t)]):
        return "G is missing: the claim is right only where each entry of G is 1"
    if all(name in t.claims for t in tried):
        factors = [ratio(with_ones[id(t)], objects(t.claims[name]), arithmetic) for t in tried]
        if (factor := constant(factors, tried, arithmetic.near)) not in (None, "0"):
            assert factor is not None
            other = "the sign is wrong" if factor == "−1" else f"a factor {factor}"
            return f"{other}, and G is missing" if factor == "−1" else f"G and {other} are missing"
    return None


# ---------------------------------------------------------------------------------------------------------------------
# What the claim is called with


def argument_replaced(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is right with one of its arguments replaced by another, or by Y's pre-activation."""
    names = [*tried[0].trial.exercise.names, "Y"]
    for old, new in product(names, [*names, "G", "Z"]):
        if new == "Z" and everywhere(tried, name, arithmetic, partial(claim_with_inner, name, arithmetic, old)):
            what = "the activation Y" if old == "Y" else old
            return f"{what} is used where the pre-activation belongs"
        if old != new and everywhere(tried, name, arithmetic, partial(claim_with, name, arithmetic, {old: new}, {})):
            return f"{old} is used where {new} belongs"
    return None


def claim_with_inner(name: str, arithmetic: Arithmetic, old: str, tried: Tried) -> Array | None:
    """The claim for one input, called with what Y's entries are functions of in the place of an argument."""
    Z = pre_activation(tried.trial)
    return None if Z is None else claim_with(name, arithmetic, {old: Z}, {}, tried)


MANY_MATRICES = 80
"""Arrangements of the forward pass's matrices up to which each is tried in the place of an argument."""


def intermediate_missing(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is right with a matrix that the forward pass makes on its way in the place of an argument."""
    names, made = made_on_the_way(tried, name)
    for key, old in product(common_to(made)[:MANY_MATRICES], [*tried[0].trial.exercise.names, "Y"]):

        def corrected(t: Tried, key: Any = key, old: str = old) -> Array | None:
            return claim_with(name, arithmetic, {old: made[id(t)][key]}, {}, t)

        if everywhere(tried, name, arithmetic, corrected):
            return f"{old} is used where {names.text[key[0]]} belongs"
    return None


Made = dict[int, dict[tuple[int, str, str, bool], Array]]
"""The matrices that the forward pass makes on its way, by the trial's id, and by formula and arrangement."""


def made_on_the_way(tried: list[Tried], name: str) -> tuple[Names, Made]:
    """Those matrices at each trial, and how formulas are written."""
    names = Names()
    return names, {id(t): UseGraph(t.trial, name, names).intermediates() for t in tried}


def common_to(made: Made) -> list[tuple[int, str, str, bool]]:
    """The formulas and arrangements that are there at every trial."""
    first, *others = made.values()
    return [key for key in first if all(key in matrices for matrices in others)]


def argument_turned(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is right with one of its arguments transposed, or with one axis of it reversed."""
    trial = tried[0].trial
    arguments = {**{x: trial.inputs[x].ndim for x in trial.exercise.names}, "G": trial.G.ndim, "Y": trial.Y.ndim}
    for old, ndim in arguments.items():
        if ndim == 2:
            correct = partial(claim_with, name, arithmetic, {}, {old: lambda a: a.T})
            if everywhere(tried, name, arithmetic, correct):
                return f"{old} must be transposed"
    for columns in (False, True):
        if everywhere(tried, name, arithmetic, partial(transposed, name, arithmetic, columns)):
            return "a sum or a mean runs along the wrong axis: the claim is right with rows and columns exchanged"
    for old, ndim in arguments.items():
        for axis in range(ndim):
            flip = partial(np.flip, axis=axis)
            if everywhere(tried, name, arithmetic, partial(claim_with, name, arithmetic, {}, {old: flip})):
                return f"axis {axis} of {old} must be reversed"
    return None


def claim_with(
    name: str,
    arithmetic: Arithmetic,
    replaced: Mapping[str, Any],
    turned: Mapping[str, Callable[[Any], Any]],
    tried: Tried,
) -> Array | None:
    """The claim for one input, called with another argument in the place of one, or with one turned.

    Raises
    ------
    ClaimError
        If it fails with these.
    """
    exercise = tried.trial.exercise

    def changed(*arguments: Any) -> Any:
        named = dict(zip([*exercise.names, "Y", "G"], arguments, strict=True))
        others = {old: named[new] if isinstance(new, str) else arithmetic.carrier(new) for old, new in replaced.items()}
        turns = {old: turn(named[old]) for old, turn in turned.items()}
        return exercise.gradients(*{**named, **others, **turns}.values())

    return tried.trial.claimed(arithmetic.carrier, changed).get(name)


def transposed(name: str, arithmetic: Arithmetic, columns: bool, tried: Tried) -> Array | None:
    """The transpose of what is claimed for transposed matrices; vectors are made columns, or left alone."""

    def turn(a: Any) -> Any:
        return a.T if np.ndim(a) == 2 else a[:, None] if np.ndim(a) == 1 and columns else a

    names = [*tried.trial.exercise.names, "Y", "G"]
    claim = claim_with(name, arithmetic, {}, dict.fromkeys(names, turn), tried)
    return None if claim is None else claim.T


def right_if_symmetric(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is right for every symmetric matrix in the place of a square one."""
    exercise = tried[0].trial.exercise
    for other, dimensions in exercise.dimensions.items():
        if len(dimensions) == 2 and dimensions[0] == dimensions[1]:
            trials = [with_symmetric(t.trial, other) for t in tried]
            at = [Tried(trial, claims_at(trial, arithmetic)) for trial in trials if trial is not None]
            if len(at) == len(tried) and everywhere(at, name, arithmetic, lambda t: t.claims.get(name)):
                return f"the claim is right only if {other} is symmetric"
    if any(t.trial.G.ndim != 2 or len({*t.trial.G.shape}) != 1 for t in tried):
        return None
    symmetric = [with_upstream(t.trial, t.trial.G + t.trial.G.T) for t in tried]
    at = [Tried(trial, claims_at(trial, arithmetic)) for trial in symmetric]
    if everywhere(at, name, arithmetic, lambda t: t.claims[name]):
        return "the claim is right only if G is symmetric"
    return None


def with_symmetric(trial: Trial, name: str) -> Trial | None:
    """The trial with A + Aᵀ for one of its inputs A; None if that one has no derivative."""
    inputs = {**trial.inputs, name: trial.inputs[name] + trial.inputs[name].T}
    numbers = iter([*inputs.values(), trial.G])
    try:
        return Trial(trial.exercise, trial.sizes, lambda shape: next(numbers))
    except Error:
        return None


def claims_at(trial: Trial, arithmetic: Arithmetic) -> dict[str, Array]:
    """What is claimed at a trial; nothing if the claim fails."""
    try:
        return trial.claimed(arithmetic.carrier)
    except Error:
        return {}


def pre_activation(trial: Trial) -> Array | None:
    """What Y's entries are functions of, if each is a function of one number."""
    if len(trial.outputs) < trial.Y.size or any(len(y.inputs) != 1 for y in trial.outputs):
        return None
    return map_entries(lambda y: y.inputs[0].data, trial.Y)


# ---------------------------------------------------------------------------------------------------------------------
# A factor that is an argument


def argument_missing(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim lacks a factor that is an argument or its inverse, entry by entry."""
    names = [*tried[0].trial.exercise.names, "Y", "G"]
    shown: Sequence[tuple[str, Callable[[Any], Any]]] = (("{}", lambda x: x), ("(1 − {})", lambda x: 1 - x))
    for (pattern, function), other, way in product(shown, names, range(3)):
        text = pattern.format(other)
        factor = partial(spread, other, way, function, name)
        if everywhere(tried, name, arithmetic, lambda t: times(t.claims[name], factor(t))):  # noqa: B023
            return f"a factor {text} is missing"
        if everywhere(tried, name, arithmetic, lambda t: over(t.claims[name], factor(t))):  # noqa: B023
            return f"a factor 1/{text} is missing" if other != "G" else f"{text} is one factor too many"
    return factor_of_forward(tried, name, arithmetic)


def factor_of_forward(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """The same for a factor that the forward pass makes on its way, such as the norm by which it divides."""
    names, made = made_on_the_way(tried, name)
    for key in common_to(made)[:MANY_MATRICES]:
        for correct, words in ((times, "a factor {} is missing"), (over, "a factor 1/({}) is missing")):

            def corrected(t: Tried, key: Any = key, correct: Any = correct) -> Array | None:
                factor, shape = made[id(t)][key], t.trial.right[name].shape
                if len(shape) < 2 and factor.size in (1, int(np.prod(shape))):
                    factor = factor.reshape(-1 if shape else ())
                return correct(t.claims[name], np.broadcast_to(factor, shape))  # type: ignore[no-any-return]

            if everywhere(tried, name, arithmetic, corrected):
                return words.format(names.text[key[0]])
    return None


def matrix_missing(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim lacks a matrix by which it is to be multiplied, from the left or from the right."""
    for other, turned, left in product([*tried[0].trial.exercise.names, "Y"], (False, True), (False, True)):

        def corrected(t: Tried, other: str = other, turned: bool = turned, left: bool = left) -> Array | None:
            known = map_entries(python_number, t.trial.Y) if other == "Y" else t.trial.inputs[other]
            claim, matrix = t.claims[name], known.T if turned else known
            if claim.ndim != 2 or matrix.ndim != 2:
                return None
            return objects(matrix @ claim if left else claim @ matrix)

        if everywhere(tried, name, arithmetic, corrected):
            text = f"{other}ᵀ" if turned else other
            return f"the factor {text} is missing: {f'{text} · claim' if left else f'claim · {text}'} is right"
    return None


def spread(other: str, way: int, function: Callable[[Any], Any], name: str, tried: Tried) -> Array | None:
    """An argument's numbers over the shape of a gradient: as NumPy spreads them, as a column, or transposed."""
    trial = tried.trial
    known = {**trial.inputs, "Y": map_entries(python_number, trial.Y), "G": trial.G}[other]
    shape = trial.right[name].shape
    if (way == 1 and not known.ndim) or (way == 2 and known.ndim < 2):
        return None
    shaped = (known, known[..., None], known.T)[way]
    return np.broadcast_to(objects(map_entries(function, shaped)), shape)


def times(claim: Array, factor: Array | None) -> Array | None:
    """The claim times a factor, entry by entry."""
    return None if factor is None or claim.shape != factor.shape else objects(claim * factor)


def over(claim: Array, factor: Array | None) -> Array | None:
    """The claim over a factor, entry by entry and exactly."""
    if factor is None or claim.shape != factor.shape:
        return None
    return objects(np.vectorize(quotient, otypes=[object])(claim, factor))
