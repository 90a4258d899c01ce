"""The search for a counterexample: the smallest sizes and the simplest numbers at which a claim is false.

>>> from .exercise import Exercise
>>> cube = Exercise.of(lambda X: X**3, lambda X, Y, G: 3 * X * G, {"X": "N"})
>>> found = failing_trial(cube, Arithmetic(exact=True), examples=60)
>>> found.sizes, found.inputs["X"].tolist(), found.G.tolist()
({'N': 1}, [Fraction(-1, 1)], [Fraction(1, 1)])
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

from ..arrays import Array, fill, objects
from ..engine.own import degree
from ..errors import InexactError, MissingExtraError, UndefinedError
from .arithmetic import Arithmetic
from .compare import Mismatch, differs
from .exercise import Exercise
from .trial import Trial

SMALL_GRAPH = 500
"""Nodes up to which a shape gets all examples; larger ones get fewer, and beyond four times as many none is shrunk."""

FEW_NUMBERS = 16
"""Entries from which on the numbers of a matrix are not drawn one by one."""

LARGER = (4, 5, 6, 3, 7)
"""The sizes, by dimension in order of appearance, at which polynomial layers are tried with 64-bit integers."""


def failing_trial(exercise: Exercise, arithmetic: Arithmetic, examples: int) -> Trial | None:
    """The simplest trial that was found at which the claim is false; None if there was none.

    Raises
    ------
    MissingExtraError
        If Hypothesis is not installed.
    """
    generic = failing_generic_trial(exercise, arithmetic)
    return simplest_trial(exercise, arithmetic, generic.sizes if generic else None, examples) or generic


def failing_generic_trial(exercise: Exercise, arithmetic: Arithmetic) -> Trial | None:
    """The smallest trial at which the claim is false for numbers that nothing special is true of.

    If it has a wrong shape where all sizes are different, that comes first: a shape tells more than a number.
    """
    rng = random.Random(0)
    first = None
    for sizes in exercise.small_sizes():
        try:
            trial = arithmetic.generic(exercise, rng, sizes)
        except UndefinedError:
            continue
        difference = differs(trial, arithmetic)
        if isinstance(difference, Mismatch) and difference.index is None:
            return trial
        if difference:
            first = first or trial
    return first


def simplest_trial(
    exercise: Exercise, arithmetic: Arithmetic, sizes: dict[str, int] | None, examples: int
) -> Trial | None:
    """The simplest numbers, by Hypothesis, at which the claim is false: at the sizes given, or at any from 1 to 3.

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
    low = 1 if arithmetic.positive else -3
    numbers = st.integers(low, 3).map(Fraction) | st.fractions(low, 3, max_denominator=4)
    typical = exercise.distinct_sizes() if sizes is None else sizes
    nodes = len(next(arithmetic.generics(exercise, random.Random(0), typical)).order)

    @st.composite
    def trials(draw: Any) -> Trial:
        def matrix(shape: tuple[int, ...]) -> Array:
            if math.prod(shape) < FEW_NUMBERS:
                return fill(shape, lambda *_: arithmetic.make(draw(numbers)))
            drawn = draw(arrays(object, shape, elements=numbers, fill=numbers))  # one number, with few exceptions
            return fill(shape, lambda *index: arithmetic.make(drawn[index]))

        chosen = {d: draw(st.integers(1, 3)) for d in exercise.free} if sizes is None else sizes
        try:
            return Trial(exercise, chosen, matrix)
        except (UndefinedError, InexactError):
            assume(False)
            raise

    quiet = settings(
        max_examples=max(1, min(examples, examples * SMALL_GRAPH // max(nodes, 1))),
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if nodes <= 4 * SMALL_GRAPH else (Phase.generate,),
    )
    try:
        return find(trials(), lambda trial: differs(trial, arithmetic) is not None, settings=quiet)
    except (NoSuchExample, Unsatisfiable):
        return None


def integer_trial(exercise: Exercise, arithmetic: Arithmetic) -> Trial | None:
    """A layer of polynomials at a larger shape and 64-bit integers; None if it is not known to be one.

    The integers are drawn uniformly from 2⁶⁴, so a false claim of the same degree, or a lower one, is right there with
    probability ≤ degree/2⁶⁴ (Schwartz and Zippel).
    """
    if not arithmetic.exact:
        return None
    names = exercise.free
    sizes = dict(zip(names, LARGER, strict=False)) if len(names) <= len(LARGER) else exercise.distinct_sizes()
    rng = random.Random(3)
    try:
        trial = Trial(exercise, sizes, lambda shape: fill(shape, lambda *_: Fraction(rng.getrandbits(64) - 2**63)))
    except UndefinedError:  # it bends at integers, as floor does, and no polynomial bends
        return None
    return None if gradient_degree(trial) is None else trial


def gradient_degree(trial: Trial) -> int | None:
    """The degree of the gradient as a polynomial in all numbers, G included; None if it is not known to be one.

    It is that of Y: a partial has one less, and G is one more factor.
    """
    degrees: dict[Any, int] = {}
    leaves = {leaf for matrix in trial.leaves.values() for leaf in objects(matrix).flat}
    for node in trial.order:
        if not node.inputs:
            degrees[node] = int(node in leaves)
        elif (found := degree(node, [degrees[x] for x in node.inputs])) is None:
            return None
        else:
            degrees[node] = found
    return max((degrees[y] for y in trial.outputs), default=0)
