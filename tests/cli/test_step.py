"""`scalargrad step`: the page of the layer, and of a user's function."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalargrad.cli import main


def test_the_page_of_the_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "affine.html"
    assert main(["step", "--shape", "2,2,2", "--bias", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: open it in a browser\n"
    page = out.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert all(name in page for name in ("x[1,1]", "w[0,1]", "b[1]", "y[1,0]"))


def test_the_page_of_a_function_of_yours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from scalargrad import Value\n"
        "def good():\n    x = Value(2, 'speed')\n    return x * x\n"
        "def bad():\n    x = Value(2)\n    return x / 0\n"
        "def none():\n    pass\n",
        encoding="utf-8",
    )
    assert main(["step", f"{mine}:good", "--out", str(tmp_path / "good.html")]) == 0
    assert "speed" in (tmp_path / "good.html").read_text(encoding="utf-8")
    broken = tmp_path / "broken.py"
    broken.write_text("x = 1\ny = (\n", encoding="utf-8")
    failing = tmp_path / "failing.py"
    failing.write_text("x = 1\nx.y\n", encoding="utf-8")
    capsys.readouterr()
    for words, message in (
        (f"{mine}:bad", f"{mine}, line 7: DivisionByZeroError: 2 / 0"),
        (f"{mine}:none", f"{mine}:none returned a NoneType: it must return a Value"),
        (f"{mine}:other", f"{mine}: there is no function 'other' in it"),
        (f"{broken}:f", f"{broken}, line 2: SyntaxError"),
        (f"{failing}:f", f"{failing}, line 2: AttributeError"),
        ("none.py:f", "none.py: cannot be read: No such file"),
        ("good", "'good' names no function: write FILE.py:function"),
    ):
        assert main(["step", words]) == 2
        printed = capsys.readouterr()
        assert message in printed.err
        assert (printed.out, printed.err.count("\n")) == ("", 1)
