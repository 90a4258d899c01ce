"""Losses of scores that are infinite, as those of classes that are masked."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import record, values
from scalargrad.affine.losses import log_sum_exp, softmax_cross_entropy

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
