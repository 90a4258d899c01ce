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
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import combinations, islice, product
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, fill, objects
from ..display import Shown, short, told_apart
from ..engine.numbers import Number, total
from ..engine.ops import ConstantPower
from ..engine.paths import size
from ..engine.sweep import adjoints, topological_order
from ..engine.value import Value
from ..errors import ClaimError, InexactError, UndefinedError
from .diagnosis import diagnose
from .trial import (
    DIGITS,
    Arithmetic,
    Instance,
    Mismatch,
    Problem,
    arithmetic_for,
    claimed_gradients,
    differs,
    distinct_sizes,
    generic,
    generics,
    instance,
    problem,
)

EXAMPLES = 60
"""Matrices of small numbers that are drawn, besides the generic ones, before a claim counts as right."""

SMALL_GRAPH = 500
"""Nodes up to which a shape gets all examples; larger ones get fewer, and beyond four times as many none is shrunk."""

MANY_NUMBERS = 36
"""Entries up to which a matrix is written in full."""

FEW_NUMBERS = 16
"""Entries up to which each number of a matrix is drawn by itself."""

LARGER = (4, 5, 6, 3, 7)
"""The sizes, by dimension in order of appearance, at which polynomial layers are tried with 64-bit integers."""

# ---------------------------------------------------------------------------------------------------------------------
# Search


def small_sizes(task: Problem) -> list[dict[str, int]]:
    """Sizes of the dimensions from 1 to 3, small shapes first, and last one with all sizes different."""
    every = sorted(product(range(1, 4), repeat=len(task.free)), key=lambda sizes: (sum(sizes), sizes))
    return [dict(zip(task.free, sizes, strict=True)) for sizes in every] + [distinct_sizes(task)]


def failing_sizes(task: Problem, arithmetic: Arithmetic, rng: random.Random) -> dict[str, int] | None:
    """The smallest sizes at which the claim is false for numbers that nothing special is true of.

    If it has a wrong shape where all sizes are different, that comes first: a shape tells more than a number.
    """
    failing = {}
    for position, sizes in enumerate(small_sizes(task)):
        try:
            if difference := differs(task, generic(task, arithmetic, rng, sizes), arithmetic):
                failing[position] = sizes, isinstance(difference, Mismatch) and difference.index is None
        except UndefinedError:
            continue
    shaped = [sizes for sizes, wrong_shape in failing.values() if wrong_shape]
    return next(iter(shaped), next((sizes for sizes, _ in failing.values()), None))


def simplest_instance(
    task: Problem, arithmetic: Arithmetic, sizes: dict[str, int] | None, examples: int
) -> Instance | None:
    """The simplest numbers, by Hypothesis, at which the claim is false: at the sizes given, or at any from 1 to 3.

    Raises
    ------
    ModuleNotFoundError
        If Hypothesis is not installed.
    """
    try:
        from hypothesis import HealthCheck, Phase, assume, find, settings
        from hypothesis import strategies as st
        from hypothesis.errors import NoSuchExample, Unsatisfiable
        from hypothesis.extra.numpy import arrays
    except ModuleNotFoundError:
        raise ModuleNotFoundError('the checker needs Hypothesis: install the extra "check"') from None
    low = 1 if arithmetic.positive else -3
    numbers = st.integers(low, 3).map(Fraction) | st.fractions(low, 3, max_denominator=4)
    nodes = size(list(generic(task, arithmetic, random.Random(0), sizes or distinct_sizes(task)).Y.flat))

    @st.composite
    def instances(draw: Any) -> Instance:
        def matrix(shape: tuple[int, ...]) -> Array:
            if math.prod(shape) < FEW_NUMBERS:
                return fill(shape, lambda *_: arithmetic.make(draw(numbers)))
            drawn = draw(arrays(object, shape, elements=numbers, fill=numbers))  # one number, with few exceptions
            return fill(shape, lambda *index: arithmetic.make(drawn[index]))

        chosen = sizes or {d: draw(st.integers(1, 3)) for d in task.free}
        try:
            return instance(task, chosen, matrix)
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
        return find(instances(), lambda found: differs(task, found, arithmetic) is not None, settings=quiet)
    except (NoSuchExample, Unsatisfiable):
        return None


