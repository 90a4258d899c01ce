"""Signatures: which arguments fit a program, and what is said of those that don't."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scalargrad import Value, record
from scalargrad.errors import ProgramError


class TestCalling:
    def test_what_does_not_fit(self, layer: Any) -> None:
        X, W, L = layer
        program = record(L, [X], [W])
        x = np.zeros((2, 2))
        for arrays, message in (
            ((x,), "1 arrays are given: this program takes 1 inputs and 1 parameters"),
            ((np.zeros(3), x), r"x has the shape \(3,\): give \(2, 2\) for one sample, or \(B, 2, 2\) for B of them"),
            ((x, np.zeros((5, 2, 2))), r"w has the shape \(5, 2, 2\): it was recorded with \(2, 2\)"),
            (("text", x), "x is not an array of numbers: give floats"),
            (([[1, 2], [3]], x), "x is not an array of numbers"),
        ):
            with pytest.raises(ProgramError, match=message):
                program(*arrays)

    def test_batches_that_differ(self) -> None:
        x, y = Value(1.0, "x"), Value(2.0)
        with pytest.raises(ProgramError, match=r"different numbers of samples, 2 in x, 3 in inputs\[1\]"):
            record(x * y, [x, y])([1.0, 2.0], [1.0, 2.0, 3.0])

    def test_without_inputs(self) -> None:
        assert record(Value(2.0) * 3)() == 6.0
