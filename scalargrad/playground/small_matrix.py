"""Matrices of Values where there is no NumPy: small, and by the same names.

    >>> X, W = matrix([[1, 2]], "x"), matrix([[3, 4], [5, 6]], "w")
    >>> (X @ W).numbers(), ((X @ W) ** 2).sum().data
    ([[13, 16]], 425)

Everywhere else `sg.values` makes NumPy's arrays, which know far more. What is here means the same there: a program of
the playground runs unchanged with everything installed. A vector is a row of M entries, or a matrix has N×D.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.node import Node
from ..engine.numbers import Number
from ..engine.sweep import adjoints, grad, topological_order
from ..engine.value import Value, sum
from ..errors import ArgumentTypeError, EntryError, ShapeError


class SmallMatrix:
    """A matrix or a vector of Values or numbers.

    Attributes
    ----------
    shape
        (N, D), or (M,) for a vector.
    entries
        Row by row.
    product
        What it is the product of, if it is X·W or X·W + b.
    """

    def __init__(self, shape: tuple[int, ...], entries: Sequence[Any], product: Factors | None = None) -> None:
        self.shape = shape
        self.entries = list(entries)
        self.product = product

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        """Rows of a matrix as vectors, or the entries of a vector."""
        return (self[i] for i in range(self.shape[0]))

    def __getitem__(self, index: Any) -> Any:
        indices = index if isinstance(index, tuple) else (index,)
        if len(indices) > len(self.shape) or not all(type(i) is int for i in indices):
            raise EntryError(f"X[i] or X[i, j] with whole numbers gives an entry or a row here, and not X[{index}]")
        for i, size in zip(indices, self.shape, strict=False):
            if not -size <= i < size:
                raise EntryError(f"there is no entry {list(indices)}: the shape is {self.shape}, counted from 0")
        found: Any = self.entries
        if len(self.shape) == 2:
            columns, row = self.shape[1], indices[0] % self.shape[0]
            found = self.entries[row * columns : (row + 1) * columns]
            return found[indices[1]] if len(indices) == 2 else SmallMatrix((columns,), found)
        return found[indices[0]]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def T(self) -> SmallMatrix:
        """The transpose."""
        if self.ndim == 1:
            return self
        rows, columns = self.shape
        return SmallMatrix((columns, rows), [self[i, j] for j in range(columns) for i in range(rows)])

    @property
    def flat(self) -> Iterator[Any]:
        """The entries, row by row."""
        return iter(self.entries)

    def tolist(self) -> list[Any]:
        return [row.tolist() for row in self] if self.ndim == 2 else self.entries.copy()

    def numbers(self) -> list[Any]:
        """The numbers that it holds, by rows."""
        return self.map(lambda x: x.data if isinstance(x, Node) else x).tolist()

    def map(self, function: Callable[[Any], Any]) -> SmallMatrix:
        """The function of each entry."""
        return SmallMatrix(self.shape, [function(x) for x in self.entries])

    def sum(self) -> Value:
        """The sum of all entries, as one node."""
        return sum(self.entries)

    def mean(self) -> Value:
        return self.sum() / len(self.entries)

    def __matmul__(self, other: Any) -> Any:
        return multiplied(self, as_matrix(other))

    def __rmatmul__(self, other: Any) -> Any:
        return multiplied(as_matrix(other), self)

    def __repr__(self) -> str:
        return f"SmallMatrix({self.numbers()})"

    # fmt: off
    def __add__(self, other: Any) -> SmallMatrix: return with_bias(self, other, paired(operator.add, self, other))
    def __radd__(self, other: Any) -> SmallMatrix: return paired(operator.add, other, self)
    def __sub__(self, other: Any) -> SmallMatrix: return paired(operator.sub, self, other)
    def __rsub__(self, other: Any) -> SmallMatrix: return paired(operator.sub, other, self)
    def __mul__(self, other: Any) -> SmallMatrix: return paired(operator.mul, self, other)
    def __rmul__(self, other: Any) -> SmallMatrix: return paired(operator.mul, other, self)
    def __truediv__(self, other: Any) -> SmallMatrix: return paired(operator.truediv, self, other)
    def __rtruediv__(self, other: Any) -> SmallMatrix: return paired(operator.truediv, other, self)
    def __pow__(self, other: Any) -> SmallMatrix: return paired(operator.pow, self, other)
    def __rpow__(self, other: Any) -> SmallMatrix: return paired(operator.pow, other, self)
    def __neg__(self) -> SmallMatrix: return self.map(operator.neg)
    def __abs__(self) -> SmallMatrix: return self.map(abs)
    # fmt: on


def as_matrix(rows: Any) -> SmallMatrix:
    """A list of numbers or Values, or of such lists, as it stands."""
    if isinstance(rows, SmallMatrix):
        return rows
    if not isinstance(rows, (list, tuple)):
        raise ArgumentTypeError(f"a matrix is given as a list of rows, and this is a {type(rows).__name__}")
    if not any(isinstance(row, (list, tuple, SmallMatrix)) for row in rows):
        return SmallMatrix((len(rows),), rows)
    lengths = {len(row) if isinstance(row, (list, tuple, SmallMatrix)) else 0 for row in rows}
    if len(lengths) != 1:
        raise ShapeError("the rows of a matrix have the same length, and these have different ones")
    return SmallMatrix((len(rows), *lengths), [x for row in rows for x in row])


def matrix(rows: Any, name: str = "") -> SmallMatrix:
    """What `sg.values` is in the playground: a matrix of new leaves, labelled `x[0,1]`.

    Parameters
    ----------
    rows
        Numbers in a list, or in a list of rows.
    name
        The first part of each label.

    Raises
    ------
    ArgumentTypeError, NumberError, ShapeError
        If it is not a list of numbers, or of rows of the same length.
    """
    given = as_matrix(rows)
    return label_entries(given.map(Value), name)


def label_entries(found: SmallMatrix, name: str) -> SmallMatrix:
    """The same matrix, whose entries that have no label get one."""
    for k, node in enumerate(found.entries):
        if name and isinstance(node, Value) and not node.label:
            index = divmod(k, found.shape[1]) if found.ndim == 2 else (k,)
            node.label = f"{name}[{','.join(map(str, index))}]"
    return found


def paired(function: Callable[[Any, Any], Any], left: Any, right: Any) -> SmallMatrix:
    """A function of two matrices, entry by entry; a number or a row goes with every row."""
    shape = max((x.shape for x in (left, right) if isinstance(x, SmallMatrix)), key=len)
    if not all(isinstance(x, (list, tuple, SmallMatrix)) for x in (left, right)):
        return SmallMatrix(
            shape,
            [function(x, right) for x in left.entries]
            if isinstance(left, SmallMatrix)
            else [function(left, x) for x in right.entries],
        )
    left, right = as_matrix(left), as_matrix(right)
    shape = max(left.shape, right.shape, key=len)
    for given in (left, right):
        if given.shape != shape[-given.ndim :]:
            raise ShapeError(f"shapes {left.shape} and {right.shape} do not fit: they are equal, or one is a row")
    rows = shape[0] if len(shape) == 2 else 1
    first, second = (x.entries * (rows if x.ndim < len(shape) else 1) for x in (left, right))
    return SmallMatrix(shape, list(map(function, first, second)))


def multiplied(left: SmallMatrix, right: SmallMatrix) -> Any:
    """Row by column: each entry is one sum of products, as (4) has it."""
    K, D = right.shape[0], left.shape[-1]
    if D != K:
        raise ShapeError(f"{left.shape} @ {right.shape} does not exist: {D} columns meet {K} rows")
    rows = list(left) if left.ndim == 2 else [left]
    columns = list(right.T) if right.ndim == 2 else [right]
    entries = [sum(x * w for x, w in zip(row, column, strict=True)) for row in rows for column in columns]
    shape = (*left.shape[:-1], *right.shape[1:])
    if not shape:
        return entries[0]
    both = left.ndim == right.ndim == 2 and is_of_values(left) and is_of_values(right)
    return noted(SmallMatrix(shape, entries, Factors(left, right, None) if both else None))


LATEST: deque[SmallMatrix] = deque(maxlen=100)
"""The latest products, whatever became of them: a program seldom gives each a name."""


def noted(found: SmallMatrix) -> SmallMatrix:
    if found.product is not None:
        LATEST.append(found)
    return found


def with_bias(product: SmallMatrix, b: Any, result: SmallMatrix) -> SmallMatrix:
    """X·W + b, which remembers what it is made of."""
    if product.product and product.product.b is None and isinstance(b, SmallMatrix) and b.ndim == 1 and is_of_values(b):
        result.product = Factors(product.product.X, product.product.W, b)
    return noted(result)


def is_of_values(given: SmallMatrix) -> bool:
    return all(isinstance(x, Value) for x in given.entries)


def gradients(of: SmallMatrix) -> SmallMatrix:
    """What `sg.grads` is in the playground."""
    return of.map(lambda x: x.grad)


def contents(of: Any) -> Any:
    """What `sg.data` is in the playground."""
    return of.data if isinstance(of, Value) else of.map(lambda x: x.data if isinstance(x, Value) else x)


def gradient_of(outputs: Any, inputs: Any, seeds: Any = None, create_graph: bool = False) -> Any:
    """What `sg.grad` is in the playground: matrices go in and come out."""
    outputs = outputs.entries if isinstance(outputs, SmallMatrix) else outputs
    seeds = as_matrix(seeds).entries if isinstance(seeds, (list, SmallMatrix)) else seeds
    if isinstance(inputs, SmallMatrix):
        return SmallMatrix(inputs.shape, grad(outputs, inputs.entries, seeds, create_graph))
    return grad(outputs, inputs, seeds, create_graph)


def leads_through(Y: SmallMatrix, L: Value) -> bool:
    """Whether the factors of Y are leaves, and L depends on them through Y alone."""
    assert Y.product is not None
    factors = {x for given in (Y.product.X, Y.product.W, Y.product.b) if given is not None for x in given.entries}
    below = set(topological_order(Y.entries))
    above = [node for node in topological_order(L) if node not in below]
    return not any(x.inputs for x in factors) and not any(factors.intersection(node.inputs) for node in above)


@dataclass(frozen=True)
class Factors:
    """What Y = X·W + b is made of; b may be None."""

    X: SmallMatrix
    W: SmallMatrix
    b: SmallMatrix | None


class ProductLayer:
    """A product as the explorer looks at it: with the attributes of `sg.affine.Layer`.

    Parameters
    ----------
    Y
        A product X·W or X·W + b.
    L
        What is made of it. If X, W and b are leaves and L depends on them through Y alone, it is the layer's loss, and
        the page computes it again when an entry is changed. Else the layer is made anew, for the G = ∂L/∂Y that L has.
    """

    def __init__(self, Y: SmallMatrix, L: Value) -> None:
        assert Y.product is not None
        X, W, b = Y.product.X, Y.product.W, Y.product.b
        upstream = adjoints(L)
        G = Y.map(lambda y: upstream.get(y, 0))
        loss: Value | None = L
        if not leads_through(Y, L):
            loss, X, W = None, matrix(X.numbers()), matrix(W.numbers())
            b = None if b is None else matrix(b.numbers())
            Y = X @ W if b is None else X @ W + b
        for name, given in (("x", X), ("w", W), ("b", b), ("y", Y)):
            if given is not None:
                label_entries(given, name)
        self.X, self.W, self.b, self.Y, self.L, self.G = X, W, b, Y, loss, G
        self.adjoints = adjoints(Y.entries, G.entries)
        self.x, self.w = contents(X), contents(W)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N, D, M)"""
        (N, D), M = self.X.shape, self.W.shape[1]
        return N, D, M

    @property
    def matrices(self) -> dict[str, SmallMatrix]:
        """The matrices by letter."""
        named = {"x": self.X, "w": self.W, "b": self.b}
        return {letter: given for letter, given in named.items() if given is not None}

    def matrix(self, letter: str) -> SmallMatrix:
        return self.matrices[letter]

    def gradient(self, letter: str) -> SmallMatrix:
        """∂L/∂X, ∂L/∂W or ∂L/∂b through this product, by the reverse sweep."""
        return self.matrix(letter).map(self._adjoint)

    def _adjoint(self, node: Value) -> Number:
        return self.adjoints.get(node, 0)
