"""Diagrams as files, and as what a notebook keeps; and what is done where a renderer is missing or broken."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import zlib
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scalargrad import Value, affine
from scalargrad.errors import ArgumentError, DiagramError, MissingExtraError
from scalargrad.pictures import draw, explore, rendering, step_through
from scalargrad.pictures.document import Document
from tests.pictures.graphs import square_layer

# ---------------------------------------------------------------------------------------------------------------------
# Files


@pytest.mark.usefixtures("graphviz_pure")
def test_files_are_written_in_the_format_of_their_ending(tmp_path: Path) -> None:
    drawing = draw(square_layer()[2])
    assert drawing.save(tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert drawing.save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert drawing.save(tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert drawing.save(tmp_path / "a.dot").read_text(encoding="utf-8") == drawing.source
    assert {path.name for path in tmp_path.iterdir()} == {"a.svg", "a.png", "a.pdf", "a.dot"}
    with pytest.raises(ArgumentError, match=r"a.bmp: the ending names the format"):
        drawing.save(tmp_path / "a.bmp")


@pytest.mark.usefixtures("each_renderer")
def test_a_pdf_has_the_pixels_of_the_png() -> None:
    """Read as a reader of PDF does: by the table at its end, which says where each object begins."""
    png = draw(square_layer()[2], level="entry").png()
    pdf = rendering.pdf_of_png(png)
    start = int(re.search(rb"startxref\n(\d+)", pdf)[1])  # type: ignore[index]
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", pdf[start:])]
    assert [pdf[place:].split(b" obj")[0] for place in places] == [b"%d 0" % k for k in range(1, 7)]
    image = pdf[places[-1] : start]
    width, height = (int(re.search(rb"/%b (\d+)" % side, image)[1]) for side in (b"Width", b"Height"))  # type: ignore[index]
    assert struct.pack(">II", width, height) == png[16:24]
    length = int(re.search(rb"/Length (\d+)", image)[1])  # type: ignore[index]
    pixels = zlib.decompress(image.split(b"stream\n", 1)[1][:length])
    assert len(pixels) == height * (1 + width * int(re.search(rb"/Colors (\d)", image)[1]))  # type: ignore[index]


def test_other_pngs_are_refused() -> None:
    grey = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1, 1, 8, 0, 0, 0, 0)
    with pytest.raises(DiagramError, match="can't be put into a PDF"):
        rendering.pdf_of_png(grey)


# ---------------------------------------------------------------------------------------------------------------------
# Renderers


def broken(folder: Path, name: str, script: str) -> str:
    """A program of this name that does what the script says."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


BROKEN = {
    "it fails": ("import sys; sys.exit('no plugin for this')", "could not write SVG: no plugin for this"),
    "it says nothing": ("", "could not write SVG: it said nothing"),
    "it writes something else": ("print('Graphviz at your service')", "could not write SVG: it said nothing"),
    "it hangs": ("import time; time.sleep(30)", "did not finish within 0.3 seconds"),
}


