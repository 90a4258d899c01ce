"""Check a gradient that you derived by hand: an exact verdict, the smallest counterexample, and what went wrong.

    >>> def forward(X, W): return X @ W
    >>> def gradients(X, W, Y, G): return G @ W, X.T @ G     # the first should be G @ W.T
    >>> print(check(forward, gradients, {"X": "N D", "W": "D M"}).diagnosis)
    ∂L/∂X: W must be transposed: G · Wᵀ is right, and G · W was claimed

`forward` is ordinary NumPy code, and runs on arrays of Values; `gradients` is what you claim, for any upstream
G = ∂L/∂Y. The scalar graph knows the right gradient entry by entry, in exact numbers. Where the two differ, the
smallest shape is found, and Hypothesis shrinks the numbers.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations, islice
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, objects
from ..display import Shown, short, told_apart
from ..engine.numbers import Number, total
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import ClaimError
from .arithmetic import Arithmetic, arithmetic_for, many_digits
from .compare import Mismatch, differs
from .diagnosis import diagnose
from .exercise import Exercise
from .search import failing_trial, gradient_degree, integer_trial
from .tolerance import allowed_error, measure
from .trial import Trial, map_entries

EXAMPLES = 60
"""Matrices of small numbers that are drawn, besides the generic ones, before a claim counts as right."""

MANY_NUMBERS = 36
"""Entries up to which a matrix is written in full."""


@dataclass(frozen=True)
class Counterexample:
    """The smallest shape and the simplest numbers at which a claim is false, as text.

    `terms` are those of the chain rule for the entry, ∂y/∂entry · ∂L/∂y, whose sum is right.
    """

    sizes: dict[str, int]
    inputs: dict[str, str]
    G: str
    entry: str
    claimed: str
    right: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Verdict(Shown):
    """Whether a claim is right (then the verdict is true), by which evidence, and if not, where it fails and why.

    Attributes
    ----------
    correct
        True if no difference was found.
    evidence
        What the verdict rests on: for a right claim each kind of numbers, for a wrong one the numbers of the
        counterexample.
    message
        One sentence.
    input
        The input whose gradient is wrong, "" if none or all.
    counterexample
        Numbers at which it is wrong; None if it is right, or fails before numbers can be compared.
    diagnosis
        The mistake, if one of the common ones explains the claim exactly.
    """

    correct: bool
    evidence: tuple[str, ...]
    message: str
    input: str = ""
    counterexample: Counterexample | None = None
    diagnosis: str | None = None

    def __bool__(self) -> bool:
        return self.correct

    def to_json(self) -> str:
        """The verdict as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    def __rich__(self) -> Any:
        from rich.text import Text

        lines = [Text(f"{'✓' if self.correct else '✗'} {self.message}", "bold green" if self.correct else "bold red")]
        if self.diagnosis:
            lines.append(Text(f"diagnosis: {self.diagnosis}", "bold"))
        if c := self.counterexample:
            sizes = sizes_as_text(c.sizes)
            lines.append(Text(f"counterexample{': ' + sizes if sizes else ''}"))
            lines += [Text(f"  {name} = {matrix}") for name, matrix in [*c.inputs.items(), ("G", c.G)]]
            if c.terms:
                lines.append(Text(f"  ∂L/∂{c.entry} is {c.right}, the sum of the terms ∂y/∂{c.entry} · ∂L/∂y"))
                lines += [Text(f"    {term}") for term in c.terms]
        lines += [Text(f"evidence: {text}", "dim") for text in self.evidence]
        return Text("\n").join(lines)


def check(
    forward: Callable[..., Any],
    gradients: Callable[..., Any],
    shapes: Mapping[str, str],
    examples: int = EXAMPLES,
    tolerance: str | float | None = None,
    dtype: Any = np.float64,
) -> Verdict:
    """Whether the claimed gradients of a layer are right, exactly, for any upstream gradient G.

    Parameters
    ----------
    forward
        `forward(X, W, …) -> Y`: NumPy code that also runs on arrays of Values; Y of any shape, or a single number.
    gradients
        `gradients(X, W, …, Y, G)`: the gradients that are claimed, one for each input, as a tuple or as a dict by name,
        from arrays of numbers. G = ∂L/∂Y has the shape of Y.
    shapes
        The dimensions of each input, by names or numbers: `{"X": "N D", "W": "D M", "b": "M"}`; "" for a single number.
    examples
        How many matrices of small numbers to draw besides the generic ones.
    tolerance
        For gradients that are float code, such as a backward pass in PyTorch: it is called with arrays of `dtype`, and
        may be off from the exact result by "ulp:8", 8 units in the last place of the largest entry of the gradient, or
        by a number such as 1e-6, relative to that entry.
    dtype
        float64 or float32, with a tolerance.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If forward or gradients is not a function, a shape is not a text of names and numbers, or the tolerance is none.
    MissingExtraError
        If Hypothesis is not installed, or mpmath where it is needed.
    """
    exercise = Exercise.of(forward, gradients, shapes)
    allowed = None if tolerance is None else allowed_error(tolerance, dtype)
    try:
        with many_digits():
            return exact_verdict(exercise, examples) if allowed is None else float_verdict(exercise, allowed, dtype)
    except ClaimError as error:  # the forward pass fails
        return Verdict(False, (), str(error))


