"""`scalargrad derive`: by name, index notation as LaTeX, and matrix notation."""

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


def test_matrix_notation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "norm2(X*w - y)^2", "--shape", "X=N D"]) == 0
    assert "∂f/∂w = 2·Xᵀ·(X·w − y)\n  f = ‖X·w − y‖²\n" in capsys.readouterr().out


def test_matrix_notation_as_numpy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "tr(A*X*B)", "--numpy"]) == 0
    assert "    gradient = A.T @ B.T\n    return np.squeeze(f), gradient\n" in capsys.readouterr().out


def test_numpy_is_for_matrix_notation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "affine", "--numpy"]) == 2
    assert "--numpy is for matrix notation, such as" in capsys.readouterr().err
