"""One trial of an exercise: numbers, the graph of the forward pass, the right gradients, and the claimed ones.

>>> from ..arrays import fill
>>> from .exercise import Exercise
>>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: 2 * X * G, {"X": "N"})
>>> trial = Trial(square, {"N": 2}, lambda shape: fill(shape, lambda *_: 3))
>>> trial.right["X"].tolist(), trial.claimed()["X"].tolist()
([18, 18], [18, 18])
"""

from __future__ import annotations

import inspect
import linecache
import traceback
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import Array, entry_name, objects, values
from ..engine.node import number
from ..engine.numbers import Number, asked, unit
from ..engine.own import bends
from ..engine.sweep import reverse_sweep, topological_order
from ..engine.value import Value
from ..errors import ClaimError, DomainError, InexactError, LeavesGraphError, UndefinedError
from .exercise import Exercise
from .field import Residue
from .lenient import Failed, lenient
from .observed import ANSWERS, ObservedFraction, Record, observing, unobserved


def copy_of(matrix: Array) -> Any:
    """An array that may be changed, or the single number."""
    return matrix.copy() if matrix.shape else matrix[()]


class Trial:
    """An exercise with numbers in it: all inputs, and G, of one kind of number.

    (Not a dataclass: Hypothesis would print all fields of one, and the numbers are many.)

    Parameters
    ----------
    exercise, sizes
        What is tried, and at which sizes of the dimensions.
    draw
        Makes an array of a shape: once for each input, and then for G.
    record
        Where to note what forward and gradients do with the numbers, if those are observed ones.

    Attributes
    ----------
    inputs, leaves
        The numbers of each input by its name, and the same as Values, of which Y is made.
    Y, G
        The output, an array of Values (entries that no input has a part in may be plain numbers), and ∂L/∂Y.
    order
        The nodes of the graph, each after its inputs.
    right
        The right gradients by input: arrays of numbers.

    Raises
    ------
    ClaimError
        If the forward pass fails, or leaves the graph.
    UndefinedError
        If Y is made of plain numbers only, has no derivative at these numbers, or two that are equal are compared, so
        that it may bend there.
    InexactError
        If these numbers can't hold what it computes.
    """

    def __init__(
        self,
        exercise: Exercise,
        sizes: dict[str, int],
        draw: Callable[[tuple[int, ...]], Array],
        record: Record | None = None,
    ) -> None:
        self.exercise, self.sizes, self.record = exercise, exercise.complete(sizes), record
        self.inputs = {name: draw(exercise.shape(name, sizes)) for name in exercise.names}
        self.leaves = {
            name: copy_of(matrix) if exercise.is_label(name) else values(matrix, name)
            for name, matrix in self.inputs.items()
        }
        with observing(record, "forward"):
            self.Y = forward_pass(exercise, self.leaves)
        if record and record.tie:
            raise UndefinedError(f"two equal numbers are compared by {record.tie}")
        self.order = topological_order(self.outputs)
        for node in self.order:
            if (reason := undefined(node)) and not self.decided(node):
                raise UndefinedError(reason)
        for y in self.outputs:
            if not is_real(y.data):
                raise UndefinedError(f"{y._op} leaves the real numbers")
        self.G = draw(self.Y.shape)
        if not exercise.with_g:
            if self.Y.shape:
                raise ClaimError("gradients takes no G, so forward must return a single number: Y has entries")
            self.G = map_entries(lambda g: unit(g), self.G)
        self.right = self.gradients()

    def decided(self, node: Value) -> bool:
        """Whether a comparison is one of constants, or of a number with itself, as X == X.max() has it.

        Its answer is the same nearby, so it has a derivative.
        """
        if node.op not in ANSWERS:
            return False
        first, last = node.inputs[0].data, node.inputs[-1].data
        if len(node.inputs) == 2 and first is last and not isinstance(first, int):  # small integers are all the same
            return True
        inputs = {leaf for name in self.exercise.differentiated for leaf in objects(self.leaves[name]).flat}
        return inputs.isdisjoint(topological_order(node))

    @property
    def outputs(self) -> list[Value]:
        """The entries of Y that are nodes."""
        return [y for y in self.Y.flat if isinstance(y, Value)]

    def gradients(self, **options: Any) -> dict[str, Array]:
        """The gradients by input of one reverse sweep from Y with seeds G; for the options see `reverse_sweep`."""
        seeds: dict[Value, Number] = {}
        for y, g in zip(self.Y.flat, self.G.flat, strict=True):
            if isinstance(y, Value):
                seeds[y] = seeds[y] + g if y in seeds else g
        adjoints = dict(zip(self.order, reverse_sweep(self.order, seeds, **options), strict=True))
        leaves = {name: self.leaves[name] for name in self.exercise.differentiated}
        return {name: map_entries(lambda leaf: adjoints.get(leaf, 0), matrix) for name, matrix in leaves.items()}

    def claimed(
        self, carrier: Callable[[Array], Any] = copy_of, gradients: Callable[..., Any] | None = None
    ) -> dict[str, Array]:
        """What the claim says, by input, as arrays of numbers; shapes are not compared yet.

        Parameters
        ----------
        carrier
            What it is called with, for each array of numbers.
        gradients
            The claim, if it is not to be that of the exercise.

        Raises
        ------
        ClaimError
            If it fails, returns the wrong number of gradients, something else than arrays, or changes its inputs.
        """
        claims = by_name(self.exercise, self.returned(carrier, gradients or self.exercise.gradients))
        for claim in claims.values():
            if isinstance(claim, ClaimError):
                raise claim
        return claims  # type: ignore[return-value]

    def claims_and_failures(
        self, carrier: Callable[[Array], Any] = copy_of
    ) -> tuple[dict[str, Array], dict[str, ClaimError]]:
        """The same, by input, apart from those inputs for which the claim fails; ClaimError if it fails for all."""
        try:
            returned, failure = self.returned(carrier, self.exercise.gradients), None
        except ClaimError as error:
            if not isinstance(error.__cause__, (TypeError, ValueError, LookupError)):
                raise
            try:
                returned = self.returned(lambda matrix: lenient(carrier(matrix)), self.exercise.gradients)
            except ClaimError:
                raise error from error.__cause__
            failure = error
        claims: dict[str, Array] = {}
        failures: dict[str, ClaimError] = {}
        for name, claim in by_name(self.exercise, returned).items():
            if isinstance(claim, ClaimError):
                failures[name] = failure or claim
            elif failure and any(isinstance(x, Failed) for x in claim.flat):
                failures[name] = failure
            else:
                claims[name] = claim
        if failure and not (claims and failures):
            raise failure
        return claims, failures

    def returned(self, carrier: Callable[[Array], Any], claim: Callable[..., Any]) -> Any:
        """What the claim returns; errors as for `claimed`."""
        arguments = [
            copy_of(matrix) if self.exercise.is_label(name) else carrier(matrix) for name, matrix in self.inputs.items()
        ]
        arguments += [carrier(map_entries(python_number, self.Y)), carrier(self.G)][: 2 if self.exercise.with_g else 1]
        before = [objects(a).copy() for a in arguments]
        try:
            with np.errstate(all="ignore"), observing(self.record, "gradients"):
                claims = claim(*arguments)  # nan and infinities are judged when they are compared
        except Exception as error:
            raise ClaimError(f"gradients fails at {location(claim, error)}: {type(error).__name__}: {error}") from error
        for name, argument, old in zip([*self.exercise.names, "Y", "G"], arguments, before, strict=False):
            entries = zip(objects(argument).flat, old.flat, strict=True)
            if any(a is not b and asked(number(a) != number(b)) for a, b in entries):
                raise ClaimError(f"gradients changes its argument {name} in place: work on a copy")
        if self.record:
            self.record.note_floats(claims)
        return claims


