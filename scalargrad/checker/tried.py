"""What a diagnosis is tested on: trials of one exercise, and what the claim says there.

    >>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: X * G, {"X": "N"})
    >>> tried = trials_of(square, Arithmetic(exact=True))
    >>> constant([ratio(t.trial.right["X"], t.claims["X"], Arithmetic(exact=True)) for t in tried], tried)
    '2'

A correction counts only if it makes the claim right at every one of them.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from math import isqrt
from typing import Any

import numpy as np

from ..arrays import Array, fill, objects
from ..display import short
from ..engine.numbers import Number
from ..errors import ClaimError, InexactError, UndefinedError
from .arithmetic import NEAR, Arithmetic
from .compare import agree, largest_entry
from .exercise import Exercise
from .trial import Trial, map_entries

ATTEMPTS = 20
"""Numbers that are drawn for a trial before it is given up: a layer may bend at every one."""


DRAWN = 6
"""How often numbers are drawn at one shape, where a claim may be right at some of them."""


@dataclass(frozen=True)
class Tried:
    """A trial, and the claims there: none if the claim fails there."""

    trial: Trial
    claims: Mapping[str, Array]

    def in_symmetric_directions(self, arithmetic: Arithmetic) -> Tried:
        """The same for inputs that are symmetric matrices, whose gradients are known in those directions only."""
        names = [name for name in self.trial.right if arithmetic.domain(name).form]
        if not names:
            return self
        trial = copy.copy(self.trial)
        trial.right = {name: symmetrised(right, name, arithmetic) for name, right in trial.right.items()}
        return Tried(trial, {name: symmetrised(claim, name, arithmetic) for name, claim in self.claims.items()})


def symmetrised(gradient: Any, name: str, arithmetic: Arithmetic) -> Any:
    """The symmetric part of a gradient by a symmetric matrix; that by anything else as it is."""
    shape = np.shape(gradient)
    if not arithmetic.domain(name).form or len(shape) < 2 or shape[-1] != shape[-2]:
        return gradient
    return map_entries(lambda x: quotient(x, 2), gradient + np.swapaxes(gradient, -1, -2))


def trials_of(exercise: Exercise, arithmetic: Arithmetic, name: str = "", branches: bool = False) -> list[Tried]:
    """At two shapes with all sizes different and two with all equal; none if the layer fails at one of them.

    With branches, a claim may be right at some numbers only: then there are two at a shape, where the claim for the
    input is right and where it is not, if both are found.
    """
    rng = random.Random(1)
    equal_sizes = (dict.fromkeys(exercise.free, size) for size in (2, 3))
    tried: list[Tried] = []
    for sizes in (exercise.distinct_sizes(2), exercise.distinct_sizes(3), *equal_sizes):
        found: dict[bool, Tried] = {}
        for trial in islice(drawn(exercise, arithmetic, rng, sizes), DRAWN if branches else 1):
            try:
                claims = trial.claims_and_failures(arithmetic.carrier)[0]
            except ClaimError:
                claims = {}
            right = agree(claims.get(name), trial.right[name], arithmetic) if branches else False
            found.setdefault(right, Tried(trial, claims).in_symmetric_directions(arithmetic))
            if len(found) == 2:
                break
        if not found:
            return []
        tried += found.values()
    return sorted(tried, key=lambda t: len(t.trial.order))  # a wrong correction fails at the smallest first


def drawn(exercise: Exercise, arithmetic: Arithmetic, rng: random.Random, sizes: dict[str, int]) -> Iterator[Trial]:
    """Trials of given sizes, as far as the layer has derivatives at the numbers drawn."""
    for _ in range(ATTEMPTS):
        try:
            yield arithmetic.generic(exercise, rng, sizes)
        except UndefinedError:
            continue
        except (ClaimError, InexactError):
            return


def everywhere(tried: Sequence[Tried], name: str, arithmetic: Arithmetic, corrected: Callable[[Tried], Any]) -> bool:
    """Whether the corrected claim for one input is right at every trial; a correction that can't be made is not."""
    for t in tried:
        try:
            if not agree(symmetrised(corrected(t), name, arithmetic), t.trial.right[name], arithmetic):
                return False
        except (ClaimError, ArithmeticError, ValueError, LookupError, TypeError):
            return False
    return bool(tried)