def exact_verdict(exercise: Exercise, examples: int) -> Verdict:
    """The claim at many trials, each beside the scalar graph; then, for polynomials, at large random integers."""
    arithmetic = arithmetic_for(exercise)
    failing = failing_trial(exercise, arithmetic, examples)
    larger = None if failing else integer_trial(exercise, arithmetic)
    for trial in (failing, larger):
        if trial and (difference := differs(trial, arithmetic)):
            return refuted(trial, difference, arithmetic)
    return confirmed(exercise, arithmetic, larger)


def float_verdict(exercise: Exercise, allowed: float, dtype: Any) -> Verdict:
    """The same for float code, which may be off by an error relative to the largest entry of a gradient."""
    found = measure(exercise, allowed, dtype)
    eps = float(np.finfo(dtype).eps)
    off, limit = found.worst / eps, allowed / eps
    if isinstance(found.first, Mismatch) and found.first.index is not None:
        message, example = counterexample(found.trial, found.first, found.arithmetic)
        message = f"{message}: off by {off:.3g} ulp, and {limit:.3g} are allowed"
        return Verdict(False, (found.arithmetic.evidence,), message, found.first.input, example)
    if found.first:
        return refuted(found.trial, found.first, found.arithmetic)
    evidence = (
        f"{np.dtype(dtype)} results within {off:.2g} ulp of the exact ones, relative to the largest entry of "
        f"each gradient, {shapes_tried(exercise)}; {limit:.3g} are allowed"
    )
    return Verdict(True, (evidence,), f"right within the tolerance: {gradients_named(exercise, found.claims)}")


# ---------------------------------------------------------------------------------------------------------------------
# Right: what that rests on, and what it says


def confirmed(exercise: Exercise, arithmetic: Arithmetic, larger: Trial | None) -> Verdict:
    """The verdict on a claim that no trial refutes, the one at large random integers among them, if there is one."""
    evidence = [f"{arithmetic.evidence}, {shapes_tried(exercise)}"]
    if takes_branches(exercise, arithmetic):
        evidence.append(
            "forward takes different paths at different numbers (an `if` on data?): those that were met are checked"
        )
    if larger:
        at = sizes_as_text(larger.sizes) or "the shapes given"
        chance = f"would pass with probability ≤ {gradient_degree(larger)}/2⁶⁴"
        evidence.append(f"random 64-bit integers at {at}: a false claim of this degree, or a lower one, {chance}")
    typical = next(arithmetic.generics(exercise, random.Random(0), exercise.distinct_sizes()))
    claims = typical.claimed(arithmetic.carrier)
    return Verdict(True, tuple(evidence), f"right: {gradients_named(exercise, claims)}")


def shapes_tried(exercise: Exercise) -> str:
    """At which shapes a claim is tried."""
    return "at all shapes of sizes 1 to 3" if exercise.free else "at the shapes given"


def sizes_as_text(sizes: Mapping[str, int]) -> str:
    """`N = 2, D = 3`."""
    return ", ".join(f"{name} = {size}" for name, size in sizes.items())


def gradients_named(exercise: Exercise, claims: Iterable[str]) -> str:
    """`∂L/∂X, ∂L/∂W`: what the claim speaks of, and what it is silent about."""
    claimed = list(claims)
    silent = [name for name in exercise.names if name not in claimed]
    text = ", ".join(f"∂L/∂{name}" for name in claimed)
    return f"{text} (nothing is claimed for {', '.join(silent)})" if silent else text


def takes_branches(exercise: Exercise, arithmetic: Arithmetic) -> bool:
    """Whether the operations of the graph depend on the numbers, and not on the shapes only."""
    trials = arithmetic.generics(exercise, random.Random(4), exercise.distinct_sizes())
    return len({tuple(node._op for node in trial.order) for trial in islice(trials, 8)}) > 1


# ---------------------------------------------------------------------------------------------------------------------
# Wrong: the counterexample


