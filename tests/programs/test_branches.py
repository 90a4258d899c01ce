"""Branches: a Python `if` on data is noticed however it is written, and the engine's own questions are not."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from scalargrad import Value, record, record_gradient, values
from scalargrad.programs import BranchWarning

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
