"""What is said of claims that are seldom met: nothing to judge, rare mistakes, corrections, dimensions."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check
from scalargrad.checker.domains import Domain
from scalargrad.checker.exercise import Exercise, takes_g
from scalargrad.errors import ArgumentError

from .layers import B, N, double


def in_a_loop(X: Any) -> Any:
    for _ in range(1):
        X = X * X
    return X


def cumulated(X: Any) -> Any:
    """The last entry of Y is a plain number."""
    return np.array([X[0], X[0] + X[1], 1], object)


@pytest.mark.parametrize(
    ("forward", "gradients", "shapes", "correct", "said"),
    [
        (double, lambda X, Y, G: ..., N, None, "not judged: nothing is claimed yet: put gradients in place of ..."),
        (double, lambda X, Y: 2 + 0 * X, N, None, "gradients takes no G, so forward must return a single number"),
        (double, lambda X, Y, G: np.log(X - X) * G, N, None, "gradients has no value at any numbers tried"),
        (lambda x: np.ones(9, int) * x, lambda x, Y, G: 2 * G.sum(), {"x": ""}, False, "more term"),
        (
            cumulated,
            lambda X, Y, G: np.array([G[0], G[0] + G[1], 0], object),
            {"X": "3"},
            False,
            "∂L/∂X: the Jacobian is not transposed",
        ),
        (
            cumulated,
            lambda X, Y, G: np.array([G[0], G[1], 0], object),
            {"X": "3"},
            False,
            "∂L/∂X: it is only the diagonal of the Jacobian",
        ),
        (
            lambda X, W, b: X @ W + 3 * b,
            lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G),
            B,
            False,
            "∂L/∂b: the sum over axis 0 is missing, and a factor 3",
        ),
        (in_a_loop, lambda X, Y, G: (2 * X * G).T, {"X": "N N"}, False, "right: ∂L/∂X = claimᵀ"),
        (in_a_loop, lambda X, Y, G: 2 * X * G[:, :1], {"X": "N N"}, False, "∂L/∂X"),
        (in_a_loop, lambda X, Y, G: X * G, {"X": "N N"}, False, "right: ∂L/∂X = 2 · claim"),
        (
            lambda X, W: X @ W,
            lambda X, W, Y, G: (G @ W if W.shape == (2, 2) else None, X.T @ G),
            {"X": "N 2", "W": "2 2"},
            False,
            "W must be transposed",
        ),
        (
            lambda X: np.exp(X) * 0.1,
            lambda X, Y, G: 0.10001 * np.exp(X) * G,
            N,
            False,
            "the formula is right up to",
        ),
    ],
)
def test_a_sentence_of_the_verdict(forward: Any, gradients: Any, shapes: Any, correct: Any, said: str) -> None:
    verdict = check(forward, gradients, shapes)
    assert verdict.correct is correct
    assert said in " ".join(str(verdict).split())


class Untold:
    """A function that does not tell its parameters, as some in C."""

    __signature__ = "unknown"

    def __call__(self, X: Any, *more: Any) -> Any:
        return 2 * more[1] if more else X * 2


def test_a_function_that_does_not_tell_its_parameters_is_called_with_all() -> None:
    assert takes_g(Untold(), ["X"])
    assert check(Untold(), Untold(), N).correct


def test_dimensions_made_of_others() -> None:
    exercise = Exercise.of(double, lambda X, Y, G: G, {"X": "N D", "D": "= 2*H + N - 1"})
    assert exercise.shape("X", {"N": 3, "H": 4}) == (3, 10)
    for text, said in (("H - 5", r"D = H - 5 is negative at"), ("H / 2", "write names and numbers with")):
        with pytest.raises(ArgumentError, match=said):
            Exercise.of(double, lambda X, Y, G: G, {"X": "N D", "D": f"= {text}"})


def test_domains_with_one_end_or_none() -> None:
    assert str(Domain()) == "any real numbers"
    below = Domain(high=Fraction(-2))
    assert all(below.number(random.Random(seed)) < -2 for seed in range(5))


@pytest.mark.parametrize("tolerance", [None, "ulp:8"])
@pytest.mark.parametrize(
    ("entry", "said"), [(None, "returns None at"), ("a", "returns a text at"), (np.ones(2), "returns an array at")]
)
def test_an_entry_that_is_not_a_number_is_said(entry: Any, said: str, tolerance: Any) -> None:
    def gradients(X: Any, Y: Any, G: Any) -> Any:
        claim = np.empty(X.shape, object)
        for k in range(len(X)):
            claim[k] = entry
        return claim

    verdict = check(double, gradients, N, tolerance=tolerance)
    assert verdict.correct is False
    assert verdict.message == f"gradients {said} X[0]: every entry must be a number (at N = 1)"
