"""Recurrent cells, rotations and sums over paths: `python examples/sequences.py` has each of them checked.

One step of a cell is enough to check it: what comes from later steps is in G. The inputs' part of the gates is given as
A, one row for each gate, and h, c are the state before the step.
"""

from __future__ import annotations

import numpy as np
from layers import Array, Layer, Wrong, report, sigmoid


def column(a: Array, b: Array) -> Array:
    """The outer product a·bᵀ, the gradient of a matrix that b is multiplied by."""
    return a[:, None] * b


# ---------------------------------------------------------------------------------------------------------------------
# Cells


def rnn(h: Array, a: Array, U: Array) -> Array:
    """h′ = tanh(a + U·h)."""
    return np.tanh(a + U @ h)


def rnn_gradients(h: Array, a: Array, U: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With d = G ∘ (1 - h′²): ∂L/∂h = Uᵀ·d, ∂L/∂a = d and ∂L/∂U = d·hᵀ."""
    d = G * (1 - Y**2)
    return U.T @ d, d, column(d, h)


RNN = Layer(
    "recurrent cell",
    rnn,
    rnn_gradients,
    {"h": "K", "a": "K", "U": "K K"},
    (
        Wrong("no transpose", lambda h, a, U, Y, G: {"h": U @ (G * (1 - Y**2))}, "∂L/∂h: U must be transposed"),
        Wrong(
            "no tanh′",
            lambda h, a, U, Y, G: {"h": U.T @ G},
            "∂L/∂h: the derivative of tanh(U · h + a) by U · h + a is missing",
        ),
        Wrong("the state after for that before", lambda h, a, U, Y, G: {"U": column(G * (1 - Y**2), Y)}),
        Wrong(
            "result transposed", lambda h, a, U, Y, G: {"U": column(h, G * (1 - Y**2))}, "∂L/∂U: it must be transposed"
        ),
    ),
)


def gru(h: Array, A: Array, U: Array, V: Array, W: Array) -> Array:
    """h′ = (1 - z) ∘ n + z ∘ h, with z = σ(A₀ + U·h), r = σ(A₁ + V·h) and n = tanh(A₂ + r ∘ (W·h))."""
    z, r = sigmoid(A[0] + U @ h), sigmoid(A[1] + V @ h)
    return (1 - z) * np.tanh(A[2] + r * (W @ h)) + z * h


def gru_paths(h: Array, A: Array, U: Array, V: Array, W: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """∂L/∂h by four paths: directly, through z, through r and through W·h."""
    z, r = sigmoid(A[0] + U @ h), sigmoid(A[1] + V @ h)
    n = np.tanh(A[2] + r * (W @ h))
    dn = G * (1 - z) * (1 - n**2)
    dz, dr = G * (h - n) * z * (1 - z), dn * (W @ h) * r * (1 - r)
    return G * z, U.T @ dz, V.T @ dr, W.T @ (dn * r)


def gru_gradients(h: Array, A: Array, U: Array, V: Array, W: Array, Y: Array, G: Array) -> dict[str, Array]:
    """∂L/∂h is the sum of the four; nothing is claimed for the others."""
    return {"h": sum(gru_paths(h, A, U, V, W, Y, G))}


GRU = Layer(
    "GRU cell",
    gru,
    gru_gradients,
    {"h": "2", "A": "3 2", "U": "2 2", "V": "2 2", "W": "2 2"},
    (
        Wrong(
            "no path through r",
            lambda *inputs: {"h": sum(np.delete(gru_paths(*inputs), 2, 0))},
            "∂L/∂h: h is used more than once, and the claim misses its use in V · h",
        ),
        Wrong(
            "directly only",
            lambda *inputs: {"h": gru_paths(*inputs)[0]},
            "∂L/∂h: h is used more than once, and the claim follows only its use in (1 / (exp(−(U ·",
        ),
        Wrong(
            "z and n only",
            lambda *inputs: {"h": gru_paths(*inputs)[1] + gru_paths(*inputs)[3]},
            "∂L/∂h: h is used more than once, and the claim follows only its use in U · h, its use",
        ),
        Wrong(
            "sign of z's path",
            lambda *inputs: {"h": sum(gru_paths(*inputs)) - 2 * gru_paths(*inputs)[1]},
            "∂L/∂h: the claim has the wrong sign for its use in U · h",
        ),
    ),
)


def lstm(c: Array, h: Array, A: Array, U: Array) -> Array:
    """h′ = o ∘ tanh(f ∘ c + i ∘ g); i, f, o are σ and g is tanh of the rows of A plus U·h, one U for all."""
    S = A + U @ h
    i, f, o, g = sigmoid(S[0]), sigmoid(S[1]), sigmoid(S[2]), np.tanh(S[3])
    return o * np.tanh(f * c + i * g)


def lstm_gradients(
    c: Array, h: Array, A: Array, U: Array, Y: Array, G: Array, *, mistake: str = ""
) -> dict[str, Array]:
    """With t = tanh(c′) and ∂L/∂c′ = G ∘ o ∘ (1 - t²), the gates' sums get ∂L/∂S, and ∂L/∂c = ∂L/∂c′ ∘ f."""
    S = A + U @ h
    i, f, o, g = sigmoid(S[0]), sigmoid(S[1]), sigmoid(S[2]), np.tanh(S[3])
    t = np.tanh(f * c + i * g)
    dc = G * o if mistake == "no tanh′" else G * o * (1 - t**2)
    dS = [dc * g * i * (1 - i), dc * c * f * (1 - f), G * t * o * (1 - o), dc * i * (1 - g**2)]
    if mistake == "no forget gate":
        return {"c": dc}
    if mistake == "g for tanh′":
        dS[3] = dc * i * g
    return {"c": dc * f, "h": U.T @ sum(dS), "U": column(sum(dS), h), "A": np.stack(dS)}


LSTM = Layer(
    "LSTM cell",
    lstm,
    lstm_gradients,
    {"c": "2", "h": "2", "A": "4 2", "U": "2 2"},
    (
        Wrong(
            "no tanh′",
            lambda *inputs: {"c": lstm_gradients(*inputs, mistake="no tanh′")["c"]},
            "∂L/∂c: the derivative of tanh(…) by … · … + (1 / (exp(−(U · h + A)) + 1)) · c is missing",
        ),
        Wrong(
            "no forget gate",
            lambda *inputs: lstm_gradients(*inputs, mistake="no forget gate"),
            "∂L/∂c: a factor 1 / (exp(−(U · h + A)) + 1) is missing: it is the derivative of (1 /",
        ),
        Wrong(
            "g for its tanh′",
            lambda *inputs: {"A": lstm_gradients(*inputs, mistake="g for tanh′")["A"]},
            "∂L/∂A: tanh(U · h + A) stands where its derivative by U · h + A belongs",
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Along a sequence

COSINE, SINE = [1, 3, -7], [0, 4, 24]
"""Rotations by three angles, times 1, 5 and 25, so that they are whole numbers."""


def rope(X: Array) -> Array:
    """Row n of X is rotated by the angle of place n, as the queries and keys of attention are."""
    c, s = np.array(COSINE, object), np.array(SINE, object)
    return np.stack([X[:, 0] * c - X[:, 1] * s, X[:, 0] * s + X[:, 1] * c], axis=1)


def rope_gradients(X: Array, Y: Array, G: Array) -> Array:
    """∂L/∂X is G, rotated back."""
    c, s = np.array(COSINE, object), np.array(SINE, object)
    return np.stack([G[:, 0] * c + G[:, 1] * s, G[:, 1] * c - G[:, 0] * s], axis=1)


ROPE = Layer(
    "rotary embedding",
    rope,
    rope_gradients,
    {"X": "3 2"},
    (
        Wrong(
            "rotated on, not back",
            lambda X, Y, G: rope(G),
            "∂L/∂X: the Jacobian is not transposed: entry k is Σ ∂y_k/∂x_j · g_j, where Σ ∂y_j/∂x_k ·",
        ),
        Wrong("X for G", lambda X, Y, G: rope_gradients(G, Y, X), "∂L/∂X: X is used where G belongs"),
        Wrong("sign", lambda X, Y, G: -rope_gradients(X, Y, G), "∂L/∂X: the sign is wrong"),
    ),
)


def average(x: Array, a: Array) -> Array:
    """y_t = a y_t-1 + x_t: a running sum that forgets."""
    y, rows = 0 * x[0], []
    for x_t in x:
        y = a * y + x_t
        rows.append(y)
    return np.stack(rows)


def average_gradients(x: Array, a: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """The adjoint runs backward: d_t = g_t + a d_t+1, ∂L/∂x = d, and ∂L/∂a = Σ_t d_t y_t-1."""
    d = average(G[::-1], a)[::-1]
    return d, (d[1:] * Y[:-1]).sum()


AVERAGE = Layer(
    "running sum",
    average,
    average_gradients,
    {"x": "3", "a": ""},
    (
        Wrong(
            "forward in time",
            lambda x, a, Y, G: {"x": average(G, a)},
            "∂L/∂x: the Jacobian is not transposed: entry k is Σ ∂y_k/∂x_j · g_j, where Σ ∂y_j/∂x_k ·",
        ),
        Wrong("order not restored", lambda x, a, Y, G: {"x": average(G[::-1], a)}, "∂L/∂x: axis 0 is reversed"),
        Wrong(
            "one step only",
            lambda x, a, Y, G: {"a": (G[1:] * Y[:-1]).sum()},
            "∂L/∂a: the claim misses the path through x + a · (x + a · 0 · x)",
        ),
    ),
)


def forward_algorithm(p: Array, T: Array, E: Array) -> Array:
    """log Σ over all paths of a hidden Markov model: α₀ = p ∘ E₀, α_t = (Tᵀ·α_t-1) ∘ E_t, and log Σ α of the last."""
    alpha = p * E[0]
    for emission in E[1:]:
        alpha = (T.T @ alpha) * emission
    return np.log(alpha.sum())


def forward_backward(p: Array, T: Array, E: Array, Y: Array, G: Array) -> tuple[Array, ...]:
    """With β of the last step 1/Σα and β_t-1 = T·(β_t ∘ E_t): ∂L/∂p = g β₀ ∘ E₀, ∂L/∂T = g Σ_t α_t-1·(β_t ∘ E_t)ᵀ."""
    alphas = [p * E[0]]
    for emission in E[1:]:
        alphas.append((T.T @ alphas[-1]) * emission)
    beta = G / np.exp(Y) + 0 * p
    dT, dE = 0 * T, list[Array]()
    for alpha, emission in zip(alphas[-2::-1], E[:0:-1], strict=True):
        dE.insert(0, beta * (T.T @ alpha))
        dT = dT + column(alpha, beta * emission)
        beta = T @ (beta * emission)
    return beta * E[0], dT, np.stack([beta * p, *dE])


FORWARD_ALGORITHM = Layer(
    "forward algorithm",
    forward_algorithm,
    forward_backward,
    {"p": "S", "T": "S S", "E": "3 S"},
    (
        Wrong(
            "not divided by Σα",
            lambda p, T, E, Y, G: {"p": forward_backward(p, T, E, 0 * Y, G)[0]},
            "∂L/∂p: the derivative of log(Σ (Σ T · (Σ T · p · E) · E) · E) by Σ (Σ T · (Σ T · p · E)",
        ),
        Wrong(
            "T transposed",
            lambda p, T, E, Y, G: {"p": forward_backward(p, T.T, E, Y, G)[0]},
            "∂L/∂p: T must be transposed",
        ),
        Wrong(
            "no G",
            lambda p, T, E, Y, G: {"T": forward_backward(p, T, E, Y, 1)[1]},
            "∂L/∂T: G is missing: the claim is right only where each entry of G is 1",
        ),
        Wrong(
            "∂L/∂T transposed",
            lambda p, T, E, Y, G: {"T": forward_backward(p, T, E, Y, G)[1].T},
            "∂L/∂T: it must be transposed",
        ),
    ),
)

LAYERS = (RNN, GRU, LSTM, ROPE, AVERAGE, FORWARD_ALGORITHM)

if __name__ == "__main__":
    report(LAYERS)
