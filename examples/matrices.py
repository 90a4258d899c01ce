"""Inverses, determinants and factors of matrices with their gradients: `python examples/matrices.py` checks them.

Where a matrix must be symmetric and positive definite the shape says so ("D D spd"), and its gradient is compared in
symmetric directions.
"""

from __future__ import annotations

import numpy as np
from layers import Array, Layer, Wrong, report

inv, solve = np.linalg.inv, np.linalg.solve


def inverse(A: Array) -> Array:
    """Y = A⁻¹."""
    return inv(A)


INVERSE = Layer(
    "inverse",
    inverse,
    lambda A, Y, G: -Y.T @ G @ Y.T,
    {"A": "D D"},
    (
        Wrong(
            "no transposes",
            lambda A, Y, G: -Y @ G @ Y,
            "∂L/∂A: the Jacobian is not transposed: entry k is Σ ∂y_k/∂x_j · g_j, where Σ ∂y_j/∂x_k ·",
        ),
        Wrong("sign", lambda A, Y, G: Y.T @ G @ Y.T, "∂L/∂A: the sign is wrong"),
        Wrong("one side", lambda A, Y, G: -Y.T @ G, "∂L/∂A: the factor Yᵀ is missing: claim · Yᵀ is right"),
        Wrong("A for its inverse", lambda A, Y, G: -A.T @ G @ A.T, "∂L/∂A: A is used where Y belongs"),
    ),
)


def log_determinant(A: Array) -> Array:
    """log |det A|."""
    return np.linalg.slogdet(A)[1]


LOG_DETERMINANT = Layer(
    "log-determinant",
    log_determinant,
    lambda A, Y, G: G * inv(A).T,
    {"A": "D D"},
    (
        Wrong("no transpose", lambda A, Y, G: G * inv(A), "∂L/∂A: it must be transposed"),
        Wrong("that of the determinant", lambda A, Y, G: G * np.linalg.det(A) * inv(A).T),
        Wrong(
            "no G", lambda A, Y, G: inv(A).T, "∂L/∂A: G is missing: the claim is right only where each entry of G is 1"
        ),
    ),
)


def determinant(A: Array) -> Array:
    """det A."""
    return np.linalg.det(A)


DETERMINANT = Layer(
    "determinant",
    determinant,
    lambda A, Y, G: G * Y * inv(A).T,
    {"A": "D D"},
    (
        Wrong("that of the logarithm", lambda A, Y, G: G * inv(A).T, "∂L/∂A: a factor Y is missing"),
        Wrong("no transpose", lambda A, Y, G: G * Y * inv(A), "∂L/∂A: it must be transposed"),
    ),
)


def gaussian(X: Array, m: Array, S: Array) -> Array:
    """Σ_n (x_n - m)ᵀ·S⁻¹·(x_n - m) / 2 + N log det S / 2: minus the log-likelihood of N(m, S), without a constant."""
    R = X - m
    return (R @ inv(S) * R).sum() / 2 + len(X) * np.linalg.slogdet(S)[1] / 2


