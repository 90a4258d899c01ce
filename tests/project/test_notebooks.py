"""The course: each notebook gives from a clean kernel what is stored in it, and its exercises accept the solutions.

>>> alike("loss 1.4821 at step 3", "loss 1.4823 at step 3"), alike("3 paths", "4 paths")
(True, False)
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
import sys
from html import unescape
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import scalargrad as sg

nbformat = pytest.importorskip("nbformat", reason='Jupyter is not installed: the extra "notebooks"')
pytest.importorskip("nbclient", reason='Jupyter is not installed: the extra "notebooks"')

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KOREAN = sorted(FOLDER.glob("ko/*.ipynb"))
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
EACH_OF_ALL = pytest.mark.parametrize("path", [*NOTEBOOKS, *KOREAN], ids=lambda path: f"{path.parent.name}/{path.stem}")


def runner() -> ModuleType:
    """`notebooks/run.py`, which `make notebooks-run` runs."""
    spec = importlib.util.spec_from_file_location("notebooks_run", FOLDER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["notebooks_run"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def source(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in source(path)["cells"] if cell["cell_type"] == "code"]


def text_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_there_are_six() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


# ---------------------------------------------------------------------------------------------------------------------
# What is stored, and what the code gives

FLOAT = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def alike(a: str, b: str) -> bool:
    """The same text, in which floats may differ in their last digits, as from one machine to another."""
    return FLOAT.sub("·", a) == FLOAT.sub("·", b) and all(
        math.isclose(float(x), float(y), rel_tol=0.02) for x, y in zip(FLOAT.findall(a), FLOAT.findall(b), strict=True)
    )


def visible(output: Any) -> dict[str, str]:
    """What a reader sees of an output: texts; of a drawing those in it, whichever way they are laid out."""
    if output["output_type"] == "stream":
        return {output["name"]: "".join(output["text"])}
    if output["output_type"] == "error":
        return {"error": "".join(output["traceback"])}
    return {medium: words(medium, "".join(data)) for medium, data in output["data"].items()}


def words(medium: str, text: str) -> str:
    if medium in ("image/png", "application/pdf"):
        return "a picture"  # of which fonts and versions decide every dot
    if medium == "image/svg+xml":
        return "\n".join(sorted(re.findall(r"<text[^>]*>([^<]*)", text)))
    if medium == "text/html":
        text = re.sub(r"<(style|script|svg)\b.*?</\1>", "", unescape(text), flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())
    return text


def block(page: str) -> list[tuple[str, str]]:
    """The solutions in a page: number and code."""
    found = re.findall(r"^\*\*(\d+)\.\*\* .*?^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [(number, code) for number, code in found]


@EACH
def test_it_gives_what_is_stored_and_accepts_the_solutions(path: Path) -> None:
    """One run: of the notebook, and behind it, in the same kernel, of the solutions to its exercises."""
    solutions = block((FOLDER / "solutions" / f"{path.stem}.md").read_text(encoding="utf-8"))
    notebook = nbformat.read(path, as_version=4)
    replies = runner().run(notebook, tuple(code for _, code in solutions))
    for stored, run in zip(code_cells(path), (c for c in notebook.cells if c.cell_type == "code"), strict=True):
        then, now = [list(map(visible, cell["outputs"])) for cell in (stored, run)]
        where = f"{path.name}, {stored['id']}: if the change is meant, run make notebooks-run"
        assert [set(output) for output in then] == [set(output) for output in now], where
        for before, after in zip(then, now, strict=True):
            for medium, text in before.items():
                assert alike(text, after[medium]), where
    for (number, code), cell in zip(solutions, replies, strict=True):
        assert [visible(output) for output in cell.outputs] == [{"stdout": "right\n"}], f"solution {number}: {code}"


@EACH_OF_ALL
def test_its_outputs_are_stored_without_times_paths_and_addresses(path: Path) -> None:
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    media = {medium for cell in cells for output in cell["outputs"] for medium in output.get("data", {})}
    assert media & {"image/svg+xml", "image/png", "text/html"}
    for cell in cells:
        assert "execution" not in cell["metadata"]
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"
            text = json.dumps(visible(output))
            assert not re.search(r"at 0x|/home/|/root/|/tmp/|[A-Z]:\\\\Users", text), text
    nbformat.validate(source(path))


def test_all_notebooks_together_are_small() -> None:
    assert sum(path.stat().st_size for path in [*NOTEBOOKS, *KOREAN]) < 3e6


# ---------------------------------------------------------------------------------------------------------------------
# What a notebook is made of


@EACH_OF_ALL
def test_it_is_short_and_says_what_it_teaches(path: Path) -> None:
    cells = source(path)["cells"]
    headings = [text_of(cell).partition("\n")[0] for cell in cells]
    (exercises,) = (k for k, heading in enumerate(headings) if heading in ("## Exercises", "## 연습 문제"))
    assert 15 <= exercises <= 41
    first = text_of(cells[0])
    assert re.match(r"# \d\. ", first)
    assert "you will be able to" in first or "할 수 있게" in first
    assert all(len(line) <= 120 for cell in code_cells(path) for line in text_of(cell).splitlines())


@EACH
def test_it_has_at_least_five_exercises_which_reply_and_are_solved(path: Path) -> None:
    number = int(path.stem[:2])
    asked = re.findall(r'^sg\.course\.answer\("(\d\.\d)"', "\n".join(map(text_of, code_cells(path))), re.MULTILINE)
    assert asked == sorted(found for found in sg.course.QUESTIONS if found.startswith(f"{number}."))
    assert len(asked) >= 5
    page = (FOLDER / "solutions" / f"{path.stem}.md").read_text(encoding="utf-8")
    assert [f"{number}.{solved}" for solved, _ in block(page)] == asked
    for cell in code_cells(path):
        if "sg.course.answer" in text_of(cell):
            assert cell["outputs"] == []  # a blank says nothing


def formulas(text: str) -> list[str]:
    """The displayed formulas of a text, without the words and the spaces in them."""
    found = re.findall(r"\$\$(.*?)\$\$", text, re.DOTALL)
    return [re.sub(r"\\text\{[^}]*\}|\s", "", formula) for formula in found]


@pytest.mark.parametrize("path", KOREAN, ids=lambda path: path.stem)
def test_the_korean_notebook_has_the_code_and_the_outputs_of_the_english_one(path: Path) -> None:
    english = FOLDER / path.name
    kinds = [[cell["cell_type"] for cell in source(one)["cells"]] for one in (path, english)]
    assert kinds[0] == kinds[1]
    assert code_cells(path) == code_cells(english)
    ours, theirs = (
        [text_of(c) for c in source(one)["cells"] if c["cell_type"] == "markdown"] for one in (path, english)
    )
    for korean, original in zip(ours, theirs, strict=True):
        assert re.search("[가-힣]", korean)
        assert re.findall(r"\\tag\{.*?\}", korean) == re.findall(r"\\tag\{.*?\}", original)
        assert formulas(korean) == formulas(original)


def test_the_readmes_link_each() -> None:
    readme, korean = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))
    for path in NOTEBOOKS:
        assert f"](notebooks/{path.name})" in readme
    for path in KOREAN:
        assert f"](notebooks/ko/{path.name})" in korean
    assert [path.name for path in KOREAN] == [path.name for path in NOTEBOOKS[:2]]


def test_equations_are_numbered_in_reading_order_with_the_numbers_of_the_source_beside() -> None:
    text = "\n".join(text_of(cell) for cell in source(NOTEBOOKS[1])["cells"] if cell["cell_type"] == "markdown")
    tags = re.findall(r"\\tag\{2\.(\d+)(?:; source (\d))?\}", text)
    assert [int(number) for number, _ in tags] == list(range(1, len(tags) + 1))
    assert sorted(number for _, number in tags if number) == ["1", "2", "3", "4"]
    cited = {int(number) for number in re.findall(r"\(2\.(\d+)\)", text)}
    assert cited <= set(range(1, len(tags) + 1))
