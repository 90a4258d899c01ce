"""Every check can fail: claims that are wrong, and graphs that are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import product as combinations
from typing import Any

import pytest

from scalargrad.affine import (
    CLAIMS,
    EVIDENCE,
    chain_rule_w,
    claims,
    delta,
    formula_w,
    formula_x,
    product,
    symbol,
    verify,
    verify_shape,
)
from scalargrad.affine.evidence import Graph, free_layer
from scalargrad.affine.verify import finding_for
from scalargrad.arrays import fill

from .examples import claim


def chain_rule_that_forgets(G: Any, X: Any, W: Any) -> Any:
    """(3) without its last β."""
    return fill(X.shape, lambda i, j: sum(G[i, b] * W[j, b] for b in range(G.shape[1] - 1)))


WRONG: list[tuple[str, str, Callable[..., Any]]] = [
    ("∂y/∂x", "wrong index δ_αj", lambda a, b, i, j, X, W: delta(a, j) * W[j, b]),
    ("∂y/∂x", "transposed w_βj", lambda a, b, i, j, X, W: delta(a, i) * W[b, j]),
    ("∂y/∂w", "the printed δ_βi", lambda a, b, i, j, X, W: delta(b, i) * X[a, i]),
    ("∂y/∂w", "sign", lambda a, b, i, j, X, W: -delta(b, j) * X[a, i]),
    ("∂y/∂b", "no delta", lambda a, b, j, X, W: 1),
    ("zeros", "N·M", lambda N, D, M: N * M),
    ("(3) X", "a term forgotten", chain_rule_that_forgets),
    ("(3) W", "a term doubled", lambda G, X, W: 2 * chain_rule_w(G, X, W)),
    ("(3) b", "sum over β", lambda G, X, W: G.sum(axis=1)),
    ("(1)", "no transpose", lambda G, X, W: product(G, W)),
    ("(1)", "wrong order", lambda G, X, W: product(W.T, G)),
    ("(1)", "sign", lambda G, X, W: -formula_x(G, X, W)),
    ("(2)", "wrong order", lambda G, X, W: product(G, X.T)),
    ("(2)", "factor 1/N", lambda G, X, W: formula_w(G, X, W) * Fraction(1, 2)),
    ("(b)", "missing sum", lambda G, X, W: G[0]),
    ("(b)", "wrong axis", lambda G, X, W: G.sum(axis=1)),
]


class TestWhatIsWrong:
    @pytest.mark.parametrize("evidence", EVIDENCE)
    @pytest.mark.parametrize(("name", "mistake", "formula"), WRONG, ids=[f"{n} {m}" for n, m, _ in WRONG])
    def test_each_check_can_fail(self, name: str, mistake: str, formula: Any, evidence: str) -> None:
        """Square matrices, so that no shape gives a mistake away; D = 2, so that each is visible."""
        wrong = replace(claim(name), formula=formula)
        report = verify_shape((2, 2, 2), evidence=[evidence], claims=[wrong])
        (finding,) = report.findings
        assert not report.verified
        assert finding.verdict is False
        assert finding.largest_difference != "0"
        assert finding.difference is not None
        assert finding.difference.claimed != finding.difference.right
        assert bool(finding.difference.terms) == name.startswith("(")

    @pytest.mark.parametrize("evidence", EVIDENCE)
    def test_so_can_a_graph_that_is_wrong(self, evidence: str) -> None:
        """The other side: the claims are right, and one adjoint of the graph is not."""
        layer = free_layer((2, 2, 2), True, symbol if evidence == "symbols" else lambda name, index: 3)
        for name, matrix in layer.matrices.items():
            entry = matrix.flat[0]
            tampered = replace(layer, adjoints={**layer.adjoints, entry: layer.adjoints[entry] + 1})
            verdicts = {
                c.name: finding_for(c, Graph(tampered, EVIDENCE[evidence])).verdict for c in CLAIMS if c.matrix == name
            }
            assert {n for n, v in verdicts.items() if v is False} == {
                {"x": "(1)", "w": "(2)", "b": "(b)"}[name],
                f"(3) {name.upper() if name != 'b' else name}",
            }

    def test_a_graph_with_a_path_too_many_is_noticed(self) -> None:
        """y[0,0] also made of an x in another row: the local partials, and the count, are no longer what is claimed."""
        layer = free_layer((2, 2, 2), False, lambda name, index: 2)
        Y = layer.Y.copy()
        Y[0, 0] = Y[0, 0] + layer.X[1, 0]
        graph = Graph(replace(layer, Y=Y), EVIDENCE["integers"])
        assert finding_for(claim("∂y/∂x"), graph).verdict is False
        assert finding_for(claim("zeros"), graph).verdict is False

    def test_the_first_difference_and_the_right_terms_are_shown(self) -> None:
        wrong = replace(claim("(1)"), formula=lambda G, X, W: product(G, W))
        report = verify_shape((2, 2, 2), evidence=["symbols"], claims=[wrong])
        difference = report.findings[0].difference
        assert difference is not None
        assert difference.entry == "∂L/∂x[0,0]"
        assert difference.claimed == "g[0,0]*w[0,0] + g[0,1]*w[1,0]"
        assert difference.right == "g[0,0]*w[0,0] + g[0,1]*w[0,1]"
        assert difference.terms == (
            "∂y[0,0]/∂x[0,0] · ∂L/∂y[0,0] = w[0,0] · g[0,0]",
            "∂y[0,1]/∂x[0,0] · ∂L/∂y[0,1] = w[0,1] · g[0,1]",
        )
        text = str(report)
        assert "✗ (1) is false by symbols" in text
        assert all(term in text for term in difference.terms)
        assert "NOT VERIFIED" in text

    def test_many_terms_are_cut_short(self) -> None:
        wrong = replace(claim("(b)"), formula=lambda G, X, W: G[0])
        report = verify_shape((20, 1, 1), evidence=["integers"], claims=[wrong])
        difference = report.findings[0].difference
        assert difference is not None
        assert difference.terms[-1] == "… and 8 more"

    def test_a_formula_of_another_shape_is_false_and_both_shapes_are_named(self) -> None:
        transposed = replace(claim("(1)"), formula=lambda G, X, W: formula_x(G, X, W).T)
        report = verify_shape((2, 3, 2), evidence=["fractions"], claims=[transposed])
        assert not report.verified
        assert "the formula gives the shape (3, 2), and the gradient has (2, 3)" in str(report)
        undefined = replace(claim("(1)"), formula=lambda G, X, W: product(G, W))
        assert "no product of a 2×2 and a 3×2 matrix" in str(verify_shape((2, 3, 2), claims=[undefined]))

    def test_a_formula_that_numpy_refuses_is_false_too(self) -> None:
        undefined = replace(claim("(1)"), formula=lambda G, X, W: G @ W)
        report = verify_shape((2, 3, 2), claims=[undefined])
        assert not report
        assert "✗ (1) is false by floats, fractions, integers, symbols" in str(report)
        assert "matmul" in str(report)

    def test_what_else_a_formula_raises_is_passed_on(self) -> None:
        broken = replace(claim("(1)"), formula=lambda G, X, W: {"X": X}["W"])
        with pytest.raises(KeyError, match="W"):
            verify_shape((1, 1, 1), claims=[broken])

    def test_a_float_among_fractions_is_another_number(self) -> None:
        floats = replace(claim("(1)"), formula=lambda G, X, W: formula_x(G, X, W).astype(float).astype(object))
        assert not verify([[1, 2]], [[1], [2]], loss="squares", evidence=["fractions"], claims=[floats]).verified


class TestLargerShapes:
    def test_the_collapsed_form_of_3_is_derived_from_the_graph(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(*_: Any) -> None:
            raise AssertionError("the literal sum was asked for")

        monkeypatch.setattr(claims, "LITERAL_LIMIT", 0)
        for evidence, name in combinations(EVIDENCE, ("(3) X", "(3) W", "(3) b")):
            report = verify_shape((3, 2, 4), evidence=[evidence], claims=[replace(claim(name), formula=never)])
            assert report.verified

    @pytest.mark.parametrize("name", ["∂y/∂x", "∂y/∂w"])
    def test_there_too_wrong_partials_are_caught(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(claims, "LITERAL_LIMIT", 0)
        assert verify_shape((2, 3, 2), claims=[claim(name)]).verified
        for wrong_name, _, formula in WRONG:
            if wrong_name == name:
                assert not verify_shape((2, 2, 2), claims=[replace(claim(name), formula=formula)]).verified
