"""The four kinds of evidence: they hold for what is right, and each check fails for what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from scalargrad.affine import layer as affine
from scalargrad.affine import verify
from scalargrad.affine.layer import delta
from scalargrad.affine.report import EVIDENCE, FLOATS, FRACTIONS, INTEGERS, SYMBOLS, Finding, Report
from scalargrad.affine.verify import CLAIMS, Claim, check, free_layer, verify_shape

ALL = tuple(EVIDENCE)


def claim(name: str) -> Claim:
    (found,) = [claim for claim in CLAIMS if claim.name == name]
    return found


class TestWhatIsRight:
    @pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 2), (3, 1, 2), (3, 2, 1), (2, 3, 4)])
    @pytest.mark.parametrize("loss", verify.LOSSES)
    def test_every_claim_holds_by_every_kind_of_evidence(self, shape: tuple[int, int, int], loss: str) -> None:
        report = verify_shape(shape, loss=loss)
        assert report.verified
        assert len(report.findings) == len(CLAIMS) * len(ALL)
        assert all(f.verdict and f.compared and f.largest_difference == "0" for f in report.findings)
        assert report.evidence == ALL
        assert report.shape == shape

    @pytest.mark.parametrize("shape", [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)])
    def test_sizes_of_zero(self, shape: tuple[int, int, int]) -> None:
        for loss in ("weighted-sum", "squares"):
            assert verify_shape(shape, loss=loss).verified

    def test_without_a_bias_there_is_no_claim_about_it(self) -> None:
        report = verify.verify([[1.5, 2.0]], [[1.0], [3.0]])
        assert report.verified
        assert {f.claim for f in report.findings} == {c.name for c in CLAIMS if c.matrix != "b"}

    def test_the_node_count_is_that_of_the_graph(self) -> None:
        """X, W, b; D products, a Σ and a + for each y; a weight and a product for each y; L."""
        N, D, M = 3, 2, 4
        expected = N * D + D * M + M + N * M * (D + 2) + 2 * N * M + 1
        assert verify_shape((N, D, M), evidence=[FLOATS]).nodes == expected

    @pytest.mark.parametrize(
        "kind",
        [float, int, Fraction, Decimal, np.float32, np.int64, lambda x: Fraction(x, 3)],
        ids=["float", "int", "Fraction", "Decimal", "float32", "int64", "thirds"],
    )
    def test_kinds_of_numbers(self, kind: Callable[[int], Any]) -> None:
        X = [[kind(1), kind(2)], [kind(3), kind(4)]]
        assert verify.verify(X, X, X[0], loss="squares").verified
        assert verify.verify(np.array(X, dtype=object), X).verified

    def test_the_largest_integers_do_not_overflow(self) -> None:
        X = [[2**62, 2**63 - 1]]
        assert verify.verify(X, [[2**62], [3]], evidence=[FRACTIONS]).verified

    def test_seeds_make_reports_repeatable(self) -> None:
        assert verify_shape((2, 2, 2), seed=1) == verify_shape((2, 2, 2), seed=1)


class TestLosses:
    X, W = ([[0.5, -1.25], [2.0, 0.75]], [[1.0, -0.5], [0.25, 1.5]])

    def notes(self, loss: Any) -> set[str]:
        report = verify.verify(self.X, self.W, loss=loss, evidence=[FRACTIONS])
        assert report.verified
        return {f.note for f in report.findings}

    def test_a_rational_loss_is_exact_throughout(self) -> None:
        assert self.notes(lambda Y: Y[0, 0] ** 3 / (Y[1, 1] ** 2 + 1) - 3 * Y[0, 1]) == {""}

    @pytest.mark.parametrize("loss", [lambda Y: np.exp(Y).sum(), lambda Y: (0.1 * Y).sum()], ids=["exp", "a float"])
    def test_for_any_other_the_report_says_where_g_comes_from(self, loss: Any) -> None:
        (note,) = self.notes(loss)
        assert "G = ∂L/∂Y was computed in float64" in note

    def test_a_loss_that_leaves_out_entries(self) -> None:
        assert verify.verify(self.X, self.W, loss=lambda Y: Y[1, 0] * 2).verified

    def test_cross_entropy_needs_labels(self) -> None:
        with pytest.raises(ValueError, match="the loss cross-entropy needs labels"):
            verify.verify(self.X, self.W, loss="cross-entropy")
        assert verify.verify(self.X, self.W, loss="cross-entropy", labels=[1, 0]).verified

    def test_names(self) -> None:
        with pytest.raises(
            ValueError, match="there is no loss 'hinge': choose from weighted-sum, squares, cross-entropy"
        ):
            verify.verify(self.X, self.W, loss="hinge")

        def my_loss(Y: Any) -> Any:
            return Y.sum()

        assert verify.verify(self.X, self.W, loss=my_loss).loss == "my_loss"


class TestBits:
    @pytest.mark.parametrize("loss", ["weighted-sum", "cross-entropy"])
    def test_float_gradients_are_the_textbooks_sums_in_every_bit(self, loss: str) -> None:
        """Computed here once more, from left to right, and compared as hexadecimal text, signs of zeros included."""
        rng = np.random.default_rng(3)
        X, W = (Fraction_matrix(rng.normal(size=shape)) for shape in ((7, 5), (5, 3)))
        function = verify.named_loss(loss, [0, 1, 2, 0, 1, 2, 0], rng.normal(size=(7, 3)).astype(object))
        layer = verify.float_graph(X, W, None, function).layer
        x, w, g = layer.x, layer.w, layer.G
        for i, j in np.ndindex(7, 5):
            terms = [g[i, b] * w[j, b] for b in range(3)]
            assert layer.gradient("x")[i, j].hex() == ((terms[0] + terms[1]) + terms[2]).hex()
        for i, j in np.ndindex(5, 3):
            total = x[0, i] * g[0, j]
            for a in range(1, 7):
                total += x[a, i] * g[a, j]
            assert layer.gradient("w")[i, j].hex() == total.hex()

    def test_the_distance_from_blas_stands_beside_its_bound(self) -> None:
        report = verify_shape((20, 30, 10), loss="squares", evidence=[FLOATS])
        notes = [f.note for f in report.findings if f.claim in ("(1)", "(2)", "(b)")]
        assert all("of the loss and by BLAS differ by at most" in note and "2γ_n Σ|a||b|" in note for note in notes)

    def test_a_gradient_beyond_the_bound_is_caught(self) -> None:
        graph = verify.float_graph(*(Fraction_matrix(np.ones(s)) for s in ((2, 3), (3, 2))), None, affine.sum)
        assert graph.own is not None
        adjoints = {**graph.own.adjoints, graph.own.X[1, 2]: 2.0 + 1e-14}
        graph.own = replace(graph.own, adjoints=adjoints)
        found = check(claim("(1)"), graph)
        assert found.verdict is False
        assert found.difference is not None
        assert found.difference.entry == "∂L/∂x[1,2]"

    def test_overflow_is_not_compared_with_blas(self) -> None:
        report = verify.verify([[1e300, 1e300]], [[1.0], [2.0]], loss=lambda Y: Y.sum() * 1e8, evidence=[FLOATS])
        assert report.verified


def Fraction_matrix(matrix: Any) -> Any:
    return verify.rational(matrix, "M")


def chain_rule_that_forgets(G: Any, X: Any, W: Any) -> Any:
    """(3) without its last β."""
    return affine.fill(X.shape, lambda i, j: sum(G[i, b] * W[j, b] for b in range(G.shape[1] - 1)))


WRONG: list[tuple[str, str, Callable[..., Any]]] = [
    ("∂y/∂x", "wrong index δ_αj", lambda a, b, i, j, X, W: delta(a, j) * W[j, b]),
    ("∂y/∂x", "transposed w_βj", lambda a, b, i, j, X, W: delta(a, i) * W[b, j]),
    ("∂y/∂w", "the printed δ_βi", lambda a, b, i, j, X, W: delta(b, i) * X[a, i]),
    ("∂y/∂w", "sign", lambda a, b, i, j, X, W: -delta(b, j) * X[a, i]),
    ("∂y/∂b", "no delta", lambda a, b, j, X, W: 1),
    ("zeros", "N·M", lambda N, D, M: N * M),
    ("(3) X", "a term forgotten", chain_rule_that_forgets),
    ("(3) W", "a term doubled", lambda G, X, W: 2 * affine.chain_rule_w(G, X, W)),
    ("(3) b", "sum over β", lambda G, X, W: G.sum(axis=1)),
    ("(1)", "no transpose", lambda G, X, W: affine.product(G, W)),
    ("(1)", "wrong order", lambda G, X, W: affine.product(W.T, G)),
    ("(1)", "sign", lambda G, X, W: -affine.formula_x(G, X, W)),
    ("(2)", "wrong order", lambda G, X, W: affine.product(G, X.T)),
    ("(2)", "factor 1/N", lambda G, X, W: affine.formula_w(G, X, W) * Fraction(1, 2)),
    ("(b)", "missing sum", lambda G, X, W: G[0]),
    ("(b)", "wrong axis", lambda G, X, W: G.sum(axis=1)),
]


class TestWhatIsWrong:
    @pytest.mark.parametrize("evidence", ALL)
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

    @pytest.mark.parametrize("evidence", ALL)
    def test_so_can_a_graph_that_is_wrong(self, evidence: str) -> None:
        """The other side: the claims are right, and one adjoint of the graph is not."""
        layer = free_layer((2, 2, 2), True, verify.symbol if evidence == SYMBOLS else lambda name, index: 3)
        for name, matrix in layer.matrices.items():
            entry = matrix.flat[0]
            tampered = replace(layer, adjoints={**layer.adjoints, entry: layer.adjoints[entry] + 1})
            verdicts = {c.name: check(c, verify.Graph(tampered, evidence)).verdict for c in CLAIMS if c.matrix == name}
            assert {n for n, v in verdicts.items() if v is False} == {
                {"x": "(1)", "w": "(2)", "b": "(b)"}[name],
                f"(3) {name.upper() if name != 'b' else name}",
            }

    def test_a_graph_with_a_path_too_many_is_noticed(self) -> None:
        """y[0,0] also made of an x in another row: the local partials, and the count, are no longer what is claimed."""
        layer = free_layer((2, 2, 2), False, lambda name, index: 2)
        Y = layer.Y.copy()
        Y[0, 0] = Y[0, 0] + layer.X[1, 0]
        graph = verify.Graph(replace(layer, Y=Y), INTEGERS)
        assert check(claim("∂y/∂x"), graph).verdict is False
        assert check(claim("zeros"), graph).verdict is False

    def test_the_first_difference_and_the_right_terms_are_shown(self) -> None:
        wrong = replace(claim("(1)"), formula=lambda G, X, W: affine.product(G, W))
        report = verify_shape((2, 2, 2), evidence=[SYMBOLS], claims=[wrong])
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
        report = verify_shape((20, 1, 1), evidence=[INTEGERS], claims=[wrong])
        difference = report.findings[0].difference
        assert difference is not None
        assert difference.terms[-1] == "… and 8 more"

    def test_a_formula_of_another_shape_is_false_and_both_shapes_are_named(self) -> None:
        transposed = replace(claim("(1)"), formula=lambda G, X, W: affine.formula_x(G, X, W).T)
        report = verify_shape((2, 3, 2), evidence=[FRACTIONS], claims=[transposed])
        assert not report.verified
        assert "the formula gives the shape (3, 2), and the gradient has (2, 3)" in str(report)
        undefined = replace(claim("(1)"), formula=lambda G, X, W: affine.product(G, W))
        assert "no product of a 2×2 and a 3×2 matrix" in str(verify_shape((2, 3, 2), claims=[undefined]))

    def test_a_float_among_fractions_is_another_number(self) -> None:
        floats = replace(claim("(1)"), formula=lambda G, X, W: affine.formula_x(G, X, W).astype(float).astype(object))
        assert not verify.verify([[1, 2]], [[1], [2]], loss="squares", evidence=[FRACTIONS], claims=[floats]).verified


class TestLargerShapes:
    def test_the_collapsed_form_of_3_is_derived_from_the_graph(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(*_: Any) -> None:
            raise AssertionError("the literal sum was asked for")

        monkeypatch.setattr(verify, "LITERAL_LIMIT", 0)
        for evidence, name in product(ALL, ("(3) X", "(3) W", "(3) b")):
            report = verify_shape((3, 2, 4), evidence=[evidence], claims=[replace(claim(name), formula=never)])
            assert report.verified

    @pytest.mark.parametrize("name", ["∂y/∂x", "∂y/∂w"])
    def test_there_too_wrong_partials_are_caught(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verify, "LITERAL_LIMIT", 0)
        assert verify_shape((2, 3, 2), claims=[claim(name)]).verified
        for wrong_name, _, formula in WRONG:
            if wrong_name == name:
                assert not verify_shape((2, 2, 2), claims=[replace(claim(name), formula=formula)]).verified

    def test_slow_kinds_are_left_out_unless_asked_for(self) -> None:
        report = verify_shape((15, 15, 15))
        assert report.verified
        assert report.evidence == (FLOATS, FRACTIONS, INTEGERS)
        assert "symbols: not collected, since N·D·M = 3,375 is above 2,000: ask for it by name" in str(report)
        monkey = verify.PRODUCTS_LIMIT
        assert monkey[FLOATS] == monkey[INTEGERS] == math.inf


class TestRefusals:
    @pytest.mark.parametrize(
        ("X", "W", "b", "error", "message"),
        [
            (
                [[1.0, math.nan]],
                [[1], [2]],
                None,
                ValueError,
                r"X\[0,1\] is nan: exact verification needs finite numbers",
            ),
            ([[1.0]], [[1.0], [math.inf]][:1], [math.inf], ValueError, r"b\[0\] is inf"),
            ([[1.0]], [[-math.inf]], None, ValueError, r"W\[0,0\] is -inf"),
            ([["1/2"]], [[1]], None, TypeError, r"X\[0,0\] is '1/2': it must be a real rational number"),
            ([[1j]], [[1]], None, TypeError, r"X\[0,0\] is 1j: it must be a real rational number"),
            ([[None]], [[1]], None, TypeError, r"X\[0,0\] is None"),
            ([[1, 2]], [[1]], None, ValueError, r"X is 1×2, W is 1×1: X's columns \(2\) must equal W's rows \(1\)"),
            ([[1, 2], [3]], [[1]], None, ValueError, "the rows have different lengths"),
            ([[1e200]], [[1e200]], None, ValueError, r"∂L/∂y\[0,0\] is (inf|nan) in float64: .* scale X or W"),
        ],
    )
    def test_bad_numbers(self, X: Any, W: Any, b: Any, error: Any, message: str) -> None:
        with pytest.raises(error, match=message):
            verify.verify(X, W, b, loss=lambda Y: (Y**2).sum())

    def test_unknown_evidence(self) -> None:
        with pytest.raises(ValueError, match="there is no evidence 'luck': choose from floats, fractions"):
            verify_shape((1, 1, 1), evidence=["luck"])
        assert verify_shape((1, 1, 1), evidence=FLOATS).evidence == (FLOATS,)

    def test_symbols_without_sympy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verify, "find_spec", lambda name: None)
        with pytest.raises(ModuleNotFoundError, match='needs SymPy: install the extra "symbolic"'):
            verify_shape((1, 1, 1), evidence=[SYMBOLS])
        report = verify_shape((1, 1, 1))
        assert report.verified
        assert report.evidence == (FLOATS, FRACTIONS, INTEGERS)
        assert 'it needs SymPy, from the extra "symbolic"' in str(report)

    def test_a_request_that_would_not_fit_names_its_nodes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(MemoryError, match=r"N,D,M = 100000,10000,10000 needs a graph of 10,004,100,000,000 nodes"):
            verify_shape((10**5, 10**4, 10**4))
        monkeypatch.delattr("os.sysconf")
        verify.check_memory((10**5, 10**4, 10**4))  # a system that does not tell its memory: nothing is refused

    @pytest.mark.parametrize("shape", [(1, 2), (1, -1, 2), (1.0, 2, 3)])
    def test_what_is_no_shape(self, shape: Any) -> None:
        with pytest.raises(ValueError, match="is not a shape: it takes three sizes N, D, M, none negative"):
            verify_shape(shape)


class TestReport:
    def test_json_has_everything(self) -> None:
        report = verify_shape((1, 2, 1))
        found = json.loads(report.to_json())
        assert found["verified"] is True
        assert found["evidence"] == EVIDENCE
        assert found["shape"] == [1, 2, 1]
        assert found["nodes"] == report.nodes
        first = found["findings"][0]
        assert set(first) == {
            *("claim", "statement", "false_if", "evidence", "verdict"),
            *("compared", "largest_difference", "note", "difference"),
        }

    def test_text_and_html(self) -> None:
        report = verify_shape((1, 2, 1))
        for shown in (str(report), report._repr_html_()):
            assert "∂L/∂X = G·Wᵀ" in shown
            assert "false if any ∂L/∂x_ij differed from Σ_β g_iβ w_jβ" in shown
            assert "verified" in shown
            assert "X 1×2, W 2×1; normal random numbers, seed 0" in shown

    def test_nothing_checked_is_nothing_verified(self) -> None:
        skipped = Finding("(1)", "", "", SYMBOLS, None, note="not collected")
        assert not Report((1, 1, 1), "", "", 0, (skipped,)).verified
        assert not Report((1, 1, 1), "", "", 0, ()).verified

    def test_progress_is_told(self) -> None:
        steps: list[str] = []
        verify_shape((1, 1, 1), evidence=[FLOATS], progress=steps.append)
        assert steps == ["floats: building the graph", *(f"floats: {c.name}" for c in CLAIMS)]


class TestWhatGoesWrong:
    def test_a_loss_that_changes_y_in_place(self) -> None:
        def loss(Y: Any) -> Any:
            Y[0, 0] = Y[0, 0] * 2
            return Y.sum()

        assert verify.verify([[1.0, 2.0]], [[3.0], [4.0]], loss=loss).verified

    def test_numbers_too_large_for_floats(self) -> None:
        with pytest.raises(ValueError, match=r"W\[1,0\] is too large for float64: ask for other evidence"):
            verify.verify([[1, 2]], [[3], [10**400]])
        assert verify.verify([[1, 2]], [[3], [10**400]], evidence=["fractions"]).verified

    def test_gradients_that_overflow(self) -> None:
        report = verify.verify([[1e308], [-1e308]], [[1.0]], loss=lambda Y: 10 * Y[0, 0] + 10 * Y[1, 0])
        assert report.verified  # ∂L/∂w is inf - inf, by the graph and by the formula

    def test_long_doubles_are_numbers(self) -> None:
        assert verify.verify(np.array([[1.5]], dtype=np.longdouble), [[2.0]], evidence=["fractions"]).verified
        with pytest.raises(ValueError, match=r"X\[0,0\] is inf: exact verification needs finite numbers"):
            verify.verify(np.array([[np.inf]], dtype=np.longdouble), [[2.0]])

    def test_nothing_to_verify(self) -> None:
        with pytest.raises(ValueError, match="there are no claims to verify: give some of CLAIMS"):
            verify.verify([[1.0]], [[2.0]], claims=[])
        with pytest.raises(ValueError, match="no kind of evidence is given: choose from floats, fractions"):
            verify.verify([[1.0]], [[2.0]], evidence=[])
