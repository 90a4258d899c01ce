"""Jacobians with their layout, Hessians, differentials: the formulas, the code, and what finds a wrong one out."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.derivation.matrix_notation.linear_maps import coefficients
from scalargrad.derivation.matrix_notation.reading import simplified, understood
from scalargrad.derivation.matrix_notation.routes_beyond import along_directions, by_graphs_and_differences
from scalargrad.errors import ArgumentError, DerivationError, NotationError, UnconfirmedError

SIZES = {"N": 3, "D": 2, "M": 4, "K": 5, "P": 2}

# text, shapes, input, its Jacobian, and the same as one matrix of row-major entries
JACOBIANS: list[tuple[str, dict[str, str], str, str, str]] = [
    ("X*w", {"X": "N D"}, "w", "∂F/∂w = X", ""),
    ("X*w", {"X": "N D"}, "X", "∂F_i/∂X_kl = δ_ik w_l", "I ⊗ wᵀ"),
    ("X*W", {"X": "N D"}, "X", "∂F_ij/∂X_kl = δ_ik W_lj", "I ⊗ Wᵀ"),
    ("X*W", {"X": "N D"}, "W", "∂F_ij/∂W_kl = X_ik δ_jl", "X ⊗ I"),
    ("A*X*B", {"X": "N D"}, "X", "∂F_ij/∂X_kl = A_ik B_lj", "A ⊗ Bᵀ"),
    ("A*X'*B", {"X": "N D"}, "X", "∂F_ij/∂X_kl = A_il B_kj", "(A ⊗ Bᵀ)·K"),
    ("inv(X)", {"X": "N N"}, "X", "∂F_ij/∂X_kl = −(X⁻¹)_ik (X⁻¹)_lj", "−(X⁻¹ ⊗ X⁻ᵀ)"),
    ("X'*X", {"X": "N D"}, "X", "∂F_ij/∂X_kl = X_ki δ_jl + δ_il X_kj", "(Xᵀ ⊗ I) + (I ⊗ Xᵀ)·K"),
    ("X.*Y", {"X": "N D"}, "X", "∂F_ij/∂X_kl = Y_ij δ_ik δ_jl", "diag(vec(Y))"),
    ("X'", {"X": "N D"}, "X", "∂F_ij/∂X_kl = δ_il δ_jk", "K"),
    ("exp(X*W)", {"X": "N D"}, "W", "∂F_ij/∂W_kl = exp(X·W)_ij X_ik δ_jl", "diag(vec(exp(X·W)))·(X ⊗ I)"),
    ("x*y'", {}, "x", "∂F_ij/∂x_k = δ_ik y_j", "I ⊗ y"),
    ("x*y'", {}, "y", "∂F_ij/∂y_k = x_i δ_jk", "x ⊗ I"),
    ("tr(X)*X", {"X": "N N"}, "X", "∂F_ij/∂X_kl = tr(X) δ_ik δ_jl + X_ij δ_kl", "tr(X)·I + vec(X)·vec(I)ᵀ"),
    ("diag(x)*A", {"A": "N D"}, "x", "∂F_ij/∂x_k = A_ij δ_ik", "diag(vec(A))·(I ⊗ 1)"),
    ("diag(X*X')", {"X": "N D"}, "X", "∂F_i/∂X_kl = 2 δ_ik X_il", ""),
    ("(A.*B)*X", {"X": "N D"}, "X", "∂F_ij/∂X_kl = (A ∘ B)_ik δ_jl", "(A ∘ B) ⊗ I"),
    ("(a*(y'*B)).*X", {"X": "N D"}, "X", "∂F_ij/∂X_kl = a_i δ_ik (Bᵀ·y)_j δ_jl", "diag(a) ⊗ diag(Bᵀ·y)"),
    ("diag(d)*X*diag(e)", {"X": "N D"}, "X", "∂F_ij/∂X_kl = d_i δ_ik e_j δ_jl", "diag(d) ⊗ diag(e)"),
    ("A*((B*X).*C)", {"X": "N D"}, "X", "∂F_ij/∂X_kl = Σ_p B_pk A_ip δ_jl C_pj", ""),  # no product: three share p
    ("c*x", {"c": ""}, "c", "∂F/∂c = x", ""),
    ("x'*y", {}, "x", "∂f/∂x = y", ""),
    ("y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]", {}, "b", "∂y_ij/∂b_k = δ_jk", "1 ⊗ I"),
    ("y[a,b] = x[a]/z[b]", {}, "z", "∂y_ij/∂z_k = −x_i (z^∘-2)_j δ_jk", "−(x ⊗ diag(z^∘-2))"),
    ("s = sum(x)/N; y[a] = x[a] - s", {"x": "N"}, "x", "∂y/∂x = I − 1·1ᵀ/N", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shapes", "name", "statement", "matrix"), JACOBIANS)
def test_jacobians(text: str, shapes: dict[str, str], name: str, statement: str, matrix: str) -> None:
    derived = sg.derive(text, shapes)
    found = derived[name].jacobian()
    assert found.statement == statement
    assert found.as_one_matrix() == matrix
    assert "by sg.jacobian" in found.evidence[1]
    assert found.evidence[2].startswith("differences: the same entries")
    ElementTree.fromstring(found.mathml())
    assert found.mathml() in found._repr_html_()
    assert found.latex().count("{") == found.latex().count("}")
    assert str(found).startswith(statement)
    # the code is what the engine has, of that layout
    arrays = positive_arrays(derived.shapes)
    values = [sg.values(array) for array in arrays]
    place = list(derived.shapes).index(name)
    right = np.asarray(sg.jacobian(derived.forward(*values), values[place]), dtype=float)
    np.testing.assert_allclose(called(found.numpy(), *arrays), right, rtol=1e-9, atol=1e-12)


def positive_arrays(shapes: dict[str, str]) -> list[Any]:
    rng = np.random.default_rng(1)
    arrays = [rng.uniform(0.5, 2, [SIZES[d] for d in words.split() if d in SIZES]) for words in shapes.values()]
    return [a + a.T if "symmetric" in words else a for a, words in zip(arrays, shapes.values(), strict=True)]


def called(source: str, *arrays: Any) -> Any:
    scope: dict[str, Any] = {}
    exec(source, scope)
    (function,) = (value for key, value in scope.items() if "_by_" in key)
    return function(*arrays)


HESSIANS: list[tuple[str, dict[str, str], str, str, str]] = [
    ("norm2(X*w - y)^2", {"X": "N D"}, "w", "∂²f/∂w² = 2·Xᵀ·X", ""),
    ("norm2(X*w - y)^2", {"X": "N D"}, "w,y", "∂²f/∂w∂y = −2·Xᵀ", ""),
    ("x'*A*x", {}, "x", "∂²f/∂x² = A + Aᵀ", ""),
    ("x'*A*x", {}, "x,A", "∂²f/∂x_i∂A_kl = δ_il x_k + δ_ik x_l", "(xᵀ ⊗ I) + (I ⊗ xᵀ)"),
    ("norm2(x)", {}, "x", "∂²f/∂x² = I/‖x‖ − x·xᵀ/‖x‖³", ""),
    ("sum(log(1 + exp(X*w)))", {"X": "N D"}, "w", "∂²f/∂w² = Xᵀ·diag(σ(X·w) ∘ (1 − σ(X·w)))·X", ""),
    ("logdet(X)", {}, "X", "∂²f/∂X_ij∂X_kl = −(X⁻¹)_li (X⁻¹)_jk", "−(X⁻ᵀ ⊗ X⁻¹)·K"),
    ("det(X)", {}, "X", "∂²f/∂X_ij∂X_kl = −det(X) (X⁻¹)_li (X⁻¹)_jk + det(X) (X⁻¹)_ji (X⁻¹)_lk",
     "−det(X)·(X⁻ᵀ ⊗ X⁻¹)·K + det(X)·vec(X⁻ᵀ)·vec(X⁻ᵀ)ᵀ"),
    ("tr(A*X*B*X)", {}, "X", "∂²f/∂X_ij∂X_kl = B_li A_jk + A_li B_jk", "(Bᵀ ⊗ A)·K + (Aᵀ ⊗ B)·K"),
    ("(x - m)'*inv(S)*(x - m)", {"S": "N N symmetric"}, "x", "∂²f/∂x² = 2·S⁻¹", ""),
    ("f = sum(i, (x[i] - y[i])^2)/(2*s^2)", {}, "x", "∂²f/∂x² = I/s²", ""),
    ("a'*x", {}, "x", "∂²f/∂x² = 0", ""),
    ("logsumexp(x)", {}, "x", "∂²f/∂x² = diag(softmax(x)) − softmax(x)·softmax(x)ᵀ", ""),
    ("max(x)^2", {}, "x", "∂²f/∂x² = 2·[x = max(x)]·[x = max(x)]ᵀ", ""),
    ("sum(max(x, y).^2)", {"x": "N", "y": "N"}, "x", "∂²f/∂x² = 2·diag([x > y]^∘2)", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shapes", "names", "statement", "matrix"), HESSIANS)
def test_hessians(text: str, shapes: dict[str, str], names: str, statement: str, matrix: str) -> None:
    first, _, second = names.partition(",")
    found = sg.derive(text, shapes)[first].hessian(second or None)
    assert found.statement == statement
    assert found.as_one_matrix() == matrix
    assert "by the second-order graph of sg.grad and sg.jacobian" in found.evidence[1]
    derived = sg.derive(text, shapes)
    arrays = positive_arrays(derived.shapes)
    values = dict(zip(derived.shapes, map(sg.values, arrays), strict=True))
    slope = sg.grad(derived.forward(*values.values()), values[first], create_graph=True)
    right = np.asarray(sg.jacobian(slope, values[second or first]), dtype=float)
    np.testing.assert_allclose(called(found.numpy(), *arrays), right, rtol=1e-8, atol=1e-11)
    ElementTree.fromstring(found.mathml())


DIFFERENTIALS = [
    ("tr(A*X*B)", {}, "df = tr(X·B·dA) + tr(B·A·dX) + tr(A·X·dB)"),
    ("A*X*B", {"X": "N D"}, "dF = dA·X·B + A·dX·B + A·X·dB"),
    ("inv(X)", {}, "dF = −X⁻¹·dX·X⁻¹"),
    ("logdet(X)", {}, "df = tr(X⁻¹·dX)"),
    ("det(X)", {}, "df = det(X)·tr(X⁻¹·dX)"),
    ("norm2(x)", {}, "df = xᵀ·dx/‖x‖"),
    ("exp(x)", {}, "dF = dx ∘ exp(x)"),
    ("y[a,b] = sum(k, x[a,k]*w[k,b])", {}, "dy = dx·w + x·dw"),
]


@pytest.mark.parametrize(("text", "shapes", "statement"), DIFFERENTIALS)
def test_differentials(text: str, shapes: dict[str, str], statement: str) -> None:
    derived = sg.derive(text, shapes)
    found = derived.differential()
    assert found.statement == statement
    assert "sg.jacobian times the directions" in found.evidence[0]
    assert r"\mathrm{d}" in found.latex()
    ElementTree.fromstring(found.mathml())
    assert statement in str(found)
    assert found.mathml() in found._repr_html_()
    assert derived[next(iter(derived.shapes))].differential().statement.startswith(f"{statement.split(' = ')[0]} = ")


def test_the_layout_is_said() -> None:
    found = sg.derive("X*W", X="N D")["W"].jacobian()
    assert found.layout == "layout: shape(∂F/∂W) = shape(F) + shape(W), N×M and D×M: N×M×D×M"
    assert "as one matrix, entries in row-major order on both sides: X ⊗ I" in str(found)
    turned = sg.derive("A*X'*B", X="N D")["X"].jacobian()
    assert "K is the permutation with K·vec(X) = vec(Xᵀ)" in str(turned)
    assert found.latex() == r"\frac{\partial F_{i j}}{\partial W_{k l}} = X_{i k} \delta _{j l}"


def test_what_can_t_be_had_is_refused_in_one_sentence() -> None:
    with pytest.raises(ArgumentError, match=r"^a Hessian is of a number, and F is N×M: ask for the Jacobian$"):
        sg.derive("X*W", X="N D")["X"].hessian()
    with pytest.raises(ArgumentError, match=r"^there is no input q: the inputs are x$"):
        sg.derive("x'*x")["x"].hessian("q")
    with pytest.raises(ArgumentError, match=r"^dx is an input here, and is to be a differential"):
        sg.derive("x'*dx", x="N", dx="N").differential()
    with pytest.raises(NotationError, match=r"^t has 3 indices, and a matrix has two: there is no matrix form$"):
        sg.derive("y[a,b] = sum(k, t[a,b,k]*u[k])")["t"].jacobian()
    with pytest.raises(NotationError, match=r"^f has no matrix form: its sums are no products of matrices$"):
        sg.derive("f = sum(a, b, c, k, x[a,k]*w[b,k]*v[c,k]*s[a,b]*t[b,c]*u[c,a])")["x"].differential()
    with pytest.raises(ArgumentError, match=r"^h is made on the way: ask for one by an input, x$"):
        sg.derive("h[a] = x[a]*x[a]; y[a] = h[a]*x[a]")["h"].jacobian()


def test_a_wrong_formula_is_found_out() -> None:
    found = sg.derive("A*X*B", X="N D")["X"].jacobian()
    (term,) = found.found.formula.terms
    twice = replace(found.found, formula=replace(found.found.formula, terms=(term.times(2),)))
    for wrong in (
        replace(found, found=twice),
        replace(found, kronecker=(replace(found.kronecker[0], swapped=True),)),
    ):
        with pytest.raises(DerivationError, match="is false at"):
            by_graphs_and_differences(wrong)
    reading, X = understood("X'*X", {"X": "N D"}), simplified(understood("dX", {"dX": "N D"}).expression)
    with pytest.raises(DerivationError, match="the differential is false at"):
        along_directions(reading, simplified(reading.expression), {"X": X})


def test_what_is_not_linear_has_no_coefficients() -> None:
    X = simplified(understood("X", {"X": "N N"}).expression)
    with pytest.raises(DerivationError, match=r"^inverse of what is differentiated has no form by index here$"):
        coefficients(X.inverted(), X, ("k", "l"), ("i", "j"))
    wide = X
    for _ in range(7):
        wide = (X + X.T) @ wide
    with pytest.raises(DerivationError, match=r"^there are more than 60 terms by index$"):
        coefficients(wide @ X, X, ("k", "l"), ("i", "j"))


def test_what_can_t_be_confirmed_is_not_shown() -> None:
    found = sg.derive("logdet(X)", X="N N")["X"].jacobian()
    nowhere = understood("log(-sum(X.*X))", {"X": "N N"})
    with pytest.raises(UnconfirmedError, match="no numbers were found where all in it is defined"):
        by_graphs_and_differences(replace(found, reading=nowhere))
