"""DOT for a drawing, and what becomes of the SVG that a renderer makes of it.

    >>> from .boxes import Arrow, Box, Picture
    >>> boxes = tuple(Box(name, "leaf", (name,)) for name in "ab")
    >>> dot_source(Picture(boxes, (Arrow("e", "a", "b", "3"),), "", "scalar")).body[-1].split()[:3]
    ['a', '->', 'b']

Text is quoted by the graphviz package. Every box, cell and label is as wide as its text in the widest of the usual
fonts, and a caption stands under the drawing, outside its layout: so nothing is cut off, whichever font a viewer has.
Drawings are on white paper, in light and in dark surroundings: no ink stands out enough on both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree

from ..display import legible
from ..errors import ArgumentError, MissingExtraError
from .boxes import ARROW_FONT_SIZE, FONT_SIZE, GAP, LINE, PADDING, SHAPE_OF, Arrow, Box, Picture
from .captions import PATH_NAMES
from .metrics import in_lines, text_width

# ---------------------------------------------------------------------------------------------------------------------
# Looks

PAPER = "#ffffff"

TEXT = "#111111"
"""In boxes, and under the drawing."""

NOTE = "#404040"
"""Text beside arrows, and above matrices and clusters."""

INK = "#6b6b6b"
"""Borders, and arrows."""

HINT = "#8f8f8f"
"""Arrows that are there, but that the picture is not about."""

FILL = {"leaf": "#dbeafe", "operation": "#f3f4f6", "output": "#fef3c7"}

FONT = "Arial"
"""Both renderers know how wide its letters are."""

FONTS = f"{FONT}, Liberation Sans, DejaVu Sans, sans-serif"
"""What a viewer takes, whichever it has."""

PORTS = {"LR": ("esn", "wns"), "RL": ("wsn", "ens"), "TB": ("sew", "nwe"), "BT": ("new", "swe")}
"""On which side of a cell arrows leave, and on which they enter: the first that no other cell of its matrix is at."""

DIRECTIONS = tuple(PORTS)

PATH_STYLES = tuple(
    (colour, style)
    for style in ("solid", "dashed", "dotted")
    for colour in ("#00407a", "#c85200", "#00694c", "#3b0f4a")
)
"""Colour and dash of each highlighted path. The colours are of four different lightnesses, and each can be read."""


NARROWEST = 480
"""Points that a caption's lines may be long, however narrow the drawing is."""


def require_direction(direction: str) -> None:
    """Refuse a direction that Graphviz does not know."""
    if direction not in DIRECTIONS:
        raise ArgumentError(f"there is no direction {direction!r}: choose LR or TB")


# ---------------------------------------------------------------------------------------------------------------------
# DOT


def dot_source(drawing: Picture, direction: str = "LR", on_paper: bool = False) -> Any:
    """The picture as a `graphviz.Digraph`, without its caption.

    Parameters
    ----------
    on_paper
        White paper, and labels with room for any font, for a drawing that stands alone. A page has a paper of its own,
        and sets its own text.

    Raises
    ------
    MissingExtraError
        If the package graphviz is not installed.
    """
    try:
        import graphviz
    except ModuleNotFoundError:
        raise MissingExtraError("diagrams need the package graphviz", "diagrams") from None

    graph = graphviz.Digraph(
        graph_attr={
            "rankdir": direction,
            "bgcolor": PAPER if on_paper else "transparent",
            "pad": "0.1",
            "fontname": FONT,
            "fontsize": str(FONT_SIZE),
            "fontcolor": TEXT,
            "outputorder": "edgesfirst",  # an arrow that passes a cell runs behind it, and no number is struck through
        },
        node_attr={"fontname": FONT, "fontsize": str(FONT_SIZE), "style": "filled", "fontcolor": TEXT, "color": INK},
        edge_attr={"fontname": FONT, "fontsize": str(ARROW_FONT_SIZE), "fontcolor": NOTE, "color": INK},
    )
    clusters: dict[str, list[Box]] = defaultdict(list)
    for box in reversed(drawing.boxes):  # the layout puts what it meets first on top: the first inputs
        clusters[box.matrix].append(box)
    home: dict[str, str] = {}  # of each cell, the grid that it is a port of
    for number, (matrix, boxes) in enumerate(clusters.items()):
        if matrix in drawing.grids:
            grid = drawing.grids[matrix]
            graph.node(grid, id=grid, label=_table(matrix, boxes), shape="plain", style="")
            home |= {box.id: grid for box in boxes}
            continue
        with graph.subgraph(name=f"cluster_{number}" if matrix else None) as cluster:
            if matrix:
                heading = _beside(legible(matrix), FONT_SIZE, on_paper)
                cluster.attr(label=heading, id=f"c{number}", labelloc="t", color=INK, fontcolor=NOTE, style="rounded")
            for box in boxes:
                _add_box(cluster, box, on_paper)
    leaves, enters = PORTS[direction]
    sides = {box.id: _free_sides(box, drawing) for box in drawing.boxes if box.id in home}

    def end(box: str, wanted: str) -> str:
        if box not in home:
            return box
        side = next((side for side in wanted if side in sides[box]), wanted[0])
        return f"{home[box]}:{box}:{'ne' if side == 'n' and wanted is leaves else side}"  # beside the heading

    about_paths = any(arrow.lit for arrow in drawing.arrows)
    for arrow in drawing.arrows:
        graph.edge(
            end(arrow.tail, leaves),
            end(arrow.head, enters),
            id=arrow.id,
            tooltip=_escaped(arrow.label),
            **_look(arrow, about_paths, on_paper),
        )
    return graph