# ---------------------------------------------------------------------------------------------------------------------
# The forward pass


def forward_pass(exercise: Exercise, leaves: Mapping[str, Any]) -> Array:
    """Y as an array of Values; errors as for `Trial`."""
    forward = exercise.forward
    try:
        Y = forward(*[leaf.copy() if isinstance(leaf, np.ndarray) else leaf for leaf in leaves.values()])
    except InexactError:
        raise
    except (ZeroDivisionError, DomainError, np.linalg.LinAlgError) as error:
        raise UndefinedError(f"{location(forward, error)}: {error}") from None
    except Exception as error:
        if isinstance(error, LeavesGraphError) or (isinstance(error, TypeError) and runs_on_floats(forward, leaves)):
            raise ClaimError(
                f"forward leaves the graph at {location(forward, error)}: {error}; keep to NumPy functions that "
                "Values have too (exp, log, sqrt, sin, cos, tanh, maximum, abs), without float() or a cast of the dtype"
            ) from error
        raise ClaimError(f"forward fails at {location(forward, error)}: {type(error).__name__}: {error}") from error
    if Y is None:
        raise ClaimError("forward returns None: it must return Y")
    if isinstance(Y, tuple) and Y and not isinstance(Y[0], tuple):
        Y = Y[0]  # (Y, cache), as layers with a backward pass return it
    entries = objects(Y)
    if not any(isinstance(y, Value) for y in entries.flat) and entries.size:
        raise UndefinedError(
            "forward returns plain numbers and no Values: somewhere it left the graph, by a cast such as astype(float)"
        )
    return entries


