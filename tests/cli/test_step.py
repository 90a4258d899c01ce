"""`scalargrad step`: the page of the layer, and of a user's function."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalargrad.cli import main
from scalargrad.pictures.document import brief
from tests.pictures.live.evaluation import number_of


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
        "def none():\n    pass\n"
        "def needs(x, y=3, *, scale=0.5, name='L'):\n    L = scale * x * y\n    L.label = name\n    return L\n",
        encoding="utf-8",
    )
    assert main(["step", f"{mine}:good", "--out", str(tmp_path / "good.html")]) == 0
    assert "speed" in (tmp_path / "good.html").read_text(encoding="utf-8")
    assert main(["step", f"{mine}:needs", "x=1/3", "--out", str(tmp_path / "needs.html")]) == 0
    page = (tmp_path / "needs.html").read_text(encoding="utf-8")
    assert all(f'"name":"{name}"' in page for name in ("x", "y", "scale", "L"))
    assert all(f'"{number}"' in page for number in ("1/3", "3", "0.5"))
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
        ("good", "good has no number: add good=2"),
        (f"{mine}:needs", f"{mine}:needs needs a number for x: add x=2"),
        (f"{mine}:needs x=2 z=1", f"{mine}:needs has no parameter z"),
        ("x*y x=2", "y has no number: add y=2"),
        ("x*x x=2 y=1", "y is not in 'x*x'"),
        ("x*x x=two", "'x=two' gives no number to a name: write x=2, x=1/3 or x=0.5"),
        ("x*x x=2 x=3", "x is given twice"),
        ("x*(x x=2", "'x*(x' can't be read as an expression"),
        ("2*3", "'2*3' has no input: write a name in it"),
        ("open(x) x=2", "there is no function 'open': there are exp, log"),
        ("tanh(x,x) x=2", "tanh takes 1 number, and got 2"),
        ("x.__class__ x=2", "'x.__class__' is not part of an expression"),
        ("[x] x=2", "'[x]' is not part of an expression"),
        ("x*9**9**9 x=2", "the power 9 ** 9 ** 9 is too large: the limit is 1000"),
        ("1/x x=0", "1 / 0: division by zero"),
        ("x x=2 --w none.csv", "--x, --w and --b are for the layer"),
    ):
        assert main(["step", *words.split()]) == 2
        printed = capsys.readouterr()
        assert message in printed.err
        assert (printed.out, printed.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("x*x+3*x x=2", "10"),
        ("x/y-1 x=1/2 y=3", "-5/6"),
        ("-- -(x**2)%5+x**-1 x=0.5", "6.75"),
        ("max(x,0)*y.exp()+tanh(x) x=-1.0 y=0", "-0.7615941559557649"),
    ],
)
def test_the_page_of_an_expression(words: str, data: str, tmp_path: Path) -> None:
    """As it would be computed in Python, with its inputs' names on them."""
    out = tmp_path / "page.html"
    assert main(["step", "--out", str(out), *words.split()]) == 0
    page = out.read_text(encoding="utf-8")
    assert f"data {brief(number_of(data))}<" in page
    assert '"name":"x"' in page


def test_the_layer_of_files_and_the_level(files: Path) -> None:
    assert main(["step", "--x", "x.csv", "--w", "w.csv", "--b", "b.csv", "--level", "entry"]) == 0
    page = (files / "step.html").read_text(encoding="utf-8")
    assert "data 6.5<" in page
    assert "operations without a label are folded".capitalize() in page
    assert '"symbol":"*"' not in page
