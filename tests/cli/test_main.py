"""The command line, as a user meets it: exit statuses, one sentence for bad input, a traceback for a fault of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest

from scalargrad.affine import evidence
from scalargrad.cli import main
from scalargrad.cli.explain import ExplainCommand
from scalargrad.cli.main import HELP
from scalargrad.cli.verify import VerifyCommand
from scalargrad.errors import Error

BAD = [
    ("", "the following arguments are required: verify | derive | explain | draw | step | explore | check"),
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
    monkeypatch.setattr(evidence, "find_spec", lambda name: None)
    assert main(["verify", "--evidence", "symbols"]) == 2
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert main(["explain", "--numbers", "symbols"]) == 2
    for line in capsys.readouterr().err.splitlines():
        assert line.endswith("run pip install '.[symbolic]' in the checkout")


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
        monkeypatch.setattr(VerifyCommand, "run", raising(KeyboardInterrupt()))
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
        closed: list[bool] = []
        monkeypatch.setattr(VerifyCommand, "run", raising(BrokenPipeError()))
        monkeypatch.setattr("sys.stderr.close", lambda: closed.append(True), raising=False)
        assert main(["verify"]) == 1
        assert closed == [True]


def test_an_unwritten_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", raising(metadata.PackageNotFoundError("scalargrad-exact")))
    assert import_module("scalargrad.cli.main").installed_version() == "(not installed)"  # `cli.main` is the function


def raising(error: BaseException) -> Callable[..., Any]:
    """A function that raises this."""

    def function(*arguments: Any) -> Any:
        raise error

    return function


@pytest.mark.parametrize("error", [KeyError("matrix"), ValueError("axes"), TypeError("axis"), ZeroDivisionError("0")])
def test_an_internal_fault_gives_its_traceback(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """It is not taken for bad input: whatever is not one of our errors passes through."""
    monkeypatch.setattr(ExplainCommand, "run", raising(error))
    with pytest.raises(type(error), match=str(error)):
        main(["explain"])


def test_a_fault_shows_its_traceback_in_a_process() -> None:
    code = (
        "import sys, scalargrad.cli.explain as explain; from scalargrad.cli import main\n"
        "explain.ExplainCommand.run = lambda self, options: {}['matrix']\n"
        "sys.exit(main(['explain']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("KeyError: 'matrix'\n")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Error("two\nlines"), "scalargrad explain: two lines"),
        (MemoryError(), "scalargrad explain: this machine's memory is used up: choose a smaller shape"),
        (FileNotFoundError(2, "No such file", "a.html"), "scalargrad explain: a.html: No such file"),
        (OSError("odd"), "scalargrad explain: standard output: odd"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_ours_and_the_systems_are_one_sentence(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ExplainCommand, "run", raising(error))
    assert main(["explain"]) == 2
    assert capsys.readouterr().err == f"{sentence}\n"


def test_every_command_has_its_file_and_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in HELP:
        with pytest.raises(SystemExit, match="0"):
            main([name, "--help"])
        assert "In Python, with import scalargrad as sg: sg." in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_what_needs_no_command_loads_nothing_heavy(word: str) -> None:
    code = f"import sys; from scalargrad.cli import main\ntry: main(['{word}'])\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "rich", "sympy", "hypothesis", "graphviz"} & set(done.stdout.split())
