"""Layers with gradients derived by hand, each beside the versions that are wrong most often.

`python examples/layers.py` has each of them checked. The code is ordinary NumPy code. Each formula is written with
the upstream gradient G = ∂L/∂Y, ∘ is the product entry by entry, and Σ and mean run over the axis that is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import scalargrad as sg

Array = Any
"""A NumPy array, of floats, Fractions or Values."""


@dataclass(frozen=True)
class Wrong:
    """A wrong version: the mistake in words, the gradients, and a part of the diagnosis (None: no common mistake)."""

    mistake: str
    gradients: Callable[..., Any]
    diagnosis: str | None = None


@dataclass(frozen=True)
class Layer:
    """A layer, its gradients, the shapes of its inputs, and wrong versions of the gradients of one or all inputs."""

    name: str
    forward: Callable[..., Any]
    gradients: Callable[..., Any]
    shapes: dict[str, str]
    wrong: tuple[Wrong, ...]


# ---------------------------------------------------------------------------------------------------------------------
# Products of matrices


def product(X: Array, W: Array) -> Array:
    """Y = X·W."""
    return X @ W


def product_gradients(X: Array, W: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂X = G·Wᵀ and ∂L/∂W = Xᵀ·G."""
    return G @ W.T, X.T @ G


PRODUCT = Layer(
    "affine without bias",
    product,
    product_gradients,
    {"X": "N D", "W": "D M"},
    (
        Wrong("no transpose", lambda X, W, Y, G: {"X": G @ W}, "∂L/∂X: W must be transposed"),
        Wrong("factors swapped", lambda X, W, Y, G: {"W": G @ X.T}, "∂L/∂W: the order of the product is wrong"),
        Wrong("result transposed", lambda X, W, Y, G: {"W": G.T @ X}, "∂L/∂W: it must be transposed"),
    ),
)


def affine(X: Array, W: Array, b: Array) -> Array:
    """Y = X·W + b, with b added to each row."""
    return X @ W + b


