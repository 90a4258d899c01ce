"""The search for a difference: at small shapes, special matrices, both sides of each comparison, and in a finite field.

>>> from .exercise import Exercise
>>> cube = Exercise.of(lambda X: X**3, lambda X, Y, G: 3 * X * G, {"X": "N"})
>>> found = survey(cube, Arithmetic(exact=True))
>>> found.wrong["X"].sizes, len(found.compared)
({'N': 1}, 1)
>>> shrunk = simplest_trial(found, "X", examples=60)
>>> str(shrunk.inputs["X"][0]), str(shrunk.G[0])
('-1', '1')

What was tried is counted on the way, so that the verdict can say it.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import chain, cycle, islice, product
from typing import Any

import numpy as np

from ..arrays import Array, fill
from ..errors import ClaimError, Error, InexactError, MissingExtraError, UndefinedError
from .arithmetic import PRECISION, Arithmetic
from .compare import Mismatch, Off, is_undefined, mismatches
from .domains import REAL, Domain, labels
from .exercise import Exercise
from .field import PRIME, Residue, residue
from .observed import Record, Sides, unobserved
from .tolerance import FloatArithmetic
from .trial import Trial, copy_of

SMALL_GRAPH = 500
"""Nodes up to which a shape gets all examples; larger ones get fewer, and beyond four times as many none is shrunk."""

FEW_NUMBERS = 16
"""Entries from which on the numbers of a matrix are not drawn one by one."""

LARGER = (4, 5, 6, 3, 7)
"""The sizes, by dimension in order of appearance, at which rational layers are tried once more."""

TRIES = 12
"""How often numbers are drawn for one point, where a layer is not defined everywhere."""

FEW_POINTS = 3
"""Points on each side of a comparison from which on it is said that the claim is right on one of them."""

IDLE = 6
"""Points without a new course through the comparisons after which no more are drawn."""

MANY_NODES = 1_200
"""Nodes of all graphs together after which no more are drawn."""

SCALES = (Fraction(1, 100), Fraction(10), Fraction(1, 10**4), Fraction(100), Fraction(1, 10**8), Fraction(1000))
"""By what numbers are multiplied in search of a side of a comparison that was never met."""

SIMPLE = (
    tuple(Fraction(x) for x in (0, 1, -1, 2, -2, 3, -3)),
    tuple(Fraction(sign * n, d) for d in (2, 3, 4) for n in range(1, 3 * d) if math.gcd(n, d) == 1 for sign in (1, -1)),
)
"""What a counterexample is made of, the simplest first: whole numbers, and fractions where those do not do."""

HALVINGS = 12
"""Halvings on the way to a threshold between two points on its two sides."""


@dataclass
class Survey:
    """What was tried, and what was found.

    Attributes
    ----------
    compared
        How many points were compared, by the sizes of the dimensions.
    skipped
        The sizes at which there was none, with the reason.
    left_out
        Points at which forward has no derivative, by the reason.
    undefined
        Points at which the claim has no value, by the reason.
    record
        What the code did with the numbers.
    off
        How far rounded constants put the claim off.
    claimed
        The inputs for which something is claimed.
    wrong
        By input, the first trial at which its gradient is wrong, and `found` what differs there.
    failures
        By input, how the claim fails for it, if it does, and the trial where.
    degree
        In the field, the degree of the polynomial that is 0 if the claim is right.
    divides
        Whether the claim divides there, so that it may have no value at some points.
    sides
        For each comparison and each of its sides, a trial where it was met.
    one_sided
        By input, comparison and side, how often the claim was right (True) and wrong where only this side was met.
    courses
        The courses of trials through their comparisons, as `Record.course` numbers them.
    """

    exercise: Exercise
    arithmetic: Arithmetic
    compared: Counter[tuple[int, ...]] = field(default_factory=Counter)
    skipped: dict[tuple[int, ...], str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    undefined: Counter[str] = field(default_factory=Counter)
    record: Record = field(default_factory=Record)
    off: Off = field(default_factory=Off)
    claimed: dict[str, None] = field(default_factory=dict)
    wrong: dict[str, Trial] = field(default_factory=dict)
    found: dict[str, Mismatch] = field(default_factory=dict)
    failures: dict[str, tuple[ClaimError, Trial]] = field(default_factory=dict)
    degree: int = 0
    divides: bool = False
    sides: dict[tuple[Any, bool], Trial] = field(default_factory=dict)
    courses: set[int] = field(default_factory=set)
    one_sided: Counter[tuple[str, Any, bool, bool]] = field(default_factory=Counter)
    before: dict[Any, dict[bool, int]] = field(default_factory=dict)

    def judge(self, trial: Trial) -> None:
        """Compare the claim with what is right at a trial, and note what is found."""
        key = tuple(trial.sizes[d] for d in self.exercise.free)
        before = {site: dict(sides.taken) for site, sides in self.record.sites.items()}
        try:
            claims, failures = trial.claims_and_failures(self.arithmetic.carrier)
        except ClaimError as error:
            if isinstance(error.__cause__, InexactError):
                raise error.__cause__ from None
            if is_undefined(error):
                self.undefined[why_undefined(error.__cause__)] += 1
                return
            claims, failures = {}, dict.fromkeys(self.exercise.differentiated, error)
        if isinstance(self.arithmetic, FloatArithmetic):
            with suppress(Error):  # what it compares can't be seen in floats: if it can, it is run once more
                trial.claimed(copy_of)
        found = mismatches(trial, claims, self.arithmetic, self.off)
        failures |= {name: one for name, one in found.items() if isinstance(one, ClaimError)}
        for name, failure in failures.items():
            self.failures.setdefault(name, (failure, trial))
        if failures and not claims:
            return
        self.compared[key] += 1
        self.courses.add(self.record.course)
        self.skipped.pop(key, None)
        self.claimed.update(dict.fromkeys(claims))
        self.note_sides(trial, before)
        differing = {name: one for name, one in found.items() if isinstance(one, Mismatch)}
        if differing and (self.record.sites or not differing.keys() <= self.found.keys()):  # else they tell nothing new
            differing = self.confirmed(trial, differing)
        self.note_one_sided(claims, differing)
        for name, mismatch in differing.items():
            known = self.found.get(name)
            # a wrong shape tells more than a number
            if known is None or (mismatch.index is None and known.index is not None):
                self.wrong[name], self.found[name] = trial, mismatch

    @property
    def settled(self) -> bool:
        """Whether all that is claimed is wrong, and there are no comparisons that would tell where it is right."""
        return 0 < len(self.claimed) == len(self.wrong) and not self.record.sites

    def note_one_sided(self, claims: Mapping[str, Array], differing: Mapping[str, Mismatch]) -> None:
        """Count the claims as right or wrong for each comparison of which only one side was met since `before`."""
        for site, sides in self.record.sites.items():
            old = self.before.get(site, {})
            met = [side for side, times in sides.taken.items() if times > old.get(side, 0)]
            for name in claims if len(met) == 1 else ():
                self.one_sided[name, site, met[0], name not in differing] += 1

    def right_side(self, name: str) -> str | None:
        """Where a claim that is not right everywhere is right: on one side of a comparison. None if it is not so."""
        found: dict[str, int] = {}
        for (site, sides), side in product(self.record.sites.items(), (True, False)):
            here = [self.one_sided[name, site, side, right] for right in (True, False)]
            there = [self.one_sided[name, site, not side, right] for right in (True, False)]
            if here[0] >= FEW_POINTS and not here[1] and there[1] >= FEW_POINTS and there[1] > there[0]:
                found[f"it is right where {sides.where(side)}, and goes wrong only where that is not so"] = here[0]
        return max(found, key=lambda text: found[text]) if found else None

    def confirmed(self, trial: Trial, found: dict[str, Mismatch]) -> dict[str, Mismatch]:
        """Those mismatches that are there with four times as many digits, too: the others are rounding of decimals."""
        if self.arithmetic.exact or any(mismatch.index is None for mismatch in found.values()):
            return found
        import mpmath

        with mpmath.workdps(4 * PRECISION):
            matrices = iter([*trial.inputs.values(), trial.G])
            try:
                again = Trial(self.exercise, trial.sizes, lambda shape: next(matrices), self.record)
                still = mismatches(again, again.claims_and_failures(self.arithmetic.carrier)[0], self.arithmetic)
            except Error:
                return found
        return {name: mismatch for name, mismatch in found.items() if name in still}

    def note_sides(self, trial: Trial, before: Mapping[Any, Mapping[bool, int]]) -> None:
        """Keep a trial for each side of each comparison of the claim."""
        for site, sides in self.record.sites.items():
            for side, times in sides.taken.items():
                if times > before.get(site, {}).get(side, 0):
                    self.sides.setdefault((site, side), trial)

    def points(self, sizes: dict[str, int], tries: int = TRIES) -> Iterator[Trial]:
        """Trials at generic numbers, as many as the arithmetic asks for, if there are some."""
        rng = random.Random(f"{sizes} {self.compared.total()}")
        for _ in range(self.arithmetic.points):
            drawn = (self.trial(sizes, self.arithmetic.drawn(self.exercise, rng, sizes), rng) for _ in range(tries))
            if (trial := next(filter(None, drawn), None)) is not None:
                yield trial

    def trial(
        self, sizes: dict[str, int], inputs: Mapping[str, Array], rng: random.Random, some: Fraction | None = None
    ) -> Trial | None:
        """A trial at given numbers, G anywhere, or one number in most places.

        None, with the reason noted, if forward has no derivative there.
        """
        before = {site: dict(sides.taken) for site, sides in self.record.sites.items()}
        self.record.course, self.before = 0, before
        try:
            trial = self.arithmetic.trial(
                self.exercise,
                sizes,
                inputs,
                lambda shape: REAL.matrix(
                    shape, lambda: REAL.number(rng, 97) if some is None or rng.random() < 0.3 else some
                ),
                self.record,
            )
        except UndefinedError as error:
            self.left_out[str(error)] += 1
            self.skipped.setdefault(tuple(sizes[d] for d in self.exercise.free), str(error))
            return None
        self.note_sides(trial, before)
        return trial


def why_undefined(error: BaseException | None) -> str:
    """The reason in words: of a division of Fractions by zero, Python only says `Fraction(1, 0)`."""
    return "a division by zero" if isinstance(error, ZeroDivisionError) else str(error)


def survey(exercise: Exercise, arithmetic: Arithmetic, also: dict[str, int] | None = None) -> Survey:
    """Try a claim at small shapes, at special matrices, and on both sides of its comparisons.

    Parameters
    ----------
    exercise, arithmetic
        What is tried, and in which numbers.
    also
        Sizes to try besides.

    Raises
    ------
    ClaimError
        If forward fails at some shape.
    """
    result = Survey(exercise, arithmetic)
    fits = None
    for sizes in (*exercise.small_sizes(), *([also] if also else [])):
        for trial in result.points(sizes):
            result.judge(trial)
        if result.settled:
            fits = fits_everywhere(exercise, arithmetic) if fits is None else fits
            if fits:
                return result
    if result.settled or (result.failures and not result.compared):
        return result
    if not isinstance(arithmetic, FloatArithmetic):  # which may overflow there, and be right
        try_special_matrices(result)
    if result.record.sites and not set(result.claimed) <= set(result.wrong):
        try_both_sides(result)
        try_courses(result)
    return result


def fits_everywhere(exercise: Exercise, arithmetic: Arithmetic) -> bool:
    """Whether a claim has the right shapes where all sizes differ, and does not fail: others would tell nothing new."""
    one = Survey(exercise, arithmetic)
    for trial in one.points(exercise.distinct_sizes()):
        one.judge(trial)
    return bool(one.claimed) and not one.failures and all(found.index is not None for found in one.found.values())


def try_special_matrices(result: Survey) -> None:
    """Zeros, ones, equal entries and one large entry, in each input by itself and in all."""
    exercise, rng = result.exercise, random.Random(6)
    special = (Fraction(0), Fraction(1), Fraction(1, 3), Fraction(10**6))
    names = exercise.differentiated
    together = [tuple(names)] if len(names) > 1 else []
    shapes = (1, 2) if result.record.sites and exercise.free else (2,)
    for size, number, chosen in product(shapes, special, [*((name,) for name in names), *together]):
        sizes = dict.fromkeys(exercise.free, size)
        inputs = result.arithmetic.drawn(exercise, rng, sizes)
        for name in chosen:
            shape = inputs[name].shape
            matrix = inputs[name].copy() if number > 10 else fill(shape, lambda *_, number=number: number)
            if number > 10 and matrix.size and result.arithmetic.exact:
                matrix[(0,) * matrix.ndim] = number
            if result.arithmetic.domain(name).has(matrix):
                inputs[name] = matrix
        if (trial := result.trial(sizes, inputs, rng)) is not None:
            result.judge(trial)


def try_both_sides(result: Survey) -> None:
    """Numbers near every threshold, of every size, and halfway between points on its two sides."""
    exercise, rng, arithmetic = result.exercise, random.Random(7), result.arithmetic
    shapes = [dict.fromkeys(exercise.free, size) for size in (1, 2)]
    for sizes in shapes:
        for name in exercise.differentiated:
            for number in near(result.record.thresholds):
                inputs = arithmetic.drawn(exercise, rng, sizes)
                matrix = inputs[name].copy()
                for index in np.ndindex(matrix.shape):
                    if rng.random() < 0.7:
                        matrix[index] = number
                if arithmetic.domain(name).has(matrix):
                    inputs[name] = matrix
                    if (trial := result.trial(sizes, inputs, rng)) is not None:
                        result.judge(trial)
        for number in near(result.record.thresholds) if exercise.with_g else ():
            drawn = arithmetic.drawn(exercise, rng, sizes)
            if (trial := result.trial(sizes, drawn, rng, some=number)) is not None:
                result.judge(trial)
    scales = () if isinstance(arithmetic, FloatArithmetic) else SCALES
    for sizes, scale in product(shapes, scales):
        if all(sides.missing is None for sides in result.record.sites.values()):
            break
        for chosen in (exercise.differentiated, *([name] for name in exercise.differentiated)):
            drawn = arithmetic.drawn(exercise, rng, sizes)
            scaled = {name: m * scale if name in chosen else m for name, m in drawn.items()}
            inputs = {name: m if arithmetic.domain(name).has(m) else drawn[name] for name, m in scaled.items()}
            if (trial := result.trial(sizes, inputs, rng)) is not None:
                result.judge(trial)
    for site in list(result.record.sites):
        halve(result, site, rng)


def try_courses(result: Survey) -> None:
    """Generic numbers at the sizes 3 and 4, as long as comparisons still take new courses, as in a sort."""
    exercise, rng = result.exercise, random.Random(8)
    for size in (3, 4) if exercise.free else (1,):
        sizes, idle, nodes = dict.fromkeys(exercise.free, size), 0, 0
        while idle < IDLE and nodes < MANY_NODES:
            known = len(result.courses)
            trial = result.trial(sizes, result.arithmetic.drawn(exercise, rng, sizes), rng)
            nodes += len(trial.order) if trial else MANY_NODES // TRIES
            if trial:
                result.judge(trial)
            idle = 0 if len(result.courses) > known else idle + 1


def near(thresholds: set[Fraction]) -> list[Fraction]:
    """Numbers at some thresholds, near them on both sides, and beyond."""
    some = sorted(thresholds, key=abs)[:8]
    steps = [sign * (abs(c) + (not c)) * Fraction(1, size) for c in some[:1] for sign in (1, -1) for size in (1000, 3)]
    found: dict[Fraction, None] = {}
    for c in some:
        for sign in (1, -1):
            found.update(dict.fromkeys((sign * c, sign * c * Fraction(1001, 1000), sign * c * Fraction(999, 1000))))
            found.update(dict.fromkeys((sign * c * 2, sign * c / 2)))
        found.update(dict.fromkeys(c + step for step in steps))
    return list(found)


def halve(result: Survey, site: Any, rng: random.Random) -> None:
    """Points ever nearer to a threshold, between two points on its two sides."""
    a, b = (result.sides.get((site, side)) for side in (True, False))
    if a is None or b is None or a.sizes != b.sizes:
        return
    sizes = {d: a.sizes[d] for d in result.exercise.free}
    ends = [
        {name: m if result.exercise.is_label(name) else rationals(m) for name, m in trial.inputs.items()}
        for trial in (a, b)
    ]
    sides: Sides = result.record.sites[site]
    for _ in range(HALVINGS):
        middle = {name: m if result.exercise.is_label(name) else (m + ends[1][name]) / 2 for name, m in ends[0].items()}
        before = dict(sides.taken)
        trial = result.trial(sizes, middle, rng)
        if trial is None:
            return
        result.judge(trial)
        ends[0 if sides.taken[True] > before[True] else 1] = middle


def rationals(matrix: Array) -> Array:
    """Observed numbers as Fractions, decimals to as many digits as a float has."""
    return fill(
        matrix.shape,
        lambda *index: Fraction(x) if isinstance(x := unobserved(matrix[index]), Fraction) else Fraction(float(x)),
    )


# ---------------------------------------------------------------------------------------------------------------------
# A finite field


def field_survey(exercise: Exercise) -> Survey | None:
    """Try a claim at random points of a finite field; None if layer or claim is no straight-line rational code."""
    rng, result = random.Random(3), Survey(exercise, Arithmetic(exact=True, domains=exercise.said))
    names = exercise.free
    larger = dict(zip(names, LARGER, strict=False)) if len(names) <= len(LARGER) else exercise.distinct_sizes(3)
    for sizes in [dict(items) for items in dict.fromkeys(tuple(s.items()) for s in (*exercise.small_sizes(), larger))]:
        try:
            compare_in_field(result, field_trial(exercise, sizes, rng))
        except Error:  # it needs another kind of number, or fails: other numbers will tell
            return None
        result.compared[tuple(sizes[d] for d in names)] += 1
        if result.wrong:
            return result
    return result


def compare_in_field(result: Survey, trial: Trial) -> None:
    """Compare the claim with what is right, and note the degrees; errors as for `Trial.claimed`, and InexactError."""
    for name, claim in trial.claimed(copy_of).items():
        right = trial.right[name]
        result.claimed[name] = None
        if claim.shape != right.shape:
            result.wrong[name] = trial
            continue
        for x, y in zip(claim.flat, right.flat, strict=True):
            a, b = in_field(x), in_field(y)
            if a.number != b.number:
                result.wrong[name] = trial
            result.divides = result.divides or a.below > 0
            result.degree = max(result.degree, a.above + b.below, b.above + a.below)


def field_trial(exercise: Exercise, sizes: dict[str, int], rng: random.Random) -> Trial:
    """A trial at numbers drawn uniformly from the field; labels as they are, symmetric matrices as such."""
    names, complete = iter(exercise.names), exercise.complete(sizes)

    def draw(shape: tuple[int, ...]) -> Array:
        name = next(names, "")
        domain = exercise.said.get(name, REAL)
        if domain.below:
            return labels(domain, complete, shape, rng)
        matrix = fill(shape, lambda *_: Residue(rng.randrange(PRIME), 1))
        return matrix + np.swapaxes(matrix, -1, -2) if domain.form else matrix

    return Trial(exercise, sizes, draw)


def in_field(x: Any) -> Residue:
    """A number as one of the field; an InexactError for what is not: a claim may hold anything."""
    if (found := residue(x)) is None:
        raise InexactError(f"{type(x).__name__} is not a number of the field")
    return found


# ---------------------------------------------------------------------------------------------------------------------
# The simplest counterexample


def table(*groups: Sequence[Fraction]) -> list[Fraction]:
    """A number for each byte: those of all groups, the simplest first, and then each group as often as another."""
    some = [group for group in groups if group]
    again = chain.from_iterable(zip(*map(cycle, some), strict=True))
    return list(islice(chain(*some, again), 256))


def simple_numbers(domain: Domain, pool: Sequence[Fraction]) -> list[Fraction]:
    """A table of numbers in a domain, or for a matrix of some form; the pool is of those that something depends on."""
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        return table([low + (high - low) * part for part in (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4))])
    if low is not None:
        return table(*([low + x for x in group if x > 0] for group in SIMPLE))
    if high is not None:
        return table(*([high - abs(x) - Fraction(1, 4) for x in group] for group in (*SIMPLE, pool)))
    return table(*SIMPLE, pool)


def simplest_trial(result: Survey, name: str, examples: int) -> Trial:
    """The simplest numbers that Hypothesis finds at which the claim for one input is false, at the sizes found.

    The trial is of plain numbers, as a person reads them.

    Raises
    ------
    MissingExtraError
        If Hypothesis is not installed.
    """
    try:
        from hypothesis import HealthCheck, Phase, assume, find, settings, strategies as st
        from hypothesis.errors import NoSuchExample, Unsatisfiable
        from hypothesis.extra.numpy import arrays
    except ModuleNotFoundError:
        raise MissingExtraError("the checker needs Hypothesis", "check") from None
    exercise, arithmetic, known = result.exercise, result.arithmetic, result.wrong[name]
    sizes = {d: known.sizes[d] for d in exercise.free}
    wrong_shape = result.found[name].index is None
    pool = near(result.record.thresholds)
    upstream = table([Fraction(1)], [Fraction(2)], *SIMPLE, pool)  # where G is forgotten 2 tells more than 0

    def matrices(shape: tuple[int, ...], numbers: Sequence[Fraction]) -> Any:
        size = math.prod(shape)
        if size >= FEW_NUMBERS:
            elements = st.sampled_from(numbers)
            return arrays(object, shape, elements=elements, fill=elements)  # one number, with few exceptions
        # a byte for each number, since Hypothesis takes its time for each thing that it draws
        places = st.binary(min_size=size, max_size=size)
        return places.map(lambda drawn: np.fromiter((numbers[k] for k in drawn), object, size).reshape(shape))

    drawn = []
    for each in exercise.names:
        domain, shape = arithmetic.domain(each), exercise.shape(each, sizes)
        drawn.append(st.integers(0, 9) if domain.below else matrices(shape, simple_numbers(domain, pool)))
    drawn.append(matrices(known.G.shape, upstream))

    def trial_at(numbers: Sequence[Any]) -> Trial:
        inputs = {}
        for each, chosen in zip(exercise.names, numbers, strict=False):
            domain, shape = arithmetic.domain(each), exercise.shape(each, sizes)
            if domain.below:
                inputs[each] = labels(domain, known.sizes, shape, random.Random(chosen))
            else:
                inputs[each] = domain.matrix(shape, partial(next, iter(chosen.flat)))
        return arithmetic.trial(exercise, sizes, inputs, lambda shape: numbers[-1], Record())

    def is_wrong(numbers: Sequence[Any]) -> bool:
        try:
            trial = trial_at(numbers)
        except (UndefinedError, InexactError, ClaimError):
            return assume(False)
        try:
            found = mismatches(trial, trial.claims_and_failures(arithmetic.carrier)[0], arithmetic).get(name)
        except ClaimError:
            return False
        return isinstance(found, Mismatch) and (found.index is None) is wrong_shape

    nodes = len(known.order)
    quiet = settings(
        max_examples=max(1, min(examples, examples * SMALL_GRAPH // max(nodes, 1))),
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if nodes <= 4 * SMALL_GRAPH else (Phase.generate,),
    )
    try:
        return trial_at(find(st.tuples(*drawn), is_wrong, settings=quiet))
    except (NoSuchExample, Unsatisfiable):
        return known
