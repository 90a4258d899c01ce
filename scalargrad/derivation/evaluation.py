"""Formulas on numbers, in index form and as matrices, and the forward pass that they are derived from.

    >>> from .differentiation import gradient
    >>> from .matrix_form import closed_form
    >>> from .notation import read
    >>> formula = gradient(read("y[a] = sum(k, w[a,k] * x[k])"), "x")
    >>> arrays, sizes = {"w": fill((2, 3), lambda i, j: 3 * i + j), "g": fill((2,), lambda i: 10**i)}, {"N": 2, "D": 3}
    >>> evaluate_formula(formula, arrays, sizes).tolist(), evaluate_matrix(closed_form(formula), arrays, sizes).tolist()
    ([30, 41, 52], [[30], [41], [52]])

The numbers may be Values, which makes a graph of the forward pass.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial, reduce
from itertools import product
from typing import Any

import numpy as np

from ..arrays import fill
from ..engine import ops
from ..engine.numbers import total
from ..engine.ops import Op
from .matrix_form import (
    Column,
    Diagonal,
    Hadamard,
    Identity,
    Matrix,
    Ones,
    Plus,
    Product,
    Scaled,
    Size,
    Symbol,
    Trace,
    Transpose,
    Zeros,
)
from .terms import DELTA, Factor, Formula, ForwardPass, Term

Arrays = Mapping[str, Any]
"""NumPy arrays of dtype object by name."""
Sizes = Mapping[str, int]
"""What the dimensions N, D, M… are."""


def derivative(function: Op, z: Any) -> Any:
    """f′(z), by f's row of the table."""
    return function.partials(function.apply(z), z)[0]


def as_mpf(q: Any) -> Any:
    """A whole number or Fraction as one of mpmath's numbers; any other number as it is."""
    import mpmath

    return mpmath.mpf(q.numerator) / q.denominator if isinstance(q, (int, Fraction)) else q


def raised_to(x: Any, exponent: Fraction) -> Any:
    """A power of a number of any kind, exact where the numbers are."""
    if exponent == 1:
        return x
    if exponent.denominator == 1:
        return ops.constant_power(int(exponent))(Fraction(x) if type(x) is int else x)
    if type(getattr(x, "data", x)).__module__.startswith("mpmath"):
        import mpmath

        return ops.constant_power(mpmath.mpf(exponent.numerator) / exponent.denominator)(x)
    if exponent == Fraction(1, 2):
        return ops.SQRT(x)
    return ops.constant_power(float(exponent))(x)


def evaluate_formula(formula: Formula, arrays: Arrays, sizes: Sizes) -> Any:
    """Every entry of a formula in index form, as an array."""

    def entry(*place: int) -> Any:
        at = dict(zip(formula.indices, place, strict=True))
        products = [number for term in formula.terms for number in summands(term, at)]
        return total(*products) if products else 0

    def summands(term: Term, at: dict[str, int]) -> Iterator[Any]:
        indices = [index for index, _ in term.bound]
        for place in product(*(range(sizes[size]) for _, size in term.bound)):
            inner = at | dict(zip(indices, place, strict=True))
            numbers = [number_at(factor, inner) for factor in term.factors]
            if term.coefficient != 1 or not numbers:
                numbers.append(term.coefficient)
            yield reduce(operator.mul, numbers)

    def number_at(factor: Factor, at: dict[str, int]) -> Any:
        place = tuple(at[index] for index in factor.indices)
        if factor.name == DELTA:
            return int(place[0] == place[1])
        is_size = factor.is_size and factor.name not in arrays  # where it may be a number of another kind
        number = Fraction(sizes[factor.name]) if is_size else arrays[factor.name][place]
        return derivative(factor.function, number) if factor.function else raised_to(number, factor.exponent)

    return fill(tuple(sizes[size] for _, size in formula.free), entry)


def evaluate_matrix(A: Matrix, arrays: Arrays, sizes: Sizes) -> Any:
    """A formula of matrices by NumPy: a matrix, a column or 1×1."""
    shape = tuple(1 if size == "1" else sizes[size] for size in A.shape)
    parts = [evaluate_matrix(part, arrays, sizes) for part in A.parts]
    match A:
        case Symbol(name=name, function=None, exponent=exponent):
            array = np.asarray(arrays[name], dtype=object).reshape(shape)
            return fill(shape, lambda *at: raised_to(array[at], exponent))
        case Symbol(name=name, function=Op() as function):
            array = np.asarray(arrays[name], dtype=object).reshape(shape)
            return fill(shape, lambda *at: derivative(function, array[at]))
        case Zeros():
            return fill(shape, lambda *_: 0)
        case Ones():
            return fill(shape, lambda *_: 1)
        case Identity():
            return fill(shape, lambda i, j: int(i == j))
        case Size(letter=letter, exponent=exponent):
            size = arrays[letter][()] if letter in arrays else Fraction(sizes[letter])
            return fill(shape, lambda *_: raised_to(size, exponent))
        case Scaled(number=number):
            *scalars, array = parts
            return reduce(lambda result, scalar: result * scalar[0, 0], scalars, array * number)
        case Transpose():
            return parts[0].T
        case Product():
            return reduce(_multiplied, parts)
        case Hadamard():
            return reduce(operator.mul, parts)
        case Plus():
            return reduce(operator.add, parts)
        case Trace():
            return fill(shape, lambda *_: sum(parts[0].diagonal()))
        case Column():
            return parts[0].diagonal().reshape(shape)
        case Diagonal():
            return fill(shape, lambda i, j: parts[0][i, 0] if i == j else 0)
    raise NotImplementedError(A)


def _multiplied(A: Any, B: Any) -> Any:
    """NumPy's product; a product over no index is zeros, which for objects NumPy leaves unset in some versions."""
    return A @ B if A.shape[1] else fill((A.shape[0], B.shape[1]), lambda *_: 0)


def evaluate_forward(
    layer: ForwardPass, arrays: Arrays, sizes: Sizes, zero: Any = 0, constants: Arrays | None = None
) -> dict[str, Any]:
    """Everything that the layer makes, from arrays for its inputs.

    Sums start from `zero`: from a Value each entry is a node of its own, where y[a] = x[a] would be x's. `constants`
    are the dimensions as numbers, where they are to be of another kind than Fractions.
    """
    made = dict(arrays)
    for statement in layer.statements:
        array = evaluate_formula(Formula(statement.terms, statement.indices), {**(constants or {}), **made}, sizes)
        finish = statement.function or partial(operator.add, zero)
        made[statement.name] = fill(array.shape, lambda *at, array=array, finish=finish: finish(array[at]))
    return made
