"""The questions of notebook 2: shapes, deltas, and the formulas (1) and (2).

>>> from .questions import answer
>>> answer("2.2", 7, 4)
not yet: Σ δ_k2 v_k is not 7
hint: a delta is 1 where its indices are equal, and else 0: which terms are left?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..affine import forward
from ..arrays import jacobian, values
from .questions import claimed, equal_answers, in_words, question, unless_equal


@question(
    "2.1",
    "the shape of ∂A/∂B is that of A followed by that of B; and y_αβ contains one column of W",
    "∂Y/∂W has the indices α, β, i, j; for each α, β the entries with j = β are not zero: D of them",
)
def shape_and_count(shape_of_dY_dW: Any, not_zero: Any) -> str:
    full = jacobian(forward(values(np.ones((5, 4)), "x"), W := values(np.ones((4, 3)), "w")), W)
    return unless_equal("the shape", shape_of_dY_dW, full.shape) or unless_equal(
        "the number of entries that are not zero", not_zero, np.count_nonzero(full)
    )


@question(
    "2.2",
    "a delta is 1 where its indices are equal, and else 0: which terms are left?",
    "Σ_k δ_k2 v_k keeps k = 2, counted from 0; Σ_k δ_kk is 1 + 1 + …, once for each k",
)
def sums_with_deltas(picked: Any, trace: Any) -> str:
    v, delta = np.array([5, 7, 9, 11]), np.eye(4, dtype=int)
    return unless_equal("Σ δ_k2 v_k", picked, delta[:, 2] @ v) or unless_equal("Σ δ_kk", trace, delta.trace())


@question(
    "2.3",
    "y_12 contains one column of W: which?",
    "∂y_12/∂w_ij = δ_2j x_1i: the delta says which j, and i is free",
)
def entries_of_one_partial(pairs: Any) -> str:
    W = values(np.ones((3, 3)), "w")
    Y = forward(values(np.ones((2, 3)), "x"), W)
    right = {tuple(index) for index in np.argwhere(jacobian(Y[1, 2], W)).tolist()}
    given = {tuple(pair) for pair in pairs}
    if extra := given - right:
        return f"∂y_12/∂w_ij is zero at {sorted(extra)[0]}"
    return f"{len(right - given)} pairs are not in your list of {len(given)}" if right - given else ""


@question(
    "2.4",
    "∂L/∂w_ij is one sum over α: what does the graph have on the arrows from w_ij, and what is behind them?",
    "w_ij goes to y_αj with the local partial x_αi; multiply by g_αj and add up over α",
)
def one_entry_of_formula_2(entry: Callable[..., Any]) -> str:
    X, G = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1, -1], [2, 7]])
    right = jacobian(np.sum(G * forward(X, W := values(np.zeros((3, 2), dtype=int), "w"))), W)
    for i, j in np.ndindex(3, 2):
        if not equal_answers(given := entry(X, G, i, j), right[i, j]):
            return f"for i = {i}, j = {j} the graph has {right[i, j]}, and yours gives {in_words(given)}"
    return ""


@question(
    "2.5",
    "write y_αβ = Σ_k x_αk w_βk first: which index of W is summed over now?",
    "∂y_αβ/∂x_ij = δ_αi w_βj, so ∂L/∂x_ij = Σ_β g_iβ w_βj: a row of G times a column of W",
    blanks=2,
)
def gradients_of_linear(gradients: Callable[..., Any]) -> str:
    return claimed(lambda X, W: X @ W.T, gradients, {"X": "N D", "W": "M D"})


@question(
    "2.6",
    "X is used twice: as the right factor and, transposed, as the left one; each use gives a term",
    "the right factor has (2) with Xᵀ for X, which gives X·G; the left one has (1), transposed back, which gives X·Gᵀ",
)
def gradient_of_gram(gradient: Callable[..., Any]) -> str:
    return claimed(lambda X: X.T @ X, gradient, {"X": "N D"})


@question(
    "2.7",
    "y_αβ stands in row α·M + β, and w_ij in column i·M + j; where δ_βj is 1 there is x_αi",
    "each x_αi is blown up to a diagonal block of M×M: np.kron of X and of the identity",
)
def partials_as_an_ordinary_matrix(ordinary_matrix: Callable[..., Any]) -> str:
    X = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 0, 2]])
    W = values(np.ones((3, 2), dtype=int), "w")
    right = jacobian(forward(X, W), W).reshape(8, 6)
    given = np.asarray(ordinary_matrix(X, 2))
    if given.shape != right.shape:
        return f"for N, D, M = 4, 3, 2 it has the shape (8, 6), and yours {given.shape}"
    if len(wrong := np.argwhere(given != right)):
        row, column = wrong[0].tolist()
        return f"the entry ({row}, {column}) is {right[row, column]}, and yours {in_words(given[row, column])}"
    return ""
