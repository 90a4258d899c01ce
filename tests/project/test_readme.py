"""Every code block of the README runs, and prints what it says it prints."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scalargrad.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_python_blocks_run_in_order_and_print_what_is_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    printed = ""
    for language, block in re.findall(r"^```(python|text)\n(.*?)^```", README, re.DOTALL | re.MULTILINE):
        if language == "python":
            exec(compile(block, "README.md", "exec"), namespace)
            printed = capsys.readouterr().out
        else:
            shown, out = ([line.rstrip() for line in t.splitlines() if line.strip()] for t in (block, printed))
            assert shown == out
    for name, test in list(namespace.items()):
        if name.startswith("test_") and callable(test):
            test()


def commands() -> Iterator[list[str]]:
    """The words of each command line."""
    for block in blocks("sh"):
        for line in block.splitlines():
            yield shlex.split(line, comments=True)


def test_make_targets_of_the_readme_exist() -> None:
    targets = {words[1] for words in commands() if words[0] == "make"}
    assert {"verify", "test"} <= targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


IN_TEXT = [shlex.split(words) for words in re.findall(r"`(scalargrad [a-z][^`]*--[^`]*)`", README)]


@pytest.mark.parametrize("words", [*(w for w in commands() if w[0] == "scalargrad"), *IN_TEXT], ids=" ".join)
def test_commands_of_the_readme_verify(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=(1, 2))
    for name, matrix in (("X", X), ("W", W), ("b", b)):
        np.savetxt(tmp_path / f"{name}.csv", matrix, delimiter=",")
    np.save(tmp_path / "X.npy", X)
    (tmp_path / "labels.csv").write_text("0\n1\n0\n1\n1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    if words[1] == "check" and "--new" not in words:
        main(["check", "--new", words[-1]])
    assert main(words[1:]) == 0


def test_the_example_has_fifteen_lines() -> None:
    lines = [line for line in blocks("python")[0].splitlines() if line and not line.startswith("#")]
    assert len(lines) <= 15


def test_nobody_is_told_to_install_the_other_project() -> None:
    """The name scalargrad on the package index belongs to somebody else."""
    assert not re.search(r"pip install ['\"]?scalargrad", README)
