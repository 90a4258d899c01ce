"""What `derive` returns: the derivations, by number or by name; and what `check` takes, made of them.

    >>> from .derive import derive
    >>> found = derive("norm2(X*w - y)^2", X="N D")
    >>> found["w"].statement, found.shapes
    ('∂f/∂w = 2·Xᵀ·(X·w − y)', {'X': 'N D', 'w': 'D', 'y': 'N'})
    >>> found.gradients([[1, 2], [3, 4]], [1, 1], [2, 7], None, 1)[1].tolist()
    [2, 4]

`check(found.forward, found.gradients, found.shapes)` judges the derivation as it would one of yours.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex, overload

import numpy as np

from ..errors import ArgumentError
from .differentiation import gradient
from .evaluation import evaluate_formula, evaluate_forward
from .matrix_notation.arithmetic_of_matrices import on_numbers
from .matrix_notation.beyond_gradients import differential_of
from .matrix_notation.higher_derivative import Differential
from .matrix_notation.one_formula import OneFormula, gradients_of_layer
from .terms import ForwardPass


class Derivations(list[Any]):
    """A list of derivations, each of which is found by the name of what is differentiated by, too."""

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> list[Any]: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> Any:
        """The derivation at a place, or by a name.

        Raises
        ------
        ArgumentError
            If nothing has this name.
        """
        if not isinstance(key, str):
            return super().__getitem__(key)
        found = [one for one in self if one.name == key]
        if not found:
            raise ArgumentError(f"nothing is derived by {key}: there are {', '.join(one.name for one in self)}")
        return found[0]

    @property
    def forward(self) -> Any:
        """The forward pass as a function of arrays of any numbers, Values among them."""
        return signed(self._run.output, self._run.names)

    @property
    def gradients(self) -> Any:
        """A function `gradients(inputs…, Y, G)` of arrays of any numbers, as `check` takes it."""
        return signed(self._run.gradients, [*self._run.names, "Y", "G"])

    @property
    def shapes(self) -> dict[str, str]:
        """The dimensions of each input, as `check` takes them."""
        return self._run.shapes

    @property
    def _run(self) -> _Run:
        return _RunByMatrices(self) if isinstance(self[0], OneFormula) else _RunByIndices(self[-1].layer)

    def differential(self) -> Differential:
        """df or dF in all inputs at once, each as independent of the others.

        Raises
        ------
        NotationError
            If a forward pass in index notation has no matrix form.
        """
        if isinstance(self[0], OneFormula):
            return differential_of(self)
        return differential_of(gradients_of_layer(self[-1].layer))


def signed(function: Any, names: list[str]) -> Any:
    """A function of arrays that tells the names of its arguments."""

    def called(*arrays: Any) -> Any:
        if len(arrays) != len(names):
            raise ArgumentError(f"this takes {len(names)} arrays, {', '.join(names)}, and {len(arrays)} are given")
        return function(*arrays)

    kind = inspect.Parameter.POSITIONAL_ONLY
    called.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    return called


class _Run:
    names: list[str]
    shapes: dict[str, str]

    def sizes(self, letters: Mapping[str, tuple[str, ...]], arrays: Mapping[str, Any]) -> dict[str, int]:
        """The dimensions, from the shapes of arrays."""
        found = {letter: int(letter) for shape in letters.values() for letter in shape if letter.isdigit()}
        for name, array in arrays.items():
            shape = letters[name]
            if array.ndim != len(shape):
                raise ArgumentError(f"{name} has {array.ndim} dimensions here, and {len(shape)} in the formula")
            for letter, size in zip(shape, array.shape, strict=True):
                if found.setdefault(letter, size) != size:
                    raise ArgumentError(f"the dimension {letter} is {found[letter]} elsewhere, and {size} in {name}")
        return found

    def output(self, *arrays: Any) -> Any:
        raise NotImplementedError

    def gradients(self, *arrays: Any) -> Any:
        raise NotImplementedError


@dataclass
class _RunByIndices(_Run):
    layer: ForwardPass

    @property
    def names(self) -> list[str]:  # type: ignore[override]
        return list(self.layer.inputs)

    @property
    def shapes(self) -> dict[str, str]:  # type: ignore[override]
        return {name: " ".join(self.layer.shapes[name]) for name in self.names}

    def made(self, arrays: Sequence[Any]) -> tuple[dict[str, Any], dict[str, int]]:
        given = {name: np.asarray(array, dtype=object) for name, array in zip(self.names, arrays, strict=True)}
        sizes = self.sizes(self.layer.shapes, given)
        return evaluate_forward(self.layer, given, sizes), sizes

    def output(self, *arrays: Any) -> Any:
        made, _ = self.made(arrays)
        return made[self.layer.output][()]

    def gradients(self, *arrays: Any) -> Any:
        layer, G = self.layer, arrays[-1]
        numbers, sizes = self.made(arrays[:-2])
        upstream = np.asarray(1 if G is None else G, dtype=object)
        numbers[layer.adjoint(layer.output)] = upstream
        if layer.is_scalar:  # whose formulas have no adjoint of their own
            scale = upstream[()]
        for statement in reversed(layer.statements[:-1]):
            if layer.depends(statement.name):
                numbers[layer.adjoint(statement.name)] = evaluate_formula(
                    gradient(layer, statement.name), numbers, sizes
                )
        found = [evaluate_formula(gradient(layer, name), numbers, sizes) for name in self.names]
        return tuple((array * scale if layer.is_scalar else array)[()] for array in found)


@dataclass
class _RunByMatrices(_Run):
    found: list[OneFormula]

    @property
    def names(self) -> list[str]:  # type: ignore[override]
        return [one.name for one in self.found]

    @property
    def shapes(self) -> dict[str, str]:  # type: ignore[override]
        reading = self.found[0].reading
        return {
            name: " ".join([*array_dimensions(shape), *["symmetric"] * (name in reading.symmetric)])
            for name, shape in reading.shapes.items()
        }

    def columns(self, arrays: Sequence[Any]) -> tuple[dict[str, Any], dict[str, int]]:
        shapes = self.found[0].reading.shapes
        given = {name: np.asarray(array, dtype=object) for name, array in zip(self.names, arrays, strict=True)}
        letters = {name: array_dimensions(shape) for name, shape in shapes.items()}
        sizes = self.sizes(letters, given)
        return {name: array.reshape(as_columns(array)) for name, array in given.items()}, {**sizes, "1": 1}

    def output(self, *arrays: Any) -> Any:
        given, sizes = self.columns(arrays)
        first = self.found[0]
        return back_to_array(on_numbers(first.reading.expression, given, sizes), first.function.shape)

    def gradients(self, *arrays: Any) -> Any:
        inputs, G = arrays[:-2], arrays[-1]
        given, sizes = self.columns(inputs)
        seed = self.found[0].seed
        upstream = np.asarray(1 if G is None else G, dtype=object)
        if seed.kind == "name":
            given[seed.data] = upstream.reshape(as_columns(upstream))
        result = []
        for one in self.found:
            array = on_numbers(one.gradient, given, sizes)
            array = array if seed.kind == "name" else array * upstream[()]
            result.append(back_to_array(array, one.gradient.shape))
        return tuple(result)


def array_dimensions(shape: tuple[str, str]) -> tuple[str, ...]:
    """The dimensions of an array: two, one of a vector, none of a number."""
    return shape if shape[1] != "1" else shape[:1] if shape[0] != "1" else ()


def as_columns(array: Any) -> tuple[int, int]:
    """The shape of an array as a matrix: a vector is a column, a number 1×1."""
    shape: tuple[int, ...] = array.shape
    rows, columns, *_ = (*shape, 1, 1)
    return rows, columns


def back_to_array(matrix: Any, shape: tuple[str, str]) -> Any:
    """A matrix, a vector of one dimension, or a number."""
    if shape == ("1", "1"):
        return matrix[0, 0]
    return matrix[:, 0] if shape[1] == "1" else matrix
