"""Diagrams that say why each gradient is what it is: every edge carries its local partial.

    >>> from scalargrad import Value
    >>> x = Value(3, "x"); L = x * x; L.label = "L"; L.backward()
    >>> print(draw(L, terms=("x", L)).caption)
    ∂L/∂x is the sum over 2 paths: (a) 3 + (b) 3 = 6

A graph is drawn at one of three levels. "scalar" has a box for each node. "entry" has one for each node with a label,
such as `y[0,1]`, and folds the operations in between into it; its edges carry the total partial over what was folded.
"matrix" has one for each matrix, X, W, Y, with their shapes. A graph that is too large for one level is drawn at the
next, and the caption says so.

Layout is Graphviz's: `dot` if it is installed, else `graphviz-pure`, which the extra "diagrams" brings.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
import textwrap
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from rich.tree import Tree

from ..display import legible, literal, short
from ..engine.collector import collector_paused
from ..engine.nested import flat
from ..engine.numbers import Number, total
from ..engine.paths import Edge, paths
from ..engine.sweep import topological_order
from ..engine.value import Value
from ..errors import DiagramError

LIMIT = 300
"""Boxes up to which a level is drawn: beyond it nobody can read it, and layout takes minutes."""

PATHS_LIMIT = 12
"""Paths up to which each is drawn and listed in the caption."""

LEVELS = ("scalar", "entry", "matrix")

SECONDS = 60.0
"""How long a renderer may take."""


# ---------------------------------------------------------------------------------------------------------------------
# Levels: a coarser level is a graph of groups, with the attributes of Values, so that every question of `graph` applies


@dataclass(eq=False)
class Group:
    """A node with a label and the nodes without one that only it is made of, drawn as one box.

    `partials` are the total partials of the node by the inputs of the group, over all paths inside.
    """

    label: str
    data: Number
    grad: Number
    op: Any
    folded: int = 0
    inputs: tuple[Group, ...] = ()
    partials: tuple[Number, ...] = ()

    @property
    def _op(self) -> str:
        return self.op.symbol if self.op else ""


def entry_level(outputs: Sequence[Value], order: Sequence[Value]) -> dict[Value, Group]:
    """{head: group}, in topological order: each node without a label is folded into the only group that uses it.

    An output, a labelled node, and a node that several groups use is the head of a group; so every edge that enters a
    group comes from the head of another. One reverse sweep, which starts anew at each head, gives ∂head/∂node inside a
    group, and across its border the partials of the group. `order` is the topological order of the outputs.
    """
    heads = set(outputs)
    used_by: dict[Value, dict[Value, Number]] = {}  # node: {head of a group that uses it: ∂head/∂node}
    entering: dict[Value, list[tuple[Value, Number]]] = {}
    folded: Counter[Value] = Counter()
    for node in reversed(order):
        uses = used_by.pop(node, {})
        if node.label or len(uses) != 1 or node in heads:
            head, along = node, None
            entering[node] = []
            for user, partial in uses.items():
                entering[user].append((node, partial))
        else:
            ((head, along),) = uses.items()
            folded[head] += 1
        for x, partial in zip(node.inputs, node.partials, strict=True):
            term = partial if along is None else partial * along
            if x in used_by:
                uses = used_by[x]
                uses[head] = uses[head] + term if head in uses else term
            else:
                used_by[x] = {head: term}

    groups: dict[Value, Group] = {}
    for node, inputs in reversed(entering.items()):
        nodes, partials = zip(*inputs, strict=True) if inputs else ((), ())
        groups[node] = Group(
            node.label, node.data, node.grad, node.op, folded[node], tuple(groups[x] for x in nodes), tuple(partials)
        )
    return groups


@dataclass
class MatrixBox:
    """All entries of a matrix, or all operations of one kind that the same boxes use."""

    title: str
    kind: str
    nodes: int = 0
    indices: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that the indices of the entries fill; empty for a scalar."""
        return tuple(1 + max(index) for index in zip(*self.indices, strict=True))


