"""What derive returns: by number and by name, as code that runs, as functions for the checker; and mixed notation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import ArgumentError, NotationError

SIZES = {"N": 3, "D": 2, "M": 4, "K": 5, "P": 2}


def numbers(shapes: dict[str, str]) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.uniform(0.5, 2, [SIZES[d] for d in words.split() if d != "symmetric"]) for words in shapes.values()]


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("y[a,b] = tanh(sum(k, x[a,k]*w[k,b]) + b[b])", {}),
        ("h[a,γ] = exp(sum(k, x[a,k]*w[k,γ])); y[a,b] = sum(γ, h[a,γ]*v[γ,b])/N", {"x": "N D"}),
        ("f = sum(a, x[a]^2)^(1/2)/N^2", {"x": "N"}),
        ("y[a,b] = 2*x[a,b]/z[a]*eye[a,b] - 3", {}),
        ("y[a,b] = sum(k, t[a,b,k]*u[k])", {}),  # of any number of indices
        ("y[a] = max(x[a], 1)^2*s - abs(x[a])", {}),
        ("f = sum(i, x[i,i])*s*s", {"x": "N N"}),
        ("y[a] = sigmoid(x[a])*softplus(x[a])", {}),
    ],
)
def test_index_notation_as_code_is_the_graph(text: str, shapes: dict[str, str]) -> None:
    found = sg.derive(text, shapes)
    arrays = numbers(found.shapes)
    values = [sg.values(array) for array in arrays]
    Y = found.forward(*values)
    scalar = not np.shape(sg.data(Y))
    G = np.random.default_rng(1).normal(size=np.shape(sg.data(Y)))
    sg.backward(Y, None if scalar else G)
    for name, value in zip(found.shapes, values, strict=True):
        scope: dict[str, Any] = {}
        exec(found[name].numpy(), scope)
        (function,) = (value for key, value in scope.items() if "_by_" in key)
        y, gradient = function(*arrays, *([] if scalar else [G]))
        np.testing.assert_allclose(y, np.asarray(sg.data(Y), dtype=float), rtol=1e-12)
        np.testing.assert_allclose(gradient, np.asarray(sg.grads(value), dtype=float), rtol=1e-12, atol=1e-14)


def test_no_code_for_what_is_made_on_the_way() -> None:
    with pytest.raises(ArgumentError, match=r"^z is made on the way: ask for the code of an input, x, w, b$"):
        sg.derive("tanh")["z"].numpy()


def test_by_name() -> None:
    found = sg.derive("affine")
    assert found["w"] is found[1]
    assert [one.name for one in found[1:]] == ["w", "b"]
    with pytest.raises(ArgumentError, match=r"^nothing is derived by q: there are x, w, b$"):
        found["q"]


def test_functions_for_the_checker_say_what_does_not_fit() -> None:
    found = sg.derive("X*w", X="N D", w="D")
    with pytest.raises(ArgumentError, match=r"^w has 2 dimensions here, and 1 in the formula$"):
        found.forward(np.ones((2, 3)), np.ones((3, 1)))
    with pytest.raises(ArgumentError, match=r"^this takes 2 arrays, X, w, and 1 are given$"):
        found.forward(np.ones((2, 3)))
    with pytest.raises(ArgumentError, match=r"^the dimension D is 3 elsewhere, and 2 in w$"):
        found.forward(np.ones((2, 3)), np.ones(2))


def test_functions_for_the_checker_go_through_what_is_made_on_the_way() -> None:
    found = sg.derive("t[a] = tanh(x[a]); y[a,b,c] = t[a]*u[b]*t[c]")
    x, u, G = np.array([0.5, -0.25]), np.array([2.0, 3.0, 5.0]), np.arange(12.0).reshape(2, 3, 2)
    t = np.tanh(x)
    np.testing.assert_allclose(found.forward(x, u).astype(float), np.einsum("a,b,c->abc", t, u, t))
    by_x, by_u = found.gradients(x, u, None, G)
    slope = np.einsum("abc,b,c->a", G, u, t) + np.einsum("abc,a,b->c", G, t, u)
    np.testing.assert_allclose(by_x.astype(float), slope * (1 - t**2))
    np.testing.assert_allclose(by_u.astype(float), np.einsum("abc,a,c->b", G, t, t))


MIXED = [
    ("r = X*w - y; f = sum(i, r[i]^2)/N", {"X": "N D"}, {"w": "∂f/∂w = 2·Xᵀ·(X·w − y)/N"}),
    ("h[a,b] = sum(k, x[a,k]*w[k,b]); norm2(h*v)^2 + tr(x'*x)", {}, {"x": "∂f/∂x = 2·x + 2·x·w·v·vᵀ·wᵀ"}),
    ("S = inv(A); f = sum(i, S[i,i])", {}, {"A": "∂f/∂A = −A⁻ᵀ·A⁻ᵀ"}),
    ("f = sum(i, x[i]*y[i]); det(A)*f", {}, {"x": "∂h/∂x = det(A)·y", "A": "∂h/∂A = h·A⁻ᵀ"}),
    ("p = softmax(W*x); f = sum(c, y[c]*log(p[c]))", {}, {"y": "∂f/∂y = log(softmax(W·x))"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shapes", "statements"), MIXED)
def test_statements_of_both_notations(text: str, shapes: dict[str, str], statements: dict[str, str]) -> None:
    found = sg.derive(text, shapes)
    assert {name: found[name].statement for name in statements} == statements
    assert "entries equal" in found[0].evidence[1]


@pytest.mark.parametrize(
    ("text", "shapes", "message"),
    [
        ("y[a] = x[a]; q = norm2(y)", {"x": "N D"}, r"^statement 1, column 8: x has 2 indices elsewhere and 1 here"),
        ("y[a,b] = t[a,b,c]; sum(y)", {}, r"^t has 3 indices, and beside matrix notation two are the limit"),
        ("r = X*w; f = sum(i, r[i,i])", {"X": "N D"}, r"^statement 2, column 13: r has 1 index elsewhere and 2 here"),
        ("r = X*w; f = sum(i, r[k])", {"X": "N D"}, r"^statement 2, column 15: unknown index k"),
        (
            "r = X*w; f = sum(i, r[i]*v[i])",
            {"X": "N D", "v": "D"},
            r"the index i has two ranges: N elsewhere, and D in v",
        ),
        ("A = X*w*; f[i] = A[i]", {}, r"^statement 1, column 5: no formula"),
    ],
)
def test_mixed_notation_is_refused_with_its_place(text: str, shapes: dict[str, str], message: str) -> None:
    with pytest.raises(NotationError, match=message):
        sg.derive(text, shapes)


def test_an_index_form_in_the_letters_of_the_inputs() -> None:
    found = sg.derive("h[a,b] = tanh(sum(k, x[a,k]*w[k,b])); f = sum(a, b, h[a,b]^2)")
    assert found["w"].statement == "∂f/∂W = Xᵀ·Z̄"
    one = found["w"].one_formula()
    assert one.statement == "∂f/∂w = 2·xᵀ·(tanh(x·w) ∘ (1·1ᵀ − tanh(x·w)^∘2))"
    assert "entries equal to 50 digits" in one.evidence[1]


def test_all_dimensions_by_identities() -> None:
    """Of an inverse, a determinant and a function of entries, with the identity that SymPy was told."""
    said = "SymPy: each formula is the derivative of the index form, for all dimensions at once"
    for text, shapes, rest in [
        ("a'*inv(X)*b", {}, " (A⁻¹ by A·A⁻¹ = I, differentiated)"),
        ("det(X)", {}, " (det by Jacobi's formula; A⁻¹ by A·A⁻¹ = I, differentiated)"),
        ("logdet(X'*X)", {"X": "N D"}, " (log det by Jacobi's formula; A⁻¹ by A·A⁻¹ = I, differentiated)"),
        ("sum(log(1 + exp(X*w)))", {"X": "N D"}, ""),
        ("norm2(x - a)", {}, ""),
        ("x'*S*x/(x'*x)", {"S": "N N symmetric"}, "; then Sᵀ = S"),
        ("norm1(x)", {}, ", wherever abs has a derivative"),
    ]:
        assert sg.derive(text, shapes)[0].evidence[0] == said + rest, text
