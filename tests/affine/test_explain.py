"""One entry, term by term: the terms of (3) beside those of the formula."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from scalargrad.affine import build, explain
from scalargrad.errors import ArgumentError, EntryError

from .examples import layer_of


class TestExplain:
    layer = layer_of(2, 3, 2)

    @pytest.mark.parametrize(("name", "index"), [("x", (0, 1)), ("x", (1, 2)), ("w", (2, 1)), ("b", (1,))])
    def test_the_terms_of_both_sides_are_the_same_one_by_one(self, name: str, index: tuple[int, ...]) -> None:
        found = explain(self.layer, name, index)
        assert [t.product for t in found.terms] == [t.formula for t in found.terms]
        assert found.total == found.formula == self.layer.gradient(name)[index]
        assert type(found.total) is Fraction
        assert len(found.terms) == 2
        assert found.zeros == 2
        assert all(t.path[0] == found.entry and t.path[-1] == t.y for t in found.terms)

    def test_a_row_of_g_meets_a_column_of_w_transposed(self) -> None:
        found = self.layer.explain(self.layer.X, (0, 1))
        assert [t.path for t in found.terms] == [("x[0,1]", "*", "Σ", f"y[0,{beta}]") for beta in (0, 1)]
        assert [[name for name, _ in t.factors] for t in found.terms] == [
            ["g[0,0]", "wᵀ[0,1]"],
            ["g[0,1]", "wᵀ[1,1]"],
        ]
        assert [t.factors[1][1] for t in found.terms] == list(self.layer.w.T[:, 1])
        assert found.row_and_column == "row 0 of G times column 1 of Wᵀ, formula (1)"

    def test_a_row_of_x_transposed_meets_a_column_of_g(self) -> None:
        found = self.layer.explain(self.layer.W, (2, 1))
        assert [[name for name, _ in t.factors] for t in found.terms] == [
            ["xᵀ[2,0]", "g[0,1]"],
            ["xᵀ[2,1]", "g[1,1]"],
        ]
        assert [t.factors[0][1] for t in found.terms] == list(self.layer.x.T[2])

    def test_the_bias_sums_a_column(self) -> None:
        found = self.layer.explain(self.layer.b, (1,))
        assert [[name for name, _ in t.factors] for t in found.terms] == [["g[0,1]"], ["g[1,1]"]]

    def test_over_symbols_it_is_the_formula(self) -> None:
        entry = np.vectorize(sympy.Symbol, otypes=[object])
        layer = build(entry([["p", "q"]]), entry([["r"], ["s"]]), G=entry([["g"]]))
        assert layer.explain("x", (0, 1)).total == sympy.Symbol("g") * sympy.Symbol("s")

    def test_an_empty_sum(self) -> None:
        found = build(np.ones((1, 2)), np.ones((2, 0)), G=np.ones((1, 0))).explain("x", (0, 0))
        assert (found.terms, found.total, found.formula) == ((), 0, 0)

    def test_as_text_and_html(self) -> None:
        found = self.layer.explain("x", (0, 1))
        text = str(found)
        assert text.startswith("∂L/∂x[0,1] by the element-wise chain rule (3), and as row 0 of G times column 1 of Wᵀ")
        assert "x[0,1] → * → Σ → y[0,0]" in text
        assert "2 more terms of (3) are zero" in text
        assert text.count(str(found.total)) >= 2
        html = found._repr_html_()
        assert html.startswith("<pre")
        assert "x[0,1] → * → Σ → y[0,0]" in html

    @pytest.mark.parametrize(
        ("matrix", "index", "error", "message"),
        [
            ("x", (2, 0), EntryError, r"there is no x\[2,0\]: x has the shape \(2, 3\), counted from 0"),
            ("x", (-1, 0), EntryError, r"there is no x\[-1,0\]"),
            ("b", (0, 0), EntryError, r"there is no b\[0,0\]: b has the shape \(2,\)"),
            ("y", (0, 0), ArgumentError, "the layer has no matrix 'y': it has x, w, b"),
            (
                np.ones(1),
                (0,),
                ArgumentError,
                "that is none of this layer's matrices: give layer.X, layer.W or layer.b",
            ),
        ],
    )
    def test_what_is_not_there_is_refused(self, matrix: Any, index: Any, error: Any, message: str) -> None:
        with pytest.raises(error, match=message):
            explain(self.layer, matrix, index)

    def test_a_layer_without_a_bias(self) -> None:
        with pytest.raises(ArgumentError, match="the layer has no matrix 'b': it has x, w"):
            build([[1]], [[1]], G=[[1]]).explain("b", (0,))
