"""Build the website: the notebooks with their outputs, the derivations, and the reference, as pages that load nothing.

    make site

Pages go to `build/site`. Every notebook is run from a clean kernel first. Formulas become MathML, which browsers show
by themselves, so no page asks for anything from a network.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
import shutil
import warnings
from html import escape
from pathlib import Path
from typing import Any

import jinja2
import latex2mathml.converter
import nbformat
import pdoc
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

import scalargrad as sg

HERE = Path(__file__).parent
ROOT = HERE.parent

DERIVED = ("affine", "linear", "bias", "tanh", "two-layer", "quadratic", "trace", "gram")
"""The forward passes of the page of derivations, by the names that `sg.derive` knows."""

FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$", re.DOTALL)
TAG = re.compile(r"\\tag\{(?P<number>[^}]+)\}")
CODE = re.compile(r"(```.*?```|`[^`]*`)", re.DOTALL)


def with_mathml(markdown: str) -> str:
    """Markdown whose formulas are MathML; what stands in code is left alone."""
    parts = CODE.split(markdown)
    return "".join(part if CODE.fullmatch(part) else FORMULA.sub(mathml, part) for part in parts)


def mathml(match: re.Match[str]) -> str:
    """One formula; a number given by \\tag stands behind it."""
    display = match["display"] is not None
    tex = match["display"] if display else match["inline"]
    tag = TAG.search(tex)
    element = latex2mathml.converter.convert(TAG.sub("", tex).strip(), display="block" if display else "inline")
    number = f'<span class="number">({tag["number"]})</span>' if tag else ""
    return f'<div class="formula">{element}{number}</div>' if display else element


def executed(path: Path) -> Any:
    """A notebook with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(path.parent))
    return notebook


def body(notebook: Any) -> str:
    """A notebook as HTML, without head and style."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_mathml(cell.source)
    text, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    return str(text)


def title(notebook: Any) -> str:
    """Its first heading."""
    return str(notebook.cells[0].source).partition("\n")[0].lstrip("# ")


def goals(notebook: Any) -> str:
    """What the reader will be able to do: the first list."""
    items = re.findall(r"^- (.*(?:\n(?![-\n]).*)*)", notebook.cells[0].source, re.MULTILINE)
    return "".join(
        f"<li>{with_mathml(escape(' '.join(item.split()), quote=False)).replace('**', '')}</li>" for item in items
    )


def modules() -> list[str]:
    """All modules but the private ones, by name: each opens with what it is about."""
    found = pkgutil.walk_packages(sg.__path__, "scalargrad.")
    return ["scalargrad", *(module.name for module in found if "._" not in module.name)]


def with_code(sentence: str) -> str:
    """A sentence of a docstring as HTML."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(sentence, quote=False))


def contents() -> str:
    """A list of all modules, each with the first sentence of what it says about itself."""
    lines = []
    for name in modules():
        first = (importlib.import_module(name).__doc__ or "").partition("\n")[0]
        page = name.replace(".", "/")
        lines.append(f'<li><a href="reference/{page}.html"><code>{name}</code></a>: {with_code(first)}</li>')
    return f"<ul>{''.join(lines)}</ul>"


def reference(out: Path) -> None:
    """A page for each module, from its docstrings; that of `scalargrad` is the public API."""
    for name in sg.__all__:
        getattr(sg, name)  # loaded on first use, and pdoc looks only at what is there
    pdoc.render.configure(docformat="numpy", footer_text="scalargrad")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The module specification")  # a package brings some modules by itself
        pdoc.pdoc(*modules(), output_directory=out)


def build(out: Path, chosen: list[Path]) -> None:
    """Write all pages."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        (HERE / "page.html.j2").read_text(encoding="utf-8")
    )
    style = (HERE / "page.css").read_text(encoding="utf-8") + HtmlFormatter().get_style_defs(".highlight")

    def page(name: str, heading: str, content: str) -> None:
        html = template.render(title=heading, style=style, content=content)
        (out / name).write_text(html, encoding="utf-8")

    course = []
    for path in chosen:
        print(path.name, flush=True)
        notebook = executed(path)
        link = f'<a href="{path.stem}.html">{escape(title(notebook).partition(" ")[2])}</a>'
        course.append(f"<li>{link}<ul>{goals(notebook)}</ul></li>")
        page(f"{path.stem}.html", title(notebook), body(notebook))
    proofs = "".join(
        f'<h2>{name}</h2><pre>sg.derive("{name}")</pre>' + "".join(found._repr_html_() for found in sg.derive(name))
        for name in DERIVED
    )
    intro = "<h1>Derivations for all shapes</h1><p>Each line equals the one before; SymPy has checked those with ✓.</p>"
    page("derivations.html", "Derivations for all shapes", intro + proofs)
    page("modules.html", "All modules", f"<h1>All modules</h1>{contents()}")
    reference(out / "reference")
    index = (HERE / "index.html").read_text(encoding="utf-8").replace("COURSE", "".join(course))
    page("index.html", "scalargrad", index)
    shutil.copy(ROOT / "docs" / "affine.svg", out / "affine.svg")
    print(f"{out / 'index.html'}: open it in a browser")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    options.add_argument("--notebook", type=Path, action="append", help="only this one (repeatable)")
    chosen = options.parse_args()
    build(chosen.out, chosen.notebook or sorted((ROOT / "notebooks").glob("*.ipynb")))


if __name__ == "__main__":
    main()
