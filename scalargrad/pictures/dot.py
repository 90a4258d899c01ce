"""Diagrams that say why each gradient is what it is: every edge carries its local partial.

    >>> from ..engine.value import Value
    >>> x = Value(3, "x"); L = x * x; L.label = "L"; L.backward()
    >>> print(draw(L, terms=("x", L)).caption)
    ∂L/∂x is the sum over 2 paths: (a) 3 + (b) 3 = 6

What is drawn is decided in `levels`; here it becomes DOT, by the graphviz package, which quotes, and is rendered.
Layout is Graphviz's: `dot` if it is installed, else `graphviz-pure`, which the extra "diagrams" brings.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
import textwrap
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ..display import legible
from ..engine.collector import collector_paused
from ..engine.node import Node
from ..errors import ArgumentError, DiagramError, MissingExtraError
from .levels import LIMIT, PATH_NAMES, Arrow, Box, Picture, picture

# ---------------------------------------------------------------------------------------------------------------------
# DOT

INK = "#767676"
"""For arrows and text outside of boxes: read on white and on black alike."""

FILL = {"leaf": "#dbeafe", "operation": "#f3f4f6", "output": "#fef3c7"}

HINT = "#b4b4b4"
"""For arrows that are there, but that the picture is not about."""

FONT = "Arial"
"""Both renderers know how wide its letters are; of "sans-serif" they don't, and cut text off."""

PORTS = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}
"""On which side of a cell arrows leave, and on which they enter."""

SHAPE = {"leaf": "box", "operation": "ellipse", "output": "box"}
"""Leaves, operations and outputs are told apart by shape and border too, for print and for the colour-blind."""

PATH_STYLES = tuple(
    (colour, style)
    for style in ("solid", "dashed", "dotted")
    for colour in ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
)
"""Colour and dash of each highlighted path (Okabe and Ito's colours)."""


def dot_source(drawing: Picture, direction: str = "LR") -> Any:
    """The picture as a `graphviz.Digraph`.

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
            "bgcolor": "transparent",
            "fontname": FONT,
            "fontcolor": INK,
            "labelloc": "b",
            "labeljust": "l",
            "outputorder": "edgesfirst",  # an arrow that passes a cell runs behind it, and no number is struck through
            "label": r"\l".join(map(_escaped, textwrap.wrap(drawing.caption, 90))) + r"\l" if drawing.caption else "",
        },
        node_attr={"fontname": FONT, "fontsize": "12", "style": "filled", "fontcolor": "#111111", "color": INK},
        edge_attr={"fontname": FONT, "fontsize": "10", "fontcolor": INK, "color": INK},
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
                cluster.attr(label=_escaped(legible(matrix)), id=f"c{number}", labelloc="t", color=INK, style="rounded")
            for box in boxes:
                cluster.node(
                    box.id,
                    id=box.id,
                    label=r"\n".join(map(_escaped, box.lines)),
                    shape=SHAPE[box.kind],
                    fillcolor=FILL[box.kind],
                    peripheries="2" if box.kind == "output" else "1",
                    tooltip=_escaped(", ".join(box.lines)),
                    **{"class": box.kind},
                )
    leaves, enters = PORTS[direction]
    highlighted = any(arrow.paths for arrow in drawing.arrows)
    for arrow in drawing.arrows:
        tail = f"{home[arrow.tail]}:{arrow.tail}:{leaves}" if arrow.tail in home else arrow.tail
        head = f"{home[arrow.head]}:{arrow.head}:{enters}" if arrow.head in home else arrow.head
        graph.edge(tail, head, id=arrow.id, tooltip=_escaped(arrow.label), **_look(arrow, highlighted))
    return graph


def _escaped(text: str) -> str:
    r"""Text that is no markup and has no escapes of DOT's such as \N; line ends are ours."""
    import graphviz

    return str(graphviz.escape(text)).replace("&", "&amp;")


