"""What is checked: a forward pass, the gradients that are claimed for it, and the shapes of its inputs.

>>> exercise = Exercise.of(lambda X, W: X @ W, lambda X, W, Y, G: (G @ W.T, X.T @ G), {"X": "N D", "W": "D 4"})
>>> exercise.names, exercise.free, exercise.distinct_sizes()
(['X', 'W'], ['N', 'D'], {'N': 2, 'D': 3})
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError


@dataclass(frozen=True)
class Exercise:
    """A layer and a claim about it.

    Attributes
    ----------
    forward, gradients
        The functions, as `check` describes them.
    dimensions
        The dimensions of each input by its name, each a name such as "N" or a number.
    """

    forward: Callable[..., Any]
    gradients: Callable[..., Any]
    dimensions: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, forward: Callable[..., Any], gradients: Callable[..., Any], shapes: Mapping[str, str]) -> Exercise:
        """The exercise, if it makes sense.

        Raises
        ------
        ArgumentTypeError
            If forward or gradients is not a function, or not of as many arguments.
        ArgumentError
            If there are no shapes, one is not a text of names and numbers, or the inputs have another order elsewhere.
        """
        for name, function in (("forward", forward), ("gradients", gradients)):
            if not callable(function):
                raise ArgumentTypeError(f"{name} must be a function, and is a {type(function).__name__}")
        if not isinstance(shapes, Mapping) or not shapes:
            example = '{"X": "N D", "W": "D M"}'
            raise ArgumentError(f"shapes is {shapes!r}: name each input with its dimensions, as in {example}")
        names = list(shapes)
        dimensions = {name: dimensions_in(name, shapes[name]) for name in names}
        require_parameters("forward", forward, names)
        require_parameters("gradients", gradients, [*names, "Y", "G"])
        return cls(forward, gradients, dimensions)

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

    def distinct_sizes(self, first: int = 2) -> dict[str, int]:
        """A different size for each dimension, so that shapes tell the dimensions apart."""
        return {d: first + k for k, d in enumerate(self.free)}

    def small_sizes(self) -> list[dict[str, int]]:
        """Sizes of the dimensions from 1 to 3, small shapes first, and last one with all sizes different."""
        every = sorted(product(range(1, 4), repeat=len(self.free)), key=lambda sizes: (sum(sizes), sizes))
        return [dict(zip(self.free, sizes, strict=True)) for sizes in every] + [self.distinct_sizes()]


def dimensions_in(name: str, shape: str) -> tuple[str, ...]:
    """The words of a shape: none for a single number.

    Raises
    ------
    ArgumentError
        If one is neither a name nor a number.
    """
    words = tuple(shape.split()) if isinstance(shape, str) else ("",)
    if not all(word.isidentifier() or word.isdecimal() for word in words):
        raise ArgumentError(
            f'the shape of {name} is {shape!r}: write names or numbers with spaces between, as in "N D"'
        )
    return words


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
