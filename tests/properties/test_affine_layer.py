"""The mission as a property: for random shapes and exact numbers the graph, (3) and the formulas agree."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, strategies as st

import scalargrad as sg
from scalargrad import affine
from scalargrad.affine import verify_shape
from scalargrad.arrays import fill

sizes = st.integers(0, 4)
fractions = st.fractions(-5, 5, max_denominator=7)


@st.composite
def layers(draw: st.DrawFn) -> affine.Layer:
    """A layer of random shape over Fractions, with a bias or without, with G given."""
    N, D, M = draw(sizes), draw(sizes), draw(sizes)

    def matrix(*shape: int) -> Any:
        return fill(shape, lambda *_: draw(fractions))

    return affine.build(matrix(N, D), matrix(D, M), matrix(M) if draw(st.booleans()) else None, G=matrix(N, M))


@given(layers())
def test_graph_chain_rule_and_formulas_agree_exactly(layer: affine.Layer) -> None:
    arguments = (layer.G, layer.x, layer.w)
    for name in layer.matrices:
        graph = layer.gradient(name)
        for claimed in (getattr(affine, f"{rule}_{name}")(*arguments) for rule in ("chain_rule", "formula")):
            assert claimed.shape == graph.shape
            assert (claimed == graph).all()
            assert {type(v) for v in [*claimed.flat, *graph.flat]} <= {Fraction, int}


@given(layers())
def test_every_explanation_adds_up(layer: affine.Layer) -> None:
    for name, matrix in layer.matrices.items():
        for index in np.ndindex(matrix.shape):
            found = layer.explain(name, index)
            assert [t.product for t in found.terms] == [t.formula for t in found.terms]
            assert found.total == found.formula == layer.gradient(name)[index]
            assert len(found.terms) + found.zeros == layer.Y.size


@given(layers(), st.integers(2, 4))
def test_numpys_product_builds_the_same_gradients(layer: affine.Layer, power: int) -> None:
    """X @ W with its chains of additions, beside Σ nodes: another graph, and the same gradient of any loss."""
    X, W = (sg.values(numbers) for numbers in (layer.x, layer.w))
    if layer.Y.size and layer.X.size:
        one = sg.sum(y**power for y in (X @ W).flat)
        other = affine.build(layer.x, layer.w, loss=lambda Y: sg.sum(y**power for y in Y.flat))
        assert (np.asarray(sg.grad(one, X)) == other.gradient("x")).all()
        assert (np.asarray(sg.grad(one, W)) == other.gradient("w")).all()


@given(sizes, sizes, sizes, st.sampled_from(["weighted-sum", "squares"]), st.integers(0, 5))
def test_any_shape_is_verified(N: int, D: int, M: int, loss: str, seed: int) -> None:
    assert verify_shape((N, D, M), loss=loss, seed=seed, evidence=["floats", "fractions", "integers"]).verified
