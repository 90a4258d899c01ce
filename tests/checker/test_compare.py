"""What is claimed beside what is right."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check
from scalargrad.checker.arithmetic import Arithmetic
from scalargrad.checker.compare import Mismatch, agree, differs, largest_entry
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.trial import Trial
from scalargrad.errors import ClaimError

from .layers import all_of, double, trial_of

EXACT = Arithmetic(exact=True)


def difference(gradients: Any) -> Any:
    """Between 2 G at G = 3 and a claim."""
    return differs(trial_of(double, gradients=gradients), EXACT)


class TestMismatch:
    def test_none(self) -> None:
        assert difference(lambda X, Y, G: 2 * G) is None

    def test_the_first_entry_that_differs(self) -> None:
        found = difference(lambda X, Y, G: [6, 7])
        assert found == Mismatch("X", (1,), 7, 6)

    def test_shapes_before_entries(self) -> None:
        assert difference(lambda X, Y, G: [7]) == Mismatch("X", None, (1,), (2,))

    def test_in_the_order_of_the_claim(self) -> None:
        exercise = Exercise.of(lambda X, W: X + W, lambda X, W, Y, G: {"W": 2 * G, "X": 3 * G}, {"X": "N", "W": "N"})
        found = differs(Trial(exercise, {"N": 1}, all_of(1)), EXACT)
        assert isinstance(found, Mismatch)
        assert found.input == "W"

    def test_what_cannot_be_compared(self) -> None:
        found = difference(lambda X, Y, G: [6, float("nan")])
        assert isinstance(found, ClaimError)
        assert str(found) == "gradients returns nan for X[1], where 6 is right"


class TestRounded:
    @pytest.mark.parametrize("off", [8e-6, 6e-12, -8e-6])
    def test_a_float_that_is_off_is_wrong(self, off: float) -> None:
        assert difference(lambda X, Y, G: [6.0 + off, 6]) == Mismatch("X", (0,), 6.0 + off, 6)

    def test_the_same_number(self) -> None:
        assert difference(lambda X, Y, G: [6.0, 6.0]) is None

    def test_a_claim_that_computes_in_floats_is_right_up_to_their_rounding_and_says_so(self) -> None:
        def rounded(X: Any, Y: Any, G: Any) -> Any:
            return np.array([float(g * y) for g, y in zip(G, Y, strict=True)])

        verdict = check(np.exp, rounded, {"X": "N"})
        assert verdict
        assert "the claim computes in floats on its way: what it compares there is not seen" in verdict.evidence
        assert not check(np.exp, lambda X, Y, G: rounded(X, Y, G) * (1 + 1e-6), {"X": "N"})


class TestEqual:
    def test_shape_and_entries(self) -> None:
        b = np.array([1, Fraction(1, 2)], dtype=object)
        assert agree([1, Fraction(2, 4)], b, EXACT)
        assert not agree([1, Fraction(1, 3)], b, EXACT)
        assert not agree([2, Fraction(1, 2)], b, EXACT)
        assert not agree([[1, Fraction(1, 2)]], b, EXACT)
        assert not agree(None, b, EXACT)

    def test_the_largest_entry_sets_the_scale(self) -> None:
        assert largest_entry(np.array([[1, -3], [2, 0]], dtype=object)) == 3
        assert largest_entry(np.array([], dtype=object)) == 0