def claimed_is(tried: Sequence[Tried], name: str, arithmetic: Arithmetic, mistaken: Callable[[Tried], Any]) -> bool:
    """Whether the claim for one input is, at every trial, what a mistake makes of the right gradient."""
    try:
        return bool(tried) and all(
            agree(t.claims[name], symmetrised(objects(mistaken(t)), name, arithmetic), arithmetic) for t in tried
        )
    except (KeyError, ArithmeticError, ValueError):
        return False


def with_upstream(trial: Trial, G: Array) -> Trial:
    """The same graph with another ∂L/∂Y."""
    other = copy.copy(trial)
    other.G = G
    other.right = other.gradients()
    return other


# ---------------------------------------------------------------------------------------------------------------------
# Constant factors


def ratio(a: Array, b: Array, arithmetic: Arithmetic) -> Number | None:
    """The number q with a = q·b in every entry; None if there is none, or b is 0 everywhere."""
    a, b = objects(a), objects(b)  # of a difference of single numbers NumPy makes a number
    if a.shape != b.shape or not largest_entry(b):
        return None
    index = max(np.ndindex(b.shape), key=lambda i: abs(b[i]))
    q = quotient(a[index], b[index])
    return q if agree(map_entries(lambda x: q * x, b), a, arithmetic) else None


def quotient(a: Number, b: Number) -> Number:
    """a/b, exactly for exact numbers."""
    return Fraction(a, b) if isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction)) else a / b


def constant(factors: Sequence[Number | None], tried: Sequence[Tried], near: float = NEAR) -> str | None:
    """What a factor is at every trial: `2`, `1/N`, `√D`, `−N·D`, or the first digits of another constant.

    None if it is not there at a trial, or is neither a constant nor such a power of the sizes.
    """
    if not factors or any(q is None for q in factors):
        return None
    if all(abs(q) * 10**30 < 1 for q in factors if q is not None):
        return "0"
    positive = {q > 0 for q in factors if q is not None}
    if len(positive) != 1 or any(q == 0 for q in factors):
        return None
    minus = "" if positive == {True} else "−"
    squares = [q * q for q in factors if q is not None]
    free = list(tried[0].trial.sizes)[:4]
    for exponents in sorted(product((0, 1, -1, 2, -2), repeat=len(free)), key=lambda es: sum(map(abs, es))):
        sizes = [power_of_sizes(t.trial.sizes, free, exponents) for t in tried]
        rest = [quotient(square, size) for square, size in zip(squares, sizes, strict=True)]
        if all(abs(x - rest[0]) * near <= rest[0] for x in rest):
            power = {name: e for name, e in zip(free, exponents, strict=True) if e}
            if (square := simple_fraction(rest[0], near)) is not None:
                return minus + written(square, power)
            return minus + short(abs(factors[0] or 0)) if not power else None
    return None


def power_of_sizes(sizes: Mapping[str, int], names: Sequence[str], exponents: Sequence[int]) -> Fraction:
    """Π size^exponent."""
    result = Fraction(1)
    for name, exponent in zip(names, exponents, strict=True):
        result *= Fraction(sizes[name]) ** exponent
    return result


def simple_fraction(x: Number, near: float) -> Fraction | None:
    """x as a fraction with a small denominator, if it is one."""
    if isinstance(x, (int, Fraction)):
        return Fraction(x) if Fraction(x).denominator <= 10_000 else None
    for denominator in (*range(1, 101), *(n * n for n in range(11, 101))):
        numerator = round(x * denominator)
        if numerator and abs(x * denominator - numerator) * near <= numerator:
            return Fraction(int(numerator), denominator)
    return None


def written(square: Fraction, power: Mapping[str, int]) -> str:
    """The root of `square` times the sizes to half those powers: `√2`, `2·N`, `1/(N·D)`, `√D/N`."""
    above: list[str] = []
    below: list[str] = []
    for n, side in ((square.numerator, above), (square.denominator, below)):
        if n != 1:
            side.append(str(isqrt(n)) if isqrt(n) ** 2 == n else f"√{n}")
    for name, exponent in power.items():
        (above if exponent > 0 else below).append(name if abs(exponent) == 2 else f"√{name}")
    over = "·".join(above) or "1"
    under = "·".join(below)
    return over if not below else f"{over}/({under})" if len(below) > 1 else f"{over}/{under}"


def ones(shape: tuple[int, ...]) -> Array:
    """An array of ones."""
    return fill(shape, lambda *_: 1)