@pytest.mark.parametrize(("script", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_dot_is_replaced_by_the_other_renderer_and_that_is_said(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(tmp_path, "dot", script)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    expected = re.escape(said).replace("SVG: ", "SVG: .*")
    seconds = 0.3 if "hang" in said or "finish" in said else 20
    with pytest.warns(rendering.RendererWarning, match=f"dot {expected}.*: this is drawn by graphviz-pure"):
        assert b"<svg" in rendering.render("digraph { a }", "svg", seconds)


def test_a_dot_that_cannot_be_run_is_replaced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pure = rendering.renderers()[-1]
    monkeypatch.setattr(rendering, "renderers", lambda: [str(tmp_path / "dot"), pure])
    with pytest.warns(rendering.RendererWarning, match="dot does not run: No such file"):
        rendering.render("digraph { a }", "svg")


def test_a_renderer_of_ones_own_may_make_svg_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a browser, where no program can be run."""
    program = rendering.renderers()[-1]

    def in_a_browser(source: str, format: str) -> bytes:
        if format != "svg":
            raise DiagramError("no pixels here")
        return subprocess.run([program, "-Tsvg"], input=source.encode(), capture_output=True, check=True).stdout

    monkeypatch.setattr(rendering, "RENDERERS", [in_a_browser])
    x = Value(1.0, "x")
    assert set(x._repr_mimebundle_()[0]) == {"image/svg+xml", "text/plain"}
    assert set(step_through(x)._repr_mimebundle_()[0]) == {"text/html", "text/plain"}


def test_where_all_fail_each_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "renderers", lambda: ["/bin/dot", "/bin/graphviz-pure"])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, b"", b"no pdf\n"))
    with pytest.raises(DiagramError, match="dot could not write PDF: no pdf; and graphviz-pure could not write PDF"):
        rendering.render("digraph {}", "pdf")


def test_without_a_renderer_the_dot_text_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "renderers", list)
    drawing = draw(Value(1.0, "x"))
    with pytest.raises(
        DiagramError,
        match=r"the DOT text is in \.source: install Graphviz, or run pip install '\.\[diagrams\]' in the checkout$",
    ):
        drawing.svg()
    shown = drawing._repr_mimebundle_()
    assert set(shown) == {"text/plain"}
    assert drawing.source in shown["text/plain"]


def test_an_installed_dot_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path=None: f"/somewhere/{name}")
    assert rendering.renderers() == ["/somewhere/dot", "/somewhere/graphviz-pure"]
    monkeypatch.setattr("shutil.which", lambda name, path=None: path and f"{path}/{name}")
    (path,) = rendering.renderers()
    assert path.endswith("graphviz-pure")


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(MissingExtraError, match=r"need the package graphviz: run pip install '\.\[diagrams\]'"):
        draw(Value(1.0))


# ---------------------------------------------------------------------------------------------------------------------
# Notebooks


@pytest.mark.usefixtures("each_renderer")
def test_diagrams_and_values_show_themselves_in_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As SVG, and as what is shown where SVG is not: a PNG with its size and words, and a PDF."""
    *_, L = square_layer()
    drawing = draw(L, terms=("x[0,1]", L))
    both: list[tuple[Any, str]] = [(drawing, drawing.alternative), (L, repr(L))]
    for shown, text in both:
        formats, about = shown._repr_mimebundle_()
        assert set(formats) == {"image/svg+xml", "image/png", "application/pdf", "text/plain"}
        assert formats["text/plain"] == text
        assert formats["image/svg+xml"].count("<svg") == 1
        png = b64decode(formats["image/png"])
        assert b64decode(formats["application/pdf"]).startswith(b"%PDF")
        pixels = struct.unpack(">II", png[16:24])
        assert (about["image/png"]["width"], about["image/png"]["height"]) == tuple(n * 2 // 3 for n in pixels)
    assert re.match(r"A graph of 17 boxes and \d+ arrows\. ∂L/∂x\[0,1\] is the sum", drawing.alternative)
    assert drawing._repr_mimebundle_()[1]["image/png"]["alt"] == drawing.alternative
    monkeypatch.setitem(sys.modules, "graphviz", None)
    assert L._repr_mimebundle_() == {"text/plain": repr(L)}


@pytest.mark.usefixtures("graphviz_pure")
@pytest.mark.parametrize("page", [lambda layer: step_through(layer.L), explore], ids=["step_through", "explore"])
def test_a_page_leaves_a_picture_where_it_cannot_run(page: Callable[[Any], Document]) -> None:
    """What takes frames and styles out of a notebook that is not trusted leaves the picture, which they hid."""
    formats, about = page(affine.build([[1, 2]], [[3], [4]], loss=lambda Y: (Y**2).sum()))._repr_mimebundle_()
    assert b64decode(formats["image/png"]).startswith(b"\x89PNG")
    hidden = re.fullmatch(
        r"<style>\.(\S+) { display: none !important }</style><iframe [^>]*></iframe>"
        r'<img class="(\S+)" src="([^"]*)" alt="([^"]*)" .*',
        formats["text/html"],
    )
    assert hidden
    assert hidden[1] == hidden[2]
    assert hidden[3] == f"data:image/png;base64,{formats['image/png']}"
    assert hidden[4] == about["image/png"]["alt"]


def test_a_notebook_becomes_latex_without_inkscape(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `nbconvert --to latex` does it, on a machine that has no Inkscape."""
    import nbformat
    from IPython.core.formatters import DisplayFormatter
    from nbconvert import LatexExporter

    monkeypatch.setenv("PATH", "")  # graphviz-pure is found by this Python's own scripts
    layer = affine.build([[1, 2]], [[3], [4]], loss=lambda Y: (Y**2).sum())
    cells = []
    L: Any = layer.L
    for shown in (draw(L), L, step_through(L), explore(layer)):
        formats, about = DisplayFormatter().format(shown)  # type: ignore[no-untyped-call]
        output = nbformat.v4.new_output("display_data", data=formats, metadata=about)
        cells.append(nbformat.v4.new_code_cell("…", outputs=[output]))
    tex, resources = LatexExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    names = re.findall(r"adjustimage\{.*\}\{(\S+?)\}", tex)
    assert [Path(name).suffix for name in names] == [".pdf", ".pdf", ".png", ".png"]
    assert set(names) <= set(resources["outputs"])
