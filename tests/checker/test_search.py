"""The search: small sizes, special matrices, both sides of comparisons, simple numbers, and a finite field."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check
from scalargrad.checker.arithmetic import Arithmetic
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.search import field_survey, survey, table
from scalargrad.errors import MissingExtraError

from .layers import B, N, S, affine, double, failing, product, product_gradients

EXACT = Arithmetic(exact=True)


class TestSurvey:
    def test_the_smallest_sizes(self) -> None:
        def gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
            return {"W": X.T @ G if X.shape[1] < 2 or len(X) < 3 else 0 * X.T @ G}

        found = survey(Exercise.of(product, gradients, S), EXACT)
        assert found.wrong["W"].sizes == {"N": 3, "D": 2, "M": 1}

    def test_a_wrong_shape_comes_before_a_wrong_number(self) -> None:
        exercise = Exercise.of(lambda X, W: X * 2 @ W, lambda X, W, Y, G: {"X": 2 * X.T @ G}, S)
        assert survey(exercise, EXACT).wrong["X"].sizes == {"N": 1, "D": 1, "M": 2}

    def test_right_claims_have_no_mismatch_and_all_shapes_are_counted(self) -> None:
        found = survey(Exercise.of(product, product_gradients, S), EXACT)
        assert (found.wrong, len(found.compared), found.skipped) == ({}, 27 + 1, {})

    def test_a_claim_that_is_wrong_in_all_is_tried_on_only_for_its_shapes(self) -> None:
        """At N = D = M = 1 each is wrong by its sign; the second has another shape elsewhere, and the third fails."""
        sign, shape, failure = (
            survey(Exercise.of(product, gradients, S), EXACT)
            for gradients in (
                lambda X, W, Y, G: {"W": -X.T @ G},
                lambda X, W, Y, G: {"W": -(X.T @ G).T},
                lambda X, W, Y, G: {"W": -X @ G},
            )
        )
        assert len(sign.compared) == 1
        assert shape.wrong["W"].sizes == {"N": 1, "D": 1, "M": 2}
        assert failure.failures["W"][1].sizes == {"N": 1, "D": 2, "M": 1}

    def test_every_input_is_judged(self) -> None:
        exercise = Exercise.of(affine, lambda X, W, b, Y, G: {"X": G @ W.T, "W": 2 * X.T @ G, "b": G[0]}, B)
        found = survey(exercise, EXACT)
        assert sorted(found.wrong) == ["W", "b"]
        assert list(found.claimed) == ["X", "W", "b"]

    @pytest.mark.parametrize("sign", [1, -1])
    def test_both_signs_are_drawn(self, sign: int) -> None:
        """Each is right for one sign of x: only numbers of the other sign tell."""
        verdict = check(np.abs, lambda X, Y, G: sign * G, {"X": "1"})
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.inputs["X"] == f"[{-sign}]"

    def test_sizes_without_a_point_are_named(self) -> None:
        verdict = check(lambda X: (X[1:] * X[:-1]).sum(), neighbours, N)
        assert verdict
        assert "at 2 of 3 shapes of sizes 1 to 3 (left out: N = 1: forward returns plain numbers" in verdict.evidence[0]


def neighbours(X: Any, Y: Any, G: Any) -> Any:
    """The sum of both neighbours, each times G."""
    padded = [0, *X, 0]
    return [(a + b) * G for a, b in zip(padded[:-2], padded[2:], strict=True)]


class TestSpecialNumbers:
    def test_only_special_numbers_tell(self) -> None:
        """At numbers that nothing special is true of the claim is right."""
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
        assert "/" in verdict.counterexample.inputs["X"]

    def test_a_number_that_is_compared_with_is_drawn(self) -> None:
        assert not check(double, lambda X, Y, G: 3 * G if Fraction(1, 4) in list(X) else 2 * G, {"X": "1"})

    def test_large_matrices_are_drawn_as_one_number_with_exceptions(self) -> None:
        verdict = check(double, lambda X, Y, G: 2 * G * (X < 3), {"X": "5 5"})
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.inputs["X"] == "5×5 of 3"

    def test_without_hypothesis_only_counterexamples_are_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "hypothesis", None)
        assert check(product, product_gradients, S)
        sentence = r"the checker needs Hypothesis: run pip install '\.\[check\]' in the checkout"
        with pytest.raises(MissingExtraError, match=sentence):
            check(double, lambda X, Y, G: G, N)


class TestField:
    def test_a_large_size_may_be_what_tells(self) -> None:
        verdict = check(lambda X: X * 3, lambda X, Y, G: 3 * G if len(X) < 4 else G, N)
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.sizes == {"N": 4}

    @pytest.mark.parametrize(
        ("forward", "gradients", "degree"),
        [
            (lambda X: X * X * X + X, lambda X, Y, G: 3 * X * X * G + G, 3),
            (lambda X: X**4 - 1, lambda X, Y, G: 4 * X**3 * G, 4),
            (lambda X: -X, lambda X, Y, G: -G, 1),
            (lambda X: X.sum() * X[0], lambda X, Y, G: G * np.array([X.sum() + X[0], *[X[0]] * (len(X) - 1)]), 2),
            (lambda X: 1 / X, lambda X, Y, G: -G / (X * X), 3),
            (lambda X: X**-1, lambda X, Y, G: -G * Y * Y, 3),
            (lambda X: X / 2, lambda X, Y, G: 0.5 * G, 1),
        ],
    )
    def test_quotients_of_polynomials_and_their_degrees(self, forward: Any, gradients: Any, degree: int) -> None:
        """For p/q and r/s it is that of p·s - r·q."""
        found = field_survey(Exercise.of(forward, gradients, N))
        assert found is not None
        assert (found.wrong, found.degree) == ({}, degree)
        assert f"≤ {degree}/2⁶¹" in check(forward, gradients, N).evidence[0]

    @pytest.mark.parametrize(
        ("forward", "gradients"),
        [
            (np.abs, lambda X, Y, G: G * np.sign(X)),
            (np.exp, lambda X, Y, G: G * Y),
            (lambda X: 0.1 * X, lambda X, Y, G: 0.1 * G),
            (double, lambda X, Y, G: 2 * G * (X == X)),
            (double, lambda X, Y, G: 2 * G if X[0] > 10**30 else G),
            (double, lambda X, Y, G: 2 * G.astype(float)),
            (double, lambda X, Y, G: 2 * np.sort(G)),
            (lambda X: X * (X > 10**25), lambda X, Y, G: 0 * G),
        ],
    )
    def test_it_is_for_straight_line_rational_code_only(self, forward: Any, gradients: Any) -> None:
        assert field_survey(Exercise.of(forward, gradients, N)) is None

    def test_points_where_the_claim_has_no_value_are_counted(self) -> None:
        verdict = check(np.prod, lambda X, Y, G: G * Y / X, N)
        assert verdict
        assert "2⁶¹" in verdict.evidence[0]
        assert verdict.evidence[1].startswith(
            "the claim has no value at 1 point where the layer has a derivative: a division by zero"
        )


def test_a_byte_is_a_number_of_some_group_the_simplest_first() -> None:
    one, two, many = [Fraction(1)], [Fraction(2)], [Fraction(n) for n in range(3, 103)]
    numbers = table(one, [], two, many)
    assert numbers[:103] == one + two + many + one
    assert len(numbers) == 256
    assert [numbers.count(x) for x in (*one, *two)] == [52 + 1, 51 + 1]


def test_a_claim_that_fails_is_wrong_if_it_fails_on_floats_too() -> None:
    assert check(double, failing, N).outcome == "wrong"
    runs_on_floats = check(double, lambda X, Y, G: 2 * G + 0 * np.spacing(X), N)
    assert runs_on_floats.outcome == "not judged"
    assert 'check it as float code, with tolerance="ulp:8"' in runs_on_floats.message
