"""Float code: what a tolerance allows, and how errors are measured."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.search import survey
from scalargrad.checker.tolerance import FloatArithmetic, allowed_error, relative_error
from scalargrad.errors import ArgumentError

from .layers import B, N, S, affine, failing, product

EPS = 2.0**-52


class TestAllowed:
    @pytest.mark.parametrize(
        ("tolerance", "dtype", "allowed"),
        [
            ("ulp:8", np.float64, 8 * EPS),
            ("ulp:0.5", np.float64, EPS / 2),
            ("ulp:8", np.float32, 2.0**-20),
            (1e-6, np.float32, 1e-6),
            ("1e-6", np.float64, 1e-6),
        ],
    )
    def test_in_ulps_of_the_dtype_or_relative(self, tolerance: Any, dtype: Any, allowed: float) -> None:
        assert allowed_error(tolerance, dtype) == allowed

    @pytest.mark.parametrize("tolerance", ["ulp:", "ulp:-1", "few", 0, -1.0, float("nan")])
    def test_tolerances_that_are_none(self, tolerance: Any) -> None:
        with pytest.raises(ArgumentError, match='write "ulp:8", or a relative error such as 1e-6'):
            check(lambda X: X * X, failing, N, tolerance=tolerance)

    def test_other_dtypes(self) -> None:
        with pytest.raises(ArgumentError, match="the dtype is int64: choose float64 or float32"):
            check(lambda X: X * X, failing, N, tolerance="ulp:1", dtype=np.int64)


class TestMeasured:
    def test_relative_to_the_largest_entry(self) -> None:
        assert relative_error(1.5, Fraction(1), Fraction(4)) == 0.125
        assert relative_error(0.5, Fraction(0), Fraction(0)) == 0.5
        assert relative_error(np.float32(-1.5), Fraction(1), Fraction(1)) == 2.5
        assert relative_error(float("inf"), Fraction(1), Fraction(1)) == float("inf")
        assert relative_error(float("nan"), Fraction(1), Fraction(1)) == float("inf")

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    @pytest.mark.parametrize("ulps", [2, 5, 40])
    def test_in_ulps(self, ulps: int, dtype: Any) -> None:
        """A claim that is off by so many ulps passes with a few more, and fails with a few less."""
        eps = dtype(np.finfo(dtype).eps)

        def gradients(X: Any, Y: Any, G: Any) -> Any:
            return G * (1 + ulps * eps)

        def verdict(allowed: float) -> Any:
            return check(lambda X: X * 1, gradients, {"X": "1"}, tolerance=f"ulp:{allowed}", dtype=dtype)

        assert verdict(1.2 * ulps + 1)
        wrong = verdict(0.8 * ulps - 1)
        assert not wrong
        assert wrong.message.endswith(f"ulp, and {0.8 * ulps - 1:.3g} are allowed")
        assert float(wrong.message.split("off by ")[1].split()[0]) == pytest.approx(ulps, abs=1)
        assert wrong.diagnosis is None
        assert wrong.counterexample is not None

    @pytest.mark.parametrize("allowed", [1e-6, 1e-3])
    def test_relative(self, allowed: float) -> None:
        for off, right in ((0.9, True), (1.1, False), (-0.9, True), (-1.1, False)):
            claim = lambda X, Y, G, off=off: G * (1 + off * allowed)  # noqa: E731
            assert bool(check(lambda X: X * 1, claim, {"X": "1"}, tolerance=allowed)) is right

    def test_small_entries_are_measured_by_the_largest(self) -> None:
        """The first entry of the gradient is a thousandth of the second."""

        def gradients(X: Any, Y: Any, G: Any) -> Any:
            return np.array([Y.dtype.type(1e-3 + 1e-8), 1.0]) * G

        verdict = check(
            lambda X: X.sum() + 0 * X[0] - X[0] * Fraction(999, 1000), gradients, {"X": "2"}, tolerance=2e-8
        )
        assert verdict
        assert not check(lambda X: X.sum() - X[0] * Fraction(999, 1000), gradients, {"X": "2"}, tolerance=5e-9)

    def test_the_worst_is_reported(self) -> None:
        exercise = Exercise.of(lambda X: X * 1, lambda X, Y, G: G * (1 + 1e-9), N)
        found = survey(exercise, FloatArithmetic(exact=True, allowed=1e-6))
        assert found.off.error == pytest.approx(1e-9, rel=1e-5)
        verdict = check(lambda X: X * 1, lambda X, Y, G: G * (1 + 64 * EPS), N, tolerance="ulp:100")
        assert verdict.evidence[0].endswith("at the same floats, at all 3 shapes of sizes 1 to 3, 12 points")
        assert verdict.evidence[1].startswith("off by at most 6")
        assert verdict.evidence[1].endswith("100 are allowed")

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_the_claim_is_asked_at_floats_of_both_signs(self, dtype: Any) -> None:
        seen: list[float] = []

        def gradients(X: Any, Y: Any, G: Any) -> Any:
            assert X.dtype == Y.dtype == G.dtype == dtype
            seen.extend([*X, *G])
            return 2 * G

        assert check(lambda X: X * 2, gradients, {"X": "30"}, tolerance="ulp:1", dtype=dtype)
        assert 120 < sum(x > 0 for x in seen) < 240
        assert len(set(seen)) > 340

    def test_and_at_positive_ones_where_the_layer_needs_them(self) -> None:
        seen: list[float] = []

        def gradients(X: Any, Y: Any, G: Any) -> Any:
            seen.extend(x for x in X if isinstance(x, float))
            return G / X

        assert check(np.log, gradients, {"X": "30"}, tolerance="ulp:1")
        assert min(seen) > 0.01


class TestAsInExactNumbers:
    """What is found of exact code is found of float code: branches, a row for each input, the mistake."""

    def test_both_sides_of_a_branch(self) -> None:
        def gradients(slope: int) -> Any:
            return lambda X, Y, G: G * np.where(X > 20, slope, 1 / (1 + np.exp(-X)))

        layer = lambda X: np.where(X > 20, X, np.log1p(np.exp(X)))  # noqa: E731
        right = check(layer, gradients(1), N, tolerance="ulp:8")
        assert right
        assert any(line.startswith("both sides of 2 comparisons were met") for line in right.evidence), right
        wrong = check(layer, gradients(0), N, tolerance="ulp:8")
        assert wrong.message.startswith("∂L/∂X[0]: 0 is claimed, and 1.0 is right")

    def test_a_row_for_each_input_and_diagnoses(self) -> None:
        def gradients(X: Any, W: Any, b: Any, Y: Any, G: Any) -> Any:
            return G @ W, X.T @ G, G.sum(axis=0) / 2

        verdict = check(affine, gradients, B, tolerance="ulp:8", dtype=np.float32)
        assert [row.outcome for row in verdict.findings] == ["wrong", "right", "wrong"]
        assert verdict.findings[0].diagnosis == "∂L/∂X: W must be transposed: G · Wᵀ is right, and G · W was claimed"
        assert verdict.findings[2].diagnosis == "∂L/∂b: a factor 2 is missing"

    def test_a_tiny_temperature_is_no_reason_to_refuse(self) -> None:
        def softmax(X: Any) -> Any:
            E = np.exp((X - X.max(axis=1, keepdims=True)) / 1e-3)
            return E / E.sum(axis=1, keepdims=True)

        verdict = check(
            softmax, lambda X, Y, G: 1e3 * Y * (G - (G * Y).sum(axis=1, keepdims=True)), {"X": "N D"}, tolerance="ulp:8"
        )
        assert verdict, verdict


class TestVerdicts:
    """For float code the graph runs exactly on the very floats that the claim is called with."""

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_right_float_code(self, dtype: Any) -> None:
        def gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
            assert X.dtype == W.dtype == Y.dtype == G.dtype == dtype
            return G @ W.T, X.T @ G

        verdict = check(product, gradients, S, tolerance="ulp:8", dtype=dtype)
        assert verdict, verdict
        assert verdict.evidence[0].startswith(f"{np.dtype(dtype)} results beside exact rational numbers at the same")
        assert check(np.tanh, lambda X, Y, G: G * (1 - np.tanh(X) ** 2), N, tolerance=1e-14)

    def test_subtly_wrong_float_code(self) -> None:
        verdict = check(np.tanh, lambda X, Y, G: G * (1 - Y**2) * (1 + 1e-9), N, tolerance="ulp:8")
        assert not verdict
        assert "ulp, and 8 are allowed" in verdict.message
        assert check(np.tanh, lambda X, Y, G: G * (1 - Y**2) * (1 + 1e-9), N, tolerance=1e-8)

    @pytest.mark.parametrize(
        ("gradients", "message"),
        [
            (lambda X, Y, G: G * np.inf, "off by inf ulp"),
            (lambda X, Y, G: G[:-1], "claims the shape (0,) for X of shape (1,)"),
            (failing, "AttributeError"),
        ],
    )
    def test_other_verdicts(self, gradients: Any, message: str) -> None:
        assert message in check(lambda X: X * 2, gradients, N, tolerance="ulp:1").message

    def test_a_forward_pass_that_fails(self) -> None:
        verdict = check(lambda X: X.astype(float), failing, N, tolerance="ulp:1")
        assert verdict.outcome == "not judged"
        message = verdict.message
        assert message.startswith("forward leaves the graph at line ")

    def test_a_zero_gradient(self) -> None:
        assert check(lambda X: X * 0, lambda X, Y, G: 0 * G, N, tolerance="ulp:1")

    def test_what_is_claimed_and_what_is_not(self) -> None:
        verdict = check(product, lambda X, W, Y, G: {"W": X.T @ G}, S, tolerance="ulp:8")
        assert verdict.message == "right within the tolerance: ∂L/∂W (nothing is claimed for X)"
