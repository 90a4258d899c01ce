"""The layer as a graph: (4), and the gradients of its reverse sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import values
from scalargrad.affine.layer import build, forward
from scalargrad.errors import ArgumentTypeError, ShapeError

from .examples import fractions


class TestForward:
    def test_it_is_the_product_plus_the_bias(self) -> None:
        x, w, b = fractions(2, 3), fractions(3, 2), list(fractions(1, 2)[0])
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
        with pytest.raises(ShapeError, match=message):
            build(np.ones(X), np.ones(W), None if b is None else np.ones(b), G=np.ones((2, 2)))


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
        with pytest.raises(ArgumentTypeError, match="give either a loss or G"):
            build([[1]], [[1]])
        with pytest.raises(ArgumentTypeError, match="give either a loss or G"):
            build([[1]], [[1]], loss=sg.sum, G=[[1]])
        with pytest.raises(ArgumentTypeError, match="the loss must return a Value made from Y, and returned a int"):
            build([[1]], [[1]], loss=lambda Y: 1)
        with pytest.raises(ShapeError, match=r"G has the shape \(1, 2\), Y has \(1, 1\)"):
            build([[1]], [[1]], G=[[1, 2]])
