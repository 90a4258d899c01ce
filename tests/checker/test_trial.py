"""One trial: the forward pass on Values, the right gradients, and what a claim may return."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from scalargrad import Value
from scalargrad.checker import check
from scalargrad.checker.arithmetic import as_values
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.trial import Trial
from scalargrad.engine import ops
from scalargrad.errors import ClaimError, InexactError, UndefinedError

from .layers import N, all_of, changing, double, failing, one_of_each, trial_of


class TestGradients:
    def test_right_and_claimed(self) -> None:
        trial = trial_of(lambda X: X * X, gradients=lambda X, Y, G: 2 * X * G)
        assert trial.right["X"].tolist() == trial.claimed()["X"].tolist() == [18, 18]

    def test_a_node_that_stands_in_y_twice_has_both_seeds(self) -> None:
        trial = Trial(Exercise.of(lambda X: X[[0, 0, 1]], failing, N), {"N": 2}, one_of_each(1, 10, 100))
        assert trial.right["X"].tolist() == [11, 100]

    def test_plain_numbers_in_y_have_no_part_in_it(self) -> None:
        trial = trial_of(lambda X: [*X, 1])
        assert len(trial.outputs) == 2
        assert trial.right["X"].tolist() == [3, 3]

    def test_an_input_that_is_not_used_has_the_gradient_0(self) -> None:
        exercise = Exercise.of(lambda X, W: X * 2, lambda X, W, Y, G: (G, G), {"X": "N", "W": "N"})
        assert Trial(exercise, {"N": 1}, all_of(3)).right["W"].tolist() == [0]


class TestClaims:
    @pytest.mark.parametrize(
        ("gradients", "message"),
        [
            (failing, "`return G.nonsense`: AttributeError: "),
            (changing, "gradients changes its argument X in place: work on a copy"),
            (lambda X, Y, G: None, "gradients returns None for X"),
            (lambda X, Y, G: (G, G), "gradients returns 2 gradients for 1 inputs: return one for each of X"),
            (lambda X, Y, G: {"Z": G}, "gradients returns a dict with the keys ['Z']: the inputs are ['X']"),
            (lambda X, Y, G: {}, "gradients returns a dict with the keys []: the inputs are ['X']"),
            (lambda X, Y, G: np.full(len(X), float("nan")), "gradients returns nan for X[0], where"),
            (lambda X, Y, G: ([[1], [1, 2]],), "gradients returns no array for X: the rows have different lengths"),
            (lambda X, Y, G: [1, 2, 3], "claims the shape (3,) for X of shape (1,)"),
        ],
    )
    def test_claims_that_cannot_be_compared(self, gradients: Any, message: str) -> None:
        verdict = check(double, gradients, N)
        assert not verdict
        assert message in verdict.message

    def test_numbers_are_pythons_own(self) -> None:
        claimed = trial_of(double, gradients=lambda X, Y, G: np.ones(2)).claimed()["X"]
        assert [type(x) for x in claimed] == [float, float]
        claimed = trial_of(double).claimed(as_values)["X"]
        assert [type(x) for x in claimed] == [Fraction, Fraction]

    def test_a_single_number_is_no_array(self) -> None:
        exercise = Exercise.of(lambda x: x * x, lambda x, Y, G: 2 * x * G if isinstance(x, int) else None, {"x": ""})
        assert Trial(exercise, {}, all_of(3)).claimed()["x"] == 18


class TestForwardPasses:
    @pytest.mark.parametrize(
        ("forward", "message"),
        [
            (lambda X: X.astype(float), "forward leaves the graph at line"),
            (lambda X: X * float(X[0]), "forward leaves the graph at line"),
            (lambda X: X[0].relu() * float(X[0]), "forward leaves the graph at line"),  # floats have no relu
            (lambda X: X * int(X[0]), "forward leaves the graph at line"),
            (np.spacing, "forward leaves the graph at a line that is not known"),
            (
                lambda X: np.ones(2),
                "forward has no value at any numbers tried: forward returns plain numbers and no Values",
            ),
            (lambda X: X @ np.ones((7, 7, 7)), "forward fails at line"),
            (lambda X: X + "one", "forward fails at line"),
            (lambda X: X[1] * 2, "forward fails at line"),
            (lambda X: X / 0, "forward has no value at any numbers tried: line"),
            (lambda X: np.log(0 * X), "forward has no value at any numbers tried: line"),
            (lambda X: np.log(-X * X), "forward has no value at any numbers tried: line"),
            (lambda X: None, "forward returns None: it must return Y"),
        ],
    )
    def test_that_have_no_gradient(self, forward: Any, message: str) -> None:
        verdict = check(forward, lambda X, Y, G: G, N)
        assert verdict.outcome == "not judged"
        assert verdict.message.startswith(message)  # not `in`: the message quotes the line, which may be one above

    def test_an_error_that_speaks_of_a_value_leaves_no_graph(self) -> None:
        """What an error means is seen from its type, and from what happens on floats, never from its words."""

        def forward(X: Any) -> Any:
            raise TypeError("this Value has no callable log of anything")

        assert "forward fails at line" in check(forward, lambda X, Y, G: G, N).message

    def test_an_error_that_speaks_of_a_log_is_not_outside_a_domain(self) -> None:
        def forward(X: Any) -> Any:
            raise ValueError("log of the day")

        with pytest.raises(ClaimError, match=r"forward fails at line .* ValueError: log of the day"):
            trial_of(forward)

    @pytest.mark.parametrize(("forward", "number"), [(np.log, 0), (np.log, -1), (np.sqrt, -1), (lambda X: 1 / X, 0)])
    def test_outside_a_domain(self, forward: Any, number: int) -> None:
        with pytest.raises(UndefinedError, match=r"log of|sqrt of|division by zero"):
            trial_of(forward, Fraction(number))

    @pytest.mark.parametrize(
        ("forward", "number"),
        [(np.log, -2), (np.sqrt, -2), (lambda X: X**0.5, 0), (lambda X: X * np.inf, 1), (lambda X: X + np.nan, 1)],
    )
    def test_numbers_that_are_not_real(self, forward: Any, number: int) -> None:
        with pytest.raises(UndefinedError, match="leaves the real numbers"):
            trial_of(forward, mpmath.mpf(number))

    def test_a_partial_that_is_not_real(self) -> None:
        """0 · log y is 0 for a negative y too, but its derivative by the first factor is log y."""
        exercise = Exercise.of(lambda X: np.array([ops.XLOGY(*X)], object), failing, {"X": "2"})
        with pytest.raises(UndefinedError, match="xlogy leaves the real numbers"):
            Trial(exercise, {}, one_of_each(mpmath.mpf(0), mpmath.mpf(-1)))

    def test_what_a_fraction_cannot_hold(self) -> None:
        with pytest.raises(InexactError, match="is irrational"):
            trial_of(np.exp)

    def test_a_line_is_the_users_own(self) -> None:
        with pytest.raises(ClaimError, match=r"fails at line \d+, `return G.nonsense`: AttributeError"):
            trial_of(double, gradients=failing).claimed()


def of_two(row: ops.Op, a: int, b: int) -> Trial:
    """A row of the table at two numbers."""
    exercise = Exercise.of(lambda X: np.array([row(*X)], object), failing, {"X": "2"})
    return Trial(exercise, {}, one_of_each(Fraction(a), Fraction(b)))


class TestBends:
    """At a bend there is no derivative to compare with; next to it there is."""

    @pytest.mark.parametrize("row", [ops.RELU, ops.ABS, ops.STEP], ids=lambda row: row.symbol)
    def test_of_one_number(self, row: ops.Op) -> None:
        def forward(X: Any) -> Any:
            return np.array([row(x) for x in X], object)

        with pytest.raises(UndefinedError, match=f"{row.symbol} has no derivative where it bends"):
            trial_of(forward, Fraction(0))
        for near in (Fraction(1, 10**9), Fraction(-1, 10**9)):
            slope = row.partials(near, near)[0]
            assert trial_of(forward, near).right["X"].tolist() == [slope * near] * 2

    @pytest.mark.parametrize("row", [ops.MAX, ops.MIN, ops.GREATER], ids=lambda row: row.symbol)
    def test_of_two_numbers(self, row: ops.Op) -> None:
        with pytest.raises(UndefinedError, match=f"{row.symbol} has no derivative where it bends"):
            of_two(row, 3, 3)
        assert len(of_two(row, 3, 4).right["X"]) == 2
        assert len(of_two(row, 0, 3).right["X"]) == 2

    @pytest.mark.parametrize("forward", [np.exp, np.tanh, lambda X: X * X, lambda X: X - X])
    def test_smooth_functions_have_a_derivative_at_0(self, forward: Any) -> None:
        assert trial_of(forward, 0.0).right["X"].shape == (2,)

    def test_a_value_is_not_changed_by_the_claim(self) -> None:
        trial = trial_of(double, gradients=changing)
        with pytest.raises(ClaimError, match="changes its argument X in place"):
            trial.claimed()
        assert trial.inputs["X"].tolist() == [3, 3]
        assert all(isinstance(y, Value) for y in trial.Y)
