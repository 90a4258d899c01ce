"""Jacobians, Hessians and differentials by two other routes: the engine's own, and differences.

>>> from .one_formula import gradients_of
>>> (by_x,) = gradients_of("x'*x", {})
>>> for line in by_graphs_and_differences(by_x.jacobian()): print(line)
scalar graphs: by sg.jacobian, all 7 entries equal exactly over Fractions at N = 2, 3, 1, 1
differences: the same entries at 2, to 25 digits, by central differences of the formula as written, at 120 digits
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ...arrays import fill, jacobian
from ...engine.sweep import grad
from ...engine.value import Value
from ...errors import DerivationError, DomainError, UnconfirmedError
from ..evaluation import as_mpf, evaluate_formula
from .arithmetic_of_matrices import on_numbers
from .expression import Dimensions, MatrixExpression
from .higher_derivative import HigherDerivative
from .reading import Reading
from .two_routes import SIZES, close_to, converted, drawer, is_irrational, real_of

_DIGITS, _WORKING, _COMPARED = 50, 120, 25
_STEP = Fraction(1, 10**25)
_TRIES = 8


@dataclass(frozen=True)
class _Point:
    """Numbers for the inputs of a text."""

    sizes: dict[str, int]
    arrays: dict[str, Any]
    kind: Callable[[Fraction], Any]


def _points(reading: Reading, irrational: bool, others: Mapping[str, Dimensions], pattern: int) -> Iterator[_Point]:
    """Numbers at the sizes of a pattern: of both signs, then positive, then small."""
    letters = reading.dimensions
    sizes = {x: int(x) for shape in reading.shapes.values() for x in shape if x.isdigit()}
    sizes |= {letter: SIZES[pattern][k % len(SIZES[pattern])] for k, letter in enumerate(letters)} | {"1": 1}
    kind: Callable[[Fraction], Any] = as_mpf if irrational else Fraction
    for attempt in range(_TRIES):
        draw = drawer(random.Random(f"{attempt} {pattern} beyond"), attempt)
        shapes = {**reading.shapes, **others}
        drawn = {
            name: fill((sizes[rows], sizes[columns]), lambda *_, draw=draw: draw())
            for name, (rows, columns) in shapes.items()
        }
        for name in reading.symmetric & drawn.keys():
            array = drawn[name]
            drawn[name] = fill(array.shape, lambda i, j, array=array: array[min(i, j), max(i, j)])
        yield _Point(sizes, {name: converted(array, kind) for name, array in drawn.items()}, kind)


def _tried(reading: Reading, expressions: list[MatrixExpression], compare: Callable[[_Point, bool], int],
           others: Mapping[str, Dimensions] = {}) -> tuple[int, list[str], bool]:  # fmt: skip
    """Compare at the sizes of every pattern; how many entries, where, and whether they are irrational."""
    import mpmath

    irrational = is_irrational(expressions)
    where: list[str] = []
    compared = 0
    with mpmath.workdps(_WORKING):
        for pattern in range(len(SIZES) if reading.dimensions else 1):
            for point in _points(reading, irrational, others, pattern):
                try:
                    found = compare(point, not where)
                except (TypeError, ValueError, ZeroDivisionError):  # outside a function's domain
                    continue
                compared += found
                where.append(", ".join(str(point.sizes[letter]) for letter in reading.dimensions))
                break
    if not where:
        raise UnconfirmedError(
            "the formula can't be confirmed, and so isn't shown: no numbers were found where all in it is defined"
        )
    return compared, where, irrational


def _said(reading: Reading, compared: int, where: list[str], irrational: bool, how: str) -> tuple[str, str]:
    exactly = f"to {_DIGITS} digits" if irrational else "exactly over Fractions"
    many = len(reading.dimensions) > 1
    letters = ", ".join(reading.dimensions)
    at = f" at {f'({letters})' if many else letters} = {', '.join(f'({x})' if many else x for x in where)}"
    at = at if reading.dimensions else ""
    first = f" at {f'({where[0]})' if many else where[0]}" if reading.dimensions else ""
    return (
        f"scalar graphs: {how}, all {compared} entries equal {exactly}{at}",
        f"differences: the same entries{first}, to {_COMPARED} digits, by central differences of the formula as "
        f"written, at {_WORKING} digits",
    )


def by_graphs_and_differences(derivative: HigherDerivative) -> tuple[str, str]:
    """Compare every entry with the engine's Jacobian, or second-order graph, and with differences.

    Raises
    ------
    DerivationError
        If one differs, which would be a mistake of ours.
    UnconfirmedError
        If no numbers were found at which everything is defined.
    """
    reading, found = derivative.reading, derivative.found
    of = [] if derivative.matrix is None else [derivative.matrix]

    def compare(point: _Point, with_differences: bool) -> int:
        claim = by_index(derivative, point)
        inputs = {name: converted(array, Value) for name, array in point.arrays.items()}
        output = on_numbers(reading.expression, inputs, point.sizes, point.kind)
        if len(derivative.by) == 2:
            output = np.asarray(grad(output[0, 0], inputs[derivative.by[0]], create_graph=True), dtype=object)
        graph = np.asarray(jacobian(output, inputs[derivative.by[-1]]), dtype=object).reshape(claim.shape)
        others = [graph]
        if derivative.matrix is not None:
            others.append(on_numbers(derivative.matrix, point.arrays, point.sizes, point.kind).reshape(claim.shape))
        if derivative.kronecker is not None:
            others.append(kronecker_numbers(derivative, point).reshape(claim.shape))
        digits = [_DIGITS] * len(others)
        if with_differences:
            others.append(differences_of(derivative, point).reshape(claim.shape))
            digits.append(_COMPARED)
        if any(type(x).__name__ == "mpc" for array in (claim, *others) for x in array.flat):
            raise DomainError("a logarithm or a root of a negative number")
        for other, some in zip(others, digits, strict=True):
            for one, another in zip(claim.flat, other.flat, strict=True):
                one = one if some == _DIGITS else real_of(one, as_mpf)
                if not close_to(one, another, some):
                    raise DerivationError(
                        f"{derivative.statement} is false at {point.sizes}: {one}, and {another} by another route"
                    )
        return int(claim.size)

    compared, where, irrational = _tried(reading, [reading.expression, *of, *found.known.values()], compare)
    how = "by sg.jacobian" if len(derivative.by) == 1 else "by the second-order graph of sg.grad and sg.jacobian"
    return _said(reading, compared, where, irrational, how)


def by_index(derivative: HigherDerivative, point: _Point) -> Any:
    """Every entry by the formula of indices."""
    arrays = {}
    for label, A in derivative.found.known.items():
        array = on_numbers(A, point.arrays, point.sizes, point.kind)
        arrays[label] = array.reshape(tuple(point.sizes[letter] for letter in A.shape if letter != "1"))
    return evaluate_formula(derivative.found.formula, arrays, point.sizes)


def kronecker_numbers(derivative: HigherDerivative, point: _Point) -> Any:
    """The matrix of row-major entries, from its Kronecker products."""
    sizes = [point.sizes[letter] for letter in derivative.found.shape]
    rows, columns = (
        np.prod(sizes[: derivative.found.first], dtype=int),
        np.prod(sizes[derivative.found.first :], dtype=int),
    )
    whole = fill((rows, columns), lambda *_: Fraction(0))

    def numbers(A: MatrixExpression) -> Any:
        return on_numbers(A, point.arrays, point.sizes, point.kind)

    for product in derivative.kronecker or ():
        scale = numbers(product.scale)[0, 0]
        one = None if product.rows is None else numbers(product.rows).ravel()
        other = None if product.columns is None else numbers(product.columns).ravel()
        if product.left is None or product.right is None:
            assert one is not None
            assert other is not None
            whole = whole + scale * np.outer(one, other)
            continue
        matrix = np.kron(numbers(product.left), numbers(product.right))
        if product.swapped:
            matrix = matrix.reshape(rows, sizes[-1], sizes[-2]).transpose(0, 2, 1).reshape(rows, columns)
        matrix = matrix if one is None else one[:, None] * matrix
        matrix = matrix if other is None else matrix * other
        whole = whole + scale * matrix
    return whole


def differences_of(derivative: HigherDerivative, point: _Point) -> Any:
    """Central differences of the text's formula; of second order for a Hessian."""
    reading, h = derivative.reading, as_mpf(_STEP)
    reals = {name: converted(array, lambda x: real_of(x, as_mpf)) for name, array in point.arrays.items()}

    def moved(*steps: tuple[str, int, Any]) -> Any:
        arrays = dict(reals)
        for name, at, step in steps:
            arrays[name] = arrays[name].copy()
            arrays[name].flat[at] += step
        return on_numbers(reading.expression, arrays, point.sizes, as_mpf).ravel()

    *before, last = derivative.by
    columns = range(reals[last].size)
    if not before:
        slopes = [(moved((last, at, h)) - moved((last, at, -h))) / (2 * h) for at in columns]
        return np.array(slopes, dtype=object).T
    return np.array(
        [
            [
                sum(a * b * moved((before[0], row, a * h), (last, at, b * h))[0] for a in (1, -1) for b in (1, -1))
                / (4 * h * h)
                for at in columns
            ]
            for row in range(reals[before[0]].size)
        ],
        dtype=object,
    )


