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
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Array, entry_name, objects
from ..display import Shown, short, told_apart
from ..engine.numbers import Number, total
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import ClaimError, Error, InexactError, NotJudgedError
from .arithmetic import AGREEMENT, Arithmetic, arithmetic_for, many_digits
from .compare import Mismatch, mismatches
from .diagnosis import diagnose, right_by_correction
from .domains import REAL
from .exercise import Exercise, InputShapes
from .observed import unobserved
from .right_formula import derived_forward, right_formulas, text_of
from .room import with_room
from .search import Survey, field_survey, simplest_trial, survey, try_both_sides, try_special_matrices
from .tolerance import FloatArithmetic, allowed_error, relative_error, term_sizes
from .trial import Trial, map_entries

if TYPE_CHECKING:
    from ..derivation.results import Derivations

EXAMPLES = 60
"""How many matrices of small numbers Hypothesis draws to find a simpler counterexample than the one that was found."""

FEW = 20
"""The same for float code."""

MANY_NUMBERS = 36
"""Entries up to which a matrix is written in full, and `SOME_NUMBERS` if most of them are the same number."""

SOME_NUMBERS = 12

MANY_TERMS = 8
"""Terms of the chain rule that are printed."""

ALMOST = 1e-3
"""How near a wrong entry must be to the right one, relative to the largest, to speak of a constant."""


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
class InputVerdict:
    """What is found for one input: "right", "wrong", "not claimed" or "not judged"; if wrong, where and why."""

    input: str
    outcome: str
    message: str = ""
    diagnosis: str | None = None

    def __str__(self) -> str:
        return self.diagnosis or f"∂L/∂{self.input}: {self.message or self.outcome}"


SIGNS = {"right": ("✓", "green"), "wrong": ("✗", "red"), "not judged": ("?", "yellow"), "not claimed": ("-", "dim")}
"""How each outcome shows itself."""


