"""The proof in code: (4), the local partials with their deltas, (3), (1), (2), (b), and explain."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy

import scalargrad as sg
from scalargrad import jacobian, values
from scalargrad.affine import layer as affine
from scalargrad.affine.layer import build, explain, forward
from scalargrad.arrays import fill

SHAPES = list(product((1, 2, 3), repeat=3))


def numbers(rows: int, columns: int, start: int = 1) -> Any:
    """Different Fractions, none zero."""
    return fill((rows, columns), lambda i, j: Fraction(start + 7 * i + 3 * j, 2 + i + j))


def layer_of(N: int, D: int, M: int) -> affine.Layer:
    return build(numbers(N, D), numbers(D, M, 2), list(numbers(1, M, 5)[0]), G=numbers(N, M, 3))


class TestForward:
    def test_it_is_the_product_plus_the_bias(self) -> None:
        x, w, b = numbers(2, 3), numbers(3, 2), [Fraction(1), Fraction(-2)]
        Y = forward(values(x, "x"), values(w, "w"), values(b, "b"))
        assert (sg.data(Y) == x @ w + np.array(b, dtype=object)).all()
        assert Y[1, 0].label == "y[1,0]"
        assert Y[1, 0].inputs[0].op.symbol == "Σ"

    @pytest.mark.parametrize(("N", "D", "M"), [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)])
    def test_sizes_of_zero(self, N: int, D: int, M: int) -> None:
        layer = build(np.zeros((N, D)), np.zeros((D, M)), np.zeros(M), G=np.ones((N, M)))
        assert layer.shape == (N, D, M)
        assert sg.data(layer.Y).shape == (N, M)
        assert layer.gradient("x").shape == (N, D)
        assert layer.gradient("b").tolist() == [N] * M

    @pytest.mark.parametrize(
        ("X", "W", "b", "message"),
        [
            ((2, 3), (4, 2), None, r"X is 2×3, W is 4×2: X's columns \(3\) must equal W's rows \(4\)"),
            (
                (2, 3),
                (3, 2),
                (3,),
                r"W is 3×2, b has the shape \(3,\): b must have one entry for each of W's columns \(2\)",
            ),
            ((2, 3), (3, 2), (1, 2), r"b has the shape \(1, 2\)"),
            ((3,), (3, 2), None, "X has 1 dimensions: it must be a matrix"),
            ((2, 3), (3,), None, "W has 1 dimensions: it must be a matrix"),
        ],
    )
    def test_shapes_that_do_not_fit_are_both_named(self, X: Any, W: Any, b: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            build(np.ones(X), np.ones(W), None if b is None else np.ones(b), G=np.ones((2, 2)))


class TestLocalPartials:
    @pytest.mark.parametrize(("N", "D", "M"), SHAPES)
    def test_the_deltas_are_the_jacobian_of_the_graph(self, N: int, D: int, M: int) -> None:
        layer = layer_of(N, D, M)
        X, W = layer.x, layer.w
        assert layer.b is not None
        for matrix, partial in ((layer.X, affine.dy_dx), (layer.W, affine.dy_dw), (layer.b, affine.dy_db)):
            J = jacobian(layer.Y, matrix)
            assert J.shape == layer.Y.shape + matrix.shape
            for index in np.ndindex(J.shape):
                assert J[index] == partial(*index, X, W)

    def test_the_printed_index_is_wrong(self) -> None:
        """The text prints ∂y_αβ/∂w_ij = δ_βi x_αi. It disagrees wherever exactly one of δ_βi and δ_βj is 1."""

        def printed(alpha: int, beta: int, i: int, j: int, X: Any) -> Any:
            return affine.delta(beta, i) * X[alpha, i]

        wrong = points = 0
        for N, D, M in product((2, 3), repeat=3):
            layer = layer_of(N, D, M)
            J = jacobian(layer.Y, layer.W)
            for index in np.ndindex(J.shape):
                points += 1
                wrong += J[index] != printed(*index, layer.x)
        disagree = sum(
            affine.delta(beta, i) != affine.delta(beta, j)
            for N, D, M in product((2, 3), repeat=3)
            for _, beta, i, j in np.ndindex(N, M, D, M)
        )
        assert 0 < wrong == disagree < points

    @pytest.mark.parametrize(("N", "D", "M"), SHAPES)
    def test_the_blow_up_and_its_zeros(self, N: int, D: int, M: int) -> None:
        """∂Y/∂X has N·M·N·D entries, of which N·M·D are not zero; ∂Y/∂W has N·M·D·M, of which as many."""
        layer = layer_of(N, D, M)
        for matrix, size in ((layer.X, N * M * N * D), (layer.W, N * M * D * M)):
            J = jacobian(layer.Y, matrix)
            assert J.size == size
            assert np.count_nonzero(J) == N * M * D

    def test_the_counts_that_the_course_quotes(self) -> None:
        layer = layer_of(2, 3, 4)
        assert (jacobian(layer.Y, layer.X).size, jacobian(layer.Y, layer.W).size) == (48, 96)

    @pytest.mark.parametrize(("N", "D", "M"), SHAPES)
    def test_as_ordinary_matrices_they_are_kronecker_products(self, N: int, D: int, M: int) -> None:
        """With row-major vectors ∂Y/∂X = I_N ⊗ Wᵀ and ∂Y/∂W = X ⊗ I_M."""
        layer = layer_of(N, D, M)
        J_x = jacobian(layer.Y, layer.X).reshape(N * M, N * D)
        J_w = jacobian(layer.Y, layer.W).reshape(N * M, D * M)
        assert (J_x == np.kron(np.eye(N, dtype=int).astype(object), layer.w.T)).all()
        assert (J_w == np.kron(layer.x, np.eye(M, dtype=int).astype(object))).all()


class TestFormulas:
    @pytest.mark.parametrize(("N", "D", "M"), SHAPES)
    def test_the_graph_the_chain_rule_and_the_formulas_agree(self, N: int, D: int, M: int) -> None:
        layer = layer_of(N, D, M)
        arguments = (layer.G, layer.x, layer.w)
        for name, chain_rule, formula in (
            ("x", affine.chain_rule_x, affine.formula_x),
            ("w", affine.chain_rule_w, affine.formula_w),
            ("b", affine.chain_rule_b, affine.formula_b),
        ):
            graph = layer.gradient(name)
            for claimed in (chain_rule(*arguments), formula(*arguments)):
                assert claimed.shape == graph.shape
                assert (claimed == graph).all()
                assert {type(v) for v in claimed.flat} == {Fraction}

    def test_a_guess_by_shape_fits_for_a_square_w_and_is_wrong(self) -> None:
        layer = layer_of(2, 2, 2)
        guess = affine.product(layer.G, layer.w)
        assert guess.shape == layer.X.shape
        assert (guess != layer.gradient("x")).any()

    def test_w_must_not_depend_on_x(self) -> None:
        """For Y = X·Xᵀ formula (1) would say G·X; the truth is (G + Gᵀ)·X, since X is used twice."""
        x, g = numbers(2, 3), numbers(2, 2, 3)
        X = values(x, "x")
        gradient = np.asarray(sg.grad(X @ X.T, X, seeds=g))
        assert (gradient == (g + g.T) @ x).all()
        assert (gradient != g @ x).any()

    def test_products_that_do_not_exist(self) -> None:
        with pytest.raises(ValueError, match="no product of a 2×3 and a 2×3 matrix: 3 columns need 3 rows"):
            affine.product(numbers(2, 3), numbers(2, 3))


class TestBuild:
    def test_with_a_loss(self) -> None:
        layer = build([[1, 2]], [[3], [4]], loss=lambda Y: Y[0, 0] ** 2)
        assert layer.L is not None
        assert (layer.L.label, layer.L.data, layer.G.tolist()) == ("L", 121, [[22]])
        assert layer.gradient("w").tolist() == [[22], [44]]

    def test_an_output_that_the_loss_ignores_has_a_zero_in_g(self) -> None:
        layer = build([[1.0]], [[2.0, 3.0]], loss=lambda Y: Y[0, 0])
        assert layer.G.tolist() == [[1.0, 0.0]]
        assert layer.gradient("w").tolist() == [[1.0, 0]]

    def test_what_is_refused(self) -> None:
        with pytest.raises(TypeError, match="give either a loss or G"):
            build([[1]], [[1]])
        with pytest.raises(TypeError, match="give either a loss or G"):
            build([[1]], [[1]], loss=sg.sum, G=[[1]])
        with pytest.raises(TypeError, match="the loss must return a Value made from Y, and returned a int"):
            build([[1]], [[1]], loss=lambda Y: 1)
        with pytest.raises(ValueError, match=r"G has the shape \(1, 2\), Y has \(1, 1\)"):
            build([[1]], [[1]], G=[[1, 2]])


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
            ("x", (2, 0), IndexError, r"there is no x\[2,0\]: x has the shape \(2, 3\), counted from 0"),
            ("x", (-1, 0), IndexError, r"there is no x\[-1,0\]"),
            ("b", (0, 0), IndexError, r"there is no b\[0,0\]: b has the shape \(2,\)"),
            ("y", (0, 0), ValueError, "the layer has no matrix 'y': it has x, w, b"),
            (np.ones(1), (0,), ValueError, "that is none of this layer's matrices: give layer.X, layer.W or layer.b"),
        ],
    )
    def test_what_is_not_there_is_refused(self, matrix: Any, index: Any, error: Any, message: str) -> None:
        with pytest.raises(error, match=message):
            explain(self.layer, matrix, index)

    def test_a_layer_without_a_bias(self) -> None:
        with pytest.raises(ValueError, match="the layer has no matrix 'b': it has x, w"):
            build([[1]], [[1]], G=[[1]]).explain("b", (0,))