def captioned(graph: Any, caption: str) -> str:
    """The DOT text with the caption in it, for a renderer that draws with the font that it measures with."""
    label = r"\l".join(map(_escaped, in_lines(caption, FONT_SIZE, NARROWEST)))
    words = {"label": rf"{label}\l", "labelloc": "b", "labeljust": "l"} if caption else {}
    copy = graph.copy()
    copy.graph_attr |= words
    return str(copy.source)


def _add_box(graph: Any, box: Box, on_paper: bool) -> None:
    """A node of its own."""
    width, height = box.outline if on_paper else (0, 0)
    border = _border(box)
    graph.node(
        box.id,
        id=box.id,
        label=r"\n".join(map(_escaped, box.lines)),
        shape=SHAPE_OF[box.kind],
        width=f"{width / 72:.3f}",
        height=f"{height / 72:.3f}",
        fillcolor=FILL[box.kind],
        peripheries="2" if box.kind == "output" else "1",
        tooltip=_escaped(", ".join(box.lines)),
        **({"color": border, "penwidth": "2.5"} if border else {}),
        **{"class": box.kind},
    )


def _border(box: Box) -> str:
    """The colour of a box on a highlighted path: the path's, if there is only one."""
    match box.paths:
        case ():
            return ""
        case (number,):
            return PATH_STYLES[number][0]
    return TEXT


def _escaped(text: str) -> str:
    r"""Text that is no markup and has no escapes of DOT's such as \N; line ends are ours."""
    import graphviz

    return str(graphviz.escape(text)).replace("&", "&amp;")


def _look(arrow: Arrow, about_paths: bool, on_paper: bool) -> dict[str, str]:
    """How an arrow looks: on one path in its colour, or beside paths without a label, so that they stand out."""
    if arrow.lit:
        colour, style = PATH_STYLES[arrow.paths[0]] if len(arrow.paths) == 1 else (TEXT, "solid")
        marks = " ".join(f"({PATH_NAMES[number]})" for number in arrow.paths)
        label = _beside(f"{arrow.label}  {marks}".rstrip(), ARROW_FONT_SIZE, on_paper)
        return {"label": label, "color": colour, "fontcolor": colour, "style": style, "penwidth": "2.5"}
    if about_paths and not arrow.bundle:
        return {"color": HINT, "arrowsize": "0.6"}
    return {"label": _beside(arrow.label, ARROW_FONT_SIZE, on_paper), "color": HINT if about_paths else INK}


def _beside(text: str, size: float, on_paper: bool) -> str:
    """Text that is in no box: on paper with as much room as it may need."""
    if not on_paper:
        return _escaped(text)
    cell = f'<td width="{text_width(text, size) + 4:.0f}" bgcolor="transparent">{_markup(text)}</td>'
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1"><tr>{cell}</tr></table>>'


# ---------------------------------------------------------------------------------------------------------------------
# Matrices as grids


def _table(matrix: str, boxes: Sequence[Box]) -> str:
    """A matrix as one of Graphviz's tables: a cell for each entry, and each is a port for arrows."""
    at = {_place(box): box for box in boxes}
    rows, columns = (1 + max(positions) for positions in zip(*at, strict=True))
    lines = [
        "<tr>" + "".join(_cell(at[i, j]) for j in range(columns)) + "</tr>"  # in the matrix's own order
        for i in range(rows)
    ]
    heading = f"{matrix}  {rows}×{columns}" if len(boxes[0].index) == 2 else f"{matrix}  {rows}"
    width = text_width(legible(heading, 200), FONT_SIZE)
    first = (
        f'<tr><td border="0" align="left" colspan="{columns}" width="{width:.0f}">'
        f'<font color="{NOTE}">{_markup(heading)}</font></td></tr>'
    )
    attributes = f'border="0" cellborder="1" cellspacing="{GAP}" cellpadding="{PADDING // 2}" color="{INK}"'
    return f"<<table {attributes}>{first}{''.join(lines)}</table>>"


