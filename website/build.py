"""Build the website: the course, the guides, the derivations, the reference and the playground.

    make site

Pages go to `build/site`, and open from there as from a server. Formulas become MathML, which browsers show by
themselves in a font that is carried along, so no page asks for anything from a network.
"""

from __future__ import annotations

import argparse
import base64
import html
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from unittest import mock

import jinja2
import latex2mathml.converter
import nbformat
import pdoc
from markupsafe import Markup
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbconvert.filters import markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

import scalargrad as sg
from website.packs import FOLDER, PACKS, fonts_for_formulas, packed

HERE = Path(__file__).parent
ROOT = HERE.parent

DERIVED = ("affine", "linear", "bias", "tanh", "two-layer", "quadratic", "trace", "gram")
"""The forward passes of the page of derivations, by the names that `sg.derive` knows."""

# ---------------------------------------------------------------------------------------------------------------------
# Formulas

FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$", re.DOTALL)
TAG = re.compile(r"\\tag\{(?P<number>[^}]+)\}")
LONG = 24
"""Characters of TeX from which on a formula in a line may be wider than a phone, which breaks no formula."""

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
    if display:
        return f'<div class="formula">{element}{number}</div>'
    return f'<span class="long">{element}</span>' if len(tex) > LONG else element


ROW = re.compile(r"<mtr>(.*?)</mtr>", re.DOTALL)
CELL = re.compile(r"<mtd[^>]*>(.*?)</mtd>", re.DOTALL)
LINES = re.compile(r'<math display="block"><mtable displaystyle="true">(.*?)</mtable></math>', re.DOTALL)


def in_letters(page: str) -> str:
    """Single letters are set in the italics of the font of letters, and names of more letters upright.

    By itself a browser takes signs such as U+1D465 for a single letter, in which an italic α is like an a.
    """
    page = re.sub(r"<mi>(\w)</mi>", r'<mi mathvariant="normal" class="letter">\1</mi>', page)
    return re.sub(r"<mi>(\w{2,}′?)</mi>", r'<mi mathvariant="normal">\1</mi>', page)


def with_reasons(page: str) -> str:
    """Derivations as lists: a line, and its reason beside it, or below it on a narrow screen."""
    return LINES.sub(lambda table: f'<ol class="derivation">{"".join(map(line, ROW.findall(table[1])))}</ol>', page)


def line(row: str) -> str:
    """One line of a derivation: both sides, the reason, and the number of the formula."""
    left, right, reason, number = [*CELL.findall(row), "", ""][:4]
    number = re.sub(r"<[^>]+>", "", number)
    return (
        f'<li><span class="left">{formula(left)}</span><span class="right">{formula(right)}</span>'
        f'<span class="why">{words(reason)}</span><span class="number">{number}</span></li>'
    )


def formula(content: str) -> str:
    """A piece of MathML as a formula by itself, in one row, which no browser breaks."""
    return f'<math displaystyle="true"><mrow>{content}</mrow></math>'


def words(reason: str) -> str:
    """A reason, which MathML can't break into lines, as text with formulas in it."""
    reason = re.sub(r"^<mspace[^>]*><mrow>(.*)</mrow>$", r"\1", reason, flags=re.DOTALL)
    pieces = re.split(r"<mtext>(.*?)</mtext>", reason, flags=re.DOTALL)
    return "".join(
        piece.replace("\u00a0", " ") if k % 2 else f"<math><mrow>{piece}</mrow></math>"
        for k, piece in enumerate(pieces)
        if piece
    )


# ---------------------------------------------------------------------------------------------------------------------
# Notebooks


def with_outputs(path: Path) -> Any:
    """A notebook with its outputs: those that it holds, else those of a clean kernel."""
    notebook = nbformat.read(path, as_version=4)
    if not any(cell.get("outputs") for cell in notebook.cells):
        NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(path.parent))
    return notebook


