"""Index notation as matrices: the statements of a forward pass as one formula, where they have a matrix form.

    >>> from ..notation import read
    >>> from .writing import InText
    >>> layer = read("h[a,b] = sum(k, x[a,k]*w[k,b]); f = sum(a, b, h[a,b]^2)")
    >>> InText().written(as_one_expression(layer))
    '‖x·w‖_F²'

Each statement's right side is contracted to matrices by `matrix_form`, and what earlier statements made is put in.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from itertools import cycle
from operator import matmul, mul
from typing import Any

from ...arrays import fill
from ...errors import DerivationError, NotationError
from ..evaluation import as_mpf, evaluate_forward
from ..matrix_form import (
    NUMBER,
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
    as_shape,
    closed_form,
)
from ..terms import Formula, ForwardPass
from .arithmetic_of_matrices import on_numbers
from .expression import MatrixExpression, added, all_ones, dimension, identity, matrix_named, plain_number, zeros
from .two_routes import close_to, drawer


def as_one_expression(layer: ForwardPass, known: Mapping[str, MatrixExpression] | None = None) -> MatrixExpression:
    """The output of a forward pass as a formula of its inputs, or of what is known of them.

    Raises
    ------
    NotationError
        If something has more than two indices, or a statement has no matrix form: which.
    """
    made = dict(known or {})
    for name, shape in layer.shapes.items():
        if len(shape) > 2:
            raise NotationError(f"{name} has {len(shape)} indices, and a matrix has two: there is no matrix form")
        if name in layer.inputs:
            made.setdefault(name, matrix_named(name, as_shape(shape)))
    for statement in layer.statements:
        closed = closed_form(Formula(statement.terms, statement.indices))
        if closed is None:
            raise NotationError(f"{statement.name} has no matrix form: its sums are no products of matrices")
        found = expression_of(closed, made)
        made[statement.name] = found.applied(statement.function) if statement.function else found
    if known is None:
        require_same(layer, made[layer.output])
    return made[layer.output]


def require_same(layer: ForwardPass, A: MatrixExpression) -> None:
    """Compare the formula with the forward pass that it is to be, on numbers.

    Raises
    ------
    DerivationError
        If they differ, which would be a mistake of ours.
    """
    import mpmath

    def kind(q: Fraction) -> Any:
        return as_mpf(q) if layer.is_irrational else q

    sizes = {**dict(zip(layer.dimensions, cycle((2, 3, 2)), strict=False)), "1": 1}
    constants = {letter: fill((), lambda size=size: kind(Fraction(size))) for letter, size in sizes.items()}
    with mpmath.workdps(60):
        for attempt in range(8):
            draw = drawer(random.Random(attempt), attempt)
            inputs = {
                name: fill(tuple(sizes[x] for x in layer.shapes[name]), lambda *_, draw=draw: kind(draw()))
                for name in layer.inputs
            }
            try:
                right = evaluate_forward(layer, inputs, sizes, 0, constants)[layer.output]
                columns = {name: array.reshape((*array.shape, 1, 1)[:2]) for name, array in inputs.items()}
                found = on_numbers(A, columns, sizes, kind)
            except (TypeError, ValueError, ZeroDivisionError):  # outside a function's domain
                continue
            if not all(close_to(one, other, 40) for one, other in zip(right.flat, found.flat, strict=True)):
                raise DerivationError(f"the matrix form of {layer.output} is false at {sizes}")
            return


def expression_of(A: Matrix, known: Mapping[str, MatrixExpression]) -> MatrixExpression:
    """A formula that was found from indices, with what its symbols stand for."""
    parts = [expression_of(part, known) for part in A.parts]
    match A:
        case Symbol(name=name, function=None, exponent=exponent):
            return known[name] ** exponent
        case Size(letter=letter, exponent=exponent):
            return dimension(letter) ** exponent
        case Zeros():
            return zeros(A.shape)
        case Ones():
            return all_ones(A.shape)
        case Identity():
            return identity(A.shape[0])
        case Scaled(number=number):
            return reduce(mul, parts, plain_number(number))
        case Transpose():
            return parts[0].T
        case Product():
            if all(part.kind == "ones" for part in parts):  # 1·1ᵀ
                return all_ones(A.shape)
            if A.shape == NUMBER and "ones" in (parts[0].kind, parts[-1].kind):  # 1ᵀ·A·1 is the sum of all entries
                rest = parts[parts[0].kind == "ones" : len(parts) - (parts[-1].kind == "ones")]
                return reduce(matmul, rest).summary("total")
            return reduce(matmul, parts)
        case Hadamard():
            return reduce(mul, parts)
        case Plus():
            return added(parts)
        case Trace():
            return parts[0].summary("trace")
        case Column():
            return parts[0].diagonal()
        case Diagonal():
            return parts[0].diag()
    raise NotImplementedError(A)
