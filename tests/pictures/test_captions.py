"""Captions: what is printed adds up, is counted right, and says what it is of."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.paths import paths
from scalargrad.engine.sweep import topological_order
from scalargrad.pictures import picture
from scalargrad.pictures.captions import added_up, said_of_sum
from tests.pictures.graphs import diamond, fractions, labelled, n_ary, second_order, small_layer, square_layer

NUMBERS = st.one_of(st.integers(), st.fractions(), st.floats(allow_nan=False), st.decimals(allow_nan=False, places=3))


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1) | st.lists(NUMBERS, min_size=1, max_size=12))
def test_what_is_printed_with_an_equals_sign_adds_up(terms: list[Any]) -> None:
    try:
        whole = sum(terms[1:], start=terms[0])
    except (TypeError, ArithmeticError):  # numbers of two kinds that don't add
        return
    printed, equal, printed_sum = added_up(terms, whole)
    assert equal in ("=", "≈")
    assert len(printed) == len(terms)
    if equal == "=":
        assert sum(map(Fraction, printed)) == Fraction(printed_sum)
    if all(type(x) is int and abs(x) < 10**20 for x in terms):
        assert (printed, equal) == (list(map(str, terms)), "=")


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([84.0, -28.0], "84 + -28 = 56"),
        ([0.3387, 0.1806], "0.3387 + 0.1806 = 0.5193"),
        ([0.1, 0.2], "0.1 + 0.2 = 0.3"),
        ([1 / 3, 1 / 3, 1 / 3], "0.3333 + 0.3333 + 0.3333 ≈ 1"),
        ([10000.5, 0.25], "10000.5 + 0.25 = 10000.75"),
        ([1e20, 1.0], "1e+20 + 1 ≈ 1e+20"),
        ([1e-9, 2e-9], "1e-09 + 2e-09 = 3e-09"),
        ([float("inf"), 1.0], "inf + 1 ≈ inf"),
        ([6, Fraction(46, 9)], "6 + 46/9 = 100/9"),
        ([Decimal("0.10"), Decimal("0.25")], "0.10 + 0.25 = 0.35"),
        ([1 + 2j, 3j], "1+2j + 0+3j ≈ 1+5j"),
        ([10**30, 1], "≈ 1e+30 + 1 ≈ 1e+30"),
    ],
)
def test_numbers_of_each_kind(terms: list[Any], expected: str) -> None:
    printed, equal, whole = added_up(terms, sum(terms[1:], start=terms[0]))
    assert f"{' + '.join(printed)} {equal} {whole}" == expected


def test_formulas_add_up() -> None:
    import sympy

    a = sympy.Symbol("a")
    assert added_up([a, 2 * a], 3 * a) == (["a", "2*a"], "=", "3*a")


GRAPHS = (diamond, fractions, second_order, n_ary, small_layer, lambda: square_layer()[2])


@pytest.mark.parametrize("level", ["scalar", "entry"])
@pytest.mark.parametrize("graph", GRAPHS)
def test_every_caption_counts_the_paths_of_the_graph(graph: Any, level: str) -> None:
    """Whatever is folded, and never as the sum over one path."""
    L = graph()
    for x in sg.topological_order(L):
        if x.label and not x.inputs:
            number = len(list(paths(x, L)))
            caption = picture(L, terms=(x, L), level=level, limit=None).caption
            match number:
                case 1:
                    assert "along the only path" in caption
                    assert "sum over" not in caption
                case _:
                    assert f"sum over {number} paths" in caption


@pytest.mark.parametrize(
    ("backward", "said"),
    [
        (lambda a, b: None, ""),
        (lambda a, b: a.backward(), "grad is ∂a/∂v for each box v."),
        (lambda a, b: (a.backward(), a.backward()), "not the gradient of a: it was called on something else, or more"),
        (lambda a, b: b.backward(), "not the gradient of a: it was called on something else, or more"),
    ],
)
def test_a_drawing_says_of_what_grad_is_the_gradient(backward: Any, said: str) -> None:
    x = Value(3, "x")
    a = labelled("a", x * x)
    b = labelled("b", a * 2)
    backward(a, b)
    drawing = picture(a)
    assert said in drawing.caption
    assert bool(drawing.caption) == bool(said)
    assert any("grad" in line for box in drawing.boxes for line in box.lines) == bool(said)


def test_grad_of_several_outputs_is_that_of_their_sum() -> None:
    x = Value(3, "x")
    both = [x * 2, x * x]
    sg.backward(both)
    assert re.search("grad is the gradient of the sum of the outputs", picture(both).caption)


def test_a_sum_over_no_path_is_0_and_over_one_path_a_product() -> None:
    x, z = Value(2, "x"), Value(1, "z")
    L = (x * 3) * 5
    order = topological_order(L)
    assert said_of_sum(z, L, order) == "∂*/∂z is 0: no path leads from z to *."
    assert said_of_sum(x, L, order) == "∂*/∂x is 15, the product along the only path."
