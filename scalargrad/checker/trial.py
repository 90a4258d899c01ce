"""A claim about the gradients of a layer, and one instance of it: numbers, the graph, what is right, what is claimed.

    >>> task = problem(lambda X: X * X, lambda X, Y, G: 2 * X * G, {"X": "N"})
    >>> found = generic(task, Arithmetic(exact=True), random.Random(0), {"N": 2})
    >>> differs(task, found, Arithmetic(exact=True)) is None
    True

`check` decides whether a claim is right, and `diagnosis` what is wrong with it; both do so on instances.
"""

from __future__ import annotations

import inspect
import random
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, fill, objects, values
from ..display import short
from ..engine.numbers import Number
from ..engine.sweep import adjoints, topological_order
from ..engine.value import Value
from ..errors import ClaimError, InexactError, UndefinedError

DIGITS = 50
"""Decimal digits of the numbers for layers that have no exact arithmetic."""

AGREEMENT = 40
"""Digits to which claimed and right must agree there, relative to the largest entry."""


# ---------------------------------------------------------------------------------------------------------------------
# The problem: a forward pass, a claim, and shapes with names


@dataclass(frozen=True)
class Problem:
    """What is checked.

    `dimensions` maps the name of each input to its dimensions, each a name such as "N" or a number.
    """

    forward: Callable[..., Any]
    gradients: Callable[..., Any]
    dimensions: dict[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        """The inputs, in order."""
        return list(self.dimensions)

    @property
    def free(self) -> list[str]:
        """The dimensions with a name, in order of appearance."""
        return list(dict.fromkeys(d for ds in self.dimensions.values() for d in ds if not d.isdecimal()))

    def shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of an input for given sizes of the dimensions."""
        return tuple(int(d) if d.isdecimal() else sizes[d] for d in self.dimensions[name])


def problem(forward: Callable[..., Any], gradients: Callable[..., Any], shapes: Mapping[str, str]) -> Problem:
    """The problem, if it makes sense.

    Raises
    ------
    TypeError
        If forward or gradients is not a function, or not of as many arguments.
    ValueError
        If there are no shapes, one is not a text of names and numbers, or the inputs have another order elsewhere.
    """
    for name, function in (("forward", forward), ("gradients", gradients)):
        if not callable(function):
            raise TypeError(f"{name} must be a function, and is a {type(function).__name__}")
    if not isinstance(shapes, Mapping) or not shapes:
        raise ValueError(f'shapes is {shapes!r}: name each input with its dimensions, as in {{"X": "N D", "W": "D M"}}')
    dimensions = {}
    for name, text in shapes.items():
        words = tuple(text.split()) if isinstance(text, str) else ("",)
        if not all(word.isidentifier() or word.isdecimal() for word in words):
            raise ValueError(
                f'the shape of {name} is {text!r}: write names or numbers with spaces between, as in "N D"'
            )
        dimensions[name] = words
    names = list(dimensions)
    require_parameters("forward", forward, names)
    require_parameters("gradients", gradients, [*names, "Y", "G"])
    return Problem(forward, gradients, dimensions)


def require_parameters(what: str, function: Callable[..., Any], names: list[str]) -> None:
    """Refuse a function that can't be called with these arguments, or that names the same ones in another order."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # NumPy's functions and others in C do not tell
        return
    parameters = list(signature.parameters)
    try:
        signature.bind(*names)
    except TypeError:
        raise TypeError(
            f"{what} takes ({', '.join(parameters)}) and would be called with ({', '.join(names)}): the inputs in the "
            f"order of shapes{', then Y and G' if what == 'gradients' else ''}"
        ) from None
    if parameters != names and sorted(parameters) == sorted(names):
        raise ValueError(
            f"{what} takes ({', '.join(parameters)}) and would be called with ({', '.join(names)}): name the inputs "
            "in one order in shapes, forward and gradients"
        )


# ---------------------------------------------------------------------------------------------------------------------
# One instance of it: numbers, the graph, the right gradients, the claimed ones


class Instance:
    """The problem with numbers in it: all inputs, and G, in one kind of arithmetic.

    `leaves` are the inputs as Values, of which `Y` is made; `right` and `claims` hold gradients by input.
    (No dataclass: Hypothesis would print all fields of one, and the numbers are many.)
    """

    def __init__(
        self, sizes: dict[str, int], inputs: dict[str, Array], leaves: dict[str, Any], Y: Array, G: Array
    ) -> None:
        self.sizes, self.inputs, self.leaves, self.Y, self.G = sizes, inputs, leaves, Y, G
        self.right: dict[str, Array] = {}
        self.claims: dict[str, Array] = {}


def instance(task: Problem, sizes: dict[str, int], draw: Callable[[tuple[int, ...]], Array]) -> Instance:
    """Draw the inputs (`draw` makes an array of a shape), run the forward pass on Values, draw G, and sweep back.

    Raises
    ------
    ClaimError
        If the forward pass fails, or leaves the graph.
    """
    inputs = {name: draw(task.shape(name, sizes)) for name in task.names}
    leaves = {name: values(matrix, name) for name, matrix in inputs.items()}
    Y = run_forward(task, leaves)
    G = draw(Y.shape)
    outputs = [y for y in Y.flat if isinstance(y, Value)]
    seeds = [g for g, y in zip(G.flat, Y.flat, strict=True) if isinstance(y, Value)]
    found = adjoints(outputs, seeds)
    result = Instance(sizes, inputs, leaves, Y, G)
    for name, leaf in leaves.items():
        entries = objects(leaf)
        result.right[name] = fill(entries.shape, lambda *index: found.get(entries[index], 0))  # noqa: B023 - called at once
    return result


def run_forward(task: Problem, leaves: Mapping[str, Any]) -> Array:
    """Y as an array of Values."""
    try:
        Y = task.forward(*[leaf.copy() if isinstance(leaf, np.ndarray) else leaf for leaf in leaves.values()])
    except InexactError:
        raise
    except ZeroDivisionError as error:
        raise UndefinedError(f"{where(task.forward, error)}: {error}") from None
    except Exception as error:
        if isinstance(error, ValueError) and re.match(r"(log|sqrt) of ", str(error)):
            raise UndefinedError(f"{where(task.forward, error)}: {error}") from None
        if isinstance(error, TypeError) and "Value" in str(error):
            raise ClaimError(
                f"forward leaves the graph at {where(task.forward, error)}: {error}; keep to NumPy functions that "
                "Values have too (exp, log, sqrt, sin, cos, tanh, maximum, abs), without float() or a cast of the dtype"
            ) from error
        raise ClaimError(f"forward fails at {where(task.forward, error)}: {type(error).__name__}: {error}") from error
    if Y is None:
        raise ClaimError("forward returns None: it must return Y")
    entries = objects(Y)
    if not any(isinstance(y, Value) for y in entries.flat) and entries.size:
        raise ClaimError(
            "forward returns plain numbers and no Values: somewhere it left the graph, by a cast such as astype(float)"
        )
    for node in topological_order([y for y in entries.flat if isinstance(y, Value)]):
        if has_no_derivative(node):
            raise UndefinedError(f"{node._op} has no derivative where it bends")
    return entries


def has_no_derivative(node: Value) -> bool:
    """Whether a node stands where its operation bends, or has left the real numbers."""
    numbers = [x.data for x in node.inputs]
    if node._op in ("relu", "abs", "step"):
        return bool(numbers[0] == 0)
    if node._op in ("max", "min"):
        return bool(numbers[0] == numbers[1])
    return bool(getattr(node.data, "imag", 0))


def where(function: Callable[..., Any], error: Exception) -> str:
    """The line of the user's function that an error came through, with its text."""
    try:
        file = inspect.getsourcefile(function)
    except TypeError:
        file = None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file and file != __file__]
    return f"line {frames[-1].lineno}, `{frames[-1].line}`" if frames else "a line that is not known"


