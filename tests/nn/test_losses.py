"""The losses of samples, against their formulas."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import EntryError


def test_mean_squared() -> None:
    Y = sg.values([[Fraction(1), Fraction(2)]], "y")
    L = sg.nn.mean_squared(Y, [[3, 0]])
    assert L.data == 4
    assert sg.grad(L, Y).tolist() == [[-2, 2]]


def test_max_margin() -> None:
    Y = sg.values([Fraction(1, 2), Fraction(2), Fraction(-1)], "y")
    L = sg.nn.max_margin(Y, [1, 1, 1])
    assert L.data == Fraction(5, 6)
    assert sg.grad(L, Y).tolist() == [Fraction(-1, 3), 0, Fraction(-1, 3)]


def test_cross_entropy_is_that_of_the_labels() -> None:
    Y = sg.values(np.random.default_rng(0).normal(size=(4, 3)), "y")
    labels = [2, 0, 1, 1]
    by_labels, by_rows = sg.nn.softmax_cross_entropy(Y, labels), sg.nn.cross_entropy(Y, sg.nn.one_hot(labels, 3))
    assert by_rows.data == pytest.approx(by_labels.data, rel=1e-14)
    assert sg.grad(by_rows, Y).astype(float) == pytest.approx(sg.grad(by_labels, Y).astype(float), abs=1e-15)
    assert sg.nn.cross_entropy(Y[0], sg.nn.one_hot([2], 3)[0]).data == pytest.approx((-np.log(softmax(Y[0]))[2]).item())


def test_a_recorded_cross_entropy_finds_the_largest_of_other_scores() -> None:
    y = sg.values([0.0, 0.0, 0.0], "y")
    program = sg.record(sg.nn.cross_entropy(y, [1.0, 0.0, 0.0]), [y])
    assert program([-2000.0, 5.0, 1000.0]) == 3000.0


def test_gradients_by_hand() -> None:
    """∂L/∂Y = (softmax(Y) ∘ Σ t - T) / N."""

    def gradients(Y: Any, T: Any, L: Any, G: Any) -> dict[str, Any]:
        E = np.exp(Y)
        return {"Y": G * (E / E.sum(axis=1, keepdims=True) * T.sum(axis=1, keepdims=True) - T) / len(Y)}

    verdict = sg.check(sg.nn.cross_entropy, gradients, {"Y": "N M", "T": "N M"}, examples=10)
    assert verdict.correct, verdict


def test_shapes() -> None:
    Y = sg.values(np.zeros((2, 3)), "y")
    for loss in (sg.nn.mean_squared, sg.nn.max_margin, sg.nn.cross_entropy):
        with pytest.raises(ValueError, match=r"the targets have the shape \(3, 2\), Y has \(2, 3\)"):
            loss(Y, np.zeros((3, 2)))
    with pytest.raises(ValueError, match="softmax needs at least one class"):
        sg.nn.cross_entropy(sg.values(np.zeros((2, 0))), np.zeros((2, 0)))


def test_one_hot() -> None:
    assert sg.nn.one_hot([1, 0], 3).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert sg.nn.one_hot([], 3).shape == (0, 3)


@pytest.mark.parametrize("label", [3, -1, 0.5])
def test_a_label_that_is_none_is_refused(label: Any) -> None:
    """NumPy would take -1 as the last class, and 0.5 as the first."""
    with pytest.raises(EntryError, match=rf"labels\[1\] is {label}: with 3 classes it must be an integer from 0 to 2"):
        sg.nn.one_hot([0, label], 3)


def softmax(row: Any) -> Any:
    numbers = np.exp(np.array([y.data for y in row]))
    return numbers / numbers.sum()
