"""More formulas from textbooks, papers and layers, each with wrong versions: what the checker was attacked with."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np

Case = tuple[Any, Any, Any]
"""Forward pass, claim, shapes."""

RIGHT: dict[str, Case] = {}
WRONG: dict[str, Case] = {}


def add(name: str, forward: Any, shapes: Any, right: Any, *wrong: Any) -> None:
    """One formula: its right gradients, and wrong ones."""
    RIGHT[name] = forward, right, shapes
    WRONG.update({f"{name}, {k}": (forward, claim, shapes) for k, claim in enumerate(wrong)})


def sig(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(X: Any, axis: Any = -1) -> Any:
    E = np.exp(X - X.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


inv = np.linalg.inv


add(
    "trace inv",
    lambda X: np.trace(inv(X)),
    {"X": "D D"},
    lambda X, Y, G: -G * (inv(X) @ inv(X)).T,
    lambda X, Y, G: -G * inv(X) @ inv(X),
)
add(
    "quad form",
    lambda a, X, b: a @ X @ b,
    {"a": "N", "X": "N M", "b": "M"},
    lambda a, X, b, Y, G: (G * X @ b, G * np.outer(a, b), G * X.T @ a),
    lambda a, X, b, Y, G: {"X": G * np.outer(b, a)},
)
add("frob", lambda X: np.linalg.norm(X), {"X": "N D"}, lambda X, Y, G: G * X / Y, lambda X, Y, G: G * X)
add("frob ord", lambda X: np.linalg.norm(X, axis=1), {"X": "N D"}, lambda X, Y, G: G[:, None] * X / Y[:, None])
add(
    "nuclear AXB",
    lambda X, A_: np.trace(X.T @ A_ @ X),
    {"X": "N D", "A_": "N N"},
    lambda X, A_, Y, G: (G * (A_ + A_.T) @ X, G * X @ X.T),
    lambda X, A_, Y, G: {"X": 2 * G * A_ @ X},
)
add(
    "kron",
    lambda a, b: np.kron(a, b),
    {"a": "N", "b": "M"},
    lambda a, b, Y, G: (G.reshape(len(a), len(b)) @ b, a @ G.reshape(len(a), len(b))),
)
add(
    "einsum",
    lambda X, W: np.einsum("nd,dm->nm", X, W),
    {"X": "N D", "W": "D M"},
    lambda X, W, Y, G: (np.einsum("nm,dm->nd", G, W), np.einsum("nd,nm->dm", X, G)),
    lambda X, W, Y, G: {"W": np.einsum("nm,nd->md", G, X)},
)
add(
    "bmm",
    lambda X, W: X @ W,
    {"X": "B N D", "W": "B D M"},
    lambda X, W, Y, G: (G @ np.swapaxes(W, 1, 2), np.swapaxes(X, 1, 2) @ G),
    lambda X, W, Y, G: {"X": G @ W},
)
add(
    "mat power",
    lambda X: np.linalg.matrix_power(X, 3).sum(),
    {"X": "D D"},
    lambda X, Y, G: G * (np.ones(X.shape) @ (X @ X).T + X.T @ np.ones(X.shape) @ X.T + (X @ X).T @ np.ones(X.shape)),
    lambda X, Y, G: 3 * G * (X @ X).T @ np.ones(X.shape),
)
add(
    "huber",
    lambda r: np.where(np.abs(r) <= 1.5, 0.5 * r**2, 1.5 * (np.abs(r) - 0.75)).sum(),
    {"r": "N"},
    lambda r, Y, G: G * np.clip(r, -1.5, 1.5),
    lambda r, Y, G: G * np.clip(r, -1, 1),
    lambda r, Y, G: G * r,
)
add(
    "hardsigmoid",
    lambda X: np.clip(X / 6 + 0.5, 0, 1),
    {"X": "N"},
    lambda X, Y, G: G * ((X > -3) & (X < 3)) / 6,
    lambda X, Y, G: G * ((X > -3) & (X < 3)),
    lambda X, Y, G: G * (X > -3) / 6,
    lambda X, Y, G: G * ((X > -2.5) & (X < 2.5)) / 6,
)
add(
    "softshrink",
    lambda X: np.sign(X) * np.maximum(np.abs(X) - 0.5, 0),
    {"X": "N"},
    lambda X, Y, G: G * (np.abs(X) > 0.5),
    lambda X, Y, G: G * (X > 0.5),
    lambda X, Y, G: G * (np.abs(X) > 0.4),
)
add(
    "hardshrink",
    lambda X: np.where(np.abs(X) > 0.5, X, 0),
    {"X": "N"},
    lambda X, Y, G: G * (np.abs(X) > 0.5),
    lambda X, Y, G: G,
)
add(
    "tanhshrink",
    lambda X: X - np.tanh(X),
    {"X": "N"},
    lambda X, Y, G: G * np.tanh(X) ** 2,
    lambda X, Y, G: G * (1 - np.tanh(X) ** 2),
)
add(
    "triplet",
    lambda a, p, n: np.maximum(((a - p) ** 2).sum() - ((a - n) ** 2).sum() + 1, 0),
    {"a": "D", "p": "D", "n": "D"},
    lambda a, p, n, Y, G: (2 * G * (n - p) * (Y > 0), -2 * G * (a - p) * (Y > 0), 2 * G * (a - n) * (Y > 0)),
    lambda a, p, n, Y, G: {"a": 2 * G * (n - p)},
    lambda a, p, n, Y, G: {"a": 2 * G * (p - n) * (Y > 0)},
)
add(
    "ppo clip",
    lambda r, a: np.minimum(r * a, np.clip(r, 0.8, 1.2) * a),
    {"r": "N > 0", "a": "N"},
    lambda r, a, Y, G: {"r": G * a * np.where(a > 0, r < 1.2, r > 0.8)},
    lambda r, a, Y, G: {"r": G * a * ((r < 1.2) & (r > 0.8))},
    lambda r, a, Y, G: {"r": G * a},
)
add("logcosh", lambda X: np.log(np.cosh(X)), {"X": "N"}, lambda X, Y, G: G * np.tanh(X), lambda X, Y, G: G / np.cosh(X))
add(
    "stable bce",
    lambda z, t: (np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean(),
    {"z": "N", "t": "N"},
    lambda z, t, Y, G: (G * (sig(z) - t) / len(z), -G * z / len(z)),
    lambda z, t, Y, G: {"z": G * (sig(z) - t)},
    lambda z, t, Y, G: {"z": G * (z > 0) - t},
)
add(
    "stable sigmoid if",
    lambda X: np.array([1 / (1 + np.exp(-x)) if x >= 0 else np.exp(x) / (1 + np.exp(x)) for x in X]),
    {"X": "N"},
    lambda X, Y, G: G * Y * (1 - Y),
    lambda X, Y, G: G * Y * Y,
)
add(
    "avgpool",
    lambda X: X.reshape(-1, 2).mean(axis=1),
    {"X": "M", "M": "= 2*H"},
    lambda X, Y, G: np.repeat(G, 2) / 2,
    lambda X, Y, G: np.repeat(G, 2),
    lambda X, Y, G: np.tile(G, 2) / 2,
)
add(
    "top1",
    lambda X: X.max(axis=1),
    {"X": "N D"},
    lambda X, Y, G: G[:, None] * (Y[:, None] == X),
    lambda X, Y, G: G[:, None] * np.ones(X.shape),
)
add(
    "argmax take",
    lambda X: X[np.arange(len(X)), X.argmax(axis=1)] ** 2,
    {"X": "N D"},
    lambda X, Y, G: 2 * X * G[:, None] * (X.max(axis=1, keepdims=True) == X),
    lambda X, Y, G: 2 * X * G[:, None],
)
add("median", lambda X: np.median(X), {"X": "3"}, lambda X, Y, G: G * (X == Y), lambda X, Y, G: G / 3 * np.ones(3))
add(
    "cummax",
    lambda X: np.maximum.accumulate(X),
    {"X": "N"},
    lambda X, Y, G: np.array([sum(G[j] for j in range(len(X)) if Y[j] == X[i] and j >= i) for i in range(len(X))]),
)
add(
    "abs power",
    lambda X: np.sum(np.abs(X) ** 3),
    {"X": "N"},
    lambda X, Y, G: 3 * G * X * np.abs(X),
    lambda X, Y, G: 3 * G * X**2,
)
add("straight", lambda X: np.sign(X) * X, {"X": "N"}, lambda X, Y, G: G * np.sign(X), lambda X, Y, G: G)
add(
    "if sum",
    lambda X: X * 2 if X.sum() > 3 else X * 5,
    {"X": "N"},
    lambda X, Y, G: 2 * G if X.sum() > 3 else 5 * G,
    lambda X, Y, G: 2 * G,
    lambda X, Y, G: 5 * G,
)
add(
    "grad clip claim",
    lambda X: X**2,
    {"X": "N"},
    lambda X, Y, G: 2 * X * G,
    lambda X, Y, G: np.clip(2 * X * G, -5, 5),
    lambda X, Y, G: np.clip(2 * X * G, -1e4, 1e4),
)
add(
    "claim where tiny",
    lambda X: X**2,
    {"X": "N"},
    lambda X, Y, G: np.where(X == 0, 0 * G, 2 * X * G),
    lambda X, Y, G: np.where(np.abs(X) < 1e-6, 0 * G + 1, 2 * X * G),
)
add(
    "nan_to_num",
    lambda X: X / np.sqrt((X**2).sum() + 1e-12),
    {"X": "N"},
    lambda X, Y, G: (G - Y * (G * Y).sum()) / np.sqrt((X**2).sum() + 1e-12),
)
add(
    "kl",
    lambda p, q: (p * np.log(p / q)).sum(),
    {"p": "N", "q": "N"},
    lambda p, q, Y, G: (G * (np.log(p / q) + 1), -G * p / q),
    lambda p, q, Y, G: {"q": -G * q / p},
    lambda p, q, Y, G: {"p": G * np.log(p / q)},
)
add(
    "arcsin",
    lambda x: np.arcsin(x),
    {"x": "N"},
    lambda x, Y, G: G / np.sqrt(1 - x**2),
    lambda x, Y, G: -G / np.sqrt(1 - x**2),
    lambda x, Y, G: G / (1 - x**2),
)
add(
    "atanh fisher",
    lambda x: np.arctanh(x),
    {"x": "N"},
    lambda x, Y, G: G / (1 - x * x),
    lambda x, Y, G: G / (1 + x * x),
)
add(
    "sqrt pos",
    lambda x: np.sqrt(x),
    {"x": "N"},
    lambda x, Y, G: G / (2 * Y),
    lambda x, Y, G: G / Y,
    lambda x, Y, G: G / (2 * x),
)
add(
    "power xy",
    lambda x, a: x**a,
    {"x": "N > 0", "a": "N"},
    lambda x, a, Y, G: (G * a * x ** (a - 1), G * Y * np.log(x)),
    lambda x, a, Y, G: {"a": G * Y},
    lambda x, a, Y, G: {"x": G * x ** (a - 1)},
)
add(
    "gamma ll",
    lambda x, b: np.log(b) * x - b * x,
    {"x": "N", "b": "N > 0"},
    lambda x, b, Y, G: (G * (np.log(b) - b), G * (x / b - x)),
    lambda x, b, Y, G: {"b": G * (x / b)},
)
add(
    "hyperbolic dist",
    lambda u, v: np.arccosh(1 + 2 * ((u - v) ** 2).sum() / ((1 - (u**2).sum()) * (1 - (v**2).sum()))),
    {"u": "2 in (-1/2,1/2)", "v": "2 in (-1/2,1/2)"},
    lambda u, v, Y, G: {
        "u": (
            lambda a, b, d: (
                G
                * (4 / (b * np.sqrt((1 + 2 * d / (a * b)) ** 2 - 1)))
                * (((v**2).sum() - 2 * (u @ v) + 1) / a**2 * u - v / a)
            )
        )(1 - (u**2).sum(), 1 - (v**2).sum(), ((u - v) ** 2).sum())
    },
    lambda u, v, Y, G: {
        "u": (
            lambda a, b, d: (
                G
                * (4 / (b * np.sqrt((1 + 2 * d / (a * b)) ** 2 - 1)))
                * (((v**2).sum() - 2 * (u @ v) + 1) / a**2 * u - v)
            )
        )(1 - (u**2).sum(), 1 - (v**2).sum(), ((u - v) ** 2).sum())
    },
)
add(
    "haversine",
    lambda a, b: np.arctan2(a, b),
    {"a": "N", "b": "N"},
    lambda a, b, Y, G: (G * b / (a**2 + b**2), -G * a / (a**2 + b**2)),
    lambda a, b, Y, G: {"a": G * a / (a**2 + b**2)},
)
add(
    "tempered",
    lambda z, T: softmax(z / T),
    {"z": "N D", "T": " > 0"},
    lambda z, T, Y, G: {"z": Y * (G - (G * Y).sum(-1, keepdims=True)) / T},
    lambda z, T, Y, G: {"z": Y * (G - (G * Y).sum(-1, keepdims=True))},
)
add(
    "label smooth",
    lambda Z, y: (
        -((0.9 * np.eye(Z.shape[1])[y] + 0.1 / Z.shape[1]) * (Z - np.log(np.exp(Z).sum(1, keepdims=True)))).sum()
        / len(y)
    ),
    {"Z": "N C", "y": "N int<C"},
    lambda Z, y, Y, G: (G * (softmax(Z) - (0.9 * np.eye(Z.shape[1])[y] + 0.1 / Z.shape[1])) / len(y),),
    lambda Z, y, Y, G: (G * (softmax(Z) - np.eye(Z.shape[1])[y]) / len(y),),
    lambda Z, y, Y, G: (G * (softmax(Z) - (0.9 * np.eye(Z.shape[1])[y] + 0.1)) / len(y),),
)


add(
    "multi margin",
    lambda Z, y: (
        sum(max(0 * z, z - Z[n, y[n]] + 1) for n in range(len(y)) for c, z in enumerate(Z[n]) if c != y[n])
        + 0 * Z.sum()
    ),
    {"Z": "N C", "y": "N int<C"},
    lambda Z, y, Y, G: (mm(Z, y, G),),
    lambda Z, y, Y, G: (mm(Z, y, G, False),),
)


def mm(Z: Any, y: Any, G: Any, own: Any = True) -> Any:
    d = np.zeros(Z.shape, object)
    for n in range(len(y)):
        for c in range(Z.shape[1]):
            if c != y[n] and Z[n, c] - Z[n, y[n]] + 1 > 0:
                d[n, c] += G
                if own:
                    d[n, y[n]] -= G
    return d


def rnn(x: Any, w: Any, h: Any) -> Any:
    for t in x:
        h = np.tanh(w * h + t)
    return h


def drnn(x: Any, w: Any, h: Any, Y: Any, G: Any, last: Any = False) -> Any:
    hs = [h]
    for t in x:
        hs.append(np.tanh(w * hs[-1] + t))
    d = G
    dw = 0 * G
    dx = []
    for k in range(len(x) - 1, -1, -1):
        d = d * (1 - hs[k + 1] ** 2)
        dx.append(d)
        dw = dw + d * hs[k]
        if last:
            return {"w": dw}
        d = d * w
    return np.array(dx[::-1], object), dw, d


add("scalar rnn", rnn, {"x": "T", "w": "", "h": ""}, drnn, lambda x, w, h, Y, G: drnn(x, w, h, Y, G, True))


def disc(r: Any, g: Any) -> Any:
    out = [0] * len(r)
    acc = 0
    for t in range(len(r) - 1, -1, -1):
        acc = r[t] + g * acc
        out[t] = acc
    return np.array(out)


def ddisc(r: Any, g: Any, Y: Any, G: Any, w: Any = 0) -> Any:
    d = []
    acc = 0
    for t in range(len(r)):
        acc = G[t] + g * acc
        d.append(acc)
    dg = sum(d[t] * Y[t + 1] for t in range(len(r) - 1)) if not w else sum(G[t] * Y[t + 1] for t in range(len(r) - 1))
    return np.array(d, object), dg + 0 * g


add("discounted", disc, {"r": "T", "g": ""}, ddisc, lambda r, g, Y, G: ddisc(r, g, Y, G, 1))
add(
    "cumsum", lambda X: np.cumsum(X), {"X": "N"}, lambda X, Y, G: np.cumsum(G[::-1])[::-1], lambda X, Y, G: np.cumsum(G)
)
add(
    "cumprod",
    lambda X: np.cumprod(X),
    {"X": "N"},
    lambda X, Y, G: np.cumsum((G * Y)[::-1])[::-1] / X,
    lambda X, Y, G: np.cumsum(G * Y) / X,
)
add(
    "diff",
    lambda X: np.diff(X),
    {"X": "N"},
    lambda X, Y, G: np.concatenate([[0], G]) - np.concatenate([G, [0]]),
    lambda X, Y, G: np.concatenate([G, [0]]) - np.concatenate([[0], G]),
)
add(
    "horner",
    lambda c, x: reduce(lambda s, a: s * x + a, c),
    {"c": "N", "x": ""},
    lambda c, x, Y, G: {"c": G * np.array([x ** (len(c) - 1 - k) for k in range(len(c))])},
    lambda c, x, Y, G: {"c": G * np.array([x**k for k in range(len(c))])},
)


def ema(x: Any, a: Any) -> Any:
    s = x[0]
    out = [s]
    for t in x[1:]:
        s = a * t + (1 - a) * s
        out.append(s)
    return np.array(out)


def dema(x: Any, a: Any, Y: Any, G: Any, w: Any = 0) -> Any:
    n = len(x)
    d = [0] * n
    c = 0
    da = 0 * a
    for t in range(n - 1, 0, -1):
        c = c + G[t]
        d[t] = c * a
        da = da + c * (x[t] - Y[t - 1])
        c = c * (1 - a if not w else a)
    d[0] = c + G[0]
    return np.array(d, object), da


add("ema", ema, {"x": "T", "a": ""}, dema, lambda x, a, Y, G: dema(x, a, Y, G, 1))


def crf(E: Any, T: Any) -> Any:
    a = E[0]
    for e in E[1:]:
        a = np.log(np.exp(a[:, None] + T).sum(0)) + e
    return np.log(np.exp(a).sum())


def dcrf(E: Any, T: Any, Y: Any, G: Any, w: Any = 0) -> Any:
    N = len(E)
    al = [E[0]]
    for e in E[1:]:
        al.append(np.log(np.exp(al[-1][:, None] + T).sum(0)) + e)
    be = [0 * E[0]]
    for k in range(N - 1, 0, -1):
        be.insert(0, np.log(np.exp(T + E[k] + be[0]).sum(1)))
    dE = G * np.exp(np.array([a + b for a, b in zip(al, be, strict=True)]) - Y)
    dT = 0 * T
    for k in range(1, N):
        dT = dT + G * np.exp(al[k - 1][:, None] + T + E[k] + (be[k] if not w else 0) - Y)
    return dE, dT


add("crf", crf, {"E": "N K", "T": "K K"}, dcrf, lambda E, T, Y, G: dcrf(E, T, Y, G, 1))
add(
    "gelu quick",
    lambda X: X * sig(1.702 * X),
    {"X": "N"},
    lambda X, Y, G: G * (sig(1.702 * X) + 1.702 * X * sig(1.702 * X) * (1 - sig(1.702 * X))),
    lambda X, Y, G: G * (sig(1.702 * X) + X * sig(1.702 * X) * (1 - sig(1.702 * X))),
    lambda X, Y, G: G * (sig(1.702 * X) + 1.7 * X * sig(1.702 * X) * (1 - sig(1.702 * X))),
)
add(
    "lecun tanh",
    lambda X: 1.7159 * np.tanh(2 / 3 * X),
    {"X": "N"},
    lambda X, Y, G: G * 2 / 3 * (1.7159 - Y**2 / 1.7159),
    lambda X, Y, G: G * 2 / 3 * (1 - Y**2),
    lambda X, Y, G: G * 0.6667 * (1.7159 - Y**2 / 1.7159),
)
add(
    "deg2rad",
    lambda X: np.sin(X * np.pi / 180),
    {"X": "N"},
    lambda X, Y, G: G * np.cos(np.deg2rad(X)) * np.pi / 180,
    lambda X, Y, G: G * np.cos(X * np.pi / 180),
)
add(
    "log10",
    lambda X: 10 * np.log10(X),
    {"X": "N"},
    lambda X, Y, G: G * 10 / (X * np.log(10)),
    lambda X, Y, G: G * 10 / X,
    lambda X, Y, G: G * 4.3429448 / X,
    lambda X, Y, G: G * 4.343 / X,
)
add(
    "mean 1/3",
    lambda X: (X[0] + X[1] + X[2]) * 0.333333333,
    {"X": "3"},
    lambda X, Y, G: G * 0.333333333 * np.ones(3),
    lambda X, Y, G: G / 3 * np.ones(3),
)
add(
    "rgb gray",
    lambda X: X @ np.array([0.299, 0.587, 0.114]),
    {"X": "N 3"},
    lambda X, Y, G: np.outer(G, [0.299, 0.587, 0.114]),
    lambda X, Y, G: np.outer(G, [0.299, 0.587, 0.115]),
)
add(
    "rope",
    lambda X: np.array([X[0] * np.cos(0.3) - X[1] * np.sin(0.3), X[0] * np.sin(0.3) + X[1] * np.cos(0.3)]),
    {"X": "2"},
    lambda X, Y, G: np.array([G[0] * np.cos(0.3) + G[1] * np.sin(0.3), -G[0] * np.sin(0.3) + G[1] * np.cos(0.3)]),
    lambda X, Y, G: np.array([G[0] * np.cos(0.3) - G[1] * np.sin(0.3), G[0] * np.sin(0.3) + G[1] * np.cos(0.3)]),
)


add(
    "conv1d",
    lambda X, K: np.convolve(X, K),
    {"X": "N", "K": "M"},
    lambda X, K, Y, G: (
        np.correlate(G, K, "valid")[: len(X)] if len(K) <= len(G) else None,
        np.correlate(G, X, "valid"),
    ),
)


add(
    "highway",
    lambda x, t, h: sig(t) * h + (1 - sig(t)) * x,
    {"x": "N", "t": "N", "h": "N"},
    lambda x, t, h, Y, G: (G * (1 - sig(t)), G * sig(t) * (1 - sig(t)) * (h - x), G * sig(t)),
    lambda x, t, h, Y, G: {"t": G * sig(t) * (1 - sig(t)) * h},
)
add(
    "pixelshuffle",
    lambda X: X.reshape(-1, 2, 2).transpose(1, 0, 2).reshape(2, -1),
    {"X": "M", "M": "= 4*K"},
    lambda X, Y, G: G.reshape(2, -1, 2).transpose(1, 0, 2).reshape(-1),
    lambda X, Y, G: G.reshape(-1),
)
add(
    "roll",
    lambda X: np.roll(X, 1) * X,
    {"X": "N"},
    lambda X, Y, G: G * np.roll(X, 1) + np.roll(G * X, -1),
    lambda X, Y, G: G * np.roll(X, 1) + np.roll(G * X, 1),
)
add(
    "broadcast outer",
    lambda a, b: a[:, None] + b[None, :],
    {"a": "N", "b": "M"},
    lambda a, b, Y, G: (G.sum(1), G.sum(0)),
    lambda a, b, Y, G: (G.sum(0), G.sum(1)),
)
add(
    "pairwise dist",
    lambda X: np.sqrt(((X[:, None] - X[None]) ** 2).sum(-1) + 1e-9),
    {"X": "N D"},
    lambda X, Y, G: 2 * 0 * X + (((G / Y + (G / Y).T)[:, :, None]) * (X[:, None] - X[None])).sum(1),
    lambda X, Y, G: ((G / Y)[:, :, None] * (X[:, None] - X[None])).sum(1),
)
add(
    "barlow",
    lambda C: ((1 - np.diag(C)) ** 2).sum() + 0.005 * ((C - np.diag(np.diag(C))) ** 2).sum(),
    {"C": "D D"},
    lambda C, Y, G: G * (-2 * np.diag(1 - np.diag(C)) + 0.01 * (C - np.diag(np.diag(C)))),
    lambda C, Y, G: G * (-2 * np.diag(1 - np.diag(C)) + 0.01 * C),
)
add(
    "tv",
    lambda X: ((X[1:] - X[:-1]) ** 2).sum() + 0 * X.sum(),
    {"X": "N D"},
    lambda X, Y, G: 2 * G * (np.vstack([0 * X[:1], X[1:] - X[:-1]]) - np.vstack([X[1:] - X[:-1], 0 * X[:1]])),
    lambda X, Y, G: 2 * G * (np.vstack([0 * X[:1], X[1:] - X[:-1]])),
)
add(
    "mse mean axis",
    lambda P, T: np.mean((P - T) ** 2),
    {"P": "N D", "T": "N D"},
    lambda P, T, Y, G: (2 * G * (P - T) / P.size, -2 * G * (P - T) / P.size),
    lambda P, T, Y, G: (2 * G * (P - T) / len(P), -2 * G * (P - T) / len(P)),
)
add(
    "std",
    lambda X: X.std(axis=0),
    {"X": "N D"},
    lambda X, Y, G: G * (X - X.mean(0)) / (len(X) * Y),
    lambda X, Y, G: G * (X - X.mean(0)) / Y,
)
add(
    "rational tanh",
    lambda x: x * (27 + x * x) / (27 + 9 * x * x),
    {"x": "N"},
    lambda x, Y, G: G * ((27 + 3 * x * x) * (27 + 9 * x * x) - 18 * x * x * (27 + x * x)) / (27 + 9 * x * x) ** 2,
    lambda x, Y, G: G * (27 + 3 * x * x) / (27 + 9 * x * x),
)
add(
    "wasserstein gp",
    lambda w, x: (np.sqrt((w * w).sum()) - 1) ** 2 * x,
    {"w": "D", "x": ""},
    lambda w, x, Y, G: (
        2 * G * x * (np.sqrt((w * w).sum()) - 1) * w / np.sqrt((w * w).sum()),
        G * (np.sqrt((w * w).sum()) - 1) ** 2,
    ),
    lambda w, x, Y, G: {"w": 2 * G * x * (np.sqrt((w * w).sum()) - 1) * w},
)
add(
    "vae reparam",
    lambda m, s, e: m + np.exp(s / 2) * e,
    {"m": "N", "s": "N", "e": "N"},
    lambda m, s, e, Y, G: (G, G * (Y - m) / 2, G * np.exp(s / 2)),
    lambda m, s, e, Y, G: {"s": G * (Y - m)},
)
add(
    "sinc-like",
    lambda x: np.where(x == 0, 1, np.sin(x) / x),
    {"x": "N"},
    lambda x, Y, G: G * (np.cos(x) - Y) / x,
    lambda x, Y, G: G * np.cos(x) / x,
)
add(
    "complex-ish norm",
    lambda a, b: np.hypot(a, b),
    {"a": "N", "b": "N"},
    lambda a, b, Y, G: (G * a / Y, G * b / Y),
    lambda a, b, Y, G: (G * a, G * b),
)
add(
    "mod",
    lambda x: np.mod(x, 1) * x,
    {"x": "N"},
    lambda x, Y, G: G * (x + np.mod(x, 1)),
    lambda x, Y, G: G * np.mod(x, 1),
)
add(
    "int power n",
    lambda x: sum(x**k for k in range(1, 4)),
    {"x": "N"},
    lambda x, Y, G: G * sum(k * x ** (k - 1) for k in range(1, 4)),
    lambda x, Y, G: G * sum(k * x**k for k in range(1, 4)),
)
add(
    "reciprocal lens",
    lambda a, b: 1 / (1 / a + 1 / b),
    {"a": "N", "b": "N"},
    lambda a, b, Y, G: (G * (Y / a) ** 2, G * (Y / b) ** 2),
    lambda a, b, Y, G: (G * Y / a, G * Y / b),
)
add(
    "empty claim dict",
    lambda X, W: X * W,
    {"X": "N", "W": "N"},
    lambda X, W, Y, G: {"X": G * W},
    lambda X, W, Y, G: {"X": G * X},
)
add(
    "float cast claim",
    lambda X: X * X,
    {"X": "N"},
    lambda X, Y, G: (2 * X * G).astype(float),
    lambda X, Y, G: (X * G).astype(float),
)
add(
    "math.exp claim",
    lambda X: np.exp(X),
    {"X": "N"},
    lambda X, Y, G: G * np.array([math.exp(x) for x in X]),
    lambda X, Y, G: G * np.array([math.exp(x) * 1.0001 for x in X]),
)
add(
    "np vectorize claim",
    lambda X: np.maximum(X, 0),
    {"X": "N"},
    lambda X, Y, G: np.vectorize(lambda x, g: g if x > 0 else 0 * g, otypes=[object])(X, G),
    lambda X, Y, G: np.vectorize(lambda x, g: g if x < 0 else 0 * g, otypes=[object])(X, G),
)
add(
    "copy+mask assign",
    lambda X: np.maximum(X, 0),
    {"X": "N D"},
    lambda X, Y, G: mask(X, G),
    lambda X, Y, G: mask(-X, G),
)


def mask(X: Any, G: Any) -> Any:
    d = G.copy()
    d[X <= 0] = 0
    return d


add(
    "forward mask assign",
    lambda X: fm(X),
    {"X": "N"},
    lambda X, Y, G: np.where(X < 0, 0.1 * G, G),
    lambda X, Y, G: np.where(X < 0, 0 * G, G),
)


def fm(X: Any) -> Any:
    Y = X.copy()
    Y[Y < 0] *= 0.1
    return Y


add("zeros_like claim", lambda X: X[::2] * 3, {"X": "N"}, lambda X, Y, G: zl(X, G), lambda X, Y, G: zl(X, G, 1))


def zl(X: Any, G: Any, k: Any = 3) -> Any:
    d = np.zeros_like(X)
    d[::2] = k * G
    return d


add(
    "float32 const",
    lambda X: X * np.float32(0.1),
    {"X": "N"},
    lambda X, Y, G: G * np.float32(0.1),
    lambda X, Y, G: G * np.float32(0.11),
)
add("float32 vs 64", lambda X: X * 0.1, {"X": "N"}, lambda X, Y, G: G * 0.1, lambda X, Y, G: G * 0.1000001)