def along_directions(
    reading: Reading, whole: MatrixExpression, directions: Mapping[str, MatrixExpression]
) -> tuple[str, str]:
    """Compare a differential with the engine's Jacobians times directions, and with differences along them."""
    shapes = {str(direction.data): direction.shape for direction in directions.values()}

    def compare(point: _Point, with_differences: bool) -> int:
        claim = on_numbers(whole, point.arrays, point.sizes, point.kind)
        inputs = {name: converted(point.arrays[name], Value) for name in reading.shapes}
        output = on_numbers(reading.expression, inputs, point.sizes, point.kind)
        graph = fill(claim.shape, lambda *_: Fraction(0))
        for name, direction in directions.items():
            by_name = np.asarray(jacobian(output, inputs[name]), dtype=object).reshape(output.size, -1)
            graph = graph + (by_name @ point.arrays[direction.data].ravel()).reshape(claim.shape)
        differences = claim
        if with_differences:
            reals = {name: converted(array, lambda x: real_of(x, as_mpf)) for name, array in point.arrays.items()}
            h = as_mpf(_STEP)

            def moved(step: Any) -> Any:
                arrays = {name: reals[name] + step * reals[str(d.data)] for name, d in directions.items()}
                return on_numbers(reading.expression, {**reals, **arrays}, point.sizes, as_mpf)

            differences = (moved(h) - moved(-h)) / (2 * h)
        for one, other, third in zip(claim.flat, graph.flat, differences.flat, strict=True):
            if any(type(x).__name__ == "mpc" for x in (one, other, third)):
                raise DomainError("a logarithm or a root of a negative number")
            if not close_to(one, other, _DIGITS) or not close_to(
                real_of(one, as_mpf), real_of(third, as_mpf), _COMPARED
            ):
                raise DerivationError(f"the differential is false at {point.sizes}: {one}, and {other} by the graph")
        return int(claim.size)

    compared, where, irrational = _tried(reading, [reading.expression, whole], compare, shapes)
    return _said(reading, compared, where, irrational, "the Jacobians of sg.jacobian times the directions")
