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

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import inf, prod
from typing import Any

from ..display import legible, short
from ..engine.nested import flat
from ..engine.node import Node
from ..engine.numbers import Number, total
from ..engine.paths import Edge, paths
from ..engine.sweep import adjoints, reverse_sweep, topological_order
from ..errors import ArgumentError, ArgumentTypeError
from .grid import Place, drawable, entry_matrices, split_label

LEVELS = ("scalar", "entry", "matrix")

LIMIT = 100
"""Boxes and arrows up to which a level is drawn: a drawing of more can't be read."""

BUNDLE = 6
"""Arrows between a grid and another, or a box, up to which each is drawn; of more, one that says how many."""

PATHS_LIMIT = 12
"""Paths up to which each is drawn and listed in the caption."""

PATH_NAMES = "abcdefghijkl"


# ---------------------------------------------------------------------------------------------------------------------
# Entries: a graph of groups, which are nodes themselves, so that every question about a graph applies


class Group(Node):
    """A node and the nodes without a label that only it is made of, drawn as one box.

    Its inputs are the heads of other groups, and its partials the total ones, over all paths inside.
    """

    __slots__ = ("folded", "routes")

    folded: int  # how many nodes there are besides the head
    routes: tuple[int, ...]  # how many paths each partial is the sum over

    def __init__(
        self, head: Node, folded: int, inputs: tuple[Group, ...], partials: Sequence[Number], routes: tuple[int, ...]
    ) -> None:
        self.label, self.data, self.grad, self.op = head.label, head.data, head.grad, head.op
        self.inputs, self.partials, self.folded, self.position = inputs, partials, folded, 0
        self.routes = routes


