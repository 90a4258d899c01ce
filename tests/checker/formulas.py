"""Formulas from textbooks, with gradients that are right and ones that are wrong, for tests that judge them all."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from scipy.special import erf, expit, logsumexp, softmax, xlogy

N = {"X": "N"}
ND = {"X": "N D"}


def sm(X: Any) -> Any:
    E = np.exp(X)
    return E / E.sum(axis=-1, keepdims=True)


def sig(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


C = 0.044715
K = np.sqrt(2 / np.pi)


def gelu(X: Any) -> Any:
    return 0.5 * X * (1 + np.tanh(K * (X + C * X**3)))


def dgelu(X: Any, Y: Any, G: Any, c: Any = C, k: Any = K) -> Any:
    t = np.tanh(k * (X + c * X**3))
    return G * (0.5 * (1 + t) + 0.5 * X * (1 - t**2) * k * (1 + 3 * c * X**2))


def inv2(A: Any) -> Any:
    a, b, c, d = A[0, 0], A[0, 1], A[1, 0], A[1, 1]
    D = a * d - b * c
    return np.array([[d / D, -b / D], [-c / D, a / D]], dtype=object)


def det2(A: Any) -> Any:
    return A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]


def onehot(y: Any, C: Any) -> Any:
    return np.eye(C, dtype=int)[y]


def xent(Z: Any, y: Any) -> Any:
    return -np.log(sm(Z))[np.arange(len(y)), y].mean()


def softplus_t(X: Any) -> Any:
    return np.array([x if x > 20 else np.log(1 + np.exp(x)) for x in X], dtype=object)


def chol2(S: Any) -> Any:
    a = np.sqrt(S[0, 0])
    b = S[1, 0] / a
    c = np.sqrt(S[1, 1] - b * b)
    return np.log(a) + np.log(c)


def huber(X: Any, d: Any) -> Any:
    return np.array([x * x / (2 * d) if abs(x) < d else abs(x) - d / 2 for x in X], dtype=object)


BAND = Fraction(1, 1000)


def ln(X: Any) -> Any:
    m = X.mean(axis=1, keepdims=True)
    v = ((X - m) ** 2).mean(axis=1, keepdims=True)
    return (X - m) / np.sqrt(v + 1e-5)


def dln(X: Any, Y: Any, G: Any) -> Any:
    m = X.mean(axis=1, keepdims=True)
    v = ((X - m) ** 2).mean(axis=1, keepdims=True)
    s = np.sqrt(v + 1e-5)
    return (G - G.mean(axis=1, keepdims=True) - Y * (G * Y).mean(axis=1, keepdims=True)) / s


RIGHT: dict[str, Any] = {
    "affine": (
        lambda X, W, b: X @ W + b,
        lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.sum(axis=0)),
        {"X": "N D", "W": "D M", "b": "M"},
    ),
    "gelu": (gelu, dgelu, N),
    "leaky": (lambda X: np.maximum(X, 0.1 * X), lambda X, Y, G: G * np.where(X > 0, 1, 0.1), N),
    "mse mean": (
        lambda X, T: ((X - T) ** 2).mean(),
        lambda X, T, Y, G: (2 * (X - T) * G / X.size, -2 * (X - T) * G / X.size),
        {"X": "N", "T": "N"},
    ),
    "mse 1/len float": (lambda X: (X**2).sum() * (1 / len(X)), lambda X, Y, G: 2 * X * G * (1 / len(X)), N),
    "mse 1/len vs mean": (lambda X: (X**2).mean(), lambda X, Y, G: 2 * X * G * (1 / len(X)), N),
    "attention scale": (
        lambda Q, Kk: Q @ Kk.T * Q.shape[1] ** -0.5,
        lambda Q, Kk, Y, G: (G @ Kk * Q.shape[1] ** -0.5, G.T @ Q * Q.shape[1] ** -0.5),
        {"Q": "N D", "Kk": "M D"},
    ),
    "scale two ways": (lambda Q: Q / np.sqrt(Q.shape[1]), lambda Q, Y, G: G * Q.shape[1] ** -0.5, {"Q": "N D"}),
    "sigmoid": (sig, lambda X, Y, G: G * Y * (1 - Y), N),
    "silu": (lambda X: X * sig(X), lambda X, Y, G: G * (sig(X) + X * sig(X) * (1 - sig(X))), N),
    "softmax": (sm, lambda X, Y, G: Y * (G - (G * Y).sum(axis=-1, keepdims=True)), ND),
    "softmax max": (
        lambda X: sm(X - X.max(axis=1, keepdims=True)),
        lambda X, Y, G: Y * (G - (G * Y).sum(axis=-1, keepdims=True)),
        ND,
    ),
    "softmax tiny T": (
        lambda X: sm(X / 1e-3),
        lambda X, Y, G: Y * (G - (G * Y).sum(axis=-1, keepdims=True)) / 1e-3,
        ND,
    ),
    "logit": (lambda p: np.log(p / (1 - p)), lambda p, Y, G: G / (p * (1 - p)), {"p": "N"}),
    "logit said": (lambda p: np.log(p / (1 - p)), lambda p, Y, G: G / (p * (1 - p)), {"p": "N in (0,1)"}),
    "bce": (
        lambda p, t: -(t * np.log(p) + (1 - t) * np.log(1 - p)).sum(),
        lambda p, t, Y, G: (G * (p - t) / (p * (1 - p)), -G * (np.log(p) - np.log(1 - p))),
        {"p": "N", "t": "N"},
    ),
    "circle": (lambda x: np.sqrt(1 - x**2), lambda x, Y, G: -G * x / Y, {"x": "N"}),
    "sign kept": (
        lambda w, x: abs(w) * np.log(x),
        lambda w, x, Y, G: (G * np.log(x) * np.sign(w), G * abs(w) / x),
        {"w": "N", "x": "N"},
    ),
    "inverse 2x2": (inv2, lambda A, Y, G: -Y.T @ G @ Y.T, {"A": "2 2"}),
    "det adj": (det2, lambda A, Y, G: G * Y * inv2(A).T, {"A": "2 2"}),
    "logdet spd": (lambda S: np.log(det2(S)), lambda S, Y, G: G * inv2(S), {"S": "2 2 spd"}),
    "logdet": (lambda S: np.log(det2(S)), lambda S, Y, G: G * inv2(S).T, {"S": "2 2"}),
    "cholesky logdet": (chol2, lambda S, Y, G: G * inv2(S) / 2, {"S": "2 2 spd"}),
    "quadratic symmetric": (
        lambda A, x: x @ A @ x,
        lambda A, x, Y, G: (G * np.outer(x, x), 2 * G * A @ x),
        {"A": "D D symmetric", "x": "D"},
    ),
    "prod": (lambda x: np.prod(x), lambda x, Y, G: G * Y / x, {"x": "N"}),
    "cross entropy labels": (
        xent,
        lambda Z, y, Y, G: (G * (sm(Z) - onehot(y, Z.shape[1])) / len(y),),
        {"Z": "N C", "y": "N int<C"},
    ),
    "cross entropy labels None": (
        xent,
        lambda Z, y, Y, G: (G * (sm(Z) - onehot(y, Z.shape[1])) / len(y), None),
        {"Z": "N C", "y": "N int<C"},
    ),
    "embedding": (lambda E, y: E[y], lambda E, y, Y, G: onehot(y, len(E)).T @ G, {"E": "V D", "y": "N int<V"}),
    "softplus threshold": (
        softplus_t,
        lambda X, Y, G: G * np.array([1 if x > 20 else sig(x) for x in X], dtype=object),
        N,
    ),
    "smooth l1 narrow": (
        lambda X: huber(X, BAND),
        lambda X, Y, G: G * np.array([x / BAND if abs(x) < BAND else (1 if x > 0 else -1) for x in X], dtype=object),
        N,
    ),
    "relu where >=": (
        lambda X: np.array([x if x > 0 else 0 * x for x in X], dtype=object),
        lambda X, Y, G: G * (X >= 0),
        N,
    ),
    "relu6": (lambda X: np.minimum(np.maximum(X, 0), 6), lambda X, Y, G: G * ((X > 0) & (X < 6)), N),
    "layer norm": (ln, dln, {"X": "N D"}),
    "norm": (lambda x: np.sqrt((x * x).sum()), lambda x, Y, G: G * x / Y, {"x": "N"}),
    "cosine": (
        lambda x, y: (x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum()),
        lambda x, y, Y, G: (
            G * (y / np.sqrt((x * x).sum() * (y * y).sum()) - Y * x / (x * x).sum()),
            G * (x / np.sqrt((x * x).sum() * (y * y).sum()) - Y * y / (y * y).sum()),
        ),
        {"x": "N", "y": "N"},
    ),
    "tuple cache": (lambda X, W: (X @ W, (X, W)), lambda X, W, Y, G: (G @ W.T, X.T @ G), {"X": "N D", "W": "D M"}),
    "no G": (lambda X: (X**2).sum(), lambda X, Y: 2 * X, N),
    "half filled": (lambda X, W: X @ W, lambda X, W, Y, G: (..., X.T @ G), {"X": "N D", "W": "D M"}),
    "relation": (
        lambda X: X[:, : X.shape[1] // 2] * X[:, X.shape[1] // 2 :],
        lambda X, Y, G: np.concatenate([G * X[:, X.shape[1] // 2 :], G * X[:, : X.shape[1] // 2]], axis=1),
        {"X": "N D", "D": "= 2*H"},
    ),
    "reciprocal sum": (lambda x: 1 / (1 / x).sum(), lambda x, Y, G: G * Y**2 / x**2, {"x": "N"}),
    "batch var": (
        lambda X: ((X - X.mean(axis=0)) ** 2).mean(axis=0),
        lambda X, Y, G: 2 * (X - X.mean(axis=0)) * G / len(X),
        ND,
    ),
    "power 1.5": (lambda x: x**1.5, lambda x, Y, G: 1.5 * G * x**0.5, {"x": "N"}),
    "elu": (
        lambda X: np.array([x if x > 0 else 0.3 * (np.exp(x) - 1) for x in X], dtype=object),
        lambda X, Y, G: G * np.array([1 if x > 0 else y + 0.3 for x, y in zip(X, Y, strict=True)], dtype=object),
        N,
    ),
    "zeros assigned in the claim": (lambda X: (X[1:] * X[:-1]).sum(), lambda X, Y, G: _assign(X, G), N),
    "decay": (lambda X: X * 0.1 + 0.9 * X.sum(), lambda X, Y, G: 0.1 * G + 0.9 * G.sum(), N),
    "log2": (lambda x: np.log(x) / np.log(2.0), lambda x, Y, G: G / (x * np.log(2)), {"x": "N"}),
}


def _assign(X: Any, G: Any) -> Any:
    out = np.zeros(len(X))
    out[1:] += 0
    for i in range(len(X)):
        s = 0 * G
        if i > 0:
            s = s + X[i - 1]
        if i < len(X) - 1:
            s = s + X[i + 1]
        out[i] = G * s
    return out


def wr(name: Any, claim: Any) -> Any:
    return (RIGHT[name][0], claim, RIGHT[name][2])


WRONG: dict[str, Any] = {
    "affine W": wr("affine", lambda X, W, b, Y, G: (G @ W, X.T @ G, G.sum(axis=0))),
    "affine mean": wr("affine", lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.mean(axis=0))),
    "gelu const 6th digit": wr("gelu", lambda X, Y, G: dgelu(X, Y, G, c=0.044716)),
    "gelu const k": wr("gelu", lambda X, Y, G: dgelu(X, Y, G, k=0.797885)),
    "gelu no 3": wr("gelu", lambda X, Y, G: G * 0.5 * (1 + np.tanh(K * (X + C * X**3)))),
    "leaky slope": wr("leaky", lambda X, Y, G: G * np.where(X > 0, 1, 0.01)),
    "leaky slope 6": wr("leaky", lambda X, Y, G: G * np.where(X > 0, 1, 0.1000001)),
    "mse no 2": wr("mse mean", lambda X, T, Y, G: ((X - T) * G / X.size, -(X - T) * G / X.size)),
    "mse sum": wr("mse mean", lambda X, T, Y, G: (2 * (X - T) * G, -2 * (X - T) * G)),
    "scale sqrt": wr(
        "attention scale", lambda Q, Kk, Y, G: (G @ Kk * Q.shape[0] ** -0.5, G.T @ Q * Q.shape[1] ** -0.5)
    ),
    "sigmoid": wr("sigmoid", lambda X, Y, G: G * Y * (1 - X)),
    "sigmoid no G": wr("sigmoid", lambda X, Y, G: Y * (1 - Y)),
    "silu": wr("silu", lambda X, Y, G: G * sig(X) * (1 - sig(X))),
    "softmax diag": wr("softmax", lambda X, Y, G: G * Y * (1 - Y)),
    "softmax T": wr("softmax tiny T", lambda X, Y, G: Y * (G - (G * Y).sum(axis=-1, keepdims=True))),
    "logit": wr("logit", lambda p, Y, G: G / p),
    "bce sign": wr("bce", lambda p, t, Y, G: (-G * (p - t) / (p * (1 - p)), -G * (np.log(p) - np.log(1 - p)))),
    "circle": wr("circle", lambda x, Y, G: G * x / Y),
    "sign lost": wr("sign kept", lambda w, x, Y, G: (G * np.log(x), G * abs(w) / x)),
    "G sign lost": wr("logit", lambda p, Y, G: abs(G) / (p * (1 - p))),
    "inverse": wr("inverse 2x2", lambda A, Y, G: -Y @ G @ Y),
    "det": wr("det adj", lambda A, Y, G: G * Y * inv2(A)),
    "logdet no T": wr("logdet", lambda S, Y, G: G * inv2(S)),
    "logdet half": wr("logdet spd", lambda S, Y, G: G * inv2(S) / 2),
    "quadratic": wr("quadratic symmetric", lambda A, x, Y, G: (G * np.outer(x, x), G * A @ x)),
    "prod": wr("prod", lambda x, Y, G: G * Y),
    "xent no mean": wr("cross entropy labels", lambda Z, y, Y, G: (G * (sm(Z) - onehot(y, Z.shape[1])),)),
    "embedding last only": wr("embedding", lambda E, y, Y, G: _scatter(E, y, G)),
    "softplus slope 0": wr(
        "softplus threshold", lambda X, Y, G: G * np.array([0 if x > 20 else sig(x) for x in X], dtype=object)
    ),
    "softplus other threshold": wr(
        "softplus threshold", lambda X, Y, G: G * np.array([1 if x > 19 else sig(x) for x in X], dtype=object)
    ),
    "smooth l1 sign": wr("smooth l1 narrow", lambda X, Y, G: G * np.sign(X)),
    "large gate": (lambda X: X * (X > 10**25), lambda X, Y, G: 0 * G, N),
    "tiny gate": (lambda X: X * (abs(X) > Fraction(1, 10**9)), lambda X, Y, G: G, N),
    "relu6 upper": wr("relu6", lambda X, Y, G: G * (X > 0)),
    "norm gate": (lambda X: X * (((X * X).sum()) > 10**6), lambda X, Y, G: 0 * G, N),
    "layer norm": wr(
        "layer norm",
        lambda X, Y, G: G / np.sqrt(((X - X.mean(axis=1, keepdims=True)) ** 2).mean(axis=1, keepdims=True) + 1e-5),
    ),
    "layer norm eps": wr(
        "layer norm",
        lambda X, Y, G: (
            (G - G.mean(axis=1, keepdims=True) - Y * (G * Y).mean(axis=1, keepdims=True))
            / np.sqrt(((X - X.mean(axis=1, keepdims=True)) ** 2).mean(axis=1, keepdims=True))
        ),
    ),
    "no G": wr("no G", lambda X, Y: X),
    "half filled wrong": wr("half filled", lambda X, W, Y, G: (..., G.T @ X)),
    "relation swapped": wr(
        "relation", lambda X, Y, G: np.concatenate([G * X[:, : X.shape[1] // 2], G * X[:, X.shape[1] // 2 :]], axis=1)
    ),
    "var": wr("batch var", lambda X, Y, G: (X - X.mean(axis=0)) * G / len(X)),
    "var n-1": wr("batch var", lambda X, Y, G: 2 * (X - X.mean(axis=0)) * G / max(len(X) - 1, 1)),
    "power": wr("power 1.5", lambda x, Y, G: 1.5 * G * x**1.5),
    "elu": wr(
        "elu", lambda X, Y, G: G * np.array([1 if x > 0 else y + 1 for x, y in zip(X, Y, strict=True)], dtype=object)
    ),
    "zeros": wr("zeros assigned in the claim", lambda X, Y, G: 1.001 * _assign(X, G)),
    "decay": wr("decay", lambda X, Y, G: 0.1 * G + 0.9000001 * G.sum()),
    "zero at X=0": (lambda X: X * 3, lambda X, Y, G: np.where(X == 0, 0 * G, 3 * G), N),
    "max shared": (lambda X: X.max(), lambda X, Y, G: G * (X.max() == X) * 1.5, N),
    "log2": wr("log2", lambda x, Y, G: G / x),
}


def _scatter(E: Any, y: Any, G: Any) -> Any:
    out = 0 * E
    for i, k in enumerate(y):
        out[k] = G[i]
    return out


def _sm(X: Any) -> Any:
    E = np.exp(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def _b(Q: Any, Y: Any, G: Any) -> Any:
    dS = Y * (G - (G * Y).sum(axis=1, keepdims=True))
    return (dS + dS.T) @ Q


def _z(X: Any, G: Any) -> Any:
    out = np.zeros(X.shape)
    out[::-1] = 2 * G
    return out


def _filled(X: Any, entries: Any) -> Any:
    out = np.zeros(len(X))
    for i, entry in enumerate(entries):
        out[i] += entry
    return out


def _added(E: Any, y: Any, G: Any) -> Any:
    out = np.zeros(E.shape)
    np.add.at(out, y, G)
    return out


def _added_once(E: Any, y: Any, G: Any) -> Any:
    out = np.zeros(E.shape)
    out[y] += G
    return out


WITH_NUMPY: dict[str, Any] = {
    "where relu": (lambda X: np.where(X > 0, X, 0), lambda X, Y, G: G * (X > 0), N, 1),
    "where relu2": (lambda X: np.where(X > 0, X, 0), lambda X, Y, G: np.where(X > 0, G, 0), N, 1),
    "where softplus": (
        lambda X: np.where(X > 20, X, np.log(1 + np.exp(X))),
        lambda X, Y, G: G * np.where(X > 20, 1, 1 / (1 + np.exp(-X))),
        N,
        1,
    ),
    "where softplus wrong": (
        lambda X: np.where(X > 20, X, np.log(1 + np.exp(X))),
        lambda X, Y, G: G * np.where(X > 20, 0, 1 / (1 + np.exp(-X))),
        N,
        0,
    ),
    "clip": (lambda X: np.clip(X, 0, 6), lambda X, Y, G: G * ((X > 0) & (X < 6)), N, 1),
    "clip wrong": (lambda X: np.clip(X, 0, 6), lambda X, Y, G: G * (X > 0), N, 0),
    "var": (lambda X: X.var(axis=0), lambda X, Y, G: 2 * (X - X.mean(axis=0)) * G / len(X), {"X": "N D"}, 1),
    "var wrong": (lambda X: X.var(axis=0), lambda X, Y, G: (X - X.mean(axis=0)) * G / len(X), {"X": "N D"}, 0),
    "inv": (lambda A: np.linalg.inv(A), lambda A, Y, G: -Y.T @ G @ Y.T, {"A": "D D"}, 1),
    "inv wrong": (lambda A: np.linalg.inv(A), lambda A, Y, G: -Y @ G @ Y, {"A": "D D"}, 0),
    "det": (lambda A: np.linalg.det(A), lambda A, Y, G: G * Y * np.linalg.inv(A).T, {"A": "D D"}, 1),
    "slogdet": (lambda A: np.linalg.slogdet(A)[1], lambda A, Y, G: G * np.linalg.inv(A).T, {"A": "D D"}, 1),
    "slogdet wrong": (lambda A: np.linalg.slogdet(A)[1], lambda A, Y, G: G * np.linalg.inv(A), {"A": "D D"}, 0),
    "solve": (
        lambda A, b: np.linalg.solve(A, b),
        lambda A, b, Y, G: (-np.outer(np.linalg.solve(A.T, G), Y), np.linalg.solve(A.T, G)),
        {"A": "D D", "b": "D"},
        1,
    ),
    "norm": (lambda x: np.linalg.norm(x), lambda x, Y, G: G * x / Y, {"x": "N"}, 1),
    "chol logdet": (
        lambda S: 2 * np.log(np.diag(np.linalg.cholesky(S))).sum(),
        lambda S, Y, G: G * np.linalg.inv(S),
        {"S": "D D spd"},
        1,
    ),
    "chol logdet unsaid": (
        lambda S: 2 * np.log(np.diag(np.linalg.cholesky(S))).sum(),
        lambda S, Y, G: G * np.linalg.inv(S),
        {"S": "D D"},
        1,
    ),
    "tril": (lambda X: np.tril(X), lambda X, Y, G: np.tril(G), {"X": "N N"}, 1),
    "pad": (lambda X: np.pad(X, 1), lambda X, Y, G: G[1:-1], N, 1),
    "concat": (lambda X: np.concatenate([X, np.ones(1)]), lambda X, Y, G: G[:-1], N, 1),
    "log1p": (lambda X: np.log1p(np.exp(X)), lambda X, Y, G: G / (1 + np.exp(-X)), N, 1),
    "logaddexp": (lambda X: np.logaddexp(0, X), lambda X, Y, G: G / (1 + np.exp(-X)), N, 1),
    "logaddexp wrong": (lambda X: np.logaddexp(0, X), lambda X, Y, G: G / (1 + np.exp(X)), N, 0),
    "max": (lambda X: X.max(), lambda X, Y, G: G * (X.max() == X), N, 1),
    "equal to its max": (
        lambda X: ((X.max(axis=1, keepdims=True) == X) * X * X).sum(axis=1),
        lambda X, Y, G: 2 * G[:, None] * X * (X.max(axis=1, keepdims=True) == X),
        ND,
        1,
    ),
    "equal to its max wrong": (
        lambda X: ((X.max(axis=1, keepdims=True) == X) * X * X).sum(axis=1),
        lambda X, Y, G: 2 * G[:, None] * X,
        ND,
        0,
    ),
    "sort": (np.sort, lambda X, Y, G: G[np.argsort(np.argsort(X))], N, 1),
    "sort wrong for cycles of three": (np.sort, lambda X, Y, G: G[np.argsort(X)], N, 0),
    "zeros filled in": (lambda X: _filled(X, X * X), lambda X, Y, G: _filled(X, 2 * X * G), N, 1),
    "zeros filled in wrong": (lambda X: _filled(X, X * X), lambda X, Y, G: _filled(X, X * G), N, 0),
    "zeros added to": (
        lambda E, y: E[y],
        lambda E, y, Y, G: (_added(E, y, G),),
        {"E": "V D", "y": "N int<V"},
        1,
    ),
    "zeros added to once": (
        lambda E, y: E[y],
        lambda E, y, Y, G: (_added_once(E, y, G),),
        {"E": "V D", "y": "N int<V"},
        0,
    ),
    "max wrong": (lambda X: X.max(), lambda X, Y, G: G * (X.min() == X), N, 0),
    "sign": (lambda X: np.abs(X), lambda X, Y, G: G * np.sign(X), N, 1),
    "leaky where": (lambda X: np.where(X > 0, X, 0.01 * X), lambda X, Y, G: np.where(X > 0, G, 0.01 * G), N, 1),
    "causal -1e9": (
        lambda Q: _sm(np.where(np.tri(len(Q)) > 0, Q @ Q.T, -1e9)),
        lambda Q, Y, G: _b(Q, Y, G),
        {"Q": "N D"},
        1,
    ),
    "causal -inf": (
        lambda Q: _sm(np.where(np.tri(len(Q)) > 0, Q @ Q.T, -np.inf)),
        lambda Q, Y, G: _b(Q, Y, G),
        {"Q": "N D"},
        1,
    ),
    "onehot eye": (
        lambda Z, y: -(np.log(_sm(Z)) * np.eye(Z.shape[1])[y]).sum(),
        lambda Z, y, Y, G: G * (_sm(Z) - np.eye(Z.shape[1])[y]),
        {"Z": "N C", "y": "N int<C"},
        1,
    ),
    "zeros claim": (lambda X: X[::-1] * 2, lambda X, Y, G: _z(X, G), N, 1),
    "arctan": (np.arctan, lambda X, Y, G: G / (1 + X**2), N, 1),
    "arcsin": (np.arcsin, lambda X, Y, G: G / np.sqrt(1 - X**2), N, 1),
    "arccosh": (np.arccosh, lambda X, Y, G: G / np.sqrt(X**2 - 1), N, 1),
    "floor": (lambda X: X - np.floor(X), lambda X, Y, G: G, N, 1),
    "G clipped far away": (lambda X: X * X, lambda X, Y, G: 2 * X * np.maximum(G, -100), N, 0),
    "a constant of 32 bits": (lambda X: X * 0.1, lambda X, Y, G: G * np.float32(0.1), N, 1),
    "a constant of 32 bits wrong": (lambda X: X * 0.1, lambda X, Y, G: G * np.float32(0.1001), N, 0),
    "a claim of 32 bits": (np.tanh, lambda X, Y, G: (G * (1 - Y * Y)).astype(np.float32), N, 1),
    "a claim of 32 bits wrong": (np.tanh, lambda X, Y, G: (1.001 * G * (1 - Y * Y)).astype(np.float32), N, 0),
    "sort, last": (lambda X: np.sort(X)[-1], lambda X, Y, G: G * (X.max() == X), N, 1),
    "smoothl1": (
        lambda X: np.where(np.abs(X) < 0.001, X * X / 0.002, np.abs(X) - 0.0005),
        lambda X, Y, G: G * np.where(np.abs(X) < 0.001, X / 0.001, np.sign(X)),
        N,
        1,
    ),
    "smoothl1 wrong": (
        lambda X: np.where(np.abs(X) < 0.001, X * X / 0.002, np.abs(X) - 0.0005),
        lambda X, Y, G: G * np.sign(X),
        N,
        0,
    ),
    "np.ones": (lambda X: X.sum() ** 3, lambda X, Y, G: 3 * G * X.sum() ** 2 * np.ones(len(X)), N, 1),
}

WITH_SCIPY: dict[str, Any] = {
    "expit": (expit, lambda X, Y, G: G * Y * (1 - Y), N, 1),
    "expit in the claim": (sig, lambda X, Y, G: G * expit(X) * expit(-X), N, 1),
    "expit wrong": (expit, lambda X, Y, G: G * expit(X), N, 0),
    "gelu by erf": (
        lambda X: X / 2 * (1 + erf(X / np.sqrt(2))),
        lambda X, Y, G: G * ((1 + erf(X / np.sqrt(2))) / 2 + X * np.exp(-(X**2) / 2) / np.sqrt(2 * np.pi)),
        N,
        1,
    ),
    "gelu by erf wrong": (
        lambda X: X / 2 * (1 + erf(X / np.sqrt(2))),
        lambda X, Y, G: G * ((1 + erf(X / np.sqrt(2))) / 2 + X * np.exp(-(X**2) / 2) / np.sqrt(np.pi)),
        N,
        0,
    ),
    "logsumexp": (
        lambda X: logsumexp(X, axis=1),
        lambda X, Y, G: G[:, None] * np.exp(X - Y[:, None]),
        ND,
        1,
    ),
    "logsumexp wrong": (lambda X: logsumexp(X, axis=1), lambda X, Y, G: G[:, None] * np.exp(X), ND, 0),
    "logsumexp in the claim": (
        lambda X: np.log(np.exp(X).sum()),
        lambda X, Y, G: G * np.exp(X - logsumexp(X)),
        N,
        1,
    ),
    "logsumexp keepdims": (
        lambda X: X - logsumexp(X, axis=-1, keepdims=True),
        lambda X, Y, G: G - softmax(X, axis=-1) * G.sum(axis=-1, keepdims=True),
        ND,
        1,
    ),
    "xlogy": (lambda p: -xlogy(p, p).sum(), lambda p, Y, G: -G * (np.log(p) + 1), {"p": "N in (0,1)"}, 1),
    "xlogy wrong": (lambda p: -xlogy(p, p).sum(), lambda p, Y, G: -G * np.log(p), {"p": "N in (0,1)"}, 0),
}
