"""What is drawn of a graph, at which level: boxes and arrows, before any of it is DOT.

    >>> from ..engine.value import Value
    >>> x = Value(3, "x"); y = x * x + x; y.label = "y"
    >>> [(a.tail, a.label, a.head) for level in ("scalar", "entry") for a in picture(y, level=level).arrows]
    [('n0', '3', 'n1'), ('n0', '3', 'n1'), ('n1', '1', 'n2'), ('n0', '1', 'n2'), ('n0', '7', 'n1')]

At the level "scalar" there is a box for each node. At "entry" there is one for each node with a label, such as
`y[0,1]`, and the operations in between are folded into it; its arrows carry the total partial over what was folded. At
"matrix" there is one for each matrix, X, W, Y, with their shapes. A graph that is too large for one level is drawn at
the next, and the caption says so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import Any

from ..display import legible, short
from ..engine.nested import flat
from ..engine.node import Node
from ..engine.numbers import Number, total
from ..engine.paths import Edge, paths
from ..engine.sweep import reverse_sweep, topological_order
from ..errors import ArgumentError, ArgumentTypeError

LEVELS = ("scalar", "entry", "matrix")

LIMIT = 300
"""Boxes up to which a level is drawn: beyond it nobody can read it, and layout takes minutes."""

PATHS_LIMIT = 12
"""Paths up to which each is drawn and listed in the caption."""

PATH_NAMES = "abcdefghijkl"


# ---------------------------------------------------------------------------------------------------------------------
# Entries: a graph of groups, which are nodes themselves, so that every question about a graph applies


class Group(Node):
    """A node and the nodes without a label that only it is made of, drawn as one box.

    Its inputs are the heads of other groups, and its partials the total ones, over all paths inside.
    """

    __slots__ = ("folded",)

    folded: int  # how many nodes there are besides the head

    def __init__(self, head: Node, folded: int, inputs: tuple[Group, ...], partials: Sequence[Number]) -> None:
        self.label, self.data, self.grad, self.op = head.label, head.data, head.grad, head.op
        self.inputs, self.partials, self.folded, self.position = inputs, partials, folded, 0


def entry_level(outputs: Sequence[Node], order: Sequence[Node]) -> dict[Node, Group]:
    """{head: group}, in topological order: each node without a label is folded into the only group that uses it.

    An output, a node with a label, and a node that several groups use is the head of a group; so whatever enters a
    group is the head of another, and a reverse sweep from the head of a group down to these gives its partials.
    `order` is the topological order of the outputs.
    """
    heads = set(outputs)
    used_by: dict[Node, set[Node]] = {}  # the heads of the groups that use a node
    inside: dict[Node, list[Node]] = {}  # the nodes of each group, from its head down
    entering: dict[Node, list[Node]] = {}
    for node in reversed(order):
        users = used_by.pop(node, set())  # it is not asked for again
        if node.label or len(users) != 1 or node in heads:
            head = node
            inside[head], entering[head] = [], []
            for user in users:
                entering[user].append(head)
        else:
            (head,) = users
        inside[head].append(node)
        for x in node.inputs:
            used_by.setdefault(x, set()).add(head)

    groups: dict[Node, Group] = {}
    for head, nodes in reversed(inside.items()):
        inputs = entering[head]
        found = reverse_sweep([*inputs, *reversed(nodes)], {head: 1}, leaves=len(inputs))
        groups[head] = Group(head, len(nodes) - 1, tuple(groups[x] for x in inputs), tuple(found[: len(inputs)]))
    return groups


# ---------------------------------------------------------------------------------------------------------------------
# Matrices


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


def matrix_level(outputs: Sequence[Node], order: Sequence[Node]) -> tuple[list[MatrixBox], set[tuple[int, int]]]:
    """Boxes, and which lead to which, as pairs of positions among the boxes.

    A node without a label is folded into the only box that uses it, as at the level of entries. Where several do, it is
    told apart by them, since else X → + → Y → + → L would be drawn as a circle.
    """
    heads = set(outputs)
    boxes: list[MatrixBox] = []
    arrows: set[tuple[int, int]] = set()
    positions: dict[Any, int] = {}  # of the box of a matrix, or of an operation and the boxes that use it
    used_by: dict[Node, set[int]] = {}  # the positions of the boxes that use a node
    for node in reversed(order):
        users = used_by.pop(node, set())
        if node.label or len(users) != 1 or node in heads:
            name, index = split_label(node.label)
            key = name or (node._op or "constant", frozenset(users))
            if key not in positions:
                positions[key] = len(boxes)
                boxes.append(MatrixBox(matrix_name(name, index) if name else key[0], kind(node, heads)))
            at = positions[key]
            boxes[at].nodes += 1
            boxes[at].indices.append(index)
            arrows.update((at, user) for user in users)
        else:
            (at,) = users
        for x in node.inputs:
            used_by.setdefault(x, set()).add(at)
    return boxes, arrows


def split_label(label: str) -> tuple[str, tuple[int, ...]]:
    """`x[0,1]` as `x` and (0, 1); any other label as it is, with no index."""
    found = re.fullmatch(r"(.+)\[(\d+(?:,\d+)*)\]", label, re.DOTALL)
    return (found[1], tuple(map(int, found[2].split(",")))) if found else (label, ())


def matrix_name(name: str, index: tuple[int, ...]) -> str:
    """The matrix with the entries x[i,j] is called X."""
    return name.upper() if index and len(name) == 1 else name


def kind(node: Node, outputs: set[Node]) -> str:
    """What a node is in a drawing: "leaf", "operation" or "output"."""
    return "output" if node in outputs else "operation" if node.inputs else "leaf"


def title(node: Node) -> str:
    """`y[0,1] = Σ`, or as much of it as there is; of a group, what it makes and not how."""
    if isinstance(node, Group) and node.folded and node.label:
        return f"{legible(node.label)} (+{node.folded} folded)"
    return " = ".join(part for part in (legible(node.label), legible(node._op)) if part) or "constant"


# ---------------------------------------------------------------------------------------------------------------------
# The picture


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
    """Boxes and arrows, a caption, and the level."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    caption: str
    level: str


