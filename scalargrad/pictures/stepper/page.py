"""A page that steps through a graph, forward and then backward, one term of the chain rule at a time.

    >>> from ...engine.value import Value
    >>> x = Value(3, "x"); page = step_through(x * x + x)
    >>> page.html.startswith("<!doctype html>"), page.steps
    (True, 9)

The page is one file that needs no network and no server: open it, mail it, or link to one of its steps (`#step=7`).
`steps` computes every number beforehand, in the arithmetic of the graph; the script only shows them. Whatever comes
from users goes into the page escaped, and a content security policy allows the page's own script and nothing else.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from ...display import legible
from ...engine.node import Node
from ...engine.sweep import topological_order
from ...errors import ArgumentError, ArgumentTypeError
from ..as_python import as_python
from ..boxes import Arrow, Box, Picture
from ..diagram import draw
from ..document import Document, Trusted, brief, brief_and_full, filled, script_data
from ..dot import dot_source, require_direction
from ..grid import entry_matrices
from ..levels import Group, entry_level
from ..rendering import SECONDS, render
from .steps import Story, Track, tell


@dataclass(frozen=True, repr=False)
class Page(Document):
    """The page, which is one HTML file, and how many steps it has.

    Attributes
    ----------
    html, title
        The text of the file, and the title of the page.
    steps
        How many steps there are after the first picture: `#step=0` … `#step={steps}`.
    """

    steps: int

    def __repr__(self) -> str:
        return f"Page({self.title!r}, {self.steps} steps)"


PAGE_LIMIT = 300
"""Boxes up to which there is a page: it shows one step at a time, and can be scrolled."""


def step_through(output: Node, title: str = "", direction: str = "LR", seconds: float = SECONDS) -> Page:
    """A page that steps through the graph of `output`: every value, then every term `x.grad += ∂y/∂x · y.grad`.

    Every node is a box. If there are more than 300, the operations between labelled nodes are folded into these, as in
    `draw(output, level="entry")`, and the page says so. No `.grad` is read or changed.

    Parameters
    ----------
    output
        The Value that the reverse sweep starts from, with the seed 1.
    title
        The heading; "Step through L" if not given.
    direction
        "LR" from left to right, "TB" from top to bottom.
    seconds
        How long the layout of the diagram may take.

    Raises
    ------
    ArgumentTypeError
        If the output is not a Value.
    ArgumentError
        If the graph is too large at both levels, or if there is no such direction.
    MissingExtraError
        If jinja2 or graphviz is not installed.
    DiagramError
        If the diagram can't be rendered.
    """
    if not isinstance(output, Node):
        raise ArgumentTypeError(f"step_through needs a Value, and got a {type(output).__name__}")
    require_direction(direction)
    order, remark = _boxes(output)
    story = tell(order)
    heading = legible(title or f"Step through {story.tracks[-1].name}", 120)
    svg = drawn_graph(order, story, direction, seconds)
    html = filled(
        __package__,
        title=heading,
        program=as_python(output),
        remark=remark,
        last=len(story.moments) - 1,
        svg=Trusted(svg),  # markup of our own making
        story=_as_json(story),
    )
    return Page(html, heading, len(story.moments) - 1, still=functools.partial(draw, output, direction=direction))


def _boxes(output: Node) -> tuple[Sequence[Node], str]:
    """What the page has boxes for, in topological order, and a remark on it: all nodes, or entries of matrices."""
    order = topological_order(output)
    if len(order) <= PAGE_LIMIT:
        return order, ""
    groups = list(entry_level([output], order).values())
    if len(groups) > PAGE_LIMIT:
        raise ArgumentError(
            f"a page of {len(order):,} nodes can't be read, nor one of their {len(groups):,} entries: the limit is "
            f"{PAGE_LIMIT}; draw() has coarser levels"
        )
    remark = (
        f"{len(order):,} nodes are too many to read: operations without a label are folded into the entries that they "
        "make. A partial is the total over everything folded, so the last digits of floats may differ from backward()."
    )
    return groups, remark


# ---------------------------------------------------------------------------------------------------------------------
# The data that the script reads


def _as_json(story: Story) -> Trusted:
    """The story as the script reads it."""
    tracks = [
        {
            "name": track.name,
            "symbol": legible(track.symbol),
            "kind": track.kind,
            "data": brief_and_full(track.data),
            "appears": track.appears,
            "complete": track.complete,
            "seed": None if track.seed is None else brief_and_full(track.seed),
            "terms": [
                [term.moment, term.user, term.position]
                + [brief_and_full(x) for x in (term.partial, term.adjoint, term.product, term.sum)]
                for term in track.contributions
            ],
        }
        for track in story.tracks
    ]
    steps = [[moment.phase, moment.box, moment.edge, moment.lines, moment.note] for moment in story.moments]
    return script_data({"tracks": tracks, "steps": steps, "seeded": story.seeded})


# ---------------------------------------------------------------------------------------------------------------------
# The diagram


def drawn_graph(order: Sequence[Node], story: Story, direction: str, seconds: float) -> str:
    """The graph as SVG elements for the page, with the final numbers in each box."""
    number = {node: k for k, node in enumerate(order)}
    matrix_of = entry_matrices(order)
    drawn, arrows = [], []
    for k, (node, track) in enumerate(zip(order, story.tracks, strict=True)):
        widest = max([brief(term.sum) for term in track.contributions] or [brief(track.gradient)], key=len)
        lines = (_box_title(node, track), f"data {brief(node.data)}", f"grad {widest}")
        # Browsers have wider fonts than the renderer reckons with, and grad is bold: room for that is kept by zeros
        padded = tuple(line + "0" * (2 + len(line) // 4) for line in lines)
        drawn.append(Box(f"n{k}", track.kind, padded, matrix_of.get(node, "")))
        for position, (x, partial) in enumerate(zip(node.inputs, node.partials, strict=True)):
            arrows.append(Arrow(f"e{k}-{position}", f"n{number[x]}", f"n{k}", brief(partial)))
    source = dot_source(Picture(tuple(drawn), tuple(arrows), "", "scalar"), direction).source
    svg = plain_copy(ElementTree.fromstring(render(str(source), "svg", seconds)))
    for group in svg.iter("g"):
        if "node" in group.get("class", "").split():
            k = int(group.get("id", "")[1:])
            node, track = order[k], story.tracks[k]
            lines = (_box_title(node, track), f"data {brief(node.data)}", f"grad {brief(track.gradient)}")
            for text, line, kind in zip(group.findall("text"), lines, ("title", "data", "grad"), strict=True):
                text.text = line
                text.set("class", kind)
    return ElementTree.tostring(svg, encoding="unicode")


def _box_title(node: Node, track: Track) -> str:
    """The first line of a box: what the page calls it, and its operation."""
    folded = f" (+{node.folded} folded)" if isinstance(node, Group) and node.folded else ""
    return " = ".join(text for text in (track.name, legible(track.symbol)) if text) + folded


ELEMENTS = {"svg", "g", "polygon", "polyline", "ellipse", "path", "text"}

ATTRIBUTES = {
    *("id", "class", "transform", "width", "height", "viewBox", "fill", "stroke", "stroke-width", "stroke-dasharray"),
    *("points", "d", "cx", "cy", "rx", "ry", "x", "y", "text-anchor", "font-family", "font-size"),
}


def plain_copy(element: ElementTree.Element) -> ElementTree.Element:
    """An element of the renderer's SVG with what a drawing needs, and nothing that could link, load or run."""
    copy = ElementTree.Element(_local_name(element))
    copy.attrib = {key: value for key, value in element.attrib.items() if key in ATTRIBUTES}
    copy.text = element.text if copy.tag == "text" else None
    stack = list(reversed(element))
    while stack:
        child = stack.pop()
        if _local_name(child) in ELEMENTS and not _is_wrapper(child):
            copy.append(plain_copy(child))
        elif _is_wrapper(child):  # <g id="a_…"><a>…</a></g> around what has a tooltip: the page has its own
            stack += reversed(child)
    return copy


def _is_wrapper(element: ElementTree.Element) -> bool:
    return _local_name(element) == "a" or element.get("id", "").startswith("a_")


def _local_name(element: ElementTree.Element) -> str:
    """The name of an element without its namespace, which HTML supplies."""
    return str(element.tag).rpartition("}")[2]
