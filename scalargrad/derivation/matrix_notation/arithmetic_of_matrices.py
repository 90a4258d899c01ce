"""A formula of matrices on numbers of any kind: Fractions, mpmath's, or Values, which makes a graph.

    >>> from .expression import matrix_named
    >>> A = matrix_named("A", ("N", "N"))
    >>> array = fill((2, 2), lambda i, j: Fraction(i + 2 * j + 1))
    >>> on_numbers(A.inverted() @ A.T, {"A": array}, {"N": 2})[0, 0]
    Fraction(5, 2)

det and A⁻¹ are scalar code, Laplace's expansion and the adjugate, so that a graph differentiates them by sums and
products alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

from ...arrays import fill
from ...engine import ops
from ...engine.numbers import divide
from ...errors import DivisionByZeroError, DomainError
from .expression import HALF, MatrixExpression

LARGEST = 10**6
"""Of larger numbers no function is asked: exp would need more digits than there are."""


def on_numbers(
    A: MatrixExpression,
    arrays: Mapping[str, Any],
    sizes: Mapping[str, int],
    rational: Callable[[Fraction], Any] = Fraction,
) -> Any:
    """The formula's entries as an array of objects, rows by columns.

    `rational` makes a number of their kind of a constant or an exponent that is not whole.
    """
    seen: dict[MatrixExpression, Any] = {}

    def entries(A: MatrixExpression) -> Any:
        if A not in seen:
            seen[A] = one(A, [entries(part) for part in A.parts])
        return seen[A]

    def whole(q: Fraction) -> Any:
        return int(q) if q.denominator == 1 else rational(q)

    def of_kind(x: Any) -> Any:
        return rational(Fraction(x)) if type(x) in (int, Fraction) else x

    def one(A: MatrixExpression, parts: list[Any]) -> Any:
        rows, columns = (sizes.get(letter) or int(letter) for letter in A.shape)
        shape = rows, columns
        match A.kind:
            case "name" | "symmetric":
                return arrays[A.data]
            case "number":
                return fill(shape, lambda *_: whole(A.data))
            case "size":
                return fill(shape, lambda *_: rational(Fraction(sizes[A.data])))
            case "pi":
                return fill(shape, lambda *_: 4 * ops.ARCTAN(rational(Fraction(1))))
            case "zeros" | "ones":
                return fill(shape, lambda *_: int(A.kind == "ones"))
            case "identity":
                return fill(shape, lambda i, j: int(i == j))
            case "sum":
                return reduce(operator.add, parts)
            case "times" | "hadamard":
                product = reduce(operator.mul, parts)
                return product if A.data in (None, 1) else product * whole(A.data)
            case "product":
                return reduce(operator.matmul, parts)
            case "power":
                function = ops.SQRT if A.data == HALF else ops.constant_power(whole(A.data))
                base = not_zero if A.data < 0 else of_kind
                return fill(shape, lambda *at: function(of_kind(base(parts[0][at]))))
            case "apply":
                return fill(shape, lambda *at: smooth(A.data, *(of_kind(part[at]) for part in parts)))
            case "softmax" | "logsumexp":
                e = fill(parts[0].shape, lambda *at: smooth(ops.EXP, of_kind(parts[0][at])))
                if A.kind == "logsumexp":
                    return fill(shape, lambda i, _: ops.LOG(sum(e.flat if A.is_number else e[i])))
                return fill(shape, lambda i, j: divide(e[i, j], sum(e.flat if "1" in A.shape else e[i])))
            case "largest" | "smallest":
                return fill(shape, lambda i, _: extreme(A.kind, [*(parts[0].flat if A.is_number else parts[0][i])]))
            case "mean":
                return fill(shape, lambda *_: divide(sum(parts[0].flat), rational(Fraction(parts[0].size))))
            case "transpose":
                return parts[0].T
            case "inverse":
                return inverse_by_scalars(parts[0])
            case "det":
                return fill(shape, lambda *_: determinant(parts[0]))
            case "logdet":
                return fill(shape, lambda *_: ops.LOG(of_kind(determinant(parts[0]))))
            case "trace":
                return fill(shape, lambda *_: sum(parts[0].diagonal()))
            case "total":
                return fill(shape, lambda *_: sum(parts[0].flat))
            case "squares":
                return fill(shape, lambda *_: sum(x * x for x in parts[0].flat))
            case "diag":
                return fill(shape, lambda i, j: parts[0][i, 0] if i == j else 0)
            case "diagonal":
                return fill(shape, lambda i, _: parts[0][i, i])
        raise NotImplementedError(A.kind)

    return entries(A)


def smooth(function: Any, *numbers: Any) -> Any:
    """A function of numbers where it has a derivative.

    Raises
    ------
    DomainError
        If it bends there.
    """
    plain = [getattr(x, "data", x) for x in numbers]
    claimed = function in (ops.EQUAL, ops.GREATER)  # which only formulas have that say where an entry is the largest
    if function.bends and not claimed and function.bends(*plain):
        raise DomainError(f"{function.symbol} has no derivative there")
    if any(abs(x) > LARGEST for x in plain):
        raise DomainError(f"{function.symbol} is not asked of numbers beyond {LARGEST}")
    return function(*numbers)


def extreme(kind: str, entries: list[Any]) -> Any:
    """The largest or smallest of some numbers.

    Raises
    ------
    DomainError
        If it is there twice, where it has no derivative.
    """
    found = reduce(ops.MAX if kind == "largest" else ops.MIN, entries)
    if sum(getattr(x, "data", x) == getattr(found, "data", found) for x in entries) > 1:
        raise DomainError("max and min have no derivative where two entries are alike")
    return found


def not_zero(x: Any) -> Any:
    """A number to divide by; one of mpmath's that is 0 but for rounding is 0.

    Raises
    ------
    DivisionByZeroError
        If it is.
    """
    number = getattr(x, "data", x)
    if type(number).__module__.startswith("mpmath") and abs(number) < 1e-40:
        raise DivisionByZeroError("a determinant or a divisor is 0")
    return x


def exact(x: Any) -> Any:
    """Whole numbers as Fractions, whose negative powers are exact."""
    return Fraction(x) if type(x) is int else x


def determinant(A: Any) -> Any:
    """Laplace's expansion along the first row: sums and products, for the small matrices of a confirmation."""
    if len(A) == 1:
        return A[0, 0]
    minors = [A[1:, [k for k in range(len(A)) if k != j]] for j in range(len(A))]
    return sum((-1) ** j * A[0, j] * determinant(minor) for j, minor in enumerate(minors))


def inverse_by_scalars(A: Any) -> Any:
    """The adjugate over the determinant."""
    det = not_zero(exact(determinant(A)))
    n = len(A)

    def entry(i: int, j: int) -> Any:
        rest = [[k for k in range(n) if k != gone] for gone in (j, i)]
        cofactor = determinant(A[rest[0]][:, rest[1]]) if n > 1 else 1
        return divide((-1) ** (i + j) * cofactor, det)

    return fill((n, n), entry)
