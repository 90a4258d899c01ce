"""The checker's own numbers one by one: observed ones, residues, and what stands for an operation that failed."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import mpmath
import numpy as np
import pytest

from scalargrad import Value
from scalargrad.checker import check
from scalargrad.checker.field import PRIME, Residue
from scalargrad.checker.lenient import Failed, lenient
from scalargrad.checker.observed import ObservedDecimal, ObservedFraction, ball, observed_decimal, observed_row
from scalargrad.engine import ops
from scalargrad.errors import DomainError, InexactError

F, D = cast(Any, ObservedFraction), cast(Any, ObservedDecimal)
FEW = np.array([F(1), F(2)], object)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (lambda: hash(F(1) < 2), hash(True)),
        (lambda: ~(F(1) < 2), False),
        (lambda: ~(F(1) > 2), True),
        (lambda: (F(1) < 2) + (F(1) < 3), 2),
        (lambda: (F(1) < 2) * 0.5 - (F(3) < 2) * 0.5, 0.5),
        (lambda: F(3).conjugate() + +F(4), 7),
        (lambda: hash(F(1) / 3), hash(Fraction(1, 3))),
        (lambda: (D(3).real + D(4).imag, hash(D(3))), (3, hash(3))),
        (lambda: ball(Fraction(1, 4), mpmath.mpf(0)), (0.25, 0)),
        (lambda: D(1) + Fraction(1, 4), 1.25),
        (lambda: F(1) / 2 + D(1), 1.5),
        (lambda: D(1) - F(1) / 2, 0.5),
        (lambda: observed_row(ops.MAX)(F(2), Value(3)).data, 3),
        (lambda: observed_row(ops.MAX)(Value(5), F(2)).data, 5),
        (lambda: Residue(3).unit() * 5, 5),
        (lambda: (+Residue(3)).conjugate(), 3),
        (lambda: -Residue(3), PRIME - 3),
        (lambda: 1 - Residue(3), PRIME - 2),
        (lambda: Residue(3) - 1, 2),
        (lambda: 1 / Residue(2) * 2, 1),
        (lambda: Residue(2) ** -2 * 4, 1),
        (lambda: Residue(4) * 0.25, 1),
        (lambda: repr(Residue(7, 2)), "7"),
    ],
)
def test_numbers_that_are_watched_are_the_numbers(found: Callable[[], Any], right: Any) -> None:
    value = found()
    if isinstance(value, Residue):
        value = value.number
    assert value == right


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, operator.eq])
def test_a_residue_leaves_what_it_does_not_know_to_the_other(operation: Any) -> None:
    node, other = Value(Residue(3)), Residue(5)
    if operation is operator.eq:
        assert other.__eq__("5") is NotImplemented
        assert other.__ne__("5") is NotImplemented
        assert (other != 6).truth
    else:
        assert operation(other, node).data.number == operation(other, Residue(3)).number
        with pytest.raises(TypeError, match="unsupported operand"):
            operation(other, None)


@pytest.mark.parametrize(
    ("refused", "error", "said"),
    [
        (lambda: D(1) + 1j, DomainError, "a complex number leaves the real numbers"),
        (lambda: D(1) / observed_decimal(mpmath.mpf(1), 1), DomainError, "a division by a number that may be zero"),
        (lambda: Residue(4) ** 0.5, InexactError, "a root is no rational function"),
        (lambda: Residue(4) ** Value(2), InexactError, "a finite field has no order"),
        (lambda: Residue(4) < 5, InexactError, "a finite field has no order"),
        (lambda: Residue(4).exp(), InexactError, "a finite field has no order"),
        (lambda: bool(Residue(4) == 4), InexactError, "a comparison is no rational function"),
        (lambda: bool(Failed(DomainError("so"))), DomainError, "so"),
    ],
)
def test_what_a_number_can_not_say(refused: Callable[[], Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        refused()


FAILED: Any = Failed(ValueError("shapes"))


@pytest.mark.parametrize(
    "found",
    [
        lambda: 1 + FAILED,
        lambda: FAILED @ FEW,
        lambda: -FAILED.sum(axis=0)[1],
        lambda: np.exp(FAILED),
        lambda: np.sum(FAILED),
        lambda: np.concatenate([FAILED, FAILED]),
        lambda: lenient(FEW) * FAILED,
    ],
)
def test_what_failed_stands_for_all_that_is_made_of_it(found: Callable[[], Any]) -> None:
    assert found() is FAILED


def test_arrays_go_on_after_what_fails() -> None:
    X = lenient(FEW.copy())
    assert repr(FAILED) == "failed: shapes"
    assert not hasattr(FAILED, "__array_interface__")
    for failed, said in ((X + np.ones(3), "broadcast"), (np.concatenate([X, np.ones((2, 2))]), "dimension")):
        assert isinstance(failed, Failed)
        assert said in repr(failed)
    X += 1
    assert np.concatenate([X, X]).tolist() == [2, 3, 2, 3]


def test_a_comparison_times_a_float_is_a_mask_as_in_python() -> None:
    verdict = check(
        lambda x: x * x if x > 0 else 0.5 * x,
        lambda x, Y, G: G * ((x > 0) * 2 * x + (x <= 0) * 0.5),
        {"x": ""},
    )
    assert verdict.correct, str(verdict)
