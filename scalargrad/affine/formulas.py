"""The formulas of the proof, to the letter: the local partials, the element-wise chain rule (3), and (1), (2), (b).

    >>> G, X, W = (np.array(rows, dtype=object) for rows in ([[26, 32]], [[1, 2]], [[3, 4], [5, 6]]))
    >>> chain_rule_x(G, X, W).tolist(), formula_x(G, X, W).tolist()
    ([[206, 322]], [[206, 322]])

The letters are those of the proof. X is N×D, W is D×M, b has M entries, Y = X·W + b is N×M, and G = ∂L/∂Y is N×M. α and
β run over the entries of Y, i and j over those of the matrix that L is differentiated by. Numbers are of any kind, in
arrays of dtype object; every sum is taken from left to right, so that a float has the same bits wherever it is taken.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..arrays import Array, fill
from ..engine.numbers import Number, total
from ..errors import ShapeError

# ---------------------------------------------------------------------------------------------------------------------
# The local partials: y_αβ depends on row α of X, column β of W and entry β of b, and on nothing else


def delta(a: int, b: int) -> int:
    """Kronecker's delta: δ_ab = 1 if a = b, else 0."""
    return 1 if a == b else 0


def dy_dx(alpha: int, beta: int, i: int, j: int, X: Array, W: Array) -> Number:
    """∂y_αβ/∂x_ij = δ_αi w_jβ, one of N×M×N×D numbers; X is N×D, W is D×M.

    Raises
    ------
    IndexError
        NumPy's own, if W has no entry w_jβ.
    """
    return delta(alpha, i) * W[j, beta]


def dy_dw(alpha: int, beta: int, i: int, j: int, X: Array, W: Array) -> Number:
    """∂y_αβ/∂w_ij = δ_βj x_αi, one of N×M×D×M numbers; X is N×D, W is D×M.

    Raises
    ------
    IndexError
        NumPy's own, if X has no entry x_αi.
    """
    return delta(beta, j) * X[alpha, i]


def dy_db(alpha: int, beta: int, j: int, X: Array, W: Array) -> Number:
    """∂y_αβ/∂b_j = δ_βj, one of N×M×M numbers, whatever X and W hold. It raises nothing."""
    return delta(beta, j)


# ---------------------------------------------------------------------------------------------------------------------
# (3) The element-wise chain rule


def chain_rule(G: Array, dy: Callable[[int, int], Number]) -> Number:
    """(3): ∂L/∂x_ij = Σ_α Σ_β g_αβ ∂y_αβ/∂x_ij, and the same for w_ij and b_j.

    Parameters
    ----------
    G
        ∂L/∂Y, N×M.
    dy
        `dy(α, β)` is the partial of y_αβ by the entry that is asked for. What it raises is passed on.

    Returns
    -------
    One number; the sum of no terms is the integer 0.
    """
    terms = [g * dy(alpha, beta) for (alpha, beta), g in np.ndenumerate(G)]
    return total(*terms) if terms else 0


def chain_rule_x(G: Array, X: Array, W: Array) -> Array:
    """(3) for every x_ij: Σ_α Σ_β g_αβ δ_αi w_jβ, which is N×D.

    G is N×M, X is N×D, W is D×M. These are N·M·N·D terms, most of them zero: for small shapes.

    Raises
    ------
    IndexError
        NumPy's own, if G asks for an entry that W has not.
    """
    return fill(X.shape, lambda i, j: chain_rule(G, lambda alpha, beta: dy_dx(alpha, beta, i, j, X, W)))


def chain_rule_w(G: Array, X: Array, W: Array) -> Array:
    """(3) for every w_ij: Σ_α Σ_β g_αβ δ_βj x_αi, which is D×M.

    G is N×M, X is N×D, W is D×M. These are N·M·D·M terms, most of them zero: for small shapes.

    Raises
    ------
    IndexError
        NumPy's own, if G asks for an entry that X has not.
    """
    return fill(W.shape, lambda i, j: chain_rule(G, lambda alpha, beta: dy_dw(alpha, beta, i, j, X, W)))


def chain_rule_b(G: Array, X: Array, W: Array) -> Array:
    """(3) for every b_j: Σ_α Σ_β g_αβ δ_βj, which has M entries.

    G is N×M, X is N×D, W is D×M. These are N·M·M terms, most of them zero: for small shapes. It raises nothing.
    """
    return fill(W.shape[1:], lambda j: chain_rule(G, lambda alpha, beta: dy_db(alpha, beta, j, X, W)))


# ---------------------------------------------------------------------------------------------------------------------
# What is left when the deltas have done their work: the matrix formulas


def product(A: Array, B: Array) -> Array:
    """The matrix product, (A·B)_ij = Σ_k a_ik b_kj, each sum from left to right as in the textbook.

    A is I×K, B is K×J, the result is I×J; for K = 0 its entries are the integer 0.

    Raises
    ------
    ShapeError
        If A has not as many columns as B has rows.
    """
    (I, K), (rows, J) = A.shape, B.shape  # noqa: E741  # the index is i
    if rows != K:
        raise ShapeError(f"no product of a {I}×{K} and a {rows}×{J} matrix: {K} columns need {K} rows")
    return fill((I, J), lambda i, j: total(*[A[i, k] * B[k, j] for k in range(K)]) if K else 0)


def formula_x(G: Array, X: Array, W: Array) -> Array:
    """(1): ∂L/∂X = G·Wᵀ, which is N×D; G is N×M, W is D×M.

    Raises
    ------
    ShapeError
        If G has not as many columns as W.
    """
    return product(G, W.T)


def formula_w(G: Array, X: Array, W: Array) -> Array:
    """(2): ∂L/∂W = Xᵀ·G, which is D×M; G is N×M, X is N×D.

    Raises
    ------
    ShapeError
        If G has not as many rows as X.
    """
    return product(X.T, G)


def formula_b(G: Array, X: Array, W: Array) -> Array:
    """(b): ∂L/∂b = Σ_α g_α·, which has M entries; G is N×M. It raises nothing."""
    N, M = G.shape
    return fill((M,), lambda j: total(*G[:, j]) if N else 0)
