"""`scalargrad draw`: a file, DOT text or a tree of the affine layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalargrad.cli import main
from tests.pictures.graphs import groups_of


@pytest.mark.usefixtures("graphviz_pure")
class TestCommand:
    def test_it_writes_the_file_that_the_readme_shows(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "affine.svg"
        words = ["draw", "--shape", "2,3,2", "--loss", "squares", "--term", "x[0,1]", "--level", "entry", "--out"]
        assert main([*words, str(out)]) == 0
        assert "∂L/∂x[0,1] is the sum over 2 paths" in capsys.readouterr().out
        shown = Path(__file__).parents[2] / "docs" / "affine.svg"
        for kind in ("node", "edge"):
            assert groups_of(out.read_text(encoding="utf-8"), kind) == groups_of(
                shown.read_text(encoding="utf-8"), kind
            )

    def test_without_a_file_it_prints_dot(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["draw", "--shape", "1,1,1", "--bias"]) == 0
        assert capsys.readouterr().out.startswith("digraph {")

    def test_text_is_an_indented_tree(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["draw", "--text", "--shape", "1,1,1", "--numbers", "symbols"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("L = Σ  data w[0,0]**2*x[0,0]**2")
        assert lines[1].startswith("└── 1 · **2")

    @pytest.mark.usefixtures("files")
    def test_matrices_labels_and_bias_of_yours(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What no file gives is random, and fits."""
        three = ["--x", "x.csv", "--w", "w.csv", "--b", "b.csv"]
        assert main(["draw", *three, "--text", "--out", "tree.txt"]) == 0
        assert capsys.readouterr().out == ""
        tree = Path("tree.txt").read_text(encoding="utf-8")
        assert tree.startswith("L = Σ  data 295.1")  # the squares of ((6.5, -3.25), (12, -8.5), (-1, 5))
        assert "x[2,1]  data -1" in tree
        assert main(["draw", "--x", "x.csv", "--bias", "--numbers", "fractions", "--text"]) == 0
        assert "x[0,0]  data 3/2" in capsys.readouterr().out
        classes = ["--loss", "cross-entropy", "--labels", "labels.csv"]
        assert main(["draw", "--x", "x.csv", "--w", "w.csv", "--level", "matrix", *classes]) == 0
        assert "3×2" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ("draw --out picture.bmp", "the ending names the format"),
            ("draw --term q", "'q' is not in the graph"),
            ("draw --out /no/such/folder/a.dot", "/no/such/folder/a.dot: No such file"),
            ("draw --b b.csv --bias", "scalargrad draw: give --b FILE or --bias, not both"),
            ("draw --x x.csv --w x.csv", "X is 3×2, W is 3×2: X's columns (2) must equal W's rows (3)"),
            ("draw --w w.csv --loss cross-entropy --labels labels.csv", "3 labels for 2 rows of Y"),
            ("draw --x nan.csv", "nan.csv, line 2, column 2"),
            ("draw --numbers fractions --loss cross-entropy", "use float, mpmath or SymPy numbers"),
        ],
    )
    @pytest.mark.usefixtures("files")
    def test_bad_input_is_one_sentence(self, words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(words.split()) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert message in printed.err
        assert printed.err.count("\n") == 1
