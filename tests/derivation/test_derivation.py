"""Derivations for all dimensions: each step is checked, a tampered one is refused, the page is what it should be."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy

from scalargrad.derivation import NAMED, Derivation, Step, compare, confirm, derive, matrix_form, outline
from scalargrad.derivation.algebra import BENT, Algebra
from scalargrad.derivation.differentiation import derivative, entries, gradient
from scalargrad.derivation.matrix_form import Matrix, closed_form, evaluate
from scalargrad.derivation.media import Text
from scalargrad.derivation.notation import FUNCTIONS, Factor, Formula, Term, read
from scalargrad.engine import ops
from scalargrad.errors import DerivationError, NotationError


@pytest.fixture(scope="module")
def affine() -> dict[str, Derivation]:
    return {found.name: found for found in derive("affine")}


def statements(forward: str, shapes: dict[str, str] | None = None) -> list[str]:
    return [found.statement for found in derive(forward, shapes)]


class TestTheProof:
    """(1), (2) and (b), for all N, D, M."""

    def test_formulas_and_their_numbers(self, affine: dict[str, Derivation]) -> None:
        assert {found.label: found.statement for found in affine.values()} == {
            "(1)": "∂L/∂X = G·Wᵀ",
            "(2)": "∂L/∂W = Xᵀ·G",
            "(b)": "∂L/∂b = Gᵀ·1",
        }

    @pytest.mark.parametrize(
        ("name", "lines"),
        [
            (
                "x",
                [
                    "Σ_α Σ_β g_αβ ∂y_αβ/∂x_ij",
                    "Σ_α Σ_β Σ_k g_αβ δ_αi δ_kj w_kβ",
                    "Σ_α Σ_β g_αβ δ_αi w_jβ",
                    "Σ_β g_iβ w_jβ",
                    "(G·Wᵀ)_ij",
                ],
            ),
            (
                "w",  # δ_βj, where the text that the proof comes from prints δ_βi
                [
                    "Σ_α Σ_β g_αβ ∂y_αβ/∂w_ij",
                    "Σ_α Σ_β Σ_k g_αβ δ_ki δ_βj x_αk",
                    "Σ_α Σ_β g_αβ δ_βj x_αi",
                    "Σ_α g_αj x_αi",
                    "(Xᵀ·G)_ij",
                ],
            ),
            ("b", ["Σ_α Σ_β g_αβ ∂y_αβ/∂b_j", "Σ_α Σ_β g_αβ δ_βj", "Σ_α g_αj", "(Gᵀ·1)_j"]),
        ],
    )
    def test_each_step(self, affine: dict[str, Derivation], name: str, lines: list[str]) -> None:
        found = affine[name]
        text = Text(found.layer)
        assert [text.side(step.expression, found.formula) for step in found.steps] == lines
        assert [step.check for step in found.steps] == ["premise"] + ["SymPy"] * (len(lines) - 1)
        assert found.steps[0].label == "(3)"

    def test_equations_are_sympys(self, affine: dict[str, Derivation]) -> None:
        """The sides are those that one writes by hand in SymPy, with dimensions that are symbols."""
        N, D, M = sympy.symbols("N D M", integer=True, nonnegative=True)
        a, b, k, i, j = sympy.symbols("α β k i j", integer=True)
        X, W, G = sympy.MatrixSymbol("x", N, D), sympy.MatrixSymbol("w", D, M), sympy.MatrixSymbol("g", N, M)
        equations = affine["x"].equations
        assert all(isinstance(equation, sympy.Eq) for equation in equations)
        double_sum = sympy.Sum(
            G[a, b] * sympy.Sum((X[a, k] * W[k, b]).diff(X[i, j]), (k, 0, D - 1)), (a, 0, N - 1), (b, 0, M - 1)
        )
        assert equations[0].lhs == double_sum
        assert equations[-1].rhs.dummy_eq((G * W.T)[i, j])
        assert affine["w"].equations[-1].rhs.dummy_eq((X.T * G)[i, j])

    def test_evidence_names_what_it_rests_on(self, affine: dict[str, Derivation]) -> None:
        symbolic, graphs = affine["x"].evidence
        assert symbolic == "SymPy: every step, for all dimensions at once"
        assert graphs.startswith(
            "scalar graphs: all 42 entries of these formulas equal exactly over Fractions at (N, D"
        )

    @pytest.mark.parametrize(
        ("name", "formulas"), [("linear", ["∂L/∂X = G·W", "∂L/∂W = Gᵀ·X"]), ("bias", ["∂L/∂b = Gᵀ·1"])]
    )
    def test_other_names(self, name: str, formulas: list[str]) -> None:
        assert statements(name) == formulas

    @pytest.mark.parametrize("name", NAMED)
    def test_every_name_is_proved_and_has_a_matrix_form(self, name: str) -> None:
        for found in derive(name):
            assert found.closed is not None
            assert {step.check for step in found.steps[1:]} == {"SymPy"}
            assert "equal" in found.evidence[1]

    @pytest.mark.parametrize(
        ("forward", "product"),
        [
            ("y[a,b] = sum(k, x[a,k]*w[k,b])", lambda x, w: x * w),
            ("y[a,b] = sum(k, x[a,k]*w[b,k])", lambda x, w: x * w.T),
            ("y[a,b] = sum(k, x[k,a]*w[k,b])", lambda x, w: x.T * w),
            ("y[a,b] = sum(k, l, x[a,k]*w[k,l]*x[b,l])", lambda x, w: x * w * x.T),
        ],
    )
    def test_sympys_trace_rule_agrees(self, forward: str, product: Any) -> None:
        """A third oracle: ∂L/∂V is the derivative of tr(Gᵀ·F) by V, which SymPy has rules of its own for."""
        for found in derive(forward):
            assert found.closed is not None
            algebra = Algebra(found.layer)
            x, w, g = (algebra.matrix(name) for name in ("x", "w", "g"))
            by_trace = sympy.Trace(g.T * product(x, w)).diff(algebra.matrix(found.name))
            i, j = (sympy.Symbol(letter, integer=True) for letter in found.formula.indices)
            assert not algebra.differ(algebra.matrix_entry(found.closed, i, j), by_trace[i, j])
            assert algebra.differ(algebra.matrix_entry(found.closed, i, j), 2 * by_trace[i, j])


def swapped(formula: Formula, one: str, other: str) -> Formula:
    """The formula with one index in place of another, wherever it stands."""
    terms = tuple(
        replace(term, factors=tuple(factor.renamed({one: other}) for factor in term.factors)) for term in formula.terms
    )
    return replace(formula, terms=terms)


def with_step(found: Derivation, position: int, expression: Formula | Matrix) -> Derivation:
    steps = list(found.steps)
    steps[position] = replace(steps[position], expression=expression)
    return replace(found, steps=tuple(steps))


class TestTampering:
    """A check that can't fail proves nothing."""

    def test_an_honest_derivation_verifies_again(self, affine: dict[str, Derivation]) -> None:
        assert affine["w"].verify() == affine["w"]

    @pytest.mark.parametrize("name", ["x", "w", "b"])
    def test_a_lost_factor_in_any_step_is_refused(self, affine: dict[str, Derivation], name: str) -> None:
        found = affine[name]
        for position, step in enumerate(found.steps[1:-1], 1):
            assert isinstance(step.expression, Formula)
            (term,) = step.expression.terms
            for lost in range(len(term.factors)):
                factors = term.factors[:lost] + term.factors[lost + 1 :]
                changed = replace(step.expression, terms=(replace(term, factors=factors),))
                with pytest.raises(DerivationError, match=rf"step {position + 1} of ∂L/∂{name} does not follow: .* ≠ "):
                    with_step(found, position, changed).verify()

    @pytest.mark.parametrize("name", ["x", "w", "b"])
    def test_a_number_in_any_step_is_refused(self, affine: dict[str, Derivation], name: str) -> None:
        found = affine[name]
        for position, step in enumerate(found.steps[1:-1], 1):
            assert isinstance(step.expression, Formula)
            (term,) = step.expression.terms
            changed = replace(step.expression, terms=(replace(term, coefficient=Fraction(-1)),))
            with pytest.raises(DerivationError, match="does not follow"):
                with_step(found, position, changed).verify()

    def test_the_printed_delta_is_refused(self) -> None:
        """∂y_αβ/∂w_ij = δ_βi x_αi, as the text prints it; for square matrices the indices at least have one range."""
        found = outline(read("y[α,β] = sum(k, x[α,k]*w[k,β])", {"x": "N N", "w": "N N"}), "w").verify()
        third = found.steps[2].expression
        assert isinstance(third, Formula)
        with pytest.raises(DerivationError, match=r"step 3 .* ≠ Σ_α Σ_β g_αβ δ_βi x_αi"):
            with_step(found, 2, swapped(third, "j", "i")).verify()

    def test_a_formula_that_fits_for_square_w_is_refused(self) -> None:
        """G·W, which has the right shape if W is square, and is wrong."""
        found = outline(read("y[α,β] = sum(k, x[α,k]*w[k,β])", {"x": "N D", "w": "D D"}), "x")
        assert isinstance(found.closed, Matrix)
        g, w = found.closed.args
        guess = replace(found.closed, args=(g, w.args[0]))
        with pytest.raises(DerivationError, match=r"step 5 .* Σ_β g_iβ w_jβ ≠ \(G·W\)_ij"):
            with_step(found, 4, guess).verify()
        with pytest.raises(DerivationError, match=r"∂L/∂X = G·W is false at \{'N': 2, 'D': 3\}: the graph has"):
            confirm(found.layer, [with_step(found, 4, guess)])

    def test_x_that_is_also_w_needs_both_terms(self) -> None:
        """Y = X·Xᵀ: formula (1) alone, G·X, is half of the truth (G + Gᵀ)·X."""
        (found,) = derive("gram")
        assert found.statement == "∂L/∂X = G·X + Gᵀ·X"
        assert found.closed is not None
        with pytest.raises(DerivationError, match=r"≠ \(G·X\)_ij"):
            with_step(found, -1, found.closed.args[0]).verify()

    def test_another_start_is_refused(self, affine: dict[str, Derivation]) -> None:
        found = affine["x"]
        with pytest.raises(DerivationError, match=r"the derivation of x does not start from the chain rule \(3\)"):
            replace(found, steps=found.steps[1:]).verify()

    def test_a_wrong_index_form_is_contradicted_by_the_graph(self, affine: dict[str, Derivation]) -> None:
        found = affine["b"]
        (term,) = found.formula.terms
        wrong = replace(found.formula, terms=(replace(term, coefficient=Fraction(2)),))
        with pytest.raises(DerivationError, match=r"∂L/∂b_j = 2 Σ_α g_αj is false|∂L/∂b_j = Σ_α 2 g_αj is false"):
            confirm(found.layer, [replace(found, steps=(Step(wrong, "by hand"),))])

    def test_where_sympy_does_not_see_it_the_evidence_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Algebra, "differ", lambda self, left, right: True)
        (found,) = derive("y[a] = x[a]")
        assert found.evidence[0].startswith(
            "SymPy: not confirmed, since it did not see that two sides are equal (step 2"
        )
        assert {step.check for step in found.steps} == {"unchecked"}
        with pytest.raises(DerivationError, match="step 2 of ∂L/∂x does not follow"):
            derive("affine")

    def test_a_sum_that_sympy_leaves_is_said(self) -> None:
        algebra = Algebra(read("y[a] = x[a]"))
        k, n = sympy.Symbol("k", integer=True), sympy.Symbol("N", integer=True)
        delta = sympy.KroneckerDelta(k, sympy.Symbol("i", integer=True))  # without a range
        with pytest.raises(DerivationError, match="SymPy could not collapse a sum"):
            list(algebra.collapsed(delta, [(k, sympy.Integer(0), n)]))


