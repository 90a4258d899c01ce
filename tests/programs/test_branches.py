"""Branches: a Python `if` on data is noticed however it is written, and the engine's own questions are not."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Op, Value, record, record_gradient, values
from scalargrad.programs import BranchWarning
from scalargrad.programs.branches import Watched
from scalargrad.programs.loops import INSTRUCTION_SET

from .graphs import bits


class TestBranches:
    def test_a_python_if_is_named(self) -> None:
        def function(x: Value) -> Value:
            if x * 2 > 1:
                return x.exp()
            return x

        with pytest.warns(BranchWarning, match="a Python branch on a Value's data was recorded") as caught:
            program = record(function, [Value(1.0)])
        assert caught[0].filename == __file__
        assert program(0.0) == 1.0  # e⁰: the way that was taken

    @pytest.mark.parametrize(
        "condition", [bool, lambda x: x == 1, lambda x: x.exp() <= 3, lambda x: not (abs(-x) ** 2)]
    )
    def test_every_condition(self, condition: Any) -> None:
        with pytest.warns(BranchWarning):
            record(lambda x: x if condition(x) else -x, [Value(1.0)])

    @pytest.mark.parametrize(
        "function",
        [
            lambda X: X[X > 0],
            lambda X: X[0] if (X > 0).any() else X[1],
            lambda X: X[np.argmax(X)],
            lambda X: np.sort(X),
            lambda X: X[0] if (X > 0)[0] else X[1],
            lambda X: X[0] if np.isclose(X, 1.5).any() else X[1],
            lambda X: X[0] if np.array_equal(X, X) else X[1],
            lambda X: X * np.asarray(X > 0),
            lambda X: X * (X > 0).astype(int),
            lambda X: X * (X > 0).tolist()[0],
            lambda X: np.array([1.0, 2.0])[X > 0] * X[0],
            lambda X: X[np.argsort(X)],
            lambda X: X[X.argmin()],
            lambda X: np.median(X),
            lambda X: np.unique(X),
            lambda X: np.maximum([X[0], X[1]], 0.5),
            lambda X: np.linalg.det(np.diag(X)),
            lambda X: max(X),
            lambda X: X[0] if X[0].step() else X[1],
            lambda X: X[0] if float(X[0].data) > 0 else X[1],
            lambda X: X[int(X[0].data) % 2],
            lambda X: X[round(X[0].data) % 2],
            lambda X: X * X[0].data,
            lambda X: sg.ops.MAX(X[0].data, X[1]),
            lambda X: X - abs(X[1].data * X[0]).data,
        ],
    )
    def test_however_it_is_written(self, function: Any) -> None:
        with pytest.warns(BranchWarning) as caught:
            record(function, [values([1.5, -2.0], "x")])
        assert {warning.filename for warning in caught} == {__file__}

    @pytest.mark.parametrize(
        "function",
        [
            lambda X: X.max(),
            lambda X: np.maximum(X, 0.5).min(),
            lambda X: np.where(X > 0, X, 0),
            lambda X: np.clip(X, 0, 1) * np.sign(X) * np.heaviside(X, 0.5),
            lambda X: X * (X > 0) + X * ((X < 0) | ~(X > -1)),
            lambda X: np.where((X > 0).all(), X, np.max(X, where=X > 0, initial=0)),
            lambda X: repr(X > 0) and X,
            lambda X: np.maximum(X[0], 0) + np.clip(X[1], 0, 1) + np.where(np.greater(X[0], 0), 1, X[1]),
            lambda X: sg.grad((X * X).sum(), X, create_graph=True),
            lambda X: sg.grad(np.maximum(X, 1.5).sum(), X, create_graph=True),
            lambda X: sg.grad(X[0] ** abs(X[1]) + abs(X[1]) ** X[0], X, create_graph=True),
        ],
    )
    def test_the_engine_may_ask(self, function: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            record(function, [values([1.5, -2.0], "x")])

    @pytest.mark.parametrize("row", INSTRUCTION_SET)
    def test_no_operation_asks_and_its_result_is_watched(self, row: Op) -> None:
        numbers = (0.7, 1.9)[: row.arity]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            watched = row(*[Value(Watched(x)) for x in numbers])
        assert bits(watched.data.number) == bits(row.apply(*numbers))
        assert bits([p.number if isinstance(p, Watched) else p for p in watched.partials]) == bits(
            row.partials(row.apply(*numbers), *numbers)
        )
        with pytest.warns(BranchWarning, match="a Python branch on a Value's data was recorded"):
            assert bool(watched > -9) in (True, False)

    def test_comparisons_inside_of_operations_are_none(self) -> None:
        def function(x: Value, w: Value) -> Value:
            y = (
                (x.relu() + abs(w)).max(x).min(3)
                + x.step()
                + (x / w) ** w
                + x.sigmoid().tanh().log().sqrt().sin().cos()
            )
            return y - 1 / w + 2**x

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program = record(function, [Value(0.7)], [Value(1.3)])
        assert bits(program(0.7, 1.3)) == bits(function(Value(0.7), Value(1.3)).data)

    def test_gradients_of_functions(self) -> None:
        x, w = values([0.1, 0.2], "x"), values([1.0, 2.0], "w")
        program = record_gradient(lambda x, w: np.tanh(x * w).sum(), [x], [w])
        losses, (gradient,) = program([[0.1, 0.2], [0.3, 0.4]], [1.0, 2.0])
        assert losses.shape == (2,)
        assert gradient.shape == (2,)


def test_a_watched_float_is_shown_as_the_float_and_warns_where_it_becomes_a_plain_number() -> None:
    x = Watched(2.75)
    assert (repr(x), f"{x:.1f}", hash(x), x.unit()) == ("2.75", "2.8", hash(2.75), 1.0)
    for plain, right in ((int, 2), (float, 2.75), (lambda x: round(x, 1), 2.8), (round, 3), (bool, True)):
        with pytest.warns(BranchWarning):
            assert plain(x) == right
