"""The kinds of numbers to check with: rational ones where layer and claim stay rational, else many digits.

>>> from .exercise import Exercise
>>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: 2 * X * G, {"X": "N"})
>>> arithmetic_for(square).evidence
'exact rational numbers'
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from ..arrays import Array, fill, values
from ..engine.numbers import Number
from ..engine.value import Value
from ..errors import ClaimError, DomainError, InexactError, MissingExtraError, UndefinedError
from .exercise import Exercise
from .trial import Trial, copy_of, map_entries, python_number

PRECISION = 50
"""Decimal digits of the numbers for layers that have no exact arithmetic."""

AGREEMENT = 40
"""Digits to which claimed and right must agree there, relative to the largest entry."""

TRIES = 10
"""How often numbers are drawn for a layer that is defined at some only, as arcsin and arccosh are."""


@dataclass(frozen=True)
class Arithmetic:
    """A kind of number to check with, and whether only positive ones are drawn, as for a layer with log or sqrt."""

    exact: bool
    positive: bool = False

    def make(self, x: Fraction) -> Number:
        """The number x in this arithmetic.

        Raises
        ------
        MissingExtraError
            If that needs mpmath, and it is not installed.
        """
        if self.exact:
            return x
        try:
            import mpmath
        except ModuleNotFoundError:
            raise MissingExtraError("a layer that is not rational is checked with mpmath's numbers", "check") from None
        return mpmath.mpf(x.numerator) / x.denominator

    def carrier(self, matrix: Array) -> Any:
        """What the claim is called with: a plain array, or one of Values, on which np.exp works for any number."""
        return copy_of(matrix) if self.exact else as_values(matrix)

    def same(self, claimed: Number, right: Number, scale: Number) -> bool:
        """Equal; for decimals up to AGREEMENT digits of the largest number in the array."""
        return bool(claimed == right if self.exact else abs(claimed - right) * 10**AGREEMENT <= 1 + scale)

    @property
    def evidence(self) -> str:
        """What a verdict in this arithmetic rests on."""
        if self.exact:
            return "exact rational numbers"
        return f"numbers of {PRECISION} digits that agree to {AGREEMENT}: strong evidence, and no proof"

    def generic(self, exercise: Exercise, rng: random.Random, sizes: dict[str, int]) -> Trial:
        """A trial of given sizes with numbers that nothing special is true of; errors as for `Trial`."""

        def draw() -> Number:
            # exp and its like make small differences of large numbers vanish: those layers get numbers below 4
            x = Fraction(rng.randint(1, 997 if self.exact else 97), rng.randint(11 if self.exact else 29, 97))
            return self.make(x if self.positive or rng.random() < 0.5 else -x)

        return Trial(exercise, sizes, lambda shape: fill(shape, lambda *_: draw()))

    def generics(self, exercise: Exercise, rng: random.Random, sizes: dict[str, int]) -> Iterator[Trial]:
        """Such trials without end, at those numbers that have a derivative."""
        while True:
            try:
                yield self.generic(exercise, rng, sizes)
            except UndefinedError:
                continue


def as_values(matrix: Array) -> Any:
    """Numbers as Values: an array of them, or one."""
    return values(matrix) if matrix.shape else Value(matrix[()])


def many_digits() -> AbstractContextManager[Any]:
    """mpmath at PRECISION digits, if it is installed."""
    try:
        import mpmath
    except ModuleNotFoundError:
        return nullcontext()
    return mpmath.workdps(PRECISION)  # type: ignore[no-any-return]


def arithmetic_for(exercise: Exercise, claim: bool = True) -> Arithmetic:
    """Rational numbers if the layer and the claim stay rational, else decimals; of both signs if the layer allows it.

    Parameters
    ----------
    exercise
        The layer and the claim.
    claim
        Whether the claim is asked at all.

    Raises
    ------
    ClaimError
        If the forward pass fails for every kind.
    """
    failure: Exception = ClaimError("")
    kinds = ((True, False), (True, True), (False, False), (False, True))
    for seed, (exact, positive) in product(range(TRIES), kinds):
        arithmetic = Arithmetic(exact, positive)
        try:
            trial = arithmetic.generic(exercise, random.Random(seed), exercise.distinct_sizes())
        except InexactError:
            continue
        except UndefinedError as error:
            failure = error
            continue
        if not exact or (layer_is_rational(trial) and (not claim or claim_is_rational(trial))):
            return arithmetic
    raise ClaimError(f"forward has no value at any numbers tried: {failure}")


def layer_is_rational(trial: Trial) -> bool:
    """Whether Fractions stay Fractions, forward and backward."""
    return all_rational(map_entries(python_number, trial.Y), *trial.right.values())


def claim_is_rational(trial: Trial) -> bool:
    """Whether the claim keeps Fractions Fractions.

    If it fails on plain Fractions and does not on Values of them, it needs a function that only Values have, np.exp for
    one. If it fails on both, it is the claim that is wrong, and not the kind of number.
    """
    try:
        return all_rational(*trial.claimed().values())
    except ClaimError:
        try:
            trial.claimed(as_values)
        except ClaimError as error:
            return not isinstance(error.__cause__, (InexactError, DomainError))
        return False


def all_rational(*matrices: Array) -> bool:
    """Whether all numbers are Python's exact ones."""
    return {type(x) for matrix in matrices for x in matrix.flat} <= {int, Fraction}