def _look(arrow: Arrow, highlighted: bool) -> dict[str, str]:
    """How an arrow looks: on a chosen path in its colour, or beside those without a label, so that they stand out."""
    if arrow.paths:
        colour, style = PATH_STYLES[arrow.paths[0]]
        marks = " ".join(f"({PATH_NAMES[number]})" for number in arrow.paths)
        label = _escaped(f"{arrow.label}  {marks}")
        return {"label": label, "color": colour, "fontcolor": colour, "style": style, "penwidth": "2.5"}
    if highlighted and not arrow.bundle:
        return {"color": HINT, "arrowsize": "0.6"}
    return {"label": _escaped(arrow.label), "color": HINT if highlighted else INK}


# ---------------------------------------------------------------------------------------------------------------------
# Matrices as grids


def _table(matrix: str, boxes: Sequence[Box]) -> str:
    """A matrix as one of Graphviz's tables: a cell for each entry, and each is a port for arrows."""
    at = {(box.index if len(box.index) == 2 else (box.index[0], 0)): box for box in boxes}  # a vector is a column
    rows, columns = (1 + max(positions) for positions in zip(*at, strict=True))
    lines = [
        "<tr>" + "".join(_cell(at[i, j]) for j in range(columns)) + "</tr>"  # in the matrix's own order
        for i in range(rows)
    ]
    size = f"{rows}×{columns}" if len(boxes[0].index) == 2 else f"{rows}"
    heading = f'<tr><td border="0" colspan="{columns}"><font color="{INK}">{_markup(matrix)}  {size}</font></td></tr>'
    attributes = f'border="0" cellborder="1" cellspacing="14" cellpadding="7" color="{INK}"'
    return f"<<table {attributes}>{heading}{''.join(lines)}</table>>"


def _cell(box: Box) -> str:
    """An entry of a matrix: what a box says, in a cell."""
    text = "<br/>".join(map(_markup, box.lines))
    tip = _markup(", ".join(box.lines))
    border = ' border="3"' if box.kind == "output" else ""
    return f'<td id="{box.id}" port="{box.id}" bgcolor="{FILL[box.kind]}" tooltip="{tip}"{border}>{text}</td>'


def _markup(text: str) -> str:
    r"""Text as it stands in Graphviz's tables: no markup, no escapes such as \N, and every character shows."""
    return escape(legible(text, 200)).replace("\\", r"\\")


# ---------------------------------------------------------------------------------------------------------------------
# Rendering, by whichever program there is

SECONDS = 60.0
"""How long a renderer may take."""

FORMATS = ("svg", "png", "pdf", "dot", "gv")
"""The endings of the files that a diagram can be saved as."""


def renderer() -> str | None:
    """The path of `dot`, or else of `graphviz-pure`, also if only this Python's own scripts have it."""
    scripts = sysconfig.get_path("scripts")
    return shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=scripts)


RENDERERS: list[Callable[[str, str], bytes]] = []
"""Renderers of your own, for where no program can be run, as in a browser: the last is called in place of a program.

It gets DOT text and a format, such as "svg", and returns the file's bytes.
"""