def matrix_level(outputs: Sequence[Value], order: Sequence[Value]) -> tuple[list[MatrixBox], set[tuple[int, int]]]:
    """Boxes, and which lead to which, as pairs of positions among the boxes.

    A node without a label is folded into the only box that uses it, as at the level of entries. Where several do, it is
    told apart by them, since else X → + → Y → + → L would be drawn as a circle.
    """
    heads = set(outputs)
    boxes: list[MatrixBox] = []
    arrows: set[tuple[int, int]] = set()
    numbers: dict[Any, int] = {}
    used_by: dict[Value, int | frozenset[int]] = {}  # the number of the box that uses a node, or the numbers of several
    for node in reversed(order):
        users = used_by.pop(node, NOBODY)  # it is not asked for again
        if not node.label and type(users) is int and node not in heads:
            number = users
        else:
            name, index = split_label(node.label)
            key = name or (node._op or "constant", users)
            if key not in numbers:
                numbers[key] = len(boxes)
                kind = "output" if node in heads else "operation" if node.inputs else "leaf"
                boxes.append(MatrixBox(matrix_name(name, index) if name else key[0], kind))
            number = numbers[key]
            boxes[number].nodes += 1
            boxes[number].indices.append(index)
            arrows.update((number, user) for user in as_set(users))
        for x in node.inputs:
            before = used_by.setdefault(x, number)
            if before != number:
                used_by[x] = as_set(before) | {number}
    return boxes, arrows


NOBODY: frozenset[int] = frozenset()


def as_set(users: int | frozenset[int]) -> frozenset[int]:
    """The numbers of the boxes that use a node."""
    return frozenset({users}) if isinstance(users, int) else users


def split_label(label: str) -> tuple[str, tuple[int, ...]]:
    """`x[0,1]` as `x` and (0, 1); any other label as it is, with no index."""
    found = re.fullmatch(r"(.+)\[(\d+(?:,\d+)*)\]", label, re.DOTALL)
    return (found[1], tuple(map(int, found[2].split(",")))) if found else (label, ())


def matrix_name(name: str, index: tuple[int, ...]) -> str:
    """The matrix with the entries x[i,j] is called X."""
    return name.upper() if index and len(name) == 1 else name


# ---------------------------------------------------------------------------------------------------------------------
# What is drawn: boxes and arrows, before any of it is DOT


@dataclass(frozen=True)
class Box:
    """One box: its id in DOT and SVG, what it is, the lines of text in it, and the matrix that it belongs to."""

    id: str
    kind: str
    lines: tuple[str, ...]
    matrix: str = ""