def body(notebook: Any, up: str = "", here: str = "", known: Known | None = None) -> str:
    """A notebook as HTML, without head and style; pages in it lead to the playground, which is `up` from here."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_mathml(cell.source)
    text, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    page = without_anchor_links(with_playground(with_reasons(str(text)), up))
    return relinked(page, PurePosixPath(here), known, up) if known else page


def without_anchor_links(page: str) -> str:
    """Without the paragraph signs behind the headings."""
    return re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", page)


Known = Callable[[PurePosixPath], str | None]
"""Where on the site a file of the checkout is; None if it isn't there."""


def relinked(page: str, here: PurePosixPath, known: Known, up: str) -> str:
    """The page of the file `here`, with links to pages of the site in place of those to files of the checkout."""

    def link(match: re.Match[str]) -> str:
        target, place = re.fullmatch(r"([^#]*)(#.*)?", html.unescape(match[1])).groups("")  # type: ignore[union-attr]
        if not target or "://" in target or target.startswith(("data:", f"{up}playground/")):
            return match[0]
        found = known(normal(here.parent / target))
        return f'href="{up}{found}{place}"' if found else 'class="elsewhere"'

    return re.sub(r'\bhref="([^"]*)"', link, page)


FRAME = re.compile(r"<iframe\b[^>]*?\bsrcdoc=(\"[^\"]*\"|'[^']*')[^>]*></iframe>", re.DOTALL)
PROGRAM = re.compile(r'<meta name="program" content="([^"]+)">')


def with_playground(page: str, up: str = "") -> str:
    """Below each page in a frame, a link to the playground with the program that makes its graph."""

    def linked(frame: re.Match[str]) -> str:
        program = PROGRAM.search(html.unescape(frame[1][1:-1]))
        return f"{frame[0]}{to_playground(html.unescape(program[1]), up) if program else ''}"

    return FRAME.sub(linked, page)


def to_playground(program: str, up: str) -> str:
    code = base64.urlsafe_b64encode(program.encode()).decode().rstrip("=")
    return f'<p class="try"><a href="{up}playground/index.html#code={code}">Change it in the playground</a></p>'


def title(notebook: Any) -> str:
    """Its first heading."""
    return str(notebook.cells[0].source).partition("\n")[0].lstrip("# ")


def goals(notebook: Any) -> str:
    """What the reader will be able to do: the first list."""
    items = re.findall(r"^- (.*(?:\n(?![-\n]).*)*)", notebook.cells[0].source, re.MULTILINE)
    return "".join(
        f"<li>{with_mathml(html.escape(' '.join(item.split()), quote=False)).replace('**', '')}</li>" for item in items
    )


# ---------------------------------------------------------------------------------------------------------------------
# Guides


def guides() -> dict[Path, str]:
    """All pages of Markdown, from the checkout's root, and where they are on the site."""
    found = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("notebooks/**/*.md"))]
    paths = [path.relative_to(ROOT) for path in found]
    return {path: path.with_suffix(".html").as_posix().removeprefix("notebooks/") for path in paths}


def guide(path: Path, name: str, known: Known) -> tuple[str, str]:
    """The heading and the content of a page of Markdown, which is to be the page `name`."""
    text = (ROOT / path).read_text(encoding="utf-8")
    content = without_anchor_links(str(markdown2html(with_mathml(text))))
    content = re.sub(r'<(h\d) id="[^"]*">(.*?)</h\d>', with_anchor, content, flags=re.DOTALL)
    heading = re.search(r"^# (.*)$", text, re.MULTILINE)
    content = relinked(content, PurePosixPath(path.as_posix()), known, "../" * name.count("/"))
    return (heading[1].replace("`", "") if heading else path.stem), content


def with_anchor(match: re.Match[str]) -> str:
    """A heading with the anchor that GitHub gives it, by which the pages link to it."""
    words = html.unescape(re.sub(r"<[^>]+>", "", match[2])).strip().lower()
    anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
    return f'<{match[1]} id="{anchor}">{match[2]}</{match[1]}>'