def affine_gradients(X: Array, W: Array, b: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂X = G·Wᵀ, ∂L/∂W = Xᵀ·G, and ∂L/∂b = Σ_rows G: b is used once in each row."""
    return G @ W.T, X.T @ G, G.sum(axis=0)


AFFINE = Layer(
    "affine",
    affine,
    affine_gradients,
    {"X": "N D", "W": "D M", "b": "M"},
    (
        Wrong("b not summed", lambda X, W, b, Y, G: {"b": G}, "∂L/∂b: the sum over axis 0 is missing"),
        Wrong(
            "b summed along rows", lambda X, W, b, Y, G: {"b": G.sum(axis=1)}, "∂L/∂b: the sum is over the wrong axis"
        ),
        Wrong("mean for sum", lambda X, W, b, Y, G: {"b": G.sum(axis=0) / len(G)}, "∂L/∂b: a factor N is missing"),
    ),
)


def linear(X: Array, W: Array) -> Array:
    """Y = X·Wᵀ, as in PyTorch's nn.Linear."""
    return X @ W.T


def linear_gradients(X: Array, W: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂X = G·W and ∂L/∂W = Gᵀ·X."""
    return G @ W, G.T @ X


LINEAR = Layer(
    "nn.Linear",
    linear,
    linear_gradients,
    {"X": "N D", "W": "M D"},
    (
        Wrong("that of X·W for X", lambda X, W, Y, G: {"X": G @ W.T}, "∂L/∂X: a transpose is misplaced"),
        Wrong("that of X·W for W", lambda X, W, Y, G: {"W": X.T @ G}, "∂L/∂W: it must be transposed"),
        Wrong("entry by entry", lambda X, W, Y, G: {"X": G * W}, "∂L/∂X: a product entry by entry"),
    ),
)


def two_layers(X: Array, W: Array, V: Array) -> Array:
    """Y = H·V with H = X·W."""
    return (X @ W) @ V


def two_layers_gradients(X: Array, W: Array, V: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂V = Hᵀ·G; with ∂L/∂H = G·Vᵀ, ∂L/∂X = ∂L/∂H·Wᵀ and ∂L/∂W = Xᵀ·∂L/∂H."""
    dH = G @ V.T
    return dH @ W.T, X.T @ dH, (X @ W).T @ G


TWO_LAYERS = Layer(
    "two layers",
    two_layers,
    two_layers_gradients,
    {"X": "N D", "W": "D H", "V": "H M"},
    (
        Wrong("result transposed", lambda X, W, V, Y, G: {"X": W @ V @ G.T}, "∂L/∂X: it must be transposed"),
        Wrong("X for H", lambda X, W, V, Y, G: {"V": X.T @ G}, "∂L/∂V: X is used where Σ X · W belongs"),
        Wrong(
            "not through V",
            lambda X, W, V, Y, G: {"W": X.T @ G},
            "∂L/∂W: the factor Vᵀ is missing: claim · Vᵀ is right",
        ),
    ),
)


def outer(x: Array, y: Array) -> Array:
    """Y = x·yᵀ for two vectors."""
    return x[:, None] * y


def outer_gradients(x: Array, y: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂x = G·y and ∂L/∂y = Gᵀ·x."""
    return G @ y, G.T @ x


OUTER = Layer(
    "outer product",
    outer,
    outer_gradients,
    {"x": "N", "y": "M"},
    (
        Wrong("not summed", lambda x, y, Y, G: {"x": G * y}, "∂L/∂x: the sum over axis 1 is missing"),
        Wrong("x and y swapped", lambda x, y, Y, G: (G.T @ x, G @ y), "∂L/∂x: this is the gradient of y"),
        Wrong(
            "summed without y",
            lambda x, y, Y, G: {"x": G.sum(axis=1)},
            "∂L/∂x: a factor y is missing: it is the derivative of x · y by x",
        ),
    ),
)


def bilinear(x: Array, A: Array) -> Array:
    """Y = xᵀ·A·x, a single number."""
    return x @ A @ x


def bilinear_gradients(x: Array, A: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂x = G (A + Aᵀ)·x, since x is used twice, and ∂L/∂A = G x·xᵀ."""
    return G * ((A + A.T) @ x), G * (x[:, None] * x)


BILINEAR = Layer(
    "bilinear form",
    bilinear,
    bilinear_gradients,
    {"x": "D", "A": "D D"},
    (
        Wrong("one use of x", lambda x, A, Y, G: {"x": G * (A @ x)}, "∂L/∂x: x is used more than once"),
        Wrong("the other use of x", lambda x, A, Y, G: {"x": G * (x @ A)}, "∂L/∂x: x is used more than once"),
        Wrong(
            "as if A were symmetric",
            lambda x, A, Y, G: {"x": 2 * G * (A @ x)},
            "∂L/∂x: the claim is right only if A is symmetric",
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Entry by entry


def square(X: Array) -> Array:
    """Y = X ∘ X."""
    return X * X


def square_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = 2 X ∘ G."""
    return 2 * X * G


SQUARE = Layer(
    "square",
    square,
    square_gradients,
    {"X": "N D"},
    (
        Wrong("no 2", lambda X, Y, G: X * G, "∂L/∂X: a factor 2 is missing"),
        Wrong("Y for X", lambda X, Y, G: 2 * Y * G, "∂L/∂X: Y is used where X belongs"),
        Wrong("no G", lambda X, Y, G: 2 * X, "∂L/∂X: G is missing: the claim is right only where each entry of G is 1"),
    ),
)


def relu(X: Array) -> Array:
    """Y = max(X, 0)."""
    return np.maximum(X, 0)


def relu_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = G ∘ [X > 0]."""
    return G * (X > 0)


RELU = Layer(
    "relu",
    relu,
    relu_gradients,
    {"X": "N D"},
    (
        Wrong("sign", lambda X, Y, G: -G * (X > 0), "∂L/∂X: the sign is wrong"),
        Wrong(
            "Y for its derivative", lambda X, Y, G: G * Y, "∂L/∂X: max(X, 0) stands where its derivative by X belongs"
        ),
        Wrong("relu of G", lambda X, Y, G: G * (G > 0)),
    ),
)


def tanh_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = G ∘ (1 - Y²)."""
    return G * (1 - Y**2)


TANH = Layer(
    "tanh",
    np.tanh,
    tanh_gradients,
    {"X": "N D"},
    (
        Wrong("X for Y", lambda X, Y, G: G * (1 - X**2), "∂L/∂X: X is used where Y belongs"),
        Wrong("tanh twice", lambda X, Y, G: G * (1 - np.tanh(Y) ** 2), "∂L/∂X: Y is used where X belongs"),
        Wrong(
            "no square",
            lambda X, Y, G: G * (1 - Y),
            "∂L/∂X: in the derivative of tanh, a square is missing: it is 1 − tanh²",
        ),
    ),
)


def sigmoid(X: Array) -> Array:
    """Y = 1 / (1 + e⁻ˣ)."""
    return 1 / (1 + np.exp(-X))


def sigmoid_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = G ∘ Y ∘ (1 - Y)."""
    return G * Y * (1 - Y)


SIGMOID = Layer(
    "sigmoid",
    sigmoid,
    sigmoid_gradients,
    {"X": "N D"},
    (
        Wrong("X for Y", lambda X, Y, G: G * X * (1 - X), "∂L/∂X: X is used where Y belongs"),
        Wrong("Y - 1", lambda X, Y, G: G * Y * (Y - 1), "∂L/∂X: the sign is wrong"),
        Wrong(
            "that of exp", lambda X, Y, G: G * Y, "∂L/∂X: 1 / (exp(−X) + 1) stands where its derivative by X belongs"
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Softmax and its relatives. (Code for floats subtracts each row's maximum first, which changes no result but overflow.)


def softmax(X: Array) -> Array:
    """Each row of e^X, over its sum."""
    E = np.exp(X)
    return E / E.sum(axis=1, keepdims=True)


def softmax_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = Y ∘ (G - Σ_row G ∘ Y): each entry of a row is in the sum that all are divided by."""
    return Y * (G - (G * Y).sum(axis=1, keepdims=True))


SOFTMAX = Layer(
    "softmax",
    softmax,
    softmax_gradients,
    {"X": "N D"},
    (
        Wrong(
            "the Jacobian's diagonal alone",
            lambda X, Y, G: G * Y * (1 - Y),
            "∂L/∂X: it is only the diagonal of the Jacobian: each entry of Y is made of other",
        ),
        Wrong(
            "sum over columns",
            lambda X, Y, G: Y * (G - (G * Y).sum(axis=0, keepdims=True)),
            "∂L/∂X: a sum or a mean runs along the wrong axis: the claim is right with rows and",
        ),
        Wrong("sign", lambda X, Y, G: Y * ((G * Y).sum(axis=1, keepdims=True) - G), "∂L/∂X: the sign is wrong"),
    ),
)


def log_sum_exp(X: Array) -> Array:
    """y = log Σ_row e^X, one number for each row."""
    return np.log(np.exp(X).sum(axis=1))


def log_sum_exp_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = g ∘ softmax(X), with g as a column."""
    return G[:, None] * softmax(X)


LOG_SUM_EXP = Layer(
    "log-sum-exp",
    log_sum_exp,
    log_sum_exp_gradients,
    {"X": "N D"},
    (
        Wrong(
            "not divided by the sum",
            lambda X, Y, G: G[:, None] * np.exp(X),
            "∂L/∂X: the derivative of log(Σ exp(X)) by Σ exp(X) is missing",
        ),
        Wrong(
            "divided by Y, the sum's log",
            lambda X, Y, G: G[:, None] * np.exp(X) / Y[:, None],
            "∂L/∂X: the activation Y is used where the pre-activation belongs",
        ),
        Wrong("softmax of columns", lambda X, Y, G: G[:, None] * softmax(X.T).T),
    ),
)


def labels(Z: Array) -> Array:
    """Labels 0, 1, 2… for the rows, over again after the last class, one-hot."""
    return np.eye(Z.shape[1], dtype=int)[np.arange(len(Z)) % Z.shape[1]]


def cross_entropy(Z: Array) -> Array:
    """The mean over the rows of -log softmax(Z) at each row's label: one number."""
    return -(labels(Z) * np.log(softmax(Z))).sum() / len(Z)


def cross_entropy_gradients(Z: Array, Y: Array, G: Array) -> Array:
    """∂L/∂Z = g (softmax(Z) - T) / N, with T the labels, one-hot."""
    return G * (softmax(Z) - labels(Z)) / len(Z)


CROSS_ENTROPY = Layer(
    "softmax cross-entropy",
    cross_entropy,
    cross_entropy_gradients,
    {"Z": "N D"},
    (
        Wrong("no 1/N", lambda Z, Y, G: G * (softmax(Z) - labels(Z)), "∂L/∂Z: a factor 1/N is missing"),
        Wrong("T - P", lambda Z, Y, G: G * (labels(Z) - softmax(Z)) / len(Z), "∂L/∂Z: the sign is wrong"),
        Wrong(
            "Z for softmax(Z)",
            lambda Z, Y, G: G * (Z - labels(Z)) / len(Z),
            "∂L/∂Z: Z is used where exp(Z) / (Σ exp(Z)) belongs",
        ),
    ),
)


def soft_cross_entropy(Z: Array, T: Array) -> Array:
    """The mean over the rows of -Σ_row T ∘ log softmax(Z), for any weights T: one number."""
    return -(T * np.log(softmax(Z))).sum() / len(Z)


def soft_cross_entropy_gradients(Z: Array, T: Array, Y: Array, G: Array) -> dict[str, Array]:
    """∂L/∂Z = g (softmax(Z) ∘ Σ_row T - T) / N; nothing is claimed for T."""
    return {"Z": G * (softmax(Z) * T.sum(axis=1, keepdims=True) - T) / len(Z)}


SOFT_CROSS_ENTROPY = Layer(
    "softmax cross-entropy with weights",
    soft_cross_entropy,
    soft_cross_entropy_gradients,
    {"Z": "N D", "T": "N D"},
    (
        Wrong("as if each row of T summed to 1", lambda Z, T, Y, G: {"Z": G * (softmax(Z) - T) / len(Z)}),
        Wrong(
            "no 1/N",
            lambda Z, T, Y, G: {"Z": G * (softmax(Z) * T.sum(axis=1, keepdims=True) - T)},
            "∂L/∂Z: a factor 1/N is missing",
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Distances


def squared_error(X: Array, T: Array) -> Array:
    """The mean of (X - T)² over all entries: one number."""
    return ((X - T) ** 2).mean()


def squared_error_gradients(X: Array, T: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂X = 2 g (X - T) / (N D) and ∂L/∂T = -∂L/∂X."""
    dX = 2 * G * (X - T) / X.size
    return dX, -dX


SQUARED_ERROR = Layer(
    "mean squared error",
    squared_error,
    squared_error_gradients,
    {"X": "N D", "T": "N D"},
    (
        Wrong("no 2", lambda X, T, Y, G: {"X": G * (X - T) / X.size}, "∂L/∂X: a factor 2 is missing"),
        Wrong(
            "mean of rows only", lambda X, T, Y, G: {"X": 2 * G * (X - T) / len(X)}, "∂L/∂X: a factor 1/D is missing"
        ),
        Wrong("sign", lambda X, T, Y, G: {"T": 2 * G * (X - T) / X.size}, "∂L/∂T: the sign is wrong"),
    ),
)


def norm(x: Array) -> Array:
    """|x|."""
    return np.sqrt((x * x).sum())


def cosine(x: Array, y: Array) -> Array:
    """c = x·y / (|x| |y|): one number."""
    return (x * y).sum() / (norm(x) * norm(y))


def cosine_gradients(x: Array, y: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂x = g (y / (|x| |y|) - c x / |x|²), and the same for y with x and y exchanged."""
    a, b = norm(x), norm(y)
    return G * (y / (a * b) - Y * x / a**2), G * (x / (a * b) - Y * y / b**2)


COSINE = Layer(
    "cosine similarity",
    cosine,
    cosine_gradients,
    {"x": "D", "y": "D"},
    (
        Wrong(
            "norms held constant",
            lambda x, y, Y, G: {"x": G * y / (norm(x) * norm(y))},
            "∂L/∂x: x is used more than once, and the claim misses its use in x · x",
        ),
        Wrong("x and y swapped", lambda x, y, Y, G: cosine_gradients(y, x, Y, G), "∂L/∂x: this is the gradient of y"),
        Wrong("|x| not squared", lambda x, y, Y, G: {"x": G * (y / (norm(x) * norm(y)) - Y * x / norm(x))}),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Normalisation

EPSILON = 1e-5
"""Added to a mean of squares, against division by zero."""


def normalised(X: Array, axis: int) -> tuple[Array, Array]:
    """X̂ = (X - mean) / σ along an axis, and σ."""
    centred = X - X.mean(axis=axis, keepdims=True)
    sigma = np.sqrt((centred**2).mean(axis=axis, keepdims=True) + EPSILON)
    return centred / sigma, sigma


def normalised_gradient(X: Array, dH: Array, axis: int) -> Array:
    """∂L/∂X = (∂L/∂X̂ - mean(∂L/∂X̂) - X̂ ∘ mean(∂L/∂X̂ ∘ X̂)) / σ: the mean and σ are made of X too."""
    H, sigma = normalised(X, axis)
    return (dH - dH.mean(axis=axis, keepdims=True) - H * (dH * H).mean(axis=axis, keepdims=True)) / sigma


def layer_norm(X: Array, w: Array, b: Array) -> Array:
    """Y = X̂ ∘ w + b, where each row of X̂ has mean 0 and variance 1."""
    return normalised(X, 1)[0] * w + b


def layer_norm_gradients(X: Array, w: Array, b: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂X from ∂L/∂X̂ = G ∘ w as above, ∂L/∂w = Σ_rows G ∘ X̂, and ∂L/∂b = Σ_rows G."""
    H, _ = normalised(X, 1)
    return normalised_gradient(X, G * w, 1), (G * H).sum(axis=0), G.sum(axis=0)


LAYER_NORM = Layer(
    "layer norm",
    layer_norm,
    layer_norm_gradients,
    {"X": "N D", "w": "D", "b": "D"},
    (
        Wrong(
            "mean and σ held constant",
            lambda X, w, b, Y, G: {"X": G * w / normalised(X, 1)[1]},
            "∂L/∂X: the claim misses the path through sqrt(…) and the path through (Σ X) / const, as",
        ),
        Wrong(
            "without w",
            lambda X, w, b, Y, G: {"X": normalised_gradient(X, G, 1)},
            "∂L/∂X: a factor w is missing: it is the derivative of ((X − (Σ X) / const) / sqrt(…)) ·",
        ),
        Wrong("w not summed", lambda X, w, b, Y, G: {"w": G * normalised(X, 1)[0]}, "∂L/∂w: the sum over axis 0"),
        Wrong(
            "b summed along rows", lambda X, w, b, Y, G: {"b": G.sum(axis=1)}, "∂L/∂b: the sum is over the wrong axis"
        ),
    ),
)


def batch_norm(X: Array, w: Array, b: Array) -> Array:
    """Y = X̂ ∘ w + b, where each column of X̂ has mean 0 and variance 1: batch norm while it is trained."""
    return normalised(X, 0)[0] * w + b


def batch_norm_gradients(X: Array, w: Array, b: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """The formulas of layer norm, with the means over the other axis."""
    H, _ = normalised(X, 0)
    return normalised_gradient(X, G * w, 0), (G * H).sum(axis=0), G.sum(axis=0)


BATCH_NORM = Layer(
    "batch norm",
    batch_norm,
    batch_norm_gradients,
    {"X": "N D", "w": "D", "b": "D"},
    (
        Wrong(
            "as in evaluation: constants",
            lambda X, w, b, Y, G: {"X": G * w / normalised(X, 0)[1]},
            "∂L/∂X: the claim misses the path through sqrt(…) and the path through (Σ X) / const, as",
        ),
        Wrong(
            "that of layer norm",
            lambda X, w, b, Y, G: {"X": normalised_gradient(X, G * w, 1)},
            "∂L/∂X: a sum or a mean runs along the wrong axis: the claim is right with rows and",
        ),
        Wrong(
            "X for X̂",
            lambda X, w, b, Y, G: {"w": (G * X).sum(axis=0)},
            "∂L/∂w: X is used where (X − (Σ X) / const) / sqrt(…) belongs",
        ),
        Wrong("mean for sum", lambda X, w, b, Y, G: {"b": G.mean(axis=0)}, "∂L/∂b: a factor N is missing"),
    ),
)


def root_mean_square(X: Array) -> Array:
    """r = √mean(x²) of each row, as a column."""
    return np.sqrt((X**2).mean(axis=1, keepdims=True) + EPSILON)


def rms_norm(X: Array, w: Array) -> Array:
    """Y = X̂ ∘ w with X̂ = X / r."""
    return X / root_mean_square(X) * w


def rms_norm_gradients(X: Array, w: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With ∂L/∂X̂ = G ∘ w, ∂L/∂X = (∂L/∂X̂ - X̂ ∘ mean_row(∂L/∂X̂ ∘ X̂)) / r and ∂L/∂w = Σ_rows G ∘ X̂."""
    r = root_mean_square(X)
    H, dH = X / r, G * w
    return (dH - H * (dH * H).mean(axis=1, keepdims=True)) / r, (G * H).sum(axis=0)


RMS_NORM = Layer(
    "RMS norm",
    rms_norm,
    rms_norm_gradients,
    {"X": "N D", "w": "D"},
    (
        Wrong(
            "r held constant",
            lambda X, w, Y, G: {"X": G * w / root_mean_square(X)},
            "∂L/∂X: X is used more than once, and the claim misses its use in X²",
        ),
        Wrong("that of layer norm", lambda X, w, Y, G: {"X": normalised_gradient(X, G * w, 1)}),
        Wrong("w not summed", lambda X, w, Y, G: {"w": G * X / root_mean_square(X)}, "∂L/∂w: the sum over axis 0"),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Attention, convolution, embedding


def attention(Q: Array, K: Array, V: Array) -> Array:
    """Y = P·V with P = softmax(Q·Kᵀ / √D)."""
    return softmax(Q @ K.T / math.sqrt(Q.shape[1])) @ V


def attention_gradients(Q: Array, K: Array, V: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂V = Pᵀ·G; ∂L/∂P = G·Vᵀ, from it ∂L/∂S of softmax, and ∂L/∂Q = ∂L/∂S·K / √D, ∂L/∂K = (∂L/∂S)ᵀ·Q / √D."""
    root = math.sqrt(Q.shape[1])
    S = Q @ K.T / root
    P = softmax(S)
    dS = softmax_gradients(S, P, G @ V.T)
    return dS @ K / root, dS.T @ Q / root, P.T @ G


def attention_without_softmax(Q: Array, K: Array, V: Array, Y: Array, G: Array) -> dict[str, Array]:
    """∂L/∂P in place of ∂L/∂S."""
    return {"Q": G @ V.T @ K / math.sqrt(Q.shape[1])}


def attention_swapped(Q: Array, K: Array, V: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """The gradients of Q and K, exchanged."""
    dQ, dK, dV = attention_gradients(Q, K, V, Y, G)
    return dK, dQ, dV


def attention_unscaled(Q: Array, K: Array, V: Array, Y: Array, G: Array) -> dict[str, Array]:
    """1/√D in the forward pass only."""
    return {"K": attention_gradients(Q, K, V, Y, G)[1] * math.sqrt(Q.shape[1])}


ATTENTION = Layer(
    "attention",
    attention,
    attention_gradients,
    {"Q": "N D", "K": "M D", "V": "M E"},
    (
        Wrong(
            "not through softmax",
            attention_without_softmax,
            "∂L/∂Q: the derivative of … / … by (Σ Q · K) / const is missing",
        ),
        Wrong("Q and K swapped", attention_swapped, "∂L/∂Q: this is the gradient of K"),
        Wrong("no 1/√D", attention_unscaled, "∂L/∂K: a factor 1/√D is missing"),
    ),
)


def convolution(X: Array, w: Array) -> Array:
    """y_n,i = Σ_k x_n,i+k w_k for each i where the kernel fits: no padding, and no flip, as in deep learning."""
    size = X.shape[1] - len(w) + 1
    return sum(X[:, k : k + size] * w[k] for k in range(len(w)))


def convolution_gradients(X: Array, w: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂x_n,j = Σ_k g_n,j-k w_k, where G has such an entry, and ∂L/∂w_k = Σ_n Σ_i g_n,i x_n,i+k."""
    size = G.shape[1]
    dX, dw = np.zeros_like(X), np.zeros_like(w)
    for k in range(len(w)):
        dX[:, k : k + size] += G * w[k]
        dw[k] = (G * X[:, k : k + size]).sum()
    return dX, dw


def convolution_overwritten(X: Array, w: Array, Y: Array, G: Array) -> dict[str, Array]:
    """= where += belongs."""
    dX = np.zeros_like(X)
    for k in range(len(w)):
        dX[:, k : k + G.shape[1]] = G * w[k]
    return {"X": dX}


CONVOLUTION = Layer(
    "convolution",
    convolution,
    convolution_gradients,
    {"X": "N 5", "w": "3"},
    (
        Wrong(
            "kernel flipped",
            lambda X, w, Y, G: {"X": convolution_gradients(X, w[::-1], Y, G)[0]},
            "∂L/∂X: axis 0 of w must be reversed",
        ),
        Wrong(
            "overwritten, not added",
            convolution_overwritten,
            "∂L/∂X: entries that are used several times have one term of the sum: = stands where +=",
        ),
        Wrong("sign", lambda X, w, Y, G: {"w": -convolution_gradients(X, w, Y, G)[1]}, "∂L/∂w: the sign is wrong"),
    ),
)

TOKENS = [2, 0, 2, 1, 2]
"""Row 2 of the table is looked up three times, and row 3 never."""


def embedding(E: Array) -> Array:
    """Row n of Y is row t_n of the table E."""
    return E[TOKENS]


def embedding_gradients(E: Array, Y: Array, G: Array) -> Array:
    """∂L/∂E has in row t the sum of those rows n of G where t_n = t."""
    dE = np.zeros_like(E)
    for token, g in zip(TOKENS, G, strict=True):
        dE[token] += g
    return dE


def embedding_buffered(E: Array, Y: Array, G: Array) -> Array:
    """NumPy adds to a row that is listed twice only once; np.add.at adds each time."""
    dE = np.zeros_like(E)
    dE[TOKENS] += G
    return dE


EMBEDDING = Layer(
    "embedding",
    embedding,
    embedding_gradients,
    {"E": "4 D"},
    (
        Wrong(
            "repeated tokens added once",
            embedding_buffered,
            "∂L/∂E: entries that are used several times have one term of the sum: = stands where +=",
        ),
        Wrong("G itself", lambda E, Y, G: G),
        Wrong("sign", lambda E, Y, G: -embedding_gradients(E, Y, G), "∂L/∂E: the sign is wrong"),
    ),
)

LAYERS: tuple[Layer, ...] = (
    PRODUCT,
    AFFINE,
    LINEAR,
    TWO_LAYERS,
    OUTER,
    BILINEAR,
    SQUARE,
    RELU,
    TANH,
    SIGMOID,
    SOFTMAX,
    LOG_SUM_EXP,
    CROSS_ENTROPY,
    SOFT_CROSS_ENTROPY,
    SQUARED_ERROR,
    COSINE,
    LAYER_NORM,
    BATCH_NORM,
    RMS_NORM,
    ATTENTION,
    CONVOLUTION,
    EMBEDDING,
)


def report(layers: tuple[Layer, ...]) -> None:
    """Print what the checker says of each layer and of each wrong version."""
    for layer in layers:
        print(f"{layer.name}: {sg.check(layer.forward, layer.gradients, layer.shapes, examples=10).message}")
        for wrong in layer.wrong:
            verdict = sg.check(layer.forward, wrong.gradients, layer.shapes, examples=10)
            print(f"    {wrong.mistake}: {verdict.diagnosis or verdict.message}")


if __name__ == "__main__":
    report(LAYERS)