def refuted(trial: Trial, difference: Mismatch | ClaimError, arithmetic: Arithmetic) -> Verdict:
    """The verdict on a claim that fails at a trial."""
    evidence = (arithmetic.evidence,)
    if isinstance(difference, Mismatch):
        message, example = counterexample(trial, difference, arithmetic)
        diagnosis = diagnosis_of(trial.exercise, [difference.input], arithmetic)[1]
        return Verdict(False, evidence, message, difference.input, example, diagnosis)
    name, diagnosis = diagnosis_of(trial.exercise, trial.exercise.names, arithmetic)
    sizes = sizes_as_text(trial.sizes)
    return Verdict(False, evidence, f"{difference}{f' (at {sizes})' if sizes else ''}", name, None, diagnosis)


def diagnosis_of(exercise: Exercise, names: list[str], arithmetic: Arithmetic) -> tuple[str, str | None]:
    """The first input whose claim is explained by a common mistake, and the mistake; "" and None if there is none."""
    for name in names:
        if text := diagnose(exercise, name, arithmetic):
            return name, f"∂L/∂{name}: {text}"
    return "", None


def counterexample(trial: Trial, difference: Mismatch, arithmetic: Arithmetic) -> tuple[str, Counterexample]:
    """The difference in one sentence, and the numbers at which it is."""
    name, index = difference.input, difference.index
    inputs, G = {x: matrix_as_text(matrix) for x, matrix in trial.inputs.items()}, matrix_as_text(trial.G)
    if index is None:
        claimed, right = str(difference.claimed), str(difference.right)
        message = f"∂L/∂{name}: claims the shape {claimed} for {name} of shape {right}"
        return message, Counterexample(trial.sizes, inputs, G, name, claimed, right, ())
    entry = entry_name(name, index)
    claimed, right = told_apart(difference.claimed, difference.right)
    marks = missed_or_doubled(trial, name, index, arithmetic)
    terms = tuple(
        f"{entry_name('y', where_y)}: {short(dy)} · {short(trial.G[where_y])}{mark}"
        for (where_y, dy), mark in zip(terms_of(trial, name, index), marks, strict=True)
    )
    message = f"∂L/∂{entry}: {claimed} is claimed, and {right} is right"
    return message, Counterexample(trial.sizes, inputs, G, entry, claimed, right, terms)


def matrix_as_text(matrix: Array) -> str:
    """A matrix as nested lists of short numbers; a large one by its commonest number and the first exceptions."""
    texts = map_entries(short, matrix)
    if matrix.size <= MANY_NUMBERS:
        return str(texts.tolist()).replace("'", "")
    common = Counter(texts.flat).most_common(1)[0][0]
    others = [f"{list(index)} = {text}" for index, text in np.ndenumerate(texts) if text != common]
    but = f", but {', '.join(others[:4])}{', …' if len(others) > 4 else ''}" if others else ""
    return f"{'×'.join(map(str, matrix.shape))} of {common}{but}"


def terms_of(trial: Trial, name: str, index: tuple[int, ...]) -> list[tuple[tuple[int, ...], Number]]:
    """(index of y, ∂y/∂entry) for each y that is made of the entry."""
    leaf = objects(trial.leaves[name])[index]
    partials = [(where_y, adjoints(y).get(leaf)) for where_y, y in np.ndenumerate(trial.Y) if isinstance(y, Value)]
    return [(where_y, dy) for where_y, dy in partials if dy is not None]


def missed_or_doubled(trial: Trial, name: str, index: tuple[int, ...], arithmetic: Arithmetic) -> list[str]:
    """A remark on each term, where leaving out or doubling one or two explains the claim, here and at generic numbers.

    Terms that are 0 here have no remark: the claim shown is the same with and without them.
    """
    shown = [dy * trial.G[where_y] for where_y, dy in terms_of(trial, name, index)]
    none = [""] * len(shown)
    try:
        error = trial.claimed(arithmetic.carrier)[name][index] - trial.right[name][index]
        other = next(arithmetic.generics(trial.exercise, random.Random(5), trial.sizes))
        claim = other.claimed(arithmetic.carrier)[name][index]
    except (ClaimError, IndexError, KeyError):
        return none
    products = [dy * other.G[where_y] for where_y, dy in terms_of(other, name, index)]
    if len(products) != len(none):
        return none
    right = other.right[name][index]
    scale = max((abs(x) for x in products), default=0)
    for count in (1, 2):
        for chosen in combinations(range(len(products)), count):
            extra = total(*[products[k] for k in chosen])
            for sign, mark in ((-1, "   ← missed by the claim"), (1, "   ← doubled by the claim")):
                here = sign * total(*[shown[k] for k in chosen])
                if arithmetic.same(claim, right + sign * extra, scale) and arithmetic.same(error, here, abs(error)):
                    return [mark if k in chosen and shown[k] != 0 else "" for k in range(len(products))]
    return none
