"""Diagrams that say why each gradient is what it is: every arrow carries its local partial.

    >>> from ..engine.value import Value
    >>> x = Value(3, "x"); L = x * x; L.label = "L"
    >>> print(draw(L, terms=("x", L)).caption)
    ∂L/∂x is the sum over 2 paths: (a) 3 + (b) 3 = 6.

`levels` decides what is drawn, `dot` makes DOT of it, and `rendering` has it drawn.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.collector import collector_paused
from ..engine.node import Node
from ..errors import ArgumentError, DiagramError, MissingExtraError
from .boxes import Picture
from .dot import captioned, dot_source, require_direction, with_caption
from .levels import LIMIT, picture
from .rendering import SECONDS, pdf_of_png, png_size, render

FORMATS = ("svg", "png", "pdf", "dot", "gv")
"""The endings of the files that a diagram can be saved as."""


@dataclass(frozen=True)
class Diagram:
    """A drawing of a graph. It shows itself in a notebook, and saves as SVG, PNG, PDF or DOT.

    Attributes
    ----------
    picture
        The boxes and arrows.
    graph
        The `graphviz.Digraph`, without the caption.
    """

    picture: Picture
    graph: Any

    def __repr__(self) -> str:
        return f"Diagram({self.caption!r})"

    @property
    def source(self) -> str:
        """The DOT text, with the caption."""
        return captioned(self.graph, self.caption)

    @property
    def caption(self) -> str:
        """What is written under the drawing."""
        return self.picture.caption

    @property
    def level(self) -> str:
        """The level that it was drawn at."""
        return self.picture.level

    @property
    def alternative(self) -> str:
        """What a screen reader says in place of the drawing."""
        boxes, arrows = len(self.picture.boxes), len(self.picture.arrows)
        drawn = f"A graph of {boxes} box{'es' * (boxes != 1)} and {arrows} arrow{'s' * (arrows != 1)}."
        return f"{drawn} {self.caption}".rstrip()

    def svg(self, seconds: float = SECONDS) -> str:
        """The drawing as SVG text. Its caption is text below it."""
        return with_caption(render(str(self.graph.source), "svg", seconds), self.caption, self.alternative)

    def png(self, seconds: float = SECONDS) -> bytes:
        """The drawing as a PNG, with 144 dots to the inch."""
        return render(self.source, "png", seconds)

    def pdf(self, seconds: float = SECONDS) -> bytes:
        """The drawing as a PDF: of lines and text where Graphviz is installed, else of the PNG's pixels."""
        try:
            return render(self.source, "pdf", seconds)
        except DiagramError:
            return pdf_of_png(self.png(seconds))

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
        match path.suffix.lower().lstrip("."):
            case "svg":
                written = self.svg(seconds).encode()
            case "png":
                written = self.png(seconds)
            case "pdf":
                written = self.pdf(seconds)
            case "dot" | "gv":
                written = self.source.encode()
            case _:
                raise ArgumentError(
                    f"{path.name}: the ending names the format, and must be one of .{', .'.join(FORMATS)}"
                )
        path.write_bytes(written)
        return path

    def bundle(self, text: str, seconds: float = SECONDS) -> tuple[dict[str, str], dict[str, Any]]:
        """The drawing in each format that a notebook may show, and what it needs to know of these.

        SVG is the sharpest. PNG is for where SVG is not trusted, as on GitHub and in a notebook of someone else's.
        PDF is for LaTeX: nbconvert would make one of the SVG with Inkscape, and stop without it.
        """
        formats = {"image/svg+xml": self.svg(seconds), "text/plain": text}
        try:
            png = self.png(seconds)
            formats |= {"image/png": _base64(png), "application/pdf": _base64(pdf_of_png(png))}
        except DiagramError:  # a renderer that makes SVG alone, or PNGs of another kind
            return formats, {}
        width, height = png_size(png)
        return formats, {"image/png": {"width": width, "height": height, "alt": self.alternative}}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        try:
            return self.bundle(self.alternative)
        except DiagramError as error:
            return {"text/plain": f"{error}\n{self.source}"}


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


# ---------------------------------------------------------------------------------------------------------------------
# What users call


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
        drawing = picture(output, terms, level, limit, only_paths, direction)
    return Diagram(drawing, dot_source(drawing, direction, on_paper=True))


def mimebundle(value: Node) -> Any:
    """How a notebook shows a Value: as a diagram, where the extra "diagrams" is installed and it is quickly drawn."""
    try:
        return draw(value).bundle(repr(value), seconds=10)
    except (MissingExtraError, DiagramError):
        return {"text/plain": repr(value)}
