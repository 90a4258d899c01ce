"""Layers: modules with parameters, which are called with numbers or Values.

>>> model = MLP(2, [3, 1], seed=0)
>>> len(model.parameters()), model([1.0, 2.0]).data == MLP(2, [3, 1])([1.0, 2.0]).data
(13, True)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Array, ValueArray, data, objects, values
from ..engine.collector import collector_paused
from ..engine.value import Value
from ..errors import ArgumentError, FileError, ShapeError


class Module:
    """Something with parameters that is called with numbers or Values.

    Its parameters are the arrays of Values that it holds as attributes, and those of the modules that it holds, alone
    or in a list: nobody lists them by hand.
    """

    def __call__(self, x: Any) -> Any:
        """The outputs for one sample."""
        raise NotImplementedError

    def arrays(self) -> list[Array]:
        """The parameters as arrays, in the order in which the attributes were set: each layer's W and b."""
        found: list[Array] = []
        for attribute in vars(self).values():
            for part in attribute if isinstance(attribute, (list, tuple)) else [attribute]:
                if isinstance(part, Module):
                    found += part.arrays()
                elif isinstance(part, ValueArray):
                    found.append(part)
        return found

    def parameters(self) -> list[Value]:
        """The parameters one by one."""
        return [p for array in self.arrays() for p in array.flat]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, or the next backward pass adds to it."""
        for p in self.parameters():
            p.grad = 0

    def numbers(self) -> list[Array]:
        """What the parameters are now: arrays of float64."""
        return [np.asarray(data(array), dtype=float) for array in self.arrays()]

    def set(self, numbers: Sequence[Any]) -> None:
        """Give the parameters these numbers.

        Raises
        ------
        ShapeError
            If there are not as many arrays as parameters, or if a shape differs.
        """
        arrays = self.arrays()
        shapes = [np.shape(one) for one in numbers]
        if shapes != [array.shape for array in arrays]:
            wanted = ", ".join(str(array.shape) for array in arrays)
            raise ShapeError(f"the numbers have the shapes {', '.join(map(str, shapes))}: the parameters have {wanted}")
        for array, one in zip(arrays, numbers, strict=True):
            for p, number in zip(array.flat, np.ravel(one).tolist(), strict=True):
                p.data = number

    def save(self, path: str | Path) -> None:
        """Write the parameters to a file in NumPy's .npz format."""
        with Path(path).open("wb") as file:
            np.savez(file, *self.numbers())

    def load(self, path: str | Path) -> None:
        """Read parameters that a module of the same shape has saved.

        Raises
        ------
        FileError
            If the file can't be read, or holds something else.
        ShapeError
            If its parameters do not fit.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                numbers = [file[f"arr_{k}"] for k in range(len(file.files))]
        except OSError as error:
            raise FileError(f"{path}: cannot be read: {error.strerror or error}") from None
        except Exception as error:  # whatever zip and NumPy say of bytes that are not theirs
            raise FileError(f"{path}: these are no saved parameters: {error}") from None
        self.set(numbers)


class Affine(Module):
    """y = x·W + b.

    Parameters
    ----------
    inputs, outputs
        D and M: W is D×M, b is M.
    spread
        W's entries are drawn from a normal distribution of variance spread / D, so that y is about as large as x. 2
        suits a layer before relu, which halves the variance (He et al. 2015), 1 one before tanh (LeCun et al. 1998).
        b is 0.
    seed
        For the random numbers; or a generator of NumPy.
    name
        Stands behind w and b in the labels of their entries: "2" for w2[0,1] and b2[1].
    """

    def __init__(
        self, inputs: int, outputs: int, spread: float = 1.0, seed: int | np.random.Generator = 0, name: str = ""
    ) -> None:
        rng = np.random.default_rng(seed)
        self.W = values(rng.normal(0, math.sqrt(spread / max(inputs, 1)), (inputs, outputs)), f"w{name}")
        self.b = values(np.zeros(outputs), f"b{name}")

    def __call__(self, x: Any) -> Any:
        """x·W + b for a vector of D entries, or for N×D entries, a sample in each row: (4) with a bias.

        Raises
        ------
        ShapeError
            If x has another number of columns.
        """
        x = objects(x) if not isinstance(x, np.ndarray) else x
        if x.ndim not in (1, 2) or x.shape[-1] != self.W.shape[0]:
            raise ShapeError(f"x has the shape {x.shape}: its last axis must be W's {self.W.shape[0]} rows")
        with collector_paused():
            return x @ self.W + self.b


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], float]] = {
    "relu": (_relu, 2.0),
    "tanh": (np.tanh, 1.0),
}
"""What stands between two layers, and the spread of the weights before it."""


class MLP(Module):
    """A multi-layer perceptron: affine layers, with an activation between each two. Their weights are w1, b1, w2, b2, …

    Parameters
    ----------
    inputs, outputs
        As in micrograd: `MLP(2, [16, 16, 1])` takes vectors of 2 and has layers of 16, 16 and 1.
    activation
        "relu" or "tanh".
    seed
        For the weights.

    Raises
    ------
    ArgumentError
        If the activation is another one, or if there are no outputs.
    """

    def __init__(self, inputs: int, outputs: Sequence[int], activation: str = "relu", seed: int = 0) -> None:
        if activation not in ACTIVATIONS:
            raise ArgumentError(f"there is no activation {activation!r}: choose from {', '.join(ACTIVATIONS)}")
        if not outputs:
            raise ArgumentError("a perceptron needs at least one layer: give its sizes, as in MLP(2, [16, 16, 1])")
        self.activation, spread = ACTIVATIONS[activation]
        rng = np.random.default_rng(seed)
        sizes = [inputs, *outputs]
        self.layers = [Affine(D, M, spread, rng, str(k)) for k, (D, M) in enumerate(pairwise(sizes), start=1)]

    def __call__(self, x: Any) -> Any:
        """The outputs for a vector, or for each row of a matrix. For a vector and a single output, that Value."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        y = last(x)
        return y[0] if y.shape == (1,) else y