def normal(path: PurePosixPath) -> PurePosixPath:
    """A path without `..`."""
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return PurePosixPath(*parts)


# ---------------------------------------------------------------------------------------------------------------------
# The reference


def modules() -> list[str]:
    """All modules but the private ones, by name: each opens with what it is about."""
    found = pkgutil.walk_packages(sg.__path__, "scalargrad.")
    return ["scalargrad", *(module.name for module in found if "._" not in module.name)]


def with_code(sentence: str) -> str:
    """A sentence of a docstring as HTML."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(sentence, quote=False))


def contents() -> str:
    """A list of all modules, each with the first sentence of what it says about itself."""
    lines = []
    for name in modules():
        first = (importlib.import_module(name).__doc__ or "").partition("\n")[0]
        page = name.replace(".", "/")
        lines.append(f'<li><a href="reference/{page}.html"><code>{name}</code></a>: {with_code(first)}</li>')
    return f"<ul>{''.join(lines)}</ul>"


def as_prose(docstring: str) -> str:
    """A docstring whose section "Returns" is text, as ours are: pdoc takes it for a list, each line of it a name."""
    return re.sub(r"^( *)Returns\n *-{3,}\n", r"\1Result\n\1------\n", docstring, flags=re.MULTILINE)


def reference(out: Path) -> None:
    """A page for each module, from its docstrings; that of `scalargrad` is the public API."""
    for name in sg.__all__:
        getattr(sg, name)  # loaded on first use, and pdoc looks only at what is there
    pdoc.render.configure(
        docformat="numpy", footer_text="scalargrad", show_source=False, template_directory=HERE / "reference"
    )
    convert = pdoc.docstrings.convert
    prose = mock.patch.object(pdoc.docstrings, "convert", lambda text, *rest: convert(as_prose(text), *rest))
    with prose, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The module specification")  # a package brings some modules by itself
        pdoc.pdoc(*modules(), output_directory=out)
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(re.sub(r"(<h6[^>]*>)Result(</h6>)", r"\1Returns\2", text), encoding="utf-8")


# ---------------------------------------------------------------------------------------------------------------------
# The site


def styles() -> str:
    """The one style sheet of all pages."""
    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("default", "github-dark"))
    text = (HERE / "page.css").read_text(encoding="utf-8")
    return f"{fonts_for_formulas()}{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n{text}"


def course_pages(chosen: Sequence[Path]) -> dict[Path, str]:
    """Where each notebook's page is: those of another language in a folder by its name."""
    top = ROOT / "notebooks"
    return {path: path.relative_to(top).with_suffix(".html").as_posix() for path in chosen}