def claimed_gradients(task: Problem, found: Instance, carrier: Callable[[Array], Any]) -> dict[str, Any]:
    """What the claim says, by input, as arrays of numbers; shapes are not compared yet.

    Raises
    ------
    ClaimError
        If it fails, returns the wrong number of gradients, something else than arrays, or changes its inputs.
    """
    arguments = [carrier(found.inputs[name]) for name in task.names]
    arguments += [carrier(fill(found.Y.shape, lambda *i: number(found.Y[i]))), carrier(found.G)]
    before = [objects(a).copy() for a in arguments]
    try:
        with np.errstate(all="ignore"):  # nan and infinities are judged below
            claims = task.gradients(*arguments)
    except Exception as error:
        raise ClaimError(
            f"gradients fails at {where(task.gradients, error)}: {type(error).__name__}: {error}"
        ) from error
    for name, argument, old in zip([*task.names, "Y", "G"], arguments, before, strict=True):
        if any(number(a) != number(b) for a, b in zip(objects(argument).flat, old.flat, strict=True)):
            raise ClaimError(f"gradients changes its argument {name} in place: work on a copy")
    return by_name(task, claims)


def by_name(task: Problem, claims: Any) -> dict[str, Any]:
    """The claims as {input: array of numbers}."""
    if isinstance(claims, Mapping):
        unknown = [name for name in claims if name not in task.names]
        if unknown or not claims:
            raise ClaimError(f"gradients returns a dict with the keys {list(claims)}: the inputs are {task.names}")
        named = dict(claims)
    else:
        if not isinstance(claims, tuple) and len(task.names) == 1:
            claims = (claims,)
        if not isinstance(claims, (tuple, list)) or len(claims) != len(task.names):
            count = len(claims) if isinstance(claims, (tuple, list)) else 1
            raise ClaimError(
                f"gradients returns {count} gradients for {len(task.names)} inputs: return one for each of "
                f"{', '.join(task.names)}, as a tuple, or a dict by name"
            )
        named = dict(zip(task.names, claims, strict=True))
    result = {}
    for name, claim in named.items():
        if claim is None:
            raise ClaimError(f"gradients returns None for {name}: return an array, or leave {name} out of a dict")
        try:
            entries = objects(claim)
        except ValueError as error:
            raise ClaimError(f"gradients returns no array for {name}: {error}") from None
        result[name] = fill(entries.shape, lambda *index: number(entries[index]))  # noqa: B023 - called at once
    return result


