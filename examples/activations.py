"""Functions entry by entry, gates, and their gradients: `python examples/activations.py` has each of them checked."""

from __future__ import annotations

import math

import numpy as np
from layers import Array, Layer, Wrong, report, sigmoid

# ---------------------------------------------------------------------------------------------------------------------
# Smooth relatives of relu

ROOT = math.sqrt(2 / math.pi)
CUBIC = 0.044715


def gelu(X: Array) -> Array:
    """Y = X ∘ (1 + tanh U) / 2 with U = √(2/π) (X + 0.044715 X³), as in GPT-2."""
    return X * (1 + np.tanh(ROOT * (X + CUBIC * X**3))) / 2


def gelu_gradients(X: Array, Y: Array, G: Array, cubic: float = CUBIC) -> Array:
    """∂L/∂X = G ∘ ((1 + T) / 2 + X ∘ (1 - T²) ∘ U′ / 2) with T = tanh U: X is used twice."""
    T = np.tanh(ROOT * (X + cubic * X**3))
    return G * ((1 + T) / 2 + X * (1 - T**2) * ROOT * (1 + CUBIC * (3 * X**2)) / 2)


def gelu_without_3(X: Array, Y: Array, G: Array) -> Array:
    """X² for 3 X²."""
    T = np.tanh(ROOT * (X + CUBIC * X**3))
    return G * ((1 + T) / 2 + X * (1 - T**2) * ROOT * (1 + CUBIC * X**2) / 2)


GELU = Layer(
    "GELU",
    gelu,
    gelu_gradients,
    {"X": "N"},
    (
        Wrong(
            "gate held constant",
            lambda X, Y, G: G * (1 + np.tanh(ROOT * (X + CUBIC * X**3))) / 2,
            "∂L/∂X: the claim misses the path through tanh(const · (X + const · X³)) + 1",
        ),
        Wrong(
            "rounded constant",
            lambda X, Y, G: gelu_gradients(X, Y, G, 0.04471),
            "∂L/∂X: the formula is right up to 4e-06 of it: a constant is rounded, or a small one",
        ),
        Wrong(
            "the cube without 3", gelu_without_3, "∂L/∂X: the claim has a factor 1/3 too many for its use in const · X³"
        ),
    ),
)


def silu(X: Array) -> Array:
    """Y = X ∘ σ(X)."""
    return X * sigmoid(X)


def silu_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = G ∘ (S + X ∘ S ∘ (1 - S)) with S = σ(X)."""
    S = sigmoid(X)
    return G * (S + X * S * (1 - S))


SILU = Layer(
    "SiLU",
    silu,
    silu_gradients,
    {"X": "N"},
    (
        Wrong(
            "one use of X",
            lambda X, Y, G: G * sigmoid(X),
            "∂L/∂X: X is used more than once, and the claim misses its use in 1 / (exp(−X) + 1)",
        ),
        Wrong(
            "the other use of X",
            lambda X, Y, G: G * X * sigmoid(X) * (1 - sigmoid(X)),
            "∂L/∂X: X is used more than once, and the claim misses its use in X · (1 / (exp(−X) + 1))",
        ),
        Wrong(
            "no σ′", lambda X, Y, G: G * (sigmoid(X) + X), "∂L/∂X: the derivative of 1 / (exp(−X) + 1) by X is missing"
        ),
        Wrong(
            "wrong sign",
            lambda X, Y, G: G * (sigmoid(X) - X * sigmoid(X) * (1 - sigmoid(X))),
            "∂L/∂X: the claim has the wrong sign for its use in 1 / (exp(−X) + 1)",
        ),
    ),
)


def swish(x: Array, s: Array) -> Array:
    """Y = x ∘ σ(s x) with a slope s that is learnt, a single number."""
    return x * sigmoid(s * x)


def swish_gradients(x: Array, s: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With S = σ(s x): ∂L/∂x = G ∘ (S + s x ∘ S ∘ (1 - S)) and ∂L/∂s = Σ G ∘ x² ∘ S ∘ (1 - S)."""
    S = sigmoid(s * x)
    return G * (S + s * x * S * (1 - S)), (G * x**2 * S * (1 - S)).sum()


