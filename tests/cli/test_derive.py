"""`scalargrad derive`: by name, index notation as LaTeX, and matrix notation."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalargrad.cli import main
from scalargrad.proofs.coq import digest


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


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("tanh --numpy --by x", '    gradient = np.einsum("ia,ja->ij", z_bar, w)'),
        ("norm2(X*w-y)^2 --shape X=N-D --hessian w", "∂²f/∂w² = 2·Xᵀ·X"),
        ("norm2(X*w-y)^2 --hessian w,y --latex", r"\frac{\partial^{2} f}{\partial w \partial y} = -2 X^{\top}"),
        ("affine --jacobian --by w", "  as one matrix, entries in row-major order on both sides: x ⊗ I"),
        ("A*X*B --jacobian --by X --numpy", '    return np.einsum("ik,lj->ijkl", A, B)'),
        ("A*X*B --differential", "dF = dA·X·B + A·dX·B + A·X·dB"),
        ("A*X*B --differential --by X --latex", r"\mathrm{d} F = A \mathrm{d} X B"),
        ("y[a,b]=sum(k,x[a,k]*w[k,b]) --differential", "dy = dx·w + x·dw"),
        ("x'*x --mathml", "<mn>2</mn><mo>·</mo><mi>x</mi></mrow></math>"),
    ],
)
def test_what_else_is_asked_for(capsys: pytest.CaptureFixture[str], options: str, line: str) -> None:
    assert main(arguments(options)) == 0
    assert line in capsys.readouterr().out


def arguments(options: str) -> list[str]:
    """The words of a command line; N-D is one word."""
    return ["derive", *(word.replace("N-D", "N D") for word in options.split())]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("X*W --hessian W", "a Hessian is of a number, and F is N×M: ask for the Jacobian"),
        ("X*W --hessian Q", "nothing is derived by Q: there are X, W"),
        ("x'*x --hessian x,Q", "there is no input Q: the inputs are x"),
        ("y[a,b]=sum(k,t[a,b,k]*u[k]) --jacobian", "t has 3 indices, and a matrix has two: there is no matrix form"),
        ("X*W --differential --numpy", "a differential is linear in dX: ask for --jacobian --numpy"),
        ("tanh --numpy --by z", "z is made on the way: ask for the code of an input, x, w, b"),
        ("tanh --jacobian --by z", "z is made on the way: ask for one by an input, x, w, b"),
    ],
)
def test_what_can_t_be_asked_for(capsys: pytest.CaptureFixture[str], options: str, message: str) -> None:
    assert main(arguments(options)) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("formula", ["y[a] = 2*x[a]", "2*x"])
def test_a_certificate_is_written_and_named(formula: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "y.v"
    assert main(["derive", formula, "--certificate", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: formal_x, gradient_x (SHA-256 {digest(path.read_text())})\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["y[a] = 2*x[a]", "--certificate", "no/such/y.v"], "the certificate can't be written to no/such/y.v: No such"),
        (["x'*x", "--hessian", "x", "--certificate", "y.v"], "a certificate is of a gradient: leave out --jacobian"),
        (["a'*inv(A)*b", "--certificate", "y.v"], "f has no certificate: an inverse is not a sum of products"),
        (["y[a] = 2*x[a]", "--certify"], "checking a proof needs Coq with MathComp-Analysis: run make proofs"),
    ],
)
def test_what_has_no_certificate_is_told_in_a_sentence(
    words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["derive", *words]) == 2
    assert sentence in capsys.readouterr().err
