"""Run the notebooks, and store what they print and show: `make notebooks-run`.

    python notebooks/run.py
    python notebooks/run.py notebooks/02_affine_layer.ipynb

Each is run from a clean kernel, in an empty folder. What is stored is the same on every machine: diagrams are laid
out by graphviz-pure; what Coq has checked on this one is not said; memory addresses are left out, so is a poorer
medium beside a richer one, and so are the numbers that a cell with the tag "measured" prints, and the units in the
last place (ulp) that it shows. A translation, in a folder such as `ko`, gets the code and the outputs of the notebook
of the same name.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
ROOT = HERE.parent
NOTEBOOKS = sorted(HERE.glob("*.ipynb"))

SECONDS = 300
"""Time for one cell on a busy machine; a notebook is meant to take less than a minute."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
SPARED = {"text/html": ("image/png", "application/pdf"), "image/svg+xml": ("application/pdf",)}
"""What is not stored beside a richer medium: the same picture. But PNG is, for those who may not or cannot show SVG."""

REPR = re.compile(r"\w+\(")
MEASURED = re.compile(r"\d+(?:\.\d+)?")
ULP = re.compile(r"\d+(?:\.\d+)?(?= ulp)")


def run(notebook: Any, more: tuple[str, ...] = (), allow_errors: bool = False) -> list[Any]:
    """Run a notebook, and then more code in the same kernel; the cells of that code, with their outputs.

    The kernel imports the project from this checkout, wherever else it may be installed.
    """
    whole = nbformat.v4.new_notebook(
        cells=[*notebook.cells, *map(nbformat.v4.new_code_cell, more)], metadata=notebook.metadata
    )
    client = NotebookClient(whole, timeout=SECONDS, kernel_name="python3", allow_errors=allow_errors)
    with tempfile.TemporaryDirectory() as folder:
        client.execute(cwd=folder, env={**environment(), "XDG_CACHE_HOME": folder})
    for cell in whole.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)  # when it was run
            cell.outputs = [without_chance(output, cell) for output in joined(cell.outputs)]
    replies = list(whole.cells[len(notebook.cells) :])
    for cell in replies:
        cell.outputs = list(joined(cell.outputs))
    return replies


def environment() -> dict[str, str]:
    """This one, without the folders that have a Graphviz of their own: graphviz-pure stands beside this Python."""
    paths = [path for path in os.environ.get("PATH", "").split(os.pathsep) if not (Path(path) / "dot").exists()]
    return {**os.environ, "PATH": os.pathsep.join(paths), "PYTHONPATH": str(ROOT)}


def joined(outputs: list[Any]) -> Iterator[Any]:
    """What a cell prints in pieces, as chance has it, in one."""
    last: Any = None
    for output in outputs:
        if last is not None and output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            last = output
            yield output


def without_chance(output: Any, cell: Any) -> Any:
    """An output without what differs from one run to another, or says the same twice."""
    measured = "measured" in cell.metadata.get("tags", ())
    if output.output_type == "stream":
        text = ADDRESS.sub("", output.text)
        output["text"] = MEASURED.sub("…", text) if measured else text
    data = output.get("data", {})
    for rich, others in SPARED.items():
        for medium in others if rich in data else ():
            data.pop(medium, None)
    if "text/plain" in data:
        data["text/plain"] = ADDRESS.sub("", data["text/plain"])
        if len(data) > 1 and REPR.match(data["text/plain"]):
            del data["text/plain"]
    if measured and "text/html" in data:
        data["text/html"] = ULP.sub("…", data["text/html"])
    return output


def translation(notebook: Any, translated: Any) -> Any:
    """The words of a translation with everything else of the notebook."""
    texts = [cell.source for cell in translated.cells if cell.cell_type == "markdown"]
    cells = deepcopy(notebook.cells)
    for cell, text in zip((cell for cell in cells if cell.cell_type == "markdown"), texts, strict=True):
        cell.source = text
    return nbformat.v4.new_notebook(cells=cells, metadata=METADATA)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("notebook", type=Path, nargs="*", default=NOTEBOOKS)
    for path in options.parse_args().notebook:
        print(path.name, flush=True)
        notebook = nbformat.read(path, as_version=4)
        run(notebook)
        notebook.metadata = METADATA
        nbformat.write(notebook, path)
        for translated in sorted(path.parent.glob(f"*/{path.name}")):
            nbformat.write(translation(notebook, nbformat.read(translated, as_version=4)), translated)


if __name__ == "__main__":
    main()