def number(x: Any) -> Number:
    """The number that a Value holds, or a NumPy number as Python's own."""
    x = x.data if isinstance(x, Value) else x
    return x.item() if isinstance(x, np.generic) else x


# ---------------------------------------------------------------------------------------------------------------------
# Arithmetic


@dataclass(frozen=True)
class Arithmetic:
    """A kind of number to check with, and whether only positive ones are drawn, as for a layer with log or sqrt."""

    exact: bool
    positive: bool = False

    def make(self, x: Fraction) -> Number:
        """The number x in this arithmetic."""
        if self.exact:
            return x
        import mpmath

        return mpmath.mpf(x.numerator) / x.denominator

    def carrier(self, matrix: Array) -> Any:
        """What the claim is called with: a plain array, or one of Values, on which np.exp works for any number."""
        if not matrix.shape:
            return matrix[()] if self.exact else Value(matrix[()])
        return matrix.copy() if self.exact else values(matrix)

    def same(self, claimed: Number, right: Number, scale: Number) -> bool:
        """Equal; for decimals up to AGREEMENT digits of the largest number in the array."""
        return bool(claimed == right if self.exact else abs(claimed - right) * 10**AGREEMENT <= 1 + scale)

    @property
    def evidence(self) -> str:
        """What a verdict in this arithmetic rests on."""
        if self.exact:
            return "exact rational numbers"
        return f"numbers of {DIGITS} digits that agree to {AGREEMENT}: strong evidence, and no proof"


def generic(task: Problem, arithmetic: Arithmetic, rng: random.Random, sizes: dict[str, int]) -> Instance:
    """An instance of given sizes with numbers that nothing special is true of."""

    def draw() -> Number:
        # exp and its like make small differences of large numbers vanish: those layers get numbers below 4
        x = Fraction(rng.randint(1, 997 if arithmetic.exact else 97), rng.randint(11 if arithmetic.exact else 29, 97))
        return arithmetic.make(x if arithmetic.positive or rng.random() < 0.5 else -x)

    return instance(task, sizes, lambda shape: fill(shape, lambda *_: draw()))