def entry_level(
    outputs: Sequence[Node], order: Sequence[Node], partials_of: Callable[[Any], Sequence[Any]] | None = None
) -> dict[Node, Group]:
    """{head: group}, in topological order: each node without a label is folded into the only group that uses it.

    An output, a node with a label, and a node that several groups use is the head of a group; so whatever enters a
    group is the head of another, and a reverse sweep from the head of a group down to these gives its partials.
    `order` is the topological order of the outputs, and `partials_of` the local partials if not those that nodes hold.
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
        found = reverse_sweep([*inputs, *reversed(nodes)], {head: 1}, partials_of, leaves=len(inputs))
        routes = _routes(nodes)
        groups[head] = Group(
            head,
            len(nodes) - 1,
            tuple(groups[x] for x in inputs),
            tuple(found[: len(inputs)]),
            tuple(routes[x] for x in inputs),
        )
    return groups


def _routes(nodes: Sequence[Node]) -> Counter[Node]:
    """How many paths lead from each node up to the first of `nodes`, which stand in reverse topological order."""
    number = Counter({nodes[0]: 1})
    for node in nodes:
        for x in node.inputs:
            number[x] += number[node]
    return number


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
    matrix_of = entry_matrices(order)
    positions: dict[Any, int] = {}  # of the box of a matrix, or of an operation and the boxes that use it
    used_by: dict[Node, set[int]] = {}  # the positions of the boxes that use a node
    for node in reversed(order):
        users = used_by.pop(node, set())
        if node.label or len(users) != 1 or node in heads:
            name, index = split_label(node.label)
            matrix = matrix_of.get(node)
            key: Any = ("matrix", matrix) if matrix else name or (node._op or "constant", frozenset(users))
            if index and not matrix:  # it is not known of which one it is an entry: it stands alone
                key, name, index = node, node.label, ()
            if key not in positions:
                positions[key] = len(boxes)
                boxes.append(MatrixBox(matrix or name or key[0], kind(node, heads)))
            at = positions[key]
            boxes[at].nodes += 1
            boxes[at].indices.append(index)
            arrows.update((at, user) for user in users)
        else:
            (at,) = users
        for x in node.inputs:
            used_by.setdefault(x, set()).add(at)
    return boxes, arrows


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
    """One box: its id in DOT and SVG, what it is, the lines of text in it, and where in which matrix it stands."""

    id: str
    kind: str
    lines: tuple[str, ...]
    matrix: str = ""
    index: Place = ()


@dataclass(frozen=True)
class Arrow:
    """One edge: its id, the ids of its ends, its label, and the numbers of the highlighted paths that it is part of."""

    id: str
    tail: str
    head: str
    label: str
    paths: tuple[int, ...] = ()
    bundle: bool = False  # it stands for many


@dataclass(frozen=True)
class Picture:
    """Boxes and arrows, a caption, and the level; and {matrix: id} of those that are drawn as a grid of boxes.

    An arrow leads from a box to a box, or, if it stands for many, from or to a whole grid.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    caption: str
    level: str
    grids: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Boxes and arrows."""
        return len(self.boxes) + len(self.arrows)


def picture(
    output: Any,
    terms: tuple[Node | str, Node] | None = None,
    level: str | None = None,
    limit: int | None = LIMIT,
    only_paths: bool = False,
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
    if only_paths and not terms:
        raise ArgumentError("only_paths needs terms=(x, L): the paths from x to L")
    order = topological_order(outputs)
    ends = (_find(order, terms[0]), _find(order, terms[1])) if terms else None
    matrix_of = entry_matrices(order)
    most = inf if limit is None else limit
    remark = ""
    if level in (None, "scalar"):
        if len(order) <= most or only_paths:
            drawing = _node_picture(outputs, order, matrix_of, ends, "scalar", remark, only_paths)
            if drawing.size <= most:
                return drawing
        remark = f"{len(order):,} nodes are too many to read: operations are folded into the entries that they make. "
    named = sum(1 for node in order if node.label)
    if level != "matrix" and (ends or named <= most):
        groups = entry_level([*outputs, *(ends or ())], order)
        entries = list(groups.values())
        if ends or len(entries) <= most:
            group_ends = (groups[ends[0]], groups[ends[1]]) if ends else None
            tops = [groups[y] for y in outputs]
            placed: dict[Node, str] = {groups[node]: matrix for node, matrix in matrix_of.items() if node in groups}
            for fewer in (only_paths, True) if ends else (False,):
                drawing = _node_picture(tops, entries, placed, group_ends, "entry", remark, fewer)
                if drawing.size <= most:
                    return drawing
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
    matrix_of: Mapping[Node, str],
    ends: tuple[Node, Node] | None,
    level: str,
    remark: str,
    only_paths: bool,
) -> Picture:
    """A box for each node or group of `order`, which is topological, and an arrow for each edge."""
    highlighted: dict[Edge, list[int]] = defaultdict(list)
    if ends:
        routes = list(islice(paths(*ends), PATHS_LIMIT + 1))
        remark += _terms_caption(*ends, order, routes)
        for number, (path, _) in enumerate(routes[:PATHS_LIMIT]):
            for edge in path:
                highlighted[edge].append(number)
        if only_paths:
            on_a_path = {*ends, *(node for edge in highlighted for node in (edge.input, edge.output))}
            whole, order = len(order), [node for node in order if node in on_a_path]
            if len(order) < whole:
                remark += " Only the boxes on these paths are drawn."
    drawn = {node: number for number, node in enumerate(order)}
    heads = set(outputs)
    swept = any(node.grad != 0 for node in order)  # before a backward pass there is no gradient to show
    boxes, arrows = [], []
    for node, number in drawn.items():
        index = split_label(node.label)[1]
        lines = (title(node), f"data {short(node.data)}", *([f"grad {short(node.grad)}"] if swept else []))
        boxes.append(Box(f"n{number}", kind(node, heads), lines, matrix_of.get(node, ""), index))
        for position, x in enumerate(node.inputs):
            edge = Edge(x, node, position)
            route = tuple(highlighted.get(edge, ()))
            if x in drawn and (route or not only_paths):
                arrows.append(Arrow(f"e{number}-{position}", f"n{drawn[x]}", f"n{number}", short(edge.partial), route))
    return _with_grids(Picture(tuple(boxes), tuple(arrows), remark.strip(), level))


def _with_grids(drawing: Picture) -> Picture:
    """The drawing with its matrices as grids, and with many arrows between two of them as one."""
    cells: dict[str, dict[str, Place]] = defaultdict(dict)
    for box in drawing.boxes:
        if box.matrix:
            cells[box.matrix][box.id] = box.index
    grids = drawable(cells, [(arrow.tail, arrow.head) for arrow in drawing.arrows])
    home = {box: f"m{number}" for number, matrix in enumerate(grids) for box in cells[matrix]}
    found = {matrix: f"m{number}" for number, matrix in enumerate(grids)}
    called = {grid: matrix for matrix, grid in found.items()}
    called |= {box.id: box.lines[0].partition(" ")[0] for box in drawing.boxes if box.id not in home}

    def ends(arrow: Arrow) -> tuple[str, str]:
        return home.get(arrow.tail, arrow.tail), home.get(arrow.head, arrow.head)

    together = Counter(ends(arrow) for arrow in drawing.arrows if not arrow.paths)
    arrows = [arrow for arrow in drawing.arrows if arrow.paths or together[ends(arrow)] <= BUNDLE]
    drawn = {ends(arrow) for arrow in arrows}
    for (tail, head), number in together.items():
        if number > BUNDLE:
            more = "more arrows" if (tail, head) in drawn else "arrows"
            label = f"∂{called[head]}/∂{called[tail]}: {number:,} {more}"
            arrows.append(Arrow(f"e-{tail}-{head}", tail, head, label, bundle=True))
    return replace(drawing, arrows=tuple(arrows), grids=found)


def _terms_caption(
    start: Node, end: Node, order: Sequence[Node], routes: Sequence[tuple[tuple[Edge, ...], Number]]
) -> str:
    """The terms of the chain rule as a sum over paths, each with the product of the partials along it.

    What a drawing has as one path may stand for several, which are folded into its boxes: they are counted.
    """
    name = f"∂{legible(end.label or end._op)}/∂{legible(start.label or start._op)}"
    if not routes:
        return f"{name} is 0: no path leads there."
    number = _paths_between(start, end, order)
    if len(routes) > PATHS_LIMIT:
        value = short(adjoints(end)[start])
        return f"{name} is the sum over {number:,} paths, which is {value}; {PATHS_LIMIT} of them are drawn."
    products = [product for _, product in routes]
    if number == 1:
        return f"{name} is the product along the only path: (a) {short(products[0])}."
    if len(routes) == 1:
        return f"{name} is {short(products[0])}: the sum over {number:,} paths, which are folded into (a)."
    written = []
    for letter, (path, product) in zip(PATH_NAMES, routes, strict=False):
        folded = prod(_folded(edge) for edge in path)
        written.append(f"({letter}) {short(product)}" + (f" by {folded:,} folded paths" if folded > 1 else ""))
    return f"{name} is the sum over {number:,} paths: {' + '.join(written)} = {short(total(*products))}"


def _folded(edge: Edge) -> int:
    """How many paths through the graph an edge stands for."""
    head = edge.output
    return head.routes[edge.position] if isinstance(head, Group) else 1


def _paths_between(start: Node, end: Node, order: Sequence[Node]) -> int:
    """How many paths through the graph lead from one node to another, without walking them."""
    number = Counter({start: 1})
    for node in order:
        if node is not start:
            number[node] = sum(
                number[x] * _folded(Edge(x, node, position)) for position, x in enumerate(node.inputs) if number[x]
            )
    return number[end]


def _matrix_picture(outputs: Sequence[Node], order: Sequence[Node], remark: str) -> Picture:
    """A box for each matrix and each kind of operation, and an arrow where any entry leads to any."""
    found, leads = matrix_level(outputs, order)
    if len(found) + len(leads) > LIMIT:
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
