r"""What users read imports the project by one line, `import scalargrad as sg`, and takes from it what it has.

>>> python("see\n```python\nimport scalargrad as sg\n```\n", "page.md")
[('page.md, line 3', 'import scalargrad as sg\n')]
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import scalargrad as sg

ROOT = Path(__file__).parents[2]


def python(text: str, name: str) -> list[tuple[str, str]]:
    """The blocks of Python in a page of Markdown: where each begins, and its code."""
    found = re.finditer(r"^( *)```(?:python|py)\b.*\n((?:.*\n)*?)\1```", text, re.MULTILINE)
    return [(f"{name}, line {text.count(chr(10), 0, block.start(2)) + 1}", dedented(block)) for block in found]


def dedented(block: re.Match[str]) -> str:
    return re.sub(rf"^{block[1]}", "", block[2], flags=re.MULTILINE)


def pieces() -> Iterator[tuple[str, str]]:
    """All code that users read, each piece with where it stands."""
    for page in [
        *sorted(ROOT.glob("README*.md")),
        *sorted(ROOT.glob("docs/**/*.md")),
        *sorted(ROOT.glob("notebooks/*/*.md")),
    ]:
        yield from python(page.read_text(encoding="utf-8"), str(page.relative_to(ROOT)))
    for notebook in sorted(ROOT.glob("notebooks/**/*.ipynb")):
        for number, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"]):
            if cell["cell_type"] == "code":
                yield f"{notebook.relative_to(ROOT)}, cell {number}", "".join(cell["source"])
    for folder in ("benchmarks", "examples", "website", "notebooks"):
        for file in sorted(ROOT.glob(f"{folder}/**/*.py")):
            yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def imports(code: str, where: str = "") -> Iterator[str]:
    """The lines that import the project in another way."""
    for node in ast.walk(ast.parse(code, where)):
        if isinstance(node, ast.ImportFrom) and is_ours(node.module or ""):
            yield ast.unparse(node)
        elif isinstance(node, ast.Import):
            ours = [(alias.name, alias.asname) for alias in node.names if is_ours(alias.name)]
            if any(pair != ("scalargrad", "sg") for pair in ours):
                yield ast.unparse(node)


def is_ours(module: str) -> bool:
    return module.partition(".")[0] == "scalargrad"


def unknown(code: str, where: str = "") -> Iterator[str]:
    """What is taken from `sg`, or from a module of it, and is not part of the public API."""
    for node in ast.walk(ast.parse(code, where)):
        if isinstance(node, ast.Attribute):
            match ast.unparse(node).split("."):
                case ["sg", name] if name not in {*sg.__all__, "__all__", "__path__"}:
                    yield f"sg.{name}"
                case ["sg", module, name] if isinstance(found := getattr(sg, module, None), ModuleType):
                    if name not in getattr(found, "__all__", dir(found)):
                        yield f"sg.{module}.{name}"


def test_the_project_is_imported_by_one_line() -> None:
    offenders = [f"{where}: {line}" for where, code in pieces() for line in imports(code, where)]
    assert not offenders, "write `import scalargrad as sg`:\n" + "\n".join(offenders)


def test_only_the_public_api_is_used() -> None:
    offenders = [f"{where}: {name}" for where, code in pieces() for name in unknown(code, where)]
    assert not offenders, "not part of the public API:\n" + "\n".join(offenders)


def test_all_kinds_of_places_are_walked() -> None:
    places = {re.split(r"[/,.]", where)[0] for where, _ in pieces()}
    assert {"README", "notebooks", "benchmarks", "examples", "website"} <= places


def test_offenders_are_found() -> None:
    code = (
        "import scalargrad\nfrom scalargrad.checker import check\nimport scalargrad.nn\nimport numpy, scalargrad as s\n"
        "import scalargrad as sg\nsg.graph.size(x)\nsg.nn.MLP(2)\nsg.nn.ReLU()\nimport scalargrad_other"
    )
    assert list(imports(code)) == [
        "import scalargrad",
        "from scalargrad.checker import check",
        "import scalargrad.nn",
        "import numpy, scalargrad as s",
    ]
    assert set(unknown(code)) == {"sg.graph", "sg.nn.ReLU"}
