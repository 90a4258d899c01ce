"""The kinds of numbers: which is chosen, what is drawn, and how near decimals must agree."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from scalargrad import Value
from scalargrad.checker import check
from scalargrad.checker.arithmetic import Arithmetic, arithmetic_for, many_digits
from scalargrad.checker.domains import Domain
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.field import Residue
from scalargrad.errors import ClaimError, MissingExtraError

from .layers import N, S, double, failing, product, product_gradients

EXACT, DECIMAL = Arithmetic(exact=True), Arithmetic(exact=False)
POSITIVE = Domain(Fraction(0))
NINE = {"X": "9"}
"""So many numbers that they don't happen to be all positive."""


class TestChoice:
    @pytest.mark.parametrize(
        ("forward", "gradients", "chosen"),
        [
            (double, lambda X, Y, G: 2 * G, EXACT),
            (np.exp, lambda X, Y, G: G * Y, DECIMAL),
            (lambda X: X / 3.0, lambda X, Y, G: G / 3, EXACT),
            (lambda X: X * 0.1, lambda X, Y, G: G / 10, replace(DECIMAL, digits=12)),
            (np.log, lambda X, Y, G: G / X, Arithmetic(False, {"X": POSITIVE})),
            (np.sqrt, lambda X, Y, G: G / (2 * Y), Arithmetic(False, {"X": POSITIVE})),
            (lambda X: np.array([x.relu() if x > 0 else x / 0 for x in X]), failing, Arithmetic(True, {"X": POSITIVE})),
        ],
    )
    def test_rational_if_the_layer_is_and_positive_if_it_must_be(
        self, forward: Any, gradients: Any, chosen: Any
    ) -> None:
        found = arithmetic_for(Exercise.of(forward, gradients, NINE))
        domains = {name: domain for name, domain in found.domains.items() if domain != Domain()}
        assert replace(found, domains=domains) == chosen

    @pytest.mark.parametrize(
        ("gradients", "chosen"),
        [
            (lambda X, Y, G: G * np.log(np.exp(X * 2 / X)), DECIMAL),  # functions that Fractions don't have
            (lambda X, Y, G: np.array([g * x.exp() for g, x in zip(G, X, strict=True)]), DECIMAL),
            (lambda X, Y, G: 2.0 * G, EXACT),  # no rounded constant
            (lambda X, Y, G: 0.1 * G, replace(DECIMAL, digits=12)),
            (lambda X, Y, G: G * np.log(X), EXACT),  # has no value at negative numbers of any kind
            (failing, EXACT),  # fails for any kind of number
            (lambda X, Y, G: G + "one", EXACT),
            (lambda X, Y, G: np.spacing(X), EXACT),
        ],
    )
    def test_the_claim_must_be_rational_too(self, gradients: Any, chosen: Arithmetic) -> None:
        exercise = Exercise.of(double, gradients, NINE)
        assert replace(arithmetic_for(exercise), domains={}) == chosen
        assert replace(arithmetic_for(exercise, claim=False), domains={}) == EXACT

    def test_an_error_that_speaks_of_no_callable_is_the_claims_own(self) -> None:
        def gradients(X: Any, Y: Any, G: Any) -> Any:
            raise TypeError("has no callable log method")

        assert replace(arithmetic_for(Exercise.of(double, gradients, N)), domains={}) == EXACT

    def test_no_kind_at_all(self) -> None:
        with pytest.raises(ClaimError, match=r"forward has no value at any numbers tried: line .*division by zero"):
            arithmetic_for(Exercise.of(lambda X: X / 0, failing, N))


def drawn(arithmetic: Arithmetic) -> list[Any]:
    """Many generic numbers, those of X and those of G."""
    trial = arithmetic.generic(Exercise.of(double, failing, N), random.Random(7), {"N": 200})
    return [*trial.inputs["X"], *trial.G]


