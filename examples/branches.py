"""Layers that branch or look up, in NumPy's np.where, np.clip and labels: `python examples/branches.py` checks them.

Numbers are drawn on both sides of each comparison, and near it. Labels are integers ("N int<C"), and have no gradient.
"""

from __future__ import annotations

import numpy as np
from layers import Array, Layer, Wrong, report, sigmoid, softmax

# ---------------------------------------------------------------------------------------------------------------------
# Entry by entry


def softplus(X: Array) -> Array:
    """log(1 + e^X), and X itself beyond 20, where the two differ by less than a float shows."""
    return np.where(X > 20, X, np.log1p(np.exp(X)))


SOFTPLUS = Layer(
    "softplus with threshold",
    softplus,
    lambda X, Y, G: G * np.where(X > 20, 1, sigmoid(X)),
    {"X": "N"},
    (
        Wrong(
            "slope 0 beyond 20",
            lambda X, Y, G: G * np.where(X > 20, 0, sigmoid(X)),
            "∂L/∂X: it is right where the comparison is false",
        ),
        Wrong(
            "threshold forgotten", lambda X, Y, G: G * sigmoid(X), "∂L/∂X: it is right where the comparison is false"
        ),
        Wrong(
            "another threshold",
            lambda X, Y, G: G * np.where(X > 10, 1, sigmoid(X)),
            "∂L/∂X: it is right where the comparison is false",
        ),
        Wrong("σ of Y", lambda X, Y, G: G * np.where(X > 20, 1, sigmoid(Y)), "∂L/∂X: Y is used where X belongs"),
    ),
)


def smooth_l1(X: Array) -> Array:
    """X² / 2 within ±1, |X| - 1/2 outside."""
    return np.where(np.abs(X) < 1, X * X / 2, np.abs(X) - 1 / 2)


SMOOTH_L1 = Layer(
    "smooth L1",
    smooth_l1,
    lambda X, Y, G: G * np.clip(X, -1, 1),
    {"X": "N D"},
    (
        Wrong(
            "squared everywhere",
            lambda X, Y, G: G * X,
            "∂L/∂X: it is right only where where([|X| < 1], X · X / const, |X| − const) is X · X / co",
        ),
        Wrong(
            "sign everywhere",
            lambda X, Y, G: G * np.sign(X),
            "∂L/∂X: it is right only where where([|X| < 1], X · X / const, |X| − const) is |X| − cons",
        ),
        Wrong("a wider band", lambda X, Y, G: G * np.clip(X, -2, 2), "∂L/∂X: it is right where the comparison is true"),
        Wrong("2", lambda X, Y, G: 2 * G * np.clip(X, -1, 1), "∂L/∂X: a factor 1/2 is missing"),
    ),
)


def elu(X: Array) -> Array:
    """X where it is positive, e^X - 1 elsewhere."""
    return np.where(X > 0, X, np.expm1(X))


ELU = Layer(
    "ELU",
    elu,
    lambda X, Y, G: G * np.where(X > 0, 1, np.exp(X)),
    {"X": "N"},
    (
        Wrong(
            "Y for Y + 1",
            lambda X, Y, G: G * np.where(X > 0, 1, Y),
            "∂L/∂X: expm1(X) stands where its derivative by X belongs",
        ),
        Wrong(
            "that of relu",
            lambda X, Y, G: G * (X > 0),
            "∂L/∂X: X is used more than once, and the claim follows only its use in where([0 < X], X,",
        ),
        Wrong(
            "exp everywhere",
            lambda X, Y, G: G * np.exp(X),
            "∂L/∂X: it is right only where where([0 < X], X, expm1(X)) is expm1(X), and taken for tha",
        ),
    ),
)


def hard_swish(X: Array) -> Array:
    """X ∘ clip(X + 3, 0, 6) / 6."""
    return X * np.clip(X + 3, 0, 6) / 6


