"""Each step of a derivation is checked, and a tampered one is refused: a check that can't fail proves nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy

from scalargrad.derivation import Derivation, derive
from scalargrad.derivation.confirm import confirm
from scalargrad.derivation.derive import outline
from scalargrad.derivation.matrix_form import Matrix
from scalargrad.derivation.media import Text
from scalargrad.derivation.notation import read
from scalargrad.derivation.terms import Formula
from scalargrad.errors import DerivationError


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
def test_each_step(affine: dict[str, Derivation], name: str, lines: list[str]) -> None:
    found = affine[name]
    text = Text(found.layer)
    assert [text.side(step.expression, found.formula) for step in found.steps] == lines
    assert [step.check for step in found.steps] == ["premise"] + ["SymPy"] * (len(lines) - 1)
    assert found.steps[0].label == "(3)"


def test_equations_are_sympys(affine: dict[str, Derivation]) -> None:
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


def test_an_honest_derivation_verifies_again(affine: dict[str, Derivation]) -> None:
    assert affine["w"].verify() == affine["w"]


@pytest.mark.parametrize("name", ["x", "w", "b"])
def test_a_lost_factor_in_any_step_is_refused(affine: dict[str, Derivation], name: str) -> None:
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
def test_a_number_in_any_step_is_refused(affine: dict[str, Derivation], name: str) -> None:
    found = affine[name]
    for position, step in enumerate(found.steps[1:-1], 1):
        assert isinstance(step.expression, Formula)
        (term,) = step.expression.terms
        changed = replace(step.expression, terms=(replace(term, coefficient=Fraction(-1)),))
        with pytest.raises(DerivationError, match="does not follow"):
            with_step(found, position, changed).verify()


def test_the_printed_delta_is_refused() -> None:
    """∂y_αβ/∂w_ij = δ_βi x_αi, as the text prints it; for square matrices the indices at least have one range."""
    found = outline(read("y[α,β] = sum(k, x[α,k]*w[k,β])", {"x": "N N", "w": "N N"}), "w").verify()
    third = found.steps[2].expression
    assert isinstance(third, Formula)
    with pytest.raises(DerivationError, match=r"step 3 .* ≠ Σ_α Σ_β g_αβ δ_βi x_αi"):
        with_step(found, 2, swapped(third, "j", "i")).verify()


def test_a_formula_that_fits_for_square_w_is_refused() -> None:
    """G·W, which has the right shape if W is square, and is wrong."""
    found = outline(read("y[α,β] = sum(k, x[α,k]*w[k,β])", {"x": "N D", "w": "D D"}), "x")
    assert found.closed is not None
    g, w = found.closed.parts
    guess = g @ w.T
    with pytest.raises(DerivationError, match=r"step 5 .* Σ_β g_iβ w_jβ ≠ \(G·W\)_ij"):
        with_step(found, 4, guess).verify()
    with pytest.raises(DerivationError, match=r"∂L/∂X = G·W is false at \{'N': 2, 'D': 3\}: the graph has"):
        confirm(found.layer, [with_step(found, 4, guess)])


def test_x_that_is_also_w_needs_both_terms() -> None:
    """Y = X·Xᵀ: formula (1) alone, G·X, is half of the truth (G + Gᵀ)·X."""
    (found,) = derive("gram")
    assert found.statement == "∂L/∂X = G·X + Gᵀ·X"
    assert found.closed is not None
    with pytest.raises(DerivationError, match=r"≠ \(G·X\)_ij"):
        with_step(found, -1, found.closed.parts[0]).verify()


def test_another_start_is_refused(affine: dict[str, Derivation]) -> None:
    found = affine["x"]
    with pytest.raises(DerivationError, match=r"the derivation of x does not start from the chain rule \(3\)"):
        replace(found, steps=found.steps[1:]).verify()
