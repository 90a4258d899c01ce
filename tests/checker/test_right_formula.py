"""The right formula beside a refuted gradient: from a text, from Python, and never a guess."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.checker.right_formula import text_of
from scalargrad.errors import ArgumentError, NotationError


def a_layer(X: Any, W: Any, b: Any) -> Any:
    """With a docstring."""
    Z = X @ W
    Z += b
    Y: Any = np.tanh(Z)
    return Y, Z


def with_a_loop(x: Any) -> Any:
    for _ in range(2):
        x = x * x
    return x


SQUARE = (lambda x: x * x, lambda x, Y, G: x * G)


HALF = 0.5


def with_dimensions(X: Any) -> Any:
    Z = HALF * (X @ X.T) / len(X)
    return Z * X.shape[1] + len(Z)


def test_what_python_is_read_as() -> None:
    X = {"X": ("N", "D")}
    assert text_of(a_layer, X | {"W": ("D", "M"), "b": ("M",)}) == "Z = X @ W; Z2 = Z + b; Y = np.tanh(Z2); Y"
    assert text_of(SQUARE[0], {"x": ("N",)}) == "x * x"
    assert text_of(with_dimensions, X) == "Z = 0.5 * (X @ X.T) / N; Z * D + len(Z)"
    assert text_of(np.tanh, X) == "np.tanh(X)"
    assert text_of(with_a_loop, {"x": ("N",)}) == ""
    assert text_of(np.sort, X) == ""
    two = [lambda x: x, lambda x: -x]
    assert text_of(two[0], {"x": ("N",)}) == ""  # which of the two it is can't be told


@pytest.mark.parametrize(
    ("forward", "gradients", "shapes", "right"),
    [
        (
            a_layer,
            lambda X, W, b, Y, G: (G @ W.T, X.T @ G, ...),
            {"X": "N D", "W": "D M", "b": "M"},
            {
                "X": "∂L/∂X = (G ∘ (1·1ᵀ − tanh(X·W + 1·bᵀ)^∘2))·Wᵀ",
                "W": "∂L/∂W = Xᵀ·(G ∘ (1·1ᵀ − tanh(X·W + 1·bᵀ)^∘2))",
            },
        ),
        ("X*W", lambda X, W, Y, G: (G @ W, X.T @ G), {"X": "N D", "W": "D M"}, {"X": "∂L/∂X = G·Wᵀ"}),
        (
            "norm2(X*w - y)^2",
            lambda y, w, X, Y, G: (..., X.T @ (X @ w - y) * G, ...),
            {"y": "N", "w": "D", "X": "N D"},  # in an order of their own
            {"w": "∂f/∂w = 2·Xᵀ·(X·w − y)"},
        ),
        (
            "f = sum(i, j, x[i]*A[i,j]*x[j])",
            lambda A, x, Y: (np.outer(x, x), A @ x),
            {"A": "N N", "x": "N"},
            {"x": "∂f/∂x = A·x + Aᵀ·x"},
        ),
        ("x'*S*x", lambda S, x, Y: (..., S @ x), {"S": "N N symmetric", "x": "N"}, {"x": "∂f/∂x = 2·S·x"}),
        (*SQUARE, {"x": "N"}, {"x": "∂L/∂x = 2·(G ∘ x)"}),
        (np.exp, lambda x, Y, G: G, {"x": "N"}, {"x": "∂L/∂x = G ∘ exp(x)"}),
        (lambda X: X.T @ X / len(X), lambda X, Y, G: X @ G, {"X": "N D"}, {"X": "∂L/∂X = X·(G + Gᵀ)/N"}),
        (with_a_loop, lambda x, Y, G: G * x, {"x": "N"}, {}),  # which is not read
        (lambda x: np.sort(x), lambda x, Y, G: G, {"x": "N"}, {}),  # which is not derived
    ],
)
def test_it_stands_beside_what_is_refuted(forward: Any, gradients: Any, shapes: Any, right: Any) -> None:
    verdict = sg.check(forward, gradients, shapes)
    assert verdict.correct is False
    assert verdict.right_formulas == right
    assert [line for line in str(verdict).splitlines() if line.startswith("right: ")] == [
        f"right: {formula}" for formula in right.values()
    ]
    assert json.loads(verdict.to_json())["right_formulas"] == right
    assert pickle.loads(pickle.dumps(verdict)).right_formulas == right


def test_a_formula_that_the_code_does_not_compute_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scalargrad.checker.verdict.text_of", lambda *_: "x * x * x")
    verdict = sg.check(*SQUARE, {"x": "N"})
    assert verdict.correct is False
    assert verdict.right_formulas == {"x": "∂L/∂x = 2 · claim"}  # by correction, and not 3·x²


def test_a_derivation_is_judged_as_a_claim() -> None:
    for text, shapes in [
        ("det(X)*X", {"X": "N N"}),
        ("y[a,b] = x[a,b]/z[a]", {}),
        ("logdet(S)", {"S": "N N symmetric"}),
    ]:
        found = sg.derive(text, shapes)
        assert sg.check(found.forward, found.gradients, found.shapes).correct
        assert sg.check(text, found.gradients, found.shapes).correct


def test_a_text_is_refused_in_one_sentence() -> None:
    def gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
        return G @ W.T, X.T @ G

    shapes = {"X": "N D", "W": "D M"}
    with pytest.raises(ArgumentError, match=r"^the formula is made of Q, W, X, and shapes names W, X$"):
        sg.check("X*W*Q", gradients, shapes)
    with pytest.raises(NotationError, match="no formula"):
        sg.check("X*W +", gradients, shapes)


TABLE = {
    "square": lambda x: x * x,
    "none of it": [len, lambda x: x * x * x],
}


def without_result(X: Any) -> None:
    X = X + 1


def with_a_part(X: Any) -> Any:
    return X[0] * X.size


def of_what_is_not_there_yet() -> Any:
    def forward(x: Any) -> Any:
        return x * later

    if not TABLE:
        later = 2
    return forward


def test_python_that_stands_in_a_table_or_says_too_little() -> None:
    x = {"x": ("N",)}
    made: dict[str, Any] = {}
    exec("def forward(x): return x", made)
    assert text_of(TABLE["square"], x) == "x * x"  # type: ignore[arg-type]
    assert text_of(TABLE["none of it"][1], x) == "x * x * x"  # type: ignore[index]
    assert text_of(made["forward"], x) == ""  # its source is not kept
    assert text_of(of_what_is_not_there_yet(), x) == ""
    assert text_of(without_result, {"X": ("N",)}) == ""
    assert text_of(with_a_part, {"X": ("N",)}) == "X[0] * X.size"
