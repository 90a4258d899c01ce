"""Matrices without NumPy: whatever they can do means the same with it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import ArgumentTypeError, EntryError, ShapeError
from scalargrad.playground.session import API
from scalargrad.playground.small_matrix import matrix

SAME = [
    "X @ W", "X @ W + b", "b + X @ W", "(X @ W) * G", "G * (X @ W)", "X - 1", "1 - X", "X / 2", "2 / X", "X ** 2",
    "2 * X",
    "X * X", "-X", "abs(-X)", "X.T", "W.T @ X.T", "X[0]", "X[1, 2]", "X[-1][0]", "X[0] @ W", "W.T @ X[1]",
    "X[0] @ X[1]", "b * b",
    "X.sum()", "(X @ W).mean()", "[x * 2 for row in X for x in row][3]", "X.tolist()[1][1]", "b.T",
    "G @ W.T", "X @ [[1, 0], [0, 1], [1, 1]]", "[[1, 2]] @ X", "X + [1, 2, 3]", "2 ** X", "b - [1, 2]", "[1, 2] - b",
]  # fmt: skip


def nested(found: Any) -> Any:
    """Numbers, as lists of lists."""
    if isinstance(found, sg.Value):
        return found.data
    if isinstance(found, list):
        return [nested(x) for x in found]
    return nested(found.tolist()) if hasattr(found, "tolist") else found


@pytest.mark.parametrize("expression", SAME)
def test_it_means_what_numpy_means(expression: str) -> None:
    results = []
    for api in (API(), sg):
        X = api.values([[1, 2, 3], [4, 5, 6]], "x")
        W = api.values([[Fraction(1, 2), 1], [2, 3], [-1, 2]], "w")
        names = {"X": X, "W": W, "b": api.values([1, 2], "b"), "G": [[1, 2], [3, 4]]}
        found = eval(expression, names)
        L = found if isinstance(found, sg.Value) else api.sum(found)
        L.backward()
        results.append((nested(found), nested(api.grads(X)), nested(api.data(W)), nested(api.grad(L, X))))
    assert results[0] == results[1]


def test_shapes_and_labels() -> None:
    X, b = matrix([[1, 2, 3]], "x"), matrix([1, 2], "b")
    assert (X.shape, X.ndim, len(X), b.shape, b.ndim) == ((1, 3), 2, 1, (2,), 1)
    assert [x.label for x in [*X[0], *b]] == ["x[0,0]", "x[0,1]", "x[0,2]", "b[0]", "b[1]"]
    assert repr(X) == "SmallMatrix([[1, 2, 3]])"
    assert (X @ X.T).product is not None
    assert (X @ [[1], [2], [3]]).product is None


@pytest.mark.parametrize(
    ("expression", "kind", "text"),
    [
        ("X @ X", ShapeError, "2 columns meet 1 rows"),
        ("X + [1, 2, 3]", ShapeError, "shapes .* do not fit"),
        ("X[5, 0]", EntryError, r"there is no entry \[5, 0\]"),
        ("X[:, 0]", EntryError, "with whole numbers gives an entry or a row"),
        ("X[0, 0, 0]", EntryError, "with whole numbers gives an entry or a row"),
        ("matrix([[1, 2], [3]])", ShapeError, "the same length"),
        ("matrix(3)", ArgumentTypeError, "a list of rows, and this is a int"),
    ],
)
def test_what_it_can_not_do_is_said(expression: str, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        eval(expression, {"X": matrix([[1, 2]]), "matrix": matrix})


def test_a_seed_and_a_graph_of_the_gradient() -> None:
    api = API()
    X = api.values([[1, 2]], "x")
    assert api.grad(X * X, X, seeds=[[1, 10]]).tolist() == [[2, 40]]
    assert api.grad(api.grad((X * X * X).sum(), X, create_graph=True).sum(), X).tolist() == [[6, 12]]
    api.backward(X * X)
    assert api.grads(X).tolist() == [[2, 4]]
    assert api.data(X[0, 1]) == 2
    assert np.isclose(api.sum(X).data, 3)
