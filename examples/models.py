"""Products of three and more, small models, and norms: `python examples/models.py` has each of them checked."""

from __future__ import annotations

import numpy as np
from layers import Array, Layer, Wrong, normalised, normalised_gradient, report


def sandwich(A: Array, X: Array, B: Array) -> Array:
    """Y = A·X·B."""
    return A @ X @ B


def sandwich_gradients(A: Array, X: Array, B: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂A = G·(X·B)ᵀ, ∂L/∂X = Aᵀ·G·Bᵀ and ∂L/∂B = (A·X)ᵀ·G."""
    return G @ (X @ B).T, A.T @ G @ B.T, (A @ X).T @ G


SANDWICH = Layer(
    "product of three",
    sandwich,
    sandwich_gradients,
    {"A": "N D", "X": "D E", "B": "E M"},
    (
        Wrong("A not transposed", lambda A, X, B, Y, G: {"X": A @ G @ B.T}, "∂L/∂X: A must be transposed"),
        Wrong("B not transposed", lambda A, X, B, Y, G: {"X": A.T @ G @ B}, "∂L/∂X: B must be transposed"),
        Wrong("A for A·X", lambda A, X, B, Y, G: {"B": A.T @ G}, "∂L/∂B: A is used where Σ A · X belongs"),
    ),
)


def autoencoder(X: Array, W: Array) -> Array:
    """Σ |X - X·W·Wᵀ|²: PCA as an autoencoder with tied weights."""
    return ((X - X @ W @ W.T) ** 2).sum()


def autoencoder_gradients(X: Array, W: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With R = 2 g (X - X·W·Wᵀ): ∂L/∂X = R - R·W·Wᵀ and ∂L/∂W = -(Xᵀ·R + Rᵀ·X)·W: W is used twice."""
    R = 2 * G * (X - X @ W @ W.T)
    return R - R @ W @ W.T, -(X.T @ R + R.T @ X) @ W


AUTOENCODER = Layer(
    "PCA with tied weights",
    autoencoder,
    autoencoder_gradients,
    {"X": "N D", "W": "D K"},
    (
        Wrong(
            "encoder only",
            lambda X, W, Y, G: {"W": -2 * G * X.T @ (X - X @ W @ W.T) @ W},
            "∂L/∂W: W is used more than once, and the claim misses its use in (Σ X · W) · W",
        ),
        Wrong(
            "decoder only",
            lambda X, W, Y, G: {"W": -2 * G * (X - X @ W @ W.T).T @ X @ W},
            "∂L/∂W: W is used more than once, and the claim misses its use in X · W",
        ),
        Wrong(
            "residual only",
            lambda X, W, Y, G: {"X": 2 * G * (X - X @ W @ W.T)},
            "∂L/∂X: X is used more than once, and the claim misses its use in X · W",
        ),
        Wrong(
            "no 2", lambda X, W, Y, G: {"X": autoencoder_gradients(X, W, Y, G)[0] / 2}, "∂L/∂X: a factor 2 is missing"
        ),
    ),
)


def gram(X: Array) -> Array:
    """Y = Xᵀ·X / N, as in style transfer."""
    return X.T @ X / len(X)


GRAM = Layer(
    "Gram matrix",
    gram,
    lambda X, Y, G: X @ (G + G.T) / len(X),
    {"X": "N D"},
    (
        Wrong(
            "one side",
            lambda X, Y, G: X @ G / len(X),
            "∂L/∂X: X is used more than once, and the claim misses its use in X · X as the left",
        ),
        Wrong(
            "as if G were symmetric",
            lambda X, Y, G: 2 * X @ G / len(X),
            "∂L/∂X: the claim is right only if G is symmetric",
        ),
        Wrong("no 1/N", lambda X, Y, G: X @ (G + G.T), "∂L/∂X: a factor 1/N is missing"),
    ),
)


def factorisation_machine(x: Array, V: Array) -> Array:
    """Σ_f ((Σ_i v_if x_i)² - Σ_i v_if² x_i²) / 2: all products of two features."""
    return ((V.T @ x) ** 2 - (V**2).T @ x**2).sum() / 2


def factorisation_machine_gradients(x: Array, V: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With s = Vᵀ·x: ∂L/∂x = g (V·s - Σ_f v_f² ∘ x) and ∂L/∂V = g (x·sᵀ - V ∘ x²)."""
    s = V.T @ x
    return G * (V @ s - (V**2).sum(axis=1) * x), G * (x[:, None] * s - V * x[:, None] ** 2)


FACTORISATION_MACHINE = Layer(
    "factorisation machine",
    factorisation_machine,
    factorisation_machine_gradients,
    {"x": "D", "V": "D F"},
    (
        Wrong(
            "squares left in",
            lambda x, V, Y, G: {"V": G * x[:, None] * (V.T @ x)},
            "∂L/∂V: V is used more than once, and the claim misses its use in V²",
        ),
        Wrong("no square of x", lambda x, V, Y, G: {"V": G * x[:, None] * (V.T @ x - V)}),
        Wrong(
            "half",
            lambda x, V, Y, G: {"x": factorisation_machine_gradients(x, V, Y, G)[0] / 2},
            "∂L/∂x: a factor 2 is missing",
        ),
    ),
)


def factors(U: Array, V: Array, R: Array) -> Array:
    """|R - U·Vᵀ|² / 2."""
    return ((R - U @ V.T) ** 2).sum() / 2


def factors_gradients(U: Array, V: Array, R: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With E = g (R - U·Vᵀ): ∂L/∂U = -E·V, ∂L/∂V = -Eᵀ·U and ∂L/∂R = E."""
    E = G * (R - U @ V.T)
    return -E @ V, -E.T @ U, E


FACTORS = Layer(
    "matrix factorisation",
    factors,
    factors_gradients,
    {"U": "N K", "V": "M K", "R": "N M"},
    (
        Wrong("sign", lambda U, V, R, Y, G: {"U": G * (R - U @ V.T) @ V}, "∂L/∂U: the sign is wrong"),
        Wrong("2", lambda U, V, R, Y, G: {"V": -2 * G * (R - U @ V.T).T @ U}, "∂L/∂V: a factor 1/2 is missing"),
        Wrong("no residual", lambda U, V, R, Y, G: {"U": -G * R @ V}, "∂L/∂U: R is used where R − Σ U · V belongs"),
    ),
)


def distances(A: Array, B: Array) -> Array:
    """y_ij = |a_i - b_j|² for the rows of A and B."""
    return ((A[:, None] - B) ** 2).sum(axis=2)


def distances_gradients(A: Array, B: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂A = 2 (Σ_row G ∘ A - G·B) and ∂L/∂B = 2 (Σ_column G ∘ B - Gᵀ·A)."""
    return 2 * (G.sum(axis=1)[:, None] * A - G @ B), 2 * (G.sum(axis=0)[:, None] * B - G.T @ A)


DISTANCES = Layer(
    "squared distances",
    distances,
    distances_gradients,
    {"A": "N D", "B": "M D"},
    (
        Wrong("no 2", lambda A, B, Y, G: {"A": G.sum(axis=1)[:, None] * A - G @ B}, "∂L/∂A: a factor 2 is missing"),
        Wrong("sign", lambda A, B, Y, G: {"B": -distances_gradients(A, B, Y, G)[1]}, "∂L/∂B: the sign is wrong"),
        Wrong("A not counted", lambda A, B, Y, G: {"A": 2 * (A - G @ B)}),
    ),
)


def adapter(X: Array, W: Array, A: Array, B: Array, s: Array) -> Array:
    """Y = X·W + s X·A·B: a low-rank adapter (LoRA) beside a frozen W."""
    return X @ W + s * (X @ A @ B)


def adapter_gradients(X: Array, W: Array, A: Array, B: Array, s: Array, Y: Array, G: Array) -> dict[str, Array]:
    """∂L/∂X = G·Wᵀ + s G·Bᵀ·Aᵀ, ∂L/∂A = s Xᵀ·G·Bᵀ, ∂L/∂B = s (X·A)ᵀ·G and ∂L/∂s = Σ G ∘ (X·A·B)."""
    return {
        "X": G @ W.T + s * G @ B.T @ A.T,
        "A": s * X.T @ G @ B.T,
        "B": s * (X @ A).T @ G,
        "s": (G * (X @ A @ B)).sum(),
    }


ADAPTER = Layer(
    "low-rank adapter",
    adapter,
    adapter_gradients,
    {"X": "2 3", "W": "3 2", "A": "3 R", "B": "R 2", "s": ""},
    (
        Wrong(
            "frozen path only",
            lambda X, W, A, B, s, Y, G: {"X": G @ W.T},
            "∂L/∂X: X is used more than once, and the claim misses its use in X · A",
        ),
        Wrong(
            "s lost",
            lambda X, W, A, B, s, Y, G: {"A": X.T @ G @ B.T},
            "∂L/∂A: a factor s is missing: it is the derivative of s · (Σ (Σ X · A) · B) by Σ (Σ X ·",
        ),
        Wrong("s twice", lambda X, W, A, B, s, Y, G: {"B": s * s * (X @ A).T @ G}, "∂L/∂B: a factor 1/s is missing"),
        Wrong("X for X·A", lambda X, W, A, B, s, Y, G: {"B": s * X.T @ G}, "∂L/∂B: X is used where Σ X · A belongs"),
    ),
)


def group_norm(X: Array, w: Array) -> Array:
    """Y = X̂ ∘ w: the four channels in two groups, each of mean 0 and variance 1 in each row."""
    return normalised(X.reshape(-1, 2, 2), 2)[0].reshape(-1, 4) * w


def group_norm_gradients(X: Array, w: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """As in layer norm, with each group for a row; w belongs to the channels."""
    groups = X.reshape(-1, 2, 2)
    H = normalised(groups, 2)[0].reshape(-1, 4)
    return normalised_gradient(groups, (G * w).reshape(-1, 2, 2), 2).reshape(-1, 4), (G * H).sum(axis=0)


def group_norm_constant(X: Array, w: Array, Y: Array, G: Array) -> dict[str, Array]:
    """Mean and σ as if they were not made of X."""
    sigma = normalised(X.reshape(-1, 2, 2), 2)[1]
    return {"X": ((G * w).reshape(-1, 2, 2) / sigma).reshape(-1, 4)}


GROUP_NORM = Layer(
    "group norm",
    group_norm,
    group_norm_gradients,
    {"X": "N 4", "w": "4"},
    (
        Wrong("that of layer norm", lambda X, w, Y, G: {"X": normalised_gradient(X, G * w, 1)}),
        Wrong(
            "statistics constant",
            lambda X, w, Y, G: {"X": G * w / np.repeat(normalised(X.reshape(-1, 2, 2), 2)[1][..., 0], 2, 1)},
            "∂L/∂X: the claim misses the path through sqrt(…) and the path through (Σ X) / const, as",
        ),
        Wrong("w too many", lambda X, w, Y, G: {"w": (G * Y).sum(axis=0)}, "∂L/∂w: a factor 1/w is missing"),
    ),
)


def weight_norm(v: Array, s: Array) -> Array:
    """w = s v / |v|."""
    return s * v / np.sqrt((v * v).sum())


def weight_norm_gradients(v: Array, s: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With u = v / |v|: ∂L/∂v = s (G - u (u·G)) / |v| and ∂L/∂s = u·G."""
    n = np.sqrt((v * v).sum())
    u = v / n
    return s * (G - u * (u * G).sum()) / n, (u * G).sum()


WEIGHT_NORM = Layer(
    "weight norm",
    weight_norm,
    weight_norm_gradients,
    {"v": "D", "s": ""},
    (
        Wrong(
            "norm held constant",
            lambda v, s, Y, G: {"v": s * G / np.sqrt((v * v).sum())},
            "∂L/∂v: v is used more than once, and the claim misses its use in v · v",
        ),
        Wrong(
            "no s", lambda v, s, Y, G: {"v": weight_norm_gradients(v, s, Y, G)[0] / s}, "∂L/∂v: a factor s is missing"
        ),
        Wrong("s too many", lambda v, s, Y, G: {"s": (Y * G).sum()}, "∂L/∂s: a factor 1/s is missing"),
        Wrong(
            "not summed",
            lambda v, s, Y, G: {"s": G * v / np.sqrt((v * v).sum())},
            "∂L/∂s: the sum over axis 0 is missing",
        ),
    ),
)

LAYERS = (
    SANDWICH,
    AUTOENCODER,
    GRAM,
    FACTORISATION_MACHINE,
    FACTORS,
    DISTANCES,
    ADAPTER,
    GROUP_NORM,
    WEIGHT_NORM,
)

if __name__ == "__main__":
    report(LAYERS)
