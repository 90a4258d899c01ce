"""Float code beside exact numbers: the graph runs exactly on the very floats that the claim is called with.

>>> floats = FloatArithmetic(exact=True, allowed=allowed_error("ulp:8", np.float64))
>>> floats.make(Fraction(1, 10)) == Fraction(0.1), floats.make(Fraction(1, 2))
(True, Fraction(1, 2))
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import Array, objects
from ..engine.numbers import Number
from ..engine.sweep import reverse_sweep
from ..engine.value import Value
from ..errors import ArgumentError
from .arithmetic import PRECISION, Arithmetic
from .observed import unobserved
from .trial import Trial


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

    def make(self, x: Fraction) -> Number:
        """The float of the dtype next to x, exactly."""
        return super().make(Fraction(float(self.dtype(float(x)))))

    def carrier(self, matrix: Array) -> Any:
        return as_floats(matrix, self.dtype)

    def same(self, claimed: Number, right: Number, scale: Number) -> bool:
        return relative_error(claimed, right, scale) <= self.allowed

    @property
    def near(self) -> float:
        return 1 / self.roundings

    @property
    def points(self) -> int:
        return 3

    @property
    def evidence(self) -> str:
        """What a verdict rests on."""
        exactly = "exact rational numbers" if self.exact else f"numbers of {PRECISION} digits"
        return f"{np.dtype(self.dtype)} results beside {exactly} at the same floats"

    @property
    def roundings(self) -> float:
        """What many roundings explain, relative to the terms of a gradient: more is another formula."""
        return 1e3 * float(np.finfo(self.dtype).eps)

    def ulps(self, error: float) -> float:
        """A relative error in units of the last place."""
        return error / float(np.finfo(self.dtype).eps)


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
    floats = [float(unobserved(x)) for x in objects(matrix).flat]
    return np.array(floats, float).reshape(matrix.shape).astype(dtype)


def relative_error(claimed: Number, right: Number, scale: Number) -> float:
    """|claimed - right| / scale, computed exactly; infinite for what is not finite. Where all is 0, |claimed|."""
    if not np.isfinite(float(claimed)):
        return float("inf")
    off = abs(Fraction(float(claimed)) - right) if isinstance(right, (int, Fraction)) else abs(float(claimed) - right)
    return float(off if scale == 0 else off / scale)
