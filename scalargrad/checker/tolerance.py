"""Float code beside exact numbers: the graph runs exactly on the very floats that the claim is called with.

>>> from .exercise import Exercise
>>> tenth = Exercise.of(lambda X: X / 10, lambda X, Y, G: G * 0.1, {"X": "N"})
>>> measure(tenth, allowed_error("ulp:8", np.float64), np.float64).first is None
True
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import Array, fill
from ..engine.numbers import Number
from ..errors import ArgumentError, ClaimError
from .arithmetic import Arithmetic, arithmetic_for
from .compare import Mismatch, largest_entry
from .exercise import Exercise
from .trial import Trial


def allowed_error(tolerance: str | float, dtype: Any) -> float:
    """What a tolerance allows, relative to the largest entry of a gradient.

    Raises
    ------
    ArgumentError
        If it is not a positive number, or "ulp:" and one; or if the dtype is not float64 or float32.
    """
    if np.dtype(dtype) not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise ArgumentError(f"the dtype is {np.dtype(dtype)}: choose float64 or float32")
    text = str(tolerance)
    try:
        allowed = float(text.removeprefix("ulp:")) * (float(np.finfo(dtype).eps) if text.startswith("ulp:") else 1)
    except ValueError:
        allowed = 0.0
    if not allowed > 0:
        raise ArgumentError(f'the tolerance is {tolerance!r}: write "ulp:8", or a relative error such as 1e-6')
    return allowed


@dataclass(frozen=True)
class Measured:
    """How far float code is off.

    Attributes
    ----------
    worst
        The largest error of an entry up to there, relative to the largest entry of its gradient.
    first
        The first claim that is off by more than is allowed, or can't be compared; None if there is none.
    trial, arithmetic
        Where that is, or the last one that was tried.
    claims
        What is claimed there.
    """

    worst: float
    first: Mismatch | ClaimError | None
    trial: Trial
    arithmetic: Arithmetic
    claims: Mapping[str, Array]


def measure(exercise: Exercise, allowed: float, dtype: Any) -> Measured:
    """Compare float code with the exact gradients, at small shapes.

    Raises
    ------
    ClaimError
        If the forward pass fails.
    """
    rng, arithmetic, worst = random.Random(0), arithmetic_for(exercise, claim=False), 0.0
    for sizes in exercise.small_sizes():
        trial = floats_trial(exercise, arithmetic, rng, sizes, dtype)
        try:
            claims = trial.claimed(lambda matrix: matrix.astype(float).astype(dtype))
        except ClaimError as error:
            return Measured(worst, error, trial, arithmetic, {})
        for name, claim in claims.items():
            right = trial.right[name]
            if claim.shape != right.shape:
                return Measured(worst, Mismatch(name, None, claim.shape, right.shape), trial, arithmetic, claims)
            scale = largest_entry(right)
            for index in np.ndindex(right.shape):
                off = relative_error(claim[index], right[index], scale, arithmetic)
                worst = max(worst, off)
                if not off <= allowed:
                    return Measured(off, Mismatch(name, index, claim[index], right[index]), trial, arithmetic, claims)
    return Measured(worst, None, trial, arithmetic, claims)


def relative_error(claimed: Number, right: Number, scale: Number, arithmetic: Arithmetic) -> float:
    """|claimed - right| / scale, computed exactly; infinite for what is not finite. Where all is 0, |claimed|."""
    if not np.isfinite(float(claimed)):
        return float("inf")
    off = abs(arithmetic.make(Fraction(float(claimed))) - right)
    return float(off if arithmetic.same(scale, 0, 0) else off / scale)


def floats_trial(
    exercise: Exercise, arithmetic: Arithmetic, rng: random.Random, sizes: dict[str, int], dtype: Any
) -> Trial:
    """A trial whose numbers are floats of the dtype, taken exactly."""

    def draw() -> Number:
        x = abs(rng.gauss(0, 1)) + 0.1 if arithmetic.positive else rng.gauss(0, 1)
        return arithmetic.make(Fraction(float(dtype(x))))

    return Trial(exercise, sizes, lambda shape: fill(shape, lambda *_: draw()))
