"""Textbook formulas: no right one is called wrong, no wrong one passes, and none takes long."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check

from . import textbook
from .formulas import RIGHT, WITH_NUMPY, WITH_SCIPY, WRONG

CASES = [
    *(pytest.param(*case, "right", id=f"{name}, right") for name, case in RIGHT.items()),
    *(pytest.param(*case, "wrong", id=f"{name}, wrong") for name, case in WRONG.items()),
    *(pytest.param(*case, "right", id=f"textbook: {name}, right") for name, case in textbook.RIGHT.items()),
    *(pytest.param(*case, "wrong", id=f"textbook: {name}, wrong") for name, case in textbook.WRONG.items()),
    *(
        pytest.param(*case, ("wrong", "right")[right], id=f"{library}: {name}")
        for library, formulas in (("np", WITH_NUMPY), ("scipy", WITH_SCIPY))
        for name, (*case, right) in formulas.items()
    ),
]


@pytest.mark.parametrize(("forward", "gradients", "shapes", "outcome"), CASES)
def test_each_is_judged_rightly(forward: Any, gradients: Any, shapes: Any, outcome: str) -> None:
    verdict = check(forward, gradients, shapes, examples=10)
    assert verdict.outcome == outcome, verdict
    assert verdict.evidence


def test_a_constant_that_is_wrong_in_the_sixth_digit_is_named() -> None:
    verdict = check(*WRONG["gelu const 6th digit"])
    assert "a constant is wrong, or has too few digits" in verdict.message
    assert "0.044716" in verdict.message


def test_rounding_is_stated_with_its_bound() -> None:
    verdict = check(*RIGHT["scale two ways"])
    assert any(line.startswith("equal up to the rounding of float constants") for line in verdict.evidence), verdict


def test_both_sides_of_a_narrow_band_are_met() -> None:
    verdict = check(*RIGHT["smooth l1 narrow"])
    assert any(" comparisons were met, in " in line for line in verdict.evidence), verdict
    assert not any("never met" in line for line in verdict.evidence), verdict


def test_a_side_that_is_never_met_is_named() -> None:
    def forward(X: Any) -> Any:
        return X * 2 if (X * X).sum() > -1 else X

    verdict = check(forward, lambda X, Y, G: 2 * G, {"X": "N"})
    assert verdict
    assert verdict.message.startswith("right, on the sides of its comparisons that were met: ")
    assert any(line.startswith("never met, so not checked: `return X * 2 if") for line in verdict.evidence), verdict
    assert not any("2⁶¹" in line for line in verdict.evidence)


def test_digits_that_cancel_are_no_mistake() -> None:
    """Near 0, where the comparison has numbers drawn, (1 - cos x)/x² loses most of fifty digits."""

    def forward(X: Any) -> Any:
        return np.where(X * X < -1, X, (1 - np.cos(X)) / X**2)

    def gradients(X: Any, Y: Any, G: Any) -> Any:
        return G * np.where(X * X < -1, 1, np.sin(X) / X**2 - 4 * np.sin(X / 2) ** 2 / X**3)

    assert check(forward, gradients, {"X": "N"}).outcome == "right"
    assert check(forward, lambda X, Y, G: gradients(X, Y, G) * (1 + G / 10**9), {"X": "N"}).outcome == "wrong"