HARD_SWISH = Layer(
    "hard swish",
    hard_swish,
    lambda X, Y, G: G * np.where(X < -3, 0, np.where(X > 3, 1, (2 * X + 3) / 6)),
    {"X": "N"},
    (
        Wrong(
            "one use of X",
            lambda X, Y, G: G * np.clip(X + 3, 0, 6) / 6,
            "∂L/∂X: X is used more than once, and the claim follows only its use in X · (min(max(cons",
        ),
        Wrong(
            "no upper bound",
            lambda X, Y, G: G * np.where(X < -3, 0, (2 * X + 3) / 6),
            "∂L/∂X: it is right where min takes its first argument",
        ),
        Wrong("no bounds", lambda X, Y, G: G * (2 * X + 3) / 6, "∂L/∂X: it is right where the comparison is false"),
    ),
)


def quantile(q: Array, t: Array) -> Array:
    """Σ max(9 (t - q), q - t) / 10: the pinball loss of the 90 % quantile."""
    return np.maximum(9 * (t - q), q - t).sum() / 10


QUANTILE = Layer(
    "quantile loss",
    quantile,
    lambda q, t, Y, G: (G * np.where(t > q, -9, 1) / 10, G * np.where(t > q, 9, -1) / 10),
    {"q": "N", "t": "N"},
    (
        Wrong("sides exchanged", lambda q, t, Y, G: {"q": G * np.where(t > q, 1, -9) / 10}),
        Wrong("sign", lambda q, t, Y, G: {"q": G * np.where(t > q, 9, -1) / 10}, "∂L/∂q: the sign is wrong"),
        Wrong("no 1/10", lambda q, t, Y, G: {"t": G * np.where(t > q, 9, -1)}, "∂L/∂t: a factor 1/10 is missing"),
    ),
)


def clipped_ratio(r: Array, a: Array) -> Array:
    """min(r ∘ a, clip(r, 4/5, 6/5) ∘ a): what PPO makes large, with the ratio r > 0 and the advantage a."""
    return np.minimum(r * a, np.clip(r, 4 / 5, 6 / 5) * a)


