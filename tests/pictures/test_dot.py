"""Diagrams: what reaches DOT and SVG, only escaped, and what is said where nothing can be rendered."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scalargrad import Value
from scalargrad.display import legible
from scalargrad.errors import ArgumentError, DiagramError, MissingExtraError
from scalargrad.pictures import dot, draw
from scalargrad.pictures.levels import PATHS_LIMIT
from tests.pictures.graphs import SVG, diamond, groups_of, labelled, square_layer

HOSTILE = (
    "<script>alert(1)</script>",
    "</script>",
    '"',
    "'",
    "]]>",
    r"\N \G \E \T \H \L",
    "&lt;b&gt; &amp;",
    "{a|b}",
    "two\nlines",
    "\u202eright to left\u202c",
    "x" * 10_000,
    "<<b>html</b>>",
    "-->",
)


def test_svg_has_every_box_and_arrow_with_its_text() -> None:
    *_, L = square_layer()
    drawing = draw(L, terms=("x[0,1]", L))
    svg = drawing.svg()
    nodes, edges = groups_of(svg, "node"), groups_of(svg, "edge")
    assert nodes == {box.id: box.lines for box in drawing.picture.boxes}
    assert set(edges) == {arrow.id for arrow in drawing.picture.arrows}
    kinds = {g.get("id"): g.get("class") for g in ET.fromstring(svg).iter(f"{SVG}g")}
    cells = {box.id for box in drawing.picture.boxes if box.matrix in drawing.picture.grids}
    assert len(cells) == 16
    assert {kinds[box.id] for box in drawing.picture.boxes if box.id not in cells} == {"node operation", "node output"}
    assert "100/9" in "".join(ET.fromstring(svg).itertext())


def test_shapes_borders_and_dashes_tell_what_colour_tells() -> None:
    L = diamond()
    source = draw(L, terms=("x", L)).source
    assert re.search(r'n\d+ \[label="x\\n.*shape=box', source)
    assert re.search(r'label="L = \+.*peripheries=2 shape=box', source)
    assert re.search(r'label="a = \*.*shape=ellipse', source)
    styles = {style for _, style in dot.PATH_STYLES}
    assert styles == {"solid", "dashed", "dotted"}
    assert len(set(dot.PATH_STYLES)) == PATHS_LIMIT


@pytest.mark.parametrize("label", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_labels_show_as_text(label: str) -> None:
    """Labels, symbols and data: nothing of them is markup, in DOT or in SVG."""
    x = Value(1.0, label)
    x.label = label
    drawing = draw(x * 2.0, terms=(x, x))
    svg = drawing.svg()
    root = ET.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert (shown := legible(label)) in {lines[0] for lines in groups_of(svg, "node").values()}
    assert len(shown) <= 40


@pytest.mark.parametrize("label", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_labels_show_as_text_in_grids(label: str) -> None:
    x = [Value(1.0, f"{label}[{i},0]") for i in range(2)]
    drawing = draw(x[0] * x[1])
    assert len(drawing.picture.grids) == 1
    svg = drawing.svg()
    assert not list(ET.fromstring(svg).iter(f"{SVG}script"))
    assert {legible(node.label) for node in x} <= {lines[0] for lines in groups_of(svg, "node").values()}


def places(svg: str) -> dict[str, tuple[float, float]]:
    """Where the first line of each box stands: (x, y), downwards."""
    found = {}
    for text in ET.fromstring(svg).iter(f"{SVG}text"):
        found["".join(text.itertext()).partition(" ")[0]] = (float(text.get("x", "")), float(text.get("y", "")))
    return found


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("level", ["scalar", "entry"])
def test_a_matrix_looks_like_a_matrix(level: str, direction: str) -> None:
    """Its rows stand one under the other, and so do its columns: whatever the arrows are."""
    *_, L = square_layer()
    drawing = draw(L, level=level, direction=direction)
    assert set(drawing.picture.grids) == {"X", "W", "Y"}
    at = places(drawing.svg())
    for name, rows, columns in (("x", 2, 3), ("w", 3, 2), ("y", 2, 2)):
        for i in range(rows):
            assert len({at[f"{name}[{i},{j}]"][1] for j in range(columns)}) == 1
            across = [at[f"{name}[{i},{j}]"][0] for j in range(columns)]
            assert across == sorted(across)
        for j in range(columns):
            down = [at[f"{name}[{i},{j}]"][1] for i in range(rows)]
            assert down == sorted(set(down))


def test_no_text_is_wider_than_its_box() -> None:
    """Widths are those of Arial, which Liberation Sans shares; DejaVu's letters are an eighth wider."""
    x = labelled("a long label", Value(Fraction(123456789, 987654321), "another long label") * 2)
    svg = ET.fromstring(draw(x).svg())
    for node in svg.iter(f"{SVG}g"):
        if "node" in node.get("class", "").split():
            shape = next(node.iter(f"{SVG}polygon"))
            xs = [float(point.split(",")[0]) for point in shape.get("points", "").split()]
            for text in node.iter(f"{SVG}text"):
                assert text.get("font-family") == "Arial"
                assert 6.6 * len("".join(text.itertext())) <= 1.15 * (max(xs) - min(xs))


