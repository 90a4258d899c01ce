"""`scalargrad explain`: one entry, in each kind of number."""

from __future__ import annotations

import pytest

from scalargrad.cli import main
from scalargrad.cli.options import NUMBERS


@pytest.mark.parametrize("entry", ["x[0,1]", "w[2,1]", "b[1]", " X[ 1 , 2 ] "])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_each_entry_in_each_kind_of_number(entry: str, numbers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--shape", "2,3,2", "--entry", entry, "--numbers", numbers]) == 0
    out = capsys.readouterr().out
    assert f"∂L/∂{entry.replace(' ', '').lower()} by the element-wise chain rule (3)" in out
    assert "sum" in out


@pytest.mark.usefixtures("files")
def test_matrices_of_yours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """There is a bias only where one is asked for."""
    monkeypatch.setenv("COLUMNS", "120")
    for bias, path in (([], "w[0,1] → * → y[0,1] "), (["--bias"], "w[0,1] → * → Σ → y"), (["--b", "b.csv"], "→ Σ → y")):
        words = ["--x", "x.csv", "--w", "w.csv", "--numbers", "fractions", "--entry", "w[0,1]", *bias]
        assert main(["explain", *words]) == 0
        assert path in capsys.readouterr().out
        assert main(["explain", *words]) == 0
        assert "xᵀ[0,0] · g[0,1]" in capsys.readouterr().out
    assert main(["explain", "--x", "x.csv", "--entry", "b[0]"]) == 0
    assert "b[0] → y[2,0]" in capsys.readouterr().out
