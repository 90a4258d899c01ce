"""`scalargrad check`: from a new file to a verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalargrad.cli import main


def mended(mine: Path) -> None:
    """Put right the mistake that a new file begins with."""
    mine.write_text(mine.read_text(encoding="utf-8").replace("G.mean(axis=0)", "G.sum(axis=0)"), encoding="utf-8")


class TestCommand:
    def test_from_a_new_file_to_a_verdict(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        mine = tmp_path / "mine.py"
        assert main(["check", "--new", str(mine)]) == 0
        assert main(["check", str(mine)]) == 1  # a new file shows what is said of a mistake
        assert "✗ ∂L/∂b: a factor N is missing" in capsys.readouterr().out
        mended(mine)
        assert main(["check", str(mine)]) == 0
        assert "✓ right: ∂L/∂X, ∂L/∂W, ∂L/∂b" in capsys.readouterr().out
        mine.write_text(mine.read_text(encoding="utf-8").replace("G @ W.T", "G @ W"), encoding="utf-8")
        assert main(["check", f"{mine}:forward:gradients", "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["diagnosis"].startswith("∂L/∂X: W must be transposed")
        assert main(["check", "--new", str(mine)]) == 2
        assert "is there already: give a new name" in capsys.readouterr().err

    def test_float_code(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        mine = tmp_path / "mine.py"
        main(["check", "--new", str(mine)])
        mended(mine)
        assert main(["check", str(mine), "--tolerance", "ulp:8"]) == 0
        assert "right within the tolerance" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ("", "give FILE.py, or --new FILE.py for a file to begin with"),
            ("none.py", "none.py: cannot be read: No such file"),
            ("a.py:b", "'a.py:b': write FILE.py, or FILE.py:forward:gradients"),
            ("empty.py", "empty.py: there is no 'forward' in it; see scalargrad check --new"),
        ],
    )
    def test_bad_input_is_one_sentence(
        self,
        words: str,
        message: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("empty.py").write_text("x = 1\n", encoding="utf-8")
        assert main(["check", *words.split()]) == 2
        printed = capsys.readouterr()
        assert message in printed.err
        assert (printed.out, printed.err.count("\n")) == ("", 1)

    def test_the_exit_status_says_right_wrong_or_not_judged(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine = tmp_path / "mine.py"
        main(["check", "--new", str(mine)])
        mended(mine)
        for forward, status in (("X @ W + b", 0), ("X @ W - b", 1), ("(X @ W + b).astype(float)", 2)):
            text = mine.read_text(encoding="utf-8").split("    return ", 1)
            mine.write_text(f"{text[0]}    return {forward}\n{text[1].split(chr(10), 1)[1]}", encoding="utf-8")
            assert main(["check", str(mine)]) == status
        assert "? not judged: forward leaves the graph" in capsys.readouterr().out
