"""The search: small sizes, simple numbers, and large random integers for polynomials."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check
from scalargrad.checker.arithmetic import Arithmetic
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.search import failing_generic_trial, failing_trial, gradient_degree, integer_trial
from scalargrad.errors import MissingExtraError

from .layers import B, N, S, affine, double, failing, product, product_gradients, trial_of

EXACT = Arithmetic(exact=True)


class TestFailingTrial:
    def test_the_smallest_sizes(self) -> None:
        def gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
            return {"W": X.T @ G if X.shape[1] < 2 or len(X) < 3 else 0 * X.T @ G}

        found = failing_generic_trial(Exercise.of(product, gradients, S), EXACT)
        assert found is not None
        assert found.sizes == {"N": 3, "D": 2, "M": 1}

    def test_a_wrong_shape_comes_before_a_wrong_number(self) -> None:
        found = failing_generic_trial(
            Exercise.of(lambda X, W: X * 2 @ W, lambda X, W, Y, G: {"X": 2 * X.T @ G}, S), EXACT
        )
        assert found is not None
        assert found.sizes == {"N": 1, "D": 1, "M": 2}

    def test_right_claims_have_none(self) -> None:
        assert failing_trial(Exercise.of(product, product_gradients, S), EXACT, examples=5) is None

    def test_both_signs_are_drawn(self) -> None:
        """Each is right for one sign of x: only numbers of the other sign tell."""
        for sign in (1, -1):
            exercise = Exercise.of(np.abs, lambda X, Y, G, sign=sign: sign * G, {"X": "1"})
            found = failing_trial(exercise, EXACT, examples=60)
            assert found is not None
            assert found.inputs["X"][0] == -sign

    def test_positive_numbers_only_where_the_layer_needs_them(self) -> None:
        """The claim is wrong where x or g is negative, and a positive arithmetic never sees that."""
        exercise = Exercise.of(double, lambda X, Y, G: abs(2 * G) * abs(X) / X, {"X": "1"})
        assert failing_trial(exercise, Arithmetic(exact=True, positive=True), examples=60) is None
        assert failing_trial(exercise, Arithmetic(exact=True), examples=60) is not None

    def test_only_special_numbers_tell(self) -> None:
        """At numbers that nothing special is true of the claim is right: Hypothesis finds the 0."""
        verdict = check(lambda X: X * 3, lambda X, Y, G: np.where(X == 0, 0 * G, 3 * G), N)
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.inputs == {"X": "[0]"}

    @pytest.mark.parametrize("shapes", [N, {"X": "2"}, {"X": "20"}], ids=str)
    def test_only_numbers_out_of_the_ordinary_tell(self, shapes: dict[str, str]) -> None:
        """A denominator that Hypothesis does not draw: the generic trial itself is the counterexample."""

        def gradients(X: Any, Y: Any, G: Any) -> Any:
            return G * 2 if all(x.denominator < 5 for x in X) else G * 3

        verdict = check(double, gradients, shapes)
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.diagnosis is None
        assert "/" in verdict.counterexample.inputs["X"]

    def test_the_smallest_denominators_are_drawn(self) -> None:
        verdict = check(double, lambda X, Y, G: 3 * G if Fraction(1, 4) in list(X) else 2 * G, {"X": "1"}, examples=200)
        assert not verdict

    def test_large_matrices_are_drawn_as_one_number_with_exceptions(self) -> None:
        verdict = check(double, lambda X, Y, G: 2 * G * (X < 3), {"X": "5 5"})
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.inputs["X"].count("0") >= 24

    def test_without_hypothesis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "hypothesis", None)
        sentence = r"the checker needs Hypothesis: run pip install '\.\[check\]' in the checkout"
        with pytest.raises(MissingExtraError, match=sentence):
            check(product, product_gradients, S)
        with pytest.raises(ModuleNotFoundError, match="the checker needs Hypothesis"):
            check(product, product_gradients, S)


class TestIntegers:
    def test_a_large_size_may_be_what_tells(self) -> None:
        verdict = check(lambda X: X * 3, lambda X, Y, G: 3 * G if len(X) < 4 else G, N)
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.sizes == {"N": 4}

    def test_shapes_numbers_and_degree(self) -> None:
        trial = integer_trial(Exercise.of(affine, lambda X, W, b, Y, G: None, B), EXACT)
        assert trial is not None
        assert (trial.sizes, gradient_degree(trial)) == ({"N": 4, "D": 5, "M": 6}, 2)
        numbers = [x for matrix in (*trial.inputs.values(), trial.G) for x in matrix.flat]
        assert all(x.denominator == 1 and -(2**63) <= x < 2**63 for x in numbers)
        assert min(numbers) < -(2**61)
        assert max(numbers) > 2**61

    def test_not_for_decimals_and_not_for_quotients(self) -> None:
        assert integer_trial(Exercise.of(double, failing, N), Arithmetic(exact=False)) is None
        assert integer_trial(Exercise.of(lambda X: 1 / X, failing, N), EXACT) is None

    @pytest.mark.parametrize(
        ("forward", "degree"),
        [
            (lambda X: X * X * X + X, 3),
            (lambda X: X**4 - 1, 4),
            (lambda X: -X, 1),
            (lambda X: X * 0 + 7, 1),
            (lambda X: X.sum() * X[0], 2),
            (lambda X: X**0, 0),
            (lambda X: 1 / X, None),
            (lambda X: X**-1, None),
            (lambda X: X / 2, None),
            (np.abs, None),
        ],
    )
    def test_the_degree_is_that_of_the_polynomial(self, forward: Callable[..., Any], degree: int | None) -> None:
        assert gradient_degree(trial_of(forward)) == degree

    def test_polynomials_are_tried_at_a_larger_shape_with_a_stated_probability(self) -> None:
        verdict = check(product, product_gradients, S)
        assert "random 64-bit integers at N = 4, D = 5, M = 6" in verdict.evidence[1]
        assert "probability ≤ 2/2⁶⁴" in verdict.evidence[1]