class TestClosedForms:
    """Matrix formulas from index notation; the intermediate results come first."""

    @pytest.mark.parametrize(
        ("forward", "formulas"),
        [
            ("y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]", ["∂L/∂X = G·Wᵀ", "∂L/∂W = Xᵀ·G", "∂L/∂b = Gᵀ·1"]),
            ("y[a,b] = sum(k, x[a,k]*w[b,k])", ["∂L/∂X = G·W", "∂L/∂W = Gᵀ·X"]),
            ("y[a,b] = sum(k, x[k,a]*w[k,b])", ["∂L/∂X = W·Gᵀ", "∂L/∂W = X·G"]),
            ("y[a,d] = sum(b, c, a[a,b]*x[b,c]*b[c,d])", ["∂L/∂A = G·Bᵀ·Xᵀ", "∂L/∂X = Aᵀ·G·Bᵀ", "∂L/∂B = Xᵀ·Aᵀ·G"]),
            ("f = sum(i, j, x[i]*a[i,j]*x[j])", ["∂f/∂x = A·x + Aᵀ·x", "∂f/∂A = x·xᵀ"]),
            ("f = sum(i, j, a[i,j]*x[j,i])", ["∂f/∂A = Xᵀ", "∂f/∂X = Aᵀ"]),
            ("f = sum(i, x[i,i])", ["∂f/∂X = I"]),
            ("f = sum(i, x[i,i]) * s", ["∂f/∂X = s·I", "∂f/∂s = tr(X)"]),
            ("y[a] = x[a,a]", ["∂L/∂X = diag(g)"]),
            ("y[a,b] = x[a,b]*w[a,b]", ["∂L/∂X = G ∘ W", "∂L/∂W = G ∘ X"]),
            ("y[a,b] = x[a,b]*w[b,a]", ["∂L/∂X = G ∘ Wᵀ", "∂L/∂W = Gᵀ ∘ Xᵀ"]),
            ("y[a] = sum(b, x[a,b])", ["∂L/∂X = g·1ᵀ"]),
            ("f = sum(a, b, x[a,b])", ["∂f/∂X = 1·1ᵀ"]),
            ("f = sum(a, x[a])**2", ["∂f/∂z = 2·z", "∂f/∂x = z̄·1"]),
            ("f = sum(a, sum(b, x[a] + w[a,b]))", ["∂f/∂x = D·1", "∂f/∂W = 1·1ᵀ"]),
            ("y[a,b] = d[a]*x[a,b]", ["∂L/∂d = (G ∘ X)·1", "∂L/∂X = diag(d)·G"]),
            ("y[a,b] = x[a,b] - 0.5*x[b,a]", ["∂L/∂X = G − 1/2·Gᵀ"]),
            ("y[a] = -(+x[a]) - 2*x[a]**1 + 3", ["∂L/∂x = −3·g"]),
            ("y[a] = x[a] - x[a]", ["∂L/∂x = 0"]),
            (
                "y[i,j] = (sum(a, x[i,a]) + x[i,i])*u[j]",
                ["∂L/∂X = G·u·1ᵀ + diag(G·u)", "∂L/∂u = Gᵀ·X·1 + Gᵀ·diag(X)"],
            ),
            ("y[a,b] = exp(x[a,b])", ["∂L/∂X = G ∘ exp′(X)"]),
            ("y[a,b] = exp(x[b,a])", ["∂L/∂X = Gᵀ ∘ exp′(X)"]),
            (
                "f = sum(a, b, tanh(sum(k, x[a,k]*w[k,b]))*u[a,b])",
                ["∂f/∂T = U", "∂f/∂Z = T̄ ∘ tanh′(Z)", "∂f/∂X = Z̄·Wᵀ", "∂f/∂W = Xᵀ·Z̄", "∂f/∂U = T"],
            ),
            (
                "h[a,b] = sum(k, x[a,k]*w[k,b])**2; y[a,c] = sum(b, h[a,b]*v[b,c])",
                ["∂L/∂H = G·Vᵀ", "∂L/∂Z = 2·(H̄ ∘ Z)", "∂L/∂X = Z̄·Wᵀ", "∂L/∂W = Xᵀ·Z̄", "∂L/∂V = Hᵀ·G"],
            ),
            ("h[a] = x[a]*x[a]\ny[a] = h[a]*x[a]", ["∂L/∂h = g ∘ x", "∂L/∂x = 2·(h̄ ∘ x) + g ∘ h"]),
            ("f = sum(a, b, c, x[a]*x[b]*w[b,c]*w[a,c])", ["∂f/∂x = 2·W·Wᵀ·x", "∂f/∂W = 2·x·xᵀ·W"]),
        ],
    )
    def test_formulas(self, forward: str, formulas: list[str]) -> None:
        found = derive(forward)
        assert [one.statement for one in found] == formulas
        assert all("every step" in one.evidence[0] and "equal" in one.evidence[1] for one in found)

    def test_without_a_matrix_form_the_indices_stay(self) -> None:
        three, *_ = derive("y[a,b] = sum(k, t[a,b,k]*u[k])")
        assert three.statement == "∂L/∂t_ijl = g_ij u_l"
        assert three.closed is None
        assert three.evidence[0] == "SymPy: not asked, since t has more than two indices"
        with pytest.raises(DerivationError, match="SymPy can't check this: t has more than two indices"):
            three.verify()
        stuck, *_ = derive("f = sum(a, b, c, d, x[a,b]*u[a,b]*v[b,c]*w[c,a]*v[a,d]*w[d,b]*s[b,c]*t[a,c])")
        assert stuck.closed is None or "equal" in stuck.evidence[1]

    def test_functions_with_a_bend_are_left_to_the_graphs(self) -> None:
        (found,) = derive("y[a] = relu(x[a])")
        assert found.statement == "∂L/∂x = g ∘ relu′(x)"
        assert found.evidence[0] == "SymPy: not asked, since relu has a bend"
        assert "exactly over Fractions" in found.evidence[1]

    def test_many_sums_are_left_to_the_graphs(self) -> None:
        chain = "*".join(f"x{n}[{a},{b}]" for n, (a, b) in enumerate(zip("abcdefgh", "bcdefghi", strict=True)))
        found = derive(f"f = sum(a,b,c,d,e,f,g,h,i, {chain})")
        assert found[0].evidence[0] == "SymPy: not asked, since a term has more than 7 sums"
        assert "equal exactly" in found[0].evidence[1]

    def test_numbers_outside_of_a_functions_domain(self) -> None:
        (*_, found) = derive("y[a] = relu(log(x[a] - 9))")
        assert "not compared" in found.evidence[1]

    def test_zero_sizes(self) -> None:
        for forward in ("y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]", "f = sum(a, b, x[a]*w[a,b])", "f = sum(i, x[i,i])*s"):
            layer = read(forward)
            found = [outline(layer, name) for name in layer.inputs]
            for letter in {size for shape in layer.shapes.values() for size in shape}:
                sizes = dict.fromkeys("NDM", 2) | {letter: 0}
                assert compare(layer, found, sizes, lambda: Fraction(3)) >= 0

    @pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in BENT])
    def test_the_tables_derivatives_are_sympys(self, name: str) -> None:
        z = sympy.Symbol("z", positive=True)
        ours = derivative(name, z)
        assert sympy.simplify(ours - sympy.diff(FUNCTIONS[name].apply(z), z)) == 0

    def test_a_wrong_row_of_the_table_is_caught(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The formula takes f′ from the table, as it is now; the graph has what the table said when it was built."""
        layer = read("y[a] = sin(x[a])")
        found = [outline(layer, "x")]
        monkeypatch.setattr(matrix_form, "derivative", lambda function, z: ops.SIN.apply(z))
        with pytest.raises(DerivationError, match="false at"):
            confirm(layer, found)


class TestPages:
    def test_text(self, affine: dict[str, Derivation]) -> None:
        lines = str(affine["x"]).splitlines()
        assert lines[0] == "∂L/∂X = G·Wᵀ   (1)"
        assert lines[1] == "  y_αβ = Σ_k x_αk w_kβ + b_β   (4)"
        assert lines[2].startswith(
            "  ∂L/∂x_ij  =  Σ_α Σ_β g_αβ ∂y_αβ/∂x_ij         (3)  the chain rule, over all entries"
        )
        assert "  X is N×D; W is D×M; Y is N×M" in lines
        assert "  G = ∂L/∂Y" in lines

    def test_legend(self) -> None:
        z, x, _, b = derive("tanh")
        assert "tanh′(z) = 1 - tanh(z)**2" in str(z)
        assert "Z̄ = ∂L/∂Z" in str(x)
        assert "1 is a column of ones" in str(b)

    def test_latex(self, affine: dict[str, Derivation]) -> None:
        page = affine["w"].latex()
        assert page.startswith("\\begin{align*}\n")
        assert page.endswith("\\frac{\\partial L}{\\partial W} &= X^{\\mathsf{T}} \\cdot G \\tag{2}\n\\end{align*}")
        assert r"\sum_{\alpha = 0}^{N - 1} g_{\alpha j} x_{\alpha i}" in page
        assert r"\tag{3}" in page
        assert r"\tag{4}" in page
        assert page == affine["w"]._repr_latex_()

    @pytest.mark.parametrize("name", NAMED)
    def test_pages_are_well_formed(self, name: str) -> None:
        for found in derive(name):
            root = ElementTree.fromstring(found.mathml())
            assert root.tag == "math"
            assert "".join(root.itertext()).count("∂") >= 2
            page = found.latex()
            assert page.count("{") == page.count("}")
            assert page.count(r"\left(") == page.count(r"\right)")
            assert page.count("$") % 2 == 0
            assert "$$" not in page
            assert page.isascii()
            html = found._repr_html_()
            assert html.startswith("<div")
            assert "<mtable" in html
            assert "scalar graphs" in html

    def test_names_of_every_kind(self) -> None:
        forward = "out[row,β] = sigmoid(sum(κ, my_x[row,κ]*Ω[κ,β]) - 0.5*c1[row]) + 2*ο[β]*ο[β]"
        for found in derive(forward):
            ElementTree.fromstring(found.mathml())
            assert found.latex().count("$") % 2 == 0
        assert "out_row,β" in str(found)
        page = derive(forward)[-3].latex()
        assert r"\Omega" in page
        assert r"\mathrm{my\_x}_{\mathrm{row}, \kappa}" in page
        assert r"\frac{1}{2}" in page
        assert r"\operatorname{sigmoid}\left(" in page

    def test_bars_and_primes(self) -> None:
        found = derive("h[a,b] = sum(k, x[a,k]) * sum(k, w[k,b]); y[a,b] = exp(h[a,b])")
        page = found[1].latex()
        assert r"\bar{h}_{a b}" in page
        assert "k'" in page
        assert "<mover><mi>h</mi><mo>¯</mo></mover>" in found[1].mathml()

    def test_capital_letters_that_are_taken(self) -> None:
        assert statements("y[a,b] = sum(k, x[a,k]*X[k,b])*g*G[b]*Y[b]")[0].startswith("∂L/∂x = ")


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", r"there is no statement: write one such as y\[a,b\]"),
            ("y = 1", "nothing is made of a matrix here: there is nothing to differentiate by"),
            ("affin", r"there is no forward pass 'affin': name one of affine, linear, bias"),
            ("y[a] == x[a]", "statement 1, column 1: a statement is an assignment"),
            ("y[a] = x[a", "statement 1, column 9: no formula: '\\[' was never closed"),
            ("y[a] = ", "statement 1, column 8: no formula"),
            ("y[a] = x[a]\0", "no formula"),
            ("y[a] = 1if x[a]", "no formula"),
            ("y[a] = " + "(" * 300 + "x[a]" + ")" * 300, "statement 1, column .*: no formula: too many nested"),
            ("y[a] = " + "-" * 1900 + "x[a]", "statement 1, column 1: .* nested too deeply"),
            ("y[a] = x[a]" + " " * 2000, "the text has 2,011 characters: 2,000 are the limit"),
            ("y[a]+1 = x[a]", r"statement 1, column 1: the left side is a name with indices, such as y\[a,b\]"),
            ("y[1] = x[a]", "statement 1, column 3: an index is a letter such as k, not a number"),
            ("y[a] = x[1.5]", "statement 1, column 10: an index is a letter such as k, not a number"),
            ("y[a] = x[a+1]", "statement 1, column 10: an index is a letter"),
            ("y[a,a] = x[a]", "statement 1, column 1: a stands twice on the left: each index of y needs"),
            ("y[a] = x[a] + x[k]", r"column 17: unknown index k: put it on the left, or bind it by sum\(k, …\)"),
            ("y[α] = β[α] + x[k]", "column 17: unknown index k"),  # columns are characters, not bytes
            ("y[a] = sum(k, x[a,k]) + x[a]", "column 25: x has 2 indices elsewhere and 1 here: it needs 2"),
            ("y[a] = x[a] + x[a,a]", "x has 1 index elsewhere and 2 here: it needs 1"),
            ("y[a] = sum(a, x[a])", "column 12: the index a is bound already: give the sum a letter of its own"),
            ("y[a] = sum(k, sum(k, x[a,k]))", "column 19: the index k is bound already"),
            ("y[a] = sum(k, x[a])", "column 8: no factor has the index k: its range is unknown"),
            ("y[a] = sum(x[a])", "column 8: a sum names its index first"),
            ("y[a] = sum()", "column 8: a sum names its index first"),
            ("y[a] = sum(x[a], x[a])", "column 12: an index is a letter"),
            ("y[a] = sum(k, x[k], start=1)", "a sum names its index first"),
            ("y[a,b] = x[a]", "statement 1, column 1: b stands on the left only: its range is unknown unless shapes"),
            ("h[a] = x[a]; y[a,b] = h[a]", "statement 2, column 1: b stands on the left only"),
            ("y[a] = x[a]/2", "column 8: there is no division: multiply by a number such as 0.5"),
            ("y[a] = x[a]//x[a]", "there is no division"),
            ("y = x @ w", "column 5: there is no @ here: write the sum"),
            ("y[a] = x[a]**0.5", "column 8: a power is a whole number from 1 to 9"),
            ("y[a] = x[a]**x[a]", "a power is a whole number from 1 to 9"),
            ("y[a] = cosh(x[a])", "column 8: unknown function: there are sum, exp, log"),
            ("y[a] = x.exp(x[a])", "column 8: unknown function"),
            ("y[a] = __import__('os').system('true')", "column 8: unknown function"),
            ("y[a] = exp(x[a], x[a])", "column 8: exp takes one argument"),
            ("y[a] = exp(*x)", "column 8: exp takes one argument"),
            ("y[a] = 'x'", "column 8: only .* are allowed"),
            ("y[a] = True*x[a]", "column 8: only .* are allowed"),
            ("y[a] = x[a] if x[a] else 0", "only .* are allowed"),
            ("y[a] = 1e999*x[a]", "column 8: the number is too large for a float"),
            ("y[a] = a*x[a]", r"column 8: a is an index: it stands in brackets only, as in x\[a\]"),
            ("y[a] = x[a][a]", "column 8: only a name has indices"),
            ("y[a] = y[a] + x[a]", "column 8: y is made of itself here"),
            ("y[a] = x[a]; x[a] = y[a]", "statement 2, column 2: x is used before this statement assigns it"),
            ("y[a] = x[a]; y[a] = x[a]", "statement 2, column 2: y is assigned twice"),
            ("h[a] = x[a]; y[a] = x[a]", "h is assigned and never used: the last statement is the output"),
            ("exp[a] = x[a]", "column 1: exp is a function here, and no name for a matrix"),
            ("y[a] = δ[a]", "column 8: δ has a meaning in derivations"),
            ("y[a] = " + "(x[a]+w[a])*" * 9 + "x[a]", "more than 100 terms when multiplied out"),
        ],
    )
    def test_one_sentence_with_the_place(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            derive(text)

    @pytest.mark.parametrize(
        ("text", "shapes", "message"),
        [
            (
                "y[a,b] = sum(k, x[a,k]*w[k,b])",
                {"x": "N D", "w": "M D"},
                r"statement 1, column 24: the index k has two ranges: D elsewhere, and M in w\[k,b\]",
            ),
            ("y[a] = x[a]", {"x": "N D"}, "x has 2 indices elsewhere and 1 here: it needs 2"),
            ("y[a] = z[a]", {"x": "N"}, "column 8: unknown name z: the shapes given are of x"),
        ],
    )
    def test_shapes(self, text: str, shapes: dict[str, str], message: str) -> None:
        with pytest.raises(NotationError, match=message):
            derive(text, shapes)

    def test_not_a_text(self) -> None:
        with pytest.raises(TypeError, match=r"a forward pass is text such as .*, not a int"):
            derive(3)  # type: ignore[arg-type]

    def test_shapes_give_ranges_that_indices_do_not(self) -> None:
        assert statements("y[a,b] = tanh(x[a])", {"x": "N", "y": "N M"}) == ["∂L/∂t = G·1", "∂L/∂x = t̄ ∘ tanh′(x)"]

    def test_names_of_our_own_avoid_the_texts(self) -> None:
        layer = read("f = sum(a, z[a]*tanh(z[a] + t*N[a]))")
        assert {statement.name for statement in layer.statements} == {"z1", "t1", "f"}
        assert layer.shapes["z"] == ("D",)

    def test_without_sympy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sympy", None)
        with pytest.raises(ModuleNotFoundError, match='derivations need SymPy: install the extra "symbolic"'):
            derive("affine")

    def test_the_import_is_light(self) -> None:
        code = "import sys, scalargrad.derivation; assert not {'sympy', 'mpmath', 'rich'} & set(sys.modules)"
        subprocess.run([sys.executable, "-c", code], check=True)


class TestTheKernel:
    def test_like_terms_with_bound_indices_are_added(self) -> None:
        layer = read("f = sum(a, x[a]*w[a]) + sum(c, w[c]*x[c])")
        assert len(layer.statements[0].terms) == 1
        assert layer.statements[0].terms[0].coefficient == 2

    def test_an_entry_of_a_delta(self) -> None:
        formula = Formula((Term(Fraction(1), (Factor("δ", ("i", "j")),)),), (("i", "N"), ("j", "N")))
        assert entries(formula, {}, {"N": 2}).tolist() == [[1, 0], [0, 1]]

    def test_scalars(self) -> None:
        layer = read("f = s*t*3 + s**2")
        formula = gradient(layer, "s")
        closed = closed_form(layer, formula)
        assert closed is not None
        assert evaluate(closed, {"s": 5, "t": 7}, {}).tolist() == [[31]]
