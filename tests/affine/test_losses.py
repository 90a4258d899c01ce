"""The losses that a verification names, against their formulas."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import scalargrad as sg


def test_weighted_sum_has_the_weights_as_its_gradient() -> None:
    Y = sg.values([[Fraction(1), Fraction(2)]], "y")
    L = sg.nn.weighted_sum(Y, [[Fraction(1, 3), Fraction(5)]])
    assert L.data == Fraction(31, 3)
    assert sg.grad(L, Y).tolist() == [[Fraction(1, 3), 5]]
    with pytest.raises(ValueError, match=r"the weights have the shape \(1, 1\), Y has \(1, 2\)"):
        sg.nn.weighted_sum(Y, [[1]])


def test_sum_of_squares() -> None:
    Y = sg.values([[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]], "y")
    L = sg.nn.sum_of_squares(Y)
    assert L.data == 30
    assert sg.grad(L, Y).tolist() == [[2, 4], [6, 8]]


def test_softmax_cross_entropy() -> None:
    """∂L/∂Y = (softmax(Y) - one-hot(labels)) / N."""
    scores = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]])
    labels = [2, 0]
    Y = sg.values(scores, "y")
    L = sg.nn.softmax_cross_entropy(Y, labels)
    softmax = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert L.data == pytest.approx(-np.log(softmax[[0, 1], labels]).mean(), rel=1e-14)
    expected = (softmax - np.eye(3)[labels]) / 2
    assert sg.grad(L, Y).astype(float) == pytest.approx(expected, rel=1e-13)


def test_it_does_not_overflow() -> None:
    Y = sg.values([[1000.0, -1000.0], [-1000.0, 1000.0]], "y")
    L = sg.nn.softmax_cross_entropy(Y, [1, 1])
    assert L.data == 1000.0
    assert sg.grad(L, Y).tolist() == [[0.5, -0.5], [0.0, 0.0]]
    assert all(math.isfinite(g) for g in sg.grad(L, Y).flat)


def test_no_samples_are_no_loss() -> None:
    assert sg.nn.softmax_cross_entropy(sg.values(np.zeros((0, 3))), []).data == 0


def test_labels_that_do_not_fit_are_refused() -> None:
    Y = sg.values(np.zeros((2, 3)), "y")
    with pytest.raises(ValueError, match="3 labels for 2 rows of Y: give one label for each row"):
        sg.nn.softmax_cross_entropy(Y, [0, 1, 2])
    with pytest.raises(ValueError, match=r"labels\[1\] is 3: with 3 columns in Y it must be an integer from 0 to 2"):
        sg.nn.softmax_cross_entropy(Y, [0, 3])
    with pytest.raises(ValueError, match=r"labels\[0\] is -1"):
        sg.nn.softmax_cross_entropy(Y, [-1, 0])
    with pytest.raises(ValueError, match="softmax needs at least one class, and Y has no columns"):
        sg.nn.softmax_cross_entropy(sg.values(np.zeros((2, 0))), [0, 0])