@dataclass(frozen=True)
class Verdict(Shown):
    """Whether a claim is right, by which evidence, and if not, where it fails and why.

    A verdict has three values: right, and then it is true; wrong, and then it is false; and not judged, where forward
    can't be run, leaves the graph, or has no value anywhere tried. That one is neither.

    Attributes
    ----------
    correct
        True if the claim is right, False if it is wrong, None if it could not be judged.
    evidence
        What the verdict rests on: which numbers, how many points at which shapes, which sides of comparisons; for a
        wrong claim the difference.
    message
        One sentence.
    input
        The first input whose gradient is wrong, "" if none or all.
    counterexample
        Numbers at which it is wrong; None if it is not, or fails before numbers can be compared.
    diagnosis
        The mistake, if one of the common ones explains the claim exactly.
    findings
        The same for each input.

    Raises
    ------
    NotJudgedError
        If a verdict that is neither is asked for its truth, as by `if` or `assert`.
    """

    correct: bool | None
    evidence: tuple[str, ...]
    message: str
    input: str = ""
    counterexample: Counterexample | None = None
    diagnosis: str | None = None
    findings: tuple[InputVerdict, ...] = ()

    @property
    def outcome(self) -> str:
        """ "right", "wrong" or "not judged"."""
        return "not judged" if self.correct is None else "right" if self.correct else "wrong"

    def __bool__(self) -> bool:
        if self.correct is None:
            raise NotJudgedError(
                f"the claim was not judged, so it is neither right nor wrong: {self.message}; ask for verdict.outcome"
            )
        return self.correct

    @cached_property
    def right_formulas(self) -> dict[str, str]:
        """The right formula for each input whose gradient is wrong, where it is known: {"X": "∂L/∂X = G·Wᵀ"}.

        It is known if `derive` can give it, if it is one product or sum of the matrices at hand, or if a correction
        makes the claim right: {"X": "∂L/∂X = 2 · claim"}. It is looked for when it is asked for, and shown only if it
        is right by the checker's own judgement.
        """
        derive = self.__dict__.get("_derive")
        wrong = [row.input for row in self.findings if row.outcome == "wrong"] or [self.input]
        found = derive(wrong) if derive else {}
        return {name: found[name] for name in wrong if name in found}

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the formulas, and not how they would be found."""
        formulas = {"right_formulas": self.right_formulas}
        return {key: x for key, x in self.__dict__.items() if key != "_derive"} | formulas

    def to_json(self) -> str:
        """The verdict as JSON."""
        parts = {"outcome": self.outcome, **asdict(self), "right_formulas": self.right_formulas}
        return json.dumps(parts, ensure_ascii=False, indent=2)

    def __rich__(self) -> Any:
        from rich.text import Text

        sign, colour = SIGNS[self.outcome]
        said = "not judged: " if self.correct is None else ""
        lines = [Text(f"{sign} {said}{self.message}", f"bold {colour}")]
        if len(self.findings) > 1 and self.correct is False:
            for row in self.findings:
                sign, colour = SIGNS[row.outcome]
                lines.append(Text(f"  {sign} {row}", colour))
        if self.diagnosis:
            lines.append(Text(f"diagnosis: {self.diagnosis}", "bold"))
        lines += [Text(f"right: {formula}", "bold") for formula in self.right_formulas.values()]
        if c := self.counterexample:
            sizes = sizes_as_text(c.sizes)
            lines.append(Text(f"counterexample{': ' + sizes if sizes else ''}"))
            lines += [Text(f"  {name} = {matrix}") for name, matrix in [*c.inputs.items(), ("G", c.G)]]
            if c.terms:
                lines.append(Text(f"  ∂L/∂{c.entry} is {c.right}, the sum of the terms ∂y/∂{c.entry} · ∂L/∂y"))
                lines += [Text(f"    {term}") for term in c.terms[:MANY_TERMS]]
                if (more := len(c.terms) - MANY_TERMS) > 0:
                    lines.append(Text(f"    … and {counted(more, 'more term')}"))
        lines += [Text(f"evidence: {text}", "dim") for text in self.evidence]
        return Text("\n").join(lines)


def check(
    forward: Callable[..., Any] | str,
    gradients: Callable[..., Any],
    shapes: InputShapes,
    examples: int = EXAMPLES,
    tolerance: str | float | None = None,
    dtype: Any = np.float64,
) -> Verdict:
    """Whether the claimed gradients of a layer are right, exactly, for any upstream gradient G.

    Parameters
    ----------
    forward
        `forward(X, W, …) -> Y`: NumPy code that also runs on arrays of Values; Y of any shape, or a single number. Of
        a tuple (Y, cache) the first is taken. Or a formula as text, as `derive` takes it: "norm2(X*w - y)^2". If the
        claim is refuted, and `derive` can give the formula, the verdict shows it.
    gradients
        `gradients(X, W, …, Y, G)`: the gradients that are claimed, one for each input, as a tuple or as a dict by name,
        from arrays of numbers. G = ∂L/∂Y has the shape of Y. `...` in place of a gradient claims nothing. Without the
        parameter G it is a claim for a Y that is a single number, and G = 1.
    shapes
        The dimensions of each input, by names or numbers: `{"X": "N D", "W": "D M", "b": "M"}`; "" for a single number.
        After them may stand where its numbers are: "N in (0,1)", "N > 0", "N N spd" (symmetric, positive definite),
        "D D symmetric", or "N int<C" for labels from 0 to C - 1, which are not differentiated. Without that it is found
        out, for each input. A dimension can be made of others: "N 2*H", or `"D": "= 2*H"`. The same in texts:
        `["X: N D", "y: N int<C", "D = 2*H"]`.
    examples
        How many matrices of small numbers to draw in search of the simplest counterexample.
    tolerance
        For gradients that are float code, such as a backward pass in PyTorch: it is called with arrays of `dtype`, and
        may be off from the exact result by "ulp:8", 8 units in the last place of Σ |∂y/∂entry · ∂L/∂y|, the terms that
        an entry is the sum of, at the largest entry; or by a number such as 1e-6, relative to that.
    dtype
        float64 or float32, with a tolerance.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        If forward or gradients is not a function, a shape is not a text of names and numbers, or the tolerance is none.
    MissingExtraError
        If Hypothesis is not installed, or mpmath where it is needed.
    """
    exercise = Exercise.of(any_arrays if isinstance(forward, str) else forward, gradients, shapes)
    symmetric = frozenset(name for name, domain in exercise.said.items() if domain.form)
    if isinstance(forward, str):
        exercise = replace(exercise, forward=derived_forward(forward, exercise.dimensions, symmetric))
    exercise = with_room(exercise, claim=tolerance is None)
    verdict = verdict_on(exercise, gradients, examples, tolerance, dtype)
    if verdict.correct is False:
        in_question = partial(formulas_in_question, forward, exercise, symmetric)
        object.__setattr__(verdict, "_derive", in_question)  # when it is shown, since it takes a while
    return verdict


def any_arrays(*arrays: Any) -> Any:
    """Stands for a forward pass that is yet to be made of a text."""
    raise NotImplementedError


def formulas_in_question(
    forward: Callable[..., Any] | str, exercise: Exercise, symmetric: frozenset[str], wrong: list[str]
) -> dict[str, str]:
    """The right gradients as text, if they can be derived, and are right as the checker sees it; else by correction."""

    def is_right(found: Derivations) -> bool:
        names = list(found.shapes)

        def gradients(*arrays: Any) -> dict[str, Any]:
            by_name = dict(zip(exercise.names, arrays, strict=False))
            return dict(zip(names, found.gradients(*(by_name[n] for n in names), *arrays[-2:]), strict=True))

        with many_digits():
            return exact_verdict(replace(exercise, gradients=gradients, with_g=True), 0).correct is True

    text = forward if isinstance(forward, str) else text_of(forward, exercise.dimensions)
    try:
        found = right_formulas(text, not isinstance(forward, str), exercise.dimensions, symmetric, is_right)
        with many_digits():
            arithmetic = arithmetic_for(exercise)
            for name in wrong:
                if name and name not in found and (right := right_by_correction(exercise, name, arithmetic)):
                    found[name] = f"∂L/∂{name} = {right}"
    except (ClaimError, InexactError):
        return {}
    return found


def verdict_on(
    exercise: Exercise, gradients: Callable[..., Any], examples: int, tolerance: str | float | None, dtype: Any
) -> Verdict:
    """The verdict on an exercise, exactly or within a tolerance."""
    allowed = None if tolerance is None else allowed_error(tolerance, dtype)
    try:
        with many_digits():
            if allowed is None:
                return exact_verdict(exercise, examples)
            return float_verdict(exercise, allowed, dtype)
    except ClaimError as error:  # the forward pass fails
        return Verdict(None, (), str(error))


def exact_verdict(exercise: Exercise, examples: int) -> Verdict:
    """The claim in a finite field, if layer and claim are rational; else, or if it is wrong, in ordered numbers."""
    rational = field_survey(exercise)
    if rational and rational.claimed and not rational.wrong:
        return confirmed_in_field(rational)
    failing = next(iter(rational.wrong.values())).sizes if rational and rational.wrong else None
    also = {d: failing[d] for d in exercise.free} if failing else None
    try:
        result = survey(exercise, arithmetic_for(exercise), also)
    except InexactError:  # a constant is rounded at some shape only: 1 / N
        result = survey(exercise, arithmetic_for(exercise, kinds=(False,)), also)
    return judged(result, examples)


def judged(result: Survey, examples: int) -> Verdict:
    """The verdict on what was found."""
    if result.failures:
        return failed(result)
    if result.wrong:
        return refuted(result, examples)
    if not result.claimed:
        return nothing_to_judge(result)
    return confirmed(result)


def float_verdict(exercise: Exercise, allowed: float, dtype: Any) -> Verdict:
    """The same for float code, which may be off by an error relative to the terms of a gradient."""
    kind = arithmetic_for(exercise, claim=False)
    return judged(survey(exercise, FloatArithmetic(kind.exact, kind.domains, allowed=allowed, dtype=dtype)), FEW)


# ---------------------------------------------------------------------------------------------------------------------
# Right: what that rests on, and what it says


def confirmed_in_field(result: Survey) -> Verdict:
    """The verdict on a claim that is right in a finite field."""
    exercise, degree = result.exercise, max(result.degree, 1)
    evidence = [
        f"random points of the field of 2⁶¹ - 1 elements, {shapes_tried(exercise, result.compared, result.skipped)}: "
        f"layer and claim only add, multiply and divide, and a false claim of degree {degree} would pass with "
        f"probability ≤ {degree}/2⁶¹ at each"
    ]
    if result.divides:
        special = Survey(exercise, Arithmetic(True, exercise.said))
        with suppress(Error):  # these numbers are not what the verdict rests on
            try_special_matrices(special)
        evidence += undefined_at(special)
    return Verdict(
        True,
        tuple(evidence),
        f"right{without_g(exercise)}: {gradients_named(exercise, result.claimed)}",
        findings=findings(result, {}),
    )


def confirmed(result: Survey) -> Verdict:
    """The verdict on a claim that no trial refutes."""
    exercise, record, arithmetic = result.exercise, result.record, result.arithmetic
    points = counted(sum(result.compared.values()), "point")
    evidence = [f"{arithmetic.evidence}, {shapes_tried(exercise, result.compared, result.skipped)}, {points}"]
    if isinstance(arithmetic, FloatArithmetic):
        off, limit = (arithmetic.ulps(error) for error in (result.off.error, arithmetic.allowed))
        evidence.append(
            f"off by at most {off:.2g} ulp, relative to the terms that each gradient is the sum of; {limit:.3g} are "
            "allowed"
        )
    drawn = [f"{name} {domain}" for name, domain in arithmetic.domains.items() if domain != REAL]
    if drawn:
        evidence.append(f"drawn: {', '.join(drawn)}; all else, and G, anywhere")
    if result.off.error and not isinstance(arithmetic, FloatArithmetic):
        some = ", ".join(f"{c:.6g}" for c in sorted(record.constants)[:4])
        evidence.append(
            f"equal up to the rounding of float constants{f' ({some})' if some else ''}: off by at most "
            f"{result.off.error:.1e} of the largest entry, where rounding explains up to {result.off.bound:.1e}"
        )
    if record.cast:
        evidence.append("the claim computes in floats on its way: what it compares there is not seen")
    compared = [sides for sides in record.sites.values() if any(sides.taken.values())]
    met = [str(sides) for sides in compared if sides.missing is None]
    never = [f"{sides} {'true' if sides.missing else 'false'}" for sides in compared if sides.missing is not None]
    if met:
        ways = f"in {counted(len(result.courses), 'combination')}"
        evidence.append(f"both sides of {counted(len(met), 'comparison')} were met, {ways}: {listed(met)}")
    if never:
        evidence.append(f"never met, so not checked: {listed(never)}")
    if result.left_out:
        reasons = [f"{reason} ({times})" for reason, times in result.left_out.most_common()]
        points = counted(result.left_out.total(), "point")
        evidence.append(f"left out: {points} without a derivative: {listed(reasons)}")
    evidence += undefined_at(result)
    only = ", on the sides of its comparisons that were met" if never else ""
    within = " within the tolerance" if isinstance(arithmetic, FloatArithmetic) else ""
    message = f"right{within}{without_g(exercise)}{only}: {gradients_named(exercise, result.claimed)}"
    return Verdict(True, tuple(evidence), message, findings=findings(result, {}))


def undefined_at(result: Survey) -> list[str]:
    """Where the claim has no value though the layer has a derivative."""
    if not result.undefined:
        return []
    points, reasons = counted(result.undefined.total(), "point"), ", ".join(sorted(result.undefined)[:2])
    return [f"the claim has no value at {points} where the layer has a derivative: {reasons}"]


def nothing_to_judge(result: Survey) -> Verdict:
    """The verdict where no point could be compared."""
    if result.undefined:
        reason = next(iter(result.undefined))
        return Verdict(None, (), f"gradients has no value at any numbers tried: {reason}")
    if result.compared:
        return Verdict(None, (), "nothing is claimed yet: put gradients in place of ...")
    reason = next(iter(result.left_out), "no shape could be tried")
    return Verdict(None, (), f"forward has no derivative at any numbers tried: {reason}")


def counted(n: int, thing: str) -> str:
    """`1 point`, `2 points`."""
    return f"{n} {thing}{'' if n == 1 else 's'}"


def listed(texts: list[str]) -> str:
    """The first few, and how many more there are."""
    texts = list(dict.fromkeys(texts))
    return "; ".join(texts[:4]) + (f"; and {len(texts) - 4} more" if len(texts) > 4 else "")


def shapes_tried(
    exercise: Exercise, compared: Mapping[tuple[int, ...], int], skipped: Mapping[tuple[int, ...], str]
) -> str:
    """At which shapes a claim was compared, as it was counted; and which were left out, and why."""
    if not exercise.free:
        return "at the shapes given"
    small = [sizes for sizes in compared if max(sizes) <= 3]
    every = 3 ** len(exercise.free)
    text = f"at {'all ' if len(small) == every else ''}{len(small)} of {every} shapes of sizes 1 to 3"
    text = text.replace(f"all {every} of {every}", f"all {every}")
    larger = [sizes for sizes in compared if max(sizes) > 3]
    if larger:
        text += " and at " + "; ".join(
            sizes_as_text(dict(zip(exercise.free, sizes, strict=True))) for sizes in larger[:2]
        )
    missing = [(sizes, why) for sizes, why in skipped.items() if sizes not in compared]
    if missing:
        names = "; ".join(sizes_as_text(dict(zip(exercise.free, sizes, strict=True))) for sizes, _ in missing[:3])
        text += f" (left out: {names}{', …' if len(missing) > 3 else ''}: {missing[0][1]})"
    return text


def sizes_as_text(sizes: Mapping[str, int]) -> str:
    """`N = 2, D = 3`."""
    return ", ".join(f"{name} = {size}" for name, size in sizes.items())


def without_g(exercise: Exercise) -> str:
    """A remark on a claim that knows no G."""
    return "" if exercise.with_g else " for G = 1 (multiply by G for any upstream gradient)"


def gradients_named(exercise: Exercise, claims: Any) -> str:
    """`∂L/∂X, ∂L/∂W`: what the claim speaks of, and what it is silent about."""
    claimed = list(claims)
    silent = [name for name in exercise.differentiated if name not in claimed]
    text = ", ".join(f"∂L/∂{name}" for name in claimed)
    return f"{text} (nothing is claimed for {', '.join(silent)})" if silent else text


def findings(result: Survey, diagnoses: Mapping[str, str | None]) -> tuple[InputVerdict, ...]:
    """What is found for each input."""
    rows = []
    for name in result.exercise.differentiated:
        mismatch = result.found.get(name)
        if mismatch is None and name in result.failures:
            # a claim that fails for all may fail because of another
            alone = len(result.failures) < len(result.exercise.differentiated) or len(result.failures) == 1
            wrong = alone or diagnoses.get(name) is not None
            message = str(result.failures[name][0])
            rows.append(InputVerdict(name, "wrong" if wrong else "not judged", message, diagnoses.get(name)))
            continue
        if mismatch is None:
            rows.append(InputVerdict(name, "right" if name in result.claimed else "not claimed"))
            continue
        if mismatch.index is None:
            message = f"claims the shape {mismatch.claimed} for {name} of shape {mismatch.right}"
        else:
            message = "wrong: {} is claimed, and {} is right".format(*told_apart(mismatch.claimed, mismatch.right))
        rows.append(InputVerdict(name, "wrong", message, diagnoses.get(name)))
    return tuple(rows)


# ---------------------------------------------------------------------------------------------------------------------
# Wrong: the counterexample


def refuted(result: Survey, examples: int) -> Verdict:
    """The verdict on a claim that differs: the simplest numbers at which it does, and a row for each input."""
    arithmetic = result.arithmetic
    name = first_wrong(result)
    trial = simplest_trial(result, name, examples)
    claims = trial.claims_and_failures(arithmetic.carrier)[0]
    found = mismatches(trial, claims, arithmetic).get(name)
    difference = result.found[name] = found if isinstance(found, Mismatch) else result.found[name]
    message, example = counterexample(with_plain_numbers(trial, arithmetic), difference, arithmetic)
    if isinstance(arithmetic, FloatArithmetic) and difference.index is not None:
        error = relative_error(difference.claimed, difference.right, term_sizes(trial)[name])
        off, limit = arithmetic.ulps(error), arithmetic.ulps(arithmetic.allowed)
        message += f": off by {off:.3g} ulp, and {limit:.3g} are allowed"
    diagnoses = {wrong: diagnosis_of(result, wrong) for wrong in result.wrong}
    if result.record.sites and None in diagnoses.values():
        try_both_sides(result)
        for wrong in [wrong for wrong, text in diagnoses.items() if text is None]:
            if side := result.right_side(wrong):
                diagnoses[wrong] = f"∂L/∂{wrong}: {side}"
    at = sizes_as_text(trial.sizes) or "the shapes given"
    what = (
        "has another shape"
        if difference.index is None
        else f"differs by {short(abs(number_for(difference.claimed, arithmetic) - difference.right))}"
    )
    evidence = [f"{what} at {at}: {arithmetic.evidence.split(':')[0]}"]
    if hint := constant_mistaken(result, name):
        message += f"; {hint}"
    return Verdict(False, tuple(evidence), message, name, example, diagnoses[name], findings(result, diagnoses))


def without_dust(x: Number) -> Number:
    """A number, and 0 for what differs from it by the rounding of fifty digits."""
    return 0 if not isinstance(x, (int, Fraction)) and abs(x) * 10**AGREEMENT < 1 else x


def number_for(x: Number, arithmetic: Arithmetic) -> Number:
    """A claimed number that may be a float, as one of the arithmetic."""
    return arithmetic.make(Fraction(x)) if isinstance(x, float) and x - x == 0 else x


def first_wrong(result: Survey) -> str:
    """The input to show: one with a wrong shape if there is one, else that of the smallest trial, in order."""
    shapes = [name for name, mismatch in result.found.items() if mismatch.index is None]
    if shapes:
        return shapes[0]
    order = list(result.claimed)
    return min(result.wrong, key=lambda name: (sum(result.wrong[name].sizes.values()), order.index(name)))


def constant_mistaken(result: Survey, name: str) -> str:
    """A sentence on a claim that is nearly right, where float constants were met; "" if it is not so."""
    mismatch, record = result.found[name], result.record
    if mismatch.index is None or not record.constants:
        return ""
    difference = abs(number_for(mismatch.claimed, result.arithmetic) - mismatch.right)
    if not 0 < difference <= ALMOST * abs(mismatch.right):
        return ""
    kind = result.arithmetic
    if isinstance(kind, FloatArithmetic) and difference <= kind.roundings * abs(mismatch.right):
        return ""
    some = ", ".join(f"{c:.10g}" for c in sorted(record.constants)[:4])
    return (
        f"at other numbers it is off by {float(difference / abs(mismatch.right)):.1e} of the right one, more than "
        f"rounding explains: a constant is wrong, or has too few digits ({some})"
    )


def failed(result: Survey) -> Verdict:
    """The verdict on a claim that fails for an input: wrong if it fails on floats too, else it can't be judged."""
    failure, trial = min(result.failures.values(), key=lambda failure: sum(failure[1].sizes.values()))
    sizes = sizes_as_text(trial.sizes)
    message = f"{failure}{f' (at {sizes})' if sizes else ''}"
    if isinstance(failure.__cause__, InexactError) or (failure.__cause__ and not claim_fails_on_floats(trial)):
        return Verdict(
            None,
            (),
            f'{message}; it runs on floats: check it as float code, with tolerance="ulp:8", or keep to NumPy '
            "functions that Values have too",
        )
    names = list(dict.fromkeys([*result.failures, *result.wrong]))
    diagnoses = {name: diagnosis_of(result, name) for name in names}
    name = next((name for name in names if diagnoses[name]), names[0] if len(names) == 1 else "")
    return Verdict(
        False,
        (f"gradients can't be compared at {sizes or 'the shapes given'}",),
        message,
        name,
        None,
        diagnoses.get(name),
        findings(result, diagnoses),
    )


