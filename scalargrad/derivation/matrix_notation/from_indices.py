"""Index notation as matrices: the statements of a forward pass as one formula, where they have a matrix form.

    >>> from ..notation import read
    >>> from .writing import InText
    >>> layer = read("h[a,b] = sum(k, x[a,k]*w[k,b]); f = sum(a, b, h[a,b]^2)")
    >>> InText().written(as_one_expression(layer))
    'sum((x·w)^∘2)'

Each statement's right side is contracted to matrices by `matrix_form`, and what earlier statements made is put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import matmul, mul

from ...errors import NotationError
from ..matrix_form import (
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
from .expression import MatrixExpression, added, all_ones, dimension, identity, matrix_named, plain_number, zeros


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
    return made[layer.output]


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
