"""The page in text, LaTeX and MathML is what it should be."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from scalargrad.derivation import NAMED, Derivation, derive


def statements(forward: str, shapes: dict[str, str] | None = None) -> list[str]:
    return [found.statement for found in derive(forward, shapes)]


def test_text(affine: dict[str, Derivation]) -> None:
    lines = str(affine["x"]).splitlines()
    assert lines[0] == "∂L/∂X = G·Wᵀ   (1)"
    assert lines[1] == "  y_αβ = Σ_k x_αk w_kβ + b_β   (4)"
    assert lines[2].startswith("  ∂L/∂x_ij  =  Σ_α Σ_β g_αβ ∂y_αβ/∂x_ij         (3)  the chain rule, over all entries")
    assert "  X is N×D; W is D×M; Y is N×M" in lines
    assert "  G = ∂L/∂Y" in lines


def test_legend() -> None:
    z, x, _, b = derive("tanh")
    assert "tanh′(z) = 1 - tanh(z)**2" in str(z)
    assert "Z̄ = ∂L/∂Z" in str(x)
    assert "1 is a column of ones" in str(b)


def test_latex(affine: dict[str, Derivation]) -> None:
    page = affine["w"].latex()
    assert page.startswith("\\begin{align*}\n")
    assert page.endswith("\\frac{\\partial L}{\\partial W} &= X^{\\mathsf{T}} \\cdot G \\tag{2}\n\\end{align*}")
    assert r"\sum_{\alpha = 0}^{N - 1} g_{\alpha j} x_{\alpha i}" in page
    assert r"\tag{3}" in page
    assert r"\tag{4}" in page
    assert page == affine["w"]._repr_latex_()


@pytest.mark.parametrize("name", NAMED)
def test_pages_are_well_formed(name: str) -> None:
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


def test_names_of_every_kind() -> None:
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


def test_powers() -> None:
    by = {found.name: found for found in derive("y[a] = x[a]*s^-2")}
    assert by["x"].statement == "∂L/∂x = s⁻²·g"
    assert r"\frac{\partial L}{\partial x} &= s^{-2} \cdot g" in by["x"].latex()
    assert "<msup><mrow><mi>s</mi></mrow><mrow><mn>-2</mn></mrow></msup><mo>·</mo><mi>g</mi>" in by["x"].mathml()
    assert r"2 \cdot s^{-3} \cdot g^{\mathsf{T}} \cdot x" in by["s"].latex()


def test_bars_and_primes() -> None:
    found = derive("h[a,b] = sum(k, x[a,k]) * sum(k, w[k,b]); y[a,b] = exp(h[a,b])")
    page = found[1].latex()
    assert r"\bar{h}_{a b}" in page
    assert "k'" in page
    assert "<mover><mi>h</mi><mo>¯</mo></mover>" in found[1].mathml()


def test_capital_letters_that_are_taken() -> None:
    assert statements("y[a,b] = sum(k, x[a,k]*X[k,b])*g*G[b]*Y[b]")[0].startswith("∂L/∂x = ")
