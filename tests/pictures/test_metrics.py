"""Nothing is cut off: every line of fifty drawings is measured in the fonts that a viewer may have."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from fontTools.ttLib import TTFont

import scalargrad as sg
from scalargrad import Value
from scalargrad.pictures import Diagram, draw
from scalargrad.pictures.boxes import FONT_SIZE
from scalargrad.pictures.metrics import ADVANCE, in_lines, text_width
from tests.pictures.graphs import SVG, diamond, fractions, labelled, n_ary, second_order, small_layer, square_layer

# ---------------------------------------------------------------------------------------------------------------------
# Fonts

SHIPPED = Path(matplotlib.get_data_path()) / "fonts"

LIBERATION = Path("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf")


def of_truetype(path: Path) -> dict[str, float]:
    """{character: its width in sizes of the font}"""
    font = TTFont(path)
    widths, unit = font["hmtx"], font["head"].unitsPerEm
    return {chr(code): widths[glyph][0] / unit for code, glyph in font.getBestCmap().items()}


def of_afm(path: Path) -> dict[str, float]:
    """The same, of an Adobe font metrics file, for ASCII."""
    lines = path.read_text(encoding="latin-1").splitlines()
    entries = [line.split() for line in lines if line.startswith("C ")]
    return {chr(int(e[1])): int(e[4]) / 1000 for e in entries if 32 <= int(e[1]) < 127 and e[1] not in ("39", "96")}


@cache
def fonts() -> dict[str, dict[str, float]]:
    """DejaVu Sans; Helvetica, whose widths Arial has; and Liberation Sans, which has Arial's, where it is installed."""
    found = {
        "DejaVu Sans": of_truetype(SHIPPED / "ttf" / "DejaVuSans.ttf"),
        "Arial": of_afm(SHIPPED / "pdfcorefonts" / "Helvetica.afm"),
    }
    return found | ({"Liberation Sans": of_truetype(LIBERATION)} if LIBERATION.exists() else {})


def measured(text: str, size: float) -> float:
    """How wide it is in the widest of the fonts that have all its characters."""
    widths = [size * sum(font[c] for c in text) for font in fonts().values() if set(text) <= font.keys()]
    assert widths, text
    return max(widths)


def test_no_character_is_wider_than_the_list_says() -> None:
    for name, font in fonts().items():
        for character, hundredths in ADVANCE.items():
            assert 100 * font.get(character, 0) <= hundredths, (name, character)
    for character in "…—Œ½%WŁ→⟹":  # what the list leaves out counts as wide
        assert measured(character, 100) <= text_width(character, 100) <= 145
    assert text_width("e\u0301", 100) == text_width("e", 100)


def test_lines_are_broken_between_words() -> None:
    text = "one two three four " * 5 + "x" * 50
    lines = in_lines(text, 12, 100)
    assert " ".join(lines) == text
    assert all(text_width(line, 12) <= 100 for line in lines[:-1])
    assert in_lines("", 12, 100) == []


# ---------------------------------------------------------------------------------------------------------------------
# Drawings


def long_names() -> Value:
    x = Value(Fraction(123456789, 987654321), "another long label of WWWW")
    return labelled("a_long_label = of an output, mmmm", x * 2 + x * x * Value(-1.25e-17, "ε"))


def a_layer(N: int, D: int, M: int, number: Callable[[int], Any]) -> Value:
    X = sg.values([[number(i + 2 * j) for j in range(D)] for i in range(N)], "x")
    W = sg.values([[number(3 * i - j) for j in range(M)] for i in range(D)], "w")
    L: Value = sg.label((sg.label(X @ W, "y") ** 2).sum(), "L")
    L.backward()
    return L


def network() -> Value:
    return labelled("L", sg.sum(sg.nn.MLP(2, [3, 2])(sg.values([[1.0, 2.0]], "x"))))


GRAPHS: dict[str, Callable[[], Value]] = {
    "diamond": diamond,
    "fractions": fractions,
    "second order": second_order,
    "many inputs": n_ary,
    "small layer": small_layer,
    "square layer": lambda: square_layer()[2],
    "long names": long_names,
    "network": network,
    "floats": lambda: a_layer(1, 3, 2, lambda k: 0.1234567 * k - 1e-9),
    "large numbers": lambda: a_layer(2, 1, 2, lambda k: 10**7 * k + 1),
    "a large layer": lambda: a_layer(20, 5, 5, lambda k: k % 3),
}


@cache
def fifty_drawings() -> list[Diagram]:
    return list(drawings())


def drawings() -> Iterator[Diagram]:
    """Each graph at each level, in both directions, and with the paths from its first leaf."""
    for graph in GRAPHS.values():
        L = graph()
        for level in ("scalar", "entry", "matrix"):
            yield draw(L, level=level)
        yield draw(L, direction="TB")
        start = next(node for node in sg.topological_order(L) if node.label and not node.inputs)
        yield draw(L, terms=(start, L), only_paths=start is L)


def room_of(root: ET.Element) -> Iterator[tuple[str, float, float]]:
    """Each line of text, its size of font, and how much room it has: twice the way to the nearer side."""
    _, _, width, _ = map(float, root.get("viewBox", "").split())
    sides: Callable[[float], tuple[float, float]] = lambda _: (0, 0)  # noqa: E731 - left and right, at a line
    for element in root.iter():
        kind = element.tag.removeprefix(SVG)
        x, y, size = (float(element.get(name, 0)) for name in ("x", "y", "font-size"))
        if kind == "polygon":
            points = [float(point.split(",")[0]) for point in element.get("points", "").split()]
            sides = partial(_beside, min(points), max(points))
        elif kind == "ellipse":
            sides = partial(_in_ellipse, *(float(element.get(name, 0)) for name in ("cx", "cy", "rx", "ry")))
        elif element.get("class") == "caption":
            yield element.text or "", size, width - x
        elif kind == "text" and element.get("text-anchor") == "start":  # a matrix's heading
            assert re.match(r".+\s\d+(×\d+)?$", element.text or "")
            yield element.text or "", size, width - x
        elif kind == "text":
            assert element.get("text-anchor") == "middle"
            left, right = sides(y)
            yield "".join(element.itertext()), size, 2 * min(x - left, right - x)


def _beside(left: float, right: float, _: float) -> tuple[float, float]:
    return left, right


def _in_ellipse(cx: float, cy: float, rx: float, ry: float, y: float) -> tuple[float, float]:
    off = max(abs(y - cy), abs(y - 0.75 * FONT_SIZE - cy))  # from the line's foot, and from its head
    half = rx * math.sqrt(max(0, 1 - (off / ry) ** 2))
    return cx - half, cx + half


@pytest.mark.usefixtures("each_renderer")
def test_no_text_is_wider_than_its_box_and_no_drawing_than_was_reckoned() -> None:
    lines, every = 0, fifty_drawings()
    for drawing in every:
        root = ET.fromstring(drawing.svg())
        for text, size, room in room_of(root):
            lines += 1
            assert measured(text.replace("\xa0", " "), size) <= room + 0.5, (drawing.source, text)
        about_as_reckoned(drawing, root)
    assert len(every) >= 50
    assert lines > 1000


def about_as_reckoned(drawing: Diagram, root: ET.Element) -> None:
    """The drawing is no larger than was reckoned, by much: so what is taken to be readable is."""
    _, _, width, height = map(float, root.get("viewBox", "").split())
    expected = drawing.picture.extent("TB" if "rankdir=TB" in drawing.source else "LR")
    assert width <= max(1.25 * expected[0] + 60, 520), drawing.source
    assert height <= 1.35 * expected[1] + 120, drawing.source
