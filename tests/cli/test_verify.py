"""`scalargrad verify`: on real data, on a user's files, on shapes."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from importlib import import_module

import pytest

from scalargrad import affine
from scalargrad.affine import CLAIMS
from scalargrad.cli import main
from scalargrad.cli.verify import SMALL_SHAPES


def test_without_arguments_real_data_and_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    out = capsys.readouterr().out
    assert "X 150×4, W 4×3; Fisher's iris measurements" in out
    assert "loss: cross-entropy" in out
    assert f"{len(SMALL_SHAPES)} shapes" in out
    assert out.count("\nverified") == 2


def test_the_sweep_has_every_size_as_one_and_as_zero() -> None:
    for axis in range(3):
        assert {shape[axis] for shape in SMALL_SHAPES} >= {0, 1, 2, 3}


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
def test_files(words: str, source: str, loss: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", *words.split(), "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    assert (report["source"], report["loss"], report["shape"]) == (source, loss, [3, 2, 2])


def test_shapes_and_evidence(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_eighty_columns_are_enough(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A claim is on one line, what would make it false on the next, and the sweep has a line for each shape."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["verify", "--shape", "2,1,2"]) == 0
    assert main(["verify", "--shape", "2,1,2", "--shape", "0,1,1"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    for claim in CLAIMS:
        (at,) = (k for k, line in enumerate(lines) if line.startswith(f"  {claim.name} ") and claim.statement in line)
        assert lines[at].endswith("✓ ✓ ✓ ✓")
        assert lines[at + 1].strip() == f"false if {claim.false_if}"
    assert [line.split()[:3] for line in lines if line.endswith(" ✓") and "∂" not in line] == [
        ["2", "1", "2"],
        ["0", "1", "1"],
    ]


def test_jobs_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["verify", "--shape", "2,1,2", "--shape", "1,1,1", "--json"]
    main(words)
    alone = capsys.readouterr().out
    main([*words, "--jobs", "2"])
    assert capsys.readouterr().out == alone


def test_a_false_claim_is_exit_status_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = [replace(c, formula=lambda G, X, W: affine.product(G, W)) for c in CLAIMS if c.name == "(1)"]
    module = import_module("scalargrad.affine.verify")  # `affine.verify` is the function
    monkeypatch.setattr(module, "verify", partial(affine.verify, claims=wrong))
    assert main(["verify", "--shape", "2,2,2", "--shape", "1,1,1"]) == 1
    out = capsys.readouterr().out
    assert "✗ FALSE" in out
    assert "✗ (1) is false by floats, fractions, integers, symbols" in out
    assert "NOT VERIFIED: 2 shapes" in out


def test_no_progress_bar_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", "--shape", "1,1,1"])
    assert capsys.readouterr().err == ""
