"""Training: by graphs and by replay, the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import ArgumentError
from scalargrad.programs import BranchWarning

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


def test_a_loss_with_an_if_is_warned_about_and_one_with_where_is_not() -> None:
    """Huber's loss: squared where the difference is small, linear where it is large."""

    def by_if(y: Any, t: Any) -> Any:
        r = y - t[0]
        return r * r / 2 if abs(r) < 0.5 else abs(r) / 2 - 0.125

    def by_where(y: Any, t: Any) -> Any:
        r = y - t
        return np.where(abs(r) < 0.5, r * r / 2, abs(r) / 2 - 0.125).sum()

    def losses(loss: Any, replay: bool) -> list[float]:
        return sg.nn.train(sg.nn.MLP(2, [4, 1], seed=1), loss, X, T, sg.nn.SGD(0.1), 10, replay=replay)

    with pytest.warns(BranchWarning) as caught:
        losses(by_if, replay=True)
    assert {warning.filename for warning in caught} == {__file__}
    assert losses(by_where, replay=True) == pytest.approx(losses(by_if, replay=False), rel=1e-12)


def test_labels_are_whole_numbers_and_need_graphs() -> None:
    def likelihood(y: Any, t: Any) -> Any:
        return -y[t]

    model = sg.nn.MLP(2, [3])
    before = model.numbers()
    losses = sg.nn.train(model, likelihood, X, [0, 2, 1, 1], sg.nn.SGD(0.1), 3)
    assert losses[-1] < losses[0]
    for loss in (likelihood, lambda y, t: -y[int(t)]):
        with pytest.raises(ArgumentError, match=r"the loss takes a target as a plain number.*or say replay=False"):
            sg.nn.train(model, loss, X, [0, 2, 1, 1], sg.nn.SGD(0.1), 3, replay=True)
    assert all(isinstance(p.data, float) for p in model.parameters())
    assert [x.shape for x in model.numbers()] == [x.shape for x in before]
