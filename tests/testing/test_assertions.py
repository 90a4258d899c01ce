"""The assertion about gradients, for other people's test suites."""

from __future__ import annotations

import numpy as np
import pytest

from scalargrad.testing import assert_gradients

S = {"X": "N D", "W": "D M"}


def test_right_gradients_pass() -> None:
    assert_gradients(lambda X, W: X @ W, lambda X, W, Y, G: (G @ W.T, X.T @ G), S)


def test_wrong_ones_fail_with_the_verdict() -> None:
    with pytest.raises(AssertionError, match=r"(?s)✗ ∂L/∂W\[0,0\]: -1 is claimed.*the sign is wrong.*W = \[\[0\]\]"):
        assert_gradients(lambda X, W: X @ W, lambda X, W, Y, G: (G @ W.T, -X.T @ G), S)


def test_the_tolerance_is_passed_on() -> None:
    assert_gradients(np.exp, lambda X, Y, G: G * np.exp(X), {"X": "N"}, tolerance="ulp:4")


def test_float_code_that_is_off_by_more_than_the_tolerance_fails() -> None:
    with pytest.raises(AssertionError, match="✗ ∂L/∂X"):
        assert_gradients(np.exp, lambda X, Y, G: G * np.exp(X) * 1.0001, {"X": "N"}, tolerance="ulp:4")