def swish_without_slope(x: Array, s: Array, Y: Array, G: Array) -> dict[str, Array]:
    """The s of the inner function is lost."""
    S = sigmoid(s * x)
    return {"x": G * (S + x * S * (1 - S))}


SWISH = Layer(
    "swish with a slope",
    swish,
    swish_gradients,
    {"x": "N", "s": ""},
    (
        Wrong("no inner s", swish_without_slope, "∂L/∂x: a factor s is missing: it is the derivative of s · x by x"),
        Wrong(
            "s not summed",
            lambda x, s, Y, G: {"s": G * x * Y * (1 - sigmoid(s * x))},
            "∂L/∂s: the sum over axis 0 is missing",
        ),
        Wrong(
            "x once",
            lambda x, s, Y, G: {"s": (G * Y * (1 - sigmoid(s * x))).sum()},
            "∂L/∂s: a factor x is missing: it is the derivative of s · x by s",
        ),
    ),
)


def softplus(X: Array) -> Array:
    """Y = log(1 + e^X)."""
    return np.log(1 + np.exp(X))


SOFTPLUS = Layer(
    "softplus",
    softplus,
    lambda X, Y, G: G * sigmoid(X),
    {"X": "N"},
    (
        Wrong("σ of Y", lambda X, Y, G: G * sigmoid(Y), "∂L/∂X: Y is used where X belongs"),
        Wrong(
            "no log′",
            lambda X, Y, G: G * np.exp(X),
            "∂L/∂X: the derivative of log(exp(X) + 1) by exp(X) + 1 is missing",
        ),
        Wrong("no exp′", lambda X, Y, G: G / (1 + np.exp(X)), "∂L/∂X: the derivative of exp(X) + 1 by X is missing"),
    ),
)


def mish(X: Array) -> Array:
    """Y = X ∘ tanh(softplus(X))."""
    return X * np.tanh(softplus(X))


def mish_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X = G ∘ (T + X ∘ (1 - T²) ∘ σ(X)) with T = tanh(softplus(X))."""
    T = np.tanh(softplus(X))
    return G * (T + X * (1 - T**2) * sigmoid(X))


MISH = Layer(
    "mish",
    mish,
    mish_gradients,
    {"X": "N"},
    (
        Wrong(
            "no tanh′",
            lambda X, Y, G: G * (np.tanh(softplus(X)) + X * sigmoid(X)),
            "∂L/∂X: the derivative of tanh(log(exp(X) + 1)) by log(exp(X) + 1) is missing",
        ),
        Wrong(
            "no softplus′",
            lambda X, Y, G: G * (np.tanh(softplus(X)) + X * (1 - np.tanh(softplus(X)) ** 2)),
            "∂L/∂X: the derivative of log(exp(X) + 1) by X is missing",
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Functions that bend


def relu6(X: Array) -> Array:
    """Y = min(max(X, 0), 6)."""
    return np.minimum(np.maximum(X, 0), 6)


RELU6 = Layer(
    "ReLU6",
    relu6,
    lambda X, Y, G: G * (X > 0) * (X < 6),
    {"X": "N"},
    (
        Wrong(
            "no upper bound",
            lambda X, Y, G: G * (X > 0),
            "∂L/∂X: the derivative of min(max(X, 0), const) by max(X, 0) is missing",
        ),
        Wrong(
            "Y for its derivative",
            lambda X, Y, G: G * Y,
            "∂L/∂X: min(max(X, 0), const) stands where its derivative by max(X, 0) belongs",
        ),
        Wrong("no lower bound", lambda X, Y, G: G * (X < 6), "∂L/∂X: the derivative of max(X, 0) by X is missing"),
    ),
)


def leaky_relu(X: Array) -> Array:
    """Y = max(X, X / 8)."""
    return np.maximum(X, X / 8)


LEAKY_RELU = Layer(
    "leaky relu",
    leaky_relu,
    lambda X, Y, G: G * (X > 0) + G * (X < 0) / 8,
    {"X": "N"},
    (
        Wrong(
            "that of relu",
            lambda X, Y, G: G * (X > 0),
            "∂L/∂X: X is used more than once, and the claim follows only its use in max(X, X /",
        ),
        Wrong(
            "a factor 8",
            lambda X, Y, G: G * (X > 0) + G * (X < 0),
            "∂L/∂X: the derivative of X / const by X is missing",
        ),
        Wrong("sign of G", lambda X, Y, G: G * (G > 0) + G * (G < 0) / 8),
    ),
)


def softsign(X: Array) -> Array:
    """Y = X / (1 + |X|)."""
    return X / (1 + abs(X))


SOFTSIGN = Layer(
    "softsign",
    softsign,
    lambda X, Y, G: G / (1 + abs(X)) ** 2,
    {"X": "N"},
    (
        Wrong(
            "no square",
            lambda X, Y, G: G / (1 + abs(X)),
            "∂L/∂X: X is used more than once, and the claim misses its use in |X| + 1",
        ),
        Wrong("X² for |X|", lambda X, Y, G: G / (1 + X**2) ** 2),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Gates


def glu(A: Array, B: Array) -> Array:
    """Y = A ∘ σ(B)."""
    return A * sigmoid(B)


def glu_gradients(A: Array, B: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂A = G ∘ σ(B) and ∂L/∂B = G ∘ A ∘ σ(B) ∘ (1 - σ(B))."""
    S = sigmoid(B)
    return G * S, G * A * S * (1 - S)


