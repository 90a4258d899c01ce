"""The losses that a verification names, against their formulas."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import record, values
from scalargrad.affine.losses import log_sum_exp, softmax_cross_entropy


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


# ---------------------------------------------------------------------------------------------------------------------
# Scores that are infinite, as those of classes that are masked

INF = math.inf


@pytest.mark.parametrize(("row", "right", "gradient"), [
    ([-INF], -INF, [1.0]),
    ([-INF, -INF], -INF, [0.5, 0.5]),
    ([1.0, INF], INF, [0.0, 1.0]),
    ([INF, 1.0], INF, [1.0, 0.0]),
    ([INF, INF], INF, [0.5, 0.5]),
    ([-INF, 2.0, -INF], 2.0, [0.0, 1.0, 0.0]),
    ([-INF, INF], INF, [0.0, 1.0]),
    ([1000.0, 1000.0], 1000.0 + math.log(2), [0.5, 0.5]),
])  # fmt: skip
def test_log_sum_exp(row: Any, right: float, gradient: Any) -> None:
    Y = values(row, "y")
    L = log_sum_exp(Y)
    assert L.data == right
    assert sg.grad(L, Y).tolist() == gradient
    assert [g.data for g in sg.grad(L, Y, create_graph=True)] == gradient


def test_its_second_derivatives_at_masked_scores() -> None:
    """p_i (δ_ij - p_j), of which all of a masked score are 0."""
    Y = values([0.0, -INF, math.log(3.0)], "y")
    first = sg.grad(log_sum_exp(Y), Y, create_graph=True)
    p = np.array([0.25, 0.0, 0.75])
    found = np.array([sg.grad(g, Y) for g in first], dtype=float)
    np.testing.assert_allclose(found, np.diag(p) - np.outer(p, p), atol=1e-15)


def test_masked_scores_in_cross_entropies() -> None:
    Y = values([[1.0, -INF, -INF, 1.0]], "y")
    for L in (softmax_cross_entropy(Y, [3]), sg.nn.cross_entropy(Y, [[0.0, 0.0, 0.0, 1.0]])):
        assert L.data == pytest.approx(math.log(2))
        np.testing.assert_allclose(sg.data(sg.grad(L, Y)), [[0.5, 0.0, 0.0, -0.5]])


@pytest.mark.parametrize("T", [[1.0, 0.0], [1, 0], values([1.0, 0.0], "t")], ids=["floats", "ints", "Values"])
def test_a_class_that_is_impossible_and_masked_costs_nothing(T: Any) -> None:
    Y = values([1.0, -INF], "y")
    L = sg.nn.cross_entropy(Y, T)
    assert L.data == 0.0
    assert sg.grad(L, Y).tolist() == [0.0, 0.0]
    assert sg.nn.cross_entropy(Y, [0.0, 1.0]).data == INF


def test_replayed_on_masked_scores() -> None:
    """Recorded at finite ones, with the targets as inputs."""

    def graph(Y: Any, T: Any) -> list[Any]:
        losses = [log_sum_exp(Y), sg.nn.cross_entropy(Y, T)]
        return [*losses, *(sg.grad(L, Y, create_graph=True) for L in losses)]

    Y, T = values([0.3, -0.7, 1.1], "y"), values([0.2, 0.3, 0.5], "t")
    program = record(graph(Y, T), [Y, T])
    for scores in itertools.product((0.5, -INF, INF), repeat=3):
        for targets in ([1.0, 0.0, 0.0], [0.0, 0.5, 0.5]):
            expected = [sg.data(x) for x in graph(values(scores, "y"), values(targets, "t"))]
            for found, right in zip(program(scores, targets), expected, strict=True):
                np.testing.assert_array_equal(found, right)