def picture(
    output: Any,
    terms: tuple[Node | str, Node] | None = None,
    level: str | None = None,
    limit: int | None = LIMIT,
) -> Picture:
    """What `draw` draws, see there."""
    outputs = list(flat(output))
    for y in outputs:
        if not isinstance(y, Node):
            raise ArgumentTypeError(f"draw needs Values, and got a {type(y).__name__}")
    if level not in (None, *LEVELS):
        raise ArgumentError(f"there is no level {level!r}: choose from {', '.join(LEVELS)}")
    if terms and level == "matrix":
        raise ArgumentError(
            'the terms of the chain rule lead from entry to entry: choose the level "scalar" or "entry"'
        )
    order = topological_order(outputs)
    ends = (_find(order, terms[0]), _find(order, terms[1])) if terms else None
    most = inf if limit is None else limit
    remark = ""
    if level in (None, "scalar"):
        if len(order) <= most:
            return _node_picture(outputs, order, ends, "scalar", remark)
        remark = f"{len(order):,} nodes are too many to read: operations are folded into the entries that they make. "
    named = sum(1 for node in order if node.label)
    if level != "matrix" and (ends or named <= most):
        groups = entry_level([*outputs, *(ends or ())], order)
        group_ends = (groups[ends[0]], groups[ends[1]]) if ends else None
        if ends or len(groups) <= most:
            tops = [groups[y] for y in outputs]
            return _node_picture(tops, list(groups.values()), group_ends, "entry", remark, most)
    if level != "matrix":
        remark = f"{len(order):,} nodes are too many to read: entries are folded into matrices. "
    return _matrix_picture(outputs, order, remark)


def _find(order: Sequence[Node], wanted: Node | str) -> Node:
    """The node itself, or the one with this label."""
    if isinstance(wanted, Node):
        found = [node for node in order if node is wanted]
        name = wanted.label or wanted._op or "that node"
    else:
        found = [node for node in order if node.label == wanted]
        name = repr(wanted)
    if not found:
        raise ArgumentError(f"{name} is not in the graph of the output")
    if len(found) > 1:
        raise ArgumentError(f"{len(found)} nodes have the label {name}: give the node itself")
    return found[0]


def _node_picture(
    outputs: Sequence[Node],
    order: Sequence[Node],
    ends: tuple[Node, Node] | None,
    level: str,
    remark: str,
    limit: float = inf,
) -> Picture:
    """A box for each node or group of `order`, which is topological, and an arrow for each edge."""
    highlighted: dict[Edge, list[int]] = defaultdict(list)
    if ends:
        routes = list(islice(paths(*ends), PATHS_LIMIT + 1))
        remark += _terms_caption(*ends, routes)
        for number, (path, _) in enumerate(routes[:PATHS_LIMIT]):
            for edge in path:
                highlighted[edge].append(number)
        if len(order) > limit:
            on_a_path = {node for edge in highlighted for node in (edge.input, edge.output)}
            order = [node for node in order if node in on_a_path]
            remark += " Only the boxes on these paths are drawn."
    drawn = {node: number for number, node in enumerate(order)}
    heads = set(outputs)
    boxes, arrows = [], []
    for node, number in drawn.items():
        name, index = split_label(node.label)
        lines = (title(node), f"data {short(node.data)}", f"grad {short(node.grad)}")
        boxes.append(Box(f"n{number}", kind(node, heads), lines, matrix_name(name, index) if index else ""))
        for position, x in enumerate(node.inputs):
            if x in drawn:
                edge = Edge(x, node, position)
                route = tuple(highlighted.get(edge, ()))
                arrows.append(Arrow(f"e{number}-{position}", f"n{drawn[x]}", f"n{number}", short(edge.partial), route))
    return Picture(tuple(boxes), tuple(arrows), remark.strip(), level)


def _terms_caption(start: Node, end: Node, routes: Sequence[tuple[Any, Number]]) -> str:
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


def _matrix_picture(outputs: Sequence[Node], order: Sequence[Node], remark: str) -> Picture:
    """A box for each matrix and each kind of operation, and an arrow where any entry leads to any."""
    found, leads = matrix_level(outputs, order)
    if len(found) > LIMIT:
        lines = tuple(f"{count:,} × {legible(what)}" for what, count in Counter(map(title, order)).most_common(8))
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
