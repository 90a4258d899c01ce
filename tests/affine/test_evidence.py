"""The kinds of evidence: which numbers they take, and what they tell apart."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.affine import evidence, verify, verify_shape
from scalargrad.affine.evidence import FLOATS, INTEGERS, SYMBOLS, Instance, as_fractions, free_layer, symbol
from scalargrad.affine.losses import named_loss
from scalargrad.affine.verify import finding_for
from scalargrad.arrays import fill
from scalargrad.errors import ArgumentError, MissingExtraError

from .examples import claim


def instance(X: Any, W: Any, loss: Any) -> Instance:
    return Instance(X, W, None, loss, loss, Random(0))


@pytest.mark.parametrize("shape", [(3, 2, 2), (1, 1, 1), (2, 0, 3), (0, 2, 1)])
def test_symbols_are_summed_as_sympy_sums_them(shape: tuple[int, int, int]) -> None:
    """Sums that wait end as the graph over plain symbols has them."""
    (N, D, M), zero = shape, Fraction(0)
    X, W, b = fill((N, D), lambda *_: zero), fill((D, M), lambda *_: zero), fill((M,), lambda *_: zero)
    waiting = SYMBOLS.graph(replace(instance(X, W, None), b=b)).layer
    plain = free_layer(shape, True, symbol)
    for letter in "xwb":
        assert waiting.gradient(letter).tolist() == plain.gradient(letter).tolist()
    assert waiting.G.tolist() == plain.G.tolist()


class TestBits:
    @pytest.mark.parametrize("loss", ["weighted-sum", "cross-entropy"])
    def test_float_gradients_are_the_textbooks_sums_in_every_bit(self, loss: str) -> None:
        """Computed here once more, from left to right, and compared as hexadecimal text, signs of zeros included."""
        rng = np.random.default_rng(3)
        X, W = (as_fractions(rng.normal(size=shape), "M") for shape in ((7, 5), (5, 3)))
        function = named_loss(loss, [0, 1, 2, 0, 1, 2, 0], rng.normal(size=(7, 3)).astype(object))
        layer = FLOATS.graph(instance(X, W, function)).layer
        x, w, g = layer.x, layer.w, layer.G
        dx: Any = layer.gradient("x")
        dw: Any = layer.gradient("w")
        for i, j in np.ndindex(7, 5):
            terms = [g[i, b] * w[j, b] for b in range(3)]
            assert dx[i, j].hex() == ((terms[0] + terms[1]) + terms[2]).hex()
        for i, j in np.ndindex(5, 3):
            total = x[0, i] * g[0, j]
            for a in range(1, 7):
                total += x[a, i] * g[a, j]
            assert dw[i, j].hex() == total.hex()

    def test_the_distance_from_blas_stands_beside_its_bound(self) -> None:
        report = verify_shape((20, 30, 10), loss="squares", evidence=["floats"])
        notes = [f.note for f in report.findings if f.claim in ("(1)", "(2)", "(b)")]
        assert all("of the loss and by BLAS differ by at most" in note and "2γ_n Σ|a||b|" in note for note in notes)

    def test_a_gradient_beyond_the_bound_is_caught(self) -> None:
        graph = FLOATS.graph(instance(as_fractions(np.ones((2, 3)), "X"), as_fractions(np.ones((3, 2)), "W"), sg.sum))
        assert graph.own is not None
        adjoints = {**graph.own.adjoints, graph.own.X[1, 2]: 2.0 + 1e-14}
        graph.own = replace(graph.own, adjoints=adjoints)
        found = finding_for(claim("(1)"), graph)
        assert found.verdict is False
        assert found.difference is not None
        assert found.difference.entry == "∂L/∂x[1,2]"

    def test_overflow_is_not_compared_with_blas(self) -> None:
        report = verify([[1e300, 1e300]], [[1.0], [2.0]], loss=lambda Y: Y.sum() * 1e8, evidence=["floats"])
        assert report.verified


class TestNumbers:
    @pytest.mark.parametrize(
        "kind",
        [float, int, Fraction, Decimal, np.float32, np.int64, lambda x: Fraction(x, 3)],
        ids=["float", "int", "Fraction", "Decimal", "float32", "int64", "thirds"],
    )
    def test_kinds_of_numbers(self, kind: Callable[[int], Any]) -> None:
        X = [[kind(1), kind(2)], [kind(3), kind(4)]]
        assert verify(X, X, X[0], loss="squares").verified
        assert verify(np.array(X, dtype=object), X).verified

    def test_numbers_too_large_for_floats(self) -> None:
        with pytest.raises(ArgumentError, match=r"W\[1,0\] is too large for float64: ask for other evidence"):
            verify([[1, 2]], [[3], [10**400]])
        assert verify([[1, 2]], [[3], [10**400]], evidence=["fractions"]).verified

    def test_long_doubles_are_numbers(self) -> None:
        assert verify(np.array([[1.5]], dtype=np.longdouble), [[2.0]], evidence=["fractions"]).verified
        with pytest.raises(ArgumentError, match=r"X\[0,0\] is inf: exact verification needs finite numbers"):
            verify(np.array([[np.inf]], dtype=np.longdouble), [[2.0]])


class TestKinds:
    def test_unknown_evidence(self) -> None:
        with pytest.raises(ArgumentError, match="there is no evidence 'luck': choose from floats, fractions"):
            verify_shape((1, 1, 1), evidence=["luck"])
        assert verify_shape((1, 1, 1), evidence="floats").evidence == ("floats",)

    def test_symbols_without_sympy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(evidence, "find_spec", lambda name: None)
        with pytest.raises(MissingExtraError, match=r"needs SymPy: run pip install '\.\[symbolic\]' in the checkout$"):
            verify_shape((1, 1, 1), evidence=["symbols"])
        report = verify_shape((1, 1, 1))
        assert report.verified
        assert report.evidence == ("floats", "fractions", "integers")
        assert "not collected: evidence by symbols needs SymPy: run pip install '.[symbolic]'" in str(report)

    def test_slow_kinds_are_left_out_unless_asked_for(self) -> None:
        report = verify_shape((15, 15, 15))
        assert report.verified
        assert report.evidence == ("floats", "fractions", "integers")
        assert "symbols: not collected, since N·D·M = 3,375 is above 2,000: ask for it by name" in str(report)
        assert FLOATS.products_limit == INTEGERS.products_limit == math.inf
