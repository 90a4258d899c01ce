"""A page that steps through a graph, forward and then backward, one term of the chain rule at a time.

    >>> from ...engine.value import Value
    >>> x = Value(3, "x"); page = step_through(x * x + x)
    >>> page.html.startswith("<!doctype html>"), page.steps
    (True, 9)

The page is one file that needs no network and no server: open it, mail it, or link to one of its steps (`#step=7`).
`steps` tells the story, with marks in place of numbers, and `live` has the program that computes them: a reader may
change an input. Whatever comes from users goes into the page escaped, and a content security policy allows the page's
own script and nothing else.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from ...display import legible
from ...engine.node import Node, number
from ...engine.sweep import topological_order
from ...errors import ArgumentError, ArgumentTypeError
from ..as_python import as_python
from ..boxes import Arrow, Box, Picture
from ..diagram import draw
from ..document import Document, Trusted, brief, filled, script_data
from ..dot import dot_source, require_direction
from ..grid import entry_matrices
from ..levels import Group, entry_level
from ..live import Registers
from ..rendering import SECONDS, render
from .steps import Story, Track, silent_leaves, tell


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


def step_through(
    output: Node, title: str = "", direction: str = "LR", seconds: float = SECONDS, level: str | None = None
) -> Page:
    """A page that steps through the graph of `output`: every value, then every term `x.grad += ∂y · y.grad`.

    In the page the leaves can be changed, and all numbers follow: exactly for int and Fraction, and else in floats.
    No `.grad` is read or changed.

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
    level
        "scalar": every node is a box; "entry": the operations between labelled nodes are folded into these, as in
        `draw(output, level="entry")`. If it is not given, "scalar" up to 300 nodes, and then "entry", which the page
        says.

    Raises
    ------
    ArgumentTypeError
        If the output is not a Value.
    ArgumentError
        If the graph is too large, or if there is no such direction or level.
    MissingExtraError
        If jinja2 or graphviz is not installed.
    DiagramError
        If the diagram can't be rendered.
    """
    if not isinstance(output, Node):
        raise ArgumentTypeError(f"step_through needs a Value, and got a {type(output).__name__}")
    require_direction(direction)
    nodes = topological_order(output)
    silent = silent_leaves(nodes)
    leaves = [node for node in nodes if not node.inputs and node not in silent]
    registers = Registers(output, leaves)
    order, remark = _boxes(output, nodes, registers, level)
    story = tell(order, registers)
    heading = legible(title or f"Step through {story.tracks[-1].name}", 120)
    svg = drawn_graph(order, story, direction, seconds)
    html = filled(
        __package__,
        title=heading,
        program=as_python(output),
        remark=remark,
        last=len(story.moments) - 1,
        end=story.tracks[-1].name,
        svg=Trusted(svg),  # markup of our own making
        story=_as_json(story, registers, leaves),
    )
    return Page(html, heading, len(story.moments) - 1, still=functools.partial(draw, output, direction=direction))


PAGE_LEVELS = ("scalar", "entry")


def _boxes(output: Node, nodes: Sequence[Node], registers: Registers, level: str | None) -> tuple[Sequence[Node], str]:
    """What the page has boxes for, in topological order, and a remark on it: all nodes, or entries of matrices."""
    if level not in (None, *PAGE_LEVELS):
        raise ArgumentError(f"a page has no level {level!r}: choose {' or '.join(PAGE_LEVELS)}")
    if level != "entry" and len(nodes) <= PAGE_LIMIT:
        return nodes, ""
    if level == "scalar":
        raise ArgumentError(f"a page of {len(nodes):,} nodes can't be read: the limit is {PAGE_LIMIT}; level='entry'")
    groups = entry_level([output], nodes, registers.partials)
    registers.heads = {group: head for head, group in groups.items()}
    if len(groups) > PAGE_LIMIT:
        raise ArgumentError(
            f"a page of {len(nodes):,} nodes can't be read, nor one of their {len(groups):,} entries: the limit is "
            f"{PAGE_LIMIT}; draw() has coarser levels"
        )
    why = "" if level else f"{len(nodes):,} nodes are too many to read: "
    remark = (
        f"{why}operations without a label are folded into the entries that they make. A partial is the total over "
        "everything folded, so the last digits of floats may differ from backward()."
    )
    return list(groups.values()), remark[0].upper() + remark[1:]


# ---------------------------------------------------------------------------------------------------------------------
# The data that the script reads


def _as_json(story: Story, registers: Registers, leaves: Sequence[Node]) -> Trusted:
    """The story as the script reads it: numbers are those of registers."""
    add = registers.add
    tracks: list[dict[str, Any]] = [
        {
            "name": track.name,
            "symbol": legible(track.symbol),
            "kind": track.kind,
            "data": add(track.data),
            "appears": track.appears,
            "complete": track.complete,
            "seed": None if track.seed is None else add(track.seed),
            "terms": [
                [term.moment, term.user, term.position, *map(add, (term.partial, term.adjoint, term.product, term.sum))]
                for term in track.contributions
            ],
        }
        for track in story.tracks
    ]
    steps = [[moment.phase, moment.box, moment.edge, moment.lines, moment.note] for moment in story.moments]
    register_of = set() if registers.reason else {add(leaf) for leaf in leaves}
    shown = sorted((track for track in tracks if track["data"] in register_of), key=lambda track: track["appears"])
    inputs = [[track["data"], track["name"]] for track in shown]
    program = registers.program()
    return script_data({"tracks": tracks, "steps": steps, "seeded": story.seeded, "program": program, "inputs": inputs})


# ---------------------------------------------------------------------------------------------------------------------
# The diagram


ROOM = 6
"""Characters that a number has room for in the diagram, since a reader may write a longer one."""


def drawn_graph(order: Sequence[Node], story: Story, direction: str, seconds: float) -> str:
    """The graph as SVG elements for the page, with the final numbers in each box."""
    number_of = {node: k for k, node in enumerate(order)}
    matrix_of = entry_matrices(order)
    drawn, arrows, labels = [], [], {}
    for k, (node, track) in enumerate(zip(order, story.tracks, strict=True)):
        sums = [brief(number(term.sum)) for term in track.contributions] or [brief(number(track.gradient))]
        lines = (_box_title(node, track), f"data {_roomy(brief(node.data))}", f"grad {_roomy(max(sums, key=len))}")
        # Browsers have wider fonts than the renderer reckons with, and grad is bold: room for that is kept by zeros
        padded = tuple(line + "0" * (2 + len(line) // 4) for line in lines)
        drawn.append(Box(f"n{k}", track.kind, padded, matrix_of.get(node, "")))
        for position, (x, partial) in enumerate(zip(node.inputs, node.partials, strict=True)):
            labels[f"e{k}-{position}"] = brief(number(partial))
            arrows.append(Arrow(f"e{k}-{position}", f"n{number_of[x]}", f"n{k}", _roomy(labels[f"e{k}-{position}"])))
    source = dot_source(Picture(tuple(drawn), tuple(arrows), "", "scalar"), direction).source
    svg = plain_copy(ElementTree.fromstring(render(str(source), "svg", seconds)))
    for group in svg.iter("g"):
        kinds, name = group.get("class", "").split(), group.get("id", "")
        if "node" in kinds:
            node, track = order[int(name[1:])], story.tracks[int(name[1:])]
            gradient = brief(number(track.gradient))
            lines = (_box_title(node, track), f"data {brief(node.data)}", f"grad {gradient}")
            for text, line, kind in zip(group.findall("text"), lines, ("title", "data", "grad"), strict=True):
                text.text = line
                text.set("class", kind)
        elif "edge" in kinds:
            for text in group.findall("text"):
                text.text = labels[name]
    return ElementTree.tostring(svg, encoding="unicode")


def _roomy(text: str) -> str:
    return text.ljust(ROOM, "0")


def _box_title(node: Node, track: Track) -> str:
    """The first line of a box: what the page calls it, and its operation."""
    folded = f" (+{node.folded} folded)" if isinstance(node, Group) and node.folded else ""
    return " = ".join(text for text in (track.name, legible(track.symbol)) if text) + folded


ELEMENTS = {"svg", "g", "rect", "polygon", "polyline", "ellipse", "path", "text"}

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