def _free_sides(box: Box, drawing: Picture) -> str:
    """The sides of a cell that are on the edge of its matrix, n, e, s and w."""
    i, j = _place(box)
    places = [_place(other) for other in drawing.boxes if other.matrix == box.matrix]
    last_row, last_column = max(row for row, _ in places), max(column for _, column in places)
    return "n" * (i == 0) + "s" * (i == last_row) + "w" * (j == 0) + "e" * (j == last_column)


def _place(box: Box) -> tuple[int, int]:
    """The row and the column of a cell; a vector is a column."""
    return (box.index[0], box.index[1]) if len(box.index) == 2 else (box.index[0], 0)


def _cell(box: Box) -> str:
    """An entry of a matrix: what a box says, in a cell."""
    text = "<br/>".join(map(_markup, box.lines))
    tip = _markup(", ".join(box.lines))
    border = _border(box)
    look = f'border="3" color="{border}"' if border else 'border="3"' if box.kind == "output" else ""
    return (
        f'<td id="{box.id}" port="{box.id}" width="{box.size[0]:.0f}" bgcolor="{FILL[box.kind]}" tooltip="{tip}" '
        f"{look}>{text}</td>"
    )


def _markup(text: str) -> str:
    r"""Text as it stands in Graphviz's tables: no markup, no escapes such as \N, and every character shows."""
    return escape(legible(text, 200)).replace("\\", r"\\")


# ---------------------------------------------------------------------------------------------------------------------
# SVG

SVG = "http://www.w3.org/2000/svg"

MARGIN = 8


def with_caption(svg: bytes, caption: str, alternative: str) -> str:
    """A renderer's SVG with the caption under the drawing, and text in the middle of its cells.

    Parameters
    ----------
    alternative
        What a screen reader says.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, root.get("viewBox", "").split())
    lines = in_lines(caption, FONT_SIZE, max(NARROWEST, width - 2 * MARGIN))
    wider = max([width, *(text_width(line, FONT_SIZE) + 2 * MARGIN for line in lines)])
    taller = height + (LINE * FONT_SIZE * len(lines) + MARGIN if lines else 0)
    root.attrib |= {
        "width": f"{wider:g}pt",
        "height": f"{taller:g}pt",
        "viewBox": f"{left:g} {top:g} {wider:g} {taller:g}",
        "role": "img",
        "aria-label": alternative,
        "style": "max-width: 100%; height: auto",
    }
    paper = {"x": f"{left:g}", "y": f"{top:g}", "width": f"{wider:g}", "height": f"{taller:g}", "fill": PAPER}
    root.insert(0, ElementTree.Element(f"{{{SVG}}}rect", paper))
    _centre_text(root)
    for number, line in enumerate(lines, start=1):
        place = {"x": f"{left + MARGIN:g}", "y": f"{top + height + LINE * FONT_SIZE * (number - 0.25):g}"}
        look = {"font-size": f"{FONT_SIZE}", "fill": TEXT, "class": "caption"}
        ElementTree.SubElement(root, f"{{{SVG}}}text", place | look).text = line
    for text in root.iter(f"{{{SVG}}}text"):
        text.set("font-family", FONTS)
    for graph in root.findall(f"{{{SVG}}}g"):
        if (title := graph.find(f"{{{SVG}}}title")) is not None:
            graph.remove(title)  # a name that Graphviz makes up, and browsers would show
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _centre_text(root: ElementTree.Element) -> None:
    """Text in cells begins where the renderer's font would have it: let it be in the middle, whatever the font."""
    middle: float | None = None
    for element in root.iter():
        if element.tag == f"{{{SVG}}}g":
            middle = None
        for ink in ("fill", "stroke"):
            if element.get(ink) == "transparent":  # an older Graphviz's word for it
                element.set(ink, "none")
        if element.tag == f"{{{SVG}}}polygon":
            xs = [float(point.split(",")[0]) for point in element.get("points", "").split()]
            middle = (min(xs) + max(xs)) / 2
        elif element.tag == f"{{{SVG}}}text" and element.get("text-anchor") == "start" and middle is not None:
            element.attrib |= {"text-anchor": "middle", "x": f"{middle:g}"}