# ---------------------------------------------------------------------------------------------------------------------
# Verdict


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
    """Whether a claim is right, by which evidence, and if not, where it fails and why.

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

    def to_json(self) -> str:
        """The verdict as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    def __rich__(self) -> Any:
        from rich.text import Text

        lines = [Text(f"{'✓' if self.correct else '✗'} {self.message}", "bold green" if self.correct else "bold red")]
        if self.diagnosis:
            lines.append(Text(f"diagnosis: {self.diagnosis}", "bold"))
        if self.counterexample:
            c = self.counterexample
            sizes = ", ".join(f"{name} = {size}" for name, size in c.sizes.items())
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
    TypeError, ValueError
        If forward or gradients is not a function, a shape is not a text of names and numbers, or the tolerance is none.
    ModuleNotFoundError
        If Hypothesis is not installed, or mpmath where it is needed.
    """
    task = problem(forward, gradients, shapes)
    with digits():
        if tolerance is not None:
            return rounded_verdict(task, relative_error(tolerance, dtype), dtype)
        return verdict(task, examples)


def digits() -> AbstractContextManager[Any]:
    """mpmath at DIGITS digits, if it is installed."""
    try:
        import mpmath
    except ModuleNotFoundError:
        return nullcontext()
    return mpmath.workdps(DIGITS)  # type: ignore[no-any-return]


def verdict(task: Problem, examples: int) -> Verdict:
    """`check` for a problem that makes sense."""
    rng = random.Random(0)
    try:
        arithmetic = arithmetic_for(task)
    except ClaimError as error:
        return Verdict(False, (), str(error))
    sizes = failing_sizes(task, arithmetic, rng)
    found = simplest_instance(task, arithmetic, sizes, examples)
    if sizes and not found:  # only numbers out of the ordinary tell
        found = next(f for f in generics(task, arithmetic, rng, sizes) if differs(task, f, arithmetic))
    if found is None:
        evidence = [f"{arithmetic.evidence}, {tried(task)}"]
        if branches(task, arithmetic):
            evidence.append(
                "forward takes different paths at different numbers (an `if` on data?): those that were met are checked"
            )
        wrong, text = larger_shapes(task, arithmetic)
        if wrong is None:
            return Verdict(True, (*evidence, *([text] if text else [])), f"right: {claimed_names(task, arithmetic)}")
        found = wrong
    difference = differs(task, found, arithmetic)
    return refuted(task, found, difference, arithmetic)


def tried(task: Problem) -> str:
    """At which shapes a claim is tried."""
    return "at all shapes of sizes 1 to 3" if task.free else "at the shapes given"


def claimed_names(task: Problem, arithmetic: Arithmetic) -> str:
    """`∂L/∂X, ∂L/∂W`: what the claim speaks of, and what it is silent about."""
    found = next(generics(task, arithmetic, random.Random(0), distinct_sizes(task)))
    claims = claimed_gradients(task, found, arithmetic.carrier)
    silent = [name for name in task.names if name not in claims]
    text = ", ".join(f"∂L/∂{name}" for name in claims)
    return f"{text} (nothing is claimed for {', '.join(silent)})" if silent else text


def branches(task: Problem, arithmetic: Arithmetic) -> bool:
    """Whether the operations of the graph depend on the numbers, and not on the shapes only."""
    seen = set()
    rng = random.Random(4)
    numbered = generics(task, arithmetic, rng, distinct_sizes(task))
    for found in islice(numbered, 8):
        order = topological_order([y for y in found.Y.flat if isinstance(y, Value)])
        seen.add(tuple(node._op for node in order))
    return len(seen) > 1


def larger_shapes(task: Problem, arithmetic: Arithmetic) -> tuple[Instance | None, str]:
    """Polynomial layers at a larger shape, at 64-bit integers: a counterexample, or the evidence that there is none."""
    if not arithmetic.exact:
        return None, ""
    sizes = dict(zip(task.free, LARGER, strict=False)) if len(task.free) <= len(LARGER) else distinct_sizes(task)
    rng = random.Random(3)
    found = instance(task, sizes, lambda shape: fill(shape, lambda *_: Fraction(rng.getrandbits(64) - 2**63)))
    if (degree := gradient_degree(found)) is None:
        return None, ""
    if differs(task, found, arithmetic):
        return found, ""
    at = ", ".join(f"{name} = {n}" for name, n in sizes.items()) or "the shapes given"
    chance = f"a false claim of this degree, or a lower one, would pass with probability ≤ {degree}/2⁶⁴"
    return None, f"random 64-bit integers at {at}: {chance}"


def gradient_degree(found: Instance) -> int | None:
    """The degree of the gradient as a polynomial in all numbers, G included; None if it is not known to be one."""
    outputs = [y for y in found.Y.flat if isinstance(y, Value)]
    leaves = {leaf for matrix in found.leaves.values() for leaf in objects(matrix).flat}
    degrees: dict[Value, int] = {}
    for node in topological_order(outputs):
        inputs = [degrees[x] for x in node.inputs]
        exponent = node.op.exponent if isinstance(node.op, ConstantPower) else None
        if not inputs:
            degrees[node] = int(node in leaves)
        elif node._op in ("+", "-", "neg", "Σ"):
            degrees[node] = max(inputs)
        elif node._op == "*":
            degrees[node] = sum(inputs)
        elif isinstance(exponent, int) and exponent >= 0:
            degrees[node] = inputs[0] * exponent
        else:
            return None
    return max((degrees[y] for y in outputs), default=0)


def refuted(task: Problem, found: Instance, difference: Any, arithmetic: Arithmetic) -> Verdict:
    """The verdict on a claim that fails at an instance."""
    evidence = (arithmetic.evidence,)
    inputs = {name: written(matrix) for name, matrix in found.inputs.items()}
    if isinstance(difference, ClaimError):
        wrong = {n: text for n in task.names if (text := diagnose(task, n, arithmetic))}
        name, diagnosis = next(iter(wrong.items()), ("", None))
        diagnosis = diagnosis and f"∂L/∂{name}: {diagnosis}"
        sizes = ", ".join(f"{n} = {size}" for n, size in found.sizes.items())
        return Verdict(False, evidence, f"{difference}{f' (at {sizes})' if sizes else ''}", name, None, diagnosis)
    name = difference.input
    text = diagnose(task, name, arithmetic)
    diagnosis = f"∂L/∂{name}: {text}" if text else None
    if difference.index is None:
        example = Counterexample(
            found.sizes, inputs, written(found.G), name, str(difference.claimed), str(difference.right), ()
        )
        message = f"∂L/∂{name}: claims the shape {difference.claimed} for {name} of shape {difference.right}"
        return Verdict(False, evidence, message, name, example, diagnosis)
    entry = entry_name(name, difference.index)
    claimed, right = told_apart(difference.claimed, difference.right)
    terms = tuple(chain_rule_terms(task, found, name, difference.index, arithmetic))
    example = Counterexample(found.sizes, inputs, written(found.G), entry, claimed, right, terms)
    return Verdict(
        False, evidence, f"∂L/∂{entry}: {claimed} is claimed, and {right} is right", name, example, diagnosis
    )


def written(matrix: Array) -> str:
    """A matrix as nested lists of short numbers; a large one by its commonest number and the first exceptions."""
    if matrix.size > MANY_NUMBERS:
        texts = Counter(short(x) for x in matrix.flat)
        common = texts.most_common(1)[0][0]
        others = [f"{list(i)} = {short(x)}" for i, x in np.ndenumerate(matrix) if short(x) != common]
        but = f", but {', '.join(others[:4])}{', …' if len(others) > 4 else ''}" if others else ""
        return f"{'×'.join(map(str, matrix.shape))} of {common}{but}"
    rows: Any = fill(matrix.shape, lambda *index: short(matrix[index])).tolist()
    return str(rows).replace("'", "")


def chain_rule_terms(
    task: Problem, found: Instance, name: str, index: tuple[int, ...], arithmetic: Arithmetic
) -> Iterator[str]:
    """Each non-zero ∂y/∂entry · ∂L/∂y, and whether the claim misses it or has it twice."""
    marks = missed_or_doubled(task, found, name, index, arithmetic)
    for (where_y, dy), mark in zip(terms_of(found, name, index), marks, strict=True):
        yield f"{entry_name('y', where_y)}: {short(dy)} · {short(found.G[where_y])}{mark}"


def terms_of(found: Instance, name: str, index: tuple[int, ...]) -> list[tuple[tuple[int, ...], Number]]:
    """(index of y, ∂y/∂entry) for each y that is made of the entry."""
    leaf = objects(found.leaves[name])[index]
    found_dy = [(where_y, adjoints(y).get(leaf)) for where_y, y in np.ndenumerate(found.Y) if isinstance(y, Value)]
    return [(where_y, dy) for where_y, dy in found_dy if dy is not None]


def missed_or_doubled(
    task: Problem, found: Instance, name: str, index: tuple[int, ...], arithmetic: Arithmetic
) -> list[str]:
    """A remark on each term, where leaving out or doubling one or two explains the claim at generic numbers."""
    plain = [""] * len(terms_of(found, name, index))
    try:
        other = next(generics(task, arithmetic, random.Random(5), found.sizes))
        claim = claimed_gradients(task, other, arithmetic.carrier)[name][index]
    except (ClaimError, IndexError, KeyError):
        return plain
    products = [dy * other.G[where_y] for where_y, dy in terms_of(other, name, index)]
    if len(products) != len(plain):
        return plain
    right = other.right[name][index]
    scale = max((abs(x) for x in products), default=0)
    for count in (1, 2):
        for chosen in combinations(range(len(products)), count):
            extra = total(*[products[k] for k in chosen])
            for sign, mark in ((-1, "   ← missed by the claim"), (1, "   ← doubled by the claim")):
                if arithmetic.same(claim, right + sign * extra, scale):
                    return [mark if k in chosen else "" for k in range(len(products))]
    return plain


# ---------------------------------------------------------------------------------------------------------------------
# Float code, within a tolerance


def relative_error(tolerance: str | float, dtype: Any) -> float:
    """What a tolerance allows, relative to the largest entry of a gradient.

    Raises
    ------
    ValueError
        If it is not a positive number, or "ulp:" and one; or if the dtype is not float64 or float32.
    """
    if np.dtype(dtype) not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise ValueError(f"the dtype is {np.dtype(dtype)}: choose float64 or float32")
    text = str(tolerance)
    try:
        allowed = float(text.removeprefix("ulp:")) * (float(np.finfo(dtype).eps) if text.startswith("ulp:") else 1)
    except ValueError:
        allowed = 0.0
    if not allowed > 0:
        raise ValueError(f'the tolerance is {tolerance!r}: write "ulp:8", or a relative error such as 1e-6')
    return allowed


def rounded_verdict(task: Problem, allowed: float, dtype: Any) -> Verdict:
    """`check` for float code: the graph runs exactly on the floats that the claim is called with."""
    eps, worst = float(np.finfo(dtype).eps), 0.0
    rng = random.Random(0)
    try:
        arithmetic = exact_arithmetic(task)
        for sizes in small_sizes(task):
            found = floats_instance(task, arithmetic, rng, sizes, dtype)
            try:
                claims = claimed_gradients(task, found, lambda matrix: matrix.astype(float).astype(dtype))
            except ClaimError as error:
                return refuted(task, found, error, arithmetic)
            for name, claim in claims.items():
                right = found.right[name]
                if claim.shape != right.shape:
                    return refuted(task, found, Mismatch(name, None, claim.shape, right.shape), arithmetic)
                scale = max((abs(x) for x in right.flat), default=0)
                for index in np.ndindex(right.shape):
                    off = relative_distance(claim[index], right[index], scale, arithmetic)
                    worst = max(worst, off)
                    if not off <= allowed:
                        difference = Mismatch(name, index, claim[index], right[index])
                        wrong = refuted(task, found, difference, arithmetic)
                        ulps = f"{wrong.message}: off by {off / eps:.3g} ulp, and {allowed / eps:.3g} are allowed"
                        return replace(wrong, message=ulps, diagnosis=None)
    except ClaimError as error:
        return Verdict(False, (), str(error))
    evidence = (
        f"{np.dtype(dtype)} results within {worst / eps:.2g} ulp of the exact ones, relative to the largest entry of "
        f"each gradient, {tried(task)}; {allowed / eps:.3g} are allowed"
    )
    return Verdict(True, (evidence,), f"right within the tolerance: {', '.join(f'∂L/∂{n}' for n in task.names)}")


def relative_distance(claimed: Number, right: Number, scale: Number, arithmetic: Arithmetic) -> float:
    """|claimed - right| / scale, computed exactly; infinite for what is not finite. Where all is 0, |claimed|."""
    if not np.isfinite(float(claimed)):
        return float("inf")
    off = abs(arithmetic.make(Fraction(float(claimed))) - right)
    return float(off if arithmetic.same(scale, 0, 0) else off / scale)


def exact_arithmetic(task: Problem) -> Arithmetic:
    """The arithmetic of the forward pass alone."""
    return arithmetic_for(Problem(task.forward, lambda *arguments: {task.names[0]: arguments[0]}, task.dimensions))


def floats_instance(
    task: Problem, arithmetic: Arithmetic, rng: random.Random, sizes: dict[str, int], dtype: Any
) -> Instance:
    """An instance whose numbers are floats of the dtype, taken exactly."""

    def draw() -> Number:
        x = abs(rng.gauss(0, 1)) + 0.1 if arithmetic.positive else rng.gauss(0, 1)
        return arithmetic.make(Fraction(float(dtype(x))))

    return instance(task, sizes, lambda shape: fill(shape, lambda *_: draw()))