def gaussian_gradients(X: Array, m: Array, S: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With R = X - m and P = S⁻¹: ∂L/∂X = g R·P, ∂L/∂m = -g Σ R·P, ∂L/∂S = g (N P - P·Rᵀ·R·P) / 2."""
    R, P = X - m, inv(S)
    return G * R @ P, -G * (R @ P).sum(axis=0), G * (len(X) * P - P @ R.T @ R @ P) / 2


GAUSSIAN = Layer(
    "Gaussian likelihood with a covariance",
    gaussian,
    gaussian_gradients,
    {"X": "N D", "m": "D", "S": "D D spd"},
    (
        Wrong(
            "sign of the mean",
            lambda X, m, S, Y, G: {"m": G * ((X - m) @ inv(S)).sum(axis=0)},
            "∂L/∂m: the sign is wrong",
        ),
        Wrong(
            "mean not summed",
            lambda X, m, S, Y, G: {"m": -G * (X - m) @ inv(S)},
            "∂L/∂m: the sum over axis 0 is missing",
        ),
        Wrong("no inverse", lambda X, m, S, Y, G: {"X": G * (X - m) @ S}),
        Wrong("no log-determinant", lambda X, m, S, Y, G: {"S": -G * inv(S) @ (X - m).T @ (X - m) @ inv(S) / 2}),
        Wrong("no quadratic form", lambda X, m, S, Y, G: {"S": G * len(X) * inv(S) / 2}),
        Wrong("no N", lambda X, m, S, Y, G: {"S": G * (inv(S) - inv(S) @ (X - m).T @ (X - m) @ inv(S)) / 2}),
        Wrong(
            "sign of the form",
            lambda X, m, S, Y, G: {"S": G * (len(X) * inv(S) + inv(S) @ (X - m).T @ (X - m) @ inv(S)) / 2},
        ),
        Wrong(
            "no 1/2",
            lambda X, m, S, Y, G: {"S": 2 * gaussian_gradients(X, m, S, Y, G)[2]},
            "∂L/∂S: a factor 1/2 is missing",
        ),
    ),
)


def by_cholesky(x: Array, S: Array) -> Array:
    """xᵀ·S⁻¹·x / 2 + Σ log L_ii with S = L·Lᵀ, as one computes it."""
    L = np.linalg.cholesky(S)
    z = solve(L, x)
    return (z * z).sum() / 2 + np.log(np.diag(L)).sum()


def by_cholesky_gradients(x: Array, S: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With u = S⁻¹·x: ∂L/∂x = g u and ∂L/∂S = g (S⁻¹ - u·uᵀ) / 2."""
    u = solve(S, x)
    return G * u, G * (inv(S) - np.outer(u, u)) / 2


BY_CHOLESKY = Layer(
    "Gaussian likelihood by Cholesky",
    by_cholesky,
    by_cholesky_gradients,
    {"x": "D", "S": "D D spd"},
    (
        Wrong("L for S", lambda x, S, Y, G: {"x": G * solve(np.linalg.cholesky(S), x)}),
        Wrong(
            "factor of the log-determinant",
            lambda x, S, Y, G: {"S": G * (inv(S) - np.outer(solve(S, x), solve(S, x)) / 2)},
        ),
        Wrong("sign", lambda x, S, Y, G: {"S": -by_cholesky_gradients(x, S, Y, G)[1]}, "∂L/∂S: the sign is wrong"),
        Wrong("x for S⁻¹ x", lambda x, S, Y, G: {"S": G * (inv(S) - np.outer(x, x)) / 2}),
    ),
)


def mahalanobis(x: Array, S: Array) -> Array:
    """√(xᵀ·S⁻¹·x)."""
    return np.sqrt(x @ solve(S, x))


def mahalanobis_gradients(x: Array, S: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With u = S⁻¹·x: ∂L/∂x = g u / y and ∂L/∂S = -g u·uᵀ / (2 y)."""
    u = solve(S, x)
    return G * u / Y, -G * np.outer(u, u) / (2 * Y)


MAHALANOBIS = Layer(
    "Mahalanobis distance",
    mahalanobis,
    mahalanobis_gradients,
    {"x": "D", "S": "D D spd"},
    (
        Wrong("no root", lambda x, S, Y, G: {"x": G * solve(S, x)}, "∂L/∂x: a factor 1/Y is missing"),
        Wrong("sign", lambda x, S, Y, G: {"S": -mahalanobis_gradients(x, S, Y, G)[1]}, "∂L/∂S: the sign is wrong"),
        Wrong(
            "2 lost",
            lambda x, S, Y, G: {"S": 2 * mahalanobis_gradients(x, S, Y, G)[1]},
            "∂L/∂S: a factor 1/2 is missing",
        ),
    ),
)


def ridge_weights(X: Array, t: Array, c: Array) -> Array:
    """w = (Xᵀ·X + c I)⁻¹·Xᵀ·t: ridge regression in closed form."""
    return solve(X.T @ X + c * np.eye(X.shape[1], dtype=int), X.T @ t)


def ridge_weights_gradients(X: Array, t: Array, c: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With u = (Xᵀ·X + c I)⁻¹·G: ∂L/∂X = (t - X·w)·uᵀ - X·u·wᵀ, ∂L/∂t = X·u and ∂L/∂c = -u·w."""
    u = solve(X.T @ X + c * np.eye(X.shape[1], dtype=int), G)
    return np.outer(t - X @ Y, u) - np.outer(X @ u, Y), X @ u, -(u @ Y)


RIDGE_WEIGHTS = Layer(
    "ridge regression in closed form",
    ridge_weights,
    ridge_weights_gradients,
    {"X": "N D", "t": "N", "c": " > 0"},
    (
        Wrong(
            "inverse constant",
            lambda X, t, c, Y, G: {"X": np.outer(t, solve(X.T @ X + c * np.eye(X.shape[1], dtype=int), G))},
            "∂L/∂X: the claim misses the path through X · X",
        ),
        Wrong("no inverse", lambda X, t, c, Y, G: {"t": X @ G}),
        Wrong(
            "sign", lambda X, t, c, Y, G: {"c": -ridge_weights_gradients(X, t, c, Y, G)[2]}, "∂L/∂c: the sign is wrong"
        ),
        Wrong("G for u", lambda X, t, c, Y, G: {"c": -(G @ Y)}),
    ),
)


def rayleigh(A: Array, x: Array) -> Array:
    """xᵀ·A·x / xᵀ·x for a symmetric A: the variance that PCA makes largest."""
    return x @ A @ x / (x @ x)


def rayleigh_gradients(A: Array, x: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂A = g x·xᵀ / xᵀx and ∂L/∂x = 2 g (A·x - y x) / xᵀx."""
    return G * np.outer(x, x) / (x @ x), 2 * G * (A @ x - Y * x) / (x @ x)


RAYLEIGH = Layer(
    "Rayleigh quotient",
    rayleigh,
    rayleigh_gradients,
    {"A": "D D symmetric", "x": "D"},
    (
        Wrong(
            "denominator constant",
            lambda A, x, Y, G: {"x": 2 * G * A @ x / (x @ x)},
            "∂L/∂x: x is used more than once, and the claim misses its use in x · x",
        ),
        Wrong("no 2", lambda A, x, Y, G: {"x": rayleigh_gradients(A, x, Y, G)[1] / 2}, "∂L/∂x: a factor 2 is missing"),
        Wrong(
            "no norm",
            lambda A, x, Y, G: {"A": G * np.outer(x, x)},
            "∂L/∂A: the derivative of (Σ (Σ x · A) · x) / (Σ x · x) by Σ (Σ x · A) · x is missing",
        ),
    ),
)


def explained(X: Array, W: Array) -> Array:
    """tr(Wᵀ·C·W) with the covariance C of the columns of X: what PCA makes largest over W with WᵀW = I."""
    R = X - X.mean(axis=0)
    return np.trace(W.T @ R.T @ R @ W) / len(X)


def explained_gradients(X: Array, W: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With R the centred X: ∂L/∂X = 2 g R·W·Wᵀ / N, whose columns sum to 0, and ∂L/∂W = 2 g Rᵀ·R·W / N."""
    R = X - X.mean(axis=0)
    return 2 * G * R @ W @ W.T / len(X), 2 * G * R.T @ R @ W / len(X)


EXPLAINED = Layer(
    "variance that PCA explains",
    explained,
    explained_gradients,
    {"X": "N D", "W": "D K"},
    (
        Wrong(
            "not centred",
            lambda X, W, Y, G: {"W": 2 * G * X.T @ X @ W / len(X)},
            "∂L/∂W: X is used where X − (Σ X) / const belongs",
        ),
        Wrong("no 2", lambda X, W, Y, G: {"W": explained_gradients(X, W, Y, G)[1] / 2}, "∂L/∂W: a factor 2 is missing"),
        Wrong(
            "no 1/N",
            lambda X, W, Y, G: {"X": len(X) * explained_gradients(X, W, Y, G)[0]},
            "∂L/∂X: a factor 1/N is missing",
        ),
    ),
)

LAYERS = (
    INVERSE,
    LOG_DETERMINANT,
    DETERMINANT,
    GAUSSIAN,
    BY_CHOLESKY,
    MAHALANOBIS,
    RIDGE_WEIGHTS,
    RAYLEIGH,
    EXPLAINED,
)

if __name__ == "__main__":
    report(LAYERS)
