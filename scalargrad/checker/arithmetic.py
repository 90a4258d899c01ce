"""The kinds of numbers to check with: rational ones where layer and claim stay rational, else many digits.

>>> from .exercise import Exercise
>>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: 2 * X * G, {"X": "N"})
>>> arithmetic_for(square).evidence
'exact rational numbers'
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any

from ..arrays import Array, values
from ..engine.numbers import Number
from ..engine.value import Value
from ..errors import ClaimError, DomainError, InexactError, MissingExtraError, UndefinedError
from .domains import DEFINITE, FOUND, REAL, Domain, labels
from .exercise import Exercise
from .observed import ObservedDecimal, Record, observed_decimal, observed_fraction
from .trial import Trial, copy_of, map_entries

PRECISION = 50
"""Decimal digits of the numbers for layers that have no exact arithmetic."""

AGREEMENT = 40
"""Digits to which claimed and right must agree there, relative to the largest entry."""

FLOAT_DIGITS = 12
"""The same for code with float constants, where no radius is known."""

NEAR = 1e14
"""A factor is called √D if it is that up to one part in so many: a layer may have math.sqrt(D) in it, a rounded one."""

DRAWS = 12
"""How often numbers are drawn to see whether a layer has a value in a domain."""

ENOUGH_NUMBERS = 18
"""Numbers of inputs after which a layer that had a value each time has one in that domain: few have the right signs."""


@dataclass(frozen=True)
class Arithmetic:
    """A kind of number to check with, and where to draw the numbers.

    Attributes
    ----------
    exact
        Fractions, or decimals of mpmath.
    domains
        Where each input is drawn; those that are not named, and G, anywhere.
    boxed
        Whether the claim needs arrays of Values, for NumPy functions that other numbers don't have.
    digits
        To how many digits decimals must agree.
    """

    exact: bool
    domains: Mapping[str, Domain] = field(default_factory=dict)
    boxed: bool = False
    digits: int = AGREEMENT

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

    def observed(self, x: Fraction) -> Number:
        """The same number as one that notices what is done with it."""
        return observed_fraction(x) if self.exact else observed_decimal(self.make(x))

    def carrier(self, matrix: Array) -> Any:
        """What the claim is called with: a plain array, or one of Values, on which np.exp works for any number."""
        first = next(iter(matrix.flat), None)
        plain = not self.boxed and (self.exact or isinstance(first, ObservedDecimal))
        return copy_of(matrix) if plain else as_values(matrix)

    def same(self, claimed: Number, right: Number, scale: Number) -> bool:
        """Equal; for decimals up to some digits of the largest number in the array."""
        return bool(claimed == right if self.exact else abs(claimed - right) * 10**self.digits <= 1 + scale)

    @property
    def evidence(self) -> str:
        """What a verdict in this arithmetic rests on."""
        if self.exact:
            return "exact rational numbers"
        return f"numbers of {PRECISION} digits that agree to {AGREEMENT}: strong evidence, and no proof"

    @property
    def near(self) -> float:
        """Up to one part in how many a factor is called √D."""
        return NEAR

    @property
    def points(self) -> int:
        """How many points of each small shape are tried."""
        return 1

    def domain(self, name: str) -> Domain:
        """Where an input is drawn."""
        return self.domains.get(name, REAL)

    def drawn(self, exercise: Exercise, rng: random.Random, sizes: dict[str, int]) -> dict[str, Array]:
        """Numbers for each input that nothing special is true of, as Fractions; labels as integers."""
        # exp and its like make small differences of large numbers vanish: those layers get numbers below 4
        largest = 997 if self.exact else 97
        complete = exercise.complete(sizes)
        inputs = {}
        for name in exercise.names:
            shape, domain = exercise.shape(name, sizes), self.domain(name)
            if domain.below:
                inputs[name] = labels(domain, complete, shape, rng)
            else:
                inputs[name] = domain.matrix(shape, lambda domain=domain: domain.number(rng, largest))  # type: ignore[misc]
        return inputs

    def trial(
        self,
        exercise: Exercise,
        sizes: dict[str, int],
        inputs: Mapping[str, Array],
        upstream: Callable[[tuple[int, ...]], Array],
        record: Record | None = None,
    ) -> Trial:
        """A trial at given Fractions; observed ones if there is a record. Errors as for `Trial`."""
        make = self.make if record is None else self.observed
        names = iter(exercise.names)

        def draw(shape: tuple[int, ...]) -> Array:
            name = next(names, None)
            if name is None:
                return map_entries(make, upstream(shape))
            return inputs[name] if exercise.is_label(name) else map_entries(make, inputs[name])

        return Trial(exercise, sizes, draw, record)

    def generic(
        self, exercise: Exercise, rng: random.Random, sizes: dict[str, int], record: Record | None = None
    ) -> Trial:
        """A trial of given sizes with numbers that nothing special is true of; errors as for `Trial`."""
        largest = 997 if self.exact else 97
        inputs = self.drawn(exercise, rng, sizes)

        def upstream(shape: tuple[int, ...]) -> Array:
            return REAL.matrix(shape, lambda: REAL.number(rng, largest))

        return self.trial(exercise, sizes, inputs, upstream, record)

    def generics(self, exercise: Exercise, rng: random.Random, sizes: dict[str, int]) -> Iterator[Trial]:
        """Such trials, at those numbers that have a derivative, as long as there are some."""
        failed = 0
        while failed < 20 * DRAWS:
            try:
                trial = self.generic(exercise, rng, sizes)
            except UndefinedError:
                failed += 1
                continue
            failed = 0
            yield trial


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


def arithmetic_for(exercise: Exercise, claim: bool = True, kinds: tuple[bool, ...] = (True, False)) -> Arithmetic:
    """Rational numbers if the layer and the claim stay rational, else decimals; each input where the layer allows it.

    Parameters
    ----------
    exercise
        The layer and the claim.
    claim
        Whether the claim is asked at all.
    kinds
        Whether to try Fractions (True), and then decimals (False).

    Raises
    ------
    ClaimError
        If the forward pass fails for every kind.
    """
    failure: Exception = ClaimError("")
    for exact in kinds:
        try:
            arithmetic, trial = with_domains(exercise, Arithmetic(exact))
        except InexactError:
            continue
        except UndefinedError as error:
            failure = error
            continue
        if not claim:
            return arithmetic
        try:
            arithmetic = with_carrier(trial, arithmetic)
        except InexactError:
            continue
        record = trial.record
        return replace(arithmetic, digits=FLOAT_DIGITS) if record and (record.constants or record.cast) else arithmetic
    raise ClaimError(f"forward has no value at any numbers tried: {failure}")


def with_domains(exercise: Exercise, arithmetic: Arithmetic) -> tuple[Arithmetic, Trial]:
    """The arithmetic with a domain for each input, as wide as the layer allows, and a trial there.

    The first domains that do for all inputs together are made wider for each input by itself.

    Raises
    ------
    ClaimError
        If the forward pass fails.
    UndefinedError
        If there are none.
    InexactError
        If this kind of number can't hold what the layer computes.
    """
    names = [name for name in exercise.names if name not in exercise.said]
    square = {name for name in names if len(set(exercise.dimensions[name][-2:])) == 1 < len(exercise.dimensions[name])}
    failure = UndefinedError("")
    for definite, whole in product((False, True) if square else (False,), FOUND):  # symmetric ones last: they hide much
        domains = {**exercise.said, **{name: DEFINITE if definite and name in square else whole for name in names}}
        found = replace(arithmetic, domains=domains)
        trial, often, error = success(exercise, found)
        failure = error or failure
        if trial is None or not often:
            continue
        if square and not definite and not success(exercise, found, first=4)[1]:
            continue  # small matrices are definite by chance
        for name in names if whole != REAL or definite else ():
            for wider in (REAL,) if definite and name in square else FOUND:
                tried = replace(found, domains={**found.domains, name: wider})
                new, often, _ = success(exercise, tried)
                if new is not None and often:
                    found, trial = tried, new
                    break
        return found, trial
    last = replace(arithmetic, domains=exercise.said)
    trial, _, error = success(exercise, last, 20 * DRAWS)  # where it is rarely defined
    if trial is None:
        raise error or failure
    return last, trial


def success(
    exercise: Exercise, arithmetic: Arithmetic, draws: int = DRAWS, first: int = 2
) -> tuple[Trial | None, bool, UndefinedError | None]:
    """A defined trial if there is one, whether half of all draws are, and why another is not; errors as above."""
    rng, trial, defined, failure = random.Random(0), None, 0, None
    for k in range(1, draws + 1):
        try:
            trial = arithmetic.generic(exercise, rng, exercise.distinct_sizes(first), Record())
            defined += 1
        except UndefinedError as error:
            failure = error
        numbers = sum(matrix.size for matrix in trial.inputs.values()) if trial else 0
        enough = k >= 3 and k * numbers >= ENOUGH_NUMBERS
        if (defined == k and enough) or (draws == DRAWS and 2 * (k - defined) > draws):
            break
    return trial, 2 * defined >= k, failure


def with_carrier(trial: Trial, arithmetic: Arithmetic) -> Arithmetic:
    """The arithmetic with arrays that the claim can work on: plain ones, or those of Values if it needs them.

    If it fails on both, it is the claim that is wrong, and not the kind of number.

    Raises
    ------
    InexactError
        If the claim does not stay rational.
    """
    inexact = False
    for boxed in (False, True):
        tried = replace(arithmetic, boxed=boxed)
        try:
            trial.claimed(tried.carrier)
        except ClaimError as error:
            inexact = inexact or isinstance(error.__cause__, InexactError)
            if isinstance(error.__cause__, (DomainError, ZeroDivisionError)):
                return tried
            continue
        return tried
    if inexact:
        raise InexactError("the claim does not stay rational")
    return arithmetic