def test_a_number_class_cannot_smuggle_markup_in() -> None:
    class Odd(float):
        def __str__(self) -> str:
            return "<script>"

        def __format__(self, spec: str) -> str:
            return "<script>"

    svg = draw(Value(Odd(1.0), "x")).svg()
    assert "<script" not in svg
    assert "data <script>" in "".join(ET.fromstring(svg).itertext())


def test_files_are_written_in_the_format_of_their_ending(tmp_path: Path) -> None:
    drawing = draw(square_layer()[2])
    assert drawing.save(tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert drawing.save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert drawing.save(tmp_path / "a.dot").read_text(encoding="utf-8") == drawing.source
    assert {path.name for path in tmp_path.iterdir()} == {"a.svg", "a.png", "a.dot"}
    with pytest.raises(ArgumentError, match=r"a.bmp: the ending names the format"):
        drawing.save(tmp_path / "a.bmp")


def test_a_format_that_the_renderer_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dot, "renderer", lambda: sys.executable)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, b"", b"no pdf\n"))
    with pytest.raises(DiagramError, match="could not write PDF: no pdf"):
        dot.render("digraph {}", "pdf")


def test_rendering_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: Any, **options: Any) -> None:
        raise subprocess.TimeoutExpired("dot", options["timeout"])

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(DiagramError, match=r"did not finish within 0\.5 seconds"):
        dot.render("digraph {}", "svg", seconds=0.5)


def test_without_a_renderer_the_dot_text_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dot, "renderer", lambda: None)
    drawing = draw(Value(1.0, "x"))
    with pytest.raises(
        DiagramError,
        match=r"the DOT text is in \.source: install Graphviz, or run pip install '\.\[diagrams\]' in the checkout$",
    ):
        drawing.svg()
    shown = drawing._repr_mimebundle_()
    assert set(shown) == {"text/plain"}
    assert drawing.source in shown["text/plain"]


def test_an_installed_dot_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path=None: f"/somewhere/{name}")
    assert dot.renderer() == "/somewhere/dot"
    monkeypatch.setattr("shutil.which", lambda name, path=None: path and f"{path}/{name}")
    assert str(dot.renderer()).endswith("graphviz-pure")


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(MissingExtraError, match=r"need the package graphviz: run pip install '\.\[diagrams\]'"):
        draw(Value(1.0))


def test_diagrams_and_values_show_themselves_in_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, L = square_layer()
    assert draw(L)._repr_mimebundle_()["image/svg+xml"].count("<svg") == 1
    assert "image/svg+xml" in L._repr_mimebundle_()
    assert L._repr_mimebundle_()["text/plain"] == repr(L)
    monkeypatch.setitem(sys.modules, "graphviz", None)
    assert L._repr_mimebundle_() == {"text/plain": repr(L)}
