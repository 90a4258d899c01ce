"""The explorer without a browser: its numbers, its refusals, and that text from users stays text."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import ArgumentError, ArgumentTypeError, MissingExtraError
from scalargrad.pictures.explorer import LayerNumbers, View, views
from tests.pictures.live.evaluation import data_in, evaluated


def layer(N: int = 2, D: int = 3, M: int = 2, bias: bool = True, seed: int = 0) -> Any:
    """A layer of random fractions, with the squares of its outputs as the loss."""
    random = Random(seed)

    def matrix(*shape: int) -> Any:
        numbers = [Fraction(random.choice((-3, -2, -1, 1, 2, 3)), random.randint(1, 3)) for _ in range(np.prod(shape))]
        return np.array(numbers, dtype=object).reshape(shape)

    return sg.affine.build(matrix(N, D), matrix(D, M), matrix(M) if bias else None, loss=lambda Y: (Y**2).sum())


def weighted() -> Any:
    """A layer whose G is given, and whose first partials are floats."""
    return sg.affine.build([[0.1, -2.0]], [[3.0, 0.7], [5.0, 6.0]], [1, 2.5], G=[[0.3, -1.0]])


def each_entry(view: View) -> list[tuple[int, int]]:
    rows, columns = view.result.shape
    return [(i, j) for i in range(rows) for j in range(columns)]


SHAPES = [(1, 1, 1), (2, 3, 2), (3, 1, 4), (1, 4, 1), (4, 2, 3)]


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_entry_is_the_sum_of_its_paths_and_row_times_column(shape: tuple[int, int, int], bias: bool) -> None:
    """Each term by the graph is the term of the formula beside it, which is of the row and the column that light up."""
    found = views(LayerNumbers(layer(*shape, bias=bias)))
    assert [view.key for view in found] == (["x", "w", "b", "y"] if bias else ["x", "w", "y"])
    for view in found:
        for i, j in each_entry(view):
            terms = view.terms[i][j]
            assert sum(term.product for term in terms) == view.result.numbers[i][j]
            assert [term.product for term in terms] == [term.formula for term in terms]
            row, column = view.left.numbers[i], [numbers[j] for numbers in view.top.numbers]
            inner = list(zip(row, column, strict=True))
            assert [term.factors for term in terms[: len(inner)]] == inner
            assert len(terms) == len(inner) + (bias and view.key == "y")


def test_the_numbers_are_those_of_the_layer() -> None:
    given = layer()
    x, w, b, y = views(LayerNumbers(given))
    assert np.array_equal(x.result.numbers, given.gradient("x"))
    assert np.array_equal(w.result.numbers, given.gradient("w"))
    assert np.array_equal(b.result.numbers[0], given.gradient("b"))
    assert np.array_equal(y.result.numbers, sg.data(given.Y))
    assert [view.heading for view in (x, w, b, y)] == [
        "∂L/∂X = G·Wᵀ", "∂L/∂W = Xᵀ·G", "∂L/∂b = 1ᵀ·G", "Y = X·W + b",
    ]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_delta_makes_zero_is_counted(shape: tuple[int, int, int]) -> None:
    N, _, M = shape
    for view in views(LayerNumbers(layer(*shape)))[:-1]:
        zeros = N * M - len(view.terms[0][0])
        (sentence,) = [text for mode, text in view.stages if mode == "delta"]
        assert (f"other {zeros} term" in sentence) == bool(zeros)


@pytest.mark.parametrize("kind", [float, int, Fraction])
def test_numbers_are_shown_shortly_and_in_full(kind: Any) -> None:
    page = sg.explore(sg.affine.build([[kind(1) / 3]], [[kind(7)]], G=[[kind(2)]]))
    cells = re.findall(r'id="[xy]-result-0-0" title="[^=]* = ([^"]*)">([^<]*)<', page.html)
    gradient = ("14.0" if kind is float else "14", "14")
    assert cells == [gradient, ("7/3", "7/3") if kind is Fraction else (repr(1 / 3 * 7), "2.333")]


@pytest.mark.parametrize("given", [lambda: layer(3, 2, 2), lambda: layer(2, 2, 3, bias=False), weighted])
def test_the_program_comes_to_the_layers_numbers(given: Any) -> None:
    """In the registers of each matrix, and of each term by the graph and by row · column."""
    built = given()
    page = data_in(sg.explore(built))
    numbers = evaluated(page["program"])
    for view, expected in zip(page["views"], views(LayerNumbers(built)), strict=True):
        for place in view["numbers"]:
            rows = [[numbers[register] for register in row] for row in view["numbers"][place]]
            assert rows == [list(row) for row in getattr(expected, place).numbers]
        for i, j in each_entry(expected):
            for term, shown in zip(view["terms"][i][j], expected.terms[i][j], strict=True):
                _, partials, partial, product, formula, _ = term
                assert [numbers[k] for k in (*partials, partial, product, formula)] == [
                    *shown.partials, shown.partial, shown.product, shown.formula,
                ]  # fmt: skip


def test_numbers_that_a_page_cannot_compute_are_shown_as_they_are() -> None:
    page = data_in(sg.explore(sg.affine.build([[Decimal(2)]], [[Decimal(3)]], G=[[Decimal("0.5")]])))
    assert page["program"]["reason"].endswith("with int, float and Fraction, not with Decimal.")
    assert page["inputs"] == []
    assert page["program"]["rows"][page["views"][0]["numbers"]["result"][0][0]] == ["1.5"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda: sg.Value(1), "needs a layer of sg.affine.build, and got a Value"),
        (lambda: sg.nn.MLP(2, [1]), "needs a layer of sg.affine.build, and got a MLP"),
    ],
)
def test_what_is_not_a_layer_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ArgumentTypeError, match=message):
        sg.explore(given())


def test_what_cannot_be_seen_at_once_is_refused() -> None:
    with pytest.raises(ArgumentError, match="X is 13×1 and W is 1×1: a page can show 1 to 12 rows and columns"):
        sg.explore(layer(13, 1, 1))
    with pytest.raises(ArgumentError, match="X is 2×0 and W is 0×2"):
        sg.explore(layer(2, 0, 2))


def test_the_largest_page_is_small() -> None:
    assert len(sg.explore(layer(12, 12, 12)).html.encode()) < 2_000_000


def test_titles_and_numbers_stay_text() -> None:
    """SymPy's symbols may have any name."""
    sympy = pytest.importorskip("sympy")
    hostile = "</script><script>alert(1)</script><b>"
    page = sg.explore(
        sg.affine.build([[sympy.Symbol(hostile)]], [[sympy.Symbol('"><i>')]], G=[[1]]),
        title=f"{hostile}{{{{ 7 * 7 }}}}",
    )
    assert page.html.count("<script") == 2
    assert not re.search(r"<b>alert|<i>|\b49\b", page.html.partition("<style>")[0])
    assert "<b>" not in page.html.replace('<b id="what">', "").partition('<script type="application/json"')[0]
    assert "</script><script>" not in page.html.replace("</script>\n<script>", "")


def test_nothing_loads_from_a_network_and_the_policy_says_so() -> None:
    html = sg.explore(layer()).html
    assert re.findall(r"https?://[^\"' ]*", html) == ["http://www.w3.org/2000/svg"]  # a name, in the script
    assert re.findall(r"(?:src|href|action)=[\"']?([^\"' >]*)", html) == ["data:,"]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|\beval\b|innerHTML", html)
    assert re.search(r"default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-", html)


def test_a_notebook_shows_it_in_a_frame_and_repr_is_short() -> None:
    page = sg.explore(layer())
    assert page._repr_html_().startswith('<iframe sandbox="allow-scripts" srcdoc="&lt;!doctype html&gt;')
    assert repr(page) == "Explorer('Explore X·W + b, a layer of 2×3 and 3×2')"


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"needs the package jinja2: run pip install '\.\[diagrams\]'"):
        sg.explore(layer())
