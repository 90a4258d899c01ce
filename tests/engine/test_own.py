"""A row that you add is as good as ours: what is not said of it is found out."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from scalargrad import Op, Value, grad, ops
from scalargrad.engine.own import bends, degree, expansion
from scalargrad.errors import OpaqueOperationError

ROWS = [op for op in ops.TABLE.values() if op.built_in]

COPIES = {op.symbol: Op(f"copy of {op.symbol}", op.apply, op.partials) for op in ROWS}
"""Each built-in row under another symbol, with nothing said of it but what it computes."""

POINT = (Fraction(4), Fraction(9), Fraction(1))


def at(op: Op, kind: Any, start: int = 0) -> list[Value]:
    """Inputs of an operation."""
    count = op.arity or 3
    return [Value(kind(x)) for x in (POINT * 2)[start : start + count]]


@pytest.mark.parametrize("symbol", COPIES)
@pytest.mark.parametrize("start", [0, 1])
def test_a_copy_has_the_same_derivatives(symbol: str, start: int) -> None:
    found = []
    for op in (ops.TABLE[symbol], COPIES[symbol]):
        inputs = at(op, float, start)
        first = grad(op(*inputs), inputs, create_graph=True)
        seconds = [grad(x, inputs) for x in first if x.inputs]
        found.append((op(*inputs).data, [x.data for x in first], seconds))
    assert repr(found[0]) == repr(found[1])  # where nan is nan


@pytest.mark.parametrize("symbol", COPIES)
def test_a_copy_has_the_same_arity_degree_and_bends(symbol: str) -> None:
    row, copy = ops.TABLE[symbol], COPIES[symbol]
    assert copy.arity == row.arity
    assert (copy.built_in, copy.opcode) == (False, None)
    count = row.arity or 3
    for degrees in ([1] * count, [2, 0, 3][:count]):
        nodes = [op(*at(op, float)) for op in (row, copy)]
        assert degree(nodes[0], degrees) == degree(nodes[1], degrees)
    for numbers in ([0.0] * count, [1.0] * count, [1.0, 2.0, 3.0][:count]):
        nodes = [op(*map(Value, numbers)) for op in (row, copy)]
        assert bends(nodes[0]) == bends(nodes[1])


def test_what_bends_does_so_at_the_right_places() -> None:
    x, zero = Value(2.0), Value(0.0)
    bent = [zero.relu(), abs(zero), zero.step(), x.max(2.0), x.min(2.0), x.greater(2.0)]
    smooth = [x.relu(), abs(x), x.step(), x.max(3.0), x.min(3.0), x.greater(3.0), x * x, zero, zero.tanh()]
    assert all(map(bends, bent))
    assert not any(map(bends, smooth))


def test_a_composite_knows_its_degree_and_where_it_bends() -> None:
    hinge = Op("hinge", lambda x, y: ops.relu(1 - x * y), lambda out, x, y: (-y * ops.step(out), -x * ops.step(out)))
    assert bends(hinge(Value(1), Value(1)))
    assert not bends(hinge(Value(1), Value(3)))
    assert degree(hinge(Value(1), Value(1)), [1, 1]) is None
    cubic = Op("cubic", lambda x, y: x**3 - 2 * x * y + 1, lambda out, x, y: (3 * x**2 - 2 * y, -2 * x))
    assert degree(cubic(Value(1), Value(1)), [1, 1]) == 3
    assert degree(cubic(Value(1), Value(1)), [0, 4]) == 4


def test_a_row_may_say_it_all_by_itself() -> None:
    said = Op(
        "said", lambda x: x * x, lambda out, x: (2 * x,), ("«", "", "»"), degree=lambda d: 7, bends=lambda x: x == 5
    )
    node = said(Value(5))
    assert (degree(node, [1]), bends(node), said.written("x")) == (7, True, "«x»")
    assert not bends(said(Value(4)))


@pytest.mark.parametrize(
    ("apply", "message"),
    [
        (lambda x: math.erf(x), "fails on Values .a Value can't become a float"),
        (lambda x: 1.5, "returns a float on Values"),
    ],
    ids=["math.erf", "a constant"],
)
def test_an_opaque_row_says_so(apply: Any, message: str) -> None:
    erf = Op("test opaque", apply, lambda out, x: (1.0,))
    node = Op("test opaque", lambda x: 1.0, erf.partials)(Value(0.5))
    node.op = erf
    with pytest.raises(OpaqueOperationError, match=f"the function of 'test opaque' {message}"):
        expansion(node)
    assert degree(node, [1]) is None
    assert not bends(node)


def test_written() -> None:
    """As one writes it; an own row without a notation as a call."""
    a, b = "a", "b"
    assert [op.written(a, b) for op in (ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.POW)] == [
        *("a + b", "a − b", "a · b", "a / b", "a ^ b")
    ]
    assert [op.written(a) for op in (ops.NEG, ops.ABS, ops.EXP, ops.STEP)] == ["−a", "|a|", "exp(a)", "[a > 0]"]
    assert ops.SUM.written(a, b, "c") == "a + b + c"
    assert ops.GREATER.written(a, b) == "[a > b]"
    powers = {2: "a²", -1: "a⁻¹", 0.5: "a ^ 0.5", Fraction(1, 3): "a ^ (1/3)", -0.5: "a ^ (-0.5)"}
    assert {n: ops.ConstantPower(n).written(a) for n in powers} == powers
    assert COPIES["+"].written(a, b) == "copy of +(a, b)"