def runs_on_floats(forward: Callable[..., Any], leaves: Mapping[str, Any]) -> bool:
    """Whether a forward pass that fails on Values does not fail on floats: then it needs plain numbers somewhere."""
    try:
        with np.errstate(all="ignore"):
            forward(*[map_entries(lambda leaf: float(leaf.data), leaf).astype(float)[()] for leaf in leaves.values()])
    except Exception:
        return False
    return True


def undefined(node: Value) -> str:
    """Why a node has no derivative: its operation bends there, or has left the real numbers; "" if it has one."""
    if bends(node):
        return f"{node._op} has no derivative where it bends"
    masked = not node.inputs or any(is_infinite(x.data) for x in node.inputs)  # by -inf, which softmax makes 0
    numbers = node.partials if masked and is_infinite(node.data) else (node.data, *node.partials)
    return "" if all(map(is_real, numbers)) else f"{node._op} leaves the real numbers"


EXACT = frozenset({int, bool, Fraction, ObservedFraction, Residue})
"""Kinds of number that are real and finite by what they are."""


def is_infinite(x: Number) -> bool:
    """Whether a number is an infinity."""
    if type(x) in EXACT:
        return False
    x = unobserved(x)
    return not getattr(x, "imag", 0) and x == x and x - x != 0


def is_real(x: Number) -> bool:
    """Whether a number is neither complex, nor infinite, nor nan."""
    if type(x) in EXACT:
        return True
    x = unobserved(x)
    return not (getattr(x, "imag", 0) or x - x != 0)


def location(function: Callable[..., Any], error: Exception) -> str:
    """The line of the user's function that an error came through, with its text."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(function))
    except TypeError:
        file = None
    lines = [n for frame, n in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    if not file or not lines:
        return "a line that is not known"
    return f"line {lines[-1]}, `{linecache.getline(file, lines[-1]).strip()}`"


# ---------------------------------------------------------------------------------------------------------------------
# What a claim returns


def by_name(exercise: Exercise, claims: Any) -> dict[str, Array | ClaimError]:
    """The claims as {input: array of numbers}, or what is wrong with one that is no array.

    `...` claims nothing, and labels have no gradient.

    Raises
    ------
    ClaimError
        If there is not one for each input.
    """
    names = exercise.differentiated
    if claims is ...:
        return {}
    if isinstance(claims, Mapping):
        if not claims or any(name not in names for name in claims):
            raise ClaimError(f"gradients returns a dict with the keys {list(claims)}: the inputs are {names}")
        return {name: as_numbers(name, claim) for name, claim in claims.items() if claim is not ...}
    if not isinstance(claims, tuple) and len(names) == 1:
        claims = (claims,)
    if isinstance(claims, (tuple, list)) and len(claims) == len(exercise.names) > len(names):
        claims = [claim for name, claim in zip(exercise.names, claims, strict=True) if name in names]
    if not isinstance(claims, (tuple, list)) or len(claims) != len(names):
        count = len(claims) if isinstance(claims, (tuple, list)) else 1
        raise ClaimError(
            f"gradients returns {count} gradients for {len(names)} inputs: return one for each of "
            f"{', '.join(names)}, as a tuple, or a dict by name"
        )
    return {name: as_numbers(name, claim) for name, claim in zip(names, claims, strict=True) if claim is not ...}


def as_numbers(name: str, claim: Any) -> Array | ClaimError:
    """One claim as an array of numbers, or what is wrong with it."""
    if claim is None:
        return ClaimError(f"gradients returns None for {name}: return an array, or leave {name} out of a dict")
    if isinstance(claim, Failed):
        return ClaimError(f"gradients fails for {name}: {claim.error}")
    try:
        numbers = map_entries(python_number, claim)
    except ValueError as error:
        return ClaimError(f"gradients returns no array for {name}: {error}")
    for index, x in np.ndenumerate(numbers):
        if x is None or isinstance(x, (str, bytes, np.ndarray)):
            kind = "None" if x is None else "an array" if isinstance(x, np.ndarray) else "a text"
            return ClaimError(f"gradients returns {kind} at {entry_name(name, index)}: every entry must be a number")
    return numbers


def map_entries(function: Callable[[Any], Any], matrix: Any) -> Array:
    """The array with the function of each entry."""
    entries = objects(matrix)
    return np.fromiter(map(function, entries.flat), object, entries.size).reshape(entries.shape)


def python_number(x: Any) -> Number:
    """The number that a Value holds, and a NumPy number as Python's own."""
    x = number(x)
    return x.item() if isinstance(x, np.generic) else x
