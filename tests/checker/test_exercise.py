"""What can be checked, and what is refused with a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from scalargrad.checker import check
from scalargrad.checker.exercise import Exercise
from scalargrad.errors import ArgumentError, ArgumentTypeError

from .layers import N, S, double, failing, product, product_gradients


class TestSizes:
    def test_names_shapes_and_sizes(self) -> None:
        exercise = Exercise.of(product, product_gradients, {"X": "N 5", "W": "5 M"})
        assert (exercise.names, exercise.free) == (["X", "W"], ["N", "M"])
        assert exercise.shape("W", {"N": 7, "M": 2}) == (5, 2)

    def test_small_sizes_come_first_and_distinct_ones_last(self) -> None:
        sizes = Exercise.of(product, product_gradients, {"X": "N 5", "W": "5 M"}).small_sizes()
        assert [tuple(s.values()) for s in sizes] == [
            *((1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (3, 1), (2, 3), (3, 2), (3, 3)),
            (2, 3),
        ]

    def test_fixed_shapes_have_one_trial_twice(self) -> None:
        assert Exercise.of(double, failing, {"X": "2"}).small_sizes() == [{}, {}]

    def test_distinct_sizes(self) -> None:
        assert Exercise.of(product, product_gradients, S).distinct_sizes(3) == {"N": 3, "D": 4, "M": 5}

    def test_functions_that_do_not_tell_their_parameters_are_taken(self) -> None:
        assert Exercise.of(np.tanh, failing, N).forward is np.tanh


class TestArguments:
    def test_functions_and_shapes(self) -> None:
        with pytest.raises(ArgumentTypeError, match="gradients must be a function, and is a int"):
            check(product, 3, S)  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match=r"shapes is \{\}: name each input with its dimensions, as in"):
            check(double, failing, {})
        with pytest.raises(
            ArgumentError, match=r"the shape of X is 'N, D': write names or numbers with spaces between"
        ):
            check(double, failing, {"X": "N, D"})
        with pytest.raises(ArgumentError, match=r"the shape of X is \(2, 3\)"):
            check(double, failing, {"X": (2, 3)})  # type: ignore[dict-item]

    def test_arguments_must_fit(self) -> None:
        with pytest.raises(
            ArgumentTypeError, match=r"gradients takes \(X, Y, G\) and would be called with \(X, W, Y, G\)"
        ):
            check(product, failing, S)
        with pytest.raises(ArgumentTypeError, match=r"forward takes \(X, W\) and would be called with \(X\)"):
            check(product, failing, {"X": "N D"})
        with pytest.raises(ArgumentError, match=r"forward takes \(X, W\) and would be called with \(W, X\)"):
            check(product, lambda W, X, Y, G: (X.T @ G, G @ W.T), {"W": "D M", "X": "N D"})
        with pytest.raises(ArgumentError, match="name each input with its dimensions"):
            check(double, failing, "N D")
