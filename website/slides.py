"""Make slides of the notebooks: one HTML file that loads nothing, with the stepper and the explorer live in it.

    make slides

A cell with the metadata {"slideshow": {"slide_type": "slide"}} begins a slide, and one with "subslide" a slide below,
as in Jupyter. A slide of text has its heading, formulas, lists, and the first sentence of each paragraph; the whole
text is in the speaker's notes (press S). reveal.js comes from npm and goes into the file. Outputs are the stored ones.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markupsafe import Markup
from nbconvert.filters import markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from website.build import with_mathml
from website.packs import FOLDER, fonts_for_formulas, packed

HERE = Path(__file__).parent
ROOT = HERE.parent
NOTEBOOKS = [ROOT / "notebooks" / name for name in ("01_values_and_graphs.ipynb", "02_affine_layer.ipynb")]

PARTS = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")
"""Of reveal.js."""

MEDIA = ("text/html", "image/svg+xml", "image/png", "text/plain")
"""The richest first, as notebooks show it."""


# ---------------------------------------------------------------------------------------------------------------------
# What a slide shows


def condensed(markdown: str) -> str:
    r"""Headings, formulas, lists, and of each paragraph the first sentence.

    >>> condensed("## A\n\nOne. Two, e.g. three.\n\n- a list. Whole.\n\n$$x$$")
    '## A\n\nOne.\n\n- a list. Whole.\n\n$$x$$'
    """
    blocks = [
        block if re.match(r"#|- |\$\$", block) else re.split(r"(?<=[.?!])\s+(?=[A-Z$*(`])", block, maxsplit=1)[0]
        for block in re.split(r"\n\s*\n", apart(markdown))
    ]
    if blocks[-1].endswith(":"):  # it leads to a cell
        del blocks[-1]
    return "\n\n".join(blocks)


def apart(markdown: str) -> str:
    """Displayed formulas are blocks of their own."""
    return re.sub(r"\s*(\$\$.*?\$\$)\s*", r"\n\n\1\n\n", markdown, flags=re.DOTALL).strip()


def text_slide(markdown: str) -> Markup:
    notes = markdown2html(with_mathml(markdown))
    return Markup(f'{markdown2html(with_mathml(condensed(markdown)))}<aside class="notes">{notes}</aside>')


def code_slide(heading: str, cell: Any) -> Markup:
    """The code beside what it gives, or above it if that is wide; a page in a frame has the slide to itself."""
    outputs = "".join(map(shown, cell.outputs))
    code = highlight(cell.source, PythonLexer(), HtmlFormatter())
    kind = "page" if "<iframe" in outputs else "run"
    return Markup(f'<h3>{escape(heading)}</h3><div class="{kind}">{code}<div class="outputs">{outputs}</div></div>')


def shown(output: Any) -> str:
    """An output as HTML."""
    if output.output_type == "stream":
        return f"<pre>{escape(output.text)}</pre>"
    medium = next(medium for medium in MEDIA if medium in output.data)
    data = output.data[medium]
    if medium == "image/png":
        return f'<img alt="" src="data:image/png;base64,{data.strip()}">'
    if medium == "image/svg+xml":
        return f'<div class="drawing">{data[data.index("<svg") :]}</div>'
    return str(data) if medium == "text/html" else f"<pre>{escape(data)}</pre>"


def slides(notebook: Any) -> Iterator[list[Markup]]:
    """Columns of slides, from left to right, each from top to bottom."""
    column: list[Markup] = []
    heading = ""
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind == "slide" and column:
            yield column
            column = []
        if found := re.match(r"#+ (.*)", cell.source) if cell.cell_type == "markdown" else None:
            heading = found[1]
        if kind in ("slide", "subslide"):
            column.append(text_slide(cell.source) if cell.cell_type == "markdown" else code_slide(heading, cell))
    yield column


def build(out: Path, packs: Path) -> None:
    """Write the file."""
    parts = {part: packed("reveal.js", part, packs).decode() for part in PARTS}
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        (HERE / "slides.html.j2").read_text(encoding="utf-8")
    )
    columns = [column for path in NOTEBOOKS for column in slides(nbformat.read(path, as_version=4))]
    own = (HERE / "slides.css").read_text(encoding="utf-8")
    style = parts["dist/reset.css"] + parts["dist/reveal.css"] + fonts_for_formulas(packs) + own
    scripts = [parts[part].replace("</script", "<\\/script") for part in PARTS if part.endswith(".js")]
    page = template.render(
        columns=columns,
        style=Markup(style + HtmlFormatter().get_style_defs(".highlight")),
        scripts=list(map(Markup, scripts)),
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / "index.html").write_text(page, encoding="utf-8")
    print(f"{out / 'index.html'}: open it in a browser; S opens the speaker's notes, F fills the screen")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=ROOT / "build" / "slides")
    options.add_argument("--packs", type=Path, default=FOLDER, help="where packages from npm are kept")
    chosen = options.parse_args()
    build(chosen.out, chosen.packs)


if __name__ == "__main__":
    main()
