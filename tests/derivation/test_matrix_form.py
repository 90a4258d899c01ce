"""Matrix formulas from index notation; the intermediate results come first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scalargrad.derivation import derive
from scalargrad.derivation.differentiation import gradient
from scalargrad.derivation.matrix_form import Zeros, closed_form
from scalargrad.derivation.matrix_notation.from_indices import as_one_expression, require_same
from scalargrad.derivation.notation import read
from scalargrad.errors import DerivationError


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
        # division, powers, the identity, max and min
        ("f = sum(a, x[a]/z[a])", ["∂f/∂x = z^∘(−1)", "∂f/∂z = −(x ⊘ z^∘2)"]),
        ("y[a,b] = x[a,b]/d[a]", ["∂L/∂X = diag(d^∘(−1))·G", "∂L/∂d = −(((G ∘ X)·1) ⊘ d^∘2)"]),
        ("y[a] = 2/(x[a]*z[a])", ["∂L/∂x = −2·(g ⊘ z ⊘ x^∘2)", "∂L/∂z = −2·(g ⊘ z^∘2 ⊘ x)"]),
        ("y[a] = 2*x[a]/(3*0.5)", ["∂L/∂x = 4/3·g"]),
        ("y[a] = x[a]^2.5", ["∂L/∂x = 5/2·(g ∘ x^∘(3/2))"]),
        ("y[a] = x[a]^-(1/2)", ["∂L/∂x = −1/2·(g ⊘ x^∘(3/2))"]),
        ("f = sum(a, x[a]^2)^(1/2)", ["∂f/∂z = 1/2·z^(−1/2)", "∂f/∂x = 2·z̄·x"]),
        ("y[a] = x[a]/s^3 + x[a]^0", ["∂L/∂x = s⁻³·g", "∂L/∂s = −3·s⁻⁴·gᵀ·x"]),
        ("f = sum(a, exp(x[a]^-1))", ["∂f/∂t = 1", "∂f/∂z = t̄ ∘ exp′(z)", "∂f/∂x = −(z̄ ⊘ x^∘2)"]),
        ("f = sum(a, b, x[a]*eye[a,b]*z[b])", ["∂f/∂x = z", "∂f/∂z = x"]),
        ("y[a,b] = x[a]*δ[a,b]", ["∂L/∂x = diag(G)"]),
        ("f = sum(a, b, eye[a,b]*eye[b,a]*x[a,b])", ["∂f/∂X = I"]),
        ("f = sum(a, eye[a,a]*s*x[a])", ["∂f/∂s = xᵀ·1", "∂f/∂x = s·1"]),
        ("y[a] = max(0, x[a])", ["∂L/∂t = g", "∂L/∂x = t̄ ∘ relu′(x)"]),
        ("y[a] = minimum(x[a], 0)", ["∂L/∂t = −g", "∂L/∂z = t̄ ∘ relu′(z)", "∂L/∂x = −z̄"]),
        ("y[a] = max(x[a], z[a])", ["∂L/∂t = g", "∂L/∂z1 = t̄ ∘ relu′(z1)", "∂L/∂x = z1̄", "∂L/∂z = −z1̄ + g"]),
        ("y[a] = max(2, 3)*x[a] + min(x[a], x[a])", ["∂L/∂x = 4·g"]),
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
def test_formulas(forward: str, formulas: list[str]) -> None:
    found = derive(forward)
    assert [one.statement for one in found] == formulas
    assert all("every step" in one.evidence[0] and "equal" in one.evidence[1] for one in found)


def test_a_wrong_formula_of_a_forward_pass_is_found_out() -> None:
    layer = read("f = sum(a, x[a]*y[a])")
    right = as_one_expression(layer)
    require_same(layer, right)
    with pytest.raises(DerivationError, match=r"^the matrix form of f is false at \{'N': 2, '1': 1\}$"):
        require_same(layer, right * 2)


def test_dimensions_are_numbers() -> None:
    found = derive("f = sum(i, (x[i] - m)^2)/N - log(N)*m", x="N", m="")
    assert [one.statement for one in found] == ["∂f/∂z = 2·N⁻¹·z", "∂f/∂x = z̄", "∂f/∂m = −z̄ᵀ·1 − t"]
    assert found[0].evidence[0] == "SymPy: every step, for all dimensions at once"
    assert "to 50 digits at N = 2, 3, 1" in found[0].evidence[1]
    (by_a, by_x) = derive("y[i] = sum(j, a[i,j]*x[j])/N", x="N")  # with no shape for a
    assert (by_a.statement, by_x.statement) == ("∂L/∂A = N⁻¹·g·xᵀ", "∂L/∂x = N⁻¹·Aᵀ·g")


def test_without_a_matrix_form_the_indices_stay() -> None:
    three, *_ = derive("y[a,b] = sum(k, t[a,b,k]*u[k])")
    assert three.statement == "∂L/∂t_ijl = g_ij u_l"
    assert three.closed is None
    assert three.evidence[0] == "SymPy: not asked, since t has more than two indices"
    with pytest.raises(DerivationError, match="SymPy can't check this: t has more than two indices"):
        three.verify()


def test_three_factors_that_share_an_index_stay_in_index_form() -> None:
    stuck, *_ = derive("f = sum(a, b, c, k, x[a,k]*w[b,k]*v[c,k]*s[a,b]*t[b,c]*u[c,a])")
    assert stuck.statement == "∂f/∂x_ij = Σ_b Σ_c w_bj v_cj s_ib t_bc u_ci"
    assert stuck.closed is None
    assert stuck.evidence[0] == "SymPy: every step, for all dimensions at once"
    assert "equal exactly" in stuck.evidence[1]


def test_terms_that_cancel_as_matrices_are_zero() -> None:
    formula = gradient(read("f = sum(a, b, x[a,b]*w[a,b])"), "x")
    (term,) = formula.terms
    assert closed_form(replace(formula, terms=(term, term.times(-1)))) == Zeros(("N", "D"))