GLU = Layer(
    "gated linear unit",
    glu,
    glu_gradients,
    {"A": "N D", "B": "N D"},
    (
        Wrong("no σ′", lambda A, B, Y, G: {"B": G * A}, "∂L/∂B: the derivative of 1 / (exp(−B) + 1) by B is missing"),
        Wrong(
            "σ for σ′",
            lambda A, B, Y, G: {"B": G * Y},
            "∂L/∂B: 1 / (exp(−B) + 1) stands where its derivative by B belongs",
        ),
        Wrong(
            "no A",
            lambda A, B, Y, G: {"B": G * sigmoid(B) * (1 - sigmoid(B))},
            "∂L/∂B: a factor A is missing: it is the derivative of A · (1 / (exp(−B) + 1)) by 1 /",
        ),
        Wrong("B for σ(B)", lambda A, B, Y, G: {"A": G * B}, "∂L/∂A: B is used where 1 / (exp(−B) + 1) belongs"),
    ),
)


def swiglu(X: Array, V: Array, W: Array) -> Array:
    """Y = silu(X·V) ∘ (X·W): X is used three times."""
    return silu(X @ V) * (X @ W)


def swiglu_gradients(X: Array, V: Array, W: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With A = X·V and B = X·W: ∂L/∂A = G ∘ B ∘ silu′(A), ∂L/∂B = G ∘ silu(A), and then as in X·W."""
    dA, dB = silu_gradients(X @ V, None, G * (X @ W)), G * silu(X @ V)
    return dA @ V.T + dB @ W.T, X.T @ dA, X.T @ dB


SWIGLU = Layer(
    "SwiGLU",
    swiglu,
    swiglu_gradients,
    {"X": "N D", "V": "D M", "W": "D M"},
    (
        Wrong(
            "gate only",
            lambda X, V, W, Y, G: {"X": silu_gradients(X @ V, Y, G * (X @ W)) @ V.T},
            "∂L/∂X: X is used more than once, and the claim misses its use in X · W",
        ),
        Wrong(
            "value only",
            lambda X, V, W, Y, G: {"X": (G * silu(X @ V)) @ W.T},
            "∂L/∂X: X is used more than once, and the claim misses its use in X · V",
        ),
        Wrong(
            "no silu′",
            lambda X, V, W, Y, G: {"V": X.T @ (G * (X @ W))},
            "∂L/∂V: the derivative of (Σ X · V) · (1 / (exp(−(Σ X · V)) + 1)) by Σ X · V is missing",
        ),
        Wrong(
            "V and W exchanged",
            lambda X, V, W, Y, G: {"W": swiglu_gradients(X, V, W, Y, G)[1]},
            "∂L/∂W: this is the gradient of V",
        ),
    ),
)

LAYERS = (GELU, SILU, SWISH, SOFTPLUS, MISH, RELU6, LEAKY_RELU, SOFTSIGN, GLU, SWIGLU)

if __name__ == "__main__":
    report(LAYERS)
