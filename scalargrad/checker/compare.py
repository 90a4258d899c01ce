"""What is claimed beside what is right, entry by entry: where they differ first.

>>> from .exercise import Exercise
>>> from .trial import Trial, fill
>>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: X * G, {"X": "N"})
>>> differs(Trial(square, {"N": 2}, lambda shape: fill(shape, lambda *_: 3)), Arithmetic(exact=True))
Mismatch(input='X', index=(0,), claimed=9, right=18)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, objects
from ..display import short
from ..engine.numbers import Number
from ..errors import ClaimError
from .arithmetic import Arithmetic
from .trial import Trial, python_number

ROUNDED = 1e-6
"""How near a float must be to the right number, relative to the largest entry, to be taken for a rounded one."""


@dataclass(frozen=True)
class Mismatch:
    """Where a claim and the graph differ: at an entry of one input's gradient, or in its shape (no index)."""

    input: str
    index: tuple[int, ...] | None
    claimed: Any
    right: Any


def differs(trial: Trial, arithmetic: Arithmetic) -> Mismatch | ClaimError | None:
    """What is wrong with the claim at a trial, if anything is."""
    try:
        return first_mismatch(trial, trial.claimed(arithmetic.carrier), arithmetic)
    except ClaimError as error:
        return error


def first_mismatch(trial: Trial, claims: Mapping[str, Array], arithmetic: Arithmetic) -> Mismatch | None:
    """The first difference, in the order of the claims and of their entries.

    Raises
    ------
    ClaimError
        If a claim is nan, or was rounded.
    """
    for name, claim in claims.items():
        right = trial.right[name]
        if claim.shape != right.shape:
            return Mismatch(name, None, claim.shape, right.shape)
        scale = largest_entry(right)
        for index in np.ndindex(right.shape):
            require_comparable(name, index, claim[index], right[index], scale)
            if not arithmetic.same(claim[index], right[index], scale):
                return Mismatch(name, index, claim[index], right[index])
    return None


def require_comparable(name: str, index: tuple[int, ...], claimed: Number, right: Number, scale: Number) -> None:
    """Refuse a claim that is nan, or the right number rounded to a float; errors as for `first_mismatch`."""
    if claimed != claimed:
        raise ClaimError(f"gradients returns nan for {entry_name(name, index)}, where {short(right)} is right")
    if isinstance(claimed, float) and claimed != right and abs(claimed - right) < ROUNDED * (1 + scale):
        raise ClaimError(
            f"gradients returns rounded float64 numbers for {name}, which cannot be compared exactly: keep to "
            'NumPy functions on the arrays given, or check float code with tolerance="ulp:8"'
        )


def agree(a: Any, b: Array, arithmetic: Arithmetic) -> bool:
    """Whether two arrays have one shape and the same entries; None is equal to none."""
    if a is None or np.shape(a) != b.shape:
        return False
    entries, scale = objects(a), largest_entry(b)
    return all(arithmetic.same(python_number(entries[index]), b[index], scale) for index in np.ndindex(b.shape))


def largest_entry(matrix: Array) -> Number:
    """The largest absolute value of an entry; 0 if there is none."""
    return max((abs(x) for x in matrix.flat), default=0)
