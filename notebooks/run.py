"""Run the notebooks, and store what they print and show: `make notebooks-run`.

    python notebooks/run.py
    python notebooks/run.py notebooks/02_affine_layer.ipynb

Each is run from a clean kernel, in an empty folder. What is stored is the same on every machine: diagrams are laid out
by graphviz-pure, memory addresses are left out, and so are the numbers that a cell with the tag "measured" prints.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
ROOT = HERE.parent
NOTEBOOKS = [*sorted(HERE.glob("*.ipynb")), *sorted(HERE.glob("ko/*.ipynb"))]

SECONDS = 300
"""Time for one cell on a busy machine; a notebook is meant to take less than a minute."""

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
MEASURED = re.compile(r"\d+(?:\.\d+)?")


def run(notebook: Any, more: tuple[str, ...] = (), allow_errors: bool = False) -> list[Any]:
    """Run a notebook, and then more code in the same kernel; the cells of that code, with their outputs.

    The kernel imports the project from this checkout, wherever else it may be installed.
    """
    whole = nbformat.v4.new_notebook(
        cells=[*notebook.cells, *map(nbformat.v4.new_code_cell, more)], metadata=notebook.metadata
    )
    client = NotebookClient(whole, timeout=SECONDS, kernel_name="python3", allow_errors=allow_errors)
    with tempfile.TemporaryDirectory() as folder:
        client.execute(cwd=folder, env=environment())
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)  # when it was run
            cell.outputs = [without_chance(output, cell) for output in joined(cell.outputs)]
    return list(whole.cells[len(notebook.cells) :])


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
    """An output without memory addresses, and without what was measured."""
    if output.output_type == "stream":
        output["text"] = ADDRESS.sub("", output.text)
        if "measured" in cell.metadata.get("tags", ()):
            output["text"] = MEASURED.sub("…", output.text)
    data = output.get("data", {})
    if "text/plain" in data:
        data["text/plain"] = ADDRESS.sub("", data["text/plain"])
    return output


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("notebook", type=Path, nargs="*", default=NOTEBOOKS)
    for path in options.parse_args().notebook:
        print(path.name, flush=True)
        notebook = nbformat.read(path, as_version=4)
        run(notebook)
        notebook.metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        nbformat.write(notebook, path)
    print(f"{sum(path.stat().st_size for path in NOTEBOOKS) / 1e6:.2f} MB in all", file=sys.stderr)


if __name__ == "__main__":
    main()
