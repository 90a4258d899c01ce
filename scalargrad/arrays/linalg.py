"""Linear algebra at scalar level: each entry of an inverse is a graph of + − · /.

    >>> from fractions import Fraction
    >>> from .entries import data, values
    >>> A = values([[Fraction(2), 1], [Fraction(1), 1]], "a")
    >>> data(np.linalg.inv(A)).tolist(), np.linalg.det(A).data
    ([[Fraction(1, 1), Fraction(-1, 1)], [Fraction(-1, 1), Fraction(2, 1)]], Fraction(1, 1))

All is Gauss's elimination, so over Fractions all is exact. The choice of a pivot is a branch on data, of which a
recording warns: the program goes on with the same rows, and is right wherever their pivots are not zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.numbers import asked, is_zero
from ..errors import Error, ShapeError
from .entries import objects
from .functions import numbers_that_decide, numpys
from .value_array import FUNCTIONS, REMEDIES, Array, array_of_values, implements, numpys_own, unsupported


class MatrixError(Error, np.linalg.LinAlgError):
    """A matrix that has no inverse, or no Cholesky factor. (It stands here since it is an error of NumPy's too.)"""


def _square(A: Any) -> Array:
    if np.ndim(A) < 2 or np.shape(A)[-1] != np.shape(A)[-2]:
        raise ShapeError(f"the matrix has the shape {np.shape(A)}: it must be square")
    return objects(A)


def _each(function: Callable[..., Any], *matrices: Any) -> Any:
    """`function` of each matrix of a stack of them, or of the one that there is."""
    if matrices[0].ndim == 2:
        return function(*matrices)
    return np.stack([_each(function, *parts) for parts in zip(*matrices, strict=True)])


# ---------------------------------------------------------------------------------------------------------------------
# Elimination


def _triangular(A: Any, B: Any) -> tuple[Any, Any, int]:
    """A made upper triangular by operations on rows, B by the same ones, and −1 for an odd number of exchanges."""
    A, B, sign = array_of_values(A.copy()), array_of_values(B.copy()), 1
    for k in range(len(A) - 1):
        row, column = _pivot(A[k:, k:])
        if row:
            A[[k, k + row]], B[[k, k + row]], sign = A[[k + row, k]], B[[k + row, k]], -sign
        if column:  # only if all is zero below: there is no inverse, but the determinant has a derivative
            A[:, [k, k + column]], sign = A[:, [k + column, k]], -sign
        for i in range(k + 1, len(A)):
            if not is_zero(A[k, k].data):
                factor = A[i, k] / A[k, k]
                A[i, k] = 0
                A[i, k + 1 :] -= factor * A[k, k + 1 :]
                B[i] -= factor * B[k]
    return A, B, sign


def _pivot(block: Any) -> tuple[int, int]:
    """Where to find the number to divide by: the largest float of the first column, or of exact numbers not 0."""
    numbers = numbers_that_decide(block)
    for column in range(len(block)):
        if numbers.dtype == float:
            row = int(np.argmax(abs(numbers[:, column])))
        else:
            row = next((i for i, x in enumerate(numbers[:, column]) if not is_zero(x)), 0)
        if not is_zero(numbers[row, column]):
            return row, column
    return 0, 0


def _solved(A: Any, B: Any) -> Any:
    """X with A·X = B, by back substitution."""
    A, B, _ = _triangular(A, B)
    if any(is_zero(x.data) for x in np.diag(A)):
        raise MatrixError("the matrix is singular: it has no inverse")
    for i in reversed(range(len(A))):
        for k in range(i + 1, len(A)):
            B[i] -= A[i, k] * B[k]
        B[i] /= A[i, i]
    return B


@implements(np.linalg.solve)
def _solve(A: Any, B: Any) -> Any:
    A, B = _square(A), objects(B)
    if B.ndim == 1:
        return _each(lambda A: _solved(A, B[:, None])[:, 0], A)
    stack = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    return _each(_solved, np.broadcast_to(A, stack + A.shape[-2:]), np.broadcast_to(B, stack + B.shape[-2:]))


@implements(np.linalg.inv)
def _inv(A: Any) -> Any:
    return _each(lambda A: _solved(A, np.eye(len(A), dtype=int).astype(object)), _square(A))


@implements(np.linalg.tensorinv)
def _tensorinv(A: Any, ind: int = 2) -> Any:
    shape = np.shape(A)
    return np.linalg.inv(np.reshape(A, (math.prod(shape[:ind]), -1))).reshape(shape[ind:] + shape[:ind])


@implements(np.linalg.tensorsolve)
def _tensorsolve(A: Any, B: Any, axes: Any = None) -> Any:
    if axes is not None:
        raise unsupported(np.linalg.tensorsolve)
    return np.linalg.solve(np.reshape(A, (np.size(B), -1)), np.ravel(B)).reshape(np.shape(A)[np.ndim(B) :])


@implements(np.linalg.pinv)
def _pinv(A: Any, *args: Any, **options: Any) -> Any:
    """(AᵀA)⁻¹Aᵀ, or Aᵀ(AAᵀ)⁻¹ for more columns than rows: for full rank."""
    T = np.swapaxes(A, -1, -2)
    return np.linalg.inv(T @ A) @ T if np.shape(A)[-2] >= np.shape(A)[-1] else T @ np.linalg.inv(A @ T)


@implements(np.linalg.det)
def _det(A: Any) -> Any:
    def det(A: Any) -> Any:
        A, _, sign = _triangular(A, A[:, :0])
        return sign * np.prod(np.diag(A)) if sign < 0 else np.prod(np.diag(A))

    return _each(det, _square(A))


@implements(np.linalg.slogdet)
def _slogdet(A: Any) -> Any:
    """The sign of the determinant, and the logarithm of its size."""

    def slogdet(A: Any) -> Any:
        A, _, sign = _triangular(A, A[:, :0])
        pivots = np.diag(A)
        return np.stack([sign * np.prod(np.sign(pivots)), np.sum(np.log(abs(pivots)))])

    both = _each(slogdet, _square(A))
    return SIGN_AND_LOGARITHM(both[..., 0], both[..., 1])


SIGN_AND_LOGARITHM = type(np.linalg.slogdet(np.eye(1)))


@implements(np.linalg.cholesky)
def _cholesky(A: Any, *, upper: bool = False) -> Any:
    """L with L·Lᵀ = A, of A's lower triangle."""

    def cholesky(A: Any) -> Any:
        L = np.zeros_like(array_of_values(A))
        for j in range(len(A)):
            square = A[j, j] - L[j, :j] @ L[j, :j] if j else A[j, j]
            if not asked(square.data > 0):
                raise MatrixError("the matrix is not positive definite: it has no Cholesky factor")
            L[j, j] = np.sqrt(square)
            for i in range(j + 1, len(A)):
                L[i, j] = (A[i, j] - L[i, :j] @ L[j, :j] if j else A[i, j]) / L[j, j]
        return L

    L = _each(cholesky, np.swapaxes(_square(A), -1, -2) if upper else _square(A))
    return np.swapaxes(L, -1, -2) if upper else L


# ---------------------------------------------------------------------------------------------------------------------
# Norms


@implements(np.linalg.norm)
def _norm(X: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    axes = tuple(range(np.ndim(X))) if axis is None else tuple(np.atleast_1d(axis).tolist())
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return np.sqrt(np.sum(X * X, axes, keepdims=keepdims))
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        along = axes[0] if abs(ord) == 1 else axes[1]  # sums down columns, or along rows
        extreme = np.max if ord > 0 else np.min
        return extreme(np.sum(abs(X), along, keepdims=True), axes, keepdims=keepdims)
    if len(axes) != 1 or isinstance(ord, str):
        raise unsupported(np.linalg.norm)
    if abs(ord) == np.inf:
        return (np.max if ord > 0 else np.min)(abs(X), axes[0], keepdims=keepdims)
    if ord == 0:
        return np.sum(np.not_equal(X, 0).nodes, axes[0], keepdims=keepdims)
    total = np.sum(abs(X) ** ord, axes[0], keepdims=keepdims)
    return total if ord == 1 else total ** (objects(X).flat[0].unit() / ord)


for _name in ("linalg.matrix_norm", "linalg.vector_norm"):
    FUNCTIONS.update({found: numpys_own(found) for found in numpys(_name)})

_SINGULAR_VALUES = (
    "singular values and eigenvalues are roots, which have no formula over scalars; use solve, inv, det, norm"
)
REMEDIES.update(
    {
        np.linalg.norm: "of matrices it has the orders None, 'fro', 1, -1, np.inf and -np.inf",
        np.linalg.tensorsolve: "it takes no axes; move them with np.moveaxis",
        np.linalg.lstsq: "use np.linalg.pinv(A) @ b, for full rank",
        np.linalg.qr: "use np.linalg.cholesky(A.T @ A)",
        **dict.fromkeys(
            (np.linalg.svd, np.linalg.cond, np.linalg.eig, np.linalg.eigh, np.linalg.eigvals, np.linalg.eigvalsh),
            _SINGULAR_VALUES,
        ),
    }
)
