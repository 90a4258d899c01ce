"""Losses and likelihoods with their gradients: `python examples/likelihoods.py` has each of them checked.

Y is one number in most of them; G is then a number too, and the first thing to be forgotten.
"""

from __future__ import annotations

import numpy as np
from layers import Array, Layer, Wrong, report, sigmoid, softmax


def binary_cross_entropy(z: Array, t: Array) -> Array:
    """The mean of log(1 + e^z) - t z, the cross-entropy of σ(z) and t, for any t."""
    return (np.log(1 + np.exp(z)) - t * z).mean()


def binary_cross_entropy_gradients(z: Array, t: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂z = g (σ(z) - t) / N and ∂L/∂t = -g z / N."""
    return G * (sigmoid(z) - t) / len(z), -G * z / len(z)


BINARY_CROSS_ENTROPY = Layer(
    "binary cross-entropy",
    binary_cross_entropy,
    binary_cross_entropy_gradients,
    {"z": "N", "t": "N"},
    (
        Wrong(
            "no G",
            lambda z, t, Y, G: {"z": (sigmoid(z) - t) / len(z)},
            "∂L/∂z: G is missing: the claim is right only where each entry of G is 1",
        ),
        Wrong("no mean", lambda z, t, Y, G: {"z": G * (sigmoid(z) - t)}, "∂L/∂z: a factor 1/N is missing"),
        Wrong("z for σ(z)", lambda z, t, Y, G: {"z": G * (z - t) / len(z)}),
        Wrong("σ′ too many", lambda z, t, Y, G: {"z": G * (sigmoid(z) - t) * sigmoid(z) * (1 - sigmoid(z)) / len(z)}),
    ),
)


def focal(z: Array) -> Array:
    """-Σ (1 - p)² log p with p = σ(z): the focal loss of positive examples, γ = 2."""
    p = sigmoid(z)
    return -((1 - p) ** 2 * np.log(p)).sum()


def focal_gradients(z: Array, Y: Array, G: Array) -> Array:
    """∂L/∂z = g (2 (1 - p) log p - (1 - p)² / p) ∘ p (1 - p): p is used twice."""
    p = sigmoid(z)
    return G * (2 * (1 - p) * np.log(p) - (1 - p) ** 2 / p) * p * (1 - p)


FOCAL = Layer(
    "focal loss",
    focal,
    focal_gradients,
    {"z": "N"},
    (
        Wrong(
            "weight held constant",
            lambda z, Y, G: -G * (1 - sigmoid(z)) ** 3,
            "∂L/∂z: the claim misses the path through (1 − 1 / (exp(−z) + 1))²",
        ),
        Wrong(
            "no σ′",
            lambda z, Y, G: focal_gradients(z, Y, G) / (sigmoid(z) * (1 - sigmoid(z))),
            "∂L/∂z: the derivative of 1 / (exp(−z) + 1) by z is missing",
        ),
        Wrong(
            "no G",
            lambda z, Y, G: focal_gradients(z, Y, 1),
            "∂L/∂z: G is missing: the claim is right only where each entry of G is 1",
        ),
    ),
)


def info_nce(A: Array, B: Array) -> Array:
    """-Σ log softmax(A·Bᵀ) over the diagonal: each row of A belongs to the same row of B."""
    P = softmax(A @ B.T)
    return -sum(np.log(P[i, i]) for i in range(len(P)))


def info_nce_gradients(A: Array, B: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With ∂L/∂S = g (P - I): ∂L/∂A = ∂L/∂S·B and ∂L/∂B = (∂L/∂S)ᵀ·A."""
    dS = G * (softmax(A @ B.T) - np.eye(len(A), dtype=int))
    return dS @ B, dS.T @ A


INFO_NCE = Layer(
    "InfoNCE",
    info_nce,
    info_nce_gradients,
    {"A": "N D", "B": "N D"},
    (
        Wrong("no transpose", lambda A, B, Y, G: {"B": G * (softmax(A @ B.T) - np.eye(len(A), dtype=int)) @ A}),
        Wrong(
            "positives only",
            lambda A, B, Y, G: {"A": -G * B},
            "∂L/∂A: the claim misses the path through Σ exp(Σ A · B)",
        ),
        Wrong(
            "negatives only",
            lambda A, B, Y, G: {"A": G * softmax(A @ B.T) @ B},
            "∂L/∂A: the claim misses the path through exp(Σ A · B) in exp(Σ A · B) / (Σ exp(Σ A · B))",
        ),
        Wrong(
            "A and B exchanged",
            lambda A, B, Y, G: info_nce_gradients(A, B, Y, G)[::-1],
            "∂L/∂A: this is the gradient of B",
        ),
    ),
)


def gaussian(x: Array, m: Array, s: Array) -> Array:
    """Σ s + (x - m)² e⁻²ˢ / 2: minus the log-likelihood of N(m, e²ˢ), without its constant."""
    return (s + (x - m) ** 2 * np.exp(-2 * s) / 2).sum()


def gaussian_gradients(x: Array, m: Array, s: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With r = (x - m) e⁻²ˢ: ∂L/∂x = g r, ∂L/∂m = -g r and ∂L/∂s = g (1 - (x - m) r)."""
    r = (x - m) * np.exp(-2 * s)
    return G * r, -G * r, G * (1 - (x - m) * r)


GAUSSIAN = Layer(
    "Gaussian likelihood",
    gaussian,
    gaussian_gradients,
    {"x": "N", "m": "N", "s": "N"},
    (
        Wrong("sign", lambda x, m, s, Y, G: {"m": G * (x - m) * np.exp(-2 * s)}, "∂L/∂m: the sign is wrong"),
        Wrong(
            "normaliser left out",
            lambda x, m, s, Y, G: {"s": -G * (x - m) ** 2 * np.exp(-2 * s)},
            "∂L/∂s: s is used more than once, and the claim misses its use as a term of s + (((x −",
        ),
        Wrong(
            "no 2",
            lambda x, m, s, Y, G: {"s": G * (1 - (x - m) ** 2 * np.exp(-2 * s) / 2)},
            "∂L/∂s: the claim has a factor 1/2 too many for its use in exp(const · s)",
        ),
        Wrong("σ for σ²", lambda x, m, s, Y, G: {"x": G * (x - m) * np.exp(-s)}),
    ),
)


def divergence(m: Array, v: Array) -> Array:
    """Σ (m² + e^v - 1 - v) / 2: the Kullback–Leibler divergence of N(m, e^v) from N(0, 1), as in a VAE."""
    return (m * m + np.exp(v) - 1 - v).sum() / 2


def divergence_gradients(m: Array, v: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂m = g m and ∂L/∂v = g (e^v - 1) / 2."""
    return G * m, G * (np.exp(v) - 1) / 2


DIVERGENCE = Layer(
    "divergence from the standard normal",
    divergence,
    divergence_gradients,
    {"m": "N", "v": "N"},
    (
        Wrong("2 too many", lambda m, v, Y, G: {"m": 2 * G * m}, "∂L/∂m: a factor 1/2 is missing"),
        Wrong(
            "no -v",
            lambda m, v, Y, G: {"v": G * np.exp(v) / 2},
            "∂L/∂v: v is used more than once, and the claim misses its use in exp(v) + m · m − 1 − v",
        ),
        Wrong(
            "sign of -v",
            lambda m, v, Y, G: {"v": G * (np.exp(v) + 1) / 2},
            "∂L/∂v: the claim has the wrong sign for its use in exp(v) + m · m − 1 − v",
        ),
    ),
)


def poisson(X: Array, w: Array, t: Array) -> Array:
    """Σ e^η - t η with η = X·w: Poisson regression."""
    return (np.exp(X @ w) - t * (X @ w)).sum()


def poisson_gradients(X: Array, w: Array, t: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With r = g (e^η - t): ∂L/∂X = r·wᵀ, ∂L/∂w = Xᵀ·r and ∂L/∂t = -g η."""
    r = G * (np.exp(X @ w) - t)
    return r[:, None] * w, X.T @ r, -G * (X @ w)


POISSON = Layer(
    "Poisson regression",
    poisson,
    poisson_gradients,
    {"X": "N D", "w": "D", "t": "N"},
    (
        Wrong(
            "no exp",
            lambda X, w, t, Y, G: {"w": X.T @ (G * (X @ w - t))},
            "∂L/∂w: in the derivative of exp, the pre-activation stands where the activation belongs",
        ),
        Wrong(
            "labels left out",
            lambda X, w, t, Y, G: {"w": X.T @ (G * np.exp(X @ w))},
            "∂L/∂w: the claim misses the path through t · (Σ X · w)",
        ),
        Wrong(
            "mean",
            lambda X, w, t, Y, G: {"w": X.T @ (G * (np.exp(X @ w) - t)) / len(X)},
            "∂L/∂w: a factor N is missing",
        ),
    ),
)


def ridge(X: Array, w: Array, t: Array, c: Array) -> Array:
    """|X·w - t|² + c |w|²."""
    return ((X @ w - t) ** 2).sum() + c * (w * w).sum()


def ridge_gradients(X: Array, w: Array, t: Array, c: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With r = 2 g (X·w - t): ∂L/∂X = r·wᵀ, ∂L/∂w = Xᵀ·r + 2 g c w, ∂L/∂t = -r and ∂L/∂c = g |w|²."""
    r = 2 * G * (X @ w - t)
    return r[:, None] * w, X.T @ r + 2 * G * c * w, -r, G * (w * w).sum()


RIDGE = Layer(
    "ridge regression",
    ridge,
    ridge_gradients,
    {"X": "N D", "w": "D", "t": "N", "c": ""},
    (
        Wrong("no 2", lambda X, w, t, c, Y, G: {"w": G * (X.T @ (X @ w - t) + c * w)}, "∂L/∂w: a factor 2 is missing"),
        Wrong(
            "2 on one side",
            lambda X, w, t, c, Y, G: {"w": G * (2 * X.T @ (X @ w - t) + c * w)},
            "∂L/∂w: the claim has a factor 1/2 too many for its use in w · w",
        ),
        Wrong(
            "no penalty",
            lambda X, w, t, c, Y, G: {"w": 2 * G * X.T @ (X @ w - t)},
            "∂L/∂w: w is used more than once, and the claim misses its use in w · w",
        ),
        Wrong(
            "c lost",
            lambda X, w, t, c, Y, G: {"w": 2 * G * (X.T @ (X @ w - t) + w)},
            "∂L/∂w: a factor c is missing: it is the derivative of c · (Σ w · w) by Σ w · w",
        ),
    ),
)


def dice(p: Array, t: Array) -> Array:
    """1 - 2 Σ p t / (Σ p² + Σ t²)."""
    return 1 - 2 * (p * t).sum() / ((p * p).sum() + (t * t).sum())


def dice_gradients(p: Array, t: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂p = -2 g (t - (1 - y) p) / (Σ p² + Σ t²), since 1 - y is the quotient; and with p and t exchanged."""
    below = (p * p).sum() + (t * t).sum()
    return -2 * G * (t - (1 - Y) * p) / below, -2 * G * (p - (1 - Y) * t) / below


DICE = Layer(
    "dice loss",
    dice,
    dice_gradients,
    {"p": "N", "t": "N"},
    (
        Wrong(
            "denominator constant",
            lambda p, t, Y, G: {"p": -2 * G * t / ((p * p).sum() + (t * t).sum())},
            "∂L/∂p: p is used more than once, and the claim misses its use in p · p",
        ),
        Wrong(
            "p and t exchanged", lambda p, t, Y, G: dice_gradients(p, t, Y, G)[::-1], "∂L/∂p: this is the gradient of t"
        ),
        Wrong("sign", lambda p, t, Y, G: {"p": -dice_gradients(p, t, Y, G)[0]}, "∂L/∂p: the sign is wrong"),
    ),
)


def hinge(X: Array, w: Array, t: Array) -> Array:
    """Σ max(1 - t ∘ (X·w), 0): a support vector machine, for any labels t."""
    return np.maximum(1 - t * (X @ w), 0).sum()


def hinge_gradients(X: Array, w: Array, t: Array, Y: Array, G: Array) -> dict[str, Array]:
    """∂L/∂w = -g Xᵀ·(t ∘ [1 > t ∘ (X·w)]); nothing is claimed for X and t."""
    return {"w": -G * X.T @ (t * (t * (X @ w) < 1))}


HINGE = Layer(
    "hinge loss",
    hinge,
    hinge_gradients,
    {"X": "N D", "w": "D", "t": "N"},
    (
        Wrong(
            "margin forgotten",
            lambda X, w, t, Y, G: {"w": -G * X.T @ t},
            "∂L/∂w: the derivative of max(1 − t · (Σ X · w), 0) by 1 − t · (Σ X · w) is missing",
        ),
        Wrong("sign", lambda X, w, t, Y, G: {"w": G * X.T @ (t * (t * (X @ w) < 1))}, "∂L/∂w: the sign is wrong"),
        Wrong(
            "t lost",
            lambda X, w, t, Y, G: {"w": -G * X.T @ (0 * t + (t * (X @ w) < 1))},
            "∂L/∂w: a factor t is missing: it is the derivative of t · (Σ X · w) by Σ X · w",
        ),
    ),
)

LAYERS = (BINARY_CROSS_ENTROPY, FOCAL, INFO_NCE, GAUSSIAN, DIVERGENCE, POISSON, RIDGE, DICE, HINGE)

if __name__ == "__main__":
    report(LAYERS)
