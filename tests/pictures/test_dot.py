"""Diagrams: what reaches DOT and SVG, only escaped, and how it looks."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from scalargrad import Value
from scalargrad.display import legible
from scalargrad.pictures import Diagram, dot, draw
from scalargrad.pictures.captions import PATHS_LIMIT
from tests.pictures.graphs import SVG, diamond, groups_of, square_layer
from tests.pictures.test_colours import contrast

pytestmark = pytest.mark.usefixtures("graphviz_pure")

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
    assert {kinds[box.id] for box in drawing.picture.boxes if box.id not in cells} == {"node output"}
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
    drawing = draw(L, level=level, limit=None, direction=direction)
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


def test_a_number_class_cannot_smuggle_markup_in() -> None:
    class Odd(float):
        def __str__(self) -> str:
            return "<script>"

        def __format__(self, spec: str) -> str:
            return "<script>"

    svg = draw(Value(Odd(1.0), "x")).svg()
    assert "<script" not in svg
    assert "data <script>" in "".join(ET.fromstring(svg).itertext())


# ---------------------------------------------------------------------------------------------------------------------
# Colours


def test_every_colour_of_a_drawing_stands_out() -> None:
    """As found in the SVG: text by 4.5 to 1 from what it stands on, lines by 3 to 1 from the paper. The paper is a
    part of the picture, so that it is the same in light and in dark surroundings."""
    *_, L = square_layer()
    drawings = [draw(L, terms=("x[0,1]", L)), draw(L, level="matrix"), draw(diamond()), many_paths()]
    texts, lines = set(), set()
    for drawing in drawings:
        root = ET.fromstring(drawing.svg())
        paper = root[0]
        assert paper.get("fill") == dot.PAPER
        assert [paper.get("width"), paper.get("height")] == root.get("viewBox", "").split()[2:]
        ground = dot.PAPER
        for element in root.iter():
            fill, stroke = element.get("fill", "none"), element.get("stroke", "none")
            match element.tag.removeprefix(SVG):
                case "polygon" | "ellipse":
                    inside = element.get("points", "").count(" ") != 3  # an arrow's head has three corners
                    ground = fill if inside and fill != "none" else ground if inside else dot.PAPER
                    lines.add(stroke)
                case "path":
                    lines.add(stroke)
                    ground = dot.PAPER
                case "g":
                    ground = dot.PAPER if element.get("class") in ("edge", "graph") else ground
                case "text":
                    texts.add((element.get("fill", "#000000"), ground))
    assert len(texts) > 6
    assert {pair for pair in texts if contrast(*pair) < 4.5} == set()
    assert {line for line in lines - {"none", dot.PAPER} if contrast(line, dot.PAPER) < 3} == set()


def test_paths_are_told_apart_in_grey() -> None:
    """By their dashes, and those of one kind of dash by a lightness that differs by a factor of 1.4 at least."""
    for (one, dash), (other, same) in combinations(dot.PATH_STYLES, 2):
        assert dash != same or contrast(one, other) >= 1.4


def many_paths() -> Diagram:
    x = Value(2, "x")
    y = x
    for _ in range(3):
        y = y * y
    return draw(y, terms=(x, y))


@pytest.mark.parametrize(
    ("direction", "leaves", "enters"),
    [
        ("LR", {"x[0,1]": "ne", "x[1,1]": "s", "x[0,2]": "e", "y[0,0]": "ne", "y[1,0]": "s", "y[1,1]": "e"},
            {"y[0,0]": "w", "y[1,0]": "w", "y[0,1]": "n", "y[1,1]": "s"}),
        ("TB", {"x[1,1]": "s", "x[0,2]": "e", "x[0,0]": "w", "y[0,0]": "w", "y[1,0]": "s", "y[1,1]": "s"},
            {"y[0,0]": "n", "y[0,1]": "n", "y[1,0]": "w", "y[1,1]": "e"}),
    ],
)  # fmt: skip
def test_arrows_leave_and_enter_where_no_other_cell_is_in_the_way(
    direction: str, leaves: dict[str, str], enters: dict[str, str]
) -> None:
    *_, L = square_layer()
    left: dict[str, str] = {}
    entered: dict[str, str] = {}
    for start in ("x[0,0]", "x[0,1]", "x[0,2]", "x[1,1]"):
        drawing = draw(L, terms=(start, L), level="entry", direction=direction)
        name = {box.id: box.lines[0].split()[0] for box in drawing.picture.boxes}
        for tail, head in re.findall(r"^\s*(\S+) -> (\S+) ", drawing.source, re.MULTILINE):
            left |= {name[box]: side for _, box, side in [tail.split(":")]} if ":" in tail else {}
            entered |= {name[box]: side for _, box, side in [head.split(":")]} if ":" in head else {}
    assert leaves.items() <= left.items()
    assert enters.items() <= entered.items()


def test_an_older_graphviz_is_understood() -> None:
    """It writes transparent where newer ones write none, and its text in cells begins where they do."""
    root = ET.fromstring(
        f'<svg xmlns="{dot.SVG}"><g><polygon fill="transparent" points="0,0 10,0 10,5"/>'
        '<text text-anchor="start" x="1">a</text></g><g><text text-anchor="start" x="1">b</text></g></svg>'
    )
    dot._centre_text(root)
    polygon = next(root.iter(f"{SVG}polygon"))
    inside, outside = root.iter(f"{SVG}text")
    assert polygon.get("fill") == "none"
    assert (inside.get("text-anchor"), inside.get("x")) == ("middle", "5")
    assert (outside.get("text-anchor"), outside.get("x")) == ("start", "1")


def test_a_diagram_is_called_by_its_caption() -> None:
    L = Value(2, "x") * 3
    L.backward()
    diagram = draw(L)
    assert diagram.caption
    assert repr(diagram) == f"Diagram({diagram.caption!r})"