@dataclass(frozen=True)
class Arrow:
    """One edge: its id, the ids of its ends, its label, and the numbers of the highlighted paths that it is part of."""

    id: str
    tail: str
    head: str
    label: str
    paths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """Boxes and arrows, and a caption."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    caption: str
    level: str


def picture(
    output: Any,
    terms: tuple[Value | str, Value] | None = None,
    level: str | None = None,
    limit: int | None = LIMIT,
) -> Picture:
    """What `draw` draws, see there."""
    outputs = list(flat(output))
    for y in outputs:
        if not isinstance(y, Value):
            raise TypeError(f"draw needs Values, and got a {type(y).__name__}")
    if level not in (None, *LEVELS):
        raise ValueError(f"there is no level {level!r}: choose from {', '.join(LEVELS)}")
    if terms and level == "matrix":
        raise ValueError('the terms of the chain rule lead from entry to entry: choose the level "scalar" or "entry"')
    order = topological_order(outputs)
    ends = (find(order, terms[0]), find(order, terms[1])) if terms else None
    remark = ""
    if level in (None, "scalar"):
        if limit is None or len(order) <= limit:
            return node_picture(outputs, order, ends, "scalar", remark)
        remark = f"{len(order):,} nodes are too many to read: operations are folded into the entries that they make. "
    too_many = limit is not None and len([node for node in order if node.label]) > limit
    if level != "matrix" and (ends or not too_many):
        groups = entry_level([*outputs, *(ends or ())], order)
        group_ends = (groups[ends[0]], groups[ends[1]]) if ends else None
        if ends or limit is None or len(groups) <= limit:
            return node_picture([groups[y] for y in outputs], list(groups.values()), group_ends, "entry", remark, limit)
    if level != "matrix":
        remark = f"{len(order):,} nodes are too many to read: entries are folded into matrices. "
    return matrix_picture(outputs, order, remark)


def find(order: Sequence[Value], wanted: Value | str) -> Value:
    """The node itself, or the one with this label."""
    if isinstance(wanted, Value):
        found = [node for node in order if node is wanted]
        name = wanted.label or wanted._op or "that node"
    else:
        found = [node for node in order if node.label == wanted]
        name = repr(wanted)
    if not found:
        raise ValueError(f"{name} is not in the graph of the output")
    if len(found) > 1:
        raise ValueError(f"{len(found)} nodes have the label {name}: give the node itself")
    return found[0]


def node_picture(
    outputs: Sequence[Any],
    order: Sequence[Any],
    ends: tuple[Any, Any] | None,
    level: str,
    remark: str,
    limit: int | None = None,
) -> Picture:
    """A box for each node or group of `order`, which is topological, and an arrow for each edge."""
    highlighted: dict[Edge, list[int]] = defaultdict(list)
    if ends:
        routes = list(islice(paths(*ends), PATHS_LIMIT + 1))
        remark += terms_caption(*ends, routes)
        for number, (path, _) in enumerate(routes[:PATHS_LIMIT]):
            for edge in path:
                highlighted[edge].append(number)
        if limit is not None and len(order) > limit:
            on_a_path = {node for edge in highlighted for node in (edge.input, edge.output)}
            order = [node for node in order if node in on_a_path]
            remark += " Only the boxes on these paths are drawn."
    drawn = {node: number for number, node in enumerate(order)}
    is_output = set(outputs)
    boxes, arrows = [], []
    for node, number in drawn.items():
        kind = "output" if node in is_output else "operation" if node.inputs else "leaf"
        name, index = split_label(node.label)
        lines = (title(node), f"data {short(node.data)}", f"grad {short(node.grad)}")
        boxes.append(Box(f"n{number}", kind, lines, matrix_name(name, index) if index else ""))
        for position, x in enumerate(node.inputs):
            if x in drawn:
                edge = Edge(x, node, position)
                route = tuple(highlighted.get(edge, ()))
                label = short(edge.partial)
                arrows.append(Arrow(f"e{number}-{position}", f"n{drawn[x]}", f"n{number}", label, route))
    return Picture(tuple(boxes), tuple(arrows), remark.strip(), level)


PATH_NAMES = "abcdefghijkl"


def terms_caption(start: Any, end: Any, routes: Sequence[tuple[Any, Number]]) -> str:
    """The terms of the chain rule as a sum over paths, each with the product of the partials along it."""
    name = f"∂{legible(end.label or end._op)}/∂{legible(start.label or start._op)}"
    if not routes:
        return f"{name} is 0: no path leads there."
    if len(routes) > PATHS_LIMIT:
        return f"{name} is the sum over more than {PATHS_LIMIT} paths, of which the first {PATHS_LIMIT} are drawn."
    products = [product for _, product in routes]
    written = " + ".join(f"({PATH_NAMES[number]}) {short(product)}" for number, product in enumerate(products))
    plural = "paths" if len(routes) > 1 else "path"
    return f"{name} is the sum over {len(routes)} {plural}: {written} = {short(total(*products))}"


def matrix_picture(outputs: Sequence[Value], order: Sequence[Value], remark: str) -> Picture:
    """A box for each matrix and each kind of operation, and an arrow where any entry leads to any."""
    found, leads = matrix_level(outputs, order)
    if len(found) > LIMIT:
        lines = tuple(f"{count:,} × {legible(symbol)}" for symbol, count in Counter(map(title, order)).most_common(8))
        remark += "There are no matrices in it to show either, so these are its nodes by kind. "
        return Picture((Box("n0", "output", lines),), (), remark.strip(), "matrix")
    boxes, arrows = [], []
    for number, box in enumerate(found):
        size = "×".join(map(str, box.shape)) if box.shape else "scalar" if box.nodes == 1 else f"{box.nodes:,} scalars"
        boxes.append(Box(f"n{number}", box.kind, (legible(box.title), size)))
    for position, (tail, head) in enumerate(sorted(leads)):
        shape = "×".join(map(str, found[head].shape + found[tail].shape)) or "scalar"
        label = f"∂{legible(found[head].title)}/∂{legible(found[tail].title)}: {shape}"
        arrows.append(Arrow(f"e{head}-{position}", f"n{tail}", f"n{head}", label))
    return Picture(tuple(boxes), tuple(arrows), remark.strip(), "matrix")


# ---------------------------------------------------------------------------------------------------------------------
# DOT, by the graphviz package, which quotes; and rendering, by whichever program there is

INK = "#767676"
"""For arrows and text outside of boxes: read on white and on black alike."""

FILL = {"leaf": "#dbeafe", "operation": "#f3f4f6", "output": "#fef3c7"}

SHAPE = {"leaf": "box", "operation": "ellipse", "output": "box"}
"""Leaves, operations and outputs are told apart by shape and border too, for print and for the colour-blind."""

PATH_STYLES = tuple(
    (colour, style)
    for style in ("solid", "dashed", "dotted")
    for colour in ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
)
"""Colour and dash of each highlighted path (Okabe and Ito's colours)."""


def tree(output: Value, limit: int | None = LIMIT) -> Tree:
    """The graph as an indented tree for Rich, from the output down; a node that was there already is only named."""
    lines = 0
    root = Tree(literal(describe(output)))
    seen = {output}
    stack = [(output, root)]
    while stack:
        node, branch = stack.pop()
        for x, partial in zip(node.inputs, node.partials, strict=True):
            lines += 1
            if limit is not None and lines > limit:
                root.add(literal(f"… and more: {len(topological_order(output)):,} nodes in all"))
                return root
            again = x in seen and bool(x.inputs)
            twig = branch.add(literal(f"{short(partial)} · {describe(x)}{'  (as above)' if again else ''}"))
            if not again:
                seen.add(x)
                stack.append((x, twig))
    return root


def describe(node: Value) -> str:
    """A node in one line: its label and operation, its number, its gradient."""
    return f"{title(node)}  data {short(node.data)}  grad {short(node.grad)}"


def title(node: Any) -> str:
    """`y[0,1] = Σ`, or as much of it as there is; of a group, what it makes and not how."""
    if isinstance(node, Group) and node.folded and node.label:
        return f"{legible(node.label)} (+{node.folded} folded)"
    return " = ".join(part for part in (legible(node.label), legible(node._op)) if part) or "constant"


def dot_source(drawing: Picture, direction: str = "LR") -> Any:
    """The picture as a `graphviz.Digraph`."""
    try:
        import graphviz
    except ModuleNotFoundError:
        raise ModuleNotFoundError('diagrams need the package graphviz: install the extra "diagrams"') from None

    def escaped(text: str) -> str:
        r"""Text that is no markup and has no escapes of DOT's such as \N; line ends are ours."""
        return str(graphviz.escape(text)).replace("&", "&amp;")

    graph = graphviz.Digraph(
        graph_attr={
            "rankdir": direction,
            "bgcolor": "transparent",
            "fontname": "sans-serif",
            "fontcolor": INK,
            "labelloc": "b",
            "labeljust": "l",
            "label": r"\l".join(map(escaped, textwrap.wrap(drawing.caption, 90))) + r"\l" if drawing.caption else "",
        },
        node_attr={"fontname": "sans-serif", "fontsize": "12", "style": "filled", "fontcolor": "#111111", "color": INK},
        edge_attr={"fontname": "sans-serif", "fontsize": "10", "fontcolor": INK, "color": INK},
    )
    clusters: dict[str, list[Box]] = defaultdict(list)
    for box in reversed(drawing.boxes):  # the layout puts what it meets first on top: the first inputs
        clusters[box.matrix].append(box)
    for number, (matrix, boxes) in enumerate(clusters.items()):
        with graph.subgraph(name=f"cluster_{number}" if matrix else None) as cluster:
            if matrix:
                cluster.attr(label=escaped(legible(matrix)), id=f"m{number}", labelloc="t", color=INK, style="rounded")
            for box in boxes:
                cluster.node(
                    box.id,
                    id=box.id,
                    label=r"\n".join(map(escaped, box.lines)),
                    shape=SHAPE[box.kind],
                    fillcolor=FILL[box.kind],
                    peripheries="2" if box.kind == "output" else "1",
                    tooltip=escaped(", ".join(box.lines)),
                    **{"class": box.kind},
                )
    for arrow in drawing.arrows:
        attributes = {"id": arrow.id, "label": escaped(arrow.label), "tooltip": escaped(arrow.label)}
        if arrow.paths:
            colour, style = PATH_STYLES[arrow.paths[0]]
            marks = " ".join(f"({PATH_NAMES[number]})" for number in arrow.paths)
            attributes |= {"label": escaped(f"{arrow.label}  {marks}"), "color": colour, "fontcolor": colour}
            attributes |= {"style": style, "penwidth": "2.5"}
        graph.edge(arrow.tail, arrow.head, **attributes)
    return graph


def renderer() -> str | None:
    """The path of `dot`, or else of `graphviz-pure`, also if only this Python's own scripts have it."""
    scripts = sysconfig.get_path("scripts")
    return shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=scripts)