def claim_fails_on_floats(trial: Trial) -> bool:
    """Whether the claim fails on plain floats as well."""
    try:
        trial.claimed(lambda matrix: map_entries(lambda x: float(unobserved(x)), matrix).astype(float)[()])
    except ClaimError:
        return True
    return False


def with_plain_numbers(trial: Trial, arithmetic: Arithmetic) -> Trial:
    """The same trial at numbers that notice nothing, as a person reads them."""
    matrices = iter([*trial.inputs.values(), trial.G])
    try:
        return Trial(trial.exercise, trial.sizes, lambda shape: map_entries(unobserved, next(matrices)))
    except Error:
        return trial


def diagnosis_of(result: Survey, name: str) -> str | None:
    """The common mistake that explains the claim for one input; None if there is none."""
    arithmetic = result.arithmetic
    if isinstance(arithmetic, FloatArithmetic):  # a correction of float code may be off by some more roundings
        arithmetic = replace(arithmetic, allowed=max(arithmetic.allowed, arithmetic.roundings))
    text = diagnose(result.exercise, name, arithmetic, branches=bool(result.record.sites))
    return f"∂L/∂{name}: {text}" if text else None


def counterexample(trial: Trial, difference: Mismatch, arithmetic: Arithmetic) -> tuple[str, Counterexample]:
    """The difference in one sentence, and the numbers at which it is."""
    name, index = difference.input, difference.index
    inputs, G = {x: matrix_as_text(matrix) for x, matrix in trial.inputs.items()}, matrix_as_text(trial.G)
    if index is None:
        claimed, right = str(difference.claimed), str(difference.right)
        message = f"∂L/∂{name}: claims the shape {claimed} for {name} of shape {right}"
        return message, Counterexample(trial.sizes, inputs, G, name, claimed, right, ())
    entry = entry_name(name, index)
    claimed, right = told_apart(*(without_dust(x) for x in (difference.claimed, difference.right)))
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
    common, times = Counter(texts.flat).most_common(1)[0] if texts.size else ("", 0)
    if texts.size <= (SOME_NUMBERS if 2 * times > texts.size else MANY_NUMBERS):
        return str(texts.tolist()).replace("'", "")
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
        error = trial.claims_and_failures(arithmetic.carrier)[0][name][index] - trial.right[name][index]
        other = next(arithmetic.generics(trial.exercise, random.Random(5), trial.sizes))
        claim = other.claims_and_failures(arithmetic.carrier)[0][name][index]
    except (ClaimError, IndexError, KeyError, StopIteration):
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
