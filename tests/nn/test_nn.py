"""The losses, against their formulas."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Value, values
from scalargrad.checker.verdict import check
from scalargrad.nn.layers import layers as nn
from scalargrad.programs import record


def test_weighted_sum_has_the_weights_as_its_gradient() -> None:
    Y = values([[Fraction(1), Fraction(2)]], "y")
    L = nn.weighted_sum(Y, [[Fraction(1, 3), Fraction(5)]])
    assert L.data == Fraction(31, 3)
    assert sg.grad(L, Y).tolist() == [[Fraction(1, 3), 5]]
    with pytest.raises(ValueError, match=r"the weights have the shape \(1, 1\), Y has \(1, 2\)"):
        nn.weighted_sum(Y, [[1]])


def test_sum_of_squares() -> None:
    Y = values([[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]], "y")
    L = nn.sum_of_squares(Y)
    assert L.data == 30
    assert sg.grad(L, Y).tolist() == [[2, 4], [6, 8]]


def test_softmax_cross_entropy() -> None:
    """∂L/∂Y = (softmax(Y) - one-hot(labels)) / N."""
    scores = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]])
    labels = [2, 0]
    Y = values(scores, "y")
    L = nn.softmax_cross_entropy(Y, labels)
    softmax = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert L.data == pytest.approx(-np.log(softmax[[0, 1], labels]).mean(), rel=1e-14)
    expected = (softmax - np.eye(3)[labels]) / 2
    assert sg.grad(L, Y).astype(float) == pytest.approx(expected, rel=1e-13)


def test_it_does_not_overflow() -> None:
    Y = values([[1000.0, -1000.0], [-1000.0, 1000.0]], "y")
    L = nn.softmax_cross_entropy(Y, [1, 1])
    assert L.data == 1000.0
    assert sg.grad(L, Y).tolist() == [[0.5, -0.5], [0.0, 0.0]]
    assert all(math.isfinite(g) for g in sg.grad(L, Y).flat)


def test_no_samples_are_no_loss() -> None:
    assert nn.softmax_cross_entropy(values(np.zeros((0, 3))), []).data == 0


def test_labels_that_do_not_fit_are_refused() -> None:
    Y = values(np.zeros((2, 3)), "y")
    with pytest.raises(ValueError, match="3 labels for 2 rows of Y: give one label for each row"):
        nn.softmax_cross_entropy(Y, [0, 1, 2])
    with pytest.raises(ValueError, match=r"labels\[1\] is 3: with 3 columns in Y it must be an integer from 0 to 2"):
        nn.softmax_cross_entropy(Y, [0, 3])
    with pytest.raises(ValueError, match=r"labels\[0\] is -1"):
        nn.softmax_cross_entropy(Y, [-1, 0])
    with pytest.raises(ValueError, match="softmax needs at least one class, and Y has no columns"):
        nn.softmax_cross_entropy(values(np.zeros((2, 0))), [0, 0])


class TestLosses:
    def test_mean_squared(self) -> None:
        Y = values([[Fraction(1), Fraction(2)]], "y")
        L = nn.mean_squared(Y, [[3, 0]])
        assert L.data == 4
        assert sg.grad(L, Y).tolist() == [[-2, 2]]

    def test_max_margin(self) -> None:
        Y = values([Fraction(1, 2), Fraction(2), Fraction(-1)], "y")
        L = nn.max_margin(Y, [1, 1, 1])
        assert L.data == Fraction(5, 6)
        assert sg.grad(L, Y).tolist() == [Fraction(-1, 3), 0, Fraction(-1, 3)]

    def test_cross_entropy_is_that_of_the_labels(self) -> None:
        Y = values(np.random.default_rng(0).normal(size=(4, 3)), "y")
        labels = [2, 0, 1, 1]
        by_labels, by_rows = nn.softmax_cross_entropy(Y, labels), nn.cross_entropy(Y, nn.one_hot(labels, 3))
        assert by_rows.data == pytest.approx(by_labels.data, rel=1e-14)
        assert sg.grad(by_rows, Y).astype(float) == pytest.approx(sg.grad(by_labels, Y).astype(float), abs=1e-15)
        assert nn.cross_entropy(Y[0], nn.one_hot([2], 3)[0]).data == pytest.approx((-np.log(softmax(Y[0]))[2]).item())

    def test_a_recorded_cross_entropy_finds_the_largest_of_other_scores(self) -> None:
        y = values([0.0, 0.0, 0.0], "y")
        program = record(nn.cross_entropy(y, [1.0, 0.0, 0.0]), [y])
        assert program([-2000.0, 5.0, 1000.0]) == 3000.0

    def test_gradients_by_hand(self) -> None:
        """∂L/∂Y = (softmax(Y) ∘ Σ t - T) / N."""

        def gradients(Y: Any, T: Any, L: Any, G: Any) -> dict[str, Any]:
            E = np.exp(Y)
            return {"Y": G * (E / E.sum(axis=1, keepdims=True) * T.sum(axis=1, keepdims=True) - T) / len(Y)}

        verdict = check(nn.cross_entropy, gradients, {"Y": "N M", "T": "N M"}, examples=10)
        assert verdict.correct, verdict

    def test_shapes(self) -> None:
        Y = values(np.zeros((2, 3)), "y")
        for loss in (nn.mean_squared, nn.max_margin, nn.cross_entropy):
            with pytest.raises(ValueError, match=r"the targets have the shape \(3, 2\), Y has \(2, 3\)"):
                loss(Y, np.zeros((3, 2)))
        with pytest.raises(ValueError, match="softmax needs at least one class"):
            nn.cross_entropy(values(np.zeros((2, 0))), np.zeros((2, 0)))


def softmax(row: Any) -> Any:
    numbers = np.exp(np.array([y.data for y in row]))
    return numbers / numbers.sum()


class TestModules:
    def test_affine_is_the_missions_layer(self) -> None:
        layer = nn.Affine(3, 2, seed=1)
        X = np.random.default_rng(0).normal(size=(4, 3))
        W, b = layer.numbers()
        assert sg.data(layer(X)) == pytest.approx(X @ W + b, rel=1e-14)
        assert sg.data(layer(X[0])) == pytest.approx(X[0] @ W + b, rel=1e-14)
        assert b.tolist() == [0, 0]
        with pytest.raises(ValueError, match=r"x has the shape \(4, 2\): its last axis must be W's 3 rows"):
            layer(X[:, :2])

    def test_seeds(self) -> None:
        one, same, other = (nn.MLP(2, [3, 1], seed=seed) for seed in (1, 1, 2))
        assert all(np.array_equal(a, b) for a, b in zip(one.numbers(), same.numbers(), strict=True))
        assert not np.array_equal(one.numbers()[0], other.numbers()[0])

    def test_the_spread_of_the_weights(self) -> None:
        W, _ = nn.Affine(400, 50, spread=2.0).numbers()
        assert W.var() == pytest.approx(2 / 400, rel=0.05)

    def test_microgads_names(self) -> None:
        model = nn.MLP(2, [16, 16, 1])
        assert len(model.parameters()) == 2 * 16 + 16 + 16 * 16 + 16 + 16 + 1
        y = model([1.0, -2.0])
        assert isinstance(y, Value)
        y.backward()
        assert any(p.grad != 0 for p in model.parameters())
        model.zero_grad()
        assert all(p.grad == 0 for p in model.parameters())

    @pytest.mark.parametrize("activation", ["relu", "tanh"])
    def test_rows_are_samples(self, activation: str) -> None:
        model = nn.MLP(2, [4, 3], activation)
        X = np.random.default_rng(0).normal(size=(5, 2))
        assert sg.data(model(X)).tolist() == [sg.data(model(x)).tolist() for x in X]

    def test_bad_arguments(self) -> None:
        with pytest.raises(ValueError, match="there is no activation 'gelu': choose from relu, tanh"):
            nn.MLP(2, [1], "gelu")
        with pytest.raises(ValueError, match="a perceptron needs at least one layer: give its sizes"):
            nn.MLP(2, [])

    def test_parameters_are_saved_and_loaded(self, tmp_path: Path) -> None:
        model, other = nn.MLP(2, [3, 1], seed=1), nn.MLP(2, [3, 1], seed=2)
        model.save(tmp_path / "model.npz")
        other.load(tmp_path / "model.npz")
        assert other([1.0, 2.0]).data == model([1.0, 2.0]).data
        with pytest.raises(ValueError, match=r"the numbers have the shapes .*: the parameters have \(2, 4\)"):
            nn.MLP(2, [4, 1]).load(tmp_path / "model.npz")
        with pytest.raises(ValueError, match="cannot be read: No such file"):
            other.load(tmp_path / "none.npz")
        (tmp_path / "text.npz").write_text("hello")
        with pytest.raises(ValueError, match="these are no saved parameters"):
            other.load(tmp_path / "text.npz")


class TestOptimisers:
    def test_sgd_with_momentum(self) -> None:
        sgd, p = nn.SGD(0.1, momentum=0.5), [np.array([1.0])]
        p = sgd.step(p, [np.array([2.0])])
        assert p[0].tolist() == [0.8]
        p = sgd.step(p, [np.array([2.0])])  # v = 0.5 · 2 + 2
        assert p[0] == pytest.approx([0.5])

    def test_adams_first_step_is_the_rate(self) -> None:
        adam = nn.Adam(0.01)
        (p,) = adam.step([np.array([1.0, 1.0])], [np.array([1e-3, -1e3])])
        assert p == pytest.approx([0.99, 1.01], rel=1e-6)

    def test_adam_by_the_paper(self) -> None:
        adam, p, m, v = nn.Adam(0.1), np.array([1.0]), 0.0, 0.0
        expected = 1.0
        for t in range(1, 6):
            g = 2 * expected
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            expected -= 0.1 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
            (p,) = adam.step([p], [2 * p])
        assert p == pytest.approx([expected], rel=1e-12)


class TestTraining:
    X, T = [[0, 0], [0, 1], [1, 0], [1, 1]], [[-1], [1], [1], [-1]]

    @pytest.mark.parametrize("options", [{}, {"batch": 3}, {"decay": 0.01}])
    def test_eager_and_replayed_are_the_same(self, options: dict[str, Any]) -> None:
        losses = []
        for replay in (False, True):
            model = nn.MLP(2, [6, 1], "tanh", seed=3)
            losses.append(
                nn.train(model, nn.mean_squared, self.X, self.T, nn.SGD(0.05, 0.5), 12, replay=replay, **options)
            )
        assert losses[0] == pytest.approx(losses[1], rel=1e-12)
        assert losses[0][-1] < losses[0][0]

    def test_exclusive_or_is_learnt(self) -> None:
        model = nn.MLP(2, [8, 1], seed=0)
        nn.train(model, nn.max_margin, self.X, self.T, nn.Adam(0.05), 150, replay=True, progress=True)
        assert [np.sign(model(x).data) for x in self.X] == [t[0] for t in self.T]

    def test_decay_makes_parameters_small(self) -> None:
        sizes = []
        for decay in (0.0, 0.1):
            model = nn.MLP(2, [8, 1], seed=0)
            nn.train(model, nn.max_margin, self.X, self.T, nn.SGD(0.1), 50, replay=True, decay=decay)
            sizes.append(sum((p**2).sum() for p in model.numbers()))
        assert sizes[1] < sizes[0] / 2

    def test_bad_arguments(self) -> None:
        model = nn.MLP(2, [1])
        with pytest.raises(ValueError, match="there are 0 samples and 0 targets"):
            nn.train(model, nn.max_margin, [], [], nn.SGD(), 1)
        with pytest.raises(ValueError, match="there are 4 samples and 1 targets: give one target for each"):
            nn.train(model, nn.max_margin, self.X, [[1]], nn.SGD(), 1)
        with pytest.raises(ValueError, match="the batch is 0: give the number of samples in a step"):
            nn.train(model, nn.max_margin, self.X, self.T, nn.SGD(), 1, batch=0)
