"""The course runs from a clean kernel with every assertion live, and is stored without outputs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason='Jupyter is not installed: the extra "notebooks"')
nbclient = pytest.importorskip("nbclient", reason='Jupyter is not installed: the extra "notebooks"')

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 300
"""Time for one cell on a busy machine; a notebook is meant to take less than a minute."""


def execute(notebook: Any, folder: Path, allow_errors: bool = False) -> None:
    """Run a notebook in a kernel that imports the project from this checkout, wherever else it may be installed."""
    client = nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", allow_errors=allow_errors)
    client.execute(cwd=str(folder), env={**os.environ, "PYTHONPATH": str(ROOT)})


def source(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_there_are_six() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebooks:
    def test_it_runs_from_a_clean_kernel(self, path: Path, tmp_path: Path) -> None:
        notebook = nbformat.read(path, as_version=4)
        execute(notebook, tmp_path)
        pictures = [
            output
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if {"image/svg+xml", "image/png", "text/html"} & set(output.get("data", {}))
        ]
        assert pictures
        warned = [o["text"] for cell in notebook.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
        assert not warned

    def test_it_is_stored_without_outputs(self, path: Path) -> None:
        for cell in source(path)["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == [], (
                    "clear the outputs before you commit: jupyter nbconvert --clear-output --inplace"
                )
                assert cell["execution_count"] is None
        nbformat.validate(source(path))

    def test_it_is_short_and_says_what_it_teaches(self, path: Path) -> None:
        cells = source(path)["cells"]
        assert 15 <= len(cells) <= 25
        first = "".join(cells[0]["source"])
        assert re.match(r"# \d\. ", first)
        assert "you will be able to" in first
        assert sum("".join(cell["source"]).startswith("## Exercises") for cell in cells) == 1

    def test_its_code_is_formatted_for_reading(self, path: Path) -> None:
        for cell in source(path)["cells"]:
            if cell["cell_type"] == "code":
                assert all(len(line) <= 120 for line in "".join(cell["source"]).splitlines())


def test_the_readme_links_each() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        assert f"](notebooks/{path.name})" in readme


@pytest.mark.parametrize(
    ("name", "blank", "answer", "sign"),
    [
        ("01", "    return ...", "    return 3 * x**2 - 1 / x**2", ""),
        ("01", "    return ...", "    return 3 * x**2", "at x = 1, 2 is right"),
        ("02", "    return ..., ...", "    return G @ W, G.T @ X", "✓ right: ∂L/∂X, ∂L/∂W"),
        ("02", "    return ..., ...", "    return G @ W.T, G.T @ X", "a transpose is misplaced"),
        ("04", "    return ..., ...", "    return G + G @ W.T, X.T @ G", "✓ right: ∂L/∂X, ∂L/∂W"),
        ("04", "P, G):\n    return ...", "P, G):\n    return P * (G - (G * P).sum(axis=1, keepdims=True))", "✓ right"),
        ("04", "    return ...", "    return G * Y * (1 - Y)", "✓ right: ∂L/∂X"),
        ("06", "__neg__(self):\n        return ...", "__neg__(self):\n        return self * -1", ""),
    ],
)
def test_exercises_check_themselves(name: str, blank: str, answer: str, sign: str, tmp_path: Path) -> None:
    """With an answer in place of the blank, the cell is silent or says ✓; with a wrong one it says what is wrong."""
    (path,) = [path for path in NOTEBOOKS if path.stem.startswith(name)]
    notebook = nbformat.read(path, as_version=4)
    changed = [cell for cell in notebook.cells if cell.cell_type == "code" and blank in cell.source]
    changed = changed[:1] if name == "04" and blank == "    return ..." else changed  # the sigmoid comes first
    changed[-1].source = changed[-1].source.replace(blank, answer)
    execute(notebook, tmp_path, allow_errors=True)
    outputs = changed[-1].outputs
    text = "".join(o.get("text", "") + o.get("evalue", "") for o in outputs)
    assert sign in text if sign else not outputs
