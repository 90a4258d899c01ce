"""Training: by graphs and by replay, the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import ArgumentError

X, T = [[0, 0], [0, 1], [1, 0], [1, 1]], [[-1], [1], [1], [-1]]


@pytest.mark.parametrize("options", [{}, {"batch": 3}, {"decay": 0.01}])
def test_eager_and_replayed_are_the_same(options: dict[str, Any]) -> None:
    losses = []
    for replay in (False, True):
        model = sg.nn.MLP(2, [6, 1], "tanh", seed=3)
        losses.append(sg.nn.train(model, sg.nn.mean_squared, X, T, sg.nn.SGD(0.05, 0.5), 12, replay=replay, **options))
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    assert losses[0][-1] < losses[0][0]


def test_exclusive_or_is_learnt() -> None:
    model = sg.nn.MLP(2, [8, 1], seed=0)
    sg.nn.train(model, sg.nn.max_margin, X, T, sg.nn.Adam(0.05), 150, replay=True, progress=True)
    assert [np.sign(model(x).data) for x in X] == [t[0] for t in T]


def test_decay_makes_parameters_small() -> None:
    sizes = []
    for decay in (0.0, 0.1):
        model = sg.nn.MLP(2, [8, 1], seed=0)
        sg.nn.train(model, sg.nn.max_margin, X, T, sg.nn.SGD(0.1), 50, replay=True, decay=decay)
        sizes.append(sum((p**2).sum() for p in model.numbers()))
    assert sizes[1] < sizes[0] / 2


def test_bad_arguments() -> None:
    model = sg.nn.MLP(2, [1])
    with pytest.raises(ArgumentError, match="there are 0 samples and 0 targets"):
        sg.nn.train(model, sg.nn.max_margin, [], [], sg.nn.SGD(), 1)
    with pytest.raises(ArgumentError, match="there are 4 samples and 1 targets: give one target for each"):
        sg.nn.train(model, sg.nn.max_margin, X, [[1]], sg.nn.SGD(), 1)
    with pytest.raises(ArgumentError, match="the batch is 0: give the number of samples in a step"):
        sg.nn.train(model, sg.nn.max_margin, X, T, sg.nn.SGD(), 1, batch=0)
