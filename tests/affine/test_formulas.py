"""The proof in code: the local partials with their deltas, (3), (1), (2) and (b), beside the graph."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product as combinations
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import jacobian, values
from scalargrad.affine.formulas import (
    chain_rule_b,
    chain_rule_w,
    chain_rule_x,
    delta,
    dy_db,
    dy_dw,
    dy_dx,
    formula_b,
    formula_w,
    formula_x,
    product,
)
from scalargrad.errors import ShapeError

from .examples import SHAPES, fractions, layer_of


class TestLocalPartials:
    @pytest.mark.parametrize(("N", "D", "M"), SHAPES)
    def test_the_deltas_are_the_jacobian_of_the_graph(self, N: int, D: int, M: int) -> None:
        layer = layer_of(N, D, M)
        X, W = layer.x, layer.w
        assert layer.b is not None
        claims: list[tuple[Any, Callable[..., Any]]] = [(layer.X, dy_dx), (layer.W, dy_dw), (layer.b, dy_db)]
        for matrix, partial in claims:
            J = jacobian(layer.Y, matrix)
            assert J.shape == layer.Y.shape + matrix.shape
            for index in np.ndindex(J.shape):
                assert J[index] == partial(*index, X, W)

    def test_the_printed_index_is_wrong(self) -> None:
        """The text prints ∂y_αβ/∂w_ij = δ_βi x_αi. It disagrees wherever exactly one of δ_βi and δ_βj is 1."""

        def printed(alpha: int, beta: int, i: int, j: int, X: Any) -> Any:
            return delta(beta, i) * X[alpha, i]

        wrong = points = 0
        for N, D, M in combinations((2, 3), repeat=3):
            layer = layer_of(N, D, M)
            J = jacobian(layer.Y, layer.W)
            for alpha, beta, i, j in np.ndindex(J.shape):
                points += 1
                wrong += J[alpha, beta, i, j] != printed(alpha, beta, i, j, layer.x)
        disagree = sum(
            delta(beta, i) != delta(beta, j)
            for N, D, M in combinations((2, 3), repeat=3)
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
            ("x", chain_rule_x, formula_x),
            ("w", chain_rule_w, formula_w),
            ("b", chain_rule_b, formula_b),
        ):
            graph = layer.gradient(name)
            for claimed in (chain_rule(*arguments), formula(*arguments)):
                assert claimed.shape == graph.shape
                assert (claimed == graph).all()
                assert {type(v) for v in claimed.flat} == {Fraction}

    def test_a_guess_by_shape_fits_for_a_square_w_and_is_wrong(self) -> None:
        layer = layer_of(2, 2, 2)
        guess = product(layer.G, layer.w)
        assert guess.shape == layer.X.shape
        assert (guess != layer.gradient("x")).any()

    def test_w_must_not_depend_on_x(self) -> None:
        """For Y = X·Xᵀ formula (1) would say G·X; the truth is (G + Gᵀ)·X, since X is used twice."""
        x, g = fractions(2, 3), fractions(2, 2, 3)
        X = values(x, "x")
        gradient = np.asarray(sg.grad(X @ X.T, X, seeds=g))
        assert (gradient == (g + g.T) @ x).all()
        assert (gradient != g @ x).any()

    def test_products_that_do_not_exist(self) -> None:
        with pytest.raises(ShapeError, match="no product of a 2×3 and a 2×3 matrix: 3 columns need 3 rows"):
            product(fractions(2, 3), fractions(2, 3))
