"""Modules: what they compute, their parameters, and how these are kept."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import ArgumentError, FileError, ShapeError


def test_affine_is_the_missions_layer() -> None:
    layer = sg.nn.Affine(3, 2, seed=1)
    X = np.random.default_rng(0).normal(size=(4, 3))
    W, b = layer.numbers()
    assert sg.data(layer(X)) == pytest.approx(X @ W + b, rel=1e-14)
    assert sg.data(layer(X[0])) == pytest.approx(X[0] @ W + b, rel=1e-14)
    assert b.tolist() == [0, 0]
    with pytest.raises(ShapeError, match=r"x has the shape \(4, 2\): its last axis must be W's 3 rows"):
        layer(X[:, :2])


def test_seeds() -> None:
    one, same, other = (sg.nn.MLP(2, [3, 1], seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one.numbers(), same.numbers(), strict=True))
    assert not np.array_equal(one.numbers()[0], other.numbers()[0])


def test_the_spread_of_the_weights() -> None:
    W, _ = sg.nn.Affine(400, 50, spread=2.0).numbers()
    assert W.var() == pytest.approx(2 / 400, rel=0.05)


def test_the_parameters_of_each_layer_have_names_of_their_own() -> None:
    labels = [p.label for p in sg.nn.MLP(2, [1, 1]).parameters()]
    assert labels == ["w1[0,0]", "w1[1,0]", "b1[0]", "w2[0,0]", "b2[0]"]


def test_micrograds_names() -> None:
    model = sg.nn.MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 2 * 16 + 16 + 16 * 16 + 16 + 16 + 1
    y = model([1.0, -2.0])
    assert isinstance(y, sg.Value)
    y.backward()
    assert any(p.grad != 0 for p in model.parameters())
    model.zero_grad()
    assert all(p.grad == 0 for p in model.parameters())


def test_a_module_of_ones_own_lists_no_parameters() -> None:
    """They are the arrays of Values among its attributes, and those of its modules, in order."""

    class Residual(sg.nn.Module):
        def __init__(self) -> None:
            self.name, self.width = "residual", 2
            self.scale = sg.values([1.0, 1.0], "s")
            self.inner = sg.nn.MLP(2, [3, 2])
            self.last = (sg.nn.Affine(2, 1),)

        def __call__(self, x: Any) -> Any:
            return self.last[0](x + self.scale * self.inner(x))[0]

    model = Residual()
    assert [array.shape for array in model.arrays()] == [(2,), (2, 3), (3,), (3, 2), (2,), (2, 1), (1,)]
    assert model.arrays()[0] is model.scale
    losses = sg.nn.train(model, sg.nn.mean_squared, [[0.0, 1.0]], [2.0], sg.nn.SGD(0.05), epochs=5)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_rows_are_samples(activation: str) -> None:
    model = sg.nn.MLP(2, [4, 3], activation)
    X = np.random.default_rng(0).normal(size=(5, 2))
    assert sg.data(model(X)).tolist() == [sg.data(model(x)).tolist() for x in X]


def test_bad_arguments() -> None:
    with pytest.raises(ArgumentError, match="there is no activation 'gelu': choose from relu, tanh"):
        sg.nn.MLP(2, [1], "gelu")
    with pytest.raises(ArgumentError, match="a perceptron needs at least one layer: give its sizes"):
        sg.nn.MLP(2, [])


def test_parameters_are_saved_and_loaded(tmp_path: Path) -> None:
    model, other = sg.nn.MLP(2, [3, 1], seed=1), sg.nn.MLP(2, [3, 1], seed=2)
    model.save(tmp_path / "model.npz")
    other.load(tmp_path / "model.npz")
    assert other([1.0, 2.0]).data == model([1.0, 2.0]).data
    with pytest.raises(ShapeError, match=r"the numbers have the shapes .*: the parameters have \(2, 4\)"):
        sg.nn.MLP(2, [4, 1]).load(tmp_path / "model.npz")
    with pytest.raises(FileError, match="cannot be read: No such file"):
        other.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(FileError, match="these are no saved parameters"):
        other.load(tmp_path / "text.npz")


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_perceptrons_can_be_pickled(activation: str) -> None:
    model = sg.nn.MLP(2, [3, 1], activation)
    again = pickle.loads(pickle.dumps(model))
    assert again([0.5, -1.5]).data == model([0.5, -1.5]).data
