"""Float code beside exact numbers: the graph runs exactly on the very floats that the claim is called with.

>>> from .exercise import Exercise
>>> tenth = Exercise.of(lambda X: X / 10, lambda X, Y, G: G * 0.1, {"X": "N"})
>>> measure(tenth, allowed_error("ulp:8", np.float64), np.float64).first is None
True
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import Array, objects
from ..engine.numbers import Number
from ..engine.sweep import reverse_sweep
from ..engine.value import Value
from ..errors import ArgumentError, ClaimError, UndefinedError
from .arithmetic import Arithmetic, arithmetic_for
from .compare import Mismatch
from .domains import REAL, Domain, labels
from .exercise import Exercise
from .trial import Trial, map_entries

POINTS = 3
"""How many points of each shape are compared."""


def allowed_error(tolerance: str | float, dtype: Any) -> float:
    """What a tolerance allows, relative to the terms that a gradient is the sum of.

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
class FloatArithmetic(Arithmetic):
    """Exact numbers beside a claim that is float code: it gets floats, and may be off by a relative error."""

    allowed: float = 0.0
    dtype: Any = np.float64

    def carrier(self, matrix: Array) -> Any:
        return as_floats(matrix, self.dtype)

    def same(self, claimed: Number, right: Number, scale: Number) -> bool:
        return relative_error(claimed, right, scale, self) <= self.allowed


@dataclass(frozen=True)
class Measured:
    """How far float code is off.

    Attributes
    ----------
    worst
        The largest error of an entry up to there, relative to the terms of its gradient (`term_sizes`).
    first
        The first claim that is off by more than is allowed, or can't be compared; None if there is none.
    trial, arithmetic
        Where that is, or the last one that was tried.
    claims
        What is claimed there.
    compared, skipped
        How many points were compared, by sizes; and sizes without one, with the reason.
    """

    worst: float
    first: Mismatch | ClaimError | None
    trial: Trial
    arithmetic: Arithmetic
    claims: Mapping[str, Array]
    compared: Mapping[tuple[int, ...], int] = field(default_factory=dict)
    skipped: Mapping[tuple[int, ...], str] = field(default_factory=dict)


def measure(exercise: Exercise, allowed: float, dtype: Any) -> Measured:
    """Compare float code with the exact gradients, at several points of each small shape.

    Raises
    ------
    ClaimError
        If the forward pass fails.
    """
    rng, arithmetic, worst = random.Random(0), arithmetic_for(exercise, claim=False), 0.0
    compared: Counter[tuple[int, ...]] = Counter()
    skipped: dict[tuple[int, ...], str] = {}
    last: Measured | None = None
    for sizes in exercise.small_sizes():
        for trial in floats_trials(exercise, arithmetic, rng, sizes, dtype, skipped):
            try:
                claims = trial.claimed(lambda matrix: as_floats(matrix, dtype))
            except ClaimError as error:
                return Measured(worst, error, trial, arithmetic, {})
            scales = term_sizes(trial)
            for name, claim in claims.items():
                right = trial.right[name]
                if claim.shape != right.shape:
                    return Measured(worst, Mismatch(name, None, claim.shape, right.shape), trial, arithmetic, claims)
                scale = scales[name]
                for index in np.ndindex(right.shape):
                    off = relative_error(claim[index], right[index], scale, arithmetic)
                    worst = max(worst, off)
                    if not off <= allowed:
                        return Measured(
                            off, Mismatch(name, index, claim[index], right[index]), trial, arithmetic, claims
                        )
            compared[tuple(sizes.values())] += 1
            last = Measured(worst, None, trial, arithmetic, claims, compared, skipped)
    if last is None:
        raise ClaimError(f"forward has no derivative at any floats tried: {next(iter(skipped.values()), '')}")
    return replace(last, worst=worst)


def term_sizes(trial: Trial) -> dict[str, Number]:
    """By input, the largest Σ |∂y/∂entry · ∂L/∂y| of an entry: where terms cancel, their rounding errors do not."""
    seeds: dict[Any, Number] = {}
    for y, g in zip(trial.Y.flat, trial.G.flat, strict=True):
        if isinstance(y, Value):
            seeds[y] = seeds.get(y, 0) + abs(g)
    swept = reverse_sweep(trial.order, seeds, partials_of=lambda node: [abs(partial) for partial in node.partials])
    sizes = dict(zip(trial.order, swept, strict=True))
    leaves = {name: objects(trial.leaves[name]) for name in trial.right}
    return {name: max((sizes.get(leaf, 0) for leaf in matrix.flat), default=0) for name, matrix in leaves.items()}


def as_floats(matrix: Array, dtype: Any) -> Any:
    """Exact numbers as floats."""
    return matrix.astype(float).astype(dtype)


def relative_error(claimed: Number, right: Number, scale: Number, arithmetic: Arithmetic) -> float:
    """|claimed - right| / scale, computed exactly; infinite for what is not finite. Where all is 0, |claimed|."""
    if not np.isfinite(float(claimed)):
        return float("inf")
    off = abs(arithmetic.make(Fraction(float(claimed))) - right)
    return float(off if scale == 0 else off / scale)


def floats_trials(
    exercise: Exercise,
    arithmetic: Arithmetic,
    rng: random.Random,
    sizes: dict[str, int],
    dtype: Any,
    skipped: dict[tuple[int, ...], str],
) -> Iterator[Trial]:
    """Trials at some points whose numbers are floats of the dtype, taken exactly; why there are fewer is noted."""

    def draw(domain: Domain) -> Fraction:
        x = rng.gauss(0, 1)
        if domain.low is not None and domain.high is None:
            x = float(domain.low) + abs(x) + 0.1
        elif domain.high is not None:
            return rounded(domain.number(rng))
        return rounded(x)

    def rounded(x: Any) -> Fraction:
        return Fraction(float(dtype(float(x))))

    for _ in range(POINTS):
        inputs = {}
        for name in exercise.names:
            shape, domain = exercise.shape(name, sizes), arithmetic.domain(name)
            if domain.below:
                inputs[name] = labels(domain, exercise.complete(sizes), shape, rng)
                continue
            matrix = domain.matrix(shape, lambda domain=domain: draw(domain))  # type: ignore[misc]
            inputs[name] = map_entries(rounded, matrix)
        try:
            yield arithmetic.trial(exercise, sizes, inputs, lambda shape: REAL.matrix(shape, lambda: draw(REAL)))
        except UndefinedError as error:
            skipped[tuple(sizes.values())] = str(error)