def build(out: Path, chosen: Sequence[Path]) -> None:
    """Write all pages."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        (HERE / "page.html.j2").read_text(encoding="utf-8")
    )
    places = course_pages(chosen)
    known = places_of(places)

    def page(name: str, heading: str, content: str, **more: Any) -> None:
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * name.count("/")
        words = {"lang": "en-GB", "before": None, "after": None, "file": None, **more}
        path.write_text(template.render(title=heading, up=up, content=in_letters(content), **words), encoding="utf-8")

    playground = [sys.executable, "-m", "scalargrad.playground", "--packs", str(FOLDER), "--out", str(out)]
    subprocess.run(playground, cwd=ROOT, check=True)
    (out / "style.css").write_text(styles(), encoding="utf-8")
    licences = [packed(name, "LICENSE").decode() for name in PACKS if name.startswith("@fontsource/")]
    (out / "font-licenses.txt").write_text("\n\n".join(licences), encoding="utf-8")

    notebooks = {path: with_outputs(path) for path in chosen}
    course: dict[str, list[str]] = {}
    for path, name in places.items():
        print(path.name, flush=True)
        notebook, up = notebooks[path], "../" * name.count("/")
        siblings = [other for other in chosen if other.parent == path.parent]
        at = siblings.index(path)
        before, after = (
            (places[siblings[k]].rpartition("/")[2], title(notebooks[siblings[k]])) if 0 <= k < len(siblings) else None
            for k in (at - 1, at + 1)
        )
        file = f"{up}notebooks/{path.relative_to(ROOT / 'notebooks').as_posix()}"
        copy = out / "notebooks" / path.relative_to(ROOT / "notebooks")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
        language = name.rpartition("/")[0] or "en-GB"
        heading = title(notebook)
        link = f'<a href="{name}">{html.escape(heading.partition(" ")[2])}</a>'
        course.setdefault(language, []).append(f"<li>{link}<ul>{goals(notebook)}</ul></li>")
        page(
            name,
            heading,
            body(notebook, up, path.relative_to(ROOT).as_posix(), known),
            lang=language,
            before=before,
            after=after,
            file=file,
        )

    listed = list(guide_pages(page, known, out))
    derivations = "".join(
        f'<h2 id="{name}">{name}</h2><pre>sg.derive("{name}")</pre>'
        + "".join(with_reasons(found._repr_html_()) for found in sg.derive(name))
        for name in DERIVED
    )
    intro = "<h1>Derivations for all shapes</h1><p>Each line equals the one before; SymPy has checked those with ✓.</p>"
    page("derivations.html", "Derivations for all shapes", intro + derivations)
    theorem = highlight(
        (ROOT / "scalargrad" / "proofs" / "Affine.v").read_text(encoding="utf-8"),
        get_lexer_by_name("coq"),
        HtmlFormatter(),
    )
    page("theorem.html", "The theorem", f"<h1>The theorem, as Coq checks it</h1>{theorem}")
    page("modules.html", "All modules", f"<h1>All modules</h1>{contents()}")
    reference(out / "reference")
    index = jinja2.Environment(autoescape=True).from_string((HERE / "index.html.j2").read_text(encoding="utf-8"))
    lists = {language: Markup("".join(items)) for language, items in course.items()}
    page("index.html", "scalargrad", index.render(course=lists, pages=listed))
    print(f"{out / 'index.html'}: open it in a browser")


def places_of(places: dict[Path, str]) -> Known:
    """Where the files that pages link to are, given where the notebooks are."""
    names = {PurePosixPath(path.as_posix()): name for path, name in guides().items()}
    names |= {PurePosixPath(path.relative_to(ROOT).as_posix()): name for path, name in places.items()}

    def known(path: PurePosixPath) -> str | None:
        is_picture = path.suffix in (".svg", ".png") and (ROOT / path).exists()
        return str(path) if is_picture else names.get(path)

    return known


def guide_pages(page: Callable[..., None], known: Known, out: Path) -> Iterator[tuple[str, str, str]]:
    """Write the guides, and what they show; yields the address, the heading and the group of each."""
    for picture in (path for kind in ("svg", "png") for path in (ROOT / "docs").rglob(f"*.{kind}")):
        copy = out / picture.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, copy)
    for path, name in guides().items():
        heading, content = guide(path, name, known)
        language = path.suffixes[0][1:] if len(path.suffixes) == 2 else "en-GB"
        page(name, heading, content, lang=language)
        is_guide = path.parts[0] == "docs" and "decisions" not in path.parts
        yield name, heading, "solutions" if path.parts[0] == "notebooks" else "guides" if is_guide else "project"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    options.add_argument("--notebook", type=Path, action="append", help="only this one (repeatable)")
    chosen = options.parse_args()
    lessons = [*sorted((ROOT / "notebooks").glob("*.ipynb")), *sorted((ROOT / "notebooks").glob("[a-z][a-z]/*.ipynb"))]
    build(chosen.out.resolve(), [path.resolve() for path in chosen.notebook or lessons])


if __name__ == "__main__":
    main()
