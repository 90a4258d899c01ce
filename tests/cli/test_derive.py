"""`scalargrad derive`: by name, and index notation as LaTeX."""

from __future__ import annotations

import pytest

from scalargrad.cli import main


def test_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "affine"]) == 0
    out = capsys.readouterr().out
    for formula in ("∂L/∂X = G·Wᵀ   (1)", "∂L/∂W = Xᵀ·G   (2)", "∂L/∂b = Gᵀ·1   (b)"):
        assert formula in out
    assert "SymPy: every step, for all dimensions at once" in out


def test_a_formula_with_sizes_as_latex(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "y[a] = sum(k, x[a,k])", "--shape", "x=Rows Columns", "--latex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\\begin{align*}\n")
    assert r"\sum_{a = 0}^{\mathrm{Rows} - 1}" in out
