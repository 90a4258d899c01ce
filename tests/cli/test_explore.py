"""`scalargrad explore`: the page of a layer, of random numbers and of files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scalargrad.cli import main


def cells(page: Path, matrix: str) -> list[str]:
    return re.findall(rf'<td id="{matrix}-\d+-\d+"[^>]*>([^<]*)</td>', page.read_text(encoding="utf-8"))


def test_random_numbers_have_no_zeros(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"
    for seed in range(5):
        assert main(["explore", "--shape", "3,4,2", "--bias", "--seed", str(seed), "--out", str(out)]) == 0
        drawn = [number for name in ("x-left", "x-top", "w-left", "y-under") for number in cells(out, name)]
        assert len(drawn) == 6 + 8 + 12 + 2
        assert "0" not in drawn
    assert capsys.readouterr().out == f"{out}: open it in a browser\n" * 5


def test_files_of_yours(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", "--x", "x.csv", "--w", "w.csv", "--b", "b.csv", "--loss", "squares"]) == 0
    page = files / "explore.html"
    assert cells(page, "y-left") == ["1.5", "2", "3", "4", "0", "-1"]
    assert cells(page, "y-top") == ["1", "0.5", "2", "-3"]
    assert cells(page, "y-under") == ["1", "2"]
    assert cells(page, "y-result") == ["6.5", "-3.25", "12", "-8.5", "-1", "5"]
    assert cells(page, "b-result") == ["35", "-13.5"]
    assert main(["explore", "--w", "w.csv"]) == 0  # X is random, and fits
    assert len(cells(page, "y-left")) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--shape 2,13,2", "X is 2×13 and W is 13×2: a page can show 1 to 12 rows and columns"),
        ("--shape 0,1,1", "X is 0×1"),
        ("--b b.csv --bias", "give --b FILE or --bias, not both"),
        ("--x ragged.csv", "ragged.csv: line 2 has 1 cells"),
        ("--x x.csv --w x.csv", "X is 3×2, W is 3×2: X's columns (2) must equal W's rows (3)"),
        ("--numbers fractions --loss cross-entropy", "use float, mpmath or SymPy numbers"),
    ],
)
def test_bad_input_is_one_sentence(words: str, message: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", *words.split()]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert not (files / "explore.html").exists()
