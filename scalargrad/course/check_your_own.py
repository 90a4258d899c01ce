"""The questions of notebook 4: gradients to derive, each judged by `sg.check`.

>>> import scalargrad as sg
>>> from .questions import answer
>>> def square_gradient(X, Y, G): return G * X
>>> answer("4.1", square_gradient)
not yet: ∂L/∂X[0,0] is 2 by the graph and 1 by yours, at X = [[1]], G = [[1]]
hint: each y depends on one x only: what is the derivative of x²?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .questions import claimed, question


@question("4.1", "each y depends on one x only: what is the derivative of x²?", "∂L/∂x_ij = g_ij · 2 x_ij")
def entries_squared(square_gradient: Callable[..., Any]) -> str:
    return claimed(lambda X: X * X, square_gradient, {"X": "N D"})


@question(
    "4.2",
    "differentiate 1/(1 + e⁻ˣ), and look for y and 1 - y in what you get",
    "1 - y = e⁻ˣ/(1 + e⁻ˣ), so the derivative e⁻ˣ/(1 + e⁻ˣ)² is y·(1 - y); don't forget G",
)
def squashing(sigmoid_gradient: Callable[..., Any]) -> str:
    return claimed(lambda X: 1 / (1 + np.exp(-X)), sigmoid_gradient, {"X": "N D"})


@question(
    "4.3",
    "X is used twice, so ∂L/∂X has two terms; W is used once",
    "the first use of X passes G on as it is, the second is formula (1)",
    blanks=2,
)
def with_itself(residual_gradients: Callable[..., Any]) -> str:
    return claimed(lambda X, W: X + X @ W, residual_gradients, {"X": "N D", "W": "D D"})


@question(
    "4.4",
    "each x_ij is used in its own y, and in the mean of its column, which every y of the column contains",
    "y_αj contains x_ij with the factor δ_αi - 1/N: subtract from G the mean of each of its columns",
)
def centred(centred_gradient: Callable[..., Any]) -> str:
    return claimed(lambda X: X - X.mean(axis=0), centred_gradient, {"X": "N D"})


@question(
    "4.5",
    "insert ∂p_β/∂z_γ = p_β (δ_βγ - p_γ) into the chain rule ∂L/∂z_γ = Σ_β g_β ∂p_β/∂z_γ, and let the sum collapse",
    "∂L/∂z_γ = p_γ (g_γ - Σ_β g_β p_β); the sum is over a row: axis=1 with keepdims=True",
)
def probabilities(softmax_gradient: Callable[..., Any]) -> str:
    def forward(Z: Any) -> Any:
        E = np.exp(Z)
        return E / E.sum(axis=1, keepdims=True)

    return claimed(forward, softmax_gradient, {"Z": "N M"})


@question(
    "4.6",
    "call r the root; each x_ij is used in its own y and in r of its row, and ∂r/∂x_ij = x_ij/(D·r)",
    "∂L/∂x_ij = (g_ij - y_ij · mean over k of g_ik y_ik) / r_i",
)
def root_mean_square(rms_gradient: Callable[..., Any]) -> str:
    def forward(X: Any) -> Any:
        return X / np.sqrt((X * X).mean(axis=1, keepdims=True))

    return claimed(forward, rms_gradient, {"X": "N D"})