def distinct_sizes(task: Problem, first: int = 2) -> dict[str, int]:
    """A different size for each dimension, so that shapes tell the dimensions apart."""
    return {d: first + k for k, d in enumerate(task.free)}


def arithmetic_for(task: Problem) -> Arithmetic:
    """Rational numbers if the layer and the claim stay rational, else decimals; of both signs if the layer allows it.

    Raises
    ------
    ClaimError
        If the forward pass fails for every kind.
    """
    failure: Exception = ClaimError("")
    for exact, positive in ((True, False), (True, True), (False, False), (False, True)):
        arithmetic = Arithmetic(exact, positive)
        try:
            found = generic(task, arithmetic, random.Random(0), distinct_sizes(task))
        except InexactError:
            continue
        except UndefinedError as error:
            failure = error
            continue
        kinds = {type(x) for matrix in (found.Y, *found.right.values()) for x in map(number, matrix.flat)}
        if exact and not kinds <= {int, Fraction}:
            continue
        if exact:
            try:
                claims = claimed_gradients(task, found, arithmetic.carrier)
            except ClaimError as error:
                if "has no callable" in str(error):  # NumPy's words for a function that a Fraction has no method for
                    continue
                return arithmetic
            if not {type(x) for claim in claims.values() for x in claim.flat} <= {int, Fraction}:
                continue
        return arithmetic
    raise ClaimError(f"forward has no value at any numbers tried: {failure}")


def generics(task: Problem, arithmetic: Arithmetic, rng: random.Random, sizes: dict[str, int]) -> Iterator[Instance]:
    """Generic instances of one shape, without end."""
    while True:
        try:
            yield generic(task, arithmetic, rng, sizes)
        except UndefinedError:
            continue


# ---------------------------------------------------------------------------------------------------------------------
# Comparing


@dataclass(frozen=True)
class Mismatch:
    """Where a claim and the graph differ: at an entry of one input's gradient, or in its shape (no index)."""

    input: str
    index: tuple[int, ...] | None
    claimed: Any
    right: Any


def mismatch(task: Problem, found: Instance, claims: Mapping[str, Any], arithmetic: Arithmetic) -> Mismatch | None:
    """The first difference, in the order of the inputs and of their entries."""
    for name, claim in claims.items():
        right = found.right[name]
        if claim.shape != right.shape:
            return Mismatch(name, None, claim.shape, right.shape)
        scale = max((abs(x) for x in right.flat), default=0)
        for index in np.ndindex(right.shape):
            if claim[index] != claim[index]:
                raise ClaimError(
                    f"gradients returns nan for {entry_name(name, index)}, where {short(right[index])} is right"
                )
            close = isinstance(claim[index], float) and abs(claim[index] - right[index]) < 1e-6 * (1 + scale)
            if close and claim[index] != right[index]:
                raise ClaimError(
                    f"gradients returns rounded float64 numbers for {name}, which cannot be compared exactly: keep to "
                    'NumPy functions on the arrays given, or check float code with tolerance="ulp:8"'
                )
            if not arithmetic.same(claim[index], right[index], scale):
                return Mismatch(name, index, claim[index], right[index])
    return None


def differs(task: Problem, found: Instance, arithmetic: Arithmetic) -> Mismatch | ClaimError | None:
    """What is wrong with the claim at an instance, if anything is."""
    try:
        return mismatch(task, found, claimed_gradients(task, found, arithmetic.carrier), arithmetic)
    except ClaimError as error:
        return error


def equal(a: Any, b: Array, arithmetic: Arithmetic) -> bool:
    """Whether two arrays have one shape and the same entries."""
    if a is None or np.shape(a) != b.shape:
        return False
    entries = objects(a)
    scale = max((abs(x) for x in b.flat), default=0)
    return all(arithmetic.same(number(entries[index]), b[index], scale) for index in np.ndindex(b.shape))
