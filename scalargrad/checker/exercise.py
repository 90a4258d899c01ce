"""What is checked: a forward pass, the gradients that are claimed for it, and the shapes of its inputs.

>>> exercise = Exercise.of(lambda X, W: X @ W, lambda X, W, Y, G: (G @ W.T, X.T @ G), {"X": "N D", "W": "D 4"})
>>> exercise.names, exercise.free, exercise.distinct_sizes()
(['X', 'W'], ['N', 'D'], {'N': 2, 'D': 3})
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from .domains import Domain, domain_said

MANY_SHAPES = 81
"""InputShapes of sizes 1 to 3 that are all tried; of more, every so many."""

WORD = re.compile(r"(?:[^\W\d]\w*|\d+)(?:[-+*](?:[^\W\d]\w*|\d+))*")
"""A dimension: a name, a number, or both with + - and * between, as in 2*H."""

InputShapes = Mapping[str, str] | Sequence[str]
"""The shapes of the inputs: a dict by name, or texts such as "X: N D" in a list, or in one with ; between."""

ONE_SHAPE = re.compile(r"\s*(\w+)\s*([:=])(.*)", re.DOTALL)
"""A shape in one text: `X: N D`, or `D = 2*H`."""

BEGIN_OF_DOMAIN = re.compile(r"(?:^|\s)(?:in\s*[(\[]|(?:spd|symmetric|positive|nonnegative|negative)$|int\s*<)|[<>]")
"""Where the dimensions end and a domain is said."""


@dataclass(frozen=True)
class Exercise:
    """A layer and a claim about it.

    Attributes
    ----------
    forward, gradients
        The functions, as `check` describes them.
    dimensions
        The dimensions of each input by its name, each a name such as "N" or a number.
    said
        The domains that are said, by input.
    relations
        Dimensions that are made of others: {"D": "2*H"}.
    with_g
        Whether the claim takes G. If not, it is for a Y that is a single number, and G = 1.
    """

    forward: Callable[..., Any]
    gradients: Callable[..., Any]
    dimensions: dict[str, tuple[str, ...]]
    said: dict[str, Domain] = field(default_factory=dict)
    relations: dict[str, str] = field(default_factory=dict)
    with_g: bool = True

    @classmethod
    def of(cls, forward: Callable[..., Any], gradients: Callable[..., Any], shapes: InputShapes) -> Exercise:
        """The exercise, if it makes sense.

        Raises
        ------
        ArgumentTypeError
            If forward or gradients is not a function, or not of as many arguments.
        ArgumentError
            If there are no shapes, one is not a text of names and numbers with a domain, or the inputs have another
            order elsewhere.
        """
        for name, function in (("forward", forward), ("gradients", gradients)):
            if not callable(function):
                raise ArgumentTypeError(f"{name} must be a function, and is a {type(function).__name__}")
        dimensions, said, relations = {}, {}, {}
        for name, text in shapes_by_name(shapes).items():
            if isinstance(text, str) and text.strip().startswith("="):
                relations[name] = text.strip()[1:].strip()
                continue
            dimensions[name], domain = dimensions_in(name, text)
            relations |= {word: word for word in dimensions[name] if not (word.isidentifier() or word.isdecimal())}
            if domain:
                said[name] = domain
        names = list(dimensions)
        with_g = takes_g(gradients, names)
        require_parameters("forward", forward, names)
        require_parameters("gradients", gradients, [*names, "Y", "G"] if with_g else [*names, "Y"])
        exercise = cls(forward, gradients, dimensions, said, relations, with_g)
        known = {*exercise.free, *relations}
        for name, domain in said.items():
            if domain.below and not domain.below.isdecimal() and domain.below not in known:
                raise ArgumentError(f"the labels {name} are below {domain.below}, which is no dimension of an input")
            if domain.form and (len(dimensions[name]) < 2 or dimensions[name][-1] != dimensions[name][-2]):
                raise ArgumentError(f"{name} is said to be {domain.form}: its last two dimensions must be the same")
        exercise.complete(exercise.distinct_sizes())
        return exercise

    @property
    def names(self) -> list[str]:
        """The inputs, in order."""
        return list(self.dimensions)

    @property
    def differentiated(self) -> list[str]:
        """The inputs by which the layer is differentiated: all that are not labels."""
        return [name for name in self.names if not self.is_label(name)]

    def is_label(self, name: str) -> bool:
        """Whether an input is of integers."""
        return name in self.said and bool(self.said[name].below)

    @property
    def free(self) -> list[str]:
        """The dimensions with a name that are not made of others, in order of appearance."""
        words = dict.fromkeys(d for ds in self.dimensions.values() for d in ds if d.isidentifier())
        inner = dict.fromkeys(n for text in self.relations.values() for n in re.findall(r"[^\W\d]\w*", text))
        return [word for word in {**words, **inner} if word not in self.relations]

    def complete(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """The sizes of the dimensions that are made of others, too.

        Raises
        ------
        ArgumentError
            If a relation is not made of names and numbers with + - and *, or gives no size.
        """
        found = dict(sizes)
        for name, text in self.relations.items():
            try:
                found[name] = whole_number(ast.parse(text, mode="eval").body, found)
            except (SyntaxError, KeyError, TypeError):
                raise ArgumentError(
                    f"the dimension {name} is {text!r}: write names and numbers with + - and *, as in {name} = 2*H"
                ) from None
            if found[name] < 0:
                raise ArgumentError(f"the dimension {name} = {text} is negative at {dict(sizes)}")
        return found

    def shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of an input for given sizes of the dimensions."""
        sizes = self.complete(sizes)
        return tuple(int(d) if d.isdecimal() else sizes[d] for d in self.dimensions[name])

    def distinct_sizes(self, first: int = 2) -> dict[str, int]:
        """A different size for each dimension, so that shapes tell the dimensions apart."""
        return {d: first + k for k, d in enumerate(self.free)}

    def small_sizes(self) -> list[dict[str, int]]:
        """Sizes of the dimensions from 1 to 3, small shapes first, and last one with all sizes different."""
        every = sorted(product(range(1, 4), repeat=len(self.free)), key=lambda sizes: (sum(sizes), sizes))
        every = every[:: -(-len(every) // MANY_SHAPES)]
        return [dict(zip(self.free, sizes, strict=True)) for sizes in every] + [self.distinct_sizes()]


def whole_number(node: ast.expr, sizes: Mapping[str, int]) -> int:
    """The number that an expression of names and numbers gives; KeyError or TypeError for any other expression."""
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name):
            return sizes[name]
        case ast.BinOp(left=left, op=op, right=right):
            a, b = whole_number(left, sizes), whole_number(right, sizes)
            match op:
                case ast.Mult():
                    return a * b
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
    raise TypeError


def takes_g(gradients: Callable[..., Any], names: list[str]) -> bool:
    """Whether a claim takes G after the inputs and Y; if it can't be told, it does."""
    try:
        parameters = list(inspect.signature(gradients).parameters)
    except (TypeError, ValueError):  # as below
        return True
    return parameters != [*names, "Y"]


def shapes_by_name(shapes: Any) -> dict[str, Any]:
    """InputShapes as a dict, of one or of the texts "X: N D" and "D = 2*H", in a list or with ; or new lines between.

    Raises
    ------
    ArgumentError
        If there are none, or a text has no name.
    """
    found = dict(shapes) if isinstance(shapes, Mapping) else {}
    if isinstance(shapes, str):
        shapes = re.split(r"[;\n]", shapes)
    if isinstance(shapes, (list, tuple)) and all(isinstance(text, str) for text in shapes):
        for text in filter(str.strip, shapes):
            name, sign, words = said.groups() if (said := ONE_SHAPE.fullmatch(text)) else ("", "", "")
            found[name] = f"= {words}" if sign == "=" else words
    if not found or "" in found:
        example = '{"X": "N D", "W": "D M"}, or ["X: N D", "W: D M"]'
        raise ArgumentError(f"shapes is {shapes!r}: name each input with its dimensions, as in {example}")
    return found


def dimensions_in(name: str, shape: str) -> tuple[tuple[str, ...], Domain | None]:
    """The words of a shape, none for a single number; and the domain said after them.

    Raises
    ------
    ArgumentError
        If a word is neither a name nor a number, or the domain is none.
    """
    refusal = ArgumentError(
        f'the shape of {name} is {shape!r}: write names or numbers with spaces between, as in "N D"'
    )
    if not isinstance(shape, str):
        raise refusal
    begins = BEGIN_OF_DOMAIN.search(shape.strip())
    domain = domain_said(name, shape.strip()[begins.start() :]) if begins else None
    words = tuple((shape.strip()[: begins.start()] if begins else shape).split())
    if not all(WORD.fullmatch(word) for word in words):
        raise refusal
    return words, domain


def require_parameters(what: str, function: Callable[..., Any], names: list[str]) -> None:
    """Refuse a function that can't be called with these arguments, or that names the same ones in another order.

    Raises
    ------
    ArgumentTypeError, ArgumentError
        In that case, and in the other.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # NumPy's functions and others in C do not tell
        return
    parameters = list(signature.parameters)
    called = f"{what} takes ({', '.join(parameters)}) and would be called with ({', '.join(names)})"
    try:
        signature.bind(*names)
    except TypeError:
        then = ", then Y and G" if what == "gradients" else ""
        raise ArgumentTypeError(f"{called}: the inputs in the order of shapes{then}") from None
    if parameters != names and sorted(parameters) == sorted(names):
        raise ArgumentError(f"{called}: name the inputs in one order in shapes, forward and gradients")