class TestDrawing:
    @pytest.mark.parametrize("exact", [True, False])
    def test_both_signs_in_about_equal_numbers(self, exact: bool) -> None:
        numbers = drawn(Arithmetic(exact))
        assert 150 < sum(x > 0 for x in numbers) < 250
        assert all(x != 0 for x in numbers)

    @pytest.mark.parametrize("exact", [True, False])
    def test_positive_ones_only(self, exact: bool) -> None:
        numbers = drawn(Arithmetic(exact, {"X": POSITIVE}))
        assert min(numbers[:200]) > 0
        assert min(numbers[200:]) < 0  # G is anywhere

    def test_decimals_are_small(self) -> None:
        assert max(abs(x) for x in drawn(DECIMAL)) < 3.4 < max(abs(x) for x in drawn(EXACT))

    def test_hardly_any_number_twice(self) -> None:
        assert len(set(drawn(EXACT))) > 390

    @pytest.mark.parametrize("positive", [True, False])
    def test_what_the_claim_is_asked_at(self, positive: bool) -> None:
        """Among the numbers of a whole check: both signs, unless the layer allows one of them only; of G always."""
        seen: list[Any] = []
        upstream: list[Any] = []

        def gradients(X: Any, Y: Any, G: Any) -> Any:
            seen.extend(x for x in X if not isinstance(x, Residue))
            upstream.extend(g for g in G if not isinstance(g, Residue))
            return G / X if positive else abs(2 * G) * np.sign(G)  # it compares, so the field is no matter

        assert check(np.log if positive else double, gradients, {"X": "9"}, examples=20)
        assert any(x < 0 for x in seen) is not positive
        assert any(x > 0 for x in seen)
        assert any(g < 0 for g in upstream)


class TestNumbers:
    def test_fifty_digits(self) -> None:
        with many_digits():
            third = DECIMAL.make(Fraction(1, 3))
            assert mpmath.mp.dps == 50
        with mpmath.workdps(100):
            assert 1e-52 < abs(third - mpmath.mpf(1) / 3) < 1e-50

    def test_exact_ones_stay_as_they_are(self) -> None:
        assert EXACT.make(Fraction(1, 3)) == Fraction(1, 3)
        assert EXACT.same(Fraction(1, 3), Fraction(1, 3), 1)
        assert not EXACT.same(Fraction(1, 3) + Fraction(1, 10**60), Fraction(1, 3), 1)

    @pytest.mark.parametrize("scale", [0, 9])
    def test_decimals_agree_to_forty_digits_of_the_largest(self, scale: int) -> None:
        unit = Fraction(1 + scale, 10**40)
        with many_digits():
            right = DECIMAL.make(Fraction(2))
            for off, agree in ((Fraction(9, 10), True), (1 / Fraction(5), True), (Fraction(11, 10), False), (5, False)):
                assert DECIMAL.same(right + DECIMAL.make(off * unit), right, scale) is agree
                assert DECIMAL.same(right - DECIMAL.make(off * unit), right, scale) is agree

    def test_a_claim_that_is_off_in_the_fortieth_digit(self) -> None:
        def off_by(error: Fraction) -> Any:
            return lambda X, Y, G: G * Y + DECIMAL.make(error)

        assert check(np.exp, off_by(Fraction(9, 10**41)), {"X": "1"})
        assert not check(np.exp, off_by(Fraction(3, 10**39)), {"X": "1"})

    def test_evidence(self) -> None:
        assert EXACT.evidence == "exact rational numbers"
        assert DECIMAL.evidence == "numbers of 50 digits that agree to 40: strong evidence, and no proof"

    def test_arrays_of_values_carry_other_numbers_than_rational_ones(self) -> None:
        one = np.array([1], dtype=object)
        assert isinstance(DECIMAL.carrier(one)[0], Value)
        assert isinstance(EXACT.carrier(one)[0], int)
        assert isinstance(DECIMAL.carrier(np.array(1, dtype=object)), Value)
        assert EXACT.carrier(np.array(1, dtype=object)) == 1

    def test_without_mpmath_rational_layers_still_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "mpmath", None)
        assert check(product, product_gradients, S)
        assert not check(double, failing, N)
        with pytest.raises(MissingExtraError, match=r"mpmath's numbers: run pip install '\.\[check\]' in the checkout"):
            check(np.exp, lambda X, Y, G: G * Y, {"X": "N"})