def render(source: str, format: str, seconds: float = SECONDS) -> bytes:
    """DOT text as SVG, PNG or PDF, by the last of `RENDERERS` or by a program. Nothing is written to disk.

    Raises
    ------
    DiagramError
        If there is no renderer, if it can't write the format, or if it takes longer than `seconds`.
    """
    if RENDERERS:
        return RENDERERS[-1](source, format)
    program = renderer()
    if program is None:
        raise DiagramError(
            "nothing here renders diagrams, and the DOT text is in .source: install Graphviz, or run "
            "pip install '.[diagrams]' in the checkout"
        )
    name = Path(program).stem
    try:
        result = subprocess.run(
            [program, f"-T{format}"], input=source.encode(), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise DiagramError(
            f"{name} did not finish within {seconds:g} seconds: draw fewer nodes, or a coarser level"
        ) from None
    if result.returncode or not result.stdout:
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise DiagramError(f"{name} could not write {format.upper()}: {said[0] if said else 'it said nothing'}")
    return result.stdout


@dataclass(frozen=True)
class Diagram:
    """A drawing of a graph. It shows itself in a notebook, and saves as SVG, PNG, DOT, or PDF where the renderer can.

    Attributes
    ----------
    picture
        The boxes and arrows.
    graph
        The `graphviz.Digraph`.
    """

    picture: Picture
    graph: Any

    def __repr__(self) -> str:
        return f"Diagram({self.caption!r})"

    @property
    def source(self) -> str:
        """The DOT text."""
        return str(self.graph.source)

    @property
    def caption(self) -> str:
        """What is written under the drawing."""
        return self.picture.caption

    @property
    def level(self) -> str:
        """The level that it was drawn at."""
        return self.picture.level

    def svg(self, seconds: float = SECONDS) -> str:
        """The drawing as SVG text."""
        return render(self.source, "svg", seconds).decode()

    def save(self, path: str | Path, seconds: float = SECONDS) -> Path:
        """Write a file in the format that its ending names: .svg, .png, .pdf, .dot or .gv.

        Raises
        ------
        ArgumentError
            For another ending.
        DiagramError
            If it can't be rendered.
        """
        path = Path(path)
        format = path.suffix.lower().lstrip(".")
        if format not in FORMATS:
            raise ArgumentError(f"{path.name}: the ending names the format, and must be one of .{', .'.join(FORMATS)}")
        path.write_bytes(self.source.encode() if format in ("dot", "gv") else render(self.source, format, seconds))
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return {"image/svg+xml": self.svg(), "text/plain": self.caption or "diagram"}
        except DiagramError as error:
            return {"text/plain": f"{error}\n{self.source}"}


# ---------------------------------------------------------------------------------------------------------------------
# What users call

DIRECTIONS = ("LR", "TB", "RL", "BT")


def require_direction(direction: str) -> None:
    """Refuse a direction that Graphviz does not know."""
    if direction not in DIRECTIONS:
        raise ArgumentError(f"there is no direction {direction!r}: choose LR or TB")


def draw(
    output: Any,
    terms: tuple[Node | str, Node] | None = None,
    level: str | None = None,
    limit: int | None = LIMIT,
    direction: str = "LR",
    only_paths: bool = False,
) -> Diagram:
    """Draw the graph of an output: boxes with label, data and gradient, arrows with the local partials.

    Parameters
    ----------
    output
        A Value, or Values in a list or an array. `grad(L, x, create_graph=True)` draws the backward pass.
    terms
        (x, L), where x is a node or its label: highlight the paths from x to L, which are the terms of the chain rule
        (3). The caption has the product of the partials along each, and their sum, which is ∂L/∂x.
    level
        "scalar", "entry" or "matrix". If not given, the finest that has no more than `limit` boxes and arrows.
    limit
        The number of boxes and arrows beyond which a coarser level is drawn. None for no limit.
    direction
        "LR" from left to right, "TB" from top to bottom.
    only_paths
        Draw the paths that `terms` asks for, and nothing else.

    Raises
    ------
    ArgumentTypeError
        If an output is not a Value.
    ArgumentError
        If there is no such level or direction, or no such node; or for `only_paths` without `terms`.
    MissingExtraError
        If the package graphviz is not installed.
    """
    require_direction(direction)
    with collector_paused():
        drawing = picture(output, terms, level, limit, only_paths)
    return Diagram(drawing, dot_source(drawing, direction))


def mimebundle(value: Node) -> dict[str, str]:
    """How a notebook shows a Value: as a diagram, where the extra "diagrams" is installed and it is quickly drawn."""
    try:
        return {"image/svg+xml": draw(value).svg(seconds=10), "text/plain": repr(value)}
    except (MissingExtraError, DiagramError):
        return {"text/plain": repr(value)}
