"""A graph as the text of a program: it builds the same graph again, over every operation and kind of number."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.ops import TABLE
from scalargrad.engine.sweep import topological_order
from scalargrad.pictures.as_python import LONGEST_PROGRAM, as_python, layer_as_python, written_number
from scalargrad.playground.session import evaluated


def rebuilt(text: str) -> Value:
    """The graph of a program, as the playground finds it."""
    found = evaluated(text)[0]
    assert isinstance(found, Value)
    return found


def shape_of(output: Value) -> list[Any]:
    """Each node: its operation, its number, and where in the order its inputs stand."""
    order = topological_order(output)
    place = {node: k for k, node in enumerate(order)}
    return [(getattr(node.op, "symbol", ""), repr(node.data), [place[x] for x in node.inputs]) for node in order]


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_are_the_same_again(seed: int) -> None:
    rng = random.Random(seed)
    numbers = [
        rng.choice([Fraction(rng.randint(1, 9), 7), rng.randint(1, 9), 0.5, -2.0, Decimal("1.5")]) for _ in "1234"
    ]
    if any(type(x) is Decimal for x in numbers):
        numbers = [Decimal(k + 1) for k in range(4)]
    nodes: list[Value] = [Value(x, label) for x, label in zip(numbers, ("x", "w[0]", "if", ""), strict=True)]
    for _ in range(9):
        a, b = rng.choice(nodes), rng.choice([*nodes, 3])
        kind = rng.randrange(7)
        new = (a + b, a - b, a * b, -a, a**2, sg.sum([a, b, a]), 2 - a)[kind]
        new.label = rng.choice(["", "", "", "h", "h"])
        nodes.append(new)
    text = as_python(nodes[-1])
    assert shape_of(rebuilt(text)) == shape_of(nodes[-1]), text


@pytest.mark.parametrize("symbol", [symbol for symbol, row in TABLE.items() if row.built_in])
def test_every_operation_can_be_written(symbol: str) -> None:
    row = TABLE[symbol]
    inputs = [Value(0.25, "a"), Value(0.5), Value(0.75, "b")][: row.arity or 3]
    with_arccosh = [Value(2.5, "a")] if symbol == "arccosh" else inputs
    output = row(*with_arccosh)
    assert shape_of(rebuilt(as_python(output))) == shape_of(output)
    twice = -((output**2) ** -1)
    assert shape_of(rebuilt(as_python(twice))) == shape_of(twice)


def test_a_matrix_is_one_line_and_labels_are_kept() -> None:
    X, W = sg.values([[1, 2]], "x"), sg.values([[3, 4], [5, 6]], "w")
    L = ((X @ W) ** 2).sum()
    L.label = "L"
    assert as_python(L).splitlines()[:2] == ["X = sg.values([[1, 2]], 'x')", "W = sg.values([[3, 4], [5, 6]], 'w')"]
    labels = {node.label for node in topological_order(rebuilt(as_python(L)))}
    assert {"x[0,1]", "w[1,0]"} <= labels
    odd = Value(1, "a label") * 2
    assert {node.label for node in topological_order(rebuilt(as_python(odd)))} == {"a label", ""}


def test_a_layer_gives_the_same_gradients() -> None:
    layer = sg.affine.build([[1, 2]], [[Fraction(1, 3), 4], [5, 6]], b=[1, 2], loss=lambda Y: (Y**2).sum())
    names: dict[str, Any] = {"sg": sg, "Fraction": Fraction}
    exec(layer_as_python(layer), names)
    names["L"].backward()
    for letter in "xwb":
        assert (sg.grads(names[letter.upper() if letter != "b" else "b"]) == layer.gradient(letter)).all()


def test_what_python_can_t_write_has_no_text() -> None:
    sympy = pytest.importorskip("sympy")
    assert as_python(Value(sympy.Symbol("x")) * 2) == ""
    own = sg.Op("own of as_python", lambda x: x, lambda out, x: (1,))
    assert as_python(own(Value(2))) == ""
    del TABLE[own.symbol]
    long = Value(1, "x")
    for _ in range(LONGEST_PROGRAM):
        long = long + 1
    assert as_python(long) == ""
    layer = sg.affine.build([[sympy.Symbol("x")]], [[1]], G=[[1]])
    assert layer_as_python(layer) == ""


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(1, 2), "Fraction(1, 2)"),
        (Decimal("0.1"), "Decimal('0.1')"),
        (float("nan"), "float('nan')"),
        (-float("inf"), "float('-inf')"),
        (1 + 2j, "(1+2j)"),
        ("x", None),
    ],
)
def test_a_number_as_python_reads_it(number: Any, text: str | None) -> None:
    assert written_number(number) == text


def test_a_label_that_two_entries_have_is_no_matrix() -> None:
    x, again, y = Value(2, "x[0]"), Value(3, "x[0]"), Value(5, "x[1]")
    output = x * again + y
    assert rebuilt(as_python(output)).data == 11