def render(source: str, format: str, seconds: float = SECONDS) -> bytes:
    """DOT text as SVG, PNG or PDF. Nothing is written to disk.

    Raises
    ------
    DiagramError
        If there is no renderer, if it can't write the format, or if it takes longer than `seconds`.
    """
    program = renderer()
    if program is None:
        raise DiagramError(
            'nothing here renders diagrams: install the extra "diagrams", or Graphviz; the DOT text is in .source'
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
        ValueError
            For another ending.
        DiagramError
            If it can't be rendered.
        """
        path = Path(path)
        format = path.suffix.lower().lstrip(".")
        if format not in FORMATS:
            raise ValueError(f"{path.name}: the ending names the format, and must be one of .{', .'.join(FORMATS)}")
        path.write_bytes(self.source.encode() if format in ("dot", "gv") else render(self.source, format, seconds))
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return {"image/svg+xml": self.svg(), "text/plain": self.caption or "diagram"}
        except DiagramError as error:
            return {"text/plain": f"{error}\n{self.source}"}


FORMATS = ("svg", "png", "pdf", "dot", "gv")


def draw(
    output: Any,
    terms: tuple[Value | str, Value] | None = None,
    level: str | None = None,
    limit: int | None = LIMIT,
    direction: str = "LR",
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
        "scalar", "entry" or "matrix". If not given, the finest that has no more than `limit` boxes.
    limit
        The number of boxes beyond which a coarser level is drawn. None for no limit.
    direction
        "LR" from left to right, "TB" from top to bottom.

    Raises
    ------
    TypeError
        If an output is not a Value.
    ValueError
        If there is no such level or direction, or no such node.
    ModuleNotFoundError
        If the package graphviz is not installed.
    """
    if direction not in ("LR", "TB", "RL", "BT"):
        raise ValueError(f"there is no direction {direction!r}: choose LR or TB")
    with collector_paused():
        drawing = picture(output, terms, level, limit)
    return Diagram(drawing, dot_source(drawing, direction))


def mimebundle(value: Value) -> dict[str, str]:
    """How a notebook shows a Value: as a diagram, where the extra "diagrams" is installed and it is quickly drawn."""
    try:
        return {"image/svg+xml": draw(value).svg(seconds=10), "text/plain": repr(value)}
    except (ModuleNotFoundError, DiagramError):
        return {"text/plain": repr(value)}
