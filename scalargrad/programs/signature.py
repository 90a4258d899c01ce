"""The signature of a program: the shapes of what goes in and out, as the type of a function is to the function.

>>> signature = Signature(inputs=((2,),), parameters=((),), outputs=((),), summed=(), single=True, names=("x", ""))
>>> signature.entries
['parameters[0]', 'x[0]', 'x[1]']
>>> signature.bind([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 7.0).samples
3
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..arrays import Array, entry_name
from ..errors import ProgramError

Shapes: TypeAlias = tuple[tuple[int, ...], ...]


DOUBLE, SINGLE = np.dtype(np.float64), np.dtype(np.float32)


class Bound(NamedTuple):
    """Arguments that fit a signature, as arrays of floats, and the size of the batch, None for one sample.

    `dtype` is float32 if all arguments are, else float64.
    """

    inputs: list[Array]
    parameters: list[Array]
    samples: int | None
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class Signature:
    """The shapes of arguments and results, each sample's for inputs and outputs.

    Attributes
    ----------
    inputs, parameters
        Of the arguments: those that differ from sample to sample, and those that all samples of a batch share.
    outputs, summed
        Of the results: those that each sample has, and those that are added up over the batch.
    single
        Whether there is one output, and not a list of them.
    names
        Of the inputs and then the parameters; "" for one that has none.
    """

    inputs: Shapes
    parameters: Shapes
    outputs: Shapes
    summed: Shapes
    single: bool
    names: tuple[str, ...]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """How many numbers all inputs have, and all parameters, outputs, and sums."""
        shapes = {"inputs": self.inputs, "parameters": self.parameters, "outputs": self.outputs, "summed": self.summed}
        return {what: sum(map(math.prod, of_all)) for what, of_all in shapes.items()}

    @cached_property
    def arguments(self) -> list[str]:
        """What the arguments are called."""
        places = [f"inputs[{k}]" for k in range(len(self.inputs))]
        places += [f"parameters[{k}]" for k in range(len(self.parameters))]
        return [name or place for name, place in zip(self.names, places, strict=True)]

    @cached_property
    def entries(self) -> list[str]:
        """What all numbers are called, of the parameters and then of the inputs: their order in the registers."""
        n = len(self.inputs)
        named = list(zip(self.arguments, (*self.inputs, *self.parameters), strict=True))
        return [entry_name(name, index) for name, shape in named[n:] + named[:n] for index in np.ndindex(shape)]

    def bind(self, *arrays: Any) -> Bound:
        """The arguments of a call.

        Parameters
        ----------
        arrays
            Numbers for each input, of its shape or with an axis in front for the samples of a batch; then for each
            parameter, of its shape.

        Raises
        ------
        ProgramError
            If the number of arrays or a shape does not fit, or an entry is not a number.
        """
        n = len(self.inputs)
        if len(arrays) != len(self.arguments):
            raise ProgramError(
                f"{len(arrays)} arrays are given: this program takes {n} inputs and {len(self.parameters)} parameters"
            )
        given = [_floats(x, name) for x, name in zip(arrays, self.arguments, strict=True)]
        sizes = {}
        for x, shape, name in zip(given, self.inputs, self.arguments, strict=False):
            if x.shape != shape:
                if x.shape[1:] != shape or x.ndim != len(shape) + 1:
                    batch = f"({', '.join(['B', *map(str, shape)])}{',' if not shape else ''})"
                    right = f"give {shape} for one sample, or {batch} for B of them"
                    raise ProgramError(f"{name} has the shape {x.shape}: {right}")
                sizes[name] = len(x)
        for x, shape, name in zip(given[n:], self.parameters, self.arguments[n:], strict=True):
            if x.shape != shape:
                raise ProgramError(f"{name} has the shape {x.shape}: it was recorded with {shape}")
        if len(set(sizes.values())) > 1:
            text = ", ".join(f"{size} in {name}" for name, size in sizes.items())
            raise ProgramError(f"the inputs have different numbers of samples, {text}: give each the same number")
        dtype = SINGLE if given and all(x.dtype == SINGLE for x in given) else DOUBLE
        return Bound(given[:n], given[n:], next(iter(sizes.values()), None), dtype)

    def results(self, outputs: Array, sums: Array, samples: int | None) -> Any:
        """Numbers, those of a batch in a row for each sample, in the shapes of the results."""
        front = () if samples is None else (samples,)
        cut = list(_cut(outputs, self.outputs, front))
        result = cut[0] if self.single else cut
        return (result, list(_cut(sums, self.summed, ()))) if self.summed else result


def _floats(x: Any, name: str) -> Array:
    """An array of float64, or of float32 if it is that."""
    try:
        array = np.asarray(x)
        return array if array.dtype in (DOUBLE, SINGLE) else array.astype(DOUBLE)
    except (TypeError, ValueError):
        raise ProgramError(f"{name} is not an array of numbers: give floats, in nested lists or an array") from None


def _cut(found: Array, shapes: Sequence[tuple[int, ...]], front: tuple[int, ...]) -> Iterator[Any]:
    """Numbers as arrays of these shapes; a single number for the shape ()."""
    start = 0
    for shape in shapes:
        size = math.prod(shape)
        yield found[..., start : start + size].reshape(front + shape)[()]
        start += size
