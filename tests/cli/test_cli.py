"""The command line, as a user meets it: what it prints, its exit status, and one sentence for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scalargrad.affine import layer as affine
from scalargrad.affine import verify
from scalargrad.affine.verify import CLAIMS
from scalargrad.cli import commands as cli
from scalargrad.cli.commands import main


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small matrices, as the current one."""
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("1.5,2\n3,4\n0,-1\n", encoding="utf-8")
    Path("w.csv").write_text("1,0.5\n2,-3\n", encoding="utf-8")
    Path("b.csv").write_text("1,2\n", encoding="utf-8")
    Path("labels.csv").write_text("b\na\nb\n", encoding="utf-8")
    Path("ragged.csv").write_text("1,2\n3\n", encoding="utf-8")
    Path("text.csv").write_text("1,2\n3,four\n", encoding="utf-8")
    Path("nan.csv").write_text("1,2\n3,nan\n", encoding="utf-8")
    np.save("x.npy", np.array([[1, 2], [3, 4], [5, 6]]))
    return tmp_path


class TestVerify:
    def test_without_arguments_real_data_and_a_sweep(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["verify"]) == 0
        out = capsys.readouterr().out
        assert "X 150×4, W 4×3; Fisher's iris measurements" in out
        assert "loss: cross-entropy" in out
        assert f"{len(cli.SMALL_SHAPES)} shapes" in out
        assert out.count("\nverified") == 2

    def test_the_sweep_has_every_size_as_one_and_as_zero(self) -> None:
        for axis in range(3):
            assert {shape[axis] for shape in cli.SMALL_SHAPES} >= {0, 1, 2, 3}

    @pytest.mark.parametrize(
        ("words", "source", "loss"),
        [
            ("--x x.csv --w w.csv", "x.csv", "weighted-sum"),
            ("--x x.npy --w w.csv --b b.csv --loss squares", "x.npy", "squares"),
            ("--x x.csv --labels labels.csv", "x.csv; W and b random, seed 0", "cross-entropy"),
            ("--x x.csv --w w.csv --labels labels.csv --seed 3", "x.csv", "cross-entropy"),
        ],
    )
    @pytest.mark.usefixtures("files")
    def test_files(self, words: str, source: str, loss: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["verify", *words.split(), "--json"]) == 0
        (report,) = json.loads(capsys.readouterr().out)["reports"]
        assert (report["source"], report["loss"], report["shape"]) == (source, loss, [3, 2, 2])

    def test_shapes_and_evidence(self, capsys: pytest.CaptureFixture[str]) -> None:
        words = [
            "verify",
            "--shape",
            "2,3,2",
            "--shape",
            "1, 0, 2",
            "--evidence",
            "integers,symbols",
            "--loss",
            "squares",
        ]
        assert main([*words, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert [report["shape"] for report in found["reports"]] == [[2, 3, 2], [1, 0, 2]]
        assert set(found["reports"][0]["evidence"]) == {"integers", "symbols"}
        assert main(["verify", "--shape", "2,1,2"]) == 0
        assert "false if" in capsys.readouterr().out  # a single shape is reported in full

    def test_jobs_change_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        words = ["verify", "--shape", "2,1,2", "--shape", "1,1,1", "--json"]
        main(words)
        alone = capsys.readouterr().out
        main([*words, "--jobs", "2"])
        assert capsys.readouterr().out == alone

    def test_a_false_claim_is_exit_status_1(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        wrong = [replace(c, formula=lambda G, X, W: affine.product(G, W)) for c in CLAIMS if c.name == "(1)"]
        monkeypatch.setattr(verify, "verify", partial(verify.verify, claims=wrong))
        assert main(["verify", "--shape", "2,2,2", "--shape", "1,1,1"]) == 1
        out = capsys.readouterr().out
        assert "✗ FALSE" in out
        assert "✗ (1) is false by floats, fractions, integers, symbols" in out
        assert "NOT VERIFIED: 2 shapes" in out

    def test_no_progress_bar_in_a_pipe(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["verify", "--shape", "1,1,1"])
        assert capsys.readouterr().err == ""


class TestExplain:
    @pytest.mark.parametrize("entry", ["x[0,1]", "w[2,1]", "b[1]", " X[ 1 , 2 ] "])
    @pytest.mark.parametrize("numbers", cli.NUMBERS)
    def test_each_entry_in_each_kind_of_number(
        self, entry: str, numbers: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["explain", "--shape", "2,3,2", "--entry", entry, "--numbers", numbers]) == 0
        out = capsys.readouterr().out
        assert f"∂L/∂{entry.replace(' ', '').lower()} by the element-wise chain rule (3)" in out
        assert "sum" in out


class TestDerive:
    def test_by_name(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["derive", "affine"]) == 0
        out = capsys.readouterr().out
        for formula in ("∂L/∂X = G·Wᵀ   (1)", "∂L/∂W = Xᵀ·G   (2)", "∂L/∂b = Gᵀ·1   (b)"):
            assert formula in out
        assert "SymPy: every step, for all dimensions at once" in out

    def test_a_formula_with_sizes_as_latex(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["derive", "y[a] = sum(k, x[a,k])", "--shape", "x=Rows Columns", "--latex"]) == 0
        out = capsys.readouterr().out
        assert out.startswith("\\begin{align*}\n")
        assert r"\sum_{a = 0}^{\mathrm{Rows} - 1}" in out


class TestStep:
    def test_the_page_of_the_layer(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "affine.html"
        assert main(["step", "--shape", "2,2,2", "--bias", "--out", str(out)]) == 0
        assert capsys.readouterr().out == f"{out}: open it in a browser\n"
        page = out.read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>")
        assert all(name in page for name in ("x[1,1]", "w[0,1]", "b[1]", "y[1,0]"))

    def test_the_page_of_a_function_of_yours(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
            (f"{mine}:bad", f"{mine}, line 7: ZeroDivisionError: 2 / 0"),
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


BAD = [
    ("", "the following arguments are required: verify | derive | explain | draw | step | check"),
    ("prove", "invalid choice: 'prove'"),
    ("verify --shape 1,2", "'1,2' is not a shape: write three sizes, as in 2,3,2"),
    ("verify --shape a,b,c", "'a,b,c' is not a shape"),
    ("verify --shape=-1,2,3", "'-1,2,3' is not a shape"),
    ("verify --loss hinge", "invalid choice: 'hinge'"),
    ("verify --evidence luck", "there is no evidence 'luck': choose from floats, fractions, integers, symbols"),
    ("verify --jobs 0", "'0' is not a number of processes: give 1 or more"),
    ("verify --shape 100000,1000,1000", "needs a graph of 100,401,000,000 nodes"),
    ("verify --shape 2,2,2 --x x.csv", "give files or --shape, not both"),
    ("derive nothing", "there is no forward pass 'nothing': name one of affine, linear, bias, tanh"),
    ("derive y[a]=x[b]", "statement 1, column 8: unknown index b: put it on the left, or bind it by sum(b, …)"),
    ("derive affine --shape x=A", "affine has shapes of its own: give shapes with index notation only"),
    ("derive y[a]=x[a] --shape x", "'x' gives no sizes: write a name and its sizes, as in 'x=N D'"),
    ("verify --w w.csv", "--w needs --x FILE beside it"),
    ("verify --x none.csv --w w.csv", "none.csv: cannot be read: No such file or directory"),
    ("verify --x ragged.csv --w w.csv", "ragged.csv: line 2 has 1 cells and line 1 has 2"),
    ("verify --x text.csv --w w.csv", "text.csv, line 2, column 2: 'four' is not a number"),
    ("verify --x nan.csv --w w.csv", "nan.csv, line 2, column 2, entry [1,1]: nan is not a finite number"),
    ("verify --x x.csv --w x.csv", "X is 3×2, W is 3×2: X's columns (2) must equal W's rows (3)"),
    ("verify --x x.csv --w w.csv --b labels.csv", "labels.csv, line 2, column 1: 'a' is not a number"),
    ("verify --x x.csv --w w.csv --b w.csv", "w.csv: a 2×2 matrix where a single row or column is needed"),
    ("verify --x w.csv --labels labels.csv", "3 labels for 2 rows of Y"),
    ("verify --x x.csv", "--x alone does not say how many columns W has: give --w FILE, or --labels FILE"),
    ("verify --x x.csv --w w.csv --loss cross-entropy", "the loss cross-entropy needs labels"),
    ("verify --shape 2,2,0 --loss cross-entropy", "softmax needs at least one class, and Y has no columns"),
    ("explain --entry y[0,0]", "'y[0,0]' is not an entry: write x[0,1], w[0,1] or b[0]"),
    ("explain --entry x[5,0]", "there is no x[5,0]: x has the shape (2, 3), counted from 0"),
    ("explain --entry x[0]", "there is no x[0]"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[words for words, _ in BAD])
@pytest.mark.usefixtures("files")
def test_bad_input_is_one_sentence_and_exit_status_2(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing on standard output, one line on standard error, and no traceback."""
    assert main(words.split()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("scalargrad")


def test_symbols_without_sympy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(verify, "find_spec", lambda name: None)
    for words in (["verify", "--evidence", "symbols"], ["explain", "--numbers", "symbols"]):
        assert main(words) == 2
        assert 'install the extra "symbolic"' in capsys.readouterr().err


class TestProcess:
    def test_an_ascii_terminal(self) -> None:
        words = [sys.executable, "-m", "scalargrad", "explain", "--shape", "1,2,1"]
        done = subprocess.run(words, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=True)
        assert b"?L/?x[0,1]" in done.stdout

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
    def test_a_full_disk(self) -> None:
        words = [sys.executable, "-m", "scalargrad", "explain"]
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == "scalargrad explain: standard output: No space left on device\n"

    def test_ctrl_c(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*words: Any, **options: Any) -> Any:
            raise KeyboardInterrupt

        monkeypatch.setattr(verify, "sweep", interrupted)
        assert main(["verify", "--shape", "1,1,1"]) == 130

    def run(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scalargrad", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)

    def test_as_a_module(self) -> None:
        found = self.run("--version")
        assert found.returncode == 0
        assert found.stdout.startswith("scalargrad ")
        assert self.run("verify", "--shape", "1").returncode == 2

    def test_help(self) -> None:
        found = self.run("verify", "--help")
        assert found.returncode == 0
        assert "Fisher's iris measurements" in found.stdout

    def test_a_closed_pipe_is_no_error(self) -> None:
        code = f"{sys.executable} -m scalargrad verify --shape 1,1,1 --json | head -n 1"
        found = subprocess.run(["sh", "-c", code], capture_output=True, text=True, check=False)
        assert found.stdout == "{\n"
        assert "Traceback" not in found.stderr

    def test_a_pipe_that_is_closed_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(options: Any) -> int:
            raise BrokenPipeError

        closed: list[bool] = []
        monkeypatch.setattr(cli, "run_verify", broken)
        monkeypatch.setattr("sys.stderr.close", lambda: closed.append(True), raising=False)
        assert main(["verify"]) == 1
        assert closed == [True]


def test_an_unwritten_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise cli.PackageNotFoundError(name)

    monkeypatch.setattr(cli, "version", missing)
    assert cli.installed_version() == "(not installed)"