CLIPPED_RATIO = Layer(
    "clipped ratio of PPO",
    clipped_ratio,
    lambda r, a, Y, G: {"r": G * a * np.where(a > 0, r < 6 / 5, r > 4 / 5)},
    {"r": "N > 0", "a": "N"},
    (
        Wrong(
            "not clipped",
            lambda r, a, Y, G: {"r": G * a},
            "∂L/∂r: the derivative of min(max(r, const), const) by r is missing",
        ),
        Wrong(
            "clipped whatever a is",
            lambda r, a, Y, G: {"r": G * a * ((r < 6 / 5) & (r > 4 / 5))},
            "∂L/∂r: r is used more than once, and the claim follows only its use in min(max(r, const)",
        ),
        Wrong(
            "no a",
            lambda r, a, Y, G: {"r": G * np.where(a > 0, r < 6 / 5, r > 4 / 5)},
            "∂L/∂r: a factor a is missing: it is the derivative of r · a by r",
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# What is chosen, and what is looked up


def pooled(X: Array) -> Array:
    """The larger of every two neighbours in a row."""
    return X.reshape(len(X), -1, 2).max(axis=2)


def pooled_gradients(X: Array, Y: Array, G: Array) -> Array:
    """G goes to the entry that is the larger one."""
    return np.repeat(G, 2, axis=1) * (np.repeat(Y, 2, axis=1) == X)


POOLED = Layer(
    "max pooling",
    pooled,
    pooled_gradients,
    {"X": "N 2*H"},
    (
        Wrong(
            "to both",
            lambda X, Y, G: np.repeat(G, 2, axis=1),
            "∂L/∂X: every entry gets the gradient, and not only the one that max chooses",
        ),
        Wrong("half to both, as for a mean", lambda X, Y, G: np.repeat(G, 2, axis=1) / 2),
        Wrong("to the other one", lambda X, Y, G: np.repeat(G, 2, axis=1) * (np.repeat(Y, 2, axis=1) != X)),
    ),
)


def lookup(E: Array, tokens: Array) -> Array:
    """The rows of E at some tokens."""
    return E[tokens]


def lookup_gradients(E: Array, tokens: Array, Y: Array, G: Array) -> tuple[Array]:
    """Row by row of G is added to the row of its token."""
    dE = np.zeros(E.shape)
    np.add.at(dE, tokens, G)
    return (dE,)


def lookup_once(E: Array, tokens: Array, Y: Array, G: Array) -> tuple[Array]:
    """+= with an array of indices adds once for each."""
    dE = np.zeros(E.shape)
    dE[tokens] += G
    return (dE,)


LOOKUP = Layer(
    "embedding by labels",
    lookup,
    lookup_gradients,
    {"E": "V D", "tokens": "N int<V"},
    (
        Wrong(
            "repeated tokens added once",
            lookup_once,
            "∂L/∂E: entries that are used several times have one term of the sum: = stands where += b",
        ),
        Wrong(
            "mean",
            lambda E, tokens, Y, G: (lookup_gradients(E, tokens, Y, G)[0] / len(tokens),),
            "∂L/∂E: a factor N is missing",
        ),
    ),
)


def labelled_cross_entropy(Z: Array, labels: Array) -> Array:
    """The mean of -log softmax(Z) at the label of each row."""
    return -np.log(softmax(Z))[np.arange(len(labels)), labels].mean()


def one_hot(labels: Array, count: int) -> Array:
    """A row of zeros with a one at the label."""
    return np.eye(count, dtype=int)[labels]


LABELLED_CROSS_ENTROPY = Layer(
    "cross-entropy by labels",
    labelled_cross_entropy,
    lambda Z, labels, Y, G: (G * (softmax(Z) - one_hot(labels, Z.shape[1])) / len(Z),),
    {"Z": "N C", "labels": "N int<C"},
    (
        Wrong(
            "no mean",
            lambda Z, labels, Y, G: (G * (softmax(Z) - one_hot(labels, Z.shape[1])),),
            "∂L/∂Z: a factor 1/N is missing",
        ),
        Wrong(
            "labels left out",
            lambda Z, labels, Y, G: (G * softmax(Z) / len(Z),),
            "∂L/∂Z: the claim misses the path through exp(Z) in exp(Z) / (Σ exp(Z))",
        ),
        Wrong(
            "sign",
            lambda Z, labels, Y, G: (G * (one_hot(labels, Z.shape[1]) - softmax(Z)) / len(Z),),
            "∂L/∂Z: the sign is wrong",
        ),
        Wrong(
            "mean over entries",
            lambda Z, labels, Y, G: (G * (softmax(Z) - one_hot(labels, Z.shape[1])) / Z.size,),
            "∂L/∂Z: a factor C is missing",
        ),
        Wrong(
            "no G",
            lambda Z, labels, Y, G: ((softmax(Z) - one_hot(labels, Z.shape[1])) / len(Z),),
            "∂L/∂Z: G is missing: the claim is right only where each entry of G is 1",
        ),
    ),
)


def causal(S: Array) -> Array:
    """softmax of the rows of S, in which no entry right of the diagonal counts."""
    return softmax(np.where(np.tri(len(S)) > 0, S, -np.inf))


CAUSAL = Layer(
    "causal softmax",
    causal,
    lambda S, Y, G: Y * (G - (G * Y).sum(axis=1, keepdims=True)),
    {"S": "N N"},
    (
        Wrong(
            "diagonal only",
            lambda S, Y, G: G * Y * (1 - Y),
            "∂L/∂S: it is only the diagonal of the Jacobian: each entry of Y is made of other entries too",
        ),
        Wrong("as if not masked", lambda S, Y, G: softmax(S) * (G - (G * softmax(S)).sum(axis=1, keepdims=True))),
        Wrong(
            "sum over columns",
            lambda S, Y, G: Y * (G - (G * Y).sum(axis=0)),
            "∂L/∂S: a sum or a mean runs along the wrong axis: the claim is right with rows and colum",
        ),
    ),
)

LAYERS = (
    SOFTPLUS,
    SMOOTH_L1,
    ELU,
    HARD_SWISH,
    QUANTILE,
    CLIPPED_RATIO,
    POOLED,
    LOOKUP,
    LABELLED_CROSS_ENTROPY,
    CAUSAL,
)

if __name__ == "__main__":
    report(LAYERS)
