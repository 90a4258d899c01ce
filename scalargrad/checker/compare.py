"""What is claimed beside what is right, entry by entry: where they differ first, for each input.

>>> from .exercise import Exercise
>>> from ..arrays import fill
>>> from .trial import Trial
>>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: X * G, {"X": "N"})
>>> differs(Trial(square, {"N": 2}, lambda shape: fill(shape, lambda *_: 3)), Arithmetic(exact=True))
Mismatch(input='X', index=(0,), claimed=9, right=18)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, objects
from ..display import short
from ..engine.numbers import Number
from ..errors import ClaimError, DomainError
from .arithmetic import Arithmetic
from .observed import ROUNDINGS, ObservedDecimal, is_short, radius, unobserved
from .tolerance import FloatArithmetic, relative_error, term_sizes
from .trial import Trial, map_entries, python_number


@dataclass(frozen=True)
class Mismatch:
    """Where a claim and the graph differ: at an entry of one input's gradient, or in its shape (no index)."""

    input: str
    index: tuple[int, ...] | None
    claimed: Any
    right: Any


@dataclass
class Off:
    """How far claims are off that count as right, because constants were rounded: the largest of them all.

    Attributes
    ----------
    error, bound
        The largest difference, and the largest one that rounding explains, both relative to the largest entry.
    """

    error: float = 0.0
    bound: float = 0.0


def differs(trial: Trial, arithmetic: Arithmetic) -> Mismatch | ClaimError | None:
    """What is wrong with the claim at a trial, if anything is; nothing where the claim is not defined."""
    try:
        claims, failures = trial.claims_and_failures(arithmetic.carrier)
        return next(iter([*mismatches(trial, claims, arithmetic).values(), *failures.values()]), None)
    except ClaimError as error:
        return None if is_undefined(error) else error


def is_undefined(error: ClaimError) -> bool:
    """Whether a claim fails since it has no value at these numbers: it divides by zero there, for one."""
    return isinstance(error.__cause__, (ZeroDivisionError, DomainError, np.linalg.LinAlgError))


def mismatches(
    trial: Trial, claims: Mapping[str, Array], arithmetic: Arithmetic, off: Off | None = None
) -> dict[str, Mismatch | ClaimError]:
    """The first difference for each input, or that its claim is nan, in the order of the claims and of their entries.

    A matrix that is symmetric by its domain is compared in symmetric directions, which is all that can be asked.
    """
    found: dict[str, Mismatch | ClaimError] = {}
    floats = isinstance(arithmetic, FloatArithmetic)
    for name, claim in claims.items():
        right = trial.right[name]
        if claim.shape != right.shape:
            found[name] = Mismatch(name, None, claim.shape, right.shape)
            continue
        if arithmetic.domain(name).form:
            claim, right = (matrix + np.swapaxes(matrix, -1, -2) for matrix in (claim, right))
        scale = term_sizes(trial)[name] if floats else largest_entry(map_entries(unobserved, right))
        for index in np.ndindex(right.shape):
            if not same_entry(claim[index], right[index], scale, trial, arithmetic, off):
                x, y = unobserved(claim[index]), unobserved(right[index])
                found[name] = Mismatch(name, index, x, y)
                if x != x and not floats:
                    found[name] = ClaimError(
                        f"gradients returns nan for {entry_name(name, index)}, where {short(y)} is right"
                    )
                break
    return found


def same_entry(
    claimed: Number,
    right: Number,
    scale: Number,
    trial: Trial,
    arithmetic: Arithmetic,
    off: Off | None,
) -> bool:
    """Whether two entries are the same, up to the rounding of float constants."""
    x, y = unobserved(claimed), unobserved(right)
    if isinstance(arithmetic, FloatArithmetic):
        error = relative_error(x, y, scale)
        if off is not None and error <= arithmetic.allowed:
            off.error, off.bound = max(off.error, error), arithmetic.allowed
        return error <= arithmetic.allowed
    if not isinstance(x, (int, Fraction)) and x - x != 0:  # infinite, or nan
        return x is y
    if isinstance(x, float):
        x = Fraction(x) if arithmetic.exact else arithmetic.make(Fraction(x))
    if arithmetic.exact and x == y:
        return True
    if isinstance(right, ObservedDecimal) or trial.record:
        allowed = radius(claimed) + radius(right)
        if isinstance(claimed, float) and not is_short(claimed):
            allowed += abs(x) * ROUNDINGS
        if trial.record and trial.record.cast:
            allowed += (1 + scale) * trial.record.cast
        difference = abs(x - y)
        if not arithmetic.exact and difference * 10**40 <= 1 + scale:
            return True
        if not difference <= allowed:
            return False
        if off is not None:
            largest = scale or 1
            off.error, off.bound = max(off.error, float(difference / largest)), max(off.bound, float(allowed / largest))
        return True
    return arithmetic.same(x, y, scale)


def agree(a: Any, b: Array, arithmetic: Arithmetic) -> bool:
    """Whether two arrays have one shape and the same entries; None is equal to none."""
    if a is None or np.shape(a) != b.shape:
        return False
    entries, scale = objects(a), largest_entry(b)
    return all(arithmetic.same(python_number(entries[index]), b[index], scale) for index in np.ndindex(b.shape))


def largest_entry(matrix: Array) -> Number:
    """The largest absolute value of an entry; 0 if there is none."""
    return max((abs(x) for x in matrix.flat), default=0)
