"""A row of the table that a user adds is judged as a built-in one: the same verdict, evidence and diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from scalargrad import Op
from scalargrad.checker import Verdict, check
from scalargrad.engine import ops
from scalargrad.engine.node import number

from .layers import N

CONSTANT = (ops.STEP, ops.SIGN, ops.FLOOR, ops.CEIL, ops.RINT, ops.GREATER, ops.LESS, ops.LESS_EQUAL, ops.EQUAL,
            ops.BOTH_ZERO)  # fmt: skip
"""Piecewise constant: their derivatives are 0, and -0."""

ROWS = [ops.TABLE[symbol] for symbol in sorted(ops.BUILT_IN)]


@pytest.fixture
def own() -> Iterator[Callable[..., Op]]:
    """Makes rows of the table, which are taken out again."""
    before = dict(ops.TABLE)
    yield Op
    ops.TABLE.clear()
    ops.TABLE.update(before)


def verdict(row: Op, claim: Callable[..., Any]) -> Verdict:
    """On a layer that is this one operation, entry by entry; `claim(slope, *inputs)` is claimed for its partials."""
    count = row.arity or 3

    def forward(*inputs: Any) -> Any:
        return np.array([row(*entries) for entries in zip(*inputs, strict=True)], dtype=object)

    def gradients(*arguments: Any) -> Any:
        *inputs, Y, G = ([number(x) for x in matrix] for matrix in arguments)
        slopes = [row.partials(y, *entries) for y, *entries in zip(Y, *inputs, strict=True)]
        return tuple(
            np.array([g * claim(row, s, y, k, *x) for g, s, y, *x in zip(G, slopes, Y, *inputs, strict=True)], object)
            for k in range(count)
        )

    return check(forward, gradients, dict.fromkeys("ABC"[:count], "N"), examples=8)


def found(verdict: Verdict) -> str:
    """All but the evidence, which names the lines at which a row of the user's own compares numbers."""
    parts = verdict.outcome, verdict.message, verdict.input, verdict.counterexample, verdict.diagnosis, verdict.findings
    return str(parts)


def right(row: Op, slopes: Any, y: Any, k: int, *x: Any) -> Any:
    return slopes[k]


def one_too_many(row: Op, slopes: Any, y: Any, k: int, *x: Any) -> Any:
    return slopes[k] + 1


def wrong_sign(row: Op, slopes: Any, y: Any, k: int, *x: Any) -> Any:
    return -slopes[k]


def of_the_activation(row: Op, slopes: Any, y: Any, k: int, *x: Any) -> Any:
    return row.partials(row(y), y)[0] if len(x) == 1 else slopes[k] * 2


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
@pytest.mark.parametrize(
    "claim", [right, one_too_many, wrong_sign, of_the_activation], ids=lambda claim: claim.__name__
)
def test_a_copy_of_a_row_gets_what_the_row_gets(row: Op, claim: Any, own: Callable[..., Op]) -> None:
    symbol = f"copy of {row.symbol}"
    notation = [text.replace(row.symbol, symbol) for text in row.notation]  # which a diagnosis is written in
    copy = own(symbol, row.apply, row.partials, tuple(notation))
    ours, theirs = verdict(row, claim), verdict(copy, claim)
    assert found(theirs).replace(copy.symbol, row.symbol) == found(ours)
    always_right = claim is right or (claim is wrong_sign and row in CONSTANT)
    if always_right or claim in (right, one_too_many):
        assert bool(ours) is always_right, ours


@pytest.mark.parametrize("claim", [right, one_too_many, wrong_sign], ids=lambda claim: claim.__name__)
def test_an_own_relu(claim: Any, own: Callable[..., Op]) -> None:
    mine = own("myrelu", ops.RELU.apply, lambda out, x: (ops.STEP.apply(x),))
    assert found(verdict(mine, claim)) == found(verdict(ops.RELU, claim))


@pytest.mark.parametrize("factor", [3, 2])
def test_an_own_cube_is_the_polynomial_that_it_is(factor: int, own: Callable[..., Op]) -> None:
    cube = own("cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))

    def gradients(X: Any, Y: Any, G: Any) -> Any:
        return factor * X * X * G

    mine = check(lambda X: np.array([cube(x) for x in X]), gradients, N)
    ours = check(lambda X: X * X * X, gradients, N)
    assert (bool(mine), mine.evidence, mine.message) == (bool(ours), ours.evidence, ours.message)
    assert bool(mine) is (factor == 3)
    if mine:
        assert mine.evidence[0].startswith("random points of the field of 2⁶¹ - 1 elements, at all 3 shapes")
        assert "≤ 3/2⁶¹" in mine.evidence[0]


def test_an_opaque_row_is_judged_by_its_numbers(own: Callable[..., Op]) -> None:
    """What it is made of is not known, so neither is a degree; the claim is compared all the same."""

    def twice(x: Any) -> Any:
        if not isinstance(x, (int, __import__("fractions").Fraction)):
            raise TypeError("numbers only")
        return 2 * x

    row = own("opaque", twice, lambda out, x: (2,))
    assert verdict(row, right).evidence == ("exact rational numbers, at all 3 shapes of sizes 1 to 3, 8 points",)
    assert not verdict(row, one_too_many)
