"""Build the website: the notebooks with their outputs, the derivations, and the reference, as pages that load nothing.

    make site

Pages go to `build/site`. Every notebook is run from a clean kernel first. Formulas become MathML, which browsers show
by themselves, so no page asks for anything from a network.
"""

from __future__ import annotations

import argparse
import pkgutil
import re
import shutil
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

import scalargrad
from scalargrad.derivation import NAMED, derive

HERE = Path(__file__).parent
ROOT = HERE.parent

FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$", re.DOTALL)
TAG = re.compile(r"\\tag\{(?P<number>\w+)\}")
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
        f"<h2>{escape(name)}</h2><pre>{escape(text)}</pre>" + "".join(found._repr_html_() for found in derive(name))
        for name, (text, _, _) in NAMED.items()
    )
    intro = "<h1>Derivations for all shapes</h1><p>Each line equals the one before; SymPy has checked those with ✓.</p>"
    page("derivations.html", "Derivations for all shapes", intro + proofs)
    pdoc.render.configure(docformat="numpy", footer_text="scalargrad")
    modules = [
        f"scalargrad.{module.name}" for module in pkgutil.iter_modules(scalargrad.__path__) if module.name[0] != "_"
    ]
    pdoc.pdoc("scalargrad", *modules, output_directory=out / "reference")
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
