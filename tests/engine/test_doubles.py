"""The sweep over doubles is the sweep: the same order, the same bits, the same grads, or it leaves the work alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

import scalargrad as sg
from scalargrad import Value
from scalargrad._build import REASON
from scalargrad.engine import doubles, ops
from scalargrad.engine.sweep import accumulate, postorder, reverse_sweep

pytestmark = pytest.mark.skipif(bool(REASON), reason="it is there where the engine is compiled")

ROWS = sorted(row.symbol for row in ops.TABLE.values() if row.built_in and row is not ops.WHERE and row.arity in (1, 2))
SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-320, 1e308, float("inf"), float("-inf"), float("nan")]
numbers = st.one_of(st.floats(-3, 3), st.sampled_from(SPECIAL), st.integers(-2, 2))
steps = st.lists(
    st.tuples(st.sampled_from([*ROWS, "Σ", "**"]), st.lists(st.integers(0, 10**6), min_size=3, max_size=3)), max_size=12
)


def graph(leaves: list[float], steps: list[tuple[str, list[int]]]) -> list[Value]:
    """All nodes of a graph whose steps take any that are there."""
    nodes = [Value(x) for x in leaves]
    for symbol, places in steps:
        inputs = [nodes[k % len(nodes)] for k in places]
        try:
            if symbol == "Σ":
                nodes.append(sg.sum(inputs))
            elif symbol == "**":
                nodes.append(inputs[0] ** (places[0] % 4))
            else:
                nodes.append(ops.TABLE[symbol](*inputs[: ops.TABLE[symbol].arity]))
        except (ArithmeticError, ValueError):  # an integer divided by 0, say
            continue
    return nodes


def bits(numbers: Any) -> list[tuple[str, str]]:
    """Told apart by kind and sign, which float.hex shows, of zeros too."""
    return [(type(x).__name__, x.hex() if type(x) is float else repr(x)) for x in numbers]


@given(st.lists(numbers, min_size=1, max_size=4), steps, st.lists(st.sampled_from(SPECIAL), min_size=3, max_size=3))
def test_order_and_bits_are_those_of_the_sweep(leaves: Any, steps: Any, given_seeds: list[float]) -> None:
    outputs: list[Any] = graph(leaves, steps)[-3:]
    seeds = dict(zip(outputs, given_seeds, strict=False))
    order = postorder(outputs)
    assert list(map(id, doubles.walk(outputs))) == list(map(id, order))
    found = doubles.linear_sweep(outputs, seeds)
    if any(type(partial) not in (float, int) for node in order for partial in node.partials):
        return
    assert found is not None
    assert list(map(id, found[0])) == list(map(id, order))
    assert bits(found[1]) == bits(reverse_sweep(order, seeds))


GRADS = [0, 0.0, 3, -2.5, Fraction(1, 3), 1j]


@given(st.lists(numbers, min_size=1, max_size=4), steps, st.lists(st.sampled_from(GRADS), min_size=1, max_size=4))
def test_grads_are_those_of_the_sweep(leaves: Any, steps: Any, before: list[Any]) -> None:
    by_tape, by_sweep = graph(leaves, steps), graph(leaves, steps)
    for nodes in (by_tape, by_sweep):
        for k, node in enumerate(nodes):
            node.grad = before[k % len(before)]
        last: list[Any] = nodes[-1:]
        for _ in range(2):
            found = doubles.linear_sweep(last, {last[0]: 2.0})
            if found is None:
                return
            if nodes is by_tape:
                accumulate(*found)
            else:
                order = postorder(last)
                adjoints = reverse_sweep(order, {last[0]: 2.0})
                assert len(list(doubles.store(order, adjoints))) == len(order)  # all are left, and none was set
                accumulate(order, adjoints)
    assert bits(node.grad for node in by_tape) == bits(node.grad for node in by_sweep)


def own_row(partials: Any) -> Callable[[Value], Value]:
    """An operation whose node has these partials, whatever they are."""

    def node(x: Value) -> Value:
        y = x * 1.0
        y.inputs, y.partials = (x,) * len(partials), partials
        return y

    return node


LEFT_ALONE: dict[str, Callable[[Value], tuple[Value, Any]]] = {
    "a seed that is an int": lambda x: (x * x, 1),
    "a seed that is a Fraction": lambda x: (x * x, Fraction(1)),
    "a partial that is a Fraction": lambda x: (x * Value(Fraction(1, 3)), 1.0),
    "an integer that no double is equal to": lambda x: (x * Value(2**53 + 1), 1.0),
    "a complex partial": lambda x: (x * Value(1j), 1.0),
    "a partial that is True": lambda x: (own_row((True,))(x), 1.0),
    "three partials in a list": lambda x: (own_row([1.0, 1.0, 1.0])(x), 1.0),
    "three partials of which one is a Fraction": lambda x: (own_row((1.0, Fraction(1, 3), 1.0))(x), 1.0),
    "a choice": lambda x: (ops.WHERE(Value(1.0), x, x * x), 1.0),
}


@pytest.mark.parametrize("make", LEFT_ALONE.values(), ids=list(LEFT_ALONE))
def test_what_is_not_a_double_is_left_to_the_sweep(make: Callable[[Value], tuple[Value, Any]]) -> None:
    x = Value(3.0)
    y, seed = make(x)
    assert doubles.linear_sweep([y], {y: seed}) is None
    order = postorder([y])
    expected = reverse_sweep(order, {y: seed})
    assert bits([sg.grad(y, x, seed)]) == bits([dict(zip(map(id, order), expected, strict=True))[id(x)]])


def test_what_is_no_node_is_left_to_the_sweep() -> None:
    x = Value(3.0)
    y = x * x
    y.inputs = (x, "x")
    assert doubles.walk([y]) == []
    assert doubles.linear_sweep([y], {y: 1.0}) is None
    assert doubles.walk([x, 1]) == []
    y.inputs = (None, None)
    for call in (y.backward, lambda: sg.grad(y, x), lambda: copy.deepcopy(y)):
        with pytest.raises(AttributeError, match="'NoneType' object has no attribute"):
            call()


def test_a_small_graph_after_a_large_one_and_one_within_a_sweep() -> None:
    """The memory of a tape is handed on, and two tapes at a time have memories of their own."""

    def chain(length: int) -> tuple[Value, Value]:
        x = y = Value(1.0)
        for _ in range(length):
            y = y * 1.0 + x
        return x, y

    for length in (10, 3000, 5, 0, 2000):
        x, y = chain(length)
        (small, one), (tape, adjoints) = chain(3), doubles.linear_sweep([y], {y: 1.0}) or ([], ())
        one.backward()
        assert (small.grad, len(tape), len(adjoints)) == (4.0, len(set(tape)), len(tape))
        assert list(doubles.store(tape, adjoints)) == []
        assert x.grad == length + 1
